"""Images that are moved, turned, scaled, brighter or noisy, and show the same."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skactive.uncertainty._image_views import (
    IMAGE_VIEWS,
    add_noise,
    brighten,
    mirror,
    scale,
    shift,
    stretch,
    turn,
)


def seed(number=0):
    return np.random.RandomState(number)


def blob(dtype=np.float64, white=1, size=32):
    """Return two images, one of a bright rectangle and one of noise."""
    X = np.zeros((2, 3, size, size))
    X[0, :, size // 4 : size // 2, size // 4 : -size // 4] = 1
    X[1] = seed(1).uniform(size=X.shape[1:])
    return (white * X).astype(dtype)


KINDS = [(np.float64, 1), (np.float32, 1), (np.float16, 1), (np.uint8, 255)]


@pytest.mark.parametrize("name", IMAGE_VIEWS)
@pytest.mark.parametrize("dtype, white", KINDS, ids=lambda k: getattr(k, "__name__", k))
def test_shape_and_dtype_stay_and_images_are_not_written_to(name, dtype, white):
    X = blob(dtype, white)
    before = X.copy()
    changed = IMAGE_VIEWS[name](X, seed())
    assert changed.shape == X.shape and changed.dtype == X.dtype
    assert_array_equal(X, before)
    assert (changed != X).any()


@pytest.mark.parametrize("name", IMAGE_VIEWS)
def test_gray_images_may_have_no_axis_of_channels(name):
    X = blob()
    for k in range(3):  # with each other, channels must not have to do anything
        gray = IMAGE_VIEWS[name](X[:, 0], seed(k))
        assert gray.shape == X[:, 0].shape
        if name != "noise":
            assert_allclose(gray, IMAGE_VIEWS[name](X, seed(k))[:, 0])


@pytest.mark.parametrize("name", IMAGE_VIEWS)
def test_an_image_is_changed_alike_alone_and_among_others(name):
    X = blob()
    together = IMAGE_VIEWS[name](X, seed())
    for k in range(2):
        assert_array_equal(IMAGE_VIEWS[name](X[[k]], seed()), together[[k]])


def test_mirror_by_hand():
    assert mirror(np.arange(6).reshape(1, 2, 3), None).tolist() == [
        [[2, 1, 0], [5, 4, 3]]
    ]


def test_shift_by_two_to_four_of_thirty_two_pixels_both_ways():
    X = np.zeros((1, 1, 32, 32))
    X[0, 0, 16, 16] = 1
    steps = np.array(
        [np.argwhere(shift(X, seed(k))[0, 0] == 1)[0] - 16 for k in range(200)]
    )
    assert set(np.unique(steps)) == {-4, -3, -2, 2, 3, 4}
    assert {(-1, 1), (1, -1), (1, 1), (-1, -1)} == set(map(tuple, np.sign(steps)))


@pytest.mark.parametrize("size, steps", [(8, {1}), (1, {0}), (2, {1}), (24, {1, 2, 3})])
def test_shift_of_small_images(size, steps):
    X = np.zeros((1, size, size))
    X[0, size // 2, size // 2] = 1
    for k in range(20):
        at = np.argwhere(shift(X, seed(k))[0] == 1)
        found = set(np.abs(at - size // 2).ravel().tolist())
        assert found <= steps or len(at) == 0 or size <= 2


def test_what_comes_in_from_outside_is_gray():
    X = np.stack([np.zeros((1, 8, 8)), np.ones((1, 8, 8))])
    for name in ("shift", "rotation", "scale"):
        assert_allclose(IMAGE_VIEWS[name](X, seed()), X, atol=1e-12)


def test_turn_by_up_to_ten_degrees():
    X = np.zeros((1, 1, 101, 101))
    X[0, 0, 50, 90] = 1
    X[0, 0, 50, 10] = 1

    def angle(k):
        found = np.argwhere(turn(X, seed(k))[0, 0] > 0.2).astype(float) - 50
        right = found[found[:, 1] > 0].mean(axis=0)
        return np.degrees(np.arctan2(right[0], right[1]))

    angles = [angle(k) for k in range(30)]
    assert -11 < min(angles) < -5 and 5 < max(angles) < 11


def test_scale_by_a_tenth_at_most():
    X = np.zeros((1, 1, 100, 100))
    X[0, 0, 25:75, 25:75] = 1
    areas = [(scale(X, seed(k)) > 0.5).sum() / 2500 for k in range(30)]
    assert 0.8 < min(areas) < 0.9 and 1.1 < max(areas) < 1.22


def test_brightness_and_contrast_by_a_tenth_at_most():
    X = np.array([[[[1.0, 3.0]]]])
    bright = [brighten(X, seed(k)) / X for k in range(30)]
    assert all(np.ptp(b) < 1e-12 for b in bright)
    assert 0.9 <= np.min(bright) < 0.92 and 1.08 < np.max(bright) <= 1.1
    factors = [np.ptp(stretch(X, seed(k))) / 2 for k in range(30)]
    assert 0.9 <= min(factors) < 0.92 and 1.08 < max(factors) <= 1.1
    assert_allclose([stretch(X, seed(k)).mean() for k in range(5)], 2)


def test_noise_of_a_fiftieth_of_white():
    floats = np.full((3, 1, 64, 64), 0.5)
    step = add_noise(floats, seed()) - floats
    assert_allclose(step.std(), 0.02, rtol=0.05)
    assert_array_equal(step, np.repeat(step[:1], 3, axis=0))
    grays = np.full((1, 1, 64, 64), 128, np.uint8)
    step = add_noise(grays, seed()).astype(float) - 128
    assert_allclose(step.std(), 5.1, rtol=0.05)


def test_gray_values_are_cut_and_do_not_wrap():
    white = np.full((1, 1, 16, 16), 255, np.uint8)
    for name in ("noise", "brightness", "contrast"):
        for X in (white, white - 255):
            changed = IMAGE_VIEWS[name](X, seed()).astype(int)
            assert np.abs(changed - X).max() <= 26, name
