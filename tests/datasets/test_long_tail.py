"""make_long_tail: sizes by hand, and that random sampling misses the rare."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from skactive.datasets import make_long_tail
from skactive.diversity import CoreSet, RandomSampling


def test_long_tail_sizes_by_hand():
    # 90 * 100 ** (-k / 4): 90, 28.46, 9, 2.846, 0.9.
    _, y = make_long_tail(90, n_classes=5, imbalance=100, random_state=0)
    np.testing.assert_array_equal(np.bincount(y), [90, 28, 9, 3, 1])
    _, y = make_long_tail(20, n_classes=3, imbalance=1000, random_state=0)
    np.testing.assert_array_equal(np.bincount(y), [20, 1, 1])  # never an empty class


def test_long_tail_is_tested_on_even_classes():
    truth = make_long_tail(random_state=0, return_X_y=False)
    np.testing.assert_array_equal(np.bincount(truth.test_target), [100] * 10)


def test_random_sampling_hardly_meets_the_long_tail(fooled):
    difference, asked = fooled.compare(
        make_long_tail, LogisticRegression(), RandomSampling(), CoreSet()
    )
    assert difference.mean() < -0.1
    assert (difference < 0).all()
    mine, core_sets = fooled.share_in_trap(asked)
    assert mine < 0.7 * core_sets


def test_the_rarer_half_of_the_classes_is_the_trap():
    truth = make_long_tail(40, n_classes=5, random_state=0, return_X_y=False)
    np.testing.assert_array_equal(truth.in_trap, truth.target >= 2)
    # 1000 rows cannot be shared by five classes otherwise.
    np.testing.assert_array_equal(np.bincount(truth.test_target), [200] * 5)
    assert truth.data.shape[1] == truth.test_data.shape[1] == 10


def test_classes_without_separation_have_one_center():
    X, y = make_long_tail(
        4000, n_classes=2, imbalance=1, n_features=2, class_sep=0, random_state=0
    )
    # Standard error of each mean is 0.016.
    np.testing.assert_allclose(X[y == 0].mean(axis=0), [0, 0], atol=0.08)
    np.testing.assert_allclose(X[y == 1].mean(axis=0), [0, 0], atol=0.08)
