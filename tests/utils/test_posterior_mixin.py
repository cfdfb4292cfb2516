"""What both strategies on a posterior do: whom they serve, what they hear, chance."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.ensemble import (
    BaggingRegressor,
    RandomForestRegressor,
    VotingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import (
    BayesianRidge,
    LinearRegression,
    LogisticRegression,
    Ridge,
)
from sklearn.model_selection import cross_validate
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from skactive import ActiveLearner
from skactive.disagreement import BatchVariance
from skactive.lookahead import VarianceReduction, expected_information
from skactive.testing import check_strategy
from skactive.utils import _pool

ALL = pytest.mark.parametrize("cls", [BatchVariance, VarianceReduction])
MODELS = {
    "ridge": Ridge(),
    "ordinary": LinearRegression(),
    "bayesian": BayesianRidge(),
    "process": GaussianProcessRegressor(RBF(2.0) + WhiteKernel(0.1), optimizer=None),
    "forest": RandomForestRegressor(8),
    "neighbors": KNeighborsRegressor(3),
    "pipeline": make_pipeline(StandardScaler(), Ridge()),
}
EVERY = pytest.mark.parametrize("name", MODELS)


def problem(n=24, n_pool=40, d=4, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n + n_pool, d))
    y = X[:, 0] + np.sin(2 * X[:, 1]) + 0.2 * rng.standard_normal(n + n_pool)
    return X[:n], y[:n], X[n:]


@ALL
@EVERY
def test_the_first_of_many_are_the_answer_to_few(cls, name):
    X, y, X_pool = problem()
    strategy = cls(MODELS[name], random_state=0).fit(X, y, X_pool)
    order = strategy.query(40)
    assert_array_equal(np.sort(order), np.arange(40))
    for n in (1, 2, 7, 39):
        assert_array_equal(strategy.query(n), order[:n])


@ALL
@EVERY
def test_what_others_hold_counts_as_labeled(cls, name):
    X, y, X_pool = problem()
    strategy = cls(MODELS[name], random_state=0).fit(X, y, X_pool)
    picks = strategy.query(6)
    assert_array_equal(strategy.query(4, exclude=picks[:2]), picks[2:])
    among = np.delete(np.arange(40), picks[0])
    rest = strategy.query(3, among=among)
    assert picks[0] not in rest  # and it teaches nothing: the rest may be others


@ALL
@EVERY
def test_it_runs_in_a_learner(cls, name):
    X, y, X_pool = problem(n=80, n_pool=30)
    learner = ActiveLearner(
        MODELS[name], cls(), n_initial=8, budget=12, batch_size=4, random_state=0
    )
    learner.fit(X, y)
    again = clone(learner).fit(X, y)
    assert (learner.labeled_iter_ >= 0).sum() == 20
    assert_array_equal(again.queried_indices_, learner.queried_indices_)
    assert isinstance(learner.strategy_.estimator_, FrozenEstimator)
    assert np.isfinite(learner.predict(X_pool)).all()


@ALL
def test_it_can_be_cross_validated_and_pickled(cls):
    X, y, _ = problem(n=80)
    learner = ActiveLearner(Ridge(), cls(), n_initial=8, budget=12, random_state=0)
    scores = cross_validate(learner, X, y, cv=3, error_score="raise")["test_score"]
    assert np.isfinite(scores).all()
    for model in MODELS.values():
        strategy = cls(model, random_state=0).fit(*problem())
        copy = pickle.loads(pickle.dumps(strategy))
        assert_array_equal(copy.query(5), strategy.query(5))


@ALL
@EVERY
def test_a_learner_is_asked_by_hand(cls, name):
    X, y, X_pool = problem()
    y = np.r_[y, np.full(len(X_pool), np.nan)]
    learner = ActiveLearner(MODELS[name], cls(), random_state=0)
    learner.fit(np.r_[X, X_pool], y)
    rows = learner.query(3)
    learner.teach(rows, [0.5, 1.5, 2.5])
    assert not set(learner.query(3)) & set(rows)


COMMITTEES = {
    "forest": RandomForestRegressor(8),
    "linear": BaggingRegressor(Ridge(), 8),
    "copies": KNeighborsRegressor(3),
}


@ALL
@pytest.mark.parametrize("name", COMMITTEES)
@pytest.mark.parametrize("value", [0.3, 1e6, 0.0])
def test_labels_all_alike_leave_it_to_chance_with_one_warning(cls, name, value):
    X, _, X_pool = problem()
    first = set()
    for seed in range(4):
        strategy = cls(COMMITTEES[name], random_state=seed)
        strategy.fit(X, np.full(24, value), X_pool)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            picks = strategy.query(5)
        assert len(caught) == 1 and "picked at random" in str(caught[0].message)
        first.add(picks[0])
        assert len(set(picks)) == 5
        assert len(strategy.query(40)) == 40  # where all are asked for, no choice is
    assert len(first) > 1


@ALL
@pytest.mark.parametrize("n", [1, 2])
@EVERY
def test_one_label_is_enough(cls, name, n):
    if name == "neighbors" and n < 3:
        model = KNeighborsRegressor(1)
    else:
        model = MODELS[name]
    X, y, X_pool = problem()
    strategy = cls(model, random_state=0).fit(X[:n], y[:n], X_pool)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(?s).*picked at random")
        assert len(set(strategy.query(5))) == 5


@ALL
@EVERY
def test_near_copies_are_asked_for_once(cls, name):
    """Where labels have no noise to speak of; and all copies can be had in the end."""
    X, y, X_pool = problem(n_pool=10)
    copies = np.repeat(X_pool, 3, axis=0)
    strategy = cls(MODELS[name], random_state=0).fit(X, y, copies)
    assert_array_equal(np.sort(strategy.query(30)), np.arange(30))
    if cls is BatchVariance:
        picks = cls(MODELS[name], noise=0, random_state=0).fit(X, y, copies).query(3)
        assert len(set(picks // 3)) == 3


@ALL
def test_ties_are_seeded(cls):
    """A forest of stumps knows two values: most of the pool is tied."""
    X, y, X_pool = problem()
    stumps = RandomForestRegressor(3, max_depth=1, random_state=0).fit(X, y)
    first = [
        cls(FrozenEstimator(stumps), random_state=seed).fit(X, y, X_pool).query(1)[0]
        for seed in range(8)
    ]
    assert len(set(first)) > 1


@ALL
@pytest.mark.parametrize(
    "model", [LogisticRegression(), StandardScaler()], ids=["classifier", "scaler"]
)
def test_what_predicts_no_numbers_is_refused(cls, model):
    X, y, X_pool = problem()
    with pytest.raises(ValueError, match=f"{cls.__name__}.*(regressor|learns labels)"):
        cls(model).fit(X, y, X_pool)


@ALL
@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("outputs", [1, 2])
def test_labels_that_are_not_finite_are_refused(cls, bad, frozen, outputs):
    X, y, X_pool = problem()
    y = y if outputs == 1 else np.c_[y, y]
    model = FrozenEstimator(Ridge().fit(X, y)) if frozen else Ridge()
    y = y.copy()
    y[3] = bad
    with pytest.raises(ValueError, match="NaN|infinite|infinity|missing"):
        cls(model).fit(X, y, X_pool)


@ALL
def test_words_are_refused(cls):
    X, y, X_pool = problem()
    with pytest.raises(ValueError, match="numbers"):
        cls().fit(X, y.astype(str), X_pool)


@ALL
def test_copies_of_a_frozen_last_step_are_refused(cls):
    X, y, X_pool = problem()
    for last in (SVR(), KNeighborsRegressor()):
        model = make_pipeline(StandardScaler(), FrozenEstimator(last.fit(X, y)))
        with pytest.raises(ValueError, match=r"(?s)last step of .* is frozen"):
            cls(model).fit(X, y, X_pool)
    model = make_pipeline(StandardScaler(), FrozenEstimator(Ridge().fit(X, y)))
    assert len(cls(model).fit(X, y, X_pool).query(3)) == 3  # needs no copies


@ALL
@pytest.mark.parametrize("name", ["ridge", "forest", "neighbors"])
def test_several_outputs(cls, name):
    """In whatever units: an output that never changes has no say."""
    X, y, X_pool = problem()
    Y = np.c_[y, X[:, 2], np.ones(24)]
    expected = cls(MODELS[name], random_state=0).fit(X, Y, X_pool).query(6)
    if name == "ridge":  # a tree that fits other units may split otherwise
        Y = Y * [1, 1e4, 1]
        again = cls(MODELS[name], random_state=0).fit(X, Y, X_pool).query(6)
        assert_array_equal(again, expected)
    learner = ActiveLearner(Ridge(), cls(), n_initial=5, budget=3, random_state=0)
    assert len(learner.fit(X, Y[:, 0]).queried_indices_) >= 3


@ALL
@pytest.mark.parametrize("name", ["ridge", "forest", "neighbors", "process"])
def test_containers_are_one(cls, name, tmp_path, monkeypatch):
    X, y, X_pool = problem()
    X, X_pool = X.astype(np.float32), X_pool.astype(np.float32)
    expected = cls(MODELS[name], random_state=0).fit(X, y, X_pool).query(6)
    names = ["a", "b", "c", "d"]
    mapped = np.lib.format.open_memmap(
        tmp_path / "pool.npy", mode="w+", dtype=np.float32, shape=X_pool.shape
    )
    mapped[:] = X_pool
    pairs = [
        (X.tolist(), X_pool.tolist()),
        (X, np.lib.format.open_memmap(tmp_path / "pool.npy", mode="r")),
        (pd.DataFrame(X, columns=names), pd.DataFrame(X_pool, columns=names)),
    ]
    if name not in ("process", "forest"):  # trees on CSR are others
        pairs.append((sparse.csr_array(X), sparse.csr_array(X_pool)))
        pairs.append((sparse.coo_array(X), sparse.coo_array(X_pool)))
    for labeled, pool in pairs:
        strategy = cls(MODELS[name], random_state=0).fit(labeled, y, pool)
        assert_array_equal(strategy.query(6), expected)
    monkeypatch.setattr(_pool, "block_size", lambda X: 7)
    strategy = cls(MODELS[name], random_state=0).fit(X, y, X_pool)
    assert_array_equal(strategy.query(6), expected)


@ALL
@pytest.mark.parametrize("model", [Ridge(), MODELS["pipeline"]], ids=["ridge", "pipe"])
def test_weights_of_a_learner_reach_the_posterior(cls, model):
    X, y, _ = problem(n=60)
    w = np.where(X[:, 1] > 0, 1e-9, 1.0)
    learner = ActiveLearner(
        model, cls(), n_initial=20, budget=4, batch_size=4, random_state=0
    )
    name = "ridge__sample_weight" if hasattr(model, "steps") else "sample_weight"
    rows = learner.fit(X, y, **{name: w}).queried_indices_
    start, asked = rows[:20], rows[20:]
    pool = np.delete(np.arange(60), np.sort(start))
    # As if labels of no weight were not there. Steps of a pipeline have no weights.
    kept = start[w[start] == 1]
    steps = StandardScaler().fit(X[start]) if hasattr(model, "steps") else None
    Z = X if steps is None else steps.transform(X)
    expected = cls(Ridge()).fit(Z[kept], y[kept], Z[pool]).query(4)
    assert_array_equal(asked, pool[expected])


def test_members_fitted_elsewhere_are_a_committee():
    X, y, X_pool = problem()
    models = [FrozenEstimator(m.fit(X, y)) for m in (Ridge(), KNeighborsRegressor())]
    voting = VotingRegressor([(str(k), model) for k, model in enumerate(models)])
    strategy = BatchVariance(voting).fit(X, y, X_pool)
    differ = np.abs(models[0].predict(X_pool) - models[1].predict(X_pool))
    assert strategy.query(1)[0] == differ.argmax()


def test_no_state_of_a_query_is_kept():
    X, y, X_pool = problem()
    for criterion in (expected_information, None):
        settings = {} if criterion is None else {"criterion": criterion}
        strategy = VarianceReduction(random_state=0, **settings).fit(X, y, X_pool)
        assert_array_equal(strategy.query(5), strategy.query(5))
        strategy._drop_pool()
        assert "Z" not in strategy._posterior.__dict__


@ALL
@pytest.mark.parametrize("name", ["process", "forest"])  # Ridge() is the default
def test_the_contract_is_kept_with_other_posteriors(cls, name):
    results = check_strategy(cls(MODELS[name], random_state=0), on_fail=None)
    assert [r["check_name"] for r in results if r["status"] == "failed"] == []
    assert len(results) >= 34
