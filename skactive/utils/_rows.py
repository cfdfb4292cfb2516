"""Rows of anything: arrays, frames, sparse matrices, lists."""

import sys
from numbers import Number

import numpy as np
from scipy import sparse
from sklearn.utils import _safe_indexing, indexable


def sample_shape(X):
    """Return the shape of one sample, or None where it cannot be known.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples in any container.

    Returns
    -------
    shape : tuple of int or None
        ``X.shape[1:]``; None for a list of texts or paths.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils import sample_shape
    >>> sample_shape(np.zeros((5, 3, 8, 8))), sample_shape(["a text", "another"])
    ((3, 8, 8), None)
    """
    shape = getattr(X, "shape", None)
    if shape is None:
        first = X[0] if len(X) else None
        if isinstance(first, (list, tuple, np.ndarray, Number)):
            return np.shape(first)
        return None
    return tuple(shape[1:])


def unboxed(X):
    """Return samples that an array of objects holds as one array; others as they are.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples in any container.

    Returns
    -------
    X : array-like of shape (n_samples, ...)
        An ndarray for an array of objects, with one axis, that are arrays or tensors
        of one shape. Lists, such as those of words, may mean something else.
    """
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
    (X,) = indexable(X)
    return _as_table(X)


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
        A copy.

    Examples
    --------
    >>> from skactive.utils._rows import take_rows
    >>> take_rows([["a"], ["b"], ["c"]], [2, 0])
    [['c'], ['a']]
    """
    if _of_library(X, "pyarrow"):  # scikit-learn takes them from 1.9 on
        rows = np.asarray(rows if np.size(rows) else np.empty(0, dtype=np.intp))
        return X.take(rows) if rows.ndim else X.slice(int(rows), 1)
    return _safe_indexing(X, rows)


def concatenate_rows(X, Y):
    """Return the rows of ``X`` and, below them, those of ``Y``.

    Parameters
    ----------
    X, Y : array-like or sparse matrix of shape (n_rows, ...)
        Two blocks of samples in the same kind of container.

    Returns
    -------
    rows : ndarray, data frame or CSR matrix
        A new container of ``len(X) + len(Y)`` rows.

    Examples
    --------
    >>> from skactive.utils import concatenate_rows
    >>> concatenate_rows([[1, 2]], [[3, 4]]).tolist()
    [[1, 2], [3, 4]]
    """
    if sparse.issparse(X):
        return sparse.vstack([X, Y], format="csr")
    if hasattr(X, "iloc") and "pandas" in sys.modules:
        return sys.modules["pandas"].concat([X, Y], ignore_index=True)
    if _of_library(X, "polars"):
        return sys.modules["polars"].concat([X, Y], how="vertical_relaxed")
    if _of_library(X, "pyarrow"):
        return sys.modules["pyarrow"].concat_tables([_as_table(X), _as_table(Y)])
    return np.concatenate([np.asarray(X), np.asarray(Y)])


def _as_table(X):
    if _of_library(X, "pyarrow") and hasattr(X, "num_columns"):
        table = sys.modules["pyarrow"].Table
        return X if isinstance(X, table) else table.from_batches([X])
    return X


def _of_library(X, name):
    return type(X).__module__.partition(".")[0] == name and name in sys.modules
