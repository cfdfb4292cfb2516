"""Rows of anything: arrays, frames, sparse matrices, lists, files, data sets."""

import sys
from collections.abc import Iterator
from numbers import Number

import numpy as np
from scipy import sparse
from sklearn.utils import _safe_indexing, indexable

from skactive.utils._items import gives_items, read_items, torch_data, without_labels

#: What to do with samples that come one after the other.
NO_POSITIONS = (
    "positions must mean something: it has no length or cannot be indexed; write it to "
    "a file that can be (np.memmap, zarr, parquet), or pass polars.LazyFrame.collect()"
)

#: Rows of a file are read as one slice if they are at least one in so many of it.
NEAR = 2


def sample_shape(X):
    """Return the shape of one sample, or None where it cannot be known.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples in any container.

    Returns
    -------
    shape : tuple of int or None
        ``X.shape[1:]``; None for a list of texts or paths. A data set of torch, or
        skorch's slice of one, is asked for its first row.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils import sample_shape
    >>> sample_shape(np.zeros((5, 3, 8, 8))), sample_shape(["a text", "another"])
    ((3, 8, 8), None)
    """
    of_torch = gives_items(X)
    shape = None if of_torch else getattr(X, "shape", None)
    if shape is None:
        first = None
        if len(X):
            first = take_rows(X, 0) if of_torch else X[0]
        if isinstance(first, (list, tuple, np.ndarray, Number)):
            return np.shape(first)
        return None
    return tuple(shape[1:])


def unboxed(X):
    """Return samples that an array of objects holds as one array, and those of items.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples in any container.

    Returns
    -------
    X : array-like of shape (n_samples, ...)
        An ndarray for an array of objects, with one axis, that are arrays or tensors
        of one shape. Lists, such as those of words, may mean something else; of a list
        of samples with labels, as scikit-learn cuts data sets, the samples.
    """
    X = without_labels(X)
    objects = isinstance(X, np.ndarray) and X.dtype.kind == "O" and X.ndim == 1
    shapes = {tuple(getattr(x, "shape", ())) for x in X} if objects else ()
    if len(shapes) != 1 or shapes == {()}:
        return X
    try:
        return np.asarray([np.asarray(x) for x in X])
    except (TypeError, RuntimeError):  # a tensor that numpy cannot read: on a GPU
        return X


#: What to do about images of different sizes but to resize them, where one can.
COMPARED = ', or compare what a detector makes of them, embedding="estimator".'


def refuse_sizes(X, name, remedy=COMPARED):
    """Refuse images of different sizes, which lie in a list or an array of objects.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples in any container.
    name : str
        Who refuses them.
    remedy : str, default=COMPARED
        What to do but to resize them.

    Raises
    ------
    ValueError
        If there are images of several shapes.
    """
    objects = isinstance(X, np.ndarray) and X.dtype.kind == "O" and X.ndim == 1
    if not objects and not isinstance(X, (list, tuple)):
        return
    shapes = sorted({tuple(x.shape) for x in X if getattr(x, "ndim", 0) >= 2})
    if len(shapes) > 1:
        raise ValueError(
            f"X holds images of different sizes, such as {shapes[0]} and "
            f"{shapes[-1]}; {name} takes images of one size here. Bring them to one by "
            "skactive.datasets.resize_images, with channels_first=True for those of "
            f"nets{remedy}"
        )


def shape_text(shape):
    """Say a sample shape in words for an error message.

    Parameters
    ----------
    shape : tuple of int
        The shape of one sample.

    Returns
    -------
    text : str
        For instance "4 features" or "shape (3, 8, 8)".

    Examples
    --------
    >>> from skactive.utils import shape_text
    >>> shape_text((4,))
    '4 features'
    """
    return f"{shape[0]} features" if len(shape) == 1 else f"shape {shape}"


def with_rows(X):
    """Return samples in a container whose rows can be taken.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_samples, ...)
        Samples in any container.

    Returns
    -------
    X : array-like or CSR matrix of shape (n_samples, ...)
        CSR of other sparse formats, a table of a batch of Arrow; the rest as it is.

    Examples
    --------
    >>> from scipy import sparse
    >>> from skactive.utils._rows import with_rows
    >>> with_rows(sparse.coo_array([[1, 0]])).format
    'csr'
    """
    refuse_streams(X)
    (X,) = indexable(X)
    return _as_table(X)


def refuse_streams(X, name="X"):
    """Refuse samples that come one after the other: what is asked for is a position.

    Parameters
    ----------
    X : object
        What was passed for samples.
    name : str, default="X"
        What it is called.

    Raises
    ------
    TypeError
        If it is an iterator, a polars LazyFrame, or an IterableDataset of torch.
    """
    lazy = of_library(X, "polars") and hasattr(X, "collect")
    data = torch_data()
    streamed = data is not None and isinstance(X, data.IterableDataset)
    if lazy or streamed or isinstance(X, Iterator):
        raise TypeError(f"{name} is a {type(X).__name__}, and {NO_POSITIONS}.")


