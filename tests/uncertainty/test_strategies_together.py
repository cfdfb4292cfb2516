"""The three uncertainty strategies."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import check_estimator

from skactive.uncertainty import (
    EntropySampling,
    InformationDensity,
    LeastConfidenceSampling,
    MarginSampling,
    entropy,
    least_confidence,
    margin,
)

PAIRS = [
    (EntropySampling, entropy),
    (MarginSampling, margin),
    (LeastConfidenceSampling, least_confidence),
]
CLASSES = [cls for cls, _ in PAIRS]


class KnownProbabilities(ClassifierMixin, BaseEstimator):
    """Answers with the features: each sample is its own distribution."""

    def fit(self, X, y):
        self.classes_ = np.arange(np.shape(X)[1])
        return self

    def predict_proba(self, X):
        return np.asarray(X, dtype=float)


@pytest.fixture
def data():
    X, y = make_classification(
        90, 5, n_informative=4, n_redundant=0, n_classes=3, random_state=0
    )
    return X[:30], y[:30], X[30:]


@pytest.mark.parametrize("cls, measure", PAIRS)
def test_scores_are_the_measure_of_the_model(cls, measure, data):
    X, y, X_pool = data
    strategy = cls(LogisticRegression()).fit(X, y, X_pool)
    proba = LogisticRegression().fit(X, y).predict_proba(X_pool)
    assert_array_equal(strategy.score_samples(X_pool), measure(proba))
    assert_array_equal(strategy.query(5), np.argsort(-measure(proba))[:5])


def test_each_strategy_asks_for_its_own_favorite():
    X_pool = [[0.5, 0.5, 0.0], [0.45, 0.3, 0.25], [0.44, 0.4, 0.16], [0.9, 0.1, 0.0]]
    known = KnownProbabilities()
    X, y = np.eye(3), [0, 1, 2]
    assert MarginSampling(known).fit(X, y, X_pool).query(1) == [0]
    assert EntropySampling(known).fit(X, y, X_pool).query(1) == [1]
    assert LeastConfidenceSampling(known).fit(X, y, X_pool).query(1) == [2]


@pytest.mark.parametrize("cls", CLASSES)
def test_ties_are_drawn_by_the_seed_and_not_by_position(cls):
    X_pool = np.full((200, 2), 0.5)
    strategy = cls(KnownProbabilities(), random_state=0)
    first = strategy.fit(np.eye(2), [0, 1], X_pool).query(20)
    assert first.max() > 100
    assert_array_equal(first, strategy.fit(np.eye(2), [0, 1], X_pool).query(20))


@pytest.mark.parametrize("cls", [*CLASSES, InformationDensity])
def test_string_labels_do_not_change_the_answer(cls, data):
    X, y, X_pool = data
    names = np.array(["ant", "bee", "cow"])[y]
    assert_array_equal(
        cls().fit(X, names, X_pool).query(9), cls().fit(X, y, X_pool).query(9)
    )


@pytest.mark.parametrize("cls", [*CLASSES, InformationDensity])
def test_containers_do_not_change_the_answer(cls, data):
    X, y, X_pool = data
    expected = cls().fit(X, y, X_pool).query(9)
    columns = list("abcde")
    frames = [pd.DataFrame(part, columns=columns) for part in (X, X_pool)]
    numbered = [pd.DataFrame(part) for part in (X, X_pool)]
    rows = [sparse.csr_array(part) for part in (X, X_pool)]
    for labeled, pool in (frames, numbered, rows):
        assert_array_equal(cls().fit(labeled, y, pool).query(9), expected)
    assert_array_equal(
        cls().fit(frames[0], pd.Series(y), frames[1]).feature_names_in_, columns
    )


@pytest.mark.parametrize("cls", [*CLASSES, InformationDensity])
def test_a_frozen_model_is_asked_and_not_trained(cls, data):
    X, y, X_pool = data
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(X_pool, np.arange(60) % 3)
    before = model[-1].coef_.copy()
    strategy = cls(FrozenEstimator(model)).fit(X, y, X_pool)
    assert strategy.estimator_.estimator is model
    assert_array_equal(model[-1].coef_, before)


@pytest.mark.parametrize("cls", [*CLASSES, InformationDensity])
def test_an_estimator_without_probabilities_is_refused(cls, data):
    X, y, X_pool = data
    with pytest.raises(ValueError, match="predict_proba.*CalibratedClassifierCV"):
        cls(LinearSVC()).fit(X, y, X_pool)


@pytest.mark.parametrize("cls", [*CLASSES, InformationDensity])
def test_a_model_that_answers_nan_is_refused(cls):
    X_pool = [[0.5, 0.5], [np.nan, 0.5]]
    model = KnownProbabilities()
    kwargs = {} if cls is not InformationDensity else {"embedding": ZeroOne()}
    strategy = cls(model, **kwargs).fit(np.eye(2), [0, 1], X_pool)
    with pytest.raises(ValueError, match="Row 1 .* holds NaN"):
        strategy.query(1)


class ZeroOne(BaseEstimator):
    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return np.ones((len(X), 2))


@pytest.mark.parametrize("cls", [*CLASSES, InformationDensity])
def test_scikit_learn_accepts_it(cls):
    results = check_estimator(cls(), on_skip=None, on_fail=None)
    failed = [r["check_name"] for r in results if r["status"] == "failed"]
    assert failed == []
    assert len(results) >= 38
