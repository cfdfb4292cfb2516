"""Positions in a pool: integers in range, each once, or refused."""

import numpy as np
import pandas as pd
import pytest

from skactive.utils._positions import check_positions


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, []),
        ([], []),
        ((), []),
        (3, [3]),
        ([4, 2, 4], [2, 4]),
        (np.array([0, 4], dtype=np.uint8), [0, 4]),
        (pd.Series([1, 0], index=[7, 8]), [0, 1]),
        (range(5), [0, 1, 2, 3, 4]),
    ],
)
def test_positions_are_distinct_and_ascending(given, expected):
    positions = check_positions("among", given, 5)
    assert positions.tolist() == expected and positions.dtype == np.intp


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ([5], r"exclude must lie in 0\.\.4; got 5 to 5"),
        ([-1, 2], "got -1 to 2"),
        ([True, False, True, False, True], r"bool .*np.flatnonzero\(mask\)"),
        ([1.0], "float64"),
        (["a"], "1-d integers"),
        ([[0, 1]], r"shape \(1, 2\)"),
    ],
)
def test_other_positions_are_refused(given, match):
    with pytest.raises(ValueError, match=match):
        check_positions("exclude", given, 5)
