"""Farthest-first traversal: blocks, ties, copies and outliers change nothing."""

import numpy as np
import pytest
from scipy import sparse

from skactive.selection import _distances, _farthest_first, k_center_greedy
from skactive.selection._distances import Rows
from skactive.selection._farthest_first import FarthestFirst


def gaussian(n, d, seed=0):
    return np.random.RandomState(seed).standard_normal((n, d))


def blobs(n, d, seed=0):
    rng = np.random.RandomState(seed)
    return (
        rng.standard_normal((n, d))
        + rng.uniform(-9, 9, (12, d))[rng.randint(12, size=n)]
    )


@pytest.mark.parametrize("n_outliers", [0, 5])
@pytest.mark.parametrize("block_rows", [1, 7, 3000])
def test_block_sizes_do_not_change_the_picks(monkeypatch, block_rows, n_outliers):
    Z = blobs(3000, 5)
    kwargs = {"Z_labeled": gaussian(20, 5), "n_outliers": n_outliers}
    expected = k_center_greedy(Z, 60, **kwargs)
    monkeypatch.setattr(_distances.Rows, "block_rows", block_rows)
    monkeypatch.setattr(_farthest_first, "STALE_ROWS", max(1, block_rows // 2))
    monkeypatch.setattr(_distances, "CENTERS", 7)
    monkeypatch.setattr(_farthest_first, "CENTERS", 7)
    np.testing.assert_array_equal(k_center_greedy(Z, 60, **kwargs), expected)


def test_block_sizes_do_not_change_how_ties_fall(monkeypatch):
    # A grid of whole numbers around 0: most distances are equal to many others.
    side = np.arange(-6.0, 7.0)
    Z = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    expected = k_center_greedy(Z, 100, Z_labeled=[[0.0, 0.0]], random_state=3)
    for block_rows in (1, 7, 50):
        monkeypatch.setattr(_distances.Rows, "block_rows", block_rows)
        picks = k_center_greedy(Z, 100, Z_labeled=[[0.0, 0.0]], random_state=3)
        np.testing.assert_array_equal(picks, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0, 1 / 3, 1234.567])
def test_identical_points_are_each_picked_once_in_seeded_order(dtype, offset):
    Z = np.full((30, 5), offset, dtype=dtype)
    orders = {tuple(k_center_greedy(Z, 30, random_state=seed)) for seed in range(5)}
    # The first pick is drawn in one way, the others in another.
    assert len({order[0] for order in orders}) > 1
    assert len({order[1:3] for order in orders}) == 5
    assert all(list(order[1:]) != sorted(order[1:]) for order in orders)
    assert all(sorted(order) == list(range(30)) for order in orders)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_copies_come_after_all_distinct_points(dtype, metric):
    Z = np.repeat(gaussian(3, 4), 10, axis=0).astype(dtype)
    for seed in range(10):
        picks, radius = k_center_greedy(
            Z, 3, metric=metric, random_state=seed, return_radius=True
        )
        assert sorted(picks // 10) == [0, 1, 2]
        assert radius == 0
        everything = k_center_greedy(Z, 30, metric=metric, random_state=seed)
        assert sorted(everything) == list(range(30))


def test_copies_of_labeled_rows_come_last():
    Z = gaussian(20, 3)
    picks = k_center_greedy(Z, 20, Z_labeled=Z[[4, 7, 11]])
    assert set(picks[-3:]) == {4, 7, 11}


def test_equal_distances_fall_by_the_seed():
    Z = np.array([[-1.0], [1.0], [0.5]])
    firsts = [
        k_center_greedy(Z, 1, Z_labeled=[[0.0]], random_state=s)[0] for s in range(99)
    ]
    assert set(firsts) == {0, 1}
    assert 30 < sum(firsts) < 70


@pytest.mark.parametrize("make", [np.array, sparse.csr_array])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_outliers", [0, 2])
def test_rows_of_zeros_are_copies_of_each_other(make, dtype, n_outliers):
    # All others are nearer to the label than 1, the cosine distance of zeros.
    others = np.abs(gaussian(10, 4)) + 0.5
    Z = np.vstack([np.zeros((20, 4)), others]).astype(dtype)
    firsts = set()
    for seed in range(8):
        kwargs = {"metric": "cosine", "n_outliers": n_outliers, "random_state": seed}
        for labeled in (None, np.ones((1, 4), dtype)):
            known = None if labeled is None else make(labeled)
            # Those passed over are left to the last.
            picks = k_center_greedy(make(Z), 30, Z_labeled=known, **kwargs)
            assert sorted(picks) == list(range(30))
            assert (picks[: 11 - n_outliers] < 20).sum() <= 1
            firsts.update(picks[picks < 20][:1].tolist())
        known = make(np.vstack([labeled, 0 * labeled]))
        picks = k_center_greedy(make(Z), 10 - n_outliers, Z_labeled=known, **kwargs)
        assert picks.min() >= 20
    assert len(firsts) > 3


@pytest.mark.parametrize("make", [np.array, sparse.csr_array])
def test_one_row_of_zeros_covers_the_others(make):
    Z = make(np.vstack([np.zeros((5, 2)), [[1.0, 0.0]]]))
    picks, radius = k_center_greedy(Z, 2, metric="cosine", return_radius=True)
    assert sorted(picks >= 5) == [False, True]
    assert radius == 0
    _, radius = k_center_greedy(Z, 1, metric="cosine", return_radius=True)
    assert radius == 1


# ------------------------------------------------------------ step by step


LINE = np.array([[1.0], [4.0], [9.0], [10.0]])


def search(Z, Z_labeled=None, n_outliers=0, seed=0):
    rows = Rows(np.asarray(Z, dtype=float), "euclidean")
    centers = None
    if Z_labeled is not None:
        Z_labeled = np.asarray(Z_labeled, dtype=float)
        centers = Rows(Z_labeled, "euclidean", like=rows)
    return FarthestFirst(rows, centers, n_outliers, np.random.RandomState(seed))


def test_picks_go_on_where_they_stopped():
    at_once = search(LINE, [[0.0]])
    at_once.pick(4)
    assert at_once.picked[:2].tolist() == [3, 1]
    steps = search(LINE, [[0.0]])
    for n, n_picked in ((1, 1), (1, 1), (3, 3), (2, 3), (4, 4)):
        steps.pick(n)
        np.testing.assert_array_equal(steps.picked, at_once.picked[:n_picked])


def test_the_radius_falls_with_each_pick_and_is_zero_at_the_end():
    # From 0: 10 is farthest; then 4, at distance 4; then 1 and 9, at distance 1.
    steps = search(LINE, [[0.0]])
    radii = [steps.radius_sq()]
    for n in range(1, 5):
        steps.pick(n)
        radii.append(steps.radius_sq())
    assert radii == [100, 16, 1, 1, 0]


def test_without_labels_the_first_pick_is_made_at_once():
    steps = search(LINE)  # the mean is 6
    assert steps.picked.tolist() == [1] and steps.radius_sq() == 36
    steps.pick(2)
    assert steps.picked.tolist() == [1, 3]


def test_outliers_are_passed_over_until_nothing_else_is_left():
    steps = search(LINE, [[0.0]], n_outliers=1)
    # 10 is passed over for 9. What is left is at 1, 4 and 1: 4 is passed over.
    steps.pick(1)
    assert steps.picked.tolist() == [2]
    assert steps.radius_sq() == 1
    steps.pick(4)
    assert sorted(steps.picked) == [0, 1, 2, 3]


def test_rows_at_distance_zero_fill_up_in_the_order_of_the_draw():
    steps = search([[5.0], [0.0], [0.0], [0.0]], [[0.0]], seed=3)
    steps.pick(4)
    rank = np.random.RandomState(3).permutation(4)
    assert steps.picked.tolist() == [0, *sorted([1, 2, 3], key=lambda i: rank[i])]
    assert steps.radius_sq() == 0


@pytest.mark.parametrize("skip, expected", [(0, 2), (1, 0), (2, 3), (3, 1)])
def test_the_largest_comes_first_and_ties_go_by_rank(skip, expected):
    values, rank = np.array([5.0, 1.0, 5.0, 3.0]), np.array([1, 3, 0, 2])
    assert FarthestFirst._first(values, rank, skip) == expected
