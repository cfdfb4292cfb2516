"""The learning curve as a scorer: alone, in pipelines, and in searches."""

import copy
import pickle
import warnings

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_digits, make_regression
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    log_loss,
    make_scorer,
)
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.metrics import (
    area_under_learning_curve,
    aulc_scorer,
    bounded_r2_score,
    make_aulc_scorer,
    staged_scores,
)
from skactive.uncertainty import MarginSampling


class Stage(ClassifierMixin, BaseEstimator):
    """A fitted model that predicts class 1 for the first ``n_ones`` samples."""

    def __init__(self, n_ones):
        self.n_ones = n_ones
        self.classes_ = np.array([0, 1])

    def fit(self, X, y):
        return self

    def predict(self, X):
        return (np.arange(len(X)) < self.n_ones).astype(int)


class FakeLearner(BaseEstimator):
    history_ = {"n_labeled": [10, 20, 60]}

    def stages(self):
        yield from (Stage(0), Stage(2), Stage(4))


X4, Y4 = np.zeros((4, 1)), np.ones(4, dtype=int)


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:600] / 16, y[:600]


@pytest.fixture(scope="module")
def learner(digits):
    X, y = digits
    learner = ActiveLearner(
        LogisticRegression(), MarginSampling(), budget=40, batch_size=20, random_state=0
    )
    return learner.fit(X[:300], y[:300])


# --------------------------------------------------------------------- one learner


def test_curve_and_area_of_given_stages_are_those_worked_out_by_hand():
    n_labeled, scores = staged_scores(FakeLearner(), X4, Y4)
    assert n_labeled.tolist() == [10, 20, 60]
    assert scores.tolist() == [0.0, 0.5, 1.0]
    # .25*10 + .75*40 over 50
    assert aulc_scorer(FakeLearner(), X4, Y4) == pytest.approx(0.65)


def test_sample_weight_reaches_every_stage():
    weights = [1, 1, 3, 3]  # right: none, a quarter, all
    for scorer in (aulc_scorer, make_aulc_scorer("accuracy")):
        area = scorer(FakeLearner(), X4, Y4, sample_weight=weights)
        assert area == pytest.approx((0.125 * 10 + 0.625 * 40) / 50)


@pytest.mark.parametrize(
    ("scoring", "score"),
    [
        (None, lambda y, stage, X: accuracy_score(y, stage.predict(X))),
        (
            "balanced_accuracy",
            lambda y, stage, X: balanced_accuracy_score(y, stage.predict(X)),
        ),
        (
            "neg_log_loss",
            lambda y, stage, X: (
                -log_loss(y, stage.predict_proba(X), labels=np.arange(10))
            ),
        ),
        (lambda est, X, y: est.predict(X).sum(), lambda y, s, X: s.predict(X).sum()),
    ],
    ids=["default", "balanced accuracy", "log loss", "callable"],
)
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_area_is_that_of_the_staged_models(learner, digits, scoring, score, scale):
    X, y = digits[0][300:], digits[1][300:]
    scores = [score(y, stage, X) for stage in learner.stages()]
    expected = area_under_learning_curve([10, 30, 50], scores, scale=scale)
    scorer = make_aulc_scorer(scoring, scale=scale)
    assert scorer(learner, X, y) == pytest.approx(expected)


def test_area_of_a_regressor_is_that_of_its_r2():
    X, y = make_regression(120, 5, noise=5.0, random_state=0)
    learner = ActiveLearner(Ridge(), budget=20, random_state=0).fit(X, y)
    scores = list(learner.staged_score(X, y))
    expected = area_under_learning_curve([10, 20, 30], scores)
    assert aulc_scorer(learner, X, y) == pytest.approx(expected)


