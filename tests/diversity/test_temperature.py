"""How far to trust probabilities: softening, calibration, held-out samples."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from skactive.diversity._temperature import (
    best_temperature,
    calibration_error,
    held_out_temperature,
    soften,
)


def problem(n_labeled=20, n_pool=100, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n_labeled + n_pool, 4))
    y = (X[:, 0] + 0.5 * rng.standard_normal(len(X)) > 0).astype(int)
    return X[:n_labeled], y[:n_labeled], X[n_labeled:]


def test_soften_by_hand():
    proba = np.array([[0.8, 0.2], [1.0, 0.0]])
    np.testing.assert_allclose(soften(proba, 1.0), proba, atol=1e-12)
    # Square roots of 0.8 and 0.2 are 2 to 1.
    np.testing.assert_allclose(soften(proba, 2.0)[0], [2 / 3, 1 / 3])
    assert soften(proba.astype(np.float32), 3.0).dtype == np.float32


def test_calibration_error_by_hand():
    # Bins of width 1/15: (0.95, 0.95) are together and half right, 0.5 is alone.
    confidence, correct = np.array([0.95, 0.95, 0.5]), np.array([1, 0, 1])
    assert calibration_error(confidence, correct) == pytest.approx((0.9 + 0.5) / 3)
    assert calibration_error(np.ones(4), np.ones(4)) == 0


def test_temperature_that_spoiled_probabilities_is_found():
    rng = np.random.RandomState(0)
    p = rng.uniform(0.5, 1, size=20_000)
    correct = rng.uniform(size=len(p)) < p
    honest = np.column_stack([p, 1 - p])
    assert best_temperature(honest, correct) == pytest.approx(1.0, abs=0.11)
    # Cubed and scaled they are too sure of themselves.
    sure = soften(honest, 1 / 3)
    assert best_temperature(sure, correct) == pytest.approx(3.0, abs=0.3)


def test_a_model_that_knows_its_labels_by_heart_is_not_believed():
    X, _, _ = problem(n_labeled=60)
    noise = np.random.RandomState(1).randint(2, size=60)
    model = KNeighborsClassifier(1)
    rng = np.random.RandomState(0)
    assert held_out_temperature(model, X, noise, None, 0, rng) > 10


@pytest.mark.parametrize(
    "y", [["a", "b"], ["a"], ["a", "a", "a", "b"], ["a", "a", "b", "b", "c"]]
)
def test_few_labels_are_no_error(y):
    X, _, _ = problem(n_labeled=len(y))
    rng = np.random.RandomState(0)
    t = held_out_temperature(LogisticRegression(), X, np.array(y), None, 0, rng)
    assert 1 <= t <= 19.9
    if len(y) < 3:
        assert t == 19.9
