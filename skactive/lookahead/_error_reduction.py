"""Ask for the label after which the expected error is least."""

import numpy as np
from scipy.special import xlogy
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from skactive._sklearn import StrOptions
from skactive.base import EmbeddingStrategy
from skactive.selection import top_n
from skactive.selection._distances import Rows, pairwise_sq
from skactive.selection._gaussian import check_gamma, gaussian_kernel, total_variance
from skactive.utils._constraints import number, whole
from skactive.utils._models import ClassesOnlyMixin, warn_above_two
from skactive.utils._pool import reads_pools

LOSSES = ("log", "zero_one")
# Bytes of one block of kernel values.
BLOCK_BYTES = 2**21


class ExpectedErrorReduction(ClassesOnlyMixin, EmbeddingStrategy):
    """Ask for what should leave the least error; on tables it loses to random.

    Each label that a sample may have is given to it in turn, the model learns it, and
    the error that the model then expects of itself on samples of the pool is weighed by
    the probability of that label [1]_. The model is the strategy's own: a class is as
    probable as its labeled samples are near, by a kernel. It learns a label by adding
    one number, so that nothing is trained again.

    Parameters
    ----------
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space of the kernel; "estimator" is the model of the
        learner. None takes the features as they are, images flattened.
    loss : {"log", "zero_one"}, default="log"
        The error: entropy of the prediction, or one minus its largest probability.
    gamma : float or None, default=None
        The kernel is ``exp(-gamma * squared distance)``. None: twice the number of
        labeled samples to the power of 2 / (d + 4), over the sum of the variances of
        the d columns, taken over at most 5000 samples of the pool.
    n_references : int, default=500
        The expected error is taken over this many samples of the pool, drawn at random.
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding, with all its parts, the references, and the order of ties.

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
    ExpectedModelChange : Asks the learner's own model, by one gradient.

    Notes
    -----
    What is computed is exactly what retraining this model on each sample with each
    label would give. For other models, such as a logistic regression, it is another
    criterion than the published one with that model.

    The batch is the n best samples by their own scores, without regard to each other:
    ask for few at a time. It loses to random sampling on tables, most with more
    than two classes (``fit`` warns; :ref:`defaults`), where near samples do not share
    labels, and where the kernel is too narrow for labels to reach their neighbors.

    Cost: with N in the pool, R references, C classes and L labeled samples,
    O(N R (d + C) + N L d). Memory: ``itemsize * N * C`` bytes, and blocks of a few
    megabytes. CSR is taken; for `gamma` 5000 of its rows are copied. Features that
    differ by so little that their squares underflow, as at 1e-20 in float32, are
    refused.

    References
    ----------
    .. [1] N. Roy and A. McCallum. "Toward Optimal Active Learning through Sampling
       Estimation of Error Reduction." ICML 2001.

    Examples
    --------
    Five samples lie between the labels, one lies alone:

    >>> from skactive.lookahead import ExpectedErrorReduction
    >>> X, y = [[0.0], [5.0]], ["cat", "dog"]
    >>> X_pool = [[2.4], [2.5], [2.5], [2.6], [2.7], [-4.0]]
    >>> strategy = ExpectedErrorReduction(gamma=0.5, random_state=0)
    >>> bool(strategy.fit(X, y, X_pool).query(1)[0] < 5)
    True
    """

    _parameter_constraints = {
        **EmbeddingStrategy._parameter_constraints,
        "loss": [StrOptions(set(LOSSES))],
        "gamma": [number(0), None],
        "n_references": [whole(1)],
    }

    def __init__(
        self,
        embedding=None,
        *,
        loss="log",
        gamma=None,
        n_references=500,
        random_state=None,
    ):
        super().__init__(embedding, random_state=random_state)
        self.loss = loss
        self.gamma = gamma
        self.n_references = n_references

    @reads_pools
    def _fit(self, X, y, X_pool):
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        super()._fit(X, y, X_pool)
        self.classes_, self._codes = np.unique(y, return_inverse=True)
        warn_above_two(self)
        Z, self.gamma_ = self._Z_pool, self.gamma
        if self.gamma is None:
            self.gamma_ = 1.0 if Z is None else kernel_width(Z, len(y))
        if Z is not None:
            check_gamma(self.gamma_, Z.dtype)

    def _select(self, Z, n, *, Z_labeled, random_state):
        rows = Rows(Z, "euclidean")
        known = Rows(Z_labeled, "euclidean", like=rows, name="X")
        counts = np.zeros((len(rows), len(self.classes_)), dtype=Z.dtype)
        onehot = np.eye(len(self.classes_), dtype=Z.dtype)[self._codes]
        everyone = np.arange(len(known))
        for part, K in kernel_blocks(rows, known, everyone, self.gamma_):
            counts[part] = K.T @ onehot
        size = min(self.n_references, len(rows))
        at = random_state.choice(len(rows), size, replace=False)
        risk = np.empty(len(rows))
        for part, K in kernel_blocks(rows, rows, at, self.gamma_):
            risk[part] = expected_risk(K.T, counts[part], counts[at], self.loss)
        return top_n(-risk, n, random_state=random_state)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


