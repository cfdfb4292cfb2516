"""Masks as COCO writes them: runs down the columns, polygons, and short strings."""

import numpy as np

from skactive.io._ids import short

#: Runs are numbers of 32 bits in COCO's own tools.
MOST_PIXELS = 2**32


def encode_rle(mask, *, compress=True):
    """Return a mask as the lengths of its runs.

    Parameters
    ----------
    mask : array-like of bool or int of shape (height, width)
        Which pixels belong to the object; what is not 0 does.
    compress : bool, default=True
        Whether the runs are written as a string, some five times shorter.

    Returns
    -------
    rle : dict
        "size", [height, width], and "counts", a string or a list of int: how many
        pixels do not belong to it, then how many do, and so on, down each column.

    See Also
    --------
    decode_rle : The way back.

    Notes
    -----
    Strings are those of pycocotools, byte by byte. Label Studio calls something else
    RLE: rows of four channels in bits.

    Examples
    --------
    >>> from skactive.io import coco
    >>> coco.encode_rle([[0, 1], [0, 1]], compress=False)
    {'size': [2, 2], 'counts': [2, 2]}
    >>> coco.encode_rle([[0, 1], [0, 1]])
    {'size': [2, 2], 'counts': '22'}
    """
    mask = np.asarray(mask)
    if mask.ndim != 2 or mask.dtype.kind not in "biu":
        raise ValueError(
            f"mask must be an array of bool or int of shape (height, width); got "
            f"{mask.dtype} of shape {mask.shape}."
        )
    flat = np.r_[False, mask.ravel(order="F") != 0]
    ends = np.r_[np.flatnonzero(flat[1:] != flat[:-1]), len(flat) - 1]
    counts = np.diff(ends, prepend=0).tolist()
    size = [int(each) for each in mask.shape]
    return {"size": size, "counts": _to_string(counts) if compress else counts}


def decode_rle(rle):
    """Return a mask from the lengths of its runs.

    Parameters
    ----------
    rle : dict
        "size", [height, width], and "counts", a list of int, a string or bytes.

    Returns
    -------
    mask : ndarray of bool of shape (height, width)
        Which pixels belong to the object.

    Raises
    ------
    ValueError
        If this is no such dict, or the runs are not as long as the image has pixels.

    See Also
    --------
    encode_rle : The way back.

    Examples
    --------
    >>> from skactive.io import coco
    >>> coco.decode_rle({"size": [2, 3], "counts": [2, 2, 2]}).astype(int)
    array([[0, 1, 0],
           [0, 1, 0]])
    """
    size, counts = _size_and_counts(rle)
    if sum(counts) != size[0] * size[1] or min(counts, default=0) < 0:
        raise ValueError(
            f"The runs {short(counts)} are {sum(counts)} pixels long, and the image is "
            f"{size[0]} high and {size[1]} wide. They are of another image, or cut off."
        )
    inside = np.arange(len(counts)) % 2 == 1
    return np.repeat(inside, counts).reshape(size, order="F")


def polygons_to_mask(polygons, size):
    """Return the mask of an object that is drawn by polygons.

    Parameters
    ----------
    polygons : list of list of float
        The parts of the object, each [x0, y0, x1, y1, ...] in pixels, three points or
        more.
    size : tuple (height, width)
        Of the image.

    Returns
    -------
    mask : ndarray of bool of shape (height, width)
        Which pixels are in one of them, as pycocotools decides.

    Raises
    ------
    ValueError
        If a polygon has fewer than three points, or a number that is not finite.

    Notes
    -----
    Edges are drawn five times finer than pixels, and columns filled between them
    [1]_. Cost: O(length of the edges + pixels of the columns) for each polygon.

    References
    ----------
    .. [1] Lin et al. "Microsoft COCO: Common objects in context." ECCV 2014; the code
       is ``rleFrPoly`` of its tools.

    Examples
    --------
    >>> from skactive.io import coco
    >>> coco.polygons_to_mask([[1, 0, 3, 0, 3, 2, 1, 2]], (2, 4)).astype(int)
    array([[0, 1, 1, 0],
           [0, 1, 1, 0]])
    """
    height, width = size
    if not isinstance(polygons, list) or not polygons:
        raise ValueError(f"polygons must be a list of lists; got {short(polygons)}.")
    mask = np.zeros(height * width, dtype=bool)
    for polygon in polygons:
        where = _crossings(_points(polygon), height, width)
        if len(where):
            start, stop = where.min(), where.max()  # outside it is outside
            crossed = np.bincount(where - start)[:-1]
            mask[start:stop] |= np.cumsum(crossed) % 2 == 1
    return mask.reshape((height, width), order="F")


