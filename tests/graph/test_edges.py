"""Weights of directed edges, one pair at a time, and how directions become one."""

import numpy as np
import pytest

from skactive.graph import (
    KNNAffinity,
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