def test_pipeline_transforms_the_input_as_for_prediction(digits):
    X, y = digits
    pipe = make_pipeline(
        StandardScaler(),
        "passthrough",
        ActiveLearner(budget=20, random_state=0, batch_size=20),
    )
    pipe.fit(X[:300], y[:300])
    _, scores = staged_scores(pipe, X[300:], y[300:])
    assert scores[-1] == pipe.score(X[300:], y[300:])
    nested = make_pipeline(pipe[:-1], make_pipeline(pipe[-1]))
    assert staged_scores(nested, X[300:], y[300:])[1].tolist() == scores.tolist()
    alone = make_pipeline(pipe[-1])
    assert aulc_scorer(alone, pipe[:-1].transform(X), y) == aulc_scorer(pipe, X, y)


@pytest.mark.parametrize(
    "estimator", [LogisticRegression(), make_pipeline(StandardScaler(), Ridge())]
)
def test_estimators_without_stages_are_refused_by_name(estimator, digits):
    name = type(estimator).__name__ if not hasattr(estimator, "steps") else "Ridge"
    estimator.fit(*digits)
    with pytest.raises(TypeError, match=f"{name} has no stages"):
        aulc_scorer(estimator, *digits)


def test_a_learner_that_did_not_keep_its_models_is_told_what_to_set(digits):
    learner = ActiveLearner(budget=10, keep_estimators=False, random_state=0)
    learner.fit(*digits)
    with pytest.raises(TypeError, match="keep_estimators=True"):
        aulc_scorer(learner, *digits)


# -------------------------------------------------------------------- the scorer


@pytest.mark.parametrize("params", [{"scoring": 3}, {"scale": "sqrt"}])
def test_wrong_parameters_are_told_at_once(params):
    with pytest.raises(ValueError, match=next(iter(params))):
        make_aulc_scorer(**params)


def test_a_misspelt_scorer_is_told_at_once():
    with pytest.raises(ValueError, match="acuracy"):
        make_aulc_scorer("acuracy")


def test_scorer_pickles_copies_and_says_what_it_is(learner, digits):
    scorer = make_aulc_scorer("accuracy", scale="log")
    assert repr(scorer) == "make_aulc_scorer(scoring='accuracy', scale='log')"
    for other in (pickle.loads(pickle.dumps(scorer)), copy.deepcopy(scorer)):
        assert repr(other) == repr(scorer)
        assert other(learner, *digits) == scorer(learner, *digits)


# ------------------------------------------------------------- scikit-learn's tools


def _search(digits, **params):
    pipe = make_pipeline(
        StandardScaler(),
        ActiveLearner(LogisticRegression(), budget=30, random_state=0),
    )
    grid = {
        "activelearner__strategy": [RandomSampling(), MarginSampling()],
        "activelearner__batch_size": [10, 30],
    }
    search = GridSearchCV(
        pipe, grid, scoring=aulc_scorer, cv=3, error_score="raise", **params
    )
    return search.fit(*digits)


def test_grid_search_ranks_by_the_area_and_two_jobs_agree_to_the_bit(digits):
    one, two = _search(digits), _search(digits, n_jobs=2)
    areas = one.cv_results_["mean_test_score"]
    assert np.array_equal(areas, two.cv_results_["mean_test_score"])
    assert one.best_score_ == areas.max()
    assert len(np.unique(areas)) == 4
    # A fitted search can be scored too: that is nested cross-validation.
    assert aulc_scorer(one, *digits) == aulc_scorer(one.best_estimator_, *digits)


def test_areas_of_cross_validation_are_those_of_its_learners(digits):
    X, y = digits
    learner = ActiveLearner(budget=20, random_state=0)
    results = cross_validate(
        learner, X, y, cv=KFold(3), scoring=aulc_scorer, return_estimator=True
    )
    for (_, test), fitted, area in zip(
        KFold(3).split(X), results["estimator"], results["test_score"], strict=True
    ):
        scores = list(fitted.staged_score(X[test], y[test]))
        assert area == pytest.approx(area_under_learning_curve([10, 20, 30], scores))


