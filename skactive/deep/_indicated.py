"""How uncertain a fitted model is of samples, by SRAAL's indicator or one's own."""

import numpy as np

from skactive.nets.latent._uncertainty_indicator import uncertainty_indicator
from skactive.utils._dense_answers import BoxAnswers
from skactive.utils._units import iter_units, units_kind


def check_units(strategy, estimator):
    """Refuse what has no form for masks or boxes, before an answer is paid for."""
    kind, name = units_kind(estimator), type(strategy).__name__
    if kind is BoxAnswers and strategy.indicator is None:
        raise ValueError(
            f"{name} needs class probabilities of samples or pixels, and {estimator!r} "
            "answers by boxes. Say how uncertain an image is by indicator= and pass "
            "stl_weight=0, or take LL4AL or TaskAwareViT."
        )
    if kind is not None and strategy.stl_weight > 0:
        raise ValueError(
            f"{name} needs stl_weight=0 beside {estimator!r}, which answers by masks "
            f"or boxes: with stl_weight={strategy.stl_weight} a target learner gives "
            "each sample one class. LL4AL and TaskAwareViT learn from such answers."
        )


def mean_over_pixels(model, X, *, ddof=0):
    """Return the mean of SRAAL's indicator over the pixels of each image.

    With one class of pixels, of which a model is certain, it is 0.

    Parameters
    ----------
    model : estimator object
        Fitted; it predicts a map of probabilities for each class.
    X : array-like of shape (n_samples, ...)
        Images.
    ddof : {0, 1}, default=0
        See :func:`~skactive.deep.uncertainty_indicator`.

    Returns
    -------
    states : ndarray of float64 of shape (n_samples,)
        From 0, certain, to 1.
    """
    # Image by image: in double precision a block is a few times as large.
    return np.array(
        [
            uncertainty_indicator(proba.T, ddof=ddof).mean() if len(proba) > 1 else 0.0
            for block in iter_units(model, X)
            for proba in block
        ]
    )


def checked(states, n):
    """Return what an indicator of the user's returned for n samples, or refuse it."""
    states = np.asarray(states)
    number = states.dtype.kind in "fiub" and states.shape == (n,)
    if not number or not ((states >= 0) & (states <= 1)).all():
        raise ValueError(
            "indicator must return one number from 0 to 1 per sample, shape "
            f"({n},); got {states.dtype} of shape {states.shape}"
            + (f" from {states.min()} to {states.max()}." if number else ".")
        )
    return states
