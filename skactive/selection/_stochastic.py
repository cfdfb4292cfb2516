"""Batches drawn by score: Gumbel noise on the logarithms, then the n largest."""

from numbers import Real

import numpy as np
from sklearn.utils import check_random_state

from skactive.selection._checks import check_n
from skactive.selection._top import top_n


def power_sample(scores, n, *, beta=1.0, random_state=None):
    """Draw n positions without replacement, in proportion to ``scores ** beta``.

    The highest scores of a pool often belong to near duplicates. Drawing breaks such
    batches up, at the cost of one random number per sample [1]_.

    Parameters
    ----------
    scores : array-like of shape (n_rows,)
        Finite and not negative; higher is more wanted. Their scale does not matter.
    n : int
        How many positions, between 1 and `n_rows`.
    beta : float, default=1.0
        Above 0. Large values come close to the n largest scores, which infinity is;
        small ones to drawing uniformly.
    random_state : int, RandomState instance or None, default=None
        Seed of the drawing.

    Returns
    -------
    positions : ndarray of shape (n,), dtype=intp
        Distinct positions in `scores`, in the order drawn. Scores of 0 are drawn last,
        each as likely as another.

    Raises
    ------
    ValueError
        If a score is negative or not finite, or `n` or `beta` is out of range.

    See Also
    --------
    softmax_sample : For scores with a scale of their own.
    softrank_sample : For scores of either sign, of which only the order counts.

    Notes
    -----
    O(n_rows + n log n) time, ``40 n_rows`` bytes.

    References
    ----------
    .. [1] A. Kirsch, S. Farquhar, P. Atighehchian, A. Jesson, F. Branchaud-Charron and
       Y. Gal. "Stochastic Batch Acquisition: A Simple Baseline for Deep Active
       Learning." TMLR 2023. arXiv:2106.12059.

    Examples
    --------
    >>> from skactive.selection import power_sample
    >>> power_sample([0.0, 0.2, 0.0, 0.1], 3, random_state=0)[:2]
    array([1, 3])
    """
    scores = _check_scores(scores)
    if len(scores) and scores.min() < 0:
        raise ValueError(
            f"scores[{scores.argmin()}] is {scores.min()}, but power_sample needs "
            "scores of 0 or more: take softrank_sample, which only needs their order."
        )
    with np.errstate(divide="ignore"):
        logs = np.log(scores)
    return _gumbel_top(logs, n, beta, random_state)


def softmax_sample(scores, n, *, beta=1.0, random_state=None):
    """Draw n positions without replacement, in proportion to ``exp(beta * scores)``.

    Scores of either sign; adding a number to all of them changes nothing, but their
    scale does: scores that differ by hundredths are drawn nearly uniformly [1]_.

    Parameters
    ----------
    scores : array-like of shape (n_rows,)
        Finite; higher is more wanted.
    n : int
        How many positions, between 1 and `n_rows`.
    beta : float, default=1.0
        Above 0. Large values come close to the n largest scores, which infinity is.
    random_state : int, RandomState instance or None, default=None
        Seed of the drawing.

    Returns
    -------
    positions : ndarray of shape (n,), dtype=intp
        Distinct positions in `scores`, in the order drawn.

    Raises
    ------
    ValueError
        If a score is not finite, or `n` or `beta` is out of range.

    See Also
    --------
    power_sample : For scores of 0 and more, whatever their scale.

    Notes
    -----
    O(n_rows + n log n) time, ``32 n_rows`` bytes.

    References
    ----------
    .. [1] A. Kirsch et al. "Stochastic Batch Acquisition: A Simple Baseline for Deep
       Active Learning." TMLR 2023. arXiv:2106.12059.

    Examples
    --------
    >>> from skactive.selection import softmax_sample
    >>> softmax_sample([-900.0, 0.0, -100.0], 3, random_state=0)
    array([1, 2, 0])
    """
    return _gumbel_top(_check_scores(scores), n, beta, random_state)


def softrank_sample(scores, n, *, beta=1.0, random_state=None):
    """Draw n positions without replacement, in proportion to ``1 / rank ** beta``.

    The best score has rank 1. Only the order of the scores counts [1]_.

    Parameters
    ----------
    scores : array-like of shape (n_rows,)
        Finite, of either sign; higher is more wanted.
    n : int
        How many positions, between 1 and `n_rows`.
    beta : float, default=1.0
        Above 0. Large values come close to the n largest scores, which infinity is.
    random_state : int, RandomState instance or None, default=None
        Seed of the ranking of equal scores, and of the drawing.

    Returns
    -------
    positions : ndarray of shape (n,), dtype=intp
        Distinct positions in `scores`, in the order drawn.

    Raises
    ------
    ValueError
        If a score is not finite, or `n` or `beta` is out of range.

    See Also
    --------
    power_sample : For scores of 0 and more, whose ratios count.

    Notes
    -----
    O(n_rows log n_rows) time, ``40 n_rows`` bytes.

    References
    ----------
    .. [1] A. Kirsch et al. "Stochastic Batch Acquisition: A Simple Baseline for Deep
       Active Learning." TMLR 2023. arXiv:2106.12059.

    Examples
    --------
    >>> from skactive.selection import softrank_sample
    >>> sorted(softrank_sample([-3.0, -1.0, -2.0], 3, random_state=0).tolist())
    [0, 1, 2]
    """
    scores = _check_scores(scores)
    rng = check_random_state(random_state)
    # A stable sort of shuffled rows leaves equal scores in shuffled order.
    order = rng.permutation(len(scores))
    order = order[np.argsort(-scores[order], kind="stable")]
    logs = np.empty(len(scores))
    logs[order] = -np.log(np.arange(1, len(scores) + 1))
    return _gumbel_top(logs, n, beta, rng)


def _gumbel_top(logs, n, beta, random_state):
    """Draw without replacement in proportion to ``exp(beta * logs)``."""
    n = check_n(n, len(logs))
    if isinstance(beta, (bool, np.bool_)) or not isinstance(beta, Real):
        raise TypeError(f"beta must be a number, got {beta!r}.")
    if not beta > 0:
        raise ValueError(f"beta must be above 0, got {beta}.")
    rng = check_random_state(random_state)
    return top_n(logs + rng.gumbel(size=len(logs)) / beta, n, random_state=rng)


def _check_scores(scores):
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 1:
        raise ValueError(
            f"scores must hold one number per row, got shape {scores.shape}."
        )
    bad = np.flatnonzero(~np.isfinite(scores))
    if len(bad):
        raise ValueError(
            f"scores[{bad[0]}] is {scores[bad[0]]}; scores must be finite."
        )
    return scores
