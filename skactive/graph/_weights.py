"""How far propagated labels can be trusted, and how classes are evened out."""

import numpy as np
from sklearn.utils import column_or_1d

from skactive.utils import check_probabilities, shannon_entropy


def entropy_weights(proba, *, normalize=False):
    """Return how sure each distribution is: one minus its relative entropy.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_classes)
        Distributions over the classes.
    normalize : bool, default=False
        Divide by the largest weight, as the released code of the paper does. With
        `alpha` near 1 all weights are small.

    Returns
    -------
    weights : ndarray of shape (n_samples,)
        ``1 - H(p) / log(n_classes)``, from 0 for a uniform distribution to 1; all 1
        if there is one class.

    References
    ----------
    .. [1] A. Iscen, G. Tolias, Y. Avrithis and O. Chum. "Label Propagation for Deep
       Semi-supervised Learning." CVPR 2019. arXiv:1904.04717.

    Examples
    --------
    >>> from skactive.graph import entropy_weights
    >>> entropy_weights([[1.0, 0.0], [0.5, 0.5]])
    array([1., 0.])
    """
    proba = check_probabilities(proba)
    if proba.shape[1] == 1:
        return np.ones(len(proba), dtype=proba.dtype)
    weights = 1 - shannon_entropy(proba) / np.log(proba.shape[1], dtype=proba.dtype)
    weights = np.clip(weights, 0, 1)
    top = weights.max(initial=0)
    return weights / top if normalize and top > 0 else weights


def class_weights(labels, n_classes):
    """Return weights that give each class the same share of a loss.

    Parameters
    ----------
    labels : array-like of int of shape (n_samples,)
        Class of each sample, from 0: given labels, and propagated ones elsewhere.
    n_classes : int
        Number of classes.

    Returns
    -------
    weights : ndarray of float64 of shape (n_classes,)
        ``n_samples / n_classes / count``; 1 for a class without samples.

    Raises
    ------
    ValueError
        If a label is no class.

    Examples
    --------
    >>> from skactive.graph import class_weights
    >>> class_weights([0, 0, 1], 2)
    array([0.75, 1.5 ])
    """
    labels = column_or_1d(labels, dtype=np.intp)
    if len(labels) and (labels.min() < 0 or labels.max() >= n_classes):
        raise ValueError(
            f"labels must be classes from 0 to {n_classes - 1}; got "
            f"{labels.min()} to {labels.max()}."
        )
    counts = np.bincount(labels, minlength=n_classes)
    weights = np.ones(n_classes)
    np.divide(len(labels) / n_classes, counts, out=weights, where=counts > 0)
    return weights
