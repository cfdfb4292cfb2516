"""Graphs of neighbors: weights, both directions, and what is refused."""

import numpy as np
import pytest
from scipy import sparse

from skactive.graph import (
    KNNAffinity,
    affinity_from_neighbors,
    nearest_neighbors,
    normalize_affinity,
)

ANGLES = np.deg2rad([0, 10, 25, 90])
FAN = np.c_[np.cos(ANGLES), np.sin(ANGLES)]


def upper(W):
    """Return {(i, j): weight} above the diagonal."""
    W = sparse.triu(W).tocoo()
    return {(int(i), int(j)): w for i, j, w in zip(W.row, W.col, W.data)}


@pytest.mark.parametrize(
    "symmetrize, weights, normalized",
    [
        (
            "sum",
            {(0, 1): 1.910224331411, (1, 2): 0.901221065013, (2, 3): 0.075482239733},
            {(0, 1): 0.824284929641, (1, 2): 0.543857571586, (2, 3): 0.277997608906},
        ),
        (
            "max",
            {(0, 1): 0.955112165705, (1, 2): 0.901221065013, (2, 3): 0.075482239733},
            {(0, 1): 0.717297337617, (1, 2): 0.669301866498, (2, 3): 0.277997608906},
        ),
        ("mutual", {(0, 1): 0.955112165705}, {(0, 1): 1.0}),
        (
            "mutual+nn",
            {(0, 1): 0.955112165705, (1, 2): 0.901221065013, (2, 3): 0.075482239733},
            {(0, 1): 0.717297337617, (1, 2): 0.669301866498, (2, 3): 0.277997608906},
        ),
    ],
)
def test_cubed_cosines_of_four_directions(symmetrize, weights, normalized):
    W = KNNAffinity(1, symmetrize=symmetrize).fit_transform(FAN)
    assert upper(W) == pytest.approx(weights, abs=1e-9)
    assert upper(normalize_affinity(W)) == pytest.approx(normalized, abs=1e-9)


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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_graph_is_symmetric_sorted_and_small(dtype):
    X = np.random.RandomState(0).standard_normal((300, 10)).astype(dtype)
    graph = KNNAffinity().fit(X)
    W = graph.affinity_
    assert isinstance(W, sparse.csr_array) and W.dtype == dtype
    assert W.indices.dtype == np.int32 and W.has_sorted_indices
    assert W.nnz <= 2 * 300 * 10 and (W.data > 0).all()
    assert W.diagonal().sum() == 0 and abs(W - W.T).max() == 0
    assert graph.fit_transform(X) is graph.affinity_
    assert graph.transform(X[:3]).dtype == dtype
    assert KNNAffinity(dtype="float32").fit(X).affinity_.dtype == np.float32


def test_neighbors_and_components_are_counted():
    X = np.r_[np.eye(3)[[0] * 20], np.eye(3)[[1] * 20]]
    X = X + 0.01 * np.random.RandomState(0).standard_normal(X.shape)
    graph = KNNAffinity().fit(X)
    assert graph.n_neighbors_ == 10 and graph.n_components_ == 2
    np.testing.assert_array_equal(graph.component_ids_, [0] * 20 + [1] * 20)
    many = np.random.RandomState(0).standard_normal((5000, 2))
    assert KNNAffinity().fit(many).n_neighbors_ == 15


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


# ----------------------------------------------------------------------- awkward rows


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


def test_a_row_of_zeros_and_an_opposite_row_are_isolated():
    X = [[0.0, 0.0], [1.0, 0.0], [1.0, 0.1], [-1.0, 0.0]]
    for affinity in ("cosine", "gaussian"):
        W = KNNAffinity(2, affinity=affinity).fit_transform(X).toarray()
        assert W[0].sum() == 0 and (W >= 0).all()
    W = KNNAffinity(3).fit_transform(X).toarray()
    assert W[3].sum() == 0


def test_more_neighbors_than_rows_are_a_warning():
    with pytest.warns(UserWarning, match="3 rows has 2 others"):
        graph = KNNAffinity(3).fit(FAN[:3])
    assert graph.n_neighbors_ == 2
    assert KNNAffinity().fit(FAN[:1]).affinity_.nnz == 0


@pytest.mark.parametrize(
    "options, message",
    [
        ({"metric": "euclidean"}, "affinity='gaussian'"),
        ({"gamma": "median"}, "with affinity='rbf'"),
        ({"n_neighbors": 0}, "n_neighbors"),
        ({"symmetrize": "avg"}, "symmetrize"),
    ],
)
def test_bad_settings_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        KNNAffinity(**options).fit(FAN)


# ------------------------------------------------------------------------- precomputed


def test_a_given_graph_is_taken_as_it_is_but_for_its_diagonal():
    W = np.array([[5.0, 1.0, 0.0], [1.0, 0.0, 2.0], [0.0, 2.0, 0.0]])
    for given in (W, sparse.csr_array(W), sparse.coo_array(W)):
        graph = KNNAffinity(metric="precomputed").fit(given)
        assert upper(graph.affinity_) == {(0, 1): 1.0, (1, 2): 2.0}
    assert W[0, 0] == 5
    new = graph.transform([[0.0, 0.5, 0.0]])
    np.testing.assert_array_equal(new.toarray(), [[0, 0.5, 0]])


def test_a_directed_graph_is_made_symmetric_as_asked():
    A = [[0.0, 1.0], [3.0, 0.0]]
    for how, weight in [("sum", 4), ("max", 3), ("mutual", 1)]:
        graph = KNNAffinity(metric="precomputed", symmetrize=how).fit(A)
        assert upper(graph.affinity_) == {(0, 1): weight}


@pytest.mark.parametrize(
    "W, message",
    [
        ([[0.0, -1.0], [-1.0, 0.0]], "negative numbers"),
        ([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], "must be square"),
        ([[0.0, np.nan], [1.0, 0.0]], "NaN"),
    ],
)
def test_a_bad_graph_is_refused(W, message):
    for given in (np.array(W), sparse.csr_array(np.array(W))):
        with pytest.raises(ValueError, match=message):
            KNNAffinity(metric="precomputed").fit(given)
