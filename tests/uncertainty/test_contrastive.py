"""ContrastiveAL: against the divergences written out, and by hand."""

import numpy as np
import pytest
from scipy import sparse
from scipy.special import rel_entr
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from skactive.uncertainty import ContrastiveAL, _contrastive


def problem(n_labeled=30, n_pool=90, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n_labeled + n_pool, 4))
    y = (X[:, 0] > 0.3).astype(int) + (X[:, 1] > 0)
    return X[:n_labeled], y[:n_labeled], X[n_labeled:]


class SecondColumn(ClassifierMixin, BaseEstimator):
    """The second feature is the probability of the second class."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        p = np.asarray(X)[:, 1]
        return np.column_stack([1 - p, p])


class FirstColumn(StandardScaler):
    """Keeps the first feature and its complement: only that decides neighbors."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.column_stack(
            [np.cos(np.asarray(X)[:, 0]), np.sin(np.asarray(X)[:, 0])]
        )

    def __sklearn_is_fitted__(self):
        return True


def test_divergence_of_two_neighbors_by_hand():
    # Third columns of three samples lie far away in the embedding.
    X = np.array([[0.0, 0.3], [0.2, 0.8], [3.0, 0.5]])
    strategy = ContrastiveAL(SecondColumn(), n_neighbors=2, embedding=FirstColumn())
    strategy.fit(X, [0, 1, 0], [[0.1, 0.5]])
    # KL((.7, .3) || (.5, .5)) = .082282879, KL((.2, .8) || (.5, .5)) = .192744757;
    # the other direction would give .155160122.
    assert strategy.score_samples([[0.1, 0.5]])[0] == pytest.approx(
        0.137513818, abs=1e-9
    )


@pytest.mark.parametrize("n_neighbors", [1, 10, 1000])
@pytest.mark.parametrize("block_bytes", [1, 7 * 32, 2**25])
def test_scores_are_the_divergences_written_out(n_neighbors, block_bytes, monkeypatch):
    monkeypatch.setattr(_contrastive, "BLOCK_BYTES", block_bytes)
    X, y, X_pool = problem()
    strategy = ContrastiveAL(n_neighbors=n_neighbors).fit(X, y, X_pool)
    k = min(n_neighbors, len(X))
    near = NearestNeighbors(n_neighbors=k, metric="cosine").fit(X)
    near = near.kneighbors(X_pool, return_distance=False)
    p, q = (strategy.estimator_.predict_proba(A) for A in (X, X_pool))
    expected = rel_entr(p[near], q[:, None, :]).sum(axis=2).mean(axis=1)
    np.testing.assert_allclose(strategy.score_samples(X_pool), expected, atol=1e-6)


def test_asks_where_a_neighbor_is_on_the_other_side():
    X, y = [[1.0, 0.1], [0.1, 1.0]], ["cat", "dog"]
    X_pool = [[1.1, 0.1], [0.1, 1.1], [0.5, 0.6]]
    strategy = ContrastiveAL(n_neighbors=1).fit(X, y, X_pool)
    assert strategy.query(1).tolist() == [2]


def test_certain_and_wrong_is_finite():
    X, y = np.array([[1.0, 0.0], [0.9, 0.1]]), [0, 1]
    model = FrozenEstimator(SecondColumn().fit(X, y))
    X_pool = np.array([[1.0, 1.0], [1.0, 0.0]])
    strategy = ContrastiveAL(model, n_neighbors=1).fit(X[:1], y[:1], X_pool)
    # KL((1, 0) || (0, 1)) with zeros counted as 1e-7.
    assert strategy.score_samples(X_pool)[0] == pytest.approx(-np.log(1e-7), rel=1e-5)
    assert strategy.score_samples(X_pool)[1] == 0


def test_neighbors_are_those_of_the_embedding():
    X, y, X_pool = problem()
    X, X_pool = X * [1, 5, 1, 1], X_pool * [1, 5, 1, 1]
    scaler = FrozenEstimator(StandardScaler().fit(X))
    a = ContrastiveAL(embedding=scaler).fit(X, y, X_pool).score_samples(X_pool)
    b = ContrastiveAL().fit(X, y, X_pool).score_samples(X_pool)
    assert np.abs(a - b).max() > 0.01


def test_by_default_one_neighbor_is_looked_at():
    X, y, X_pool = problem()
    scores = [
        s.fit(X, y, X_pool).score_samples(X_pool)
        for s in (
            ContrastiveAL(),
            ContrastiveAL(n_neighbors=1),
            ContrastiveAL(n_neighbors=2),
        )
    ]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert np.abs(scores[0] - scores[2]).max() > 0.01


def test_float32_is_answered_in_float32():
    X, y, X_pool = problem()
    strategy = ContrastiveAL().fit(X, y, X_pool)
    single = ContrastiveAL().fit(np.float32(X), y, np.float32(X_pool))
    np.testing.assert_allclose(
        single.score_samples(np.float32(X_pool)),
        strategy.score_samples(X_pool),
        atol=1e-3,
    )


def test_sparse_samples_are_scored_as_dense_ones():
    X, y, X_pool = problem()
    X, X_pool = np.where(X > -1, X, 0), np.where(X_pool > -1, X_pool, 0)
    dense = ContrastiveAL().fit(X, y, X_pool).score_samples(X_pool)
    csr = ContrastiveAL().fit(sparse.csr_array(X), y, sparse.csr_array(X_pool))
    scores = csr.score_samples(sparse.csr_array(X_pool))
    np.testing.assert_allclose(scores, dense, atol=1e-6)


def test_zeros_and_copies_are_scored():
    X, y, X_pool = problem()
    X[:5] = X_pool[:7] = 0
    X_pool[7:12] = X_pool[12]
    strategy = ContrastiveAL(random_state=0).fit(X, y, X_pool)
    assert sorted(strategy.query(len(X_pool))) == list(range(len(X_pool)))


@pytest.mark.parametrize("n_neighbors", [0, -3, 1.5, True, None])
def test_bad_number_of_neighbors_is_refused(n_neighbors):
    X, y, X_pool = problem()
    with pytest.raises(ValueError, match="n_neighbors' parameter of"):
        ContrastiveAL(LogisticRegression(), n_neighbors=n_neighbors).fit(X, y, X_pool)
