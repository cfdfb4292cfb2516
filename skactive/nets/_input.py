"""What goes into a net: finite floats or pixels, and classes as integers.

And how a module takes them, found out by trying: layout in memory, and dtype.
"""

from copy import deepcopy

import numpy as np
import torch
from sklearn.utils import assert_all_finite, check_consistent_length
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    check_array,
    check_X_y,
    column_or_1d,
    validate_data,
)
from torch import nn

from skactive._sklearn import _num_samples
from skactive.nets._arrays import (
    as_images,
    as_one_array,
    float_dtype,
    takes_integers,
    uncompiled,
    zeros_for,
)
from skactive.nets._items import ItemRows, read_lazily
from skactive.nets._seeded import seeded_torch
from skactive.utils import as_labels, is_missing, shape_text
from skactive.utils._fitting import MAX_SEED
from skactive.utils._items import refuse_pairs
from skactive.utils._labels import out_of_torch
from skactive.utils._models import before_last_step
from skactive.utils._rows import refuse_sizes

#: Kept unchanged until it is known what the module takes.
INTEGERS = (np.int8, np.int16, np.int32, np.int64)
INTEGERS += (np.uint8, np.uint16, np.uint32, np.uint64)


def is_pixels(X):
    """Tell whether an array holds images as bytes."""
    return X.dtype == np.uint8 and X.ndim > 2


def check_input(estimator, X, y="no_validation", *, reset, shape=None, lazily=False):
    """Return samples as floats, int64, or pixels in bytes; with ``y``, also labels.

    Without ``reset``, samples must have a ``shape``, by default that of ``fit``.
    ``lazily`` returns images of a data set as :class:`ItemRows`.
    """
    if y is None:
        refuse_pairs(X, type(estimator).__name__)
    X = read_lazily(X) if lazily else X
    if isinstance(X, ItemRows):
        return _check_items(estimator, X, y, reset, shape)
    X = as_one_array(X)
    check_one_size(estimator, X)
    pixels = isinstance(X, np.ndarray) and is_pixels(X)
    dtype = np.uint8 if pixels else [np.float32, np.float64, *INTEGERS]
    settings = {"allow_nd": True, "dtype": dtype, "reset": reset}
    if isinstance(y, str):
        X = _widened(validate_data(estimator, X, **settings))
        shape = estimator.sample_shape_ if shape is None and not reset else shape
        if not reset and X.shape[1:] != shape:
            raise ValueError(
                f"X has samples of {shape_text(X.shape[1:])}, but "
                f"{type(estimator).__name__} was fitted on samples of "
                f"{shape_text(shape)}."
            )
        return X
    y = _as_single_labels(y)
    X, y = validate_data(estimator, X, y, **settings)
    X = _widened(X)
    if X.size == 0:
        raise ValueError(f"X holds samples of shape {X.shape[1:]}, which are empty.")
    _check_known(y)
    check_classification_targets(y)
    return X, as_labels(y)


def _check_known(y):
    missing = is_missing(y)
    if missing.any():
        raise ValueError(
            f"y holds {missing.sum()} missing labels. A net is trained on labeled "
            "samples; only ActiveLearner handles the others."
        )


def _check_items(estimator, X, y, reset, shape):
    """Check the first of the images of a data set now, and the others when read."""
    first = check_input(estimator, X.first[None], reset=reset, shape=shape)
    pixels, X.dtype = is_pixels(first), first.dtype

    def check(batch, rows):
        if is_pixels(batch) != pixels:
            raise ValueError(
                f"The samples from position {rows[0]} on are of {batch.dtype}, and "
                f"the first is of {first.dtype}. Images of uint8 are scaled from "
                "0..255 and others are not: give the data set one transform for all."
            )
        if batch.dtype.kind == "f" and not np.isfinite(batch).all():
            bad = ~np.isfinite(batch).reshape(len(batch), -1).all(axis=1)
            raise ValueError(
                "Input X contains NaN or infinity, first in the sample at position "
                f"{rows[np.flatnonzero(bad)[0]]}."
            )
        return batch if batch.dtype == X.dtype else _widened(batch).astype(X.dtype)

    X.then(check)
    if isinstance(y, str):
        return X
    y = _as_single_labels(y)
    check_consistent_length(X, y)
    _check_known(y)
    _, y = check_X_y(np.zeros((len(X), 1)), y, estimator=estimator)
    check_classification_targets(y)
    return X, as_labels(y)


def check_one_size(estimator, X):
    """Refuse images of different sizes, for which there is no one array."""
    remedy = "; NetDetector trains and predicts on images of different sizes."
    refuse_sizes(as_images(X) or X, type(estimator).__name__, remedy)


def _widened(X):
    """Return small integers as float32, which holds them all, and others as int64."""
    if X.dtype.kind not in "iu" or is_pixels(X):
        return X
    if X.dtype == np.uint64 and X.size and X.max() > np.iinfo(np.int64).max:
        raise ValueError("X holds integers above 2 ** 63 - 1, which torch cannot hold.")
    return X.astype(np.int64, copy=False)


def _as_single_labels(y):
    """Return labels in any container as scikit-learn reads them."""
    y = out_of_torch(y)
    if type(y).__name__ == "SliceDataset":
        return np.asarray([y[i] for i in range(len(y))])
    if isinstance(y, (list, tuple)):
        return as_labels(y)  # numpy alone would turn [1, "a"] into strings
    if getattr(getattr(y, "dtype", None), "kind", "") not in ("O", "T"):
        return y
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    # scikit-learn knows no StringDType; what is missing is refused later.
    return y if is_missing(y).any() else as_labels(y)


