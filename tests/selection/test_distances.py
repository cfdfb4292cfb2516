"""Squared distances by blocks: exact for copies, in float32 and far away."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from skactive.selection import _distances, k_center_greedy
from skactive.selection._distances import (
    Rows,
    blas_threads,
    nearest_sq_all,
    pairwise_sq,
)


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


# ------------------------------------------------------------ against all differences


def reference(A, B, metric="euclidean"):
    """Squared distances from differences, in float64."""
    A, B = np.asarray(A, dtype=float), np.asarray(B, dtype=float)
    if metric == "cosine":
        A, B = (Z / np.linalg.norm(Z, axis=1, keepdims=True) for Z in (A, B))
    return ((A[:, None] - B[None]) ** 2).sum(axis=2)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("container", [np.array, sparse.csr_array])
@pytest.mark.parametrize("offset", [0, 50])
@pytest.mark.parametrize("n_centers", [1, 3, 5, 300])
def test_nearest_of_many_centers_are_those_of_all_differences(
    monkeypatch, metric, container, offset, n_centers
):
    monkeypatch.setattr(_distances, "MAX_BLOCK_ROWS", 17)
    Z, C = gaussian(60, 4) + offset, gaussian(n_centers, 4, seed=1) + offset
    rows = Rows(container(Z), metric)
    centers = Rows(container(C), metric, like=rows)
    expected = reference(Z, C, metric)
    found = nearest_sq_all(rows, centers)
    np.testing.assert_allclose(found, expected.min(axis=1), rtol=1e-9, atol=1e-12)
    some = np.arange(n_centers)[::2]
    found = nearest_sq_all(rows, centers, at=some)
    expected = expected[:, some].min(axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("container", [np.array, sparse.csr_array])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pairs_that_coincide_are_at_exactly_zero_and_no_others(container, dtype):
    Z = gaussian(40, 30).astype(dtype) * 1000
    Z[7] = Z[3]
    Z[9] = Z[3]
    Z[9, 0] = np.nextafter(Z[3, 0], dtype(np.inf))
    rows = Rows(container(Z), "euclidean")
    at = np.array([3, 20])
    sq = pairwise_sq(rows.take(slice(None)), rows.sq, rows.take(at), rows.sq[at])
    assert sq.shape == (2, 40) and sq.dtype == dtype
    assert np.flatnonzero(sq[0] == 0).tolist() == [3, 7]
    # One step of the last place of one feature: the square of that step.
    assert sq[0, 9] == (Z[9, 0] - Z[3, 0]) ** 2
    assert np.flatnonzero(sq[1] == 0).tolist() == [20]


def test_no_centers_leave_everything_infinitely_far():
    rows = Rows(gaussian(5, 2), "euclidean")
    assert nearest_sq_all(rows, rows, at=[]).tolist() == [np.inf] * 5


@pytest.mark.parametrize("n_rows", [1, 16, 17, 100])
def test_parts_cover_all_rows_once_and_in_order(monkeypatch, n_rows):
    monkeypatch.setattr(_distances, "MAX_BLOCK_ROWS", 17)
    rows = Rows(gaussian(n_rows, 3), "euclidean")
    covered = np.concatenate([np.arange(n_rows)[part] for part in rows.parts()])
    assert covered.tolist() == list(range(n_rows)) and len(rows) == n_rows
    assert all(part.stop - part.start <= 17 for part in rows.parts())


def test_a_block_has_so_many_bytes_and_never_fewer_than_sixteen_rows():
    # 2**21 bytes: 2048 rows of 128 float64, 512 of 1024 float32, 16 of the widest.
    assert Rows(np.zeros((1, 128)), "euclidean").block_rows == 2048
    assert Rows(np.zeros((1, 512)), "euclidean").block_rows == 512
    assert Rows(np.zeros((1, 1024), np.float32), "euclidean").block_rows == 512
    assert Rows(np.zeros((1, 10**6)), "euclidean").block_rows == 16
    # Two of a million columns are stored: five numbers for each row.
    wide = sparse.csr_array(([1.0, 1.0], ([0, 0], [0, 9])), shape=(1, 10**6))
    assert Rows(wide, "euclidean").block_rows == 2048


@pytest.mark.parametrize("where", [slice(2, 6), np.array([5, 2, 2])])
@pytest.mark.parametrize("offset", [0, 100])
def test_rows_that_are_taken_are_shifted_together_and_the_pool_stays(where, offset):
    Z = gaussian(9, 3) + offset
    before = Z.copy()
    rows = Rows(Z, "euclidean")
    assert (rows.shift is None) == (offset == 0)
    taken = rows.take(where)
    shift = 0 if rows.shift is None else rows.shift
    np.testing.assert_allclose(taken, before[where] - shift)
    np.testing.assert_allclose(rows.sq, ((before - shift) ** 2).sum(axis=1))
    np.testing.assert_array_equal(Z, before)
    # Others are shifted by as much, or distances to them would be wrong.
    assert Rows(Z + 1, "euclidean", like=rows).shift is rows.shift


@pytest.mark.parametrize("container", [np.array, sparse.csr_array])
def test_directions_have_length_one_and_zeros_have_none(container):
    rows = Rows(container([[3.0, 4.0], [0.0, 0.0], [0.0, -2.0]]), "cosine")
    taken = rows.take(slice(None))
    taken = taken.toarray() if sparse.issparse(taken) else taken
    np.testing.assert_allclose(taken, [[0.6, 0.8], [0, 0], [0, -1]])
    assert rows.zeros.tolist() == [1]
    centers, sq = rows.take(np.array([0])), rows.sq[[0]]
    found = pairwise_sq(rows.take(slice(None)), rows.sq, centers, sq)[0] / 2
    np.testing.assert_allclose(found, [0, 1, 1.8], atol=1e-15)


@pytest.mark.parametrize("container", [np.array, sparse.csr_array])
@pytest.mark.parametrize("offset", [0, 30])
def test_distances_to_the_mean_are_right_up_to_a_constant(container, offset):
    Z = gaussian(50, 3) + offset
    far = ((Z - Z.mean(axis=0)) ** 2).sum(axis=1)
    found = Rows(container(Z), "euclidean").sq_to_mean()
    np.testing.assert_allclose(found - found.min(), far - far.min(), atol=1e-9)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("container", [np.array, sparse.csr_array])
@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e200])
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_the_first_row_that_cannot_be_measured_is_named(metric, container, bad):
    Z = np.ones((5, 2))
    Z[3, 1] = Z[4, 0] = bad
    with pytest.raises(ValueError, match=r"mine\[3\] holds NaN, an infinity, or numb"):
        Rows(container(Z), metric, name="mine")


def test_threads_are_held_to_the_limit_and_given_back():
    def threads():
        pools = _distances._threadpools().info()
        return {pool["num_threads"] for pool in pools if pool["user_api"] == "blas"}

    before = threads()
    with blas_threads(1):
        assert threads() == {1}
    assert threads() == before
    with blas_threads(None):
        assert threads() == before