def take_rows(X, rows):
    """Return some rows of a container, in the same kind of container.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_samples, ...)
        Samples, or their labels.
    rows : array-like of int of shape (n_rows,), or int
        Positions; one alone gives one sample.

    Returns
    -------
    X_rows : container of n_rows rows
        A copy, in memory. Of h5py and zarr an array: each row is read once, from the
        beginning of the file to its end. Of a data set of torch the first of what each
        row holds, as one array if these are of one shape, else as a list.

    Raises
    ------
    IndexError
        If there are no such rows.

    Examples
    --------
    >>> from skactive.utils._rows import take_rows
    >>> take_rows([["a"], ["b"], ["c"]], [2, 0])
    [['c'], ['a']]
    """
    if of_library(X, "pyarrow"):  # scikit-learn takes them from 1.9 on
        rows = np.asarray(rows if np.size(rows) else np.empty(0, dtype=np.intp))
        return X.take(rows) if rows.ndim else X.slice(int(rows), 1)
    own = getattr(type(X), "_take_rows", None)  # a pool by reference
    if own is not None:
        return own(X, rows)
    if is_stored(X):
        return _read(X, positions_in(rows, X.shape[0]))
    if gives_items(X):
        rows = positions_in(rows, len(X))
        empty = rows.ndim > 0 and len(rows) == 0
        return np.empty((0, *(sample_shape(X) or ()))) if empty else read_items(X, rows)
    one = np.ndim(rows) == 0 and not isinstance(rows, slice)
    if one and isinstance(X, sparse.sparray) and X.ndim == 2:
        # What X[row] is from SciPy 1.15 on; before, sparse arrays refuse it.
        return X[[rows]].tocoo().reshape(X.shape[1:])
    return _safe_indexing(X, rows)


def row_block(X, start, stop):
    """Return rows that lie side by side: a view, where a slice is one.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_samples, ...)
        Samples in any container.
    start, stop : int
        The first row, and the one behind the last.

    Returns
    -------
    X_rows : container of stop - start rows
        As :func:`take_rows` returns them.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._rows import row_block
    >>> X = np.arange(6).reshape(3, 2)
    >>> row_block(X, 1, 3).tolist(), np.shares_memory(row_block(X, 1, 3), X)
    ([[2, 3], [4, 5]], True)
    """
    if gives_items(X):
        return take_rows(X, np.arange(start, stop))
    if of_library(X, "pyarrow"):
        return X.slice(start, stop - start)
    own = getattr(type(X), "_row_block", None)  # rows in parts
    if own is not None:
        return own(X, start, stop)
    return (X.iloc if hasattr(X, "iloc") else X)[start:stop]


def positions_in(rows, n):
    """Return positions from 0 to n - 1, of all that says rows to an array."""
    if isinstance(rows, slice):
        return np.arange(*rows.indices(n))
    rows = np.asarray(rows if np.size(rows) else np.empty(0, dtype=np.intp))
    if rows.dtype == bool:
        if rows.shape != (n,):
            raise IndexError(f"A mask of shape {rows.shape} says nothing of {n} rows.")
        return np.flatnonzero(rows)
    outside = (rows < -n) | (rows >= n)
    if outside.any():
        raise IndexError(f"There is no row {rows[outside].flat[0]}, of {n} rows.")
    return np.where(rows < 0, rows + n, rows)


def _read(X, rows):
    """Return rows of h5py or zarr, which read them in ascending order, once each."""
    if rows.ndim == 0:
        return X[int(rows)]
    if not len(rows):
        return X[:0]
    ordered, back = np.unique(rows, return_inverse=True)
    low, high = int(ordered[0]), int(ordered[-1]) + 1
    if high - low <= NEAR * len(ordered):  # h5py reads one by one what is no slice
        block = X[low:high]
        in_place = len(rows) == high - low and (rows[1:] > rows[:-1]).all()
        return block if in_place else block[rows - low]
    return X[ordered][back]


def concatenate_rows(X, *others):
    """Return the rows of ``X`` and, below them, those of the others.

    Parameters
    ----------
    X, *others : array-like or sparse matrix of shape (n_rows, ...)
        Blocks of samples in the same kind of container.

    Returns
    -------
    rows : ndarray, data frame or CSR matrix
        A new container of all rows; ``X`` as it is if it is alone.

    Examples
    --------
    >>> from skactive.utils import concatenate_rows
    >>> concatenate_rows([[1, 2]], [[3, 4]]).tolist()
    [[1, 2], [3, 4]]
    """
    if not others:
        return X
    blocks = [X, *others]
    if sparse.issparse(X):
        return sparse.vstack(blocks, format="csr")
    if hasattr(X, "iloc") and "pandas" in sys.modules:
        return sys.modules["pandas"].concat(blocks, ignore_index=True)
    if of_library(X, "polars"):
        return sys.modules["polars"].concat(blocks, how="vertical_relaxed")
    if of_library(X, "pyarrow"):
        return sys.modules["pyarrow"].concat_tables(map(_as_table, blocks))
    return np.concatenate(list(map(np.asarray, blocks)))


def _as_table(X):
    if of_library(X, "pyarrow") and hasattr(X, "num_columns"):
        table = sys.modules["pyarrow"].Table
        return X if isinstance(X, table) else table.from_batches([X])
    return X


def of_library(X, name):
    """Tell whether a container comes from a library, which is imported then."""
    return type(X).__module__.partition(".")[0] == name and name in sys.modules


def is_stored(X):
    """Tell whether samples lie in a file that is read by slices: of h5py or zarr."""
    stored = of_library(X, "h5py") or of_library(X, "zarr")
    return stored and hasattr(X, "shape")
