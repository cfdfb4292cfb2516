"""What an absent label looks like."""

import warnings

import numpy as np
import pandas as pd
import pytest

from skactive.utils import as_labels, check_missing_label, is_missing


@pytest.mark.parametrize(
    "y, missing",
    [
        ([0, 1, 2], [False, False, False]),
        ([0, None, 2], [False, True, False]),
        ([0.0, float("nan"), 2.0], [False, True, False]),
        (["a", None, "b"], [False, True, False]),
        (["a", np.nan, "b"], [False, True, False]),
        (["a", "nan", "None"], [False, False, False]),
        ([0, "", False], [False, False, False]),
        (np.array([1.0, np.nan]), [False, True]),
        (np.array([np.inf, 0.0]), [False, False]),
        (np.array(["a", "b"]), [False, False]),
        (np.array([True, False]), [False, False]),
        (np.array(["a", None, np.float32("nan")], dtype=object), [False, True, True]),
        ([pd.NA, pd.NaT, 1], [True, True, False]),
        (pd.Series([1, pd.NA], dtype="Int64"), [False, True]),
        (pd.Series(["a", None], dtype="string"), [False, True]),
        (pd.Series(["a", np.nan], dtype="category"), [False, True]),
        (pd.Series([0.5, np.nan], index=[8, 9]), [False, True]),
        ([], []),
    ],
)
def test_none_nan_and_na_are_missing(y, missing):
    got = is_missing(y)
    assert isinstance(got, np.ndarray) and got.dtype == bool
    assert got.tolist() == missing


@pytest.mark.parametrize(
    "y, missing_label, missing",
    [
        ([0, -1, 1], -1, [False, True, False]),
        (np.array([0, -1]), -1, [False, True]),
        (np.array([0.0, -1.0]), -1, [False, True]),
        (["a", "?", "b"], "?", [False, True, False]),
        (np.array(["a", "?"]), "?", [False, True]),
        (pd.Series(["?", "a"]), "?", [True, False]),
        (["a", "b"], -1, [False, False]),
        ([1.0, np.nan], np.nan, [False, True]),
        ([1, None], pd.NA, [False, True]),
    ],
)
def test_another_label_can_stand_for_missing(y, missing_label, missing):
    assert is_missing(y, missing_label).tolist() == missing


def test_minus_one_is_a_class_unless_it_is_said_not_to_be():
    assert not is_missing([-1, 1]).any()


@pytest.mark.parametrize("y", [[0, -1, None], np.array([0.0, -1.0, np.nan])])
def test_two_ways_of_marking_are_refused(y):
    with pytest.raises(ValueError, match="missing_label=-1.*in the same way"):
        is_missing(y, -1)


@pytest.mark.parametrize(
    "values, kind",
    [
        ([1, 2], "i"),
        (["a", "bc"], "U"),
        ([True, False], "b"),
        ([0.5, 1.0], "f"),
        (np.array([1, 2], dtype=object), "i"),
        (np.array(["a", "b"], dtype=object), "U"),
        (np.array([1, 2], dtype=np.int8), "i"),
        (pd.Series(["a", "b"]), "U"),
        (pd.Series([1, 2], dtype="Int64"), "i"),
        (np.array(["a", "bc"], dtype=np.dtypes.StringDType()), "U"),
    ],
)
def test_labels_have_their_natural_dtype(values, kind):
    labels = as_labels(values)
    assert isinstance(labels, np.ndarray) and labels.dtype.kind == kind
    assert labels.tolist() == list(values)


def test_strings_are_as_long_as_the_longest():
    assert as_labels(["a", "abc"]).tolist() == ["a", "abc"]


def test_whole_floats_become_integers_on_demand():
    assert as_labels([0.0, 2.0]).dtype == float
    labels = as_labels([0.0, -2.0], integral=True)
    assert labels.dtype == np.int64 and labels.tolist() == [0, -2]


@pytest.mark.parametrize("values", [[0.5, 1.0], [np.inf, 1.0], [1e300, 1.0], [2.0**53]])
def test_floats_that_are_no_class_numbers_stay_floats(values):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        labels = as_labels(values, integral=True)
    assert labels.dtype == float and labels.tolist() == values


def test_strings_beside_numbers_are_refused():
    with pytest.raises(TypeError, match="mixes strings"):
        as_labels(["a", 1])


@pytest.mark.parametrize("marker", [None, np.nan, pd.NA, -1, "?", True])
def test_one_value_is_a_marker(marker):
    check_missing_label(marker)
    check_missing_label(marker, [marker], matched=False)


def test_a_label_that_only_looks_like_the_marker_is_refused():
    with pytest.raises(ValueError, match="'-1 ' looks like missing_label=-1"):
        check_missing_label(-1, ["cat", "-1 "])
    with pytest.raises(ValueError, match="-1 looks like missing_label='-1'"):
        check_missing_label("-1", [0, -1])
    check_missing_label(-1, ["cat", "dog"])  # -1 was found among them
    with pytest.raises(ValueError, match="is a number and labels are strings"):
        check_missing_label(-1, ["cat", "dog"], matched=False)
