"""Images that are mirrored, cut out, shrunk or turned, and their boxes with them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skactive.uncertainty._changed_images import CHANGES, cut_out, flip, rotate, shrink


def seed():
    return np.random.RandomState(0)


def square(dtype=float, white=1):
    """Return an image, 60 wide and 40 high, with a bright square, and its box."""
    X = np.zeros((1, 1, 40, 60), dtype)
    X[0, 0, 4:20, 30:50] = white
    return X, np.array([[30, 4, 50, 20]])


def bright(X):
    at = np.argwhere(X[0, 0] > X.max() / 2)[:, ::-1]
    return [*at.min(0), *at.max(0) + 1]


@pytest.mark.parametrize("name", ["flip", "resize", "rotation"])
@pytest.mark.parametrize("dtype, white", [(float, 1), (np.float32, 1), (np.uint8, 200)])
def test_boxes_move_with_what_is_in_them(name, dtype, white):
    X, box = square(dtype, white)
    images, moved = CHANGES[name](X, seed())
    boxes, kept = moved(box)
    # What encloses a turned box is no smaller than what is seen of its content.
    assert_allclose(boxes[0], bright(images), atol=1.01)
    assert kept.all() and images.shape == X.shape and images.dtype == X.dtype


def test_flip_by_hand():
    images, moved = flip(np.arange(6).reshape(1, 2, 3), seed())
    assert images.tolist() == [[[2, 1, 0], [5, 4, 3]]]
    assert moved(np.array([[0, 0, 1, 2], [1, 1, 3, 2]]))[0].tolist() == [
        [2, 0, 3, 2],
        [0, 1, 2, 2],
    ]


def test_shrink_by_hand():
    _, moved = shrink(np.zeros((1, 1, 10, 20)), seed())
    boxes, kept = moved(np.array([[0, 0, 20, 10], [10, 5, 20, 10]]))
    assert_allclose(boxes, [[2, 1, 18, 9], [10, 5, 18, 9]])
    assert kept.all()


def test_rotate_by_hand():
    sin, cos = np.sin(np.deg2rad(5)), np.cos(np.deg2rad(5))
    _, moved = rotate(np.zeros((1, 1, 100, 100)), seed())
    (box,), _ = moved(np.array([[40, 40, 60, 60]]))  # about the center: half 10
    half = 10 * (cos + sin)
    assert_allclose(box, [50 - half, 50 - half, 50 + half, 50 + half])


def test_boxes_turned_out_of_the_image_are_gone_and_others_cut():
    _, moved = rotate(np.zeros((1, 1, 20, 200)), seed())
    boxes, kept = moved(np.array([[0, 0, 1, 1], [199, 0, 200, 1], [0, 0, 200, 20]]))
    # By 8.7 rows, to opposite sides; the second was at the upper border.
    assert kept.tolist() == [True, False, True]
    assert (boxes[kept] >= 0).all() and (boxes[kept][:, 2:] <= [200, 20]).all()


def test_a_rectangle_is_cut_out_in_the_gray_of_each_image():
    X = np.stack([np.zeros((3, 9, 12)), np.ones((3, 9, 12))])
    X[1, 0, 0, 0] = 0
    images, moved = cut_out(X + 1e-9, seed())
    changed = (images != X + 1e-9).any(axis=1)
    at = np.argwhere(changed[1])
    assert_array_equal(at.max(0) - at.min(0) + 1, [3, 4])
    row, column = at[0]
    assert_allclose(images[1, 0, row, column], 1 - 1 / 108, atol=1e-6)
    hole = np.array([*at.min(0)[::-1], *at.max(0)[::-1] + 1])
    boxes = np.array([hole, hole + [0, 0, 4, 0], hole + [0, 0, 3, 0], [0, 0, 12, 9]])
    same, kept = moved(boxes)
    assert_array_equal(same, boxes)
    assert kept.tolist() == [False, True, False, True]  # half hidden may still be found


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64])
def test_images_are_left_alone_and_keep_their_kind(name, dtype):
    X = (255 * seed().rand(3, 2, 7, 5)).astype(dtype)
    before = X.copy()
    X.flags.writeable = False
    images, moved = CHANGES[name](X, seed())
    assert_array_equal(X, before)
    assert images.shape == X.shape and images.dtype == dtype
    assert not np.shares_memory(images, X) and min(images.strides) > 0
    boxes, kept = moved(np.empty((0, 4)))
    assert boxes.shape == (0, 4) and kept.shape == (0,)


@pytest.mark.parametrize("name", CHANGES)
def test_an_image_is_changed_alike_alone_and_in_company(name):
    X = seed().rand(3, 2, 7, 5)
    together = CHANGES[name](X, seed())[0]
    assert_array_equal(CHANGES[name](X[1:2], seed())[0], together[1:2])
    assert_allclose(CHANGES[name](X[:, 1], seed())[0], together[:, 1])


def test_bright_images_are_not_turned_around():
    """A mean rounded up, or a value between two whites, is no black."""
    X = np.full((1, 1, 12, 12), 255, np.uint8)
    for change in CHANGES.values():
        assert (change(X, seed())[0] == 255).all()


def test_a_symmetric_image_stays_in_the_middle():
    """The center of pixels 0 to 11 is 5.5, not 6."""
    X = np.zeros((1, 1, 12, 14))
    X[..., 3:9, 4:10] = 1
    images = shrink(X, seed())[0]
    assert_allclose(images, images[..., ::-1, ::-1], atol=1e-12)
    turned = rotate(X, seed())[0]
    assert_allclose(turned, turned[..., ::-1, ::-1], atol=1e-12)


@pytest.mark.parametrize("change", [shrink, rotate])
def test_integers_are_rounded_and_not_cut_off(change):
    X = seed().randint(0, 256, (1, 1, 30, 31)).astype(np.uint8)
    rounding = change(X, seed())[0] - change(X.astype(float), seed())[0]
    inside = rounding[..., 6:-6, 6:-6]  # the rest is framed by a rounded gray
    assert np.abs(inside).max() <= 0.501 and abs(inside.mean()) < 0.1


def test_gray_is_rounded_and_not_cut_off():
    dark = np.zeros((1, 1, 3, 3), np.uint8)
    dark[0, 0, :, :2] = 4  # in the mean 2.67
    assert (cut_out(dark, seed())[0] == 3).sum() == 1
