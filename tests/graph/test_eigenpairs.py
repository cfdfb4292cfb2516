"""Eigenpairs of graphs, against a dense solver, on graphs of several kinds."""

import tracemalloc

import numpy as np
import pytest
from scipy import linalg, sparse

from skactive.graph import KNNAffinity, normalize_affinity
from skactive.graph import _eigenpairs as module
from skactive.graph._eigenpairs import smallest_eigenpairs


def knn(n, seed=0, d=3, k=6):
    Z = np.random.RandomState(seed).standard_normal((n, d))
    return KNNAffinity(k, metric="euclidean", affinity="gaussian").fit_transform(Z)


@pytest.mark.parametrize("n", [60, 500])
def test_pairs_are_eigenpairs_and_orthonormal(n):
    W, rank = knn(n), 12
    eigenvalues, vectors = smallest_eigenpairs(W, rank, random_state=0)
    laplacian = np.eye(n) - normalize_affinity(W).toarray()
    all_of_them = np.linalg.eigvalsh(laplacian)
    np.testing.assert_allclose(eigenvalues, all_of_them[:rank], atol=1e-9)
    np.testing.assert_allclose(laplacian @ vectors, vectors * eigenvalues, atol=1e-8)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(rank), atol=1e-9)


@pytest.mark.parametrize("solver_from", [10, 10**6])
def test_every_component_has_its_zero_eigenvalue(monkeypatch, solver_from):
    """Iterations find a multiple eigenvalue as often as they please."""
    monkeypatch.setattr(module, "DENSE_NODES", solver_from)
    W = sparse.block_diag([knn(20 + i, seed=i) for i in range(12)], format="csr")
    eigenvalues, vectors = smallest_eigenpairs(W, 20, random_state=0)
    laplacian = np.eye(W.shape[0]) - normalize_affinity(W).toarray()
    expected = np.linalg.eigvalsh(laplacian)[:20]
    np.testing.assert_allclose(eigenvalues, expected, atol=1e-9)
    assert (expected[:12] < 1e-9).all() and expected[12] > 1e-3
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(20), atol=1e-9)


@pytest.mark.skipif(not module.TAKES_RNG, reason="ARPACK keeps a state of its own")
def test_the_seed_decides_where_the_iteration_ends_early():
    """Copies have so many equal eigenvalues that vectors are drawn anew."""
    W = KNNAffinity().fit_transform(np.repeat(knn(60).toarray()[:, :8], 8, axis=0))
    assert W.shape[0] > module.DENSE_NODES
    first, again = (smallest_eigenpairs(W, 100, random_state=0) for _ in range(2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])


