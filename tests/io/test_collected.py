"""Answers that come one by one."""

import numpy as np
import pytest

from skactive.io._collected import Collected, texts_of


def test_kinds_of_y():
    found = Collected(["a", "b"], "x")
    assert found.answers()[1].dtype.kind == "U"
    found.add("b", "cat", "Line 1")
    rows, y = found.answers()
    assert rows.dtype == np.intp and y.dtype.kind == "U"
    found.add("a", None, "Line 2")
    rows, y = found.answers()
    assert rows.tolist() == [1, 0] and y.tolist() == ["cat", None]


def test_integers_are_found_as_text_and_as_numbers():
    found = Collected(np.array([10, 20]), "x", ["cat"])
    found.add("20", "cat", "Line 1")
    found.add(10, "cat", "Line 2")
    assert found.answers()[0].tolist() == [1, 0]
    with pytest.raises(ValueError, match="Line 3 is about '20', and so is Line 1"):
        found.add(20, None, "Line 3")


@pytest.mark.parametrize("name", [None, True, 1.0, ["a"], {}])
def test_names_that_are_none_are_refused(name):
    with pytest.raises(ValueError, match="Line 1 is about .*an integer or a string"):
        Collected(["a"], "x").add(name, None, "Line 1")


@pytest.mark.parametrize("answer", [3, ["cat"], True, {"id": "cat"}])
def test_classes_that_are_no_strings_are_refused(answer):
    with pytest.raises(ValueError, match="Line 1: the name of a class is a string"):
        Collected(["a"], "x").add("a", answer, "Line 1")


@pytest.mark.parametrize(
    "texts, fault",
    [
        ("ab", "There are ids of 2 samples"),
        (["a"], "There are ids of 2 samples"),
        (["a", None], "text of row 1 is None"),
        (["a", float("nan")], "text of row 1 is nan"),
        (["a", " \n"], "text of row 1 is"),
    ],
)
def test_texts_that_are_none_are_refused(texts, fault):
    with pytest.raises(ValueError, match=fault):
        texts_of(texts, ["x", "y"], [1, 0])
    assert texts_of(np.array(["a", "b"]), ["x", "y"], [1]) == ["b"]
