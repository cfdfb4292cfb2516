from time import perf_counter

import numpy as np
import pytest
from scipy import ndimage

from skactive.io.label_studio import mask_to_polygons, polygon_to_mask


def winding(points, size):
    """Fill by the other rule: inside is where the outline winds around."""
    turns = np.zeros(size, dtype=int)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, 0), strict=True):
        for row in range(min(y0, y1), max(y0, y1)):  # along the borders of pixels
            turns[row, : min(x0, x1)] += np.sign(y1 - y0)
    return turns != 0


def check(mask):
    """One polygon for each patch, which together are the mask, by either rule."""
    polygons = mask_to_polygons(mask)
    patches, n_patches = ndimage.label(mask)
    assert len(polygons) == n_patches
    left = set(range(1, n_patches + 1))
    for points in polygons:
        inside = polygon_to_mask(points, mask.shape)
        patch = patches[inside][0]
        left.remove(patch)
        np.testing.assert_array_equal(inside, patches == patch)
        np.testing.assert_array_equal(winding(points, mask.shape), inside)
    assert not left


@pytest.mark.parametrize("share", [0, 0.1, 0.4, 0.6, 0.8, 0.9, 1])
def test_outlines_are_exact(share):
    rng = np.random.default_rng(0)
    for _ in range(60):
        check(rng.random(rng.integers(1, 12, 2)) < share)
    check(rng.random((60, 80)) < share)


def test_holes_within_holes():
    y, x = np.mgrid[:21, :33]
    check(np.maximum(abs(x - 16), abs(y - 10)) % 3 > 0)
    check((x % 2 == 0) | (y % 2 == 0))  # a row of holes, each joined to the next


def test_corners_only():
    (points,) = mask_to_polygons(np.ones((50, 70)))
    assert sorted(points.tolist()) == [[0, 0], [0, 50], [70, 0], [70, 50]]
    assert len(mask_to_polygons(np.eye(3))) == 3


def test_a_large_mask_is_fast():
    y, x = np.mgrid[:1024, :2048]
    mask = (x - 900) ** 2 + (y - 500) ** 2 < 300**2
    begin = perf_counter()
    (points,) = mask_to_polygons(mask)
    assert perf_counter() - begin < 3
    np.testing.assert_array_equal(polygon_to_mask(points, mask.shape), mask)


def test_what_is_no_mask_is_refused():
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        mask_to_polygons(np.ones(3))
