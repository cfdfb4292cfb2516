import numpy as np
import pytest

from skactive.io.label_studio import (
    boxes_from_percent,
    boxes_to_percent,
    polygon_to_mask,
)


def test_boxes_by_hand():
    percent = boxes_to_percent([[6, 8, 24, 18], [0, 0, 60, 40]], (40, 60))
    assert percent.tolist() == [[10, 20, 30, 25], [0, 0, 100, 100]]
    back = boxes_from_percent(percent, (40, 60))
    assert back.dtype == np.float32
    assert back.tolist() == [[6, 8, 24, 18], [0, 0, 60, 40]]


@pytest.mark.parametrize("size", [(40, 60), (1, 1), (1080, 1919), (7, 4096)])
def test_boxes_come_back_to_the_last_bit(size):
    rng = np.random.default_rng(0)
    boxes = rng.random((2000, 4)) * 0.45
    boxes[:, 2:] += boxes[:, :2] + 0.05
    boxes = (boxes * [size[1], size[0], size[1], size[0]]).astype(np.float32)
    back = boxes_from_percent(boxes_to_percent(boxes, size), size)
    np.testing.assert_array_equal(back, boxes)


def test_no_boxes():
    assert boxes_to_percent([], (40, 60)).shape == (0, 4)
    assert boxes_from_percent([], (40, 60)).shape == (0, 4)


def test_rounding_is_cut_off_and_more_is_not():
    percent = boxes_to_percent([[-1e-5, 0, 60.00001, 40]], (40, 60))
    assert percent.tolist() == [[0, 0, 100, 100]]
    boxes = boxes_from_percent([[50, 50, 50.00000001, 50]], (40, 60))
    assert boxes.tolist() == [[30, 20, 60, 40]]


@pytest.mark.parametrize(
    ("box", "match"),
    [
        ([-1, 0, 5, 5], "outside the picture, 60 wide and 40 high"),
        ([0, 0, 60.5, 5], "outside"),
        ([0, 0, 5, 41], "outside"),
        ([0, 0, 0, 5], "empty"),
        ([5, 0, 3, 5], "empty"),
        ([0, 0, np.nan, 5], "not finite"),
        ([0, 0, np.inf, 5], "not finite"),
    ],
)
def test_impossible_boxes_are_refused(box, match):
    with pytest.raises(ValueError, match=match):
        boxes_to_percent([[1, 1, 2, 2], box], (40, 60))


@pytest.mark.parametrize(
    ("box", "match"),
    [
        ([80, 0, 50, 5], "outside the picture, 0 to 100 percent"),
        ([-2, 0, 50, 5], "outside"),
        ([0, 99, 5, 2], "outside"),
        ([0, 0, 0, 5], "empty"),
        ([0, 0, -3, 5], "outside|empty"),
        ([0, 0, np.nan, 5], "not finite"),
    ],
)
def test_impossible_percent_is_refused(box, match):
    with pytest.raises(ValueError, match=match):
        boxes_from_percent([[1, 1, 2, 2], box], (40, 60))


@pytest.mark.parametrize("function", [boxes_to_percent, boxes_from_percent])
def test_pictures_have_a_size(function):
    with pytest.raises(ValueError, match="0 x 60"):
        function([[0, 0, 1, 1]], (0, 60))


def slow_mask(points, size):
    """Shoot a ray from the center of each pixel."""
    mask = np.zeros(size, dtype=bool)
    for row, column in np.ndindex(size):
        x, y = column + 0.5, row + 0.5
        for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, 0), strict=True):
            crosses = (y0 <= y) != (y1 <= y)
            if crosses and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
                mask[row, column] ^= True
    return mask


@pytest.mark.parametrize("seed", range(30))
def test_polygons_are_filled_as_by_rays(seed):
    """Crossing themselves, and partly outside."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(-4, 20, (rng.integers(3, 9), 2))
    size = tuple(rng.integers(1, 17, 2))
    np.testing.assert_array_equal(
        polygon_to_mask(points, size), slow_mask(points, size)
    )


def test_direction_and_start_do_not_matter():
    points = np.random.default_rng(0).uniform(0, 30, (9, 2))
    mask = polygon_to_mask(points, (30, 30))
    np.testing.assert_array_equal(polygon_to_mask(points[::-1], (30, 30)), mask)
    np.testing.assert_array_equal(
        polygon_to_mask(np.roll(points, 4, 0), (30, 30)), mask
    )


def test_centers_on_the_outline():
    square = [[0.5, 1.5], [2.5, 1.5], [2.5, 3.5], [0.5, 3.5]]
    rows, columns = np.nonzero(polygon_to_mask(square, (5, 5)))
    assert set(rows) == {1, 2}
    assert set(columns) == {0, 1}


def test_neighbors_share_no_pixel_and_leave_none():
    """Triangles around a point whose edges run through centers of pixels."""
    center, corners = (4.5, 4.5), [(0, 0), (9, 0), (9, 9), (0, 9)]
    parts = [
        polygon_to_mask([center, a, b], (9, 9))
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
    ]
    assert (np.sum(parts, axis=0) == 1).all()


@pytest.mark.parametrize(
    ("points", "match"),
    [
        ([[0, 0], [1, 1]], "three points"),
        ([], "three points"),
        ([[0, 0, 0]] * 3, "three points"),
        ([[0, 0], [1, np.nan], [2, 2]], "not finite"),
        ([[0, 0], [1, np.inf], [2, 2]], "not finite"),
    ],
)
def test_what_is_no_polygon_is_refused(points, match):
    with pytest.raises(ValueError, match=match):
        polygon_to_mask(points, (5, 5))
