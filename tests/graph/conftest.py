"""Small graphs whose answers are known, and neighbors by a full sort."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances


def symmetric(n, edges):
    """Return the dense affinity of (i, j, weight) edges."""
    W = np.zeros((n, n))
    for i, j, weight in edges:
        W[i, j] = W[j, i] = weight
    return W


def unit_path(n):
    """Return the dense affinity of a path of n nodes."""
    return symmetric(n, [(i, i + 1, 1) for i in range(n - 1)])


@pytest.fixture
def graphs():
    """Return small affinities by name."""
    triangle = symmetric(4, [(0, 1, 1), (0, 2, 0.5), (1, 2, 0.25), (2, 3, 2)])
    # The same, with an edge that no label reaches and a node without edges.
    broken = np.zeros((7, 7))
    broken[:4, :4] = triangle
    broken[4, 5] = broken[5, 4] = 1
    return SimpleNamespace(
        path=symmetric(4, [(0, 1, 1), (1, 2, 2), (2, 3, 1)]),
        triangle_and_tail=triangle,
        broken=broken,
        unit_path=unit_path,
    )


@pytest.fixture
def by_sorting():
    """Return a function that finds neighbors by sorting all distances."""

    def sort(X, k, Y=None, metric="euclidean"):
        D = pairwise_distances(X, X if Y is None else Y, metric=metric)
        if metric == "euclidean":  # scikit-learn's are rounded near 0
            others = X if Y is None else Y
            D = np.sqrt(((X[:, None] - others[None]) ** 2).sum(axis=2))
        if Y is None:
            np.fill_diagonal(D, np.inf)
        order = np.argsort(D, axis=1, kind="stable")[:, :k]
        return order, np.take_along_axis(D, order, axis=1)

    return sort
