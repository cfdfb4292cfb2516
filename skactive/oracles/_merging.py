"""What several answers to one row amount to: majority, weights, Dawid and Skene."""

from numbers import Integral, Real

import numpy as np
from scipy.special import softmax

from skactive._sklearn import Interval
from skactive.oracles._estimates import (
    agreement,
    believed,
    dawid_skene,
    log_odds,
    winners,
)
from skactive.oracles._votes import coded
from skactive.utils._documented import BaseEstimator


def majority(votes, classes=None):
    """Merge votes: the class that most people say.

    Parameters
    ----------
    votes : Votes, structured array, data frame or dict of arrays
        Columns "row", "who" and "answer"; missing answers do not count.
    classes : array-like of shape (n_classes,), default=None
        All classes there are. None: those in the votes.

    Returns
    -------
    labels : ndarray of shape (n_rows,)
        One for each row that has an answer, rows ascending.
    confidence : ndarray of shape (n_rows,)
        The share of its votes.

    Raises
    ------
    ValueError
        If an answer is no class, or not among ``classes``.

    See Also
    --------
    WeightedMajority : Reliable people count more.
    DawidSkene : Estimates who mistakes what for what.

    Notes
    -----
    Of classes with as many votes, the one wins whose people agreed more often with the
    majority elsewhere; then one is drawn, by row and seed. Cost: O(votes + rows *
    classes).

    Examples
    --------
    >>> from skactive.oracles import majority
    >>> votes = {"row": [4, 4, 4, 9], "who": ["Ada", "Ben", "Cy", "Ben"],
    ...          "answer": ["cat", "dog", "cat", "dog"]}
    >>> labels, confidence = majority(votes)
    >>> labels.tolist(), confidence.round(2).tolist()
    (['cat', 'dog'], [0.67, 1.0])
    """
    votes = coded(votes, classes)
    counts = votes.counts
    best = winners(votes, counts, votes.totals(agreement(votes)[votes.person]))
    n_votes = np.maximum(counts.sum(axis=1), 1)
    return votes.classes[best], _entries(counts, best) / n_votes


class WeightedMajority(BaseEstimator):
    """Merge votes: each person counts as much as he is reliable.

    Parameters
    ----------
    weights : dict of float or None, default=None
        The weight of each person, by name; those left out count nothing. None: weights
        are estimated, as the log odds of being right.

    See Also
    --------
    majority : Everyone counts the same.
    DawidSkene : Estimates who mistakes what for what.

    Notes
    -----
    Someone who is right with probability p among C classes, mistakes being equally
    likely, has the weight ln(p (C - 1) / (1 - p)): then the class with the largest sum
    is the most probable one [1]_, and confidence its probability. p is the share of his
    answers that agree with the majority, of rows that two people or more answered, cut
    to [.01, .99]. With weights that were given, confidence is a share of weight. Cost:
    O(votes + rows * classes).

    References
    ----------
    .. [1] S. Nitzan, J. Paroush, "Optimal Decision Rules in Uncertain Dichotomous
       Choice Situations", International Economic Review 23, 1982.

    Examples
    --------
    >>> from skactive.oracles import WeightedMajority
    >>> votes = {"row": [4, 4, 4], "who": ["Ada", "Ben", "Cy"],
    ...          "answer": ["cat", "dog", "cat"]}
    >>> WeightedMajority({"Ada": 1, "Ben": 3, "Cy": 1})(votes)
    (array(['dog'], dtype='<U3'), array([0.6]))
    """

    _parameter_constraints = {"weights": [dict, None]}

    def __init__(self, weights=None):
        self.weights = weights

    def __call__(self, votes, classes=None):
        """Merge votes.

        Parameters
        ----------
        votes : Votes, structured array, data frame or dict of arrays
            Columns "row", "who" and "answer"; missing answers do not count.
        classes : array-like of shape (n_classes,), default=None
            All classes there are. None: those in the votes.

        Returns
        -------
        labels : ndarray of shape (n_rows,)
            One for each row that has an answer, rows ascending.
        confidence : ndarray of shape (n_rows,)
            How sure each label is, in (0, 1].

        Raises
        ------
        ValueError
            If weights are not finite numbers of at least 0, or all 0.
        """
        self.check()
        votes = coded(votes, classes)
        if self.weights is None:
            weights = log_odds(agreement(votes), len(votes.classes))
        else:
            given = [self.weights.get(name, 0) for name in votes.names]
            weights = np.array(given, dtype=float)
        scores = votes.totals(weights[votes.person])
        best = winners(votes, scores, votes.counts)
        if self.weights is None:
            shares = softmax(scores, axis=1) if scores.size else scores
        else:
            total = scores.sum(axis=1, keepdims=True)
            even = votes.counts / np.maximum(votes.counts.sum(axis=1), 1)[:, None]
            shares = np.where(total > 0, scores / np.where(total > 0, total, 1), even)
        return votes.classes[best], _entries(shares, best)

    def check(self, annotators=None):
        """Refuse weights that decide nothing.

        Parameters
        ----------
        annotators : sequence of str, default=None
            Names of the people; None: not known.

        Raises
        ------
        ValueError
            If weights are not finite numbers of at least 0, name none of the people,
            or are all 0.
        """
        self._validate_params()
        if self.weights is None:
            return
        for name, weight in self.weights.items():
            number = isinstance(weight, Real) and not isinstance(weight, bool)
            if not (number and np.isfinite(weight) and weight >= 0):
                raise ValueError(
                    "WeightedMajority: weights must be finite numbers of at least 0; "
                    f"got {weight!r} for {name!r}."
                )
        strange = [] if annotators is None else set(self.weights) - set(annotators)
        if strange:
            raise ValueError(
                f"WeightedMajority: weights name {sorted(map(str, strange))}, and the "
                f"annotators are {list(annotators)}."
            )
        if sum(self.weights.values()) == 0:
            raise ValueError(
                f"WeightedMajority: weights sum to 0, so that no vote counts; got "
                f"{self.weights!r}. Pass weights=None to have them estimated."
            )


