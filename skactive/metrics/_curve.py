"""Numbers of a learning curve, given as label counts and scores."""

import numpy as np


def _check_curve(n_labeled, scores):
    n_labeled = np.asarray(n_labeled, dtype=float)
    scores = np.asarray(scores, dtype=float)
    if n_labeled.ndim != 1 or n_labeled.shape != scores.shape or not len(scores):
        raise ValueError(
            "n_labeled and scores must be 1-d, of the same length and not empty, got "
            f"shapes {n_labeled.shape} and {scores.shape}."
        )
    if not (np.isfinite(n_labeled).all() and np.isfinite(scores).all()):
        raise ValueError("n_labeled and scores must be finite, without NaN.")
    if np.any(np.diff(n_labeled) <= 0):
        raise ValueError(
            "n_labeled must increase from entry to entry; sort the curve, and keep "
            "one score per number of labels."
        )
    return n_labeled, scores


def check_x(x):
    """Refuse what is not one of the two things a curve is drawn over."""
    if x not in ("n_labeled", "cost"):
        raise ValueError(f"x must be 'n_labeled' or 'cost', got {x!r}.")


def common_range(xs, what="numbers of labels"):
    """Return where all curves are: the largest start and the smallest end."""
    first, last = max(x[0] for x in xs), min(x[-1] for x in xs)
    if first > last:
        raise ValueError(
            f"The curves have no {what} in common: one begins at {first:g} and another "
            f"ends at {last:g}."
        )
    return first, last


def on_common_range(*curves):
    """Cut learning curves to the range that all of them cover.

    Curves over what answers cost end at different costs, and their areas can only be
    compared where all of them are: from the largest start to the smallest end.

    Parameters
    ----------
    *curves : tuples (x, scores)
        Curves, as :func:`staged_scores` returns them: two array-likes of shape
        (n_points,), x being costs or numbers of labels, increasing.

    Returns
    -------
    cut : list of tuples (x, scores)
        The curves in the same order, each with its own points within the range. Where
        a curve has no point at an end of the range, one is interpolated linearly.

    Raises
    ------
    ValueError
        If there is no curve, no range that all cover, or a curve that
        :func:`area_under_learning_curve` would refuse.

    See Also
    --------
    area_under_learning_curve : What the cut curves are for.

    Examples
    --------
    >>> from skactive.metrics import on_common_range
    >>> a, b = on_common_range(([0, 10, 30], [0.0, 0.5, 0.7]), ([0, 20], [0.0, 0.8]))
    >>> a[0].tolist(), a[1].round(3).tolist()
    ([0.0, 10.0, 20.0], [0.0, 0.5, 0.6])
    """
    if not curves:
        raise ValueError("There is no curve.")
    curves = [_check_curve(*curve) for curve in curves]
    first, last = common_range([x for x, _ in curves], "range")
    cut = []
    for x, scores in curves:
        grid = np.union1d(x[(x > first) & (x < last)], [first, last])
        cut.append((grid, np.interp(grid, x, scores)))
    return cut


def area_under_learning_curve(n_labeled, scores, *, scale="linear"):
    """Return the area under a learning curve, in the unit of the scores.

    The mean height of the curve between its first and its last number of labels (or
    what they cost), by
    the trapezoid rule over the actual counts ``b`` [1]_:
    ``sum((s[i] + s[i+1]) / 2 * (b[i+1] - b[i])) / (b[-1] - b[0])``.

    Parameters
    ----------
    n_labeled : array-like of shape (n_points,)
        Numbers of labels, or what they cost in any unit, increasing; steps need not be
        equal.
    scores : array-like of shape (n_points,)
        The score at each of them.
    scale : {"linear", "log"}, default="linear"
        "log" takes the logarithm of the counts, which gives the first doublings of
        the labels as much weight as the last.

    Returns
    -------
    area : float
        The normalized area; of a curve of one point, its score.

    Raises
    ------
    ValueError
        If the arrays differ in length or are empty, an entry is NaN or infinite, the
        counts do not increase, or a count is not positive under "log".

    See Also
    --------
    aulc_scorer : The same as a scorer, for ``GridSearchCV``.
    on_common_range : Makes the curves of several runs comparable.
    labels_to_reach : Reads the curve the other way round.

    Notes
    -----
    Compare areas over the same range only: a run that was stopped early has its area
    taken over the part it has.

    References
    ----------
    .. [1] I. Guyon et al., "Results of the Active Learning Challenge", JMLR W&CP 16,
       2011.

    Examples
    --------
    >>> from skactive.metrics import area_under_learning_curve
    >>> area_under_learning_curve([10, 20, 60], [0.5, 0.7, 0.9])
    0.76
    >>> round(area_under_learning_curve([1, 2, 4], [0.5, 0.75, 1.0], scale="log"), 6)
    0.75
    """
    if scale not in ("linear", "log"):
        raise ValueError(f"scale must be 'linear' or 'log', got {scale!r}.")
    n_labeled, scores = _check_curve(n_labeled, scores)
    if scale == "log":
        if n_labeled[0] <= 0:
            raise ValueError("scale='log' needs positive numbers of labels.")
        n_labeled = np.log(n_labeled)
    if len(scores) == 1:
        return float(scores[0])
    area = np.trapezoid(scores, n_labeled)
    return float(area / (n_labeled[-1] - n_labeled[0]))


def labels_to_reach(n_labeled, scores, target):
    """Return how many labels it took to reach a score.

    Parameters
    ----------
    n_labeled : array-like of shape (n_points,)
        Numbers of labels, increasing.
    scores : array-like of shape (n_points,)
        The score at each of them; greater is better.
    target : float
        The score to reach.

    Returns
    -------
    n : float
        The first number of labels at which the running maximum of the scores, linear
        between its points, is ``target``; the first count if the curve begins there
        or above; ``numpy.inf`` if it is never reached.

    Raises
    ------
    ValueError
        If the arrays differ in length or are empty, the counts do not increase, or an
        entry or the target is NaN or infinite.

    See Also
    --------
    area_under_learning_curve : One number for the whole curve.

    Notes
    -----
    What random sampling needs divided by what a strategy needs is its label
    efficiency. A mean over runs of which one never arrives is infinite; report medians
    and how many arrived. The running maximum is optimistic on a noisy curve, for every
    strategy alike.

    Examples
    --------
    >>> from skactive.metrics import labels_to_reach
    >>> labels_to_reach([10, 20, 30], [0.5, 0.7, 0.6], target=0.6)
    15.0
    >>> labels_to_reach([10, 20, 30], [0.5, 0.7, 0.6], target=0.8)
    inf
    """
    n_labeled, scores = _check_curve(n_labeled, scores)
    if not np.isfinite(target):
        raise ValueError(f"target must be a finite number, got {target!r}.")
    best = np.maximum.accumulate(scores)
    if best[-1] < target:
        return np.inf
    i = int(np.argmax(best >= target))
    if i == 0:
        return float(n_labeled[0])
    share = (target - best[i - 1]) / (best[i] - best[i - 1])
    return float(n_labeled[i - 1] + share * (n_labeled[i] - n_labeled[i - 1]))
