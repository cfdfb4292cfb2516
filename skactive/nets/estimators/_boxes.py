"""Boxes that go into a net: checked against their images, with classes as integers."""

import numpy as np

from skactive.nets._input import check_classes, encode
from skactive.utils import as_labels
from skactive.utils._boxes import FORM, as_boxes
from skactive.utils._dense_answers import as_objects


def check_boxes(y, sizes):
    """Return the boxes of each image, as :func:`~skactive.utils._boxes.as_boxes` does.

    Parameters
    ----------
    y : array-like of dict of shape (n,)
        "boxes" and "labels" of each image.
    sizes : list of n tuples (height, width)
        Of the images.

    Raises
    ------
    ValueError
        If they do not fit; the message names the row.
    TypeError
        If one is no such dict.
    """
    if isinstance(y, dict) or len(y) != len(sizes):
        raise ValueError(
            f"y must hold the boxes of each of {len(sizes)} images, a dict {FORM} for "
            "each."
        )
    pairs = zip(as_objects(y), sizes)
    return [as_boxes(v, f"Row {k}", size) for k, (v, size) in enumerate(pairs)]


def encode_boxes(y, declared, sizes):
    """Return the classes of boxes, and all boxes as one array.

    Parameters
    ----------
    y : list of n dicts
        As :func:`check_boxes` returns them.
    declared : array-like or None
        All classes, if ``y`` may lack some.
    sizes : list of n tuples (height, width)
        Of the images, at whose borders boxes are cut.

    Returns
    -------
    classes : ndarray
        Sorted.
    target : ndarray of float32 of shape (n, m, 5)
        Corners and position in ``classes``, filled up by boxes of class -1.

    Raises
    ------
    ValueError
        If no class is known, or a label is not among those declared.
    """
    labels = [each["labels"] for each in y if len(each["labels"])]
    if not labels and declared is None:
        raise ValueError(
            f"None of the {len(y)} images has a box, so that no class is known. "
            "Label some that have, or name the classes by classes=[...]."
        )
    labels = as_labels(np.concatenate(labels)) if labels else np.array([])
    known = labels if len(labels) else as_labels(declared)
    classes = check_classes(known, declared)
    return classes, _padded(y, encode(labels, classes), sizes)


def _padded(y, codes, sizes):
    counts = [len(each["boxes"]) for each in y]
    target = np.full((len(y), max(1, *counts), 5), -1, dtype=np.float32)
    start = 0
    for row, (each, count, (height, width)) in enumerate(zip(y, counts, sizes)):
        low, high = [0, 0, 0, 0], [width, height, width, height]
        target[row, :count, :4] = np.clip(each["boxes"], low, high)
        target[row, :count, 4] = codes[start : start + count]
        start += count
    return target
