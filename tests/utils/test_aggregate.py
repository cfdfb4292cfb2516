"""One score of many: numbers by hand, row by row."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skactive.utils._aggregate import aggregate_units


@pytest.mark.parametrize("how", ["mean", "sum", "max", 0.3, 1, np.mean])
def test_aggregates_of_rows_are_those_of_each(how):
    h = np.random.RandomState(0).uniform(size=(6, 11))
    together = aggregate_units(h, how)
    each = [aggregate_units(row[None], how)[0] for row in h]
    assert together.shape == (6,)
    assert_allclose(together, each)
    if how == 0.3:  # the four largest of eleven
        assert_allclose(together, np.sort(h, axis=1)[:, -4:].mean(axis=1))


@pytest.mark.parametrize("how", ["mean", "sum"])
def test_weights_count_and_nothing_is_not_a_number(how):
    h = np.array([[1.0, 2.0, 4.0], [1.0, 2.0, 4.0]])
    weights = np.array([[1.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
    expected = [13 / 4 if how == "mean" else 13, np.nan]
    assert_allclose(aggregate_units(h, how, weights), expected)
    assert_array_equal(h, [[1, 2, 4]] * 2)


@pytest.mark.parametrize("bad", [np.nan, np.inf, "high", [1.0, 2.0], None])
def test_a_callable_returns_one_finite_number(bad):
    with pytest.raises(ValueError, match="must return one number"):
        aggregate_units(np.ones((2, 3)), lambda units: bad)
