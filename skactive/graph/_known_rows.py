"""Rows that were seen before, found by what they hold."""

import numpy as np
from scipy import sparse

# Bytes of a block of rows that is compared at once.
BLOCK = 2**22


class KnownRows:
    """Finds rows that are the same, bit by bit, as rows of a matrix.

    Parameters
    ----------
    X : {ndarray, CSR} of shape (n_rows, n_features)
        The matrix, by reference; without NaN.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.graph._known_rows import KnownRows
    >>> known = KnownRows(np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]]))
    >>> known.find(np.array([[3.0, 4.0], [3.0, 4.5], [1.0, 2.0]])).tolist()
    [1, -1, 0]
    """

    def __init__(self, X):
        self.X = X
        keys = row_keys(X)
        self.order = np.argsort(keys, kind="stable")
        self.keys = keys[self.order]

    def find(self, X):
        """Return which row of the matrix each row is.

        Parameters
        ----------
        X : {ndarray, CSR} of shape (n_new, n_features)
            Rows to look for.

        Returns
        -------
        at : ndarray of intp of shape (n_new,)
            The first of the rows that are the same, -1 where there is none; -1 for
            all rows of another dtype or format.
        """
        found = np.full(X.shape[0], -1, dtype=np.intp)
        alike = sparse.issparse(X) == sparse.issparse(self.X)
        if not alike or X.dtype != self.X.dtype or not len(self.keys):
            return found
        keys = row_keys(X)
        place = np.searchsorted(self.keys, keys)
        place[place == len(self.keys)] = 0
        rows = np.flatnonzero(self.keys[place] == keys)
        at = self.order[place[rows]]
        step = _rows_of_block(X)
        for start in range(0, len(rows), step):
            some = slice(start, start + step)
            # Rows that differ may have one key, or X may have been written to.
            same = _are_equal(X[rows[some]], self.X[at[some]])
            found[rows[some][same]] = at[some][same]
        return found


def row_keys(X):
    """Return a number for each row, which is the same for rows that are the same.

    Parameters
    ----------
    X : {ndarray, CSR} of floats of shape (n_rows, n_features)
        The rows.

    Returns
    -------
    keys : ndarray of uint64 of shape (n_rows,)
        Of rows that differ, most likely different ones.
    """
    rng = np.random.RandomState(0)
    weights = rng.randint(2**63 - 1, size=X.shape[1], dtype=np.int64)
    weights = 2 * weights.astype(np.uint64) + np.uint64(1)
    if sparse.issparse(X):
        if not X.has_canonical_format:
            X = X.copy()
            X.sum_duplicates()
        bits = sparse.csr_array((_bits(X.data), X.indices, X.indptr), shape=X.shape)
        return bits @ weights
    keys = np.empty(X.shape[0], dtype=np.uint64)
    step = _rows_of_block(X)
    for start in range(0, len(keys), step):
        keys[start : start + step] = _bits(X[start : start + step]) @ weights
    return keys


def _bits(values):
    values = values + 0.0  # -0.0 becomes 0.0
    bits = values.view(f"u{values.dtype.itemsize}").astype(np.uint64)
    # Whole numbers have all of their bits at the upper end, where products lose them.
    return bits ^ (bits >> np.uint64(32))


def _are_equal(A, B):
    if not sparse.issparse(A):
        return (A == B).all(axis=1)
    difference = sparse.csr_array(A != B)
    difference.eliminate_zeros()
    return np.diff(difference.indptr) == 0


def _rows_of_block(X):
    width = X.nnz // max(1, X.shape[0]) if sparse.issparse(X) else X.shape[1]
    return max(1, BLOCK // (8 * max(1, width)))
