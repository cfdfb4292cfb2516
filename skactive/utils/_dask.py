"""Collections of dask as samples: asked where they lie, a partition at a time.

Nothing here imports dask unless it is given something of dask's.
"""

import warnings
from itertools import pairwise

import numpy as np
from scipy import sparse

from skactive._sklearn import _num_samples
from skactive.utils._parted import PartedRows
from skactive.utils._pool import Pool
from skactive.utils._rows import of_library, row_block, take_rows
from skactive.utils._weight import HEAVY, pickled_bytes


def in_parts(X, name="X"):
    """Return a collection of dask as rows in parts; anything else as it is.

    Parameters
    ----------
    X : object
        Samples in any container.
    name : str, default="X"
        What it is called.

    Returns
    -------
    X : DaskRows or object
        The same samples.

    Raises
    ------
    ValueError
        If it is a dask array that does not know how many rows its chunks have.
    TypeError
        If it is a bag or a delayed value, which have no rows.

    Examples
    --------
    >>> from skactive.utils._dask import in_parts
    >>> in_parts([1, 2])
    [1, 2]
    """
    if not (of_library(X, "dask") or of_library(X, "dask_expr")):
        return X
    return DaskRows(X, name)


class DaskRows(PartedRows):
    """Rows of an array or a frame of dask.

    Parameters
    ----------
    X : dask.array.Array or dask.dataframe.DataFrame
        Samples. Of a frame the lengths of the partitions are computed, at once.
    name : str, default="X"
        What it is called.
    """

    def __init__(self, X, name="X"):
        self._kind = f"dask {type(X).__name__}"
        if hasattr(type(X), "chunks"):
            lengths = _chunks(X, name)
            others = dict.fromkeys(range(1, X.ndim), -1)
            if any(len(chunks) > 1 for chunks in X.chunks[1:]):
                X = X.rechunk(others)
            self._parts = X.to_delayed().ravel().tolist()
            self.dtype, sample = X.dtype, X.shape[1:]
            self.sparse = sparse.issparse(X._meta)
        elif hasattr(type(X), "map_partitions") and hasattr(type(X), "_meta"):
            lengths = X.map_partitions(len, meta=("rows", "int64")).compute()
            self._parts = X.to_delayed()
            sample = X.shape[1:]
            if hasattr(X, "columns") and X.ndim == 2:
                self.columns, self.frame = X.columns, X._meta
        else:
            raise TypeError(_no_rows(name, self._kind))
        super().__init__(lengths)
        self.shape = (len(self), *sample)

    def _read(self, part):
        return _checked(self._parts[part].compute(), *self._said_of(part))

    def _said_of(self, part):
        """Return how many rows a partition has, and which it is, in words."""
        length = int(self.edges[part + 1] - self.edges[part])
        return length, f"{part + 1} of {len(self._parts)}"

    def _some_of(self, wanted):
        import dask

        within = [w for w in wanted if isinstance(w[1], slice)]
        if len(wanted) == len(within) == 1:
            part, rows = wanted[0]
            length = self.edges[part + 1] - self.edges[part]
            if rows.stop - rows.start < length:  # the next slice lies in it, too
                block = super()._some_of(wanted)
                if rows.stop == length:
                    self._kept = None
                return block
        take = dask.delayed(_rows_of, pure=False)
        return dask.compute(
            *(
                take(self._parts[part], rows, *self._said_of(part))
                for part, rows in wanted
            )
        )

    def __array__(self, dtype=None, copy=None):
        self.refuse_whole()

    def refuse_whole(self):
        """Refuse to load all partitions, which nobody asked for."""
        raise ValueError(
            f"The pool is a {self._kind} of {len(self._parts)} partitions, "
            f"{len(self)} rows in all, and the strategy or its model needs all of them "
            "in memory at once. PartitionedSampling(strategy) asks one partition at a "
            "time, and PoolSubsampling(strategy) looks at a random part; both are in "
            "skactive.compose. An embedding that is fitted already, wrapped in "
            "FrozenEstimator, is applied to one partition at a time. If the pool fits "
            "memory, pass what its compute() returns."
        )

    def ask_each(self, pool, ask):
        """Return ``ask(stretch)`` of each partition in which a pool has rows.

        Parameters
        ----------
        pool : Pool
            Of these rows; its positions, if it has any, ascend.
        ask : callable
            It is sent once, and a :class:`~skactive.utils._dask.Stretch` of the pool
            comes from where the partition is. It depends on nothing else, so that dask
            may repeat it where a worker dies.

        Returns
        -------
        answers : tuple
            In the order of the partitions.
        """
        import dask

        name, tasks = "X_pool" if pool.positions is None else "X", []
        # One node of the graph: it is sent once, and made again if it is lost.
        sent = dask.delayed(ask, pure=False, traverse=False)
        asked = dask.delayed(_asked, pure=False)
        for part, (low, high) in enumerate(pairwise(self.edges.tolist())):
            start, stop, left_out = _within(pool, low, high)
            if stop > start:
                where = {"start": start, "first": low, "name": name}
                said = self._said_of(part)
                tasks.append(asked(sent, self._parts[part], left_out, said, where))
        self._warn_of_weight(ask, len(tasks))
        return dask.compute(*tasks)

    def _warn_of_weight(self, ask, n_tasks):
        """Warn if the model that travels weighs more than the pool that does not."""
        n_workers = min(n_tasks, _n_workers())
        size = pickled_bytes(ask) * n_workers if n_workers else 0
        pool = self._n_bytes()
        if size > max(HEAVY, pool):
            warnings.warn(
                f"What is sent to {n_workers} workers takes {size / 1e6:.0f} MB in "
                f"all, and the pool {pool / 1e6:.0f} MB: does the model carry its "
                "training data, as nearest neighbors, SVC and Gaussian processes do? "
                "Take a lighter model, or load the pool by its compute().",
                UserWarning,
                stacklevel=2,
            )

    def _n_bytes(self):
        row = np.prod(self.shape[1:], dtype=float)
        return int(len(self) * row * getattr(self, "dtype", np.dtype(float)).itemsize)


