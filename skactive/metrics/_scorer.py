"""The whole learning curve as one score, so that scikit-learn's searches can use it."""

import copy

import numpy as np
from sklearn.utils.metadata_routing import MetadataRequest

from skactive._sklearn import _routing_enabled
from skactive.metrics._bounded_r2 import warn_of_low_r2
from skactive.metrics._curve import area_under_learning_curve, check_x
from skactive.metrics._scoring import is_r2, scorer_of


def _learner_and_input(estimator, X):
    """Return the learner inside an estimator, and ``X`` as it reaches the learner."""
    while True:
        if hasattr(estimator, "best_estimator_"):  # a search that was fitted
            estimator = estimator.best_estimator_
        elif hasattr(estimator, "steps"):
            for _, step in estimator.steps[:-1]:
                if step is not None and not isinstance(step, str):
                    X = step.transform(X)
            estimator = estimator.steps[-1][1]
        else:
            break
    if hasattr(estimator, "stages"):
        return estimator, X
    if getattr(estimator, "keep_estimators", True) is False:
        raise TypeError(
            f"{type(estimator).__name__} did not keep the models of its rounds; set "
            "keep_estimators=True."
        )
    raise TypeError(
        "A learning curve is scored on an ActiveLearner, or a Pipeline that ends in "
        f"one; {type(estimator).__name__} has no stages."
    )


def staged_scores(estimator, X, y, *, scoring=None, sample_weight=None, x="n_labeled"):
    """Score the model of every round: the learning curve of a fitted learner.

    Parameters
    ----------
    estimator : ActiveLearner, Pipeline or search
        A fitted learner that kept its models, a pipeline that ends in one, or a fitted
        search whose ``best_estimator_`` is one of these.
    X : array-like of shape (n_samples, ...)
        Test samples, as the estimator takes them.
    y : array-like of shape (n_samples,)
        Their true labels or values.
    scoring : str or callable, default=None
        The name of a scorer, or a ``scorer(estimator, X, y)``. None: the ``score`` of
        the learner.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the test samples.
    x : {"n_labeled", "cost"}, default="n_labeled"
        What to return beside the scores: numbers of labels, or what was paid for them
        in the unit of the learner's budget, as ``history_`` has it.

    Returns
    -------
    n_labeled : ndarray of shape (n_rounds,)
        Numbers of labels, that of the beginning first; or costs. Of rounds that cost
        nothing more, only the last is a point of the curve over costs.
    scores : ndarray of float of shape (n_rounds,)
        The score after each round.

    Raises
    ------
    TypeError
        If the estimator is not a learner, or did not keep its models.
    ValueError
        If ``x`` is something else.

    See Also
    --------
    area_under_learning_curve : Makes one number of it.
    on_common_range : Makes curves comparable that end at different costs.

    Notes
    -----
    Costs one prediction of ``X`` per round.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skactive import ActiveLearner
    >>> from skactive.metrics import staged_scores
    >>> X, y = load_digits(return_X_y=True)
    >>> learner = ActiveLearner(budget=40, batch_size=20, random_state=0)
    >>> _ = learner.fit(X[::2] / 16, y[::2])
    >>> n_labeled, scores = staged_scores(learner, X[1::2] / 16, y[1::2])
    >>> n_labeled.tolist()
    [10, 30, 50]
    >>> bool(scores[-1] > scores[0])
    True
    """
    check_x(x)
    learner, X = _learner_and_input(estimator, X)
    weights = {} if sample_weight is None else {"sample_weight": sample_weight}
    scorer = None if scoring is None else scorer_of(scoring)
    scores = []
    for stage in learner.stages():
        if scorer is None:
            scores.append(stage.score(X, y, **weights))
        else:
            scores.append(scorer(stage, X, y, **weights))
    counts, scores = np.asarray(learner.history_[x]), np.asarray(scores, dtype=float)
    # A number of labels is there once; a cost is there twice if a round was free.
    last = np.diff(counts, append=np.inf) > 0
    return counts[last], scores[last]


