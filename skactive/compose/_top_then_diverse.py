"""The best samples by the scores of any strategy, thinned out to unlike ones."""

import numpy as np
from scipy import sparse
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

from skactive._sklearn import StrOptions
from skactive.base import EmbeddingStrategy
from skactive.compose._batch_of_scores import BatchOfScores
from skactive.diversity._clue import weighted_representatives
from skactive.selection import k_center_greedy, kmeans_representatives, top_n
from skactive.uncertainty import EntropySampling
from skactive.utils import embed, needs_labels
from skactive.utils._constraints import number
from skactive.utils._embedding import embed_pool
from skactive.utils._pool import Pool, reads_pools
from skactive.utils._rows import concatenate_rows, refuse_sizes


class TopThenDiverse(BatchOfScores):
    """Ask for unlike samples among those with the best scores of another strategy.

    The best scores of a pool often belong to near duplicates. So several times as many
    samples as asked for are taken, by score, and of these the ones that lie apart: one
    of each cluster of k-means, with the scores as weights [1]_, or greedy k-center.

    Parameters
    ----------
    strategy : strategy with ``score_samples``, default=None
        Gives the scores. None: :class:`~skactive.uncertainty.EntropySampling` asking
        the model of the :class:`~skactive.ActiveLearner` that it serves; without a
        learner, ``LogisticRegression()`` on the embedded samples.
    factor : float, default=10.0
        How many candidates there are for each sample asked for, 1 or more; at most all.
        1 asks for the best scores.
    picking : {"weighted_kmeans", "kmeans", "k_center"}, default="weighted_kmeans"
        How candidates are thinned out: the member nearest the center of each cluster,
        the clusters of most weight first; the same without weights, the largest first;
        or the farthest from all labeled and picked samples, as
        :class:`~skactive.diversity.CoreSet` picks.
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which they lie apart; "estimator" is the model of
        the learner. None takes the features as they are: scale them first, or the one
        with the largest unit decides.
    random_state : int, RandomState instance or None, default=None
        Seeds strategy and embedding, with all their parts, equal scores and clusters.

    Attributes
    ----------
    strategy_ : strategy
        The fitted strategy.
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
    StochasticBatch : Draws the batch by the scores, without an embedding.
    skactive.diversity.ClusterMargin : Small margins, in turn from each cluster.
    skactive.diversity.CLUE : Clusters the whole pool, weighted by entropy.

    Notes
    -----
    Weights are the scores. If a score in the pool is negative, the smallest of the pool
    is subtracted from all, so that the least wanted sample has the weight 0. If all
    weights are 0, all count the same. Of equal scores, those that become candidates are
    drawn.

    Labeled samples are centers of "k_center" only, as are samples excluded from a
    query. The answer to ``query(5)`` is not the beginning of the answer to
    ``query(10)``, which has other candidates.

    It loses to random sampling where the scores do: with few labels, and with noisy
    ones. A large factor lets in samples that are not worth a label; for one sample at
    a time, the strategy alone does as well.

    Cost: the scores of the pool, the embedding of ``factor * n`` candidates (for
    "k_center" of the labeled samples, too), and O(factor * n² * d) for each of at most
    30 moves of the centers, or once. Memory: the scores, and the embedded candidates
    three times. An embedding that learns without labels learns from the whole pool.

    References
    ----------
    .. [1] F. Zhdanov. "Diverse mini-batch Active Learning." 2019. arXiv:1901.05954.

    Examples
    --------
    The three most uncertain samples are near duplicates:

    >>> from skactive.compose import TopThenDiverse
    >>> from skactive.uncertainty import MarginSampling
    >>> X, y = [[-2.0, 0.0], [2.0, 0.0]], ["cat", "dog"]
    >>> X_pool = [[0.0, 3.0], [0.0, 3.1], [0.0, 3.2], [0.3, -2.0], [4.0, 0.0]]
    >>> MarginSampling(random_state=0).fit(X, y, X_pool).query(2).max() < 3
    np.True_
    >>> diverse = TopThenDiverse(MarginSampling(), factor=2, random_state=0)
    >>> diverse.fit(X, y, X_pool).query(2)
    array([1, 3])
    """

    _parameter_constraints = {
        **BatchOfScores._parameter_constraints,
        "factor": [number(1, closed="left")],
        "picking": [StrOptions({"weighted_kmeans", "kmeans", "k_center"})],
        "embedding": EmbeddingStrategy._parameter_constraints["embedding"],
    }

    def __init__(
        self,
        strategy=None,
        *,
        factor=10.0,
        picking="weighted_kmeans",
        embedding=None,
        random_state=None,
    ):
        super().__init__()
        self.strategy = strategy
        self.factor = factor
        self.picking = picking
        self.embedding = embedding
        self.random_state = random_state

    @reads_pools
    def _fit(self, X, y, X_pool):
        shown = X_pool.X if isinstance(X_pool, Pool) else X_pool
        both = X is not None and X_pool is not None
        if both and sparse.issparse(X) != sparse.issparse(shown):
            raise ValueError("X and X_pool must both be sparse or both be dense.")
        self.embedding_ = self._fit_embedding(X, y, X_pool)
        self._Z_labeled = None
        if self.picking == "k_center" and X is not None:
            self._Z_labeled = embed(self.embedding_, X, input_name="X", owner=self)
        super()._fit(X, y, X_pool)

    def _query(self, n):
        return self._pick(n, np.arange(self.n_pool_), ())

    def _query_within(self, n, allowed, held):
        return self._pick(n, np.flatnonzero(allowed), held)

    def _pick(self, n, rows, held):
        """Return ``n`` of the rows that may be asked for."""
        rng, scores = self._query_random_state(), self._scores()
        n_best = min(len(rows), max(n, round(self.factor * n)))
        best = top_n(scores[rows], n_best, random_state=rng)
        if n_best == n:
            return rows[best]
        # In ascending order, so that a file is read from its beginning to its end.
        rows = np.sort(rows[best])
        Z = self._embedded(rows)
        if self.picking == "kmeans":
            return rows[kmeans_representatives(Z, n, random_state=rng)]
        if self.picking == "k_center":
            known = self._known(held)
            return rows[k_center_greedy(Z, n, Z_labeled=known, random_state=rng)]
        weights = scores[rows] - min(scores.min(), 0)
        return rows[weighted_representatives(Z, n, weights, rng)]

    def _embedded(self, rows):
        part = self._pool.part(rows)
        return embed_pool(self.embedding_, part, blockwise=self.blockwise, owner=self)

    def _known(self, held):
        """Return where labeled samples lie, and those that others label just now."""
        parts = [] if self._Z_labeled is None else [self._Z_labeled]
        if len(held):
            parts.append(self._embedded(np.sort(held)))
        return concatenate_rows(*parts) if len(parts) == 2 else next(iter(parts), None)

    def _wanted_strategy(self):
        space = getattr(self, "embedding_", None)
        if self.strategy is not None or space is None:
            return super()._wanted_strategy()
        return EntropySampling(
            make_pipeline(FrozenEstimator(space), LogisticRegression())
        )

    def _check_sizes(self, X, estimator):
        if self.embedding is None:
            refuse_sizes(X, type(self).__name__)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.embedding is None or isinstance(self.embedding, str):
            return tags
        tags.target_tags.required |= needs_labels(self.embedding)
        # Strategy and embedding read the same samples: only what both take.
        space = get_tags(self.embedding).input_tags
        for name in ("sparse", "allow_nan", "string"):
            both = getattr(tags.input_tags, name) and getattr(space, name)
            setattr(tags.input_tags, name, both)
        return tags
