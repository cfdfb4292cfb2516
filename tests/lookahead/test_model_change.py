"""ExpectedModelChange: lengths on paper, and gradients written out."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive.lookahead import ExpectedModelChange
from skactive.lookahead._model_change import expected_gradient_length


def problem(n=60):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((n, 4))
    return X[:15], np.arange(15) % 3, X[15:]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"bias": False}, 1.557196504),
        ({}, 1.705823303),
        ({"bias": False, "squared": True}, 2.7),
        ({"normalize": True}, 1.557196504 / np.sqrt(5)),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lengths_on_paper(params, expected, dtype):
    class Fixed(LogisticRegression):
        def predict_proba(self, X):
            return np.array([[0.6, 0.3, 0.1]] * len(X), dtype=dtype)

    X = np.array([[1, 2]], dtype=dtype)
    strategy = ExpectedModelChange(Fixed(), **params)
    strategy.fit(np.eye(3, 2), [0, 1, 2], X)
    assert strategy.score_samples(X)[0] == pytest.approx(expected, rel=1e-6)


def test_lengths_are_those_of_gradients_written_out():
    X, y, X_pool = problem()
    strategy = ExpectedModelChange().fit(X, y, X_pool)
    proba = strategy.estimator_.predict_proba(X_pool)
    expected = np.zeros(len(X_pool))
    for i, (p, x) in enumerate(zip(proba, X_pool)):
        for c in range(3):
            expected[i] += p[c] * np.linalg.norm(
                np.outer(p - np.eye(3)[c], np.append(x, 1))
            )
    np.testing.assert_allclose(strategy.score_samples(X_pool), expected, rtol=1e-10)


def test_certain_and_lone_classes_and_zeros_score_zero():
    certain = np.eye(3)[[0, 2, 1]]
    assert expected_gradient_length(certain, np.ones(3)).tolist() == [0, 0, 0]
    assert expected_gradient_length(np.ones((2, 1)), np.ones(2)).tolist() == [0, 0]
    X, y, X_pool = problem()
    X_pool[3] = 0
    without = ExpectedModelChange(bias=False).fit(X, y, X_pool)
    assert without.score_samples(X_pool)[3] == 0
    assert ExpectedModelChange().fit(X, y, X_pool).score_samples(X_pool)[3] > 0
    assert sorted(without.query(45)) == list(range(45))


def test_the_embedding_is_what_the_layer_sees():
    X, y, X_pool = problem()
    X, X_pool = X * [1, 100, 1, 1], X_pool * [1, 100, 1, 1]
    scaler = StandardScaler().fit(X)
    inside = ExpectedModelChange(
        make_pipeline(StandardScaler(), LogisticRegression()),
        embedding=FrozenEstimator(scaler),
    ).fit(X, y, X_pool)
    outside = ExpectedModelChange().fit(
        scaler.transform(X), y, scaler.transform(X_pool)
    )
    np.testing.assert_allclose(
        inside.score_samples(X_pool), outside.score_samples(scaler.transform(X_pool))
    )


def test_sparse_mapped_and_single_precision_pools_are_scored_alike(tmp_path):
    X, y, X_pool = problem()
    strategy = ExpectedModelChange()
    dense = strategy.fit(X, y, X_pool).score_samples(X_pool)
    csr = strategy.fit(sparse.csr_array(X), y, sparse.csr_array(X_pool))
    np.testing.assert_allclose(csr.score_samples(sparse.csr_array(X_pool)), dense)
    single = strategy.fit(np.float32(X), y, np.float32(X_pool))
    scores = single.score_samples(np.float32(X_pool))
    np.testing.assert_allclose(scores, dense, rtol=1e-3)
    np.save(tmp_path / "pool.npy", X_pool)
    mapped = np.load(tmp_path / "pool.npy", mmap_mode="r")
    np.testing.assert_allclose(strategy.fit(X, y, mapped).score_samples(mapped), dense)
