"""Picking by clusters of which only the distances are known."""

from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skactive.selection._k_medoids import _farthest_first, k_medoids


def apart(x):
    x = np.asarray(x, dtype=float)
    return np.abs(x[:, None] - x)


def total(D, medoids):
    return D[:, list(medoids)].min(axis=1).sum()


def test_clusters_on_a_line():
    assert_array_equal(k_medoids(apart([0, 1, 2, 9, 10, 11, 30]), 3), [1, 4, 6])
    assert_array_equal(k_medoids(apart([0, 1, 2, 9]), 1), [1])


def test_of_equal_members_the_first_is_the_center():
    assert_array_equal(k_medoids(apart([0, 1, 9, 8]), 2), [0, 2])
    assert_array_equal(k_medoids(apart([1, 0, 8, 9]), 2), [0, 2])


@pytest.mark.parametrize("n", [1, 2, 5, 6])
def test_equal_rows_are_told_apart(n):
    """The published code stops at a cluster that is empty."""
    assert_array_equal(k_medoids(np.zeros((6, 6)), n), np.arange(n))
    picks = k_medoids(apart([3, 3, 3, 0, 0, 3]), n)
    assert len(set(picks)) == n
    assert n == 1 or {0, 3} <= set(picks)
    picks = k_medoids(np.zeros((6, 6)), n, to_labeled=np.zeros(6))
    assert_array_equal(picks, np.arange(n))


def test_one_row_and_all_rows():
    assert_array_equal(k_medoids(np.zeros((1, 1)), 1), [0])
    assert_array_equal(k_medoids(apart([4, 0, 7]), 3), [0, 1, 2])
    assert_array_equal(k_medoids(apart([4]), 1, to_labeled=np.array([0.0])), [0])


def test_rows_like_labeled_ones_stand_for_nothing():
    x = [0, 1, 2, 3, 4, 20, 21, 22]
    assert_array_equal(k_medoids(apart(x), 1), [3])
    # Labeled at 2: the first five are near to it.
    to_labeled = np.abs(np.array(x) - 2.0)
    assert_array_equal(k_medoids(apart(x), 1, to_labeled=to_labeled), [6])
    # Two at the far end serve better than one at each.
    far = [0, 1, 20, 21, 40]
    picks = k_medoids(apart(far), 2, to_labeled=np.abs(np.array(far) - 0.5))
    assert_array_equal(picks, [2, 4])


@pytest.mark.parametrize("seed", range(20))
def test_no_exchange_within_a_cluster_is_better(seed):
    rng = np.random.RandomState(seed)
    Z = rng.standard_normal((12, 2))
    D = np.linalg.norm(Z[:, None] - Z, axis=2)
    before = D.copy()
    picks = k_medoids(D, 3)
    assert_array_equal(D, before)
    cluster = D[:, picks].argmin(axis=1)
    for k, medoid in enumerate(picks):
        members = np.flatnonzero(cluster == k)
        totals = D[np.ix_(members, members)].sum(axis=1)
        assert totals[members == medoid] == totals.min()
    assert total(D, picks) <= total(D, _farthest_first(D, 3, None))
    every = [total(D, c) for c in combinations(range(12), 3)]
    assert total(D, picks) < np.median(every)
