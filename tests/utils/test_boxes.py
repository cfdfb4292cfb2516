"""Boxes in images: converted, and refused by name and number."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skactive.utils._boxes import as_boxes


def boxes(*corners, labels=None):
    return {"boxes": list(corners), "labels": labels or ["cat"] * len(corners)}


def test_boxes_become_arrays_and_the_rest_is_kept():
    given = {**boxes([0, 0, 4, 2], [1, 1, 2, 9]), "scores": [0.5, 0.25]}
    found = as_boxes(given)
    assert found["boxes"].dtype == np.float32 and found["boxes"].shape == (2, 4)
    assert_array_equal(found["labels"], ["cat", "cat"])
    assert found["scores"] is given["scores"]
    assert given["boxes"] == [[0, 0, 4, 2], [1, 1, 2, 9]]  # not written to


@pytest.mark.parametrize("empty", [[], np.zeros((0, 4)), np.zeros((0, 4), int)])
def test_no_boxes_have_their_shape(empty):
    found = as_boxes({"boxes": empty, "labels": []})
    assert found["boxes"].shape == (0, 4) and found["labels"].shape == (0,)
    assert found["boxes"].dtype == np.float32
    as_boxes({"boxes": empty, "labels": []}, image_size=(3, 3))


@pytest.mark.parametrize("given", [[[0, 0, 1, 1]], np.zeros((1, 5)), None, "cat"])
def test_what_is_no_dict_is_told_how_to_become_one(given):
    with pytest.raises(TypeError, match=r"Row 3 must be a dict.*a\[:, :4\]"):
        as_boxes(given, "Row 3")


@pytest.mark.parametrize("key", ["boxes", "labels"])
def test_a_dict_needs_both(key):
    given = boxes([0, 0, 1, 1])
    del given[key]
    with pytest.raises(TypeError, match="must be a dict"):
        as_boxes(given)


@pytest.mark.parametrize(
    "given, match",
    [
        (boxes([0, 0, 1]), r"must hold numbers of shape \(m, 4\), got int64 of"),
        ({"boxes": [0, 0, 1, 1], "labels": ["a"]}, r"shape \(4,\)"),
        (boxes(["a", "b", "c", "d"]), "got <U1"),
        (boxes([0, 0, 1, 1], labels=["a", "b"]), '1 boxes need as many "labels"'),
        ({"boxes": [[0, 0, 1, 1]], "labels": "cat"}, '1 boxes need as many "labels"'),
        ({"boxes": [], "labels": ["a"]}, '0 boxes need as many "labels"'),
    ],
)
def test_shapes_that_do_not_fit_are_refused(given, match):
    with pytest.raises(ValueError, match=f"Row 3: .*{match}"):
        as_boxes(given, "Row 3")


GOOD = [0, 0, 4, 2]


@pytest.mark.parametrize(
    "bad, match",
    [
        ([3, 0, 3, 2], "is empty: left must be below right"),
        ([4, 0, 1, 2], "is empty"),
        ([0, 2, 4, 2], "is empty: .* top below bottom"),
        ([0, 5, 4, 2], "is empty"),
        ([np.nan, 0, 4, 2], "is not finite"),
        ([0, 0, np.inf, 2], "is not finite"),
        ([0, -np.inf, 4, 2], "is not finite"),
        ([0, 0, 1e39, 2], "is not finite"),  # beyond float32
        ([-2, 0, 4, 2], "is outside the image, 8 wide and 6 high"),
        ([0, -2, 4, 2], "is outside the image"),
        ([0, 0, 9.5, 2], "is outside the image"),
        ([0, 0, 4, 7.5], "is outside the image"),
    ],
)
# One number is beyond float32, to which boxes are cast before they are looked at.
@pytest.mark.filterwarnings("ignore:overflow encountered")
def test_a_box_that_cannot_be_is_named(bad, match):
    with pytest.raises(ValueError, match=f"^Row 3: box 1, .*{match}"):
        as_boxes(boxes(GOOD, bad, GOOD), "Row 3", image_size=(6, 8))
    as_boxes(boxes(GOOD, GOOD), "Row 3", image_size=(6, 8))


@pytest.mark.parametrize("edge", [[-1, 0, 4, 2], [0, -1, 9, 2], [0, 0, 4, 7]])
def test_a_pixel_beyond_the_border_is_let_pass(edge):
    as_boxes(boxes(edge), image_size=(6, 8))


def test_the_border_is_unknown_without_a_size():
    as_boxes(boxes([-100, 0, 400, 200]))
