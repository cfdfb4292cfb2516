"""Nearest neighbors against a full sort."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.metrics import pairwise_distances

from skactive.graph import nearest_neighbors
from skactive.graph._approximate import without_self
from skactive.graph._exact import largest_columns


def by_sorting(X, k, Y=None, metric="euclidean"):
    D = pairwise_distances(X, X if Y is None else Y, metric=metric)
    if metric == "euclidean":  # scikit-learn's are rounded near 0
        others = X if Y is None else Y
        D = np.sqrt(((X[:, None] - others[None]) ** 2).sum(axis=2))
    if Y is None:
        np.fill_diagonal(D, np.inf)
    order = np.argsort(D, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(D, order, axis=1)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("d", [3, 40])
@pytest.mark.parametrize("memory_budget", [1, 2**27])
def test_neighbors_are_those_of_a_full_sort(metric, dtype, d, memory_budget):
    X = np.random.RandomState(0).standard_normal((400, d)).astype(dtype)
    expected, far = by_sorting(X.astype(float), 6, metric=metric)
    found, distances = nearest_neighbors(
        X, 6, metric=metric, memory_budget=memory_budget
    )
    assert distances.dtype == dtype and found.dtype == np.int32
    assert np.mean(found == expected) > (0.999 if dtype == np.float32 else 0.9999)
    np.testing.assert_allclose(distances, far, atol=1e-5 if dtype == np.float32 else 0)


def test_neighbors_among_other_rows_and_from_threads():
    rng = np.random.RandomState(1)
    X, Y = rng.standard_normal((50, 4)), rng.standard_normal((600, 4))
    expected, far = by_sorting(X, 5, Y)
    found, distances = nearest_neighbors(X, 5, Y=Y, n_jobs=2, memory_budget=10_000)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_allclose(distances, far)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_sparse_rows_have_the_neighbors_of_dense_ones(metric):
    X = sparse.random(200, 30, density=0.3, random_state=0, format="csr")
    dense, far = nearest_neighbors(X.toarray(), 4, metric=metric)
    for A in (X, sparse.csr_array(X)):
        found, distances = nearest_neighbors(A, 4, metric=metric)
        np.testing.assert_array_equal(found, dense)
        np.testing.assert_allclose(distances, far, atol=1e-12)
    found, _ = nearest_neighbors(X[:9], 4, Y=X.toarray(), metric=metric)
    assert (found == np.arange(9)[:, None]).any(axis=1).all()


def test_equal_rows_are_neighbors_at_distance_zero_and_nobody_is_his_own():
    X = np.repeat(np.random.RandomState(0).standard_normal((20, 5)), 3, axis=0) * 1e3
    found, distances = nearest_neighbors(X.astype(np.float32), 2)
    rows = np.arange(60)
    assert (found // 3 == (rows // 3)[:, None]).all()
    assert not (found == rows[:, None]).any()
    assert (distances == 0).all()


def test_equal_distances_are_in_the_order_of_rows():
    X = np.zeros((400, 2))
    found, _ = nearest_neighbors(X, 3)
    np.testing.assert_array_equal(found[0], [1, 2, 3])
    np.testing.assert_array_equal(found[1], [0, 2, 3])
    np.testing.assert_array_equal(found[399], [0, 1, 2])


def test_near_ties_of_many_features_are_decided_in_double_precision():
    rng = np.random.RandomState(0)
    X = 1 + 1e-4 * rng.standard_normal((300, 30))
    X[0] = 1e3  # far from the others, so that single precision cannot tell them apart
    expected, _ = by_sorting(X, 4)
    found, _ = nearest_neighbors(X, 4)
    np.testing.assert_array_equal(found, expected)


def test_a_row_of_zeros_is_at_cosine_distance_one():
    _, distances = nearest_neighbors([[0, 0], [1.0, 0], [2, 0]], 2, metric="cosine")
    np.testing.assert_array_equal(distances, [[1, 1], [0, 1], [0, 1]])


@given(
    st.integers(1, 6),
    st.integers(1, 5),
    st.integers(0, 2**31 - 1),
    st.sampled_from([3, 50]),
)
@settings(max_examples=40, deadline=None)
def test_largest_columns_are_largest_and_equal_ones_the_first(rows, k, seed, kinds):
    G = np.random.RandomState(seed).randint(kinds, size=(rows, 400)).astype(float)
    expected = np.argsort(-G, axis=1, kind="stable")[:, :k]
    found = np.sort(largest_columns(G, k), axis=1)
    np.testing.assert_array_equal(found, np.sort(expected, axis=1))


def test_more_neighbors_than_rows_are_all_rows():
    found, _ = nearest_neighbors([[0.0], [1.0], [3.0]], 99)
    np.testing.assert_array_equal(found, [[1, 2], [0, 2], [1, 0]])
    found, distances = nearest_neighbors([[0.0]], 3)
    assert found.shape == distances.shape == (1, 0)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"metric": "manhattan"}, "metric must be"),
        ({"algorithm": "annoy"}, "algorithm must be"),
        ({"n_neighbors": 0}, "n_neighbors must be at least 1"),
        ({"Y": [[1.0, 2.0]]}, "2; both must have the same"),
        ({"X": [[np.nan], [1.0]]}, "Input X contains NaN"),
        ({"X": sparse.eye_array(3).tocsr(), "algorithm": "faiss"}, "no sparse"),
    ],
)
def test_bad_input_is_refused(options, message):
    options = {"X": [[0.0], [1.0]], "n_neighbors": 1, **options}
    with pytest.raises(ValueError, match=message):
        nearest_neighbors(**options)


# ------------------------------------------------------------ libraries


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
