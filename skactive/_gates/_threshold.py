"""Thresholds on the score: fixed, moved by each decision, and partly by chance."""

from skactive._gates._books import Gate
from skactive._sklearn import StrOptions
from skactive.utils._constraints import number, whole

#: Probabilities that sum to 1 but for their last bits may give a score outside of 0..1.
ROUNDING = 1e-6


class FixedGate(Gate):
    """Ask for every arrival whose score reaches a fixed threshold.

    Parameters
    ----------
    budget : float, default=0.1
        Share of the arrivals that may be asked for, above 0 and at most 1.
    threshold : float or "least_confidence", default="least_confidence"
        The lowest score that is wanted. "least_confidence": ``(1 - 1 / n_classes) *
        (1 - budget)``, which is the rule of the literature [1]_ where scores are those
        of :class:`~skactive.uncertainty.LeastConfidenceSampling`.
    n_classes : int, default=2
        For that rule.
    burst : int, default=1
        How many labels the spending may be ahead of the budget.
    random_state : int, RandomState instance or None, default=None
        Seeds what is asked for before there is a model.

    Attributes
    ----------
    n_seen_ : int
        How many arrivals were decided on.
    n_spent_ : int
        How many of them were asked for.

    See Also
    --------
    VariableGate : Moves the threshold to where the budget is spent.

    Notes
    -----
    The literature asks if the highest probability is at most ``1 / n_classes + budget
    * (1 - 1 / n_classes)``; the score is one minus that probability. A model that is
    sure of everything is never asked, right or wrong, and the budget stays unspent: it
    loses to random sampling then.

    References
    ----------
    .. [1] I. Zliobaite, A. Bifet, B. Pfahringer and G. Holmes. Active learning with
       drifting streaming data. IEEE Transactions on Neural Networks and Learning
       Systems 25(1), 2014.

    Examples
    --------
    >>> from skactive.stream import FixedGate
    >>> gate = FixedGate(0.5, threshold=0.3)
    >>> [gate.decide(score) for score in (0.4, 0.2, 0.3)]
    [True, False, True]
    """

    _parameter_constraints = {
        **Gate._parameter_constraints,
        "threshold": [number(None), StrOptions({"least_confidence"})],
        "n_classes": [whole(2)],
    }

    def __init__(
        self,
        budget=0.1,
        *,
        threshold="least_confidence",
        n_classes=2,
        burst=1,
        random_state=None,
    ):
        super().__init__(budget, burst=burst, random_state=random_state)
        self.threshold = threshold
        self.n_classes = n_classes

    def _wants(self, score, affordable):
        if isinstance(self.threshold, str):
            return score >= (1 - 1 / self.n_classes) * (1 - self.budget)
        return score >= self.threshold


