"""Least confidence sampling: how far is the best class from certain?"""

from skactive.uncertainty._aggregate import UncertaintyStrategy
from skactive.utils import check_probabilities


def least_confidence(proba):
    """Return one minus the highest probability of each row.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_classes)
        Class probabilities; each row sums to 1.

    Returns
    -------
    scores : ndarray of float32 or float64 of shape (n_samples,)
        Between 0 (certain) and ``1 - 1 / n_classes`` (all classes alike), in the
        dtype of ``proba``.

    Raises
    ------
    ValueError
        If a row is no distribution; the message names the first.

    Notes
    -----
    O(n_samples * n_classes) time, no temporary array of that size.

    References
    ----------
    .. [1] D. D. Lewis and W. A. Gale. A sequential algorithm for training text
       classifiers. SIGIR 1994.

    Examples
    --------
    >>> from skactive.uncertainty import least_confidence
    >>> least_confidence([[0.6, 0.3, 0.1], [1.0, 0.0, 0.0]])
    array([0.4, 0. ])
    """
    return 1 - check_probabilities(proba).max(axis=1)


class LeastConfidenceSampling(UncertaintyStrategy):
    """Ask for samples whose most probable class is the least probable.

    The score is :func:`least_confidence`, one minus the highest class probability:
    the model's own estimate of its error on the sample.

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
    MarginSampling : Looks at the second class, too.
    EntropySampling : Weighs all classes.

    Notes
    -----
    Cost: one fit, one ``predict_proba`` on the pool, O(n_pool * n_classes) besides.
    Memory: ``16 * n_pool * (n_classes + 1)`` bytes, half of them what a model answers
    in double precision.

    It loses to random sampling when the model has too few labels to judge its own
    uncertainty, when batches are large and the pool is full of near duplicates, which
    have the same score, and when labels are noisy near the border. A badly calibrated
    net is confident everywhere, and its ties are decided by chance.

    References
    ----------
    .. [1] D. D. Lewis and W. A. Gale. A sequential algorithm for training text
       classifiers. SIGIR 1994.
    .. [2] B. Settles. Active learning literature survey. University of
       Wisconsin-Madison, TR 1648, 2009.

    Examples
    --------
    >>> from skactive.uncertainty import LeastConfidenceSampling
    >>> strategy = LeastConfidenceSampling()
    >>> strategy.fit([[0.0], [4.0]], [0, 1], [[0.5], [2.1], [3.0]]).query(2)
    array([1, 2])
    """

    def score_samples(self, X):
        """Return :func:`least_confidence` of the model's class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Between 0 and 1; higher is more worth a label.
        """
        return self._scores(X, least_confidence)

    def _measure(self, proba):
        return 1 - proba.max(axis=1)
