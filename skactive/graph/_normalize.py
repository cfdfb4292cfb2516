"""Affinities checked and normalized."""

import numpy as np
from scipy import sparse
from sklearn.utils import check_array

KINDS = ("symmetric", "random_walk", "kipf")


def normalize_affinity(W, kind="symmetric"):
    """Return a normalized copy of an affinity.

    Parameters
    ----------
    W : sparse or dense matrix of shape (n_nodes, n_nodes)
        Symmetric affinity without negative numbers. For "random_walk" it may be
        directed: rows are where edges begin.
    kind : {"symmetric", "random_walk", "kipf"}, default="symmetric"
        With D the diagonal matrix of the row sums (degrees):

        - "symmetric": ``D^-1/2 W D^-1/2``, eigenvalues from -1 to 1;
        - "random_walk": ``D^-1 W``, rows sum to one;
        - "kipf": ``D^-1/2 (W + I) D^-1/2`` with the degrees of ``W + I``, the
          operator of graph convolutional networks [1]_.

    Returns
    -------
    S : CSR array of shape (n_nodes, n_nodes)
        Of float32 if ``W`` is, of float64 otherwise; indices sorted. The row of a node
        without edges is zero ("kipf": 1 on the diagonal).

    Raises
    ------
    ValueError
        If ``W`` is not square, holds NaN, infinity or a negative number, or is not
        symmetric where it must be.

    Notes
    -----
    O(n_edges) time and memory.

    References
    ----------
    .. [1] T. N. Kipf and M. Welling. "Semi-Supervised Classification with Graph
       Convolutional Networks." ICLR 2017. arXiv:1609.02907.

    Examples
    --------
    >>> from skactive.graph import normalize_affinity
    >>> normalize_affinity([[0.0, 1.0], [1.0, 0.0]], "kipf").toarray()
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {KINDS}, got {kind!r}.")
    W = check_affinity(W, symmetric=kind != "random_walk")
    if kind == "kipf":
        W = (W + sparse.eye_array(W.shape[0], dtype=W.dtype)).tocsr()
        W.sort_indices()
    else:
        W = W.copy()
    degrees = degrees_of(W)
    # Entry by entry: a product with diagonal matrices would take three times as long.
    power = 1.0 if kind == "random_walk" else 0.5
    scale = inverse_power(degrees, power)
    W.data *= np.repeat(scale, np.diff(W.indptr))
    if kind != "random_walk":
        W.data *= scale[W.indices]
    return W


def degrees_of(W):
    """Return the row sums of a CSR array, in its dtype."""
    return np.asarray(W.sum(axis=1)).ravel()


def inverse_power(degrees, power):
    """Return ``degrees ** -power``, and 0 for nodes without edges."""
    scale = np.zeros_like(degrees)
    np.power(degrees, -power, out=scale, where=degrees > 0)
    return scale


def check_affinity(W, *, symmetric=True, square=True):
    """Return an affinity as a CSR array of floats, checked; a copy only if needed.

    Parameters
    ----------
    W : sparse or dense matrix of shape (n_nodes, n_nodes)
        The affinity to check.
    symmetric : bool, default=True
        Refuse a directed graph.
    square : bool, default=True
        Refuse edges between two different sets of nodes.

    Returns
    -------
    W : CSR array of float32 or float64 of shape (n_nodes, n_nodes)
        With sorted indices and no entry stored twice.
    """
    W = check_array(
        W, accept_sparse="csr", dtype=[np.float64, np.float32], input_name="affinity"
    )
    if square and W.shape[0] != W.shape[1]:
        raise ValueError(
            f"An affinity must be square, a row and a column for each node; got shape "
            f"{W.shape}."
        )
    W = sparse.csr_array(W)
    if not W.has_canonical_format:
        W = W.copy()
        W.sum_duplicates()
    if W.nnz and W.data.min() < 0:
        raise ValueError(
            f"The affinity holds negative numbers, the smallest {W.data.min():.3g}: "
            "degrees could vanish and labels turn into their opposite. Clip them, for "
            "instance with W.maximum(0)."
        )
    if symmetric and not is_symmetric(W):
        raise ValueError(
            "The affinity is not symmetric, that is, the graph is directed. Pass "
            "W + W.T or W.maximum(W.T), or leave the choice to "
            "KNNAffinity(metric='precomputed', symmetrize=...)."
        )
    return W


def is_symmetric(W):
    """Tell whether a CSR array is its own transpose, up to rounding."""
    gap = abs(W - W.T)
    if not gap.nnz:
        return True
    return bool(gap.data.max() <= 64 * np.finfo(W.dtype).eps * W.data.max())