class _AULCScorer:
    """A scorer ``(estimator, X, y)`` whose score is an area; see make_aulc_scorer."""

    def __init__(self, scoring=None, scale="linear", x="n_labeled"):
        self.scoring = scoring
        self.scale = scale
        self.x = x
        self._metadata_request = MetadataRequest(owner=self)
        self._metadata_request.score.add_request(param="sample_weight", alias=None)

    def __call__(self, estimator, X, y, sample_weight=None):
        """Return the area under the learning curve of a fitted learner.

        Parameters
        ----------
        estimator : ActiveLearner, Pipeline or search
            See :func:`staged_scores`.
        X : array-like of shape (n_samples, ...)
            Test samples.
        y : array-like of shape (n_samples,)
            Their true labels or values.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the test samples.

        Returns
        -------
        area : float
            Greater is better.

        Warns
        -----
        UserWarning
            If it is R² that is scored, and falls below -1 in a round.
        """
        curve = staged_scores(
            estimator, X, y, scoring=self.scoring, sample_weight=sample_weight, x=self.x
        )
        if is_r2(self.scoring, estimator):
            warn_of_low_r2(*curve, stacklevel=2)
        return area_under_learning_curve(*curve, scale=self.scale)

    def __repr__(self):
        over = "" if self.x == "n_labeled" else f", x={self.x!r}"
        return f"make_aulc_scorer(scoring={self.scoring!r}, scale={self.scale!r}{over})"

    def set_score_request(self, **requests):
        """Set which metadata is requested, as scikit-learn's own scorers do.

        Parameters
        ----------
        **requests : dict
            ``sample_weight=True``, False, None or an alias.

        Returns
        -------
        scorer : callable
            A scorer with these requests; this one is shared and stays as it is.
        """
        if not _routing_enabled():
            raise RuntimeError(
                "Requests need metadata routing: "
                "sklearn.set_config(enable_metadata_routing=True)."
            )
        scorer = _AULCScorer(self.scoring, self.scale, self.x)
        for param, alias in requests.items():
            scorer._metadata_request.score.add_request(param=param, alias=alias)
        return scorer

    def get_metadata_routing(self):
        """Return what metadata is requested.

        Returns
        -------
        request : MetadataRequest
            A copy of the requests.
        """
        return copy.deepcopy(self._metadata_request)


def make_aulc_scorer(scoring=None, *, scale="linear", x="n_labeled"):
    """Make a scorer of the area under the learning curve.

    It scores every round of a fitted learner on the data it is given and returns the
    :func:`area_under_learning_curve`, so that ``GridSearchCV`` and ``cross_validate``
    judge the whole run and not where it ends.

    Parameters
    ----------
    scoring : str or callable, default=None
        What is scored in each round: the name of a scorer, or a
        ``scorer(estimator, X, y)``. None: the ``score`` of the learner.
    scale : {"linear", "log"}, default="linear"
        Scale of the numbers of labels, or of what they cost.
    x : {"n_labeled", "cost"}, default="n_labeled"
        What the area is taken over: numbers of labels, or what they cost.

    Returns
    -------
    scorer : callable
        ``scorer(estimator, X, y, sample_weight=None)``, greater is better. Takes what
        :func:`staged_scores` takes, and raises what it raises. It pickles, and routes
        ``sample_weight`` after ``scorer.set_score_request(sample_weight=True)``, which
        returns a new scorer.

    See Also
    --------
    aulc_scorer : ``make_aulc_scorer()``, ready made.

    Notes
    -----
    The ``score`` of a regressor is R², which has no lower end: with few labels it may
    fall so far below 0 that the area says nothing else, and there is a warning. Take
    ``scoring="bounded_r2"`` (:func:`bounded_r2_score`) or an error, such as
    "neg_root_mean_squared_error".

    Costs one prediction per round and test fold. Learners whose runs end at different
    numbers of labels are not comparable; leave ``stopping`` out of a search. Runs of
    one budget end at costs that differ by about one batch; where that is much of the
    budget, compare by :func:`on_common_range`.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import cross_val_score
    >>> from skactive import ActiveLearner
    >>> from skactive.metrics import make_aulc_scorer
    >>> X, y = load_digits(return_X_y=True)
    >>> learner = ActiveLearner(budget=40, batch_size=20, random_state=0)
    >>> scorer = make_aulc_scorer("balanced_accuracy", scale="log")
    >>> areas = cross_val_score(learner, X / 16, y, cv=3, scoring=scorer)
    >>> bool((areas > 0.5).all())
    True
    """
    if scoring is not None:
        scorer_of(scoring)  # a misspelt name, and a metric, are told at once
    if scale not in ("linear", "log"):
        raise ValueError(f"scale must be 'linear' or 'log', got {scale!r}.")
    check_x(x)
    return _AULCScorer(scoring, scale, x)


aulc_scorer = make_aulc_scorer()
