"""Boxes that go into a net: checked, cut, encoded, filled up."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skactive.nets.estimators._boxes import check_boxes, encode_boxes

pytestmark = pytest.mark.deep

SIZES = [(8, 10), (6, 4), (5, 5)]
Y = [
    {"boxes": [[0, 1, 10.5, 8], [2, 2, 3, 3]], "labels": ["b", "a"]},
    {"boxes": [[-0.5, 0, 4, 6.5]], "labels": ["b"]},
    {"boxes": [], "labels": []},
]


def test_each_box_is_cut_at_the_border_of_its_own_image():
    classes, target = encode_boxes(check_boxes(Y, SIZES), None, SIZES)
    assert classes.tolist() == ["a", "b"] and target.dtype == np.float32
    none = [-1] * 5
    wanted = [
        [[0, 1, 10, 8, 1], [2, 2, 3, 3, 0]],
        [[0, 0, 4, 6, 1], none],
        [none, none],
    ]
    assert_array_equal(target, wanted)


def test_classes_that_no_box_has():
    y = check_boxes(Y, SIZES)
    classes, target = encode_boxes(y, ["c", "b", "a"], SIZES)
    assert classes.tolist() == ["a", "b", "c"]
    assert target[0, :, 4].tolist() == [1, 0]
    empty = check_boxes([Y[2]] * 3, SIZES)
    classes, target = encode_boxes(empty, [3, 7], SIZES)
    assert classes.tolist() == [3, 7] and (target == -1).all()
    assert target.shape == (3, 1, 5)


def test_one_empty_image_alone():
    y = check_boxes([Y[2]], SIZES[2:])
    assert encode_boxes(y, [1], SIZES[2:])[1].shape == (1, 1, 5)


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match="boxes of each of 3 images"):
        check_boxes(Y[:2], SIZES)
    with pytest.raises(ValueError, match="boxes of each of 3 images"):
        check_boxes(Y[0], SIZES)
    with pytest.raises(ValueError, match="Row 1: box 0.*outside the image, 4 wide"):
        check_boxes([Y[2], Y[0], Y[2]], SIZES)
    with pytest.raises(ValueError, match="None of the 1 images has a box"):
        encode_boxes(check_boxes([Y[2]], SIZES[:1]), None, SIZES[:1])
    with pytest.raises(ValueError, match=r"not among classes=\['a'\].*'b'"):
        encode_boxes(check_boxes(Y, SIZES), ["a"], SIZES)
