"""How many labels a strategy saves, at equal score."""

import numpy as np

from skactive.metrics._curve import _check_curve, labels_to_reach


def label_efficiency(n_labeled, scores, n_labeled_random, scores_random, targets=None):
    """Return the labels random sampling needs, divided by those a strategy needs.

    Above one the strategy saves labels: 2 means half of them. Both curves are read the
    other way round by :func:`labels_to_reach`.

    Parameters
    ----------
    n_labeled : array-like of shape (n_points,) or (n_seeds, n_points)
        Numbers of labels of the strategy, increasing and positive.
    scores : array-like of shape (n_points,) or (n_seeds, n_points)
        Its scores, greater is better. With two dimensions, one row per seed.
    n_labeled_random : array-like of shape (n_points_random,) or \
            (n_seeds, n_points_random)
        Numbers of labels of random sampling.
    scores_random : array-like of shape (n_points_random,) or \
            (n_seeds, n_points_random)
        Its scores, in the same order of seeds.
    targets : array-like of shape (n_targets,), default=None
        Scores at which to compare. None: the running maximum of ``scores_random``, so
        that entry ``i`` says what the score that random sampling had reached after
        ``n_labeled_random[i]`` labels costs the strategy.

    Returns
    -------
    efficiency : ndarray of float of shape (n_targets,) or (n_seeds, n_targets)
        The quotients. "Not reached" is kept: ``inf`` where only the strategy reaches
        the target, 0 where only random sampling does, NaN where neither does.

    Raises
    ------
    ValueError
        If shapes do not fit, a count is not positive or they do not increase, or an
        entry is NaN or infinite.

    See Also
    --------
    labels_to_reach : The numbers that are divided.

    Notes
    -----
    Over seeds take medians and count the infinities, zeros and NaN: a mean, or a median
    of the finite ones alone, leaves out the runs that decide. At or below a start that
    both curves share the quotient is 1 by construction and says nothing; so does any
    target above the last score of random sampling, except that it was not reached.

    Costs O(n_seeds · n_targets · n_points).

    Examples
    --------
    >>> from skactive.metrics import label_efficiency
    >>> label_efficiency(
    ...     [10, 20, 30], [0.5, 0.8, 0.9], [10, 20, 40], [0.5, 0.6, 0.8],
    ...     targets=[0.65, 0.8, 0.9, 0.95],
    ... ).round(3).tolist()
    [1.667, 2.0, inf, nan]
    """
    scores = np.asarray(scores, dtype=float)
    scores_random = np.asarray(scores_random, dtype=float)
    n_labeled = _counts_of("n_labeled", n_labeled, scores)
    n_labeled_random = _counts_of("n_labeled_random", n_labeled_random, scores_random)
    if scores.shape[:-1] != scores_random.shape[:-1]:
        raise ValueError(
            "scores and scores_random must have the same seeds in the same order, got "
            f"shapes {scores.shape} and {scores_random.shape}."
        )
    if targets is not None:
        targets = np.asarray(targets, dtype=float)
        if targets.ndim != 1:
            raise ValueError(f"targets must be 1-d, got shape {targets.shape}.")
    if scores.ndim == 1:
        return _efficiency(n_labeled, scores, n_labeled_random, scores_random, targets)
    rows = zip(n_labeled, scores, n_labeled_random, scores_random)
    return np.array([_efficiency(*row, targets) for row in rows])


def _counts_of(name, n_labeled, scores):
    """Return counts of the shape of the scores: what all seeds share is repeated."""
    if scores.ndim not in (1, 2) or not scores.size:
        raise ValueError(
            "Scores must have shape (n_points,) or (n_seeds, n_points) and not be "
            f"empty, got shape {scores.shape}."
        )
    n_labeled = np.asarray(n_labeled, dtype=float)
    if n_labeled.shape not in (scores.shape, scores.shape[-1:]):
        raise ValueError(
            f"{name} must have one entry per score, got shape {n_labeled.shape} for "
            f"scores of shape {scores.shape}."
        )
    if np.any(n_labeled <= 0):
        raise ValueError(f"{name} must be positive: numbers of labels are divided.")
    return np.broadcast_to(n_labeled, scores.shape)


def _efficiency(n_labeled, scores, n_labeled_random, scores_random, targets):
    n_labeled_random, scores_random = _check_curve(n_labeled_random, scores_random)
    if targets is None:
        targets = np.maximum.accumulate(scores_random)
    needed = np.array([labels_to_reach(n_labeled, scores, t) for t in targets])
    by_chance = [labels_to_reach(n_labeled_random, scores_random, t) for t in targets]
    with np.errstate(invalid="ignore"):  # inf / inf: neither arrives
        return np.array(by_chance) / needed
