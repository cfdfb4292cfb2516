"""What may be a price, and what is said of what is none."""

import numpy as np
import pandas as pd
import pytest

from skactive.utils._prices import checked_prices


@pytest.mark.parametrize(
    "prices",
    [[1, 2.5], (1, 2.5), np.array([1, 2.5], object), pd.Series([1, 2.5], index=[7, 3])],
    ids=["list", "tuple", "objects", "series"],
)
def test_prices_in_any_container(prices):
    values = checked_prices(prices, 2, "cost", above_zero=True)
    assert values.dtype == np.float64 and values.tolist() == [1, 2.5]


def test_nothing_may_be_free_only_where_it_is_not_divided_by():
    assert checked_prices([0, 1], 2, "cost").tolist() == [0, 1]
    with pytest.raises(
        ValueError, match="above 0 for each of 2 rows; got 0.0 at entry 1"
    ):
        checked_prices([1, 0], 2, "cost", above_zero=True)


@pytest.mark.parametrize("above_zero", [True, False])
@pytest.mark.parametrize(
    "prices, words",
    [
        ([1, -2], "-2.0 at entry 1"),
        ([np.nan, 1], "nan at entry 0"),
        ([1, np.inf], "inf at entry 1"),
        ([1], r"shape \(1,\)"),
        ([[1], [2]], r"shape \(2, 1\)"),
        ([[1, 2], [3]], "several lengths"),
        (3.0, r"shape \(\)"),
        (["1", "2"], "dtype <U1"),
        ([True, False], "dtype bool"),
        (np.array([1, None]), "got None"),
        (np.ma.masked_array([1, 2], [0, 1]), "masked"),
    ],
    ids=str,
)
def test_what_is_no_price_is_refused(prices, words, above_zero):
    with pytest.raises(ValueError, match=f"the bill must hold one finite.*{words}"):
        checked_prices(prices, 2, "the bill", above_zero=above_zero)
