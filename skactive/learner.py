"""The loop as a meta-estimator: fit, ask, be answered, fit again."""

import re
import time
from copy import deepcopy
from numbers import Integral
from types import SimpleNamespace

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone, is_classifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.utils import (
    _safe_indexing,
    check_consistent_length,
    check_random_state,
    get_tags,
    indexable,
)
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from skactive._ledger import LabelLedger
from skactive._predictions import PredictionsMixin
from skactive._sklearn import (
    UNUSED,
    CallbackSupportMixin,
    HasMethods,
    Interval,
    NoCallbacks,
    _check_method_params,
    _fit_context,
    _num_samples,
    _routing_enabled,
    callback_context,
    propagate_callbacks,
)
from skactive.base import QueryStrategy, ScoreStrategy
from skactive.diversity import RandomSampling
from skactive.exceptions import StopAsking
from skactive.oracles import SimulatedOracle
from skactive.uncertainty import MarginSampling
from skactive.utils import (
    as_labels,
    is_missing,
    seeded_clone,
    wants_pool,
)
from skactive.utils._fitting import MAX_SEED

__all__ = ["ActiveLearner"]


def _own_model(strategy):
    """Return the model inside a strategy: itself if it predicts; None if none."""
    if not isinstance(strategy, QueryStrategy):
        return None
    if hasattr(strategy, "predict"):
        return strategy
    if isinstance(strategy, ScoreStrategy):
        return strategy._wanted_estimator()
    parts = strategy.get_params(deep=False).values()
    models = map(_own_model, parts)
    return next((model for model in models if model is not None), None)


def _hand_over(strategy, model, overwrite):
    """Set every ``estimator`` of a strategy, and of strategies in it, to a model."""
    for name, part in strategy.get_params(deep=False).items():
        if name == "estimator" and (part is None or overwrite):
            strategy.set_params(estimator=model)
        elif isinstance(part, QueryStrategy):
            _hand_over(part, model, overwrite)


def _check_strategy(strategy, model, overwrite):
    """Refuse a model that the strategy cannot ask, before a label is paid for."""
    if not isinstance(strategy, QueryStrategy) or hasattr(strategy, "predict"):
        return
    if isinstance(strategy, ScoreStrategy):
        given = not (overwrite or strategy.estimator is None)
        strategy._check_estimator(strategy.estimator if given else model)
    for part in strategy.get_params(deep=False).values():
        _check_strategy(part, model, overwrite)


