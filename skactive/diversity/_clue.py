"""Ask for one sample of each cluster of the pool, clustered by uncertainty."""

import warnings

import numpy as np
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from skactive.diversity._last_layer import LastLayerStrategy
from skactive.diversity._temperature import soften
from skactive.selection import k_center_greedy
from skactive.selection._d2 import Points, draw_by_distance
from skactive.selection._kmeans import _sq_to_center
from skactive.utils import shannon_entropy
from skactive.utils._constraints import number

# Share of the mean weight that is added where too few rows have any.
LEAST_SHARE = 1e-6


class CLUE(LastLayerStrategy):
    """Ask for one sample of each cluster, where uncertain samples weigh more.

    What the last layer sees is clustered by k-means into as many clusters as samples
    are asked for, each sample with the entropy of its prediction as weight, and the
    member nearest each center is taken [1]_. Made for a model that is adapted to data
    of another kind.

    Parameters
    ----------
    estimator : classifier, default=None
        A classifier with ``predict_proba``, best a
        :class:`~skactive.nets.NetClassifier`. What its last layer sees is clustered:
        its ``transform``; for a pipeline without it, the output of the steps before
        the last; the features otherwise. None: ``LogisticRegression()``, or the model
        of the :class:`~skactive.ActiveLearner` that the strategy serves. One that is
        already fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    temperature : float, default=1.0
        Logits are divided by it before the entropy. Below 1, certain samples weigh
        less; far above, all weigh alike.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, and the clustering.

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
    KMeansSampling : The same without weights, and without labels.
    DropQuery : Clusters uncertain samples only.

    Notes
    -----
    Clusters come in the order of their weight, the heaviest first, and each gives a
    member of its own, so that nothing is asked for twice. If there are fewer clusters
    than samples asked for, the farthest of the rest follow. If no sample has a weight,
    all weigh the same. The answer to ``query(5)`` is not the beginning of the answer
    to ``query(10)``.

    It loses to random with noisy labels, and where typical samples are certain. Labeled
    samples are ignored.

    Cost: the model's predictions, and O(n_pool * n * d) for each of at most 30 moves of
    the centers. Memory: two working copies of a dense embedded pool, in its own
    precision, and ``32 * n_pool * n_classes`` bytes. CSR is taken where the
    estimator takes it.

    References
    ----------
    .. [1] V. Prabhu, A. Chandrasekaran, K. Saenko and J. Hoffman. "Active Domain
       Adaptation via Clustering Uncertainty-weighted Embeddings." ICCV 2021.

    Examples
    --------
    >>> from skactive.diversity import CLUE
    >>> X, y = [[-2.0, 0.0], [2.0, 0.0]], ["cat", "dog"]
    >>> X_pool = [[0.0, 5.0], [0.1, 5.0], [0.0, -5.0], [9.0, -5.0]]
    >>> sorted(CLUE(random_state=0).fit(X, y, X_pool).query(3).tolist())[1:]
    [2, 3]
    """

    _parameter_constraints = {
        **LastLayerStrategy._parameter_constraints,
        "temperature": [number(0)],
    }

    def __init__(self, estimator=None, *, temperature=1.0, random_state=None):
        super().__init__(estimator, random_state=random_state)
        self.temperature = temperature

    def _query(self, n):
        proba, E = self._seen(self._X_pool, "X_pool")
        weights = shannon_entropy(soften(proba, self.temperature))
        rng = self._query_random_state()
        return weighted_representatives(E, n, weights, rng)


class WeightedPoints(Points):
    """Rows whose squared distances count as often as the row weighs."""

    def __init__(self, Z, weights):
        super().__init__(Z)
        self.weights = weights

    def blocks(self, at, of):
        for part, sq in super().blocks(at, of):
            sq *= self.weights[part]
            yield part, sq

    def among(self, at):
        return super().among(at) * self.weights[at]


def weighted_representatives(Z, n, weights, rng):
    """Cluster weighted rows by k-means and take the row nearest each center.

    Parameters
    ----------
    Z : {ndarray, CSR} of shape (n_rows, d)
    n : how many rows, and how many clusters
    weights : ndarray of shape (n_rows,), 0 or more; if all are 0 they count as 1
    rng : RandomState

    Returns
    -------
    positions : ndarray of intp of shape (n,)
        Distinct rows, the heaviest clusters first; then, if some clusters ran empty,
        the rows farthest from those.
    """
    weights = usable_weights(weights, n).astype(Z.dtype)
    order = rng.permutation(Z.shape[0])
    if n == Z.shape[0]:
        return order[np.argsort(-weights[order], kind="stable")]
    labels, centers = _cluster(Z, n, weights, rng)
    sq = _sq_to_center(Z, labels, centers)
    # Members at the same distance stay in random order, as the sort is stable.
    nearest = order[np.lexsort((sq[order], labels[order]))]
    found, starts = np.unique(labels[nearest], return_index=True)
    mass = np.bincount(labels, weights=weights)[found]
    positions = nearest[starts[np.argsort(-mass, kind="stable")]]
    if len(positions) == n:
        return positions
    rest = np.setdiff1d(np.arange(Z.shape[0]), positions)
    more = k_center_greedy(
        Z[rest], n - len(positions), Z_labeled=Z[positions], random_state=rng
    )
    return np.concatenate([positions, rest[more]])


def usable_weights(weights, n):
    """Weights with a mean of 1, of which at least n are above 0."""
    mean = weights.mean(dtype=np.float64)
    if mean <= 0:
        return np.ones(len(weights))
    weights = weights / mean
    return weights + LEAST_SHARE if np.count_nonzero(weights > 0) < n else weights


def _cluster(Z, n, weights, rng):
    space = WeightedPoints(Z, weights)
    first = rng.choice(len(weights), p=weights / weights.sum(dtype=np.float64))
    sq = space.nearest_sq([first])
    seeds = Z[draw_by_distance(space, n, [first], sq, rng)]
    kmeans = KMeans(
        n,
        init=seeds.toarray() if sparse.issparse(seeds) else seeds,
        n_init=1,
        max_iter=30,
        tol=1e-3,
        random_state=rng,
    )
    with warnings.catch_warnings():
        # Fewer distinct rows than clusters is handled by weighted_representatives.
        warnings.simplefilter("ignore", ConvergenceWarning)
        kmeans.fit(Z, sample_weight=weights)
    return kmeans.labels_, kmeans.cluster_centers_
