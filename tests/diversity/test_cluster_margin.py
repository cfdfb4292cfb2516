"""ClusterMargin: turns on paper, clusters against scipy's, and small margins alone."""

import numpy as np
import pytest
from scipy import sparse, stats
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression

from skactive.diversity import ClusterMargin
from skactive.diversity import _cluster_margin as module
from skactive.diversity._cluster_margin import (
    _condensed_distances,
    in_turn,
    linked_clusters,
)
from skactive.selection import _distances
from skactive.selection._d2 import Points


def blobs(n=300, d=5):
    X, y = make_blobs(n, d, centers=4, cluster_std=3.0, random_state=0)
    X /= X.std()
    return X[:40], y[:40], X[40:]


def same_partition(a, b):
    pairs = len(set(zip(a, b, strict=True)))
    return pairs == len(set(a)) == len(set(b))


def test_turns_on_paper():
    # Clusters A = {0, 1}, B = {3}, C = {4, 5} of the rows 0, 1, 3, 4, 5.
    rows, labels = np.array([0, 1, 3, 4, 5]), np.array([0, 0, 1, 2, 2])
    seconds = []
    for seed in range(400):
        asked = rows[in_turn(labels, 5, np.random.RandomState(seed))]
        assert asked[0] == 3
        assert {frozenset(asked[1:3] // 4), frozenset(asked[3:5] // 4)} == {
            frozenset([0, 1])
        }
        assert sorted(asked) == [0, 1, 3, 4, 5]
        seconds.append(asked[1])
    counts = np.bincount(seconds, minlength=6)[[0, 1, 4, 5]]
    assert stats.chisquare(counts).pvalue > 0.001


def test_small_clusters_come_first_and_exhausted_ones_are_skipped():
    labels = np.array([7, 7, 7, 7, 2, 9, 9])
    asked = labels[in_turn(labels, 7, np.random.RandomState(0))]
    assert asked.tolist() == [2, 9, 7, 9, 7, 7, 7]


@pytest.mark.parametrize("size", [1, 7, 60])
def test_distances_are_those_of_scipy_whatever_the_blocks(monkeypatch, size):
    monkeypatch.setattr(_distances, "MAX_BLOCK_ROWS", size)
    monkeypatch.setattr(module, "CENTERS", size)
    Z = np.random.RandomState(0).standard_normal((60, 4))
    np.testing.assert_allclose(_condensed_distances(Points(Z)), pdist(Z), rtol=1e-10)
    csr = _condensed_distances(Points(sparse.csr_array(Z)))
    np.testing.assert_allclose(csr, pdist(Z), rtol=1e-10)


def test_clusters_are_those_of_average_linkage():
    Z = np.random.RandomState(0).standard_normal((90, 3))
    wanted = np.arange(0, 90, 2)
    ours = linked_clusters(Z, 8, 5000, wanted, np.random.RandomState(0))
    theirs = fcluster(linkage(pdist(Z), "average"), 8, "maxclust")[wanted]
    assert same_partition(ours, theirs)


def test_what_was_not_linked_belongs_to_the_nearest_mean():
    rng = np.random.RandomState(0)
    truth = np.repeat([0, 1, 2], 100)
    Z = np.array([[0.0, 0], [50, 0], [0, 50]])[truth] + rng.standard_normal((300, 2))
    for form in (np.asarray, sparse.csr_array):
        labels = linked_clusters(form(Z), 3, 40, np.arange(300), rng)
        assert same_partition(labels, truth)


def test_asks_for_small_margins_alone():
    X, y, X_pool = blobs()
    strategy = ClusterMargin(oversampling=3, random_state=0).fit(X, y, X_pool)
    second, first = np.sort(strategy.estimator_.predict_proba(X_pool))[:, -2:].T
    smallest = np.argsort(first - second)[:30]
    asked = strategy.query(10)
    assert set(asked) <= set(smallest)
    assert set(asked) != set(smallest[:10])


def test_without_oversampling_it_is_margin_sampling():
    X, y, X_pool = blobs()
    strategy = ClusterMargin(oversampling=1, random_state=0).fit(X, y, X_pool)
    second, first = np.sort(strategy.estimator_.predict_proba(X_pool))[:, -2:].T
    assert set(strategy.query(12)) == set(np.argsort(first - second)[:12])


@pytest.mark.parametrize("n_clusters", [1, 5, 500])
@pytest.mark.parametrize("max_linked", [2, 50, 5000])
def test_any_number_of_clusters_will_do(n_clusters, max_linked):
    X, y, X_pool = blobs()
    strategy = ClusterMargin(
        n_clusters=n_clusters, max_linked=max_linked, random_state=0
    ).fit(X, y, X_pool)
    assert sorted(strategy.query(260)) == list(range(260))


def test_pools_of_copies_and_of_one_are_asked_once_each():
    X, y, _ = blobs()
    X_pool = np.repeat(X[:3], 10, axis=0)
    assert sorted(ClusterMargin().fit(X, y, X_pool).query(30)) == list(range(30))
    assert ClusterMargin().fit(X, y, X_pool[:1]).query(1).tolist() == [0]


def test_sparse_pools_are_asked_as_dense_ones():
    X, y, X_pool = blobs()
    strategy = ClusterMargin(LogisticRegression(C=0.1), random_state=0)
    dense = strategy.fit(X, y, X_pool).query(20)
    csr = strategy.fit(sparse.csr_array(X), y, sparse.csr_array(X_pool)).query(20)
    np.testing.assert_array_equal(csr, dense)


@pytest.mark.parametrize(
    ("params", "error", "match"),
    [
        ({"oversampling": 0.5}, ValueError, "oversampling' parameter of"),
        ({"oversampling": float("inf")}, ValueError, "oversampling' parameter of"),
        ({"oversampling": "ten"}, ValueError, "oversampling' parameter of"),
        ({"n_clusters": 0}, ValueError, "'n_clusters' parameter of"),
        ({"n_clusters": 2.0}, TypeError, "parameter of"),
        ({"max_linked": 1}, ValueError, "'max_linked' parameter of"),
        ({"max_linked": None}, TypeError, "parameter of"),
    ],
)
def test_bad_parameters_are_refused(params, error, match):
    with pytest.raises(error, match=match):
        ClusterMargin(**params).fit([[0.0], [1.0]], [0, 1], [[0.5]])
