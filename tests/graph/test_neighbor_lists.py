"""Affinities from neighbor lists that were found elsewhere."""

import numpy as np
import pytest
from scipy import sparse

from skactive.graph import KNNAffinity, affinity_from_neighbors, nearest_neighbors


def upper(W):
    """Return {(i, j): weight} above the diagonal."""
    W = sparse.triu(W).tocoo()
    return {(int(i), int(j)): w for i, j, w in zip(W.row, W.col, W.data)}


def test_neighbor_lists_found_elsewhere_give_the_same_graph():
    X = np.random.RandomState(0).standard_normal((60, 5))
    for metric, affinity in [("cosine", "cosine"), ("euclidean", "self_tuning")]:
        options = {"metric": metric, "affinity": affinity}
        lists = nearest_neighbors(X, 8, metric=metric)
        W = affinity_from_neighbors(*lists, **options)
        expected = KNNAffinity(8, **options).fit_transform(X)
        np.testing.assert_array_equal(W.toarray(), expected.toarray())


def test_absent_neighbors_and_self_have_no_edge():
    W = affinity_from_neighbors([[0, 1], [1, -1], [2, 1]], [[0, 0.5], [0, 7], [0, 0.0]])
    assert upper(W) == {(0, 1): 0.125, (1, 2): 1.0}


@pytest.mark.parametrize(
    "indices, distances, message",
    [
        ([[1], [2]], [[0.0], [0.0]], "node 2, but there are 2 rows"),
        ([[1], [0]], [[0.0, 1.0], [0.0, 1.0]], "one shape"),
        ([[1], [0]], [[np.nan], [0.0]], "finite and not negative"),
        ([[1], [0]], [[-1.0], [0.0]], "finite and not negative"),
    ],
)
def test_bad_neighbor_lists_are_refused(indices, distances, message):
    with pytest.raises(ValueError, match=message):
        affinity_from_neighbors(indices, distances)


def test_distances_that_rounding_made_negative_are_zero():
    W = affinity_from_neighbors([[1], [0]], [[-1e-9], [0.0]])
    assert upper(W) == {(0, 1): 2.0}


def test_a_number_for_nobody_needs_no_distance():
    for nothing in (np.nan, np.inf, -5.0):
        W = affinity_from_neighbors([[1, -1], [0, -7]], [[0.5, nothing]] * 2)
        assert upper(W) == {(0, 1): 0.25}
    with pytest.raises(ValueError, match="Mark neighbors that do not exist with .* -1"):
        affinity_from_neighbors([[1], [0]], [[np.inf], [0.0]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_that_of_the_distances_and_lists_are_left_alone(dtype):
    indices = np.array([[0, 1], [1, 0]])
    distances = np.array([[0, 0.5], [-1e-9, 0.5]], dtype=dtype)
    indices.setflags(write=False)
    distances.setflags(write=False)
    W = affinity_from_neighbors(indices, distances)  # a write would raise
    assert W.dtype == dtype and upper(W) == {(0, 1): 0.25}


def test_the_width_is_the_median_of_the_last_neighbors():
    # Last distances 1, 1 and 2 squared: 1, 1, 4; the median is 1.
    indices, distances = [[1], [0], [1]], [[1.0], [1.0], [2.0]]
    options = {"metric": "euclidean", "affinity": "rbf", "symmetrize": "max"}
    W = affinity_from_neighbors(indices, distances, gamma="median", **options)
    assert upper(W) == pytest.approx({(0, 1): np.exp(-1), (1, 2): np.exp(-4)})


def test_settings_that_mean_nothing_are_refused_first():
    with pytest.raises(ValueError, match="symmetrize"):
        affinity_from_neighbors([[7]], [[np.nan]], symmetrize="mean")
