"""QUIRE in closed form: which label would leave the least doubt, at worst?"""

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from skactive.base import EmbeddingStrategy
from skactive.selection import top_n
from skactive.selection._distances import BLOCK_BYTES, Rows, pairwise_sq
from skactive.selection._gaussian import check_gamma, gaussian_kernel, total_variance
from skactive.utils._constraints import number
from skactive.utils._models import ClassesOnlyMixin, warn_above_two
from skactive.utils._pool import reads_pools


class QUIRE(ClassesOnlyMixin, EmbeddingStrategy):
    """Ask by the loss of a kernel model; above two classes it loses to random.

    The model is kernel ridge regression on one target of -1 or 1 per class. For each
    sample its least favorable label is assumed, and for all others of the pool the most
    favorable; the sample with the smallest loss that then remains is asked for [1]_.

    Parameters
    ----------
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space of the kernel; "estimator" is the model of the
        learner. None takes the features as they are, images flattened.
    gamma : float or None, default=None
        The kernel is ``exp(-gamma * squared distance)``. None: one over the sum of the
        variances of the columns, over at most 5000 samples of the pool.
    alpha : float, default=1.0
        Regularization of the kernel machine, above 0.
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding, with all its parts, and the order of ties.

    Attributes
    ----------
    embedding_ : transformer or None
        The fitted embedding.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    gamma_ : float
        The width that was used; 1 without a pool.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Warns
    -----
    UnsuitedWarning
        From ``fit``, if there are more than two classes.

    See Also
    --------
    MarginSampling : Asks the learner's own model.

    Notes
    -----
    With m the mean and v the variance, noise included, of the Gaussian process that
    belongs to the kernel machine, and g the loss on what is labeled, the loss is
    ``g + (1 - m)**2 / v``, the largest over the classes; with two classes ``1 + |m|``
    stands for ``1 - m``. The published criterion inverts a matrix of the whole pool for
    each sample and comes to the same number: **it does not depend on the rest of the
    pool**. It is called "informative and representative", and is a trade of small
    ``|m|`` for large v.

    The paper asks for one sample at a time. Here each further one of a batch is asked
    for as if those before had the labels that the kernel machine predicts.

    The paper is about two classes, and ``fit`` warns if there are more.

    It loses to random sampling with more than two classes (:ref:`defaults`; on digits
    far: :ref:`quire`), and where a kernel on the features says little, as with useless
    columns or unequal units; and it asks for outliers where v differs more than m.

    Cost: for L labeled samples, a pool of N and a query of n,
    ``O(L**3 + N L (d + L) + N n (d + L + n))``. Memory: ``itemsize * N * (L + n)``
    bytes, ``16 * N * n_classes + 24 * L**2`` more, and blocks of a few megabytes. CSR
    is taken; for `gamma` 5000 of its rows are copied. Features that differ by so little
    that their squares underflow, as at 1e-20 in float32, are refused.

    References
    ----------
    .. [1] S.-J. Huang, R. Jin and Z.-H. Zhou. "Active Learning by Querying Informative
       and Representative Examples." NIPS 2010.

    Examples
    --------
    >>> from skactive.uncertainty import QUIRE
    >>> X, y = [[0.0], [5.0]], ["cat", "dog"]
    >>> QUIRE(gamma=0.5).fit(X, y, [[0.5], [2.0], [3.5]]).query(1)
    array([1])
    """

    _parameter_constraints = {
        **EmbeddingStrategy._parameter_constraints,
        "gamma": [number(0), None],
        "alpha": [number(0)],
    }

    def __init__(self, embedding=None, *, gamma=None, alpha=1.0, random_state=None):
        super().__init__(embedding, random_state=random_state)
        self.gamma = gamma
        self.alpha = alpha

    @reads_pools
    def _fit(self, X, y, X_pool):
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        super()._fit(X, y, X_pool)
        self.classes_, codes = np.unique(y, return_inverse=True)
        warn_above_two(self)
        self._targets = signs(codes, len(self.classes_))
        Z, self.gamma_ = self._Z_pool, self.gamma
        if self.gamma is None:
            self.gamma_ = 1.0 if Z is None else kernel_width(Z)
        if Z is not None:
            check_gamma(self.gamma_, Z.dtype)

    def _select(self, Z, n, *, Z_labeled, random_state):
        ridge = PoolRidge(Z, Z_labeled, self._targets, self.gamma_, self.alpha, n)
        picks = []
        while len(picks) < n:
            gain = -ridge.losses()
            gain[picks] = -np.inf
            picks.append(top_n(gain, 1, random_state=random_state)[0])
            if len(picks) < n:
                ridge.learn_own_prediction(picks[-1])
        return np.array(picks, dtype=np.intp)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


