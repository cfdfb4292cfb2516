"""The smallest covering radius, against brute force over all subsets."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy import sparse
from scipy.spatial.distance import cdist

from skactive.selection import k_center_greedy
from skactive.selection._robust import _Limits, _Search, robust_k_center


def gaussian(n, d, seed=0):
    return np.random.RandomState(seed).standard_normal((n, d))


def radius_of(Z, picks, Z_labeled, n_outliers):
    centers = Z[picks] if Z_labeled is None else np.vstack([Z_labeled, Z[picks]])
    return np.sort(cdist(Z, centers).min(axis=1))[len(Z) - 1 - n_outliers]


def column(*numbers):
    return np.array(numbers, dtype=float)[:, None]


@pytest.mark.parametrize(
    ("pool", "n_outliers", "radius", "asked"),
    [
        # Greedily 8 is picked, of radius 4. Halving squared distances would search from
        # 8 on and miss the square of 2.
        ([4, 6, 8], 0, 2.0, {1}),
        # Below 2, two samples have to be left out.
        ([4, 6, 8], 1, 2.0, {0, 1, 2}),
        ([4, 6, 8], 2, 0.0, {0, 1, 2}),
        ([1, 2, 100], 0, 2.0, {2}),
        # Not if the variables of outliers are fixed at 0.
        ([1, 2, 100], 1, 1.0, {0, 1}),
        ([1, 2, 100], 2, 0.0, {0, 1}),
    ],
)
def test_numbers_of_the_line(pool, n_outliers, radius, asked):
    cover = robust_k_center(
        column(*pool), 1, Z_labeled=[[0.0]], n_outliers=n_outliers, random_state=0
    )
    assert cover.radius == cover.lower_bound == radius
    assert set(cover.positions) <= asked
    assert cover.gap == 0 and not cover.stopped


@pytest.mark.parametrize(
    ("distance", "least_outliers"), [(4.0, 0), (3.0, 0), (2.0, 0), (1.9, 2)]
)
def test_the_program_leaves_out_no_more_rows_than_it_must(distance, least_outliers):
    sq = (column(4, 6, 8) - column(4, 6, 8).T) ** 2
    for n_outliers in range(3):
        search = _Search(sq, np.array([16.0, 36, 64]), 1, n_outliers, _Limits(9, None))
        found = search._solve(distance**2)
        if n_outliers < least_outliers:
            assert found is True  # proven to be impossible
        else:
            near = np.minimum([4, 6, 8], np.sqrt(sq[found[0]]))
            assert (near > distance).sum() <= n_outliers


def test_labeled_rows_are_those_given_and_not_the_first_of_the_pool():
    cover = robust_k_center(column(0, 2, 8), 1, Z_labeled=[[8.0]])
    assert cover.radius == 2
    assert cover.positions[0] in (0, 1)
    cover = robust_k_center(column(0, 2, 8), 1, Z_labeled=[[8.0], [9.0]])
    assert cover.positions[0] in (0, 1)


@pytest.mark.parametrize("n_labeled", [0, 1, 3])
@pytest.mark.parametrize("n_outliers", [0, 1, 3])
@pytest.mark.parametrize("kind", ["plane", "grid", "copies", "far"])
def test_no_subset_is_better(kind, n_outliers, n_labeled):
    for seed, n in enumerate((1, 2, 3, 5)):
        Z = gaussian(9 + n_labeled, 2, seed)
        if kind == "grid":
            Z = np.round(2 * Z)
        if kind == "copies":
            Z = Z[np.arange(len(Z)) // 2]
        if kind == "far":
            Z += 1e6
        labeled, Z = (Z[:n_labeled] if n_labeled else None), Z[n_labeled:]
        cover = robust_k_center(
            Z, n, Z_labeled=labeled, n_outliers=n_outliers, random_state=0
        )
        best = min(
            radius_of(Z, list(picks), labeled, n_outliers)
            for picks in combinations(range(len(Z)), n)
        )
        own = radius_of(Z, cover.positions, labeled, n_outliers)
        tight = {"rtol": 1e-6 if kind == "far" else 1e-12, "atol": 1e-12}
        np.testing.assert_allclose(own, best, **tight)
        np.testing.assert_allclose([cover.radius, cover.lower_bound], best, **tight)
        assert len(set(cover.positions)) == n


@pytest.mark.parametrize("n_outliers", [0, 3])
@pytest.mark.parametrize("seed", range(3))
def test_greedy_is_at_most_twice_as_far(seed, n_outliers):
    Z, labeled = gaussian(80, 2, seed), gaussian(4, 2, seed + 10)
    cover = robust_k_center(Z, 6, Z_labeled=labeled, n_outliers=n_outliers)
    picks, radius = k_center_greedy(
        Z, 6, Z_labeled=labeled, n_outliers=n_outliers, return_radius=True
    )
    assert cover.greedy_radius == pytest.approx(
        radius_of(Z, picks, labeled, n_outliers), rel=1e-12
    )
    if n_outliers == 0:
        assert cover.greedy_radius == pytest.approx(radius, rel=1e-12)
        assert cover.greedy_radius <= 2 * cover.radius
    assert cover.lower_bound == cover.radius <= cover.greedy_radius
    own = radius_of(Z, cover.positions, labeled, n_outliers)
    assert cover.radius == pytest.approx(own, rel=1e-12)


def test_turned_and_moved_rows_have_the_same_radius():
    Z, labeled = gaussian(60, 3), gaussian(3, 3, seed=1)
    turn = np.linalg.qr(gaussian(3, 3, seed=2))[0]
    cover = robust_k_center(Z, 5, Z_labeled=labeled, n_outliers=2)
    moved = robust_k_center(
        Z @ turn + 100, 5, Z_labeled=labeled @ turn + 100, n_outliers=2
    )
    assert moved.radius == pytest.approx(cover.radius, rel=1e-9)
    assert moved.lower_bound == pytest.approx(cover.radius, rel=1e-9)


def test_sparse_rows_are_covered_as_dense_ones():
    Z = np.maximum(gaussian(40, 6), 0)
    dense = robust_k_center(Z, 4, Z_labeled=Z[:2], random_state=0)
    csr = robust_k_center(
        sparse.csr_array(Z), 4, Z_labeled=sparse.csr_array(Z[:2]), random_state=0
    )
    np.testing.assert_array_equal(csr.positions, dense.positions)
    assert csr.radius == pytest.approx(dense.radius, rel=1e-12)


def test_float32_is_recomputed_to_its_digits():
    Z = gaussian(50, 4).astype(np.float32)
    cover = robust_k_center(Z, 4, n_outliers=1)
    own = radius_of(Z, cover.positions, None, 1)
    assert cover.radius == pytest.approx(own, rel=1e-5)


@pytest.mark.parametrize("n_outliers", [0, 4])
def test_a_pick_is_not_wasted_on_an_outlier(n_outliers):
    # An outlier is left out, and so a near row is not; the other way round the radius
    # is the same.
    Z = np.vstack([gaussian(30, 2), 1000 * gaussian(4, 2, seed=1)])
    for n in (8, 20):
        cover = robust_k_center(Z, n, n_outliers=n_outliers)
        assert (cover.positions >= 30).sum() == (0 if n_outliers else 4)


def test_picks_that_cover_more_come_first():
    Z = column(0, 1, 2, 3, 4, 50, 51, 52, 90)
    cover = robust_k_center(Z, 3)
    first, second, third = cover.positions
    assert first == 2 and second in (5, 6, 7) and third == 8
    assert cover.radius == 2


def test_all_rows_may_be_picked():
    cover = robust_k_center(gaussian(7, 2), 7, n_outliers=2)
    assert sorted(cover.positions) == list(range(7))
    assert cover.radius == cover.gap == 0
    same = robust_k_center(np.ones((6, 2)), 2)
    assert same.radius == 0 and len(set(same.positions)) == 2


def cube(d):
    return np.array(list(product([0.0, 1.0], repeat=d)))


@pytest.mark.parametrize(("d", "n"), [(3, 2), (4, 4), (5, 7), (6, 12)])
def test_covering_codes_have_their_known_sizes(d, n):
    # The least numbers of binary words of length d within one bit of all others.
    cover = robust_k_center(cube(d), n)
    assert cover.radius == cover.lower_bound == 1
    fewer = robust_k_center(cube(d), n - 1)
    assert fewer.radius == fewer.lower_bound > 1


def test_a_limit_leaves_an_honest_gap():
    limited, again = (
        robust_k_center(cube(5), 6, node_limit=1, random_state=0) for _ in range(2)
    )
    np.testing.assert_array_equal(again.positions, limited.positions)
    assert limited.stopped
    assert limited.lower_bound == 1  # which no six words reach
    assert limited.radius == pytest.approx(np.sqrt(2))
    assert limited.gap == pytest.approx(1 - 1 / np.sqrt(2))


def test_no_time_leaves_the_greedy_picks():
    Z = gaussian(60, 2)
    cover = robust_k_center(Z, 5, time_limit=0.0)
    assert cover.radius == cover.greedy_radius and cover.stopped
    assert cover.greedy_radius / 2 <= cover.lower_bound * (1 + 1e-8)
    exact = robust_k_center(Z, 5)
    assert cover.lower_bound <= exact.radius < cover.radius


@pytest.mark.parametrize(
    ("Z", "n", "error", "match"),
    [
        ([[1.0], [2.0]], 3, ValueError, "between 1 and 2"),
        ([[1.0], [np.nan]], 1, ValueError, r"Z\[1\] holds NaN"),
        ([1.0, 2.0], 1, ValueError, "Z must have shape"),
        ([[1.0], [2.0]], "1", TypeError, "n must be an integer"),
    ],
)
def test_bad_input_is_refused(Z, n, error, match):
    with pytest.raises(error, match=match):
        robust_k_center(Z, n)
