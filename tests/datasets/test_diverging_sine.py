"""make_diverging_sine: its curves, and that covering the space falls in."""

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from skactive.datasets import make_diverging_sine
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


def test_both_classes_stand_at_the_same_places_and_the_right_half_is_the_trap():
    truth = make_diverging_sine(8, noise=0, random_state=0, return_X_y=False)
    places = [np.sort(truth.data[truth.target == k, 0]) for k in (0, 1)]
    # Four places in [0, 10]: 0, 10/3, 20/3 and 10, of which two are beyond 5.
    np.testing.assert_allclose(places, [np.arange(4) * 10 / 3] * 2)
    np.testing.assert_array_equal(truth.in_trap, truth.data[:, 0] > 5)
    assert truth.in_trap.sum() == 4


def test_diverging_sine_is_tested_on_both_classes_alike():
    truth = make_diverging_sine(random_state=0, return_X_y=False)
    np.testing.assert_array_equal(np.bincount(truth.test_target), [500, 500])
