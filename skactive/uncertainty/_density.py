"""Information density: uncertain samples in dense regions."""

import numpy as np
from sklearn.utils import InputTags, get_tags
from sklearn.utils.validation import check_is_fitted

from skactive.base import EmbeddingStrategy, ScoreStrategy
from skactive.uncertainty._margin import margin
from skactive.utils import embed
from skactive.utils._constraints import number
from skactive.utils._density import mean_cosines, mean_direction, warn_if_scattered
from skactive.utils._models import ClassesOnlyMixin
from skactive.utils._pool import Pool, naming_rows, reads_pools
from skactive.utils._shared_steps import after_shared_steps


class InformationDensity(ClassesOnlyMixin, ScoreStrategy):
    """Ask for uncertain samples in dense regions; if centered, loses to random.

    The score of a sample is its uncertainty times its density to the power ``beta``.
    The density is the mean cosine similarity to the pool, so an uncertain outlier,
    from which nothing can be learned about the rest, is skipped.

    Parameters
    ----------
    estimator : classifier, default=None
        A classifier with ``predict_proba``; a pipeline may hold the preprocessing.
        None: ``LogisticRegression()``, or the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    uncertainty : callable, default=margin
        A function of class probabilities of shape (n_samples, n_classes) that
        returns one number per sample, 0 or more: :func:`margin`, :func:`entropy`
        (closest to the paper), :func:`least_confidence` or your own function.
    beta : float, default=1.0
        Weight of the density, 0 or more; 0 leaves only the uncertainty.
    embedding : transformer or None, default=None
        Maps samples to the space in which similarity is measured, by its
        ``transform``. None takes the features as they are, images flattened, also if
        ``estimator`` is a pipeline that scales them. One that is already fitted
        comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator and the embedding, with all their parts, and the order of
        ties.

    Attributes
    ----------
    estimator_ : classifier
        The fitted model.
    embedding_ : transformer or None
        The fitted embedding.
    mean_direction_ : ndarray of shape (n_columns,)
        Mean of the pool after each sample was scaled to length one; of the labeled
        samples if there was no pool.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Warns
    -----
    UnsuitedWarning
        From ``fit``, if the mean direction of the pool is shorter than 0.3: its samples
        then point everywhere, and densities say little.

    See Also
    --------
    MarginSampling : The same with ``beta=0``.

    Notes
    -----
    The mean of the cosines is the cosine's numerator with the mean direction, so that
    no matrix of similarities is built: O(n_pool * n_columns) time, besides one fit and
    one ``predict_proba`` on the pool. Memory: ``16 * n_pool * (n_classes + 1)`` bytes
    beside the embedded pool; one vector is kept. A mean below zero counts as
    zero; a sample of zeros resembles nothing and has density zero.

    Cosines depend on the origin. Features that are all positive, such as counts of
    words, are suited; centered features have a mean direction near zero and densities
    that say little: ``fit`` warns of it, and ``embedding=MinMaxScaler()`` helps.

    It loses to random sampling where columns are centered (:ref:`defaults`); late, when
    the dense regions are learned; and where classes are rare and live in sparse
    regions, which it will not visit.

    References
    ----------
    .. [1] B. Settles and M. Craven. An analysis of active learning strategies for
       sequence labeling tasks. EMNLP 2008.

    Examples
    --------
    The model is equally unsure about the first two samples of the pool. The second is
    near others, the first is not:

    >>> from skactive.uncertainty import InformationDensity, margin
    >>> X, y = [[1, 0, 1], [0, 1, 1]], ["cat", "dog"]
    >>> X_pool = [[1, 1, 0], [1, 1, 3], [1, 0, 3], [0, 1, 3]]
    >>> strategy = InformationDensity(uncertainty=margin).fit(X, y, X_pool)
    >>> strategy.query(1)
    array([1])
    """

    response_method = "predict_proba"

    _parameter_constraints = {
        **ScoreStrategy._parameter_constraints,
        "uncertainty": [callable],
        "beta": [number(0, closed="left")],
        "embedding": EmbeddingStrategy._parameter_constraints["embedding"],
    }

    def __init__(
        self,
        estimator=None,
        *,
        uncertainty=margin,
        beta=1.0,
        embedding=None,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.uncertainty = uncertainty
        self.beta = beta
        self.embedding = embedding

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        self.embedding_ = self._fit_embedding(X, y, X_pool)
        has_pool = self.n_pool_ > 0
        reference, name = (X_pool, "X_pool") if has_pool else (X, "X")
        pool = reference if isinstance(reference, Pool) else Pool(reference)
        total = 0
        for block in pool.blocks(None if self.blockwise else len(pool), slices=False):
            with naming_rows(pool, block):
                Z = embed(self.embedding_, block.X, input_name=name, owner=self)
            total = total + mean_direction(Z) * (Z.shape[0] / len(pool))
        self.mean_direction_ = total
        if has_pool and self.beta > 0:
            warn_if_scattered(self, total, stacklevel=5)

    def score_samples(self, X):
        """Return uncertainty times density to the power ``beta``.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            0 or more; higher is more worth a label.
        """
        check_is_fitted(self, "estimator_")
        (model, embedding), X = after_shared_steps(
            [self.estimator_, self.embedding_], X
        )
        proba = self._predict_proba(X, model)
        scores = np.asarray(self.uncertainty(proba))
        if scores.shape != (len(proba),):
            raise ValueError(
                "uncertainty must return one number per sample, an array of shape "
                f"({len(proba)},); got {scores.shape}."
            )
        return scores * self._density(embed(embedding, X, owner=self)) ** self.beta

    def _density(self, Z):
        return mean_cosines(Z, self.mean_direction_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # Estimator and embedding read the same samples: only what both take.
        space = InputTags(sparse=True)
        if self.embedding is not None:
            space = get_tags(self.embedding).input_tags
        for name in ("sparse", "allow_nan", "string"):
            both = getattr(tags.input_tags, name) and getattr(space, name)
            setattr(tags.input_tags, name, both)
        return tags
