"""The n largest scores."""

import numpy as np
from sklearn.utils import check_random_state

from skactive.selection._checks import check_n


def top_n(scores, n, random_state=None):
    """Positions of the n largest scores, best first.

    Exactly equal scores are put in random order, so that a pool sorted by class
    is not asked from its first class only.

    Parameters
    ----------
    scores : array-like of shape (n_rows,)
        Higher is more wanted. Infinities are allowed, NaN is not.
    n : int
        How many positions, between 1 and `n_rows`.
    random_state : int, RandomState instance or None, default=None
        Decides among exactly equal scores.

    Returns
    -------
    positions : ndarray of shape (n,), dtype=intp
        Distinct positions in `scores`.

    Raises
    ------
    ValueError
        If `scores` is not one-dimensional or holds NaN, or `n` is out of range.

    Notes
    -----
    O(n_rows + n log n) time by partition, O(n_rows) extra memory.

    Examples
    --------
    >>> from skactive.selection import top_n
    >>> top_n([0.1, 0.9, 0.5], 2)
    array([1, 2])
    """
    scores = np.asarray(scores)
    if scores.ndim != 1:
        raise ValueError(
            f"scores must hold one number per row, got shape {scores.shape}."
        )
    n = check_n(n, len(scores))
    if np.isnan(scores).any():
        worst = np.flatnonzero(np.isnan(scores))[0]
        raise ValueError(f"scores[{worst}] is NaN, which cannot be ranked.")
    rng = check_random_state(random_state)

    last = np.partition(scores, len(scores) - n)[len(scores) - n]
    above = np.flatnonzero(scores > last)
    tied = rng.permutation(np.flatnonzero(scores == last))
    # A stable sort of shuffled rows leaves equal scores in shuffled order.
    above = rng.permutation(above)
    above = above[np.argsort(scores[above], kind="stable")[::-1]]
    return np.concatenate([above, tied[: n - len(above)]])
