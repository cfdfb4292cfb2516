"""Classes in truth and predictions, integers or strings, and their numbers."""

import numpy as np

# Integers are looked up in a table that is at most so long.
TABLE = 2**18

ONE_KIND = (
    "Strings and numbers are never equal: the truth, the predictions and labels must "
    "be of one kind, got {!r} and {!r}."
)


def as_classes(name, values):
    """Return values as int64 or as strings, or refuse them.

    Parameters
    ----------
    name : str
        What they are, for the message.
    values : array-like
        Of any shape.

    Returns
    -------
    values : ndarray of int64 or str
        Of the same shape. What is empty is of int64.
    """
    values = np.asarray(values)
    if not values.size:
        return values.astype(np.int64)
    if values.dtype.kind == "O":
        values = np.array(values.tolist())
    if values.dtype.kind in "UT":
        return values
    if values.dtype.kind not in "biu":
        raise TypeError(
            f"{name} must hold classes, integers or strings, got {values.dtype}. Of "
            "probabilities take the argmax over the classes; whole numbers that are "
            "stored as floats become classes by .astype(int)."
        )
    if values.dtype.kind == "u" and values.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} holds {values.max()}; classes must be below 2**63.")
    return values.astype(np.int64, copy=False)


def check_labels(labels):
    """Return labels as an array, all different.

    Parameters
    ----------
    labels : array-like of shape (n_classes,)
        Integers or strings.

    Returns
    -------
    labels : ndarray of int64 or str of shape (n_classes,)
        In the same order.
    """
    labels = as_classes("labels", labels)
    if labels.ndim != 1 or len(np.unique(labels)) < labels.size:
        raise ValueError(f"labels must be 1-d and different, got {labels.tolist()}.")
    return labels


def join(arrays):
    """Return arrays of classes as one, numbers or strings but not both.

    Parameters
    ----------
    arrays : iterable of 1-d ndarray of int64 or str
        Empty ones are of either kind.

    Returns
    -------
    values : ndarray of int64 or str
        One after the other.
    """
    arrays = [one for one in arrays if len(one)]
    firsts = {one.dtype.kind == "i": one[0] for one in arrays}
    if len(firsts) > 1:
        raise ValueError(ONE_KIND.format(*firsts.values()))
    return np.concatenate(arrays) if arrays else np.empty(0, dtype=np.int64)


def encode(values, labels):
    """Return the position of each value in labels, -1 where it is not there.

    Parameters
    ----------
    values : ndarray of int64 or str
        Of any shape.
    labels : ndarray of int64 or str of shape (n_classes,)
        All different, in any order.

    Returns
    -------
    codes : ndarray of int64
        Of the shape of the values.
    """
    if not len(labels) or not values.size:
        return np.full(values.shape, -1, dtype=np.int64)
    if (labels.dtype.kind == "i") != (values.dtype.kind == "i"):
        raise ValueError(ONE_KIND.format(labels[0], values.flat[0]))
    order = np.argsort(labels)
    low, high = labels[order[[0, -1]]]
    if labels.dtype.kind == "i" and int(high) - int(low) < TABLE:
        table = np.full(int(high) - int(low) + 2, -1, dtype=np.int64)
        table[labels - low] = np.arange(len(labels))
        inside = (values >= low) & (values <= high)
        if inside.all():
            return table[values - low]
        return table[np.where(inside, values - low, len(table) - 1)]
    at = np.searchsorted(labels, values, sorter=order).clip(max=len(labels) - 1)
    codes = order[at]
    return np.where(labels[codes] == values, codes, -1)


def distinct(values):
    """Return the distinct classes, in linear time if they are numbers close together.

    Parameters
    ----------
    values : ndarray of int64 or str
        Of any shape.

    Returns
    -------
    values : ndarray of int64 or str of shape (n_classes,)
        Sorted.
    """
    if values.dtype.kind == "i" and values.size:
        low, high = int(values.min()), int(values.max())
        if high - low < TABLE:
            return np.flatnonzero(np.bincount((values - low).ravel())) + low
    return np.unique(values)
