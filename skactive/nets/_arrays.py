"""Arrays of samples, made from other containers, and batches of them.

A batch takes one indexing operation instead of one per sample.
"""

import warnings
from os import PathLike

import numpy as np
import torch
from sklearn.utils import assert_all_finite
from torch import nn
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    RandomSampler,
    SequentialSampler,
)

from skactive.nets._items import ItemRows, refuse_sample
from skactive.utils._items import gives_items, without_labels
from skactive.utils._labels import out_of_torch
from skactive.utils._rows import refuse_streams, take_rows


def as_tensor(array):
    """Return an array as a tensor; copied only if it is read-only or reversed."""
    # torch warns about read-only memory, and does not support negative strides, such as
    # those of a reversed array.
    if not array.flags.writeable or min(array.strides, default=0) < 0:
        array = array.copy()
    return torch.from_numpy(array)


class ArrayDataset(Dataset):
    """Arrays ``X`` and ``y`` that return whole batches.

    A DataLoader that finds ``__getitems__`` asks for the rows of a batch at once; no
    sample is touched in Python.
    """

    def __init__(self, X, y=None):
        self.X = X
        self.y = np.zeros(len(X), dtype=np.int64) if y is None else y

    def __len__(self):
        return len(self.X)

    def __getitem__(self, row):
        return as_tensor(np.asarray(self.X[row])), int(self.y[row])

    def __getitems__(self, rows):
        return as_tensor(self.X[rows]), as_tensor(self.y[rows])


