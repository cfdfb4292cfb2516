"""LCMD in features, and in gradients."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_blobs
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from skactive.diversity import LCMD, GradientLCMD
from skactive.selection import largest_cluster


def blobs(n=200, d=5):
    X, y = make_blobs(n, d, centers=3, cluster_std=3.0, random_state=0)
    X /= X.std()
    return X[:25], y[:25], X[25:]


def dense_gradients(model, X):
    proba = model.predict_proba(X)
    proba[np.arange(len(X)), proba.argmax(axis=1)] -= 1
    return np.einsum("ic,id->icd", proba, X).reshape(len(X), -1)


def test_features_on_paper():
    X_pool = [[0.0], [1.0], [2.0], [3.0], [10.0], [11.0], [12.0], [30.0]]
    assert LCMD().fit([[0.0]], [0.5], X_pool).query(3).tolist() == [7, 6, 3]


def test_looks_at_the_embedding():
    X, y, X_pool = blobs()
    pca = PCA(2, svd_solver="full").fit(np.vstack([X, X_pool]))
    asked = LCMD(FrozenEstimator(pca)).fit(X, y, X_pool).query(20)
    expected = largest_cluster(pca.transform(X_pool), 20, Z_labeled=pca.transform(X))
    np.testing.assert_array_equal(asked, expected)


def test_gradients_are_picked_as_the_long_rows_that_are_never_built():
    X, y, X_pool = blobs()
    model = LogisticRegression().fit(X, y)
    asked = GradientLCMD(FrozenEstimator(model)).fit(X, y, X_pool).query(40)
    expected = largest_cluster(
        dense_gradients(model, X_pool), 40, Z_labeled=dense_gradients(model, X)
    )
    np.testing.assert_array_equal(asked, expected)


def test_gradients_of_sparse_samples_are_those_of_dense_ones():
    X, y, X_pool = blobs()
    model = FrozenEstimator(LogisticRegression().fit(X, y))
    dense = GradientLCMD(model).fit(X, y, X_pool).query(30)
    csr = GradientLCMD(model).fit(sparse.csr_array(X), y, sparse.csr_array(X_pool))
    np.testing.assert_array_equal(csr.query(30), dense)


def test_labeled_samples_in_double_precision_serve_a_pool_in_single():
    X, y, X_pool = blobs()
    model = FrozenEstimator(LogisticRegression().fit(X, y))
    asked = GradientLCMD(model).fit(X, y, X_pool.astype(np.float32)).query(175)
    assert sorted(asked) == list(range(175))


def test_copies_are_asked_for_once_each():
    X, y, _ = blobs()
    X_pool = np.repeat(X[:3] + 0.5, 10, axis=0).astype(np.float32)
    for strategy in (LCMD(random_state=0), GradientLCMD(random_state=0)):
        asked = strategy.fit(X, y, X_pool).query(30)
        assert sorted(asked) == list(range(30))
        assert sorted(asked[:3] // 10) == [0, 1, 2]


def test_without_any_gradient_it_draws_at_random_and_says_so():
    X, y, _ = blobs()
    strategy = GradientLCMD(random_state=0).fit(X, y, np.zeros((9, 5)))
    with pytest.warns(UserWarning, match="GradientLCMD draws at random"):
        asked = strategy.query(9)
    assert sorted(asked) == list(range(9))


def test_bad_bias_is_refused():
    with pytest.raises(TypeError, match="bias' parameter of"):
        GradientLCMD(bias=1).fit([[0.0], [1.0]], [0, 1], [[0.5]])
