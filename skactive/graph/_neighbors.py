"""The nearest neighbors of each row, found by blocked products."""

import numpy as np
from scipy import sparse
from sklearn.utils import check_array
from sklearn.utils.extmath import row_norms

from skactive.graph._approximate import (
    LIBRARIES,
    approximate_neighbors,
    zeros_apart,
)
from skactive.graph._exact import exact_neighbors, sorted_by_distance

METRICS = ("cosine", "euclidean")
ALGORITHMS = ("exact", *LIBRARIES)


def nearest_neighbors(
    X,
    n_neighbors,
    *,
    Y=None,
    metric="euclidean",
    algorithm="exact",
    memory_budget=2**27,
    n_jobs=None,
    random_state=None,
):
    """Return the nearest rows of each row, nearest first.

    Parameters
    ----------
    X : array-like or CSR matrix of shape (n_rows, n_features)
        The rows whose neighbors are wanted. float32 is worked on in float32, anything
        else in float64.
    n_neighbors : int
        How many neighbors of each row. More than there are: all there are.
    Y : array-like or CSR matrix of shape (n_others, n_features) or None, default=None
        The rows to search. None: those of ``X``, each without itself; another row
        at the same place is a neighbor like any other.
    metric : {"euclidean", "cosine"}, default="euclidean"
        Distance. The cosine distance is one minus the cosine; a row of zeros is at
        distance 1 from every row.
    algorithm : {"exact", "hnswlib", "faiss", "pynndescent"}, default="exact"
        "exact" compares all pairs. The others ask the library of that name, which
        must be installed, for approximate neighbors, which pays from hundreds of
        thousands of rows on. What is installed never decides. CSR matrices are only
        compared exactly.
    memory_budget : int, default=2**27
        Bytes of scratch memory of each thread, beside the answer and one copy of the
        rows. At least one row of products is held whatever it says.
    n_jobs : int or None, default=None
        Threads that work on blocks of rows; None is one. The matrix products have
        threads of their own.
    random_state : int, RandomState instance or None, default=None
        Seeds an approximate search.

    Returns
    -------
    indices : ndarray of int32 or int64 of shape (n_rows, k)
        Rows of ``Y`` (or ``X``). Equal distances are in the order of the rows.
    distances : ndarray of float32 or float64 of shape (n_rows, k)
        Their distances, computed from the differences of the rows and therefore
        exactly zero between rows that are equal; for the cosine also between those of
        one direction, up to rounding.

    Raises
    ------
    ValueError
        If the metric or algorithm is unknown, if ``n_neighbors`` is below 1, or if
        rows hold NaN or infinity or have different numbers of features.
    ImportError
        If the library that ``algorithm`` names is not installed.

    See Also
    --------
    KNNAffinity : A graph of the neighbors.

    Notes
    -----
    Cost of the exact search: ``2 * n_rows * n_others * n_features`` operations in
    matrix products and one pass over the products, in O(memory_budget) memory. Some
    of the columns show how large the largest products of a row are; only what is as
    large is looked at again, which is what makes it several times faster than a
    partial sort of every row.

    Where more than k rows are nearer than a product can tell (1e-7 of their length in
    float64, 2e-3 in float32), the nearest of the first k + 64 of them are taken. A row
    farther off, to which they are all at one distance, has any of them as neighbors.

    Examples
    --------
    >>> from skactive.graph import nearest_neighbors
    >>> indices, distances = nearest_neighbors([[0.0], [1.0], [3.0]], 1)
    >>> indices.ravel(), distances.ravel()
    (array([1, 0, 1], dtype=int32), array([1., 1., 2.]))
    """
    if metric not in METRICS:
        raise ValueError(f"metric must be one of {METRICS}, got {metric!r}.")
    if algorithm not in ALGORITHMS:
        raise ValueError(f"algorithm must be one of {ALGORITHMS}, got {algorithm!r}.")
    if n_neighbors < 1:
        raise ValueError(f"n_neighbors must be at least 1, got {n_neighbors}.")
    X = _as_rows(X, "X")
    others = X if Y is None else _as_rows(Y, "Y", X.dtype)
    if X.shape[1] != others.shape[1]:
        raise ValueError(
            f"X has {X.shape[1]} features and Y has {others.shape[1]}; both must have "
            "the same."
        )
    if sparse.issparse(X) or sparse.issparse(others):
        if algorithm != "exact":
            raise ValueError(
                f"algorithm={algorithm!r} takes no sparse features; pass 'exact', or "
                "reduce them first, for instance with TruncatedSVD."
            )
        X, others = sparse.csr_array(X), sparse.csr_array(others)
    X = prepare(X, metric)
    others = X if Y is None else prepare(others, metric)
    n_others = others.shape[0] - (Y is None)
    k = min(int(n_neighbors), n_others)
    if k == 0:
        empty = np.empty((X.shape[0], 0))
        return empty.astype(np.int32), empty.astype(X.dtype)
    if algorithm != "exact":
        rows, index = zeros_apart(X, others) if metric == "cosine" else (X, others)
        indices = approximate_neighbors(
            algorithm, rows, index, k, Y is None, n_jobs, random_state
        )
        return sorted_by_distance(X, others, indices, metric, memory_budget)
    return exact_neighbors(X, others, k, Y is None, metric, memory_budget, n_jobs)


def prepare(X, metric):
    """Return rows of length one for the cosine; rows of zeros stay what they are."""
    if metric == "euclidean":
        return X
    norms = row_norms(X)
    norms[norms == 0] = 1
    if sparse.issparse(X):
        return sparse.csr_array(sparse.diags_array(1 / norms) @ X).astype(X.dtype)
    return X / norms[:, None].astype(X.dtype)


def _as_rows(X, name, dtype=None):
    dtype = [np.float64, np.float32] if dtype is None else dtype
    return check_array(X, accept_sparse="csr", dtype=dtype, order="C", input_name=name)
