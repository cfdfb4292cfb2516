"""Rows of a table as the same label may show them: with noise, or without a column."""

import sys

import numpy as np
from scipy import sparse

from skactive.utils._rows import of_library


class TableViews:
    """Changes rows on the scale of those that were seen; columns of words stay.

    Parameters
    ----------
    *samples : containers of rows
        Arrays, lists, or frames of pandas or polars, of the same columns.

    Attributes
    ----------
    mean, spread : ndarray of shape (n_numeric,)
        Mean and standard deviation of each column of numbers, missing ones left out.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.uncertainty._table_views import TableViews
    >>> views = TableViews([[0.0, 10.0], [2.0, 10.0]])
    >>> views.noise(np.array([[5.0, 5.0]]), np.random.RandomState(0)).round(3).tolist()
    [[5.176, 5.0]]
    """

    def __init__(self, *samples):
        Z = np.concatenate([numbers(X).astype(np.float64) for X in samples])
        known = np.isfinite(Z)
        n = np.maximum(known.sum(axis=0), 1)
        self.mean = np.where(known, Z, 0).sum(axis=0) / n
        square = np.square(np.where(known, Z - self.mean, 0))
        self.spread = np.sqrt(square.sum(axis=0) / n)

    def noise(self, X, rng):
        """Return rows moved by Gaussian noise, the same for all, a tenth as wide."""
        Z = numbers(X)
        step = 0.1 * self.spread * rng.standard_normal(len(self.spread))
        return _replaced(X, Z + step.astype(Z.dtype))

    def dropout(self, X, rng):
        """Return rows with a tenth of the columns, rounded down, at their mean.

        The same columns in all rows. Without the only column nothing would be known.
        """
        Z = numbers(X).copy()
        lost = rng.permutation(len(self.mean))[: len(self.mean) // 10]
        Z[:, lost] = np.where(np.isnan(Z[:, lost]), np.nan, self.mean[lost])
        return _replaced(X, Z)


#: By the names that users give.
TABLE_VIEWS = {"noise": TableViews.noise, "dropout": TableViews.dropout}


def is_table(X):
    """Tell whether samples are rows of numbers, or a frame.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.uncertainty._table_views import is_table
    >>> is_table([[1, 2]]), is_table(["words"]), is_table(np.zeros((2, 1, 8, 8)))
    (True, False, False)
    """
    if sparse.issparse(X):
        return False
    if _is_frame(X):
        return True
    X = np.asarray(X)
    return X.ndim == 2 and X.dtype.kind in "biufO"


def as_floats(X):
    """Return rows whose numbers are floats, so that noise may be added to them."""
    return _replaced(X, numbers(X))


def numbers(X):
    """Return the columns of numbers as an array of floats."""
    if not _is_frame(X):
        X = np.asarray(X)
        try:
            return X if X.dtype.kind == "f" else X.astype(np.float64)
        except ValueError as error:
            raise ValueError(
                f"Noise can be added to numbers alone: {error}. Pass a data frame, "
                "whose columns of words are left alone, or augmentations of your own."
            ) from error
    # The dtype is said to pandas, too: 2.2 writes the NaN into integers otherwise.
    how = {} if of_library(X, "polars") else {"dtype": float, "na_value": np.nan}
    columns = [
        np.asarray(X[name].to_numpy(**how), dtype=np.float64) for name in _names(X)
    ]
    return np.stack(columns, axis=1) if columns else np.empty((len(X), 0))


def _is_frame(X):
    return hasattr(X, "iloc") or of_library(X, "polars")


def _names(X):
    """Return the names of the columns of numbers; True and False are none."""
    if of_library(X, "polars"):
        return [name for name in X.columns if X[name].dtype.is_numeric()]
    kinds = zip(X.columns, X.dtypes)
    return [name for name, kind in kinds if getattr(kind, "kind", "O") in "iuf"]


def _replaced(X, Z):
    """Return rows with other numbers in the columns of numbers."""
    if not _is_frame(X):
        return Z
    columns = dict(zip(_names(X), Z.T))
    if of_library(X, "polars"):
        series = sys.modules["polars"].Series
        return X.with_columns([series(name, z) for name, z in columns.items()])
    X = X.copy()
    for name, column in columns.items():
        X[name] = column
    return X