def rle_bounds(mask):
    """Return [left, top, width, height] of what is in a mask, as floats."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    left, top = float(columns[0]), float(rows[0])
    return [left, top, columns[-1] + 1 - left, rows[-1] + 1 - top]


def is_number(value):
    """Tell whether a value in a file is a number of a size that pixels have."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and -1e9 < value < 1e9  # NaN is not


def _points(polygon):
    if not isinstance(polygon, list) or len(polygon) < 6 or len(polygon) % 2:
        raise ValueError(
            f"A polygon is a list [x0, y0, x1, y1, ...] of three points or more; got "
            f"{short(polygon)}."
        )
    if not all(is_number(value) for value in polygon):
        raise ValueError(f"The polygon {short(polygon)} holds what is no pixel.")
    return np.array(polygon, dtype=float).reshape(-1, 2)


def _crossings(points, height, width):
    """Return where the edge of a polygon is crossed, along the columns of an image."""
    x, y = np.trunc(5 * points + 0.5).astype(np.int64).T  # as C makes integers
    edges = [
        _line(*edge) for edge in zip(x, y, np.roll(x, -1), np.roll(y, -1), strict=True)
    ]
    u, v = (np.concatenate(part) for part in zip(*edges))
    moved = np.flatnonzero(u[1:] != u[:-1])
    u, v = np.minimum(u[1:], u[:-1])[moved], np.minimum(v[1:], v[:-1])[moved]
    column, row = (u + 0.5) / 5 - 0.5, (v + 0.5) / 5 - 0.5
    kept = (np.floor(column) == column) & (column >= 0) & (column <= width - 1)
    row = np.ceil(np.clip(row[kept], 0, height)).astype(np.int64)
    return column[kept].astype(np.int64) * height + row


def _line(x0, y0, x1, y1):
    """Return the points of a line, in the order in which it is drawn."""
    dx, dy = abs(x1 - x0), abs(y1 - y0)
    flip = (dx >= dy and x0 > x1) or (dx < dy and y0 > y1)
    if flip:
        x0, y0, x1, y1 = x1, y1, x0, y0
    steps = np.arange(max(dx, dy) + 1)
    slope = (y1 - y0) / dx if dx >= dy and dx else (x1 - x0) / dy if dy else 0.0
    if dx >= dy:
        u, v = steps + x0, np.trunc(y0 + slope * steps + 0.5).astype(np.int64)
    else:
        u, v = np.trunc(x0 + slope * steps + 0.5).astype(np.int64), steps + y0
    return (u[::-1], v[::-1]) if flip else (u, v)


def _size_and_counts(rle):
    """Return what a dict of runs says, its numbers checked."""
    if not isinstance(rle, dict) or not {"size", "counts"} <= set(rle):
        raise ValueError(
            f'A mask of runs is a dict {{"size": [height, width], "counts": ...}}; got '
            f"{short(rle)}."
        )
    size, counts = rle["size"], rle["counts"]
    whole = isinstance(size, (list, tuple)) and all(type(n) is int for n in size)
    if not whole or len(size) != 2 or min(size) < 0 or size[0] * size[1] >= MOST_PIXELS:
        raise ValueError(f"The size {short(size)} of a mask is no [height, width].")
    if isinstance(counts, (str, bytes)):
        return tuple(size), _from_string(counts)
    if not isinstance(counts, list) or not all(type(n) is int for n in counts):
        raise ValueError(f"Runs are integers in a list, or a string; got {short(rle)}.")
    return tuple(size), counts


def _to_string(counts):
    """Return runs as a string, five bits to a character, the low ones first.

    From the fourth run on, the difference to the last but one is written.
    """
    text = []
    for i, count in enumerate(counts):
        value = count - counts[i - 2] if i > 2 else count
        more = True
        while more:
            low, value = value & 0x1F, value >> 5
            more = value != (-1 if low & 0x10 else 0)
            text.append(chr(48 + (low | (0x20 if more else 0))))
    return "".join(text)


def _from_string(text):
    """Return the runs that a string stands for."""
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogatepass")
    counts, value, shift = [], 0, 0
    for code in text:
        low = code - 48
        if not 0 <= low < 64 or shift > 40:
            raise ValueError(f"{short(text)} is no string of runs.")
        value |= (low & 0x1F) << shift
        shift += 5
        if low & 0x20:
            continue
        value -= (low & 0x10) << (shift - 4)
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = shift = 0
    if shift:
        raise ValueError(f"The string of runs {short(text)} is cut off.")
    return counts
