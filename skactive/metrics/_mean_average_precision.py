"""Average precision of detected boxes, as COCO and as VOC define it."""

import warnings
from collections.abc import Mapping
from numbers import Integral

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning

from skactive.metrics._classes import as_classes, check_labels, encode, join

# Overlaps this much below a threshold reach it: .8 is not lost to rounding.
TOLERANCE = 1e-9

# Thresholds at which a box was found are the bits of one integer.
MOST_BITS = 60

# Pairs of boxes whose overlaps are held at a time.
BLOCK = 2**18

# Recalls at which precision is read. COCO's are rounded as its own code rounds them,
# which moves some of them above the fraction that they stand for.
RECALLS = {"coco": np.linspace(0, 1, 101), "voc07": np.arange(11) / 10, "area": None}


def mean_average_precision(
    y_true,
    y_pred,
    *,
    iou_thresholds=0.5,
    interpolation="coco",
    matching="coco",
    average="macro",
    labels=None,
    max_boxes=100,
):
    """Return the mean average precision of detected boxes (mAP).

    Of a class, all detections in all images are ranked by score. Each that overlaps a
    true box enough, one which no better detection has taken, is right; the others are
    wrong. Average precision is the area under precision against recall along this
    ranking, and its mean is taken over the classes.

    Parameters
    ----------
    y_true : sequence of n_samples dict
        For each image, a list or 1-d object array of them, ``"boxes"`` of shape (m, 4)
        and ``"labels"`` of shape (m,). Boxes are corners x0, y0, x1, y1, any number of
        them also none; labels are integers or strings. No other key is read, except
        that boxes marked by "iscrowd" or "difficult" are refused.
    y_pred : sequence of n_samples dict
        The same with ``"scores"`` of shape (m,), higher for more certain.
    iou_thresholds : float, array-like of float or "coco", default=0.5
        Intersection over union from which on a box is found. Of several, the mean of
        the average precisions; "coco": .5, .55, ..., .95.
    interpolation : {"coco", "area", "voc07"}, default="coco"
        How the area is measured once precision is made falling: its mean at the 101
        recalls 0, .01, ..., 1 [2]_, the exact area, or its mean at the 11 recalls 0,
        .1, ..., 1 [1]_.
    matching : {"coco", "voc"}, default="coco"
        What a detection may take: the free true box that it overlaps most, or the one
        that it overlaps most, and if that is taken already, it is wrong [1]_.
    average : {"macro", None}, default="macro"
        The mean over classes, or one value per class.
    labels : array-like of shape (n_classes,), default=None
        The classes that are scored, in the order of the answer. None: those in truth or
        predictions, sorted.
    max_boxes : int, default=100
        Detections that count in each image and class, those with the highest scores.

    Returns
    -------
    precision : float or ndarray of float of shape (n_classes,)
        The mean, or with ``average=None`` one value per class. A class without a true
        box is NaN and left out of the mean; one without detections is 0.

    Raises
    ------
    ValueError
        If lengths or shapes do not fit, a key or answer is missing, a box has negative
        width or height (or none, in the truth), a number is not finite, or a parameter
        is none of its values.
    TypeError
        If labels are neither integers nor strings, or an image is no dict.

    Warns
    -----
    UndefinedMetricWarning
        If there is no true box of any class. The mean is NaN then.

    See Also
    --------
    mean_iou : For masks.

    Notes
    -----
    In float64 throughout. Equal scores rank in the order of the images, and of the
    boxes within an image. Of true boxes that a detection overlaps equally it takes the
    last with ``matching="coco"`` and the first with "voc", as their own programs do.

    For *d* detections and *m* true boxes of a class in an image, costs O(d · m) for
    each image and class, and O(n log n) for the ranking of all *n* detections; memory
    O(n) numbers for each threshold, besides blocks of pairs.

    References
    ----------
    .. [1] M. Everingham, L. Van Gool, C. K. I. Williams, J. Winn, A. Zisserman, "The
       PASCAL Visual Object Classes (VOC) Challenge", IJCV 88, 2010.
    .. [2] T.-Y. Lin, M. Maire, S. Belongie, et al., "Microsoft COCO: Common Objects in
       Context", ECCV 2014.

    Examples
    --------
    >>> from skactive.metrics import mean_average_precision
    >>> y_true = [
    ...     {"boxes": [[0, 0, 10, 10], [20, 0, 30, 10]], "labels": [0, 0]},
    ...     {"boxes": [[0, 0, 10, 10]], "labels": [0]},
    ... ]
    >>> y_pred = [
    ...     {"boxes": [[0, 0, 10, 10], [0, 0, 10, 9.2], [40, 40, 50, 50],
    ...                [20, 0, 30, 8.2]],
    ...      "labels": [0, 0, 0, 0], "scores": [0.9, 0.8, 0.7, 0.6]},
    ...     {"boxes": [[0, 0, 10, 5.2]], "labels": [0], "scores": [0.5]},
    ... ]
    >>> round(mean_average_precision(y_true, y_pred, interpolation="area"), 6)
    0.733333
    >>> round(mean_average_precision(y_true, y_pred, iou_thresholds="coco"), 6)
    0.474455
    """
    _check_choice("interpolation", interpolation, tuple(RECALLS))
    _check_choice("matching", matching, ("coco", "voc"))
    _check_choice("average", average, ("macro", None))
    if not isinstance(max_boxes, Integral) or max_boxes < 1:
        raise ValueError(f"max_boxes must be an integer above 0, got {max_boxes!r}.")
    thresholds = _check_thresholds(iou_thresholds)
    true = _flatten("y_true", y_true, scored=False)
    found = _flatten("y_pred", y_pred, scored=True)
    if len(y_true) != len(y_pred):
        raise ValueError(f"y_true has {len(y_true)} images and y_pred {len(y_pred)}.")
    both = join([true["labels"], found["labels"]])
    labels = np.unique(both) if labels is None else check_labels(labels)
    true = _sort(true, labels)
    found = _sort(found, labels, max_boxes)
    values = np.full((len(labels), len(thresholds)), np.nan)
    for first in range(0, len(thresholds), MOST_BITS):
        some = slice(first, first + MOST_BITS)
        right = _match(true, found, thresholds[some], matching)
        _average_precisions(true, found, right, RECALLS[interpolation], values[:, some])
    values = values.mean(axis=1)
    if average is None:
        return values
    with_truth = ~np.isnan(values)
    if not with_truth.any():
        warnings.warn(
            "mean_average_precision: there is no true box of any class; the mean is "
            "NaN.",
            UndefinedMetricWarning,
            stacklevel=2,
        )
        return np.nan
    return float(values[with_truth].mean())


