"""Images cut into a grid."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skactive.datasets import tile_regions
from skactive.datasets._regions import stacked

Y = np.arange(2 * 4 * 6).reshape(2, 4, 6)


def test_regions_follow_each_other_row_by_row_image_by_image():
    regions, tiles = tile_regions(Y[:, None], (2, 3), Y)
    assert regions.tolist()[:5] == [
        [0, 0, 2, 0, 3],
        [0, 0, 2, 3, 6],
        [0, 2, 4, 0, 3],
        [0, 2, 4, 3, 6],
        [1, 0, 2, 0, 3],
    ]
    for (k, i, m, j, n), tile in zip(regions, tiles, strict=True):
        assert_array_equal(tile, Y[k, i:m, j:n])
    assert_array_equal(tile_regions(Y, (2, 3)), regions)  # masks have no channels


@pytest.mark.parametrize("size", [1, 3, 4, (3, 4), (4, 6), 99])
def test_every_pixel_is_in_one_region(size):
    regions, tiles = tile_regions(Y, size, Y)
    seen = np.zeros_like(Y)
    for (k, i, m, j, n), tile in zip(regions, tiles, strict=True):
        seen[k, i:m, j:n] += 1
        assert tile.shape == (m - i, n - j)
    assert (seen == 1).all()
    assert tiles.ndim == (3 if len({tile.shape for tile in tiles}) == 1 else 1)


def test_images_of_several_sizes_are_cut_each_by_itself():
    images = [np.zeros((3, 4, 4)), np.zeros((3, 2, 6))]
    regions, tiles = tile_regions(images, 4, [np.zeros((4, 4)), np.ones((2, 6))])
    assert regions[:, 0].tolist() == [0, 1, 1]
    assert [tile.shape for tile in tiles] == [(4, 4), (2, 4), (2, 2)]


@pytest.mark.parametrize("size", [0, (2, -1), 1.5, (2, 2.0), (2, 2, 2)])
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises(ValueError, match="size must be one or two numbers of pixels"):
        tile_regions(Y, size)


def test_masks_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="2 images and 1 masks"):
        tile_regions(Y, 2, Y[:1])
    with pytest.raises(ValueError, match=r"mask of row 0 has the shape \(3, 6\)"):
        tile_regions(Y, 2, Y[:, 1:])


def test_arrays_of_one_size_are_stacked():
    assert stacked([np.zeros((2, 2))] * 3).shape == (3, 2, 2)
    assert stacked([np.zeros((2, 2)), np.zeros((2, 3))]).shape == (2,)
