"""Entropy: against scipy, and what EntropySampling makes of it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import entropy as scipy_entropy

from skactive.testing import MockClassifier
from skactive.uncertainty import EntropySampling, entropy


def random_proba(n_samples, n_classes, seed=0):
    return np.random.RandomState(seed).dirichlet(np.ones(n_classes), n_samples)


def test_entropy_agrees_with_scipy():
    proba = random_proba(200, 7)
    proba[:50, 2] = 0
    proba /= proba.sum(axis=1, keepdims=True)
    assert_allclose(entropy(proba), scipy_entropy(proba, axis=1), rtol=1e-13)


def test_entropy_of_two_fair_coins_is_that_of_each_together():
    one, two = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    both = np.outer(one, two).ravel()
    assert entropy([both])[0] == pytest.approx(entropy([one])[0] + entropy([two])[0])


def test_it_asks_for_many_small_classes_before_a_tie_of_two():
    # Nats: log 2 = 0.693; 0.7 of one class and six of 0.05: 1.148; certain: 0.
    table = [[0.5, 0.5] + [0.0] * 5, [0.7] + [0.05] * 6, [1.0] + [0.0] * 6]
    X_pool = np.arange(3.0)[:, None]
    strategy = EntropySampling(MockClassifier(table), random_state=0)
    strategy.fit([[0.0], [1.0]], [0, 1], X_pool)
    expected = [np.log(2), -0.7 * np.log(0.7) - 0.3 * np.log(0.05), 0]
    assert_allclose(strategy.score_samples(X_pool), expected, atol=1e-15)
    assert_array_equal(strategy.query(3), [1, 0, 2])
