"""What may be given as scoring, and what is said of the rest."""

from functools import partial

import numpy as np
import pytest
from sklearn import metrics
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression
from sklearn.metrics import accuracy_score, f1_score, get_scorer, make_scorer

from skactive.metrics import (
    aulc_scorer,
    bounded_r2_score,
    make_aulc_scorer,
    staged_scores,
)
from skactive.metrics._scoring import one_score, scorer_of, scoring_name


def scorer(estimator, X, y):
    return 0.5


class Scorer:
    """A scorer that is an object."""

    def __call__(self, estimator, X, y, sample_weight=None):
        return 0.5

    def method(self, model, X, y):
        return 0.5

    @staticmethod
    def static(model, X, y):
        return 0.5


@pytest.mark.parametrize(
    "given",
    [
        scorer,
        Scorer(),
        Scorer().method,
        Scorer.static,
        lambda model, X, y: 0.5,
        lambda *args: 0.5,
        lambda model, X, y, **more: 0.5,
        partial(lambda model, X, y, beta: 0.5, beta=2),
        make_scorer(f1_score, average="macro"),
        get_scorer("roc_auc"),
        aulc_scorer,
    ],
)
def test_a_scorer_is_taken_as_it_is(given):
    assert scorer_of(given) is given


def test_a_name_is_looked_up():
    assert scorer_of("accuracy") is not None
    with pytest.raises(ValueError, match="acuracy"):
        scorer_of("acuracy")


def test_a_name_of_our_own_is_a_scorer_of_its_metric():
    X, y = np.arange(6.0)[:, None], np.array([1.0, 2, 1, 4, 5, 9])
    model = LinearRegression().fit(X[:4], y[:4])
    expected = bounded_r2_score(y, model.predict(X))
    assert scorer_of("bounded_r2")(model, X, y) == expected
    assert scorer_of(make_scorer(bounded_r2_score))(model, X, y) == expected
    assert scoring_name("bounded_r2") == "bounded_r2"
    assert scoring_name(scorer_of("bounded_r2")) == "bounded_r2_score"


METRICS = [
    accuracy_score,
    f1_score,
    metrics.mean_squared_error,
    metrics.log_loss,
    metrics.roc_auc_score,
    metrics.confusion_matrix,
    metrics.adjusted_rand_score,
    metrics.brier_score_loss,
    partial(f1_score, average="macro"),
    lambda y, p: 0.0,
    lambda y_true, y_pred: 0.0,
    lambda y_true, y_pred, sample_weight=None: 0.0,
]


@pytest.mark.parametrize("metric", METRICS, ids=scoring_name)
def test_a_metric_is_answered_with_make_scorer(metric):
    with pytest.raises(ValueError, match=r"scoring=.*make_scorer\("):
        scorer_of(metric)


@pytest.mark.parametrize("given", [lambda: 0.0, lambda a: 0.0, lambda a, b, c, d: 0.0])
def test_what_cannot_be_called_with_three_arguments_is_refused(given):
    with pytest.raises(ValueError, match=r"cannot be called with \(estimator, X, y\)"):
        scorer_of(given)


@pytest.mark.parametrize(
    "given", [["accuracy"], ("accuracy", "f1"), {"a": "accuracy"}, {"accuracy"}]
)
def test_several_scores_at_once_are_refused(given):
    with pytest.raises(ValueError, match="one name or one scorer"):
        scorer_of(given)


@pytest.mark.parametrize("given", [3, 0.5, object(), np.arange(3)])
def test_what_is_neither_a_name_nor_a_scorer_is_refused(given):
    with pytest.raises(ValueError, match="name of a scorer or a scorer"):
        scorer_of(given)


@pytest.mark.parametrize(
    "value", [0.5, 1, True, np.float32(0.5), np.int64(1), np.array(0.5), np.bool_(True)]
)
def test_one_number_is_a_score(value):
    found = one_score(lambda model, X, y: value, None, None, None)
    assert type(found) is float and found == value


@pytest.mark.parametrize("value", [None, "0.5", {"a": 1}, [0.5], np.array([0.5])])
def test_anything_else_is_no_score(value):
    def many(model, X, y):
        return value

    with pytest.raises(TypeError, match="scoring=many must return one number, got a"):
        one_score(many, None, None, None)


def test_scorings_have_names():
    assert scoring_name("f1_macro") == "f1_macro"
    assert scoring_name(scorer) == "scorer"
    assert scoring_name(Scorer()) == "Scorer"
    assert scoring_name(make_scorer(f1_score)) == "f1_score"
    assert scoring_name(partial(scorer, y=1)) == "scorer"
    # As a configuration describes them.
    assert scoring_name({"function": "a.b.<lambda>", "code": "x"}) == "<lambda>"
    assert scoring_name({"class": "a.b.Scorer"}) == "Scorer"


def test_learning_curves_refuse_a_metric_alike():
    with pytest.raises(ValueError, match="make_scorer"):
        make_aulc_scorer(accuracy_score)

    class Learner:
        history_ = {"n_labeled": [1]}

        def stages(self):
            yield DummyClassifier().fit([[0]], [0])

    with pytest.raises(ValueError, match="make_scorer"):
        staged_scores(Learner(), [[0]], [0], scoring=accuracy_score)
    n_labeled, scores = staged_scores(Learner(), [[0]], [0], scoring=scorer)
    assert n_labeled.tolist() == [1] and scores.tolist() == [0.5]
