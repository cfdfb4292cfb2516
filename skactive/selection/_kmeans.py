"""Picking by clusters: centers drawn by squared distance, and k-means members."""

import warnings
from numbers import Integral

import numpy as np
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from skactive.selection._checks import check_n, check_rows, check_same_space
from skactive.selection._d2 import Points, draw_by_distance, draw_greedily
from skactive.selection._distances import BLOCK_BYTES
from skactive.selection._greedy import k_center_greedy


def kmeans_plusplus(Z, n, *, Z_labeled=None, n_tries=1, random_state=None):
    """Draw rows in proportion to the squared distance to the nearest one drawn.

    The seeding of k-means++ [1]_, one candidate per draw: each row is drawn with
    probability ``D**2 / sum(D**2)``, D being its Euclidean distance to the nearest row
    labeled or drawn before.

    Parameters
    ----------
    Z : {ndarray, CSR} of shape (n_rows, n_features)
        Rows to draw from.
    n : int
        How many, between 1 and `n_rows`.
    Z_labeled : {ndarray, CSR} of shape (n_labeled, n_features) or None, default=None
        Rows that count as already drawn. If there are none the first row is drawn
        uniformly.
    n_tries : int, default=1
        Rows drawn for each pick, of which the one is taken that leaves the smallest sum
        of ``D**2`` over all rows.
    random_state : int, RandomState instance or None, default=None
        Seed of the drawing.

    Returns
    -------
    positions : ndarray of shape (n,), dtype=intp
        Distinct rows of `Z` in the order drawn. Once every row coincides with one
        that is labeled or drawn, the rest are drawn uniformly.

    Raises
    ------
    ValueError
        If `n` is out of range, a row is not finite, or the widths differ.

    Notes
    -----
    The first k positions are the answer for ``n=k``, if `random_state` is the same seed
    and `n_tries` the same.

    With one try, rows are proposed many at a time from the distances as they were, and
    each is kept with probability ``D**2 now / D**2 then``: this has the distribution of
    one draw after the other, in far fewer passes over `Z`. O(n_rows * n * n_features)
    products, O(n_rows) memory; with more tries, both that many times.

    References
    ----------
    .. [1] D. Arthur and S. Vassilvitskii. "k-means++: the advantages of careful
       seeding." SODA 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.selection import kmeans_plusplus
    >>> Z = np.array([[0.0], [0.0], [5.0]])
    >>> kmeans_plusplus(Z, 1, Z_labeled=[[0.0]], random_state=0)
    array([2])
    """
    Z = check_rows(Z)
    n = check_n(n, Z.shape[0])
    if isinstance(n_tries, bool) or not isinstance(n_tries, Integral) or n_tries < 1:
        raise ValueError(f"n_tries must be an integer above 0, got {n_tries!r}.")
    rng = check_random_state(random_state)
    space, picks = Points(Z), []
    Z_labeled = check_same_space(Z_labeled, Z)
    if Z_labeled is None:
        picks.append(rng.randint(len(space)))
        sq = space.nearest_sq(picks)
    else:
        sq = space.nearest_sq(of=Points(Z_labeled, like=space, name="Z_labeled"))
    if n_tries > 1:
        return draw_greedily(space, n, picks, sq, rng, int(n_tries))
    return draw_by_distance(space, n, picks, sq, rng)


def kmeans_representatives(Z, n, *, random_state=None):
    """Cluster the rows by k-means and take the row nearest each center.

    Parameters
    ----------
    Z : {ndarray, CSR} of shape (n_rows, n_features)
        Rows to pick from; float32 is clustered as float32.
    n : int
        How many rows, and how many clusters.
    random_state : int, RandomState instance or None, default=None
        Seed of the clustering.

    Returns
    -------
    positions : ndarray of shape (n,), dtype=intp
        Distinct rows of `Z`, one per cluster, larger clusters first. If there are
        fewer clusters than `n` (fewer distinct rows, or clusters that ran empty), the
        rows farthest from those picked follow.

    Raises
    ------
    ValueError
        If `n` is out of range or a row is not finite.

    Notes
    -----
    Centers start from :func:`kmeans_plusplus`, once, and move at most 30 times: the
    clusters are a means of spreading picks, not a result. O(n_rows * n * n_features)
    per move. scikit-learn's KMeans makes two working copies of a dense `Z`, in the
    precision of `Z`.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.selection import kmeans_representatives
    >>> Z = np.array([[0.0], [1.0], [2.0], [9.0]])
    >>> kmeans_representatives(Z, 2, random_state=0)
    array([1, 3])
    """
    Z = check_rows(Z)
    n = check_n(n, Z.shape[0])
    rng = check_random_state(random_state)
    order = rng.permutation(Z.shape[0])
    if n == Z.shape[0]:
        return order.astype(np.intp)
    labels, centers = _cluster(Z, n, rng)
    sq = _sq_to_center(Z, labels, centers)
    # Members at the same distance stay in random order, as the sort is stable.
    nearest = order[np.lexsort((sq[order], labels[order]))]
    _, starts, sizes = np.unique(labels[nearest], return_index=True, return_counts=True)
    positions = nearest[starts[np.argsort(-sizes, kind="stable")]].astype(np.intp)
    if len(positions) == n:
        return positions
    rest = np.setdiff1d(np.arange(Z.shape[0]), positions)
    more = k_center_greedy(
        Z[rest], n - len(positions), Z_labeled=Z[positions], random_state=rng
    )
    return np.concatenate([positions, rest[more]])


def _cluster(Z, n, rng):
    seeds = Z[kmeans_plusplus(Z, n, random_state=rng)]
    kmeans = KMeans(
        n,
        init=seeds.toarray() if sparse.issparse(seeds) else seeds,
        n_init=1,
        max_iter=30,
        tol=1e-3,
        random_state=rng,
    )
    with warnings.catch_warnings():
        # Fewer distinct rows than clusters is handled by kmeans_representatives.
        warnings.simplefilter("ignore", ConvergenceWarning)
        kmeans.fit(Z)
    return kmeans.labels_, kmeans.cluster_centers_


def _sq_to_center(Z, labels, centers):
    """Squared distance of each row to the center of its cluster."""
    sq = np.empty(Z.shape[0], dtype=Z.dtype)
    step = max(1, BLOCK_BYTES // (8 * Z.shape[1]))
    for i in range(0, len(sq), step):
        part = slice(i, i + step)
        block, own = Z[part], centers[labels[part]]
        difference = (block.toarray() if sparse.issparse(block) else block) - own
        sq[part] = np.einsum("ij,ij->i", difference, difference)
    return sq
