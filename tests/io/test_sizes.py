"""Sizes of images."""

import numpy as np
import pytest

from skactive.io._sizes import sizes_of


def test_one_for_all_or_one_each():
    assert sizes_of((3, 4), 2) == [[3, 4], [3, 4]]
    assert sizes_of(np.array([[3, 4], [5, 6]], np.uint8), 2) == [[3, 4], [5, 6]]
    assert sizes_of((3, 4), 0) == []


@pytest.mark.parametrize(
    "sizes",
    [(3,), (3, 4, 3), [(3, 4)] * 3, (3.0, 4.0), (0, 4), (-3, 4), 3, None, ("3", "4")],
)
def test_others_are_refused(sizes):
    with pytest.raises(ValueError, match=r"sizes must be \(height, width\) in pixels"):
        sizes_of(sizes, 2)
