"""A plane through the samples: a grid of points, as a model is given them."""

import numpy as np
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

#: How much wider than the samples the plane is, on each side.
MARGIN = 0.05


class Plane:
    """Two columns of the samples, or two components of them.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Samples, of numbers.
    projection : pair of int or str, transformer or None
        Two columns, the others at their medians; or a fitted transformer to two
        columns and back. None: ``X`` has two columns.

    Attributes
    ----------
    samples : ndarray of shape (n_samples, 2)
        Where each sample lies.
    names : list of str
        Of the two axes.
    """

    def __init__(self, X, projection=None):
        self._X, self._transformer = X, None
        self._columns = getattr(X, "columns", None)
        values = _numbers(X)
        if projection is None:
            if values.shape[1] != 2:
                raise ValueError(
                    f"X has {values.shape[1]} columns, and scores are drawn over a "
                    "plane. Pass projection=: a pair of columns, such as (0, 1), the "
                    "others at their medians; or a fitted transformer to two columns "
                    "and back, such as PCA(2).fit(X)."
                )
            projection = (0, 1)
        if hasattr(projection, "transform"):
            self._transformer = projection
            self.samples = _projected(projection, X)
            name = type(projection).__name__
            self.names = [f"{name} {k}" for k in (1, 2)]
            return
        self._pair = self._positions(projection, values.shape[1])
        with np.errstate(invalid="ignore"):
            self._rest = np.nanmedian(values, axis=0)
        self.samples = values[:, self._pair]
        given = range(values.shape[1]) if self._columns is None else self._columns
        named = list(given)
        self.names = [
            f"column {named[k]}" if self._columns is None else str(named[k])
            for k in self._pair
        ]

    def _positions(self, pair, n_columns):
        """Return the positions of two columns, given by position or name."""
        names = [] if self._columns is None else list(self._columns)
        wrong = ValueError(
            "projection must be two different columns of X, or a fitted transformer; "
            f"got {pair!r}, and X has {n_columns} columns."
        )
        try:
            first, second = pair
            found = [names.index(c) if c in names else int(c) for c in (first, second)]
        except (TypeError, ValueError):
            raise wrong from None
        if len(set(found)) < 2 or not all(0 <= k < n_columns for k in found):
            raise wrong
        return found

    def grid(self, resolution):
        """Return the two coordinates of the points of a grid that holds the samples."""
        low, high = np.nanmin(self.samples, axis=0), np.nanmax(self.samples, axis=0)
        wider = MARGIN * np.where(high > low, high - low, 1.0)
        lines = np.linspace(low - wider, high + wider, resolution)
        return np.meshgrid(*lines.T)

    def points(self, xx0, xx1):
        """Return points of the plane as samples, in a container like that of X."""
        flat = np.column_stack([np.ravel(xx0), np.ravel(xx1)])
        if self._transformer is not None:
            made = self._transformer.inverse_transform(flat)
            if hasattr(made, "columns") or self._columns is None:
                return made
            return self._like(np.asarray(made))
        rows = np.tile(self._rest, (len(flat), 1))
        rows[:, self._pair] = flat
        return self._like(rows)

    def _like(self, rows):
        if self._columns is not None:
            return type(self._X)(dict(zip(self._columns, rows.T, strict=True)))
        if sparse.issparse(self._X):
            return sparse.csr_array(rows)
        kind = getattr(getattr(self._X, "dtype", None), "kind", None)
        return rows.astype(self._X.dtype) if kind == "f" else rows


def _numbers(X):
    """Return a table of numbers as an array, or say that it is none."""
    try:
        values = X.toarray() if sparse.issparse(X) else np.asarray(X)
        if values.ndim == 2 and values.dtype.kind in "fiubO":
            return values.astype(float)
    except (TypeError, ValueError):  # objects among them, or rows of unequal lengths
        pass
    raise ValueError(
        "UtilityDisplay draws over a plane of two columns, and X is no table of "
        "numbers. QueryDisplay draws samples of all kinds, with embedding=."
    )


def _projected(transformer, X):
    """Return the samples in the plane of a fitted transformer."""
    name = type(transformer).__name__
    check_is_fitted(transformer, msg=f"The projection {name} is not fitted: fit it.")
    if not hasattr(transformer, "inverse_transform"):
        raise ValueError(
            f"{name} has no inverse_transform, so that points of its plane are no "
            "samples to score. Take one that has, such as PCA(2).fit(X), or a pair of "
            "columns."
        )
    Z = transformer.transform(X)
    Z = Z.toarray() if sparse.issparse(Z) else np.asarray(Z, dtype=float)
    if Z.ndim != 2 or Z.shape[1] != 2:
        raise ValueError(
            f"The projection {name} makes {Z.shape[1:]} of each sample, and a plane "
            "has two columns; take a transformer to two."
        )
    return Z
