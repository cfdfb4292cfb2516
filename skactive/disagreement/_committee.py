"""Query by committee: ask where the members contradict each other."""

from sklearn.utils.validation import check_is_fitted

from skactive.base import ScoreStrategy
from skactive.disagreement._measures import kl_to_consensus, vote_entropy
from skactive.disagreement._members import CommitteeMixin
from skactive.utils._aggregate import AGGREGATES
from skactive.utils._constraints import whole


class QueryByCommittee(CommitteeMixin, ScoreStrategy):
    """Ask for samples on which the members of a committee contradict each other.

    A random forest, extra trees, bagging or voting ensemble, also at the end of a
    pipeline, lends its own members; a :class:`~skactive.nets.DropoutCommittee` makes
    them of one net. Of any other model ``n_members`` copies are trained, each with
    a seed of its own and on a bootstrap sample of the labeled samples, redrawn until it
    holds two classes. Members that predict masks are compared pixel by pixel.

    Parameters
    ----------
    estimator : classifier or segmenter, default=None
        The ensemble, or the model of which a committee is made; a pipeline may hold
        the preprocessing. None: ``LogisticRegression()``, or the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`: the members
        of an ensemble are asked as they are; of another model new copies are trained
        on the samples that ``fit`` is given. Different models are a committee as a
        :class:`~sklearn.ensemble.VotingClassifier`, each frozen if it is fitted.
    n_members : int, default=10
        How many copies are trained, at least 2. An ensemble has its own number.
    disagreement : callable, default=vote_entropy
        A function of class probabilities of shape (n_members, n_samples, n_classes)
        that returns one number per sample: :func:`vote_entropy`,
        :func:`kl_to_consensus`, :func:`consensus_entropy` or your own function. Members
        without ``predict_proba`` can only vote. Of masks, one of the three.
    aggregate : {"mean", "sum", "max"}, float, callable or None, default=None
        Of models that predict masks: how the scores of pixels become one score per
        image, as in :class:`~skactive.uncertainty.EntropySampling`. None: "mean".
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, the bootstrap samples, the members (whatever seed
        ``estimator`` holds, so that no two are alike) and the order of ties.

    Attributes
    ----------
    estimator_ : classifier or segmenter
        The model fitted on all labeled samples.
    members_ : list of classifiers or segmenters
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

    Notes
    -----
    Cost: an ensemble is fitted once and asked once per member. Another model is
    fitted ``n_members + 1`` times. The weights of a voting ensemble are ignored: each
    member has one vote. Members that were never shown a class give it probability zero.

    Memory: ``8 K n_pool (C + 3)`` bytes above the input for K members and C classes in
    double precision, half of that in single, and what one member needs to answer. Of
    masks only sums over the members are kept, as by :class:`BALD`.

    With fully grown trees probabilities are 0 or 1, and the Kullback-Leibler
    divergence is the vote entropy.

    It loses to random sampling when the committee is made of a few labels, so that
    its members differ everywhere; when it is so stable that they differ nowhere and
    chance decides among the ties; and when the best ``n`` are near duplicates (with
    :func:`kl_to_consensus`, which is :class:`BALD`, ``query`` warns). Of the measures,
    it lost most often where copies of a linear model were made: on the digits to random
    sampling in 9 of 10 paired runs, and :func:`vote_entropy` in none.

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
    _without_proba = "Take disagreement=vote_entropy, which counts predictions"

    _parameter_constraints = {
        **ScoreStrategy._parameter_constraints,
        "n_members": [whole(2)],
        "disagreement": [callable],
        "aggregate": AGGREGATES,
    }

    def __init__(
        self,
        estimator=None,
        *,
        n_members=10,
        disagreement=vote_entropy,
        aggregate=None,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.n_members = n_members
        self.disagreement = disagreement
        self.aggregate = aggregate

    @property
    def _draws_batches(self):
        if self.disagreement is kl_to_consensus:  # this is BALD
            joint = "" if self._sees_maps else ", BatchBALD"
            return f"PowerBALD{joint} or StochasticBatch of this strategy"
        return None

    def score_samples(self, X):
        """Return how much the members differ.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Higher is more worth a label.
        """
        check_is_fitted(self)
        if self._sees_maps or self._committee.knows_probabilities:
            return self._scores(X, self.disagreement)
        return self.disagreement(self._committee.votes(X))

    def _check_members(self, members):
        if self.disagreement is not vote_entropy:
            super()._check_members(members)
