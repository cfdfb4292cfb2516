"""What an absent label looks like, and what the present ones are."""

from numbers import Number

import numpy as np


def _is_absent(value):
    # pandas.NA answers every comparison with itself, so it is recognized by its name.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if value is np.ma.masked:
        return True
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return bool(np.isnat(value))
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))


def _absent(values):
    """Return a mask of what is absent in an array, whatever the marker."""
    kind = values.dtype.kind
    if isinstance(values, np.ma.MaskedArray):
        masked = np.ma.getmaskarray(values)
        return masked | _absent(values.filled() if masked.any() else values.data)
    if kind == "f":
        return np.isnan(values)
    if kind in "mM":
        return np.isnat(values)
    if kind in ("O", "T"):  # a StringDType may have a missing value of its own
        each = values.tolist() if kind == "T" else values
        return np.fromiter((_is_absent(v) for v in each), bool, count=len(values))
    return np.zeros(len(values), dtype=bool)


def is_missing(y, missing_label=None):
    """Tell which labels are missing.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_columns)
        Labels of any dtype; of several columns, as one array.
    missing_label : object, default=None
        None: None, NaN, NaT and pandas.NA are missing, and what a masked array masks.
        Anything else: the labels equal to it are.

    Returns
    -------
    missing : ndarray of bool of shape (n_samples,)
        True where there is no label; of several columns, where all are missing.

    Raises
    ------
    ValueError
        If ``missing_label`` is given and ``y`` also holds None or NaN, or if a row of
        several columns is missing in part.

    Examples
    --------
    >>> from skactive.utils import is_missing
    >>> is_missing(["cat", None, "dog"]).tolist()
    [False, True, False]
    >>> is_missing([0, -1, 1], missing_label=-1).tolist()
    [False, True, False]
    """
    if getattr(y, "ndim", 1) == 2:
        return _missing_rows(y, missing_label)
    if hasattr(y, "isna"):
        absent = np.asarray(y.isna(), dtype=bool)
    else:
        y = np.asanyarray(y) if hasattr(y, "dtype") else _object_array(y)
        absent = _absent(y)
    if missing_label is None or _is_absent(missing_label):
        return absent
    if absent.any():
        raise ValueError(
            f"y holds None or NaN, but missing_label={missing_label!r} says that "
            "missing labels look different; mark them all in the same way."
        )
    values = np.asarray(y, dtype=object)
    return np.fromiter((v == missing_label for v in values), bool, count=len(values))


def _missing_rows(y, missing_label):
    """Tell which rows of several columns are missing; refuse those that are in part."""
    y = y if isinstance(y, np.ma.MaskedArray) else np.asarray(y)
    missing = is_missing(y.ravel(), missing_label).reshape(y.shape)
    if y.shape[1] == 0:
        return np.zeros(len(y), dtype=bool)
    every = missing.all(axis=1)
    in_part = np.flatnonzero(missing.any(axis=1) & ~every)
    if len(in_part):
        row = int(in_part[0])
        raise ValueError(
            f"Row {row} of the labels given is missing in part: {y[row].tolist()}. "
            "Label all of its columns, or mark all of them as missing."
        )
    return every


