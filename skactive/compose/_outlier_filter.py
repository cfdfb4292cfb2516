"""Any strategy, on a pool without its outliers."""

import numpy as np

from skactive._sklearn import StrOptions
from skactive.base import QueryStrategy
from skactive.compose._detection import DetectingStrategy
from skactive.diversity import CoreSet
from skactive.selection._merge import best_of_part
from skactive.utils import seeded_clone
from skactive.utils._constraints import number
from skactive.utils._pool import pool_for, reads_pools


class OutlierFilter(DetectingStrategy):
    """Ask another strategy about the pool without its outliers.

    What is unlike everything else attracts strategies that look for what is far, new or
    hard, and a label of it says nothing of other samples. Before each query the share
    of the pool that a detector finds most outlying is set aside.

    Parameters
    ----------
    strategy : strategy, default=None
        Sees what is left of the pool, and nothing else of it. None:
        :class:`~skactive.diversity.CoreSet` with the same ``embedding``, also in an
        :class:`~skactive.ActiveLearner`.
    detector : {"knn", "mahalanobis", "energy"} or outlier detector, default="knn"
        Says how outlying a sample is. "knn": by the mean distance to its nearest
        neighbors, labeled or not. "mahalanobis": by the distance to the nearest mean of
        a labeled class, in units of the covariance within classes, shrunk [2]_; where
        no class has two labels, all samples are one group. "energy": by how little all
        classes together speak to the model [1]_. Or any detector of scikit-learn, as
        LocalOutlierFactor, IsolationForest and EllipticEnvelope, which learns from
        labeled samples and pool; a fitted one comes wrapped in
        :class:`sklearn.frozen.FrozenEstimator`.
    share : float or "auto", default=0.05
        Share of the pool that is set aside, from 0 to below 1, rounded down to whole
        samples. "auto": what the detector itself calls an outlier, if it has a
        threshold, such as its ``contamination``.
    n_neighbors : int, default=10
        Neighbors for "knn". More than there are: all there are.
    standardize : bool, default=True
        Give each column of the embedding mean 0 and variance 1 before outliers are
        looked for (CSR: variance 1). False where the columns have one unit, such as
        pixels and counts of words, of which rare ones would become large. What a frozen
        detector and a model of "energy" see is left alone.
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which outliers are looked for; the strategy is
        shown samples as they are. None takes the features, images flattened. In an
        :class:`~skactive.ActiveLearner`, "estimator" is the learner's fitted model.
    estimator : classifier, default=None
        Model for "energy", with ``decision_function`` (or the
        ``predict_joint_log_proba`` of naive Bayes); not used by others. None: a copy of
        the model of the strategy inside, or the model of the learner.
    random_state : int, RandomState instance or None, default=None
        Seeds strategy and detector, with all their parts, and decides among samples
        that are equally outlying.

    Attributes
    ----------
    strategy_ : strategy
        The fitted strategy. What its attributes say of its pool holds for the rest.
    outliers_ : ndarray of intp of shape (n_outliers,)
        Positions in the pool that were set aside, most outlying first. Missing, as the
        next two, if ``fit`` was given no pool.
    outlier_scores_ : ndarray of float64 of shape (n_pool,)
        How outlying each sample of the pool is; higher is more.
    positions_ : ndarray of intp of shape (n_pool - n_outliers,)
        The positions of the rest, ascending.
    embedding_ : transformer or None
        The fitted embedding.
    n_pool_ : int
        Number of samples in the whole pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        If the detector calls all samples outliers, if ``share="auto"`` and it has no
        threshold, or if the model of "energy" has nothing but probabilities.

    See Also
    --------
    OutlierPenalty : Weighs how outlying a sample is against its score.
    DensityWeighted : Prefers what resembles much of the pool.

    Notes
    -----
    Outliers are the last to be asked for, the least outlying first, once all others
    are asked for or excluded; there is no warning. The share is one of the pool that is
    left: where a budget takes much of it, raise the share. A strategy inside that
    predicts, such as :class:`~skactive.deep.LL4AL`, still does, and learns from the
    rest.

    It loses to random sampling, and to the strategy alone, where what is rare matters:
    a class with fewer samples than are set aside may be lost as a whole, and so may the
    samples that a model knows least. Look at `outliers_` before many labels are paid
    for.

    Energies are for nets and for naive Bayes. The logits of a linear model grow with
    the distance from its boundary, so that what lies far out passes for well known.

    Cost: of "knn", ``2 * n * n * n_columns`` operations for n labeled samples and pool
    (approximate neighbors beyond 5e12, see :func:`skactive.graph.nearest_neighbors`);
    of "mahalanobis", ``n * n_columns * min(n_labeled, n_columns)``; of "energy", one
    fit and one pass of a model over the pool. Memory: the embedded samples twice, and
    24 bytes per sample, ``12 * n_neighbors`` more for "knn". In a learner it is paid in
    each round.

    References
    ----------
    .. [1] W. Liu, X. Wang, J. D. Owens and Y. Li. "Energy-based Out-of-distribution
       Detection." NeurIPS 2020. arXiv:2010.03759.
    .. [2] O. Ledoit and M. Wolf. "A well-conditioned estimator for large-dimensional
       covariance matrices." Journal of Multivariate Analysis 88 (2004).

    Examples
    --------
    >>> from skactive.compose import OutlierFilter
    >>> from skactive.diversity import CoreSet
    >>> X_pool = [[float(i)] for i in range(21)] + [[500.0]]
    >>> CoreSet().fit([[0.0]], [0], X_pool).query(2)
    array([21, 20])
    >>> strategy = OutlierFilter(CoreSet()).fit([[0.0]], [0], X_pool)
    >>> strategy.query(2), strategy.outliers_
    (array([20, 10]), array([21]))
    """

    _parameter_constraints = {
        **DetectingStrategy._parameter_constraints,
        "strategy": [QueryStrategy, None],
        "share": [number(0, 1, closed="left"), StrOptions({"auto"})],
    }

    def __init__(
        self,
        strategy=None,
        *,
        detector="knn",
        share=0.05,
        n_neighbors=10,
        standardize=True,
        embedding=None,
        estimator=None,
        random_state=None,
    ):
        self.strategy = strategy
        self.detector = detector
        self.share = share
        self.n_neighbors = n_neighbors
        self.standardize = standardize
        self.embedding = embedding
        self.estimator = estimator
        self.random_state = random_state

    @reads_pools
    def _fit(self, X, y, X_pool):
        for name in ("outliers_", "outlier_scores_", "positions_"):  # of an earlier fit
            vars(self).pop(name, None)
        part = X_pool
        if X_pool is not None:
            self.outlier_scores_, threshold = self._detect(X, y, X_pool)
            self.outliers_ = self._most_outlying(threshold)
            self.positions_ = np.delete(np.arange(self.n_pool_), self.outliers_)
            if len(self.outliers_):
                part = self._pool.part(self.positions_)
        strategy = seeded_clone(self._wanted_strategy(), self._fit_seed)
        part = pool_for(strategy.fit, part)
        # With nothing labeled the pool is the first argument, as the user gave it.
        labeled = (part,) if X is None else (X, y, part)
        strategy._lend_fit_params(self._fit_params)
        self.strategy_ = strategy.fit(*labeled)

    def _most_outlying(self, threshold):
        """Return the positions that are set aside, most outlying first."""
        scores, name = self.outlier_scores_, type(self).__name__
        if self.share == "auto":
            if threshold is None:
                raise ValueError(
                    f"share='auto' of {name} needs a detector with a threshold "
                    f"(offset_), and {self.detector!r} has none: pass the share of the "
                    "pool that is set aside."
                )
            n = int((scores > threshold).sum())
        else:
            # Rounded first, as 0.29 * 100 is a little less than 29.
            n = int(round(self.share * self.n_pool_, 9))
        if n and n == self.n_pool_:
            raise ValueError(
                f"{self.detector!r} takes all {n} samples of the pool for outliers, so "
                f"that {name} has nothing to ask for. Set its contamination, or share, "
                "or fit it on samples like those of the pool."
            )
        return best_of_part(scores, n, self._query_seed)[2]

    def _query(self, n):
        return self._ask(n, np.ones(self.n_pool_, dtype=bool))

    def _query_within(self, n, allowed, held):
        return self._ask(n, allowed, exclude=np.isin(self.positions_, held))

    def _ask(self, n, allowed, exclude=None):
        mine = allowed[self.positions_]
        n_rest = min(n, int(mine.sum()))
        within = {}
        if exclude is not None:
            within["exclude"] = np.flatnonzero(exclude)
            within["among"] = np.flatnonzero(mine)
        asked = self.outliers_[::-1]
        asked = asked[allowed[asked]][: n - n_rest]
        if n_rest:
            picks = self.positions_[self.strategy_.query(n_rest, **within)]
            asked = np.concatenate([picks, asked])
        return asked

    @property
    def _covers(self):
        """Whether rows that others label are shown to it, as to the one inside."""
        return getattr(self._wanted_strategy(), "_covers", False)

    def _wanted_strategy(self):
        return CoreSet(self.embedding) if self.strategy is None else self.strategy
