"""How many labels a round asks for: a number, a list of them, or a rule."""

from numbers import Integral

import numpy as np

from skactive.utils._constraints import number, whole
from skactive.utils._documented import BaseEstimator

#: No batch is larger, whatever the factor.
MOST = 10**9


class GrowingBatch(BaseEstimator):
    """Batches that grow from round to round, or once labels gain little.

    For ``batch_size`` of an :class:`~skactive.ActiveLearner`. At the start a few labels
    change what is worth asking for; later they do not, and a round that asks for more
    saves fits of the model.

    Parameters
    ----------
    first : int, default=10
        Size of the first batch.
    factor : float, default=1.5
        Growth from one batch to the next, 1 or more; sizes are rounded down to whole
        samples: 10, 15, 22, 33, 50.
    most : int or None, default=None
        The largest size. None: there is none.
    min_gain : float or None, default=None
        Grow only after rounds whose validation score rose by less than this for each
        label; it needs ``X_val`` and ``y_val`` in ``fit`` of the learner, whose scores
        are noisy where the validation set is small. None: grow after each round.

    See Also
    --------
    skactive.compose.StrategySchedule : One strategy after the other.

    Notes
    -----
    Sizes follow from the history of the learner alone, so that a run that is resumed
    goes on as if it had not ended. Larger batches are as good only for strategies that
    spread them.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skactive import ActiveLearner
    >>> from skactive.learner import GrowingBatch
    >>> learner = ActiveLearner(
    ...     n_initial=5, budget=40, batch_size=GrowingBatch(4, factor=2), random_state=0
    ... ).fit(*load_iris(return_X_y=True))
    >>> learner.history_["n_labeled"]
    [5, 9, 17, 33, 45]
    """

    _parameter_constraints = {
        "first": [whole(1)],
        "factor": [number(1, closed="left")],
        "most": [whole(1), None],
        "min_gain": [number(float("-inf")), None],
    }

    def __init__(self, first=10, *, factor=1.5, most=None, min_gain=None):
        self.first = first
        self.factor = factor
        self.most = most
        self.min_gain = min_gain

    def __call__(self, learner):
        """Return the size of the next batch.

        Parameters
        ----------
        learner : ActiveLearner
            A learner that has been fitted once or more in this run.

        Returns
        -------
        n : int
            At least 1.
        """
        self._validate_params()
        n = learner.n_iter_ if self.min_gain is None else self._poor_rounds(learner)
        most = MOST if self.most is None else self.most
        with np.errstate(over="ignore"):
            size = self.first * np.float64(self.factor) ** n
        return int(min(size, most))

    def _poor_rounds(self, learner):
        """Return after how many rounds labels had gained too little."""
        scores = np.array(learner.history_["score"], dtype=float)
        labels = np.diff(learner.history_["n_labeled"])
        # Without new labels, as after a correction, nothing is known of their gain.
        return int((np.diff(scores) < self.min_gain * labels)[labels > 0].sum())


def batch_size_of(learner):
    """Return for how many labels the next round of a learner asks."""
    size = learner.batch_size
    if callable(size):
        n = size(learner)
        if isinstance(n, (bool, np.bool_)) or not isinstance(n, Integral) or n < 1:
            raise ValueError(
                f"batch_size of {type(learner).__name__} must return a whole number of "
                f"at least 1; {size!r} returned {n!r}."
            )
        return int(n)
    if np.ndim(size):
        return int(size[min(learner.n_iter_, len(size) - 1)])
    return size


def check_batch_size(learner, has_scores):
    """Refuse sizes that are no counts, before a label is paid for."""
    size, name = learner.batch_size, type(learner).__name__
    if isinstance(size, type):
        raise TypeError(
            f"The 'batch_size' parameter of {name} must be an instance, such as "
            f"{size.__name__}(); got the class {size!r}."
        )
    if isinstance(size, GrowingBatch):
        size._validate_params()
        if size.min_gain is not None and not has_scores:
            raise ValueError(
                f"batch_size={size!r} of {name} looks at what labels gain, and there "
                "is no validation score: pass X_val and y_val to fit, or min_gain=None."
            )
    elif not callable(size) and np.ndim(size):
        whole_numbers = np.asarray(size).dtype.kind in "iu"
        if np.ndim(size) != 1 or not len(size) or not whole_numbers or np.min(size) < 1:
            raise ValueError(
                f"The 'batch_size' parameter of {name} must hold whole numbers of at "
                f"least 1, one for each round, of which the last is that of all later "
                f"ones; got {size!r}."
            )
