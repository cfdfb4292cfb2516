"""Every warning and error of skactive's own."""

from sklearn.exceptions import ConvergenceWarning

__all__ = [
    "AmbiguousTargetWarning",
    "PoolExhaustedWarning",
    "SolverLimitWarning",
    "StopAsking",
    "TopBatchWarning",
    "UnsuitedWarning",
]


class AmbiguousTargetWarning(UserWarning):
    """A ``y`` may mean two things; the message names the parameter that decides.

    Examples
    --------
    >>> import warnings
    >>> from sklearn.datasets import load_iris
    >>> from skactive import ActiveLearner
    >>> from skactive.exceptions import AmbiguousTargetWarning
    >>> X, y = load_iris(return_X_y=True)
    >>> y[30:140] = -1  # as scikit-learn's semi-supervised estimators mark it
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error")
    ...     try:
    ...         ActiveLearner().fit(X, y)
    ...     except AmbiguousTargetWarning as warning:
    ...         "missing_label=-1" in str(warning)
    True
    >>> learner = ActiveLearner(missing_label=-1).fit(X, y)  # no warning
    """


class PoolExhaustedWarning(UserWarning):
    """More samples were asked for than the pool holds; all of them are returned.

    Examples
    --------
    >>> import warnings
    >>> from skactive.diversity import RandomSampling
    >>> from skactive.exceptions import PoolExhaustedWarning
    >>> strategy = RandomSampling(random_state=0).fit([[0.0], [1.0]])
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     len(strategy.query(5))
    2
    >>> caught[0].category is PoolExhaustedWarning
    True
    """


class SolverLimitWarning(ConvergenceWarning):
    """A solver met its limit; its best answer is returned, and the message has its gap.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from skactive.diversity import RobustCoreSet
    >>> from skactive.exceptions import SolverLimitWarning
    >>> X_pool = np.random.RandomState(0).standard_normal((60, 2))
    >>> strategy = RobustCoreSet(time_limit=0.0).fit(X_pool)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     positions = strategy.query(5)
    >>> caught[0].category is SolverLimitWarning
    True
    >>> strategy.gap_ > 0
    True
    """


class StopAsking(Exception):
    """Raised by an oracle that gives no more answers.

    The learner keeps the answers that came with it, fits its model on them and
    ends the run with ``termination_condition_ == "oracle"``. It can continue later with
    ``resume``, or with ``query`` and ``teach``.

    Parameters
    ----------
    message : str, default=""
        Why the oracle stops.
    answers : sequence, default=()
        Answers to the first ``len(answers)`` rows of the batch that was being
        asked. The rows after them count as not asked.

    Examples
    --------
    >>> from skactive.exceptions import StopAsking
    >>> StopAsking("coffee break", answers=[1, 0]).answers
    [1, 0]
    """

    def __init__(self, message="", answers=()):
        super().__init__(message)
        self.answers = list(answers)


class UnsuitedWarning(UserWarning):
    """A strategy is asked where it is known to lose; the message names what to take.

    Given by strategies of which it was measured that what they are asked for here costs
    more labels than random sampling: the pages of the strategies say on what data.

    Examples
    --------
    >>> import warnings
    >>> from skactive.exceptions import UnsuitedWarning
    >>> from skactive.uncertainty import QUIRE
    >>> X, y = [[0.0], [4.0], [8.0]], ["cat", "dog", "emu"]
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     strategy = QUIRE().fit(X, y, X_pool=[[1.0], [5.0]])
    >>> caught[0].category is UnsuitedWarning
    True
    >>> strategy = QUIRE().fit(X[:2], y[:2], X_pool=[[1.0], [5.0]])  # no warning
    """


class TopBatchWarning(UnsuitedWarning):
    """The samples with the best scores make a poor batch; the message names others.

    Given by strategies that are known to ask for near duplicates, if more than one
    sample is asked for at once and the pool holds more than that.

    Examples
    --------
    >>> import warnings
    >>> from skactive.disagreement import BALD
    >>> from skactive.exceptions import TopBatchWarning
    >>> strategy = BALD(random_state=0)
    >>> strategy = strategy.fit([[0.0], [9.0]], [0, 1], X_pool=[[1.0], [4.0], [5.0]])
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     positions = strategy.query(2)
    >>> caught[0].category is TopBatchWarning
    True
    >>> positions = strategy.query(1)  # no warning
    """
