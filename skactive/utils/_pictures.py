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


def read_picture(path, mode=None, size=None, *, upright=False):
    """Return the values in a picture, or its colors in a mode such as "RGB".

    Resized to a ``size`` (height, width); with ``upright``, turned first as the camera
    says that it was held.
    """
    Image = pillow()
    with Image.open(path) as picture:
        if mode is not None:
            if picture.mode[0] in "IF":
                raise ValueError(
                    f"{path} holds values of mode {picture.mode!r}, and all above 255 "
                    f"would become 255 in {mode}. Scale it to 8 bits first."
                )
            if upright:
                from PIL import ImageOps

                picture = ImageOps.exif_transpose(picture)
            picture = picture.convert(mode)
        return np.asarray(picture if size is None else resized(picture, size))


def resized(picture, size):
    """Return a picture of a size (height, width): means of pixels, or in between."""
    height, width = size
    if picture.size == (width, height):
        return picture
    how = pillow().Resampling
    larger = picture.height < height or picture.width < width
    return picture.resize((width, height), how.BILINEAR if larger else how.BOX)


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