class VariableGate(Gate):
    """Ask below a confidence that falls with each label and rises without one.

    Confidence is ``1 - score / highest``. An arrival is wanted if its confidence is at
    most ``theta_``, which begins at 1. After asking it becomes ``theta_ * (1 - step)``,
    after not asking ``theta_ * (1 + step)``, at most 1; but only where a label could
    have been paid for.

    Parameters
    ----------
    budget : float, default=0.1
        Share of the arrivals that may be asked for, above 0 and at most 1.
    step : float, default=0.01
        How far a decision moves the threshold, between 0 and 1.
    highest : float, default=1.0
        The highest score that there can be: 1 for margins and least confidence, the
        logarithm of the number of classes for entropies.
    noise : float, default=0.0
        Standard deviation, up to 0.2, of a normal factor around 1 by which the
        threshold is multiplied for each arrival, so that no region of the samples is
        never asked about.
    burst : int, default=1
        How many labels the spending may be ahead of the budget.
    random_state : int, RandomState instance or None, default=None
        Seeds the noise, and what is asked for before there is a model.

    Attributes
    ----------
    theta_ : float
        The threshold now.
    n_seen_ : int
        How many arrivals were decided on.
    n_spent_ : int
        How many of them were asked for.

    See Also
    --------
    QuantileGate : Needs no range of scores and no step.
    SplitGate : The same with some arrivals left to chance.

    Notes
    -----
    This is the variable uncertainty of the literature [1]_, which compares the highest
    probability with the threshold: take
    :class:`~skactive.uncertainty.LeastConfidenceSampling` for that. There the threshold
    moves at each arrival and has no limit, so that it grows while nothing can be paid
    for, and everything is wanted afterward. A noise of 1, as in the literature, leaves
    the decision to chance, and is refused.

    The threshold falls and rises by the same step, so that it comes to rest where it
    asks for one in two of what it could pay for: the better half of the scores, and not
    their highest tenth, as QuantileGate does.

    It loses to random sampling where the scores mislead, and asks for what came first
    where they drift faster than ``step``.

    References
    ----------
    .. [1] I. Zliobaite, A. Bifet, B. Pfahringer and G. Holmes. Active learning with
       drifting streaming data. IEEE Transactions on Neural Networks and Learning
       Systems 25(1), 2014.

    Examples
    --------
    >>> from skactive.stream import VariableGate
    >>> gate = VariableGate(0.5, step=0.1)
    >>> [gate.decide(score) for score in (0.1, 0.2, 0.05, 0.4)]
    [True, True, False, True]
    >>> round(gate.theta_, 3)
    0.729
    """

    _parameter_constraints = {
        **Gate._parameter_constraints,
        "step": [number(0, 1)],
        "highest": [number(0)],
        "noise": [number(0, 0.2, "both")],
    }

    def __init__(
        self,
        budget=0.1,
        *,
        step=0.01,
        highest=1.0,
        noise=0.0,
        burst=1,
        random_state=None,
    ):
        super().__init__(budget, burst=burst, random_state=random_state)
        self.step = step
        self.highest = highest
        self.noise = noise

    def check(self, score):
        """Return a score as a float, or refuse it; the books stay as they are.

        Parameters
        ----------
        score : float
            The score of one arrival.

        Returns
        -------
        score : float
            The same, but for what rounding has put outside of its range.

        Raises
        ------
        ValueError
            If it is no finite number from 0 to ``highest``.
        TypeError
            If it is no single number.
        """
        score = super().check(score)
        share = score / self.highest
        if not -ROUNDING <= share <= 1 + ROUNDING:
            raise ValueError(
                f"{type(self).__name__} takes scores from 0 to highest={self.highest}, "
                f"and got {score}. Set highest to the highest score that there can be, "
                "np.log(n_classes) for entropies; QuantileGate takes any scores."
            )
        return min(max(score, 0.0), float(self.highest))

    def _begin(self):
        self.theta_ = 1.0

    def _wants(self, score, affordable):
        theta = self.theta_
        if self.noise:
            theta *= self._rng.normal(1, self.noise)
        return 1 - score / self.highest <= theta

    def _after(self, score, asked, affordable):
        if affordable:
            factor = 1 - self.step if asked else 1 + self.step
            self.theta_ = min(1.0, self.theta_ * factor)


class SplitGate(VariableGate):
    """Ask as VariableGate does, but leave a share of the arrivals to chance.

    Of the share ``chance`` of all arrivals, each is asked for with probability
    ``budget``, whatever its score. What is asked for by chance shows a change where the
    model is sure, and does not move the threshold.

    Parameters
    ----------
    budget : float, default=0.1
        Share of the arrivals that may be asked for, above 0 and at most 1.
    chance : float, default=0.1
        Share of the arrivals that is left to chance, between 0 and 1.
    step : float, default=0.01
        How far a decision moves the threshold, between 0 and 1.
    highest : float, default=1.0
        The highest score that there can be: 1 for margins and least confidence, the
        logarithm of the number of classes for entropies.
    noise : float, default=0.0
        As of :class:`VariableGate`.
    burst : int, default=1
        How many labels the spending may be ahead of the budget.
    random_state : int, RandomState instance or None, default=None
        Seeds what is left to chance.

    Attributes
    ----------
    theta_ : float
        The threshold now.
    n_seen_ : int
        How many arrivals were decided on.
    n_spent_ : int
        How many of them were asked for.

    See Also
    --------
    VariableGate : Without chance.

    Notes
    -----
    See [1]_. Only one label in ten comes by chance with the defaults, which is few to
    notice a change by: a detector of drift, if one is used, needs ``chance`` raised.

    References
    ----------
    .. [1] I. Zliobaite, A. Bifet, B. Pfahringer and G. Holmes. Active learning with
       drifting streaming data. IEEE Transactions on Neural Networks and Learning
       Systems 25(1), 2014.

    Examples
    --------
    >>> from skactive.stream import SplitGate
    >>> gate = SplitGate(0.1, random_state=0)
    >>> sum(gate.decide(0.5) for _ in range(1000))
    100
    """

    _parameter_constraints = {
        **VariableGate._parameter_constraints,
        "chance": [number(0, 1)],
    }

    def __init__(
        self,
        budget=0.1,
        *,
        chance=0.1,
        step=0.01,
        highest=1.0,
        noise=0.0,
        burst=1,
        random_state=None,
    ):
        super().__init__(
            budget,
            step=step,
            highest=highest,
            noise=noise,
            burst=burst,
            random_state=random_state,
        )
        self.chance = chance

    def _wants(self, score, affordable):
        self._left_to_chance = self._rng.uniform() < self.chance
        if self._left_to_chance:
            return self._rng.uniform() < self.budget
        return super()._wants(score, affordable)

    def _after(self, score, asked, affordable):
        if not self._left_to_chance:
            super()._after(score, asked, affordable)
