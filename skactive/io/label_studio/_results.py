"""Predictions of a model, as the regions that the tool shows pre-filled."""

import numpy as np

from skactive.io.label_studio._brush import brush_encode
from skactive.io.label_studio._outlines import mask_to_polygons
from skactive.io.label_studio._shapes import boxes_to_percent
from skactive.utils._boxes import as_boxes

#: What a score may be.
RANGE = "a score is a number from 0 to 1, such as a probability"
#: Sums of probabilities may be above 1 by so much.
ROUNDING = 1e-6


def checked_score(score):
    """Return a confidence as a float, or refuse it; None stays."""
    if score is None:
        return None
    if isinstance(score, (str, bytes, bool, np.bool_)) or np.ndim(score):
        raise ValueError(f"{RANGE}; got {score!r}")
    if not -ROUNDING <= float(score) <= 1 + ROUNDING:
        raise ValueError(
            f"{RANGE}; got {float(score)!r}. Entropies, distances and the like are "
            "utilities"
        )
    return min(max(float(score), 0.0), 1.0)


def to_result(answer, control, *, score=None, image_size=None, unpainted=255):
    """Return one prediction as the regions of a task.

    Parameters
    ----------
    answer : object
        Of the kind of the control, in classes of the model.
    control : Control
        The question.
    score : float or None, default=None
        How sure the model is of all of it.
    image_size : tuple (height, width) or None, default=None
        Size of the picture; needed for boxes and polygons, and a mask has its own.
    unpainted : int, default=255
        What a mask holds where nothing is painted.

    Returns
    -------
    result : list of dict
        As the tool has it.

    Examples
    --------
    >>> from skactive.io.label_studio import LabelConfig
    >>> from skactive.io.label_studio._results import to_result
    >>> control = LabelConfig.make("numbers", of="text").control()
    >>> to_result(4.5, control)[0]["value"]
    {'number': 4.5}
    """
    make = {
        "classes": _choice,
        "label_sets": _choices,
        "numbers": _number,
        "boxes": _boxes,
        "masks": _masks,
        "polygons": _polygons,
    }[control.kind]
    is_mask = control.kind in ("masks", "polygons") and not isinstance(answer, dict)
    if is_mask and image_size is None:
        image_size = np.shape(answer)
    values = make(answer, control, image_size, unpainted)
    result = []
    for k, (value, own) in enumerate(values):
        region = {
            "id": f"{control.name}-{k}",
            "from_name": control.name,
            "to_name": control.to_name,
            "type": control.tag.lower(),
            "value": value,
        }
        if image_size is not None:
            height, width = (int(n) for n in image_size)
            region.update(
                original_width=width, original_height=height, image_rotation=0
            )
        own = checked_score(score if own is None else own)
        if own is not None:
            region["score"] = own
        result.append(region)
    return result


def _choice(answer, control, image_size, unpainted):
    if np.ndim(answer):
        raise ValueError(
            f"{control.name!r} asks for one class; got {answer!r}. Of probabilities "
            "give the class, and the highest one in scores"
        )
    return [({"choices": [control.label_of(answer)]}, None)]


def _choices(answer, control, image_size, unpainted):
    row = np.asarray(answer)
    if row.shape != (len(control.labels),) or not np.isin(row, [0, 1]).all():
        raise ValueError(
            f"{control.name!r} asks for several labels: a row of 0 and 1 for each of "
            f"{list(control.labels)}, in this order; got {answer!r}"
        )
    chosen = [
        label for label, on in zip(control.labels, row.astype(bool), strict=True) if on
    ]
    return [({"choices": chosen}, None)] if chosen else []


def _number(answer, control, image_size, unpainted):
    if isinstance(answer, (str, bytes)) or np.ndim(answer):
        raise ValueError(f"{control.name!r} asks for a number; got {answer!r}")
    if not np.isfinite(float(answer)):
        raise ValueError(f"a number is finite; got {answer!r}")
    return [({"number": float(answer)}, None)]


def _boxes(answer, control, image_size, unpainted):
    found = as_boxes(answer, "the prediction")
    percent = boxes_to_percent(found["boxes"], _known(image_size, "boxes"))
    scores = _scores(found, len(percent))
    values = []
    for box, label, score in zip(percent, found["labels"], scores, strict=True):
        value = dict(zip(("x", "y", "width", "height"), box.tolist(), strict=True))
        value |= {"rotation": 0, "rectanglelabels": [control.label_of(label)]}
        values.append((value, score))
    return values


def _masks(answer, control, image_size, unpainted):
    return [
        ({"format": "rle", "rle": brush_encode(part), "brushlabels": [label]}, None)
        for label, part in _painted(answer, control, image_size, unpainted)
    ]


def _polygons(answer, control, image_size, unpainted):
    if not isinstance(answer, dict):
        outlines = [
            (points, label, None)
            for label, part in _painted(answer, control, image_size, unpainted)
            for points in mask_to_polygons(part)
        ]
    else:
        if not {"polygons", "labels"} <= set(answer):
            raise ValueError(
                'polygons are a mask, or {"polygons": [(k, 2), ...], "labels": (m,)}; '
                f"got a dict of {list(answer)}"
            )
        scores = _scores(answer, len(answer["polygons"]))
        labels = [control.label_of(label) for label in answer["labels"]]
        outlines = list(zip(answer["polygons"], labels, scores, strict=True))
    height, width = _known(image_size, "polygons")
    values = []
    for points, label, score in outlines:
        points = np.asarray(points, dtype=float)
        if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
            raise ValueError(
                "a polygon has at least three points (x, y); got an array of shape "
                f"{points.shape}"
            )
        percent = points / [width, height] * 100
        if not ((percent >= 0) & (percent <= 100)).all():
            raise ValueError(
                f"a polygon has a point outside the picture, {width} wide and {height} "
                "high"
            )
        value = {"points": percent.tolist(), "closed": True, "polygonlabels": [label]}
        values.append((value, score))
    return values


def _painted(answer, control, image_size, unpainted):
    """Return a label and its pixels for each class that is in a mask."""
    mask = np.asarray(answer)
    if mask.ndim != 2 or mask.dtype.kind not in "iub" or not mask.size:
        raise ValueError(
            "a mask is an array of integers of shape (height, width); got "
            f"{mask.dtype} of shape {mask.shape}"
        )
    if image_size is not None and mask.shape != tuple(image_size):
        raise ValueError(
            f"the mask is of shape {mask.shape}, and the picture of {tuple(image_size)}"
        )
    values = [v for v in np.unique(mask).tolist() if v != unpainted]
    parts = {control.label_of(int(value)): mask == value for value in values}
    return [(label, parts[label]) for label in control.labels if label in parts]


def _scores(found, n):
    scores = found.get("scores")
    if scores is None:
        return [None] * n
    if np.shape(scores) != (n,):
        raise ValueError(f"{n} shapes need as many scores; got {np.shape(scores)}")
    return scores


def _known(image_size, what):
    if image_size is None:
        raise ValueError(
            f"{what} are in percent of the picture: pass image_size, (height, width)"
        )
    return tuple(int(n) for n in image_size)
