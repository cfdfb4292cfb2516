"""How far samples lie from what is known: distances to classes, energies, ranks."""

import numpy as np
from scipy.special import logsumexp
from sklearn.covariance import ledoit_wolf_shrinkage
from sklearn.metrics import euclidean_distances

#: Scores whose difference is below this many rounding units of the largest are equal.
ROUNDING = 64

#: Rows whose distances are worked out together.
BLOCK_ROWS = 4096


class ClassDistances:
    """Mahalanobis distances to the nearest class mean, with one covariance for all.

    The covariance is that of samples about their class means, shrunk toward a ball as
    Ledoit and Wolf have it [1]_. It is kept as its directions, at most as many as there
    are samples, and what is left over. A class with one sample has it for its mean, and
    adds nothing to the covariance; if no class has two, or there are no classes, all
    samples are one group.

    Parameters
    ----------
    Z : ndarray or CSR matrix of shape (n_rows, n_columns)
        Samples.
    y : array-like of shape (n_rows,) or None, default=None
        Their classes.

    References
    ----------
    .. [1] O. Ledoit and M. Wolf. "A well-conditioned estimator for large-dimensional
       covariance matrices." Journal of Multivariate Analysis 88 (2004).

    Examples
    --------
    Two classes, each with the variance 1 along the first axis and 4 along the second,
    and enough samples that nothing is shrunk to speak of:

    >>> import numpy as np
    >>> from skactive.utils._outliers import ClassDistances
    >>> some = np.array([[1.0, 2.0], [-1.0, 2.0], [1.0, -2.0], [-1.0, -2.0]] * 10_000)
    >>> Z, y = np.vstack([some, some + 100]), np.repeat([0, 1], 40_000)
    >>> ClassDistances(Z, y).of(np.array([[3.0, 0.0], [100.0, 106.0]])).round(2)
    array([3., 3.])
    """

    def __init__(self, Z, y=None):
        classes = np.zeros(Z.shape[0], dtype=int)
        if y is not None:
            classes = np.unique(y, return_inverse=True)[1].ravel()
        counts = np.bincount(classes)
        if counts.max() < 2:
            classes, counts = np.zeros_like(classes), np.array([len(classes)])
        means = [_mean(Z[classes == c]) for c in range(len(counts))]
        self.means = np.asarray(means, dtype=Z.dtype)
        many = np.flatnonzero(counts[classes] > 1)
        rest = np.zeros((1, Z.shape[1])) if len(many) == 0 else _dense(Z[many])
        if len(many):
            rest = rest - self.means[classes[many]]
        self._keep_covariance(rest)

    def _keep_covariance(self, rest):
        """Keep the directions of the shrunk covariance of centered rows."""
        n, d = rest.shape
        if n > d:
            variances, directions = np.linalg.eigh(rest.T @ rest / n)
            self.directions = directions.T
        else:
            _, lengths, self.directions = np.linalg.svd(rest, full_matrices=False)
            variances = lengths**2 / n
        ball = max(0, variances.sum() / d)
        share = ledoit_wolf_shrinkage(rest, assume_centered=True) if ball > 0 else 1.0
        if ball == 0:  # all samples of a class are the same: plain distances
            ball = 1.0
        # Where nothing was shrunk, what varies in no sample still has a distance.
        tiny = np.finfo(self.means.dtype).eps * ball
        self.left_over = max(share * ball, tiny)
        self.variances = np.maximum((1 - share) * variances + share * ball, tiny)

    def of(self, Z):
        """Return the distance of each row of ``Z`` to its nearest class mean."""
        nearest = np.empty(Z.shape[0])
        for start in range(0, Z.shape[0], BLOCK_ROWS):
            block = Z[start : start + BLOCK_ROWS]
            sq = euclidean_distances(block, self.means, squared=True)
            along, center = block @ self.directions.T, self.means @ self.directions.T
            for c in range(len(self.means)):
                moved = (along - center[c]) ** 2
                off = np.maximum(sq[:, c] - moved.sum(axis=1), 0) / self.left_over
                sq[:, c] = (moved / self.variances).sum(axis=1) + off
            nearest[start : start + BLOCK_ROWS] = np.sqrt(sq.min(axis=1))
        return nearest


def energy(logits):
    """Return minus the log of the sum of exponentials of logits: high for strangers.

    Parameters
    ----------
    logits : ndarray of shape (n_samples, n_classes) or (n_samples,)
        One number for two classes, the second minus the first, stands for half of it
        and minus half of it, so that neither class is the stranger one.

    Returns
    -------
    energy : ndarray of shape (n_samples,)
        Higher where the model has seen less of the kind [1]_.

    References
    ----------
    .. [1] W. Liu, X. Wang, J. D. Owens and Y. Li. "Energy-based Out-of-distribution
       Detection." NeurIPS 2020. arXiv:2010.03759.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._outliers import energy
    >>> energy(np.array([[0.0, 0.0], [3.0, 0.0]])).round(4).tolist()
    [-0.6931, -3.0486]
    >>> energy(np.array([0.0, 4.0, -4.0])).round(4).tolist()
    [-0.6931, -2.0181, -2.0181]
    """
    logits = np.asarray(logits, dtype=np.float64)
    if logits.ndim == 1:
        logits = np.column_stack([-logits / 2, logits / 2])
    return 0 - logsumexp(logits, axis=1)


def shares_below(values, reference):
    """Return which share of others each value exceeds; equal ones count half.

    It rises without steps: between two of the others in proportion, and what is beyond
    all of them counts as the last. So values that differ by rounding, as those of a
    model asked about another block, have ranks that differ by as little.

    Parameters
    ----------
    values : array-like of shape (n_values,)
        Numbers.
    reference : array-like of shape (n_others,)
        The others.

    Returns
    -------
    shares : ndarray of float64 of shape (n_values,)
        From 0 to 1.

    Examples
    --------
    >>> from skactive.utils._outliers import shares_below
    >>> shares_below([1.0, 3.0, 5.0, 9.0, 99.0], [1.0, 5.0, 5.0, 9.0]).tolist()
    [0.125, 0.3125, 0.5, 0.875, 0.875]
    """
    others = np.sort(reference)
    dtype = others.dtype if others.dtype.kind == "f" else np.float64
    near = ROUNDING * np.finfo(dtype).eps * np.abs(others).max()
    starts = np.flatnonzero(np.r_[True, np.diff(others) > near])
    stops = np.r_[starts[1:], len(others)]
    ends = np.column_stack([others[starts], others[stops - 1]]).ravel()
    ranks = np.repeat((starts + stops) / (2 * len(others)), 2)
    return np.interp(values, ends, ranks)


def _mean(Z):
    return np.asarray(Z.mean(axis=0), dtype=np.float64).ravel()


def _dense(Z):
    return Z.toarray() if hasattr(Z, "toarray") else np.asarray(Z)
