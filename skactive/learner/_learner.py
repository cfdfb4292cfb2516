"""The loop as a meta-estimator: fit, ask, get answers, fit again."""

from numbers import Integral, Real
from os import PathLike

from sklearn.base import MetaEstimatorMixin
from sklearn.utils.metadata_routing import process_routing

from skactive._sklearn import (
    UNUSED,
    CallbackSupportMixin,
    HasMethods,
    Interval,
    StrOptions,
    _fit_context,
    _routing_enabled,
)
from skactive.learner._begin import open_run
from skactive.learner._by_hand import ByHandMixin
from skactive.learner._costs import checked_costs
from skactive.learner._events import read_past
from skactive.learner._input import checked_input
from skactive.learner._manners import MannersMixin
from skactive.learner._predictions import StagesMixin
from skactive.learner._rounds import begin_anew, forget_the_data, spend
from skactive.utils._constraints import WillHave, whole
from skactive.utils._dask import in_parts
from skactive.utils._documented import BaseEstimator
from skactive.utils._kept import kept_if_it_fails

__all__ = ["ActiveLearner"]


class ActiveLearner(
    MannersMixin,
    ByHandMixin,
    StagesMixin,
    CallbackSupportMixin,
    MetaEstimatorMixin,
    BaseEstimator,
):
    """Active learning as an estimator: it spends a budget of labels, then predicts.

    What ``fit`` does depends on what it is given:

    ======================  ===========  ==========================================
    ``y``                   ``oracle``   meaning
    ======================  ===========  ==========================================
    complete                None         simulation: ``y`` answers, and only
                                         ``n_initial + budget`` labels are looked at;
                                         with ``simulate=False`` as the next row
    partly missing          None         fitted on the labeled rows, ready for
                                         ``query`` and ``teach``
    not complete, or None   given        the loop asks the oracle
    all missing, or None    None, and a  ready for ``query`` and ``teach``, from the
                            ``journal``  first label on
    ======================  ===========  ==========================================

    The simulation is what makes strategies comparable by scikit-learn's own tools:
    ``cross_validate``, ``GridSearchCV`` and ``Pipeline`` take an ActiveLearner as they
    take any classifier or regressor.

    Parameters
    ----------
    estimator : estimator object, default=None
        The model to predict with; a copy is fitted in every round, a fresh one, unless
        it is a net with ``warm_start``. A strategy without an estimator of its own is
        given this one, fitted and frozen. None: the strategy's own model predicts;
        where it has none, a LogisticRegression.
    strategy : QueryStrategy, default=None
        Decides what to ask for. None: ``MarginSampling()`` for classifiers,
        ``RandomSampling()`` for regressors, and for several labels per row.
    n_initial : int, default=10
        Labels to begin with, when none is given.
    initial_strategy : QueryStrategy, default=None
        Chooses the beginning: any strategy that can be fitted without labels. None:
        at random. If the model cannot be fitted because the first labels all show one
        class, more are drawn at random, one by one, and paid from ``budget``.
    budget : int or float, default=100
        Labels to pay for after the beginning. Where answers have prices (``cost``, of
        the learner or of ``fit``), an amount in their unit, and any number above 0.
    batch_size : int, sequence of int or callable, default=10
        Labels per round; a sequence: one number each, the last for all later rounds;
        or a function of the learner, as :class:`~skactive.learner.GrowingBatch`.
    oracle : callable, default=None
        ``oracle(rows, X_rows)`` returns one answer per row; a missing one is an
        abstention, which is paid for, and the row is not asked for again. See
        :mod:`skactive.oracles`.
    cost : callable, default=None
        ``cost(rows, X_rows, answers)`` returns what answers cost that are just in: one
        number per row, in the unit of ``budget``; a missing answer is None there. The
        last batch may overspend the budget. For prices known beforehand pass ``cost``
        to ``fit``. None, in both: every answer costs 1. See :ref:`costs`.
    journal : skactive.io.Journal, str or path-like, default=None
        A file in which answers are kept, each on disk before it counts. ``fit`` reads
        it and goes on where the last process ended: labels, skips, rounds and curve.
        A path stands for ``Journal(path)``, which knows samples by their row; with
        ``Journal(path, ids)`` tables may be sorted or grow. Refused in a simulation,
        and not in copies and pickles. See :class:`skactive.io.Journal`.
    stopping : StoppingCriterion, default=None
        Ends the run before the budget does. See :mod:`skactive.stopping`.
    classes : array-like of shape (n_classes,), default=None
        All classes that may occur. None: those seen in ``y``. Needed with an oracle
        if a class may stay undiscovered and ``predict_proba`` must have its column.
    missing_label : object, default=None
        What an absent label looks like in ``y`` and in answers. None: None, NaN, NaT
        and pandas.NA, and what a masked array masks. Pass -1 for the convention of
        scikit-learn's semi-supervised estimators.
    simulate : {"auto", True, False}, default="auto"
        Whether ``y`` plays the oracle. "auto": if it is complete, with a warning where
        that may not be meant. False: fit on all labels there are, as in ``fit(X,
        labels_)`` after the last label came in. True: refuse a ``y`` with gaps.
    aggregate : callable, default=None
        ``aggregate(votes, classes)`` returns labels and confidence, one each for every
        row with a vote: :func:`~skactive.oracles.majority` and its like. Then several
        people may answer a row, by ``teach(who=...)``, and the model learns what this
        makes of it. None: a row has one answer. See :ref:`votes_by_hand`.
    keep_estimators : bool, default=True
        Keep the fitted model of every round, which is what ``stages`` and
        ``staged_predict`` need. Memory: one model per round. False keeps the last.
    reuse : bool, default=True
        Whether rounds share what labels do not change, such as embeddings, distances,
        graphs. False: each makes its own, with the same seed and from the same samples,
        and asks for the same rows. See :ref:`kept_between_rounds`.
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
        The class labels, sorted. Only for classifiers; of label sets, the model's.
    labeled_iter_ : ndarray of int of shape (n_samples,)
        The round in which a row was labeled: 0 the beginning, k round k, -1 never.
    labeled_mask_ : ndarray of bool of shape (n_samples,)
        The rows that are labeled.
    queried_indices_ : ndarray of intp of shape (n_queried,)
        The rows that were asked for, in that order, those of the beginning first.
    skipped_ : ndarray of intp of shape (n_skipped,)
        The rows that were asked for and have no label, ascending: skips of people and
        abstentions of an oracle. ``forget`` lets them be asked for again.
    labels_ : ndarray of shape (n_samples,) or (n_samples, n_columns)
        The labels known so far, missing ones as in ``y``. Not after a simulation.
        ``fit(X, labels_)`` with ``simulate=False`` continues the work.
    votes_ : structured ndarray of shape (n_votes,)
        With ``aggregate``: what stands of what people said by ``teach``, in columns
        "row", "who", "answer" (None: nothing) and "cost".
    confidence_ : ndarray of float of shape (n_samples,)
        With ``aggregate``: how sure it is of a row; NaN for those without a vote.
    history_ : dict of lists
        One entry per fitted model: "n_labeled", "cost" (all paid until then), "score"
        if ``X_val, y_val`` were given, "fit_time" and "query_time" in seconds, and
        "n_revised", if the oracle may change its mind: see :ref:`crowds`.
    cost_ : int or float
        All that was paid, answers included that no model was fitted on, in the unit
        of ``budget``.
    n_iter_ : int
        Number of rounds of asking.
    termination_condition_ : str
        Why the run ended: "budget", "all_labeled", "stopping", "callback", "oracle"
        (it gave up), "interrupted" (by an error or by Ctrl-C), or "no_oracle" (ready
        for ``query`` and ``teach``).
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    skactive.io.Journal : Keeps the answers of people.
    skactive.metrics.aulc_scorer : Scores the whole learning curve, for GridSearchCV.
    skactive.inspection.LearningCurveDisplay : Draws it.

    Notes
    -----
    ``X`` is not converted: data frames, CSR matrices and images reach the estimator
    as they are. Preprocessing goes inside: ``ActiveLearner(make_pipeline(
    StandardScaler(), SVC()))``. A supervised step *outside* sees every hidden label.

    Each round costs one fit of ``estimator``, and one fit and query of ``strategy``.
    ``X`` is not copied, but by strategies that need all of the pool at once. After a
    simulation ``X`` is not kept; otherwise it is, by reference, and goes into a pickle.
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
        "cost": True,
        "X_val": True,
        "y_val": True,
    }

    _parameter_constraints = {
        "estimator": [WillHave(["fit", "predict"]), None],
        "strategy": [HasMethods(["fit", "query"]), None],
        "n_initial": [Interval(Integral, 1, None, closed="left")],
        "initial_strategy": [HasMethods(["fit", "query"]), None],
        "budget": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Real, 0, None, closed="neither"),  # if answers have prices
        ],
        "batch_size": [whole(1), "array-like", callable],
        "oracle": [callable, None],
        "cost": [callable, None],
        "journal": [HasMethods(["open", "write", "close"]), str, PathLike, None],
        "stopping": [HasMethods(["update", "reset"]), None],
        "classes": ["array-like", None],
        "missing_label": "no_validation",
        "simulate": ["boolean", StrOptions({"auto"})],
        "aggregate": [callable, None],
        "keep_estimators": ["boolean"],
        "reuse": ["boolean"],
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
        cost=None,
        journal=None,
        stopping=None,
        classes=None,
        missing_label=None,
        simulate="auto",
        aggregate=None,
        keep_estimators=True,
        reuse=True,
        random_state=None,
    ):
        self.estimator = estimator
        self.strategy = strategy
        self.n_initial = n_initial
        self.initial_strategy = initial_strategy
        self.budget = budget
        self.batch_size = batch_size
        self.oracle = oracle
        self.cost = cost
        self.journal = journal
        self.stopping = stopping
        self.classes = classes
        self.missing_label = missing_label
        self.simulate = simulate
        self.aggregate = aggregate
        self.keep_estimators = keep_estimators
        self.reuse = reuse
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X,
        y=None,
        sample_weight=None,
        *,
        labeled=None,
        cost=None,
        X_val=None,
        y_val=None,
        **fit_params,
    ):
        """Spend the budget, or get ready for ``query`` and ``teach``.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            All samples, labeled or not, in any container that can be indexed.
        y : array-like of shape (n_samples,), (n_samples, n_columns) or None
            Labels: complete for a simulation, else with missing ones (rows of NaN).
        sample_weight : array-like of shape (n_samples,), default=None
            Passed to the fit of the estimator, cut to the labeled rows.
        labeled : array-like of bool of shape (n_samples,), default=None
            Only for a simulation: the rows to begin with, in place of ``n_initial``.
        cost : array-like of float of shape (n_samples,), default=None
            What an answer to each row costs, known beforehand: finite, at least 0, in
            the unit of ``budget``, which is never overspent. None: see ``cost`` above.
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

        Warns
        -----
        AmbiguousTargetWarning
            If ``y`` may mean two things; the message names the parameter that decides.
        """
        params = {"sample_weight": sample_weight, **fit_params}
        params = {key: value for key, value in params.items() if value is not None}
        if _routing_enabled():
            params = process_routing(self, "fit", **params)["estimator"]["fit"]
        with kept_if_it_fails(self):  # refused input leaves an earlier fit as it was
            X = in_parts(X)
            answers = checked_input(self, X, y, X_val, y_val)
            cost = checked_costs(self, cost, X)
            run = open_run(
                X,
                y,
                answers,
                simulate=self.simulate,
                has_oracle=self.oracle is not None,
                has_journal=self.journal is not None,
                labeled=labeled,
                held=self._run,
                fit_params=params,
                X_val=X_val,
                y_val=y_val,
                stopping=self.stopping,
                random_state=self.random_state,
                prices=cost,
            )
            history = read_past(self, run, self._run)
        begin_anew(self, run, history)
        try:
            spend(self, run)
        finally:
            if run.simulated:
                forget_the_data(self)
        return self
