"""Greedy picking: what one row adds depends on the rows already taken."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state

from skactive.selection._checks import check_n, check_rows, check_same_space
from skactive.selection._distances import METRICS, Rows
from skactive.selection._farthest_first import FarthestFirst


def k_center_greedy(
    Z,
    n,
    *,
    Z_labeled=None,
    metric="euclidean",
    n_outliers=0,
    random_state=None,
    return_radius=False,
):
    """Pick the row farthest from all that is labeled or picked, n times over.

    Farthest-first traversal: the largest distance from a row to the nearest center
    (the covering radius) is at most twice what the best n rows could reach [1]_.

    Parameters
    ----------
    Z : {ndarray, CSR} of shape (n_rows, n_features)
        Rows to pick from. float32 is worked on as float32; other types than
        float32 and float64 are converted.
    n : int
        How many, between 1 and `n_rows`.
    Z_labeled : {ndarray, CSR} of shape (n_labeled, n_features) or None, default=None
        Rows that are centers already. If there are none the first pick is the row
        nearest the mean.
    metric : {"euclidean", "cosine"}, default="euclidean"
        A row of zeros is at cosine distance 1 from all rows but those of zeros, which
        are its duplicates.
    n_outliers : int, default=0
        At each pick, this many of the farthest rows are skipped.
    random_state : int, RandomState instance or None, default=None
        Decides among exactly equal distances.
    return_radius : bool, default=False
        Whether to return the covering radius as well.

    Returns
    -------
    positions : ndarray of shape (n,), dtype=intp
        Distinct rows of `Z`, best first. The first k of them are the answer for
        ``n=k``.
    radius : float
        Largest distance from a row that was not picked, the `n_outliers` farthest
        apart, to its nearest center. Only if `return_radius`.

    Raises
    ------
    ValueError
        If `n` or `n_outliers` is out of range, `metric` is unknown, a row is not
        finite, or the widths of `Z` and `Z_labeled` differ.

    Notes
    -----
    The answer is that of one matrix-vector product per pick, reached with less work.
    A distance to the nearest center only ever falls, so an old one is an upper bound:
    rows whose bound is below the current farthest need not be looked at. Distances are
    brought up to date for the rows with the largest bounds only, a block at a time,
    and picks are taken from the block as long as its farthest row is at least as far
    as every bound outside. O(n_rows) extra memory and a few blocks of some megabytes.

    Two rows whose distances differ by less than the rounding error of one product may
    be picked in either order. Rows that coincide are at distance exactly 0: they come
    last, in random order, and never twice.

    References
    ----------
    .. [1] T. F. Gonzalez. "Clustering to minimize the maximum intercluster
       distance." Theoretical Computer Science 38 (1985): 293-306.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.selection import k_center_greedy
    >>> Z = np.array([[1.0], [4.0], [9.0], [10.0]])
    >>> k_center_greedy(Z, 2, Z_labeled=[[0.0]], return_radius=True)
    (array([3, 1]), 1.0)
    """
    Z = check_rows(Z)
    n = check_n(n, Z.shape[0])
    if metric not in METRICS:
        raise ValueError(f"metric must be one of {METRICS}, got {metric!r}.")
    if isinstance(n_outliers, bool) or not isinstance(n_outliers, Integral):
        raise TypeError(f"n_outliers must be an integer, got {n_outliers!r}.")
    if n_outliers < 0:
        raise ValueError(f"n_outliers must not be negative, got {n_outliers}.")
    rng = check_random_state(random_state)

    rows, centers = Rows(Z, metric), None
    Z_labeled = check_same_space(Z_labeled, Z)
    if Z_labeled is not None:
        centers = Rows(Z_labeled, metric, like=rows, name="Z_labeled")
    search = FarthestFirst(rows, centers, int(n_outliers), rng)
    search.pick(n)
    positions = search.picked
    if not return_radius:
        return positions
    sq = search.radius_sq()
    return positions, float(np.sqrt(sq) if metric == "euclidean" else sq / 2)
