"""Rows of anything."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner
from skactive.diversity import CoreSet
from skactive.utils import concatenate_rows, sample_shape, shape_text
from skactive.utils._rows import take_rows, unboxed, with_rows


@pytest.mark.parametrize(
    "X, shape",
    [
        (np.zeros((5, 3)), (3,)),
        (np.zeros((5, 3, 8, 8)), (3, 8, 8)),
        (np.zeros(5), ()),
        (sparse.csr_array((5, 4)), (4,)),
        (pd.DataFrame({"a": [1], "b": [2]}), (2,)),
        (pd.Series(["a text"]), ()),
        ([[1, 2, 3]], (3,)),
        ([(1, 2), (3, 4)], (2,)),
        ([np.zeros((3, 2))], (3, 2)),
        ([1.0, 2.0], ()),
        (["a text", "another"], None),
        ([], None),
    ],
)
def test_the_shape_of_one_sample(X, shape):
    assert sample_shape(X) == shape


def test_shapes_in_words():
    assert shape_text((4,)) == "4 features"
    assert shape_text((3, 8, 8)) == "shape (3, 8, 8)"
    assert shape_text(()) == "shape ()"


def objects(values):
    array = np.empty(len(values), dtype=object)
    array[:] = list(values)
    return array


def test_samples_that_objects_hold_become_one_array():
    images = np.arange(24, dtype=np.uint8).reshape(4, 1, 2, 3)
    given = unboxed(objects(images))
    assert given.dtype == np.uint8
    np.testing.assert_array_equal(given, images)


@pytest.mark.parametrize(
    "X",
    [
        None,
        [np.zeros(2)] * 2,
        np.zeros((2, 3)),
        pd.Series([np.zeros(2)] * 2),
        objects(["a text", "another"]),
        objects([["two", "words"], ["two", "more"]]),
        objects([np.zeros((1, 2)), np.zeros((1, 3))]),
        objects([np.zeros((1, 2)), "a path"]),
        objects([np.zeros((1, 2)), np.float64(1.0)]),
        objects([np.float64(2.0), np.float64(1.0)]),
        np.array([[1, "a"]], dtype=object),
    ],
)
def test_other_samples_stay_what_they_are(X):
    assert unboxed(X) is X


def test_arrays_are_stacked():
    rows = concatenate_rows(np.zeros((1, 2)), np.ones((2, 2)))
    np.testing.assert_array_equal(rows, [[0, 0], [1, 1], [1, 1]])
    images = concatenate_rows(np.zeros((1, 3, 2, 2)), np.zeros((4, 3, 2, 2)))
    assert images.shape == (5, 3, 2, 2)


def test_single_precision_is_kept():
    block = np.zeros((2, 2), dtype=np.float32)
    assert concatenate_rows(block, block).dtype == np.float32


def test_lists_are_stacked():
    assert concatenate_rows([[1, 2]], [[3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert concatenate_rows(["a"], ["bc"]).tolist() == ["a", "bc"]


@pytest.mark.parametrize(
    "container", [sparse.csr_array, sparse.csr_matrix, sparse.csc_array]
)
def test_sparse_rows_become_csr(container):
    rows = concatenate_rows(container([[1, 0]]), container([[0, 2]]))
    assert rows.format == "csr"
    np.testing.assert_array_equal(rows.toarray(), [[1, 0], [0, 2]])


def test_frames_keep_columns_and_dtypes_and_not_the_index():
    first = pd.DataFrame({"a": [1], "b": ["x"]}, index=[7])
    second = pd.DataFrame({"a": [2], "b": ["y"]}, index=[7])
    rows = concatenate_rows(first, second)
    assert rows.index.tolist() == [0, 1] and rows.columns.tolist() == ["a", "b"]
    assert rows["a"].tolist() == [1, 2] and rows["b"].tolist() == ["x", "y"]
    assert rows.dtypes.equals(first.dtypes)


def test_the_blocks_are_not_changed():
    first, second = np.zeros((1, 2)), np.ones((1, 2))
    concatenate_rows(first, second)[:] = 9
    assert first.tolist() == [[0, 0]] and second.tolist() == [[1, 1]]


@pytest.mark.parametrize(
    "library, make", [("polars", "DataFrame"), ("pyarrow", "table")]
)
def test_frames_of_other_libraries_keep_their_names(library, make):
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    X = getattr(module, make)({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    both = concatenate_rows(X, X)
    assert type(both) is type(X) and both.shape == (4, 2)


def kinds_of_arrow(X):
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    table = arrow.table({f"x{k}": X[:, k] for k in range(X.shape[1])})
    halves = [table.slice(0, len(X) // 2), table.slice(len(X) // 2)]
    return {
        "one chunk": table,
        "two chunks": arrow.concat_tables(halves),
        "a batch": table.to_batches()[0],
    }


@pytest.mark.parametrize("kind", ["one chunk", "two chunks", "a batch"])
def test_rows_of_arrow_are_rows_like_others(kind):
    X = np.random.RandomState(0).normal(size=(60, 3))
    y = (X[:, 0] > 0).astype(int)
    T = with_rows(kinds_of_arrow(X)[kind])
    assert take_rows(T, [4, 2]).to_pandas().to_numpy().tolist() == X[[4, 2]].tolist()
    assert take_rows(T, 4).num_rows == 1 and take_rows(T, []).num_rows == 0

    def oracle(rows, X_rows):
        assert type(X_rows) is type(T) and len(X_rows) == len(rows)
        return y[rows]

    asked = [
        ActiveLearner(
            LogisticRegression(), CoreSet(), oracle=oracle, budget=10, random_state=0
        )
        .set_params(**settings)
        .fit(Z, target)
        .queried_indices_
        for Z, target, settings in (
            (X, y, {"oracle": None}),
            (kinds_of_arrow(X)[kind], y, {"oracle": None}),
            (kinds_of_arrow(X)[kind], None, {}),
        )
    ]
    for rows in asked[1:]:
        np.testing.assert_array_equal(rows, asked[0])


def test_batches_of_arrow_are_stacked():
    batch = kinds_of_arrow(np.zeros((2, 3)))["a batch"]
    assert concatenate_rows(batch, batch).shape == (4, 3)
