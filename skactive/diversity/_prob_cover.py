"""Ask for the samples whose balls cover most of the pool."""

import numpy as np
from sklearn.preprocessing import normalize as scale_to_length_one

from skactive._sklearn import StrOptions
from skactive.base import EmbeddingStrategy
from skactive.selection import k_center_greedy
from skactive.selection._balls import (
    covered_by,
    find_balls,
    purity_radius,
    scaled_rows,
)
from skactive.selection._coverage import greedy_cover
from skactive.selection._kmeans import _cluster
from skactive.utils import concatenate_rows
from skactive.utils._constraints import number, whole
from skactive.utils._dense_answers import kind_of
from skactive.utils._pool import reads_pools

# Clusters where two classes have not been seen yet.
UNKNOWN_CLASSES = 10
# No two samples of length one are farther apart.
DIAMETER = 2.0


class ProbCover(EmbeddingStrategy):
    """Ask for the samples with most of the uncovered pool within a given radius.

    A label covers all samples within a radius. Each pick covers most of the pool that
    no label and no earlier pick covers [1]_: typical samples from dense regions first,
    and none near a label. Made for the first labels. Its radius is chosen such that
    most balls lie within one cluster.

    Parameters
    ----------
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which distances are taken, best one that was
        learned without labels; "estimator" is the model of the learner. None takes
        the features as they are: scale them first, or the one with the largest unit
        decides.
    radius : "auto" or float, default="auto"
        Radius of the balls, between samples of length one if `normalize`. "auto": the
        largest for which the balls of a share `purity` of the samples hold members of
        one cluster only.
    purity : float, default=0.95
        That share, above 0 and at most 1.
    n_classes : int or None, default=None
        How many clusters, at least 2. None: as many as classes are labeled; 10 while
        these are fewer than two. Pass the number of classes where it is known.
    normalize : bool, default=True
        Whether to scale each embedded sample to length one first. A sample of zeros
        stays as it is, at distance 1 from all others.
    memory_budget : int, default=2**29
        Bytes for the graph of which sample is in which ball. If it would take more,
        balls are computed when they are needed, which takes up to twice as long.
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding and the clusters, and decides among samples that cover
        equally many.

    Attributes
    ----------
    embedding_ : transformer or None
        The fitted embedding.
    radius_ : float
        Radius of the balls; 0 if there is no pool.
    coverage_ : float
        Share of the pool that labels cover before any more are asked for.
    n_pool_ : int
        Number of samples in the pool.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    MaxHerding : The same with a similarity in place of a ball.
    skactive.selection.max_coverage : The picking, as a function of a graph.

    Notes
    -----
    Loses to random when there are many labels, as it never visits the border between
    classes, and where the radius is wrong: with balls that hold one sample each, all
    samples are equal and the choice is random; with balls that hold all, one label
    covers the pool. Look at ``radius_`` and ``coverage_``. Once the pool is covered,
    the samples farthest from all labels follow, as in :class:`CoreSet`.

    Cost: ``n_pool**2 * d`` operations for d columns, one product for each pair; all
    picks together look at each pair of the graph once. "auto" adds the clusters and
    ``4_000 * n_pool * d`` operations. Memory beside the embedded pool: 16 bytes for
    each pair within the radius while the graph is built, 10 afterwards, if that is
    within the budget; else blocks of some megabytes. "auto" makes three working copies
    of the embedded samples, in their precision. CSR is taken. The answer to
    ``query(5)`` is the beginning of the answer to ``query(10)``. What 100,000 samples
    take is in :ref:`all_pairs`.

    References
    ----------
    .. [1] O. Yehuda, A. Dekel, G. Hacohen and D. Weinshall. "Active Learning Through a
       Covering Lens." NeurIPS 2022. arXiv:2205.11320.

    Examples
    --------
    >>> from skactive.diversity import ProbCover
    >>> X_pool = [[0.0], [1.0], [2.0], [10.0], [11.0], [20.0]]
    >>> strategy = ProbCover(radius=1.0, normalize=False).fit([[0.5]], [0], X_pool)
    >>> round(strategy.coverage_, 2)
    0.33
    >>> int(strategy.query(1)[0]) in (3, 4)
    True
    """

    _parameter_constraints = {
        **EmbeddingStrategy._parameter_constraints,
        "radius": [number(0), StrOptions({"auto"})],
        "purity": [number(0, 1, closed="right")],
        "n_classes": [whole(2), None],
        "normalize": ["boolean"],
        "memory_budget": [number(0, closed="both")],
    }

    def __init__(
        self,
        embedding=None,
        *,
        radius="auto",
        purity=0.95,
        n_classes=None,
        normalize=True,
        memory_budget=2**29,
        random_state=None,
    ):
        super().__init__(embedding, random_state=random_state)
        self.radius = radius
        self.purity = purity
        self.n_classes = n_classes
        self.normalize = normalize
        self.memory_budget = memory_budget

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        self.radius_, self.coverage_ = 0.0, 0.0
        if self._Z_pool is None:
            return
        if self.radius != "auto":
            self.radius_ = float(self.radius)
        else:
            one_class = y is not None and kind_of(y) is None  # no masks, no boxes
            n_seen = len(np.unique(np.asarray(y))) if one_class else 0
            n_clusters = self.n_classes or (n_seen if n_seen > 1 else UNKNOWN_CLASSES)
            self.radius_ = self._pure_radius(n_clusters)
        covered = self._covered(scaled_rows(self._Z_pool, self.normalize))
        self.coverage_ = float(covered.mean())

    def _pure_radius(self, n_clusters):
        Z, rng = self._Z_pool, self._query_random_state()
        if self._Z_labeled is not None:
            Z = concatenate_rows(self._Z_labeled, Z)
        if self.normalize:
            Z = scale_to_length_one(Z)
        labels, _ = _cluster(Z, min(n_clusters, Z.shape[0]), rng)
        radius = purity_radius(scaled_rows(Z, False), labels, self.purity, rng)
        # All samples are in one place, and any radius covers them.
        return DIAMETER if radius is None else radius

    def _covered(self, rows):
        if self._Z_labeled is None:
            return np.zeros(len(rows), dtype=bool)
        labeled = scaled_rows(self._Z_labeled, self.normalize, like=rows, name="X")
        return covered_by(rows, labeled, self.radius_**2)

    def _select(self, Z, n, *, Z_labeled, random_state):
        rows = scaled_rows(Z, self.normalize)
        rank = random_state.permutation(len(rows))
        balls = find_balls(rows, self.radius_**2, self.memory_budget, random_state)
        picks = greedy_cover(balls, n, self._covered(rows), rank)
        picks = np.array(picks, dtype=np.intp)
        del balls
        if len(picks) == n:
            return picks
        return np.concatenate([picks, self._farthest(picks, n, random_state)])

    def _farthest(self, picks, n, random_state):
        """The rest of n rows: those farthest from labels and picks."""
        Z, known = self._Z_pool, self._Z_labeled
        if len(picks):
            at = Z[picks]
            known = at if known is None else concatenate_rows(known, at)
        # Picks are at distance 0 from themselves: they come last, if at all.
        order = k_center_greedy(
            Z,
            n,
            Z_labeled=known,
            metric="cosine" if self.normalize else "euclidean",
            random_state=random_state,
        )
        return order[~np.isin(order, picks)][: n - len(picks)]