def box_iou(a, b):
    """Return the intersection over union of each box with each other box.

    Parameters
    ----------
    a : array-like of shape (n, 4)
        Corners x0, y0, x1, y1.
    b : array-like of shape (m, 4)
        The same.

    Returns
    -------
    iou : ndarray of float of shape (n, m)
        From 0 to 1; 0 for boxes without area.
    """
    a, b = (np.asarray(boxes, dtype=float).reshape(-1, 4) for boxes in (a, b))
    return _overlap(a[:, None], b[None])


def _overlap(a, b):
    """Return the intersection over union of boxes along the last axis, broadcast."""
    a, b = np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)
    width = np.minimum(a[2], b[2]) - np.maximum(a[0], b[0])
    height = np.minimum(a[3], b[3]) - np.maximum(a[1], b[1])
    both = width.clip(min=0) * height.clip(min=0)
    either = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both
    return np.divide(both, either, out=np.zeros(both.shape), where=either > 0)


# ------------------------------------------------------------------- the ranking


def _sort(boxes, labels, most=None):
    """Return boxes by image, class and falling score, the first ``most`` of each."""
    codes = encode(boxes["labels"], labels)
    keys = (codes, boxes["images"])
    if most is not None:
        keys = (-boxes["scores"], *keys)
    order = np.lexsort(keys)
    order = order[codes[order] >= 0]
    groups = boxes["images"][order] * len(labels) + codes[order]
    if most is not None and len(order):
        new = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
        rank = np.arange(len(order)) - np.repeat(new, np.diff(new, append=len(order)))
        order, groups = order[rank < most], groups[rank < most]
    kept = {"boxes": boxes["boxes"][order], "codes": codes[order], "groups": groups}
    if most is not None:
        kept["scores"] = boxes["scores"][order]
    return kept


