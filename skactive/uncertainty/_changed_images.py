"""Images that are mirrored, cut out, shrunk or turned, and their boxes with them."""

import numpy as np
from scipy.ndimage import affine_transform

#: Boxes of which more than this is hidden are not looked for.
MOST_HIDDEN = 0.5


def flip(X, rng):
    """Return images mirrored left to right, and a function that mirrors boxes.

    The function returns the boxes, and which of them can still be found.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.uncertainty._changed_images import flip
    >>> images, moved = flip(np.array([[[1, 2, 3]]]), None)
    >>> images.tolist(), moved(np.array([[0, 0, 1, 1]]))[0].tolist()
    ([[[3, 2, 1]]], [[2.0, 0.0, 3.0, 1.0]])
    """
    width = X.shape[-1]

    def moved(boxes):
        x0, y0, x1, y1 = np.asarray(boxes, dtype=float).T
        kept = np.ones(len(x0), dtype=bool)
        return np.stack([width - x1, y0, width - x0, y1], axis=1), kept

    return X[..., ::-1].copy(), moved  # torch takes no negative strides


def cut_out(X, rng):
    """Return images with a gray rectangle of a third of height and width in them.

    It is at the same random place in all, in the mean gray of each.
    """
    height, width = X.shape[-2:]
    h, w = max(1, height // 3), max(1, width // 3)
    top, left = rng.randint(height - h + 1), rng.randint(width - w + 1)
    images = X.copy()
    images[..., top : top + h, left : left + w] = gray_of(X)
    hole = np.array([left, top, left + w, top + h])

    def moved(boxes):
        boxes = np.asarray(boxes, dtype=float)
        sides = np.minimum(boxes[:, 2:], hole[2:]) - np.maximum(boxes[:, :2], hole[:2])
        hidden = np.prod(np.maximum(sides, 0), axis=1)
        area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
        return boxes, hidden <= MOST_HIDDEN * area

    return images, moved


def shrink(X, rng):
    """Return images of eight tenths the size, framed by their mean gray."""
    return turned_and_scaled(X, 0.0, 0.8)


def rotate(X, rng):
    """Return images turned by five degrees, and what encloses the turned boxes."""
    return turned_and_scaled(X, np.deg2rad(5), 1.0)


#: By the names that users give.
CHANGES = {"flip": flip, "cutout": cut_out, "resize": shrink, "rotation": rotate}


def turned_and_scaled(X, angle, scale):
    """Return images turned and scaled about their centers, and a function for boxes."""
    size = np.array(X.shape[-2:], dtype=float)
    sin, cos = np.sin(angle), np.cos(angle)
    turn = scale * np.array([[cos, -sin], [sin, cos]])  # of (row, column)
    back = np.linalg.inv(turn)
    center = (size - 1) / 2  # of pixel number 0, 1, ...
    gray = np.broadcast_to(gray_of(X), (*X.shape[:-2], 1, 1)).reshape(-1)
    planes = X.reshape(-1, *X.shape[-2:])
    images = np.empty_like(planes)
    for plane, value, out in zip(planes, gray, images):
        # Interpolated in floats: integers would be cut off, not rounded.
        changed = affine_transform(
            plane.astype(np.float32 if X.itemsize < 8 else X.dtype),
            back,
            center - back @ center,
            order=1,
            cval=value,
        )
        out[:] = np.rint(changed) if X.dtype == np.uint8 else changed

    def moved(boxes):
        x0, y0, x1, y1 = np.asarray(boxes, dtype=float).T
        corners = np.array([[y0, x0], [y0, x1], [y1, x0], [y1, x1]])
        corners = corners - size[:, None] / 2  # of edges: half a pixel off
        corners = turn @ corners + size[:, None] / 2
        low = np.maximum(corners.min(axis=0), 0)
        high = np.minimum(corners.max(axis=0), size[:, None])
        boxes = np.stack([low[1], low[0], high[1], high[0]], axis=1)
        return boxes, (high > low).all(axis=0)

    return images.reshape(X.shape), moved


def gray_of(X):
    """Return the mean of each channel of each image, in the dtype of the images."""
    gray = X.mean(axis=(-2, -1), keepdims=True, dtype=np.float64)
    return (np.rint(gray) if X.dtype == np.uint8 else gray).astype(X.dtype)
