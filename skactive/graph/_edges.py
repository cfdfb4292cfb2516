"""Weights of directed edges to neighbors, and how two directions become one."""

from numbers import Real

import numpy as np
from scipy import sparse

AFFINITIES = ("cosine", "gaussian", "self_tuning", "rbf", "binary")
SYMMETRIZATIONS = ("sum", "max", "mutual", "mutual+nn")

# The neighbor whose distance is the local scale, after Zelnik-Manor and Perona.
LOCAL = 7


def check_weighting(metric, affinity, gamma, symmetrize):
    """Refuse names and combinations that mean nothing."""
    if metric not in ("cosine", "euclidean"):
        raise ValueError(f"metric must be 'cosine' or 'euclidean', got {metric!r}.")
    if affinity not in AFFINITIES:
        raise ValueError(f"affinity must be one of {AFFINITIES}, got {affinity!r}.")
    if affinity == "cosine" and metric != "cosine":
        raise ValueError(
            "affinity='cosine' needs metric='cosine'. With Euclidean distances take "
            "affinity='gaussian'."
        )
    named = affinity == "rbf" and gamma == "median"
    if not named and (not isinstance(gamma, Real) or not 0 < gamma < np.inf):
        raise ValueError(
            "gamma must be a positive number, or 'median' with affinity='rbf'; got "
            f"{gamma!r}."
        )
    if symmetrize not in SYMMETRIZATIONS:
        raise ValueError(
            f"symmetrize must be one of {SYMMETRIZATIONS}, got {symmetrize!r}."
        )


def squared(distances, metric):
    """Return squared Euclidean distances, for cosines those of rows of length one."""
    return 2 * distances if metric == "cosine" else distances**2


def local_scale(distances, metric):
    """Return the distance to the seventh neighbor; 0 where all are at distance 0."""
    sq = squared(distances, metric)
    if not sq.shape[1]:
        return np.zeros(len(sq), dtype=sq.dtype)
    seventh = sq[:, min(LOCAL, sq.shape[1]) - 1]
    seventh = np.where(np.isfinite(seventh), seventh, _last_finite(sq))
    return np.sqrt(_positive(seventh, sq))


def median_gamma(distances, metric):
    """Return one over the median squared distance to the last neighbor."""
    last = squared(distances[:, -1:], metric)
    last = last[np.isfinite(last) & (last > 0)]
    return 1.0 / float(np.median(last)) if len(last) else 1.0


def edge_weights(indices, distances, metric, affinity, gamma, scale=None):
    """Return the weight of each directed edge, 0 where there is none.

    Parameters
    ----------
    indices : ndarray of int of shape (n_rows, k)
        Neighbors; a negative number stands for none.
    distances : ndarray of shape (n_rows, k)
        Distances to them, ascending.
    metric, affinity, gamma
        As of KNNAffinity; gamma a number.
    scale : ndarray of shape (n_nodes,) or None, default=None
        Local scales of the neighbors; only for "self_tuning".

    Returns
    -------
    weights : ndarray of shape (n_rows, k)
        In the dtype of the distances.
    """
    absent = indices < 0
    if affinity == "binary":
        weights = np.ones_like(distances)
    elif affinity == "cosine":
        weights = np.maximum(1 - distances, 0) ** gamma
    else:
        sq = squared(distances, metric)
        sq[absent] = np.inf
        if affinity == "rbf":
            weights = np.exp(-gamma * sq)
        elif affinity == "gaussian":
            unit = _positive(_last_finite(sq), sq)[:, None]
            weights = _decay(4 * sq, unit)
        else:
            own = local_scale(distances, metric)[:, None]
            other = scale[indices]
            # A neighbor among duplicates of itself has no scale of its own.
            other = np.where(other > 0, other, own)
            weights = _decay(sq, own * other)
    weights[absent] = 0
    return weights.astype(distances.dtype, copy=False)


def _decay(sq, unit):
    # A unit of 0 means that all neighbors are duplicates of the row: weight 1.
    return np.exp(-sq / np.where(unit > 0, unit, 1))


def _last_finite(sq):
    return np.where(np.isfinite(sq), sq, 0).max(axis=1, initial=0)


def _positive(value, sq):
    """Return value, or where it is 0 the smallest positive entry of the row, or 0."""
    least = np.where(sq > 0, sq, np.inf).min(axis=1, initial=np.inf)
    return np.where(value > 0, value, np.where(np.isfinite(least), least, 0))


def directed(indices, weights, n_nodes):
    """Return the CSR array of the edges from each row to its neighbors."""
    n_rows, k = indices.shape
    indptr = np.arange(0, n_rows * k + 1, k) if k else np.zeros(n_rows + 1, dtype=int)
    small = np.int32 if max(n_rows * k, n_nodes) < 2**31 else np.int64
    columns = np.where(indices < 0, 0, indices).ravel().astype(small)
    A = sparse.csr_array(
        (weights.ravel().copy(), columns, indptr.astype(small)), shape=(n_rows, n_nodes)
    )
    A.eliminate_zeros()
    A.sum_duplicates()
    return A


def symmetrized(A, how):
    """Return the symmetric affinity of directed edges, its diagonal empty.

    Parameters
    ----------
    A : CSR array of shape (n_nodes, n_nodes)
        Directed edges.
    how : {"sum", "max", "mutual", "mutual+nn"}
        As of KNNAffinity.

    Returns
    -------
    W : CSR array of shape (n_nodes, n_nodes)
        Sorted indices, no stored zeros.
    """
    A = without_diagonal(A)
    T = A.T.tocsr()
    if how == "sum":
        W = A + T
    elif how == "max":
        W = A.maximum(T)
    else:
        W = A.minimum(T)
        if how == "mutual+nn":
            first = _strongest(A)
            W = W.maximum(first).maximum(first.T.tocsr())
    W = sparse.csr_array(W)
    W.eliminate_zeros()
    W.sort_indices()
    return W


def without_diagonal(A):
    """Return the CSR array without entries on the diagonal."""
    rows = np.repeat(np.arange(A.shape[0]), np.diff(A.indptr))
    own = A.indices == rows
    if own.any():
        A = A.copy()
        A.data[own] = 0
        A.eliminate_zeros()
    return A


def _strongest(A):
    """Return only the heaviest edge out of each node, of equals the first."""
    filled = np.flatnonzero(np.diff(A.indptr))
    if not len(filled):
        return A
    best = np.maximum.reduceat(A.data, A.indptr[filled])
    rows = np.repeat(np.arange(A.shape[0]), np.diff(A.indptr))
    heaviest = np.zeros(A.shape[0], dtype=A.dtype)
    heaviest[filled] = best
    at = np.flatnonzero(A.data == heaviest[rows])
    rows, first = np.unique(rows[at], return_index=True)
    at = at[first]
    return sparse.csr_array((A.data[at], (rows, A.indices[at])), shape=A.shape)
