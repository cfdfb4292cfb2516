"""BALD: ask where members are sure of different labels; and draw batches by it."""

from skactive.base import ModelStrategy, ScoreStrategy
from skactive.disagreement._measures import kl_to_consensus
from skactive.disagreement._members import CommitteeMixin
from skactive.selection import power_sample
from skactive.utils._aggregate import AGGREGATES
from skactive.utils._constraints import number, whole


class BALD(CommitteeMixin, ScoreStrategy):
    """Ask where members differ surely; in batches of many classes it loses to random.

    The score is the information that the label gives about which member is right
    [1]_: the entropy of the mean of the members minus the mean of their entropies. It
    is 0 where all agree, also if they agree that they do not know. Of masks each pixel
    has one, and ``aggregate`` makes one of them.

    Parameters
    ----------
    estimator : classifier or segmenter, default=None
        An ensemble lends its members: a random forest, extra trees, bagging or voting,
        also at the end of a pipeline. A :class:`~skactive.nets.DropoutCommittee` makes
        them of one net. Of any other model ``n_members`` copies are trained on
        bootstrap samples. None: ``LogisticRegression()``, or the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    n_members : int, default=10
        How many copies are trained, at least 2. Ensembles have their own number.
    aggregate : {"mean", "sum", "max"}, float, callable or None, default=None
        Of models that predict masks: how the scores of pixels become one score per
        image, as in :class:`~skactive.uncertainty.EntropySampling`. None: "mean".
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, the bootstrap samples, the members and the order of ties.

    Attributes
    ----------
    estimator_ : classifier or segmenter
        The model fitted on all labeled samples.
    members_ : list of classifiers or segmenters
        The fitted committee. A model that answers for all members by classes is the
        only entry.
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
    It loses to random sampling in batches with many classes, as the best scores are
    often near duplicates (``query`` warns if more than one is asked for, and names
    :class:`PowerBALD`: :ref:`defaults`); with members from a few labels, which differ
    everywhere; and in pools with samples that are irrelevant to the task and strange to
    all members, on which labels are wasted (:class:`EPIG`). On masks it has not been
    measured.

    Cost: the ensemble is fitted once, or ``n_members + 1`` copies of the model; each
    member is asked once.

    Memory: ``8 K n_pool (C + 3)`` bytes above the input for K members and C classes in
    double precision, half of that in single, and what one member needs to answer. Of
    masks only sums over the members are kept: 8 bytes per image, and three times the
    maps of a block of images, which are 64 MB or those of one image, however many
    members there are; and what one member needs to answer.

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

    _parameter_constraints = {
        **ScoreStrategy._parameter_constraints,
        "n_members": [whole(2)],
        "aggregate": AGGREGATES,
    }

    _compares_pixels = True

    def __init__(
        self, estimator=None, *, n_members=10, aggregate=None, random_state=None
    ):
        super().__init__(estimator, random_state=random_state)
        self.n_members = n_members
        self.aggregate = aggregate

    @property
    def _draws_batches(self):
        joint = "" if self._sees_maps else ", BatchBALD"
        return f"PowerBALD{joint} or StochasticBatch(BALD())"

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
            worth a label. Of masks, as ``aggregate`` makes them.
        """
        return self._scores(X, kl_to_consensus)


class PowerBALD(CommitteeMixin, ModelStrategy):
    """Ask for samples drawn at random, most often where committee members disagree.

    The best scores often belong to near duplicates. Drawn in proportion to a power of
    the :class:`BALD` score, a batch spreads over all that is worth a label, at the same
    cost [1]_. Samples on which all members agree come last.

    Parameters
    ----------
    estimator : classifier or segmenter, default=None
        An ensemble, a :class:`~skactive.nets.DropoutCommittee`, or a model of which
        copies are trained, as in :class:`BALD`.
    n_members : int, default=10
        How many copies are trained, at least 2. Ensembles have their own number.
    beta : float, default=1.0
        The power, above 0. Infinity is :class:`BALD`; near 0 all samples on which
        members differ are alike.
    aggregate : {"mean", "sum", "max"}, float, callable or None, default=None
        Of models that predict masks: how the scores of pixels become one score per
        image, as in :class:`~skactive.uncertainty.EntropySampling`. None: "mean".
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, the bootstrap samples, the members and the drawing.

    Attributes
    ----------
    estimator_ : classifier or segmenter
        The model fitted on all labeled samples.
    members_ : list of classifiers or segmenters
        The fitted committee. A model that answers for all members by classes is the
        only entry.
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

    Cost: that of :class:`BALD`, and one random number per sample.

    Memory: ``8 K n_pool (C + 3)`` bytes above the input for K members and C classes in
    double precision, half of that in single, and what one member needs to answer; or,
    where that is more, ``8 K n_pool C + 40 n_pool``. Of masks that of :class:`BALD`.

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

    _parameter_constraints = {
        **ModelStrategy._parameter_constraints,
        "n_members": [whole(2)],
        "aggregate": AGGREGATES,
        "beta": [number(0, closed="right")],
    }

    _compares_pixels = True

    def __init__(
        self,
        estimator=None,
        *,
        n_members=10,
        beta=1.0,
        aggregate=None,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.n_members = n_members
        self.beta = beta
        self.aggregate = aggregate

    def _query(self, n):
        scores = self._scores(self._X_pool, kl_to_consensus)
        rng = self._query_random_state()
        return power_sample(scores, n, beta=self.beta, random_state=rng)
