"""Entropy: against scipy, and what EntropySampling makes of it."""

import numpy as np
from numpy.testing import assert_allclose
from scipy.stats import entropy as scipy_entropy

from skactive.uncertainty import entropy


def random_proba(n_samples, n_classes, seed=0):
    return np.random.RandomState(seed).dirichlet(np.ones(n_classes), n_samples)


def test_entropy_agrees_with_scipy():
    proba = random_proba(200, 7)
    proba[:50, 2] = 0
    proba /= proba.sum(axis=1, keepdims=True)
    assert_allclose(entropy(proba), scipy_entropy(proba, axis=1), rtol=1e-13)
