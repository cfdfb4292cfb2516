"""Samples that more were added to: one container, or one behind the other."""

import numpy as np
from scipy import sparse

from skactive._sklearn import _num_samples
from skactive.utils._dask import DaskRows
from skactive.utils._items import gives_items
from skactive.utils._parted import PartedRows, is_sparse
from skactive.utils._rows import (
    concatenate_rows,
    is_stored,
    of_library,
    row_block,
    sample_shape,
    shape_text,
    take_rows,
    with_rows,
)

#: What to do where nothing can be added to a container.
INSTEAD = (
    "Join the two in their own library, and begin again with all samples and the "
    "labels so far: learner.fit(X, labels), with None for what is new."
)


class GrownRows(PartedRows):
    """Samples in several containers, one behind the other, each left where it is.

    Parameters
    ----------
    parts : list of array-like of shape (n_rows, ...)
        Containers with samples of one shape.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._grown import GrownRows
    >>> X = GrownRows([np.arange(4).reshape(2, 2), np.array([[4, 5]])])
    >>> X.shape, np.asarray(X[[2, 0]]).tolist()
    ((3, 2), [[4, 5], [0, 1]])
    """

    def __init__(self, parts):
        self._parts = parts
        first = parts[0]
        self.sparse, self.frame = is_sparse(first), getattr(first, "frame", None)
        for name in ("dtype", "columns"):
            if hasattr(first, name):
                setattr(self, name, getattr(first, name))
        super().__init__([_num_samples(part) for part in parts])
        self.shape = (len(self), *sample_shape(first))

    def _read(self, part):
        return self._parts[part]

    def _some_of(self, wanted):
        # Of a file, no more is read than was asked for.
        return [
            row_block(self._parts[part], rows.start, rows.stop)
            if isinstance(rows, slice)
            else take_rows(self._parts[part], rows)
            for part, rows in wanted
        ]

    def refuse_whole(self):
        """Refuse to bring all rows to memory, where one of the containers does."""
        for part in self._parts:
            if isinstance(part, PartedRows):
                part.refuse_whole()


def grown(X, X_new):
    """Return all samples of a container, and behind them those of another.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples in any container but those of dask and torch.
    X_new : array-like of shape (n_new, ...)
        More of them, in a container of the same kind.

    Returns
    -------
    X : array-like of shape (n_samples + n_new, ...)
        In memory a new container; of files :class:`GrownRows`, which reads both.

    Raises
    ------
    ValueError
        If the new samples are of another shape or kind.
    TypeError
        If nothing can be added to ``X``.

    Examples
    --------
    >>> from skactive.utils._grown import grown
    >>> grown([[1, 2]], [[3, 4]])
    [[1, 2], [3, 4]]
    """
    for given in (X, X_new):
        lazy = isinstance(given, DaskRows) or of_library(given, "dask")
        if lazy or gives_items(given) or of_library(given, "torch"):
            raise TypeError(
                f"X_new cannot be added to X, as one of them is a "
                f"{type(given).__name__}. {INSTEAD}"
            )
    X_new = with_rows(X_new)
    if isinstance(X, (list, tuple)):
        return [*X, *X_new]
    _check_alike(X, X_new)
    if isinstance(X, GrownRows):
        return GrownRows([*X._parts, X_new])
    if isinstance(X, (np.memmap, PartedRows)) or is_stored(X):
        return GrownRows([X, X_new])
    if isinstance(X, np.ndarray):
        X_new = _in_dtype_of(X, X_new)
        if isinstance(X, np.ma.MaskedArray):
            return np.ma.concatenate([X, X_new])
    return concatenate_rows(X, X_new)


def _check_alike(X, X_new):
    if is_sparse(X) != is_sparse(X_new):
        raise ValueError("X_new and X must both be sparse or both be dense.")
    names = [_column_names(given) for given in (X, X_new)]
    if (names[0] is None) != (names[1] is None):
        raise ValueError(
            f"X is a {type(X).__name__} and X_new a {type(X_new).__name__}: columns "
            "have names in one of them. Pass X_new in the container of X."
        )
    if names[0] != names[1]:
        raise ValueError(
            f"X_new has the columns {names[1]}, and X has {names[0]}: pass the same, "
            "in the same order."
        )
    shape, new = sample_shape(X), sample_shape(X_new)
    if shape != new:
        raise ValueError(
            f"X_new must hold samples of {shape_text(shape)}, as X does; got "
            f"{'no shape' if new is None else shape_text(new)}."
        )
    if sparse.issparse(X) and not np.can_cast(X_new.dtype, X.dtype):
        raise _other_dtype(X, X_new)


def _column_names(X):
    """Return the names of columns, or None where they have none; Arrow has its own."""
    names = getattr(X, "column_names", getattr(X, "columns", None))
    return None if names is None else list(names)


def _in_dtype_of(X, X_new):
    """Return new samples as an array that joins an array without changing its dtype."""
    array = X_new if isinstance(X_new, np.ndarray) else np.asarray(X_new)
    if array.dtype.kind == X.dtype.kind == "U" or np.can_cast(array.dtype, X.dtype):
        return array
    if not isinstance(X_new, np.ndarray):  # numbers of Python have no precision to lose
        cast = array.astype(X.dtype) if array.dtype.kind in "iuf" else array
        if cast.dtype == X.dtype and X.dtype.kind == "f":
            return cast
    raise _other_dtype(X, array)


def _other_dtype(X, X_new):
    return ValueError(
        f"X_new is {X_new.dtype} and X is {X.dtype}, which cannot hold it exactly. "
        f"Pass X_new.astype({str(X.dtype)!r}), if that is meant."
    )
