"""Samples of a data set of torch, read where a batch of them is needed."""

import numpy as np

from skactive.utils import shape_text
from skactive.utils._items import gives_items
from skactive.utils._pool import Pool
from skactive.utils._rows import of_library, take_rows


class ItemRows:
    """Images of a data set, which stay there: an index reads, as in an array.

    Parameters
    ----------
    X : Dataset of torch, or Pool of one
        Its items are images, or tuples that begin with one.
    first : ndarray or None, default=None
        The first image, if it was read already.

    Examples
    --------
    >>> import torch
    >>> from torch.utils.data import TensorDataset
    >>> from skactive.nets._items import ItemRows
    >>> X = ItemRows(TensorDataset(torch.ones(5, 3, 8, 8), torch.arange(5)))
    >>> X.shape, X[1:3].shape, X[[4]].dtype
    ((5, 3, 8, 8), (2, 3, 8, 8), dtype('float32'))
    """

    def __init__(self, X, first=None):
        self.source, self.steps = X, []
        self.first = np.asarray(take_rows(X, 0) if first is None else first)
        self.shape, self.dtype = (len(X), *self.first.shape), self.first.dtype
        self.ndim = len(self.shape)

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(len(self)))
        rows = np.asarray(rows, dtype=np.intp)
        batch = take_rows(self.source, rows)
        shapes = [np.shape(x) for x in batch]
        odd = [k for k, shape in enumerate(shapes) if shape != self.shape[1:]]
        if odd:
            raise ValueError(
                f"The sample at position {rows[odd[0]]} of {type(self.source).__name__}"
                f" has {shape_text(shapes[odd[0]])}, and the first has "
                f"{shape_text(self.shape[1:])}: give the data set a transform that "
                "makes them alike."
            )
        for step in self.steps:
            batch = step(batch, rows)
        return batch

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self[:], dtype=dtype)

    def then(self, step):
        """Have each batch pass through ``step(batch, rows)`` too; return self.

        Parameters
        ----------
        step : callable
            Returns the batch, checked or converted.

        Returns
        -------
        self : ItemRows
            The same.
        """
        self.steps.append(step)
        return self


def read_lazily(X):
    """Return images of a data set as :class:`ItemRows`; other samples as they are.

    Rows of a table are small, and a look at all of them says what they are.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples in any container.

    Returns
    -------
    X : ItemRows or array-like of shape (n_samples, ...)
        A data set of something else is read.
    """
    if not is_read(X) or len(X) == 0:
        return X
    first = take_rows(X, 0)
    refuse_sample(first, type(X.X if isinstance(X, Pool) else X).__name__)
    if isinstance(first, np.ndarray) and first.ndim > 1:
        return ItemRows(X, first)
    return take_rows(X, np.arange(len(X)))


def blocks_of_items(X):
    """Yield the samples of a data set a block at a time.

    Parameters
    ----------
    X : Dataset of torch, or Pool of one
        A data set.

    Yields
    ------
    rows : ndarray of int of shape (n_block,)
        Their positions.
    samples : ndarray of shape (n_block, ...) or list
        As many as a block of a pool has.
    """
    pool = X if isinstance(X, Pool) else Pool(X)
    for block in pool.blocks(slices=False):
        yield np.arange(block.start, block.stop), block.X


def is_read(X):
    """Tell whether samples are a data set of torch, or a pool of one.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples in any container.

    Returns
    -------
    read : bool
        If so, they are read from it.
    """
    return gives_items(X.X if isinstance(X, Pool) else X)


def refuse_sample(sample, name):
    """Refuse pictures of PIL, and what is no sample of a net.

    Parameters
    ----------
    sample : object
        The first of the samples.
    name : str
        What they lie in.

    Raises
    ------
    TypeError
        If it is a picture of PIL, whose axes are not those of a net, or a dict.
    """
    if of_library(sample, "PIL"):
        raise TypeError(
            f"{name} holds pictures of PIL, whose channels come last. Give the data "
            "set transform=torchvision.transforms.ToTensor(), or pass the paths of its "
            "files to skactive.nets.ImageReader, in a pipeline before the net."
        )
    if isinstance(sample, dict):
        raise TypeError(
            f"{name} holds dicts with {', '.join(map(repr, sample))}, and a net takes "
            "arrays or tensors: have each item be (sample, label)."
        )
