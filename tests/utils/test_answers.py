"""What an answer is, for classes and for numbers."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skactive.exceptions import AmbiguousTargetWarning
from skactive.utils._answers import Answers, ClassAnswers, NumberAnswers


def test_a_gap_among_integers_had_made_floats_of_them():
    kept = ClassAnswers().keep([1.0, np.nan, 2.0])
    assert ClassAnswers().present(kept[[0, 2]]).dtype.kind == "i"
    assert NumberAnswers().present(kept[[0, 2]]).dtype.kind == "f"
    # What is complete has no gap, and is what it is.
    assert ClassAnswers().natural(np.array([1.0, 2.0])).dtype.kind == "f"


@pytest.mark.parametrize(
    "y, missing",
    [
        (np.ma.MaskedArray([1, 2, 3], mask=[0, 1, 0]), [0, 1, 0]),
        (np.ma.MaskedArray([1.0, np.nan, 3.0], mask=[0, 0, 1]), [0, 1, 1]),
        (np.ma.MaskedArray(["a", "b", "c"], mask=[1, 0, 0]), [1, 0, 0]),
        (np.array(["2020-01-01", "NaT", "NaT"], dtype="M8[D]"), [0, 1, 1]),
        ([np.datetime64("NaT"), "a", None], [1, 0, 1]),
        ([np.ma.masked, 2, 3], [1, 0, 0]),
        (pd.Series([1, None, 3], dtype="Int64"), [0, 1, 0]),
        (pd.to_datetime(pd.Series(["2020", None, "2021"])), [0, 1, 0]),
    ],
)
def test_absent_in_every_way(y, missing):
    answers = ClassAnswers()
    y = answers.read(y, 3)
    assert_array_equal(answers.missing(y), np.array(missing, dtype=bool))
    kept = answers.keep(y)
    assert_array_equal(answers.missing(kept), np.array(missing, dtype=bool))


def test_a_string_dtype_with_a_missing_value_of_its_own():
    dtypes = pytest.importorskip("numpy.dtypes")
    y = np.array(["a", np.nan, "b"], dtype=dtypes.StringDType(na_object=np.nan))
    assert_array_equal(ClassAnswers().missing(y), [False, True, False])


@pytest.mark.parametrize(
    "answers, values, match",
    [
        (ClassAnswers(), [[0, 1]], "one class"),
        (ClassAnswers(), [np.array([1])], "one class"),
        (ClassAnswers(), [{"boxes": []}], "one class"),
        (ClassAnswers(), [1.0, np.inf], "infinity"),
        (ClassAnswers(declared=np.array([0, 1])), [0, 2, 3], r"\[2, 3\] is not among"),
        (NumberAnswers(), ["3"], "one finite number"),
        (NumberAnswers(), [None], "one finite number"),
        (NumberAnswers(), [[1.0, 2.0]], "one finite number"),
        (NumberAnswers(), [1.0, -np.inf], "infinity"),
        (NumberAnswers(), [1j], "Complex data not supported"),
        (Answers(), [(1, 2)], "a single value"),
    ],
)
def test_what_no_model_could_be_given_is_refused(answers, values, match):
    with pytest.raises(ValueError, match=match):
        answers.check(values)


def test_sound_answers_are_accepted():
    ClassAnswers().check(["a", "b"], beside=["c"])
    ClassAnswers().check(np.array([True, False]))
    ClassAnswers(declared=np.array([0, 1])).check([1.0])
    NumberAnswers().check([1, 2.5, np.float32(3), np.bool_(True)])
    NumberAnswers().check([])


@pytest.mark.parametrize(
    "answers, value",
    [
        (ClassAnswers(), np.int64(3)),
        (ClassAnswers(), np.str_("cat")),
        (ClassAnswers(), True),
        (ClassAnswers(), 2.0),
        (ClassAnswers(), None),
        (ClassAnswers(missing_label=-1), -1),
        (NumberAnswers(), np.float32(0.5)),
        (NumberAnswers(), 7),
    ],
)
def test_json_there_and_back(answers, value):
    text = json.dumps(answers.to_json(value))
    again = answers.from_json(json.loads(text))
    assert again == value or (value is None and again is None)
    if answers.missing([value])[0]:
        assert text == "null" and answers.missing([again])[0]


# ---------------------------------------------------------------------- markers


@pytest.mark.parametrize(
    "marker, y",
    [
        (-1, ["cat", "-1", "dog"]),
        (-1, np.array(["cat", "dog", "dog"])),
        ("-1", [0, -1, 1]),
        ("?", np.array([0, 1, 2])),
        ("?", [True, False, True]),
    ],
)
def test_a_marker_that_matches_nothing_and_cannot(marker, y):
    answers = ClassAnswers(missing_label=marker)
    with pytest.raises(ValueError, match="missing_label"):
        answers.check(answers.natural(y), matched=False)


@pytest.mark.parametrize("marker", [[-1], (None, -1), np.array([-1]), {-1}, {}])
def test_a_container_is_no_marker(marker):
    with pytest.raises(TypeError, match="missing_label must be one value"):
        ClassAnswers(missing_label=marker).read([0, 1], 2)


def test_markers_that_may_be_meant():
    ClassAnswers(missing_label=-1).check(np.array([0.5, 2]), matched=False)
    # -1 was found among strings, in an array of objects: it is of no other kind.
    answers = ClassAnswers(missing_label=-1)
    y = answers.read(np.array(["cat", -1, "dog"], dtype=object), 3)
    missing = answers.missing(y)
    assert_array_equal(missing, [False, True, False])
    answers.check(answers.keep(y)[~missing], matched=True)


@pytest.mark.parametrize(
    "y",
    [
        [-1, -1, -1, 0, 1],
        [-1.0, -1.0, -1.0, 0.0, 2.0],
        ["", "", "", "cat", "dog"],
        ["nan", "nan", "nan", "cat", "dog"],
        ["-1", "-1", "-1", "0", "1"],
        [" NaN ", " NaN ", "cat"],
    ],
)
def test_what_may_be_a_marker_is_told_of(y):
    answers = ClassAnswers()
    y = answers.natural(y)
    marker = repr(y[0].item())
    with pytest.warns(AmbiguousTargetWarning, match=f"missing_label={marker}"):
        answers.warn_of_markers(y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ClassAnswers(declared=np.unique(y)).warn_of_markers(y)


@pytest.mark.parametrize(
    "y",
    [[-1, -1, -1, 1], [-1, -1, 0, 1], ["cat", "cat", "dog"], [0, 0, 0, 1], [-1, -1]],
)
def test_what_is_likely_a_class_is_not(y):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ClassAnswers().warn_of_markers(ClassAnswers().natural(y))