class ActiveLearner(
    PredictionsMixin, CallbackSupportMixin, MetaEstimatorMixin, BaseEstimator
):
    """Active learning as an estimator: it spends a budget of labels, then predicts.

    What ``fit`` does depends on what it is given:

    ======================  ===========  ==========================================
    ``y``                   ``oracle``   meaning
    ======================  ===========  ==========================================
    complete                None         simulation: ``y`` answers, and only
                                         ``n_initial + budget`` labels are looked at
    partly missing          None         fitted on the labeled rows, ready for
                                         ``query`` and ``teach``
    partly or all missing,  given        the loop asks the oracle
    or None
    ======================  ===========  ==========================================

    The simulation is what makes strategies comparable by scikit-learn's own tools:
    ``cross_validate``, ``GridSearchCV`` and ``Pipeline`` take an ActiveLearner as they
    take any classifier or regressor.

    Parameters
    ----------
    estimator : estimator object, default=None
        The model to predict with, a fresh copy of it fitted in every round. A
        strategy without an estimator of its own is given this one, fitted and frozen.
        None: the strategy's own model predicts; where it has none, a
        LogisticRegression.
    strategy : QueryStrategy, default=None
        Decides what to ask for. None: ``MarginSampling()`` for classifiers,
        ``RandomSampling()`` for regressors.
    n_initial : int, default=10
        Labels to begin with, when none is given.
    initial_strategy : QueryStrategy, default=None
        Chooses the beginning: any strategy that can be fitted without labels. None:
        at random. If the model cannot be fitted because the first labels all show one
        class, more are drawn at random, one by one, and paid from ``budget``.
    budget : int, default=100
        Labels to pay for after the beginning.
    batch_size : int, default=10
        Labels per round.
    oracle : callable, default=None
        ``oracle(rows, X_rows)`` returns one answer per row; a missing one is an
        abstention, which is paid for, and the row is not asked for again. See
        :mod:`skactive.oracles`.
    stopping : StoppingCriterion, default=None
        Ends the run before the budget does. See :mod:`skactive.stopping`.
    classes : array-like of shape (n_classes,), default=None
        All classes that may occur. None: those seen in ``y``. Needed with an oracle
        if a class may stay undiscovered and ``predict_proba`` must have its column.
    missing_label : object, default=None
        What an absent label looks like in ``y``. None: None, NaN and pandas.NA.
        Pass -1 for the convention of scikit-learn's semi-supervised estimators.
    keep_estimators : bool, default=True
        Keep the fitted model of every round, which is what ``stages`` and
        ``staged_predict`` need. Memory: one model per round. False keeps the last.
    random_state : int, RandomState instance or None, default=None
        Seeds everything: the beginning, the models and the strategy. The model has
        the same seed in every round. None leaves the random states inside
        ``estimator`` and ``strategy`` as they are. Neither the beginning nor the seed
        of the model depends on the strategy, so learners compare in pairs.

    Attributes
    ----------
    estimator_ : estimator object
        The model fitted in the last round.
    estimators_ : list of estimator objects
        The models of all rounds, if ``keep_estimators``.
    strategy_ : QueryStrategy
        The strategy as it was last fitted; its pool is dropped after each round.
    classes_ : ndarray of shape (n_classes,)
        The class labels, sorted. Only for classifiers.
    labeled_iter_ : ndarray of int of shape (n_samples,)
        The round in which a row was labeled: 0 the beginning, k round k, -1 never.
    labeled_mask_ : ndarray of bool of shape (n_samples,)
        The rows that are labeled.
    queried_indices_ : ndarray of intp of shape (n_queried,)
        The rows that were asked for, in that order, those of the beginning first.
    labels_ : ndarray of shape (n_samples,)
        The labels known so far, missing ones as in ``y``. Not after a simulation.
    history_ : dict of lists
        One entry per fitted model: "n_labeled", "fit_time" and "query_time" in
        seconds, and "score" if ``X_val, y_val`` were given.
    n_iter_ : int
        Number of rounds of asking.
    termination_condition_ : str
        Why the run ended: "budget", "all_labeled", "stopping", "callback", "oracle"
        (it gave up), or "no_oracle" (ready for ``query`` and ``teach``).
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    skactive.metrics.aulc_scorer : Scores the whole learning curve, for GridSearchCV.
    skactive.inspection.LearningCurveDisplay : Draws it.

    Notes
    -----
    ``X`` is not converted: data frames, CSR matrices and images reach the estimator
    as they are. Preprocessing goes inside: ``ActiveLearner(make_pipeline(
    StandardScaler(), SVC()))``. A supervised step *outside* sees every hidden label.

    Each round costs one fit of ``estimator``, one fit and query of ``strategy``, and
    a copy of the unlabeled rows of ``X``. After a simulation ``X`` is not kept;
    otherwise it is, by reference, and goes into a pickle.

    Whether it beats random depends on data, model and budget: see the page of each
    strategy, and measure with paired seeds.

    References
    ----------
    .. [1] B. Settles, "Active Learning Literature Survey", Computer Sciences
       Technical Report 1648, University of Wisconsin-Madison, 2009.

    Examples
    --------
    A simulation: 10 + 50 labels out of 1,347.

    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import train_test_split
    >>> from skactive import ActiveLearner
    >>> from skactive.uncertainty import MarginSampling
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)
    >>> learner = ActiveLearner(
    ...     LogisticRegression(), MarginSampling(), budget=50, random_state=0
    ... ).fit(X_train, y_train)
    >>> int(learner.labeled_mask_.sum())
    60
    >>> bool(learner.score(X_test, y_test) > 0.8)
    True

    By hand: labels that are missing are asked for and taught.

    >>> import numpy as np
    >>> y_partial = np.where(np.arange(len(y_train)) < 30, y_train, np.nan)
    >>> learner.fit(X_train, y_partial).termination_condition_
    'no_oracle'
    >>> rows = learner.query(5)
    >>> int(learner.teach(rows, y_train[rows]).labeled_mask_.sum())
    35
    """

    __metadata_request__fit = {
        "sample_weight": UNUSED,  # routed to the estimator, not used here
        "labeled": True,
        "X_val": True,
        "y_val": True,
    }

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "strategy": [HasMethods(["fit", "query"]), None],
        "n_initial": [Interval(Integral, 1, None, closed="left")],
        "initial_strategy": [HasMethods(["fit", "query"]), None],
        "budget": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "oracle": [callable, None],
        "stopping": [HasMethods(["update", "reset"]), None],
        "classes": ["array-like", None],
        "missing_label": "no_validation",
        "keep_estimators": ["boolean"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator=None,
        strategy=None,
        *,
        n_initial=10,
        initial_strategy=None,
        budget=100,
        batch_size=10,
        oracle=None,
        stopping=None,
        classes=None,
        missing_label=None,
        keep_estimators=True,
        random_state=None,
    ):
        self.estimator = estimator
        self.strategy = strategy
        self.n_initial = n_initial
        self.initial_strategy = initial_strategy
        self.budget = budget
        self.batch_size = batch_size
        self.oracle = oracle
        self.stopping = stopping
        self.classes = classes
        self.missing_label = missing_label
        self.keep_estimators = keep_estimators
        self.random_state = random_state

    # ------------------------------------------------------- what the user calls

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X,
        y=None,
        sample_weight=None,
        *,
        labeled=None,
        X_val=None,
        y_val=None,
        **fit_params,
    ):
        """Spend the budget, or get ready to.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            All samples, labeled or not, in any container that can be indexed.
        y : array-like of shape (n_samples,) or None, default=None
            Labels: complete for a simulation, else with missing ones.
        sample_weight : array-like of shape (n_samples,), default=None
            Passed to the fit of the estimator, cut to the labeled rows.
        labeled : array-like of bool of shape (n_samples,), default=None
            Only for a simulation: the rows to begin with, in place of ``n_initial``.
        X_val, y_val : array-like, default=None
            Validation set: scored after every round (``history_["score"]``) and shown
            to ``stopping`` and callbacks. Its labels are a cost too; count them.
        **fit_params : dict
            More arguments for the fit of the estimator; those with one entry per
            sample are cut to the labeled rows.

        Returns
        -------
        self : object
            The fitted learner.

        Raises
        ------
        ValueError
            If there is no label and no oracle, or on unusable input. Labels that an
            oracle has already given survive any error: see ``labels_`` and
            ``resume``.
        """
        params = {"sample_weight": sample_weight, **fit_params}
        params = {key: value for key, value in params.items() if value is not None}
        if _routing_enabled():
            params = process_routing(self, "fit", **params)["estimator"]["fit"]
        self._open(X, y, labeled, SimpleNamespace(fit=params, X_val=X_val, y_val=y_val))
        try:
            self._run()
        finally:
            if self._simulated:
                self._close()
        return self

    @_fit_context(prefer_skip_nested_validation=False)
    def resume(self):
        """Go on asking the oracle where the last run ended.

        After an oracle that failed or gave up, or with more to spend after
        ``set_params(budget=...)``. What was paid so far counts.

        Returns
        -------
        self : object
            The fitted learner.
        """
        self._check_open()
        if self.oracle is None:
            raise ValueError(
                "There is no oracle to resume with. Pass one with set_params(oracle="
                "...), or give labels by teach."
            )
        self._run()
        return self

    def query(self, n=None):
        """Ask which rows are most worth a label.

        Parameters
        ----------
        n : int, default=None
            How many. None: ``batch_size``.

        Returns
        -------
        rows : ndarray of intp of shape (n,)
            Rows of the ``X`` given to ``fit``, best first.
        """
        self._check_open()
        check_is_fitted(self, "estimator_")
        return self._choose(self.batch_size if n is None else n)

    def teach(self, rows, y):
        """Take in labels and fit the model anew.

        Parameters
        ----------
        rows : array-like of int of shape (n,)
            Rows of the ``X`` given to ``fit``: those of a query, or any others that
            have no label yet.
        y : array-like of shape (n,)
            Their labels. A missing one is a skip: ``query`` will not return that row
            again, and it can still be taught.

        Returns
        -------
        self : object
            The learner, fitted with the new labels.

        Raises
        ------
        ValueError
            If a row is out of range, given twice or already labeled, or a label is
            not among ``classes``. Nothing is taken in then.
        """
        self._check_open()
        rows = np.atleast_1d(np.asarray(rows))
        y = [y] if np.ndim(y) == 0 else y
        self._take_in(rows, y, self.n_iter_ + 1)
        if self._has_news():
            self._fit_model(NoCallbacks())
        return self

    @property
    def labeled_mask_(self):
        """The rows that are labeled."""
        return self.labeled_iter_ >= 0

    @property
    def labels_(self):
        """The labels known so far, ready for ``fit(X, labels_)``."""
        if getattr(self, "_ledger", None) is None:
            raise AttributeError("A simulation keeps no labels; they are in its y.")
        return self._ledger.values.copy()

    # ------------------------------------------------------------- the run, inside

    def _open(self, X, y, labeled, aside):
        """Check the input and open the ledger; no label has been paid for yet."""
        model, strategy, _ = self._parts()
        _check_strategy(strategy, model, overwrite=self.estimator is None)
        unanswerable = y is None and self.oracle is None
        validate_data(
            self, X, None if unanswerable else "no_validation", skip_check_array=True
        )
        if (aside.X_val is None) != (aside.y_val is None):
            raise ValueError("Pass X_val and y_val together, or neither.")
        (X,) = indexable(X)  # CSR of other sparse formats; the rest stays as it is
        y = self._checked_labels(X, y)
        known = ~is_missing(y, self.missing_label)
        classifier = is_classifier(model)
        self._simulated = len(y) > 0 and bool(known.all())
        truth = as_labels(
            y if self._simulated else np.asarray(y, dtype=object)[known],
            integral=classifier and not self._simulated,
        )
        if classifier and len(truth):
            check_classification_targets(truth)
        declared = self._declared_classes()
        if declared is not None and not np.isin(truth, declared).all():
            strange = np.setdiff1d(truth, declared).tolist()
            raise ValueError(
                f"y holds {strange}, which are not among classes={declared.tolist()}."
            )

        if self._simulated:
            if self.oracle is not None:
                raise ValueError(
                    "y is complete, so there is nothing to ask the oracle. Mark the "
                    "unlabeled rows as missing, or leave oracle=None to simulate."
                )
            known = self._checked_start(labeled, len(y))
            values = np.empty_like(truth)  # what was not asked for is not even here
            values[known] = truth[known]
            self._answer, self._all_classes = SimulatedOracle(truth), np.unique(truth)
        else:
            if labeled is not None:
                raise ValueError(
                    "labeled is for simulations; here y itself says what is labeled."
                )
            if not known.any() and self.oracle is None:
                raise ValueError(
                    "y has no label and there is no oracle. Label a few rows first "
                    "(RandomSampling().fit(X).query(10) says which), or pass "
                    "oracle=, a callable that answers."
                )
            values = np.array(y, dtype=object)
            self._answer, self._all_classes = self.oracle, None
        kept = ("n_features_in_", "feature_names_in_")
        for name in [key for key in vars(self) if key.endswith("_")]:
            if name not in kept:
                delattr(self, name)  # of an earlier fit
        self._ledger = LabelLedger(
            values,
            known,
            missing_label=None if self._simulated else self.missing_label,
            integral=classifier and not self._simulated,
        )
        self._warm = bool(known.any())
        self._X, self._aside = X, aside
        self._stopping = None if self.stopping is None else clone(self.stopping)
        if self._stopping is not None:
            self._stopping.reset()
        seeds = check_random_state(self.random_state).randint(MAX_SEED, size=4)
        self._seeds = dict(zip(("start", "order", "estimator", "strategy"), seeds))
        self.n_iter_ = 0
        keys = ["n_labeled", "fit_time", "query_time"]
        self.history_ = {k: [] for k in keys + ["score"] * (aside.X_val is not None)}
        if self.keep_estimators:
            self.estimators_ = []
        self._publish()

    def _run(self):
        """Ask and fit until something says stop."""
        n_rounds = -(-self.budget // self.batch_size) + 1
        context = callback_context(self, max_subtasks=n_rounds)
        context.call_on_fit_task_begin(estimator=self)
        self._gave_up = False
        if not self._warm and self._answer is not None:
            self._begin()
        stopped = None
        while True:
            if self._has_news():
                stopped = self._fit_model(context.subcontext(task_name="round"))
            reason = self._reason_to_stop(stopped)
            if reason is not None:
                break
            start = time.perf_counter()
            n_left = min(self._n_left(), len(self._ledger.candidates))
            rows = self._choose(min(self.batch_size, n_left))
            self.history_["query_time"][-1] += time.perf_counter() - start
            self._ask(rows, self.n_iter_ + 1)
        self.termination_condition_ = reason
        context.call_on_fit_task_end(estimator=self)

    def _begin(self):
        """Ask for the first labels."""
        candidates = self._ledger.candidates
        n = min(self.n_initial - self._ledger.n_paid, len(candidates))
        if n <= 0:
            return
        if self.initial_strategy is None:
            return self._ask(self._draw(n), 0)
        first = seeded_clone(self.initial_strategy, self._seed("start"))
        first.fit(_safe_indexing(self._X, candidates))
        self._ask(candidates[first.query(n)], 0)

    def _draw(self, n):
        """Draw rows at random, always in the same order."""
        asked = self._ledger.asked
        order = np.random.RandomState(self._seeds["order"]).permutation(len(asked))
        return order[~asked[order]][:n]

    def _ask(self, rows, n_iter):
        """Have rows answered, and write the answers down."""
        try:
            answers = self._answer(rows, _safe_indexing(self._X, rows))
        except StopAsking as stop:
            self._gave_up = True
            answers = stop.answers
            rows = rows[: len(answers)]
        self._take_in(rows, answers, n_iter)

    def _take_in(self, rows, answers, n_iter):
        """Write answers down; a round that brings no label is not counted."""
        self._ledger.record(rows, answers, n_iter, self._declared_classes())
        self.n_iter_ = max(self.n_iter_, int(self._ledger.labeled_iter.max()))
        self._publish()

    def _has_news(self):
        """Tell whether there are labels that the model has not seen."""
        fitted = self.history_["n_labeled"]
        return not fitted or fitted[-1] < len(self._ledger.labeled)

    def _fit_model(self, context):
        """Fit the model of this round; name what wants the run to end, if any."""
        context.call_on_fit_task_begin(estimator=self)
        while not self._ledger.known.any():
            if not self._can_draw():
                raise ValueError(
                    f"None of the {self._ledger.n_paid} rows asked for was given a "
                    "label, so there is nothing to fit."
                )
            self._ask(self._draw(1), 0)
        try:
            self._fit_once(context)
        except ValueError as error:
            # scikit-learn's checks make every classifier name the class here.
            one_class = re.search(r"\bclass(es)?\b", str(error)) is not None
            if not one_class or not self._draw_second_class():
                raise
            self._fit_once(context)
        X, y = self._aside.X_val, self._aside.y_val
        if X is not None:
            self.history_["score"].append(self.score(X, y))
        seen = (X, y) if X is not None else self._known()[:2]
        ended = context.call_on_fit_task_end(
            estimator=self,
            X=seen[0],
            y=seen[1],
            reconstruction_attributes={"estimator_": self.estimator_},
        )
        satisfied = self._stopping is not None and self._stopping.update(
            self, X=self._X, X_val=X, y_val=y
        )
        return "stopping" if satisfied else "callback" if ended else None

    def _fit_once(self, context):
        model, _, joint = self._parts()
        X, y, X_pool = self._known()
        if joint and isinstance(getattr(self, "estimator_", None), QueryStrategy):
            self.estimator_._drop_pool()  # the model of the round before
        model = seeded_clone(model, self._seed("strategy" if joint else "estimator"))
        params = _check_method_params(
            self._X, self._aside.fit, indices=self._ledger.labeled
        )
        start = time.perf_counter()
        with propagate_callbacks(context, model):
            if wants_pool(model):
                params["X_pool"] = X_pool()
            model.fit(X, y, **params)
        self.history_["fit_time"].append(time.perf_counter() - start)
        self.history_["query_time"].append(0.0)
        self.history_["n_labeled"].append(len(y))
        self.estimator_ = model
        if joint:
            self.strategy_ = model
        if self.keep_estimators:
            self.estimators_.append(model)

    def _choose(self, n):
        """Return the rows that the strategy asks for."""
        _, strategy, joint = self._parts()
        if not joint:
            strategy = seeded_clone(strategy, self._seed("strategy"))
            if not hasattr(strategy, "predict"):
                model = FrozenEstimator(self.estimator_)
                _hand_over(strategy, model, overwrite=self.estimator is None)
            X, y, X_pool = self._known()
            self.strategy_ = strategy.fit(X, y, X_pool())
        rows = self._ledger.candidates[self.strategy_.query(n)]
        if not joint and isinstance(self.strategy_, QueryStrategy):
            self.strategy_._drop_pool()
        return rows

    def _reason_to_stop(self, stopped):
        if self._answer is None:
            return "no_oracle"
        if self._gave_up:
            return "oracle"
        if len(self._ledger.candidates) == 0:
            return "all_labeled"
        return "budget" if self._n_left() <= 0 else stopped

    def _close(self):
        """Forget the data of a simulation: a fitted learner is small."""
        if isinstance(getattr(self, "strategy_", None), QueryStrategy):
            self.strategy_._drop_pool()
        for name in ("_X", "_ledger", "_aside", "_answer", "_stopping"):
            self.__dict__.pop(name, None)

    # ------------------------------------------------------------ small questions

    def _parts(self):
        """Return (model to predict with, strategy, are they one and the same?)."""
        strategy = self.strategy
        if strategy is None:
            model = self.estimator
            classifies = model is None or is_classifier(model)
            strategy = MarginSampling() if classifies else RandomSampling()
        model = _own_model(strategy) if self.estimator is None else self.estimator
        model = LogisticRegression() if model is None else model
        return model, strategy, model is strategy

    def _known(self):
        """Return the labeled rows, their labels, and a function for the pool."""
        ledger = self._ledger
        return (
            _safe_indexing(self._X, ledger.labeled),
            ledger.labels,
            # A function, since this is a copy of most of X.
            lambda: _safe_indexing(self._X, ledger.candidates),
        )

    def _seed(self, part):
        """Return the seed of a part; None leaves the seeds that the user gave it.

        The model starts from the same seed in every round, so that two curves, or
        two rounds of one, do not differ by the luck of an initialization; the
        strategy draws anew in each.
        """
        if self.random_state is None:
            return None
        n_iter = self.n_iter_ if part == "strategy" else 0
        entropy = np.random.SeedSequence([int(self._seeds[part]), n_iter])
        return int(entropy.generate_state(1)[0] % MAX_SEED)

    def _n_left(self):
        return self.budget + (not self._warm) * self.n_initial - self._ledger.n_paid

    def _can_draw(self):
        asking = self._answer is not None and not self._gave_up
        return asking and self._n_left() > 0 and len(self._ledger.candidates) > 0

    def _draw_second_class(self):
        """Draw rows one by one until a second class is seen; tell if one was."""
        seen = len(np.unique(self._ledger.labels))
        while seen == 1 and self._can_draw():
            self._ask(self._draw(1), 0)
            if len(np.unique(self._ledger.labels)) == 2:
                return True
        return False

    def _declared_classes(self):
        return None if self.classes is None else np.unique(as_labels(self.classes))

    def _checked_labels(self, X, y):
        if y is None:
            return np.full(_num_samples(X), self.missing_label, dtype=object)
        if hasattr(y, "__array__") and not hasattr(y, "isna"):
            y = np.asarray(y)
        if np.ndim(y) == 2 and np.shape(y)[1] == 1:
            y = column_or_1d(y, warn=True)
        if np.ndim(y) != 1:
            raise ValueError(f"y must be 1-d, got an array of shape {np.shape(y)}.")
        check_consistent_length(X, y)
        return y

    def _checked_start(self, labeled, n_samples):
        if labeled is None:
            return np.zeros(n_samples, dtype=bool)
        labeled = np.asarray(labeled)
        if labeled.dtype != bool or labeled.shape != (n_samples,):
            raise ValueError(
                f"labeled must be a boolean mask of shape ({n_samples},), got "
                f"{labeled.dtype} of shape {labeled.shape}."
            )
        return labeled

    def _check_open(self):
        check_is_fitted(self, "history_")
        if getattr(self, "_ledger", None) is None:
            raise ValueError(
                "This learner was fitted in a simulation and keeps no pool. To ask "
                "for labels, fit it on a y in which the unlabeled rows are missing."
            )

    def _publish(self):
        """Bring the public attributes up to date with the ledger."""
        ledger = self._ledger
        self.labeled_iter_ = ledger.labeled_iter.copy()
        self.queried_indices_ = np.array(ledger.order, dtype=np.intp)
        if is_classifier(self._parts()[0]):
            classes = self._declared_classes()
            if classes is None:
                classes = self._all_classes
            self.classes_ = np.unique(ledger.labels) if classes is None else classes

    def get_metadata_routing(self):
        """Return the routing of metadata.

        Returns
        -------
        routing : MetadataRouter
            What ``fit`` takes itself, and what it passes on to ``estimator``.
        """
        return (
            MetadataRouter(owner=self)
            .add_self_request(self)
            .add(
                estimator=self._parts()[0],
                method_mapping=MethodMapping().add(caller="fit", callee="fit"),
            )
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        model = get_tags(self._parts()[0])
        tags.estimator_type = model.estimator_type
        tags.classifier_tags = deepcopy(model.classifier_tags)
        tags.regressor_tags = deepcopy(model.regressor_tags)
        tags.input_tags = deepcopy(model.input_tags)
        tags.target_tags.required = self.oracle is None
        if tags.classifier_tags is not None:
            tags.classifier_tags.multi_label = False  # one label per row
        return tags
