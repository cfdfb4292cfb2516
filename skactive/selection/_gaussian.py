"""The Gaussian kernel of squared distances, and what its width is taken from."""

import numpy as np
from scipy import sparse

from skactive.selection._distances import BLOCK_BYTES

# From this many rows it is estimated how far rows are spread.
SPREAD_ROWS = 5000


def total_variance(Z):
    """Sum of the variances of the columns, over at most 5,000 rows, evenly taken.

    Parameters
    ----------
    Z : {ndarray, CSR} of shape (n_rows, n_features)
        Finite rows.

    Returns
    -------
    spread : float
        In double precision; 0 if, and only if, all rows looked at are the same, and
        infinite if they are too large to be squared.

    Notes
    -----
    Memory: a few blocks of 2 MB and three float64 per column; of a sparse `Z` also
    those of its rows that are looked at.
    """
    some = Z[:: -(-Z.shape[0] // SPREAD_ROWS)]
    n = some.shape[0]
    # Differences to one of them are exactly 0 where all rows are alike.
    with np.errstate(over="ignore", invalid="ignore"):
        if sparse.issparse(some):
            total, square, differ = _sparse_sums(some, some[:1].toarray().ravel())
        else:
            total, square, differ = _dense_sums(some, some[0])
        spread = float((square - total @ (total / n)) / n)
    if not np.isfinite(square):
        return float("inf")
    return max(spread, 5e-324) if differ else 0.0


def _dense_sums(Z, origin):
    origin = origin.astype(np.float64)
    total, square, differ = np.zeros(len(origin)), 0.0, False
    step = max(1, BLOCK_BYTES // (8 * len(origin)))
    for start in range(0, len(Z), step):
        block = Z[start : start + step] - origin
        total += block.sum(axis=0)
        square += np.vdot(block, block)
        differ = differ or block.any()
    return total, square, differ


def _sparse_sums(Z, origin):
    if not Z.has_canonical_format:
        Z = Z.copy()
        Z.sum_duplicates()
    origin, width = origin.astype(np.float64), len(origin)
    total, stored, square, differ = np.zeros(width), np.zeros(width), 0.0, False
    step = BLOCK_BYTES // 8
    for start in range(0, Z.nnz, step):
        columns = Z.indices[start : start + step]
        values = Z.data[start : start + step] - origin[columns]
        total += np.bincount(columns, values, width)
        stored += np.bincount(columns, minlength=width)
        square += values @ values
        differ = differ or values.any()
    away = Z.shape[0] - stored  # rows whose entry is an implicit 0
    total -= away * origin
    square += away @ origin**2
    return total, square, differ or (away * origin).any()


def check_gamma(gamma, dtype):
    """Refuse a width of the kernel that squared distances of `dtype` cannot meet."""
    if not float(gamma) <= float(np.finfo(dtype).max):
        raise ValueError(
            f"The kernel needs gamma={gamma:.3g}, which {dtype} cannot hold: the "
            "features differ by too little to be squared. Rescale them first, for "
            "instance by dividing by their largest absolute value."
        )


def gaussian_kernel(sq, gamma):
    """Turn squared distances into ``exp(-gamma * sq)``, in place."""
    with np.errstate(over="ignore"):  # what is too far is at 0
        sq *= -gamma
    return np.exp(np.minimum(sq, 0, out=sq), out=sq)
