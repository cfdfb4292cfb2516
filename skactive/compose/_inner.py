"""What a strategy with another one inside says and does as that one."""

from copy import deepcopy

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import InputTags, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skactive.base import ScoreStrategy
from skactive.uncertainty import EntropySampling
from skactive.utils import needs_labels


def entropy_of_features(embedding=None):
    """Return entropy sampling with a linear model of what an embedding gives it.

    Without one, of their features, images flattened.
    """
    if embedding is None or isinstance(embedding, str):
        embedding = FunctionTransformer(_flatten)
    return EntropySampling(make_pipeline(embedding, LogisticRegression()))


def score_pool(strategy):
    """Return what a fitted strategy scores each sample of its pool."""
    if isinstance(strategy, ScoreStrategy):
        return strategy._score_pool()
    return np.asarray(strategy.score_samples(strategy._X_pool))


def also_embedded(tags, embedding):
    """Let tags say what both a strategy and an embedding of the same samples take.

    ``embedding`` is None for features as they are.
    """
    if isinstance(embedding, str):  # the model of a learner
        return tags
    space = InputTags(sparse=True)
    if embedding is not None:
        space = get_tags(embedding).input_tags
        tags.target_tags.required |= needs_labels(embedding)
    for name in ("sparse", "allow_nan", "string"):
        both = getattr(tags.input_tags, name) and getattr(space, name)
        setattr(tags.input_tags, name, both)
    return tags


def _strategy_has(name):
    def check(self):
        return hasattr(getattr(self, "strategy_", self._wanted_strategy()), name)

    return check


class InnerStrategyMixin:
    """Predicts as the strategy inside, where it predicts, and says of itself the same.

    For a class with a parameter ``strategy``, a fitted ``strategy_``, and a method
    ``_wanted_strategy`` that returns the strategy or what takes the place of None.
    """

    @available_if(_strategy_has("predict"))
    def predict(self, X):
        """Predict with the strategy, if it can predict.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            What ``strategy_`` predicts.
        """
        check_is_fitted(self)
        return self.strategy_.predict(X)

    @available_if(_strategy_has("predict_proba"))
    def predict_proba(self, X):
        """Predict class probabilities with the strategy, if it can.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
            One column per class of ``classes_``.
        """
        check_is_fitted(self)
        return self.strategy_.predict_proba(X)

    @available_if(_strategy_has("score"))
    def score(self, X, y, sample_weight=None):
        """Score the predictions of the strategy, if it has a score for them.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.
        y : array-like of shape (n_samples,)
            Their true labels or values.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        Returns
        -------
        score : float
            What ``strategy_.score`` returns.
        """
        check_is_fitted(self)
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        return self.strategy_.score(X, y, **weights)

    @property
    def classes_(self):
        """Classes that the strategy predicts, if it can predict."""
        # The error about a missing attribute names the object that lacks it.
        return self.strategy_.classes_

    @property
    def answers_kind(self):
        """What an answer is to a learner, where the strategy says so."""
        return getattr(self._wanted_strategy(), "answers_kind", None)

    def _check_sizes(self, X, estimator):
        if self.strategy is None:  # a learner does not see the one in its place
            self._wanted_strategy()._check_sizes(X, estimator)

    def _drop_pool(self):
        super()._drop_pool()
        self.strategy_._drop_pool()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self._wanted_strategy())
        tags.input_tags = deepcopy(inner.input_tags)
        tags.target_tags.required = inner.target_tags.required
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags = deepcopy(inner.classifier_tags)
        tags.regressor_tags = deepcopy(inner.regressor_tags)
        return tags


def _flatten(X):
    return X.reshape(len(X), -1) if getattr(X, "ndim", 2) > 2 else X
