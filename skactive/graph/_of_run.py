"""The graph of all samples of a run, which its rounds share."""

import numpy as np
from scipy import sparse

from skactive.graph._edges import without_diagonal
from skactive.graph._normalize import check_affinity
from skactive.utils import seeded_clone
from skactive.utils._pool import Pool
from skactive.utils._shared import content_key


def graph_of_run(affinity, pool):
    """Return the graph of all samples of a run, made once.

    Parameters
    ----------
    affinity : transformer
        Copied, with the seed of the run.
    pool : Pool
        A pool of the run.

    Returns
    -------
    W : CSR array of shape (n_samples, n_samples)
        The checked affinity, in the order of X. Not to be written to.
    graph : transformer
        The fitted copy.
    """
    shared = pool.shared
    graph = seeded_clone(affinity, shared.seed)

    def make():
        W = graph.fit_transform(Pool(shared.X).taken())
        return without_diagonal(check_affinity(W)), graph

    return shared.get(content_key("graph", graph), make)


def nodes_of_run(labeled, pool):
    """Return all samples of a run as nodes: the labeled ones, the pool, the others.

    The others were skipped, or may not be asked for now. They stay, as edges through
    them hold the graph together.

    Parameters
    ----------
    labeled : ndarray of int of shape (n_labeled,)
        Positions in X.
    pool : Pool
        A pool of the run.

    Returns
    -------
    nodes : ndarray of intp of shape (n_samples,)
        Positions in X.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.graph._of_run import nodes_of_run
    >>> from skactive.utils._pool import Pool
    >>> nodes_of_run(np.array([3]), Pool(np.eye(5), np.array([0, 4]))).tolist()
    [3, 0, 4, 1, 2]
    """
    known = np.concatenate([labeled, pool.positions]).astype(np.intp)
    others = np.ones(len(Pool(pool.X)), dtype=bool)
    others[known] = False
    return np.concatenate([known, np.flatnonzero(others)])


def columns_in_order(W, nodes):
    """Return a CSR array with its columns in the order of nodes, indices sorted.

    Parameters
    ----------
    W : CSR array of shape (n_rows, n_nodes)
        Left as it is.
    nodes : ndarray of int of shape (n_nodes,)
        Each column once.

    Returns
    -------
    W : CSR array of shape (n_rows, n_nodes)
        A copy.
    """
    place = np.empty(len(nodes), dtype=W.indices.dtype)
    place[nodes] = np.arange(len(nodes))
    parts = W.data.copy(), place[W.indices], W.indptr
    ordered = sparse.csr_array(parts, shape=W.shape)
    ordered.sort_indices()
    return ordered