class EvenBatchSampler(BatchSampler):
    """Batches of rows, as many as are needed, whose sizes differ by at most one.

    A small last batch would take a step at the full learning rate, with batch
    normalization over few samples. No batch is of one sample if there are two: batch
    normalization cannot be trained on it. With ``drop_last``, batches are full and the
    rest is left out.
    """

    def __iter__(self):
        rows = list(self.sampler)
        start = 0
        for size in self._sizes():
            yield rows[start : start + size]
            start += size

    def __len__(self):
        return len(self._sizes())

    def _sizes(self):
        n, size = len(self.sampler), self.batch_size
        if self.drop_last:
            return [size] * (n // size)
        count = -(-n // size)
        if 1 < n < 2 * count and size > 1:  # three in batches of two
            count -= 1
        return [n // count + (i < n % count) for i in range(count)]


def array_loader(
    dataset, batch_size, *, shuffle=False, sampler=None, drop_last=False, **kwargs
):
    """Return a DataLoader over an ArrayDataset."""
    if sampler is None:
        sampler = RandomSampler(dataset) if shuffle else SequentialSampler(dataset)
    # Dropping the only batch would mean no training at all.
    drop_last = drop_last and len(sampler) >= batch_size
    return DataLoader(
        dataset,
        batch_sampler=EvenBatchSampler(sampler, batch_size, drop_last),
        collate_fn=_as_it_is,
        **kwargs,
    )


def _as_it_is(batch):
    return batch


def as_one_array(X, name="X"):
    """Return lists, object arrays and tensors of samples as one array of their dtype.

    Images in a list count as pixels exactly if they do in an array. Other containers,
    and what does not fit into one array, are returned unchanged for callers to refuse.
    """
    X = without_labels(X)
    _refuse_others(X, name)
    if gives_items(X):
        X = take_rows(X, np.arange(len(X)))
    if hasattr(X, "detach"):  # a tensor of torch, perhaps on a GPU
        return out_of_torch(X)
    is_object = getattr(getattr(X, "dtype", None), "kind", "") == "O"
    if is_object and X.ndim == 1:
        X = list(X)
    elif is_object and isinstance(X, np.ndarray):
        X = X.tolist()
    if not isinstance(X, (list, tuple)) or len(X) == 0:
        return X
    try:
        array = np.asarray(_plain(X))
    except (ValueError, TypeError, OverflowError):
        return X
    return array if array.dtype.kind in "biuf" else X


def _plain(X):
    """Return nested lists with arrays in place of tensors and images of PIL."""
    if not isinstance(X, (list, tuple)):
        return as_one_array(X) if hasattr(X, "detach") else np.asarray(X)
    first = X[0] if len(X) else None
    while isinstance(first, (list, tuple)) and len(first):
        first = first[0]
    if np.ndim(first) == 0 and not hasattr(first, "detach") and np.isscalar(first):
        return X
    return [_plain(part) for part in X]


def as_images(X):
    """Return images in a list or object array as a list of arrays; None: X is neither.

    They may be of different sizes, and have as many channels; bytes are not mixed with
    floats, which are on another scale.
    """
    is_object = getattr(getattr(X, "dtype", None), "kind", "") == "O"
    if not (isinstance(X, (list, tuple)) or (is_object and X.ndim == 1)):
        return None
    if len(X) == 0 or any(getattr(image, "ndim", 0) != 3 for image in X):
        return None
    images = [np.asarray(out_of_torch(image)) for image in X]
    first = images[0]
    for row, image in enumerate(images):
        as_bytes = image.dtype == np.uint8
        if len(image) != len(first) or as_bytes != (first.dtype == np.uint8):
            raise ValueError(
                f"Images must have as many channels as each other, (channels, height, "
                f"width), and all be bytes or all floats: image 0 has shape "
                f"{first.shape} and dtype {first.dtype}, image {row} has "
                f"{image.shape} and {image.dtype}."
            )
    return images


def _refuse_others(X, name):
    refuse_streams(X, name)
    if isinstance(X, dict):
        raise TypeError(
            f"{name} is a dict with {', '.join(map(repr, X))}, but a net takes one "
            f"array. Pass np.hstack(list({name}.values())), and let the module split "
            "the columns."
        )

    of_items = gives_items(X)
    one_axis = of_items or getattr(X, "ndim", 1) == 1
    if not one_axis or not hasattr(X, "__getitem__") or not len(X):
        return
    first = take_rows(X, 0) if of_items or hasattr(X, "iloc") else X[0]
    refuse_sample(first, type(X).__name__ if of_items else name)
    if isinstance(first, (str, PathLike)):
        raise ValueError(
            f"{name} holds strings, such as {str(first)!r}, and a net takes numbers. "
            "If they are paths of pictures, skactive.nets.ImageReader reads them: in "
            "a pipeline before the net, or as the embedding of a strategy."
        )


def uncompiled(module):
    """Return what torch.compile was given, or a module that it was not given.

    What has been compiled runs no hooks that are put on a layer later.
    """
    return getattr(module, "_orig_mod", module)


def takes_integers(module):
    """Tell whether a module is given integers unchanged.

    It is if its first layer is an Embedding, unless its attribute ``takes_integers``
    says otherwise.
    """
    module = uncompiled(module)
    said = getattr(module, "takes_integers", None)
    if said is not None:
        return bool(said)
    leaves = (part for part in module.modules() if not any(part.children()))
    return isinstance(next(leaves, None), (nn.Embedding, nn.EmbeddingBag))


def as_taken(module, X, name="X", integers=None):
    """Return samples as a module takes them: integers as int64, or as its floats.

    ``integers`` says which, by what fit was given; None: what is int64 already. What
    cannot be converted without harm is refused.
    """
    if isinstance(X, ItemRows):
        return X.then(lambda batch, rows: as_taken(module, batch, name, integers))
    if isinstance(X, tuple):  # samples, and what comes with them
        return (as_taken(module, X[0], name, integers), *X[1:])
    if getattr(X, "dtype", None) not in (np.int64, np.float64, np.float32):
        return X
    is_int = X.dtype == np.int64
    if integers is None:
        integers = is_int and takes_integers(module)
    if integers:
        return X if is_int else _as_integers(module, X, name)
    dtype = np.float64 if float_dtype(module) == torch.float64 else np.float32
    if dtype == X.dtype:
        return X
    with np.errstate(over="ignore"):  # looked for below
        floats = X.astype(dtype)
    assert_all_finite(floats, input_name=name)
    # As float64, since the largest integers have no way back.
    if is_int and (floats.astype(np.float64) != X).any():
        rounded = X[floats.astype(np.float64) != X][0]
        raise ValueError(
            f"{name} holds integers such as {rounded}, which {np.dtype(dtype)} cannot "
            f"hold exactly, and {type(module).__name__} is given {np.dtype(dtype)}. If "
            "they are ids, begin the module with an Embedding, or give it "
            "the attribute takes_integers=True; if they are quantities, pass them as "
            "floats, scaled."
        )
    return floats


def _as_integers(module, X, name):
    """Return floats that are whole numbers as int64."""
    odd = X[(np.rint(X) != X) | (np.abs(X) >= 2**63)]
    if len(odd):
        raise ValueError(
            f"{name} holds {odd[0]}, and {type(module).__name__} is given integers, as "
            "its first layer is an Embedding or takes_integers says so. Pass whole "
            "numbers; or, if it converts columns itself, set takes_integers=False."
        )
    return X.astype(np.int64)


def warn_of_rounding(module, X, name="X"):
    """Warn of columns of ids, kept as float64, that a module of float32 would merge."""
    single = float_dtype(module) != torch.float64
    if isinstance(X, ItemRows):  # images, which hold no ids
        return
    if X.dtype != np.float64 or not single or np.abs(X).max() <= 2**24:
        return
    rows = X.reshape(len(X), -1)
    ids = (rows == np.rint(rows)) & (np.abs(rows) < 2**63)
    rows = rows[:, ids.all(axis=0)]
    rounded = rows[rows.astype(np.float32) != rows]
    if len(rounded):
        warnings.warn(
            f"{name} holds a column of whole numbers such as {rounded[0]:.0f}, which "
            f"float32 rounds, and {type(module).__name__} is given float32. If they "
            "are names of things, pass integers to a module that begins with an "
            "Embedding or has takes_integers=True, or make it one of doubles by "
            "module.double(); if they are quantities, scale them.",
            stacklevel=6,
        )


def zeros_for(module, n, sample_shape):
    """Return a batch of zeros, of the dtype and on the device that a module takes."""
    weight = next(module.parameters(), torch.empty(0))
    dtype = float_dtype(module)
    dtype = torch.int64 if takes_integers(module) else dtype
    return torch.zeros(n, *sample_shape, dtype=dtype, device=weight.device)


def in_memory_format(X, channels_last):
    """Return a batch, if it holds images, in channels-last or the default format.

    The format of images decides that of all that convolutions make of them, so the one
    that a caller's array happens to have would change the last digits of predictions.
    And torch crashes on some convolutions in channels-last format.
    """
    if X.ndim != 4:
        return X
    if channels_last:
        return X.contiguous(memory_format=torch.channels_last)
    X = X.contiguous()
    if X.shape[1] > 1:
        return X
    # With one channel both formats are alike in memory, and torch goes by strides.
    _, _, height, width = X.shape
    return X.as_strided(X.shape, (height * width, height * width, width, 1))


def as_batch(X, module, device, channels_last):
    """Return a batch on a device, as a module takes it; bytes are scaled to 1."""
    X = X.to(device)
    if X.dtype == torch.uint8:
        X = X.float().div_(255)
    if X.is_floating_point():  # weights may be doubles
        X = X.to(float_dtype(module))
    return in_memory_format(X, channels_last)


def float_dtype(module):
    """Return the dtype of the weights of a module."""
    for weight in module.parameters():
        if weight.is_floating_point():
            return weight.dtype
    return torch.float32
