"""Tests of skactive.graph._known_rows."""

import numpy as np
import pytest
from scipy import sparse

from skactive.graph import _known_rows
from skactive.graph._known_rows import KnownRows, row_keys

KINDS = {
    "float64": lambda X: X,
    "float32": lambda X: X.astype(np.float32),
    "CSR": sparse.csr_array,
    "CSR of float32": lambda X: sparse.csr_array(X.astype(np.float32)),
}


def rows(n=200, d=5, seed=0):
    X = np.random.RandomState(seed).normal(size=(n, d))
    X[X < -0.5] = 0
    X[40:50] = X[3]
    X[60:64] = 0
    return X


@pytest.mark.parametrize("block", [64, 2**22], ids=["small blocks", "one block"])
@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_found_and_others_are_not(kind, block, monkeypatch):
    monkeypatch.setattr(_known_rows, "BLOCK", block)
    X = rows()
    first = [np.flatnonzero((row == X).all(axis=1))[0] for row in X]
    known = KnownRows(KINDS[kind](X))
    assert known.find(KINDS[kind](X)).tolist() == first
    for column in range(5):
        moved = X.astype(np.float32).astype(float)
        moved[:, column] = np.nextafter(moved[:, column].astype(np.float32), 9)
        assert (known.find(KINDS[kind](moved)) == -1).all()


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_to_is_not_found(kind):
    X = KINDS[kind](rows())
    asked = X.copy()
    known = KnownRows(X)
    (X.data if sparse.issparse(X) else X)[:] += 1
    found = known.find(asked)
    # Rows without an entry are as they were.
    assert (
        (found[X.toarray().any(axis=1)] == -1).all()
        if "CSR" in kind
        else ((found == -1).all())
    )


def test_another_dtype_or_format_is_not_found():
    X = rows()
    for made, asked in [("float64", "float32"), ("CSR", "float64"), ("float32", "CSR")]:
        assert (KnownRows(KINDS[made](X)).find(KINDS[asked](X)) == -1).all()


def test_no_rows_and_no_columns():
    assert KnownRows(np.empty((0, 3))).find(np.eye(3)).tolist() == [-1, -1, -1]
    assert KnownRows(np.eye(3)).find(np.empty((0, 3))).tolist() == []


def test_signs_of_zero_and_stored_zeros_are_the_same():
    assert KnownRows(np.array([[0.0, 1.0]])).find(np.array([[-0.0, 1.0]])) == [0]
    stored = sparse.csr_array(
        (np.array([0.0, 1.0, 0.5, 0.5]), np.array([0, 1, 2, 2]), np.array([0, 4])),
        shape=(1, 3),
    )
    assert KnownRows(sparse.csr_array([[0.0, 1.0, 1.0]])).find(stored) == [0]


@pytest.mark.parametrize("values", [2, 3, 17])
def test_keys_of_small_whole_numbers_differ(values):
    X = np.unique(
        np.random.RandomState(0).randint(values, size=(3000, 12)).astype(float), axis=0
    )
    for dtype in (np.float64, np.float32):
        assert len(np.unique(row_keys(X.astype(dtype)))) == len(X)


def test_rows_of_one_key_are_told_apart(monkeypatch):
    monkeypatch.setattr(
        _known_rows, "row_keys", lambda X: np.zeros(X.shape[0], dtype=np.uint64)
    )
    X = np.eye(4)
    assert KnownRows(X).find(X).tolist() == [0, -1, -1, -1]
