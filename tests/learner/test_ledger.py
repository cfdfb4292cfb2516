"""The book of a run."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skactive.learner._ledger import Ledger
from skactive.utils._answers import ClassAnswers, NumberAnswers
from skactive.utils._label_sets import LabelSetAnswers


def ledger(answers=None):
    values = np.array([3.0, np.nan, np.nan, 5.0, np.nan], dtype=object)
    known = np.array([True, False, False, True, False])
    return Ledger(answers or ClassAnswers(), values, known)


def write(book, rows, answers, n_iter):
    answers, given = book.check(rows, answers)
    book.record(rows, answers, given, n_iter)


def test_what_is_written_down_is_there():
    book = ledger()
    write(book, np.array([4, 1]), [3, None], 1)
    assert_array_equal(book.labeled, [0, 3, 4])
    assert_array_equal(book.labels, [3, 5, 3])
    assert book.labels.dtype.kind == "i"
    assert_array_equal(book.candidates, [2])  # 1 was asked and skipped
    assert book.order == [4, 1] and book.n_paid == 2
    assert_array_equal(book.labeled_iter, [0, -1, -1, 0, 1])
    assert book.labeled_iter.dtype == np.int32  # a pool may have 10^8 rows
    assert book.n_iter == 1


def test_numbers_stay_numbers():
    book = ledger(NumberAnswers())
    assert book.labels.dtype.kind == "f"
    assert_array_equal(book.labels, [3.0, 5.0])


@pytest.mark.parametrize(
    "rows, answers, error, match",
    [
        ([1, 2], [1], ValueError, "2 rows were asked for and the answer holds 1"),
        ([1], 1, ValueError, "a single value"),
        ([1, 2], np.ones((2, 2)), ValueError, r"shape \(2, 2\)"),
        ([1, 2], [[1, 0], [0, 1]], ValueError, r"one class, .* got \[1, 0\]"),
        ([1, 2], [3, {"label": 3}], ValueError, "got {'label': 3}"),
        ([1, 2], [3, "cat"], TypeError, "mixes strings"),
        ([1, 2], [3, np.inf], ValueError, "infinity"),
        ([1, 1], [3, 3], ValueError, "named twice"),
        ([0], [3], ValueError, "already labeled"),
        ([5], [3], ValueError, r"0\.\.4"),
        ([1.0], [3], ValueError, "integers"),
    ],
)
def test_of_a_batch_with_a_fault_nothing_is_written_down(rows, answers, error, match):
    book = ledger()
    with pytest.raises(error, match=match):
        write(book, np.array(rows), answers, 1)
    assert book.order == [] and book.n_iter == 0
    assert_array_equal(book.known, [True, False, False, True, False])
    assert_array_equal(book.candidates, [1, 2, 4])


def test_what_is_masked_is_a_skip():
    book = ledger()
    answers = np.ma.MaskedArray([5, 7], mask=[False, True])
    write(book, np.array([1, 2]), answers, 1)
    assert_array_equal(book.labels, [3, 5, 5])
    assert_array_equal(book.candidates, [4])


def test_rows_of_several_values_are_kept_and_published():
    answers = LabelSetAnswers()
    y = answers.read([[1, 0], None, None], 3)
    ledger = Ledger(answers, answers.keep(y), ~answers.missing(y))
    assert ledger.in_columns
    given = ledger.check([1, 2], [[0, 1], None])
    ledger.record([1, 2], *given, n_iter=1)
    assert ledger.labels.tolist() == [[1, 0], [0, 1]]
    nan = np.nan
    np.testing.assert_array_equal(ledger.published, [[1, 0], [0, 1], [nan, nan]])
    with pytest.raises(ValueError, match="has 3 columns and others have 2"):
        ledger.check([2], [[0, 1, 1]])
    ledger.forget([0, 1])
    assert np.isnan(ledger.published).all() and ledger.published.shape == (3, 2)
    ledger.begin_again()
    np.testing.assert_array_equal(ledger.published[0], [1, 0])


@pytest.mark.parametrize("marker", [-1, "?", None, np.nan], ids=repr)
@pytest.mark.parametrize("as_array", [True, False])
def test_none_is_no_answer_however_absent_labels_are_marked(marker, as_array):
    """NoisyOracle abstains by None, and so do people, whatever y looks like."""
    value = "cat" if marker == "?" else 1
    values = np.array([value, marker, marker, marker], dtype=object)
    ledger = Ledger(ClassAnswers(marker), values, np.array([True, False, False, False]))
    given = [value, None, marker]
    given = np.array(given, dtype=object) if as_array else given
    answers, is_label = ledger.check(np.arange(1, 4), given)
    assert is_label.tolist() == [True, False, False]
    ledger.record(np.arange(1, 4), answers, is_label, 1)
    assert ledger.labels.tolist() == [value, value]
    assert ledger.skipped.tolist() == [2, 3]
    assert ledger.answers.missing(ledger.values).tolist() == [False, False, True, True]
