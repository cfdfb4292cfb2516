"""When to stop: enough labels or money, a score, predictions that no longer change.

A criterion is updated once per round, right after the model was fitted, and says
whether the run may end. Join criteria with ``|`` (either) and ``&`` (both, in the same
round).
"""

from abc import ABCMeta, abstractmethod
from numbers import Integral, Real

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.metrics import check_scoring

from skactive._sklearn import HasMethods, Interval, StrOptions, _num_samples
from skactive.utils._constraints import refuse_class
from skactive.utils._documented import BaseEstimator
from skactive.utils._models import steps_and_last
from skactive.utils._rows import take_rows

__all__ = [
    "AllOf",
    "AnyOf",
    "Budget",
    "Spending",
    "StablePredictions",
    "StableValues",
    "StoppingCriterion",
    "TargetScore",
]


NOT_CLASSES = (
    "StablePredictions compares predicted classes, and this learner predicts numbers; "
    "use StableValues, or TargetScore for a regressor."
)


class StoppingCriterion(BaseEstimator, metaclass=ABCMeta):
    """Base class of what ends a run.

    A subclass writes ``update``, and ``reset`` if it remembers earlier rounds.
    :class:`~skactive.ActiveLearner` clones its criterion and resets the clone before a
    run, so one object can be given to many learners.

    See Also
    --------
    AnyOf : What ``|`` makes.
    AllOf : What ``&`` makes.

    Examples
    --------
    >>> from skactive.stopping import StoppingCriterion
    >>> class AfterRounds(StoppingCriterion):
    ...     def __init__(self, n):
    ...         self.n = n
    ...     def update(self, learner, *, X=None, X_val=None, y_val=None):
    ...         return len(learner.history_["n_labeled"]) > self.n
    >>> AfterRounds(3) | AfterRounds(5)
    AnyOf(criteria=[AfterRounds(n=3), AfterRounds(n=5)])
    """

    _parameter_constraints = {}

    def reset(self):
        """Forget earlier rounds, and check the parameters.

        Returns
        -------
        self : object
            The criterion as it is before the first round.

        Raises
        ------
        ValueError
            If a parameter is out of its range.
        """
        self._validate_params()
        return self

    @abstractmethod
    def update(self, learner, *, X=None, X_val=None, y_val=None):
        """Take in a round and tell whether the run may end.

        Parameters
        ----------
        learner : ActiveLearner
            The learner, its model just fitted; ``learner.history_["n_labeled"]`` has
            an entry for this round.
        X : array-like of shape (n_samples, ...), default=None
            All samples of the run, labeled or not.
        X_val, y_val : array-like, default=None
            The validation set given to ``fit``.

        Returns
        -------
        stop : bool
            True to end the run.
        """

    def _check_model(self, model, has_validation):
        """Refuse what can never be served, before a label is paid for.

        Called with the model of a learner, and whether it was given a validation set.
        """

    def __or__(self, other):
        return _join(AnyOf, self, other)

    def __and__(self, other):
        return _join(AllOf, self, other)


def _join(joined, left, right):
    """Join two criteria, taking apart those already joined in the same way."""
    if not isinstance(right, StoppingCriterion):
        return NotImplemented
    criteria = []
    for part in (left, right):
        criteria += part.criteria if type(part) is joined else [part]
    return joined(criteria)


def _check_reset(criterion, attribute):
    if not hasattr(criterion, attribute):
        criterion.reset()


class Budget(StoppingCriterion):
    """Stop at a number of labels, those of the beginning included.

    Parameters
    ----------
    n_labels : int
        Stop as soon as this many rows are labeled.

    See Also
    --------
    skactive.ActiveLearner : Its ``budget`` counts the labels after the beginning.
    Spending : Stops at an amount, where answers have prices.

    Notes
    -----
    Rounds are not cut short: with a ``batch_size`` of 10 a run that begins with 5
    labels passes a ``Budget(20)`` at 25. Abstentions are not labels; the ``budget`` of
    the learner counts them. Where answers have prices, the ``budget`` of the learner is
    an amount, and this is a number of labels as before; :class:`Spending` is an amount.

    Examples
    --------
    >>> from skactive.stopping import Budget
    >>> Budget(50)
    Budget(n_labels=50)
    """

    _parameter_constraints = {"n_labels": [Interval(Integral, 1, None, closed="left")]}

    def __init__(self, n_labels):
        self.n_labels = n_labels

    def update(self, learner, *, X=None, X_val=None, y_val=None):
        """Tell whether there are ``n_labels`` labels.

        Parameters
        ----------
        learner : ActiveLearner
            The learner, its model just fitted.
        X, X_val, y_val : array-like, default=None
            Not used.

        Returns
        -------
        stop : bool
            True if there are.
        """
        return bool(learner.history_["n_labeled"][-1] >= self.n_labels)


