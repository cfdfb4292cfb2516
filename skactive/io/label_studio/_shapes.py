"""Boxes and polygons, in pixels and in percent of the picture."""

import numpy as np

from skactive.utils._boxes import as_boxes

#: How far out of the picture, in percent, is taken for rounding.
DUST = 1e-3


def boxes_to_percent(boxes, image_size):
    """Return boxes as the tool has them, in percent of the picture.

    Parameters
    ----------
    boxes : array-like of float of shape (m, 4)
        Corners in pixels: left, top, right, bottom, the last two exclusive.
    image_size : tuple of int (height, width)
        Size of the picture.

    Returns
    -------
    percent : ndarray of float64 of shape (m, 4)
        Left, top, width, height, each from 0 to 100.

    Raises
    ------
    ValueError
        If a box is empty, not finite, or outside the picture by more than a thousandth
        of a percent of it.

    See Also
    --------
    boxes_from_percent : The way back.

    Notes
    -----
    Cost: O(m).

    Examples
    --------
    >>> from skactive.io.label_studio import boxes_to_percent
    >>> boxes_to_percent([[6, 8, 24, 18]], (40, 60)).tolist()
    [[10.0, 20.0, 30.0, 25.0]]
    """
    height, width = _checked_size(image_size)
    boxes = np.asarray(boxes, dtype=float).reshape(-1, 4)
    as_boxes({"boxes": boxes, "labels": np.zeros(len(boxes))})
    corners = boxes / [width, height, width, height] * 100
    corners = _within(corners, boxes, f"the picture, {width} wide and {height} high")
    return np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]])


def boxes_from_percent(percent, image_size):
    """Return boxes in pixels.

    Parameters
    ----------
    percent : array-like of float of shape (m, 4)
        Left, top, width, height in percent of the picture.
    image_size : tuple of int (height, width)
        Size of the picture.

    Returns
    -------
    boxes : ndarray of float32 of shape (m, 4)
        Corners in pixels: left, top, right, bottom, the last two exclusive.

    Raises
    ------
    ValueError
        If a box is empty, not finite, or outside the picture by more than a thousandth
        of a percent of it.

    See Also
    --------
    boxes_to_percent : The way back.

    Notes
    -----
    Cost: O(m).

    Examples
    --------
    >>> from skactive.io.label_studio import boxes_from_percent
    >>> boxes_from_percent([[10, 20, 30, 25]], (40, 60)).tolist()
    [[6.0, 8.0, 24.0, 18.0]]
    """
    height, width = _checked_size(image_size)
    percent = np.asarray(percent, dtype=float).reshape(-1, 4)
    corners = np.hstack([percent[:, :2], percent[:, :2] + percent[:, 2:]])
    corners = _within(corners, percent, "the picture, 0 to 100 percent")
    boxes = corners / 100 * [width, height, width, height]
    return as_boxes({"boxes": boxes, "labels": np.zeros(len(boxes))})["boxes"]


def polygon_to_mask(points, image_size):
    """Return the pixels within a polygon.

    Parameters
    ----------
    points : array-like of float of shape (k, 2)
        Corners (x, y) in pixels, from the top left corner of the picture, in order.
    image_size : tuple of int (height, width)
        Size of the picture. What lies outside is cut off.

    Returns
    -------
    mask : ndarray of bool of shape (height, width)
        True for pixels whose center is inside: where a line from it to the right
        crosses the outline an odd number of times, so that a loop within a loop is a
        hole. A center that lies on the outline is inside on its left and upper sides.

    Raises
    ------
    ValueError
        If there are less than three points, or one is not finite.

    See Also
    --------
    mask_to_polygons : The way back.

    Notes
    -----
    Cost: O(height width + k height).

    Examples
    --------
    >>> from skactive.io.label_studio import polygon_to_mask
    >>> polygon_to_mask([[1, 0], [4, 0], [4, 2], [1, 2]], (3, 5)).astype(int)
    array([[0, 1, 1, 1, 0],
           [0, 1, 1, 1, 0],
           [0, 0, 0, 0, 0]])
    """
    height, width = _checked_size(image_size)
    points = np.asarray(points, dtype=float)
    if points.ndim != 2 or points.shape[1:] != (2,) or len(points) < 3:
        raise ValueError(
            "A polygon has at least three points (x, y); got an array of shape "
            f"{points.shape}."
        )
    if not np.isfinite(points).all():
        raise ValueError("A polygon has a point that is not finite.")
    edges = np.stack([points, np.roll(points, -1, axis=0)], axis=1)
    # From top to bottom, so that an edge there and back crosses at the same place.
    order = np.lexsort((edges[:, :, 0], edges[:, :, 1]), axis=1)
    edges = np.take_along_axis(edges, order[:, :, None], axis=1)
    (x0, y0), (x1, y1) = edges[:, 0].T, edges[:, 1].T
    first = np.clip(np.ceil(y0 - 0.5), 0, height).astype(int)
    count = np.clip(np.ceil(y1 - 0.5), 0, height).astype(int) - first
    edge = np.repeat(np.arange(len(edges)), count)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    row += first[edge]
    share = (row + 0.5 - y0[edge]) / (y1 - y0)[edge]
    x = x0[edge] + share * (x1 - x0)[edge]
    column = np.clip(np.ceil(x - 0.5), 0, width).astype(int)
    crossed = np.bincount(row * (width + 1) + column, minlength=height * (width + 1))
    inside = np.cumsum(crossed.reshape(height, width + 1), axis=1) % 2
    return inside[:, :width].astype(bool)


def _checked_size(image_size):
    height, width = (int(n) for n in image_size)
    if min(height, width) < 1:
        raise ValueError(f"A picture of {height} x {width} pixels holds no shape.")
    return height, width


def _within(corners, shown, what):
    """Return corners in percent without the dust of rounding, or refuse them."""
    if not np.isfinite(corners).all():
        k = np.flatnonzero(~np.isfinite(corners).all(axis=1))[0]
        raise ValueError(f"Box {k}, {shown[k].tolist()}, is not finite.")
    outside = ((corners < -DUST) | (corners > 100 + DUST)).any(axis=1)
    if outside.any():
        k = np.flatnonzero(outside)[0]
        raise ValueError(f"Box {k}, {shown[k].tolist()}, is outside {what}.")
    return np.clip(corners, 0, 100)
