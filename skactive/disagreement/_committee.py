"""Query by committee: ask where the members contradict each other."""

from sklearn.base import is_regressor
from sklearn.utils.validation import check_is_fitted

from skactive.base import ScoreStrategy
from skactive.disagreement._measures import (
    consensus_entropy,
    kl_to_consensus,
    prediction_variance,
    vote_entropy,
)
from skactive.disagreement._members import CommitteeMixin
from skactive.utils._aggregate import AGGREGATES
from skactive.utils._constraints import whole
from skactive.utils._posterior_mixin import warn_of_chance


class QueryByCommittee(CommitteeMixin, ScoreStrategy):
    """Ask for samples on which the members of a committee contradict each other.

    A random forest, extra trees, bagging or voting ensemble, also at the end of a
    pipeline, lends its own members; a :class:`~skactive.nets.DropoutCommittee` makes
    them of one net. Of any other model ``n_members`` copies are trained, each with
    a seed of its own and on a bootstrap sample of the labeled samples, of classes
    redrawn until it holds two. Members that predict masks are compared pixel by pixel,
    those that predict numbers by their variance.

    Parameters
    ----------
    estimator : classifier, regressor or segmenter, default=None
        The ensemble, or the model of which a committee is made; a pipeline may hold
        the preprocessing. None: ``LogisticRegression()``, or the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`: the members
        of an ensemble are asked as they are; of another model new copies are trained
        on the samples that ``fit`` is given. Different models are a committee as a
        :class:`~sklearn.ensemble.VotingClassifier` or
        :class:`~sklearn.ensemble.VotingRegressor`, each frozen if it is fitted.
    n_members : int, default=10
        How many copies are trained, at least 2. An ensemble has its own number.
    disagreement : callable or None, default=None
        A function of class probabilities of shape (n_members, n_samples, n_classes)
        that returns one number per sample: :func:`vote_entropy`,
        :func:`kl_to_consensus`, :func:`consensus_entropy` or your own function. Members
        without ``predict_proba`` can only vote. Of masks, one of the three. Of
        regressors it is given predictions of shape (n_members, n_samples), or with
        outputs last. None: :func:`vote_entropy`, and of regressors
        :func:`prediction_variance`.
    aggregate : {"mean", "sum", "max"}, float, callable or None, default=None
        Of models that predict masks: how the scores of pixels become one score per
        image, as in :class:`~skactive.uncertainty.EntropySampling`. None: "mean".
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, the bootstrap samples, the members (whatever seed
        ``estimator`` holds, so that no two are alike) and the order of ties.

    Attributes
    ----------
    estimator_ : classifier, regressor or segmenter
        The model fitted on all labeled samples.
    members_ : list of classifiers, regressors or segmenters
        The fitted committee. Those lent by an ensemble predict positions in its
        ``classes_``. A model that answers for all members by classes is the only entry.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    skactive.uncertainty.EntropySampling : Asks one model.
    BatchVariance : Draws batches by the variance of regressors.

    Notes
    -----
    Cost: an ensemble is fitted once and asked once per member. Another model is
    fitted ``n_members + 1`` times. The weights of a voting ensemble are ignored: each
    member has one vote. Members that were never shown a class give it probability zero.

    Memory: ``8 K n_pool (C + 3)`` bytes above the input for K members and C classes in
    double precision, half of that in single, and what one member needs to answer. Of
    masks only sums over the members are kept, as by :class:`BALD`. Of regressors,
    with C outputs, ``24 K n_pool C``.

    With fully grown trees probabilities are 0 or 1, and the Kullback-Leibler
    divergence is the vote entropy.

    It loses to random sampling when the committee is made of a few labels, so that
    its members differ everywhere; when it is so stable that they differ nowhere and
    chance decides among the ties; and when the best ``n`` are near duplicates (with
    :func:`kl_to_consensus`, which is :class:`BALD`, and of regressors ``query`` warns).
    Members made of one label, or of labels that are all the same, agree everywhere:
    chance decides, with a warning. Of the measures, :func:`kl_to_consensus` lost most
    often where copies of a linear model were made: on the digits to random sampling in
    9 of 10 paired runs, and :func:`vote_entropy` in none.

    References
    ----------
    .. [1] H. S. Seung, M. Opper and H. Sompolinsky. Query by committee. COLT 1992.
    .. [2] I. Dagan and S. P. Engelson. Committee-based sampling for training
       probabilistic classifiers. ICML 1995.
    .. [3] A. K. McCallum and K. Nigam. Employing EM and pool-based active learning
       for text classification. ICML 1998.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skactive.disagreement import QueryByCommittee
    >>> X, y = [[0.0], [1.0], [8.0], [9.0]], ["a", "a", "b", "b"]
    >>> forest = RandomForestClassifier(50)
    >>> strategy = QueryByCommittee(forest, random_state=0)
    >>> strategy.fit(X, y, X_pool=[[0.0], [4.5], [9.0]]).query(1)
    array([1])
    """

    _compares_pixels = True
    takes_columns_of_numbers = True  # their variances are added
    _takes_numbers = True
    _without_proba = "Take disagreement=vote_entropy, which counts predictions"

    _parameter_constraints = {
        **ScoreStrategy._parameter_constraints,
        "n_members": [whole(2)],
        "disagreement": [callable, None],
        "aggregate": AGGREGATES,
    }

    def __init__(
        self,
        estimator=None,
        *,
        n_members=10,
        disagreement=None,
        aggregate=None,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.n_members = n_members
        self.disagreement = disagreement
        self.aggregate = aggregate

    @property
    def _draws_batches(self):
        if self._measure is prediction_variance:
            return "BatchVariance, or StochasticBatch of this strategy"
        if self._measure is kl_to_consensus:  # this is BALD
            joint = "" if self._sees_maps else ", BatchBALD"
            return f"PowerBALD{joint} or StochasticBatch of this strategy"
        return None

    @property
    def _measure(self):
        """The measure that is taken: of classes or of numbers if none was chosen."""
        if self.disagreement is not None:
            return self.disagreement
        return prediction_variance if self._sees_numbers else vote_entropy

    def score_samples(self, X):
        """Return how much the members differ.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Higher is more worth a label. Of regressors, in squared units of y; several
            outputs are first divided by the standard deviation of their labels.
        """
        check_is_fitted(self)
        if self._sees_numbers:
            return self._measure(self._committee.predict(X) / self._unit)
        if self._sees_maps or self._committee.knows_probabilities:
            return self._scores(X, self._measure)
        return self._measure(self._committee.votes(X))

    def _best(self, n):
        best = super()._best(n)
        of_numbers = self._sees_numbers and self._measure is prediction_variance
        if of_numbers and n < self.n_pool_ and not best[0].any():
            warn_of_chance(self)
        return best

    def _check_estimator(self, estimator):
        super()._check_estimator(estimator)
        of_classes = (vote_entropy, consensus_entropy, kl_to_consensus)
        if is_regressor(estimator) and self.disagreement in of_classes:
            raise ValueError(
                f"disagreement={self.disagreement.__name__} of {type(self).__name__} "
                f"compares classes, and {estimator!r} is a regressor. Leave it None, "
                "or take prediction_variance."
            )

    def _check_members(self, members):
        if self.disagreement not in (None, vote_entropy):
            super()._check_members(members)
