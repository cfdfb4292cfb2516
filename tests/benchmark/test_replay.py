"""A model that is played from its answers."""

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.metrics import accuracy_score, get_scorer, make_scorer
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from skactive.benchmark import benchmark_strategies
from skactive.benchmark._replay import _StoredModel


def stored(kind="classifier", **changes):
    record = Bunch(
        kind=kind,
        of_sets=False,
        classes=np.array(["no", "yes"]) if kind == "classifier" else np.array([]),
        predictions=np.array([[0, 1, 1], [1, 1, 0]]),
        probabilities=np.arange(12.0).reshape(2, 3, 2),
    )
    return _StoredModel(Bunch(**{**record, **changes}), 1)


def test_a_classifier_answers_with_its_labels_for_the_rows_asked():
    model = stored()
    assert is_classifier(model) and check_is_fitted(model) is None
    assert model.predict([[0], [2]]).tolist() == ["yes", "no"]
    assert model.predict_proba([[2]]).tolist() == [[10, 11]]
    assert model.fit([[0]]) is model


def test_a_regressor_answers_with_values():
    model = stored("regressor")
    assert is_regressor(model) and model.predict([[1]]).tolist() == [1]


def test_without_probabilities_it_says_so():
    with pytest.raises(AttributeError, match="no probabilities"):
        stored(probabilities=np.array([])).predict_proba([[0]])


def test_it_is_a_copy_of_itself():
    model = stored()
    assert clone(model).k == 1


def made_in_a_function():
    """Return a scorer that goes to other processes by value: they have no tests."""

    def doubled(estimator, X, y):
        return 2 * accuracy_score(y, estimator.predict(X))

    return doubled


doubled = made_in_a_function()


@pytest.mark.parametrize(
    "scoring",
    [doubled, make_scorer(accuracy_score), get_scorer("neg_log_loss"), "f1_macro"],
)
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_what_is_scored_live_is_what_is_scored_from_the_store(
    scoring, n_jobs, toy, tmp_path
):
    small = {**toy.settings, "seeds": 2, "budget": 8}
    result = benchmark_strategies(
        [], toy.data, scoring=scoring, store=tmp_path, n_jobs=n_jobs, **small
    )
    assert not result.failures
    for run in result.runs:
        np.testing.assert_allclose(run.score(scoring), run.scores, rtol=1e-5)
    result.curves("toy", scoring=scoring)
    assert "Score: " in result.report() and "0x" not in result.report()
    again = result.rescore(toy_model(), scoring=scoring)
    assert len(again.runs) == 4
    if not isinstance(scoring, str):
        with pytest.raises(ValueError, match="Pass it to rescore as scoring="):
            result.rescore(toy_model())


def toy_model():
    from sklearn.naive_bayes import GaussianNB

    return GaussianNB()


@pytest.mark.parametrize("scoring", [accuracy_score, lambda y, p: 0.0, ["accuracy"]])
def test_a_metric_is_refused_wherever_something_is_scored(scoring, result, toy):
    asks = [
        lambda: benchmark_strategies([], toy.data, scoring=scoring, **toy.settings),
        lambda: result.runs[0].score(scoring),
        lambda: result.areas(scoring=scoring),
        lambda: result.differences(scoring=scoring),
        lambda: result.curve("toy", "CoreSet", scoring=scoring),
        lambda: result.curves("toy", scoring=scoring),
        lambda: result.penalty_matrix(scoring=scoring),
        lambda: result.ranks(scoring=scoring),
        lambda: result.rescore(toy_model(), scoring=scoring),
        lambda: result.report(scoring=scoring),
        lambda: result.to_frame(scoring=scoring),
    ]
    for ask in asks:
        with pytest.raises(ValueError, match="make_scorer|one name or one scorer"):
            ask()


def test_a_scorer_of_several_numbers_fails_with_its_name(toy):
    def many(estimator, X, y):
        return {"a": 1.0}

    small = {**toy.settings, "seeds": 1, "budget": 8}
    result = benchmark_strategies([], toy.data, scoring=many, **small)
    assert "scoring=many must return one number" in result.failures[0]["error"]
