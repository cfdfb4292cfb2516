"""TopThenDiverse: the best scores, and of these the ones that lie apart."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.base import ScoreStrategy
from skactive.compose import TopThenDiverse
from skactive.selection import k_center_greedy, kmeans_representatives, top_n
from skactive.uncertainty import EntropySampling

PICKING = ["weighted_kmeans", "kmeans", "k_center"]


class Free(ScoreStrategy):
    """Ask for samples, without a model."""

    def _fit(self, X, y, X_pool):
        self.fitted_ = True

    def score_samples(self, X):
        return np.zeros(X.shape[0])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        return tags


class First(Free):
    """Ask for samples by their first feature."""

    def score_samples(self, X):
        X = X.toarray() if sparse.issparse(X) else np.asarray(X)
        return X[:, 0]


def gaussian(n, d, seed=0):
    return np.random.RandomState(seed).standard_normal((n, d))


@pytest.fixture
def data():
    return gaussian(20, 3), np.arange(20) % 2, gaussian(200, 3, seed=1)


@pytest.mark.parametrize("picking", PICKING)
def test_candidates_are_the_best_scores(picking, data):
    X, y, X_pool = data
    strategy = TopThenDiverse(First(), factor=3, picking=picking, random_state=0)
    asked = strategy.fit(X, y, X_pool).query(7)
    best = np.argsort(-X_pool[:, 0])
    assert set(asked) <= set(best[:21])
    assert set(asked) != set(best[:7])


@pytest.mark.parametrize("picking", PICKING)
def test_a_factor_of_1_asks_for_the_best(picking, data):
    strategy = TopThenDiverse(First(), factor=1, picking=picking).fit(*data)
    assert_array_equal(strategy.query(7), np.argsort(-data[2][:, 0])[:7])


def test_a_share_of_a_sample_is_rounded(data):
    strategy = TopThenDiverse(First(), factor=1.5, random_state=0).fit(*data)
    best = np.argsort(-data[2][:, 0])
    for n in (1, 4):
        assert set(strategy.query(n)) <= set(best[: round(1.5 * n)])


@pytest.mark.parametrize("picking", ["kmeans", "k_center"])
def test_a_pool_shorter_than_the_candidates_is_taken_whole(picking, data):
    X, _, X_pool = data
    strategy = TopThenDiverse(First(), picking=picking, random_state=0).fit(*data)
    rng = strategy._query_random_state()
    top_n(X_pool[:, 0], len(X_pool), random_state=rng)  # draws among equal scores
    if picking == "kmeans":
        expected = kmeans_representatives(X_pool, 30, random_state=rng)
    else:
        expected = k_center_greedy(X_pool, 30, Z_labeled=X, random_state=rng)
    assert_array_equal(strategy.query(30), expected)


@pytest.mark.parametrize("picking", PICKING)
def test_equal_scores_are_drawn_from_everywhere(picking):
    X_pool = np.c_[np.zeros(100), np.arange(100.0)]
    strategy = TopThenDiverse(First(), factor=2, picking=picking, random_state=0)
    asked = strategy.fit([[0.0, 0.0]], [0], X_pool).query(20)
    assert len(set(asked)) == 20
    assert asked.min() < 20 and asked.max() >= 80
    strategy.set_params(random_state=1)
    other = strategy.fit([[0.0, 0.0]], [0], X_pool).query(20)
    assert set(other) != set(asked)


def weighted(scores, shift):
    """Which of two members near one center is taken, with scores as weights."""
    # A cluster at 0, 1, 2 of weights w: the center moves to the heaviest.
    X_pool = np.c_[np.asarray(scores) + shift, [0.0, 0.0, 0.0], [0.0, 1.0, 2.0]]
    embedding = FrozenEstimator(Last().fit(X_pool))
    strategy = TopThenDiverse(First(), embedding=embedding, random_state=0)
    return int(strategy.fit([[0.0, 0.0, 9.0]], [0], X_pool).query(1)[0])


class Last(TransformerMixin, BaseEstimator):
    """Keep the last feature alone."""

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return np.asarray(X)[:, -1:]


def test_weights_are_the_scores():
    assert weighted([1, 1, 1], 0) == 1
    assert weighted([9, 1, 1], 0) == 0  # the center is at 3/11
    assert weighted([1, 1, 9], 0) == 2
    # What is wanted little still weighs something: the center is at 0.7.
    assert weighted([5, 3, 2], 0) == 1


@pytest.mark.parametrize("shift", [-3.0, -10.0, -1e6])
def test_negative_scores_are_shifted_by_the_smallest_of_the_pool(shift):
    # The weights become 3, 1 and 0, and the center is at 1/4, wherever they began.
    assert weighted([5, 3, 2], shift) == 0
    assert weighted([2, 2, 2], shift) == 1  # no weight at all: all count the same


def test_the_smallest_is_that_of_the_pool_and_not_of_the_candidates():
    # Scores -1, -2, -2 of the candidates and -9 of the rest: weights 8, 7, 7, so that
    # the center is at 0.95. By the candidates alone they were 1, 0, 0.
    X_pool = np.c_[[-1.0, -2.0, -2.0, -9.0], [0.0, 1.0, 2.0, 50.0]]
    embedding = FrozenEstimator(Last().fit(X_pool))
    strategy = TopThenDiverse(First(), factor=3, embedding=embedding, random_state=0)
    assert strategy.fit([[0.0, 9.0]], [0], X_pool).query(1) == [1]


def test_scores_of_either_sign_and_none_ask_alike(data):
    # Scores shifted as a whole, all negative, are the same weights.
    X, y, X_pool = data
    lowered = X_pool.copy()
    lowered[:, 0] -= 5
    asked = []
    for pool in (X_pool, lowered):
        embedding = FrozenEstimator(Last().fit(pool))
        strategy = TopThenDiverse(First(), embedding=embedding, random_state=0)
        asked.append(strategy.fit(X, y, pool).query(9))
    assert_array_equal(*asked)


def test_labeled_and_held_samples_are_centers_of_k_center():
    X_pool = np.array([[1.0], [2.0], [5.0], [9.0]])
    strategy = TopThenDiverse(First(), picking="k_center", random_state=0)
    strategy.fit([[9.0]], [0], X_pool)
    assert strategy.query(1) == [0]
    assert strategy.query(1, exclude=[0]) == [2]  # not the neighbor of what is held
    assert strategy.query(1, exclude=[1]) == [2]
    assert strategy.query(1, among=[0, 1, 3]) == [0]
    strategy = TopThenDiverse(Free(), picking="k_center", random_state=0).fit(X_pool)
    assert strategy.query(1) == [2]  # nearest the mean
    assert strategy.query(1, exclude=[2])[0] in (0, 3)  # farthest from what is held


@pytest.mark.parametrize("picking", PICKING)
def test_candidates_are_among_those_that_may_be_asked_for(picking, data):
    X_pool = data[2]
    strategy = TopThenDiverse(First(), factor=2, picking=picking, random_state=0)
    strategy.fit(*data)
    among = np.arange(0, 200, 4)
    asked = strategy.query(5, among=among)
    best = among[np.argsort(-X_pool[among, 0])]
    assert set(asked) <= set(best[:10])
    held = best[:3]
    asked = strategy.query(5, among=among, exclude=held)
    assert set(asked) <= set(best[3:13])


class Counts(TransformerMixin, BaseEstimator):
    """Counts the rows that it transforms."""

    seen = []

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        self.seen.append(len(X))
        return np.asarray(X)


def test_only_candidates_are_embedded(data):
    Counts.seen.clear()
    strategy = TopThenDiverse(First(), embedding=Counts(), factor=4).fit(*data)
    strategy.query(5)
    assert sum(Counts.seen) == 20
    strategy.set_params(picking="k_center").fit(*data).query(5)
    assert sum(Counts.seen) == 20 + 20 + 20  # the labeled ones, too


def test_lies_apart_in_the_embedding_of_the_learner(data):
    X, _, X_pool = data
    model = make_pipeline(StandardScaler(), PCA(2), LogisticRegression())
    strategy = TopThenDiverse(embedding="estimator", factor=3)
    learner = ActiveLearner(model, strategy, n_initial=10, budget=6, batch_size=3)
    learner.set_params(random_state=0).fit(np.vstack([X, X_pool]), np.arange(220) % 2)
    Z = learner.strategy_.embedding_.transform(X_pool)
    assert Z.shape[1] == 2


def test_without_a_strategy_the_embedded_samples_are_learned(data):
    strategy = TopThenDiverse(embedding=PCA(2), random_state=0).fit(*data)
    model = strategy.strategy_.estimator_
    assert model[-1].coef_.shape[1] == 2
    assert isinstance(strategy.strategy_, EntropySampling)


@pytest.mark.parametrize("picking", PICKING)
def test_sparse_pool_is_asked_as_a_dense_one(picking):
    X, X_pool = np.maximum(gaussian(4, 6), 0), np.maximum(gaussian(80, 6, seed=1), 0)
    settings = {"factor": 3, "picking": picking, "random_state": 0}
    dense = TopThenDiverse(First(), **settings).fit(X, [0, 1, 0, 1], X_pool)
    csr = TopThenDiverse(First(), **settings)
    csr.fit(sparse.csr_array(X), [0, 1, 0, 1], sparse.csr_array(X_pool))
    assert_array_equal(csr.query(9), dense.query(9))
    with pytest.raises(ValueError, match="both be sparse or both be dense"):
        csr.fit(sparse.csr_array(X), [0, 1, 0, 1], X_pool)


@pytest.mark.parametrize(
    "params",
    [{"factor": 0.5}, {"factor": float("inf")}, {"picking": "kcenter"}],
    ids=["below 1", "infinite", "word"],
)
def test_bad_parameters_are_refused(params, data):
    name = next(iter(params))
    with pytest.raises(ValueError, match=f"{name}' parameter of"):
        TopThenDiverse(**params).fit(*data)
