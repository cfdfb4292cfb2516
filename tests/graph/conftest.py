"""Small graphs whose answers are known."""

from types import SimpleNamespace

import numpy as np
import pytest


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
