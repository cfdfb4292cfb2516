"""Strategies for sets of labels: what holds for all, and the tables of their page."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from skactive.lookahead import MaximumLossReduction
from skactive.testing import MockClassifier
from skactive.uncertainty import CVIRS, BinMin, LabelCardinalityInconsistency

ROOT = Path(__file__).parents[2]
STRATEGIES = {
    "BinMin": BinMin(random_state=0),
    "LCI": LabelCardinalityInconsistency(random_state=0),
    "soft LCI": LabelCardinalityInconsistency(soft=True, random_state=0),
    "CVIRS": CVIRS(random_state=0),
    "MMC": MaximumLossReduction(random_state=0),
}
MODELS = {
    "one vs rest": OneVsRestClassifier(LogisticRegression()),
    "forest": RandomForestClassifier(9, random_state=0),
}


@pytest.fixture
def data():
    X, y = make_multilabel_classification(100, 5, n_classes=4, random_state=0)
    return X[:40], y[:40], X[40:]


def fitted(name, model, data):
    strategy = STRATEGIES[name].set_params(estimator=model)
    return strategy.fit(*data)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", STRATEGIES)
def test_the_whole_pool_is_ranked_and_the_first_are_a_prefix(name, model, data):
    strategy = fitted(name, MODELS[model], data)
    ranked = strategy.query(60)
    assert_array_equal(np.sort(ranked), np.arange(60))
    if model == "one vs rest" and name != "LCI":  # no ties
        assert_array_equal(strategy.query(7), ranked[:7])
    assert set(strategy.query(5, exclude=ranked[:20])) <= set(ranked[20:])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", STRATEGIES)
def test_the_order_of_labels_does_not_matter(name, model, data):
    X, y, X_pool = data
    first = MODELS[model].fit(X, y)
    proba = np.asarray(first.predict_proba(X_pool))
    if proba.ndim == 3:
        proba = proba[:, :, 1].T
    order = [2, 0, 3, 1]
    rows = np.arange(60.0)[:, None]
    asked = []
    for columns in (slice(None), order):
        known = Table(proba[:, columns]).fit()
        strategy = STRATEGIES[name].set_params(estimator=FrozenEstimator(known))
        asked.append(strategy.fit(rows[:40], y[:, columns], rows).query(20))
    assert_array_equal(*asked)


class Table(MockClassifier):
    """Looks probabilities of labels up."""


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_first_asked_on_paper(name):
    """Of the three samples of the page: the doubtful one, and who else is sure."""
    p = [[0.9, 0.2, 0.6], [0.5, 0.5, 0.1], [0.51, 0.99, 0.02]]
    strategy = STRATEGIES[name].set_params(estimator=FrozenEstimator(Table(p).fit()))
    rows = np.arange(3.0)[:, None]
    assert strategy.fit(rows[:2], [[1, 0, 1], [0, 1, 0]], rows).query(1)[0] == 1


def script():
    path = ROOT / "tests" / "measurements" / "label_sets.py"
    spec = importlib.util.spec_from_file_location("label_sets", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_results_are_of_ten_seeds_and_more():
    measured = script()
    found = json.loads(measured.RESULTS.read_text("utf-8"))
    assert set(found) == set(measured.MODELS)
    for sets in found.values():
        for areas in sets.values():
            n_seeds = {len(each) for each in areas.values()}
            assert len(n_seeds) == 1 and n_seeds.pop() >= 10
