"""Images of different sizes, pasted on canvases of one size."""

import math

import numpy as np

#: Sides beyond those of fit are rounded up to a multiple, so that few sizes are left.
STEP = 32
#: Bytes of the canvases that are held at once.
CHUNK = 2**26


def pasted(images, shape):
    """Return images in the upper left corners of canvases, and zeros beside them.

    Parameters
    ----------
    images : list of ndarray of shape (channels, height, width)
        As :func:`~skactive.nets._arrays.as_images` returns them.
    shape : tuple (channels, height, width)
        Of the canvas, no smaller than an image.

    Returns
    -------
    X : ndarray of shape (n, channels, height, width)
        The canvases.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.nets.estimators._canvases import pasted
    >>> pasted([np.ones((1, 1, 2)), np.ones((1, 2, 1))], (1, 2, 2))[:, 0].tolist()
    [[[1.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [1.0, 0.0]]]
    """
    X = np.zeros((len(images), *shape), np.result_type(*images))
    for canvas, image in zip(X, images):
        _, height, width = image.shape
        canvas[:, :height, :width] = image
    return X


def largest(images):
    """Return the shape of the smallest canvas for all images."""
    return tuple(np.max([image.shape for image in images], axis=0).tolist())


def by_canvas(images, shape):
    """Yield the shape of a canvas, and the positions of some images that belong on it.

    An image that fits on a canvas of ``shape`` is pasted on that, and another one on
    one of its own size: which it is does not depend on the other images. Canvases that
    are yielded together take 64 MB at most, or are one.
    """
    of_canvas = {}
    for k, image in enumerate(images):
        canvas = [
            least if side <= least else math.ceil(side / STEP) * STEP
            for side, least in zip(image.shape[1:], shape[1:])
        ]
        of_canvas.setdefault((image.shape[0], *canvas), []).append(k)
    for canvas, rows in of_canvas.items():
        size = max(1, CHUNK // (math.prod(canvas) * images[rows[0]].itemsize))
        for start in range(0, len(rows), size):
            yield canvas, rows[start : start + size]


def in_order(parts):
    """Return one array from pairs of positions and the rows that belong there."""
    if len(parts) == 1:
        return parts[0][1]
    where = np.concatenate([positions for positions, _ in parts])
    return np.concatenate([rows for _, rows in parts])[np.argsort(where)]


def cut(answer, image_size):
    """Cut found boxes at the border of an image, and drop those beside it, in place."""
    height, width = image_size
    boxes = np.clip(answer["boxes"], 0, np.float32([width, height, width, height]))
    inside = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    answer["boxes"] = boxes
    answer.update({name: part[inside] for name, part in answer.items()})
