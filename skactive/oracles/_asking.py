"""Whom to ask: everybody, one by chance, the best for the money, the promising ones."""

from numbers import Integral, Real

import numpy as np
from scipy.stats import beta, t

from skactive._sklearn import Interval, StrOptions
from skactive.oracles._estimates import records
from skactive.oracles._merging import DawidSkene
from skactive.oracles._votes import coded
from skactive.utils._documented import BaseEstimator

#: For which purpose a number is drawn; ties of votes take 0.
WHO = 1
#: In place of nothing, so that who asks for no money is compared by what he knows.
LEAST_PRICE = 1e-300


def everybody(votes, rows):
    """Choose whom to ask: everybody, for each row.

    Parameters
    ----------
    votes : Votes
        What was said so far; ``votes.annotators`` are the names of those who answer.
    rows : ndarray of int of shape (n,)
        Rows that are asked for.

    Returns
    -------
    names : list of list of str
        Whom to ask, for each row.

    Notes
    -----
    Cost: O(rows * annotators).

    Examples
    --------
    >>> from skactive.oracles import CommitteeOracle, SimulatedOracle, everybody
    >>> people = {"Ada": SimulatedOracle([0, 1]), "Ben": SimulatedOracle([0, 0])}
    >>> oracle = CommitteeOracle(people, ask=everybody, random_state=0)
    >>> _ = oracle([1])
    >>> oracle.votes_["who"].tolist()
    ['Ada', 'Ben']
    """
    return [list(votes.annotators) for _ in rows]


def one_at_random(votes, rows):
    """Choose whom to ask: one for each row, by chance.

    Parameters
    ----------
    votes : Votes
        What was said so far; ``votes.annotators`` are the names of those who answer.
    rows : ndarray of int of shape (n,)
        Rows that are asked for.

    Returns
    -------
    names : list of list of str
        Whom to ask, for each row.

    Notes
    -----
    Chance goes by row and seed, not by the order of asking: two strategies that ask
    for the same row ask the same person. Cost: O(rows).

    Examples
    --------
    >>> from skactive.oracles import CommitteeOracle, SimulatedOracle, one_at_random
    >>> people = {"Ada": SimulatedOracle([0, 1]), "Ben": SimulatedOracle([0, 0])}
    >>> oracle = CommitteeOracle(people, ask=one_at_random, random_state=0)
    >>> len(oracle([1, 0])), len(oracle.votes_)
    (2, 2)
    """
    places = votes.draws(rows, WHO) * len(votes.annotators)
    return [[votes.annotators[place]] for place in places.astype(int)]


class BestValue(BaseEstimator):
    """Choose whom to ask: the one who knows most for the money, after a trial.

    Everybody answers the first rows, from which is estimated who is right how often.
    Then each row is answered by one person: who gains most over a guess, for each unit
    of money.

    Parameters
    ----------
    n_trial : int, default=15
        Rows that everybody answers, before anyone is chosen.
    estimate : DawidSkene, default=None
        Estimates who is right how often. None: ``DawidSkene()``.

    See Also
    --------
    IntervalThreshold : Goes on asking several.

    Notes
    -----
    The value of a person who is right with probability p among C classes is (p - 1 / C)
    / price, times the share of questions that he answers at all. Where everyone costs
    the same, or answers without a price, the most reliable one is asked.

    Who is chosen stays chosen, since answers of one person alone say nothing of him, so
    that the trial must be long enough. Of three people right on .6, .6 and .95 of the
    digits, 15 rows found the good one in 49 of 60 trials, and 30 rows in 57; with two
    classes, where two who guess agree by chance, 15 rows found him in 27 of 60 and 60
    rows in 38. Where the good one cost three times as much, a cheap one was chosen, as
    the formula has it, and asking one by chance was no worse: see :ref:`crowds`. Cost:
    that of ``estimate``, on the rows with several votes.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.oracles import BestValue, CommitteeOracle, NoisyOracle
    >>> y = np.arange(200) % 2
    >>> people = {
    ...     "Ada": NoisyOracle(y, noise=0.05, random_state=0),
    ...     "Ben": NoisyOracle(y, noise=0.4, random_state=1),
    ...     "Cy": NoisyOracle(y, noise=0.4, random_state=2),
    ... }
    >>> oracle = CommitteeOracle(people, ask=BestValue(), random_state=0)
    >>> _ = oracle(np.arange(100))
    >>> [int((oracle.votes_["who"] == name).sum()) for name in people]
    [100, 15, 15]
    """

    _parameter_constraints = {
        "n_trial": [Interval(Integral, 1, None, closed="left")],
        "estimate": [DawidSkene, None],
    }

    def __init__(self, n_trial=15, *, estimate=None):
        self.n_trial = n_trial
        self.estimate = estimate

    def __call__(self, votes, rows):
        """Choose whom to ask.

        Parameters
        ----------
        votes : Votes
            What was said so far.
        rows : ndarray of int of shape (n,)
            Rows that are asked for.

        Returns
        -------
        names : list of list of str
            Whom to ask, for each row; an empty list where that is decided once others
            have answered.
        """
        self.check()
        open_rows = self.n_trial - _n_answered_by_all(votes)
        if open_rows > 0:
            trial = [list(votes.annotators)] * min(open_rows, len(rows))
            return trial + [[] for _ in rows[len(trial) :]]
        values = self.values(votes)
        best = max(votes.annotators, key=lambda name: values[name])
        return [[best] for _ in rows]

    def check(self, annotators=None):
        """Refuse parameters that are out of their range.

        Parameters
        ----------
        annotators : sequence of str, default=None
            Names of the people, which do not matter.
        """
        self._validate_params()

    def values(self, votes):
        """Return what an answer of each person is worth for its price.

        Parameters
        ----------
        votes : Votes
            What was said so far.

        Returns
        -------
        values : dict of float
            By name. Of people who know no more than a guess, what they gain: at most 0.
        """
        estimate = DawidSkene() if self.estimate is None else self.estimate
        reliable = estimate.reliability(votes)
        n_classes = max(2, len(coded(votes).classes))
        values = {}
        for name, price in zip(votes.annotators, votes.prices, strict=True):
            asked = votes["who"] == name
            given = sum(answer is not None for answer in votes["answer"][asked])
            p = reliable.get(name, 1 / n_classes)
            values[name] = value_of(p, n_classes, price, given / max(asked.sum(), 1))
        return values


