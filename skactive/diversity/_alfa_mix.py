"""Ask for samples whose prediction changes with a small step of their features."""

import numpy as np
from scipy import sparse
from scipy.special import softmax
from sklearn.preprocessing import normalize

from skactive.diversity._gradient_embedding import BLOCK_ROWS, loss_gradient
from skactive.diversity._last_layer import LastLayerStrategy, may_be_linear
from skactive.selection import kmeans_representatives, top_n
from skactive.utils._constraints import number
from skactive.utils._models import chained, predictions, searched, steps_and_last
from skactive.utils._pool import reads_pools


class ALFAMix(LastLayerStrategy):
    """Ask for samples whose prediction changes with a small step of their features.

    What the last layer sees of a sample is moved toward the mean of a class, each
    feature as far as the loss grows, by a small share. Samples whose prediction changes
    are candidates [1]_; the share grows until there are more of them than asked for.
    k-means on their directions then chooses one from each part.

    Parameters
    ----------
    estimator : classifier, default=None
        A classifier whose last layer is linear: a linear model, a pipeline that ends
        in one, or a :class:`~skactive.nets.NetClassifier` that ends in a Linear
        layer. None: ``LogisticRegression()``, or the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    cap_step : float, default=0.03125
        The share begins here and grows in steps of this size, up to 1.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, the clustering, and what is drawn at
        random where there are too few candidates.

    Attributes
    ----------
    estimator_ : classifier
        The fitted model.
    anchors_ : ndarray of shape (n_classes, d)
        Mean of what the last layer sees of the labeled samples, by class; of all of
        them for a class without any.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    BADGE : Long gradients, unlike each other.
    KMeansSampling : The clustering alone.

    Notes
    -----
    The published step divides by the difference to the anchor, feature by feature, and
    multiplies by it again. What remains is a step along the gradient of length
    ``share * |anchor - z| / sqrt(d)``, the same direction for all anchors; so for a
    linear layer the share at which a prediction changes has a closed form, and nothing
    is divided by a difference that is nearly zero.

    It loses to random sampling where the first labels miss a class, whose samples are
    then far from every boundary, and where most of the pool lies near one. The answer
    to ``query(5)`` is not the beginning of the answer to ``query(10)``. If too few
    predictions change, the rest are drawn at random, without repeats. Of samples that
    are the same to the last layer, one is a candidate; the others come last.

    Cost: O(n_pool * n_classes * (d + n_classes)), then k-means on the candidates, which
    are often little more than asked for, and the whole pool at worst. Memory: 104 bytes
    per sample and a copy of the embedding of the candidates, three where they are
    clustered.

    References
    ----------
    .. [1] A. Parvaneh, E. Abbasnejad, D. Teney, R. Haffari, A. van den Hengel and J. Q.
       Shi. "Active Learning by Feature Mixing." CVPR 2022. arXiv:2203.07034.

    Examples
    --------
    >>> from skactive.diversity import ALFAMix
    >>> X, y = [[-2.0, 0.0], [2.0, 0.0]], ["cat", "dog"]
    >>> X_pool = [[0.1, 3.0], [2.5, 0.0], [-0.1, -3.0], [4.0, 0.0]]
    >>> sorted(ALFAMix(random_state=0).fit(X, y, X_pool).query(2).tolist())
    [0, 2]
    """

    response_method = "predict"
    _decides = True

    def _check_estimator(self, estimator):
        super()._check_estimator(estimator)
        last = searched(steps_and_last(estimator, decides=True)[1])
        if not may_be_linear(last):
            raise ValueError(_refusal(last))

    _parameter_constraints = {
        **LastLayerStrategy._parameter_constraints,
        "cap_step": [number(0, 1, closed="right")],
    }

    def __init__(self, estimator=None, *, cap_step=0.03125, random_state=None):
        super().__init__(estimator, random_state=random_state)
        self.cap_step = cap_step

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        E = self._embed(X, "X")
        self._head = linear_head(self.estimator_, X, E)
        last = steps_and_last(self.estimator_, decides=True)[1]
        self.anchors_ = class_means(E, y, last.classes_)

    def _query(self, n):
        rng = self._query_random_state()
        E = self._embed(self._X_pool, "X_pool")
        caps = critical_caps(E, *self._head, self.anchors_)
        again = repeats(E)
        caps[again] = np.inf
        candidates = np.flatnonzero(caps < self._cap(caps, n))
        if len(candidates) > n:
            Z = normalize(E[candidates])
            return candidates[kmeans_representatives(Z, n, random_state=rng)]
        if len(candidates):
            order = top_n(-caps[candidates], len(candidates), random_state=rng)
            candidates = candidates[order]
        rest = rng.permutation(np.setdiff1d(np.arange(len(caps)), candidates))
        rest = rest[np.argsort(again[rest], kind="stable")]
        return np.concatenate([candidates, rest])[:n]

    def _cap(self, caps, n):
        """The least multiple of ``cap_step`` below which are more than n; at most 1."""
        if n == len(caps):
            return 1.0
        last = np.partition(caps, n)[n]
        return min((np.floor(min(last, 1) / self.cap_step) + 1) * self.cap_step, 1.0)


