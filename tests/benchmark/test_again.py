"""Prices of finished runs. Other models on their decisions: see test_result.py."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skactive.benchmark import BenchmarkResult, benchmark_strategies

PRICES = np.arange(300) % 5 + 1.0


def by_row(rows, X_rows, answers):
    return PRICES[rows]


@pytest.mark.parametrize("validation", [None, 6])
def test_runs_priced_later_are_those_with_the_sums_of_their_rows(toy, validation):
    settings = {**toy.settings, "seeds": 2, "validation": validation}
    result = benchmark_strategies(["entropy"], toy.data, **settings)
    later = result.with_costs(by_row)
    for one, before in zip(later.runs, result.runs, strict=True):
        paid = [PRICES[rows].sum() for rows in one.queried_by_round]
        assert_array_equal(one.cost, PRICES[one.validation].sum() + np.cumsum(paid))
        assert not len(before.cost)
        assert one.with_cost([]).decisions_equal(before)
    assert later.differences(x="cost")["toy"]["EntropySampling"].n == 2
    text = later.report()
    assert "Over what the labels cost" in text and "then 24 in batches of 8" in text


def test_prices_paid_in_the_run_are_the_same_later(toy):
    settings = {**toy.settings, "budget": 60, "seeds": 1, "validation": 6}
    result = benchmark_strategies([], toy.data, cost=by_row, **settings)
    later = result.with_costs(by_row)
    for one, before in zip(later.runs, result.runs, strict=True):
        assert one.decisions_equal(before)


def test_the_callable_is_shown_the_samples_and_their_labels(result, toy):
    def cost(rows, X_rows, answers):
        assert_array_equal(X_rows, toy.X[rows])
        assert_array_equal(answers, toy.y[rows])
        return answers + 1

    assert result.with_costs(cost).runs[0].cost.shape == (4,)


def test_what_is_no_price_and_other_data_are_refused(result, toy):
    with pytest.raises(ValueError, match="cost must be a callable"):
        result.with_costs(None)
    with pytest.raises(ValueError, match="returns must hold one finite number"):
        result.with_costs(lambda rows, X, y: [1.0])
    other = BenchmarkResult(result.runs, data={"toy": (toy.X + 1, toy.y)})
    with pytest.raises(ValueError, match="not those of the runs"):
        other.with_costs(by_row)
