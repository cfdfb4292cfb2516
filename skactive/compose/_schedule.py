"""One strategy after the other, by what is labeled so far."""

from bisect import bisect_right
from copy import deepcopy
from itertools import pairwise
from numbers import Integral, Real

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags

from skactive._sklearn import StrOptions, _BaseComposition
from skactive.base import QueryStrategy
from skactive.compose._inner import _flatten
from skactive.diversity import MaxHerding
from skactive.uncertainty import MarginSampling
from skactive.utils import seeded_clone
from skactive.utils._constraints import refuse_class
from skactive.utils._pool import pool_for, reads_pools


class StrategySchedule(_BaseComposition, QueryStrategy):
    """Ask one strategy after the other, by the number of labels, or by a rule.

    With few labels a model does not know what it does not know, and coverage is the
    safer guide; with many it does [1]_. Each fit counts what is labeled, and only the
    strategy whose turn it is is fitted.

    Parameters
    ----------
    steps : list of (name, strategy), default=None
        Two strategies or more, in the order of their turns. Their parameters are set as
        ``<name>__<parameter>``, and a strategy is replaced by its name. None:
        ``[("cover", MaxHerding()), ("doubt", MarginSampling())]``, which asks the model
        of the :class:`~skactive.ActiveLearner` that it serves.
    at : int or sequence of int, default=50
        How many labels there are when the second step has its turn, the third, and so
        on, ascending: one number fewer than steps. In a learner, round k begins with
        ``n_initial + k * batch_size`` labels. Not used with a rule.
    by : {"labels", "classes"} or callable, default="labels"
        What `at` counts: labeled samples, or classes among their labels. Or a rule
        ``by(X, y, X_pool)`` that is given what ``fit`` is, and returns the name of the
        step; for parallel runs, a function of a module.
    random_state : int, RandomState instance or None, default=None
        Seeds all strategies, with all their parts.

    Attributes
    ----------
    step_ : str
        Name of the step whose turn it is.
    strategy_ : strategy
        The fitted strategy of that step.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        If there are fewer than two steps, names that are the same, or numbers in `at`
        that do not ascend, are too many or too few, or leave the first step no turn.

    Warns
    -----
    UserWarning
        By a learner, if its budget ends before the last of given steps has its turn.

    See Also
    --------
    skactive.diversity.UncertaintyHerding : Goes from coverage to uncertainty by itself.
    skactive.learner.GrowingBatch : Batches that grow from round to round.

    Notes
    -----
    Nothing is kept from one fit to the next: if labels are taken back, so is a turn. A
    step that trains a net, such as :class:`~skactive.deep.LL4AL`, only asks; to predict
    with it, make it the learner's estimator.

    It loses to random sampling where the step whose turn it is does, and to the better
    of its steps where that is the same from the first label to the last. A number in
    `at` that was found on one data set says little of another.

    Cost and memory: those of the step whose turn it is.

    References
    ----------
    .. [1] G. Hacohen, A. Dekel and D. Weinshall. "Active Learning on a Budget: Opposite
       Strategies Suit High and Low Budgets." ICML 2022. arXiv:2202.02794.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skactive.compose import StrategySchedule
    >>> from skactive.diversity import TypiClust
    >>> from skactive.uncertainty import EntropySampling
    >>> X, y = load_digits(return_X_y=True)
    >>> steps = [("typical", TypiClust()), ("doubt", EntropySampling(GaussianNB()))]
    >>> strategy = StrategySchedule(steps, at=40, random_state=0)
    >>> strategy.fit(X[:20], y[:20], X_pool=X[20:]).step_
    'typical'
    >>> strategy.fit(X[:40], y[:40], X_pool=X[40:]).step_
    'doubt'
    """

    _parameter_constraints = {
        **QueryStrategy._parameter_constraints,
        "steps": [list, tuple, None],
        "at": ["array-like", Real],
        "by": [StrOptions({"labels", "classes"}), callable],
    }

    def __init__(self, steps=None, *, at=50, by="labels", random_state=None):
        self.steps = steps
        self.at = at
        self.by = by
        self.random_state = random_state

    def get_params(self, deep=True):
        """Return the parameters, with ``deep`` those of the steps too.

        Parameters
        ----------
        deep : bool, default=True
            Whether to return the strategies by name, and their parameters.

        Returns
        -------
        params : dict
            Names and values.
        """
        return self._get_params("steps", deep=deep)

    def set_params(self, **params):
        """Set parameters, of the steps too: ``cover=CoreSet()``, ``cover__metric=...``.

        Parameters
        ----------
        **params : dict
            Names and values.

        Returns
        -------
        self : object
            The schedule.
        """
        return self._set_params("steps", **params)

    @reads_pools
    def _fit(self, X, y, X_pool):
        self.step_ = self._turn(X, y, X_pool)
        strategy = seeded_clone(dict(self._wanted_steps())[self.step_], self._fit_seed)
        strategy._lend_fit_params(self._fit_params)
        part = pool_for(strategy.fit, X_pool)
        # With nothing labeled the pool is the first argument, as the user gave it.
        self.strategy_ = strategy.fit(*((part,) if X is None else (X, y, part)))

    def _turn(self, X, y, X_pool):
        """Return the name of the step whose turn it is."""
        names = [name for name, _ in self._wanted_steps()]
        if callable(self.by):
            name = self.by(X, y, pool_for(self.by, X_pool))
            if name not in names:
                raise ValueError(
                    f"The rule of {type(self).__name__} must return one of the names "
                    f"of its steps, {names}; {self.by!r} returned {name!r}."
                )
            return name
        n = 0 if y is None else len(y)
        if self.by == "classes" and n:
            if np.ndim(y) != 1:
                raise ValueError(
                    f"by='classes' of {type(self).__name__} counts labels of one class "
                    f"each, and y has the shape {np.shape(y)}: take by='labels'."
                )
            n = len(np.unique(y))
        return names[bisect_right(self._numbers(), n)]

    def _query(self, n):
        return self.strategy_.query(n)

    def _query_within(self, n, allowed, held):
        return self.strategy_.query(n, exclude=held, among=np.flatnonzero(allowed))

    @property
    def _covers(self):
        """Whether rows that others label are shown to it, as to a step that covers."""
        return any(getattr(part, "_covers", False) for part in self._inside_steps())

    def _wanted_steps(self):
        """Return the steps, or those that take the place of None."""
        if self.steps is None:
            flat = make_pipeline(FunctionTransformer(_flatten), LogisticRegression())
            return [("cover", MaxHerding()), ("doubt", MarginSampling(flat))]
        return self.steps

    def _default_steps(self):
        """Return what a learner sets in the place of None, to be lent its model."""
        return [("cover", MaxHerding()), ("doubt", MarginSampling())]

    def _inside_steps(self):
        """Return the strategies that a learner lends its model to."""
        steps = self._default_steps() if self.steps is None else self.steps
        pairs = [step for step in steps if isinstance(step, (list, tuple))]
        return [step[1] for step in pairs if len(step) == 2]

    def _numbers(self):
        return [self.at] if np.ndim(self.at) == 0 else list(self.at)

    def _validate_params(self):
        super()._validate_params()
        self._check_steps()
        if not callable(self.by):
            self._check_numbers()

    def _check_steps(self):
        name, steps = type(self).__name__, self._wanted_steps()
        for step in steps:
            pair = isinstance(step, (list, tuple)) and len(step) == 2
            if not (pair and isinstance(step[0], str)):
                raise ValueError(
                    f"The 'steps' parameter of {name} must be a list of pairs of a "
                    f"name and a strategy; got {step!r} among them."
                )
            refuse_class(step[1], f"Step {step[0]!r} of {name}")
            if not isinstance(step[1], QueryStrategy):
                raise TypeError(
                    f"Step {step[0]!r} of {name} must be a strategy, got {step[1]!r}."
                )
        if len(steps) < 2:
            raise ValueError(
                f"The 'steps' parameter of {name} must have two strategies or more, "
                f"got {len(steps)}: one alone needs no schedule."
            )
        names = [step for step, _ in steps]
        own = set(super().get_params(deep=False))
        for bad in names:
            fault = None
            if names.count(bad) > 1:
                fault = "is there twice"
            elif bad in own:
                fault = "is the name of a parameter"
            elif "__" in bad or not bad:
                fault = "is empty or holds two underscores"
            if fault:
                raise ValueError(
                    f"Each step of {name} must have a name of its own, by which its "
                    f"parameters are set; {bad!r} {fault}."
                )

    def _check_numbers(self):
        name, numbers = type(self).__name__, self._numbers()
        names = [step for step, _ in self._wanted_steps()]
        if any(isinstance(n, bool) or not isinstance(n, Integral) for n in numbers):
            raise ValueError(
                f"The 'at' parameter of {name} must hold whole numbers, how many "
                f"{self.by} there are; got {self.at!r}."
            )
        if len(numbers) != len(names) - 1:
            raise ValueError(
                f"The 'at' parameter of {name} must have one number for each step but "
                f"the first, {len(names) - 1} for {names}; got {self.at!r}."
            )
        if numbers[0] <= 0:
            raise ValueError(
                f"Step {names[0]!r} of {name} would never have its turn, as step "
                f"{names[1]!r} begins with {numbers[0]} {self.by}."
            )
        for i, (a, b) in enumerate(pairwise(numbers)):
            if a >= b:
                raise ValueError(
                    f"The numbers in 'at' of {name} must ascend; with {a} before {b} "
                    f"step {names[i + 1]!r} would never have its turn."
                )

    def _never_reached(self, n_labels):
        """Say which step has no turn in a run that asks with that many labels at most.

        None if all have one, if nobody knows, and of the default, which nobody chose.
        """
        counts = self.by == "labels" and self.steps is not None
        if not counts or n_labels >= self._numbers()[-1]:
            return None
        late = bisect_right(self._numbers(), n_labels) + 1
        step, number = self._wanted_steps()[late][0], self._numbers()[late - 1]
        return (
            f"Step {step!r} of {type(self).__name__} has its turn with {number} "
            f"labels, and the last batch is asked for with {n_labels} or fewer: lower "
            "`at`, or raise the budget."
        )

    def _drop_pool(self):
        super()._drop_pool()
        self.strategy_._drop_pool()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        try:
            inner = [get_tags(part) for _, part in self._wanted_steps()]
        except (TypeError, ValueError, AttributeError):  # fit says what is wrong
            return tags
        tags.input_tags = deepcopy(inner[0].input_tags) if inner else tags.input_tags
        for name in ("sparse", "allow_nan", "string"):
            each = all(getattr(part.input_tags, name) for part in inner)
            setattr(tags.input_tags, name, each)
        # Whether labels are needed is up to the step that has its turn without any.
        tags.target_tags.required = bool(inner) and inner[0].target_tags.required
        return tags
