"""Weights of classes by how often they are among the labels."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skactive.utils._class_weights import count_labels, root_weights


def test_weights_are_one_over_the_root_of_shares():
    weights = root_weights([90, 9, 1])
    assert_allclose(weights, [0.219795, 0.695051, 2.085154], atol=5e-7)
    assert weights.mean() == pytest.approx(1)


def test_classes_that_were_never_counted_weigh_as_the_heaviest():
    weights = root_weights([9, 0, 1, 0])
    assert_allclose(weights / weights[0], [1, 3, 3, 3])
    assert weights.mean() == pytest.approx(1)


def test_equal_shares_and_none_weigh_one():
    assert_allclose(root_weights([5, 5]), [1, 1])
    assert_allclose(root_weights([5]), [1])
    assert_allclose(root_weights([0, 0, 0]), [1, 1, 1])


MASKS = np.array([[[0, 0, 3], [255, 0, 3]], [[3, 3, 3], [3, 3, 3]]])


@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_pixels_of_masks(dtype):
    expected = {0: 3, 3: 8, 255: 1}
    y = MASKS.astype(dtype)
    assert count_labels(y) == count_labels(list(y)) == expected
    ragged = np.empty(2, dtype=object)
    ragged[:] = [y[0], y[1, :1]]
    assert count_labels(ragged) == {0: 3, 3: 5, 255: 1}


def test_labels_of_boxes():
    box, nothing = [0, 0, 2, 2], {"boxes": [], "labels": []}
    y = [{"boxes": [box] * 3, "labels": ["b", "a", "b"]}, nothing]
    assert count_labels(y) == {"a": 1, "b": 2}
    assert count_labels([nothing]) == {}
