"""What a person answered: the regions of an annotation, as an answer of the learner."""

from numbers import Integral, Real

import numpy as np

from skactive.io.label_studio._brush import brush_decode
from skactive.io.label_studio._shapes import boxes_from_percent, polygon_to_mask

#: What stands for "nothing was answered" before answers are put together.
NOTHING = None


def to_answer(result, config, control, *, image_size=None):
    """Return the answer that the regions of an annotation are.

    Parameters
    ----------
    result : list of dict
        Regions; those of other questions of the config are passed over.
    config : LabelConfig
        The labeling config.
    control : Control
        The question whose answer is read.
    image_size : tuple (height, width) or None, default=None
        Size of the picture, where it is known from elsewhere.

    Returns
    -------
    answer : object
        Of the kind of the question; None if it was not answered.

    Raises
    ------
    ValueError
        If a region is of no question of the config, has an unknown label, or does not
        lie in the picture.

    Examples
    --------
    >>> from skactive.io.label_studio import LabelConfig
    >>> from skactive.io.label_studio._regions import to_answer
    >>> config = LabelConfig.make("numbers", of="text")
    >>> region = {"from_name": "label", "to_name": "text", "type": "number"}
    >>> to_answer([{**region, "value": {"number": 4.5}}], config, config.control())
    4.5
    """
    regions = own_regions(result, config, control)
    read = {
        "classes": _class,
        "label_sets": _label_set,
        "numbers": _number,
        "boxes": _boxes,
        "masks": _mask,
        "polygons": _mask,
    }[control.kind]
    return read(regions, config, control, image_size)


def own_regions(result, config, control):
    """Return the regions of one question, or refuse strange ones."""
    if not isinstance(result, list) or not all(isinstance(r, dict) for r in result):
        raise ValueError("its result is no list of regions")
    own = []
    for region in result:
        name = region.get("from_name")
        asked = config.controls.get(name) if isinstance(name, str) else None
        if asked is None:
            raise ValueError(
                f"it answers {name!r}, and the labeling config asks "
                f"{list(config.controls)}"
            )
        if asked.kind is None:
            continue
        about = (region.get("type"), region.get("to_name"))
        if about != (asked.tag.lower(), asked.to_name):
            raise ValueError(
                f"its answer to {name!r} is of type {about[0]!r} about {about[1]!r}, "
                f"and the labeling config asks {asked.tag.lower()!r} about "
                f"{asked.to_name!r}"
            )
        if not isinstance(region.get("value"), dict):
            raise ValueError(f"its answer to {name!r} has no value")
        if asked is control:
            own.append(region)
    return own


def _class(regions, config, control, image_size):
    chosen = _chosen(regions, control)
    if len(chosen) > 1:
        raise ValueError(f"it has {len(chosen)} classes, {chosen}, and one was asked")
    return control.class_of(chosen[0]) if chosen else NOTHING


def _label_set(regions, config, control, image_size):
    chosen = _chosen(regions, control)
    for label in chosen:
        control.class_of(label)
    return np.array([label in chosen for label in control.labels], dtype=float)


def _chosen(regions, control):
    chosen = []
    for region in regions:
        choices = region["value"].get("choices")
        if not isinstance(choices, list) or not all(
            isinstance(choice, str) for choice in choices
        ):
            raise ValueError(f"its choices are {choices!r}, no list of labels")
        chosen += choices
    if len(set(chosen)) < len(chosen):
        raise ValueError(f"it has a label twice: {chosen}")
    return chosen


def _number(regions, config, control, image_size):
    numbers = [region["value"].get("number") for region in regions]
    for number in numbers:
        plain = isinstance(number, Real) and not isinstance(number, bool)
        if not plain or not np.isfinite(number):
            raise ValueError(f"its number is {number!r}")
    if len(numbers) > 1:
        raise ValueError(f"it has {len(numbers)} numbers, {numbers}, and one was asked")
    return float(numbers[0]) if numbers else NOTHING


