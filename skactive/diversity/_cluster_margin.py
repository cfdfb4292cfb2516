"""Ask for uncertain samples, in turn from each cluster, small clusters first."""

import numpy as np
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage

from skactive.diversity._last_layer import LastLayerStrategy
from skactive.selection import top_n
from skactive.selection._checks import check_rows
from skactive.selection._d2 import Points
from skactive.selection._distances import CENTERS
from skactive.utils._constraints import number, whole


class ClusterMargin(LastLayerStrategy):
    """Ask for uncertain samples in turn from each cluster, small clusters first.

    Of the samples with the smallest margins, several times as many as asked for, one is
    drawn from each cluster, the cluster with fewest of them first, and then again until
    there are enough [1]_. Made for batches of thousands, which margins alone fill with
    near duplicates.

    Parameters
    ----------
    estimator : classifier, default=None
        A classifier with ``predict_proba``, best a
        :class:`~skactive.nets.NetClassifier`. What its last layer sees is clustered:
        its ``transform``; for a pipeline without it, the output of the steps before
        the last; the features otherwise. None: ``LogisticRegression()``, or the model
        of the :class:`~skactive.ActiveLearner` that the strategy serves. One that is
        already fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    oversampling : float, default=10.0
        How many samples of small margin there are for each one asked for, 1 or more.
    n_clusters : int or None, default=None
        How many clusters. None: the square root of the size of the pool, or as many as
        samples are asked for if that is more.
    max_linked : int, default=5000
        Clusters are found among this many samples of the pool, drawn at random; the
        rest belong to the nearest mean of a cluster.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, and the drawing.

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
    BADGE : Uncertain and diverse by one rule, with nothing to tune.
    KMeansSampling : Clusters alone.

    Notes
    -----
    Clusters are those of average linkage. The paper cuts the tree at a distance, which
    has to be found for each embedding; here it is cut into a number of clusters. The
    paper clusters once; here each query does, on what the model sees by then.

    It loses to random sampling where margins say little: with few labels, and with
    noisy ones. Outliers are small clusters, and small clusters come first. The answer
    to ``query(5)`` is not the beginning of the answer to ``query(10)``.

    Cost: the model's predictions and embedding of the pool; with m the smaller of
    `max_linked` and the pool, O(m² d) for distances and O(m²) for the tree; memory 8 m²
    bytes, 200 MB for 5000, and a copy of m rows and of the samples of small margin.

    References
    ----------
    .. [1] G. Citovsky, G. DeSalvo, C. Gentile, L. Karydas, A. Rajagopalan,
       A. Rostamizadeh and S. Kumar. "Batch Active Learning at Scale." NeurIPS 2021.
       arXiv:2107.14263.

    Examples
    --------
    >>> from skactive.diversity import ClusterMargin
    >>> X, y = [[-2.0, 0.0], [2.0, 0.0]], ["cat", "dog"]
    >>> X_pool = [[0.0, 5.0], [0.1, 5.0], [-0.1, 5.0], [0.2, -5.0], [9.0, 0.0]]
    >>> strategy = ClusterMargin(oversampling=2, n_clusters=3, random_state=0)
    >>> int(strategy.fit(X, y, X_pool).query(2)[0])
    3
    """

    _parameter_constraints = {
        **LastLayerStrategy._parameter_constraints,
        "oversampling": [number(1, closed="left")],
        "n_clusters": [whole(1), None],
        "max_linked": [whole(2)],
    }

    def __init__(
        self,
        estimator=None,
        *,
        oversampling=10.0,
        n_clusters=None,
        max_linked=5000,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.oversampling = oversampling
        self.n_clusters = n_clusters
        self.max_linked = max_linked

    def _query(self, n):
        rng = self._query_random_state()
        proba, E = self._seen(self._X_pool, "X_pool")
        n_pool = len(proba)
        n_uncertain = min(n_pool, max(n, round(self.oversampling * n)))
        uncertain = top_n(-_gap(proba), n_uncertain, random_state=rng)
        n_clusters = self.n_clusters or max(n, int(np.sqrt(n_pool)))
        labels = linked_clusters(E, n_clusters, self.max_linked, uncertain, rng)
        return uncertain[in_turn(labels, n, rng)]


def in_turn(labels, n, rng):
    """Draw one row from each cluster, the smallest first, and again until there are n.

    Clusters of equal size come in random order, as do the rows of a cluster.
    """
    _, labels, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    shuffled = rng.permutation(len(labels))
    place = np.empty(len(sizes), dtype=np.intp)
    place[np.lexsort((rng.permutation(len(sizes)), sizes))] = np.arange(len(sizes))
    by_cluster = shuffled[np.argsort(labels[shuffled], kind="stable")]
    first = np.cumsum(sizes) - sizes
    turn = np.arange(len(labels)) - np.repeat(first, sizes)
    return by_cluster[np.lexsort((place[labels[by_cluster]], turn))][:n]


def linked_clusters(E, n_clusters, max_linked, wanted, rng):
    """Cluster of each of the rows `wanted`, by average linkage of rows of `E`."""
    E = check_rows(E)
    n_rows = E.shape[0]
    if n_clusters >= n_rows or n_rows == 1:
        return np.arange(n_rows)[wanted]
    linked = np.arange(n_rows)
    if n_rows > max_linked:
        linked = np.sort(rng.choice(n_rows, max_linked, replace=False))
    some = E if len(linked) == n_rows else E[linked]
    tree = linkage(_condensed_distances(Points(some)), "average")
    labels = fcluster(tree, n_clusters, "maxclust") - 1
    if len(linked) == n_rows:
        return labels[wanted]
    shares = (1 / np.bincount(labels)[labels]).astype(E.dtype)
    mean = sparse.csr_array((shares, (labels, np.arange(len(labels)))))
    space = Points(E[wanted])
    return space.nearest(of=Points(mean @ some, like=space))[1]


def _condensed_distances(space):
    """Distances of each row to all rows after it, as scipy's linkage reads them."""
    n_rows = len(space)
    first = np.arange(n_rows) * (2 * n_rows - np.arange(n_rows) - 1) // 2
    out = np.empty(n_rows * (n_rows - 1) // 2)
    for start in range(0, n_rows, CENTERS):
        at = np.arange(start, min(start + CENTERS, n_rows))
        for part, sq in space.blocks(at, space):
            np.sqrt(np.maximum(sq, 0, out=sq), out=sq)
            for i, row in zip(at, sq, strict=True):
                skip = max(part.start, i + 1)
                if skip < part.stop:
                    begin = first[i] + skip - i - 1
                    out[begin : begin + part.stop - skip] = row[skip - part.start :]
    return out


def _gap(proba):
    """Difference of the two largest probabilities; 0 if there is one class only."""
    if proba.shape[1] == 1:
        return np.zeros(len(proba))
    second, best = np.partition(proba, -2, axis=1)[:, -2:].T
    return best - second
