"""Images cut into regions, so that a part of one can be asked for."""

from numbers import Integral

import numpy as np

from skactive.utils._dense_answers import as_objects


def tile_regions(X, size, y=None):
    """Cut images into a grid of regions, the pool of a :class:`RegionSegmenter`.

    Parameters
    ----------
    X : array-like of shape (n_images, ..., height, width)
        Images or masks; a list or an object array where they differ in size.
    size : int or tuple of int
        Height and width of a region in pixels. At the right and lower border regions
        are smaller where the size does not fit.
    y : array-like of int of shape (n_images, height, width), default=None
        Masks to cut alike.

    Returns
    -------
    regions : ndarray of int of shape (n_regions, 5)
        Number of the image, top, bottom, left, right; bottom and right are exclusive.
        Those of an image follow each other.
    tiles : ndarray of int of shape (n_regions, height, width), or of objects
        Only with ``y``: its part in each region; an object array of masks if they are
        not all of one size.

    Raises
    ------
    ValueError
        If the size is not positive, or a mask is not of the size of its image.

    See Also
    --------
    skactive.compose.RegionSegmenter : The model that learns from regions.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.datasets import tile_regions
    >>> X, y = np.zeros((2, 3, 4, 6)), np.ones((2, 4, 6), dtype=int)
    >>> regions, tiles = tile_regions(X, 2, y)
    >>> regions[1].tolist(), regions.shape, tiles.shape
    ([0, 0, 2, 2, 4], (12, 5), (12, 2, 2))
    """
    height_width = [size, size] if np.ndim(size) == 0 else list(size)
    whole = all(isinstance(n, Integral) and n > 0 for n in height_width)
    if not whole or len(height_width) != 2:
        raise ValueError(
            f"size must be one or two numbers of pixels, 1 or more, got {size!r}."
        )
    height, width = height_width
    if y is not None and len(y) != len(X):
        raise ValueError(f"There are {len(X)} images and {len(y)} masks.")
    regions = []
    for k, image in enumerate(X):
        n_rows, n_columns = np.shape(image)[-2:]
        if y is not None and np.shape(y[k]) != (n_rows, n_columns):
            raise ValueError(
                f"The mask of row {k} has the shape {np.shape(y[k])}, and its image "
                f"{n_rows} x {n_columns} pixels. Resize both alike."
            )
        regions += [
            (k, i, min(i + height, n_rows), j, min(j + width, n_columns))
            for i in range(0, n_rows, height)
            for j in range(0, n_columns, width)
        ]
    regions = np.array(regions, dtype=np.int64).reshape(-1, 5)
    if y is None:
        return regions
    return regions, stacked([y[k][i:m, j:n] for k, i, m, j, n in regions.tolist()])


def stacked(parts):
    """Return arrays as one, or as objects where they are of several sizes."""
    if len({np.shape(part) for part in parts}) == 1:
        return np.stack(parts)
    return as_objects([np.asarray(part) for part in parts])
