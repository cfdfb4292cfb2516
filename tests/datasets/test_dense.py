"""Images with masks or boxes: flat arrays, sizes, and the parts of a file."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from skactive.datasets import (
    boxes_from_flat,
    boxes_to_flat,
    load_dataset,
    resize_images,
)


@pytest.mark.parametrize("labels", [[1, 2, 1], ["a", "b", "a"]])
def test_there_and_back(labels):
    boxes = np.arange(12, dtype=np.float32).reshape(3, 4)
    y = boxes_from_flat(boxes, labels, [0, 0, 2, 3])
    assert y.shape == (3,) and y.dtype == object
    assert [len(each["boxes"]) for each in y] == [0, 2, 1]
    back = boxes_to_flat(y)
    assert_array_equal(back[0], boxes)
    assert back[1].tolist() == labels and back[2].tolist() == [0, 0, 2, 3]


def test_equal_numbers_of_boxes_stay_objects():
    y = boxes_from_flat(np.ones((4, 4)).cumsum(1), [0] * 4, [0, 2, 4])
    assert y.shape == (2,)
    assert boxes_to_flat([{"boxes": [], "labels": []}])[0].shape == (0, 4)


@pytest.mark.parametrize("offsets", [[0, 2], [1, 3], [0, 2, 1, 3], []])
def test_offsets_that_do_not_fit_are_refused(offsets):
    with pytest.raises(ValueError, match="offsets must rise from 0"):
        boxes_from_flat(np.ones((3, 4)), [0, 0, 0], offsets)


def test_masks_and_boxes_move_with_their_image():
    image = np.zeros((8, 8), np.uint8)
    image[:4, :4] = 200
    mask = (image > 0).astype(np.uint8) * 7
    X, y = resize_images([image, image], [mask, mask], (4, 2))
    assert X.shape == y.shape == (2, 4, 2)
    assert y[0].tolist() == [[7, 0], [7, 0], [0, 0], [0, 0]]  # no class in between
    assert X[0].tolist() == [[200, 0], [200, 0], [0, 0], [0, 0]]
    found = {"boxes": [[0, 0, 4, 4]], "labels": ["lit"], "note": "kept"}
    _, y = resize_images([image], [found], (4, 2))
    assert y[0]["boxes"].tolist() == [[0, 0, 1, 2]] and y[0]["note"] == "kept"
    assert found["boxes"] == [[0, 0, 4, 4]]


def test_images_of_all_sizes_become_one():
    sizes = [(8, 8), (5, 9), (20, 3)]
    X = [np.full((*size, 3), 9, np.uint8) for size in sizes]
    y = [np.full(size, 2, np.uint8) for size in sizes]
    images, masks = resize_images(X, [y[0], None, y[2]], (6, 6))
    assert images.shape == (3, 6, 6, 3) and (images == 9).all()
    assert masks.dtype == object and masks[1] is None and (masks[2] == 2).all()
    assert resize_images(X, None, (6, 6))[1] is None


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64, np.uint64, bool])
def test_masks_of_any_integers_are_resized(dtype):
    mask = (np.arange(12 * 10).reshape(12, 10) % 2).astype(dtype)
    image = np.zeros((12, 10), np.uint8)
    _, y = resize_images([image], [mask], (5, 7))
    alone = Image.fromarray(mask.astype(np.uint8)).resize((7, 5), Image.NEAREST)
    assert y.dtype == dtype
    assert_array_equal(y[0], np.asarray(alone))


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64])
@pytest.mark.parametrize("n_channels", [1, 2, 3, 4, 5])
def test_channels_may_come_first(n_channels, dtype):
    """As nets take images, whose messages say to resize them."""
    rng = np.random.RandomState(0)
    sizes = [(12, 30), (20, 9), (8, 10)]
    last = [rng.randint(0, 9, (*size, n_channels)).astype(dtype) for size in sizes]
    first = [image.transpose(2, 0, 1) for image in last]
    boxes = [{"boxes": [[0, 0, w, h / 2]], "labels": [1]} for h, w in sizes]
    X, y = resize_images(first, boxes, (8, 10), channels_first=True)
    assert X.shape == (3, n_channels, 8, 10) and X.dtype == dtype
    assert X.flags.c_contiguous
    assert all(each["boxes"].tolist() == [[0, 0, 10, 4]] for each in y)
    Z, _ = resize_images(last, None, (8, 10))
    assert_array_equal(X, Z.transpose(0, 3, 1, 2))
    assert_array_equal(X[2], first[2])


def test_channels_in_another_place_are_named():
    X = [np.zeros((16, 12, 3), np.uint8), np.zeros((3, 24, 30), np.uint8)]
    with pytest.raises(ValueError, match="Image 1 would have 30.*channels_first=True"):
        resize_images(X, None, (8, 8))
    with pytest.raises(ValueError, match="Image 0 would have 16.*channels_first=False"):
        resize_images(X, None, (8, 8), channels_first=True)
    with pytest.raises(ValueError, match=r"Images 0 and 1 have other.*\(3,\) and none"):
        resize_images([X[0], X[0][..., 0]], None, (8, 8))
    for image in (np.zeros((2, 8, 8, 3), np.uint8), np.zeros((8, 8), np.int64)):
        with pytest.raises(ValueError, match="Image 0 has the shape"):
            resize_images([image], None, (8, 8))


def test_a_mask_of_another_size_is_named():
    X = [np.zeros((8, 8), np.uint8)] * 2
    y = [np.zeros((8, 8), np.uint8), np.zeros((8, 9), np.uint8)]
    with pytest.raises(ValueError, match=r"mask of row 1 has the shape \(8, 9\)"):
        resize_images(X, y, (4, 4))


@pytest.mark.real_data
def test_real_parts_are_those_of_their_authors():
    cells = load_dataset("bccd")
    assert [len(cells[f"{part}data"]) for part in ("", "validation_", "test_")] == [
        205,
        87,
        72,
    ]
    n_boxes = sum(len(each["boxes"]) for each in cells.target)
    assert n_boxes / 205 == pytest.approx(13.7, abs=0.05)
    assert cells.target_names == ["RBC", "WBC", "Platelets"]
    roads = load_dataset("camvid")
    assert roads.data.shape == (367, 120, 160, 3)
    assert roads.target.shape == (367, 120, 160) and roads.ignore_index == 255
    assert len(roads.test_data) == 233 and roads.names[0].startswith("0001TP")
