"""What the labels of a run cost, and the range over which runs can be compared."""

from numbers import Real

import numpy as np

from skactive.metrics import area_under_learning_curve, on_common_range
from skactive.metrics._curve import check_x
from skactive.utils._prices import checked_prices
from skactive.utils._rows import take_rows

RETURNED = "What cost(rows, X_rows, answers) returns"


def check_cost(cost, optional=True):
    """Refuse what is not a callable of rows, samples and answers."""
    if not callable(cost) and not (optional and cost is None):
        raise ValueError(
            "cost must be a callable, cost(rows, X_rows, answers), that returns a "
            f"price for each row, got {cost!r}. Of prices that are known make one: "
            "lambda rows, X_rows, answers: prices[rows]."
        )


def checked_amount(budget):
    """Return a budget in the unit of what answers cost, or refuse it."""
    number = isinstance(budget, Real) and not isinstance(budget, (bool, np.bool_))
    if not (number and np.isfinite(budget) and budget > 0):
        raise ValueError(f"budget must be a number above 0, got {budget!r}.")
    return budget


def cost_in_pool(cost, pool):
    """Return a cost whose rows are counted in the data set, and not in its pool."""
    if cost is None:
        return None
    return lambda rows, X_rows, answers: cost(pool[rows], X_rows, answers)


def cost_of_validation(cost, rows, X, y, budget):
    """Return what labels for validation cost, which must leave something to spend."""
    if cost is None or not len(rows):
        return 0
    prices = checked_prices(cost(rows, X, y), len(rows), RETURNED)
    if prices.sum() >= budget:
        raise ValueError(
            f"{len(rows)} labels for validation cost {prices.sum():g}, which leaves "
            f"nothing of budget={budget:g} to learn from."
        )
    return prices.sum()


def costs_of(run, cost, X, y):
    """Return what the labels of each round of a run cost, with those before."""
    paid = [
        checked_prices(cost(rows, take_rows(X, rows), y[rows]), len(rows), RETURNED)
        for rows in (run.validation, *run.queried_by_round)
        if len(rows)
    ]
    sums = np.cumsum([prices.sum() for prices in paid])
    return sums[len(run.validation) > 0 :]


def any_priced(runs):
    """Tell whether one of these runs says what its labels cost."""
    return any(len(run.cost) for run in runs)


def xs_to_show(runs):
    """Return what curves of all these runs can be drawn over, the first thing first."""
    priced = all(len(run.cost) for run in runs)
    return ["cost", "n_labeled"] if priced else ["n_labeled"]


def xs_of(run, x):
    """Return the numbers of labels of a run or what they cost, one for each round."""
    check_x(x)
    if x == "cost" and not len(run.cost):
        raise ValueError(
            f"The run of {run.strategy!r} on {run.dataset!r} with seed {run.seed} says "
            "nothing of costs. Price the runs of the result by with_costs(cost), or "
            "run the benchmark with cost=, into another store."
        )
    return run.n_labeled if x == "n_labeled" else run.cost


def curve_of(run, scoring=None, x="n_labeled"):
    """Return the learning curve of a run: x, which increases, and scores.

    Of rounds that cost nothing more, only the last is a point of it.
    """
    xs = xs_of(run, x)
    last = np.diff(xs, append=np.inf) > 0
    return xs[last], run.score(scoring)[last]


def comparable_areas(curves, cut, scale):
    """Return the areas under curves, ``cut`` to where all of them are, or as they are.

    Curves over counts end together. Where answers have prices they end apart, over
    costs and over counts.
    """
    curves = on_common_range(*curves) if cut else curves
    return [area_under_learning_curve(*curve, scale=scale) for curve in curves]
