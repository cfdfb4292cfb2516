"""Largest cluster, maximum distance: on paper, and against a slow reference."""

import numpy as np
import pytest
from scipy import sparse, stats
from sklearn.metrics import pairwise_distances

from skactive.selection import _d2, _distances, k_center_greedy, largest_cluster

LINE = np.array([[0.0], [1], [2], [3], [10], [11], [12], [30]])


def naive(Z, n, Z_labeled):
    """All squared distances; each cluster summed anew for each pick."""
    every = pairwise_distances(Z, np.vstack([Z_labeled, Z]), "sqeuclidean")
    centers, picks = list(range(len(Z_labeled))), []
    for _ in range(n):
        to = every[:, centers]
        owner, sq = to.argmin(axis=1), to.min(axis=1)
        heaviest = np.argmax([sq[owner == c].sum() for c in range(len(centers))])
        members = np.flatnonzero(owner == heaviest)
        picks.append(members[sq[members].argmax()])
        centers.append(len(Z_labeled) + picks[-1])
    return picks


def test_line_on_paper():
    # Sums: 1279; then 379 and 0; then 14, 0 and 5.
    assert largest_cluster(LINE, 3, Z_labeled=[[0.0]]).tolist() == [7, 6, 3]


def test_a_heavy_cluster_comes_before_the_farthest_row():
    # Three rows around 0 at distance 2 weigh 12; one outlier 3 from 10 weighs 9.
    Z = np.array([[2.0, 0], [0, 2], [-2, 0], [13, 0]])
    labeled = [[0.0, 0], [10, 0]]
    assert largest_cluster(Z, 1, Z_labeled=labeled)[0] in (0, 1, 2)
    assert k_center_greedy(Z, 1, Z_labeled=labeled).tolist() == [3]


@pytest.mark.parametrize("size", [1, 7, 80])
@pytest.mark.parametrize("seed", range(4))
def test_picks_are_those_of_all_distances_whatever_the_blocks(monkeypatch, size, seed):
    monkeypatch.setattr(_distances, "MAX_BLOCK_ROWS", size)
    monkeypatch.setattr(_d2, "CENTERS", size)
    rng = np.random.RandomState(seed)
    Z, labeled = rng.standard_normal((80, 3)), rng.standard_normal((11, 3))
    picks = largest_cluster(Z, 40, Z_labeled=labeled, random_state=0)
    assert picks.tolist() == naive(Z, 40, labeled)


def test_with_nothing_labeled_begins_farthest_from_the_mean():
    assert largest_cluster([[0.0], [1.0], [2.0], [9.0]], 2).tolist() == [3, 0]


def test_few_picks_are_the_beginning_of_many():
    Z = np.random.RandomState(0).standard_normal((70, 5))
    many = largest_cluster(Z, 70, random_state=3)
    assert sorted(many) == list(range(70))
    for n in (1, 2, 33):
        picks = largest_cluster(Z, n, random_state=3)
        np.testing.assert_array_equal(picks, many[:n])


def test_picks_do_not_change_when_the_space_is_turned_and_moved():
    rng = np.random.RandomState(0)
    Z, labeled = rng.standard_normal((60, 4)), rng.standard_normal((3, 4))
    turn = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    for seen in (labeled, None):
        moved = None if seen is None else 3 + seen @ turn
        np.testing.assert_array_equal(
            largest_cluster(Z, 20, Z_labeled=seen),
            largest_cluster(3 + Z @ turn, 20, Z_labeled=moved),
        )


def test_sparse_rows_are_picked_as_dense_ones():
    rng = np.random.RandomState(0)
    Z, labeled = rng.poisson(0.5, (60, 8)) * rng.uniform(size=(60, 8)), rng.rand(4, 8)
    csr = largest_cluster(sparse.csr_array(Z), 25, Z_labeled=sparse.csr_array(labeled))
    np.testing.assert_array_equal(csr, largest_cluster(Z, 25, Z_labeled=labeled))


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_rows_that_coincide_come_in_uniform_order(value):
    lasts = [
        largest_cluster(np.full((4, 2), value), 4, random_state=seed)
        for seed in range(800)
    ]
    assert all(sorted(picks) == [0, 1, 2, 3] for picks in lasts)
    for place in (0, 3):
        counts = np.bincount([picks[place] for picks in lasts], minlength=4)
        assert stats.chisquare(counts).pvalue > 0.001


def test_copies_of_three_rows_are_picked_after_the_three():
    Z = np.repeat(np.random.RandomState(0).standard_normal((3, 2)), 10, axis=0)
    picks = largest_cluster(Z.astype(np.float32), 30, random_state=0)
    assert sorted(picks) == list(range(30))
    assert sorted(picks[:3] // 10) == [0, 1, 2]


def test_float32_and_memory_maps_are_worked_on_as_they_are(tmp_path):
    Z = np.random.RandomState(0).standard_normal((90, 6)).astype(np.float32)
    Z.tofile(tmp_path / "Z")
    mapped = np.memmap(tmp_path / "Z", np.float32, mode="r", shape=Z.shape)
    expected = largest_cluster(Z, 30, random_state=0)
    np.testing.assert_array_equal(largest_cluster(mapped, 30, random_state=0), expected)


@pytest.mark.parametrize(
    ("Z", "n", "labeled", "match"),
    [
        (LINE, 0, None, "between 1 and 8"),
        (LINE, 9, None, "between 1 and 8"),
        (np.full((3, 2), np.nan), 1, None, r"Z\[0\] holds NaN"),
        (LINE, 1, [[0.0, 1.0]], "same embedding"),
        (LINE, 1, [[np.inf]], r"Z_labeled\[0\]"),
    ],
)
def test_bad_input_is_refused(Z, n, labeled, match):
    with pytest.raises(ValueError, match=match):
        largest_cluster(Z, n, Z_labeled=labeled)
