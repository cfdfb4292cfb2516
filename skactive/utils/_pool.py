"""The pool by reference: positions in samples that nobody copies, and its blocks."""

import re
from contextlib import contextmanager
from itertools import pairwise
from os import PathLike
from typing import NamedTuple

import numpy as np
from scipy import sparse

from skactive._sklearn import _num_samples
from skactive.utils._faults import first_not_finite, refuse_shorter
from skactive.utils._parted import PartedRows
from skactive.utils._progress import reported
from skactive.utils._rows import (
    gives_items,
    is_stored,
    of_library,
    row_block,
    sample_shape,
    take_rows,
)

#: Bytes of a block, and its most rows. They are constants, so that a seed decides an
#: answer on every machine: the shape of a product of matrices moves its last bits.
BLOCK_BYTES, BLOCK_ROWS = 2**25, 65_536

#: From so many rows on a block has a multiple of them.
STEP = 1024

#: A slice is taken whole if this share of it may be asked for.
ENOUGH = 0.9


class Block(NamedTuple):
    """Some rows of a pool, and which they are.

    Parameters
    ----------
    start, stop : int
        The positions in the pool that the block is about.
    X : container of samples
        Rows, or a slice that holds more rows than these.
    kept : ndarray of int or None
        Where in ``X`` the rows of the pool are; None if ``X`` holds just them.
    """

    start: int
    stop: int
    X: object
    kept: object


