"""Pictures in files, and the message where nothing can read them."""

import sys

import numpy as np
import pytest
from PIL import Image

from skactive.utils._pictures import pillow, read_mask, read_picture, resized


def test_a_mask_is_its_numbers_and_a_picture_its_colors(tmp_path):
    picture = Image.fromarray(np.array([[0, 1, 2]], np.uint8))
    picture.putpalette([9, 9, 9, 200, 0, 0, 0, 0, 50])
    picture.save(tmp_path / "a.png")
    assert read_mask(tmp_path / "a.png").tolist() == [[0, 1, 2]]
    colors = read_picture(tmp_path / "a.png", "RGB")
    assert colors.tolist() == [[[9, 9, 9], [200, 0, 0], [0, 0, 50]]]


def test_a_picture_of_colors_is_no_mask(tmp_path):
    Image.fromarray(np.zeros((2, 3, 3), np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"a.png holds uint8 of shape \(2, 3, 3\)"):
        read_mask(tmp_path / "a.png")


def test_pillow_is_asked_for_on_use(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match="read, written and resized by pillow"):
        pillow()


def test_sizes_are_met_by_means_or_in_between():
    picture = Image.fromarray(np.array([[0, 100], [50, 50]], np.uint8))
    assert np.asarray(resized(picture, (1, 2))).tolist() == [[25, 75]]
    assert np.asarray(resized(picture, (2, 4)))[0].tolist() == [0, 25, 75, 100]
    assert resized(picture, (2, 2)) is picture


@pytest.mark.parametrize("dtype, mode", [(np.uint16, "I;16"), (np.float32, "F")])
def test_values_above_255_are_not_cut(tmp_path, dtype, mode):
    Image.fromarray(np.full((2, 2), 300, dtype)).save(tmp_path / "a.tif")
    assert read_picture(tmp_path / "a.tif")[0, 0] == 300
    with pytest.raises(ValueError, match=f"a.tif holds values of mode '{mode}'"):
        read_picture(tmp_path / "a.tif", "RGB")
