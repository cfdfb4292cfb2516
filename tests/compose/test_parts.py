"""Parts of a pool: none empty, every row in one, and errors that say where."""

import numpy as np
import pytest
from joblib import parallel_config
from numpy.testing import assert_array_equal
from scipy import sparse

from skactive.compose import _parts
from skactive.compose._parts import ask_parts, cut, deal, number_of_parts, rows_of
from skactive.utils._pool import Pool


def sums():
    """Return a question, made here: processes cannot import this file."""

    def total(X, positions, n):
        return float(np.asarray(X.sum())), list(positions), n

    return total


total = sums()


class Carries:
    """A question that carries data."""

    def __init__(self, data):
        self.data = data

    def __call__(self, X, positions, n):
        return len(positions)


def fail(X, positions, n):
    raise ValueError("a model that is not happy")


@pytest.mark.parametrize(("n_rows", "n_parts"), [(1, 1), (7, 3), (7, 7), (1000, 6)])
def test_every_row_is_in_one_part_and_no_part_is_empty(n_rows, n_parts):
    for parts in (
        cut(n_rows, n_parts),
        deal(n_rows, n_parts, np.random.RandomState(0)),
    ):
        assert len(parts) <= n_parts
        assert all(len(part) for part in parts)
        rows = np.concatenate([np.asarray(part) for part in parts])
        assert_array_equal(np.sort(rows), np.arange(n_rows))
        for part in parts:
            assert (np.diff(part) > 0).all()
    assert len(cut(n_rows, n_parts)) == n_parts


def test_parts_that_are_dealt_are_of_one_size_and_of_runs():
    parts = deal(100_000, 4, np.random.RandomState(0))
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= _parts.RUN_ROWS
    assert np.mean(np.diff(parts[0]) == 1) > 0.99
    assert parts[0].max() - parts[0].min() > 80_000  # from all over the pool


def test_the_number_of_parts():
    assert number_of_parts("auto", range(3)) == 3
    assert number_of_parts("auto", range(5_000)) == 4
    assert number_of_parts("auto", range(1_000_001)) == 11
    assert number_of_parts(8, range(5)) == 5


def test_a_part_of_an_array_is_no_copy():
    X = np.arange(20.0).reshape(10, 2)
    assert np.shares_memory(rows_of(X, range(2, 5)), X)
    assert_array_equal(rows_of(X, np.array([1, 3])), X[[1, 3]])
    assert_array_equal(rows_of(sparse.csc_array(X), range(2, 5)).toarray(), X[2:5])
    assert rows_of([[1], [2], [3]], range(1, 3)) == [[2], [3]]


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_answers_come_in_the_order_of_the_parts(backend):
    X = np.arange(10.0)[:, None]
    parts = cut(10, 3)
    expected = [(X[part.start : part.stop].sum(), list(part), 2) for part in parts]
    with parallel_config(backend, n_jobs=2):
        assert ask_parts(total, X, parts, 2, None) == expected


def test_an_error_says_in_which_part_it_was():
    X = np.zeros((10, 2))
    with pytest.raises(ValueError, match="not happy") as caught:
        ask_parts(fail, X, cut(10, 3), 1, None)
    notes = getattr(caught.value, "__notes__", ["In part 1 of 3 of the pool"])
    assert "In part 1 of 3 of the pool" in notes[0]


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, np.ndarray.tolist])
def test_a_row_that_is_not_finite_is_named_by_its_position_in_the_pool(kind):
    X = np.ones((10, 2))
    X[8, 1] = np.nan
    parts = [np.array([0, 1, 2]), np.array([5, 8, 9])]
    with pytest.raises(ValueError, match="not happy") as caught:
        ask_parts(fail, kind(X), parts[1:], 1, None)
    assert "Row 8 of the pool, in part 1 of 1, holds NaN" in str(caught.value)


def test_samples_that_are_no_numbers_keep_their_error():
    with pytest.raises(ValueError, match="^a model that is not happy"):
        ask_parts(fail, ["a", "b"], cut(2, 2), 1, None)


def test_a_model_that_carries_more_than_the_pool_is_warned_of(monkeypatch):
    monkeypatch.setattr(_parts, "HEAVY", 10_000)
    X, parts = np.zeros((100, 2)), cut(100, 4)
    heavy, light = Carries(np.zeros(1000)), Carries(np.zeros(10))
    ask_parts(heavy, X, parts, 1, None)  # nothing is sent anywhere
    with parallel_config("threading", n_jobs=2):
        ask_parts(heavy, X, parts, 1, None)
    # Sent nowhere: the warning is about what would be.
    here = lambda calls: [ask(*given) for ask, given, _ in calls]  # noqa: E731
    monkeypatch.setattr(_parts, "Parallel", lambda n_jobs: here)
    with parallel_config("loky", n_jobs=2):
        assert ask_parts(light, X, parts, 1, None) == [25] * 4
        ask_parts(heavy, np.zeros((10_000, 2)), cut(10_000, 4), 1, None)
        with pytest.warns(UserWarning, match="carry its training data"):
            ask_parts(heavy, X, parts, 1, None)


@pytest.mark.parametrize("kind", [np.asarray, list, sparse.csr_array])
@pytest.mark.parametrize("positions", [None, np.array([1, 2, 5, 9, 14, 15, 19])])
@pytest.mark.parametrize("rows", [range(2, 5), np.array([0, 3, 6])], ids=repr)
def test_rows_of_a_pool_by_reference(kind, positions, rows):
    X = np.arange(40.0).reshape(20, 2)
    pool = Pool(kind(X), positions)
    at = np.asarray(rows) if positions is None else positions[np.asarray(rows)]
    found = rows_of(pool, rows)
    found = found.toarray() if sparse.issparse(found) else np.asarray(found)
    assert_array_equal(found, X[at])
    assert pool._rows is None  # nothing but these was read
