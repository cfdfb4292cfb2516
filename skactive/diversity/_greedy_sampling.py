"""Ask for samples far from the labeled ones in features, in predictions, or both."""

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.utils import get_tags

from skactive.base import EmbeddingStrategy, ModelStrategy
from skactive.selection._distances import CENTERS, Rows, pairwise_sq
from skactive.utils._embedding import embed_labeled, embed_pool
from skactive.utils._learned_units import in_learned_units
from skactive.utils._models import NumbersOnlyMixin, predictions
from skactive.utils._pool import naming_rows, reads_pools
from skactive.utils._rows import concatenate_rows


def product_distance(distances, differences):
    """Multiply the distance of two samples by that of what is said of them (iGS).

    Parameters
    ----------
    distances : ndarray of float of shape (n_seen, n_samples)
        Distances between samples, in features.
    differences : ndarray of float of shape (n_seen, n_samples)
        Distances between what is predicted of one, and what is known of the other.

    Returns
    -------
    product : ndarray of float of shape (n_seen, n_samples)
        0 where either is.

    See Also
    --------
    target_distance : The differences alone.
    GreedySampling : Asks by such a distance.

    References
    ----------
    .. [1] D. Wu, C.-T. Lin and J. Huang. "Active Learning for Regression Using Greedy
       Sampling." Information Sciences 474 (2019). arXiv:1808.04245.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.diversity import product_distance
    >>> product_distance(np.array([[2.0], [8.0]]), np.array([[2.0], [8.0]])).tolist()
    [[4.0], [64.0]]
    """
    return distances * differences


def target_distance(distances, differences):
    """Take the distance of what is said of two samples, wherever they lie (GSy).

    Parameters
    ----------
    distances : ndarray of float of shape (n_seen, n_samples)
        Distances between samples, in features. Not used.
    differences : ndarray of float of shape (n_seen, n_samples)
        Distances between what is predicted of one, and what is known of the other.

    Returns
    -------
    differences : ndarray of float of shape (n_seen, n_samples)
        The same array.

    See Also
    --------
    product_distance : Counts where the samples lie, too.
    GreedySampling : Asks by such a distance.

    References
    ----------
    .. [1] D. Wu, C.-T. Lin and J. Huang. "Active Learning for Regression Using Greedy
       Sampling." Information Sciences 474 (2019). arXiv:1808.04245.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.diversity import target_distance
    >>> target_distance(np.array([[2.0], [8.0]]), np.array([[3.0], [5.0]])).tolist()
    [[3.0], [5.0]]
    """
    return differences


