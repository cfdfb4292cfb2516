"""Intersection over union of masks, from one confusion matrix over all pixels."""

import warnings
from collections.abc import Iterable
from numbers import Integral

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning

from skactive.metrics._classes import as_classes, check_labels, distinct, encode, join

# Codes of this many pixels are held at a time.
BLOCK = 2**18

AVERAGES = ("macro", "frequency", None)

# What an image of so many dimensions, which must be two, may be.
HINTS = {
    1: " Put a single mask into a list.",
    3: " Of probabilities take the argmax over the classes, y_proba.argmax(axis=1).",
}


def mean_iou(y_true, y_pred, *, labels=None, ignore_index=255, average="macro"):
    """Return the mean intersection over union of predicted masks (mIoU).

    Of a class, the pixels that are both of it and predicted as it, divided by those
    that are either; counted over the pixels of all images together, then averaged over
    the classes [1]_. The mean over images of their own values is another number.

    Parameters
    ----------
    y_true : array-like of shape (n_samples, height, width), or sequence of n_samples \
            arrays of shape (height, width)
        True masks: a class for each pixel, integers or strings. In a sequence (a list,
        or a 1-d object array) the sizes may differ from image to image.
    y_pred : array-like or sequence like ``y_true``
        Predicted masks, of the same sizes.
    labels : array-like of shape (n_classes,), default=None
        The classes, in the order of the answer. None: those that occur in valid pixels
        of truth or prediction, sorted.
    ignore_index : int, str or None, default=255
        The true value of pixels that do not count, whatever is predicted there. None:
        all count. *Predicted* in a pixel that counts, it is a wrong prediction and no
        class.
    average : {"macro", "frequency", None}, default="macro"
        The plain mean over classes; the mean weighted by the true pixels of each class;
        or one value per class.

    Returns
    -------
    iou : float or ndarray of float of shape (n_classes,)
        The mean, or with ``average=None`` one value per class. A class that is neither
        in the truth nor in the predictions is NaN and left out of the mean; one that is
        only predicted is 0 and in the plain mean.

    Raises
    ------
    ValueError
        If masks have other shapes than the truth, are not 2-d or missing, hold a value
        that is not in ``labels``, or strings beside numbers.
    TypeError
        If masks are neither integers nor strings, or are masked arrays.

    Warns
    -----
    UndefinedMetricWarning
        If no pixel counts. The answer is NaN then.

    See Also
    --------
    pixel_confusion_matrix : What all of it is computed from.
    mean_average_precision : For boxes.

    Notes
    -----
    Costs O(n_pixels) time for integers, O(n_pixels · log n_classes) for strings and for
    integers far apart, and O(n_classes²) memory besides blocks of a few megabytes.

    References
    ----------
    .. [1] M. Everingham, L. Van Gool, C. K. I. Williams, J. Winn, A. Zisserman, "The
       PASCAL Visual Object Classes (VOC) Challenge", IJCV 88, 2010.

    Examples
    --------
    >>> from skactive.metrics import mean_iou
    >>> y_true = [[[0, 0, 1], [1, 2, 255]], [[0, 1, 1], [255, 255, 1]]]
    >>> y_pred = [[[0, 1, 1], [1, 1, 0]], [[0, 1, 0], [2, 2, 1]]]
    >>> round(mean_iou(y_true, y_pred), 6)
    0.357143
    >>> mean_iou(y_true, y_pred, average=None).round(6).tolist()
    [0.5, 0.571429, 0.0]
    >>> round(mean_iou(y_true, y_pred, average="frequency"), 6)
    0.484127
    """
    if average not in AVERAGES:
        raise ValueError(f"average must be one of {AVERAGES}, got {average!r}.")
    counts, n_classes = _count(y_true, y_pred, labels, ignore_index)
    hits = np.diag(counts)[:n_classes]
    true = counts.sum(axis=1)[:n_classes]
    union = true + counts.sum(axis=0)[:n_classes] - hits
    iou = np.full(n_classes, np.nan)
    np.divide(hits, union, out=iou, where=union > 0)
    if not true.any():
        warnings.warn(
            "mean_iou: no pixel counts, since there is none or the truth of each is "
            f"ignore_index={ignore_index!r}; the answer is NaN.",
            UndefinedMetricWarning,
            stacklevel=2,
        )
        return np.full(n_classes, np.nan) if average is None else np.nan
    if average is None:
        return iou
    if average == "frequency":
        return float(np.dot(iou[true > 0], true[true > 0]) / true.sum())
    return float(iou[union > 0].mean())