def test_halving_search_raises_the_budget(digits):
    search = HalvingGridSearchCV(
        ActiveLearner(batch_size=10, random_state=0),
        {"strategy": [RandomSampling(), MarginSampling()]},
        resource="budget",
        min_resources=10,
        max_resources=20,
        factor=2,
        cv=3,
        scoring=aulc_scorer,
        error_score="raise",
    ).fit(*digits)
    assert search.n_resources_ == [10, 20]
    assert np.isfinite(search.best_score_)


# ---------------------------------------------------------------- metadata routing


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def test_scorer_works_with_routing_on(digits, routing):
    X, y = digits
    learner = ActiveLearner(budget=10, random_state=0)
    with sklearn.config_context(enable_metadata_routing=False):
        off = cross_val_score(learner, X, y, cv=3, scoring=aulc_scorer)
    on = cross_val_score(learner, X, y, cv=3, scoring=aulc_scorer)
    assert on.tolist() == off.tolist()


def test_weights_are_routed_to_the_scorer_when_it_asks_for_them(digits, routing):
    X, y = digits
    weights = np.random.RandomState(0).rand(len(y))
    learner = ActiveLearner(
        LogisticRegression().set_fit_request(sample_weight=False),
        budget=10,
        random_state=0,
    )
    scorer = aulc_scorer.set_score_request(sample_weight=True)
    results = cross_validate(
        learner,
        X,
        y,
        cv=KFold(3),
        scoring=scorer,
        params={"sample_weight": weights},
        return_estimator=True,
        error_score="raise",
    )
    for (_, test), fitted, area in zip(
        KFold(3).split(X), results["estimator"], results["test_score"], strict=True
    ):
        weighted = aulc_scorer(fitted, X[test], y[test], weights[test])
        assert area == pytest.approx(weighted)
        assert area != aulc_scorer(fitted, X[test], y[test])


def test_weights_that_nobody_decided_on_are_an_error(digits, routing):
    X, y = digits
    learner = ActiveLearner(
        LogisticRegression().set_fit_request(sample_weight=True), budget=10
    )
    with pytest.raises(ValueError, match="sample_weight"):
        cross_validate(
            learner,
            X,
            y,
            scoring=aulc_scorer,
            params={"sample_weight": np.ones(len(y))},
        )


def test_a_request_makes_a_new_scorer_and_leaves_the_shared_one_alone(routing):
    before = repr(aulc_scorer.get_metadata_routing())
    asking = aulc_scorer.set_score_request(sample_weight="score_weight")
    assert asking is not aulc_scorer
    assert asking.get_metadata_routing().score.requests == {
        "sample_weight": "score_weight"
    }
    assert repr(aulc_scorer.get_metadata_routing()) == before


def test_requests_need_routing():
    with pytest.raises(RuntimeError, match="enable_metadata_routing"):
        aulc_scorer.set_score_request(sample_weight=True)


# ------------------------------------------------------------- over what labels cost


class PricedLearner(FakeLearner):
    history_ = {"n_labeled": [10, 20, 60], "cost": [100.0, 150.0, 400.0]}


def test_curves_and_areas_over_costs():
    cost, scores = staged_scores(PricedLearner(), X4, Y4, x="cost")
    assert cost.tolist() == [100, 150, 400] and scores.tolist() == [0, 0.5, 1]
    area = make_aulc_scorer(x="cost")(PricedLearner(), X4, Y4)
    assert area == pytest.approx((0.25 * 50 + 0.75 * 250) / 300)
    assert area != aulc_scorer(PricedLearner(), X4, Y4)
    log = make_aulc_scorer(x="cost", scale="log")(PricedLearner(), X4, Y4)
    assert log == area_under_learning_curve([100, 150, 400], scores, scale="log")


def test_of_rounds_that_were_free_the_last_is_the_point():
    learner = PricedLearner()
    learner.history_ = {"n_labeled": [10, 20, 60], "cost": [100, 100, 400]}
    cost, scores = staged_scores(learner, X4, Y4, x="cost")
    assert cost.tolist() == [100, 400] and scores.tolist() == [0.5, 1]
    learner.history_["cost"] = [0, 0, 0]
    assert make_aulc_scorer(x="cost")(learner, X4, Y4) == 1
    assert staged_scores(learner, X4, Y4)[1].tolist() == [0, 0.5, 1]


