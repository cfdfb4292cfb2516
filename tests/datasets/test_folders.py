"""Folders of pictures with masks beside them, or with boxes in files."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from skactive.datasets import load_box_folder, load_mask_folder
from skactive.io import coco, voc
from skactive.nets import NetDetector

SIZES = [(12, 16), (20, 8), (12, 16)]
NAMES = ["a.png", "b.jpg", "c.png"]
BOXES = [
    {"boxes": [[2.0, 3.0, 8.0, 9.0], [8.0, 0.0, 16.0, 12.0]], "labels": ["x", "y"]},
    {"boxes": [], "labels": []},
]


@pytest.fixture
def home(tmp_path):
    rng = np.random.RandomState(0)
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for name in ("a", "b", "c"):
        pixels = rng.randint(0, 255, (6, 7, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / "images" / f"{name}.png")
    for name, value in (("a", 1), ("c", 255)):
        mask = np.full((6, 7), value, np.uint8)
        Image.fromarray(mask).save(tmp_path / "masks" / f"{name}.png")
    (tmp_path / "images" / "notes.txt").write_text("no picture")
    return tmp_path


def test_a_folder_of_images_and_masks(home):
    found = load_mask_folder(home / "images", home / "masks")
    assert found.data.shape == (3, 3, 6, 7) and found.data.dtype == np.uint8
    assert found.names == ["a", "b", "c"] and found.target_names == ["1"]
    assert found.target[1] is None and (found.target[0] == 1).all()
    for path in (home / "images" / "b.png",):
        path.unlink()
    complete = load_mask_folder(home / "images", home / "masks")
    assert complete.target.shape == (2, 6, 7)


def test_masks_with_a_palette_are_numbers(home):
    mask = Image.fromarray(np.full((6, 7), 2, np.uint8), mode="P")
    mask.putpalette([0, 0, 0, 9, 9, 9, 255, 0, 0])
    mask.save(home / "masks" / "b.png")
    assert (load_mask_folder(home / "images", home / "masks").target[1] == 2).all()


def test_faults_of_a_folder_name_the_file(home):
    Image.fromarray(np.zeros((6, 7), np.uint8)).save(home / "masks" / "z.png")
    with pytest.raises(ValueError, match=r"no image of their name.*z\.png"):
        load_mask_folder(home / "images", home / "masks")
    (home / "masks" / "z.png").unlink()
    Image.fromarray(np.zeros((6, 7, 3), np.uint8)).save(home / "masks" / "b.png")
    with pytest.raises(ValueError, match=r"b\.png holds uint8 of shape \(6, 7, 3\)"):
        load_mask_folder(home / "images", home / "masks")
    (home / "masks" / "b.png").unlink()
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(home / "images" / "d.png")
    with pytest.raises(ValueError, match=r"pass size=\(height, width\)"):
        load_mask_folder(home / "images", home / "masks")
    found = load_mask_folder(home / "images", home / "masks", size=(4, 5))
    assert found.data.shape == (4, 3, 4, 5)
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(home / "images" / "d.bmp")
    with pytest.raises(ValueError, match="have one name"):
        load_mask_folder(home / "images", home / "masks")
    (home / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="no picture"):
        load_mask_folder(home / "empty", home / "masks")


@pytest.fixture
def pictures(tmp_path):
    rng = np.random.RandomState(0)
    (tmp_path / "images").mkdir()
    for name, size in zip(NAMES, SIZES):
        pixels = rng.randint(0, 255, (*size, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / "images" / name)
    return tmp_path


def by_voc(home):
    voc.write_boxes(home / "xml", [2, 1], BOXES, ids=NAMES, sizes=SIZES)
    return lambda names: voc.read_boxes(home / "xml", names)


def by_coco(home):
    path, classes = home / "done.json", ["x", "y"]
    coco.write(path, [2, 1], BOXES, ids=NAMES, sizes=SIZES, classes=classes)
    return lambda names: coco.read_boxes(path, names)


def by_hand(home):
    return lambda names: ([2, 1], BOXES)


@pytest.mark.parametrize("reader", [by_voc, by_coco, by_hand])
def test_images_of_several_sizes_and_boxes_in_files(pictures, reader):
    found = load_box_folder(pictures / "images", reader(pictures))
    assert found.names == NAMES and found.target_names == ["x", "y"]
    assert [image.shape for image in found.data] == [(3, *size) for size in SIZES]
    with Image.open(pictures / "images" / "a.png") as picture:
        assert_array_equal(found.data[0], np.asarray(picture).transpose(2, 0, 1))
    assert found.target[0] is None and len(found.target[1]["boxes"]) == 0
    assert_allclose(found.target[2]["boxes"], BOXES[0]["boxes"])


@pytest.mark.parametrize("reader", [by_voc, by_coco, by_hand])
def test_boxes_are_resized_with_their_images(pictures, reader):
    found = load_box_folder(pictures / "images", reader(pictures), size=(6, 32))
    assert found.data.shape == (3, 3, 6, 32) and found.data.dtype == np.uint8
    assert found.target[0] is None
    scaled = np.array(BOXES[0]["boxes"]) * [2, 0.5, 2, 0.5]
    assert_allclose(found.target[2]["boxes"], scaled)


@pytest.mark.parametrize("size", [None, (16, 16)])
def test_a_detector_takes_what_a_folder_has(pictures, size):
    found = load_box_folder(pictures / "images", by_coco(pictures), size=size)
    known = [answer is not None for answer in found.target]
    net = NetDetector(module__width=4, max_epochs=1, random_state=0)
    net.fit(found.data[known], found.target[known])
    assert len(net.predict(found.data)) == 3


def test_images_of_one_size_are_one_array(pictures):
    (pictures / "images" / "b.jpg").unlink()
    found = load_box_folder(pictures / "images", lambda names: ([], []))
    assert found.data.shape == (2, 3, 12, 16) and found.target_names == []
    assert found.target.tolist() == [None, None]


@pytest.mark.parametrize("given, match", [
    (([2, 2], BOXES), "twice to c.png"),
    (([3], BOXES[:1]), "the row 3 of 3 names"),
    (([0], BOXES), "as many answers"),
    (BOXES[0], "as many answers"),
    (None, "as many answers"),
    (([1], BOXES[:1]), "The answer to b.jpg"),
])  # fmt: skip
def test_faulty_boxes_name_the_file(pictures, given, match):
    with pytest.raises(ValueError, match=match):
        load_box_folder(pictures / "images", lambda names: given)


def test_a_folder_without_pictures(tmp_path):
    with pytest.raises(FileNotFoundError, match="no picture"):
        load_box_folder(tmp_path, lambda names: ([], []))
