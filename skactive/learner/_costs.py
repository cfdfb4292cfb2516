"""What answers cost: prices known beforehand, told afterwards, or one each."""

from numbers import Integral, Real

import numpy as np

from skactive._sklearn import _num_samples
from skactive.learner._lending import check_prices
from skactive.utils._prices import checked_prices

#: Sums of prices are compared up to this share: 0.1 three times is a budget of 0.3.
ROUNDING = 1e-10


class Prices:
    """What was paid in a run, and what is left.

    Parameters
    ----------
    known : ndarray of float of shape (n_rows,) or None, default=None
        The price of each row, if it is known before the row is asked for.

    Attributes
    ----------
    start : list of float
        What the labels cost that were there at the beginning.
    paid : list of float
        What the answers cost, in the order in which they came.
    again : list of float
        What corrections cost.
    pending : float
        What an oracle's people were paid without an answer that could be written down.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.learner._costs import Prices
    >>> prices = Prices(known=np.array([5.0, 2.0, 1.0]))
    >>> prices.best(lambda n: np.arange(3)[:n], np.arange(3), n=2, left=4).tolist()
    [1, 2]
    """

    def __init__(self, known=None):
        self.known = known
        self.start = []
        self.begin_again()

    def begin_again(self):
        """Forget what was paid after the start."""
        self.paid, self.again, self.pending = [], [], 0

    @property
    def total(self):
        """Everything that was paid, the start included."""
        return sum(self.start) + sum(self.paid) + sum(self.again) + self.pending

    @property
    def counted(self):
        """Whether each answer so far cost one, so that costs are counts."""
        unit = all(price == 1 for price in self.start + self.paid)
        return self.known is None and unit and not self.pending and not any(self.again)

    def left(self, budget, n_first=0):
        """Return what is left of a budget that pays for all but the first answers."""
        left = budget - sum(self.paid[n_first:]) - sum(self.again) - self.pending
        return 0 if abs(left) <= ROUNDING * budget else left

    def with_pending(self, prices):
        """Return prices that hold a share of what is pending."""
        share = self.pending / len(prices) if self.pending and len(prices) else 0
        return [price + share for price in prices]

    def record(self, prices, again=()):
        """Write down what answers cost, and those that took the place of others."""
        if len(prices) or len(again):
            self.pending = 0
        self.paid.extend(prices)
        self.again.extend(again)

    def buyable(self, rows, left):
        """Return the rows that can be paid for with what is left."""
        if self.known is None:
            return rows if left > 0 else rows[:0]
        return rows[self.known[rows] <= left + ROUNDING * (left + self.total)]

    def batch_size(self, n, left):
        """Return for how many answers to ask, by what they cost so far.

        Where prices are known, ``best`` sees to it that the budget is kept.
        """
        seen = self.paid or self.start
        mean = sum(seen) / len(seen) if seen else 0
        if self.known is not None or mean <= 0:
            return n
        return max(1, int(min(n, left / mean * (1 + ROUNDING))))

    def best(self, ranking, rows, n, left):
        """Return the best rows that can be paid for together, at most n.

        Parameters
        ----------
        ranking : callable
            ``ranking(m)`` returns the positions, in ``rows``, of the m best.
        rows : ndarray of int
            Rows that may be asked for.
        n : int
            How many are wanted.
        left : float
            What may be spent.

        Returns
        -------
        best : ndarray of int
            Rows, best first. One that does not fit is passed over.
        """
        m = n = min(n, len(rows))
        if self.known is None:
            return rows[ranking(n)]
        taken = rows[:0]
        while True:
            try:
                ranked = rows[ranking(m)]
            except ValueError:  # it was shown a part of the pool, and ranks no more
                if not len(taken):
                    raise
                return taken
            taken, rest = self._taken(ranked, n, left)
            others = np.setdiff1d(rows, ranked)
            if len(taken) == n or not len(self.buyable(others, rest)):
                return taken
            m = min(2 * m, len(rows))  # the next best: a longer ranking

    def _taken(self, ranked, n, left):
        taken, slack = [], ROUNDING * (left + self.total)
        for row in ranked:
            if len(taken) < n and self.known[row] <= left + slack:
                taken.append(row)
                left -= self.known[row]
        return np.array(taken, dtype=ranked.dtype), left


def checked_costs(learner, known, X):
    """Return the costs given to fit as floats, after a look at all that is priced."""
    if known is not None:
        said_by = f"{type(learner).__name__}.fit: cost"
        known = checked_prices(known, _num_samples(X), said_by)
    check_budget(learner, known)
    for strategy in (learner.strategy, learner.initial_strategy):
        check_prices(strategy, known, X)
    return known


def check_budget(learner, known, counted=True):
    """Refuse two sources of prices, and a budget that is no count without any."""
    name = type(learner).__name__
    if known is not None and learner.cost is not None:
        raise ValueError(
            f"{name} was given cost={learner.cost!r}, which tells prices after the "
            "answers, and fit a cost for every row. Leave out one of them."
        )
    priced = known is not None or learner.cost is not None or not counted
    if priced or tells_costs(learner.oracle):
        return
    if not isinstance(learner.budget, Integral):
        raise ValueError(
            f"The 'budget' parameter of {name} must be an int in the range [1, inf), "
            "as it counts answers. An amount that is no count needs their prices, see "
            f"cost. Got {learner.budget!r} instead."
        )


def counts_labels(learner, run):
    """Tell whether each answer costs one, so that the budget is a number of labels."""
    told = learner.cost is not None or tells_costs(learner.oracle)
    return run.prices.counted and not told


def tells_costs(oracle):
    """Tell whether an oracle says what its people cost."""
    return hasattr(oracle, "cost_")


def paid_to_people(oracle):
    """Return what an oracle's people have cost so far: its ``cost_``, or 0."""
    cost = getattr(oracle, "cost_", 0)
    number = isinstance(cost, Real) and not isinstance(cost, (bool, np.bool_))
    if not (number and np.isfinite(cost) and cost >= 0):
        raise ValueError(
            f"{type(oracle).__name__}.cost_ must be a finite number of at least 0, "
            f"what its answers have cost so far; got {cost!r}."
        )
    return cost


def paid_since(oracle, before):
    """Return what an oracle's people were paid since its ``cost_`` was read."""
    now = paid_to_people(oracle)
    if now < before:
        raise ValueError(
            f"{type(oracle).__name__}.cost_ must be what all its answers so far have "
            f"cost, and never fall; it was {before!r} and is {now!r}."
        )
    return now - before
