"""From the scores of units, pixels or boxes, to one score of their sample."""

from numbers import Real

import numpy as np

from skactive._sklearn import Interval, StrOptions

#: What the parameter ``aggregate`` of a strategy may be.
AGGREGATES = [
    StrOptions({"mean", "sum", "max"}),
    Interval(Real, 0, 1, closed="right"),
    callable,
    None,
]

#: Probabilities that sum to 1 but for this are a distribution.
TOLERANCE = 1e-3


def aggregate_units(h, how="mean", weights=None):
    """Return one score per sample from the uncertainties of its units.

    Parameters
    ----------
    h : ndarray of shape (n_samples, n_units)
        Uncertainty of each unit; one unit or more.
    how : {"mean", "sum", "max"}, float or callable, default="mean"
        A float above 0 and up to 1: the mean of this share of the units, the most
        uncertain, one at least. A callable is given the units of one sample.
    weights : ndarray of shape (n_samples, n_units) or None, default=None
        Weights of the units, for "mean" and "sum".

    Returns
    -------
    scores : ndarray of shape (n_samples,)
        Higher is more uncertain; NaN where all units have weight 0.

    Raises
    ------
    ValueError
        If a callable returns anything but one finite number.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._aggregate import aggregate_units
    >>> h = np.array([[0.693147, 0.0, 0.0, 1.098612]])
    >>> [round(aggregate_units(h, k).item(), 6) for k in ("sum", "max", 0.5)]
    [1.791759, 1.098612, 0.895879]
    """
    if callable(how):
        return np.array([_one_number(how, row) for row in h])
    if how == "max":
        return h.max(axis=1)
    if how in ("sum", "mean") and weights is None:
        return getattr(h, how)(axis=1)
    if how in ("sum", "mean"):
        total, count = (weights * h).sum(axis=1), weights.sum(axis=1)
        total[count == 0] = np.nan
        return total if how == "sum" else total / np.where(count == 0, 1, count)
    k = max(1, int(np.ceil(how * h.shape[1] - 1e-9)))
    return np.partition(h, -k, axis=1)[:, -k:].mean(axis=1)


def _one_number(how, units):
    score = np.asarray(how(units))
    if score.size != 1 or score.dtype.kind not in "iuf" or not np.isfinite(score).all():
        raise ValueError(
            f"aggregate={how!r} must return one number for the uncertainties of one "
            f"sample, and returned {score.tolist()}."
        )
    return score.item()
