"""Margin: against sorting, and what MarginSampling makes of it."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from skactive.testing import MockClassifier
from skactive.uncertainty import MarginSampling, margin


def random_proba(n_samples, n_classes, seed=0):
    return np.random.RandomState(seed).dirichlet(np.ones(n_classes), n_samples)


def test_margin_agrees_with_sorting():
    proba = random_proba(200, 7)
    ordered = np.sort(proba, axis=1)
    assert_array_equal(margin(proba), 1 - (ordered[:, -1] - ordered[:, -2]))


def test_the_two_best_classes_count_wherever_they_are():
    proba = np.array([[0.5, 0.125, 0.375], [0.125, 0.375, 0.5], [0.375, 0.5, 0.125]])
    assert_array_equal(margin(proba), [0.875] * 3)


def test_it_asks_for_a_tie_of_two_before_many_small_classes():
    table = [[0.5, 0.5] + [0.0] * 5, [0.7] + [0.05] * 6, [1.0] + [0.0] * 6]
    X_pool = np.arange(3.0)[:, None]
    strategy = MarginSampling(MockClassifier(table), random_state=0)
    strategy.fit([[0.0], [1.0]], [0, 1], X_pool)
    assert_allclose(strategy.score_samples(X_pool), [1, 0.35, 0], atol=1e-15)
    assert_array_equal(strategy.query(3), [0, 1, 2])
