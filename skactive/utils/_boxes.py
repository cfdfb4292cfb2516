"""Boxes in images: what they must look like."""

import numpy as np

FORM = '{"boxes": (m, 4), "labels": (m,)}'


def as_boxes(given, name="Boxes", image_size=None):
    """Return the boxes of one image, checked, as arrays.

    Parameters
    ----------
    given : dict
        "boxes" of shape (m, 4), corners in pixels (left, top, right, bottom, the last
        two exclusive), and "labels" of shape (m,). What else it holds is kept.
    name : str, default="Boxes"
        What to call them in messages.
    image_size : tuple (height, width) or None, default=None
        Boxes must lie in the image. None: not checked.

    Returns
    -------
    boxes : dict
        "boxes" as float32; "labels" as they were, as an array.

    Raises
    ------
    TypeError
        If this is no such dict.
    ValueError
        If shapes differ, or a box is not finite, empty, or outside the image by more
        than a pixel.

    Examples
    --------
    >>> from skactive.utils._boxes import as_boxes
    >>> as_boxes({"boxes": [[0, 0, 4, 2]], "labels": ["cat"]})["boxes"].shape
    (1, 4)
    """
    if not isinstance(given, dict) or not {"boxes", "labels"} <= set(given):
        got = list(given) if isinstance(given, dict) else type(given).__name__
        raise TypeError(
            f"{name} must be a dict {FORM}, got {got}. Of an array with a label in its "
            'fifth column: {"boxes": a[:, :4], "labels": a[:, 4].astype(int)}.'
        )
    boxes, labels = np.asarray(given["boxes"]), np.asarray(given["labels"])
    boxes = boxes.reshape(0, 4) if boxes.size == 0 else boxes
    if boxes.dtype.kind not in "iuf" or boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(
            f'{name}: "boxes" must hold numbers of shape (m, 4), got {boxes.dtype} of '
            f"shape {boxes.shape}."
        )
    if labels.shape != (len(boxes),):
        raise ValueError(
            f'{name}: {len(boxes)} boxes need as many "labels", got an array of shape '
            f"{labels.shape}."
        )
    boxes = boxes.astype(np.float32)
    _check_corners(boxes, name, image_size)
    return {**given, "boxes": boxes, "labels": labels}


def _check_corners(boxes, name, image_size):
    """Refuse boxes that are not finite, empty, or outside the image."""
    x0, y0, x1, y1 = boxes.T
    faults = {
        "is not finite": ~np.isfinite(boxes).all(axis=1),
        "is empty: left must be below right, and top below bottom": (
            (x1 <= x0) | (y1 <= y0)
        ),
    }
    if image_size is not None:
        height, width = image_size
        outside = (x0 < -1) | (y0 < -1) | (x1 > width + 1) | (y1 > height + 1)
        faults[f"is outside the image, {width} wide and {height} high"] = outside
    for fault, where in faults.items():
        if where.any():
            k = int(np.flatnonzero(where)[0])
            raise ValueError(f"{name}: box {k}, {boxes[k].tolist()}, {fault}.")
