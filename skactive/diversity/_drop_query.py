"""Ask where predictions change when most features are dropped, one of each cluster."""

import warnings

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize

from skactive.diversity._alfa_mix import linear_head
from skactive.diversity._last_layer import LastLayerStrategy, may_be_linear
from skactive.selection import kmeans_representatives
from skactive.utils._constraints import number, whole
from skactive.utils._models import has_body, predictions, searched, steps_and_last
from skactive.utils._pool import reads_pools

# Bytes of one block of rows with features dropped.
BLOCK_BYTES = 2**22
# With fewer candidates than this per sample asked for, less disagreement is enough.
PLENTY = 25


class DropQuery(LastLayerStrategy):
    """Ask for diverse samples whose prediction changes when features are dropped.

    What the last layer sees loses most of its features, at random, a few times.
    Samples whose prediction then changes are candidates; k-means on their directions
    chooses one from each part [1]_. Made for the features of large trained nets.

    Parameters
    ----------
    estimator : classifier, default=None
        A classifier with ``predict``, a pipeline that ends in one, or a
        :class:`~skactive.nets.NetClassifier` that ends in a Linear layer. None:
        ``LogisticRegression()``, or the model of the :class:`~skactive.ActiveLearner`
        that the strategy serves. One that is already fitted comes wrapped in
        :class:`sklearn.frozen.FrozenEstimator`.
    n_passes : int, default=3
        How often features are dropped.
    dropout : float, default=0.75
        Share of the features that are dropped, above 0 and below 1; the others are
        divided by ``1 - dropout``.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, what is dropped, and the clustering.

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
    ALFAMix : Candidates by a step along the gradient.
    CLUE : Uncertainty as a weight.

    Notes
    -----
    Candidates are samples whose prediction changes in more than half of the passes. If
    there are fewer than 25 for each sample asked for, one change less is enough, and so
    on, down to one. If there are fewer than were asked for, all of them come first and
    then others at random; if there are none, as with one predicted class, the whole
    pool is clustered.

    Only predictions are asked for, so the probabilities need not be good. It loses to
    random where features stand for different things: what a table of few columns
    predicts without three of four says little about it. The answer to ``query(5)`` is
    not the beginning of the answer to ``query(10)``.

    Cost: the embedding of the pool, a prediction of the last layer for each pass, and
    O(m * n * d) for each of at most 30 moves of the centers of m candidates. Memory:
    ``12 m d`` bytes in single precision, up to the whole pool, and blocks of 4 MB.
    CSR is taken where the estimator takes it, and treated as if it were dense: random
    numbers are drawn for zeros that are not stored, too.

    References
    ----------
    .. [1] S. R. Gupte, J. Aklilu, J. J. Nirschl and S. Yeung-Levy. "Revisiting Active
       Learning in the Era of Vision Foundation Models." TMLR 2024. arXiv:2401.14555.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skactive.diversity import DropQuery
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_digits(return_X_y=True)
    >>> strategy = DropQuery(LogisticRegression(C=0.01), random_state=0)
    >>> len(set(strategy.fit(X[:100], y[:100], X[100:]).query(20)))
    20
    """

    response_method = "predict"
    _decides = True

    _parameter_constraints = {
        **LastLayerStrategy._parameter_constraints,
        "n_passes": [whole(1)],
        "dropout": [number(0, 1)],
    }

    def __init__(self, estimator=None, *, n_passes=3, dropout=0.75, random_state=None):
        super().__init__(estimator, random_state=random_state)
        self.n_passes = n_passes
        self.dropout = dropout

    def _check_estimator(self, estimator):
        super()._check_estimator(estimator)
        last = searched(steps_and_last(estimator, decides=True)[1])
        if has_body(last) and not may_be_linear(last):
            raise ValueError(_refusal(last))

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        self._head = self._last_layer(X)

    def _last_layer(self, X):
        """Return what predicts a class from what the last layer sees."""
        last = steps_and_last(self.estimator_, decides=True)[1]
        if not has_body(last):
            return UnnamedPredict(last)
        # A net is head and body in one; its last layer must be taken off.
        try:
            W, bias = linear_head(self.estimator_, X, self._embed(X, "X"))
        except ValueError as error:
            raise ValueError(_refusal(last)) from error
        return LinearHead(W, bias)

    def _query(self, n):
        rng = self._query_random_state()
        E = self._embed(self._X_pool, "X_pool")
        changes = changed_predictions(self._head, E, self.n_passes, self.dropout, rng)
        candidates = often_changed(changes, n, self.n_passes)
        if len(candidates) == 0:
            candidates = np.arange(self.n_pool_)
        if len(candidates) > n:
            Z = normalize(E[candidates])
            return candidates[kmeans_representatives(Z, n, random_state=rng)]
        candidates = rng.permutation(candidates)
        rest = rng.permutation(np.setdiff1d(np.arange(self.n_pool_), candidates))
        return np.concatenate([candidates, rest])[:n]


def _refusal(last):
    return (
        f"DropQuery drops what the last layer of a model sees, and {last!r} is not "
        "known to have one that can be asked by itself. Take a classifier without "
        "transform, a pipeline that ends in one, or a NetClassifier whose module ends "
        "in a Linear layer."
    )


class UnnamedPredict:
    """Asks a classifier that may know column names about rows without them."""

    def __init__(self, model):
        self.model = model

    def __call__(self, E):
        with warnings.catch_warnings():
            # The columns are those of fit, in their order.
            warnings.filterwarnings("ignore", "X does not have valid feature names")
            return predictions(self.model, E)


class LinearHead:
    """Predicts the number of the class with the largest logit."""

    def __init__(self, W, bias):
        self.W, self.bias = W, bias

    def __call__(self, E):
        return (E @ self.W.T.astype(E.dtype) + self.bias).argmax(axis=1)


def changed_predictions(predict, E, n_passes, dropout, rng):
    """In how many passes the prediction of each row changes."""
    n_rows, n_columns = E.shape
    changes = np.zeros(n_rows, dtype=np.intp)
    keep = max(1, round((1 - dropout) * 2**16))  # 16 random bits for each feature
    scale = E.dtype.type(1 / (1 - dropout))
    step = max(1, BLOCK_BYTES // (E.dtype.itemsize * n_columns))
    for start in range(0, n_rows, step):
        block = E[start : start + step]
        whole = predict(block)
        for _ in range(n_passes):
            bits = rng.bytes(2 * block.shape[0] * n_columns)
            kept = np.frombuffer(bits, dtype=np.uint16) < keep
            left = _only(kept.reshape(block.shape), block, scale)
            changes[start : start + step] += predict(left) != whole
    return changes


def _only(kept, block, scale):
    """The features that are kept, scaled up; zeros in place of the others."""
    if not sparse.issparse(block):
        left = np.where(kept, block, 0)
        left *= scale
        return left
    rows = np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
    left = np.where(kept[rows, block.indices], scale * block.data, 0)
    return sparse.csr_array((left, block.indices, block.indptr), shape=block.shape)


def often_changed(changes, n, n_passes):
    """Rows that change in more than half of the passes, or in fewer if they are few."""
    least = n_passes // 2 + 1
    while least > 1 and np.count_nonzero(changes >= least) < PLENTY * n:
        least -= 1
    return np.flatnonzero(changes >= least)
