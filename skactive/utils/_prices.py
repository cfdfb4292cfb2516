"""What is paid for an answer: one finite number for each row, or an error."""

from numbers import Real

import numpy as np


def checked_prices(prices, n_rows, said_by, *, above_zero=False):
    """Return prices as floats, one per row, or refuse them.

    Parameters
    ----------
    prices : array-like of shape (n_rows,)
        What was given.
    n_rows : int
        How many there must be.
    said_by : str
        Class and parameter that gave them, for messages.
    above_zero : bool, default=False
        Whether 0 is refused too.

    Returns
    -------
    prices : ndarray of float64 of shape (n_rows,)
        The same numbers.

    Raises
    ------
    ValueError
        For another shape, and for what is not a finite number; it names the entry.

    Examples
    --------
    >>> from skactive.utils._prices import checked_prices
    >>> checked_prices([1, 2], 2, "cost")
    array([1., 2.])
    """
    least = "above 0" if above_zero else "of at least 0"
    wants = f"{said_by} must hold one finite number {least} for each of {n_rows} rows"
    shape = _shape(prices)
    if shape != (n_rows,):
        got = "entries of several lengths" if shape is None else f"shape {shape}"
        raise ValueError(f"{wants}; got {_short(prices)}, {got}.")
    if np.ma.is_masked(prices):
        raise ValueError(f"{wants}; got {_short(prices)}, where some are masked.")
    values = np.asarray(prices)
    if values.dtype.kind == "O":
        strange = [v for v in values if isinstance(v, bool) or not isinstance(v, Real)]
        if strange:
            raise ValueError(f"{wants}; got {strange[0]!r}.")
    elif values.dtype.kind not in "iuf":
        raise ValueError(f"{wants}; got {_short(prices)}, dtype {values.dtype}.")
    values = values.astype(float)
    enough = values > 0 if above_zero else values >= 0
    strange = np.flatnonzero(~(np.isfinite(values) & enough))
    if len(strange):
        raise ValueError(f"{wants}; got {values[strange[0]]} at entry {strange[0]}.")
    return values


def _shape(prices):
    try:
        return np.shape(prices)
    except ValueError:  # lists of several lengths
        return None


def _short(value):
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
