"""Sizes of images, where files must have them."""

import numpy as np


def sizes_of(sizes, n):
    """Return (height, width) of each image as a list, or refuse what was given.

    Examples
    --------
    >>> from skactive.io._sizes import sizes_of
    >>> sizes_of((30, 40), 2)
    [[30, 40], [30, 40]]
    """
    sides = np.asarray(sizes)
    whole = sides.dtype.kind in "iu" and sides.shape in ((2,), (n, 2))
    if not whole or sides.min(initial=1) < 1:
        raise ValueError(
            f"sizes must be (height, width) in pixels, or one for each of {n} samples, "
            f"integers above 0; got {sides.dtype} of shape {sides.shape}."
        )
    return np.broadcast_to(sides, (n, 2)).tolist()
