"""Any strategy, on a random part of the pool."""

import numpy as np

from skactive.base import QueryStrategy
from skactive.compose._inner import InnerStrategyMixin
from skactive.diversity import CoreSet
from skactive.utils import seeded_clone
from skactive.utils._constraints import whole
from skactive.utils._pool import Pool, pool_for, reads_pools
from skactive.utils._rows import take_rows, with_rows


class PoolSubsampling(InnerStrategyMixin, QueryStrategy):
    """Ask another strategy about a random part of the pool.

    For strategies whose cost grows with the pool, and for those that ask for near
    duplicates, of which a part holds fewer [1]_. Each fit draws another part.

    Parameters
    ----------
    strategy : strategy, default=None
        Sees the part, and nothing else of the pool. None:
        :class:`~skactive.diversity.CoreSet`, also in an
        :class:`~skactive.ActiveLearner`.
    max_pool : int, default=10_000
        Samples in the part. A pool that is not larger is handed over as it is.
    random_state : int, RandomState instance or None, default=None
        Seeds the strategy, with all its parts, and the drawing.

    Attributes
    ----------
    strategy_ : strategy
        The fitted strategy. What its attributes say of its pool holds for the part.
    positions_ : ndarray of intp of shape (n_part,)
        Where the samples of the part are in the pool, in ascending order. Missing if
        ``fit`` was given no pool.
    n_pool_ : int
        Number of samples in the whole pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        By ``query``, if more samples are asked for than are in the part.

    See Also
    --------
    StochasticBatch : Draws the batch, not the candidates, at random.

    Notes
    -----
    Whatever learns from the pool learns from the part alone: the nets of
    :mod:`skactive.deep`, graphs, embeddings, and estimators whose ``fit`` takes
    ``X_pool``. In an :class:`~skactive.ActiveLearner` with a model of its own, that
    model still sees the whole pool. A strategy that predicts, such as
    :class:`~skactive.deep.LL4AL`, still does: there are ``predict``,
    ``predict_proba``, ``score`` and ``classes_`` where it has them.

    It loses to the strategy alone where the few samples that matter are rare: one in a
    thousand is in a part of a tenth with a chance of a tenth. It loses to random
    sampling where the strategy does, by less the smaller the part.

    Cost: a copy of the part, and ``8 * n_pool`` bytes for the drawing; then what the
    strategy costs on ``max_pool`` samples.

    References
    ----------
    .. [1] D. Yoo and I. S. Kweon. "Learning Loss for Active Learning." CVPR 2019.
       arXiv:1905.03677. Each round looks at a random part of the pool.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.compose import PoolSubsampling
    >>> from skactive.diversity import CoreSet
    >>> X_pool = np.random.RandomState(0).standard_normal((5000, 3))
    >>> strategy = PoolSubsampling(CoreSet(), max_pool=100, random_state=0)
    >>> asked = strategy.fit([[0.0, 0.0, 0.0]], [0], X_pool).query(3)
    >>> bool(np.isin(asked, strategy.positions_).all())
    True
    """

    _parameter_constraints = {
        **QueryStrategy._parameter_constraints,
        "strategy": [QueryStrategy, None],
        "max_pool": [whole(1)],
    }

    def __init__(self, strategy=None, *, max_pool=10_000, random_state=None):
        self.strategy = strategy
        self.max_pool = max_pool
        self.random_state = random_state

    @reads_pools
    def _fit(self, X, y, X_pool):
        part = X_pool
        vars(self).pop("positions_", None)  # of an earlier fit
        if X_pool is not None:
            self.positions_ = self._draw()
            by_reference = isinstance(X_pool, Pool)
            if by_reference or len(self.positions_) < self.n_pool_:
                part = self._part(X_pool)
        strategy = seeded_clone(self._wanted_strategy(), self._fit_seed)
        part = pool_for(strategy.fit, part)
        # With nothing labeled the pool is the first argument, as the user gave it.
        labeled = (part,) if X is None else (X, y, part)
        strategy._lend_fit_params(self._fit_params)
        self.strategy_ = strategy.fit(*labeled)

    def _part(self, X_pool):
        if isinstance(X_pool, Pool):
            return X_pool.part(self.positions_)
        return take_rows(with_rows(X_pool), self.positions_)

    def _query(self, n):
        if n > len(self.positions_):
            raise ValueError(
                f"{n} samples were asked for, and the strategy was shown "
                f"{len(self.positions_)} of the {self.n_pool_} in the pool: ask for "
                "fewer, or raise max_pool."
            )
        return self.positions_[self.strategy_.query(n)]

    def _draw(self):
        if self.n_pool_ <= self.max_pool:
            return np.arange(self.n_pool_)
        # In ascending order, so that a file is read from its beginning to its end.
        drawn = self._query_random_state().permutation(self.n_pool_)
        return np.sort(drawn[: self.max_pool])

    def _wanted_strategy(self):
        return CoreSet() if self.strategy is None else self.strategy
