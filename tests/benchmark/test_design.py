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


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize(
    ("enough", "test_size"), [(52, 0.25), (52, 13), (39, None)], ids=str
)
def test_just_enough_rows_will_do_and_one_less_will_not(enough, test_size, cut):
    """39 are to be labeled: 52 rows without a quarter, or 39 with a test part."""

    def check(n_rows):
        design = {"n_initial": 10, "n_validation": 10, "budget": 19}
        design |= {"test_size": test_size, **({"max_rows": n_rows} if cut else {})}
        y = np.zeros(200 if cut else n_rows)
        X_test = None if test_size else np.zeros((5, 1))
        check_size(Bunch(name="d", y=y, X_test=X_test), design)

    check(enough)
    remedy = "budget or test_size" + (", or raise max_rows" if cut else r"\.")
    with pytest.raises(ValueError, match=f"d has 38 rows.*= 39 are.*Lower {remedy}"):
        check(enough - 1)
