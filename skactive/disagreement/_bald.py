"""BALD: ask where members are sure of different labels; and draw batches by it."""

from numbers import Integral

import numpy as np
from sklearn.base import is_regressor
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import column_or_1d
from sklearn.utils.validation import check_is_fitted

from skactive.base import ModelStrategy, ScoreStrategy
from skactive.disagreement._measures import kl_to_consensus
from skactive.disagreement._members import Committee, has_members, last_step, thaw
from skactive.selection import power_sample


class MembersAtOnce(Committee):
    """The members of a model that speaks for all of them in one call."""

    def __init__(self, model):
        last = last_step(model)
        self.members, self.n_classes = [last], len(last.classes_)
        self.model = thaw(model)

    def predict_proba(self, X):
        """Return class probabilities of shape (n_members, n_samples, n_classes)."""
        return last_step(self.model).predict_proba_members(self._as_members_see(X))


class CommitteeMixin:
    """Fits a committee; what its members believe is `_members_proba`."""

    def _fit(self, X, y, X_pool):
        self._check_n_members()
        if y is not None:
            y = column_or_1d(y)
        super()._fit(X, y, X_pool)
        if speaks_for_members(self.estimator_):
            self._committee = MembersAtOnce(self.estimator_)
        elif has_members(self.estimator_):
            self._committee = Committee.lent_by(self.estimator_)
            self._check_members(self._committee.members)
        else:
            self._committee = Committee.bagged(
                thaw(self.estimator_),
                X,
                y,
                X_pool,
                n_members=self.n_members,
                # Members need seeds also where the user asked for none.
                seed=self._query_seed if self._fit_seed is None else self._fit_seed,
            )
        self.members_ = self._committee.members

    def _members_proba(self, X):
        """Return probabilities of shape (n_members, n_samples, n_classes)."""
        check_is_fitted(self)
        return self._committee.predict_proba(X)

    def _check_n_members(self):
        n = self.n_members
        if isinstance(n, (bool, np.bool_)) or not isinstance(n, Integral):
            raise TypeError(f"n_members must be an integer, got {n!r}.")
        if n < 2:
            raise ValueError(f"n_members must be at least 2, got {n}.")

    def _check_estimator(self, estimator):
        super()._check_estimator(estimator)
        name = type(self).__name__
        if is_regressor(estimator):
            raise ValueError(f"{name} needs a classifier; {estimator!r} is none.")
        if has_members(estimator) or speaks_for_members(estimator):
            return
        self._check_members([estimator])
        inner = thaw(estimator)
        if isinstance(inner, Pipeline) and isinstance(inner[-1], FrozenEstimator):
            raise ValueError(
                f"The last step of {inner!r} is frozen: copies of it would all be "
                "alike, and never differ. Pass the model unfrozen, or freeze an "
                "ensemble."
            )

    def _check_members(self, members):
        name = type(self).__name__
        for member in members:
            if not hasattr(member, "predict_proba"):
                raise ValueError(
                    f"{name} needs members with predict_proba, which {member!r} has "
                    "not. Wrap it in sklearn.calibration.CalibratedClassifierCV, or "
                    "count votes by QueryByCommittee."
                )


def speaks_for_members(model):
    """Tell whether a classifier answers for a committee inside, as nets do."""
    return hasattr(last_step(model), "predict_proba_members")