class DawidSkene(BaseEstimator):
    """Merge votes: estimates who mistakes what for what, and believes accordingly.

    Parameters
    ----------
    prior : float, default=2.0
        How many right answers in each class everyone is credited with beforehand; one
        wrong answer is spread over the other classes. More: all people are alike for
        longer.
    min_rows : int, default=0
        Below this many rows that two people or more answered, :func:`majority` decides.
    max_iter : int, default=50
        Largest number of steps.
    tol : float, default=1e-5
        Ends when no probability moves by more.

    See Also
    --------
    majority : As good below some 50 rows.
    WeightedMajority : One number for each person.

    Notes
    -----
    The EM algorithm of [1]_, begun with the shares of votes: each person has a matrix
    of mistakes, each row a distribution over classes, and each is estimated from the
    other. Confidence is the probability of the label. Without ``prior`` it collapses on
    the few votes of an early round: it may believe everyone wrong, or all rows of one
    class. With it, three people who were right at rates .6, .6 and .95 among two
    classes were merged within .03 of majority up to 50 rows (.80 against .82 of 5 rows,
    .79 against .81 of 10 and of 20, .81 of 50), and better at 200 (.88 against .82;
    means of 100 crowds).

    A person has a matrix of classes by classes, and with ten classes 400 rows were too
    few for it: .90 against .95 by majority (20 crowds). Prefer majority there.

    People are judged by the rows that two or more answered: alone, everyone agrees with
    himself. A row that one person answered has that answer for its label, and the
    probability that it is right for its confidence.

    Cost: O(votes * classes) for each step. Memory: O(rows * classes + people *
    classes ** 2).

    References
    ----------
    .. [1] A. P. Dawid, A. M. Skene, "Maximum Likelihood Estimation of Observer
       Error-Rates Using the EM Algorithm", Applied Statistics 28, 1979.

    Examples
    --------
    >>> from skactive.oracles import DawidSkene
    >>> said = ["001", "000", "110", "111", "011"]
    >>> votes = {
    ...     "row": [row for row in range(5) for _ in range(3)],
    ...     "who": ["Ada", "Ben", "Cy"] * 5,
    ...     "answer": [int(answer) for row in said for answer in row],
    ... }
    >>> labels, confidence = DawidSkene()(votes)
    >>> labels.tolist(), confidence.round(2).tolist()
    ([0, 0, 1, 1, 1], [0.79, 0.91, 0.82, 0.93, 0.69])
    """

    _parameter_constraints = {
        "prior": [Interval(Real, 0, None, closed="neither")],
        "min_rows": [Interval(Integral, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, *, prior=2.0, min_rows=0, max_iter=50, tol=1e-5):
        self.prior = prior
        self.min_rows = min_rows
        self.max_iter = max_iter
        self.tol = tol

    def __call__(self, votes, classes=None):
        """Merge votes.

        Parameters
        ----------
        votes : Votes, structured array, data frame or dict of arrays
            Columns "row", "who" and "answer"; missing answers do not count.
        classes : array-like of shape (n_classes,), default=None
            All classes there are. None: those in the votes.

        Returns
        -------
        labels : ndarray of shape (n_rows,)
            One for each row that has an answer, rows ascending.
        confidence : ndarray of shape (n_rows,)
            The probability of each label.
        """
        self.check()
        known = coded(votes, classes)
        shared, counts = known.shared(), known.counts
        if len(shared.rows) < self.min_rows:
            return majority(votes, classes)
        q, shares, mistakes = dawid_skene(shared, self.prior, self.max_iter, self.tol)
        told = believed(known, shares, mistakes)
        told[np.isin(known.rows, shared.rows)] = q
        alone = counts.sum(axis=1, keepdims=True) == 1
        best = winners(known, np.where(alone, counts, told), counts)
        return known.classes[best], _entries(told, best)

    def check(self, annotators=None):
        """Refuse parameters that are out of their range.

        Parameters
        ----------
        annotators : sequence of str, default=None
            Names of the people, which do not matter.
        """
        self._validate_params()

    def reliability(self, votes, classes=None):
        """Return the probability that each person is right, as estimated.

        Parameters
        ----------
        votes : Votes, structured array, data frame or dict of arrays
            Columns "row", "who" and "answer". Only rows that two people or more
            answered count: alone, everyone agrees with himself.
        classes : array-like of shape (n_classes,), default=None
            All classes there are. None: those in the votes.

        Returns
        -------
        reliability : dict of float
            By name, for those who answered such a row.
        """
        self.check()
        shared = coded(votes, classes).shared()
        _, prior, mistakes = dawid_skene(shared, self.prior, self.max_iter, self.tol)
        right = np.einsum("j,ajj->a", prior, mistakes)
        seen = np.unique(shared.person)
        return {shared.names[k]: float(right[k]) for k in seen}


def average(votes, classes=None):
    """Merge votes that are numbers: their mean.

    Parameters
    ----------
    votes : Votes, structured array, data frame or dict of arrays
        Columns "row", "who" and "answer"; missing answers do not count.
    classes : None
        Numbers have no classes.

    Returns
    -------
    values : ndarray of float of shape (n_rows,)
        One for each row that has an answer, rows ascending.
    confidence : ndarray of shape (n_rows,)
        How many answers a row has, as a share of the most that one has: the variance
        of a mean falls with their number.

    Notes
    -----
    Of two votes of one person on one row only the later counts. Cost: O(votes).

    Examples
    --------
    >>> from skactive.oracles import average
    >>> average({"row": [4, 4, 9], "who": ["Ada", "Ben", "Ben"], "answer": [1, 2, 7]})
    (array([1.5, 7. ]), array([1. , 0.5]))
    """
    last = {}
    for row, who, answer in zip(*(votes[name] for name in ("row", "who", "answer"))):
        if answer is not None and not np.isnan(float(answer)):
            last[row, who] = float(answer)
    rows, item = np.unique([row for row, _ in last], return_inverse=True)
    n_votes = np.bincount(item, minlength=len(rows))
    sums = np.bincount(item, list(last.values()), minlength=len(rows))
    return sums / np.maximum(n_votes, 1), n_votes / max(n_votes.max(initial=1), 1)


def _entries(scores, best):
    return np.take_along_axis(scores, best[:, None], axis=1)[:, 0]
