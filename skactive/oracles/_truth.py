"""Who answers in a simulation: the truth, and the truth with mistakes."""

from numbers import Real

import numpy as np

from skactive._sklearn import Interval
from skactive.oracles._noise import (
    as_numbers,
    check_classes,
    check_noise,
    complete_rows,
    flipped,
    moved,
)
from skactive.oracles._votes import seed_of
from skactive.utils import as_labels, is_missing
from skactive.utils._dense_answers import as_objects, kind_of
from skactive.utils._documented import BaseEstimator
from skactive.utils._label_sets import in_columns, opened


def _column(y):
    """Return labels as a 1-d array, missing ones left as they are."""
    if isinstance(y, np.ma.MaskedArray):
        column = np.ma.asarray(y)  # what is masked is not answered
    elif hasattr(y, "dtype"):
        column = np.asarray(y)
    else:  # numpy would turn ["a", None, nan] into something else
        column = np.empty(len(y), dtype=object)
        column[:] = list(y)
        column = column if is_missing(column).any() else as_labels(column)
    if column.ndim == 2 and column.shape[1] == 1:
        column = column[:, 0]
    if column.ndim != 1:
        raise ValueError(f"y must be 1-d, one label per row, got {column.ndim}-d.")
    return column


def _rows(y):
    """Return labels of several columns; where there are gaps, as objects."""
    y = opened(y)
    return y if y.ndim == 2 else as_objects(y)


def _check_rows(rows, n_rows):
    rows = np.asarray(rows)
    if rows.size == 0:
        return rows.astype(np.intp)
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        raise ValueError(f"rows must be 1-d integers, got {rows.dtype} {rows.shape}.")
    if rows.min() < 0 or rows.max() >= n_rows:
        raise ValueError(f"rows must lie in 0..{n_rows - 1}, got {rows.tolist()}.")
    return rows


def pack(answers, dtype=None):
    """Return answers as an array; of objects if one is missing."""
    if any(answer is None for answer in answers):
        dtype = object
    elif dtype is None:
        return np.array(answers)
    out = np.empty(len(answers), dtype=dtype)
    out[:] = answers
    return out


class SimulatedOracle(BaseEstimator):
    """Answers with the truth, which it holds.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_columns)
        The answer to each row, a label, several in columns, a mask or a dict of boxes;
        missing ones are abstentions.

    Attributes
    ----------
    n_asked_ : int
        How many answers were given so far, abstentions included.

    See Also
    --------
    NoisyOracle : Makes mistakes.

    Notes
    -----
    :class:`~skactive.ActiveLearner` needs none of this when ``y`` is complete:
    ``fit(X, y)`` is a simulation. Cost per call: O(rows asked), and O(n_samples) if
    ``y`` is a list.

    Examples
    --------
    >>> from skactive.oracles import SimulatedOracle
    >>> oracle = SimulatedOracle(["cat", "dog", "dog"])
    >>> oracle([2, 0]).tolist()
    ['dog', 'cat']
    >>> oracle.n_asked_
    2
    """

    n_asked_ = 0

    def __init__(self, y):
        self.y = y

    def __call__(self, rows, X_rows=None):
        """Return the answers to some rows.

        Parameters
        ----------
        rows : array-like of int of shape (n,)
            Rows of the data set.
        X_rows : array-like of shape (n, ...), default=None
            The samples themselves, which are ignored.

        Returns
        -------
        answers : ndarray of shape (n,), (n, n_columns) or (n, height, width)
            One answer per row.

        Raises
        ------
        ValueError
            If a row is not an integer in ``0..n_samples - 1``.
        """
        if in_columns(self.y):
            y = _rows(self.y)
        elif kind_of(self.y) is None:
            y = _column(self.y)
        else:  # masks in one array are answered in one
            y = self.y if getattr(self.y, "ndim", 1) == 3 else as_objects(self.y)
        rows = _check_rows(rows, len(y))
        self.n_asked_ += len(rows)
        return y[rows]


