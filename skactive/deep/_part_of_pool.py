"""A random part of a pool that is too large to be searched as a whole."""

import numpy as np

from skactive.utils._pool import Pool
from skactive.utils._rows import take_rows


def part_of_pool(X_pool, n_pool, n, subset, random_state):
    """Return positions in the pool, and the samples at these positions.

    Parameters
    ----------
    X_pool : Pool or array-like of shape (n_pool, ...)
        The pool.
    n_pool : int
        Number of samples in it.
    n : int
        How many of them are asked for; if all are, nothing is drawn.
    subset : int or None
        How many are considered. None, or as many as there are: all, in their order.
    random_state : RandomState instance
        Draws them; not used if all are considered.

    Returns
    -------
    rows : ndarray of int
        Positions in the pool.
    X : Pool or array-like of shape (len(rows), ...)
        Samples.

    Raises
    ------
    ValueError
        If more are asked for than are considered.
    """
    if subset is None or n == n_pool or subset >= n_pool:
        return np.arange(n_pool), X_pool
    if subset < n:
        raise ValueError(
            f"{n} samples are asked for, but only subset={subset} are considered. "
            "Raise subset, or pass None."
        )
    rows = random_state.choice(n_pool, subset, replace=False)
    by_reference = isinstance(X_pool, Pool)
    return rows, X_pool.part(rows) if by_reference else take_rows(X_pool, rows)
