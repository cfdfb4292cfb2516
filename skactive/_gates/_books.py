"""The books of a gate: how many were seen, how many asked for, what is affordable."""

from abc import ABCMeta, abstractmethod
from copy import deepcopy
from numbers import Real

import numpy as np
from sklearn.utils import check_random_state

from skactive.utils._constraints import number, whole
from skactive.utils._documented import BaseEstimator


class Gate(BaseEstimator, metaclass=ABCMeta):
    """Base of what decides, one arrival after the other, whether to ask for its label.

    The base keeps the books and the budget: an arrival is asked for only if ``n_spent_
    + 1 <= budget * n_seen_ + burst``, this arrival counted in ``n_seen_``. A subclass
    writes ``_wants``, and ``_after`` and ``_begin`` if it remembers anything.

    Parameters
    ----------
    budget : float, default=0.1
        Share of the arrivals that may be asked for, above 0 and at most 1.
    burst : int, default=1
        How many labels the spending may be ahead of that share.
    random_state : int, RandomState instance or None, default=None
        Seeds what is left to chance.

    Attributes
    ----------
    n_seen_ : int
        How many arrivals were decided on.
    n_spent_ : int
        How many of them were asked for.

    See Also
    --------
    StreamLearner : Scores arrivals by a strategy, and has them pass a gate.

    Examples
    --------
    A gate that wants every score above 0, and is held to its budget:

    >>> from skactive.stream import Gate
    >>> class PositiveGate(Gate):
    ...     def _wants(self, score, affordable):
    ...         return score > 0
    >>> gate = PositiveGate(0.5)
    >>> [gate.decide(score) for score in (1.0, 1.0, -1.0, 1.0, 1.0)]
    [True, True, False, True, False]
    >>> gate.n_seen_, gate.n_spent_
    (5, 3)
    """

    #: Whether decisions depend on scores. Where not, nothing need be scored.
    needs_scores = True

    _parameter_constraints = {
        "budget": [number(0, 1, "right")],
        "burst": [whole(1)],
        "random_state": ["random_state"],
    }

    def __init__(self, budget=0.1, *, burst=1, random_state=None):
        self.budget = budget
        self.burst = burst
        self.random_state = random_state

    def reset(self):
        """Open new books, and check the parameters.

        Returns
        -------
        self : object
            The gate as it is before the first arrival.

        Raises
        ------
        ValueError
            If a parameter is out of its range.
        """
        self._validate_params()
        given = self.random_state
        # Its own: others draw from the global one, and from one that was given.
        self._rng = (
            np.random.RandomState()
            if given is None
            else deepcopy(check_random_state(given))
        )
        self.n_seen_ = self.n_spent_ = 0
        self._draw_turn()
        self._begin()
        return self

    def decide(self, score=None):
        """Decide on the next arrival, and write it into the books.

        Parameters
        ----------
        score : float or None, default=None
            How much the arrival is wanted, higher is more, as ``score_samples`` of a
            strategy says. None: nothing is known of it, as long as there is no model;
            it is asked for by chance, within the budget.

        Returns
        -------
        asked : bool
            Whether to ask for its label.

        Raises
        ------
        ValueError
            If the score is no finite number. The books are as before then.
        """
        if not hasattr(self, "n_seen_"):
            self.reset()
        if score is not None:
            score = self.check(score)
        self.n_seen_ += 1
        affordable = self.n_spent_ + 1 <= self.budget * self.n_seen_ + self.burst
        blind = score is None and self.needs_scores
        wanted = self._by_chance() if blind else self._wants(score, affordable)
        asked = bool(affordable and wanted)
        self.n_spent_ += asked
        if asked:
            self._draw_turn()
        if not blind:
            self._after(score, asked, affordable)
        return asked

    def check(self, score):
        """Return a score as a float, or refuse it; the books stay as they are.

        Parameters
        ----------
        score : float
            The score of one arrival.

        Returns
        -------
        score : float
            The same.

        Raises
        ------
        ValueError
            If it is no finite number.
        TypeError
            If it is no single number.
        """
        single = np.ndim(score) == 0 and not isinstance(score, (str, bytes))
        if not single or not isinstance(np.asarray(score).item(), Real):
            raise TypeError(
                f"{type(self).__name__} decides on one arrival at a time and its score "
                f"is one number; got {score!r}. For many: [gate.decide(score) for "
                "score in scores]."
            )
        if not np.isfinite(score):
            raise ValueError(
                f"{type(self).__name__} needs a finite score, got {score}. The arrival "
                "was not counted: look for NaN in the sample, or in what the model "
                "predicts."
            )
        return float(score)

    @abstractmethod
    def _wants(self, score, affordable):
        """Tell whether a score is worth a label; whether it is paid for, the base says.

        Called once for each arrival, ``n_seen_`` counting it, also where ``affordable``
        is False.
        """

    def _after(self, score, asked, affordable):
        """Remember what was decided."""

    def _begin(self):
        """Forget all arrivals."""

    def _draw_turn(self):
        self._turn = self._rng.uniform()

    def _by_chance(self):
        """Tell whether this arrival is the one drawn at random in its stretch.

        One arrival in each stretch of ``1 / budget`` is drawn, so that the budget is
        spent. Independent draws with that probability would be turned away when they
        come early, and leave some of it.
        """
        return self.budget * self.n_seen_ > self.n_spent_ + self._turn