class IntervalThreshold(BaseEstimator):
    """Choose whom to ask: all who may be nearly as good as the best.

    Someone may be good if the upper end of an interval for his rate of agreement with
    the majority is high. So the reliable are asked, and those of whom little is known.

    Parameters
    ----------
    epsilon : float, default=0.8
        Asked is whose upper end is at least this share of the largest.
    bound : {"beta", "t"}, default="beta"
        Whose quantile is the upper end: of the Beta distribution of rates, or of
        Student's t, as published, with which a person who never erred counts less than
        one who erred once, and may be dismissed for it.
    level : float, default=0.975
        Which quantile.

    See Also
    --------
    BestValue : Asks one, and looks at the price.

    Notes
    -----
    IEthresh of [1]_. Counted are votes on rows that two people or more answered and
    where one class has most votes. Prices do not matter to it. Cost: O(votes).

    Where one of three was good it asked for the others now and then, which bought less
    than half as many rows as asking one by chance, with labels that were better. Which
    of the two gave the better model depended on the strategy: see :ref:`crowds`.

    References
    ----------
    .. [1] P. Donmez, J. G. Carbonell, J. Schneider, "Efficiently Learning the Accuracy
       of Labeling Sources for Selective Sampling", KDD 2009.

    Examples
    --------
    >>> from skactive.oracles import IntervalThreshold
    >>> ends = IntervalThreshold().upper_ends([4, 2, 5], [5, 5, 5])
    >>> ends.round(3).tolist()
    [0.957, 0.777, 0.996]
    >>> IntervalThreshold(bound="t").upper_ends([4, 2, 5], [5, 5, 5]).round(3).tolist()
    [1.355, 1.08, 1.0]
    """

    _parameter_constraints = {
        "epsilon": [Interval(Real, 0, 1, closed="both")],
        "bound": [StrOptions({"beta", "t"})],
        "level": [Interval(Real, 0.5, 1, closed="left")],
    }

    def __init__(self, epsilon=0.8, *, bound="beta", level=0.975):
        self.epsilon = epsilon
        self.bound = bound
        self.level = level

    def __call__(self, votes, rows):
        """Choose whom to ask.

        Parameters
        ----------
        votes : Votes
            What was said so far.
        rows : ndarray of int of shape (n,)
            Rows that are asked for.

        Returns
        -------
        names : list of list of str
            Whom to ask, for each row: the same for all rows of a batch.
        """
        self.check()
        known = coded(votes)
        hits, n_seen = records(known)
        place = {name: k for k, name in enumerate(known.names)}
        hits, n_seen = (
            np.array([told[place[w]] if w in place else 0 for w in votes.annotators])
            for told in (hits, n_seen)
        )
        ends = self.upper_ends(hits, n_seen)
        new = n_seen < (2 if self.bound == "t" else 1)
        asked = new | (ends >= self.epsilon * ends.max())
        names = [w for w, wanted in zip(votes.annotators, asked) if wanted]
        return [list(names) for _ in rows]

    def check(self, annotators=None):
        """Refuse parameters that are out of their range.

        Parameters
        ----------
        annotators : sequence of str, default=None
            Names of the people, which do not matter.
        """
        self._validate_params()

    def upper_ends(self, hits, n_seen):
        """Return the upper ends of intervals for rates.

        Parameters
        ----------
        hits : array-like of float of shape (n_people,)
            How often each agreed.
        n_seen : array-like of float of shape (n_people,)
            Of how many votes.

        Returns
        -------
        ends : ndarray of shape (n_people,)
            Upper ends; with ``bound="t"`` 1 for less than two votes.
        """
        hits, n = (np.asarray(values, dtype=float) for values in (hits, n_seen))
        if self.bound == "beta":
            return beta.ppf(self.level, 1 + hits, 1 + n - hits)
        few = n < 2
        n = np.where(few, 2, n)
        mean = np.where(few, 1, hits / n)
        deviation = np.sqrt(mean * (1 - mean) * n / (n - 1))
        return mean + t.ppf(self.level, n - 1) * deviation / np.sqrt(n)


def value_of(p, n_classes, price, answers=1.0):
    """Return what an answer is worth for its price.

    Parameters
    ----------
    p : float
        How probable it is that it is right.
    n_classes : int
        How many classes there are.
    price : float
        What it costs.
    answers : float, default=1.0
        How probable it is that there is one.

    Returns
    -------
    value : float
        The gain over a guess for each unit; not divided where there is none, as a
        loss gains nothing by a high price.
    """
    gain = answers * (p - 1 / n_classes)
    return gain / max(price, LEAST_PRICE) if gain > 0 else gain


def _n_answered_by_all(votes):
    """Return how many rows everyone was asked for who can be asked now."""
    asked = {}
    for row, who in zip(votes["row"].tolist(), votes["who"], strict=True):
        asked.setdefault(row, set()).add(who)
    everyone = set(votes.annotators)
    return sum(everyone <= people for people in asked.values())
