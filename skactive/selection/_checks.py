"""What every picking function asks of its arguments."""

from numbers import Integral

import numpy as np
from scipy import sparse


def check_n(n, n_rows):
    """Return `n` as an int, refusing what is not a count of rows that exist."""
    if isinstance(n, (bool, np.bool_)) or not isinstance(n, Integral):
        raise TypeError(f"n must be an integer, got {n!r}.")
    if not 1 <= n <= n_rows:
        raise ValueError(
            f"n={n} rows were asked for and there are {n_rows}: "
            f"pass n between 1 and {n_rows}."
        )
    return int(n)


def check_rows(Z, name="Z"):
    """Return `Z` as a 2-d float array or CSR; float32 and float64 are not copied."""
    if sparse.issparse(Z):
        Z = Z.tocsr()
        if not Z.has_canonical_format:
            # Norms read the stored entries one by one, so each may appear only once.
            Z = Z.copy()
            Z.sum_duplicates()
    else:
        Z = np.asarray(Z)
    if Z.ndim != 2:
        raise ValueError(
            f"{name} must have shape (n_rows, n_features), got {Z.shape}: "
            f"flatten each sample to one row."
        )
    if Z.dtype == np.float16:
        return Z.astype(np.float32)
    if Z.dtype not in (np.float32, np.float64):
        return Z.astype(np.float64)
    return Z


def check_same_space(Z_labeled, Z):
    """Return `Z_labeled` in the width, dtype and format of `Z`; None if it is empty."""
    if Z_labeled is None:
        return None
    Z_labeled = check_rows(Z_labeled, "Z_labeled")
    if Z_labeled.shape[0] == 0:
        return None
    if Z_labeled.shape[1] != Z.shape[1]:
        raise ValueError(
            f"Z_labeled has {Z_labeled.shape[1]} features and Z has {Z.shape[1]}: "
            f"pass both through the same embedding."
        )
    if sparse.issparse(Z):
        Z_labeled = sparse.csr_array(Z_labeled)
    elif sparse.issparse(Z_labeled):
        Z_labeled = Z_labeled.toarray()
    return Z_labeled.astype(Z.dtype, copy=False)
