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
