"""Squared distances by blocks: exact for copies, in float32 and far away."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from skactive.selection import k_center_greedy


def gaussian(n, d, seed=0):
    return np.random.RandomState(seed).standard_normal((n, d))


def blobs(n, d, seed=0):
    rng = np.random.RandomState(seed)
    return (
        rng.standard_normal((n, d))
        + rng.uniform(-9, 9, (12, d))[rng.randint(12, size=n)]
    )


def test_float32_far_from_the_origin_still_tells_distances_apart():
    # Multiples of 1/64 below 64 are exact in float32 at an offset of 100,000.
    rng = np.random.RandomState(0)
    Z = rng.randint(-4096, 4096, size=(2000, 3)) / 64
    expected, radius = k_center_greedy(Z, 50, return_radius=True)
    far = (Z + 100_000).astype(np.float32)
    np.testing.assert_array_equal(far - np.float32(100_000), Z)
    picks, far_radius = k_center_greedy(far, 50, return_radius=True)
    # The shift is known to 1/128, hence near-ties may fall otherwise; radii may not.
    assert far_radius == pytest.approx(radius, rel=0.02)
    assert picks[0] == expected[0]


def test_float32_resolves_clusters_tighter_than_its_products():
    # Two clusters 1000 apart, 0.01 wide: a.a + b.b - 2 a.b is off by about 0.1 here.
    offsets = np.array([0.0, 0.001, 0.004, 0.01], dtype=np.float32)
    Z = np.zeros((8, 3), dtype=np.float32)
    Z[:4, 0], Z[4:, 0] = 500, -500
    Z[:4, 1] = Z[4:, 1] = offsets
    Z_labeled = Z[[0, 4]]
    picks, radius = k_center_greedy(Z, 4, Z_labeled=Z_labeled, return_radius=True)
    assert set(picks[:2]) == {3, 7}
    assert set(picks[2:]) == {2, 6}
    assert radius == pytest.approx(0.001, rel=1e-5)


def test_row_of_zeros_is_at_cosine_distance_one():
    Z = np.array([[0.0, 0.0], [1.0, 0.5]])
    labeled = [[1.0, 0.0]]
    assert k_center_greedy(Z, 1, Z_labeled=labeled, metric="cosine").tolist() == [0]
    picks, radius = k_center_greedy(
        Z[[1, 0]], 1, Z_labeled=[[-1.0, 0.0]], metric="cosine", return_radius=True
    )
    assert picks.tolist() == [0]  # opposite: farther than 1
    assert radius == 1


def test_sparse_duplicates_are_at_distance_zero():
    Z = sparse.csr_array(np.repeat(gaussian(3, 4), 10, axis=0))
    picks, radius = k_center_greedy(Z, 3, random_state=0, return_radius=True)
    assert sorted(picks // 10) == [0, 1, 2]
    assert radius == 0


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("offset", [0, 3])
def test_float32_is_never_copied_whole(offset, metric):
    rng = np.random.RandomState(0)
    Z = rng.standard_normal((40_000, 256)).astype(np.float32) + np.float32(offset)
    tracemalloc.start()
    try:
        k_center_greedy(Z, 30, metric=metric, random_state=0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < Z.nbytes / 3


def test_float32_and_float64_agree_on_the_radius():
    Z = blobs(2000, 20)
    _, radius = k_center_greedy(Z, 100, return_radius=True)
    _, radius_32 = k_center_greedy(Z.astype(np.float32), 100, return_radius=True)
    assert radius_32 == pytest.approx(radius, rel=1e-3)