class NoisyOracle(BaseEstimator):
    """Answers with the truth, with mistakes, and sometimes not at all.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_columns)
        The true class of each row, its number, or its set of labels, ones and zeros in
        columns. A missing one is never answered.
    noise : float, default=0.0
        Share of wrong answers: the probability of another class, each other class
        being equally likely; of sets of labels, the share of wrong entries.
    confusion : array-like of shape (n_classes, n_classes), default=None
        Instead of ``noise``, mistakes that depend on the class: row i holds the
        probabilities of each answer when class i is true. Classes are in the order of
        ``np.unique(y)``; every row sums to 1.
    scale : float, default=None
        For numbers, instead of ``noise``: the standard deviation of normal mistakes, in
        units of ``y``.
    abstain : float, default=0.0
        Share of rows that are not answered (None), whatever their class.
    persistent : bool, default=True
        Whether a row that is asked for again gets the same answer, as from one person.
        False draws a new answer, as from a crowd.
    random_state : int, RandomState instance or None, default=None
        Decides which answers are wrong. None differs from oracle to oracle.

    Attributes
    ----------
    n_asked_ : int
        How many answers were given so far, abstentions included.

    See Also
    --------
    SimulatedOracle : Makes no mistakes.

    Notes
    -----
    Every answer is decided by a draw of its own row, made up front, and never by the
    order of asking or the size of the batch: two strategies that ask for the same row
    get the same mistake, and runs compare in pairs. (Not persistent: the k-th answer
    to a row is that of the k-th draw.) Symmetric and class-conditional noise are those
    of [1]_.

    Cost: O(n_samples) per call. Wrong parameters raise when it is first asked.

    References
    ----------
    .. [1] D. Angluin, P. Laird, "Learning from Noisy Examples", Machine Learning 2,
       1988.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.oracles import NoisyOracle
    >>> y = np.repeat([0, 1], 500)
    >>> oracle = NoisyOracle(y, noise=0.2, random_state=0)
    >>> answers = oracle(np.arange(1000))
    >>> round(float(np.mean(answers != y)), 2)
    0.19
    >>> bool(np.array_equal(oracle([3, 1, 2]), answers[[3, 1, 2]]))
    True

    A class that is mistaken for another, but not the other way round:

    >>> oracle = NoisyOracle(y, confusion=[[1, 0], [0.5, 0.5]], random_state=0)
    >>> answers = oracle(np.arange(1000))
    >>> bool((answers[:500] == 0).all())
    True
    """

    _parameter_constraints = {
        "y": ["array-like"],
        "noise": [Interval(Real, 0, 1, closed="both")],
        "confusion": ["array-like", None],
        "scale": [Interval(Real, 0, None, closed="left"), None],
        "abstain": [Interval(Real, 0, 1, closed="both")],
        "persistent": ["boolean"],
        "random_state": ["random_state"],
    }

    n_asked_ = 0

    def __init__(
        self,
        y,
        *,
        noise=0.0,
        confusion=None,
        scale=None,
        abstain=0.0,
        persistent=True,
        random_state=None,
    ):
        self.y = y
        self.noise = noise
        self.confusion = confusion
        self.scale = scale
        self.abstain = abstain
        self.persistent = persistent
        self.random_state = random_state

    def __call__(self, rows, X_rows=None):
        """Return the answers to some rows.

        Parameters
        ----------
        rows : array-like of int of shape (n,)
            Rows of the data set.
        X_rows : array-like of shape (n, ...), default=None
            The samples themselves, which are ignored.

        Returns
        -------
        answers : ndarray of shape (n,) or (n, n_columns)
            One answer per row, or None (then the shape is (n,), and the dtype object).

        Raises
        ------
        ValueError
            If a row is not an integer in ``0..n_samples - 1``, a parameter is out of
            its range, two of ``noise``, ``confusion`` and ``scale`` are given or one
            does not go with ``y``, or ``confusion`` does not have the right shape or
            has rows that do not sum to 1.
        """
        self._validate_params()
        if kind_of(self.y) is not None:
            raise ValueError(
                "NoisyOracle confuses classes, and y holds masks or boxes. For "
                "mistakes of your own, pass a function oracle(rows, X_rows)."
            )
        columns = np.ndim(self.y) == 2
        check_noise(self, columns)
        y = np.asarray(self.y, dtype=float) if columns else _column(self.y)
        rows = _check_rows(rows, len(y))
        given = complete_rows(y) if columns else ~is_missing(y)
        if not given.any():
            raise ValueError("y holds no label, so there is nothing to answer.")
        if columns or self.scale is not None:
            tell, dtype = self._numbers(y, given), float
        else:
            tell, dtype = self._classes(y, given)
        nth_asking = self._nth_asking(rows, len(y))
        draws = {nth: self._draws(nth, len(y)) for nth in set(nth_asking)}
        answers = []
        for row, nth in zip(rows, nth_asking, strict=True):
            mistake, silence = draws[nth]
            silent = not given[row] or silence[row] < self.abstain
            answers.append(None if silent else tell(row, mistake[row], nth))
        self.n_asked_ += len(rows)
        complete = all(answer is not None for answer in answers)
        return np.array(answers) if columns and complete else pack(answers, dtype)

    def _classes(self, y, given):
        """Return what says a class for a row, by a number that decides; its dtype."""
        labels = as_labels(y[given])
        check_classes(labels)
        classes, codes = np.unique(labels, return_inverse=True)
        code_of = np.full(len(y), -1)
        code_of[given] = codes
        cumulated = np.cumsum(self._checked_confusion(len(classes)), axis=1)
        cumulated /= cumulated[:, -1:]  # a sum of 1 - 1e-16 must not admit one more

        def tell(row, mistake, nth):
            row_of = cumulated[code_of[row]]
            return classes[np.searchsorted(row_of, mistake, side="right")].item()

        return tell, classes.dtype

    def _numbers(self, y, given):
        """Return what says numbers for a row, or a set of labels."""
        y = as_numbers(y, given)

        def tell(row, mistake, nth):
            if y.ndim == 1:
                return float(moved(y[row], mistake, self.scale))
            # Entries need a number each, beside those that rows have.
            rng = np.random.RandomState([seed_of(self), nth, int(row)])
            each = rng.random_sample(y.shape[1])
            if self.scale is not None:
                return moved(y[row], each, self.scale)
            return flipped(y[row], each, self.noise)

        return tell

    def _checked_confusion(self, n_classes):
        if self.confusion is None:
            if self.noise > 0 and n_classes < 2:
                raise ValueError("noise needs two classes or more in y, there is one.")
            confusion = np.full((n_classes, n_classes), self.noise)
            confusion /= max(n_classes - 1, 1)
            np.fill_diagonal(confusion, 1 - self.noise)
            return confusion
        if self.noise > 0:
            raise ValueError("Give noise or confusion, not both.")
        confusion = np.asarray(self.confusion, dtype=float)
        if confusion.shape != (n_classes, n_classes):
            raise ValueError(
                f"confusion must have shape ({n_classes}, {n_classes}), a row and a "
                f"column per class of y, got {confusion.shape}."
            )
        # Written so that NaN is refused, too.
        if not (confusion >= 0).all() or not np.allclose(confusion.sum(axis=1), 1):
            raise ValueError(
                "Each row of confusion must hold probabilities that sum to 1; the "
                f"sums are {confusion.sum(axis=1).tolist()}."
            )
        return confusion

    def _nth_asking(self, rows, n_rows):
        """Return how often each row was asked before, which picks its draw."""
        if self.persistent:
            return [0] * len(rows)
        if len(getattr(self, "_times_asked", ())) != n_rows:
            self._times_asked = np.zeros(n_rows, dtype=int)
        before = []
        for row in rows:
            before.append(int(self._times_asked[row]))
            self._times_asked[row] += 1
        return before

    def _draws(self, nth, n_rows):
        """Return two uniform numbers per row: for mistake and abstention."""
        rng = np.random.RandomState([seed_of(self), nth])
        return rng.random_sample((2, n_rows))