def _match(true, found, thresholds, matching):
    """Return which detections are right, an array of shape (n_found, n_thresholds)."""
    which, whom, overlap = _close_pairs(true, found, thresholds.min() - TOLERANCE)
    # The best first; of equal ones the last, or the first where VOC says so.
    order = np.lexsort((whom if matching == "voc" else -whom, -overlap, which))
    which, whom, overlap = which[order], whom[order], overlap[order]
    if matching == "voc" and len(which):
        best = np.flatnonzero(np.diff(which, prepend=which[0] - 1))
        which, whom, overlap = which[best], whom[best], overlap[best]
    reached = np.zeros(len(which), dtype=np.int64)
    for bit, threshold in enumerate(thresholds):
        reached += (overlap >= threshold - TOLERANCE).astype(np.int64) << bit
    taken, right = [0] * len(true["codes"]), [0] * len(found["codes"])
    for i, j, bits in zip(which.tolist(), whom.tolist(), reached.tolist()):
        bits &= ~(taken[j] | right[i])
        taken[j] |= bits
        right[i] |= bits
    right = np.array(right, dtype=np.int64)
    return (right[:, None] >> np.arange(len(thresholds))) & 1


def _close_pairs(true, found, least):
    """Return detections, true boxes of their image and class, and their overlaps."""
    start = np.searchsorted(true["groups"], found["groups"], side="left")
    many = np.searchsorted(true["groups"], found["groups"], side="right") - start
    kept = [np.empty((3, 0))]
    ends = np.cumsum(many)
    first = 0
    while first < len(many):
        before = ends[first] - many[first]
        last = max(first + 1, np.searchsorted(ends, before + BLOCK, side="right"))
        n = many[first:last]
        which = np.repeat(np.arange(first, last), n)
        place = np.arange(len(which)) - np.repeat(ends[first:last] - n - before, n)
        whom = start[which] + place
        overlap = _overlap(found["boxes"][which], true["boxes"][whom])
        close = overlap >= least
        kept.append(np.array([which[close], whom[close], overlap[close]]))
        first = last
    which, whom, overlap = np.concatenate(kept, axis=1)
    return which.astype(np.intp), whom.astype(np.intp), overlap


def _average_precisions(true, found, right, recalls, out):
    """Fill in a value for each class with truth and each threshold."""
    # Ties stay in the order of the images, by which they are sorted already.
    order = np.lexsort((-found["scores"], found["codes"]))
    right, codes = right[order], found["codes"][order]
    for code, n_true in enumerate(np.bincount(true["codes"], minlength=len(out))):
        if n_true:
            first, last = np.searchsorted(codes, [code, code + 1])
            out[code] = _average_precision(right[first:last], n_true, recalls)


def _average_precision(right, n_true, recalls):
    """Return the area under precision for each column of a ranking."""
    found = np.cumsum(right, axis=0)
    precision = found / np.arange(1, len(right) + 1)[:, None]
    precision = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
    if recalls is None:
        return (precision * right).sum(axis=0) / n_true
    precision = np.vstack([precision, np.zeros(right.shape[1])])
    recall = found / n_true
    columns = enumerate(recall.T)
    return [precision[np.searchsorted(r, recalls), t].mean() for t, r in columns]


# ----------------------------------------------------------------------- the input


def _check_choice(name, value, choices):
    if value not in choices:
        raise ValueError(f"{name} must be one of {choices}, got {value!r}.")


