"""What a benchmark is asked for, and what is refused before it runs."""

import numpy as np
import pytest
from sklearn.utils import Bunch

from skactive.benchmark._design import (
    check_size,
    checked_count,
    checked_seeds,
    spending,
)


def test_seeds_are_so_many_or_these():
    assert checked_seeds(3) == [0, 1, 2]
    assert checked_seeds(np.int64(2)) == [0, 1]
    assert checked_seeds(np.array([7, 3])) == [7, 3]
    for bad in ([], [1, 1], 0, True):
        with pytest.raises(ValueError, match="seeds must be"):
            checked_seeds(bad)


@pytest.mark.parametrize("value", [0, -1, 1.0, "3", None, True, np.nan])
def test_counts_are_integers_of_one_or_more(value):
    with pytest.raises(ValueError, match="batch_size must be an integer of 1 or more"):
        checked_count(value, "batch_size")
    assert checked_count(np.uint8(3), "batch_size") == 3


def test_validation_is_paid_from_the_budget():
    assert spending(20, None, None) == {"budget": 20, "n_validation": 0}
    assert spending(20, 0.25, None) == {"budget": 15, "n_validation": 5}
    assert spending(20, 8, None) == {"budget": 12, "n_validation": 8}
    assert spending(2.5, 8, len) == {"budget": 2.5, "n_validation": 8, "cost": len}
    with pytest.raises(ValueError, match="leave nothing of budget=20"):
        spending(20, 20, None)


@pytest.mark.parametrize(
    ("n_rows", "more", "n_test"),
    [(53, {}, 13), (100, {"max_rows": 53}, 13), (53, {"test_size": 13}, 13)],
)
def test_just_enough_rows_will_do_and_one_less_will_not(n_rows, more, n_test):
    design = {"n_initial": 10, "n_validation": 10, "budget": 19, "test_size": 0.25}
    design |= more
    data = Bunch(name="d", y=np.zeros(n_rows), X_test=None)
    assert n_test == 13
    with pytest.raises(ValueError, match=f"has 39 rows besides the {n_test + 1} to"):
        check_size(data, {**design, "test_size": 14})
    check_size(data, design | {"test_size": 13})
