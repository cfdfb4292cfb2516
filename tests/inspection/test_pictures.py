"""Images of any layout, and the colors of masks and boxes over them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skactive.inspection._pictures import (
    all_classes,
    as_pictures,
    class_colors,
    class_legend,
    colored_mask,
    draw_boxes,
    draw_picture,
)

plt = pytest.importorskip("matplotlib.pyplot")

COLOR = np.random.RandomState(0).rand(2, 5, 7, 3)  # channels last


@pytest.mark.parametrize(
    "X, expected",
    [
        (COLOR, COLOR),
        (COLOR.transpose(0, 3, 1, 2), COLOR),
        (np.concatenate([COLOR, np.ones((2, 5, 7, 1))], axis=3), COLOR),
        (list(COLOR), COLOR),
        (COLOR[..., :1], COLOR[..., 0]),
        (COLOR[..., 0], COLOR[..., 0]),
        (COLOR[:, None, ..., 0], COLOR[..., 0]),
        ((COLOR[:, None, ..., 0]).repeat(5, axis=1), COLOR[..., 0]),
    ],
    ids=["last", "first", "rgba", "list", "gray last", "gray", "gray first", "five"],
)
def test_channels_are_found_where_they_are(X, expected):
    low, high = np.min(X), np.max(X)
    pictures = as_pictures(X)
    assert_allclose(np.stack(pictures), (expected - low) / (high - low))


def test_bytes_are_divided_and_other_numbers_stretched_all_alike():
    X = np.array([[[0, 51], [255, 0]]], dtype=np.uint8)
    assert_allclose(as_pictures(X)[0], [[0, 0.2], [1, 0]])
    assert_allclose(as_pictures(X // 2)[0].max(), 127 / 255)
    dark, bright = as_pictures([np.array([[-1, 0.0]]), np.array([[3.0], [1.0]])])
    assert_allclose(dark, [[0, 0.25]])
    assert_allclose(bright, [[1], [0.5]])
    assert as_pictures(np.full((1, 2, 2), 7.0))[0].tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("X", [np.zeros((3, 4)), [["a"]], np.zeros((2, 1, 1, 2, 2))])
def test_what_is_no_image_is_refused(X):
    with pytest.raises(ValueError, match="X must hold images"):
        as_pictures(X)


def test_a_mask_is_seen_through_where_there_is_no_label():
    mask = [[0, 255], [1, 0]]
    colors = class_colors(None, 2)
    solid = colored_mask(mask, [0, 1], colors)
    assert_allclose(solid[0, 1], 1)
    over = colored_mask(mask, [0, 1], colors, 0.5)
    assert over[..., 3].tolist() == [[0.5, 0], [0.5, 0.5]]
    assert_allclose(over[1, 0, :3], colors[1][:3])


@pytest.mark.parametrize("n_classes", [0, 1, 7, 8, 10, 11, 20])
def test_each_class_has_a_color_of_its_own(n_classes):
    colors = class_colors(None, n_classes)
    assert len(set(colors)) == len(colors) == n_classes
    assert all(len(color) == 4 for color in colors)
    assert class_colors("tab10", 1) == [plt.get_cmap("tab10")(0)]


def test_classes_are_those_declared_and_those_drawn():
    masks = [np.array([[3, 255]]), None]
    assert all_classes(masks, False, [9, 0], 255) == [9, 0, 3]
    boxes = [{"boxes": [[0, 0, 1, 1]], "labels": ["b"]}, {"boxes": [], "labels": []}]
    assert all_classes(boxes, True) == ["b"]


def test_boxes_and_legend_are_drawn():
    _, ax = plt.subplots()
    draw_picture(ax, np.zeros((4, 4)))
    answer = {"boxes": [[0, 1, 2, 4], [0, 0, 1, 1]], "labels": [5, 5]}
    draw_boxes(ax, {**answer, "scores": [0.9, 0.1]}, [5], class_colors(None, 1), 0.3)
    (box,) = ax.patches
    place = (*box.get_xy(), box.get_width(), box.get_height())
    assert place == (-0.5, 0.5, 2, 3)
    legend = class_legend(ax, [5, "$x$"], class_colors(None, 2))
    assert legend.get_texts()[1].get_text() == r"\$x\$"
    plt.close("all")
