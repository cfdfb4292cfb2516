"""Uncertainty of a prediction, from its variance and its largest probability."""

from numbers import Integral

import numpy as np

from skactive.utils import check_probabilities

# Below this the variance of a row is the rounding of a uniform one.
UNIFORM = 1e-12


def uncertainty_indicator(proba, *, ddof=0):
    """Return how uncertain class probabilities are, between 0 and 1.

    SRAAL's indicator [1]_ of a row with largest entry m: ``1 - m * min_var / var``,
    where ``var`` is the variance of the row and ``min_var`` the smallest variance that
    a row with that largest entry can have. With m fixed, it grows with a strong
    runner-up.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_classes)
        Class probabilities of two classes or more; rows sum to 1.
    ddof : {0, 1}, default=0
        1 divides ``var`` by n_classes - 1, and ``min_var`` still by n_classes, as
        released: a certain row then has 1 / n_classes instead of 0.

    Returns
    -------
    indicator : ndarray of float64 of shape (n_samples,)
        0 for a certain row, 1 for a uniform one.

    Raises
    ------
    ValueError
        If there is only one class, or rows are not probabilities.

    Notes
    -----
    O(n_samples * n_classes) time and memory. If all entries but the largest are equal,
    and always with two classes, it is 1 - m. With two classes it is therefore below
    0.5 except for a uniform row, where the ratio is 0 / 0 and 1 is returned.

    References
    ----------
    .. [1] B. Zhang, L. Li, S. Yang, S. Wang, Z.-J. Zha and Q. Huang. "State-Relabeling
       Adversarial Active Learning." CVPR 2020. arXiv:2004.04943.

    Examples
    --------
    The same largest entry, without and with a runner-up:

    >>> from skactive.deep import uncertainty_indicator
    >>> proba = [[1, 0, 0, 0], [0.7, 0.1, 0.1, 0.1], [0.7, 0.3, 0, 0]]
    >>> uncertainty_indicator(proba).round(3)
    array([0.   , 0.3  , 0.427])
    """
    if not isinstance(ddof, Integral) or ddof not in (0, 1):
        raise ValueError(f"ddof must be 0 or 1, got {ddof!r}.")
    proba = check_probabilities(proba).astype(np.float64)
    n_classes = proba.shape[1]
    if n_classes == 1:
        raise ValueError(
            "With one class every prediction is certain, and the indicator is not "
            "defined. Label samples of a second class first."
        )
    largest, mean = proba.max(axis=1), 1 / n_classes
    rest = (1 - largest) / (n_classes - 1)
    least = (largest - mean) ** 2 + (n_classes - 1) * (mean - rest) ** 2
    squares = ((proba - mean) ** 2).sum(axis=1)
    uniform = squares / n_classes < UNIFORM
    ratio = least / n_classes / np.where(uniform, 1, squares / (n_classes - ddof))
    return np.where(uniform, 1, 1 - np.clip(ratio, 0, 1) * largest)
