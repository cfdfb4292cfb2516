"""Batches of arrays in memory, taken by one indexing instead of one per sample."""

import numpy as np
import torch
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    RandomSampler,
    SequentialSampler,
)


def as_tensor(array):
    """Return an array as a tensor; copied only if it is read-only or reversed."""
    # torch warns of memory that it could, but must not, write to, and knows no strides
    # below zero, such as those of a reversed array.
    if not array.flags.writeable or min(array.strides, default=0) < 0:
        array = array.copy()
    return torch.from_numpy(array)


class ArrayDataset(Dataset):
    """Arrays ``X`` and ``y`` that hand out whole batches.

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

    A small last batch would be a step at the full rate all the same, on statistics of
    few samples where batches are normalized. No batch is of one sample if there are
    two: batch normalization cannot learn from it. With ``drop_last``, batches are full
    and the rest is left out.
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
    for name in ("collate_fn", "batch_sampler"):
        if name in kwargs:
            raise ValueError(
                f"iterator_train__{name} has no use here: batches are cut from arrays "
                "at once, and there are no samples to collate. Change batches by "
                "augment=."
            )
    if sampler is None:
        sampler = RandomSampler(dataset) if shuffle else SequentialSampler(dataset)
    # To drop the only batch would be not to train at all.
    drop_last = drop_last and len(sampler) >= batch_size
    return DataLoader(
        dataset,
        batch_sampler=EvenBatchSampler(sampler, batch_size, drop_last),
        collate_fn=_as_it_is,
        **kwargs,
    )


def _as_it_is(batch):
    return batch