def pixel_confusion_matrix(y_true, y_pred, labels=None, ignore_index=255):
    """Count how often each true class is predicted as each class, over all pixels.

    Parameters
    ----------
    y_true : array-like of shape (n_samples, height, width), or sequence of n_samples \
            arrays of shape (height, width)
        True masks, integers or strings.
    y_pred : array-like or sequence like ``y_true``
        Predicted masks, of the same sizes.
    labels : array-like of shape (n_classes,), default=None
        The classes, in the order of rows and columns. None: those that occur in valid
        pixels of truth or prediction, sorted.
    ignore_index : int, str or None, default=255
        The true value of pixels that do not count. None: all count.

    Returns
    -------
    counts : ndarray of int of shape (n_classes, n_classes)
        Entry ``[i, j]`` is the number of pixels of class i that are predicted as class
        j. If ``ignore_index`` is predicted in pixels that count, the matrix has one
        more column, the last, for these, and a row of zeros.

    Raises
    ------
    ValueError
        If masks have other shapes than the truth, are not 2-d or missing, hold a value
        that is not in ``labels``, or strings beside numbers.
    TypeError
        If masks are neither integers nor strings, or are masked arrays.

    See Also
    --------
    mean_iou : The usual number made of it.

    Notes
    -----
    The share of right pixels is ``np.trace(counts) / counts.sum()``. Costs as
    :func:`mean_iou`.

    Examples
    --------
    >>> from skactive.metrics import pixel_confusion_matrix
    >>> pixel_confusion_matrix([[["sky", "road"]]], [[["sky", "sky"]]]).tolist()
    [[0, 1], [0, 1]]
    """
    counts, n_classes = _count(y_true, y_pred, labels, ignore_index)
    n = len(counts) if counts[:, n_classes].any() else n_classes
    return counts[:n, :n]


def _count(y_true, y_pred, labels, ignore_index):
    """Return the matrix with a last row and column for ignored ones, and n_classes."""
    if not isinstance(ignore_index, (Integral, str, type(None))):
        raise TypeError(
            f"ignore_index must be an integer, a string or None, got {ignore_index!r}."
        )
    y_true, y_pred = _masks("y_true", y_true), _masks("y_pred", y_pred)
    _check_shapes(y_true, y_pred)
    if labels is None:
        labels = _find_labels(y_true, y_pred, ignore_index)
    labels = check_labels(labels)
    if _equal(labels, ignore_index).any():
        raise ValueError(
            f"labels holds ignore_index={ignore_index!r}; leave it out, or set "
            "ignore_index=None if it is a class."
        )
    n = len(labels)
    counts = np.zeros((n + 1) ** 2, dtype=np.int64)
    for row, true, pred in _blocks(y_true, y_pred):
        ignored = _equal(true, ignore_index)
        true_codes, pred_codes = encode(true, labels), encode(pred, labels)
        true_codes[ignored] = n
        pred_codes[ignored | _equal(pred, ignore_index)] = n
        _refuse_unknown("y_true", row, true, true_codes, labels)
        _refuse_unknown("y_pred", row, pred, pred_codes, labels)
        true_codes *= n + 1
        true_codes += pred_codes
        counts += np.bincount(true_codes.ravel(), minlength=len(counts))
    counts = counts.reshape(n + 1, n + 1)
    counts[n] = 0
    return counts, n


# ------------------------------------------------------------------------- classes


