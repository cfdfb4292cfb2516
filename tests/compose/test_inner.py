"""What strategies with another one inside share."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import ClassifierMixin, is_classifier
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.naive_bayes import GaussianNB
from sklearn.utils import get_tags

from skactive import ActiveLearner, QueryStrategy
from skactive.compose import (
    DensityWeighted,
    OutlierFilter,
    OutlierPenalty,
    PoolSubsampling,
    StochasticBatch,
)
from skactive.compose._inner import also_embedded, entropy_of_features, score_pool
from skactive.diversity import CoreSet
from skactive.uncertainty import EntropySampling, MarginSampling

X, y = make_classification(90, 4, random_state=0)
PARTS = X[:20], y[:20], X[20:]


class Joint(ClassifierMixin, QueryStrategy):
    """Ask at random; predict with a model of its own."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def _fit(self, X, y, X_pool):
        self.model_ = GaussianNB().fit(X, y)
        self.classes_ = self.model_.classes_

    def _query(self, n):
        return self._query_random_state().permutation(self.n_pool_)[:n]

    def score_samples(self, X):
        return self.model_.predict_proba(X)[:, 0]

    def predict(self, X):
        return self.model_.predict(X)

    def predict_proba(self, X):
        return self.model_.predict_proba(X)


@pytest.mark.parametrize(
    "cls", [PoolSubsampling, OutlierFilter, OutlierPenalty, DensityWeighted]
)
def test_what_is_inside_still_predicts(cls):
    strategy = cls(Joint(), random_state=0).fit(*PARTS)
    model = GaussianNB().fit(*PARTS[:2])
    assert is_classifier(strategy)
    assert_array_equal(strategy.classes_, model.classes_)
    assert_array_equal(strategy.predict(X), model.predict(X))
    assert_array_equal(strategy.predict_proba(X), model.predict_proba(X))
    assert strategy.score(X, y) == model.score(X, y)
    learner = ActiveLearner(strategy=cls(Joint()), budget=5, random_state=0).fit(X, y)
    assert learner.estimator_ is learner.strategy_
    silent = cls(MarginSampling()).fit(*PARTS)
    for name in ("predict", "predict_proba", "score", "classes_"):
        assert not hasattr(silent, name)
    assert not is_classifier(silent)


@pytest.mark.parametrize(
    "cls, default",
    [
        (PoolSubsampling, CoreSet),
        (OutlierFilter, CoreSet),
        (OutlierPenalty, EntropySampling),
        (DensityWeighted, EntropySampling),
        (StochasticBatch, EntropySampling),
    ],
)
def test_in_the_place_of_none(cls, default):
    assert isinstance(cls().fit(*PARTS).strategy_, default)
    learner = ActiveLearner(GaussianNB(), cls(), budget=5, random_state=0).fit(X, y)
    inner = learner.strategy_.strategy_
    assert isinstance(inner, default)
    assert inner._X_pool is None  # it goes into no pickle
    if default is EntropySampling:
        assert isinstance(inner.estimator_.estimator, GaussianNB)


def test_scores_of_the_pool_of_any_strategy():
    class Foreign:
        _X_pool = X

        def score_samples(self, X):
            return X[:, 0].tolist()

    assert_array_equal(score_pool(Foreign()), X[:, 0])
    ours = EntropySampling().fit(*PARTS)
    assert_array_equal(score_pool(ours), ours.score_samples(PARTS[2]))


def test_the_default_model_looks_through_the_embedding():
    strategy = entropy_of_features(PCA(2)).fit(*PARTS)
    assert strategy.estimator_[-1].coef_.shape == (1, 2)
    images = X.reshape(-1, 1, 2, 2)
    strategy = entropy_of_features("estimator").fit(images[:20], y[:20], images[20:])
    assert strategy.estimator_[-1].coef_.shape == (1, 4)


def test_tags_say_what_both_take():
    class Words(PCA):
        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.input_tags.string = tags.input_tags.sparse = True
            tags.target_tags.required = True
            return tags

    def tags(string, embedding):
        mine = get_tags(CoreSet())
        mine.input_tags.string = string
        return also_embedded(mine, embedding)

    assert tags(True, Words()).input_tags.string
    assert tags(True, Words()).target_tags.required
    assert not tags(False, Words()).input_tags.string
    assert not tags(True, None).input_tags.string
    assert tags(True, "estimator").input_tags.string
    assert np.all([tags(True, each).input_tags.sparse for each in (None, Words())])
