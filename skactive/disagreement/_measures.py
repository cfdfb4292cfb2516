"""How much the members of a committee differ: pure functions of predictions."""

import numpy as np

from skactive.utils import check_probabilities, shannon_entropy
from skactive.utils._posterior import member_deviations


def vote_entropy(proba):
    """Return the entropy of the votes, each member voting for its best class.

    Parameters
    ----------
    proba : array-like of shape (n_members, n_samples, n_classes)
        Class probabilities of each member. A member whose best classes tie votes for
        the first of them, as ``predict`` does.

    Returns
    -------
    scores : ndarray of float32 or float64 of shape (n_samples,)
        In nats, between 0 (unanimous) and ``log(min(n_members, n_classes))``, by
        which the paper divides: the order is the same.

    Raises
    ------
    ValueError
        If a row is no distribution; the message names the member and the sample.

    Notes
    -----
    O(n_members * n_samples * n_classes) time. There are few different values, hence
    many ties.

    References
    ----------
    .. [1] I. Dagan and S. P. Engelson. Committee-based sampling for training
       probabilistic classifiers. ICML 1995.

    Examples
    --------
    Two of three members vote for the first class, then all three:

    >>> from skactive.disagreement import vote_entropy
    >>> proba = [[[0.9, 0.1], [0.6, 0.4]], [[0.8, 0.2], [0.7, 0.3]], [[0, 1], [1, 0]]]
    >>> vote_entropy(proba).round(6)
    array([0.636514, 0.      ])
    """
    proba = check_probabilities(proba, ndim=3)
    votes = np.zeros(proba.shape[1:], dtype=proba.dtype)
    rows = np.arange(len(votes))
    for member in proba:
        votes[rows, member.argmax(axis=1)] += 1
    votes /= len(proba)
    # The order of summation must not tell 2:1:0 votes from 0:1:2.
    votes.sort(axis=1)
    return shannon_entropy(votes)


def consensus_entropy(proba):
    """Return the entropy of the mean of the members' probabilities.

    High where the members differ and also where they agree that they do not know:
    the entropy that :class:`~skactive.uncertainty.EntropySampling` would see in the
    ensemble as one model.

    Parameters
    ----------
    proba : array-like of shape (n_members, n_samples, n_classes)
        Class probabilities of each member.

    Returns
    -------
    scores : ndarray of float32 or float64 of shape (n_samples,)
        In nats, between 0 and ``log(n_classes)``.

    Raises
    ------
    ValueError
        If a row is no distribution; the message names the member and the sample.

    Notes
    -----
    O(n_members * n_samples * n_classes) time.

    References
    ----------
    .. [1] B. Settles. Active learning literature survey. University of
       Wisconsin-Madison, TR 1648, 2009.

    Examples
    --------
    >>> from skactive.disagreement import consensus_entropy
    >>> consensus_entropy([[[0.9, 0.1], [0.5, 0.5]], [[0.1, 0.9], [0.5, 0.5]]])
    array([0.69314718, 0.69314718])
    """
    proba = check_probabilities(proba, ndim=3)
    return shannon_entropy(proba.mean(axis=0))


def kl_to_consensus(proba):
    """Return the mean Kullback-Leibler divergence of the members to their mean.

    It equals the entropy of the mean minus the mean of the entropies, that is, the
    mutual information of the label and the choice of a member (BALD): high where the
    members differ, and zero where they agree that they do not know.

    Parameters
    ----------
    proba : array-like of shape (n_members, n_samples, n_classes)
        Class probabilities of each member.

    Returns
    -------
    scores : ndarray of float32 or float64 of shape (n_samples,)
        In nats, between 0 and ``log(min(n_members, n_classes))``. Negative rounding
        errors are set to 0.

    Raises
    ------
    ValueError
        If a row is no distribution; the message names the member and the sample.

    Notes
    -----
    O(n_members * n_samples * n_classes) time.

    References
    ----------
    .. [1] A. K. McCallum and K. Nigam. Employing EM and pool-based active learning
       for text classification. ICML 1998.
    .. [2] N. Houlsby, F. Huszar, Z. Ghahramani and M. Lengyel. Bayesian active
       learning for classification and preference learning. arXiv:1112.5745, 2011.

    Examples
    --------
    >>> from skactive.disagreement import kl_to_consensus
    >>> proba = [[[0.9, 0.1], [0.5, 0.5]], [[0.1, 0.9], [0.5, 0.5]]]
    >>> kl_to_consensus(proba).round(6)
    array([0.368064, 0.      ])
    """
    proba = check_probabilities(proba, ndim=3)
    scores = shannon_entropy(proba.mean(axis=0))
    for member in proba:
        scores -= shannon_entropy(member) / len(proba)
    return np.maximum(scores, 0)


def prediction_variance(predictions):
    """Return the variance of the members' predictions.

    Parameters
    ----------
    predictions : array-like of shape (n_members, n_samples) or \
            (n_members, n_samples, n_outputs)
        Numbers that each member predicts. Class probabilities may be taken as well,
        as outputs.

    Returns
    -------
    scores : ndarray of float64 of shape (n_samples,)
        In squared units of the predictions, at least 0; of several outputs, the sum.
        It is the mean squared distance to the mean (``ddof=0``). Members that differ
        by rounding alone have the variance 0.

    Raises
    ------
    ValueError
        If the shape is another, or a number is NaN or infinite.

    Notes
    -----
    O(n_members * n_samples * n_outputs) time. For errors of one size everywhere it
    ranks samples as the information of a label about the members does, which is
    :class:`BALD` for numbers.

    References
    ----------
    .. [1] R. Burbidge, J. J. Rowland and R. D. King. Active learning for regression
       based on query by committee. IDEAL 2007.

    Examples
    --------
    Three members differ about the first sample, and agree on the second:

    >>> from skactive.disagreement import prediction_variance
    >>> prediction_variance([[1.0, 5.0], [2.0, 5.0], [6.0, 5.0]]).round(6)
    array([4.666667, 0.      ])
    """
    answers = np.asarray(predictions)
    if answers.dtype.kind not in "biuf" or answers.ndim not in (2, 3):
        raise ValueError(
            "predictions must be numbers of shape (n_members, n_samples) or "
            f"(n_members, n_samples, n_outputs); got {answers.dtype} of shape "
            f"{answers.shape}."
        )
    if not np.isfinite(answers).all():
        raise ValueError("predictions must be finite; some are NaN or infinite.")
    Z = member_deviations(answers)
    return np.einsum("ij,ij->i", Z, Z)
