"""From paths of pictures to arrays of pixels, as a step of a pipeline."""

import os
from numbers import Integral

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.base import TransformerMixin

from skactive._sklearn import StrOptions
from skactive.utils._documented import BaseEstimator
from skactive.utils._pictures import pillow, read_picture
from skactive.utils._progress import counter

CHANNELS = {"L": 1, "RGB": 3, "RGBA": 4}


class ImageReader(TransformerMixin, BaseEstimator):
    """Read pictures from their paths, as images of one size.

    With it, paths are the samples of a learner, and only those pictures are in memory
    that a model or an embedding looks at:
    ``ActiveLearner(make_pipeline(ImageReader(32), NetClassifier()))``.

    Parameters
    ----------
    size : int or tuple (height, width), default=224
        Size of the images; an int is both. Pictures are stretched to it.
    mode : {"RGB", "L", "RGBA"}, default="RGB"
        Colors; "L" is gray, one channel.
    n_jobs : int or None, default=None
        Threads that read; None is 1 unless ``joblib.parallel_config`` says otherwise,
        -1 all processors. Images are the same for any number.

    Raises
    ------
    FileNotFoundError
        From ``transform``, if a file has vanished.
    ValueError
        From ``transform``, if a file is no picture, is cut off, or has more than 8 bits
        a channel; if ``X`` holds something else than paths. The message has the path,
        its position, and how many more there are.

    See Also
    --------
    skactive.datasets.load_image_folder : Lists the pictures of a folder.
    ModuleEmbedding : What a frozen net makes of images.

    Notes
    -----
    It learns nothing and may be used without ``fit``. Each image depends on its file
    alone, not on the others. Pictures are turned as the camera says that it was held
    (EXIF), and resized as by :func:`~skactive.datasets.resize_images`: by means over
    pixels, or in between. Of an animated picture the first frame is read. Pillow reads
    the files, which comes with the extra ``deep``.

    Files are read anew in each call: a strategy that scores the pool reads it once a
    round, the model its labeled pictures once a fit. Where they are small enough to
    stay in memory, ``X = ImageReader(32).transform(paths)`` once is faster.

    Cost: decoding and resizing, measured on one core at 0.2 ms for a PNG of 32 x 32
    pixels and 80 ms for a JPEG of 1600 x 1200; memory ``n * channels * height * width``
    bytes for the n images of a call.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from PIL import Image
    >>> from skactive.nets import ImageReader
    >>> path = Path(tempfile.mkdtemp()) / "a.png"
    >>> Image.fromarray(np.full((20, 30, 3), 7, np.uint8)).save(path)
    >>> images = ImageReader(8).transform([path])
    >>> images.shape, images.dtype, int(images.max())
    ((1, 3, 8, 8), dtype('uint8'), 7)
    """

    _parameter_constraints = {
        "size": [Integral, tuple, list],
        "mode": [StrOptions(set(CHANNELS))],
        "n_jobs": [Integral, None],
    }

    #: Fitting it on any row is as good as on all.
    learns_nothing = True

    def __init__(self, size=224, *, mode="RGB", n_jobs=None):
        self.size = size
        self.mode = mode
        self.n_jobs = n_jobs

    def fit(self, X, y=None):
        """Check the parameters and that these are paths; no file is opened.

        Parameters
        ----------
        X : array-like of str or path of shape (n_samples,) or (n_samples, 1)
            Paths.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The transformer.
        """
        self._checked_size()
        as_paths(X)
        return self

    def transform(self, X):
        """Read pictures.

        Parameters
        ----------
        X : array-like of str or path of shape (n_samples,) or (n_samples, 1)
            Paths.

        Returns
        -------
        images : ndarray of uint8 of shape (n_samples, channels, height, width)
            Pixels, in the order of the paths.
        """
        height, width = size = self._checked_size()
        pillow()  # asked for once, before a thread would
        paths = as_paths(X)
        images = np.empty((len(paths), CHANNELS[self.mode], height, width), np.uint8)

        count = counter(len(paths))

        def read(rows):
            """Fill these rows; return the position and error of each that fails."""
            faults = []
            for row in rows:
                try:
                    picture = read_picture(paths[row], self.mode, size, upright=True)
                    images[row] = picture.reshape(height, width, -1).transpose(2, 0, 1)
                except MemoryError:
                    raise
                except Exception as error:  # pillow has many, for what is no picture
                    faults.append((row, error))
                count(1)
            return faults

        n_jobs = min(effective_n_jobs(self.n_jobs), max(1, len(paths)))
        parts = np.array_split(np.arange(len(paths)), n_jobs)
        run = Parallel(n_jobs, require="sharedmem")
        faults = [
            f for part in run(delayed(read)(rows) for rows in parts) for f in part
        ]
        if faults:
            _refuse(faults, paths)
        return images

    def _checked_size(self):
        self._validate_params()
        one = isinstance(self.size, Integral)
        size = (self.size, self.size) if one else tuple(self.size)
        if len(size) != 2 or not all(isinstance(s, Integral) and s > 0 for s in size):
            raise ValueError(
                f"The 'size' parameter of {type(self).__name__} must be a number of "
                f"pixels, 1 or more, or two, (height, width); got {self.size!r}."
            )
        return int(size[0]), int(size[1])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.no_validation = True
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags


def as_paths(X):
    """Return paths in any container as a list, or refuse what is something else."""
    if isinstance(X, (str, bytes, os.PathLike)):
        raise ValueError(
            f"X is one path, {str(X)!r}. Pass a list of them, or those that "
            "skactive.datasets.load_image_folder(folder).data has."
        )
    paths = X if isinstance(X, (list, tuple)) else np.asarray(X, dtype=object)
    if getattr(paths, "ndim", 1) == 2 and paths.shape[1] == 1:
        paths = paths[:, 0]
    for row, path in enumerate(paths):
        if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
            kind = f"of shape {np.shape(path)}" if np.ndim(path) else repr(path)
            raise ValueError(
                f"ImageReader reads paths of files, and X holds at position {row} "
                f"{type(path).__name__} {kind}. Images that are in memory need no "
                "ImageReader; of a table, pass the one column of paths."
            )
    return list(paths)


def _refuse(faults, paths):
    """Raise for the first of the files that could not be read."""
    row, error = faults[0]
    more = f" So it is with {len(faults) - 1} more of them." if faults[1:] else ""
    gone = isinstance(error, FileNotFoundError)
    what = "is not there" if gone else f"cannot be read as a picture: {error}"
    raise (FileNotFoundError if gone else ValueError)(
        f"{os.fspath(paths[row])}, at position {row} of {len(paths)} paths, {what}."
        f"{more} Take these rows out, or mend the files; nothing was read."
    ) from error
