"""Probabilities of units, block by block: the same whatever the model."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skactive.utils import _units
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers
from skactive.utils._units import (
    iter_units,
    predicts_maps,
    units_kind,
    without_gaps,
)


class Maps(BaseEstimator):
    """Three classes whose probabilities follow from one gray value."""

    fitted_ = True

    def fit(self, X, y=None):
        return self

    def predict(self, X):
        return self.predict_proba(X).argmax(axis=1)

    def predict_proba(self, X):
        self.asked_ = [*getattr(self, "asked_", []), len(X)]
        return np.stack([X, (1 - X) / 4, (1 - X) * 3 / 4], axis=1)

    def score(self, X, y):
        return 0.0


class Segments(Maps):
    """As a NetSegmenter: says its kind, and goes through samples by itself."""

    answers_kind = MaskAnswers

    def iter_proba(self, X):
        for start in range(0, len(X), 2):
            yield super().predict_proba(X[start : start + 2])


class Detects(BaseEstimator):
    answers_kind = BoxAnswers
    fitted_ = True

    def fit(self, X, y=None):
        return self

    def predict(self, X):
        return [{"probas": np.full((int(m), 3), 1 / 3)} for m in X[:, 0]]


X = np.random.RandomState(0).uniform(size=(7, 4, 5))


@pytest.mark.parametrize("model, kind", [(Segments(), MaskAnswers), (Detects(), None)])
def test_the_kind_is_told_through_wrappers(model, kind):
    kind = kind or BoxAnswers
    double = FunctionTransformer()
    search = GridSearchCV(model, {})
    search.best_estimator_ = model
    for wrapped in (
        model,
        FrozenEstimator(model),
        make_pipeline(double, model),
        make_pipeline(double, FrozenEstimator(make_pipeline(double, model))),
        search,
    ):
        assert units_kind(wrapped) is kind


def test_samples_of_other_models_have_one_unit():
    assert units_kind(LogisticRegression()) is None
    assert units_kind(Maps()) is None

    class Other(Maps):
        answers_kind = "masks"

    assert units_kind(Other()) is None


def test_maps_are_seen_by_a_look_at_one_sample():
    model = Maps()
    assert predicts_maps(model, X) and model.asked_ == [1]
    assert predicts_maps(Segments(), X)
    assert not predicts_maps(Ridge(), X)
    X2, y = X.reshape(7, -1), np.arange(7) % 2
    assert not predicts_maps(LogisticRegression().fit(X2, y), X2)


@pytest.mark.parametrize("chunk", [1, 200, 1000, 2**26])
def test_blocks_put_together_are_all_samples(chunk, monkeypatch):
    monkeypatch.setattr(_units, "CHUNK", chunk)
    expected = Maps().predict_proba(X).reshape(7, 3, 20)
    model = Maps()
    blocks = list(iter_units(model, X))
    assert_array_equal(np.concatenate(blocks), expected)
    # One sample is 480 bytes: the first is asked for alone, then what fits.
    assert max(map(len, blocks)) <= max(1, chunk // 480)
    assert model.asked_ == [len(block) for block in blocks]


def test_a_model_that_goes_through_samples_by_itself_does():
    expected = Maps().predict_proba(2 * X / 3).reshape(7, 3, 20)
    double = FunctionTransformer(lambda X: 2 * X / 3)
    for model in (
        make_pipeline(double, Segments()),
        FrozenEstimator(make_pipeline(double, Segments())),
    ):
        blocks = list(iter_units(model, X))
        assert [len(block) for block in blocks] == [2, 2, 2, 1]
        assert_array_equal(np.concatenate(blocks), expected)


def test_each_image_of_boxes_is_a_block():
    blocks = list(iter_units(Detects(), np.array([[2], [0], [5]])))
    assert [block.shape for block in blocks] == [(1, 3, 2), (1, 3, 0), (1, 3, 5)]


@pytest.mark.parametrize("empty, value", [("lowest", 1), ("median", 2), ("highest", 6)])
def test_samples_without_units_rank_where_they_are_told(empty, value):
    scores = np.array([2, np.nan, 6, 1, np.nan])
    assert without_gaps(scores, empty).tolist() == [2, value, 6, 1, value]
    assert without_gaps(np.full(3, np.nan), empty).tolist() == [0, 0, 0]
