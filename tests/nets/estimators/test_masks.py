"""Masks that go into a net: checked, encoded, weighed."""

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_array_equal

from skactive.nets.estimators._masks import (
    check_masks,
    classes_of_masks,
    encode_masks,
)

pytestmark = pytest.mark.deep

X = np.zeros((3, 1, 2, 4), np.float32)
Y = np.arange(24).reshape(3, 2, 4) % 5


def objects(y):
    out = np.empty(len(y), dtype=object)
    out[:] = list(y)
    return out


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64, np.uint32, bool])
@pytest.mark.parametrize("pack", [np.asarray, list, tuple, objects, list])
def test_masks_become_one_array(dtype, pack):
    y = (Y % 2).astype(dtype)
    masks = check_masks(pack(y), X)
    assert masks.dtype == dtype
    assert_array_equal(masks, y)


@pytest.mark.parametrize("pack", [torch.tensor, lambda y: pd.Series(list(y))])
def test_masks_of_other_libraries(pack):
    assert_array_equal(check_masks(pack(Y), X), Y)


def test_a_list_of_tensors():
    assert_array_equal(check_masks([torch.tensor(mask) for mask in Y], X), Y)


def test_masked_arrays_are_no_way_to_ignore_pixels():
    """What they hide would have been learned from."""
    y = np.ma.masked_equal(Y, 4)
    for given in (y, list(y)):
        with pytest.raises(ValueError, match="Mask 0 is hidden in part"):
            check_masks(given, X)
    assert_array_equal(check_masks(np.ma.asarray(Y), X), Y)
    y = np.ma.array(Y, mask=np.zeros(Y.shape, bool))
    y[1] = np.ma.masked
    with pytest.raises(ValueError, match="mask of row 1 has an object of type None"):
        check_masks(y, X)


def test_one_array_is_not_copied():
    assert check_masks(Y, X) is Y


@pytest.mark.parametrize(
    "y, match",
    [
        (Y[:2], r"one mask for each of 3 images.*int64 of shape \(2, 2, 4\)"),
        (Y[0], r"one mask for each of 3 images.*shape \(2, 4\)"),
        (Y[:, 0, 0], r"one mask for each of 3 images.*shape \(3,\)"),
        ([0, 1, 2], "one mask for each of 3 images.*type list"),
        (Y.tolist(), "one mask for each of 3 images.*type list"),
        (Y[:, :, :3], r"mask of row 0 has int64 of shape \(2, 3\).*\(2, 4\) pixels"),
        ([*Y[:2], Y[2].T], r"mask of row 2 has int64 of shape \(4, 2\).*Resize"),
        ([Y[0], None, Y[2]], "mask of row 1 has an object of type NoneType"),
        (Y / 1.0, "mask of row 0 holds float64.*astype"),
        (np.where(Y[:, :1, :1] == 3, np.nan, Y), "mask of row 0 holds float64"),
        ([*Y[:2], Y[2] / 2], "mask of row 2 holds float64; masks hold class numbers"),
        (Y.astype(str), "mask of row 0 holds <U21"),
        ([{"boxes": [], "labels": []}] * 3, "mask of row 0 has an object of type dict"),
    ],
)
def test_masks_that_do_not_fit_are_named_by_row(y, match):
    with pytest.raises(ValueError, match=match):
        check_masks(y, X)


def test_masks_need_images():
    for X in (np.zeros((3, 8)), np.zeros((3, 2, 4))):
        with pytest.raises(ValueError, match=r"Gray images are X\[:, None\]"):
            check_masks(Y, X)


# ------------------------------------------------------------------------- classes


def test_classes_are_those_of_labeled_pixels():
    y = np.array([[[7, 255], [3, 3]]], np.uint8)
    assert_array_equal(classes_of_masks(y, None, 255), [3, 7])
    assert_array_equal(classes_of_masks(y, None, None), [3, 7, 255])
    assert_array_equal(classes_of_masks(y, None, 3), [7, 255])
    assert_array_equal(classes_of_masks(y, [9, 7, 3, 3], 255), [3, 7, 9])
    # A number that these integers cannot hold ignores nothing.
    assert_array_equal(classes_of_masks(y, None, -1), [3, 7, 255])
    assert classes_of_masks(y > 4, None, 255).dtype == np.int64


@pytest.mark.parametrize(
    "declared, ignore, match",
    [
        ([0, 1], 255, r"row 2 holds 3, .*classes=\[0, 1\] nor ignore_index=255"),
        ([0, 1, 3], None, r"row 1 holds 255, .*nor ignore_index=None"),
        (["a", "b"], 255, "classes of pixels are integers, got <U1"),
        ([0.0, 1.0, 3.0], 255, "classes of pixels are integers, got float64"),
    ],
)
def test_classes_that_are_not_declared_are_named_by_row(declared, ignore, match):
    y = np.array([[[0, 1]], [[1, 255]], [[3, 0]]])
    with pytest.raises(ValueError, match=match):
        classes_of_masks(y, declared, ignore)


def test_without_a_labeled_pixel_there_is_no_class():
    y = np.full((3, 2, 2), 255)
    with pytest.raises(ValueError, match="All pixels of all 3 masks are 255"):
        classes_of_masks(y, None, 255)
    assert_array_equal(classes_of_masks(y, [0, 1], 255), [0, 1])  # nothing to learn


@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_codes_are_positions(dtype):
    y = np.array([[[7, 255], [3, 200]]], dtype)
    before = y.copy()
    classes = np.array([3, 7, 200])
    codes = encode_masks(y, classes, 255, -100)
    assert codes.dtype == np.int16
    assert_array_equal(codes, [[[1, -100], [0, 2]]])
    codes = encode_masks(y, np.array([3, 7, 200, 255]), None, -100)
    assert_array_equal(codes, [[[1, 3], [0, 2]]])
    assert_array_equal(y, before)