def _boxes(regions, config, control, image_size):
    boxes, labels = [], []
    for region in regions:
        value = region["value"]
        labels.append(_class_of(region, control))
        size = _size_of(region, image_size)
        turned = value.get("rotation") or 0
        if turned % 360:
            raise ValueError(
                f"its box is turned by {turned} degrees, and a model has upright ones. "
                'Draw it again, and forbid turning by canRotate="false" in the config'
            )
        sides = _numbers([value.get(key) for key in ("x", "y", "width", "height")])
        boxes.append(boxes_from_percent([sides], size)[0])
    return {
        "boxes": np.array(boxes, dtype=np.float32).reshape(-1, 4),
        "labels": np.array(labels, dtype=np.array(control.classes).dtype),
    }


def _mask(regions, config, control, image_size):
    """Return the mask that regions paint, later ones over earlier ones."""
    if not regions and config.unpainted == 255:
        return NOTHING
    sizes = {_size_of(region, image_size) for region in regions} or {image_size}
    if len(sizes) > 1:
        raise ValueError(f"its regions are of pictures of several sizes, {sizes}")
    size = sizes.pop()
    if size is None:
        raise ValueError(
            "it has no region, and the size of the picture is not known. Pass "
            "image_size"
        )
    values = [*control.classes, config.unpainted]
    dtype = np.uint8 if min(values) >= 0 and max(values) <= 255 else np.int64
    mask = np.full(size, config.unpainted, dtype=dtype)
    for region in regions:
        value, painted = region["value"], _class_of(region, control)
        if control.kind == "masks":
            if value.get("format") != "rle":
                raise ValueError(f"its brush is in the format {value.get('format')!r}")
            inside = brush_decode(value.get("rle"), *size)
        else:
            inside = polygon_to_mask(_points(value, size), size)
        mask[inside] = painted
    return mask


def _points(value, size):
    """Return the corners of a polygon in pixels."""
    points = value.get("points")
    if value.get("closed") is False:
        raise ValueError("its polygon is not closed")
    pairs = isinstance(points, list) and all(
        isinstance(p, list) and len(p) == 2 for p in points
    )
    if not pairs or len(points) < 3:
        raise ValueError("its polygon is no list of three or more points [x, y]")
    percent = _numbers([number for point in points for number in point])
    percent = np.reshape(percent, (-1, 2))
    if not ((percent >= -1e-3) & (percent <= 100 + 1e-3)).all():
        raise ValueError("its polygon has a point outside the picture")
    return percent / 100 * [size[1], size[0]]


def _class_of(region, control):
    labels = region["value"].get(control.tag.lower())
    if not isinstance(labels, list) or len(labels) != 1:
        raise ValueError(f"its region {region.get('id')!r} has the labels {labels!r}")
    return control.class_of(labels[0])


def _size_of(region, image_size):
    """Return (height, width) of the picture of a region."""
    size = tuple(region.get(f"original_{side}") for side in ("height", "width"))
    plain = all(isinstance(n, Integral) and not isinstance(n, bool) for n in size)
    if not plain or min(size) < 1:
        raise ValueError(
            f"its region {region.get('id')!r} has no original_width and "
            f"original_height, but {size[1]!r} and {size[0]!r}"
        )
    if image_size is not None and size != tuple(image_size):
        raise ValueError(
            f"its region {region.get('id')!r} is of a picture {size[1]} wide and "
            f"{size[0]} high, and the picture has {image_size[1]} and {image_size[0]}"
        )
    if (region.get("image_rotation") or 0) % 360:
        raise ValueError(
            f"it was made on a picture turned by {region['image_rotation']} degrees"
        )
    return size


def _numbers(values):
    for value in values:
        if not isinstance(value, Real) or isinstance(value, bool):
            raise ValueError(f"its region has {value!r} where a number belongs")
    return values
