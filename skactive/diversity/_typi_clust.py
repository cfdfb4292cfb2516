"""Ask for the most typical sample of each cluster that has no label yet."""

import numpy as np

from skactive.base import EmbeddingStrategy
from skactive.graph import nearest_neighbors
from skactive.selection._kmeans import _cluster
from skactive.utils import concatenate_rows
from skactive.utils._constraints import whole

# In a larger cluster, this many members, drawn at random, are the neighbors.
MANY_MEMBERS = 4000


class TypiClust(EmbeddingStrategy):
    """Ask for the most typical sample of each cluster that has no label yet.

    Labeled samples and pool are cut by k-means into as many clusters as there will be
    labels. Clusters with the fewest labels come first, among these the largest; of each
    the sample with the nearest neighbors is asked for [1]_. Made for the first labels.

    Parameters
    ----------
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which they are clustered, best one that was learned
        without labels; "estimator" is the model of the learner. None takes the features
        as they are: scale them first, or the one with the largest unit decides.
    n_neighbors : int, default=20
        A sample is more typical the smaller its mean distance to this many neighbors in
        its cluster is, not counting labeled and picked ones; in small clusters, to half
        of them.
    max_clusters : int, default=500
        The largest number of clusters. Once all were asked, each is asked again.
    min_cluster_size : int, default=6
        Smaller clusters are asked last.
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding and the clusters, and decides among equals.

    Attributes
    ----------
    embedding_ : transformer or None
        The fitted embedding.
    n_pool_ : int
        Number of samples in the pool.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    KMeansSampling : Ask for the sample nearest the center of each cluster.
    MaxHerding : Ask for what most of the pool resembles.

    Notes
    -----
    Loses to random when there are many labels, as it never visits the border between
    classes, and where clusters are not classes. The answer to ``query(5)`` is *not* the
    beginning of the answer to ``query(10)``, which makes more clusters.

    Cost: ``2 * N * k * d`` operations for each of at most 30 moves of k centers, N
    samples with labels and d columns, and ``2 * N**2 * d / k`` for the neighbors;
    clusters of more than 4,000 are compared with 4,000 of their members. Memory: three
    working copies of the embedded samples, in their precision, and blocks of at most
    128 MB. CSR is taken.

    References
    ----------
    .. [1] G. Hacohen, A. Dekel and D. Weinshall. "Active Learning on a Budget: Opposite
       Strategies Suit High and Low Budgets." ICML 2022. arXiv:2202.02794.

    Examples
    --------
    >>> from skactive.diversity import TypiClust
    >>> X_pool = [[0.0], [0.2], [0.6], [9.0], [9.1], [9.4], [9.7]]
    >>> strategy = TypiClust(min_cluster_size=1, random_state=0)
    >>> strategy.fit([[0.1]], ["cat"], X_pool).query(1)
    array([4])
    """

    _covers = True

    _parameter_constraints = {
        **EmbeddingStrategy._parameter_constraints,
        "n_neighbors": [whole(1)],
        "max_clusters": [whole(1)],
        "min_cluster_size": [whole(1)],
    }

    def __init__(
        self,
        embedding=None,
        *,
        n_neighbors=20,
        max_clusters=500,
        min_cluster_size=6,
        random_state=None,
    ):
        super().__init__(embedding, random_state=random_state)
        self.n_neighbors = n_neighbors
        self.max_clusters = max_clusters
        self.min_cluster_size = min_cluster_size

    def _select(self, Z, n, *, Z_labeled, random_state):
        n_labeled = 0 if Z_labeled is None else Z_labeled.shape[0]
        Z_all = concatenate_rows(Z_labeled, Z) if n_labeled else Z
        n_clusters = min(n_labeled + n, self.max_clusters, Z_all.shape[0])
        labels, _ = _cluster(Z_all, n_clusters, random_state)
        del Z_all
        turns = self._turns(labels, n_labeled, n_clusters, random_state)
        left = _members(labels[n_labeled:], n_clusters)
        picks = np.empty(n, dtype=np.intp)
        for k, cluster in zip(range(n), _in_turn(turns, left), strict=False):
            members = left[cluster]
            i = _most_typical(Z[members], self.n_neighbors, random_state)
            picks[k] = members[i]
            left[cluster] = np.delete(members, i)
        return picks

    def _turns(self, labels, n_labeled, n_clusters, rng):
        """The clusters in the order they are asked: large enough ones, and others."""
        sizes = np.bincount(labels, minlength=n_clusters)
        known = np.bincount(labels[:n_labeled], minlength=n_clusters)
        order = np.lexsort((rng.permutation(n_clusters), -sizes, known))
        large = sizes[order] >= self.min_cluster_size
        return order[large], order[~large]


def _members(labels, n_clusters):
    """The positions of the members of each cluster."""
    order = np.argsort(labels, kind="stable")
    ends = np.cumsum(np.bincount(labels, minlength=n_clusters))
    return np.split(order, ends[:-1])


def _in_turn(turns, left):
    """Yield clusters that have members left, over and over, group after group."""
    for group in turns:
        while any(len(left[cluster]) for cluster in group):
            yield from (cluster for cluster in group if len(left[cluster]))


def _most_typical(Z, n_neighbors, rng):
    """Position of the row with the smallest mean distance to its neighbors."""
    distances = mean_distances(Z, min(n_neighbors, Z.shape[0] // 2), rng)
    return rng.choice(np.flatnonzero(distances == distances.min()))


def mean_distances(Z, k, rng):
    """Mean distance of each row to its k nearest others; zeros for k of 0.

    The typicality of the paper falls with it, ``1 / (distance + 1e-5)``.
    """
    n_rows = Z.shape[0]
    if k == 0:
        return np.zeros(n_rows)
    if n_rows <= MANY_MEMBERS:
        return nearest_neighbors(Z, k, algorithm="exact")[1].mean(axis=1)
    drawn = rng.choice(n_rows, MANY_MEMBERS, replace=False)
    distances = nearest_neighbors(Z, k + 1, Y=Z[drawn], algorithm="exact")[1]
    means = distances[:, :k].mean(axis=1)
    # Those that were drawn meet themselves, at distance 0.
    means[drawn] = distances[drawn, 1:].mean(axis=1)
    return means
