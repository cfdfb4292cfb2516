"""Binary minimum: how near to undecided is the most doubtful label?"""

import numpy as np

from skactive.base import ScoreStrategy
from skactive.utils._label_probabilities import (
    LabelSetsMixin,
    check_label_probabilities,
    label_margins,
)


def bin_min(proba):
    """Return how near the most doubtful label is to undecided: ``-min |2 p - 1|``.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_labels)
        The probability that a sample has a label; a row need not sum to 1.

    Returns
    -------
    scores : ndarray of float32 or float64 of shape (n_samples,)
        Between -1 (sure of every label) and 0 (one is as probable as not). The order is
        that of the highest entropy among the labels.

    Raises
    ------
    ValueError
        If a number is no probability; the message names the first row.

    Notes
    -----
    O(n_samples * n_labels) time and some temporary arrays of that size.

    References
    ----------
    .. [1] K. Brinker. On active learning in multi-label classification. In: From Data
       and Information Analysis to Knowledge Engineering, Springer 2006.

    Examples
    --------
    >>> from skactive.uncertainty import bin_min
    >>> bin_min([[0.9, 0.2, 0.6], [0.51, 0.99, 0.02]]).round(6)
    array([-0.2 , -0.02])
    """
    margins = label_margins(check_label_probabilities(proba))
    return 0 - np.abs(margins, out=margins).min(axis=1)  # 0 - 0 is not -0


def mean_label_entropy(proba):
    """Return the entropy in nats of each label, averaged over the labels.

    Of the mean of an ensemble, which is what a forest answers, it is the entropy of the
    ensemble as one model.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_labels)
        The probability that a sample has a label; a row need not sum to 1.

    Returns
    -------
    scores : ndarray of float32 or float64 of shape (n_samples,)
        Between 0 (sure of every label) and ``log(2)`` (each is as probable as not).

    Raises
    ------
    ValueError
        If a number is no probability; the message names the first row.

    Notes
    -----
    O(n_samples * n_labels) time and two temporary arrays of that size. There is no
    strategy of it, since it did not pay: measured in :ref:`label_set_sampling`.

    Examples
    --------
    >>> from skactive.uncertainty import mean_label_entropy
    >>> mean_label_entropy([[0.9, 0.2, 0.6], [0.5, 0.5, 0.1]]).round(6)
    array([0.499499, 0.570459])
    """
    proba = check_label_probabilities(proba)
    total = np.zeros(len(proba), dtype=proba.dtype)
    for side in (1 - proba, proba):
        log = np.log(np.maximum(side, np.finfo(proba.dtype).tiny))
        total += np.einsum("ij,ij->i", side, log)
    return 0 - total / proba.shape[1]


class BinMin(LabelSetsMixin, ScoreStrategy):
    """Ask for samples of which one label is nearly as probable as not.

    The score is :func:`bin_min`: one doubtful label is enough, however sure the model
    is of the others. With one label the order is that of :class:`MarginSampling`.

    Parameters
    ----------
    estimator : classifier, default=None
        A classifier of several labels with ``predict_proba``, such as
        ``OneVsRestClassifier(LogisticRegression())``, a forest or nearest neighbors. Of
        a classifier of one class for each sample, classes are labels of which each
        sample has one; of two classes, the second is the one label. None: the first of
        these, or the model of the :class:`~skactive.ActiveLearner` that the strategy
        serves. One that is already fitted comes wrapped in
        :class:`sklearn.frozen.FrozenEstimator`.
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
    LabelCardinalityInconsistency : Asks where too many or too few labels are predicted.
    CVIRS : Weighs the ranks of all labels.
    mean_label_entropy : The doubt about all labels, averaged.

    Notes
    -----
    Cost: one fit, one ``predict_proba`` on the pool, O(n_pool * n_labels) besides.
    Memory: ``32 * n_pool * n_labels`` bytes at most.

    It loses to random sampling where one label cannot be learned, which then decides
    alone what is asked. With 20 to 100 labeled samples it was no better than random,
    and no worse, on three sets with two models: :ref:`label_set_sampling`.

    References
    ----------
    .. [1] K. Brinker. On active learning in multi-label classification. In: From Data
       and Information Analysis to Knowledge Engineering, Springer 2006.

    Examples
    --------
    >>> from skactive.uncertainty import BinMin
    >>> X, y = [[0.0, 0.0], [4.0, 4.0]], [[0, 1], [1, 0]]
    >>> BinMin().fit(X, y, [[0.5, 0.0], [2.1, 2.0], [3.0, 3.5]]).query(2)
    array([1, 2])
    """

    def score_samples(self, X):
        """Return :func:`bin_min` of the model's probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Between -1 and 0; higher is more worth a label.
        """
        return bin_min(self._label_probabilities(X))
