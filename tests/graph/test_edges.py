"""Weights of directed edges, one pair at a time, and how directions become one."""

import numpy as np
import pytest
from scipy import sparse

from skactive.graph import KNNAffinity
from skactive.graph._edges import (
    check_weighting,
    directed,
    edge_weights,
    local_scale,
    median_gamma,
    squared,
    symmetrized,
    without_diagonal,
)


def slow_weights(X, k, affinity, gamma):
    """Directed weights, one pair at a time."""
    n = len(X)
    D = np.sqrt(((X[:, None] - X[None]) ** 2).sum(axis=2))
    near = [sorted((D[i, j], j) for j in range(n) if j != i)[:k] for i in range(n)]
    last = np.array([row[-1][0] for row in near])
    seventh = np.array([row[min(7, k) - 1][0] for row in near])
    if gamma == "median":
        gamma = 1 / np.median(last**2)
    A = np.zeros((n, n))
    for i, row in enumerate(near):
        for d, j in row:
            A[i, j] = {
                "gaussian": np.exp(-4 * d**2 / last[i] ** 2),
                "self_tuning": np.exp(-(d**2) / (seventh[i] * seventh[j])),
                "rbf": np.exp(-gamma * d**2),
                "binary": 1.0,
            }[affinity]
    return A


@pytest.mark.parametrize("affinity", ["gaussian", "self_tuning", "rbf", "binary"])
@pytest.mark.parametrize("gamma", [0.5, "median"])
def test_weights_are_those_of_the_formulas(affinity, gamma):
    if gamma == "median" and affinity != "rbf":
        gamma = 3.0
    X = np.random.RandomState(0).standard_normal((40, 3))
    graph = KNNAffinity(9, metric="euclidean", affinity=affinity, gamma=gamma).fit(X)
    A = slow_weights(X, 9, affinity, gamma)
    np.testing.assert_allclose(graph.affinity_.toarray(), A + A.T, atol=1e-12)
    # A new row is weighed by the same rule.
    directed = graph.transform(X[:1] + 1e-9).toarray()
    assert directed[0, 0] == pytest.approx(1) and (directed > 0).sum() == 9


@pytest.mark.parametrize("symmetrize", ["sum", "max", "mutual", "mutual+nn"])
def test_directions_become_one(symmetrize):
    X = np.random.RandomState(0).standard_normal((50, 3))
    options = {"metric": "euclidean", "affinity": "gaussian", "symmetrize": symmetrize}
    W = KNNAffinity(4, **options).fit_transform(X).toarray()
    A = slow_weights(X, 4, "gaussian", 1)
    expected = {"sum": A + A.T, "max": np.maximum(A, A.T)}
    mutual = np.minimum(A, A.T)
    first = np.where(A.max(axis=1, keepdims=True) == A, A, 0)
    expected["mutual"] = mutual
    expected["mutual+nn"] = np.maximum(mutual, np.maximum(first, first.T))
    np.testing.assert_allclose(W, expected[symmetrize], atol=1e-12)


# ------------------------------------------------------------ the parts, by hand


def test_squares_of_cosine_distances_are_those_of_unit_vectors():
    distances = np.array([[0.0, 0.5, 2.0]])
    assert squared(distances, "cosine").tolist() == [[0, 1, 4]]
    assert squared(distances, "euclidean").tolist() == [[0, 0.25, 4]]


@pytest.mark.parametrize(
    "row, scale",
    [
        ([1, 2, 3, 4, 5, 6, 7, 8], 7),  # the seventh
        ([1, 2, 3], 3),  # or the last
        ([1, 2, 3, np.inf, np.inf, np.inf, np.inf], 3),  # or the last that there is
        ([0, 0, 0, 0, 0, 0, 0, 5, 8], 5),  # of copies: the first that is none
        ([0, 0], 0),  # of nothing but copies
        ([np.inf, np.inf], 0),  # of nobody
        ([], 0),
    ],
)
def test_the_local_scale_is_the_distance_to_the_seventh_neighbor(row, scale):
    distances = np.array([row], dtype=float).reshape(1, -1)
    assert local_scale(distances, "euclidean").tolist() == [scale]
    # A cosine distance of d is a Euclidean one of sqrt(2 d).
    np.testing.assert_allclose(local_scale(distances**2 / 2, "cosine"), [scale])


def test_the_median_gamma_looks_at_the_last_neighbors_that_are_apart():
    distances = np.array([[9.0, 1.0], [9.0, 2.0], [9.0, 3.0], [0, 0], [1, np.inf]])
    assert median_gamma(distances, "euclidean") == 1 / 4  # of 1, 4 and 9
    assert median_gamma(distances[:2], "cosine") == 1 / 3  # of 2 and 4
    assert median_gamma(np.zeros((3, 2)), "euclidean") == 1
    assert median_gamma(np.zeros((3, 0)), "euclidean") == 1


