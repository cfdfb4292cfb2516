"""Nearest neighbors against a full sort."""

import numpy as np
import pytest
from scipy import sparse

from skactive.graph import nearest_neighbors


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("d", [3, 40])
@pytest.mark.parametrize("memory_budget", [1, 2**27])
def test_neighbors_are_those_of_a_full_sort(
    metric, dtype, d, memory_budget, by_sorting
):
    X = np.random.RandomState(0).standard_normal((400, d)).astype(dtype)
    expected, far = by_sorting(X.astype(float), 6, metric=metric)
    found, distances = nearest_neighbors(
        X, 6, metric=metric, memory_budget=memory_budget
    )
    assert distances.dtype == dtype and found.dtype == np.int32
    assert np.mean(found == expected) > (0.999 if dtype == np.float32 else 0.9999)
    np.testing.assert_allclose(distances, far, atol=1e-5 if dtype == np.float32 else 0)


def test_neighbors_among_other_rows_and_from_threads(by_sorting):
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


def test_a_row_of_zeros_is_at_cosine_distance_one():
    _, distances = nearest_neighbors([[0, 0], [1.0, 0], [2, 0]], 2, metric="cosine")
    np.testing.assert_array_equal(distances, [[1, 1], [0, 1], [0, 1]])


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