def test_scorer_over_costs_pickles_routes_and_says_what_it_is():
    scorer = make_aulc_scorer(x="cost")
    said = "make_aulc_scorer(scoring=None, scale='linear', x='cost')"
    with sklearn.config_context(enable_metadata_routing=True):
        routed = scorer.set_score_request(sample_weight=True)
    for other in (scorer, routed, pickle.loads(pickle.dumps(scorer))):
        assert repr(other) == said
    for wrong in (
        lambda: make_aulc_scorer(x="costs"),
        lambda: staged_scores(PricedLearner(), X4, Y4, x="rounds"),
    ):
        with pytest.raises(ValueError, match="x must be 'n_labeled' or 'cost'"):
            wrong()


def test_a_search_judges_runs_by_what_they_cost():
    X, y = load_digits(return_X_y=True)
    prices = 1 + (y == 3) * 4.0
    learner = ActiveLearner(budget=30, random_state=0)
    search = GridSearchCV(
        learner, {"batch_size": [10, 15]}, scoring=make_aulc_scorer(x="cost"), cv=2
    ).fit(X[:300] / 16, y[:300], cost=prices[:300])
    best = search.best_estimator_
    cost, scores = staged_scores(search, X[300:] / 16, y[300:], x="cost")
    assert cost.tolist() == best.history_["cost"]
    assert cost[-1] == prices[:300][best.queried_indices_].sum()
    area = area_under_learning_curve(cost, scores)
    assert make_aulc_scorer(x="cost")(search, X[300:] / 16, y[300:]) == area


# --------------------------------------------------------------------------- regressors


@pytest.fixture(scope="module")
def explosive():
    """A learner whose least squares explode where labels are as many as features."""
    X, y = make_regression(200, 12, n_informative=3, noise=200, random_state=0)
    learner = ActiveLearner(
        LinearRegression(), n_initial=5, batch_size=4, budget=40, random_state=0
    )
    return learner.fit(X[:150], y[:150]), X[150:], y[150:]


@pytest.mark.parametrize("scoring", [None, "r2"])
def test_an_area_over_r2_far_below_zero_says_so(explosive, scoring):
    learner, X, y = explosive
    _, scores = staged_scores(learner, X, y)
    assert scores.min() < -1
    with pytest.warns(UserWarning, match="R² falls to .*bounded_r2") as caught:
        make_aulc_scorer(scoring)(learner, X, y)
    assert len(caught) == 1 and caught[0].filename == __file__


@pytest.mark.parametrize(
    "scoring",
    ["bounded_r2", "neg_root_mean_squared_error", make_scorer(bounded_r2_score)],
    ids=["name", "error", "scorer"],
)
def test_areas_of_measures_with_an_end_are_taken_in_silence(explosive, scoring):
    learner, X, y = explosive
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        area = make_aulc_scorer(scoring)(learner, X, y)
    n_labeled, scores = staged_scores(learner, X, y, scoring=scoring)
    assert area == area_under_learning_curve(n_labeled, scores)
    if scoring == "bounded_r2":
        _, r2 = staged_scores(learner, X, y)
        np.testing.assert_allclose(scores, 1 / (2 - r2))


def test_curves_given_as_numbers_are_of_no_known_measure():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert area_under_learning_curve([1, 2], [-5.0, 0.5]) < 0


def test_a_search_over_regressors_goes_by_the_bounded_measure():
    X, y = make_regression(150, 5, noise=5, random_state=0)
    learner = ActiveLearner(Ridge(), RandomSampling(), budget=10, random_state=0)
    search = GridSearchCV(
        learner,
        {"estimator__alpha": [0.1, 1e6]},
        scoring=make_aulc_scorer("bounded_r2"),
        cv=3,
    ).fit(X, y)
    assert search.best_params_ == {"estimator__alpha": 0.1}
    assert ((search.cv_results_["mean_test_score"] - 0.5) ** 2 <= 0.25).all()