class Stretch(Pool):
    """A pool of rows that lie side by side in a larger one, as in one of its parts.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        The part that holds them.
    positions : ndarray of int of shape (n_stretch,) or None, default=None
        Where they are in the part. None: all of it.
    start : int, default=0
        Where the first of them is in the larger pool.
    first : int, default=0
        Where the part begins in all samples.
    name, which : str
        What all samples are called, and which part this is, for messages.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._dask import Stretch
    >>> Stretch(np.eye(3), first=6, which="3 of 4").row_name(2)
    'row 8 of X_pool, in partition 3 of 4'
    """

    def __init__(self, X, positions=None, *, start=0, first=0, name="X_pool", which=""):
        super().__init__(X, positions)
        self.start, self.first, self.name, self.which = start, first, name, which

    is_all = False

    def row_name(self, position):
        """Say in words which sample is at a position."""
        row = position if self.positions is None else self.positions[position]
        return f"row {self.first + row} of {self.name}, in partition {self.which}"


def is_dask(pool):
    """Tell whether the rows of a pool lie with dask, and one by one in its order."""
    of_dask = isinstance(pool, Pool) and isinstance(pool.X, DaskRows)
    return of_dask and (pool.positions is None or pool.ascends())


def _chunks(X, name):
    if X.ndim == 0:
        raise ValueError(f"{name} must hold samples, got a single number.")
    if np.isnan(X.chunks[0]).any():
        raise ValueError(
            f"{name} is a dask array that does not know how many rows its chunks have, "
            f"and answers are positions in it. Call {name}.compute_chunk_sizes() "
            "first; of a dask DataFrame take to_dask_array(lengths=True)."
        )
    return X.chunks[0]


def _no_rows(name, kind):
    return (
        f"{name} is a {kind}, which has no rows that could be asked for; make a dask "
        "array or a dask DataFrame of it."
    )


def _within(pool, low, high):
    """Return where in a pool a partition begins and ends, and which rows it lacks."""
    if pool.positions is None:
        return low, high, None
    start, stop = map(int, np.searchsorted(pool.positions, [low, high]))
    if stop - start == high - low:
        return start, stop, None
    mine = np.zeros(high - low, dtype=bool)
    mine[pool.positions[start:stop] - low] = True
    # Candidates are many, and what is labeled is little to send.
    left_out = np.flatnonzero(~mine)
    return start, stop, left_out


def _checked(X, length, which):
    """Return a partition, or refuse it if others wrote to what it is read from."""
    n = _num_samples(X)
    if n != length:
        raise ValueError(
            f"Partition {which} has {n} rows now, and had {length} when it was passed "
            "to fit: what it is read from has changed. persist() keeps a collection as "
            "it is; or call fit again."
        )
    return X


def _rows_of(X, rows, *said):
    X = _checked(X, *said)
    if isinstance(rows, slice):
        return row_block(X, rows.start, rows.stop)
    return take_rows(X, rows)


def _asked(ask, X, left_out, said, where):
    X = _checked(X, *said)
    rows = None if left_out is None else np.delete(np.arange(said[0]), left_out)
    return ask(Stretch(X, rows, which=said[1], **where))


def _n_workers():
    """Return how many workers a client of dask.distributed has; 0 without one."""
    import sys

    distributed = sys.modules.get("distributed")
    if distributed is None:
        return 0
    try:
        client = distributed.get_client()
    except ValueError:
        return 0
    return len(client.nthreads())
