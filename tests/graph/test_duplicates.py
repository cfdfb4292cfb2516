"""Rows of which many are identical do not shut out the others."""

import numpy as np
import pytest
from scipy import sparse

from skactive.graph import KNNAffinity, nearest_neighbors
from skactive.graph._duplicates import first_copies, spread_duplicates, with_itself


def test_copies_do_not_shut_out_other_rows():
    """Eleven equal rows would be ten neighbors of each other, and nothing else."""
    rng = np.random.RandomState(0)
    X = np.r_[np.zeros((30, 2)) + [3, 1], rng.standard_normal((40, 2)) + [3, 1]]
    for rows in (X, sparse.csr_array(X)):
        for affinity in ("gaussian", "self_tuning"):
            graph = KNNAffinity(5, metric="euclidean", affinity=affinity).fit(rows)
            assert graph.n_components_ == 1
            assert np.isfinite(graph.affinity_.data).all()
            np.testing.assert_array_equal(graph.affinity_.toarray()[29, :1] > 0, True)


@pytest.mark.parametrize("affinity", ["gaussian", "self_tuning", "rbf", "binary"])
def test_nothing_but_copies_is_one_component_of_weight_one(affinity):
    graph = KNNAffinity(3, metric="euclidean", affinity=affinity, symmetrize="max")
    W = graph.fit_transform(np.ones((20, 2)))
    assert graph.n_components_ == 1 and set(W.data) == {1.0}


# ------------------------------------------------------------ the lists, by hand


def among(X, k=2):
    return nearest_neighbors(X, k)


def spread(X, k=2):
    return spread_duplicates(X, *nearest_neighbors(X, k), lambda rows: among(rows, k))


@pytest.mark.parametrize("container", [np.array, sparse.csr_array])
def test_copies_see_the_first_of_their_kind_and_its_neighbors(container):
    X = container([[0.0], [0.0], [0.0], [5.0], [9.0]])
    indices, distances = spread(X)
    assert indices.tolist() == [[3, 4], [0, 3], [0, 3], [4, 0], [3, 0]]
    assert distances.tolist() == [[5, 9], [0, 5], [0, 5], [4, 5], [4, 9]]


def test_neighbors_that_there_are_too_few_of_stand_for_none():
    indices, distances = spread(np.array([[0.0], [0.0], [0.0], [0.0], [2.0]]), k=3)
    none, far = -1, np.inf
    assert indices.tolist() == [
        [4, none, none],
        [0, 4, none],
        [0, 4, none],
        [0, 4, none],
        [0, none, none],
    ]
    assert distances[1].tolist() == [0, 2, far] and distances[4, 0] == 2


def test_nothing_but_copies_has_one_neighbor_each_and_no_search():
    X, lists = np.ones((4, 1)), nearest_neighbors(np.ones((4, 1)), 2)
    indices, distances = spread_duplicates(X, *lists, search=None)
    assert indices.tolist() == [[-1, -1], [0, -1], [0, -1], [0, -1]]
    assert distances[1:, 0].tolist() == [0, 0, 0] and np.isinf(distances[0]).all()


def test_rows_that_only_rounding_made_equal_are_left_alone():
    X = np.array([[0.0], [1e-200], [5.0]])
    lists = nearest_neighbors(X, 1)
    assert lists[1][0] == 0  # the square of the difference is too small a number
    indices, distances = spread_duplicates(X, *lists, search=None)
    assert indices is lists[0] and distances is lists[1]


def test_kinds_are_found_whatever_the_sign_of_zero_and_the_order_of_storing():
    first, group = first_copies(np.array([[0.0, 1], [2, 0], [-0.0, 1], [2, -0.0]]))
    assert first.tolist() == [0, 1] and group.tolist() == [0, 1, 0, 1]
    # Row 1 stores its columns the other way round, row 2 a zero and a sum.
    X = sparse.csr_array(
        (
            np.array([1.0, 2, 2, 1, 0, 0.5, 0.5, 2]),
            np.array([0, 2, 2, 0, 1, 0, 0, 2]),
            np.array([0, 2, 4, 8]),
        ),
        shape=(3, 3),
    )
    first, group = first_copies(X)
    assert first.tolist() == [0] and group.tolist() == [0, 0, 0]
    assert X.nnz == 8


def test_a_row_joins_its_neighbors_in_the_order_of_distances_and_rows():
    indices = np.array([[1, 3], [0, 2], [1, 3], [0, 1]])
    distances = np.array([[0.0, 0.0], [0.0, 0.5], [0.5, 2.0], [0.0, 3.0]])
    asked = np.array([3, 1, 2, 1])
    rows, far = with_itself(indices, distances, asked)
    assert rows.tolist() == [[0, 3], [0, 1], [2, 1], [0, 1]]
    assert far.tolist() == [[0, 0], [0, 0], [0, 0.5], [0, 0]]


def test_a_row_without_neighbors_has_itself():
    rows, far = with_itself(np.empty((3, 0), int), np.empty((3, 0)), np.array([2, 0]))
    assert rows.tolist() == [[2], [0]] and far.tolist() == [[0], [0]]


def test_more_copies_than_neighbors_may_come_before_the_row():
    indices = np.array([[1, 2], [0, 2], [0, 1], [0, 1]])
    rows, _ = with_itself(indices, np.zeros((4, 2)), np.arange(4))
    assert rows.tolist() == [[0, 1], [0, 1], [0, 1], [0, 1]]
