"""Checks of the answer: what a list of positions must be, and for which n."""

import warnings

import numpy as np
import pytest

from skactive.base import QueryStrategy
from skactive.exceptions import PoolExhaustedWarning
from skactive.testing import _check_answers as checks


@pytest.mark.parametrize(
    "positions, fault",
    [
        ([0, 1], "must return an ndarray, got list"),
        (np.array([0, 1], dtype=np.int32), "expected dtype intp, got int32"),
        (np.array([0.0, 1.0]), "expected dtype intp, got float64"),
        (np.array([0]), r"expected 2 positions, got \(1,\)"),
        (np.array([[0, 1]]), r"expected 2 positions, got \(1, 2\)"),
        (np.array([3, 3]), r"positions repeat: \[3, 3\]"),
        (np.array([0, 4]), r"must lie in the pool, 0..3: \[0, 4\]"),
        (np.array([-1, 0]), r"must lie in the pool, 0..3: \[-1, 0\]"),
    ],
)
def test_what_is_wrong_with_positions_is_said(positions, fault):
    with pytest.raises(AssertionError, match=fault):
        checks.assert_positions(positions, 2, 4)


@pytest.mark.parametrize("positions", [[0, 3], [3, 0], [1, 2]])
def test_distinct_positions_in_the_pool_are_fine(positions):
    checks.assert_positions(np.array(positions, dtype=np.intp), 2, 4)


class Spy(QueryStrategy):
    """Ask for the first samples, and keep count of what was asked."""

    asked = []

    def fit(self, X, y=None, X_pool=None):
        Spy.pool = (len(X), len(X_pool), len(np.unique(X_pool, axis=0)))
        return super().fit(X, y, X_pool)

    def _query(self, n):
        Spy.asked.append((*Spy.pool, n))
        return np.arange(n)


@pytest.fixture(autouse=True)
def nothing_asked():
    Spy.asked.clear()


@pytest.mark.parametrize(
    "name, asked",
    [
        # Labeled, pool, distinct rows in the pool, n.
        ("check_whole_pool_is_a_permutation", [(18, 7, 7, 7), (9, 21, 21, 21)]),
        ("check_pool_of_one", [(18, 1, 1, 1)]),
        (
            "check_identical_points",
            [(18, 9, 1, 1), (18, 9, 1, 4), (18, 9, 1, 9)] * 2,
        ),
        (
            "check_few_distinct_points",
            [(18, 12, 3, 3), (18, 12, 3, 5), (18, 12, 3, 12)],
        ),
        ("check_exhausted_pool_warns", [(18, 5, 5, 5)]),
    ],
)
def test_a_check_asks_what_its_name_says(name, asked):
    getattr(checks, name)(Spy())
    assert Spy.asked == asked


class WarnsTwice(Spy):
    def query(self, n=1):
        warnings.warn("twice", PoolExhaustedWarning, stacklevel=2)
        return super().query(n)


def test_an_exhausted_pool_is_told_once_and_no_other_warning_counts():
    with pytest.raises(AssertionError, match="expected one PoolExhaustedWarning"):
        checks.check_exhausted_pool_warns(WarnsTwice())

    class WarnsOfSomethingElse(Spy):
        def _query(self, n):
            warnings.warn("slow", UserWarning, stacklevel=2)
            return super()._query(n)

    checks.check_exhausted_pool_warns(WarnsOfSomethingElse())


def test_a_refusal_of_n_must_name_it():
    class SaysNothing(Spy):
        def query(self, n=1):
            if type(n) is not int or n < 1:
                raise ValueError("wrong")
            return super().query(n)

    with pytest.raises(AssertionError, match="the error must name n: wrong"):
        checks.check_bad_n_is_refused(SaysNothing())
    checks.check_bad_n_is_refused(Spy())


@pytest.mark.parametrize("taken", [0, -1, 1.0, True, "2", None])
def test_each_bad_n_is_tried(taken):
    class TakesOne(Spy):
        def query(self, n=1):
            if type(n) is type(taken) and n == taken:
                return np.arange(1)
            return super().query(n)

    with pytest.raises(AssertionError, match=f"query\\({taken!r}\\) must raise"):
        checks.check_bad_n_is_refused(TakesOne())
