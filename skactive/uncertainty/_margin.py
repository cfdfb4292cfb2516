"""Margin sampling: how close is the second class to the first?"""

import numpy as np

from skactive.uncertainty._aggregate import UncertaintyStrategy
from skactive.utils import check_probabilities


def margin(proba):
    """Return how close the two most probable classes are: ``1 - (p1 - p2)``.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_classes)
        Class probabilities; each row sums to 1.

    Returns
    -------
    scores : ndarray of float32 or float64 of shape (n_samples,)
        Between 0 (certain) and 1 (the two best classes tie), in the dtype of
        ``proba``. All 0 if there is one class only.

    Raises
    ------
    ValueError
        If a row is no distribution; the message names the first.

    Notes
    -----
    O(n_samples * n_classes) time and one temporary array of that size.

    References
    ----------
    .. [1] T. Scheffer, C. Decomain and S. Wrobel. Active hidden Markov models for
       information extraction. IDA 2001.

    Examples
    --------
    >>> from skactive.uncertainty import margin
    >>> margin([[0.6, 0.3, 0.1], [1.0, 0.0, 0.0]])
    array([0.7, 0. ])
    """
    proba = check_probabilities(proba)
    if proba.shape[1] == 1:
        return np.zeros(len(proba), dtype=proba.dtype)
    second, first = np.partition(proba, -2, axis=1)[:, -2:].T
    return 1 - (first - second)


class MarginSampling(UncertaintyStrategy):
    """Ask for samples whose two most probable classes are nearly tied.

    The score is :func:`margin`, one minus the difference between the two highest
    class probabilities. Of the three measures of uncertainty it is the safest first
    choice: unlike entropy it is not moved by many classes of small probability.

    Parameters
    ----------
    estimator : classifier, default=None
        A classifier with ``predict_proba``; a pipeline may hold the preprocessing.
        None: ``LogisticRegression()``, or the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    aggregate : {"mean", "sum", "max"}, float, callable or None, default=None
        Of models that predict masks or boxes: how the uncertainties of pixels or boxes
        become one score per image. A float up to 1: the mean of this share of them, the
        largest. A callable is given those of one image. None: "mean" for masks, since a
        sum ranks by size, "sum" for boxes.
    class_weight : "sqrt", array-like of shape (n_classes,) or None, default=None
        Weights of pixels or boxes by their predicted class, for "mean" and "sum".
        "sqrt": one over the root of the share of each class among the labeled pixels
        or boxes, 1 on average; a class without any weighs as the heaviest of the
        others.
    empty : {"lowest", "median", "highest"}, default="median"
        Where an image ranks in which no box is found, or nothing that has a weight:
        with the lowest, the median or the highest score of those scored together.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, and the order of ties.

    Attributes
    ----------
    estimator_ : classifier
        The fitted model.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    EntropySampling : Weighs all classes, not the two best.
    LeastConfidenceSampling : Looks at the best class alone.

    Notes
    -----
    Cost: one fit, one ``predict_proba`` on the pool, O(n_pool * n_classes) besides.
    Memory: ``16 * n_pool * (n_classes + 1)`` bytes, half of them what a model answers
    in double precision.

    It loses to random sampling when the model has too few labels to judge its own
    uncertainty, when batches are large and the pool is full of near duplicates, which
    have the same score, and when labels are noisy near the border, where it asks most.
    Combine it with a choice that spreads out, or draw the batch at random from a larger
    group of high scores.

    References
    ----------
    .. [1] T. Scheffer, C. Decomain and S. Wrobel. Active hidden Markov models for
       information extraction. IDA 2001.
    .. [2] B. Settles. Active learning literature survey. University of
       Wisconsin-Madison, TR 1648, 2009.

    Examples
    --------
    >>> from skactive.uncertainty import MarginSampling
    >>> strategy = MarginSampling().fit([[0.0], [4.0]], [0, 1], [[0.5], [2.1], [3.0]])
    >>> strategy.query(2)
    array([1, 2])
    """

    def score_samples(self, X):
        """Return :func:`margin` of the model's class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Between 0 and 1; higher is more worth a label.
        """
        return self._scores(X, margin)

    def _measure(self, proba):
        if proba.shape[1] == 1:
            return np.zeros_like(proba[:, 0])
        best = proba[:, 0].copy()
        second = np.full_like(best, -np.inf)
        for c in range(1, proba.shape[1]):  # faster than a partition of each unit
            np.maximum(second, np.minimum(best, proba[:, c]), out=second)
            np.maximum(best, proba[:, c], out=best)
        return 1 - (best - second)
