"""Masks that go into a net: of the size of the image, with classes as integers."""

import numpy as np

from skactive.utils._dense_answers import kind_of, plain_masks


def check_masks(y, X):
    """Return masks as one array of integers, each of the size of its image.

    Parameters
    ----------
    y : array-like of int of shape (n, height, width), or n arrays (height, width)
        Classes of pixels.
    X : ndarray of shape (n, channels, height, width)
        Images.

    Raises
    ------
    ValueError
        If they do not fit; the message names the row.
    """
    if X.ndim != 4:
        raise ValueError(
            "Masks belong to images, X of shape (n, channels, height, width); got X of "
            f"shape {X.shape}. Gray images are X[:, None]."
        )
    if kind_of(y) is None or len(y) != len(X):
        raise ValueError(
            f"y must hold one mask for each of {len(X)} images, an array of integers "
            f"of shape (n, height, width); got {_described(y)}."
        )
    stacked = type(y) is np.ndarray and y.ndim == 3
    masks = y if stacked else plain_masks(y)
    for row, mask in enumerate(masks):
        if getattr(mask, "shape", None) != X.shape[2:]:
            raise ValueError(
                f"The mask of row {row} has {_described(mask)}, and its image "
                f"{X.shape[2:]} pixels. Resize both alike, masks to the nearest pixel."
            )
        if mask.dtype.kind not in "iub":
            raise ValueError(
                f"The mask of row {row} holds {mask.dtype}; masks hold class numbers, "
                "integers. If they are whole, pass y.astype(int)."
            )
    return y if stacked else np.stack(list(masks))


def classes_of_masks(y, declared, ignore_index):
    """Return the classes of pixels, sorted, after a look at those in ``y``."""
    found = np.unique(y)
    if ignore_index is not None:
        found = found[found != ignore_index]
    if declared is None:
        if not len(found):
            raise ValueError(
                f"All pixels of all {len(y)} masks are {ignore_index}, which is "
                "ignore_index: there is no class to learn."
            )
        return found.astype(np.int64)
    classes = np.unique(np.asarray(declared))
    if classes.dtype.kind not in "iu":
        raise ValueError(f"classes of pixels are integers, got {classes.dtype}.")
    strange = np.setdiff1d(found, classes)
    if len(strange):
        row = int(np.flatnonzero((y == strange[0]).reshape(len(y), -1).any(axis=1))[0])
        raise ValueError(
            f"The mask of row {row} holds {strange[0]}, which is neither among classes="
            f"{classes.tolist()} nor ignore_index={ignore_index}."
        )
    return classes.astype(np.int64)


def encode_masks(y, classes, ignore_index, ignored):
    """Return positions in ``classes`` as int16, ``ignored`` where there is no label."""
    codes = np.searchsorted(classes, y).astype(np.int16)
    if ignore_index is not None:
        codes[y == ignore_index] = ignored
    return codes


def _described(value):
    if hasattr(value, "dtype"):
        return f"{value.dtype} of shape {value.shape}"
    return f"an object of type {type(value).__name__}"