def repeats(E):
    """Mask of the rows that are duplicates of an earlier row."""
    if sparse.issparse(E):
        bounds = zip(E.indptr[:-1], E.indptr[1:], strict=True)
        keys = ((E.indices[a:b].tobytes(), E.data[a:b].tobytes()) for a, b in bounds)
    else:
        keys = (row.tobytes() for row in E)
    again = np.ones(E.shape[0], dtype=bool)
    again[np.unique([hash(key) for key in keys], return_index=True)[1]] = False
    return again


def class_means(E, y, classes):
    """Mean of the rows of each class; of all rows for a class without any."""
    y = np.asarray(y)
    every = np.ones(len(y), dtype=bool)
    members = [y == label for label in classes]
    means = [E[m if m.any() else every].mean(axis=0) for m in members]
    return np.array([np.asarray(mean).ravel() for mean in means])


def critical_caps(E, W, bias, anchors):
    """Share of a step at which the prediction of a linear layer changes.

    Parameters
    ----------
    E : {ndarray, CSR} of shape (n_samples, d)
        What the layer sees.
    W, bias : ndarrays of shape (n_classes, d) and (n_classes,)
        The layer; its outputs are logits.
    anchors : ndarray of shape (n_anchors, d)
        Toward which samples are mixed.

    Returns
    -------
    caps : ndarray of float64 of shape (n_samples,)
        The sample is a candidate for every share above its cap. Infinite where the
        gradient is zero, or no step along it changes the prediction.
    """
    # Logits may all be shifted alike; the mean of the weights is such a shift.
    centered = W - W.mean(axis=0)
    gram = centered @ centered.T
    W, anchors = W.astype(E.dtype), anchors.astype(E.dtype)
    anchors_sq = np.einsum("ij,ij->i", anchors, anchors)
    caps = np.empty(E.shape[0])
    for start in range(0, len(caps), BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        block = E[part]
        square = block.multiply(block) if sparse.issparse(block) else block * block
        sq = anchors_sq - 2 * (block @ anchors.T)
        sq += np.asarray(square.sum(axis=1)).reshape(-1, 1)
        farthest = np.sqrt(np.maximum(sq.max(axis=1), 0), dtype=np.float64)
        steps = _critical_steps((block @ W.T).astype(np.float64) + bias, gram)
        caps[part] = np.inf
        np.divide(steps, farthest, out=caps[part], where=farthest > 0)
    return np.sqrt(E.shape[1]) * caps


def _critical_steps(logits, gram):
    """Length of the step along the gradient at which the largest logit changes."""
    r = loss_gradient(softmax(logits, axis=1))
    # Only the direction counts; of a nearly certain sample the square would underflow.
    largest = np.abs(r).max(axis=1, keepdims=True)
    np.divide(r, largest, out=r, where=largest > 0)
    rise = r @ gram
    length = np.sqrt(np.maximum(np.einsum("ij,ij->i", r, rise), 0))
    at = logits.argmax(axis=1)[:, None]
    lead = np.take_along_axis(logits, at, 1) - logits
    rise -= np.take_along_axis(rise, at, 1)
    steps = np.full(logits.shape, np.inf)
    np.divide(lead * length[:, None], rise, out=steps, where=rise > 0)
    return steps.min(axis=1)


def linear_head(model, X, E):
    """Return weights and bias of the last layer, one row per class.

    `E` is what the layer sees of the samples `X`. Refused where the model does not
    predict the class with the largest output of that layer.
    """
    last = steps_and_last(model, decides=True)[1]
    if hasattr(last, "net_"):
        return _head_of_net(model, last, X, E)
    W = getattr(last, "coef_", None)
    if W is None or not hasattr(last, "classes_"):
        raise ValueError(_refusal(last))
    W = np.atleast_2d(W.toarray() if sparse.issparse(W) else W).astype(np.float64)
    bias = np.zeros(len(W)) + last.intercept_
    if len(W) == 1:
        W, bias = np.vstack([np.zeros_like(W), W]), np.append(0, bias)
    if W.shape != (len(last.classes_), E.shape[1]):
        raise ValueError(_refusal(last))
    logits = E @ W.T + bias
    best = np.sort(logits, axis=1)
    clear = best[:, -1] - best[:, -2] > 1e-4 * (1 + np.abs(logits).max())
    says = last.classes_[logits.argmax(axis=1)]
    if (says != predictions(model, X))[clear].any():
        raise ValueError(_refusal(last))
    return W, bias


def _head_of_net(model, last, X, E):
    # Only where there is a net is torch loaded, and then it is already.
    from skactive.nets._arrays import as_tensor
    from skactive.nets._input import check_input
    from skactive.nets.attacks._attacked import last_linear

    before, few = chained(steps_and_last(model, decides=True)[0]), X[:8]
    if before is not None:
        few = before.transform(few)
    few = check_input(last, few, reset=False)
    try:
        return last_linear(last.net_, as_tensor(few), E[:8])
    except ValueError as error:
        raise ValueError(_refusal(last)) from error


def _refusal(last):
    return (
        f"ALFAMix needs a model whose last layer is linear, with one output per class, "
        f"and {last!r} is not known to be one. Take a linear classifier such as "
        "LogisticRegression, a pipeline that ends in one, or a NetClassifier whose "
        "module ends in a Linear layer."
    )
