"""Normalized affinities: hand-computed, and as their dense form."""

import numpy as np
import pytest
import torch
from scipy import sparse

from skactive.graph import KNNAffinity, normalize_affinity
from skactive.nets.graphs._graph_operator import (
    CosineOperator,
    SparseOperator,
    as_operator,
    unit_rows,
    with_self_loops,
)

pytestmark = pytest.mark.deep

DOUBLE = {"dtype": torch.float64}
THREE = np.array([[1, 0], [0.6, 0.8], [0, 1]])
ADJACENCY = [[1, 3 / 7, 0], [1, 1, 1], [0, 4 / 7, 1]]


def dense(Z):
    """Return the published adjacency, number by number, without products below 0."""
    n = len(Z)
    S = np.array([[np.maximum(a * b, 0).sum() for b in Z] for a in Z])
    M = S * (1 - np.eye(n))
    d = M.sum(axis=0)
    return np.where(d > 1e-4, M / np.where(d > 1e-4, d, 1), 0) + np.eye(n)


def matrix(operator):
    return (operator @ torch.eye(operator.shape[0], dtype=torch.float64)).numpy()


# ---------------------------------------------------------------------- cosines


def test_three_nodes_by_hand():
    A = matrix(CosineOperator(THREE, **DOUBLE))
    np.testing.assert_allclose(A, ADJACENCY, atol=1e-12)
    np.testing.assert_allclose(A.sum(axis=0), 2)
    np.testing.assert_allclose(A.sum(axis=1), [1.428571429, 3, 1.571428571])


@pytest.mark.parametrize("n, d", [(2, 1), (7, 3), (60, 9), (25, 40)])
@pytest.mark.parametrize("signed", [False, True])
def test_products_are_those_of_the_dense_form(n, d, signed):
    rng = np.random.RandomState(n)
    Z = unit_rows(rng.normal(size=(n, d)) if signed else rng.rand(n, d))
    H = rng.normal(size=(n, 5))
    product = CosineOperator(Z, **DOUBLE) @ torch.tensor(H)
    np.testing.assert_allclose(product.numpy(), dense(Z) @ H, atol=1e-10)
    single = CosineOperator(Z) @ torch.tensor(H).float()
    # Where two nodes hardly resemble each other, degrees are small.
    scale = np.abs(dense(Z)) @ np.abs(H)
    assert (np.abs(single.numpy() - dense(Z) @ H) <= 1e-3 * scale).all()


def test_without_negative_numbers_it_is_the_cosine():
    Z = unit_rows(np.random.RandomState(0).rand(8, 5))
    M = Z @ Z.T - np.eye(8)
    expected = M @ np.diag(1 / M.sum(axis=0)) + np.eye(8)
    operator = CosineOperator(Z, **DOUBLE)
    np.testing.assert_allclose(matrix(operator), expected, atol=1e-12)
    assert operator.basis.shape == (8, 5)


def test_numbers_of_any_sign_have_degrees_that_do_not_vanish():
    """Of opposite rows the plain cosines sum to 0 or below."""
    Z = unit_rows(np.array([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]]))
    assert np.allclose((Z @ Z.T).sum(axis=0) - 1, -1)
    A = matrix(CosineOperator(Z, **DOUBLE))
    np.testing.assert_allclose(A.sum(axis=0), 2)
    assert A.min() >= -1e-15


def test_identical_nodes_share_evenly():
    A = matrix(CosineOperator(unit_rows(np.ones((5, 3))), **DOUBLE))
    np.testing.assert_allclose(A, np.full((5, 5), 0.25) + 0.75 * np.eye(5))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_isolated_nodes_and_rows_of_zeros_keep_to_themselves(dtype):
    Z = unit_rows(np.array([[1.0, 0, 0], [2.0, 0, 0], [0, 3.0, 0], [0, 0, 0]]))
    operator = CosineOperator(Z, dtype=dtype)
    A = (operator @ torch.eye(4, dtype=dtype)).numpy()
    expected = np.eye(4)
    expected[:2, :2] = 1
    np.testing.assert_allclose(A, expected, atol=1e-6)


def test_a_single_node_is_the_identity():
    np.testing.assert_array_equal(matrix(CosineOperator(THREE[:1], **DOUBLE)), [[1]])


def test_the_square_is_never_formed():
    """It would be 160 GB."""
    Z = unit_rows(np.random.RandomState(0).rand(200_000, 2))
    product = CosineOperator(Z) @ torch.ones(200_000, 1)
    assert product.mean().item() == pytest.approx(2, rel=1e-3)


def test_rows_of_any_length_become_one():
    Z = np.array([[3e200, 4e200], [3e-200, 4e-200], [0, 0], [5, 0]])
    np.testing.assert_allclose(
        unit_rows(Z), [[0.6, 0.8], [0.6, 0.8], [0, 0], [1, 0]], rtol=1e-12
    )
    Z = np.float32([[3, 4]])
    np.testing.assert_allclose(unit_rows(Z), [[0.6, 0.8]])
    assert Z[0, 0] == 3


# ---------------------------------------------------------------- sparse graphs


def test_self_loops_by_hand():
    W = sparse.csr_array([[9, 0.6, 0], [0.6, 0, 0.8], [0, 0.8, 7.0]])
    np.testing.assert_allclose(with_self_loops(W).toarray(), ADJACENCY)
    np.testing.assert_array_equal(W.diagonal(), [9, 0, 7])


def test_a_node_without_edges_keeps_to_itself():
    W = sparse.csr_array(([2.0, 2.0], ([0, 1], [1, 0])), shape=(3, 3))
    A = with_self_loops(W).toarray()
    np.testing.assert_allclose(A, [[1, 1, 0], [1, 1, 0], [0, 0, 1]])
    empty = with_self_loops(sparse.csr_array((2, 2)))
    np.testing.assert_array_equal(empty.toarray(), np.eye(2))


def test_the_complete_graph_is_the_cosine_operator():
    Z = unit_rows(np.random.RandomState(0).rand(12, 4))
    full = KNNAffinity(11, gamma=1.0, symmetrize="max").fit_transform(Z)
    A = with_self_loops(full)
    np.testing.assert_allclose(
        matrix(SparseOperator(A, **DOUBLE)),
        matrix(CosineOperator(Z, **DOUBLE)),
        atol=1e-10,
    )


def test_products_and_gradients_of_a_directed_graph():
    A = sparse.random_array((7, 7), density=0.3, random_state=np.random.default_rng(0))
    operator = SparseOperator(A, **DOUBLE)
    H = torch.tensor(np.random.RandomState(0).normal(size=(7, 3)), requires_grad=True)
    np.testing.assert_allclose((operator @ H).detach(), A @ H.detach().numpy())
    assert torch.autograd.gradcheck(lambda H: operator @ H, [H])


def test_a_normalized_graph_is_taken_as_it_is():
    rng = np.random.RandomState(0)
    A = normalize_affinity(KNNAffinity(3).fit_transform(rng.rand(20, 4)), "kipf")
    for given in (A, A.toarray(), torch.tensor(A.toarray()), A.tocoo()):
        operator = as_operator(given, **DOUBLE)
        np.testing.assert_allclose(matrix(operator), A.toarray(), atol=1e-12)
    cosine = CosineOperator(THREE)
    assert as_operator(cosine) is cosine


def test_a_graph_that_is_not_square_is_refused():
    for A in (np.ones((3, 2)), sparse.csr_array((3, 2)), torch.ones(3)):
        with pytest.raises(ValueError, match="a row and a column for each node"):
            as_operator(A)
