"""The exact search: the largest of each row, ties, and a second look in float64."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from skactive.graph import _exact as module
from skactive.graph import nearest_neighbors
from skactive.graph._exact import exact_neighbors, largest_columns, sorted_by_distance


def test_equal_distances_are_in_the_order_of_rows():
    X = np.zeros((400, 2))
    found, _ = nearest_neighbors(X, 3)
    np.testing.assert_array_equal(found[0], [1, 2, 3])
    np.testing.assert_array_equal(found[1], [0, 2, 3])
    np.testing.assert_array_equal(found[399], [0, 1, 2])


def test_near_ties_of_many_features_are_decided_in_double_precision(by_sorting):
    rng = np.random.RandomState(0)
    X = 1 + 1e-4 * rng.standard_normal((300, 30))
    X[0] = 1e3  # far from the others, so that single precision cannot tell them apart
    expected, _ = by_sorting(X, 4)
    found, _ = nearest_neighbors(X, 4)
    np.testing.assert_array_equal(found, expected)


@given(
    st.integers(1, 6),
    st.integers(1, 5),
    st.integers(0, 2**31 - 1),
    st.sampled_from([3, 50, 10**6]),
)
@settings(max_examples=40, deadline=None)
def test_largest_columns_are_largest_and_equal_ones_the_first(rows, k, seed, kinds):
    G = np.random.RandomState(seed).randint(kinds, size=(rows, 1700)).astype(float)
    expected = np.argsort(-G, axis=1, kind="stable")[:, :k]
    found = np.sort(largest_columns(G, k), axis=1)
    np.testing.assert_array_equal(found, np.sort(expected, axis=1))


@pytest.mark.parametrize("k", [1, 15, 100])
@pytest.mark.parametrize("few", [0, 10**6])
def test_a_first_look_that_misleads_changes_nothing(k, few, monkeypatch):
    place = np.arange(5000)
    monkeypatch.setattr(module, "FEW_COLUMNS", few)
    every = module.EVERY // (2 if few > len(place) else 1)
    looked_at = place % (module.PIECE * every) < module.PIECE
    misleading = [
        np.where(looked_at, 1e6, 0) + place % 97,  # largest where it looks
        np.where(looked_at, 0, 1e6) + place % 97,  # and everywhere else
        np.where(place < module.PIECE, 1e6, 0) + place,
        place,
        -place,
        0 * place,
        place % 2,
        np.where(place == 4999, 1, -np.inf),
    ]
    G = np.array(misleading, dtype=np.float32)
    expected = np.argsort(-G, axis=1, kind="stable")[:, :k]
    for strip in (1, 7000, module.STRIP):
        monkeypatch.setattr(module, "STRIP", strip)
        found = np.sort(largest_columns(G, k), axis=1)
        np.testing.assert_array_equal(found, np.sort(expected, axis=1))


@pytest.mark.parametrize("n_columns", [1, 5, 400, 401, 1999])
def test_the_largest_columns_may_be_all_or_one(n_columns):
    G = np.random.RandomState(0).permutation(3 * n_columns).reshape(3, -1).astype(float)
    everything = np.sort(largest_columns(G, n_columns), axis=1)
    assert everything.tolist() == [list(range(n_columns))] * 3
    assert largest_columns(G, 1).ravel().tolist() == G.argmax(axis=1).tolist()


def test_columns_that_are_minus_infinity_are_taken_last():
    G = np.full((2, 900), -np.inf)
    G[0, [7, 800]], G[1, 899] = 1, -5
    assert sorted(largest_columns(G, 3)[0]) == [0, 7, 800]
    assert sorted(largest_columns(G, 3)[1]) == [0, 1, 899]


LINE = np.array([[0.0], [3.0], [3.0], [7.0]])


@pytest.mark.parametrize("container", [np.array, sparse.csr_array])
def test_neighbors_on_a_line_by_hand(container):
    X = container(LINE)
    settings = {"metric": "euclidean", "memory_budget": 2**20, "n_jobs": 1}
    found, far = exact_neighbors(X, X, 2, True, **settings)
    assert found.tolist() == [[1, 2], [2, 0], [1, 0], [1, 2]]
    assert far.tolist() == [[3, 3], [0, 3], [0, 3], [4, 4]]
    # Rows that are not among the others may be their own neighbors.
    found, far = exact_neighbors(X[:2], X, 2, False, **settings)
    assert found.tolist() == [[0, 1], [1, 2]]
    assert far.tolist() == [[0, 3], [0, 0]]


@pytest.mark.parametrize("memory_budget", [1, 10**6])
@pytest.mark.parametrize("container", [np.array, sparse.csr_array])
def test_found_rows_are_sorted_by_distance_and_then_by_their_number(
    container, memory_budget
):
    X, given = container(LINE), np.array([[3, 2, 1], [3, 0, 2]])
    before = given.copy()
    found, far = sorted_by_distance(X[:2], X, given, "euclidean", memory_budget)
    assert found.tolist() == [[1, 2, 3], [2, 0, 3]]
    assert far.tolist() == [[3, 3, 7], [0, 3, 4]]
    assert found.dtype == np.int32
    np.testing.assert_array_equal(given, before)


def test_cosine_distances_of_zeros_are_one_to_anybody():
    X = np.array([[0.0, 0.0], [1.0, 0.0], [0.6, 0.8]])
    found, far = sorted_by_distance(X, X, np.array([[0, 1, 2]] * 3), "cosine", 10**6)
    assert found.tolist() == [[0, 1, 2], [1, 2, 0], [2, 1, 0]]
    np.testing.assert_allclose(far, [[1, 1, 1], [0, 0.4, 1], [0, 0.4, 1]], atol=1e-15)


@pytest.mark.parametrize("metric, apart", [("euclidean", 1e-9), ("cosine", 1e-5)])
def test_what_float32_cannot_tell_is_looked_at_again(metric, apart, by_sorting):
    # Wide rows go through float32 first, and all of these are alike there.
    rng = np.random.RandomState(0)
    X = np.ones((60, 20)) + apart * rng.standard_normal((60, 20))
    if metric == "cosine":
        X /= np.linalg.norm(X, axis=1, keepdims=True)
    settings = {"memory_budget": 2**20, "n_jobs": 1}
    found, _ = exact_neighbors(X, X, 3, True, metric=metric, **settings)
    # Unit vectors are in the order of their Euclidean distances.
    np.testing.assert_array_equal(found, by_sorting(X, 3)[0])


def near_copies(kind, n, d, dtype):
    """Rows that a product takes for the same, each before some other row."""
    rng = np.random.RandomState(0)
    row = rng.standard_normal(d)
    same = {
        "copies": np.tile(row, (n, 1)),
        "1e-9 apart": row + 1e-9 * rng.standard_normal((n, d)),
        "of one direction": row * rng.uniform(1, 9, (n, 1)),
    }[kind]
    X = np.empty((2 * n, d), dtype=dtype)
    X[::2], X[1::2] = same, rng.standard_normal((n, d))
    return X


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["copies", "1e-9 apart", "of one direction"])
@pytest.mark.parametrize("d", [5, 40])
def test_neighbors_of_near_copies_do_not_hang_on_blocks_or_containers(
    metric, dtype, kind, d
):
    X = near_copies(kind, 200, d, dtype)
    for rows in (None, X[:50]):
        X_asked, Y = (X, None) if rows is None else (rows, X)
        found, far = nearest_neighbors(X_asked, 5, Y=Y, metric=metric)
        for container, budget in (
            (np.array, 1),
            (np.array, 50_000),
            (sparse.csr_array, 1),
        ):
            again, far_again = nearest_neighbors(
                container(X_asked),
                5,
                Y=None if Y is None else container(Y),
                metric=metric,
                memory_budget=budget,
            )
            np.testing.assert_array_equal(again[::2], found[::2])
            # To other rows near copies are the same: any of them, at one distance.
            tiny = 1e-5 if dtype == np.float32 else 1e-8
            np.testing.assert_allclose(far_again, far, atol=tiny)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("d", [5, 40])
def test_the_nearest_of_some_near_copies_are_found(metric, d, by_sorting):
    X = near_copies("1e-9 apart", 60, d, np.float64)
    if metric == "cosine":
        X /= np.linalg.norm(X, axis=1, keepdims=True)
    expected, _ = by_sorting(X, 5)
    np.testing.assert_array_equal(nearest_neighbors(X, 5, metric=metric)[0], expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("container", [np.array, sparse.csr_array])
def test_rows_of_one_direction_are_at_cosine_distance_zero_in_order(dtype, container):
    rng = np.random.RandomState(0)
    X = container((rng.uniform(1, 9, (90, 1)) * rng.standard_normal(20)).astype(dtype))
    found, far = nearest_neighbors(X, 3, metric="cosine")
    assert found[[0, 1, 89]].tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 2]]
    assert (far == 0).all()
