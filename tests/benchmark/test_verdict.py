"""What is called better or worse, and the reason where nothing is."""

import pytest
from sklearn.utils import Bunch

from skactive.benchmark._verdict import verdict, verdict_over_datasets


@pytest.mark.parametrize(
    "interval, n, words",
    [
        ((0.01, 0.03), 10, "better than random"),
        ((-0.03, -0.01), 10, "worse than random"),
        ((-0.01, 0.03), 10, "random within noise"),
        ((0, 0.03), 10, "random within noise"),
        ((-0.03, 0), 10, "random within noise"),
        ((0.01, 0.03), 9, "9 seeds: no verdict below ten"),
        ((-0.03, -0.01), 4, "4 seeds: no verdict below ten"),
        ((float("nan"), float("nan")), 1, "1 seed: no verdict below ten"),
    ],
)
def test_the_verdict_follows_the_interval_and_needs_ten_seeds(interval, n, words):
    assert verdict(Bunch(interval=interval, n=n)) == words
    other = words.replace("random", "margin")
    assert verdict(Bunch(interval=interval, n=n), "margin") == other
    over = Bunch(interval=interval, n=5, fewest_seeds=n)
    assert verdict_over_datasets(over) == words
    assert verdict_over_datasets(over, "margin") == other


@pytest.mark.parametrize("n, said", [(1, "1 data set"), (4, "4 data sets")])
def test_over_data_sets_it_needs_five(n, said):
    over = Bunch(interval=(0.01, 0.03), n=n, fewest_seeds=10)
    assert verdict_over_datasets(over) == f"{said}: no verdict below five"
