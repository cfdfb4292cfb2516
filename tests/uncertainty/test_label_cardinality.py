"""How far the number of predicted labels is from what is usual: on paper."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier

from skactive.uncertainty import (
    LabelCardinalityInconsistency,
    label_cardinality_inconsistency,
)

P = np.array([[0.9, 0.2, 0.6], [0.5, 0.5, 0.1], [0.51, 0.99, 0.02]])


def test_counts_and_sums_on_paper():
    assert_allclose(label_cardinality_inconsistency(P, 1.5), [0.5, 1.5, 0.5])
    soft = label_cardinality_inconsistency(P, 1.5, soft=True)
    assert_allclose(soft, [0.2, 0.4, 0.02], atol=1e-15)


def test_where_no_label_is_usual_more_is_odder():
    proba = [[0.1, 0.2], [0.9, 0.2], [0.9, 0.8]]
    assert_array_equal(label_cardinality_inconsistency(proba, 0.0), [0, 1, 2])
    soft = label_cardinality_inconsistency(proba, 0.0, soft=True)
    assert_allclose(soft, [0.3, 1.1, 1.7])


def test_precision_is_kept():
    for soft in (False, True):
        scores = label_cardinality_inconsistency(P.astype(np.float32), 1.5, soft=soft)
        assert scores.dtype == np.float32


@pytest.mark.parametrize("n_classes", [3, 26])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounding_of_a_sum_decides_nothing(dtype, n_classes):
    proba = np.random.RandomState(0).dirichlet(np.ones(n_classes), 200).astype(dtype)
    assert np.abs(proba.sum(axis=1) - 1).max() > 0
    assert_array_equal(label_cardinality_inconsistency(proba, 1.0, soft=True), 0)


def test_rounding_of_votes_decides_nothing():
    votes = np.random.RandomState(0).randint(10, size=(200, 7))
    scores = label_cardinality_inconsistency(votes / 9, 2.75, soft=True)
    orders = [np.random.RandomState(seed).permutation(7) for seed in range(20)]
    assert len({tuple((votes[:, o] / 9).sum(axis=1)) for o in orders}) > 1
    for order in orders:
        other = label_cardinality_inconsistency(votes[:, order] / 9, 2.75, soft=True)
        assert_array_equal(other, scores)


def test_one_class_for_each_sample_draws_by_the_seed():
    X = np.random.RandomState(0).standard_normal((90, 2))
    y = np.arange(30) % 3
    soft = LabelCardinalityInconsistency(soft=True, random_state=0)
    assert soft.fit(X[:30], y, X[30:]).cardinality_ == 1
    assert_array_equal(soft.score_samples(X), 0)
    assert soft.query(10).max() > 30


@pytest.mark.parametrize("soft", [False, True])
def test_a_strategy_knows_how_many_labels_are_usual(soft):
    X, y = make_multilabel_classification(90, 5, n_classes=4, random_state=0)
    forest = RandomForestClassifier(9, random_state=0)
    strategy = LabelCardinalityInconsistency(forest, soft=soft, random_state=0)
    strategy.fit(X[:40], y[:40], X[40:])
    assert strategy.cardinality_ == y[:40].sum() / 40
    proba = np.stack([p[:, 1] for p in strategy.estimator_.predict_proba(X[40:])], 1)
    expected = np.abs((proba if soft else proba > 0.5).sum(1) - y[:40].sum() / 40)
    assert_allclose(strategy.score_samples(X[40:]), expected, atol=1e-14)
    best = expected.argmax() if soft else np.flatnonzero(expected == expected.max())
    assert strategy.query(1)[0] in np.atleast_1d(best)


@pytest.mark.filterwarnings("ignore:Label .* is present:UserWarning")
@pytest.mark.parametrize("value", [0, 1])
def test_labels_that_are_nowhere_or_everywhere_are_counted(value):
    X = np.random.RandomState(0).standard_normal((30, 2))
    y = np.full((20, 3), value)
    strategy = LabelCardinalityInconsistency(random_state=0).fit(X[:20], y, X[20:])
    assert strategy.cardinality_ == 3 * value
    assert_array_equal(strategy.score_samples(X[20:]), 0)
    assert len(strategy.query(4)) == 4
