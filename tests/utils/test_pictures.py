"""Pictures in files, and the message where nothing can read them."""

import sys

import numpy as np
import pytest
from PIL import Image

from skactive.utils._pictures import pillow, read_mask, read_picture


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
