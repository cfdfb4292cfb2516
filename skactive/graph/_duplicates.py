"""Neighbors of rows of which many are identical."""

import numpy as np
from scipy import sparse


def spread_duplicates(X, indices, distances, search):
    """Return neighbor lists in which duplicates do not crowd out all other rows.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_rows, n_features)
        Rows, more than k of them identical.
    indices, distances : ndarray of shape (n_rows, k)
        Their neighbors, in which those duplicates have only each other.
    search : callable
        Returns the neighbors of the rows it is given, among themselves.

    Returns
    -------
    indices, distances : ndarray of shape (n_rows, k)
        Distinct rows are neighbors of distinct rows. A duplicate has the first of its
        kind as a neighbor, and the nearest neighbors of that row.
    """
    first, group = first_copies(X)
    k = indices.shape[1]
    if len(first) == X.shape[0]:  # at distance 0, but by rounding
        return indices, distances
    new_indices = np.full(indices.shape, -1, dtype=indices.dtype)
    new_distances = np.full_like(distances, np.inf)
    if len(first) > 1:
        found, far = search(X[first])
        found = first[found]
        width = min(k, found.shape[1])
        new_indices[:, :width] = found[group][:, :width]
        new_distances[:, :width] = far[group][:, :width]
    copies = np.ones(X.shape[0], dtype=bool)
    copies[first] = False
    new_indices[copies, 1:] = new_indices[copies, :-1]
    new_distances[copies, 1:] = new_distances[copies, :-1]
    new_indices[copies, 0] = first[group[copies]]
    new_distances[copies, 0] = 0
    return new_indices, new_distances


def with_itself(indices, distances, rows):
    """Return the neighbors that rows have as new ones: they themselves are among them.

    Parameters
    ----------
    indices, distances : ndarray of shape (n_rows, k)
        Neighbors of all rows, none of them itself, in the order of distances and
        equal ones in that of rows.
    rows : ndarray of int of shape (n_asked,)
        Rows.

    Returns
    -------
    indices, distances : ndarray of shape (n_asked, max(k, 1))
        In the same order; copies of a row may come before it.
    """
    k = max(indices.shape[1], 1)
    own = np.zeros(len(rows), dtype=distances.dtype)
    distances = np.column_stack([own, distances[rows]])
    indices = np.column_stack([rows.astype(indices.dtype), indices[rows]])
    order = np.lexsort((indices, distances), axis=1)[:, :k]
    return tuple(np.take_along_axis(a, order, axis=1) for a in (indices, distances))


def first_copies(X):
    """Return the first row of each kind, and the kind of each row."""
    if sparse.issparse(X):
        X = X.copy()
        X.sum_duplicates()
        X.eliminate_zeros()
        bounds = zip(X.indptr[:-1], X.indptr[1:])
        keys = [X.indices[a:b].tobytes() + X.data[a:b].tobytes() for a, b in bounds]
    else:
        keys = [row.tobytes() for row in X + 0.0]  # -0.0 becomes 0.0
    kinds, first, group = {}, [], np.empty(X.shape[0], dtype=np.intp)
    for row, key in enumerate(keys):
        if key not in kinds:
            kinds[key] = len(first)
            first.append(row)
        group[row] = kinds[key]
    return np.array(first), group
