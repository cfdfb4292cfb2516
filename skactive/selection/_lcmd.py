"""Largest cluster, maximum distance: split the part that is covered worst."""

import numpy as np
from sklearn.utils import check_random_state

from skactive.selection._checks import check_n, check_rows, check_same_space
from skactive.selection._d2 import Points


def largest_cluster(Z, n, *, Z_labeled=None, random_state=None):
    """Pick the farthest row of the cluster with the largest sum of squares.

    Each row belongs to the nearest row that is labeled or picked. The cluster whose
    squared distances sum to most is split next, at its farthest row [1]_: far rows
    are picked where there are many, so that one outlier counts for one row only.

    Parameters
    ----------
    Z : {ndarray, CSR} of shape (n_rows, n_features)
        Rows to pick from. float32 is worked on as float32; other types than float32
        and float64 are converted.
    n : int
        How many, between 1 and `n_rows`.
    Z_labeled : {ndarray, CSR} of shape (n_labeled, n_features) or None, default=None
        Rows that are centers already. If there are none the first pick is the row
        farthest from the mean.
    random_state : int, RandomState instance or None, default=None
        Decides among exactly equal distances, and among clusters of equal sums.

    Returns
    -------
    positions : ndarray of shape (n,), dtype=intp
        Distinct rows of `Z`, best first. The first k of them are the answer for
        ``n=k``. Rows that coincide with a labeled or picked one come last, at random.

    Raises
    ------
    ValueError
        If `n` is out of range, a row is not finite, or the widths of `Z` and
        `Z_labeled` differ.

    Notes
    -----
    One matrix-vector product per pick, O(n_rows * n_features), and one product with
    the labeled rows. O(n_rows) memory and blocks of some megabytes. No pass can be
    saved: the next pick is mostly in a cluster that did not exist before.

    References
    ----------
    .. [1] D. Holzmueller, V. Zaverkin, J. Kaestner and I. Steinwart. "A Framework and
       Benchmark for Deep Batch Active Learning for Regression." Journal of Machine
       Learning Research 24 (2023). arXiv:2203.09410.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.selection import largest_cluster
    >>> Z = np.array([[0.0], [1], [2], [3], [10], [11], [12], [30]])
    >>> largest_cluster(Z, 3, Z_labeled=[[0.0]])
    array([7, 6, 3])
    """
    Z = check_rows(Z)
    n = check_n(n, Z.shape[0])
    rng = check_random_state(random_state)
    space, labeled = Points(Z), None
    Z_labeled = check_same_space(Z_labeled, Z)
    if Z_labeled is not None:
        labeled = Points(Z_labeled, like=space, name="Z_labeled")
    return split_largest(space, n, labeled, rng)


def split_largest(space, n, labeled, rng):
    """Do as `largest_cluster` in any space; `labeled` is another such space or None."""
    # One order decides all ties, however the rows are cut into blocks.
    rank = rng.permutation(len(space))
    picks, n_clusters = [], 0 if labeled is None else len(labeled)
    if labeled is None:
        picks.append(_largest(space.sq_length, rank))
        sq, owner = space.nearest(picks)
        sq[picks], n_clusters = 0, 1
    else:
        sq, owner = space.nearest(of=labeled)

    while len(picks) < n:
        weights = np.bincount(owner, weights=sq, minlength=n_clusters)
        if weights.max() <= 0:
            rest = np.setdiff1d(np.arange(len(space)), picks)
            rest = rest[np.argsort(rank[rest])][: n - len(picks)]
            return np.r_[picks, rest].astype(np.intp)
        heaviest = rng.choice(np.flatnonzero(weights == weights.max()))
        members = np.flatnonzero(owner == heaviest)
        pick = members[_largest(sq[members], rank[members])]
        new = space.nearest_sq([pick])
        nearer = new < sq
        sq[nearer], owner[nearer] = new[nearer], n_clusters
        # A picked row weighs nothing, whatever rounding makes of its own distance.
        sq[pick] = 0
        owner[pick] = n_clusters
        n_clusters += 1
        picks.append(pick)
    return np.array(picks, dtype=np.intp)


def _largest(values, rank):
    tied = np.flatnonzero(values == values.max())
    return tied[rank[tied].argmin()]