@pytest.mark.parametrize(("n", "rank", "expected"), [(900, 40, 40), (300, 90, 107)])
def test_memory_is_what_is_said(n, rank, expected):
    W = knn(n)
    tracemalloc.start()
    try:
        smallest_eigenpairs(W, rank, random_state=0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    peak -= 8 * 6 * W.nnz  # copies of the graph
    assert peak < 1.15 * expected * n * rank


def test_of_more_components_than_rank_the_largest_are_kept():
    W = sparse.block_diag([knn(8 + i, seed=i, k=7) for i in range(5)], format="csr")
    eigenvalues, vectors = smallest_eigenpairs(W, 2)
    np.testing.assert_array_equal(eigenvalues, 0)
    seen = np.flatnonzero(np.abs(vectors).sum(axis=1))
    np.testing.assert_array_equal(seen, np.arange(8 + 9 + 10, W.shape[0]))


@pytest.mark.parametrize("solver_from", [1, 10])
def test_eigenvalues_above_one_are_not_folded_back(monkeypatch, solver_from):
    """1 minus a singular value would be 0, 0, 2/3, 2/3."""
    path = sparse.diags_array([[1, 2, 1.0]] * 2, offsets=[-1, 1]).tocsr()
    monkeypatch.setattr(module, "DENSE_NODES", solver_from)
    eigenvalues, _ = smallest_eigenpairs(path, 4)
    np.testing.assert_allclose(eigenvalues, [0, 2 / 3, 4 / 3, 2], atol=1e-12)


def rows(kind, n):
    rng = np.random.RandomState(3)
    Z = rng.standard_normal((n, 8))
    if kind == "apart":
        Z[:, 0] += 50 * rng.randint(4, size=n)
    elif kind == "copies":
        Z = np.repeat(Z[: n // 6], 6, axis=0)
    elif kind == "a line":
        Z = np.linspace(0, 1, n)[:, None]
    elif kind == "a grid":
        Z = np.indices((n // 20, 20)).reshape(2, -1).T.astype(float)
    return Z


@pytest.mark.parametrize("kind", ["noise", "apart", "copies", "a line", "a grid"])
@pytest.mark.parametrize(("n", "rank"), [(402, 2), (402, 30), (402, 130), (40, 90)])
def test_the_space_is_that_of_a_dense_solver(kind, n, rank):
    """Signs and bases of equal eigenvalues are nobody's; the covariance is the same."""
    graph = KNNAffinity(6, metric="euclidean", affinity="gaussian", dtype="float32")
    W = graph.fit_transform(rows(kind, n))
    laplacian = np.eye(W.shape[0]) - normalize_affinity(W.astype(float)).toarray()
    expected, dense = linalg.eigh(laplacian)
    found, vectors = smallest_eigenpairs(W, rank, random_state=0)
    n_pairs = min(rank, W.shape[0])
    assert found.shape == (n_pairs,) and vectors.shape == (W.shape[0], n_pairs)
    np.testing.assert_allclose(found, expected[:n_pairs], atol=1e-10)
    np.testing.assert_allclose(laplacian @ vectors, vectors * found, atol=1e-9)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(n_pairs), atol=1e-10)
    # Only what is well apart from the first left out is the same for both.
    clear = expected[:n_pairs] < expected[min(n_pairs, len(expected) - 1)] - 1e-6
    clear |= n_pairs == W.shape[0]
    both = dense[:, :n_pairs][:, clear]
    np.testing.assert_allclose(vectors @ (vectors.T @ both), both, atol=1e-6)


def test_a_cut_that_is_too_high_is_noticed(monkeypatch):
    W = knn(450)
    expected, _ = smallest_eigenpairs(W, 20, random_state=0)
    degrees = []
    filtered = module._chebyshev

    def told(S, known, known_T, cut, degree, v):
        degrees.append(degree)
        return filtered(S, known, known_T, cut, degree, v)

    monkeypatch.setattr(module, "_chebyshev", told)
    monkeypatch.setattr(module, "RESTARTS", 3)
    monkeypatch.setattr(
        module, "_cut", lambda *args: (1 - expected[4], 1 - expected[1])
    )
    found, _ = smallest_eigenpairs(W, 20, random_state=0)
    np.testing.assert_allclose(found, expected, atol=1e-10)
    assert degrees[0] > 1 and degrees[-1] == 1


@pytest.mark.parametrize("rank", [1, 60])
@pytest.mark.parametrize("seed", range(2))
def test_the_cut_lets_through_what_is_wanted_and_not_much_more(rank, seed):
    W = knn(600, seed=seed, d=6)
    S = normalize_affinity(W.astype(float))
    known = module._component_vectors(W.astype(float), 600)
    rng = np.random.RandomState(seed)
    cut, top = module._cut(S, known, sparse.csr_array(known.T), rank, rng)
    values = np.linalg.eigvalsh(S.toarray())[: -known.shape[1]]
    assert top == pytest.approx(values[-1], abs=1e-6)
    assert rank <= (values > cut).sum() <= 2 * rank + 60


def test_the_filter_is_a_chebyshev_polynomial():
    W = knn(60)
    S = normalize_affinity(W.astype(float))
    known = module._component_vectors(W.astype(float), 60)
    known_T = sparse.csr_array(known.T)
    v = np.random.RandomState(0).standard_normal(60)
    cut = 0.4
    values, vectors = np.linalg.eigh(S.toarray() - 2 * (known @ known_T).toarray())
    scaled = (2 * values + 1 - cut) / (1 + cut)
    for degree in (2, 7):
        weights = np.polynomial.Chebyshev.basis(degree)(scaled)
        expected = vectors @ (weights * (vectors.T @ v))
        found = module._chebyshev(S, known, known_T, cut, degree, v)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