def test_weights_of_one_row_by_hand():
    indices = np.array([[1, 2, -1]])
    distances = np.array([[1.0, 2.0, np.inf]])

    def weigh(affinity, gamma=1.0, metric="euclidean", scale=None, at=distances):
        return edge_weights(indices, at, metric, affinity, gamma, scale)[0]

    assert weigh("binary").tolist() == [1, 1, 0]
    np.testing.assert_allclose(weigh("rbf", 0.5), [np.exp(-0.5), np.exp(-2), 0])
    # The last neighbor that there is decides: exp(-4 d^2 / 4).
    np.testing.assert_allclose(weigh("gaussian"), [np.exp(-1), np.exp(-4), 0])
    # Scales 2 (own), 0.5 and 0: a neighbor among copies takes the scale of the row.
    scale = np.array([7.0, 0.5, 0.0])
    expected = [np.exp(-1 / (2 * 0.5)), np.exp(-4 / (2 * 2)), 0]
    np.testing.assert_allclose(weigh("self_tuning", scale=scale), expected)
    cosines = np.array([[0.5, 1.5, np.inf]])
    assert weigh("cosine", 3.0, "cosine", at=cosines).tolist() == [0.125, 0, 0]


@pytest.mark.parametrize("affinity", ["cosine", "gaussian", "self_tuning", "rbf"])
def test_weights_have_the_dtype_of_the_distances_and_leave_them_alone(affinity):
    indices = np.array([[1, -1], [0, -1]])
    distances = np.array([[0.5, np.inf], [0.5, np.inf]], dtype=np.float32)
    before = distances.copy()
    scale = np.ones(2, dtype=np.float32)
    weights = edge_weights(indices, distances, "cosine", affinity, 2.0, scale)
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(distances, before)


def test_edges_that_are_absent_are_not_stored_and_twofold_ones_are_summed():
    indices = np.array([[3, 1, 3], [-1, 0, 2]])
    weights = np.array([[1.0, 2.0, 4.0], [0.0, 0.0, 0.5]])
    A = directed(indices, weights, 4)
    assert A.toarray().tolist() == [[0, 2, 0, 5], [0, 0, 0.5, 0]]
    assert A.nnz == 3 and A.has_sorted_indices and A.indices.dtype == np.int32
    weights[:] = 9
    assert A[0, 3] == 5
    empty = directed(np.empty((2, 0), dtype=int), np.empty((2, 0)), 4)
    assert empty.shape == (2, 4) and empty.nnz == 0


# 0 -> 1 is heavier than 1 -> 0; 2 -> 1 is not returned; 3 has equal edges; 4 has none.
ONE_WAY = sparse.csr_array(
    np.array(
        [
            [7, 5, 0, 0, 0],
            [2, 0, 0, 0, 0],
            [0, 3, 0, 1, 0],
            [4, 0, 4, 0, 0],
            [0, 0, 0, 0, 0],
        ],
        dtype=float,
    )
)


@pytest.mark.parametrize(
    "how, weights",
    [
        ("sum", {(0, 1): 7, (1, 2): 3, (2, 3): 5, (0, 3): 4}),
        ("max", {(0, 1): 5, (1, 2): 3, (2, 3): 4, (0, 3): 4}),
        ("mutual", {(0, 1): 2, (2, 3): 1}),
        # Heaviest out of each node: 0-1 (5), 1-0 (2), 2-1 (3), 3-0 (4, the first).
        ("mutual+nn", {(0, 1): 5, (1, 2): 3, (2, 3): 1, (0, 3): 4}),
    ],
)
def test_two_directions_become_one_by_hand(how, weights):
    before = ONE_WAY.toarray()
    W = symmetrized(ONE_WAY, how)
    expected = np.zeros((5, 5))
    for (i, j), weight in weights.items():
        expected[i, j] = expected[j, i] = weight
    np.testing.assert_array_equal(W.toarray(), expected)
    assert W.nnz == 2 * len(weights) and W.has_sorted_indices
    np.testing.assert_array_equal(ONE_WAY.toarray(), before)


def test_a_diagonal_is_taken_off_a_copy_and_only_where_there_is_one():
    A = without_diagonal(ONE_WAY)
    assert A.diagonal().tolist() == [0] * 5 and A.nnz == ONE_WAY.nnz - 1
    assert ONE_WAY[0, 0] == 7
    assert without_diagonal(A) is A


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"metric": "manhattan"}, "'cosine' or 'euclidean', got 'manhattan'"),
        ({"affinity": "knn"}, "affinity must be one of"),
        ({"metric": "euclidean", "affinity": "cosine"}, "take affinity='gaussian'"),
        ({"gamma": 0}, "gamma must be a positive number"),
        ({"gamma": np.inf}, "gamma must be a positive number"),
        ({"gamma": "mean"}, "got 'mean'"),
        ({"gamma": "median"}, "'median' with affinity='rbf'"),
        ({"symmetrize": "mean"}, "symmetrize must be one of"),
    ],
)
def test_names_and_combinations_that_mean_nothing_are_refused(settings, message):
    sound = {
        "metric": "cosine",
        "affinity": "cosine",
        "gamma": 3.0,
        "symmetrize": "sum",
    }
    check_weighting(**sound)
    check_weighting(**{**sound, "affinity": "rbf", "gamma": "median"})
    with pytest.raises(ValueError, match=message):
        check_weighting(**{**sound, **settings})
