"""Least confidence: numbers by hand, and what LeastConfidenceSampling makes of it."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from skactive.testing import MockClassifier
from skactive.uncertainty import LeastConfidenceSampling, least_confidence

TABLE = [[0.5, 0.5, 0.0], [0.45, 0.3, 0.25], [0.44, 0.43, 0.13], [0.9, 0.05, 0.05]]


def test_the_best_class_alone_counts():
    proba = np.array([[0.75, 0.25, 0.0], [0.75, 0.125, 0.125], [0.25, 0.5, 0.25]])
    assert_array_equal(least_confidence(proba), [0.25, 0.25, 0.5])
    assert_array_equal(least_confidence(proba[:, ::-1]), [0.25, 0.25, 0.5])


def test_it_agrees_with_the_expected_error_of_the_best_guess():
    proba = np.random.RandomState(0).dirichlet(np.ones(7), 200)
    guess = proba.argmax(axis=1)
    wrong = [row.sum() - row[k] for row, k in zip(proba, guess)]
    assert_allclose(least_confidence(proba), wrong, rtol=1e-12)


def test_it_asks_for_the_least_probable_best_class():
    X_pool = np.arange(4.0)[:, None]
    strategy = LeastConfidenceSampling(MockClassifier(TABLE), random_state=0)
    strategy.fit([[0.0], [1.0], [2.0]], [0, 1, 2], X_pool)
    assert_allclose(strategy.score_samples(X_pool), [0.5, 0.55, 0.56, 0.1])
    assert_array_equal(strategy.query(4), [2, 1, 0, 3])
