"""Pictures of masks: the numbers and not the colors."""

import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from skactive.io import voc
from skactive.io.voc._masks import palette

IDS = ["a.jpg", "b", "c.png"]
MASK = np.array([[0, 1, 20], [255, 15, 0]])


def test_there_and_back_whatever_the_dtype(tmp_path):
    for dtype in (np.uint8, np.int64, np.int8):
        mask = MASK if dtype != np.int8 else np.minimum(MASK, 100)
        y = [mask.astype(dtype), mask.T]
        voc.write_masks(tmp_path, [2, 0], y, ids=IDS, overwrite=True)
        rows, back = voc.read_masks(tmp_path, IDS)
        assert rows.tolist() == [0, 2] and rows.dtype == np.intp
        assert back.dtype == object and back[0].dtype == np.uint8
        assert_array_equal(back[0], mask.T)
        assert_array_equal(back[1], mask)


def test_pictures_have_the_palette_and_are_seen_in_its_colors(tmp_path):
    voc.write_masks(tmp_path, [0], [MASK], ids=IDS)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.mode == "P"
        colors = np.asarray(picture.convert("RGB"))
    # Aeroplanes, persons, tv monitors and the void, as in the development kit.
    assert colors[0].tolist() == [[0, 0, 0], [128, 0, 0], [0, 64, 128]]
    assert colors[1].tolist() == [[224, 224, 192], [192, 128, 128], [0, 0, 0]]
    assert len({tuple(each) for each in palette().tolist()}) == 256


def test_numbers_of_no_class_are_named(tmp_path):
    voc.write_masks(tmp_path, [0], [MASK], ids=IDS)
    voc.read_masks(tmp_path, IDS, n_classes=21)
    with pytest.raises(ValueError, match="a.png' holds the class 20, and n_classes=20"):
        voc.read_masks(tmp_path, IDS, n_classes=20)
    with pytest.raises(ValueError, match="holds the class 255"):
        voc.read_masks(tmp_path, IDS, n_classes=21, ignore_index=254)


def test_other_pictures_are_refused(tmp_path):
    Image.fromarray(np.zeros((2, 3, 3), np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"a.png.* of shape \(2, 3, 3\)"):
        voc.read_masks(tmp_path, IDS)
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(ValueError, match="a.png' is no picture"):
        voc.read_masks(tmp_path, IDS)
    Image.fromarray(np.full((2, 3), 300, np.uint16)).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match="a.png' holds the number 300"):
        voc.read_masks(tmp_path, IDS)
    (tmp_path / "a.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"no file \*\.png"):
        voc.read_masks(tmp_path, IDS)
    voc.write_masks(tmp_path, [0], [MASK], ids=["x"])
    with pytest.raises(ValueError, match="x.png' is about 'x', which is not among ids"):
        voc.read_masks(tmp_path, IDS)


@pytest.mark.parametrize(
    "change, fault",
    [
        ({"y": [MASK, None]}, "answer to 'a' must be a mask of integers from 0 to 255"),
        ({"y": [MASK, MASK + 1]}, "answer to 'a' must"),
        ({"y": [MASK, MASK - 1]}, "answer to 'a' must"),
        ({"y": [MASK, MASK / 2]}, "answer to 'a' must"),
        ({"y": [MASK, np.empty((0, 3), int)]}, "answer to 'a' must"),
        ({"y": [MASK, MASK[0]]}, "answer to 'a' must"),
        ({"y": [MASK]}, "2 rows and 1 masks"),
        ({"rows": [2, 2]}, "rows holds 2 twice"),
        ({"ids": ["a/b", "b", "c"]}, "without folders"),
    ],
)
def test_what_does_not_fit_is_not_written(tmp_path, change, fault):
    given = {"rows": [2, 0], "y": [MASK, MASK], "ids": IDS} | change
    with pytest.raises(ValueError, match=fault):
        voc.write_masks(tmp_path / "new", given.pop("rows"), given.pop("y"), **given)
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_over(tmp_path):
    voc.write_masks(tmp_path, [0], [MASK], ids=IDS)
    with pytest.raises(FileExistsError, match="a.png' is there already"):
        voc.write_masks(tmp_path, [2, 0], [MASK, MASK], ids=IDS)
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]


def test_pillow_is_named_where_it_is_missing(tmp_path, monkeypatch):
    voc.write_masks(tmp_path, [0], [MASK], ids=IDS)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match="pillow"):
        voc.read_masks(tmp_path, IDS)
    with pytest.raises(ImportError, match="pillow"):
        voc.write_masks(tmp_path, [1], [MASK], ids=IDS)
