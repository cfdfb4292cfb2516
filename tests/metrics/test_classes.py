"""Classes are integers or strings, never rounded and never mixed."""

import numpy as np
import pytest

from skactive.metrics._classes import as_classes, check_labels, distinct, encode, join


@pytest.mark.parametrize(
    "values, expected",
    [
        (np.array([[0, 200]], dtype=np.uint8), [[0, 200]]),
        ([True, False], [1, 0]),
        (np.array(["b", "a"], dtype=object), ["b", "a"]),
        ([2**62 + 1], [2**62 + 1]),
        ([], []),
    ],
    ids=str,
)
def test_classes_keep_their_values(values, expected):
    found = as_classes("y", values)
    assert found.dtype.kind in "iU" and found.tolist() == expected


@pytest.mark.parametrize(
    "values, error, message",
    [
        ([0.0, 1.0], TypeError, r"y .* float64.*argmax.*\.astype\(int\)"),
        ([None, 1], TypeError, "object"),
        (["a", None], TypeError, "object"),
        (np.array([2**63], dtype=np.uint64), ValueError, "9223372036854775808"),
    ],
    ids=str,
)
def test_what_is_no_class_is_refused(values, error, message):
    with pytest.raises(error, match=message):
        as_classes("y", values)


# Near together (a table), far apart (a search), and strings.
LABELS = [[7, -2, 0], [7, -(2**62), 2**62 + 1], ["sky", "a", "road"]]


@pytest.mark.parametrize("labels", LABELS, ids=str)
def test_codes_are_positions_in_the_order_given(labels):
    labels = check_labels(labels)
    other = "sk" if labels.dtype.kind == "U" else 5
    values = np.array([[labels[1], labels[2]], [other, labels[0]]])
    assert encode(values, labels).tolist() == [[1, 2], [-1, 0]]
    assert encode(values, labels[:0]).tolist() == [[-1, -1], [-1, -1]]
    assert encode(values[:0], labels).shape == (0, 2)


@pytest.mark.parametrize("beyond", [-(2**63), 2**63 - 1, -3, 8, 300])
def test_values_beyond_the_labels_have_no_code(beyond):
    assert encode(np.array([beyond, 0]), np.array([7, -2, 0])).tolist() == [-1, 2]


@pytest.mark.parametrize("labels", LABELS, ids=str)
def test_distinct_values_are_sorted(labels):
    values = np.array([labels, labels[::-1]])
    assert distinct(values).tolist() == sorted(labels)
    assert distinct(values[:0]).tolist() == []


def test_numbers_and_strings_are_not_joined():
    one, other = np.array([1]), np.array(["a"])
    with pytest.raises(ValueError, match="of one kind, got"):
        join([one, other])
    with pytest.raises(ValueError, match="of one kind, got"):
        encode(one, other)
    assert join([one[:0], other]).tolist() == ["a"]
    assert join([other[:0], one, one]).tolist() == [1, 1]
    assert join([]).tolist() == []


@pytest.mark.parametrize("labels", [[1, 1], [[1, 2]], ["a", "a"], 3])
def test_labels_are_a_list_of_different_classes(labels):
    with pytest.raises(ValueError, match="labels must be 1-d and different"):
        check_labels(labels)
