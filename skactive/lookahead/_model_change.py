"""Ask for the label that would change the last layer of a model most."""

import warnings

import numpy as np
from sklearn.base import is_regressor
from sklearn.utils import InputTags, get_tags
from sklearn.utils.extmath import row_norms
from sklearn.utils.validation import check_is_fitted

from skactive._sklearn import _num_samples
from skactive.base import EmbeddingStrategy, ScoreStrategy
from skactive.utils import check_probabilities, embed
from skactive.utils._bagging import bagged_members
from skactive.utils._constraints import whole
from skactive.utils._ensembles import refuse_frozen_last
from skactive.utils._learned_units import in_learned_units
from skactive.utils._models import (
    ClassesOnlyMixin,
    before_last_layer,
    check_last_layer,
    predictions,
    refuse_dense,
    unfrozen,
)
from skactive.utils._pool import reads_pools
from skactive.utils._shared_steps import after_shared_steps


class ExpectedModelChange(ClassesOnlyMixin, ScoreStrategy):
    """Ask for samples whose label is expected to change the last layer most.

    The gradient of the cross-entropy by the weights of a linear layer has the length
    ``|p - onehot| * |e|``, with the probabilities p and what the layer sees, e. It is
    averaged over the labels, by their probability [1]_: expected gradient length.

    Of a regressor, expected model change (EMCM [2]_): its squared loss has a gradient
    of length ``|f - y| * |e|``, and copies of it, trained on samples drawn from the
    labeled ones with replacement, say what y may be. That length is what it says for
    linear models that learn by squared loss, such as a ridge regression.

    Parameters
    ----------
    estimator : classifier or regressor, default=None
        A classifier with ``predict_proba``, or a regressor. None:
        ``LogisticRegression()``, or the
        model of the :class:`~skactive.ActiveLearner` that the strategy serves. One that
        is already fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    embedding : transformer, "estimator" or None, default=None
        Maps samples to what the last layer sees. None takes it from the model: of a
        net its ``transform``, of a pipeline the output of the steps before the last,
        otherwise the features as they are, images flattened. "estimator" is the model
        of the learner.
    squared : bool, default=False
        Whether squared lengths are averaged, ``(1 - |p|**2) * |e|**2``, or the mean of
        ``(f_k - f)**2 * |e|**2``.
    bias : bool, default=True
        Whether the layer has a bias, which adds 1 to each ``|e|**2``.
    normalize : bool, default=False
        Whether each ``|e|`` counts as 1, so that long samples are not preferred.
    n_members : int, default=10
        How many copies of a regressor are trained. A classifier needs none.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator and the embedding, with all their parts, and the order of
        ties.

    Attributes
    ----------
    estimator_ : classifier or regressor
        The fitted model.
    members_ : list of regressors
        The copies; empty for a classifier.
    embedding_ : transformer or None
        The fitted embedding.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Warns
    -----
    UserWarning
        From ``fit``, if a regressor has one label: all its copies are alike, and the
        answer is random.

    See Also
    --------
    ExpectedErrorReduction : Looks at what the label does to the rest of the pool.
    ModelChange : The change of a model on a graph.

    Notes
    -----
    It loses to random where the length of a sample says nothing of its worth, as on
    some tables (:ref:`defaults`): outliers are long. ``normalize=True`` leaves only the
    uncertainty. The batch is the n best samples by their own scores, without regard to
    each other. Regressors: where values have heavy tails it chases them; of a
    :class:`~sklearn.compose.TransformedTargetRegressor` the differences are taken as
    the model inside learned them. Over several outputs they are Euclidean, in the units
    of ``y``.

    Cost: one fit, the model's predictions, and O(n_pool * (n_classes + d)); of a
    regressor `n_members` fits and predictions more. Memory:
    ``24 * n_pool * (n_classes + 1)`` bytes, a third of them what a model answers in
    double precision; with a regressor ``64 * n_pool``; and what the last layer sees, if
    the model makes it of the features. CSR is taken.

    References
    ----------
    .. [1] B. Settles, M. Craven and S. Ray. "Multiple-Instance Active Learning."
       NIPS 2007.
    .. [2] W. Cai, Y. Zhang and J. Zhou. "Maximizing Expected Model Change for Active
       Learning in Regression." ICDM 2013.

    Examples
    --------
    >>> from skactive.lookahead import ExpectedModelChange
    >>> X, y = [[-1.0, 0.0], [1.0, 0.0]], ["cat", "dog"]
    >>> X_pool = [[0.0, 1.0], [0.0, 3.0], [9.0, 0.0]]
    >>> ExpectedModelChange().fit(X, y, X_pool).query(2)
    array([1, 0])
    """

    response_method = "predict_proba"
    takes_columns_of_numbers = True

    _parameter_constraints = {
        **ScoreStrategy._parameter_constraints,
        "embedding": EmbeddingStrategy._parameter_constraints["embedding"],
        "squared": ["boolean"],
        "bias": ["boolean"],
        "normalize": ["boolean"],
        "n_members": [whole(2)],
    }

    def __init__(
        self,
        estimator=None,
        *,
        embedding=None,
        squared=False,
        bias=True,
        normalize=False,
        n_members=10,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.embedding = embedding
        self.squared = squared
        self.bias = bias
        self.normalize = normalize
        self.n_members = n_members

    def _check_estimator(self, estimator):
        if is_regressor(estimator):
            refuse_dense(self, estimator)
            refuse_frozen_last(estimator, lends=False)
        else:
            super()._check_estimator(estimator)
        if self.embedding is None and not self.normalize:
            check_last_layer(self, estimator)

    def _check_known(self, y):
        if is_regressor(self._wanted_estimator()):
            return ScoreStrategy._check_known(self, y)
        return super()._check_known(y)

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        if self.embedding is None and not self.normalize:
            self.embedding_ = before_last_layer(self.estimator_, self)
        else:
            self.embedding_ = self._fit_embedding(X, y, X_pool)
        self.members_ = []
        if is_regressor(self.estimator_):
            self._fit_members(X, y, X_pool)

    def _fit_members(self, X, y, X_pool):
        if len(y) == 1:
            warnings.warn(
                f"{type(self).__name__} has one label: copies of {self.estimator_!r} "
                "are alike, and it draws at random. Begin with more labels.",
                UserWarning,
                stacklevel=5,
            )
        model = unfrozen(self.estimator_)
        self.members_ = bagged_members(
            model,
            X,
            y,
            X_pool,
            n_members=self.n_members,
            # Members need seeds also where the user asked for none.
            seed=self._query_seed if self._fit_seed is None else self._fit_seed,
            params=self._params_of(model, y),
        )

    def score_samples(self, X):
        """Return the expected length of the gradient.

        Of a regressor, the mean over what its copies predict.

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
        models = [self.estimator_, *self.members_]
        if self.members_:
            models = [in_learned_units(model)[0] for model in models]
        (*models, embedding), X = after_shared_steps([*models, self.embedding_], X)
        if self.members_:
            said = (predictions(model, X) for model in models)
            return expected_step(
                next(said), said, self._sq_length(embedding, X), squared=self.squared
            )
        model, Z = unfrozen(models[0]), None
        if unfrozen(embedding) is model and hasattr(model, "predict_with_embedding"):
            proba, Z = model.predict_with_embedding(X)  # of a net in one pass
        else:
            proba = self._predict_proba(X, models[0])
        proba = check_probabilities(proba)
        sq_length = self._sq_length(embedding, X, Z).astype(proba.dtype, copy=False)
        return expected_gradient_length(proba, sq_length, squared=self.squared)

    def _sq_length(self, embedding, X, Z=None):
        """Return the squared length of what the last layer sees of each sample."""
        if self.normalize:
            return np.ones(_num_samples(X))
        Z = embed(embedding, X, owner=self) if Z is None else embed(None, Z, owner=self)
        return row_norms(Z, squared=True) + (1.0 if self.bias else 0.0)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.embedding is None and self.normalize:
            return tags  # the features themselves are not looked at
        # Estimator and embedding read the same samples: only what both take.
        space = InputTags(sparse=True)
        if self.embedding is not None and not isinstance(self.embedding, str):
            space = get_tags(self.embedding).input_tags
        for name in ("sparse", "allow_nan", "string"):
            both = getattr(tags.input_tags, name) and getattr(space, name)
            setattr(tags.input_tags, name, both)
        return tags


def expected_gradient_length(proba, sq_length, *, squared=False):
    """Mean length of the gradient of a softmax layer over the labels.

    Parameters
    ----------
    proba : ndarray of shape (n_samples, n_classes)
        Class probabilities.
    sq_length : ndarray of shape (n_samples,)
        Squared length of what the layer sees.
    squared : bool, default=False
        Whether squared lengths are averaged.

    Returns
    -------
    lengths : ndarray of shape (n_samples,)
        In units of the embedding, or of its square.
    """
    sq = np.einsum("ij,ij->i", proba, proba)
    if squared:
        return np.maximum(1 - sq, 0) * sq_length
    # The squared length of p - onehot(c), which rounding may bring below 0.
    lengths = np.sqrt(np.maximum(sq[:, None] - 2 * proba + 1, 0))
    return np.einsum("ij,ij->i", proba, lengths) * np.sqrt(sq_length)


def expected_step(predicted, members, sq_length, *, squared=False):
    """Mean length of the gradient of the squared loss over what members predict.

    Parameters
    ----------
    predicted : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        What the model predicts.
    members : iterable of ndarrays of the same shape
        What its copies predict: values that a label may have.
    sq_length : ndarray of shape (n_samples,)
        Squared length of what the last layer sees.
    squared : bool, default=False
        Whether squared lengths are averaged.

    Returns
    -------
    lengths : ndarray of shape (n_samples,)
        In units of the values times those of the embedding, or of the square.
    """
    total, n_members = 0.0, 0
    for member in members:
        apart = np.abs(member - predicted)
        if squared or apart.ndim == 2:
            apart = apart**2
        if apart.ndim == 2:
            apart = apart.sum(axis=1)
            apart = apart if squared else np.sqrt(apart)
        total, n_members = total + apart, n_members + 1
    return total / n_members * (sq_length if squared else np.sqrt(sq_length))
