"""Checks of what goes in: what counts as a refusal, and what each check hands over."""

import sys
from unittest import SkipTest

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skactive.base import QueryStrategy
from skactive.testing import _check_inputs as checks


def refuse(error):
    raise error


def test_a_refusal_is_a_value_error_that_says_the_word_in_any_case():
    checks._assert_refused(
        lambda: refuse(ValueError("pass X_POOL to fit")), "X_pool", what="it"
    )
    with pytest.raises(AssertionError, match="it: the error must mention 'X_pool', it"):
        checks._assert_refused(
            lambda: refuse(ValueError("no pool")), "X_pool", what="it"
        )
    with pytest.raises(AssertionError, match="it must raise a ValueError"):
        checks._assert_refused(lambda: None, "X_pool", what="it")


def test_an_error_of_another_kind_is_passed_on():
    with pytest.raises(KeyError, match="X_pool"):
        checks._assert_refused(lambda: refuse(KeyError("X_pool")), "X_pool", what="it")


class Spy(QueryStrategy):
    """Ask for the first samples, and write down what was given."""

    given = []

    def fit(self, X, y=None, X_pool=None):
        Spy.given.append((X, y, X_pool))
        return super().fit(X, y, X_pool)

    def _query(self, n):
        return np.arange(n)


@pytest.fixture(autouse=True)
def nothing_given():
    Spy.given.clear()


def test_the_cold_start_has_no_labels_and_no_pool():
    checks.check_cold_start(Spy())
    ((X, y, X_pool),) = Spy.given
    assert X.shape == (14, 4) and y is None and X_pool is None


def test_labels_are_left_out_with_and_without_a_pool():
    with pytest.raises(AssertionError, match="fit without y must raise"):
        checks.check_labels_are_required(Spy())

    class Asks(Spy):
        def fit(self, X, y=None, X_pool=None):
            super().fit(X, y, X_pool)
            raise ValueError("requires y to be passed")

    Spy.given.clear()
    checks.check_labels_are_required(Asks())
    assert [(y is None, X_pool is None) for _, y, X_pool in Spy.given] == [
        (True, True),
        (True, False),
    ]


@pytest.mark.parametrize(
    "name, labels",
    [
        ("check_one_class", [{0}]),
        ("check_string_labels", [{0, 1, 2}, {"ant", "bee", "cicada"}]),
        ("check_integer_labels", [{0, 1}, {-1, 7}]),
    ],
)
def test_labels_are_those_of_the_name(name, labels):
    getattr(checks, name)(Spy())
    assert [set(y.tolist()) for _, y, _ in Spy.given] == labels


@pytest.mark.parametrize(
    "name, kinds",
    [
        ("check_data_frame", [np.ndarray, pd.DataFrame]),
        ("check_sparse_pool", [np.ndarray, sparse.csr_array, sparse.csr_matrix]),
        ("check_list_pool", [np.ndarray, list]),
        ("check_float32", [np.ndarray]),
    ],
)
def test_containers_are_those_of_the_name_for_samples_and_pool(name, kinds):
    getattr(checks, name)(Spy())
    assert [type(X) for X, _, _ in Spy.given] == kinds
    assert [type(X_pool) for _, _, X_pool in Spy.given] == kinds


def test_the_pool_of_a_data_frame_is_not_numbered_from_zero():
    checks.check_data_frame(Spy())
    _, y, X_pool = Spy.given[1]
    assert isinstance(y, pd.Series)
    assert X_pool.index.tolist() == list(range(113, 99, -1))


def test_single_precision_and_four_axes_are_what_they_say():
    checks.check_float32(Spy())
    checks.check_four_axes_are_left_alone(Spy())
    (X, _, X_pool), (images, _, image_pool) = Spy.given
    assert X.dtype == X_pool.dtype == np.float32
    assert images.shape == (18, 1, 2, 2) and image_pool.shape == (14, 1, 2, 2)


def test_sparse_rows_have_zeros_that_are_not_stored():
    checks.check_sparse_pool(Spy())
    dense, csr = Spy.given[0][2], Spy.given[1][2]
    assert csr.nnz == np.count_nonzero(dense) < dense.size
    np.testing.assert_array_equal(csr.toarray(), dense)


class Refuses(Spy):
    """Ask for nothing: refuse with words."""

    words, kind = "", ValueError

    def fit(self, X, y=None, X_pool=None):
        if sparse.issparse(X) or len(np.unique(y)) == 1:
            raise self.kind(self.words)
        return super().fit(X, y, X_pool)


@pytest.mark.parametrize("kind", [ValueError, TypeError])
@pytest.mark.parametrize(
    "words, fine",
    [
        ("Sparse data was passed", True),
        ("a dense array is required", True),
        ("bad input", False),
    ],
)
def test_sparse_rows_may_be_refused_if_the_error_says_so(kind, words, fine):
    class Wrong(Refuses):
        pass

    Wrong.words, Wrong.kind = words, kind
    if fine:
        checks.check_sparse_pool(Wrong())
    else:
        with pytest.raises(AssertionError, match="must say so, this one says: bad inp"):
            checks.check_sparse_pool(Wrong())


def test_a_single_class_may_be_refused_if_the_error_says_so():
    class Wrong(Refuses):
        words = "needs two classes or more"

    checks.check_one_class(Wrong())
    Wrong.words = "singular matrix"
    with pytest.raises(AssertionError, match='must say "class": singular matrix'):
        checks.check_one_class(Wrong())


def test_checks_of_data_frames_are_skipped_without_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    for check in (checks.check_data_frame, checks.check_mixed_columns):
        with pytest.raises(SkipTest, match="pandas is not installed"):
            check(Spy())


@pytest.mark.parametrize(
    "name, rows",
    [
        ("check_pool_of_other_width_is_refused", [(18, 4), (18,), (14, 3)]),
        ("check_other_length_of_y_is_refused", [(18, 4), (17,), (14, 4)]),
    ],
)
def test_what_does_not_fit_is_handed_over_and_refused(name, rows):
    getattr(checks, name)(Spy())
    ((X, y, X_pool),) = Spy.given
    assert [X.shape, y.shape, X_pool.shape] == rows


def test_a_pool_that_was_not_passed_must_be_named():
    checks.check_missing_pool_is_named(Spy())

    class Vague(Spy):
        def query(self, n=1):
            raise ValueError("nothing to ask about")

    with pytest.raises(AssertionError, match="query without a pool: the error must"):
        checks.check_missing_pool_is_named(Vague())