class Pool:
    """Samples that may be asked for: positions in an X that is not copied.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        All samples.
    positions : ndarray of int of shape (n_pool,) or None, default=None
        Those that may be asked for. None: all.
    shared : Shared or None, default=None
        What the rounds of a run share, which owns X.
    labeled : tuple or None, default=None
        The labeled samples, as they are given to ``fit``, and their positions in X.
    prices : ndarray of float of shape (n_samples,) or None, default=None
        What an answer to each sample of X costs, if that is known.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._pool import Pool
    >>> pool = Pool(np.arange(12).reshape(6, 2), np.array([0, 2, 3]))
    >>> pool.shape, pool[1].tolist()
    ((3, 2), [4, 5])
    """

    #: Position of the first row in a larger pool of which this is a stretch.
    start = 0

    #: Whether they are few by somebody's choice, so that all may be read at once.
    few = False

    def __init__(self, X, positions=None, *, shared=None, labeled=None, prices=None):
        self.X, self.positions = X, positions
        self.shared, self.labeled, self.prices = shared, labeled, prices
        self._rows = None
        # Known once: whoever writes to a file may make it longer, or shorter.
        self.n_samples = _num_samples(X)
        if positions is not None and len(positions):
            self.n_samples = max(self.n_samples, int(np.max(positions)) + 1)

    @property
    def is_all(self):
        """Whether these are all that the user gave, so that errors name rows."""
        return self.positions is None and self.shared is None

    def __len__(self):
        return self.n_samples if self.positions is None else len(self.positions)

    @property
    def shape(self):
        """Number of samples, and the shape of one if it is known."""
        return (len(self), *(sample_shape(self.X) or ()))

    @property
    def ndim(self):
        """Number of axes, that of the samples included."""
        return len(self.shape)

    def __getattr__(self, name):
        # Only what says of X what it is, and only if X says it. While a copy is made
        # there is no X yet.
        if "X" not in vars(self):
            raise AttributeError(name)
        if name in ("dtype", "columns", "column_names"):
            return getattr(self.X, name)
        if name == "iloc" and hasattr(self.X, "iloc"):
            return self.rows().iloc
        raise AttributeError(f"A pool of {type(self.X).__name__} has no {name!r}.")

    def __getitem__(self, key):
        if isinstance(key, tuple):
            return self.rows()[key]
        return self._take_rows(key)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.rows(), dtype=dtype)

    def __getstate__(self):
        return {**vars(self), **dict.fromkeys(["_rows", "shared", "labeled", "prices"])}

    def _take_rows(self, rows):
        if self.positions is None:
            return take_rows(self.X, rows)
        return take_rows(self.X, self.positions[rows])

    def part(self, rows):
        """Return some rows of the pool as a pool.

        Parameters
        ----------
        rows : ndarray of int
            Positions in this pool.

        Returns
        -------
        pool : Pool
            Of the same X. It shares nothing: what is made of all samples may be much
            more than a part is worth.
        """
        rows = rows if self.positions is None else self.positions[rows]
        part = Pool(self.X, rows, prices=self.prices)
        part.few = True
        return part

    def labeled_rows(self, X):
        """Return where in the X of a run labeled samples are, or None if not known.

        Parameters
        ----------
        X : array-like of shape (n_labeled, ...) or None
            What ``fit`` was given.

        Returns
        -------
        positions : ndarray of int of shape (n_labeled,) or None
            None outside of a run, and for other samples than the run gave.
        """
        if X is None and self.shared is not None:
            return np.empty(0, dtype=np.intp)
        if self.labeled is None or X is not self.labeled[0]:
            return None
        return self.labeled[1]

    def rows(self):
        """Return the samples in their own kind of container: a copy, made once."""
        if self._is_whole():
            return self.X
        if self._rows is None:
            self._rows = self._read()
        return self._rows

    def _is_whole(self):
        """Tell whether the samples are X itself, which is read by whoever needs it."""
        read = gives_items(self.X) or isinstance(self.X, PartedRows)
        if self.positions is not None or read:
            return False
        return refuse_shorter(self.X, self.n_samples) == self.n_samples

    def _read(self):
        if isinstance(self.X, PartedRows) and len(self) and not self.few:
            self.X.refuse_whole()
        refuse_shorter(self.X, self.n_samples)
        if self.positions is None:
            return row_block(self.X, 0, self.n_samples)
        return self._take_rows(np.arange(len(self)))

    def row_name(self, position):
        """Say in words, for an error message, which sample is at a position."""
        if self.positions is None:
            return f"row {position} of X{'_pool' if self.shared is None else ''}"
        return f"row {self.positions[position]} of X"

    def blocks(self, size=None, *, slices=True):
        """Yield the samples, a block at a time.

        A pool of one block is yielded as its rows. Of a larger one, a slice of X is
        yielded where at least nine tenths of it may be asked for: it costs no copy, and
        to look at the rest in vain costs less than to copy its neighbors.

        Parameters
        ----------
        size : int or None, default=None
            Rows of a block. None: by :func:`block_size`.
        slices : bool, default=True
            Whether slices may hold more rows than those of the pool.

        Yields
        ------
        block : Block
            In the order of the pool.
        """
        n, X = len(self), self.X
        refuse_shorter(X, self.n_samples)
        parted = isinstance(X, PartedRows) and size is None and n > 0
        size = block_size(X) if size is None else size
        if (n <= size and not parted) or not _is_cut(X):
            yield Block(0, n, self.taken(), None)
        else:
            yield from reported(self._cut(size, slices), n)

    def _cut(self, size, slices):
        """Yield several blocks."""
        n, X = len(self), self.X
        if self.positions is None or self._rows is not None:
            X = X if self._rows is None else self._rows
            for start, stop in pairwise(_edges(X, n, size)):
                yield Block(start, stop, row_block(X, start, stop), None)
        elif 2 * n < self.n_samples or not self.ascends():
            for start in range(0, n, size):
                rows = self.positions[start : start + size]
                yield Block(start, start + len(rows), take_rows(X, rows), None)
        else:
            yield from self._along(size, ENOUGH if slices else 1)

    def taken(self):
        """Return what :meth:`rows` does, and keep nothing of it."""
        if self._rows is not None:
            return self._rows
        return self.X if self._is_whole() else self._read()

    def ascends(self):
        """Tell whether the positions ascend."""
        return bool((self.positions[1:] > self.positions[:-1]).all())

    def _along(self, size, enough):
        """Yield blocks of equal length in X, of which most rows are in the pool."""
        for low, high in pairwise(_edges(self.X, self.n_samples, size)):
            start, stop = map(int, np.searchsorted(self.positions, [low, high]))
            rows = self.positions[start:stop]
            if len(rows) == high - low:
                yield Block(start, stop, row_block(self.X, low, high), None)
            elif len(rows) >= enough * (high - low):
                yield Block(start, stop, row_block(self.X, low, high), rows - low)
            elif len(rows):
                yield Block(start, stop, take_rows(self.X, rows), None)


