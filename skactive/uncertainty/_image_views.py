"""Images as the same label may show them: shifted, turned, scaled, brighter, noisy."""

import numpy as np

from skactive.uncertainty._changed_images import flip, gray_of, turned_and_scaled

#: Images in floats are taken to be white at 1.
WHITE = {True: 255, False: 1}


def mirror(X, rng):
    """Return images mirrored left to right."""
    return flip(X, rng)[0]


def shift(X, rng):
    """Return images moved by a sixteenth to an eighth of each side, or by a pixel.

    What comes in from outside has the mean gray of each image.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.uncertainty._image_views import shift
    >>> X = np.array([[[[0.0, 0, 0], [0, 9, 0], [0, 0, 0]]]])
    >>> shift(X, np.random.RandomState(0))[0, 0].tolist()
    [[1.0, 1.0, 1.0], [0.0, 0.0, 1.0], [9.0, 0.0, 1.0]]
    """
    out = np.empty_like(X)
    out[...] = gray_of(X)
    to, of = [], []
    for side in X.shape[-2:]:
        least, most = max(1, side // 16), max(1, side // 8)
        step = min(int(rng.randint(least, most + 1)), side) * int(rng.choice([1, -1]))
        to.append(slice(max(step, 0), side + min(step, 0)))
        of.append(slice(max(-step, 0), side + min(-step, 0)))
    out[..., to[0], to[1]] = X[..., of[0], of[1]]
    return out


def turn(X, rng):
    """Return images turned by up to ten degrees."""
    return turned_and_scaled(X, np.deg2rad(rng.uniform(-10, 10)), 1.0)[0]


def scale(X, rng):
    """Return images of nine to eleven tenths the size, framed or cut."""
    return turned_and_scaled(X, 0.0, rng.uniform(0.9, 1.1))[0]


def brighten(X, rng):
    """Return images brighter or darker by up to a tenth."""
    return _as(X, X * np.float64(rng.uniform(0.9, 1.1)).astype(_of_floats(X)))


def stretch(X, rng):
    """Return images whose distance from their mean gray is up to a tenth more or less.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.uncertainty._image_views import stretch
    >>> X = np.array([[[[0.0, 2.0]]]])
    >>> stretch(X, np.random.RandomState(0)).round(3).tolist()
    [[[[-0.01, 2.01]]]]
    """
    gray = X.mean(axis=(-2, -1), keepdims=True, dtype=np.float64)
    gray = gray.astype(_of_floats(X))
    factor = np.float64(rng.uniform(0.9, 1.1)).astype(_of_floats(X))
    return _as(X, gray + factor * (X - gray))


def add_noise(X, rng):
    """Return images with Gaussian noise, the same in all, of a fiftieth of white."""
    white = WHITE[X.dtype == np.uint8]
    noise = 0.02 * white * rng.standard_normal(X.shape[1:])
    return _as(X, X + noise.astype(_of_floats(X)))


#: By the names that users give.
IMAGE_VIEWS = {
    "flip": mirror,
    "shift": shift,
    "rotation": turn,
    "scale": scale,
    "brightness": brighten,
    "contrast": stretch,
    "noise": add_noise,
}


def _of_floats(X):
    """Return the dtype in which images are computed with."""
    return np.float32 if X.dtype == np.uint8 else X.dtype


def _as(X, changed):
    """Return changed images in the dtype of the images; gray values are cut at 255."""
    if X.dtype == np.uint8:
        return np.clip(np.rint(changed), 0, 255).astype(np.uint8)
    return changed.astype(X.dtype, copy=False)
