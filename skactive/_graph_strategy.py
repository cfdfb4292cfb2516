"""Base of strategies that ask what a label would do to a Gaussian field on a graph."""

from abc import abstractmethod
from functools import partial

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.frozen import FrozenEstimator

from skactive._sklearn import HasMethods, StrOptions
from skactive.base import EmbeddingStrategy
from skactive.graph import KNNAffinity
from skactive.graph._covariance import GaussianField
from skactive.graph._eigenpairs import smallest_eigenpairs
from skactive.graph._normalize import check_affinity, degrees_of
from skactive.selection._local_max import local_max
from skactive.utils import concatenate_rows, needs_labels, seeded_clone
from skactive.utils._constraints import number, whole
from skactive.utils._pool import Pool, reads_pools
from skactive.utils._shared import content_key

BATCHES = ("greedy", "local_max")
# Scores closer than this share of the best are a tie, not a matter of rounding.
TIE = 1e-9


class GraphStrategy(EmbeddingStrategy):
    """Fits a Gaussian field on the graph of labeled samples and pool.

    A subclass writes ``_worth``, and ``_learn`` where labels matter.
    """

    _whole_graph = True  # which the samples of a part alone do not make

    _parameter_constraints = {
        **EmbeddingStrategy._parameter_constraints,
        "affinity": [
            HasMethods(["fit", "transform"]),
            StrOptions({"precomputed"}),
            None,
        ],
        "rank": [whole(1)],
        "tau": [number(0)],
        "gamma": [number(0)],
        "batch": [StrOptions(set(BATCHES))],
        "component_fraction": [number(0, 1, closed="both")],
    }

    def __init__(
        self,
        embedding=None,
        *,
        affinity=None,
        rank=100,
        tau=0.1,
        gamma=0.1,
        batch="greedy",
        component_fraction=0.2,
        random_state=None,
    ):
        super().__init__(embedding, random_state=random_state)
        self.affinity = affinity
        self.rank = rank
        self.tau = tau
        self.gamma = gamma
        self.batch = batch
        self.component_fraction = component_fraction

    @abstractmethod
    def _worth(self, columns):
        """Return how much each sample of the pool is wanted.

        ``columns`` has ``noisy_variance``, ``sq_norm`` and ``total`` of the column of
        the covariance that belongs to each of them.
        """

    def _learn(self, field, y):
        """Learn from the labels; ``field`` knows which nodes they belong to."""

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        (self.affinity_, pairs), labeled, self._nodes = (
            self._graph_of_run() or self._graph_of_samples()
        )
        # From here on only the graph is used, not the samples.
        self._Z_labeled = self._Z_pool = None
        pool = np.arange(self.affinity_.shape[0])[self._nodes]
        self.unreached_components_ = _unreached(self.affinity_, labeled, pool)
        self.eigenvalues_, vectors = pairs
        self._field = GaussianField(
            self.eigenvalues_, vectors, labeled, tau=self.tau, gamma=self.gamma
        )
        self._learn(self._field, y)
        self.scores_ = self._worth(self._columns())

    def _graph_of_samples(self):
        """Return graph and eigenpairs of labeled samples and pool, and who is who."""
        known = [Z for Z in (self._Z_labeled, self._Z_pool) if Z is not None]
        Z = known[0] if len(known) == 1 else concatenate_rows(*known)
        self._Z_labeled = self._Z_pool = None
        del known
        n_labeled = Z.shape[0] - self.n_pool_
        W = self._graph(Z, self._fit_seed)
        del Z  # before eigenvectors take their memory
        made = W, self._eigenpairs(W, None)
        return made, np.arange(n_labeled), slice(n_labeled, None)

    def _graph_of_run(self):
        """Return the same of all samples of a run, where no label is needed for it.

        Those that are neither labeled nor in the pool, such as skipped ones, stay in
        the graph: others are connected through them.
        """
        shared = self._pool.shared if self.n_pool_ else None
        if shared is None or self._labeled_of_run is None or self._follows(shared):
            return None
        seed = self._fit_seed if shared.seed is None else shared.seed
        affinity = KNNAffinity() if self.affinity is None else self.affinity
        if not isinstance(affinity, str):
            affinity = seeded_clone(affinity, seed)
        key = content_key("affinity", affinity)
        made = None
        if key is not None:
            make = partial(self._made, seed=seed)
            made = self._kept_of_run("eigenpairs", make, self.rank, *key)
        if made is None:
            everything = Pool(shared.X, shared=shared)
            made = self._made(self._embed(everything, "X_pool"), seed)
        return made, self._labeled_of_run, self._pool.positions

    def _follows(self, shared):
        """Tell whether the embedding may change from round to round."""
        if self.embedding is None:
            return False
        if isinstance(self.embedding, FrozenEstimator):
            return not any(self.embedding is one for one in shared.frozen)
        return needs_labels(self.embedding)

    def _made(self, Z, seed):
        """Return the graph of rows, and its smallest eigenpairs."""
        W = self._graph(Z, seed)
        return W, self._eigenpairs(W, seed)

    def _graph(self, Z, seed):
        if isinstance(self.affinity, str) and Z.shape[0] != Z.shape[1]:
            raise ValueError(
                "With affinity='precomputed', X and X_pool are the rows of one "
                "affinity, whose columns are the labeled samples and then the "
                f"pool: {Z.shape[0]} features are needed, got {Z.shape[1]}."
            )
        return graph_of(Z, self.affinity, seed)

    def _eigenpairs(self, W, seed):
        rng = np.random.RandomState(self._query_seed if seed is None else seed)
        return smallest_eigenpairs(W, self.rank, rng)

    def _columns(self):
        return self._field.columns(self._nodes)

    def _select(self, Z, n, *, Z_labeled, random_state):
        columns, scores = self._columns(), self.scores_
        reserved = self._reserved(n)
        for position in reserved:
            columns.label(position)
        n_more = n - len(reserved)
        if n_more == 0:
            return reserved
        if self.batch == "greedy":
            rank = random_state.permutation(self.n_pool_)
            return self._greedily(columns, reserved, n_more, rank)
        if len(reserved):
            scores = self._worth(columns)
        rest = np.setdiff1d(np.arange(self.n_pool_), reserved)
        pool = np.arange(self.affinity_.shape[0])[self._nodes][rest]
        among = self.affinity_[pool][:, pool]
        tops = local_max(scores[rest], among, n_more, random_state=random_state)
        return np.concatenate([reserved, rest[tops]])

    def _greedily(self, columns, reserved, n_more, rank):
        """Take the best, update as if it were labeled, n_more times over."""
        asked = list(reserved)
        for _ in range(n_more):
            scores = self._worth(columns)
            scores[asked] = -np.inf
            best = scores.max()
            tied = np.flatnonzero(scores >= best - TIE * abs(best))
            asked.append(tied[rank[tied].argmin()])
            columns.label(asked[-1])
        return np.array(asked)

    def _reserved(self, n):
        """Return representatives of the largest components without a label."""
        unreached = self.unreached_components_
        if len(unreached) and unreached[0, 0] == self.affinity_.shape[0]:
            return np.empty(0, dtype=np.intp)  # a connected graph has no others
        return unreached[: int(round(self.component_fraction * n, 9)), 1]

    def _drop_pool(self):
        super()._drop_pool()
        self._field = self.affinity_ = None

    def _validate_params(self):
        super()._validate_params()
        if isinstance(self.affinity, str) and self.embedding is not None:
            raise ValueError(
                f"affinity='precomputed' of {type(self).__name__} leaves nothing to "
                f"embed: set embedding=None, got {self.embedding!r}."
            )


