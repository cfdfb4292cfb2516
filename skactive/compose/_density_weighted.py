"""Any scores, times how much a sample resembles the pool."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skactive._sklearn import HasMethods
from skactive.base import EmbeddingStrategy, QueryStrategy
from skactive.compose._inner import (
    InnerStrategyMixin,
    also_embedded,
    entropy_of_features,
    score_pool,
)
from skactive.selection._merge import best_of_part
from skactive.uncertainty import EntropySampling
from skactive.utils import embed, seeded_clone
from skactive.utils._constraints import number
from skactive.utils._density import mean_cosines, mean_direction, warn_if_scattered
from skactive.utils._embedding import embed_pool
from skactive.utils._outliers import shares_below
from skactive.utils._pool import pool_for, reads_pools
from skactive.utils._rows import refuse_sizes


class DensityWeighted(InnerStrategyMixin, QueryStrategy):
    """Ask for what another strategy scores high and much of the pool resembles.

    The score of a sample is multiplied by its density to the power ``beta``, its mean
    cosine similarity to the pool [1]_. A label of what resembles nothing says nothing
    of other samples, whatever its score.

    Parameters
    ----------
    strategy : strategy with ``score_samples``, default=None
        Gives the scores. None: :class:`~skactive.uncertainty.EntropySampling` asking
        the model of the :class:`~skactive.ActiveLearner` that it serves; without a
        learner, ``LogisticRegression()`` behind ``embedding``, or on features, images
        flattened.
    beta : float, default=1.0
        Weight of the density, 0 or more; 0 leaves only the scores.
    by_rank : bool, default=False
        Put in the place of each score the share of the pool that scores lower. Needed
        for scores that may be below 0, which are refused otherwise: times a density, a
        low one would be better the less it resembles.
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which similarity is measured. None takes the
        features, images flattened. In an :class:`~skactive.ActiveLearner`, "estimator"
        is the learner's fitted model.
    random_state : int, RandomState instance or None, default=None
        Seeds strategy and embedding, with all their parts, and the order of ties.

    Attributes
    ----------
    strategy_ : strategy
        The fitted strategy.
    embedding_ : transformer or None
        The fitted embedding.
    mean_direction_ : ndarray of shape (n_columns,)
        Mean of the pool after each sample was scaled to length one; of the labeled
        samples if there was no pool.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        If a score is below 0 and not ``by_rank``.

    Warns
    -----
    UnsuitedWarning
        From ``fit``, if the mean direction of the pool is shorter than 0.3: its samples
        then point everywhere, and densities say little.

    See Also
    --------
    skactive.uncertainty.InformationDensity : The same of a model's uncertainty.
    OutlierFilter : Sets outliers aside, for any strategy.

    Notes
    -----
    Cosines depend on the origin. Features that are all positive, such as counts of
    words, are suited; centered features have a mean direction near zero and densities
    that say little: ``embedding=MinMaxScaler()`` helps. A mean below zero counts as
    zero.

    It loses to random sampling, and to the scores alone, late, when the dense regions
    are learned, and where classes are rare and live in sparse regions.

    Cost: the scores of the pool, and O(n_pool * n_columns). Memory: the embedded pool,
    and 32 bytes per sample.

    References
    ----------
    .. [1] B. Settles and M. Craven. An analysis of active learning strategies for
       sequence labeling tasks. EMNLP 2008.

    Examples
    --------
    The model is equally unsure about the first two samples of the pool. The second is
    near others, the first is not:

    >>> from skactive.compose import DensityWeighted
    >>> X, y = [[1, 0, 1], [0, 1, 1]], ["cat", "dog"]
    >>> X_pool = [[1, 1, 0], [1, 1, 3], [1, 0, 3], [0, 1, 3]]
    >>> DensityWeighted().fit(X, y, X_pool).query(1)
    array([1])
    """

    _parameter_constraints = {
        **QueryStrategy._parameter_constraints,
        "strategy": [HasMethods(["fit", "query", "score_samples"]), None],
        "beta": [number(0, closed="left")],
        "by_rank": ["boolean"],
        "embedding": EmbeddingStrategy._parameter_constraints["embedding"],
    }

    def __init__(
        self,
        strategy=None,
        *,
        beta=1.0,
        by_rank=False,
        embedding=None,
        random_state=None,
    ):
        self.strategy = strategy
        self.beta = beta
        self.by_rank = by_rank
        self.embedding = embedding
        self.random_state = random_state

    @reads_pools
    def _fit(self, X, y, X_pool):
        strategy = seeded_clone(self._wanted_strategy(), self._fit_seed)
        if isinstance(strategy, QueryStrategy):
            strategy._lend_fit_params(self._fit_params)
        self.strategy_ = strategy.fit(X, y, pool_for(strategy.fit, X_pool))
        self.embedding_ = self._fit_embedding(X, y, X_pool)
        has_pool = self.n_pool_ > 0
        Z = self._embedded_pool() if has_pool else embed(self.embedding_, X, owner=self)
        self.mean_direction_ = mean_direction(Z)
        if has_pool and self.beta > 0:
            warn_if_scattered(self, self.mean_direction_, stacklevel=5)
        self._ranked_scores = None
        if self.by_rank and has_pool:
            self._ranked_scores = np.sort(score_pool(self.strategy_))

    def score_samples(self, X):
        """Return scores times density to the power ``beta``.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            0 or more; higher is more worth a label.
        """
        check_is_fitted(self)
        Z = embed(self.embedding_, X, owner=self)
        return self._weighted(np.asarray(self.strategy_.score_samples(X)), Z)

    def _weighted(self, scores, Z):
        if self.by_rank:
            if self._ranked_scores is None:
                raise ValueError(
                    f"{type(self).__name__} was fitted without a pool, so that there "
                    "is nothing to rank by: pass X_pool to fit, or by_rank=False."
                )
            scores = shares_below(scores, self._ranked_scores)
        elif scores.min(initial=0) < 0:
            raise ValueError(
                f"{type(self).__name__} multiplies scores by densities, and "
                f"{self.strategy_!r} has scores below 0, the lowest {scores.min()}. "
                "Set by_rank=True, or take a strategy whose scores are 0 and more."
            )
        return scores * mean_cosines(Z, self.mean_direction_) ** self.beta

    def _embedded_pool(self):
        return embed_pool(self.embedding_, self._pool, owner=self)

    def _query(self, n):
        scores = self._weighted(score_pool(self.strategy_), self._embedded_pool())
        return best_of_part(scores, n, self._query_seed)[2]

    def _default_strategy(self):
        """Return what a learner sets in the place of None, to be lent its model."""
        return EntropySampling()

    def _wanted_strategy(self):
        if self.strategy is None:
            return entropy_of_features(self.embedding)
        return self.strategy

    def _check_sizes(self, X, estimator):
        super()._check_sizes(X, estimator)
        if self.embedding is None:
            refuse_sizes(X, type(self).__name__)

    def __sklearn_tags__(self):
        return also_embedded(super().__sklearn_tags__(), self.embedding)