class PoolRidge:
    """Kernel ridge regression as the pool sees it: means, variances, and the loss.

    `factors` is the pool's part of the Cholesky factor of the kernel on labeled samples
    and pool, so that ``k(x, z) - factors(x) . factors(z)`` is what remains of the
    kernel when the labels are known; each new label is one column more.
    """

    def __init__(self, Z, Z_labeled, targets, gamma, alpha, n_more):
        self.rows, self.gamma = Rows(Z, "euclidean"), gamma
        known = Rows(Z_labeled, "euclidean", like=self.rows, name="X")
        n_known = len(known)
        K = np.empty((n_known, n_known))
        for part in known.parts():
            K[:, part] = self._kernel(known, part, known, np.arange(n_known))
        K[np.diag_indices(n_known)] = 1 + alpha
        factor = cholesky(K, lower=True)
        seen = solve_triangular(factor, targets, lower=True)
        self.loss = np.einsum("lc,lc->c", seen, seen)
        self.n_known = n_known
        self.factors = np.empty((len(self.rows), n_known + n_more), dtype=Z.dtype)
        self.mean = np.empty((len(self.rows), targets.shape[1]))
        self.variance = np.empty(len(self.rows))
        factor = factor.astype(Z.dtype)
        step = max(16, min(self.rows.block_rows, BLOCK_BYTES // (8 * n_known)))
        for start in range(0, len(self.rows), step):
            part = slice(start, min(start + step, len(self.rows)))
            block = self._kernel(self.rows, part, known, np.arange(n_known))
            block = solve_triangular(factor, block, lower=True, check_finite=False)
            self.factors[part, :n_known] = block.T
            self.mean[part] = block.T @ seen
            self.variance[part] = 1 + alpha - np.einsum("ln,ln->n", block, block)
        self.alpha = alpha

    def losses(self):
        """Loss that remains with the least favorable label of each row."""
        worst = (1 - self.mean) ** 2 / self.variance[:, None] + self.loss
        return worst.max(axis=1)

    def learn_own_prediction(self, row):
        """Continue as if `row` were labeled with the class that is predicted."""
        column = np.empty(len(self.rows))
        for part in self.rows.parts():
            column[part] = self._kernel(self.rows, part, self.rows, [row])[0]
        k = self.n_known
        column -= self.factors[:, :k] @ self.factors[row, :k]
        column /= np.sqrt(self.variance[row])
        error = signs([self.mean[row].argmax()], self.mean.shape[1])[0]
        error = (error - self.mean[row]) / np.sqrt(self.variance[row])
        self.factors[:, k] = column
        self.n_known += 1
        self.loss += error**2
        self.mean += column[:, None] * error
        # A variance is never below the noise, whatever rounding says.
        self.variance = np.maximum(self.variance - column**2, self.alpha)

    def _kernel(self, rows, part, others, at):
        sq = pairwise_sq(rows.take(part), rows.sq[part], others.take(at), others.sq[at])
        return gaussian_kernel(sq, self.gamma)


def signs(codes, n_classes):
    """Targets of -1 and 1, a column for each class; for one class also its opposite."""
    targets = np.full((len(codes), max(n_classes, 2)), -1.0)
    targets[np.arange(len(codes)), codes] = 1
    return targets


def kernel_width(Z):
    """One over the sum of the variances of the columns; 1 if all rows are alike."""
    spread = total_variance(Z)
    return 1 / spread if spread > 0 else 1.0
