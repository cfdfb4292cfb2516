"""The learner of a stream: decide on what arrives, learn from what was answered."""

from numbers import Integral

import numpy as np
from sklearn.base import MetaEstimatorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from skactive._sklearn import (
    HasMethods,
    Interval,
    StrOptions,
    _fit_context,
    _num_samples,
)
from skactive.learner._begin import _checked_start
from skactive.learner._input import tags_like
from skactive.learner._lending import refuse_name
from skactive.learner._predictions import PredictionsMixin
from skactive.learner._run import Seeds
from skactive.stream._asked import check_parts, parts
from skactive.stream._labels import Told
from skactive.stream._learning import check_trained, in_steps, learn, scores_of
from skactive.stream._replay import replay
from skactive.utils import seeded_clone
from skactive.utils._answers_of import answers_of
from skactive.utils._constraints import WillHave, refuse_classes, whole
from skactive.utils._documented import BaseEstimator
from skactive.utils._items import shown
from skactive.utils._kept import kept_if_it_fails
from skactive.utils._parted import named
from skactive.utils._rows import row_block, take_rows, with_rows


def _gives_scores(self):
    strategy = getattr(self, "strategy_", self._parts()[1])
    strategy.score_samples  # noqa: B018
    return True


class StreamLearner(PredictionsMixin, MetaEstimatorMixin, BaseEstimator):
    """Active learning on samples that arrive one by one, each decided on at once.

    A strategy scores what arrives, a gate decides whether the score is worth a label,
    within a budget, and the model learns from what was answered. By hand::

        ask = learner.decide(X_new)         # True where a label is wanted
        learner.teach(X_new[ask], answers)  # now, or later

    ``fit(X, y)`` plays that for rows whose labels are known, in their order.

    Parameters
    ----------
    estimator : classifier or regressor, default=None
        The model to predict with. None: that of the strategy; where it has none, a
        LogisticRegression.
    strategy : QueryStrategy with ``score_samples``, default=None
        Scores arrivals. Without an estimator of its own it asks the model of the
        learner. None: ``MarginSampling()`` for classifiers; regressors need one, but
        for gates that look at no score.
    gate : Gate, default=None
        Decides under a budget. None: ``QuantileGate()``, one label for ten arrivals;
        for regressors without a strategy ``RandomGate()``. A copy of it is used.
    n_initial : int, default=20
        How many arrivals are asked for at the beginning, whatever their score and
        beside the budget of the gate. Labels that were given count.
    refit_every : int, default=1
        After how many new labels the model learns.
    max_labeled : int, default=None
        How many labeled samples are kept, the last ones: a window, for streams that
        change. Models that learn step by step, and forget by themselves, are not held
        to it. None: all.
    incremental : {"auto", True, False}, default="auto"
        Whether the model learns by its ``partial_fit``; otherwise a fresh copy is
        fitted on the samples that are kept. "auto": if it has one and all classes are
        known beforehand, by ``classes`` or from a complete ``y``.
    classes : array-like of shape (n_classes,), default=None
        All classes that may come. None: those seen.
    random_state : int, RandomState instance or None, default=None
        Seeds gate, model and strategy. None leaves their random states as they are.

    Attributes
    ----------
    estimator_ : estimator object
        The model. Missing until there are enough labels for one.
    strategy_ : QueryStrategy
        The strategy, fitted when the model last learned. None without one.
    gate_ : Gate
        The gate, with the books of this stream.
    classes_ : ndarray of shape (n_classes,)
        The class labels known, sorted. Only for classifiers.
    n_seen_ : int
        How many samples arrived.
    asked_ : ndarray of bool of shape (n_samples,)
        The rows asked for in the replay of ``fit``.
    prequential_score_ : float
        Of the replay: accuracy, or R^2 of regressors, of the predictions made of all
        arrivals before their labels were known, from the first model on.
    history_ : dict of lists
        One entry for each time that the model learned: "n_seen" arrivals until then,
        "n_labeled" labels, and, for classifiers, "correct": how many arrivals of the
        replay had been predicted right until then.
    n_features_in_ : int
        Number of features seen first.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if those were a data frame.

    See Also
    --------
    skactive.ActiveLearner : Where there is a pool to choose from.
    QuantileGate : Asks for the highest scores of late.

    Notes
    -----
    ``decide`` writes the books, and gives other answers when it is asked again; it is
    no ``query``. Many rows at once are decided on as one after the other would be, to
    the last bit: each is scored by itself. With a linear model and margins that costs
    about 0.3 milliseconds per arrival, most of it validation; a block of rows would be
    scored faster, and rounded otherwise.

    Until there is a model that has seen two classes nothing can be scored. What comes
    after the first ``n_initial`` arrivals is then asked for by chance, within the
    budget.

    Each time that the model learns costs one fit, or ``partial_fit``, and one fit of
    the strategy. Memory: the labeled samples that are kept, which go into a pickle.

    It loses to ``gate=RandomGate()``, which is random sampling, where the strategy
    would lose to it on a pool: see the page of each strategy.

    References
    ----------
    .. [1] I. Zliobaite, A. Bifet, B. Pfahringer and G. Holmes. Active learning with
       drifting streaming data. IEEE Transactions on Neural Networks and Learning
       Systems 25(1), 2014.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skactive.stream import QuantileGate, StreamLearner
    >>> from skactive.uncertainty import MarginSampling
    >>> X, y = load_digits(return_X_y=True)
    >>> learner = StreamLearner(
    ...     LogisticRegression(), MarginSampling(), QuantileGate(0.1), random_state=0
    ... )
    >>> learner = learner.fit(X[:500] / 16, y[:500])
    >>> int(learner.asked_.sum())
    68
    >>> ask = learner.decide(X[500:600] / 16)
    >>> learner = learner.teach(X[500:600][ask] / 16, y[500:600][ask])
    >>> learner.n_seen_
    600
    """

    __metadata_request__fit = {"labeled": True}

    missing_label = None  # as absent labels look in answers: None and NaN

    _parameter_constraints = {
        "estimator": [WillHave(["fit", "predict"]), None],
        "strategy": [HasMethods(["fit", "query"]), None],
        "gate": [HasMethods(["decide", "reset", "get_params"]), None],
        "n_initial": [Interval(Integral, 1, None, closed="left")],
        "refit_every": [whole(1)],
        "max_labeled": [whole(1), None],
        "incremental": ["boolean", StrOptions({"auto"})],
        "classes": ["array-like", None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator=None,
        strategy=None,
        gate=None,
        *,
        n_initial=20,
        refit_every=1,
        max_labeled=None,
        incremental="auto",
        classes=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.strategy = strategy
        self.gate = gate
        self.n_initial = n_initial
        self.refit_every = refit_every
        self.max_labeled = max_labeled
        self.incremental = incremental
        self.classes = classes
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, *, labeled=None):
        """Begin a stream: learn what is known, and replay what is not.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples in the order in which they arrive.
        y : array-like of shape (n_samples,)
            Their labels. Complete: the rows arrive one after the other, and the label
            of a row is learned only if it is asked for. With missing ones (None, NaN):
            the model learns those that are there, and the stream begins after them.
        labeled : array-like of bool of shape (n_samples,), default=None
            Only with a complete ``y``: the rows whose labels are known beforehand. They
            do not arrive. All of them: nothing is replayed.

        Returns
        -------
        self : object
            The fitted learner, ready for ``decide`` and ``teach``.

        Raises
        ------
        ValueError
            On unusable input. An earlier fit is as it was then.
        """
        with kept_if_it_fails(self):
            X = self._begin(X, y)
            told = self._told
            y = told.answers.read(y, _num_samples(X))
            missing = told.answers.missing(y)
            known, arrives = self._known(missing, labeled)
            truth = told.answers.present(told.answers.keep(y)[~missing])
            told.answers.check(truth, matched=bool(missing.any()))
            if told.answers.has_classes and len(truth):
                check_classification_targets(truth)
                if not missing.any():
                    told.known_classes = told.answers.classes(truth)
            if known.any():
                self._hear(take_rows(X, np.flatnonzero(known)), truth[known[~missing]])
            self.asked_, self.prequential_score_ = replay(
                self, X, truth, np.flatnonzero(arrives)
            )
            if not hasattr(self, "estimator_"):
                learn(self, now=True, anyway=not missing.any())
        return self

    def decide(self, X):
        """Decide on arrivals, in their order, and write the books.

        Before ``fit`` it begins a stream without any label.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples that arrive now.

        Returns
        -------
        asked : ndarray of bool of shape (n_samples,)
            True where a label is wanted.

        Raises
        ------
        ValueError
            On samples that cannot be scored. None of them is counted then.
        """
        with kept_if_it_fails(self):
            X = self._begun(X)
            return self._decide(X, _num_samples(X))

    def teach(self, X, y):
        """Learn labels, those asked for or any others, whenever they come.

        Before ``fit`` and ``decide`` it begins a stream with these labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples.
        y : array-like of shape (n_samples,)
            Their labels; None or NaN where nobody could tell.

        Returns
        -------
        self : object
            The learner.

        Raises
        ------
        ValueError
            On labels or samples that cannot be learned. None of them is kept then, and
            the model is as it was.
        """
        if y is None:
            raise ValueError("y is None: teach takes one label for each row of X.")
        with kept_if_it_fails(self):
            X = self._begun(X)
            answers = self._told.answers
            y = answers.read(y, _num_samples(X))
            given = ~answers.missing(y)
            y = answers.keep(y)[given]
            self._told.check(y, closed=in_steps(self, self._told))
            if len(y):
                self._hear(take_rows(X, np.flatnonzero(given)), y)
        return self

    @available_if(_gives_scores)
    def score_samples(self, X):
        """Return how much each sample is wanted; nothing is decided or written.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Higher is more worth a label. They may differ in their last bits from those
            of ``decide``, which scores each sample by itself.
        """
        self._checked(X)
        return np.asarray(self.strategy_.score_samples(X))

    def _parts(self):
        return parts(self.estimator, self.strategy, self.gate)

    def _begin(self, X, y=()):
        """Check what can be checked beforehand, and open a new stream."""
        X = with_rows(X)
        check_parts(self, X)
        wanted = None if y is None else "no_validation"
        validate_data(self, shown(named(X)), wanted, skip_check_array=True)
        for name in ("estimator_", "strategy_", "classes_"):
            vars(self).pop(name, None)
        model, _, gate = self._parts()
        self._seeds = Seeds(self.random_state)
        self.gate_ = seeded_clone(gate, self._seeds.of("order")).reset()
        answers = answers_of(model, None, self.classes)
        self._told = Told(answers, answers.declared, self.max_labeled)
        self._lacks, self._n_correct, self.n_seen_ = "no label", 0, 0
        keys = ["n_seen", "n_labeled", "correct"]
        self.history_ = {key: [] for key in keys[: 2 + answers.has_classes]}
        in_steps(self, self._told)  # refused now, if it is
        return X

    def _begun(self, X):
        """Return checked samples, of a stream that is begun by now."""
        if not hasattr(self, "_told"):
            self._validate_params()
            return self._begin(X)
        X = with_rows(X)
        validate_data(self, shown(named(X)), reset=False, skip_check_array=True)
        return X

    def _known(self, missing, labeled):
        """Return masks of the rows that are known beforehand, and of those to come."""
        if missing.all():
            raise ValueError(
                f"y has no label, in {len(missing)} rows. A stream without labels "
                "begins with decide(X), which says what to ask for."
            )
        if missing.any():
            if labeled is not None:
                raise ValueError(
                    "labeled is for a complete y; here y itself says what is known."
                )
            return ~missing, np.zeros_like(missing)
        known = _checked_start(labeled, len(missing))
        return known, ~known

    def _is_beginning(self, n_labeled):
        return max(self.n_seen_, n_labeled) < self.n_initial

    def _decide(self, X, n):
        first = self.n_initial - self.n_seen_ if self._is_beginning(self._told.n) else 0
        first = min(first, n)
        scores = [None] * (n - first)
        if hasattr(self, "estimator_") and getattr(self.gate_, "needs_scores", True):
            rows = (row_block(X, row, row + 1) for row in range(first, n))
            scores = scores_of(self, rows)
        asked = np.ones(n, dtype=bool)
        asked[first:] = [self.gate_.decide(score) for score in scores]
        self.n_seen_ += n
        return asked

    def _hear(self, X, y):
        self._told = self._told.with_labels(X, y)
        if self._told.answers.has_classes:
            self.classes_ = self._told.classes
        learn(self)

    def _checked(self, X):
        check_trained(self)
        return super()._checked(X)

    def _validate_params(self):
        refuse_name("strategy", self.strategy)
        refuse_classes(self)
        super()._validate_params()

    def __sklearn_tags__(self):
        return tags_like(super().__sklearn_tags__(), self._parts()[0], columns=False)
