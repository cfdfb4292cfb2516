"""The ranks of any scores, less for outliers."""

from skactive._sklearn import HasMethods
from skactive.base import QueryStrategy
from skactive.compose._detection import DetectingStrategy
from skactive.compose._inner import entropy_of_features, score_pool
from skactive.selection._merge import best_of_part
from skactive.uncertainty import EntropySampling
from skactive.utils import seeded_clone
from skactive.utils._constraints import number
from skactive.utils._outliers import shares_below
from skactive.utils._pool import pool_for, reads_pools


class OutlierPenalty(DetectingStrategy):
    """Ask for what another strategy scores high, unless it is an outlier.

    Score and outlyingness are compared by rank: a sample is worth the share of the pool
    that scores lower, less ``weight`` times the share that is less outlying. Nothing is
    set aside for good, so an outlier with the best score may still be asked for.

    Parameters
    ----------
    strategy : strategy with ``score_samples``, default=None
        Gives the scores. None: :class:`~skactive.uncertainty.EntropySampling` asking
        the model of the :class:`~skactive.ActiveLearner` that it serves; without a
        learner, ``LogisticRegression()`` behind ``embedding``, or on features, images
        flattened.
    detector : {"knn", "mahalanobis", "energy"} or outlier detector, default="knn"
        Says how outlying a sample is, as in :class:`OutlierFilter`.
    weight : float, default=1.0
        Weight of the rank of outlyingness, 0 or more. 0 leaves only the scores.
    n_neighbors : int, default=10
        Neighbors for "knn". More than there are: all there are.
    standardize : bool, default=True
        Give each column of the embedding mean 0 and variance 1 before outliers are
        looked for, as in :class:`OutlierFilter`.
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which outliers are looked for. None takes the
        features, images flattened. In an :class:`~skactive.ActiveLearner`, "estimator"
        is the learner's fitted model.
    estimator : classifier, default=None
        Model for "energy"; not used by others. None: a copy of the model of the
        strategy inside, or the model of the learner.
    random_state : int, RandomState instance or None, default=None
        Seeds strategy and detector, with all their parts, and the order of ties.

    Attributes
    ----------
    strategy_ : strategy
        The fitted strategy.
    outlier_scores_ : ndarray of float64 of shape (n_pool,)
        How outlying each sample of the pool is; higher is more. Missing if ``fit`` was
        given no pool.
    embedding_ : transformer or None
        The fitted embedding.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    OutlierFilter : Sets outliers aside, for any strategy.
    DensityWeighted : Prefers what resembles much of the pool.

    Notes
    -----
    Of equal scores each counts half for the other. Ranks are of one pool, so there is
    no ``score_samples``.

    It loses to random sampling, and to the scores alone, where there are no outliers:
    rank is all that counts, and the least typical half of a clean pool is pushed back
    as far as that of a spoilt one. With ``weight=1`` a sample of median score in the
    middle of the pool comes before one of the best score at its edge.

    Cost and memory: as :class:`OutlierFilter`, the scores of the pool, and the sorting
    of both, with 48 bytes per sample.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skactive.compose import OutlierPenalty
    >>> from skactive.uncertainty import EntropySampling
    >>> X, y = [[-2.0, 0.0], [2.0, 0.0]], [0, 1]
    >>> X_pool = [[0.0, 90.0], [0.1, 0.0], [0.3, 0.0], [-0.4, 0.0], [2.0, 1.0]]
    >>> scores = EntropySampling(LogisticRegression())
    >>> scores.fit(X, y, X_pool).query(1)
    array([0])
    >>> OutlierPenalty(scores, n_neighbors=2).fit(X, y, X_pool).query(1)
    array([1])
    """

    _parameter_constraints = {
        **DetectingStrategy._parameter_constraints,
        "strategy": [HasMethods(["fit", "query", "score_samples"]), None],
        "weight": [number(0, closed="left")],
    }

    def __init__(
        self,
        strategy=None,
        *,
        detector="knn",
        weight=1.0,
        n_neighbors=10,
        standardize=True,
        embedding=None,
        estimator=None,
        random_state=None,
    ):
        self.strategy = strategy
        self.detector = detector
        self.weight = weight
        self.n_neighbors = n_neighbors
        self.standardize = standardize
        self.embedding = embedding
        self.estimator = estimator
        self.random_state = random_state

    @reads_pools
    def _fit(self, X, y, X_pool):
        vars(self).pop("outlier_scores_", None)  # of an earlier fit
        if X_pool is not None:
            self.outlier_scores_ = self._detect(X, y, X_pool)[0]
        strategy = seeded_clone(self._wanted_strategy(), self._fit_seed)
        if isinstance(strategy, QueryStrategy):
            strategy._lend_fit_params(self._fit_params)
        self.strategy_ = strategy.fit(X, y, pool_for(strategy.fit, X_pool))

    def _query(self, n):
        scores = score_pool(self.strategy_)
        worth = shares_below(scores, scores)
        odd = shares_below(self.outlier_scores_, self.outlier_scores_)
        return best_of_part(worth - self.weight * odd, n, self._query_seed)[2]

    def _default_strategy(self):
        """Return what a learner sets in the place of None, to be lent its model."""
        return EntropySampling()

    def _wanted_strategy(self):
        if self.strategy is None:
            return entropy_of_features(self.embedding)
        return self.strategy