class Spending(StoppingCriterion):
    """Stop when an amount was paid, that for the beginning included.

    Parameters
    ----------
    amount : float
        Stop as soon as this much was paid, in the unit in which answers have prices.

    See Also
    --------
    skactive.ActiveLearner : Its ``budget`` is what may be paid after the beginning.
    Budget : Stops at a number of labels, whatever they cost.

    Notes
    -----
    What was paid is ``history_["cost"]`` of the learner: also what corrections cost,
    and what an oracle's people were paid. Without prices each answer costs 1, and it is
    the number of answers. Rounds are not cut short, so that the last may go beyond the
    amount; the ``budget`` of a learner that knows its prices never does.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from skactive import ActiveLearner
    >>> from skactive.stopping import Spending
    >>> X, y = load_iris(return_X_y=True)
    >>> learner = ActiveLearner(budget=200, stopping=Spending(60), random_state=0)
    >>> learner = learner.fit(X, y, cost=np.full(150, 2.5))
    >>> learner.termination_condition_, learner.history_["cost"]
    ('stopping', [25.0, 50.0, 75.0])
    """

    _parameter_constraints = {"amount": [Interval(Real, 0, None, closed="neither")]}

    def __init__(self, amount):
        self.amount = amount

    def update(self, learner, *, X=None, X_val=None, y_val=None):
        """Tell whether ``amount`` was paid.

        Parameters
        ----------
        learner : ActiveLearner
            The learner, its model just fitted.
        X, X_val, y_val : array-like, default=None
            Not used.

        Returns
        -------
        stop : bool
            True if it was.
        """
        # Prices are added up: ten times 0.1 is a little less than 1.
        return bool(learner.history_["cost"][-1] >= self.amount * (1 - 1e-10))


class TargetScore(StoppingCriterion):
    """Stop when the score on the validation set is good enough.

    Parameters
    ----------
    score : float
        The score to reach.
    scoring : str or callable, default=None
        What is measured, as in scikit-learn: the name of a scorer or a
        ``scorer(estimator, X, y)``; greater is better. None: ``learner.score``.
    patience : int, default=1
        Rounds in a row in which the score must be reached.

    Attributes
    ----------
    scores_ : list of float
        The score of each round.

    See Also
    --------
    StablePredictions : Needs no labels set aside.

    Notes
    -----
    The labels of the validation set are a cost that the budget does not count; say how
    many there were [1]_. With few of them the score is noisy, and its best round is
    luck: ``patience`` asks that it lasts. Costs one scoring of the validation set per
    round.

    References
    ----------
    .. [1] A. Oliver et al., "Realistic Evaluation of Deep Semi-Supervised Learning
       Algorithms", NeurIPS 2018.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skactive import ActiveLearner
    >>> from skactive.stopping import TargetScore
    >>> X, y = load_iris(return_X_y=True)
    >>> learner = ActiveLearner(stopping=TargetScore(0.9), random_state=0)
    >>> learner.fit(X[::2], y[::2], X_val=X[1::2], y_val=y[1::2])
    ActiveLearner(...)
    >>> learner.termination_condition_
    'stopping'
    """

    _parameter_constraints = {
        "score": [Interval(Real, None, None, closed="neither")],
        "scoring": [str, callable, None],
        "patience": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, score, *, scoring=None, patience=1):
        self.score = score
        self.scoring = scoring
        self.patience = patience

    def reset(self):
        """Forget earlier rounds, and check the parameters.

        Returns
        -------
        self : object
            The criterion as it is before the first round.
        """
        super().reset()
        self.scores_ = []
        return self

    def _check_model(self, model, has_validation):
        if not has_validation:
            raise ValueError(
                "TargetScore scores a validation set: pass X_val and y_val to fit."
            )

    def update(self, learner, *, X=None, X_val=None, y_val=None):
        """Score the validation set.

        Parameters
        ----------
        learner : ActiveLearner
            The learner, its model just fitted.
        X : array-like of shape (n_samples, ...), default=None
            Not used.
        X_val, y_val : array-like
            The validation set given to ``fit``.

        Returns
        -------
        stop : bool
            True if the last ``patience`` scores all reach the target.

        Raises
        ------
        ValueError
            If there is no validation set, or the score is NaN.
        """
        self._check_model(learner, X_val is not None and y_val is not None)
        _check_reset(self, "scores_")
        if self.scoring is None:
            score = learner.score(X_val, y_val)
        else:
            score = check_scoring(learner, scoring=self.scoring)(learner, X_val, y_val)
        if np.isnan(score):
            raise ValueError("The score of the validation set is NaN; see scoring.")
        self.scores_.append(float(score))
        last = self.scores_[-self.patience :]
        return len(last) == self.patience and min(last) >= self.score


