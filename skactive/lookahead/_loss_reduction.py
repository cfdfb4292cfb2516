"""Ask where a set of labels would take most of the model's loss away."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from skactive.base import ScoreStrategy
from skactive.utils._label_probabilities import (
    LabelSetsMixin,
    check_label_probabilities,
    indicators,
    label_margins,
)
from skactive.utils._pool import reads_pools


def loss_reduction(proba, n_labels):
    """Return the loss of a model, were the most probable labels the right ones.

    The loss of a label is ``(1 - y f) / 2`` with ``f = 2 p - 1``, and y = 1 for the
    ``n_labels`` most probable labels of the sample, -1 for the others. It is summed.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_labels)
        The probability that a sample has a label; a row need not sum to 1.
    n_labels : array-like of int of shape (n_samples,)
        How many labels each sample has.

    Returns
    -------
    scores : ndarray of float32 or float64 of shape (n_samples,)
        Between 0 and the number of labels.

    Raises
    ------
    ValueError
        If a number is no probability, or if ``n_labels`` does not hold one number for
        each sample.

    Notes
    -----
    O(n_samples * L * log(L)) time for L labels.

    References
    ----------
    .. [1] B. Yang, J.-T. Sun, T. Wang and Z. Chen. Effective multi-label active
       learning for text classification. KDD 2009.

    Examples
    --------
    >>> from skactive.lookahead import loss_reduction
    >>> loss_reduction([[0.9, 0.35, 0.55], [0.9, 0.35, 0.55]], [1, 2]).round(6)
    array([1. , 0.9])
    """
    proba = check_label_probabilities(proba)
    n_labels = np.asarray(n_labels)
    if n_labels.shape != (len(proba),):
        raise ValueError(
            f"n_labels must hold one number for each of {len(proba)} samples, got an "
            f"array of shape {n_labels.shape}."
        )
    best = np.sort(label_margins(proba), axis=1)[:, ::-1]
    there = np.arange(best.shape[1]) < n_labels[:, None]
    return ((1 - np.where(there, best, -best)) / 2).sum(axis=1)


class MaximumLossReduction(LabelSetsMixin, ScoreStrategy):
    """Ask for samples whose probable set of labels contradicts the model most.

    "Maximal loss reduction with maximal confidence", MMC [1]_. A logistic regression
    predicts how many labels a sample has, from its probabilities in descending order,
    divided by their sum. If the most probable ones are what it has, this is what the
    model now loses: :func:`loss_reduction`.

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
    count_model_ : LogisticRegression or None
        What predicts the number of labels. None if all labeled samples have as many,
        and with one label.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    ExpectedErrorReduction : Looks at what a label does to the rest of the pool.
    skactive.uncertainty.LabelCardinalityInconsistency : Takes one number for all.

    Notes
    -----
    The paper predicts by support vector machines and takes their decision values for f;
    here f is made of probabilities, so that no loss is below 0 or above 1. With one
    label the number is the label, which the model itself predicts: the order is then
    that of :class:`~skactive.uncertainty.MarginSampling`. With one class for each
    sample it is that of :class:`~skactive.uncertainty.LeastConfidenceSampling`.

    It loses to random sampling where the number of labels cannot be learned. With few
    labels the regression predicts the same number nearly everywhere; a model that
    memorized its training samples, such as a forest of full trees, teaches it with
    probabilities that are surer than those of the pool. With 20 to 100 labeled samples
    it was worse than random with a forest on two sets of three, and better on none
    (:ref:`label_set_sampling`).

    Cost: one fit, one ``predict_proba`` on labeled samples and pool, and O(n_pool *
    n_labels * log(n_labels)) besides. Memory: ``40 * n_pool * n_labels`` bytes at most.

    References
    ----------
    .. [1] B. Yang, J.-T. Sun, T. Wang and Z. Chen. Effective multi-label active
       learning for text classification. KDD 2009.

    Examples
    --------
    >>> from skactive.lookahead import MaximumLossReduction
    >>> X, y = [[0.0, 0.0], [4.0, 4.0]], [[0, 1], [1, 0]]
    >>> X_pool = [[0.5, 0.0], [2.1, 2.0], [3.0, 3.5]]
    >>> MaximumLossReduction().fit(X, y, X_pool).query(1)
    array([1])
    """

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        sets = indicators(y, self.estimator_)
        counts = sets.sum(axis=1)
        self._usual, self.count_model_ = int(counts[0]), None
        if sets.shape[1] > 1 and counts.min() < counts.max():
            shares = _sorted_shares(self._label_probabilities(X))
            self.count_model_ = LogisticRegression(max_iter=1000).fit(shares, counts)

    def score_samples(self, X):
        """Return the loss that the predicted number of most probable labels has.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Between 0 and the number of labels; higher is more worth a label.
        """
        check_is_fitted(self, "estimator_")
        proba = check_label_probabilities(self._label_probabilities(X))
        return loss_reduction(proba, self._counts(proba))

    def _counts(self, proba):
        """Return the predicted number of labels of each sample."""
        if proba.shape[1] == 1:
            return (proba[:, 0] > 0.5).astype(np.intp)
        if self.count_model_ is None or len(proba) == 0:
            return np.full(len(proba), self._usual)
        return self.count_model_.predict(_sorted_shares(proba))


def _sorted_shares(proba):
    """Return probabilities in descending order, divided by their sum."""
    best = np.sort(proba, axis=1)[:, ::-1]
    total = best.sum(axis=1, keepdims=True)
    return np.divide(best, total, out=best, where=total > 0)