class GreedySampling(NumbersOnlyMixin, ModelStrategy):
    """Ask for the sample that is far from all labels, and predicted unlike them.

    For regression. The distance of two samples is that of their features times that of
    their values, of which those of the pool are predicted; the sample is asked for
    whose nearest labeled one is farthest (iGS [1]_). It then counts as labeled, with
    what was predicted of it, and the next one is taken. With
    ``space=target_distance`` only the values count (GSy); where only the features do,
    it is ``CoreSet(StandardScaler())`` (GSx).

    Parameters
    ----------
    estimator : regressor, default=None
        Predicts the pool. None: ``Ridge()``, or the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which distances are taken: nothing is scaled
        unless it says so, as ``StandardScaler()`` does. "estimator" is the model of the
        learner, or the steps of a pipeline before its last. None takes the features as
        they are, also if ``estimator`` is a pipeline that scales them.
    space : callable, default=product_distance
        ``space(distances, differences)`` makes one distance of two: that of features,
        and that of values. Both come as arrays of one shape, one entry per pair, and so
        does the answer: :func:`product_distance`, :func:`target_distance`, or a
        function of your own, such as ``numpy.minimum``.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator and the embedding, with all their parts, and decides among
        exactly equal distances.

    Attributes
    ----------
    estimator_ : regressor
        The fitted model.
    embedding_ : transformer or None
        The fitted embedding.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    CoreSet : Features alone, GSx: ``CoreSet(StandardScaler())``.
    LCMD : Features alone, and many badly covered samples outweigh one.
    skactive.lookahead.ExpectedModelChange : How far the model would move.

    Notes
    -----
    With ``y`` of several columns each is divided by its deviation among the labeled
    samples, and the distance of values is Euclidean. Copies of labeled samples come
    last under the product; if every distance is 0, as with a constant ``y``, the answer
    is random.

    Loses to random where the model is wrong about where values are extreme, where
    labels are noisy, and where values have heavy tails, which it chases: of a
    :class:`~sklearn.compose.TransformedTargetRegressor` values are compared as the
    model inside learned them. On six tables, ten seeds and a ridge regression, the
    product was better than random on two and worse on one;
    ``LCMD(StandardScaler())`` was better on three: :ref:`diversity`.

    Cost: one prediction of the pool, and O((n_labeled + n) * n_pool * d) for a batch of
    n, in blocks. Memory: beside the embedded pool 40 bytes per sample, and blocks of
    24 MB; distances between all pairs are never held. float32 and CSR are
    worked on as they are. The answer to ``query(5)`` is the beginning of the answer to
    ``query(10)``.

    References
    ----------
    .. [1] D. Wu, C.-T. Lin and J. Huang. "Active Learning for Regression Using Greedy
       Sampling." Information Sciences 474 (2019). arXiv:1808.04245.

    Examples
    --------
    The sample at 5 is far from both labels, in its feature and in its value:

    >>> from sklearn.neighbors import KNeighborsRegressor
    >>> from skactive.diversity import GreedySampling
    >>> X_pool = [[2.0], [5.0], [9.0]]
    >>> model = KNeighborsRegressor(2, weights="distance")
    >>> GreedySampling(model).fit([[0.0], [10.0]], [0.0, 10.0], X_pool).query(3)
    array([1, 0, 2])
    """

    _covers = True

    _parameter_constraints = {
        **ModelStrategy._parameter_constraints,
        "embedding": EmbeddingStrategy._parameter_constraints["embedding"],
        "space": [callable],
    }

    def __init__(
        self,
        estimator=None,
        *,
        embedding=None,
        space=product_distance,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.embedding = embedding
        self.space = space

    def _default_estimator(self):
        return Ridge()

    # Samples are compared as in every strategy that has an embedding.
    _check_sizes = EmbeddingStrategy._check_sizes

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        self.embedding_ = self._fit_embedding(X, y, X_pool)
        self._Z_labeled = embed_labeled(self.embedding_, X, X_pool, owner=self)
        y = np.asarray(y, dtype=np.float64)
        self._model, self._y_labeled = in_learned_units(self.estimator_, y)

    def _query(self, n):
        return self._farthest(n, np.arange(self.n_pool_), [])

    def _query_within(self, n, allowed, held):
        return self._farthest(n, np.flatnonzero(allowed), held)

    def _farthest(self, n, rows, held):
        """Return ``n`` of some rows of the pool; those held count as labeled."""
        Z = embed_pool(self.embedding_, self._pool, owner=self)
        Z_seen, y_seen = self._Z_labeled.astype(Z.dtype, copy=False), self._y_labeled
        y = self._predicted_pool()
        scale = 1.0
        if y.ndim == 2:
            # An output that is always the same has no unit, and none of the others'.
            scale = y_seen.std(axis=0)
            scale[scale == 0] = 1
        if len(held):
            Z_seen = concatenate_rows(Z_seen, Z[held])
            y_seen = np.concatenate([y_seen, y[held]])
        rank = self._query_random_state().permutation(self.n_pool_)
        if len(rows) < self.n_pool_:
            Z, y, rank = Z[rows], y[rows], rank[rows]
        space = _Space(self, Z, y / scale, Z_seen, y_seen / scale)
        return rows[space.farthest(n, rank)]

    def _predicted_pool(self):
        """Return what is predicted of the pool, made block by block."""
        parts = []
        for block in self._pool.blocks(slices=False):
            with naming_rows(self._pool, block):
                parts.append(predictions(self._model, block.X))
        y = np.concatenate(parts).astype(np.float64, copy=False)
        wanted = (self.n_pool_, *self._y_labeled.shape[1:])
        if y.shape != wanted or not np.isfinite(y).all():
            raise ValueError(
                f"{type(self).__name__} needs finite numbers of shape {wanted}, as y "
                f"has them, and {self.estimator_!r} predicts "
                + ("NaN or infinity." if y.shape == wanted else f"shape {y.shape}.")
            )
        return y

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # Estimator and embedding read the same samples: only what both take.
        sparse, allow_nan, string = True, False, False
        if self.embedding is not None and not isinstance(self.embedding, str):
            space = get_tags(self.embedding).input_tags
            sparse, allow_nan, string = space.sparse, space.allow_nan, space.string
        tags.input_tags.sparse &= sparse
        tags.input_tags.allow_nan &= allow_nan
        tags.input_tags.string &= string
        return tags


class _Space:
    """Samples with values, and how far each is from the nearest that was seen."""

    def __init__(self, owner, Z, y, Z_seen, y_seen):
        self.owner = owner
        self.rows, self.y = Rows(Z, "euclidean"), y
        seen = Rows(Z_seen, "euclidean", like=self.rows, name="X")
        self.nearest = np.full(len(self.rows), np.inf)
        for start in range(0, len(seen), CENTERS):
            some = slice(start, min(start + CENTERS, len(seen)))
            self._see(seen.take(some), seen.sq[some], y_seen[some])

    def farthest(self, n, rank):
        """Return ``n`` samples, each the farthest from those seen before it."""
        left = np.ones(len(self.rows), dtype=bool)
        picks = []
        while len(picks) < n:
            far = np.where(left, self.nearest, -np.inf)
            among = np.flatnonzero(left & (far == far.max()))
            pick = among[np.argmin(rank[among])]
            picks.append(pick)
            left[pick] = False
            at = [pick]
            if len(picks) < n:
                self._see(self.rows.take(at), self.rows.sq[at], self.y[at])
        return np.array(picks, dtype=np.intp)

    def _see(self, block, sq, y):
        for part in self.rows.parts():
            between = pairwise_sq(self.rows.take(part), self.rows.sq[part], block, sq)
            np.maximum(between, 0, out=between)
            far = self._distances(np.sqrt(between), differences(y, self.y[part]))
            np.minimum(self.nearest[part], far.min(axis=0), out=self.nearest[part])

    def _distances(self, between, apart):
        answer = np.asarray(self.owner.space(between, apart))
        if answer.shape != apart.shape or not np.isfinite(answer).all():
            what = "numbers that are not finite"
            if answer.shape != apart.shape:
                what = f"shape {answer.shape}"
            raise ValueError(
                f"space={self.owner.space!r} of {type(self.owner).__name__} must "
                "return one finite number per pair, an array of shape "
                f"{apart.shape}; got {what}."
            )
        return answer


def differences(y_seen, y):
    """Return the distance between values, Euclidean over several outputs.

    Parameters
    ----------
    y_seen : ndarray of shape (n_seen,) or (n_seen, n_outputs)
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)

    Returns
    -------
    differences : ndarray of shape (n_seen, n_samples)
    """
    if y.ndim == 1:
        return np.abs(y_seen[:, None] - y)
    sq = np.zeros((len(y_seen), len(y)))
    for k in range(y.shape[1]):
        sq += (y_seen[:, k, None] - y[:, k]) ** 2
    return np.sqrt(sq)
