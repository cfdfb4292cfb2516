"""What a parameter may be."""

import numpy as np
import pytest

from skactive.utils._constraints import number, whole


@pytest.mark.parametrize("value", [1, np.int64(1), 7])
def test_whole_numbers_are_taken(value):
    assert whole(1).is_satisfied_by(value)


@pytest.mark.parametrize("value", [0, True, 1.0, "1", None, np.nan])
def test_what_is_no_whole_number_of_the_range_is_not(value):
    assert not whole(1).is_satisfied_by(value)


@pytest.mark.parametrize("value", [0, -1, True, np.inf, np.nan, "1", None])
def test_what_is_no_number_of_the_range_is_not(value):
    assert not number(0).is_satisfied_by(value)


def test_ends_belong_where_they_are_said_to():
    assert number(0, 1, "both").is_satisfied_by(1)
    assert not number(0, 1, "left").is_satisfied_by(1)
    assert number(0, None, "right").is_satisfied_by(np.inf)
    assert whole(1, 3).is_satisfied_by(3) and not whole(1, 3).is_satisfied_by(4)
