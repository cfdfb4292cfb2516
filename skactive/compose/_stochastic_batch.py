"""Batches drawn by the scores of any strategy."""

from copy import deepcopy

from sklearn.utils import get_tags

from skactive._sklearn import HasMethods
from skactive.base import QueryStrategy
from skactive.compose._inner import entropy_of_features, score_pool
from skactive.selection import softrank_sample
from skactive.uncertainty import EntropySampling
from skactive.utils import seeded_clone
from skactive.utils._constraints import number
from skactive.utils._pool import pool_for, reads_pools


class StochasticBatch(QueryStrategy):
    """Ask for a batch drawn at random, high scores of another strategy more often.

    The best scores of a pool often belong to near duplicates. Drawn, a batch
    spreads over all that is worth a label, for one random number per sample [1]_.

    Parameters
    ----------
    strategy : strategy with ``score_samples``, default=None
        Gives the scores. None: :class:`~skactive.uncertainty.EntropySampling` asking
        the model of the :class:`~skactive.ActiveLearner` that it serves; without a
        learner, ``LogisticRegression()``, images flattened.
    sample : callable, default=softrank_sample
        A function ``sample(scores, n, *, beta, random_state)`` that returns positions:
        :func:`~skactive.selection.softrank_sample`, which fits scores of either sign,
        :func:`~skactive.selection.power_sample` for scores of 0 and more, as BALD,
        entropy and EPIG give, or :func:`~skactive.selection.softmax_sample`.
    beta : float, default=1.0
        Above 0. Infinity takes the best scores, small values come close to drawing
        uniformly.
    random_state : int, RandomState instance or None, default=None
        Seeds the strategy, with all its parts, and the drawing.

    Attributes
    ----------
    strategy_ : strategy
        The fitted strategy.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    skactive.disagreement.PowerBALD : BALD with ``power_sample``, ready made.

    Notes
    -----
    It loses to random sampling where the scores do, though by less, and to the strategy
    itself where one sample at a time is asked for. In a large pool of which little is
    worth a label, most of a batch is drawn from the rest: a larger ``beta`` helps.

    Cost: the scores of the pool, and O(n_pool log n_pool) for the drawing, with
    ``40 n_pool`` bytes.

    References
    ----------
    .. [1] A. Kirsch, S. Farquhar, P. Atighehchian, A. Jesson, F. Branchaud-Charron and
       Y. Gal. "Stochastic Batch Acquisition: A Simple Baseline for Deep Active
       Learning." TMLR 2023. arXiv:2106.12059.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skactive.compose import StochasticBatch
    >>> from skactive.uncertainty import MarginSampling
    >>> X, y = load_digits(return_X_y=True)
    >>> strategy = StochasticBatch(MarginSampling(GaussianNB()), random_state=0)
    >>> strategy.fit(X[:50], y[:50], X_pool=X[50:]).query(10).shape
    (10,)
    """

    _parameter_constraints = {
        **QueryStrategy._parameter_constraints,
        "strategy": [HasMethods(["fit", "query", "score_samples"]), None],
        "sample": [callable],
        "beta": [number(0, closed="right")],
    }

    def __init__(
        self, strategy=None, *, sample=softrank_sample, beta=1.0, random_state=None
    ):
        self.strategy = strategy
        self.sample = sample
        self.beta = beta
        self.random_state = random_state

    @reads_pools
    def _fit(self, X, y, X_pool):
        strategy = seeded_clone(self._wanted_strategy(), self._fit_seed)
        if isinstance(strategy, QueryStrategy):
            strategy._lend_fit_params(self._fit_params)
        self.strategy_ = strategy.fit(X, y, pool_for(strategy.fit, X_pool))

    def _query(self, n):
        scores = score_pool(self.strategy_)
        rng = self._query_random_state()
        return self.sample(scores, n, beta=self.beta, random_state=rng)

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
