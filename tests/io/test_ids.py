"""Names of samples, and the rows that a file is about."""

import numpy as np
import pandas as pd
import pytest

from skactive.io._ids import Rows, as_text, checked_ids, checked_rows


@pytest.mark.parametrize(
    "ids",
    [
        ["a", "b"],
        np.array(["a", "b"]),
        np.array(["a", "b"], dtype=object),
        pd.Series(["a", "b"], index=[7, 3]),
        pd.Index(["a", "b"]),
    ],
)
def test_names_become_plain_whatever_holds_them(ids):
    names = checked_ids(ids)
    assert names == ["a", "b"] and {type(name) for name in names} == {str}
    assert [type(name) for name in checked_ids(np.array([3, 4]))] == [int, int]
    assert checked_ids([1, "1"]) == [1, "1"]


@pytest.mark.parametrize(
    "ids, fault",
    [
        (["a", "a"], "'a' is that of rows 0 and 1"),
        ([1.0, 2.0], "are integers or strings; got 1.0"),
        ([True, False], "are integers or strings; got True"),
        ([None, "a"], "are integers or strings; got None"),
        ("ab", "one name for each sample; got 'ab'"),
        (b"ab", "one name for each sample; got b'ab'"),
        (3, "one name for each sample; got 3"),
        (None, "one name for each sample; got None"),
        ([["a"]], r"are integers or strings; got \['a'\]"),
        (["a", (1,)], r"are integers or strings; got \(1,\)"),
        (["a", np.nan], "are integers or strings; got nan"),
        (["a", np.True_], "are integers or strings; got np.True_"),
        ([b"a"], "are integers or strings; got b'a'"),
        (np.array([["a"]]), r"one name for each sample; got an array .*\(1, 1\)"),
        ([7, 8, np.int64(7)], "7 is that of rows 0 and 2"),
    ],
)
def test_what_is_no_list_of_names_is_refused(ids, fault):
    with pytest.raises(ValueError, match=f"ids of x must.*{fault}|ids of x {fault}"):
        checked_ids(ids, owner="x")


def test_names_that_are_one_in_text_are_refused():
    assert as_text([5, "b"], "x") == ["5", "b"]
    with pytest.raises(ValueError, match="must all be different; '5'"):
        as_text([5, "5"], "x")


@pytest.mark.parametrize("rows", [[2, 0], (2, 0), np.array([2, 0], np.uint8)])
def test_rows_are_plain_numbers(rows):
    assert checked_rows(rows, 3) == [2, 0]
    assert checked_rows([], 3) == []
    assert checked_rows(np.empty(0), 3) == []


@pytest.mark.parametrize(
    "rows, fault",
    [
        ([0.0], "numbers of rows"),
        ([True], "numbers of rows"),
        (["a"], "numbers of rows"),
        (0, "numbers of rows"),
        ([[0]], "numbers of rows"),
        ([3], "rows holds 3, and there are ids of 3 samples"),
        ([-1], "rows holds -1"),
        ([0, 1, 0], "rows holds 0 twice"),
    ],
)
def test_rows_that_are_none_are_refused(rows, fault):
    with pytest.raises(ValueError, match=fault):
        checked_rows(rows, 3)


def test_the_same_place_may_ask_twice_and_another_not():
    rows = Rows(["a", 5])
    assert rows.row_of(5, "Line 1") == rows.row_of(5, "Line 1") == 1
    with pytest.raises(ValueError, match="Line 2 is about 5, and so is Line 1. Delete"):
        rows.row_of(5, "Line 2", "Delete one.")


@pytest.mark.parametrize(
    "name, hint",
    [
        ("imgs/a.png", "though 'a.png' is"),
        ("a", "though 'a.png' is"),
        ("b.jpg", "though 'b' is"),
        ("x/b.jpg", "though 'b' is"),
        ("z", r"\(they are like 'a.png'\)"),
        (7, r"\(they are like 'a.png'\)"),
    ],
)
def test_what_may_have_been_meant_is_said(name, hint):
    with pytest.raises(ValueError, match=f"which is not among ids,? ?{hint}. Give"):
        Rows(["a.png", "b"]).row_of(name, "Line 1")
