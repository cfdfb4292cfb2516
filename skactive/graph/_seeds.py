"""From labels, given or missing, to seeds: one row of class masses per node."""

import numpy as np
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from skactive.utils import as_labels, check_missing_label, is_missing


def read_seeds(y, missing_label, has_pool):
    """Return the classes and the seeds of labeled and unlabeled rows.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_classes)
        Labels. Two axes: masses of the classes 0, 1, ..., rows of zeros unlabeled.
    missing_label : object
        What an absent label looks like; None: None, NaN and pandas.NA. What a masked
        array masks is absent whatever it says.
    has_pool : bool
        Whether unlabeled rows were also given apart.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        Sorted.
    seeds : ndarray of float64 of shape (n_samples, n_classes)
        Without negative numbers.
    """
    check_missing_label(missing_label)
    y = _one_axis(y)
    if y.ndim == 2:
        seeds = _soft(y)
        if not seeds.any():
            raise ValueError(f"y holds no label: all {len(seeds)} rows are zero.")
        return np.arange(seeds.shape[1]), seeds
    missing, marked = _absent(y, missing_label)
    # A learner hands over labels only, and -1 says nothing about labels that are words.
    check_missing_label(
        missing_label,
        np.asarray(y)[~missing].tolist(),
        matched=marked or has_pool or missing_label == -1,
    )
    if missing.all():
        raise ValueError(
            f"y holds no label: all {len(y)} are missing (missing_label="
            f"{missing_label!r}). Label one row at least."
        )
    present = as_labels(np.asarray(y)[~missing], integral=bool(missing.any()))
    check_classification_targets(present)
    classes, codes = np.unique(present, return_inverse=True)
    if has_pool and marked and missing_label is not None:
        # One of the labels that a learner hands over may look like this.
        raise ValueError(
            f"y holds missing_label={missing_label!r}, and unlabeled rows are in "
            f"X_pool already. If {missing_label!r} is a class, pass missing_label="
            "None; if it marks rows without a label, pass them in X_pool too."
        )
    seeds = np.zeros((len(y), len(classes)))
    seeds[np.flatnonzero(~missing), codes] = 1
    return classes, seeds


def read_new_seeds(indices, y, missing_label, classes, seeds):
    """Return classes and seeds after some nodes were given labels; copies.

    Parameters
    ----------
    indices : array-like of int of shape (n_new,)
        Distinct nodes.
    y : array-like of shape (n_new,) or (n_new, n_classes)
        Their labels, none missing.
    missing_label : object
        As of read_seeds.
    classes : ndarray of shape (n_classes,)
        Classes so far.
    seeds : ndarray of shape (n_nodes, n_classes)
        Seeds so far.

    Returns
    -------
    classes : ndarray of shape (n_classes_now,)
        Sorted, new ones included.
    seeds : ndarray of shape (n_nodes, n_classes_now)
        In the dtype of the old ones.
    """
    indices = np.asarray(indices)
    if indices.shape == (0,):  # an empty list is one of floats
        indices = indices.astype(np.intp)
    if indices.ndim != 1 or indices.dtype.kind not in "iu":
        raise ValueError("indices must be integers along one axis.")
    if len(indices) and (indices.min() < 0 or indices.max() >= len(seeds)):
        raise ValueError(f"indices must be nodes, from 0 to {len(seeds) - 1}.")
    if len(np.unique(indices)) < len(indices):
        raise ValueError("indices name a node twice; give each node one label.")
    y = _one_axis(y)
    if len(y) != len(indices):
        raise ValueError(f"There are {len(indices)} indices, but {len(y)} labels.")
    if y.ndim == 2:
        new = _soft(y)
        if new.shape[1] != len(classes):
            raise ValueError(
                f"Soft labels must have a column for each of {len(classes)} classes; "
                f"got {new.shape[1]}."
            )
        seeds = seeds.copy()
        seeds[indices] = new
        return classes, seeds
    if _absent(y, missing_label)[0].any():
        raise ValueError("y holds missing labels; leave those nodes out.")
    check_missing_label(missing_label, np.asarray(y).tolist())
    y = as_labels(y)
    check_classification_targets(y)
    kinds = {"U" if c.dtype.kind in "US" else "number" for c in (y, classes)}
    if len(y) and len(kinds) > 1:
        raise TypeError("New labels and classes_ must be both strings or both numbers.")
    union = np.unique(np.concatenate([classes, y])) if len(y) else classes
    wider = np.zeros((len(seeds), len(union)), dtype=seeds.dtype)
    wider[:, np.searchsorted(union, classes)] = seeds
    wider[indices] = 0
    wider[indices, np.searchsorted(union, y)] = 1
    return union, wider


def shares(seeds):
    """Return the share of each class among the labels."""
    mass = seeds.sum(axis=0, dtype=np.float64)
    return mass / mass.sum()


def _absent(y, missing_label):
    """Return which labels are absent, and whether the marker says so of one."""
    masked = np.zeros(len(y), dtype=bool)
    if isinstance(y, np.ma.MaskedArray):
        masked = np.ma.getmaskarray(y)
        y = y.data[~masked]
    missing = masked.copy()
    missing[~masked] = is_missing(y, missing_label)
    return missing, bool((missing & ~masked).any())


def _one_axis(y):
    if not hasattr(y, "dtype") and not hasattr(y, "isna"):
        given, y = y, _from_list(y)
        if y.dtype.kind in "US":  # a number among texts is no text
            y = np.asarray(given, dtype=object)
    ndim = getattr(y, "ndim", 1)
    if ndim == 2 and y.shape[1] == 1:
        column = column_or_1d(y, warn=True)
        return y.ravel() if isinstance(y, np.ma.MaskedArray) else column
    if ndim not in (1, 2):
        raise ValueError(f"y must have one axis, or two for soft labels; got {ndim}.")
    return y


def _from_list(y):
    hidden = isinstance(y, (list, tuple)) and [v is np.ma.masked for v in y]
    if not hidden or not any(hidden):
        return np.asarray(y)
    values = np.fromiter((None if h else v for v, h in zip(y, hidden)), dtype=object)
    return np.ma.array(values, mask=hidden)


def _soft(y):
    if isinstance(y, np.ma.MaskedArray):
        y = y.filled(0)  # a mass that is hidden is none
    seeds = check_array(y, dtype=np.float64, input_name="y", ensure_min_samples=0)
    if seeds.min(initial=0) < 0:
        raise ValueError(
            f"Soft labels must not be negative; the smallest is {seeds.min():.3g}."
        )
    return seeds
