"""Picking by clusters of which only the distances are known."""

import numpy as np

#: Rounds of k-medoids; it stands still much earlier.
MOST_ROUNDS = 100


def k_medoids(D, n, *, to_labeled=None):
    """Return rows that are near to all others: the centers of n clusters.

    Begins with the greedy choice of the row that is farthest from those chosen before
    (the first: from the labeled ones, or the one nearest to all). Then each row joins
    its nearest center, and each cluster takes the member of least total distance for
    its center, until nothing changes. Rows that are nearest to a labeled one join no
    cluster.

    Parameters
    ----------
    D : ndarray of shape (n_rows, n_rows)
        Distances, symmetric, 0 on the diagonal.
    n : int
        How many, between 1 and `n_rows`.
    to_labeled : ndarray of shape (n_rows,) or None, default=None
        Distance of each row to the nearest that is labeled.

    Returns
    -------
    positions : ndarray of shape (n,), dtype=intp
        Distinct rows, ascending. Of equal ones the first is taken, so that nothing is
        drawn at random.

    Notes
    -----
    O(n_rows²) time for each round, 8 n_rows n bytes.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.selection._k_medoids import k_medoids
    >>> x = np.array([0.0, 1.0, 2.0, 9.0, 9.5])
    >>> k_medoids(abs(x[:, None] - x), 2)
    array([1, 3])
    """
    medoids = _farthest_first(D, n, to_labeled)
    for _ in range(MOST_ROUNDS):
        cluster = _nearest(D, medoids, to_labeled)
        moved = [_center(D, np.flatnonzero(cluster == k)) for k in range(n)]
        if (moved == medoids).all():
            break
        medoids = np.array(moved)
    return np.sort(medoids)


def _farthest_first(D, n, to_labeled):
    if to_labeled is None:
        picks = [int(D.sum(axis=1).argmin())]
        nearest = D[picks[0]].copy()
    else:
        picks = [int(to_labeled.argmax())]
        nearest = np.minimum(to_labeled, D[picks[0]])
    while len(picks) < n:
        nearest[picks] = -1  # none twice, though all be equal
        picks.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, D[picks[-1]])
    return np.array(picks, dtype=np.intp)


def _nearest(D, medoids, to_labeled):
    """Return the number of the cluster of each row, -1 for none."""
    to_medoids = D[:, medoids]
    cluster = to_medoids.argmin(axis=1)
    if to_labeled is not None:
        cluster[to_labeled <= to_medoids.min(axis=1)] = -1
    # A medoid stays in its own cluster, so that none is empty: it may have equals.
    cluster[medoids] = np.arange(len(medoids))
    return cluster


def _center(D, members):
    """Return the member of a cluster of least total distance to the others."""
    return members[D[np.ix_(members, members)].sum(axis=1).argmin()]
