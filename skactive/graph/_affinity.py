"""Sparse affinities of nearest neighbors."""

import warnings
from numbers import Integral, Real

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.base import TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from skactive._sklearn import Interval, StrOptions
from skactive.graph._duplicates import spread_duplicates, with_itself
from skactive.graph._edges import (
    AFFINITIES,
    SYMMETRIZATIONS,
    check_weighting,
    directed,
    edge_weights,
    local_scale,
    median_gamma,
    symmetrized,
    without_diagonal,
)
from skactive.graph._known_rows import KnownRows
from skactive.graph._neighbors import ALGORITHMS, nearest_neighbors
from skactive.graph._normalize import check_affinity, is_symmetric
from skactive.graph._spans import warn_of_span
from skactive.utils._documented import BaseEstimator

# Below this many nodes, 10 neighbors were measured to be better than 15.
FEW_NODES = 5000

# What to set where weights span too many orders of magnitude.
ADVICE = {
    "rbf": "Set affinity='gaussian', whose width follows each row; gamma='median', a "
    "smaller gamma or scaled features help most rows.",
    "cosine": "Set gamma=1, or metric='euclidean' with affinity='gaussian'.",
    "self_tuning": "Set affinity='gaussian', or metric='cosine'.",
}


class KNNAffinity(TransformerMixin, BaseEstimator):
    """Sparse symmetric affinity of nearest neighbors.

    ``fit`` finds the nearest neighbors of each row, weighs the edges to them and makes
    the two directions one. The result is what label propagation and graph-based
    strategies work on; its memory is O(n_samples * n_neighbors).

    Parameters
    ----------
    n_neighbors : int or None, default=None
        Neighbors of each row, itself not counted. None: 10 below 5,000 rows, 15
        otherwise, and fewer where there are fewer rows.
    metric : {"cosine", "euclidean", "precomputed"}, default="cosine"
        Which rows are near. "precomputed": ``X`` is an affinity of shape (n_samples,
        n_samples), sparse or dense; it is taken as it is, without its diagonal, and
        made symmetric by `symmetrize` only if it is directed.
    affinity : {"cosine", "gaussian", "self_tuning", "rbf", "binary"}, \
            default="cosine"
        Weight of the edge from i to its neighbor j at distance d (for
        ``metric="cosine"`` the distance between rows scaled to length one):

        - "cosine": ``max(cos, 0) ** gamma``, as in [1]_, whose code omits the maximum;
        - "gaussian": ``exp(-4 d^2 / d_k(i)^2)``, with the distance to the last
          neighbor;
        - "self_tuning": ``exp(-d^2 / (d_7(i) d_7(j)))``, with those to the seventh;
        - "rbf": ``exp(-gamma d^2)``;
        - "binary": 1.
    gamma : float or "median", default=3.0
        Exponent of "cosine" or width of "rbf". "median", for "rbf": one over the
        median squared distance to the last neighbor.
    symmetrize : {"sum", "max", "mutual", "mutual+nn"}, default="sum"
        From directed edges A to the affinity: "sum" is ``A + A.T``, "max" and
        "mutual" are the larger and the smaller of the two, "mutual+nn" also keeps the
        heaviest edge of each node, so that no node is cut off.
    algorithm : {"exact", "hnswlib", "faiss", "pynndescent"}, default="exact"
        How neighbors are found: :func:`nearest_neighbors`.
    dtype : {"float32", "float64"} or None, default=None
        Floats to work in. None: float32 if ``X`` is, float64 otherwise.
    memory_budget : int, default=2**27
        Bytes of scratch memory of the search, of each thread.
    n_jobs : int or None, default=None
        Threads of the search.
    random_state : int, RandomState instance or None, default=None
        Seeds an approximate search.

    Attributes
    ----------
    affinity_ : CSR array of shape (n_samples, n_samples)
        Symmetric, without negative numbers, diagonal empty, indices sorted.
    n_neighbors_ : int
        Neighbors of each row; 0 for "precomputed".
    n_components_ : int
        Number of connected components of the graph.
    component_ids_ : ndarray of int32 of shape (n_samples,)
        The component of each row.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    affinity_from_neighbors : The same from neighbor lists found elsewhere.
    normalize_affinity : Normalizes the result.

    Notes
    -----
    ``fit_transform(X)`` is the symmetric graph of the rows; ``transform(X)`` treats
    rows as new ones, so that a row of the graph has itself as its nearest neighbor. It
    recognizes rows of the graph: where all are the same, bit by bit and in dtype, as
    rows of it, neighbors are taken from the lists of ``fit``, which are kept.

    Where more than `n_neighbors` rows are identical they would be neighbors of each
    other only, a clique that no label reaches. The search is then done among distinct
    rows; a duplicate is joined to the first row of its kind and to the neighbors of
    that row.

    Rows that are the same but for rounding have each other as neighbors; which, if
    there are many, says :func:`nearest_neighbors`. With ``metric="cosine"`` rows of
    one direction are among them, however long they are.

    A row of zeros has no direction: with ``metric="cosine"`` it has no edges.

    References
    ----------
    .. [1] A. Iscen, G. Tolias, Y. Avrithis and O. Chum. "Label Propagation for Deep
       Semi-supervised Learning." CVPR 2019. arXiv:1904.04717.

    Examples
    --------
    >>> from skactive.graph import KNNAffinity
    >>> X = [[0.0], [1.0], [5.0], [6.0]]
    >>> graph = KNNAffinity(1, metric="euclidean", affinity="binary").fit(X)
    >>> graph.affinity_.toarray()
    array([[0., 2., 0., 0.],
           [2., 0., 0., 0.],
           [0., 0., 0., 2.],
           [0., 0., 2., 0.]])
    >>> graph.component_ids_
    array([0, 0, 1, 1], dtype=int32)
    """

    _parameter_constraints = {
        "n_neighbors": [Interval(Integral, 1, None, closed="left"), None],
        "metric": [StrOptions({"cosine", "euclidean", "precomputed"})],
        "affinity": [StrOptions(set(AFFINITIES))],
        "gamma": [Interval(Real, 0, None, closed="neither"), StrOptions({"median"})],
        "symmetrize": [StrOptions(set(SYMMETRIZATIONS))],
        "algorithm": [StrOptions(set(ALGORITHMS))],
        "dtype": [StrOptions({"float32", "float64"}), type, np.dtype, None],
        "memory_budget": [Interval(Integral, 1, None, closed="left")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_neighbors=None,
        *,
        metric="cosine",
        affinity="cosine",
        gamma=3.0,
        symmetrize="sum",
        algorithm="exact",
        dtype=None,
        memory_budget=2**27,
        n_jobs=None,
        random_state=None,
    ):
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.affinity = affinity
        self.gamma = gamma
        self.symmetrize = symmetrize
        self.algorithm = algorithm
        self.dtype = dtype
        self.memory_budget = memory_budget
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X, y=None):
        """Build the graph of the rows.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            The rows. With ``metric="precomputed"`` an affinity of shape (n_samples,
            n_samples).
        y : None
            Not used.

        Returns
        -------
        self : object
            The fitted transformer.

        Raises
        ------
        ValueError
            If there are NaN or infinities, or if a given affinity is not square or
            holds negative numbers.
        """
        self._validate_params()
        X = validate_data(self, X, **self._input())
        if self.metric == "precomputed":
            W = without_diagonal(check_affinity(X, symmetric=False))
            if not is_symmetric(W):
                W = symmetrized(W, self.symmetrize)
            self.n_neighbors_, self._rows = 0, None
        else:
            W = self._build(X)
        self.affinity_ = W
        self.n_components_, self.component_ids_ = connected_components(
            W, directed=False
        )
        return self

    def fit_transform(self, X, y=None):
        """Build the graph of the rows and return it.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            The rows.
        y : None
            Not used.

        Returns
        -------
        W : CSR array of shape (n_samples, n_samples)
            The symmetric affinity, that is, ``affinity_``.
        """
        return self.fit(X).affinity_

    def transform(self, X):
        """Return the weights of edges from new rows to their nearest fitted rows.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_new, n_features)
            New rows. With ``metric="precomputed"`` their weights, of shape (n_new,
            n_samples), which are returned as they are.

        Returns
        -------
        W : CSR array of shape (n_new, n_samples)
            Weights by the same rule as those of the fitted edges, one way.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, **self._input())
        if self.metric == "precomputed":
            return check_affinity(X, symmetric=False, square=False)
        return self._directed(X, *self._neighbors_of(X))

    def _neighbors_of(self, X):
        """Return the nearest fitted rows of each row, without a search if it is one."""
        at = self._known.find(X)
        # Between equally near rows rounding decides, and with it how many are searched.
        if (at < 0).any():
            return self._search(X, self._rows)
        return with_itself(*self._lists, at)

    def _input(self):
        dtype = [np.float64, np.float32] if self.dtype is None else np.dtype(self.dtype)
        return {"accept_sparse": "csr", "dtype": dtype, "order": "C"}

    def _build(self, X):
        check_weighting(self.metric, self.affinity, self.gamma, self.symmetrize)
        n = X.shape[0]
        k = self.n_neighbors
        if k is None:
            k = 10 if n < FEW_NODES else 15
        elif k >= n > 1:
            warnings.warn(
                f"n_neighbors={k}, but each of {n} rows has {n - 1} others: all of "
                "them are neighbors.",
                UserWarning,
                stacklevel=3,
            )
        self.n_neighbors_ = min(k, n - 1)
        self._rows, self._known = X, KnownRows(X)
        if self.n_neighbors_ == 0:
            self.gamma_, self._scale = 1.0, np.zeros(n, dtype=X.dtype)
            self._lists = np.empty((n, 0), dtype=np.intp), np.empty((n, 0), X.dtype)
            return sparse.csr_array((n, n), dtype=X.dtype)
        indices, distances = self._lists = self._search(X)
        if np.any(distances[:, -1] == 0):
            indices, distances = spread_duplicates(X, indices, distances, self._search)
        named = self.gamma == "median"
        self.gamma_ = median_gamma(distances, self.metric) if named else self.gamma
        self._scale = local_scale(distances, self.metric)
        A = self._directed(X, indices, distances)
        W = symmetrized(A, self.symmetrize)
        self._warn_of_span(X, A, W, indices, distances)
        return W

    def _warn_of_span(self, X, A, W, indices, distances):
        """Warn if weights are so different that little or nothing flows to a row."""
        n_lost = 0
        if self.affinity not in ("cosine", "binary"):
            near = ((indices >= 0) & np.isfinite(distances)).any(axis=1)
            if self.metric == "cosine":  # rows of zeros have no edge anyway
                near &= ~_is_zero(X)
            n_lost = np.sum(near & (np.diff(A.indptr) == 0))
        warn_of_span(W, ADVICE.get(self.affinity, ADVICE["self_tuning"]), n_lost, 5)

    def _search(self, X, others=None):
        """Return neighbors of X among other rows, or among themselves."""
        return nearest_neighbors(
            X,
            max(self.n_neighbors_, 1),
            Y=others,
            metric=self.metric,
            algorithm=self.algorithm,
            memory_budget=self.memory_budget,
            n_jobs=self.n_jobs,
            random_state=self.random_state,
        )

    def _directed(self, X, indices, distances):
        weights = edge_weights(
            indices, distances, self.metric, self.affinity, self.gamma_, self._scale
        )
        if self.metric == "cosine":
            weights[_is_zero(X)] = 0
            weights[_is_zero(self._rows)[indices]] = 0
        return directed(indices, weights, self._rows.shape[0])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.pairwise = self.metric == "precomputed"
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _is_zero(X):
    """Tell which rows hold only zeros."""
    if sparse.issparse(X):
        return np.asarray(abs(X).sum(axis=1)).ravel() == 0
    return ~X.any(axis=1)
