"""Pictures in files, read by pillow, which is asked for only then."""

import numpy as np


def pillow():
    """Return ``PIL.Image``, or say how to get it."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(
            "Pictures are read, written and resized by pillow, which comes with the "
            "extras: pip install 'skactive[deep]' or 'skactive[plot]'"
        ) from error
    return Image


def read_picture(path, mode=None):
    """Return the values in a picture, or its colors in a mode such as "RGB"."""
    with pillow().open(path) as picture:
        return np.asarray(picture if mode is None else picture.convert(mode))


def read_mask(path):
    """Return the class numbers in a picture of one channel or with a palette.

    Parameters
    ----------
    path : path-like
        The picture.

    Returns
    -------
    mask : ndarray of int or bool of shape (height, width)
        Of a palette, the numbers and not the colors.
    """
    mask = read_picture(path)
    if mask.ndim != 2 or mask.dtype.kind not in "iub":
        raise ValueError(
            f"{path.name} holds {mask.dtype} of shape {mask.shape}; a mask is a "
            "picture of one channel whose values are class numbers."
        )
    return mask
