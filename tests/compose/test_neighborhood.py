"""NeighborhoodSampling: candidates are the neighbors of the labels, and some others."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.datasets import make_blobs
from sklearn.decomposition import PCA
from sklearn.ensemble import AdaBoostClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KDTree
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner, QueryStrategy
from skactive.compose import NeighborhoodSampling, PoolSubsampling
from skactive.diversity import CoreSet, VOpt
from skactive.exceptions import PoolExhaustedWarning
from skactive.testing import all_strategies
from skactive.uncertainty import EntropySampling, HistorySampling, MarginSampling


class Shown(QueryStrategy):
    """Ask for the first samples; keeps what it was shown."""

    def _fit(self, X, y, X_pool):
        self.shown_ = X_pool

    def _query(self, n):
        return np.arange(n)


class Index:
    """An index kept elsewhere."""

    def __init__(self, found):
        self.found, self.asked = np.asarray(found), []

    def query(self, Z, k):
        self.asked.append((Z.shape, k))
        return None, self.found


@pytest.fixture
def data():
    X, y = make_blobs(420, 3, centers=6, random_state=0)
    return X[:20], y[:20], X[20:]


def nearest(X, X_pool, k):
    sq = ((X[:, None] - X_pool) ** 2).sum(axis=2)
    return np.unique(np.argsort(sq, axis=1)[:, :k])


# -------------------------------------------------------------------- the candidates


def test_candidates_are_the_neighbors_of_the_labels(data):
    X, _, X_pool = data
    strategy = NeighborhoodSampling(Shown(), n_neighbors=7, explore=0).fit(*data)
    assert_array_equal(strategy.positions_, nearest(X, X_pool, 7))
    assert strategy.candidate_share_ == len(strategy.positions_) / 400
    assert_array_equal(strategy.strategy_.shown_, X_pool[strategy.positions_])
    assert strategy.n_pool_ == 400


def test_neighbors_are_near_in_the_embedding(data):
    X, y, X_pool = data
    wide = np.array([1.0, 1.0, 1e4])
    space = make_pipeline(StandardScaler(), PCA(1, random_state=0))
    strategy = NeighborhoodSampling(Shown(), embedding=space, n_neighbors=5, explore=0)
    strategy.fit(X * wide, y, X_pool * wide)
    Z, Z_pool = (strategy.embedding_.transform(A * wide) for A in (X, X_pool))
    assert_array_equal(strategy.positions_, nearest(Z, Z_pool, 5))


@pytest.mark.parametrize("explore", [0.1, 0.5])
def test_some_of_the_rest_is_drawn(data, explore):
    X, _, X_pool = data
    near = nearest(X, X_pool, 3)
    drawn = np.zeros(400)
    for seed in range(60):
        strategy = NeighborhoodSampling(
            Shown(), n_neighbors=3, explore=explore, random_state=seed
        ).fit(*data)
        positions = strategy.positions_
        assert set(near) <= set(positions)
        share = 1 - len(near) / len(positions)
        assert explore <= share < explore + 0.02
        drawn[positions] += 1
    rest = np.delete(drawn, near)
    assert rest.std() < 1.5 * np.sqrt(rest.mean())  # evenly


def test_a_region_without_labels_is_seen_by_exploring_alone():
    rng = np.random.RandomState(0)
    X, far = rng.standard_normal((320, 2)), 100 + rng.standard_normal((80, 2))
    data = X[:20], np.arange(20) % 2, np.vstack([X[20:], far])
    closed = NeighborhoodSampling(n_neighbors=20, explore=0, random_state=0).fit(*data)
    assert closed.positions_.max() < 300
    ajar = NeighborhoodSampling(n_neighbors=20, random_state=0).fit(*data)
    assert ajar.positions_.max() >= 300


def test_new_labels_bring_in_their_neighbors(data):
    X, y, X_pool = data
    strategy = NeighborhoodSampling(n_neighbors=4, explore=0).fit(*data)
    first, asked = strategy.positions_, strategy.query(5)
    labeled, y = np.vstack([X, X_pool[asked]]), np.r_[y, y[:5]]
    left = np.delete(np.arange(400), asked)
    more = left[strategy.fit(labeled, y, X_pool[left]).positions_]
    assert set(first) - set(asked) <= set(more)
    assert set(left[nearest(X_pool[asked], X_pool[left], 4)]) <= set(more)


def test_an_index_may_be_kept_elsewhere(data):
    X, _, X_pool = data
    tree = KDTree(X_pool)
    strategy = NeighborhoodSampling(Shown(), n_neighbors=6, explore=0, algorithm=tree)
    assert_array_equal(strategy.fit(*data).positions_, nearest(X, X_pool, 6))
    index = Index([[3, -1], [7, 3]])  # -1: fewer were found
    strategy.set_params(algorithm=index).fit(*data)
    assert strategy.positions_.tolist() == [3, 7]
    with pytest.raises(ValueError, match=r"positions in X_pool, which has 400 .* 400"):
        strategy.set_params(algorithm=Index([[400]])).fit(*data)
    with pytest.raises(ValueError, match="float64"):
        strategy.set_params(algorithm=Index([[0.5]])).fit(*data)


class Tree(KDTree):
    """An index of all samples, which a learner does not copy."""

    def query(self, Z, k):
        asked.append(len(Z))
        return super().query(Z, k)

    def __sklearn_clone__(self):
        return self


asked = []


def test_in_a_learner_an_index_is_one_of_all_samples():
    X, y = make_blobs(120, 3, centers=4, random_state=0)
    asked.clear()
    tree = Tree(X)
    strategy = NeighborhoodSampling(
        MarginSampling(), n_neighbors=6, explore=0, algorithm=tree
    )
    y_known = np.where(np.arange(120) % 10 == 0, y, -1)
    learner = ActiveLearner(
        LogisticRegression(), strategy, missing_label=-1, random_state=0
    ).fit(X, y_known)
    for k in range(4):
        rows = learner.query(3)
        known = learner.labeled_mask_
        near = np.unique(nearest(X[known], X, 6))
        pool = np.flatnonzero(~known)
        candidates = pool[learner.strategy_.positions_]
        assert_array_equal(candidates, np.setdiff1d(near, np.flatnonzero(known)))
        assert set(rows) <= set(candidates)
        learner.teach(rows, y[rows])
        assert asked == [12 + 3 * i for i in range(k + 1)]
    learner.set_params(strategy__algorithm=Index([[120]]))
    with pytest.raises(ValueError, match=r"positions in X, which has 120 .* 120"):
        learner.query(3)


def test_hnswlib_finds_them_too(data):
    pytest.importorskip("hnswlib")
    X, _, X_pool = data
    strategy = NeighborhoodSampling(
        Shown(), n_neighbors=7, explore=0, algorithm="hnswlib", random_state=0
    ).fit(*data)
    found = np.isin(nearest(X, X_pool, 7), strategy.positions_)
    assert found.mean() > 0.95


# ------------------------------------------------------------------------ the answer


@pytest.mark.parametrize("inner", [CoreSet(), EntropySampling(), VOpt()])
def test_answers_are_positions_in_the_whole_pool(inner, data):
    X, y, X_pool = data
    strategy = NeighborhoodSampling(inner, n_neighbors=10, random_state=0).fit(*data)
    part = strategy.positions_
    fresh = type(inner)(random_state=strategy.strategy_.random_state)
    expected = part[fresh.fit(X, y, X_pool[part]).query(5)]
    assert_array_equal(strategy.query(5), expected)


def test_no_more_than_the_candidates_can_be_asked_for(data):
    strategy = NeighborhoodSampling(n_neighbors=2, explore=0).fit(*data)
    n = len(strategy.positions_)
    assert_array_equal(np.sort(strategy.query(n)), strategy.positions_)
    with pytest.raises(ValueError, match=r"raise n_neighbors or explore"):
        strategy.query(n + 1)
    with pytest.warns(PoolExhaustedWarning), pytest.raises(ValueError, match="400"):
        strategy.query(500)


def test_what_is_held_elsewhere_is_not_asked_for(data):
    strategy = NeighborhoodSampling(n_neighbors=2, explore=0).fit(*data)
    held = strategy.query(3)
    others = np.setdiff1d(np.arange(400), strategy.positions_)
    n = len(strategy.positions_)
    asked = strategy.query(n - 3, exclude=[*held, *others])
    assert set(asked) == set(strategy.positions_) - set(held)
    with pytest.raises(ValueError, match=f"{n - 3} candidates"):
        strategy.query(n - 2, exclude=held)


def test_with_nothing_labeled_all_are_candidates(data):
    strategy = NeighborhoodSampling(CoreSet(), n_neighbors=2).fit(data[2])
    assert strategy.candidate_share_ == 1
    assert_array_equal(strategy.query(4), CoreSet().fit(data[2]).query(4))


def test_without_a_strategy_margins_are_taken_in_the_embedding(data):
    strategy = NeighborhoodSampling(embedding=PCA(1), n_neighbors=5).fit(*data)
    assert isinstance(strategy.strategy_, MarginSampling)
    assert strategy.strategy_.estimator_[-1].n_features_in_ == 1
    images = np.random.RandomState(0).rand(60, 2, 4, 4)
    y = np.arange(10) % 2
    flat = NeighborhoodSampling(n_neighbors=5).fit(images[:10], y, images[10:])
    assert flat.query(3).shape == (3,)


def test_a_learner_lends_its_model(data):
    X, y = make_blobs(200, 3, centers=4, random_state=0)
    settings = {"budget": 20, "batch_size": 5, "random_state": 0}
    for inner in (None, MarginSampling(), PoolSubsampling(MarginSampling())):
        strategy = NeighborhoodSampling(inner, embedding="estimator", n_neighbors=5)
        model = make_pipeline(StandardScaler(), GaussianNB())
        learner = ActiveLearner(model, strategy, **settings).fit(X, y)
        inside = learner.strategy_.strategy_
        inside = getattr(inside, "strategy_", inside)
        assert isinstance(inside.estimator_.estimator[-1], GaussianNB)
        assert learner.strategy_.candidate_share_ < 1


@pytest.mark.parametrize("cls", all_strategies(), ids=lambda cls: cls.__name__)
def test_every_strategy_answers_in_a_learner(cls):
    X, y = make_blobs(120, 3, centers=3, random_state=0)
    strategy = NeighborhoodSampling(cls(), n_neighbors=6)
    settings = {"budget": 6, "batch_size": 3, "random_state": 0}
    model = LogisticRegression(max_iter=1000)
    if cls is HistorySampling:  # of a linear model there is none
        model = AdaBoostClassifier(n_estimators=4)
    learner = ActiveLearner(model, strategy, **settings).fit(X, y)
    assert learner.n_iter_ == 2
    assert len(set(learner.queried_indices_)) == len(learner.queried_indices_)


# ------------------------------------------------------------------------- the input


def test_sparse_rows(data):
    X, y, X_pool = data
    strategy = NeighborhoodSampling(n_neighbors=4, random_state=0)
    expected = strategy.fit(*data).query(6)
    strategy.fit(sparse.csr_array(X), y, sparse.csc_array(X_pool))
    assert_array_equal(strategy.query(6), expected)
    with pytest.raises(ValueError, match="both be sparse or both be dense"):
        strategy.fit(X, y, sparse.csr_array(X_pool))


def test_fitted_again_without_a_pool_it_forgets_the_candidates(data):
    X, y, _ = data
    strategy = NeighborhoodSampling().fit(*data).fit(X, y)
    assert not hasattr(strategy, "positions_")
    assert not hasattr(strategy, "candidate_share_")


def test_parameters_are_checked(data):
    for bad in (
        {"n_neighbors": 0},
        {"explore": 1.0},
        {"explore": -0.1},
        {"algorithm": "balltree"},
        {"strategy": GaussianNB()},
    ):
        with pytest.raises(ValueError, match="parameter of NeighborhoodSampling"):
            NeighborhoodSampling(**bad).fit(*data)