def _equal(values, value):
    """Return where values equal one value; numbers among strings are nowhere."""
    numbers = values.dtype.kind == "i"
    if numbers and isinstance(value, str):
        raise ValueError(f"No number equals ignore_index={value!r}; make it one.")
    if value is None or not (numbers or isinstance(value, str)):
        return np.zeros(values.shape, dtype=bool)
    return values == value


def _find_labels(y_true, y_pred, ignore_index):
    """Return what occurs in valid pixels, sorted."""
    found = []
    for _, true, pred in _blocks(y_true, y_pred):
        valid = ~_equal(true, ignore_index)
        found.append(distinct(true[valid]))
        pred = distinct(pred[valid])
        found.append(pred[~_equal(pred, ignore_index)])
    return np.unique(join(found))


def _refuse_unknown(name, row, values, codes, labels):
    if codes.size and codes.min() < 0:
        image = np.argwhere(codes < 0)[0, 0]
        value = values[codes < 0].tolist()[0]
        known = labels.tolist() if len(labels) <= 20 else f"{len(labels)} labels"
        raise ValueError(
            f"Row {row + image} of {name} holds {value!r}, which is not in "
            f"labels, {known}. Add it to labels, or make it ignore_index if "
            "such pixels do not count."
        )


# --------------------------------------------------------------------------- masks


def _masks(name, y):
    """Return one array of shape (n, height, width), or a list of 2-d arrays."""
    if hasattr(y, "__array__"):
        y = _unmasked(name, y)
        if y.ndim == 3:
            return y
        if y.ndim != 1 or y.dtype != object:
            raise ValueError(
                f"{name} must have shape (n_samples, height, width), or be a sequence "
                f"of 2-d arrays, got shape {y.shape}.{HINTS.get(y.ndim - 1, '')}"
            )
    if not isinstance(y, Iterable):
        raise TypeError(f"{name} must be masks, got {y!r}.")
    masks = []
    for row, mask in enumerate(y):
        if mask is None:
            raise ValueError(
                f"Row {row} of {name} is None, a mask that is missing; score the rows "
                "that have one."
            )
        mask = _unmasked(name, mask)
        if mask.ndim != 2:
            raise ValueError(
                f"Row {row} of {name} must be a mask of shape (height, width), got "
                f"shape {mask.shape}.{HINTS.get(mask.ndim, '')}"
            )
        masks.append(mask)
    return masks


def _unmasked(name, array):
    """Return an array in which every pixel says for itself whether it counts."""
    if isinstance(array, np.ma.MaskedArray):
        raise TypeError(
            f"{name} is a masked array. Fill it with ignore_index, as by .filled(255)."
        )
    return np.asarray(array)


def _check_shapes(y_true, y_pred):
    if len(y_true) != len(y_pred):
        raise ValueError(f"y_true has {len(y_true)} masks and y_pred {len(y_pred)}.")
    for row, (true, pred) in enumerate(zip(y_true, y_pred)):
        if true.shape != pred.shape:
            raise ValueError(
                f"Row {row}: the true mask has shape {true.shape} and the predicted "
                f"one {pred.shape}. Predict at the size of the truth, or resize the "
                "prediction to it (nearest neighbor, so that no class is made up)."
            )


def _blocks(y_true, y_pred):
    """Yield the first row and the classes of truth and prediction, some images each.

    Large images come in several blocks, so that no copy is larger than a block.
    """

    def block(row, true, pred):
        return row, as_classes("y_true", true), as_classes("y_pred", pred)

    if isinstance(y_true, np.ndarray) and isinstance(y_pred, np.ndarray):
        step = BLOCK // max(1, y_true[0].size if len(y_true) else 1)
        if step > 1:
            for row in range(0, len(y_true), step):
                yield block(row, y_true[row : row + step], y_pred[row : row + step])
            return
    for row, (true, pred) in enumerate(zip(y_true, y_pred)):
        step = max(1, BLOCK // max(1, true.shape[1]))
        for i in range(0, len(true), step):
            yield block(row, true[None, i : i + step], pred[None, i : i + step])
