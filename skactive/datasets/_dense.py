"""Images with masks or boxes: how they lie in files, and how they are resized."""

from itertools import pairwise

import numpy as np
from sklearn.utils import Bunch

from skactive.utils._boxes import as_boxes
from skactive.utils._dense_answers import BoxAnswers, as_objects, kind_of
from skactive.utils._pictures import pillow, resized


def boxes_from_flat(boxes, labels, offsets):
    """Return the boxes of each image from arrays that hold those of all images.

    Parameters
    ----------
    boxes : array-like of shape (n_boxes, 4)
        Corners in pixels: left, top, right, bottom, the last two exclusive.
    labels : array-like of shape (n_boxes,)
        Their classes.
    offsets : array-like of int of shape (n_images + 1,)
        Image i has the boxes ``offsets[i]`` to ``offsets[i + 1]``, that one exclusive.

    Returns
    -------
    y : ndarray of dict of shape (n_images,)
        "boxes" float32 (m, 4) and "labels" (m,) of each image.

    See Also
    --------
    boxes_to_flat : The way back.

    Examples
    --------
    >>> from skactive.datasets import boxes_from_flat
    >>> y = boxes_from_flat([[0, 0, 4, 4], [1, 1, 2, 3]], ["a", "b"], [0, 0, 2])
    >>> [len(each["boxes"]) for each in y]
    [0, 2]
    """
    boxes = np.asarray(boxes, dtype=np.float32).reshape(-1, 4)
    labels, offsets = np.asarray(labels), np.asarray(offsets)
    rising = len(offsets) > 0 and offsets[0] == 0 and (np.diff(offsets) >= 0).all()
    if not rising or not len(boxes) == len(labels) == offsets[-1]:
        raise ValueError(
            f"offsets must rise from 0 to the number of boxes; there are {len(boxes)} "
            f"boxes, {len(labels)} labels and offsets {offsets[:1].tolist()} to "
            f"{offsets[-1:].tolist()}."
        )
    parts = pairwise(offsets)
    return as_objects([{"boxes": boxes[i:j], "labels": labels[i:j]} for i, j in parts])


def boxes_to_flat(y):
    """Return arrays that hold the boxes of all images.

    Parameters
    ----------
    y : array-like of dict of shape (n_images,)
        "boxes" (m, 4) and "labels" (m,) of each image.

    Returns
    -------
    boxes : ndarray of float32 of shape (n_boxes, 4)
        Of all images, in order.
    labels : ndarray of shape (n_boxes,)
        Their classes.
    offsets : ndarray of int of shape (n_images + 1,)
        Image i has the boxes ``offsets[i]`` to ``offsets[i + 1]``, that one exclusive.

    See Also
    --------
    boxes_from_flat : The way back.

    Examples
    --------
    >>> from skactive.datasets import boxes_to_flat
    >>> y = [{"boxes": [[0, 0, 4, 4]], "labels": [1]}, {"boxes": [], "labels": []}]
    >>> boxes, labels, offsets = boxes_to_flat(y)
    >>> boxes.shape, labels.tolist(), offsets.tolist()
    ((1, 4), [1], [0, 1, 1])
    """
    y = [as_boxes(each, f"Row {row}") for row, each in enumerate(y)]
    counts = [len(each["boxes"]) for each in y]
    offsets = np.concatenate([[0], np.cumsum(counts, dtype=int)])
    boxes = np.concatenate([np.empty((0, 4), np.float32), *(e["boxes"] for e in y)])
    labels = [each["labels"] for each in y if len(each["labels"])]
    labels = np.concatenate(labels) if labels else np.empty(0, dtype=np.int64)
    return boxes, labels, offsets


