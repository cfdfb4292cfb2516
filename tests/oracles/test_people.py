"""Who is in a committee, what they cost, and what they may say."""

import numpy as np
import pytest
from scipy import sparse

from skactive.oracles._people import (
    by_name,
    check_people,
    checked_answers,
    checked_names,
    prices_of,
    usual_price,
)
from skactive.oracles._votes import table_of

PEOPLE = {"Ada": print, "Ben": print}


def test_people_in_a_list_are_called_by_numbers():
    assert by_name([print, len]) == {"0": print, "1": len}
    assert by_name(PEOPLE) == PEOPLE and by_name(PEOPLE) is not PEOPLE


@pytest.mark.parametrize(
    ("people", "match"),
    [({}, "got none"), ({1: print}, "the name 1"), ({"Ada": [0, 1]}, r"got \[0, 1\]")],
    ids=["nobody", "no name", "no oracle"],
)
def test_who_cannot_be_asked_is_refused(people, match):
    with pytest.raises(ValueError, match=f"annotators must be one callable.*{match}"):
        check_people(people)


@pytest.mark.parametrize(
    "cost",
    [
        2,
        2.0,
        np.float32(2),
        np.array(2),
        [2, 2],
        np.array([2, 2]),
        {"Ben": 2, "Ada": 2},
    ],
    ids=["int", "float", "float32", "0-d", "list", "array", "dict"],
)
def test_prices_in_any_form(cost):
    assert prices_of(cost, PEOPLE) == {"Ada": 2.0, "Ben": 2.0}
    assert list(prices_of(cost, PEOPLE)) == ["Ada", "Ben"]


@pytest.mark.parametrize(
    ("cost", "match"),
    [
        (-1, "got -1"),
        (np.nan, "got nan"),
        ([1, np.inf], "got inf"),
        ([1, None], "got None"),
        ("free", "got 'free'"),
        (True, "got True"),
        ([1], "got 1"),
        ([1, 2, 3], "got 3"),
        ([[1, 2], [3, 4]], r"got \[1, 2\]"),
        ([[1, 2], 3], r"got \[1, 2\]"),
        ({"Ada": 1}, "got {'Ada': 1}"),
        ({"Ada": 1, "Cy": 1}, "Cy"),
    ],
    ids=str,
)
def test_prices_that_cannot_be_are_refused(cost, match):
    with pytest.raises(ValueError, match=match) as refused:
        prices_of(cost, PEOPLE)
    assert "CommitteeOracle: cost must be" in str(refused.value)


def test_prices_of_people_who_tell_their_own_are_refused():
    class Paid:
        cost_ = 0.0

        def __call__(self, rows, X):
            return rows

    people = {"Ada": Paid(), "Ben": print}
    assert prices_of(None, people) == {"Ada": None, "Ben": None}
    with pytest.raises(ValueError, match="'Ada' says by cost_.*Leave out one"):
        prices_of(3, people)


def test_the_usual_price_is_known_or_a_mean():
    table = table_of([1, 2, 3], ["Ada", "Ada", "Ben"], [0, 0, 0], [2.0, 4.0, 0.0])
    assert usual_price(table, "Ada", 7.0) == 7
    assert [usual_price(table, who, None) for who in ("Ada", "Ben", "Cy")] == [3, 1, 1]


def test_names_are_checked_and_said_once():
    ask = print
    told = checked_names(["Ada", ["Ben", "Ben"], ()], [4, 5, 6], ["Ada", "Ben"], ask)
    assert told == [["Ada"], ["Ben"], []]
    assert checked_names([np.array([1, 0])], [4], ["0", "1"], ask) == [["1", "0"]]
    with pytest.raises(ValueError, match=r"ask must return .* 2 rows; .* returned 1"):
        checked_names([["Ada"]], [4, 5], ["Ada"], ask)
    with pytest.raises(ValueError, match=r"ask named 'Cy' for row 5; .*\['Ada'\]"):
        checked_names([["Ada"], ["Cy"]], [4, 5], ["Ada"], ask)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (np.array([3, 4]), [3, 4]),
        (["a", None], ["a", None]),
        (np.array([1.0, np.nan]), [1.0, None]),
        (np.ma.array([1, 2], mask=[True, False]), [None, 2]),
        ((np.str_("a"), "b"), ["a", "b"]),
    ],
    ids=["array", "list", "nan", "masked", "numpy strings"],
)
def test_answers_are_plain_values(answers, expected):
    told = checked_answers("Ada", answers, 2)
    assert told == expected and not any(isinstance(a, np.generic) for a in told)


@pytest.mark.parametrize(
    ("answers", "error", "match"),
    [
        ([1], ValueError, "for 2 rows and answered with 1"),
        (1, ValueError, "a single value"),
        ("ab", ValueError, "a single value"),
        (None, ValueError, "a single value"),
        (np.array(1), ValueError, "a single value"),
        (sparse.eye(2), ValueError, "a single value"),
        (np.zeros((2, 2)), ValueError, "cannot be merged"),
        ([{}, {}], ValueError, "cannot be merged"),
        ([1.0, np.inf], ValueError, "infinity"),
        (["c", "z"], TypeError, "cannot be merged"),
    ],
    ids=[
        "few",
        "one",
        "word",
        "none",
        "0-d",
        "sparse",
        "2-d",
        "dicts",
        "infinite",
        "kinds",
    ],
)
def test_answers_that_cannot_be_merged_are_refused(answers, error, match):
    with pytest.raises(error, match=match) as refused:
        checked_answers("Ada", answers, 2, known=[7])
    assert "'Ada'" in str(refused.value)


def test_answers_are_of_the_classes_that_were_named():
    assert checked_answers("Ada", ["x", None], 2, ["x", "y"]) == ["x", None]
    with pytest.raises(ValueError, match="'Ada'.*'z'.*not among classes"):
        checked_answers("Ada", ["x", "z"], 2, ["x", "y"])
