"""make_isolated_class: where its class is, and that a sure model misses it."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from skactive.datasets import make_isolated_class
from skactive.uncertainty import MarginSampling


def test_isolated_class_is_tiny_tight_and_far():
    truth = make_isolated_class(601, 10, distance=20, random_state=0, return_X_y=False)
    np.testing.assert_array_equal(np.bincount(truth.target), [296, 295, 10])
    far = truth.data[truth.target == 2]
    assert np.abs(far - [20, 0]).max() < 1.5
    assert truth.data[truth.target < 2, 0].max() < 7
    np.testing.assert_array_equal(truth.in_trap, truth.target == 2)


def test_a_sure_model_never_finds_the_isolated_class(fooled):
    difference, asked = fooled.compare(
        make_isolated_class, LogisticRegression(), MarginSampling()
    )
    assert difference.mean() < -0.05
    found = [(t.in_trap[a].any(), t.in_trap[b].any()) for t, a, b in asked]
    mine, randoms = np.sum(found, axis=0)
    assert mine <= 2 < randoms


def test_isolated_class_is_tested_on_even_classes():
    truth = make_isolated_class(distance=-9, random_state=0, return_X_y=False)
    np.testing.assert_array_equal(np.bincount(truth.test_target), [333] * 3)
    for X, y in ((truth.data, truth.target), (truth.test_data, truth.test_target)):
        means = [X[y == k].mean(axis=0) for k in range(3)]
        # Standard errors: 0.06 of some 300 rows, 0.3 / sqrt(10) of the ten.
        np.testing.assert_allclose(means, [[-1.5, 0], [1.5, 0], [-9, 0]], atol=0.4)


def test_all_but_two_samples_may_be_isolated():
    _, y = make_isolated_class(6, 4, random_state=0)
    np.testing.assert_array_equal(np.bincount(y), [1, 1, 4])