def resize_images(X, y, size, *, channels_first=False):
    """Return images of one size, and their masks or boxes resized with them.

    Parameters
    ----------
    X : sequence of ndarray of shape (height, width) or (height, width, channels)
        Images, uint8 or floats, of any sizes.
    y : array-like of masks (height, width) or of dicts of boxes, or None
        What is in them; None where that is not known, or for all.
    size : tuple (height, width)
        The new size, in pixels.
    channels_first : bool, default=False
        Whether images are (channels, height, width), as nets take them.

    Returns
    -------
    X : ndarray of shape (n, height, width), (n, height, width, channels) or, with \
            ``channels_first``, (n, channels, height, width)
        By the mean over the pixels that fall together, or between neighbors; of the
        dtype of the images.
    y : ndarray of shape (n, height, width), of dict, or of objects, or None
        Masks by the nearest pixel, so that no class comes in between; boxes scaled.

    Raises
    ------
    ImportError
        If pillow is not installed.
    ValueError
        If a mask is not of the size of its image, an image has other channels than
        the first, or its channels seem to be elsewhere; the message names the row.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.datasets import resize_images
    >>> X = [np.zeros((40, 60, 3), np.uint8), np.zeros((20, 20, 3), np.uint8)]
    >>> y = [{"boxes": [[0, 0, 30, 20]], "labels": [1]}, None]
    >>> X, y = resize_images(X, y, (20, 30))
    >>> X.shape, y[0]["boxes"].tolist()
    ((2, 20, 30, 3), [[0.0, 0.0, 15.0, 10.0]])
    """
    height, width = size
    X = [_channels_last(image, row, channels_first) for row, image in enumerate(X)]
    for row, image in enumerate(X):
        if image.shape[2:] != X[0].shape[2:]:
            raise ValueError(
                f"Images 0 and {row} have other channels: {X[0].shape[2:] or 'none'} "
                f"and {image.shape[2:] or 'none'}."
            )
    images = np.stack([_resized(image, size) for image in X])
    if channels_first and images.ndim == 4:
        images = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    if y is None:
        return images, None
    if len(y) != len(X):
        raise ValueError(f"There are {len(X)} images and {len(y)} answers.")
    boxes, answers = kind_of(y) is BoxAnswers, []
    for row, (image, answer) in enumerate(zip(X, y)):
        known = answer is not None
        if known and boxes:
            answer = as_boxes(answer, f"Row {row}", image.shape[:2])
            scale = np.array([width / image.shape[1], height / image.shape[0]] * 2)
            scaled = (answer["boxes"] * scale).astype(np.float32)
            answer = {**answer, "boxes": scaled}
        elif known:
            if np.shape(answer) != image.shape[:2]:
                raise ValueError(
                    f"The mask of row {row} has the shape {np.shape(answer)}, and its "
                    f"image {image.shape[:2]} pixels."
                )
            answer = _nearest(np.asarray(answer), size)
        answers.append(answer)
    whole = not boxes and all(answer is not None for answer in answers)
    return images, np.stack(answers) if whole else as_objects(answers)


def split_dense(fields, name, task, descr):
    """Return the arrays of a file of images as a Bunch, its parts taken apart."""
    X, stems = fields["images"], fields.get("stems")
    y = fields["labels"]
    if task == "detection":
        y = boxes_from_flat(fields["boxes"], y, fields["offsets"])
    split = fields.get("split", np.zeros(len(X), dtype=int))
    parts = {"": 0, "validation_": 1, "test_": 2}
    bunch = Bunch(name=name, task=task, DESCR=descr)
    for part, number in parts.items():
        rows = split == number
        there = rows.any()
        bunch[f"{part}data"] = X[rows] if there else None
        bunch[f"{part}target"] = y[rows] if there else None
        bunch[f"{part}names"] = stems[rows] if there and stems is not None else None
    names = fields.get("class_names")
    bunch["target_names"] = None if names is None else [str(each) for each in names]
    bunch["ignore_index"] = int(fields.get("ignore_index", 255))
    bunch["palette"] = fields.get("palette")
    return bunch


def _channels_last(image, row, channels_first):
    """Return an image as pillow takes it."""
    image = np.asarray(image)
    known = image.dtype.kind in "fiu" and image.dtype not in (np.int64, np.uint64)
    if image.ndim not in (2, 3) or not known:
        raise ValueError(
            f"Image {row} has the shape {image.shape} and holds {image.dtype}; an "
            "image is (height, width) or has a third axis for channels, uint8 or "
            "floats."
        )
    if channels_first and image.ndim == 3:
        image = image.transpose(1, 2, 0)
    if image.ndim == 3 and image.shape[2] > 4 and min(image.shape[:2]) <= 4:
        raise ValueError(
            f"Image {row} would have {image.shape[2]} channels of {image.shape[0]} x "
            f"{image.shape[1]} pixels: pass channels_first={not channels_first}."
        )
    return image


def _resized(image, size):
    """Return an image resized by means over pixels, or between neighbors."""
    Image = pillow()
    if image.shape[:2] == tuple(size):
        return image
    if image.ndim == 3 and (image.dtype != np.uint8 or image.shape[2] not in (3, 4)):
        channels = np.moveaxis(image, 2, 0)
        return np.stack([_resized(each, size) for each in channels], axis=2)
    wide = image.astype(np.float32) if image.dtype == np.float16 else image
    return np.asarray(resized(Image.fromarray(wide), size), dtype=image.dtype)


def _nearest(mask, size):
    """Return the mask of the nearest pixels, whatever numbers it holds."""
    Image = pillow()
    pixels = np.arange(mask.size, dtype=np.int32).reshape(mask.shape)
    nearest = Image.fromarray(pixels).resize(size[::-1], Image.Resampling.NEAREST)
    return mask.ravel()[np.asarray(nearest)]
