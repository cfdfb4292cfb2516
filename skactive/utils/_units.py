"""What a model says of the units of a sample: the pixels of a mask, or its boxes."""

import numpy as np
from sklearn.base import is_classifier

from skactive._sklearn import _num_samples
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers
from skactive.utils._models import chained, steps_and_last
from skactive.utils._rows import take_rows

#: Bytes of the probabilities that are held at once.
CHUNK = 2**26


def units_kind(model):
    """Return what the units of a model's answers are: MaskAnswers, BoxAnswers, None.

    Pipelines, frozen models and searches are opened. None: samples have one unit, or
    the model does not say.
    """
    kind = getattr(steps_and_last(model)[1], "answers_kind", None)
    return kind if kind in (MaskAnswers, BoxAnswers) else None


def predicts_maps(model, X):
    """Tell whether a fitted model returns a map of probabilities for each class."""
    if units_kind(model) is MaskAnswers:
        return True
    if is_classifier(model) or not hasattr(model, "predict_proba"):
        return False
    return np.ndim(model.predict_proba(take_rows(X, [0]))) == 4


def iter_units(model, X):
    """Yield the class probabilities of units, for a block of samples at a time.

    Parameters
    ----------
    model : estimator object
        Fitted; it predicts masks, or boxes with "probas".
    X : array-like of shape (n_samples, ...)
        Samples.

    Yields
    ------
    proba : ndarray of shape (n_block, n_classes, n_units)
        A block of samples that have the same number of units: for masks, at most 64 MB
        or one sample; for boxes, one sample.
    """
    if units_kind(model) is BoxAnswers:
        for found in model.predict(X):
            probas = np.asarray(found["probas"])
            probas = probas[:, None] if probas.ndim == 1 else probas  # of no box: []
            yield probas.T[None]
        return
    for proba in iter_maps(model, X):
        yield proba.reshape(*proba.shape[:2], -1)


def without_gaps(scores, empty):
    """Return scores with those of samples without a unit, which are NaN, set.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._units import without_gaps
    >>> without_gaps(np.array([0.5, np.nan, 0.25, 1.0]), "median")
    array([0.5 , 0.5 , 0.25, 1.  ])
    """
    gaps = np.isnan(scores)
    if gaps.all():
        return np.zeros_like(scores)
    if gaps.any():
        value = {"lowest": np.min, "median": np.median, "highest": np.max}
        scores[gaps] = value[empty](scores[~gaps])
    return scores


def iter_maps(model, X):
    """Yield one map of probabilities per class for samples, a block of 64 MB at a time.

    A model with ``iter_proba`` makes blocks of its own; another is asked for rows.
    """
    steps, last = steps_and_last(model)
    if hasattr(last, "iter_proba"):
        yield from last.iter_proba(X if not steps else chained(steps).transform(X))
        return
    n, size, start = _num_samples(X), 1, 0
    while start < n:
        rows = np.arange(start, min(start + size, n))
        proba = np.asarray(model.predict_proba(take_rows(X, rows)))
        yield proba
        start += len(rows)
        size = max(1, CHUNK // proba[0].nbytes)