def kernel_blocks(rows, others, at, gamma):
    """Yield slices of `rows` and the kernel of the rows `at` of `others` with them."""
    centers, centers_sq = others.take(at), others.sq[at]
    step = max(16, min(rows.block_rows, BLOCK_BYTES // (8 * len(at))))
    for start in range(0, len(rows), step):
        part = slice(start, min(start + step, len(rows)))
        K = pairwise_sq(rows.take(part), rows.sq[part], centers, centers_sq)
        yield part, gaussian_kernel(K, gamma)


def expected_risk(K, counts, reference_counts, loss):
    """Mean loss on references that is expected after one label more.

    Parameters
    ----------
    K : ndarray of shape (n_candidates, n_references)
        Kernel.
    counts : ndarray of shape (n_candidates, n_classes)
        Sum of the kernel with the labeled samples of each class. A row of zeros stands
        for the uniform distribution.
    reference_counts : ndarray of shape (n_references, n_classes)
        The same for the references.
    loss : {"log", "zero_one"}
        The loss.

    Returns
    -------
    risk : ndarray of float64 of shape (n_candidates,)
        Smaller is better.
    """
    F, n_classes = reference_counts, reference_counts.shape[1]
    total = F.sum(axis=1) + K
    empty = total <= 0
    safe = np.where(empty, 1, total)
    if loss == "log":
        terms = xlogy(F, F)
        rest, log_total = terms.sum(axis=1), np.log(safe)
    else:
        top = F.argmax(axis=1)
        ranked = np.sort(np.pad(F, [(0, 0), (1, 0)]), axis=1)
    proba = _shares(counts)
    risk = np.zeros(len(K))
    for c in range(n_classes):
        own = F[:, c] + K
        if loss == "log":
            after = log_total - (rest - terms[:, c] + _t_log_t(own)) / safe
            after[empty] = np.log(n_classes)
        else:
            others = np.where(top == c, ranked[:, -2], ranked[:, -1])
            after = 1 - np.maximum(others, own) / safe
            after[empty] = 1 - 1 / n_classes
        risk += proba[:, c] * after.mean(axis=1, dtype=np.float64)
    return risk


def _t_log_t(t):
    """``t * log(t)``, 0 where t is 0; three times faster than scipy's xlogy."""
    log = np.maximum(t, np.finfo(t.dtype).tiny)
    np.log(log, out=log)
    log *= t
    return log


def _shares(counts):
    total = counts.sum(axis=1, keepdims=True)
    even = np.full(counts.shape, 1 / counts.shape[1], dtype=counts.dtype)
    return np.divide(counts, total, out=even, where=total > 0)


def kernel_width(Z, n_labeled):
    """A rule of thumb for the width of Parzen windows; 1 if all rows are alike."""
    spread = total_variance(Z)
    return 2 * n_labeled ** (2 / (Z.shape[1] + 4)) / spread if spread > 0 else 1.0
