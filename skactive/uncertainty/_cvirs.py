"""CVIRS: doubtful in many labels, and predicted with a set unlike those seen."""

import numpy as np
from scipy.stats import rankdata

from skactive.base import ModelStrategy
from skactive.selection import top_n
from skactive.utils._label_probabilities import (
    LabelSetsMixin,
    check_label_probabilities,
    check_label_sets,
    indicators,
    label_margins,
)
from skactive.utils._pool import reads_pools

#: Pairs of different label sets that are compared at once, some megabytes of them.
PAIRS = 2**17


def rank_aggregated_margins(proba):
    """Return how doubtful samples are beside each other, by their ranks in each label.

    For each label, samples are ranked by ``|2 p - 1|``, the most doubtful first, ties
    by the mean of their ranks. The score of a sample is the mean over the labels of the
    share of the others that come behind it.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_labels)
        The probability that a sample has a label; a row need not sum to 1.

    Returns
    -------
    scores : ndarray of float64 of shape (n_samples,)
        Between 0 and 1 (the most doubtful in each label); 0 of a sample alone.

    Raises
    ------
    ValueError
        If a number is no probability; the message names the first row.

    Notes
    -----
    O(n_samples * n_labels * log(n_samples)) time.

    References
    ----------
    .. [1] O. Reyes, C. Morell and S. Ventura. Effective active learning strategy for
       multi-label learning. Neurocomputing 273, 2018.

    Examples
    --------
    >>> from skactive.uncertainty import rank_aggregated_margins
    >>> rank_aggregated_margins([[0.9, 0.2], [0.5, 0.5], [0.6, 0.9]])
    array([0.25, 1.  , 0.25])
    """
    proba = check_label_probabilities(proba)
    n_samples, n_labels = proba.shape
    behind = np.zeros(n_samples)
    for column in proba.T:
        behind += n_samples - rankdata(np.abs(label_margins(column)))
    return behind / (n_labels * max(n_samples - 1, 1))


def category_vector_inconsistency(predicted, labeled):
    """Return how unlike the sets of labels that were seen those are that are predicted.

    Two sets are as far from each other as the entropies of their indicators, counted
    over the labels, have nothing in common: ``(2 H(a, b) - H(a) - H(b)) / H(a, b)``, 0
    where nothing varies, and 1 for a set and its complement. The score of a set is its
    mean distance to the labeled ones.

    Parameters
    ----------
    predicted : array-like of shape (n_samples, n_labels)
        1 where a label is predicted, 0 where not.
    labeled : array-like of shape (n_labeled, n_labels)
        The same of samples whose labels are known.

    Returns
    -------
    scores : ndarray of float64 of shape (n_samples,)
        Between 0 and 1.

    Raises
    ------
    ValueError
        If an entry is neither 0 nor 1, or if widths differ.

    Notes
    -----
    Equal sets are compared once: O(p * q * n_labels) time for p different sets on the
    one side and q on the other, and a few megabytes.

    References
    ----------
    .. [1] O. Reyes, C. Morell and S. Ventura. Effective active learning strategy for
       multi-label learning. Neurocomputing 273, 2018.

    Examples
    --------
    >>> from skactive.uncertainty import category_vector_inconsistency
    >>> category_vector_inconsistency([[1, 0, 1], [0, 1, 0]], [[1, 0, 1]])
    array([0., 1.])
    """
    predicted, labeled = (check_label_sets(np.asarray(s)) for s in (predicted, labeled))
    shapes = predicted.shape, labeled.shape
    if any(len(shape) != 2 for shape in shapes) or shapes[0][1] != shapes[1][1]:
        raise ValueError(
            "predicted and labeled must have one column for each of the same labels, "
            f"got the shapes {shapes[0]} and {shapes[1]}."
        )
    sets, which, _ = _distinct(predicted)
    seen, _, counts = _distinct(labeled)
    share = counts / counts.sum()
    size = max(PAIRS // len(seen), 1)
    mean = [
        _entropy_distances(sets[start : start + size], seen) @ share
        for start in range(0, len(sets), size)
    ]
    return np.concatenate(mean)[which] if mean else np.empty(0)


def _distinct(sets):
    """Return distinct rows of zeros and ones, which each row is, and how often."""
    packed = np.packbits(sets.astype(bool), axis=1)
    _, first, which, counts = np.unique(
        packed, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    return sets[first].astype(np.float64), which.reshape(-1), counts


def _entropy_distances(a, b):
    """Return the entropy distance of each row of one matrix to each of another."""
    n_labels = a.shape[1]
    share = np.arange(n_labels + 1) / n_labels
    term = -share * np.log(np.maximum(share, np.finfo(float).tiny))
    in_a, in_b = (sets.sum(axis=1).astype(np.intp) for sets in (a, b))
    both = (a @ b.T).astype(np.intp)
    only_a, only_b = in_a[:, None] - both, in_b[None, :] - both
    joint = term[both] + term[only_a] + term[only_b]
    joint += term[n_labels - both - only_a - only_b]
    alone_a, alone_b = (term[k] + term[n_labels - k] for k in (in_a, in_b))
    apart = 2 * joint - alone_a[:, None] - alone_b[None, :]
    distance = np.divide(apart, joint, out=np.zeros_like(apart), where=joint > 0)
    distance[only_a + only_b == n_labels] = 1
    return np.clip(distance, 0, 1)


class CVIRS(LabelSetsMixin, ModelStrategy):
    """Ask for samples doubtful in many labels, with a set of them unlike those seen.

    "Category vector inconsistency and ranking of scores": the product of
    :func:`rank_aggregated_margins` and :func:`category_vector_inconsistency`.

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
    BinMin : Looks at the most doubtful label alone.

    Notes
    -----
    Ranks are those among all samples of the pool, so that no sample has a score of its
    own: there is no ``score_samples``, and strategies made of scores do not take it.

    Cost: one fit, one ``predict_proba`` on the pool, and O(n_pool * n_labels *
    log(n_pool)) besides; sets of labels that occur more than once are compared once.
    Memory: ``16 * n_pool * (n_labels + 5)`` bytes, and blocks of 8 MB.

    It loses to random sampling while the model predicts sets that mean little, with few
    samples of each label: with 20 to 100 labeled samples it was worse than random on
    pictures of digits with two models, and better on nothing
    (:ref:`label_set_sampling`). Samples for which no label is predicted are unlike all
    that have some, and are asked for. With one label its order is not that of a margin.

    References
    ----------
    .. [1] O. Reyes, C. Morell and S. Ventura. Effective active learning strategy for
       multi-label learning. Neurocomputing 273, 2018.

    Examples
    --------
    >>> from skactive.uncertainty import CVIRS
    >>> X, y = [[0.0, 0.0], [4.0, 4.0]], [[0, 1], [1, 1]]
    >>> X_pool = [[0.5, 0.0], [2.1, 2.0], [3.0, 3.5]]
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> CVIRS(RandomForestClassifier(20), random_state=0).fit(X, y, X_pool).query(1)
    array([1])
    """

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        self._sets = indicators(y, self.estimator_)

    def _query(self, n):
        proba = self._pool_label_probabilities()
        scores = rank_aggregated_margins(proba)
        scores *= category_vector_inconsistency(proba > 0.5, self._sets)
        return top_n(scores, n, random_state=self._query_random_state())
