"""Normalized affinities, by hand."""

import numpy as np
import pytest
from scipy import sparse

from skactive.graph import normalize_affinity


def test_symmetric_normalization_of_a_triangle_with_a_tail(graphs):
    S = normalize_affinity(graphs.triangle_and_tail).toarray()
    expected = [0.730296743340, 0.246182981959, 0.134839972493, 0.852802865422]
    found = [S[0, 1], S[0, 2], S[1, 2], S[2, 3]]
    np.testing.assert_allclose(found, expected, atol=1e-9)
    np.testing.assert_array_equal(S, S.T)


def test_eigenvalues_of_a_path(graphs):
    S = normalize_affinity(graphs.path).toarray()
    assert S[0, 1] == pytest.approx(1 / np.sqrt(3)) and S[1, 2] == pytest.approx(2 / 3)
    values = np.linalg.eigvalsh(S)
    np.testing.assert_allclose(values, [-1, -1 / 3, 1 / 3, 1], atol=1e-12)


def test_rows_of_a_random_walk_sum_to_one_and_edges_may_be_directed(graphs):
    W = graphs.triangle_and_tail.copy()
    W[0, 3] = 1.0
    P = normalize_affinity(W, "random_walk").toarray()
    np.testing.assert_allclose(P.sum(axis=1), 1)
    np.testing.assert_allclose(P, W / W.sum(axis=1, keepdims=True))


def test_kipf_adds_a_loop_to_each_node(graphs):
    K = normalize_affinity(graphs.broken, "kipf").toarray()
    A = graphs.broken + np.eye(7)
    d = A.sum(axis=1)
    np.testing.assert_allclose(K, A / np.sqrt(d[:, None] * d))
    assert K[6, 6] == 1


def test_scale_does_not_matter_and_a_node_without_edges_has_a_row_of_zeros(graphs):
    S = normalize_affinity(graphs.broken)
    np.testing.assert_allclose(
        normalize_affinity(7.5 * graphs.broken).toarray(), S.toarray()
    )
    assert np.isfinite(S.data).all() and S.toarray()[6].sum() == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64, int])
def test_the_dtype_is_kept_and_the_input_left_alone(dtype, graphs):
    W = sparse.csr_array((4 * graphs.triangle_and_tail).astype(dtype))
    before = W.copy()
    S = normalize_affinity(W)
    assert S.dtype == (np.float64 if dtype is int else dtype)
    assert isinstance(S, sparse.csr_array) and S.has_sorted_indices
    np.testing.assert_array_equal(W.toarray(), before.toarray())


@pytest.mark.parametrize(
    "W, kind, message",
    [
        ([[0.0, 1.0], [2.0, 0.0]], "symmetric", "not symmetric.*W.maximum"),
        ([[0.0, 1.0], [2.0, 0.0]], "kipf", "not symmetric"),
        ([[0.0, -1.0], [-1.0, 0.0]], "random_walk", "negative numbers"),
        ([[0.0, 1.0]], "symmetric", "must be square"),
        ([[0.0, np.inf], [np.inf, 0.0]], "symmetric", "infinity"),
        ([[0.0]], "laplacian", "kind must be"),
    ],
)
def test_bad_affinities_are_refused(W, kind, message):
    with pytest.raises(ValueError, match=message):
        normalize_affinity(W, kind)
