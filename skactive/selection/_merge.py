"""Answers of the parts of a pool made one: the best scores, the farthest rows."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from skactive.selection._checks import check_n
from skactive.selection._greedy import k_center_greedy

# Raw words that are made at once; a multiple of 4, the words of one step of Philox.
WORDS = 4096


def tie_keys(key, rows):
    """Return the number that decides between rows of equal score, the smaller first.

    Parameters
    ----------
    key : int
        The seed of the query, the same for all parts.
    rows : array-like of int of shape (n_rows,)
        Positions in the whole pool.

    Returns
    -------
    keys : ndarray of uint64 of shape (n_rows,)
        For row i the i-th raw word of ``numpy.random.Philox(key=key)``, whichever rows
        are asked about and on whichever machine.

    Examples
    --------
    >>> from skactive.selection._merge import tie_keys
    >>> tie_keys(7, [0, 5])
    array([16086915834549238692, 12850608683640892364], dtype=uint64)
    """
    rows = np.asarray(rows, dtype=np.int64)
    keys = np.empty(len(rows), dtype=np.uint64)
    order = np.argsort(rows, kind="stable")
    chunks = rows[order] // WORDS
    starts = np.flatnonzero(np.r_[True, chunks[1:] != chunks[:-1]][: len(chunks)])
    for at, stop in zip(starts, [*starts[1:], len(rows)]):
        first = int(chunks[at]) * WORDS
        words = np.random.Philox(key=key).advance(first // 4).random_raw(WORDS)
        some = order[at:stop]
        keys[some] = words[rows[some] - first]
    return keys


def best_of_part(scores, n, key, start=0):
    """Return the best rows of one part, for :func:`merge_top`.

    Parameters
    ----------
    scores : ndarray of shape (n_rows,)
        Higher is more wanted.
    n : int
        How many, at least 1. More than there are: all.
    key : int
        The seed of the query, the same for all parts.
    start : int, default=0
        Position of the first row of the part in the whole pool.

    Returns
    -------
    best : tuple of ndarrays (scores, keys, positions), each of shape (min(n, n_rows),)
        Best first; positions in the whole pool.

    Raises
    ------
    ValueError
        If a score is NaN; the message has its position in the whole pool.

    Notes
    -----
    O(n_rows + n log n) time. Keys are made for the rows returned, and for all rows at
    the threshold where more of them are equal than are wanted.
    """
    scores = np.asarray(scores)
    if np.isnan(scores).any():
        worst = start + np.flatnonzero(np.isnan(scores))[0]
        raise ValueError(f"The score of row {worst} is NaN, which cannot be ranked.")
    n = min(n, len(scores))
    if n == 0:
        none = np.empty(0, dtype=np.intp)
        return scores[:0], none.astype(np.uint64), none
    last = np.partition(scores, len(scores) - n)[len(scores) - n]
    above, tied = np.flatnonzero(scores > last), np.flatnonzero(scores == last)
    if len(tied) > n - len(above):
        wanted = n - len(above)
        keys = tie_keys(key, start + tied)
        tied = tied[np.argpartition(keys, wanted - 1)[:wanted]]
    rows = np.concatenate([above, tied])
    keys = tie_keys(key, start + rows)
    order = _ranked(scores[rows], keys)
    rows = rows[order]
    return scores[rows], keys[order], start + rows


def merge_top(parts, n):
    """Return the n best rows of a pool, from the n best of each of its parts.

    The answer does not depend on how the pool is cut, equal scores included.

    Parameters
    ----------
    parts : list of tuples (scores, keys, positions)
        What :func:`best_of_part` returned for each part, in any order.
    n : int
        How many, between 1 and all rows of the parts.

    Returns
    -------
    positions : ndarray of intp of shape (n,)
        Highest score first; of equal ones, the smallest key.

    Examples
    --------
    >>> from skactive.selection._merge import best_of_part, merge_top
    >>> parts = [best_of_part([0.5, 0.9, 0.5], 2, 7), best_of_part([0.9], 2, 7, 3)]
    >>> merge_top(parts, 2)
    array([1, 3])
    """
    scores, keys, positions = (np.concatenate(column) for column in zip(*parts))
    n = check_n(n, len(scores))
    return positions[_ranked(scores, keys)[:n]].astype(np.intp)


def _ranked(scores, keys):
    """Order by falling score, then by rising key."""
    # Turned round as a whole, since scores that are unsigned have no negative.
    return np.lexsort((~keys, scores))[::-1]


@dataclass(frozen=True)
class KCenterCertificate:
    """What two rounds of k-center are sure of, without a look at the optimum.

    Attributes
    ----------
    radius_bound : float
        No sample of the pool is farther than this from its nearest label or pick.
    optimum_bound : float
        No picks of this number reach a smaller radius than this.
    factor : float
        ``radius_bound / optimum_bound``: at most 4, of cosine distances, which are
        squares, 16; 1.0 if both are 0.
    """

    radius_bound: float
    optimum_bound: float

    @property
    def factor(self):
        """How many times the best radius the picks are at most off."""
        if self.radius_bound == 0:
            return 1.0
        return self.radius_bound / self.optimum_bound


def merge_k_center(parts, n, *, Z_labeled=None, metric="euclidean", random_state=None):
    """Pick rows far from all that is labeled or picked, from the picks of each part.

    The covering radius is at most four times what the best n rows could reach (of
    cosine distances, which are squares, 16 times), however the pool was cut, sorted
    parts included; labeled rows cost nothing of it.

    Parameters
    ----------
    parts : list of tuples (Z, positions, radius)
        For each part the rows that ``k_center_greedy(Z_part, k, Z_labeled=Z_labeled,
        return_radius=True)`` picked, their positions in the whole pool, and its
        radius, where k is at least `n` or all rows of the part.
    n : int
        How many, between 1 and all rows of the parts.
    Z_labeled : {ndarray, CSR} of shape (n_labeled, n_features) or None, default=None
        Rows that are centers already, the same as in the parts.
    metric : {"euclidean", "cosine"}, default="euclidean"
        The same as in the parts.
    random_state : int, RandomState instance or None, default=None
        Decides among equal distances.

    Returns
    -------
    positions : ndarray of intp of shape (n,)
        Positions in the whole pool, in the order picked.
    certificate : KCenterCertificate
        The radius reached at most, and the radius that is needed at least.

    Notes
    -----
    With r the distance at which one more row would be picked, the picks, that row and
    the labeled rows are at least r apart, so two of them share a center of the best
    solution, or one of them a labeled row: ``r <= 2 OPT``. It holds for the largest r
    of a part and for that of the union, and distances add up: 4 OPT [1]_.

    References
    ----------
    .. [1] M. Ceccarello, A. Pietracaprina and G. Pucci. "Solving k-center Clustering
       (with Outliers) in MapReduce and Streaming, almost as Accurately as
       Sequentially." PVLDB 12 (2019). arXiv:1802.09205.
    """
    Z = rows_together([part[0] for part in parts])
    positions = np.concatenate([part[1] for part in parts])
    picks, radius = k_center_greedy(
        Z,
        n,
        Z_labeled=Z_labeled,
        metric=metric,
        random_state=random_state,
        return_radius=True,
    )
    inner = max(part[2] for part in parts)
    bound, optimum = _two_radii(inner, radius, metric)
    return positions[picks].astype(np.intp), KCenterCertificate(bound, optimum)


def rows_together(blocks):
    """Return blocks of rows, arrays or CSR, one below the other."""
    if sparse.issparse(blocks[0]):
        return sparse.vstack(blocks, format="csr")
    return np.concatenate(blocks)


def _two_radii(inner, outer, metric):
    """Return the bound of the radius and that of the best radius."""
    if metric == "euclidean":
        return float(inner + outer), float(max(inner, outer) / 2)
    # Cosine distances do not add up; half the squared distance of rows of length one
    # is the cosine distance, and those distances do.
    bound = (np.sqrt(inner) + np.sqrt(outer)) ** 2
    return float(bound), float(max(inner, outer) / 4)
