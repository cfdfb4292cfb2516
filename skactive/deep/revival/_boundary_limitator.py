"""Which of the unstable samples lie between clusters, and not at an outer rim?"""

import numpy as np
from scipy import sparse
from sklearn.utils import check_random_state

from skactive.selection import local_max, top_n

LIMITATORS = ("entropy", "cut", "density")


def boundary_limitator(
    kl,
    entropy,
    n,
    *,
    oversample=None,
    limitator="entropy",
    faces=None,
    density=None,
    last=None,
    W=None,
    random_state=None,
):
    """Rank rows: the unstable first, and of these the most uncertain first.

    Divergence under a perturbation is large at every rim of a cluster; entropy is high
    as well only where the rim faces another cluster.

    Parameters
    ----------
    kl : array-like of shape (n_rows,) or None
        Divergence under a perturbation. None: all rows count as unstable.
    entropy : array-like of shape (n_rows,)
        Entropy of the distributions over the classes.
    n : int
        How many rows are wanted; `oversample` is a multiple of it.
    oversample : float or None, default=None
        The ``oversample * n`` rows with the largest divergence are unstable. None: all.
    limitator : {"entropy", "cut", "density"} or None, default="entropy"
        "entropy": unstable rows are ranked by entropy. "cut": first those of them where
        `faces` is true. "density": by entropy times `density`. None: all rows are
        ranked by divergence alone.
    faces : array-like of bool of shape (n_rows,), default=None
        Whether a neighbor belongs to another class; for "cut".
    density : array-like of shape (n_rows,), default=None
        How similar a row is to its neighbors; for "density".
    last : array-like of bool of shape (n_rows,), default=None
        Rows that come after all others, since nothing is known about them.
    W : sparse matrix of shape (n_rows, n_rows) or None, default=None
        A graph; no two of its neighbors are ranked high together: see
        :func:`~skactive.selection.local_max`. None: neighbors may be.
    random_state : int, RandomState instance or None, default=None
        Breaks exact ties.

    Returns
    -------
    order : ndarray of intp of shape (n_rows,)
        All rows, best first: those that pass, then the rest of the unstable ones, then
        the stable ones.

    Notes
    -----
    O(n_rows log n_rows).

    Examples
    --------
    Of three unstable rows, the middle one is certain of its class:

    >>> from skactive.deep.revival._boundary_limitator import boundary_limitator
    >>> boundary_limitator([0.9, 0.8, 0.7, 0.0], [0.5, 0.1, 0.6, 0.9], 1, oversample=3)
    array([2, 0, 1, 3])
    """
    if limitator is not None and limitator not in LIMITATORS:
        raise ValueError(
            f"limitator must be one of {LIMITATORS} or None, got {limitator!r}."
        )
    rng = check_random_state(random_state)
    entropy = np.asarray(entropy, dtype=np.float64)
    n_rows = len(entropy)
    last = np.zeros(n_rows, dtype=bool) if last is None else np.asarray(last)
    unstable = np.arange(n_rows)
    if not (kl is None or oversample is None or limitator is None):
        size = min(n_rows, int(np.ceil(oversample * n)))
        unstable = top_n(np.where(last, -np.inf, kl), size, random_state=rng)

    worth = entropy
    if limitator is None:
        worth = np.asarray(kl, dtype=np.float64)
    elif limitator == "density":
        worth = entropy * density
    passed = unstable[np.asarray(faces)[unstable]] if limitator == "cut" else unstable
    group = np.full(n_rows, 2)
    group[unstable], group[passed], group[last] = 1, 0, 3
    order = np.lexsort((rng.permutation(n_rows), -worth, group))
    passed = np.sort(order[: np.sum(group == 0)])
    if W is not None and len(passed):
        among = sparse.csr_array(W)[passed][:, passed]
        tops = local_max(worth[passed], among, len(passed), random_state=rng)
        order[: len(passed)] = passed[tops]
    return order


def faces_another(W, winners):
    """Tell which nodes have a neighbor whose most probable class is another one.

    Parameters
    ----------
    W : CSR array of shape (n_nodes, n_nodes)
        The graph.
    winners : ndarray of int of shape (n_nodes,)
        The most probable class of each node.

    Returns
    -------
    faces : ndarray of bool of shape (n_nodes,)
        Whether an edge of the node is cut by a boundary.
    """
    edges = W.tocoo()
    i, j = edges.coords
    faces = np.zeros(W.shape[0], dtype=bool)
    faces[i[winners[i] != winners[j]]] = True
    return faces


def mean_similarity(W, Z):
    """Return the mean cosine of each node to its neighbors, 0 if it has none.

    Parameters
    ----------
    W : CSR array of shape (n_nodes, n_nodes)
        The graph.
    Z : ndarray of shape (n_nodes, n_columns)
        Rows of length one.

    Returns
    -------
    density : ndarray of shape (n_nodes,)
        From 0 to 1; negative means are set to 0.
    """
    edges = sparse.csr_array((np.ones_like(W.data), W.indices, W.indptr), W.shape)
    count = np.maximum(np.diff(W.indptr), 1)
    return np.maximum(np.einsum("ij,ij->i", Z, edges @ Z) / count, 0)


def distinct_first(order, Z, n):
    """Return the first n rows of an order, and duplicates only if no others are left.

    Parameters
    ----------
    order : ndarray of int of shape (n_rows,)
        Rows, best first.
    Z : ndarray of shape (n_rows, n_columns)
        What the rows look like.
    n : int
        How many.

    Returns
    -------
    rows : ndarray of intp of shape (n,)
        Rows that differ from those before them; then duplicates, if needed.
    """
    seen, first, copies = set(), [], []
    for row in order:
        look = Z[row].tobytes()
        (copies if look in seen else first).append(row)
        seen.add(look)
        if len(first) == n:
            break
    return np.array([*first, *copies][:n], dtype=np.intp)
