"""Margin: against sorting, and what MarginSampling makes of it."""

import numpy as np
from numpy.testing import assert_array_equal

from skactive.uncertainty import margin


def random_proba(n_samples, n_classes, seed=0):
    return np.random.RandomState(seed).dirichlet(np.ones(n_classes), n_samples)


def test_margin_agrees_with_sorting():
    proba = random_proba(200, 7)
    ordered = np.sort(proba, axis=1)
    assert_array_equal(margin(proba), 1 - (ordered[:, -1] - ordered[:, -2]))