class BALD(CommitteeMixin, ScoreStrategy):
    """Ask for samples of which the members of a committee are sure, each its own way.

    The score is the information that the label gives about which member is right
    [1]_: the entropy of the mean of the members, less the mean of their entropies. It
    is 0 where all agree, also if they agree that they do not know.

    Parameters
    ----------
    estimator : classifier, default=None
        An ensemble lends its members: a random forest, extra trees, bagging or voting,
        also at the end of a pipeline. A :class:`~skactive.nets.DropoutCommittee` makes
        them of one net. Of any other classifier ``n_members`` copies are trained on
        bootstrap samples. None: ``LogisticRegression()``, or the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    n_members : int, default=10
        How many copies are trained, at least 2. Ensembles have their own number.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, the bootstrap samples, the members and the order of ties.

    Attributes
    ----------
    estimator_ : classifier
        The model fitted on all labeled samples.
    members_ : list of classifiers
        The fitted committee; one that speaks for all of its members is alone here.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    PowerBALD : Draws batches by the same score.
    BatchBALD : Looks at what the labels of a batch say together.
    QueryByCommittee : The same with other measures; with
        :func:`~skactive.disagreement.kl_to_consensus`, exactly this.

    Notes
    -----
    It loses to random sampling in batches, as the best scores are often near
    duplicates; with members from a few labels, which differ everywhere; and in pools
    with samples that are irrelevant to the task and strange to all members, on which
    labels are wasted (:class:`EPIG`).

    Cost: the ensemble is fitted once, or ``n_members + 1`` copies of the model; each
    member is asked once. Memory: ``8 K n_pool C`` bytes for K members and C classes
    in double precision, half of that in single.

    References
    ----------
    .. [1] N. Houlsby, F. Huszar, Z. Ghahramani and M. Lengyel. "Bayesian Active
       Learning for Classification and Preference Learning." 2011. arXiv:1112.5745.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skactive.disagreement import BALD
    >>> X, y = [[0.0], [1.0], [8.0], [9.0]], ["a", "a", "b", "b"]
    >>> strategy = BALD(RandomForestClassifier(50), random_state=0)
    >>> strategy.fit(X, y, X_pool=[[0.0], [4.5], [9.0]]).query(1)
    array([1])
    """

    def __init__(self, estimator=None, *, n_members=10, random_state=None):
        super().__init__(estimator, random_state=random_state)
        self.n_members = n_members

    def score_samples(self, X):
        """Return the information that each label gives about the members.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            In nats, between 0 and ``log(min(n_members, n_classes))``; higher is more
            worth a label.
        """
        return kl_to_consensus(self._members_proba(X))


class PowerBALD(CommitteeMixin, ModelStrategy):
    """Ask for samples drawn in proportion to a power of their BALD score.

    The best scores often belong to samples that say the same. Drawn, a batch spreads
    over all that is worth a label, for the cost of :class:`BALD` [1]_. Samples on which
    all members agree come last.

    Parameters
    ----------
    estimator : classifier, default=None
        An ensemble, a :class:`~skactive.nets.DropoutCommittee`, or a model of which
        copies are trained, as in :class:`BALD`.
    n_members : int, default=10
        How many copies are trained, at least 2. Ensembles have their own number.
    beta : float, default=1.0
        The power, above 0. Infinity is :class:`BALD`; near 0 all samples on which
        members differ are alike.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, the bootstrap samples, the members and the drawing.

    Attributes
    ----------
    estimator_ : classifier
        The model fitted on all labeled samples.
    members_ : list of classifiers
        The fitted committee; one that speaks for all of its members is alone here.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    BALD : Takes the highest scores.
    skactive.compose.StochasticBatch : Draws by the scores of any strategy.
    skactive.selection.power_sample : The drawing.

    Notes
    -----
    It loses to random sampling where BALD does, except that near duplicates cost it
    less; and to BALD where one sample at a time is asked for. In a large pool of small
    scores, most of a batch is drawn from these: a larger ``beta`` helps.

    Cost and memory are those of :class:`BALD`, and ``40 n_pool`` bytes.

    References
    ----------
    .. [1] A. Kirsch, S. Farquhar, P. Atighehchian, A. Jesson, F. Branchaud-Charron and
       Y. Gal. "Stochastic Batch Acquisition: A Simple Baseline for Deep Active
       Learning." TMLR 2023. arXiv:2106.12059.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skactive.disagreement import PowerBALD
    >>> X, y = load_digits(return_X_y=True)
    >>> strategy = PowerBALD(RandomForestClassifier(20), random_state=0)
    >>> strategy.fit(X[:50], y[:50], X_pool=X[50:]).query(10).shape
    (10,)
    """

    def __init__(self, estimator=None, *, n_members=10, beta=1.0, random_state=None):
        super().__init__(estimator, random_state=random_state)
        self.n_members = n_members
        self.beta = beta

    def _query(self, n):
        scores = kl_to_consensus(self._members_proba(self._X_pool))
        rng = self._query_random_state()
        return power_sample(scores, n, beta=self.beta, random_state=rng)
