"""Any strategy, on a pool in parts."""

import warnings
from copy import deepcopy
from numbers import Integral

from sklearn.utils import get_tags

from skactive._sklearn import StrOptions
from skactive.base import QueryStrategy
from skactive.compose._cost_aware import CostAware
from skactive.compose._parts import ask_parts, cut, deal, number_of_parts, rows_of
from skactive.compose._two_rounds import AnyRounds, freeze, is_score, rounds_of
from skactive.diversity import CoreSet, RandomSampling
from skactive.utils import seeded_clone
from skactive.utils._constraints import whole
from skactive.utils._dask import is_dask
from skactive.utils._kept import LastQuery
from skactive.utils._models import unfrozen
from skactive.utils._pool import reads_pools


class PartitionedSampling(QueryStrategy):
    """Ask another strategy about a pool in parts, each part on a core or machine.

    Two rounds: each part of the pool names its best ``factor * n`` samples, and of
    these the ``n`` best are asked for. Parts are asked by :mod:`joblib`, so threads,
    processes, dask or ray do the work, as :func:`joblib.parallel_config` says. The
    answer does not depend on who does it, nor on how many there are.

    Parameters
    ----------
    strategy : strategy, default=None
        Is asked. None: :class:`~skactive.diversity.CoreSet`, also in an
        :class:`~skactive.ActiveLearner`.
    n_parts : int or "auto", default="auto"
        Into how many parts the pool is cut. "auto": one for every 100,000 samples, at
        least 4. No part is empty. Of a dask array or data frame "auto" takes the
        partitions, whose rows stay where they are, and dask does the work.
    factor : int, default=1
        Each part names ``factor * n`` samples, or all it has. More costs more, and
        brings the answer nearer to that of one machine; scores need no more than 1.
    final : strategy, default=None
        Asks among the samples that the parts have named. None: ``strategy``.
    n_jobs : int or None, default=None
        Parts that are asked at the same time. None: as `parallel_config` says, or 1.
    random_state : int, RandomState instance or None, default=None
        Seeds the strategy, with all its parts, and how parts are drawn. None leaves
        the random states inside ``strategy`` as they are; a strategy without one is
        given one for all parts.

    Attributes
    ----------
    strategy_ : strategy
        The strategy with the model and the embedding that it fitted for all parts.
    n_parts_ : int
        Number of parts; 0 if no pool was given.
    certificate_ : KCenterCertificate
        Of the last query, where the strategy is a ``CoreSet`` and asks last:
        ``radius_bound``, than which no sample of the pool is farther from its nearest
        label or pick; ``optimum_bound``, below which no ``n`` picks can bring it; and
        ``factor``, the one by the other. It is not pickled.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        By ``fit``, if the strategy has no parts: its graph or its net is made of the
        whole pool (``VOpt``, ``SigmaOpt``, ``ModelChange``, ``MCVOpt``, label
        propagation); or if ``CoreSet`` leaves out outliers. By ``query``, if a row is
        not finite: its position in the whole pool.

    Warns
    -----
    UserWarning
        If a model that is sent to processes weighs more, for all parts, than the pool
        and 100 MB, as one that carries its training data does.

    See Also
    --------
    PoolSubsampling : Asks about one random part, and about no other.
    NeighborhoodSampling : Asks about what lies near the labels.

    Notes
    -----
    What two rounds give depends on the strategy:

    * scores (margin, entropy, BALD, EPIG and all others that score each sample by
      itself): exactly the answer of one machine, equal scores included;
    * ``CoreSet``: a radius of at most 4 times the best (of cosine distances, which are
      squares, 16 times), for any parts, where one machine promises 2; ``certificate_``
      says how near it came [1]_;
    * ``MaxHerding``, ``UncertaintyHerding``, ``ProbCover``: coverage of one reference
      sample that all parts share (``n_reference``; 10,000 for ``ProbCover``), at least
      (1 - 1/e)/2 of the best in expectation [2]_, as parts are drawn at random; those
      of dask are not, and promise nothing where the data is sorted;
    * others, such as ``BADGE``, ``CLUE``, ``TypiClust`` and ``BatchBALD``: nothing is
      proven, and nothing was measured here. Compare with random sampling first;
    * ``RandomSampling``: exact, but there is nothing to gain: draw positions.

    Model and embedding are fitted once, on one machine, and handed over frozen; a
    committee of a strategy that does not score is refitted in each part.

    It loses to random sampling where the strategy does. It is slower than the strategy
    alone where that is cheap: cutting, sending and merging cost some milliseconds a
    part, and processes copy what they are sent.

    Cost: one pass over the pool by the strategy, spread over the workers, and one over
    ``factor * n * n_parts_`` candidates. Sent back: 24 bytes for a candidate of a
    score, one embedded row for those of ``CoreSet`` and of coverage. Memory: one part
    for each worker; parts of arrays are views, unless they are drawn.

    References
    ----------
    .. [1] M. Ceccarello, A. Pietracaprina and G. Pucci. "Solving k-center Clustering
       (with Outliers) in MapReduce and Streaming, almost as Accurately as
       Sequentially." PVLDB 12 (2019). arXiv:1802.09205.
    .. [2] R. Barbosa, A. Ene, H. L. Nguyen and J. Ward. "The Power of Randomization:
       Distributed Submodular Maximization on Massive Datasets." ICML 2015.
       arXiv:1502.02606.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.compose import PartitionedSampling
    >>> from skactive.diversity import CoreSet
    >>> X_pool = np.array([[0.0], [1], [2], [3], [10], [11], [12], [20]])
    >>> strategy = PartitionedSampling(CoreSet(), n_parts=2)
    >>> strategy.fit([[5.5]], [0], X_pool).query(2)
    array([7, 6])
    >>> strategy.certificate_
    KCenterCertificate(radius_bound=7.5, optimum_bound=2.75)
    """

    _parameter_constraints = {
        **QueryStrategy._parameter_constraints,
        "strategy": [QueryStrategy, None],
        "n_parts": [whole(1), StrOptions({"auto"})],
        "factor": [whole(1)],
        "final": [QueryStrategy, None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        strategy=None,
        *,
        n_parts="auto",
        factor=1,
        final=None,
        n_jobs=None,
        random_state=None,
    ):
        self.strategy = strategy
        self.n_parts = n_parts
        self.factor = factor
        self.final = final
        self.n_jobs = n_jobs
        self.random_state = random_state

    @property
    def certificate_(self):
        """What the last query is sure of."""
        if not self._last:
            raise AttributeError(
                f"{type(self).__name__} has no certificate_: it is known after query, "
                "if the strategy is a CoreSet and final is None."
            )
        return self._last["certificate"]

    _last = {}

    @reads_pools
    def _fit(self, X, y, X_pool):
        strategy = seeded_clone(self._wanted_strategy(), self._fit_seed)
        self._refuse(strategy)
        self._last, self._rounds, self._final = LastQuery(), None, None
        self.n_parts_ = 0
        if X_pool is None:
            strategy._lend_fit_params(self._fit_params)
            self.strategy_ = strategy.fit(X, y)
            return
        self.n_parts_ = number_of_parts(self.n_parts, self._pool)
        if isinstance(strategy, RandomSampling):
            warnings.warn(
                "RandomSampling looks at no sample, so there is nothing to share out: "
                "take it alone, or draw positions.",
                UserWarning,
                stacklevel=4,
            )
            self.strategy_ = strategy.fit(*(() if X is None else (X, y)), X_pool)
            return
        self.strategy_, self._rounds = rounds_of(
            strategy, X, y, X_pool, self.n_pool_, self._fit_params, self._query_seed
        )
        if self.final is not None:
            final = seeded_clone(self.final, self._fit_seed)
            freeze(final, X, y, X_pool, self._fit_params)
            self._final = AnyRounds(
                final, X, y, self._fit_params, seed=self._query_seed
            )

    def _query(self, n):
        rounds, n_rows = self._rounds, self.n_pool_
        if rounds is None:
            return self.strategy_.query(n)
        if is_dask(self._pool):
            parts = None  # its partitions
        elif rounds.in_order:
            parts = cut(n_rows, self.n_parts_)
        else:
            parts = deal(n_rows, self.n_parts_, self._query_random_state())
        answers = ask_parts(
            rounds.first, self._pool, parts, self.factor * n, self.n_jobs
        )
        if self._final is not None:
            rows = rounds.candidates(answers)
            picks = self._final.ask(rows_of(self._pool, rows), n)
            return rows[picks]
        positions, certificate = rounds.second(answers, n, self._pool)
        if certificate is not None:
            self._last["certificate"] = certificate
        return positions

    def _refuse(self, strategy):
        """Refuse what has no parts."""
        name = type(strategy).__name__
        for part in [strategy, *strategy.get_params(deep=True).values()]:
            if getattr(unfrozen(part), "_whole_graph", False):
                self._refuse_graph(unfrozen(part))
        if getattr(strategy, "trains_a_net", False) and not is_score(strategy):
            raise ValueError(
                f"{name} trains a net on the whole pool, which has no parts. Hand it a "
                "random part by PoolSubsampling."
            )
        if is_score(strategy) and not getattr(strategy, "blockwise", True):
            raise ValueError(
                f"What {name} says of a sample depends on all others it is shown, so "
                "parts would answer otherwise. Hand it a random part by "
                "PoolSubsampling."
            )
        if isinstance(strategy, CoreSet) and strategy.outlier_share > 0:
            raise ValueError(
                "CoreSet leaves out the farthest samples of the whole pool, got "
                f"outlier_share={strategy.outlier_share}; which they are is not known "
                "in a part. Set outlier_share=0."
            )

    def _refuse_graph(self, part):
        raise ValueError(
            f"{type(part).__name__} works on one graph of all samples, which has no "
            "parts. Hand it candidates by NeighborhoodSampling, or a random part of "
            "the pool by PoolSubsampling."
        )

    def _wanted_strategy(self):
        return CoreSet() if self.strategy is None else self.strategy

    def _check_estimator(self, estimator):
        wanted = self._wanted_strategy()
        lent = hasattr(wanted, "estimator") and wanted.estimator is None
        if lent and getattr(unfrozen(estimator), "_whole_graph", False):
            self._refuse_graph(unfrozen(estimator))
        self._refuse(wanted)

    def _check_prices(self, prices, X):
        strategy = self._wanted_strategy()
        for part in [strategy, *strategy.get_params(deep=True).values()]:
            told = isinstance(part, CostAware) and not callable(part.cost)
            if told and prices is not None:
                raise ValueError(
                    "Prices given to fit of a learner do not reach the parts of a "
                    "pool. Put CostAware around PartitionedSampling, or give it a "
                    "callable, cost(X)."
                )

    def _check_sizes(self, X, estimator):
        if self.strategy is None:  # a learner does not see the one in its place
            self._wanted_strategy()._check_sizes(X, estimator)

    def _drop_pool(self):
        super()._drop_pool()
        if self.strategy_.__sklearn_is_fitted__():  # not where each part fits a copy
            self.strategy_._drop_pool()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self._wanted_strategy())
        tags.input_tags = deepcopy(inner.input_tags)
        tags.target_tags.required = inner.target_tags.required
        return tags
