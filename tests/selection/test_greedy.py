"""k-center greedy, against a reference that recomputes every distance."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import pairwise_distances

from skactive.selection import k_center_greedy


def reference(Z, n, Z_labeled=None, metric="euclidean", n_outliers=0):
    """Farthest-first by full distance matrices; no ties are looked after."""
    distances = pairwise_distances(Z, Z, metric=metric)
    picks, nearest = [], None
    if Z_labeled is not None:
        nearest = pairwise_distances(Z, Z_labeled, metric=metric).min(axis=1)
    else:
        if metric == "cosine":
            Z = Z / np.linalg.norm(Z, axis=1, keepdims=True)
        picks = [np.linalg.norm(Z - Z.mean(axis=0), axis=1).argmin()]
        nearest = distances[picks[0]]
    while len(picks) < n:
        rest = np.setdiff1d(np.arange(len(Z)), picks)
        farthest_first = rest[np.argsort(-nearest[rest])]
        picks.append(farthest_first[min(n_outliers, len(rest) - 1)])
        nearest = np.minimum(nearest, distances[picks[-1]])
    rest = np.setdiff1d(np.arange(len(Z)), picks)
    left = np.sort(nearest[rest])[::-1]
    return picks, left[min(n_outliers, len(left) - 1)] if len(left) else 0.0


def gaussian(n, d, seed=0):
    return np.random.RandomState(seed).standard_normal((n, d))


def blobs(n, d, seed=0):
    rng = np.random.RandomState(seed)
    return (
        rng.standard_normal((n, d))
        + rng.uniform(-9, 9, (12, d))[rng.randint(12, size=n)]
    )


def test_vector_of_the_plane_of_one_dimension():
    Z = np.array([[1.0], [4.0], [9.0], [10.0]])
    picks, radius = k_center_greedy(Z, 2, Z_labeled=[[0.0]], return_radius=True)
    assert picks.tolist() == [3, 1]
    assert radius == 1


def test_vector_in_which_greedy_reaches_only_twice_the_optimum():
    Z = np.array([[4.0], [6.0], [8.0]])
    picks, radius = k_center_greedy(Z, 1, Z_labeled=[[0.0]], return_radius=True)
    assert picks.tolist() == [2]
    assert radius == 4


def test_without_labels_the_first_pick_is_nearest_the_mean():
    Z = np.array([[0.0], [1.0], [4.0], [9.0]])  # mean 3.5
    assert k_center_greedy(Z, 2).tolist() == [2, 3]
    assert k_center_greedy(Z, 2, Z_labeled=np.empty((0, 1))).tolist() == [2, 3]


def test_cosine_looks_at_directions_only():
    Z = np.array([[100.0, 1.0], [0.0, 0.1], [1.0, 1.0]])
    picks, radius = k_center_greedy(
        Z, 1, Z_labeled=[[1.0, 0.0]], metric="cosine", return_radius=True
    )
    assert picks.tolist() == [1]
    assert radius == pytest.approx(1 - np.sqrt(0.5))


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("n_outliers", [0, 3])
@pytest.mark.parametrize("labeled", [0, 1, 300])
@pytest.mark.parametrize("make", [gaussian, blobs])
def test_picks_and_radius_are_those_of_the_reference(make, labeled, n_outliers, metric):
    Z = make(400, 6)
    Z_labeled = make(labeled, 6, seed=1) if labeled else None
    picks, radius = k_center_greedy(
        Z,
        40,
        Z_labeled=Z_labeled,
        metric=metric,
        n_outliers=n_outliers,
        return_radius=True,
    )
    expected, expected_radius = reference(Z, 40, Z_labeled, metric, n_outliers)
    assert picks.tolist() == expected
    assert radius == pytest.approx(expected_radius, rel=1e-9)


def test_large_pool_is_picked_as_the_reference_does():
    Z = gaussian(5000, 16)
    assert k_center_greedy(Z, 200).tolist() == reference(Z, 200)[0]


@pytest.mark.parametrize("n_outliers", [0, 10])
def test_first_picks_are_the_answer_for_fewer(n_outliers):
    Z = blobs(500, 4)
    all_picks = k_center_greedy(Z, 100, n_outliers=n_outliers)
    for k in (1, 2, 33):
        fewer = k_center_greedy(Z, k, n_outliers=n_outliers)
        np.testing.assert_array_equal(fewer, all_picks[:k])


def test_rotation_and_translation_change_nothing():
    Z, Z_labeled = gaussian(600, 8), gaussian(5, 8, seed=1)
    rotation = np.linalg.qr(gaussian(8, 8, seed=2))[0]
    expected = k_center_greedy(Z, 50, Z_labeled=Z_labeled)
    moved = k_center_greedy(
        Z @ rotation + 1000.0, 50, Z_labeled=Z_labeled @ rotation + 1000.0
    )
    np.testing.assert_array_equal(moved, expected)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_rows_of_zeros_are_rows_like_others(metric):
    Z = np.vstack([np.zeros((3, 4)), gaussian(7, 4)])
    picks = k_center_greedy(Z, 10, metric=metric, random_state=0)
    assert sorted(picks) == list(range(10))


@pytest.mark.parametrize("n_outliers", [0, 2, 50])
def test_whole_pool_is_a_permutation(n_outliers):
    Z = gaussian(50, 3)
    picks, radius = k_center_greedy(
        Z, 50, n_outliers=n_outliers, random_state=0, return_radius=True
    )
    assert sorted(picks) == list(range(50))
    assert radius == 0


def test_pool_of_one():
    assert k_center_greedy([[3.0, 4.0]], 1).tolist() == [0]


def test_outliers_are_left_out():
    rng = np.random.RandomState(0)
    Z = np.vstack([rng.standard_normal((990, 3)), 100 + rng.standard_normal((10, 3))])
    assert k_center_greedy(Z, 2, Z_labeled=Z[:5])[0] >= 990
    picks = k_center_greedy(Z, 100, Z_labeled=Z[:5], n_outliers=20)
    assert picks.max() < 990


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("labeled", [0, 9])
def test_sparse_rows_are_picked_as_dense_ones(metric, labeled):
    rng = np.random.RandomState(0)
    dense = rng.rand(500, 40) * (rng.rand(500, 40) < 0.15)
    dense[:, 0] += 0.1  # no row is empty
    Z = sparse.csr_matrix(dense)
    kwargs = {"metric": metric, "random_state": 0}
    expected = k_center_greedy(
        dense, 60, Z_labeled=dense[:labeled] if labeled else None, **kwargs
    )
    for make in (sparse.csr_matrix, sparse.csr_array, sparse.csc_array):
        picks = k_center_greedy(
            make(Z), 60, Z_labeled=make(Z)[:labeled] if labeled else None, **kwargs
        )
        np.testing.assert_array_equal(picks, expected)


@pytest.mark.parametrize("convert", [np.ascontiguousarray, np.asfortranarray])
@pytest.mark.parametrize("offset", [0, 5])
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_input_is_only_read(convert, offset, metric):
    Z = convert(gaussian(300, 6) + offset)
    Z_labeled = gaussian(5, 6, seed=1) + offset
    before, before_labeled = Z.copy(), Z_labeled.copy()
    Z.flags.writeable = Z_labeled.flags.writeable = False
    k_center_greedy(Z, 20, Z_labeled=Z_labeled, metric=metric)
    np.testing.assert_array_equal(Z, before)
    np.testing.assert_array_equal(Z_labeled, before_labeled)


def test_global_generator_is_left_alone():
    state = np.random.get_state()[1].copy()
    k_center_greedy(np.zeros((9, 2)), 5, random_state=0)
    np.testing.assert_array_equal(np.random.get_state()[1], state)


@pytest.mark.parametrize(
    ("kwargs", "error", "match"),
    [
        ({"n": 0}, ValueError, "between 1 and 4"),
        ({"n": 5}, ValueError, "between 1 and 4"),
        ({"n": 2.0}, TypeError, "n must be an integer"),
        ({"metric": "manhattan"}, ValueError, "'cosine'.*got 'manhattan'"),
        ({"n_outliers": -1}, ValueError, "must not be negative"),
        ({"n_outliers": 0.5}, TypeError, "n_outliers must be an integer"),
        ({"Z_labeled": [[1.0]]}, ValueError, "1 features and Z has 2"),
        ({"Z_labeled": [1.0, 2.0]}, ValueError, r"Z_labeled must have shape"),
        ({"Z_labeled": [[np.nan, 1.0]]}, ValueError, r"Z_labeled\[0\] holds NaN"),
        ({"Z": np.zeros((4, 2, 2))}, ValueError, "Z must have shape"),
        ({"Z": [[0.0], [1.0], [np.inf], [0.0]]}, ValueError, r"Z\[2\] holds NaN"),
        ({"Z": np.float32([[1], [1e30], [0], [0]])}, ValueError, r"Z\[1\].*float32"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_bad_input_is_refused(kwargs, error, match):
    kwargs = {"Z": gaussian(4, 2), "n": 1} | kwargs
    with pytest.raises(error, match=match):
        k_center_greedy(**kwargs)
