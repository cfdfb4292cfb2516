"""Names of classes in files, numbers in y."""

import numpy as np
import pytest

from skactive.io._classes import Classes


@pytest.mark.parametrize("names", [["a", "b"], ("a", "b"), np.array(["a", "b"])])
def test_numbers_are_positions_in_a_list(names):
    classes = Classes(names)
    assert classes.label("b", "x") == 1 and classes.numbers == [0, 1]
    for label in (1, np.int64(1), 1.0, np.float64(1), True, "b", np.str_("b")):
        assert classes.name(label, "x") == "b"


def test_numbers_may_be_given():
    classes = Classes({"a": 7, "b": -1})
    assert classes.label("b", "x") == -1 and classes.name(7, "x") == "a"


def test_without_classes_names_are_labels():
    classes = Classes(None)
    assert classes.label("b", "x") == "b" and classes.name("b", "x") == "b"
    assert classes.as_array([]).dtype.kind == "U"
    assert Classes(["a"]).as_array([]).dtype == np.int64


@pytest.mark.parametrize(
    "classes, fault",
    [
        ("ab", "must be a list of names"),
        (3, "must be a list of names"),
        (["a", "a"], "holds 'a' twice"),
        ([0, 1], "has a name, a string"),
        ([""], "has a name, a string"),
        ([" a"], "does not begin or end with a blank"),
        ([None], "has a name, a string"),
        ({"a": 1, "b": 1}, "have one number"),
        ({"a": 1.0}, "are integers; got 1.0"),
        ({"a": True}, "are integers; got True"),
    ],
)
def test_classes_that_are_none_are_refused(classes, fault):
    with pytest.raises(ValueError, match=fault):
        Classes(classes)


@pytest.mark.parametrize("label", [2, -1, 0.5, "c", None, float("nan"), (1,)])
def test_labels_without_a_name_are_refused(label):
    with pytest.raises(ValueError, match="Row 3: there is no name for the class"):
        Classes(["a", "b"]).name(label, "Row 3")


def test_numbers_without_classes_and_names_with_blanks_are_refused():
    with pytest.raises(ValueError, match="Row 3: there is no name for the class 1"):
        Classes(None).name(1, "Row 3")
    with pytest.raises(ValueError, match="does not begin or end with a blank"):
        Classes(None).name("a ", "Row 3")
