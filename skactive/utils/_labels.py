"""What an absent label looks like, and what the present ones are."""

import numpy as np


def _is_absent(value):
    # pandas.NA answers every comparison with itself, so it is told by its name.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))


def is_missing(y, missing_label=None):
    """Tell which labels are missing.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels of any dtype.
    missing_label : object, default=None
        None: None, NaN and pandas.NA are missing. Anything else: the labels equal
        to it are.

    Returns
    -------
    missing : ndarray of bool of shape (n_samples,)
        True where there is no label.

    Raises
    ------
    ValueError
        If ``missing_label`` is given and ``y`` holds None or NaN besides.

    Examples
    --------
    >>> from skactive.utils import is_missing
    >>> is_missing(["cat", None, "dog"]).tolist()
    [False, True, False]
    >>> is_missing([0, -1, 1], missing_label=-1).tolist()
    [False, True, False]
    """
    if hasattr(y, "isna"):
        absent = np.asarray(y.isna(), dtype=bool)
    else:
        y = np.asarray(y) if hasattr(y, "dtype") else _object_array(y)
        if y.dtype.kind == "f":
            absent = np.isnan(y)
        elif y.dtype.kind == "O":
            absent = np.fromiter((_is_absent(v) for v in y), dtype=bool, count=len(y))
        else:
            absent = np.zeros(len(y), dtype=bool)
    if missing_label is None or _is_absent(missing_label):
        return absent
    if absent.any():
        raise ValueError(
            f"y holds None or NaN, but missing_label={missing_label!r} says that "
            "missing labels look otherwise; mark them all in the same way."
        )
    values = np.asarray(y, dtype=object)
    return np.fromiter((v == missing_label for v in values), bool, count=len(values))


def _object_array(values):
    out = np.empty(len(values), dtype=object)
    out[:] = list(values)
    return out


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
