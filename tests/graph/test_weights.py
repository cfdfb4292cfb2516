"""Weights of propagated labels and of classes."""

import numpy as np
import pytest

from skactive.graph import class_weights, entropy_weights


def test_entropy_weights_of_a_path():
    proba = [[29 / 30, 1 / 30], [11 / 15, 4 / 15], [4 / 15, 11 / 15], [0.5, 0.5]]
    expected = [0.789157699681, 0.163359258059, 0.163359258059, 0]
    np.testing.assert_allclose(entropy_weights(proba), expected, atol=1e-9)
    scaled = entropy_weights(proba, normalize=True)
    np.testing.assert_allclose(scaled, np.divide(expected, expected[0]), atol=1e-9)


def test_weights_without_information_are_zero_and_of_one_class_one():
    np.testing.assert_array_equal(entropy_weights([[0.5, 0.5]], normalize=True), [0])
    np.testing.assert_array_equal(entropy_weights([[1.0], [1.0]]), [1, 1])


def test_class_weights_even_out_counts_and_leave_absent_classes_alone():
    np.testing.assert_allclose(class_weights([0, 0, 0, 1], 2), [2 / 3, 2])
    np.testing.assert_allclose(class_weights([0, 0], 2), [0.5, 1])
    with pytest.raises(ValueError, match="classes from 0 to 1"):
        class_weights([0, 2], 2)
