"""Weights of classes by how often they are among the labels."""

from collections import Counter

import numpy as np

from skactive.utils._dense_answers import BoxAnswers, kind_of


def root_weights(counts):
    """Return the weight of each class: one over the root of its share, 1 on average.

    Classes that were never counted weigh as much as the heaviest of the others.

    Parameters
    ----------
    counts : array-like of int of shape (n_classes,)
        How often each class was counted.

    Returns
    -------
    weights : ndarray of shape (n_classes,)
        1 for all where nothing was counted.

    Examples
    --------
    >>> from skactive.utils._class_weights import root_weights
    >>> root_weights([90, 9, 1]).round(6)
    array([0.219795, 0.695051, 2.085154])
    """
    counts = np.asarray(counts)
    seen = counts > 0
    weights = np.ones(len(counts))
    if seen.any():
        weights[seen] = counts[seen] ** -0.5
        weights[~seen] = weights[seen].max()
    return weights / weights.mean()


def count_labels(y):
    """Return how often each label is in masks, by pixels, or in boxes.

    Parameters
    ----------
    y : array-like of masks, or of dict
        All of them labeled.

    Returns
    -------
    counts : Counter
        By label, as Python objects.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._class_weights import count_labels
    >>> dict(count_labels(np.array([[[0, 0, 1]]])))
    {0: 2, 1: 1}
    >>> dict(count_labels([{"boxes": [[0, 0, 1, 1]], "labels": ["cat"]}]))
    {'cat': 1}
    """
    total, boxes = Counter(), kind_of(y) is BoxAnswers
    for answer in y:
        labels = np.asarray(answer["labels"] if boxes else answer)
        values, counts = np.unique(labels, return_counts=True)
        total.update(dict(zip(values.tolist(), counts.tolist())))
    return total
