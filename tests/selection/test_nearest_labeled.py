"""Tests of skactive.selection._nearest_labeled."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skactive.selection import _nearest_labeled, k_center_greedy
from skactive.selection._nearest_labeled import NearestLabeled


def test_vector_of_the_specification():
    Z = np.array([0, 1, 2, 3, 10, 11, 12, 20, 5.5])[:, None]
    nearest = NearestLabeled(Z, "euclidean")
    D = [5.5, 4.5, 3.5, 2.5, 4.5, 5.5, 6.5, 14.5]
    assert_array_equal(np.sqrt(nearest.to(np.array([8])))[:8], D)
    D[-1] = 0
    assert_array_equal(np.sqrt(nearest.to(np.array([7, 8])))[:8], D)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, np.float32])
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_distances_and_picks_are_those_of_a_fresh_start(kind, metric):
    rng = np.random.RandomState(0)
    Z = rng.normal(size=(200, 5)) + 3
    Z[50] = Z[51] = Z[52] = 0
    Z[60:64] = Z[3]
    Z = kind(Z)
    nearest, labeled = NearestLabeled(Z, metric), np.array([5, 51])
    for round in range(5):
        pool = np.setdiff1d(np.arange(200), [*labeled, 9])
        got = nearest.farthest(7, labeled, pool, 0, np.random.RandomState(round))
        expected = k_center_greedy(
            Z[pool], 7, Z_labeled=Z[labeled], metric=metric, random_state=round
        )
        assert_array_equal(got, expected)
        fresh = NearestLabeled(Z, metric).to(labeled)
        tolerance = 1e-5 if Z.dtype == np.float32 else 1e-12
        assert_allclose(nearest.sq, fresh, rtol=tolerance, atol=tolerance)
        labeled = np.union1d(labeled, pool[got])


def test_only_new_labels_are_looked_at_and_all_when_one_is_taken_back(monkeypatch):
    looked = []
    whole = _nearest_labeled.nearest_sq_all

    def counted(rows, centers, at):
        looked.append(sorted(at))
        return whole(rows, centers, at)

    monkeypatch.setattr(_nearest_labeled, "nearest_sq_all", counted)
    nearest = NearestLabeled(np.arange(9.0)[:, None], "euclidean")
    for labeled in ([2, 4], [2, 4, 7], [2, 4, 7], [2, 7], [2, 5]):
        sq = nearest.to(np.array(labeled))
        expected = np.square(np.arange(9)[:, None] - labeled).min(axis=1)
        assert_array_equal(sq, expected)
    assert looked == [[2, 4], [7], [2, 7], [2, 5]]


def test_with_nothing_labeled_the_first_pick_is_the_middle():
    Z = np.array([[0.0], [4.0], [5.0], [11.0]])
    nothing, rng = np.empty(0, dtype=int), np.random.RandomState(0)
    got = NearestLabeled(Z, "euclidean").farthest(2, nothing, np.arange(4), 0, rng)
    assert_array_equal(got, k_center_greedy(Z, 2, random_state=0))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_rows_that_are_not_finite_are_named(bad):
    Z = np.zeros((4, 2))
    Z[3, 1] = bad
    with pytest.raises(ValueError, match=r"X\[3\] holds NaN, an infinity"):
        NearestLabeled(Z, "euclidean")
