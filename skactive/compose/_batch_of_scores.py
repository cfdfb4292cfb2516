"""Base of strategies that make a batch of the scores of another."""

from copy import deepcopy

from sklearn.utils import get_tags

from skactive._sklearn import HasMethods
from skactive.base import QueryStrategy
from skactive.compose._inner import entropy_of_features, score_pool
from skactive.uncertainty import EntropySampling
from skactive.utils import seeded_clone
from skactive.utils._pool import pool_for, reads_pools


class BatchOfScores(QueryStrategy):
    """Fits the strategy that scores, and asks it. A subclass writes ``_query``."""

    _parameter_constraints = {
        **QueryStrategy._parameter_constraints,
        "strategy": [HasMethods(["fit", "query", "score_samples"]), None],
    }

    @reads_pools
    def _fit(self, X, y, X_pool):
        strategy = seeded_clone(self._wanted_strategy(), self._fit_seed)
        if isinstance(strategy, QueryStrategy):
            strategy._lend_fit_params(self._fit_params)
        pool = pool_for(strategy.fit, X_pool)
        # With nothing labeled the pool is the first argument, as the user gave it.
        labeled = (pool,) if X is None else (X, y, pool)
        self.strategy_ = strategy.fit(*labeled)

    def _scores(self):
        """Return the score of each sample of the pool."""
        return score_pool(self.strategy_)

    def _default_strategy(self):
        """Return what a learner sets in the place of None, to be lent its model."""
        return EntropySampling()

    def _wanted_strategy(self):
        return entropy_of_features() if self.strategy is None else self.strategy

    def _drop_pool(self):
        super()._drop_pool()
        self.strategy_._drop_pool()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self._wanted_strategy())
        tags.input_tags = deepcopy(inner.input_tags)
        tags.target_tags.required = inner.target_tags.required
        return tags
