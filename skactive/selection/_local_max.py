"""Rows whose score no neighbor in a graph exceeds."""

import numpy as np
from scipy import sparse
from sklearn.utils import check_random_state

from skactive.selection._checks import check_n


def local_max(scores, W, n, *, random_state=None):
    """Pick rows whose score is at least that of all their neighbors in a graph.

    Neighbors have similar scores, so the n highest often lie side by side. Of each
    hill of the score only the top is picked [1]_.

    Parameters
    ----------
    scores : array-like of shape (n_rows,)
        Higher is more wanted. Infinities are allowed, NaN is not.
    W : sparse matrix of shape (n_rows, n_rows)
        Two rows are neighbors if either of the entries between them is not zero. The
        diagonal is ignored.
    n : int
        How many positions, between 1 and `n_rows`.
    random_state : int, RandomState instance or None, default=None
        Decides among exactly equal scores.

    Returns
    -------
    positions : ndarray of shape (n,), dtype=intp
        Distinct positions in `scores`: first the local maxima, best first; if they are
        fewer than `n`, then the rest, best first. Of neighbors with equal scores one
        counts as a maximum.

    Raises
    ------
    ValueError
        If `scores` is not one-dimensional or holds NaN, `W` is not square and sparse
        with a row per score, or `n` is out of range.

    Notes
    -----
    O(nnz + n_rows log n_rows) time, O(nnz) extra memory.

    References
    ----------
    .. [1] J. Chapman, B. Chen, Z. Tan, J. Calder, K. Miller and A. L. Bertozzi.
       "Novel batch active learning approach and its application to synthetic aperture
       radar datasets." 2023. arXiv:2307.10495.

    Examples
    --------
    A path of five rows with two hills:

    >>> from scipy.sparse import diags_array
    >>> from skactive.selection import local_max
    >>> W = diags_array([[1.0] * 4, [1.0] * 4], offsets=[-1, 1])
    >>> local_max([1.0, 5.0, 4.0, 2.0, 3.0], W, 3)
    array([1, 4, 2])
    """
    scores = np.asarray(scores)
    if scores.ndim != 1:
        raise ValueError(
            f"scores must hold one number per row, got shape {scores.shape}."
        )
    if np.isnan(scores).any():
        worst = np.flatnonzero(np.isnan(scores))[0]
        raise ValueError(f"scores[{worst}] is NaN, which cannot be ranked.")
    n = check_n(n, len(scores))
    W = _neighborhoods(W, len(scores))
    rng = check_random_state(random_state)

    rows = np.repeat(np.arange(len(scores)), np.diff(W.indptr))
    beaten = np.zeros(len(scores), dtype=bool)
    beaten[rows[scores[W.indices] > scores[rows]]] = True
    # A stable sort of shuffled rows leaves equal scores in shuffled order.
    order = rng.permutation(len(scores))
    order = order[np.argsort(scores[order], kind="stable")[::-1]]
    tops, rest = [], []
    for row in order:
        if beaten[row]:
            rest.append(row)
            continue
        tops.append(row)
        # Only neighbors of the same score are not beaten yet.
        beaten[W.indices[W.indptr[row] : W.indptr[row + 1]]] = True
    return np.array([*tops, *rest][:n], dtype=np.intp)


def _neighborhoods(W, n_rows):
    """Return a symmetric CSR matrix whose stored entries are the edges."""
    if not sparse.issparse(W) or W.shape != (n_rows, n_rows):
        raise ValueError(
            f"W must be a sparse matrix of shape ({n_rows}, {n_rows}), a row and a "
            f"column per score; got {type(W).__name__} of shape {np.shape(W)}."
        )
    edges = (W != 0).tocoo()
    off = edges.coords[0] != edges.coords[1]
    i, j = (index[off] for index in edges.coords)
    both = (np.concatenate([i, j]), np.concatenate([j, i]))
    return sparse.csr_array((np.ones(len(both[0]), dtype=bool), both), edges.shape)