def check_missing_label(missing_label, labels=(), *, matched=True):
    """Refuse a marker of absent labels that cannot be meant.

    Parameters
    ----------
    missing_label : object
        The marker.
    labels : sequence, default=()
        Labels, none of which the marker was equal to.
    matched : bool, default=True
        Whether it was equal to others of theirs. False: it must be of their kind.

    Raises
    ------
    TypeError
        If the marker is a container.
    ValueError
        If no label can be equal to it, because it is a string and they are numbers, or
        the other way round; or if a label only looks like it.

    Examples
    --------
    >>> from skactive.utils import check_missing_label
    >>> check_missing_label(-1, ["cat", "-1"])
    Traceback (most recent call last):
        ...
    ValueError: The label '-1' looks like missing_label=-1, but one is a string and \
the other a number. Pass missing_label='-1' if it marks an absent label.
    """
    if _is_absent(missing_label):
        return
    if np.ndim(missing_label) != 0 or isinstance(missing_label, (dict, set, frozenset)):
        raise TypeError(
            f"missing_label must be one value, such as None, -1 or '?'; got "
            f"{missing_label!r}. Mark all absent labels in the same way."
        )
    kind = _kind(missing_label)
    others = [label for label in labels if _kind(label) != kind]
    alike = [v for v in others if str(v).strip() == str(missing_label).strip()]
    if alike:
        raise ValueError(
            f"The label {alike[0]!r} looks like missing_label={missing_label!r}, but "
            f"one is a {_kind(alike[0])} and the other a {kind}. Pass missing_label="
            f"{alike[0]!r} if it marks an absent label."
        )
    if others and not matched:
        raise ValueError(
            f"missing_label={missing_label!r} is a {kind} and labels are "
            f"{_kind(others[0])}s, such as {others[0]!r}, so that none can be equal to "
            "it. Pass what marks the absent ones, or None."
        )


def _kind(value):
    return "string" if isinstance(value, (str, bytes)) else "number"


def _object_array(values):
    # Not by assignment, which would take lists among them for another axis.
    return np.fromiter(values, dtype=object, count=len(values))


def as_labels(values, *, integral=False):
    """Return present labels as an array of their own natural dtype.

    Parameters
    ----------
    values : array-like of shape (n,)
        Labels, none of them missing.
    integral : bool, default=False
        Cast floats that are whole numbers back to int64: a NaN among integers had
        turned them into floats.

    Returns
    -------
    labels : ndarray of shape (n,)
        Labels with a numeric, boolean or string dtype.

    Raises
    ------
    TypeError
        If strings and other labels are mixed.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils import as_labels
    >>> as_labels(np.array([1, 2], dtype=object)).dtype.kind
    'i'
    >>> as_labels([0.0, 2.0], integral=True)
    array([0, 2])
    """
    labels = np.asarray(values) if hasattr(values, "dtype") else _object_array(values)
    if labels.dtype.kind == "O":
        texts = sum(isinstance(v, str) for v in labels)
        if 0 < texts < len(labels):
            raise TypeError(
                "y mixes strings with other labels; make them all strings or all "
                "numbers."
            )
        labels = np.array(labels.tolist())
    elif labels.dtype.kind == "T":  # numpy's StringDType, which scikit-learn refuses
        labels = np.array(labels.tolist(), dtype=str)  # astype(str) is refused
    if integral and labels.dtype.kind == "f":
        # Beyond 2**53, infinity included, floats do not stand for single integers.
        if np.all((labels == np.rint(labels)) & (np.abs(labels) < 2**53)):
            labels = labels.astype(np.int64)
    return labels


def out_of_torch(values):
    """Return a tensor of torch, wherever it lives, as an array; others as they are.

    Parameters
    ----------
    values : object
        A tensor or anything else.

    Returns
    -------
    values : object
        An ndarray for a tensor; of float32 for one of bfloat16, which numpy lacks.
    """
    if not hasattr(values, "detach"):
        return values
    values = values.detach().cpu()
    return (values.float() if "bfloat16" in str(values.dtype) else values).numpy()


def natural_labels(y):
    """Return labels that are kept as objects in the dtype that they have by nature.

    Parameters
    ----------
    y : array-like of shape (n,)
        Labels, none of them missing; or answers that are no single values.

    Returns
    -------
    y : array-like of shape (n,)
        As by :func:`as_labels` where all are numbers, strings or booleans; otherwise
        as they came.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils import natural_labels
    >>> natural_labels(np.array(["cat", "dog"], dtype=object)).dtype.kind
    'U'
    """
    dtype = getattr(y, "dtype", None)
    kept = isinstance(y, (list, tuple)) or getattr(dtype, "kind", "") in ("O", "T")
    plain = (str, bool, Number, np.bool_, np.number)
    return as_labels(y) if kept and all(isinstance(v, plain) for v in y) else y