def check_classes(y, classes):
    """Return all classes, sorted, and check that they contain those in ``y``."""
    if classes is None:
        return np.unique(y)
    classes = column_or_1d(as_labels(classes))
    check_array(classes[:, None], dtype=None, input_name="classes")
    if (classes.dtype.kind in "US") != (y.dtype.kind in "US"):
        raise ValueError(
            f"classes holds labels such as {classes[0]!r}, and y such as {y[0]!r}; "
            "they must be of one kind."
        )
    classes = np.unique(classes)
    strange = np.setdiff1d(y, classes)
    if len(strange):
        raise ValueError(
            f"y holds labels that are not among classes={classes.tolist()}: "
            f"{strange.tolist()}."
        )
    return classes


def encode(y, classes):
    """Return labels as positions in the sorted ``classes``, int64 as torch wants."""
    return np.searchsorted(classes, y).astype(np.int64)


def check_pixels(estimator, X, pixels=None):
    """Refuse images on another scale than those of ``fit``.

    Bytes were divided by 255; floats above 1 were not. ``pixels`` tells which of the
    two ``fit`` was given, if it has not finished.
    """
    pixels = estimator._pixels if pixels is None else pixels
    if isinstance(X, ItemRows):
        if is_pixels(X) != pixels:
            X.then(lambda batch, rows: check_pixels(estimator, batch, pixels) or batch)
        return
    if X.ndim < 3 or is_pixels(X) == pixels:
        return
    if pixels and X.min() >= 0 and X.max() <= 1:
        return
    was, now = ("uint8", X.dtype) if pixels else ("float", "uint8")
    raise ValueError(
        f"fit was given images as {was} and now there are images as {now}. Arrays of "
        "uint8 are divided by 255 and others are not: pass both in the same way."
    )


def check_pool_is_finite(estimator, X_pool):
    """Refuse a pool with NaN before a net is trained that could not score it.

    Steps of a pipeline may accept NaN, so a pipeline is not checked.
    """
    if before_last_step(estimator) is not None:
        return
    if getattr(getattr(X_pool, "dtype", None), "kind", "") == "f":
        assert_all_finite(X_pool, input_name="X_pool")


def check_pool(estimator, X_pool, X):
    """Return a pool as the net takes it, or None if it is empty.

    Its samples must be like those of ``X``, which ``fit`` has checked.
    """
    # A loop that has asked for everything has an empty pool.
    if X_pool is None or _num_samples(X_pool) == 0:
        return None
    check_pool_is_finite(estimator, X_pool)
    return check_input(estimator, X_pool, reset=False, shape=X.shape[1:])


def lies_channels_last(module, sample_shape):
    """Tell whether a module takes samples in channels-last memory format.

    Only images may be; a module that calls ``view`` on a feature map does not run on
    them.
    """
    return (
        len(sample_shape) == 3
        and may_lie_channels_last(module)
        and takes_channels_last(module, sample_shape)
    )


def may_lie_channels_last(module):
    """Tell whether convolutions of a module are safe in channels-last format.

    The backward pass of a strided 1 x 1 convolution of few channels in that layout
    writes beyond its memory on CPUs with AVX-512 (torch 2.14): the process dies.
    """
    return not any(
        isinstance(layer, nn.Conv2d)
        and layer.kernel_size == (1, 1)
        and max(layer.stride) > 1
        and layer.in_channels // layer.groups < 16
        for layer in module.modules()
    )


def takes_channels_last(module, sample_shape):
    """Tell whether a module runs on images in channels-last memory format.

    One that calls ``view`` on a feature map does not. A module that runs in neither
    format fails for another reason.
    """
    return _runs(module, sample_shape, torch.channels_last) or not _runs(
        module, sample_shape, torch.contiguous_format
    )


def is_handed_integers(module, X):
    """Tell whether a module is to be handed samples as integers.

    Whole numbers in floats are, for a module that can take nothing else, or that says
    that it takes integers: a gap in one column of a frame makes floats of all.
    """
    if X.dtype.kind not in "if" or not takes_integers(module):
        return False
    if X.dtype.kind == "i":
        return True
    said = getattr(uncompiled(module), "takes_integers", None)
    whole = bool((np.rint(X) == X).all())
    plain, floats = torch.contiguous_format, float_dtype(module)
    runs = _runs(module, X.shape[1:], plain, floats)
    return not runs or bool(said and whole)


def _runs(module, sample_shape, memory, dtype=None):
    """Tell whether a copy of a module runs on two samples in a memory format."""
    # A copy, since lazy layers are initialized when they first run.
    tried, seed = deepcopy(module).eval(), torch.initial_seed() % MAX_SEED
    X = zeros_for(module, 2, sample_shape).contiguous(memory_format=memory)
    X = X if dtype is None else X.to(dtype)
    if memory == torch.channels_last:
        # An image of one channel lies in both ways; weights decide what comes out.
        to_channels_last(tried)
    # Embeddings may be made otherwise than on the way to the output.
    embed = getattr(tried, "embed", None)
    with seeded_torch(seed, X.device), torch.no_grad():
        try:
            tried(X)
            if callable(embed):
                embed(X)
        except Exception:  # training will raise it again, on the real samples
            return False
    return True


def to_channels_last(module):
    """Lay out the weights of two-dimensional convolutions, in place."""
    # Module.to would also try those of three dimensions, and fail.
    for parameter in module.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(
                memory_format=torch.channels_last
            )
