"""Classes as markers: gaps of all kinds are none of them."""

import numpy as np
import pytest

from skactive.inspection._markers import classes_of, read_labels


@pytest.mark.parametrize("gap", [None, np.nan], ids=["None", "NaN"])
def test_gaps_have_the_number_minus_one(gap):
    classes, numbers = classes_of(np.array([2, gap, 1, 2], dtype=object))
    assert classes.tolist() == [1, 2]
    assert numbers.tolist() == [1, -1, 0, 1]


def test_marker_of_the_reader_is_a_gap():
    assert read_labels([1, -1, 0], 3, missing_label=-1).tolist() == [1, None, 0]
