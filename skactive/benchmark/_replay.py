"""A model that was, played from its answers, so that any scorer can be asked anew."""

from functools import cached_property

import numpy as np

from skactive.utils._documented import BaseEstimator


class _StoredModel(BaseEstimator):
    """A model that remembers its answers; its samples are numbers of test rows."""

    def __init__(self, record, k):
        self.record, self.k = record, k

    @cached_property
    def classes_(self):
        if self.record.of_sets:
            return np.arange(self.record.y_test.shape[1])
        return self.record.classes

    def fit(self, X, y=None):
        return self

    def predict(self, X):
        answers = self.record.predictions[self.k][np.ravel(X)]
        if self.record.of_sets:
            return answers.astype(np.int64)
        return self.classes_[answers] if len(self.classes_) else answers

    def predict_proba(self, X):
        if not self.record.probabilities.size:
            raise AttributeError(
                "The runs hold no probabilities: the model has no predict_proba."
            )
        return self.record.probabilities[self.k][np.ravel(X)]

    def __sklearn_is_fitted__(self):
        return True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.estimator_type = self.record.kind
        return tags
