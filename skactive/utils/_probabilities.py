"""Class probabilities: what they must look like, and their entropy."""

import numpy as np

SUM_TOLERANCE = 1e-3  # single precision over a thousand classes stays well below

#: Up to so many classes a plain sum loses nothing that matters.
FEW_CLASSES = 64


def check_probabilities(proba, ndim=2):
    """Return class probabilities as a float array, checked.

    Parameters
    ----------
    proba : array-like of shape (..., n_samples, n_classes)
        Each row, along the last axis, is a distribution over the classes.
    ndim : int, default=2
        Number of axes that ``proba`` must have.

    Returns
    -------
    proba : ndarray of float32 or float64
        The same array if it is one of these already. Half precision becomes float32,
        anything else float64.

    Raises
    ------
    ValueError
        If the number of axes is different, if there are no classes, or if a row holds
        NaN or negative numbers or does not sum to 1 within 0.001. The message names
        the first such row.

    Examples
    --------
    >>> from skactive.utils import check_probabilities
    >>> check_probabilities([[0.5, 0.5], [0, 1]])
    array([[0.5, 0.5],
           [0. , 1. ]])
    """
    proba = np.asarray(proba)
    if proba.dtype not in (np.float32, np.float64):
        proba = proba.astype(np.float32 if proba.dtype == np.float16 else np.float64)
    if proba.ndim != ndim or proba.shape[-1] == 0:
        axes = ("n_members", "n_samples", "n_classes")[-ndim:]
        raise ValueError(
            f"Class probabilities must have the shape ({', '.join(axes)}), with one "
            f"class or more; got {proba.shape}."
        )
    # Along a short axis einsum and one minimum of all take a tenth of the time.
    few = proba.shape[-1] <= FEW_CLASSES
    sums = np.einsum("...c->...", proba) if few else proba.sum(axis=-1)
    _refuse(np.isnan(sums), "holds NaN", proba)
    if proba.size and proba.min() < 0:
        _refuse(proba.min(axis=-1) < 0, "holds a negative number", proba)
    _refuse(np.abs(sums - 1) > SUM_TOLERANCE, "does not sum to 1", proba)
    return proba


def shannon_entropy(proba):
    """Return the entropy in nats along the last axis, with ``0 log 0 = 0``.

    Parameters
    ----------
    proba : ndarray of float32 or float64 of shape (n_samples, n_classes)
        Checked class probabilities.

    Returns
    -------
    entropy : ndarray of shape (n_samples,)
        In the dtype of ``proba``; one temporary array of the size of ``proba``.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils import shannon_entropy
    >>> shannon_entropy(np.array([[0.5, 0.5], [0.0, 1.0]])).round(6)
    array([0.693147, 0.      ])
    """
    # The smallest number has a finite logarithm, and zero times it is zero: nothing
    # is added to a probability, and it is three times faster than scipy's entr.
    log = np.maximum(proba, np.finfo(proba.dtype).tiny)
    np.log(log, out=log)
    return 0 - np.einsum("ij,ij->i", proba, log)  # 0 - 0 is not -0


def _refuse(bad, fault, proba):
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        row = f"Row {where[0]}" if len(where) == 1 else f"Row {where}"
        error = ValueError(
            f"{row} of the class probabilities {fault}: {proba[where]}. Each row must "
            "be a distribution over the classes, as predict_proba returns it."
        )
        error.row = where[-1]  # for those who asked about a block of a pool
        raise error
