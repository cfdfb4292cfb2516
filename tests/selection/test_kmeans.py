"""D**2 drawing against its enumerated law, and k-means representatives."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse, stats
from sklearn.datasets import make_blobs

from skactive.selection import kmeans_plusplus, kmeans_representatives


def test_first_draw_follows_squared_distances():
    # Labeled 0; rows 1, 2, 3: probabilities 1/14, 4/14, 9/14.
    Z = np.array([[1.0], [2.0], [3.0]])
    draws = [
        kmeans_plusplus(Z, 1, Z_labeled=[[0.0]], random_state=seed)[0]
        for seed in range(2000)
    ]
    counts = np.bincount(draws, minlength=3)
    assert stats.chisquare(counts, np.array([1, 4, 9]) / 14 * 2000).pvalue > 0.001


def test_sequences_follow_the_law_of_one_draw_after_the_other():
    Z = np.array([[0.0], [1.0], [3.0], [7.0]])
    expected = {}
    for i in range(4):
        d = (Z[:, 0] - Z[i, 0]) ** 2
        for j in np.flatnonzero(d):
            d2 = np.minimum(d, (Z[:, 0] - Z[j, 0]) ** 2)
            for k in np.flatnonzero(d2):
                expected[i, j, k] = d[j] / d.sum() * d2[k] / d2.sum() / 4
    n_draws = 6000
    counts = dict.fromkeys(expected, 0)
    for seed in range(n_draws):
        counts[tuple(kmeans_plusplus(Z, 3, random_state=seed))] += 1
    observed = np.array([counts[s] for s in expected])
    law = n_draws * np.array(list(expected.values()))
    rare = law < 5
    observed = np.r_[observed[~rare], observed[rare].sum()]
    law = np.r_[law[~rare], law[rare].sum()]
    assert stats.chisquare(observed, law).pvalue > 0.001


def test_whole_pool_is_drawn_without_repetition():
    Z = np.repeat(np.random.RandomState(0).standard_normal((3, 2)), 10, axis=0)
    draws = kmeans_plusplus(Z, 30, random_state=0)
    assert sorted(draws) == list(range(30))
    assert sorted(draws[:3] // 10) == [0, 1, 2]


def test_sparse_rows_are_drawn_as_dense_ones():
    Z = np.random.RandomState(0).standard_normal((100, 5))
    expected = kmeans_plusplus(Z, 30, random_state=0)
    draws = kmeans_plusplus(sparse.csr_array(Z), 30, random_state=0)
    np.testing.assert_array_equal(draws, expected)


def test_one_representative_per_blob_larger_first():
    sizes = [50, 200, 100]
    Z, blob = make_blobs(
        sizes, centers=[[0, 0], [50, 0], [0, 50]], cluster_std=1.0, random_state=0
    )
    picks = kmeans_representatives(Z, 3, random_state=0)
    assert blob[picks].tolist() == [1, 2, 0]
    for pick in picks:
        members = np.flatnonzero(blob == blob[pick])
        to_mean = np.linalg.norm(Z[members] - Z[members].mean(axis=0), axis=1)
        assert pick == members[to_mean.argmin()]


def test_identical_points_warn_nothing_and_repeat_nothing():
    picks = kmeans_representatives(np.ones((20, 3)), 7, random_state=0)
    assert len(set(picks)) == 7


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fewer_distinct_points_than_clusters(dtype):
    Z = np.repeat(np.random.RandomState(0).standard_normal((3, 4)), 10, axis=0)
    for seed in range(10):
        picks = kmeans_representatives(Z.astype(dtype), 8, random_state=seed)
        assert len(set(picks)) == 8
        assert sorted(picks[:3] // 10) == [0, 1, 2]


def test_whole_pool_is_a_permutation():
    Z = np.random.RandomState(0).standard_normal((40, 3))
    for n in (39, 40):
        assert len(set(kmeans_representatives(Z, n, random_state=0))) == n
    assert kmeans_representatives([[1.0]], 1).tolist() == [0]


def test_rows_of_zeros():
    Z = np.vstack([np.zeros((5, 2)), [[9.0, 9.0]]])
    picks = kmeans_representatives(Z, 2, random_state=0)
    assert picks[0] < 5
    assert picks[1] == 5


def test_sparse_rows_are_clustered_as_dense_ones():
    Z = make_blobs(200, centers=5, n_features=6, random_state=0)[0]
    expected = kmeans_representatives(Z, 5, random_state=0)
    picks = kmeans_representatives(sparse.csr_matrix(Z), 5, random_state=0)
    np.testing.assert_array_equal(picks, expected)


def test_same_seed_same_answer_and_input_only_read():
    Z = np.random.RandomState(0).standard_normal((300, 4))
    Z.flags.writeable = False
    a, b = (kmeans_representatives(Z, 20, random_state=1) for _ in range(2))
    np.testing.assert_array_equal(a, b)
    assert a.dtype == np.intp


def test_float32_is_not_widened():
    Z = np.random.RandomState(0).standard_normal((20_000, 128)).astype(np.float32)
    tracemalloc.start()
    try:
        kmeans_representatives(Z, 5, random_state=0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # scikit-learn makes a centered copy, and a second one to find its tolerance.
    assert peak < 2.5 * Z.nbytes


@pytest.mark.parametrize("pick", [kmeans_plusplus, kmeans_representatives])
@pytest.mark.parametrize(
    ("Z", "n", "error", "match"),
    [
        ([[1.0], [2.0]], 3, ValueError, "between 1 and 2"),
        ([[1.0], [np.nan], [0.0]], 1, ValueError, r"Z\[1\] holds NaN"),
        ([1.0, 2.0], 1, ValueError, "Z must have shape"),
        ([[1.0], [2.0]], "1", TypeError, "n must be an integer"),
    ],
)
def test_bad_input_is_refused(pick, Z, n, error, match):
    with pytest.raises(error, match=match):
        pick(Z, n)