def _agreement(before, now):
    """Return the share of equal labels."""
    return float(np.mean(before == now))


def _kappa(before, now):
    """Return Cohen's kappa; 0 where both are constant and it is 0/0."""
    before, now = np.ravel(before), np.ravel(now)  # labels of a set count by themselves
    classes, codes = np.unique(np.concatenate([before, now]), return_inverse=True)
    first, second = codes[: len(before)], codes[len(before) :]
    shares = [
        np.bincount(c, minlength=len(classes)) / len(before) for c in (first, second)
    ]
    by_chance = float(shares[0] @ shares[1])
    if len(classes) == 1:
        return 0.0
    return (_agreement(first, second) - by_chance) / (1 - by_chance)


class _Stable(StoppingCriterion):
    """Compares what successive models predict of a few samples, drawn once."""

    def _reset(self):
        super().reset()
        self._rows, self._before = None, None

    def _compared(self, learner, samples, statistic):
        """Return the statistic of this round and the one before, if there was one."""
        if samples is None:
            raise ValueError(f"{type(self).__name__} needs samples: pass X or X_val.")
        if self._rows is None:
            self._rows = self._drawn(_num_samples(samples))
        now = np.asarray(learner.predict(take_rows(samples, self._rows)))
        before, self._before = self._before, now
        return [] if before is None else [statistic(before, now)]

    def _drawn(self, n_samples):
        if n_samples <= self.max_samples:
            return np.arange(n_samples)
        seed = self.random_state
        # check_random_state(None) would be the global generator.
        rng = seed if hasattr(seed, "choice") else np.random.RandomState(seed)
        return np.sort(rng.choice(n_samples, self.max_samples, replace=False))

    def _lasts(self, found, threshold):
        last = found[-self.rounds :]
        return len(last) == self.rounds and min(last) >= threshold


class StablePredictions(_Stable):
    """Stop when the predictions of successive models no longer change.

    Parameters
    ----------
    agreement : float, default=0.99
        What the statistic must reach.
    rounds : int, default=3
        How often in a row. ``rounds`` comparisons take ``rounds + 1`` models.
    statistic : {"agreement", "kappa"}, default="agreement"
        The share of samples whose predicted label is the same as in the round before,
        or Cohen's kappa of the two predictions: 1 the same, 0 no better than chance.
        With several labels per row, each label of each row counts by itself.
    max_samples : int, default=1000
        Predictions are compared on at most this many samples, drawn once.
    random_state : int, RandomState instance or None, default=0
        Draws them.

    Attributes
    ----------
    agreements_ : list of float
        The statistic of each round after the first.

    See Also
    --------
    StableValues : The same for regressors.
    TargetScore : Asks whether the model is good, with labels set aside for it.

    Notes
    -----
    This is stabilizing predictions [1]_, on the samples of ``X_val`` if given, else of
    ``X``; no label is used. In [1]_ the kappa of the last three rounds is
    averaged, here each of them must reach the threshold. Costs one prediction of the
    sample per round.

    Stable does not mean good: a model that has not seen a class agrees with itself. A
    model that predicts one class only is stable by "agreement" and never by "kappa",
    which is 0/0 there and taken as 0; with rare classes take "kappa". Small batches
    change little and end runs early; large ``batch_size`` and large ``rounds`` guard
    against it.

    Regressors are refused, since a share of *equal* numbers says nothing:
    :class:`StableValues` serves them.

    References
    ----------
    .. [1] M. Bloodgood, K. Vijay-Shanker, "A Method for Stopping Active Learning
       Based on Stabilizing Predictions and the Need for User-Adjustable Stopping",
       CoNLL 2009.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skactive import ActiveLearner
    >>> from skactive.stopping import Budget, StablePredictions
    >>> X, y = load_iris(return_X_y=True)
    >>> stopping = StablePredictions(0.95, statistic="kappa") & Budget(30)
    >>> learner = ActiveLearner(
    ...     LogisticRegression(max_iter=1000), stopping=stopping, random_state=0
    ... ).fit(X, y)
    >>> learner.termination_condition_, int(learner.labeled_mask_.sum()) < 110
    ('stopping', True)
    """

    _parameter_constraints = {
        "agreement": [Interval(Real, 0, 1, closed="right")],
        "rounds": [Interval(Integral, 1, None, closed="left")],
        "statistic": [StrOptions({"agreement", "kappa"})],
        "max_samples": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        agreement=0.99,
        *,
        rounds=3,
        statistic="agreement",
        max_samples=1000,
        random_state=0,
    ):
        self.agreement = agreement
        self.rounds = rounds
        self.statistic = statistic
        self.max_samples = max_samples
        self.random_state = random_state

    def reset(self):
        """Forget earlier rounds, and check the parameters.

        Returns
        -------
        self : object
            The criterion as it is before the first round.
        """
        self._reset()
        self.agreements_ = []
        return self

    def _check_model(self, model, has_validation):
        if is_regressor(model):
            raise ValueError(NOT_CLASSES)

    def update(self, learner, *, X=None, X_val=None, y_val=None):
        """Compare with the predictions of the round before.

        Parameters
        ----------
        learner : ActiveLearner
            The learner, its model just fitted.
        X : array-like of shape (n_samples, ...), default=None
            All samples of the run; predicted if there is no ``X_val``.
        X_val : array-like of shape (n_val, ...), default=None
            Samples to predict.
        y_val : array-like, default=None
            Not used.

        Returns
        -------
        stop : bool
            True if the last ``rounds`` comparisons all reach the threshold.

        Raises
        ------
        ValueError
            If the learner is a regressor, or there are no samples to predict.
        """
        _check_reset(self, "agreements_")
        if not hasattr(learner, "classes_"):
            raise ValueError(NOT_CLASSES)
        statistic = _kappa if self.statistic == "kappa" else _agreement
        samples = X if X_val is None else X_val
        self.agreements_ += self._compared(learner, samples, statistic)
        return self._lasts(self.agreements_, self.agreement)