def _check_thresholds(thresholds):
    if isinstance(thresholds, str) and thresholds == "coco":
        return np.linspace(0.5, 0.95, 10)
    fault = (
        'iou_thresholds must be "coco" or one or several numbers above 0 and at most '
        f"1, got {thresholds!r}."
    )
    try:
        values = np.atleast_1d(np.asarray(thresholds, dtype=float))
    except (TypeError, ValueError):
        raise ValueError(fault) from None
    if values.ndim != 1 or not values.size or not np.all((values > 0) & (values <= 1)):
        raise ValueError(fault)
    return values


def _flatten(name, y, *, scored):
    """Return the boxes of all images in one array, with their images and labels."""
    if isinstance(y, dict):
        raise TypeError(f"{name} is the dict of one image; put it into a list.")
    keys = ("boxes", "labels", "scores") if scored else ("boxes", "labels")
    parts = [_read(f"Row {row} of {name}", image, keys) for row, image in enumerate(y)]
    flat = {"images": np.repeat(np.arange(len(parts)), [len(p[0]) for p in parts])}
    boxes, labels, *scores = zip(*parts) if parts else [()] * len(keys)
    flat["boxes"] = np.concatenate([np.empty((0, 4)), *boxes])
    flat["labels"] = join(labels)
    if scored:
        flat["scores"] = np.concatenate([np.empty(0), *scores[0]])
    _check_boxes(name, flat["images"], flat["boxes"], flat.get("scores"))
    return flat


def _read(where, image, keys):
    """Return boxes, labels and maybe scores of one image, of the same length."""
    if image is None:
        raise ValueError(
            f"{where} is None, an answer that is missing; score the rows that have "
            'one. An image without objects is {"boxes": [], "labels": []}.'
        )
    if not isinstance(image, Mapping):
        kind = type(image).__name__
        raise TypeError(f"{where} must be a dict with {', '.join(keys)}, got {kind}.")
    if missing := [key for key in keys if key not in image]:
        raise ValueError(f"{where} has no {missing[0]!r}, only {list(image)}.")
    for key in ("iscrowd", "difficult"):
        if np.asarray(image.get(key, 0)).any():
            raise ValueError(
                f"{where} has boxes marked {key!r}. The official scores count them "
                "neither way, which is not done here: take them out of the truth."
            )
    boxes = np.asarray(image["boxes"], dtype=float)
    boxes = boxes if boxes.size else boxes.reshape(0, 4)
    arrays = [boxes, as_classes(f"{where}: labels", image["labels"])]
    arrays += [np.asarray(image[key], dtype=float) for key in keys[2:]]
    m = len(boxes)
    for key, array, shape in zip(keys, arrays, ((m, 4), (m,), (m,))):
        if array.shape != shape:
            wanted = "(m, 4)" if key == "boxes" else shape
            raise ValueError(
                f"{where}: {key} must have shape {wanted}, got {array.shape}."
            )
    return arrays


def _check_boxes(name, images, boxes, scores=None):
    """Refuse boxes of which no number can be computed, and name the first."""

    def refuse(bad, values, fault):
        if bad.any():
            i = np.flatnonzero(bad)[0]
            box = i - np.searchsorted(images, images[i])
            raise ValueError(
                f"Row {images[i]} of {name}: box {box} has {fault}, {values[i]}."
            )

    if scores is not None:
        refuse(~np.isfinite(scores), scores, "a score that is not finite")
    refuse(~np.isfinite(boxes).all(axis=1), boxes, "corners that are not finite")
    sizes = boxes[:, 2:] - boxes[:, :2]
    hint = (
        "corners out of order. They are x0, y0, x1, y1; to x, y, width, height add the "
        "first two to the last two"
    )
    refuse((sizes < 0).any(axis=1), boxes, hint)
    # A net may predict a box without area, which is wrong; one to be found cannot be.
    if scores is None:
        refuse((sizes == 0).any(axis=1), boxes, "no area and can never be found")
