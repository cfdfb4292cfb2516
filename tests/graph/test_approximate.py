"""Approximate neighbors: libraries that may be absent, and what they find."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from skactive.graph import nearest_neighbors
from skactive.graph._approximate import without_self


def test_a_library_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ImportError, match="algorithm='exact'"):
        nearest_neighbors([[0.0], [1.0]], 1, algorithm="faiss")


class FakeNNDescent:
    """Stands in for pynndescent: exact, with the row itself in front."""

    def __init__(self, data, n_neighbors, random_state, n_jobs):
        D = ((data[:, None] - data[None]) ** 2).sum(axis=2)
        found = np.argsort(D, axis=1, kind="stable")[:, :n_neighbors]
        self.neighbor_graph = (found, np.take_along_axis(D, found, axis=1))


def test_what_a_library_finds_is_measured_and_sorted_again(monkeypatch):
    fake = SimpleNamespace(NNDescent=FakeNNDescent)
    monkeypatch.setitem(sys.modules, "pynndescent", fake)
    X = np.random.RandomState(0).standard_normal((60, 4))
    found, distances = nearest_neighbors(X, 5, algorithm="pynndescent")
    expected, far = nearest_neighbors(X, 5)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(distances, far)


@pytest.mark.parametrize("library", ["hnswlib", "faiss", "pynndescent"])
def test_approximate_neighbors_are_mostly_right(library):
    pytest.importorskip(library)
    X = np.random.RandomState(0).standard_normal((2000, 8)).astype(np.float32)
    expected, _ = nearest_neighbors(X, 5)
    found, _ = nearest_neighbors(X, 5, algorithm=library, random_state=0)
    again, _ = nearest_neighbors(X, 5, algorithm=library, random_state=0)
    recall = np.mean([np.isin(a, b).mean() for a, b in zip(found, expected)])
    assert recall > 0.8
    assert not (found == np.arange(2000)[:, None]).any()
    np.testing.assert_array_equal(found, again)


def test_self_is_deleted_by_its_index_and_not_by_its_place():
    found = without_self(np.array([[1, 0, 2], [0, 2, 3], [2, 1, 0]]))
    np.testing.assert_array_equal(found, [[1, 2], [0, 2], [1, 0]])
