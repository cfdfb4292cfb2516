"""Positions in a pool, checked."""

import numpy as np


def check_positions(name, positions, n_pool):
    """Return positions as distinct integers, ascending, or refuse them.

    Parameters
    ----------
    name : str
        What they are called, for messages.
    positions : array-like of int of shape (n,) or None
        Where; None is nowhere.
    n_pool : int
        They lie in 0..n_pool - 1.

    Returns
    -------
    positions : ndarray of intp of shape (n_distinct,)
        The same, each once.

    Examples
    --------
    >>> from skactive.utils._positions import check_positions
    >>> check_positions("exclude", [4, 2, 4], 5).tolist()
    [2, 4]
    """
    if positions is None:
        return np.empty(0, dtype=np.intp)
    positions = np.atleast_1d(np.asarray(positions))
    if not positions.size:
        return np.empty(0, dtype=np.intp)
    if positions.dtype.kind not in "iu" or positions.ndim != 1:
        hint = " Pass np.flatnonzero(mask)." if positions.dtype.kind == "b" else ""
        raise ValueError(
            f"{name} must be 1-d integers, got {positions.dtype} of shape "
            f"{positions.shape}.{hint}"
        )
    if positions.min() < 0 or positions.max() >= n_pool:
        raise ValueError(
            f"{name} must lie in 0..{n_pool - 1}; got {positions.min()} to "
            f"{positions.max()}."
        )
    return np.unique(positions).astype(np.intp)
