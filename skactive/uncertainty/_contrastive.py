"""Contrastive active learning: does the model say the same of labeled neighbors?"""

import numpy as np
from scipy.sparse import csr_array, issparse
from sklearn.preprocessing import normalize
from sklearn.utils import InputTags, get_tags
from sklearn.utils.validation import check_is_fitted

from skactive.base import EmbeddingStrategy, ScoreStrategy
from skactive.graph._exact import largest_columns
from skactive.utils import check_probabilities, embed, shannon_entropy
from skactive.utils._constraints import whole
from skactive.utils._models import ClassesOnlyMixin
from skactive.utils._pool import reads_pools
from skactive.utils._shared_steps import after_shared_steps

# Smaller probabilities count as this; the row is then scaled to sum to 1 again.
SMALLEST = 1e-7
# Bytes of one block of products, or of the probabilities of neighbors.
BLOCK_BYTES = 2**22


class ContrastiveAL(ClassesOnlyMixin, ScoreStrategy):
    """Ask for what is predicted unlike its neighbors; often loses to random on tables.

    The score is the mean Kullback-Leibler divergence from the class probabilities of
    the nearest labeled samples to those of the sample [1]_: near in the embedding, far
    apart in what is predicted.

    Parameters
    ----------
    estimator : classifier, default=None
        A classifier with ``predict_proba``; a pipeline may hold the preprocessing.
        None: ``LogisticRegression()``, or the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    n_neighbors : int, default=1
        How many labeled neighbors of each sample; all if there are fewer. The authors'
        code takes 10.
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space of the neighbors, which are those with the largest
        cosine; "estimator" is the model of the learner. None takes the features as they
        are, images flattened, also if ``estimator`` is a pipeline that scales them.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator and the embedding, with all their parts, and the order of
        ties.

    Attributes
    ----------
    estimator_ : classifier
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
    MarginSampling : Looks at the sample alone.

    Notes
    -----
    ``KL(p_j || p) = -H(p_j) - p_j . log p``, so that only two means over the neighbors
    are kept for each sample, of the entropy and of the probabilities.

    It was made for texts, embedded by a net that is trained on the labels. Loses to
    random on many tables with a logistic regression (:ref:`defaults`), with the first
    few labels, when neighbors are far away and the model is not to be trusted, and
    where labels are clustered, so that all samples of a region share their neighbors.
    With more neighbors, which then are most of few labels, it lost more. A batch is no
    more spread out than that of :class:`MarginSampling`.

    Cost: one fit, ``predict_proba`` on labeled samples and pool, and
    ``2 * n_pool * n_labeled * d`` operations for d columns. Memory:
    ``16 * n_pool * (n_classes + 1)`` bytes, the embedded labeled samples, and blocks of
    some 12 MB. CSR is taken.

    References
    ----------
    .. [1] K. Margatina, G. Vernikos, L. Barrault and N. Aletras. "Active Learning by
       Acquiring Contrastive Examples." EMNLP 2021. arXiv:2109.03764.

    Examples
    --------
    The last sample points where the first label does, but lies across the border:

    >>> from skactive.uncertainty import ContrastiveAL
    >>> X, y = [[1.0, 0.1], [0.1, 1.0]], ["cat", "dog"]
    >>> X_pool = [[1.1, 0.1], [0.1, 1.1], [-1.0, 0.9]]
    >>> strategy = ContrastiveAL(n_neighbors=1).fit(X, y, X_pool)
    >>> strategy.score_samples(X_pool).round(3)[:2]
    array([0., 0.])
    """

    response_method = "predict_proba"

    _parameter_constraints = {
        **ScoreStrategy._parameter_constraints,
        "n_neighbors": [whole(1)],
        "embedding": EmbeddingStrategy._parameter_constraints["embedding"],
    }

    def __init__(
        self, estimator=None, *, n_neighbors=1, embedding=None, random_state=None
    ):
        super().__init__(estimator, random_state=random_state)
        self.n_neighbors = n_neighbors
        self.embedding = embedding

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        self.embedding_ = self._fit_embedding(X, y, X_pool)
        self._proba_labeled, Z = self._seen(X)
        self._Z_labeled = normalize(Z)

    def score_samples(self, X):
        """Return the mean divergence from labeled neighbors.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            0 or more; higher is more worth a label.
        """
        proba, Z = self._seen(X)
        entropy = shannon_entropy(self._proba_labeled)
        labeled = np.column_stack([self._proba_labeled, entropy])
        scores = np.empty(len(proba), dtype=proba.dtype)
        n_labeled = self._Z_labeled.shape[0]
        k = min(self.n_neighbors, n_labeled)
        widest = max(n_labeled, k * proba.shape[1])
        step = max(1, BLOCK_BYTES // (proba.itemsize * widest))
        for start in range(0, len(proba), step):
            part = slice(start, start + step)
            # Labeled rows have length one. That of the others changes no order.
            G = Z[part] @ self._Z_labeled.T
            near = largest_columns(G.toarray() if issparse(G) else G, k)
            # As a sparse product: nothing is gathered for each neighbor.
            share = np.full(near.size, 1 / k, dtype=labeled.dtype)
            ends = np.arange(0, near.size + 1, k)
            mean = csr_array((share, near.ravel(), ends), (len(near), n_labeled))
            mean = mean @ labeled
            cross = -np.einsum("ij,ij->i", mean[:, :-1], np.log(proba[part]))
            scores[part] = cross - mean[:, -1]
        # Rounding may fall below the 0 of equal distributions.
        return np.maximum(scores, 0)

    def _seen(self, X):
        """Return probabilities without zeros, each row summing to 1, and embeddings."""
        check_is_fitted(self, "estimator_")
        (model, embedding), X = after_shared_steps(
            [self.estimator_, self.embedding_], X
        )
        proba = check_probabilities(self._predict_proba(X, model))
        proba = np.maximum(proba, SMALLEST)
        Z = embed(embedding, X, owner=self)
        return proba / proba.sum(axis=1, keepdims=True), Z

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # Estimator and embedding read the same samples: only what both take.
        space = InputTags(sparse=True)
        if self.embedding is not None and not isinstance(self.embedding, str):
            space = get_tags(self.embedding).input_tags
        for name in ("sparse", "allow_nan", "string"):
            both = getattr(tags.input_tags, name) and getattr(space, name)
            setattr(tags.input_tags, name, both)
        return tags