def graph_of(Z, affinity=None, seed=None):
    """Return the graph of some rows: a checked affinity, its diagonal empty.

    Parameters
    ----------
    Z : array or CSR matrix of shape (n_rows, n_features)
        The rows; for "precomputed" their affinity.
    affinity : transformer, "precomputed" or None, default=None
        As of the strategies.
    seed : int or None, default=None
        Seeds a clone of it.

    Returns
    -------
    W : CSR array of shape (n_rows, n_rows)
        In the order of the rows.
    """
    if isinstance(affinity, str):
        W = Z
    elif Z.shape[0] == 1:
        W = sparse.csr_array((1, 1))
    else:
        affinity = KNNAffinity() if affinity is None else affinity
        W = seeded_clone(affinity, seed).fit_transform(Z)
    W = check_affinity(W)
    if W.diagonal().any():
        W = W.copy()
        W.setdiag(0)
        W.eliminate_zeros()
    return W


def _unreached(W, labeled, pool):
    """Return size and representative of each component without a label.

    The representative has the largest degree in the pool: it is closest to the others.
    """
    n_components, component = connected_components(W, directed=False)
    reached = np.zeros(n_components, dtype=bool)
    reached[component[labeled]] = True
    sizes = np.bincount(component, minlength=n_components)
    order = np.lexsort((-degrees_of(W)[pool], component[pool]))
    among, first = np.unique(component[pool][order], return_index=True)
    found = np.column_stack([sizes[among], order[first]])[~reached[among]]
    return found[np.argsort(-found[:, 0], kind="stable")].astype(np.intp)
