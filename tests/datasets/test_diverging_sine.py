"""make_diverging_sine: its curves, and that covering the space falls in."""

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from skactive.datasets import (
    make_diverging_sine,
)
from skactive.diversity import CoreSet


def test_diverging_sine_without_noise_lies_on_its_curves():
    X, y = make_diverging_sine(101, noise=0, spread=5, power=2, random_state=0)
    t = X[:, 0]
    fan = 5 * (t / 10) ** 2
    np.testing.assert_allclose(X[:, 1], np.sin(2 * t) + np.where(y, fan, -fan))
    assert t.min() == 0 and t.max() == 10
    np.testing.assert_array_equal(np.bincount(y), [51, 50])


def test_covering_the_space_misses_where_the_sine_must_be_learned(fooled):
    difference, asked = fooled.compare(
        make_diverging_sine, KNeighborsClassifier(1), CoreSet()
    )
    assert difference.mean() < -0.01
    assert (difference < 0).sum() >= 5
    mine, randoms = fooled.share_in_trap(asked)
    assert mine > 0.8 and randoms < 0.6
