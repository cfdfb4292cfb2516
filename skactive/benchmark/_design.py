"""What a benchmark is asked for: counts, budgets and seeds, checked before it runs."""

from numbers import Integral, Real

import numpy as np

from skactive.benchmark._costs import checked_amount


def checked_seeds(seeds):
    """Return the seeds as a list: so many, or these."""
    if isinstance(seeds, Integral):
        seeds = range(checked_count(seeds, "seeds"))
    seeds = [int(seed) for seed in seeds]
    if len(set(seeds)) < len(seeds) or not seeds:
        raise ValueError(f"seeds must be distinct, and at least one; got {seeds}.")
    return seeds


def checked_count(value, name):
    """Return a number of something, or refuse it by its name."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name} must be an integer of 1 or more, got {value!r}.")
    return int(value)


def spending(budget, validation, cost):
    """Return the part of the design that says what may be spent, and on what."""
    if cost is None:
        budget = checked_count(budget, "budget")
        n_validation = _n_validation(validation, budget)
        return {"budget": budget - n_validation, "n_validation": n_validation}
    # What labels for validation cost is known when they are drawn.
    n_validation = 0 if validation is None else checked_count(validation, "validation")
    budget = checked_amount(budget)
    return {"budget": budget, "n_validation": n_validation, "cost": cost}


def _n_validation(validation, budget):
    if validation is None:
        return 0
    if isinstance(validation, Real) and 0 < validation < 1:
        validation = round(validation * budget)
    n = checked_count(validation, "validation")
    if n >= budget:
        raise ValueError(
            f"validation={n} labels leave nothing of budget={budget} to learn from."
        )
    return n


def check_size(data, design):
    """Refuse data that have fewer rows than are to be labeled."""
    n_test, n_rows = 0, len(data.y)
    if cut := design.get("max_rows", n_rows) < n_rows:
        n_rows = design["max_rows"]
    if data.X_test is None:
        share = design["test_size"]
        n_test = int(np.ceil(share * n_rows)) if share < 1 else int(share)
    wanted, words = design["n_initial"] + design["n_validation"], "n_initial + budget"
    if "cost" in design:  # how many more it buys is not known yet
        wanted, words = wanted + 1, "n_initial + validation + 1"
    else:
        wanted += design["budget"]
    if n_rows - n_test < wanted:
        lower = "n_initial" if "cost" in design else "budget"
        remedy = f"{lower} or test_size{', or raise max_rows' if cut else ''}."
        raise ValueError(
            f"{data.name} has {n_rows - n_test} rows besides the {n_test} to test "
            f"on, and {words} = {wanted} are to be labeled. Lower {remedy}"
        )
