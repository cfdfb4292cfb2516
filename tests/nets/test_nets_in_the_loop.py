"""Nets where estimators go: the learner, strategies, pipelines, a grid search."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.diversity import CoreSet
from skactive.nets import NetClassifier
from skactive.selection import k_center_greedy
from skactive.uncertainty import MarginSampling

pytestmark = pytest.mark.deep


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    images = (X[:300] * 15).astype(np.uint8).reshape(-1, 1, 8, 8)
    return images, np.array([f"digit {k}" for k in range(10)])[y[:300]]


def test_the_learner_asks_by_the_margin_of_a_net_on_images(digits):
    X, y = digits
    learner = ActiveLearner(
        NetClassifier(module__width=8, max_epochs=15),
        MarginSampling(),
        n_initial=40,
        budget=40,
        batch_size=20,
        random_state=0,
    ).fit(X[:250], y[:250])
    assert learner.classes_.tolist() == sorted(set(y))
    assert learner.predict_proba(X[250:]).shape == (50, 10)
    assert learner.labeled_mask_.sum() == 80
    assert learner.score(X[250:], y[250:]) > 0.4
    again = clone(learner).fit(X[:250], y[:250])
    assert np.array_equal(again.queried_indices_, learner.queried_indices_)
    twin = pickle.loads(pickle.dumps(learner))
    assert np.array_equal(twin.predict(X), learner.predict(X))


def test_labels_that_were_never_revealed_change_nothing(digits):
    X, y = digits
    learner = ActiveLearner(
        NetClassifier(module__width=4, max_epochs=3, classes=np.unique(y)),
        MarginSampling(),
        n_initial=20,
        budget=10,
        batch_size=5,
        random_state=0,
    ).fit(X, y)
    hidden = ~learner.labeled_mask_
    other = y.copy()
    other[hidden] = np.random.RandomState(0).permutation(y[hidden])
    twin = clone(learner).fit(X, other)
    assert np.array_equal(twin.queried_indices_, learner.queried_indices_)
    assert np.array_equal(twin.predict_proba(X), learner.predict_proba(X))


def test_core_set_picks_in_the_embedding_of_a_net(digits):
    X, y = digits
    net = NetClassifier(module__width=4, max_epochs=3, random_state=0)
    strategy = CoreSet(net).fit(X[:60], y[:60], X[60:])
    positions = strategy.query(5)
    fitted = clone(net).fit(X[:60], y[:60])
    expected = k_center_greedy(
        fitted.transform(X[60:]), 5, Z_labeled=fitted.transform(X[:60])
    )
    assert np.array_equal(positions, expected)
    frozen = CoreSet(FrozenEstimator(fitted)).fit(X[:60], y[:60], X[60:])
    assert np.array_equal(frozen.query(5), positions)


def test_core_set_with_a_net_needs_labels(digits):
    with pytest.raises(ValueError, match="requires y to be passed"):
        CoreSet(NetClassifier()).fit(digits[0])


def test_one_seed_of_a_strategy_reaches_the_net(digits):
    X, y = digits
    picks = [
        MarginSampling(NetClassifier(module__width=4, max_epochs=2), random_state=s)
        .fit(X[:40], y[:40], X[40:])
        .query(20)
        for s in (0, 0, 1)
    ]
    assert np.array_equal(picks[0], picks[1])
    assert not np.array_equal(picks[0], picks[2])


def test_a_grid_search_in_two_processes_finds_settings_of_the_module(fresh_workers):
    X, y = load_digits(return_X_y=True)
    model = make_pipeline(StandardScaler(), NetClassifier(max_epochs=15))
    grid = {
        "netclassifier__module__hidden": [(1,), (32,)],
        "netclassifier__random_state": [0],
    }
    search = GridSearchCV(model, grid, cv=2, n_jobs=2).fit(X[:300], y[:300])
    assert search.best_params_["netclassifier__module__hidden"] == (32,)
    assert search.best_estimator_.transform(X).shape == (len(X), 32)
    alone = GridSearchCV(model, grid, cv=2).fit(X[:300], y[:300])
    assert search.cv_results_["mean_test_score"] == pytest.approx(
        alone.cv_results_["mean_test_score"], abs=0.02
    )
