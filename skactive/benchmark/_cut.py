"""Some rows of a data set that is too large: drawn at random, in proportion."""

import numpy as np


def drawn_rows(y, max_rows):
    """Return which rows are used where a data set has more than wanted.

    They are the same in every process and for every seed of a benchmark.

    Parameters
    ----------
    y : ndarray of shape (n_samples, ...)
        The labels. Where each row has one, each value of them is drawn in proportion,
        within one row; numbers that are all different are drawn at random, and so are
        masks, boxes and sets of labels.
    max_rows : int or None
        How many rows to draw. None: all.

    Returns
    -------
    rows : ndarray of int
        In ascending order.
    """
    if max_rows is None or len(y) <= max_rows:
        return np.arange(len(y))
    rng = np.random.RandomState(0)
    shuffled = rng.permutation(len(y))
    if y.ndim != 1 or y.dtype == object:
        return np.sort(shuffled[:max_rows])
    # Each class lies evenly spread over (0, 1), in random order and with a random
    # beginning; what is below a threshold is then its share of the rows.
    _, classes, counts = np.unique(y[shuffled], return_inverse=True, return_counts=True)
    order = np.argsort(classes, kind="stable")
    rank = np.empty(len(y))
    first = np.repeat(np.cumsum(counts) - counts, counts)
    rank[order] = np.arange(len(y)) - first
    place = (rank + rng.uniform(size=len(counts))[classes]) / counts[classes]
    return np.sort(shuffled[np.argsort(place, kind="stable")[:max_rows]])


def with_cut(design, data, max_rows):
    """Return the design of runs on some data, with ``max_rows`` if that cuts them.

    Runs that it does not touch are those of a benchmark without it, also in a store.
    """
    parts = [data.y] if data.y_test is None else [data.y, data.y_test]
    cut = max_rows is not None and max(map(len, parts)) > max_rows
    return {**design, "max_rows": max_rows} if cut else design
