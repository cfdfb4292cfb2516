"""Any strategy, by what its samples are worth for the money."""

import numpy as np

from skactive._sklearn import StrOptions
from skactive.base import QueryStrategy
from skactive.compose._inner import (
    InnerStrategyMixin,
    entropy_of_features,
    score_pool,
)
from skactive.selection._merge import best_of_part
from skactive.uncertainty import EntropySampling
from skactive.utils import seeded_clone
from skactive.utils._constraints import whole
from skactive.utils._outliers import shares_below
from skactive.utils._pool import Pool, pool_for, reads_pools
from skactive.utils._prices import checked_prices
from skactive.utils._rows import unboxed


class CostAware(InnerStrategyMixin, QueryStrategy):
    """Ask for what another strategy wants most for its price.

    A strategy ranks samples as if all answers cost the same. Here the place of a sample
    in its ranking, or its score, is divided by what the answer to it will cost.

    Parameters
    ----------
    strategy : strategy, default=None
        Says what is wanted. None: :class:`~skactive.uncertainty.EntropySampling` asking
        the model of the :class:`~skactive.ActiveLearner` that it serves; without a
        learner, ``LogisticRegression()``, images flattened.
    cost : callable, "fit" or None, default=None
        What an answer costs. A callable is given samples, ``cost(X)``, and returns one
        finite number above 0 for each; it is called in each fit, with the pool, of a
        large one block by block. "fit": the prices that ``fit`` of the learner is
        given, ``fit(X, y, cost=prices)``. None: these where there are any, and
        otherwise 1 for each sample, which leaves the order of the strategy.
    by : {"rank", "score"}, default="rank"
        What is divided. "rank": the share of the pool that is not wanted more, 1 for
        the best. "score": the score itself, of a strategy that has scores of 0 and more
        only; a score below 0 is refused, since a high price would raise it.
    n_ranked : int, default=1000
        A strategy without ``score_samples`` is asked for a ranking of this many samples
        (or of as many as a query wants, if these are more); what it does not rank is
        not asked for.
    random_state : int, RandomState instance or None, default=None
        Seeds the strategy, with all its parts, and the order of ties.

    Attributes
    ----------
    strategy_ : strategy
        The fitted strategy.
    costs_ : ndarray of float64 of shape (n_pool,)
        What an answer to each sample of the pool costs. Missing, if ``fit`` was given
        no pool.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        From ``fit``: if a price is missing, not finite, or not above 0; with
        ``by="score"`` for a strategy without scores. From ``query``: with
        ``by="score"``, if a score is below 0. In a learner prices are looked at before
        a label is paid for.

    See Also
    --------
    skactive.ActiveLearner : Keeps a budget of money, whatever the strategy.

    Notes
    -----
    Ranks are spread evenly, so that a sample in the middle of the ranking is worth half
    of the best; where scores are of 0 and more, and twice the score is worth twice the
    money, take ``by="score"``. Prices may rise with what is wanted, as long
    recordings hold more; then the two cancel out.

    A batch is the samples of the highest worth, each by itself. Of a strategy that
    composes batches, its order is what counts, and what it chose a sample for may be
    gone with the samples that are left out.

    It buys many cheap samples. Over the number of labels it then mostly loses to the
    strategy alone, and over the money it may win: show both curves, since either alone
    decides the question by its axis. It loses to random sampling where the strategy
    does, and where what is cheap is all alike, such as empty pages.

    Cost: that of the strategy, the prices of the pool in each fit, and a sort. A
    strategy without scores ranks ``n_ranked`` samples for each query, which may take
    longer than a batch. Memory: ``48 * n_pool`` bytes beside that of the strategy.

    References
    ----------
    .. [1] B. Settles, M. Craven and L. Friedland. "Active Learning with Real Annotation
       Costs." NIPS Workshop on Cost-Sensitive Learning, 2008.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.compose import CostAware
    >>> from skactive.diversity import CoreSet
    >>> X_pool = np.array([[1.0], [2.0], [9.0], [10.5]])
    >>> CoreSet().fit([[0.0]], [0], X_pool).query(2)
    array([3, 1])
    >>> cheap_on_the_left = CostAware(CoreSet(), cost=lambda X: X[:, 0])
    >>> cheap_on_the_left.fit([[0.0]], [0], X_pool).query(2)
    array([1, 0])
    """

    _parameter_constraints = {
        **QueryStrategy._parameter_constraints,
        "strategy": [QueryStrategy, None],
        "cost": [callable, StrOptions({"fit"}), None],
        "by": [StrOptions({"rank", "score"})],
        "n_ranked": [whole(1)],
    }

    def __init__(
        self, strategy=None, *, cost=None, by="rank", n_ranked=1000, random_state=None
    ):
        self.strategy = strategy
        self.cost = cost
        self.by = by
        self.n_ranked = n_ranked
        self.random_state = random_state

    def _validate_params(self):
        super()._validate_params()
        wanted = self._wanted_strategy()
        if self.by == "score" and not hasattr(wanted, "score_samples"):
            raise ValueError(
                f"by='score' of CostAware needs a strategy with score_samples, and "
                f"{wanted!r} has none. Leave by='rank', which divides its ranking."
            )

    @reads_pools
    def _fit(self, X, y, X_pool):
        vars(self).pop("costs_", None)  # of an earlier fit
        if X_pool is not None:
            self.costs_ = self._costs_in(self._pool)
        strategy = seeded_clone(self._wanted_strategy(), self._fit_seed)
        pool = pool_for(strategy.fit, X_pool)
        # With nothing labeled the pool is the first argument, as the user gave it.
        labeled = (pool,) if X is None else (X, y, pool)
        strategy._lend_fit_params(self._fit_params)
        self.strategy_ = strategy.fit(*labeled)

    def _costs_in(self, pool):
        """Return what an answer to each sample of a pool costs."""
        if callable(self.cost):
            parts = [self._asked(block) for block in pool.blocks(slices=False)]
            return np.concatenate(parts) if parts else np.empty(0)
        if pool.prices is not None:
            rows = slice(None) if pool.positions is None else pool.positions
            said_by = "cost, as given to fit of the learner,"
            return checked_prices(
                pool.prices[rows], len(pool), said_by, above_zero=True
            )
        if self.cost is None:
            return np.ones(len(pool))
        raise ValueError(
            "cost='fit' of CostAware takes the prices that fit of an ActiveLearner is "
            "given, fit(X, y, cost=prices), and none were handed on. Pass a callable, "
            "cost(X); or serve a learner that knows prices beforehand."
        )

    def _asked(self, block):
        """Return what the callable says of some samples."""
        n = block.stop - block.start
        said_by = f"What cost={self.cost!r} of CostAware returns"
        return checked_prices(self.cost(block.X), n, said_by, above_zero=True)

    def _query(self, n):
        return self._best(n, np.ones(self.n_pool_, dtype=bool))

    def _query_within(self, n, allowed, held):
        return self._best(n, allowed, exclude=held, among=np.flatnonzero(allowed))

    def _best(self, n, allowed, **within):
        if hasattr(self.strategy_, "score_samples"):
            rows, wanted = np.flatnonzero(allowed), self._wanted_by_score()
            wanted = wanted[rows]
        else:
            rows = self._ranked(n, int(allowed.sum()), within)
            wanted = 1 - np.arange(len(rows)) / len(rows)
        worth = wanted / self.costs_[rows]
        return rows[best_of_part(worth, n, self._query_seed)[2]]

    def _wanted_by_score(self):
        """Return how much each sample of the pool is wanted, 0 or more."""
        scores = np.asarray(score_pool(self.strategy_), dtype=np.float64)
        if self.by == "rank":
            return shares_below(scores, scores) + 0.5 / len(scores)
        if scores.min() < 0:
            raise ValueError(
                f"by='score' of CostAware divides scores by prices, and "
                f"{type(self.strategy_).__name__} scores position {scores.argmin()} of "
                f"the pool {scores.min():.3g}: a score below 0 would rise with the "
                "price. Take by='rank'."
            )
        return scores

    def _ranked(self, n, n_allowed, within):
        """Return positions in the order of a strategy that has no scores."""
        shown = getattr(self.strategy_, "positions_", None)  # of a part of the pool
        most = n_allowed if shown is None else min(n_allowed, len(shown))
        return self.strategy_.query(max(n, min(self.n_ranked, most)), **within)

    def _check_prices(self, prices, X):
        if callable(self.cost):
            return
        if prices is None:
            if self.cost == "fit":
                self._costs_in(Pool(X))  # says what is missing
            return
        if not hasattr(X, "shape") or np.dtype("O") == getattr(X, "dtype", None):
            raise ValueError(
                "Prices given to fit reach CostAware with an array of samples, and X "
                f"is a {type(X).__name__}. Pass one array, or a callable, cost(X)."
            )
        self._costs_in(Pool(X, prices=prices))

    def _check_sizes(self, X, estimator):
        super()._check_sizes(X, estimator)
        if callable(self.cost) and X is not None:
            self._costs_in(Pool(unboxed(X)))

    @property
    def _covers(self):
        """Whether rows that others label are shown to it, as to the one inside."""
        return getattr(self._wanted_strategy(), "_covers", False)

    def _default_strategy(self):
        """Return what a learner sets in the place of None, to be lent its model."""
        return EntropySampling()

    def _wanted_strategy(self):
        return entropy_of_features() if self.strategy is None else self.strategy
