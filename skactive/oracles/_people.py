"""Who is in a committee, what they cost, and what they may say."""

from numbers import Real

import numpy as np
from scipy import sparse

from skactive.utils import as_labels, is_missing
from skactive.utils._answers import ClassAnswers


def by_name(annotators):
    """Return people by name: those in a list are called "0", "1", ..."""
    if isinstance(annotators, dict):
        return dict(annotators)
    return {str(k): one for k, one in enumerate(annotators)}


def tells_costs(annotator):
    """Tell whether an annotator says itself what its answers cost."""
    return hasattr(annotator, "cost_")


def check_people(people):
    """Refuse people who are none, have no name, or cannot be asked."""
    strange = [name for name in people if not isinstance(name, str)]
    deaf = [one for one in people.values() if not callable(one)]
    if people and not strange and not deaf:
        return
    got = "none" if not people else f"the name {strange[0]!r}" if strange else deaf[0]
    raise ValueError(
        "CommitteeOracle: annotators must be one callable or more, in a list or in a "
        f"dict by names, which are strings; got {got}."
    )


def prices_of(cost, people):
    """Return the price of an answer of each person.

    Parameters
    ----------
    cost : float, array-like, dict or None
        One price, one for each, or none.
    people : dict of callable
        The people, by name.

    Returns
    -------
    prices : dict of float or None
        By name; None where it is not known.

    Raises
    ------
    ValueError
        If a price is no finite number of at least 0, one is missing, or prices are
        given for people who tell their own.

    Examples
    --------
    >>> from skactive.oracles._people import prices_of
    >>> prices_of([3, 1], {"Ada": print, "Ben": print})
    {'Ada': 3.0, 'Ben': 1.0}
    """
    if cost is None:
        return dict.fromkeys(people)
    told = [name for name, one in people.items() if tells_costs(one)]
    if told:
        raise ValueError(
            f"CommitteeOracle: cost={cost!r} was given, and annotator {told[0]!r} says "
            "by cost_ what it costs. Leave out one of them."
        )
    wants = f"CommitteeOracle: cost must be one price, or one for each of {len(people)}"
    wants += f" annotators {list(people)}, finite and at least 0"
    if getattr(cost, "ndim", None) == 0:
        cost = cost.item()
    if isinstance(cost, dict):
        if set(cost) != set(people):
            raise ValueError(f"{wants}; got {cost!r}.")
        prices = [cost[name] for name in people]
    elif isinstance(cost, str) or not hasattr(cost, "__len__"):
        prices = [cost] * len(people)
    else:
        prices = list(cost)
    for price in prices:
        number = isinstance(price, Real) and not isinstance(price, (bool, np.bool_))
        if not (number and np.isfinite(price) and price >= 0):
            raise ValueError(f"{wants}; got {price!r}.")
    if len(prices) != len(people):
        raise ValueError(f"{wants}; got {len(prices)}.")
    return dict(zip(people, map(float, prices), strict=True))


def usual_price(table, name, price):
    """Return the price of an answer; else what one cost on average, 1 if not known."""
    if price is not None:
        return price
    costs = table["cost"][table["who"] == name]
    return costs.mean() if len(costs) and costs.any() else 1.0


def checked_names(named, rows, free, ask):
    """Return whom ``ask`` named, distinct names for each row, or refuse it."""
    named = list(named)
    if len(named) != len(rows):
        raise ValueError(
            f"CommitteeOracle: ask must return a list of names for each of {len(rows)} "
            f"rows; {ask!r} returned {len(named)}."
        )
    each = []
    for row, names in zip(rows, named, strict=True):
        names = [names] if isinstance(names, str) else names
        names = list(dict.fromkeys(map(str, names)))
        strange = [name for name in names if name not in free]
        if strange:
            raise ValueError(
                f"CommitteeOracle: ask named {strange[0]!r} for row {row}; who can be "
                f"asked now are {list(free)}."
            )
        each.append(names)
    return each


def checked_answers(name, answers, n, classes=None, known=()):
    """Return the answers of one person as a list, None for missing ones.

    Parameters
    ----------
    name : str
        Who answered.
    answers : array-like of shape (n,)
        The answers.
    n : int
        How many there must be.
    classes : array-like of shape (n_classes,), default=None
        All that are allowed.
    known : sequence, default=()
        An answer that was given before, or none: they must go together.

    Returns
    -------
    answers : list of shape (n,)
        Plain values.

    Raises
    ------
    ValueError
        If they are not one for each row, or one is no single value, or not allowed.
    TypeError
        If old and new do not go together.
    """
    answers = _listed(answers)
    if answers is None or len(answers) != n:
        got = "a single value" if answers is None else str(len(answers))
        raise ValueError(
            f"CommitteeOracle: annotator {name!r} was asked for {n} rows and answered "
            f"with {got}; give one answer per row, None for none."
        )
    silent = is_missing(answers) if n else ()
    answers = [None if s else a for s, a in zip(silent, answers, strict=True)]
    fresh = [answer for answer in answers if answer is not None]
    declared = None if classes is None else as_labels(classes)
    try:
        ClassAnswers(declared=declared).check(fresh, known)
    except (ValueError, TypeError) as error:
        raise type(error)(
            f"CommitteeOracle: annotator {name!r} gave an answer that cannot be merged "
            f"with others. {error}"
        ) from error
    return answers


def _listed(answers):
    """Return answers as a list of plain values; None if it is a single one."""
    if isinstance(answers, np.ma.MaskedArray):
        mask, values = np.ma.getmaskarray(answers), answers.data
        return [None if m else v.item() for v, m in zip(values, mask, strict=True)]
    if isinstance(answers, (str, bytes, dict)) or not hasattr(answers, "__len__"):
        return None
    if getattr(answers, "ndim", 1) == 0 or sparse.issparse(answers):
        return None
    return [a.item() if isinstance(a, np.generic) else a for a in answers]
