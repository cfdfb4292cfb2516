"""What a data set of torch gives: items, of which the first part is a sample."""

import sys
from numbers import Number

import numpy as np

from skactive.utils._labels import out_of_torch


def gives_items(X):
    """Tell whether samples are a data set of torch, or skorch's slice of one.

    Not one that is only read from its beginning to its end.
    """
    data = torch_data()
    if data is not None and isinstance(X, data.Dataset):
        return not isinstance(X, data.IterableDataset)
    helper = sys.modules.get("skorch.helper")
    return helper is not None and isinstance(X, helper.SliceDataset)


def torch_data():
    """Return ``torch.utils.data`` if it is loaded, else None."""
    return sys.modules.get("torch.utils.data")


def read_items(X, rows):
    """Return the samples of some items, stacked if they are arrays of one shape.

    Parameters
    ----------
    X : Dataset of torch
        A data set.
    rows : ndarray of int of shape (n,), or of no axis
        Positions of 0 or more; one alone gives one sample.

    Returns
    -------
    samples : ndarray of shape (n, ...) or list
        Of an item that is a tuple, the first part; tensors as arrays.

    Raises
    ------
    ValueError
        If an item cannot be read; the message has its position.
    FileNotFoundError
        Likewise, if the data set has lost a file.
    """
    if rows.ndim == 0:
        return sample_of(_one(X, int(rows)))
    samples = [sample_of(item) for item in _many(X, rows.tolist())]
    shapes = {getattr(sample, "shape", None) for sample in samples}
    return np.stack(samples) if len(shapes) == 1 and None not in shapes else samples


def _many(X, rows):
    many = getattr(X, "__getitems__", None)
    if many is None:
        return [_one(X, row) for row in rows]
    try:
        items = many(rows)
    except Exception:
        for row in rows:  # one of them will say which
            _one(X, row)
        raise
    if len(items) != len(rows):
        raise ValueError(
            f"{type(X).__name__}.__getitems__ was asked for {len(rows)} items and "
            f"returned {len(items)}."
        )
    return items


def _one(X, row):
    """Return an item, or say which it is that cannot be read."""
    try:
        return X[row]
    except MemoryError:
        raise
    except Exception as error:
        name = type(X).__name__
        if isinstance(error, IndexError):
            what = (
                f"{name} says that it has {len(X)} items, and there is none at "
                f"position {row}: mend its __len__."
            )
        else:
            what = (
                f"The item at position {row} of a {name} cannot be read: "
                f"{type(error).__name__}: {error}. Take it out, as by "
                "torch.utils.data.Subset, or mend it."
            )
        gone = isinstance(error, FileNotFoundError)
        raise (FileNotFoundError if gone else ValueError)(what) from error


def sample_of(item):
    """Return the sample in an item of a data set; a tensor as an array.

    Examples
    --------
    >>> from skactive.utils._items import sample_of
    >>> sample_of(("an image", 3))
    'an image'
    """
    if isinstance(item, tuple) or (isinstance(item, list) and _is_pair(item)):
        item = item[0]
    return np.asarray(item) if isinstance(item, Number) else out_of_torch(item)


def without_labels(X):
    """Return the samples of a list of items; other samples as they are.

    scikit-learn cuts a data set into lists of what it gives.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples in any container.

    Returns
    -------
    X : array-like of shape (n_samples, ...)
        The first parts of a list of tuples, where these are arrays or tensors beside
        something of another shape.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._items import without_labels
    >>> without_labels([(np.zeros(2), 0), (np.ones(2), 1)])
    [array([0., 0.]), array([1., 1.])]
    >>> without_labels([(1, 2), (3, 4)])
    [(1, 2), (3, 4)]
    """
    if not isinstance(X, list) or not X or not isinstance(X[0], tuple):
        return X
    pairs = all(isinstance(item, tuple) and _is_pair(item) for item in X)
    return [sample_of(item) for item in X] if pairs else X


def _is_pair(item):
    """Tell whether there is an array, or a picture, and something else beside it."""
    shapes = [getattr(part, "shape", getattr(part, "size", ())) for part in item[:2]]
    if len(shapes) == 1:  # of a TensorDataset
        return hasattr(item[0], "detach") and shapes[0] != ()
    return len(shapes) == 2 and shapes[0] != () and shapes[0] != shapes[1]


def shown(X):
    """Return what the shape and names of samples are to be read from.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples in any container.

    Returns
    -------
    X : array-like
        Of a data set, an array of its first sample, if that is one. scikit-learn would
        count the parts of an item.
    """
    if gives_items(X):
        first = read_items(X, np.array([0])) if len(X) else X
    else:
        head = X[:1] if isinstance(X, list) else X
        first = without_labels(head)
        if first is head:
            return X
        first = np.stack(first)
    return first if isinstance(first, np.ndarray) else X


def in_memory(X):
    """Return the samples of a data set, all of them; other samples as they are.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples in any container.

    Returns
    -------
    X : array-like of shape (n_samples, ...)
        As of :func:`read_items`.
    """
    return read_items(X, np.arange(len(X))) if gives_items(X) else X


def refuse_pairs(X, name):
    """Refuse a data set of samples and labels in place of samples, and labels.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples in any container, given without labels.
    name : str
        Who needs labels.

    Raises
    ------
    ValueError
        If an item of a data set is a pair.
    """
    if not gives_items(X) or len(X) == 0:
        return
    item = _one(X, 0)
    if isinstance(item, (tuple, list)) and len(item) > 1 and _is_pair(item):
        raise ValueError(
            f"{name} requires y to be passed, but y is None. Labels are not read from "
            f"the items of a {type(X).__name__}: pass them as y, as in "
            "y=[label for _, label in X], or, where the data set has them, "
            "y=X.targets."
        )
