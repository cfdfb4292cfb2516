"""How good predicted numbers are, in a measure of which areas may be taken."""

import warnings

import numpy as np
from sklearn.metrics import r2_score

#: An R² below this in one round weighs more in an area than all that is above 0.
LOW_R2 = -1.0


def bounded_r2_score(y_true, y_pred, *, sample_weight=None):
    """Return R² brought between 0 and 1, so that no round outweighs all others.

    ``1 / (2 - R²)``: 1 if all predictions are right, 1/2 if they are as good as the
    mean of the true values, and towards 0 the worse they are. R² itself has no lower
    end, and with few labels a linear model may fall far below 0, which decides the area
    under its learning curve. In hydrology this is the normalized Nash-Sutcliffe
    efficiency [1]_.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_outputs)
        True values.
    y_pred : array-like of the same shape
        Predicted values.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the samples.

    Returns
    -------
    score : float
        Between 0 and 1, without a unit; higher is better. Of several outputs, the mean.

    Raises
    ------
    ValueError
        If the shapes differ, or a value is NaN or infinite.

    See Also
    --------
    area_under_learning_curve : What it is for.
    sklearn.metrics.r2_score : The share of the variance that is explained.

    Notes
    -----
    It orders models as R² and the root mean squared error do, on one test set. As
    ``scoring`` of curves, areas and benchmarks it has the name "bounded_r2"; elsewhere
    pass ``make_scorer(bounded_r2_score)``.

    References
    ----------
    .. [1] J. Nossent and W. Bauwens. "Application of a normalized Nash-Sutcliffe
       efficiency to improve the accuracy of the Sobol' sensitivity analysis of a
       hydrological model." EGU General Assembly 2012.

    Examples
    --------
    >>> from skactive.metrics import bounded_r2_score
    >>> y = [1.0, 2.0, 3.0, 4.0]
    >>> bounded_r2_score(y, y), bounded_r2_score(y, [2.5] * 4)
    (1.0, 0.5)
    >>> round(bounded_r2_score(y, [4.0, 3.0, 2.0, 1.0]), 3)  # R² is -3
    0.2
    """
    r2 = r2_score(y_true, y_pred, sample_weight=sample_weight, multioutput="raw_values")
    return float(np.mean(1 / (2 - r2)))


def warn_of_low_r2(n_labeled, scores, stacklevel):
    """Warn where an area is about to be taken over R² far below 0.

    Parameters
    ----------
    n_labeled : array-like of shape (n_points,)
        Numbers of labels, or what they cost.
    scores : array-like of shape (n_points,)
        R² at each.
    stacklevel : int
        Whose line is named: 1 is that of the caller.
    """
    k = int(np.argmin(scores))
    if scores[k] >= LOW_R2:
        return
    warnings.warn(
        f"R² falls to {scores[k]:.3g} at {n_labeled[k]:g}, and the area under the "
        "curve says little else. Take a measure with a lower end, "
        'scoring="bounded_r2", or an error, such as "neg_root_mean_squared_error".',
        UserWarning,
        stacklevel=stacklevel + 1,
    )