def reads_pools(fit):
    """Mark a ``fit`` or ``_fit`` that takes a :class:`Pool`; others are given rows.

    A method that overrides a marked one is not marked, and is given rows as well.
    """
    fit._reads_pools = True
    return fit


def pool_for(fit, X_pool):
    """Return what a method is given for a pool: the pool, if it is marked, or rows.

    Parameters
    ----------
    fit : callable
        A bound method.
    X_pool : Pool, array-like or None
        The pool.

    Returns
    -------
    X_pool : Pool, array-like or None
        Rows in the container that they come from.
    """
    if not isinstance(X_pool, Pool) or getattr(fit, "_reads_pools", False):
        return X_pool
    return X_pool.rows()


def block_size(X):
    """Return how many rows a block has.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples.

    Returns
    -------
    size : int
        As many as take 32 MB, at least 1 and at most 65,536; from 1,024 on a multiple
        of that. Of h5py and zarr a multiple of their chunks, or one chunk.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._pool import block_size
    >>> [block_size(np.empty((9, d), np.float32)) for d in (1, 300, 9_000, 10**8)]
    [65536, 27648, 932, 1]
    """
    size = int(min(BLOCK_ROWS, max(1, BLOCK_BYTES // max(1, _row_bytes(X)))))
    if size >= STEP:
        size -= size % STEP
    chunks = getattr(X, "chunks", None) if is_stored(X) else None
    if chunks:  # to read across chunks is to decompress them twice
        size = max(chunks[0], size - size % chunks[0])
    return size


def _row_bytes(X):
    """Return how many bytes a row takes; of frames, as of numbers."""
    n = _num_samples(X)
    if sparse.issparse(X):
        return 12 * X.nnz // max(1, n)
    shape, dtype = getattr(X, "shape", None), getattr(X, "dtype", None)
    numbers = hasattr(dtype, "itemsize") and np.dtype("O") != dtype
    if numbers and not gives_items(X):
        return int(np.prod(shape[1:], dtype=float)) * dtype.itemsize
    if shape is not None and len(shape) == 2:
        return 8 * shape[1]
    if n == 0 or not _is_cut(X) or hasattr(X, "iloc"):
        return 1
    try:
        return np.asarray(take_rows(X, 0)).nbytes
    except (TypeError, ValueError):  # a sample that is no array
        return 1


def _edges(X, n, size):
    """Return where the blocks of n rows begin and end."""
    if isinstance(X, PartedRows):
        return X.block_edges(size)
    return [*range(0, n, size), n]


def _is_cut(X):
    """Tell whether blocks of a container are cheap to take."""
    if isinstance(X, PartedRows):
        return True
    if sparse.issparse(X):
        return X.format == "csr"
    if isinstance(X, (np.ndarray, list, tuple)) or is_stored(X) or gives_items(X):
        return True
    return hasattr(X, "iloc") or any(
        of_library(X, name) for name in ("polars", "pyarrow", "torch")
    )


@contextmanager
def naming_rows(pool, block):
    """Have an error name the row of the whole, where it is about one of a block.

    An error of :func:`~skactive.utils.check_probabilities` has the row; for others
    that speak of NaN or infinity it is looked for.
    """
    try:
        yield
    except ValueError as error:
        row = getattr(error, "row", None)
        whole = pool.is_all and len(pool) == block.stop - block.start
        told = whole and row is not None  # it has its name already
        if row is None and re.search("NaN|inf", str(error)):
            kept = block.kept
            X = block.X if kept is None else take_rows(block.X, kept)
            row = first_not_finite(X)
        path = None if row is None else _path_of(pool, block.start + row)
        if row is None or (told and path is None):
            raise
        name = pool.row_name(block.start + row) + ("" if path is None else f", {path}")
        raise ValueError(f"{error}\nThe first such row is {name}.") from error


def _path_of(pool, position):
    """Return the path that a sample is, or None."""
    X = pool.X
    if not isinstance(X, (list, tuple, np.ndarray)):
        return None
    sample = X[position if pool.positions is None else pool.positions[position]]
    return sample if isinstance(sample, (str, PathLike)) else None
