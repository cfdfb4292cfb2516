"""Any strategy, on what lies near the labels."""

from copy import deepcopy

import numpy as np
from scipy import sparse
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags

from skactive._sklearn import HasMethods, StrOptions
from skactive.base import EmbeddingStrategy, QueryStrategy
from skactive.compose._inner import _flatten
from skactive.graph import nearest_neighbors
from skactive.graph._neighbors import ALGORITHMS
from skactive.uncertainty import MarginSampling
from skactive.utils import needs_labels, seeded_clone
from skactive.utils._constraints import number, whole
from skactive.utils._embedding import embed_labeled, embed_pool
from skactive.utils._parted import is_sparse
from skactive.utils._pool import Pool, pool_for, reads_pools
from skactive.utils._rows import refuse_sizes


class NeighborhoodSampling(QueryStrategy):
    """Ask another strategy about the nearest neighbors of what is labeled.

    In a large pool almost everything is far from what is sought. Here only the
    neighbors of the labeled samples are candidates, and each new label brings in its
    own (SEALS) [1]_. Made for models that cost much to ask, such as nets on images, and
    for rare classes of which a few samples are known.

    Parameters
    ----------
    strategy : strategy, default=None
        Sees the candidates, and nothing else of the pool. None:
        :class:`~skactive.uncertainty.MarginSampling` asking the model of the
        :class:`~skactive.ActiveLearner` that it serves; without a learner,
        ``LogisticRegression()`` on the embedded samples.
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which neighbors are near, best one that is cheap
        and was learned without labels; "estimator" is the model of the learner. None
        takes the features as they are, images flattened: scale them first, or the one
        with the largest unit decides.
    n_neighbors : int, default=100
        How many neighbors of each labeled sample are candidates.
    explore : float, default=0.1
        Share of the candidates that is drawn from the rest of the pool instead, 0 or
        more and below 1. With 0, a region in which nothing is labeled is never seen.
    algorithm : str or object, default="exact"
        How neighbors are found. "exact", "hnswlib", "faiss" or "pynndescent":
        by :func:`~skactive.graph.nearest_neighbors`. An object: by
        ``distances, indices = algorithm.query(Z, k)``, as
        :class:`sklearn.neighbors.KDTree` has it; ``indices`` of shape (n, k) are
        positions in the pool that ``fit`` is given, or, in a learner, rows of its
        ``X``, of which those that are labeled are passed over; negative ones stand for
        none. Such an index is made once for all rounds, or is a service; a learner
        copies it unless it has ``__sklearn_clone__`` and returns itself there.
    random_state : int, RandomState instance or None, default=None
        Seeds the strategy and the embedding, with all their parts, the search, and the
        drawing of the rest.

    Attributes
    ----------
    strategy_ : strategy
        The fitted strategy. What its attributes say of its pool holds for the
        candidates.
    embedding_ : transformer or None
        The fitted embedding.
    positions_ : ndarray of intp of shape (n_candidates,)
        Where the candidates are in the pool, in ascending order. Missing if ``fit``
        was given no pool.
    candidate_share_ : float
        Share of the pool that they are. Missing like ``positions_``.
    n_pool_ : int
        Number of samples in the whole pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        By ``query``, if more samples are asked for than there are candidates; by
        ``fit``, if `algorithm` answers with positions that are not in the pool.

    See Also
    --------
    PoolSubsampling : Candidates drawn at random.
    PartitionedSampling : All of the pool, in parts.

    Notes
    -----
    It loses to random sampling, and to the strategy alone, at the start, as long as
    classes have no label: what is unlike all labels is a candidate only by `explore`.
    So it does where the classes do not cluster in the embedding. With nothing labeled
    there are no neighbors, and the whole pool is handed over.

    It saves nothing where the model is cheap. For 100,000 samples of 32 columns,
    exact neighbors of 50 labeled ones took 11 times as long as one pass of a linear
    model over the pool, those of 500 75 times (one core, medians).
    ``candidate_share_`` grows with the labels.

    Cost: ``2 * n_labeled * n_pool * d`` operations for exact neighbors in d columns,
    that of embedding the pool, and what the strategy costs on at most
    ``n_neighbors * n_labeled / (1 - explore)`` samples. Memory: the embedded pool,
    ``12 * n_labeled * n_neighbors`` bytes, and a copy of the candidates.

    References
    ----------
    .. [1] C. Coleman, E. Chou, J. Katz-Samuels, S. Culatana, P. Bailis, A. C. Berg, R.
       Nowak, R. Sumbaly, M. Zaharia and I. Z. Yalniz. "Similarity Search for Efficient
       Active Learning and Search of Rare Concepts." AAAI 2022. arXiv:2007.00077.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skactive.compose import NeighborhoodSampling
    >>> from skactive.uncertainty import EntropySampling
    >>> X, y = make_blobs(2000, centers=20, random_state=0)
    >>> strategy = NeighborhoodSampling(
    ...     EntropySampling(GaussianNB()), n_neighbors=20, explore=0, random_state=0
    ... )
    >>> strategy.fit(X[:10], y[:10], X[10:]).query(5).shape
    (5,)
    >>> strategy.candidate_share_ <= 10 * 20 / 1990
    True
    """

    _parameter_constraints = {
        **QueryStrategy._parameter_constraints,
        "strategy": [QueryStrategy, None],
        "embedding": EmbeddingStrategy._parameter_constraints["embedding"],
        "n_neighbors": [whole(1)],
        "explore": [number(0, 1, closed="left")],
        "algorithm": [StrOptions(set(ALGORITHMS)), HasMethods(["query"])],
    }

    def __init__(
        self,
        strategy=None,
        *,
        embedding=None,
        n_neighbors=100,
        explore=0.1,
        algorithm="exact",
        random_state=None,
    ):
        self.strategy = strategy
        self.embedding = embedding
        self.n_neighbors = n_neighbors
        self.explore = explore
        self.algorithm = algorithm
        self.random_state = random_state

    @reads_pools
    def _fit(self, X, y, X_pool):
        for name in ("positions_", "candidate_share_"):  # of an earlier fit
            vars(self).pop(name, None)
        both = X is not None and X_pool is not None
        shown = X_pool.X if isinstance(X_pool, Pool) else X_pool
        if both and sparse.issparse(X) != is_sparse(shown):
            raise ValueError("X and X_pool must both be sparse or both be dense.")
        self.embedding_ = self._fit_embedding(X, y, X_pool)
        part = X_pool
        if X_pool is not None:
            self.positions_ = self._candidates(X, X_pool)
            self.candidate_share_ = len(self.positions_) / max(1, self.n_pool_)
            if len(self.positions_) < self.n_pool_:
                part = self._pool.part(self.positions_)
        strategy = seeded_clone(self._wanted_strategy(), self._fit_seed)
        # With nothing labeled the pool is the first argument, as the user gave it.
        part = pool_for(strategy.fit, part)
        labeled = (part,) if X is None else (X, y, part)
        strategy._lend_fit_params(self._fit_params)
        self.strategy_ = strategy.fit(*labeled)

    def _candidates(self, X, X_pool):
        """Return the neighbors of the labeled samples, and some of the rest."""
        if X is None or self.n_pool_ == 0:
            return np.arange(self.n_pool_)
        Z = embed_labeled(self.embedding_, X, X_pool, owner=self)
        near = np.zeros(self.n_pool_, dtype=bool)
        near[self._neighbors(Z, X_pool)] = True
        rest = np.flatnonzero(~near)
        n_more = int(np.ceil(near.sum() * self.explore / (1 - self.explore)))
        n_more = min(n_more, len(rest))
        rng = self._query_random_state()
        near[rng.choice(rest, n_more, replace=False)] = True
        return np.flatnonzero(near)

    def _neighbors(self, Z, X_pool):
        if not isinstance(self.algorithm, str):
            return self._found_by_index(Z)
        Z_pool = embed_pool(self.embedding_, X_pool, owner=self)
        found, _ = nearest_neighbors(
            Z.astype(Z_pool.dtype, copy=False),
            min(self.n_neighbors, self.n_pool_),
            Y=Z_pool,
            algorithm=self.algorithm,
            random_state=self._query_seed,
        )
        return found.ravel()

    def _found_by_index(self, Z):
        """Ask an index of the pool; in a run, of all samples, as pools shrink."""
        in_run = self._pool.shared is not None
        n = self._pool.n_samples if in_run else self.n_pool_
        found = self.algorithm.query(Z, min(self.n_neighbors, n))[1]
        found = np.asarray(found).ravel()
        if found.dtype.kind not in "iu" or found.max(initial=-1) >= n:
            raise ValueError(
                f"{self.algorithm!r}.query must return distances and positions in "
                f"{'X' if in_run else 'X_pool'}, which has {n} samples; it returned "
                f"{found.dtype} up to {found.max(initial=-1)}. It must be an index "
                f"of the {'X' if in_run else 'pool'} that fit is given."
            )
        if not in_run:
            return found[found >= 0]
        return np.flatnonzero(np.isin(self._pool.positions, found))

    def _query(self, n):
        return self._ask(n, len(self.positions_))

    def _query_within(self, n, allowed, held):
        mine = allowed[self.positions_]
        return self._ask(
            n,
            int(mine.sum()),
            exclude=np.flatnonzero(np.isin(self.positions_, held)),
            among=np.flatnonzero(mine),
        )

    def _ask(self, n, n_candidates, **within):
        if n > n_candidates:
            raise ValueError(
                f"{n} samples were asked for, and the strategy may ask for "
                f"{n_candidates} candidates of the {self.n_pool_} in the pool: ask for "
                "fewer, or raise n_neighbors or explore."
            )
        return self.positions_[self.strategy_.query(n, **within)]

    def _default_strategy(self):
        """Return what a learner sets in the place of None, to be lent its model."""
        return MarginSampling()

    def _wanted_strategy(self):
        if self.strategy is not None:
            return self.strategy
        space = getattr(self, "embedding_", None)
        flat = (
            FunctionTransformer(_flatten) if space is None else FrozenEstimator(space)
        )
        return MarginSampling(make_pipeline(flat, LogisticRegression()))

    def _check_sizes(self, X, estimator):
        if self.embedding is None:
            refuse_sizes(X, type(self).__name__)

    def _drop_pool(self):
        super()._drop_pool()
        self.strategy_._drop_pool()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        wanted = MarginSampling() if self.strategy is None else self.strategy
        tags.target_tags.required = get_tags(wanted).target_tags.required
        spaces = []
        if self.strategy is not None or self.embedding is None:
            spaces.append(get_tags(wanted).input_tags)
        if self.embedding is not None and not isinstance(self.embedding, str):
            spaces.append(get_tags(self.embedding).input_tags)
            tags.target_tags.required |= needs_labels(self.embedding)
        if spaces:
            tags.input_tags = deepcopy(spaces[0])
        # Strategy and embedding read the same samples: only what both take.
        for name in ("sparse", "allow_nan", "string"):
            both = all(getattr(space, name) for space in spaces)
            setattr(tags.input_tags, name, both)
        return tags
