"""Samples that lie in parts: partitions of dask, row groups of files."""

from itertools import pairwise

import numpy as np
from scipy import sparse

from skactive.utils._rows import concatenate_rows, positions_in, row_block, take_rows

#: Bytes of single rows that are kept, and the share of them that one call may bring.
KEPT_BYTES, FEW = 2**25, 1 / 8


class PartedRows:
    """Samples that lie in parts, of which one is in memory at a time.

    Single rows that were taken are kept, up to 32 MB: a learner asks for its labeled
    rows in each round, and they lie in all parts.

    A subclass writes ``_read``, and sets ``shape``; ``dtype`` and ``columns`` where its
    samples have them.

    Parameters
    ----------
    lengths : array-like of int of shape (n_parts,)
        How many rows each part has. Some may have none.

    Attributes
    ----------
    edges : ndarray of int64 of shape (n_parts + 1,)
        Where each part begins, and where the last one ends.
    """

    #: A frame without rows that has the names of the columns, where there are any.
    frame = None

    #: Whether parts are sparse matrices.
    sparse = False

    def __init__(self, lengths):
        self.edges = np.r_[0, np.cumsum(np.asarray(lengths, dtype=np.int64))]
        self._kept, self._taken = None, (np.empty(0, dtype=np.int64), None)

    def __len__(self):
        return int(self.edges[-1])

    @property
    def ndim(self):
        """Number of axes, that of the samples included."""
        return len(self.shape)

    def __getitem__(self, rows):
        if isinstance(rows, tuple) and rows[1:] != (Ellipsis,):
            return np.asarray(self._take_rows(rows[0]))[(slice(None), *rows[1:])]
        return self._take_rows(rows[0] if isinstance(rows, tuple) else rows)

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self._take_rows(np.arange(len(self))), dtype=dtype)

    def __getstate__(self):
        none = np.empty(0, dtype=np.int64), None
        return {**vars(self), "_kept": None, "_taken": none}

    def _read(self, part):
        """Return all rows of a part, in memory."""
        raise NotImplementedError

    def refuse_whole(self):
        """Refuse to bring all rows to memory, where that is more than was asked for."""

    def _some_of(self, wanted):
        """Return rows of several parts, of pairs (part, its rows): slices or arrays."""
        blocks = []
        for part, rows in wanted:
            X = self._part(part)
            whole = rows.stop - rows.start if isinstance(rows, slice) else 0
            if whole == self.edges[part + 1] - self.edges[part]:
                blocks.append(X)
            elif isinstance(rows, slice):
                blocks.append(row_block(X, rows.start, rows.stop))
            else:
                blocks.append(take_rows(X, rows))
        return blocks

    def _part(self, part):
        """Return a part, and keep it: the next slice often lies in the same."""
        if self._kept is None or self._kept[0] != part:
            self._kept = None  # before the next is read: one at a time
            self._kept = part, self._read(part)
        return self._kept[1]

    def _take_rows(self, rows):
        rows = positions_in(rows, len(self))
        if rows.ndim == 0:
            return take_rows(self._take_rows(rows[None]), 0)
        ordered, back = np.unique(rows, return_inverse=True)
        if not len(ordered):
            return self._row_block(0, 0)
        X = self._ascending(ordered)
        in_order = len(rows) == len(ordered) and (rows[1:] > rows[:-1]).all()
        return X if in_order else take_rows(X, back)

    def _ascending(self, rows):
        """Return distinct rows that ascend, and read those that are not at hand."""
        at, known = self._taken
        new = np.setdiff1d(rows, at, assume_unique=True)
        if len(new):
            cuts = np.searchsorted(new, self.edges)
            X = concatenate_rows(
                *self._some_of(
                    [
                        (part, new[start:stop] - self.edges[part])
                        for part, (start, stop) in enumerate(pairwise(cuts))
                        if stop > start
                    ]
                )
            )
            if len(new) == len(rows) > FEW * self._most():
                return X  # a block of a pool, which comes once
            at, order = _merged(at, new)
            known = X if known is None else take_rows(concatenate_rows(known, X), order)
        X = take_rows(known, np.searchsorted(at, rows))
        # Those of this call alone, where all are too many.
        self._taken = (at, known) if len(at) <= self._most() else (rows, X)
        return X

    def _most(self):
        """Return how many single rows are kept."""
        size = getattr(self, "dtype", np.dtype(float)).itemsize
        return KEPT_BYTES // max(1, size * int(np.prod(self.shape[1:], dtype=float)))

    def _row_block(self, start, stop):
        wanted = []
        for part, (low, high) in enumerate(pairwise(self.edges.tolist())):
            first, last = max(start, low), min(stop, high)
            if last > first:
                wanted.append((part, slice(first - low, last - low)))
        return concatenate_rows(*self._some_of(wanted)) if wanted else self._none()

    def _none(self):
        """Return no rows, in the container of the others."""
        return row_block(self._part(0), 0, 0)

    def block_edges(self, size):
        """Return where blocks begin and end: along the parts.

        Parameters
        ----------
        size : int
            The most rows of a block. Small parts share one, large ones are cut.

        Returns
        -------
        edges : list of int
            Ascending, from 0 to the number of rows.
        """
        edges = [0]
        for low, high in pairwise(self.edges.tolist()):
            if high - edges[-1] <= size:
                continue
            if low > edges[-1]:
                edges.append(low)
            if high - low > size:
                edges.extend(range(low + size, high, size))
                edges.append(high)
        return edges if edges[-1] == len(self) else [*edges, len(self)]


def _merged(at, new):
    """Return two lots of positions as one that ascends, and the order that does it."""
    both = np.concatenate([at, new])
    order = np.argsort(both)
    return both[order], order


def is_sparse(X):
    """Tell whether samples are rows of a sparse matrix, or of parts that are such."""
    return X.sparse if isinstance(X, PartedRows) else sparse.issparse(X)


def named(X):
    """Return what has the shape of samples and the names of their columns.

    Parameters
    ----------
    X : container
        Samples.

    Returns
    -------
    X : container
        A frame without rows in place of rows in parts that make frames.
    """
    return X.frame if isinstance(X, PartedRows) and X.frame is not None else X