def _unmoved_share(before, now):
    """Return one minus the share of the variance that changed; of several, the least.

    Where all numbers are the same there is nothing to compare with: 0.
    """
    before, now = (np.reshape(f, (len(f), -1)).astype(float) for f in (before, now))
    moved = np.mean((now - before) ** 2, axis=0)
    variance = now.var(axis=0)
    # What is constant but for rounding is constant.
    least = (8 * np.finfo(float).eps * np.abs(now).max(axis=0)) ** 2
    share = 1 - moved / np.where(variance > least, variance, 1)
    return float(np.where(variance > least, share, 0).min())


class StableValues(_Stable):
    """Stop when the numbers that successive models predict no longer change.

    For regressors: how far predictions moved since the round before is compared with
    how far they lie apart. There is no unit in it.

    Parameters
    ----------
    share : float, default=0.99
        What must be reached by ``1 - mean((f - f_before)**2) / var(f)``.
    rounds : int, default=3
        How often in a row. ``rounds`` comparisons take ``rounds + 1`` models.
    max_samples : int, default=1000
        Predictions are compared on at most this many samples, drawn once.
    random_state : int, RandomState instance or None, default=0
        Draws them.

    Attributes
    ----------
    shares_ : list of float
        The statistic of each round after the first: 1 where nothing moved, below 0
        where predictions moved farther than they lie apart.

    See Also
    --------
    StablePredictions : The same for classes.
    TargetScore : Asks whether the model is good, with labels set aside for it.

    Notes
    -----
    Predicted are the samples of ``X_val`` if given, else of ``X``; no label is used.
    It is the :math:`R^2` of the predictions before, with those of now as the truth.
    Costs one prediction of the sample per round.

    A model that predicts one number for all samples has a share of 0, whether it moves
    or not: it has learned nothing yet, and does not stop a run. With several outputs
    the least stable one counts. Stable does not mean good, and small batches move
    little: 0.99 means that predictions moved by a tenth of their deviation. A large
    ``batch_size`` and large ``rounds`` guard against stopping early.

    Classifiers are refused: :class:`StablePredictions` serves them.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import Ridge
    >>> from skactive import ActiveLearner
    >>> from skactive.diversity import LCMD
    >>> from skactive.stopping import StableValues
    >>> X, y = load_diabetes(return_X_y=True)
    >>> learner = ActiveLearner(
    ...     Ridge(0.1), LCMD(), budget=400, stopping=StableValues(), random_state=0
    ... ).fit(X, y)
    >>> learner.termination_condition_, int(learner.labeled_mask_.sum()) < 400
    ('stopping', True)
    """

    _parameter_constraints = {
        "share": [Interval(Real, 0, 1, closed="right")],
        "rounds": [Interval(Integral, 1, None, closed="left")],
        "max_samples": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(self, share=0.99, *, rounds=3, max_samples=1000, random_state=0):
        self.share = share
        self.rounds = rounds
        self.max_samples = max_samples
        self.random_state = random_state

    def reset(self):
        """Forget earlier rounds, and check the parameters.

        Returns
        -------
        self : object
            The criterion as it is before the first round.
        """
        self._reset()
        self.shares_ = []
        return self

    def _check_model(self, model, has_validation):
        dense = getattr(steps_and_last(model)[1], "answers_kind", None) is not None
        if dense or is_classifier(model) or hasattr(model, "classes_"):
            what = "masks or boxes" if dense else "classes"
            raise ValueError(
                "StableValues compares predicted numbers, and this learner predicts "
                f"{what}; use StablePredictions, or TargetScore."
            )

    def update(self, learner, *, X=None, X_val=None, y_val=None):
        """Compare with the predictions of the round before.

        Parameters
        ----------
        learner : ActiveLearner
            The learner, its model just fitted.
        X : array-like of shape (n_samples, ...), default=None
            All samples of the run; predicted if there is no ``X_val``.
        X_val : array-like of shape (n_val, ...), default=None
            Samples to predict.
        y_val : array-like, default=None
            Not used.

        Returns
        -------
        stop : bool
            True if the last ``rounds`` comparisons all reach the share.

        Raises
        ------
        ValueError
            If the learner is a classifier, or there are no samples to predict.
        """
        _check_reset(self, "shares_")
        self._check_model(learner, X_val is not None)
        samples = X if X_val is None else X_val
        self.shares_ += self._compared(learner, samples, _unmoved_share)
        return self._lasts(self.shares_, self.share)


class _Joined(StoppingCriterion):
    _parameter_constraints = {"criteria": [list, tuple]}

    def __init__(self, criteria):
        self.criteria = criteria

    def reset(self):
        """Reset every member.

        Returns
        -------
        self : object
            The criterion as it is before the first round.

        Raises
        ------
        ValueError
            If there is no member, or one is not a criterion.
        TypeError
            If one is the class of a criterion.
        """
        super().reset()
        if not self.criteria:
            raise ValueError(f"{type(self).__name__} needs at least one criterion.")
        for criterion in self.criteria:
            refuse_class(criterion, f"Each criterion of {type(self).__name__}")
            if not HasMethods(["update", "reset"]).is_satisfied_by(criterion):
                raise ValueError(f"{criterion!r} is not a stopping criterion.")
            criterion.reset()
        return self

    def _check_model(self, model, has_validation):
        for criterion in self.criteria:
            if isinstance(criterion, StoppingCriterion):
                criterion._check_model(model, has_validation)

    def _updated(self, learner, **samples):
        # A list, not a generator: a member that misses a round would count wrongly.
        return [criterion.update(learner, **samples) for criterion in self.criteria]


class AnyOf(_Joined):
    """Stop when one of several criteria says so; what ``a | b`` makes.

    Parameters
    ----------
    criteria : list of StoppingCriterion
        The members, each updated in every round, whatever the others say.

    See Also
    --------
    AllOf : Waits for all of them.

    Examples
    --------
    >>> from skactive.stopping import Budget, TargetScore
    >>> TargetScore(0.95) | Budget(200)
    AnyOf(criteria=[TargetScore(score=0.95), Budget(n_labels=200)])
    """

    def update(self, learner, *, X=None, X_val=None, y_val=None):
        """Update every member.

        Parameters
        ----------
        learner : ActiveLearner
            The learner, its model just fitted.
        X, X_val, y_val : array-like, default=None
            Handed to every member.

        Returns
        -------
        stop : bool
            True if a member says so.
        """
        return any(self._updated(learner, X=X, X_val=X_val, y_val=y_val))


class AllOf(_Joined):
    """Stop when all criteria say so in the same round; what ``a & b`` makes.

    Parameters
    ----------
    criteria : list of StoppingCriterion
        The members, each updated in every round, whatever the others say.

    See Also
    --------
    AnyOf : Needs one of them.

    Examples
    --------
    At least 50 labels, and then as soon as predictions are stable:

    >>> from skactive.stopping import Budget, StablePredictions
    >>> Budget(50) & StablePredictions(rounds=2)
    AllOf(criteria=[Budget(n_labels=50), StablePredictions(rounds=2)])
    """

    def update(self, learner, *, X=None, X_val=None, y_val=None):
        """Update every member.

        Parameters
        ----------
        learner : ActiveLearner
            The learner, its model just fitted.
        X, X_val, y_val : array-like, default=None
            Handed to every member.

        Returns
        -------
        stop : bool
            True if every member says so.
        """
        return all(self._updated(learner, X=X, X_val=X_val, y_val=y_val))
