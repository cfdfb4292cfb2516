"""Covering the most with few balls: greedy, with degrees that only fall."""

import numpy as np
from scipy import sparse
from sklearn.utils import check_random_state

from skactive.selection._checks import check_n

# Entries of the graph that are looked at in one step.
STEP = 2**22


class GraphBalls:
    """The balls of rows, read from a graph: row i covers the columns it stores."""

    def __init__(self, W, W_T):
        self.W, self.W_T = W, W_T
        self.shape = W.shape

    def inside(self, row):
        """The points that `row` covers."""
        return self.W.indices[self.W.indptr[row] : self.W.indptr[row + 1]]

    def covering(self, points):
        """For each row, how many of `points` it covers."""
        n_entries = np.diff(self.W_T.indptr)[points].sum()
        step = max(1, STEP * len(points) // max(1, n_entries))
        counts = np.zeros(self.shape[0], dtype=np.intp)
        for start in range(0, len(points), step):
            rows = self.W_T[points[start : start + step]].indices
            counts += np.bincount(rows, minlength=len(counts))
        return counts


def greedy_cover(balls, n, covered, rank):
    """Pick up to n rows, each of which covers most of what is not covered yet.

    Parameters
    ----------
    balls : object
        Has ``shape``, ``inside(row)`` and ``covering(points)``, as `GraphBalls`.
    n : int
        How many rows at most.
    covered : ndarray of bool of shape (n_points,)
        What is covered before. Brought up to date in place.
    rank : ndarray of int of shape (n_rows,)
        Of rows that cover equally many, the one with the smallest rank is picked.

    Returns
    -------
    picks : list of int
        Distinct rows, fewer than `n` if those cover all that can be covered.
    """
    picks = []
    degrees = balls.covering(np.flatnonzero(~covered))
    while len(picks) < n and degrees.max() > 0:
        ties = np.flatnonzero(degrees == degrees.max())
        pick = ties[np.argmin(rank[ties])]
        picks.append(pick)
        new = balls.inside(pick)
        new = new[~covered[new]]
        covered[new] = True
        # All rows of the graph meet a newly covered point once: a pass in all.
        degrees -= balls.covering(new)
        degrees[pick] = -1
    return picks


def max_coverage(W, n, *, covered=None, random_state=None, return_coverage=False):
    """Pick rows whose entries in a graph cover as many columns as possible.

    Greedy: each pick is the row with the most columns that no pick before it has. The
    share covered is at least 63 % of the best that `n` rows can reach [1]_.

    Parameters
    ----------
    W : sparse matrix of shape (n_rows, n_points)
        Row i covers point j if the entry is not zero.
    n : int
        How many rows, between 1 and `n_rows`.
    covered : array-like of bool of shape (n_points,) or None, default=None
        Points that are covered already. None: no point is.
    random_state : int, RandomState instance or None, default=None
        Decides among rows that cover equally many points.
    return_coverage : bool, default=False
        Whether to return the covered share too.

    Returns
    -------
    positions : ndarray of shape (n,), dtype=intp
        Distinct rows of `W` in the order picked. Rows that cover nothing new come
        last, in random order.
    coverage : float
        Share of the points that are covered in the end, 0 to 1. Only if
        `return_coverage`.

    Raises
    ------
    ValueError
        If `W` is not sparse, `covered` does not hold one boolean per column, or `n`
        is out of range.

    Notes
    -----
    When a point becomes covered, one is subtracted from the count of each row that
    covers it. That happens once for each entry of `W`, so all picks together cost as
    much as one look at the graph: O(nnz + n * n_rows) time. Memory is a transposed
    copy of the pattern, 5 bytes an entry, and a few arrays of `n_rows`.

    References
    ----------
    .. [1] G. L. Nemhauser, L. A. Wolsey and M. L. Fisher. "An analysis of
       approximations for maximizing submodular set functions." Mathematical
       Programming 14 (1978): 265-294.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> from skactive.selection import max_coverage
    >>> W = csr_array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1]])
    >>> max_coverage(W, 2, return_coverage=True)
    (array([1, 2]), 1.0)
    """
    if not sparse.issparse(W) or W.ndim != 2:
        raise ValueError(
            "W must be a sparse matrix of shape (n_rows, n_points), such as "
            f"scipy.sparse.csr_array; got {type(W).__name__}."
        )
    W = sparse.csr_array(W != 0)
    n = check_n(n, W.shape[0])
    covered = _check_covered(covered, W.shape[1])
    rank = check_random_state(random_state).permutation(W.shape[0])
    balls = GraphBalls(W, sparse.csr_array(W.T))
    picks = greedy_cover(balls, n, covered, rank)
    rest = np.ones(len(rank), dtype=bool)
    rest[picks] = False
    rest = np.flatnonzero(rest)
    rest = rest[np.argsort(rank[rest])][: n - len(picks)]
    positions = np.array([*picks, *rest], dtype=np.intp)
    # Of no points, none is left out.
    coverage = float(covered.mean()) if len(covered) else 1.0
    return (positions, coverage) if return_coverage else positions


def _check_covered(covered, n_points):
    """Return a copy that may be written into."""
    if covered is None:
        return np.zeros(n_points, dtype=bool)
    covered = np.array(covered)
    if covered.shape != (n_points,) or covered.dtype != bool:
        raise ValueError(
            f"covered must hold one boolean for each of the {n_points} columns of W; "
            f"got {covered.dtype} of shape {covered.shape}."
        )
    return covered
