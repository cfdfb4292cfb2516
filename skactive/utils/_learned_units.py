"""Numbers in the units in which a regressor learned them."""

import numpy as np
from sklearn.compose import TransformedTargetRegressor

from skactive.utils._models import chained, steps_and_last


def in_learned_units(model, y=None):
    """Return a fitted regressor, and values, as they were before being turned back.

    A ``TransformedTargetRegressor`` learns, say, the logarithm of ``y``: there its loss
    is what it says, and differences are compared. What is said of other models, and of
    their values, stays as it is.

    Parameters
    ----------
    model : fitted regressor
        Maybe frozen, a search, or a pipeline.
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs), default=None
        Values in the units of the user.

    Returns
    -------
    model : fitted regressor
        Predicts what the model inside was trained on.
    y : ndarray of the same shape, or None
        The values in the same units.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.compose import TransformedTargetRegressor
    >>> from sklearn.linear_model import Ridge
    >>> from skactive.utils._learned_units import in_learned_units
    >>> X, y = np.array([[0.0], [1.0]]), np.array([1.0, 8.0])
    >>> model = TransformedTargetRegressor(Ridge(), func=np.log2, inverse_func=np.exp2)
    >>> in_learned_units(model.fit(X, y), y)
    (Ridge(), array([0., 3.]))
    """
    steps, last = steps_and_last(model)
    if not isinstance(last, TransformedTargetRegressor):
        return model, y
    if y is not None:
        turned = last.transformer_.transform(y[:, None] if y.ndim == 1 else y)
        y = np.asarray(turned).reshape(y.shape)
    inner, y = in_learned_units(last.regressor_, y)
    more, last = steps_and_last(inner)
    return chained([*steps, *more, last]), y
