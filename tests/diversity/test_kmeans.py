"""KMeansSampling: one typical sample from each part of the pool."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_blobs
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator

from skactive.diversity import KMeansSampling
from skactive.selection import kmeans_representatives

CENTERS = np.array([[0.0, 0.0], [40.0, 0.0], [0.0, 40.0], [40.0, 40.0]])


def test_asks_for_one_sample_near_the_middle_of_each_blob():
    X, blob = make_blobs([30, 90, 60, 120], centers=CENTERS, random_state=0)
    asked = KMeansSampling(random_state=0).fit(X).query(4)
    assert blob[asked].tolist() == [3, 1, 2, 0]  # larger first
    assert (np.linalg.norm(X[asked] - CENTERS[blob[asked]], axis=1) < 1).all()


def test_labeled_samples_change_nothing():
    X_pool = make_blobs(100, centers=CENTERS, random_state=0)[0]
    cold = KMeansSampling(random_state=0).fit(X_pool).query(4)
    warm = KMeansSampling(random_state=0).fit(CENTERS, [0, 1, 0, 1], X_pool).query(4)
    np.testing.assert_array_equal(cold, warm)


def test_clusters_the_embedding():
    X = np.random.RandomState(0).standard_normal((200, 6)) * [1, 1, 1, 1, 9, 9]
    pca = PCA(2, svd_solver="full").fit(X)
    strategy = KMeansSampling(FrozenEstimator(pca), random_state=0).fit(X)
    expected = kmeans_representatives(
        pca.transform(X), 7, random_state=strategy._query_random_state()
    )
    np.testing.assert_array_equal(strategy.query(7), expected)


def test_asked_twice_answers_twice_the_same():
    X = np.random.RandomState(0).standard_normal((300, 3))
    strategy = KMeansSampling(random_state=0).fit(X)
    first = strategy.query(20)
    np.testing.assert_array_equal(strategy.query(20), first)


@pytest.mark.parametrize("n", [1, 4, 29, 30])
def test_pool_of_three_distinct_samples(n):
    X = np.repeat(np.random.RandomState(0).standard_normal((3, 2)), 10, axis=0)
    asked = KMeansSampling(random_state=0).fit(X).query(n)
    assert len(set(asked)) == n
    assert len(set(asked[:3] // 10)) == min(n, 3) or n == 30


def test_sparse_pool_is_asked_as_a_dense_one():
    X = make_blobs(120, centers=CENTERS, random_state=0)[0]
    dense = KMeansSampling(random_state=0).fit(X).query(4)
    csr = KMeansSampling(random_state=0).fit(sparse.csr_array(X)).query(4)
    np.testing.assert_array_equal(csr, dense)
