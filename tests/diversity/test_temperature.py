"""How far to trust probabilities: softening, calibration, held-out samples."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
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


def test_hotter_is_flatter_and_the_order_stays():
    proba = np.random.RandomState(0).dirichlet(np.ones(5), 20)
    before = proba.copy()
    top = [soften(proba, t).max(axis=1) for t in (0.5, 1.0, 2.0, 1e9)]
    assert all((low > high).all() for low, high in pairwise(top))
    np.testing.assert_allclose(top[-1], 0.2, atol=1e-6)
    np.testing.assert_array_equal(
        soften(proba, 3.0).argsort(axis=1), proba.argsort(axis=1)
    )
    np.testing.assert_array_equal(proba, before)


def test_confidence_of_one_is_in_the_last_bin():
    # Bins: [14/15, 1] holds 1.0 and 0.94; gaps (0 - 1) and (1 - 0.94) are added up.
    error = calibration_error(np.array([1.0, 0.94]), np.array([0, 1]))
    assert error == pytest.approx(0.94 / 2)


class Recorder(ClassifierMixin, BaseEstimator):
    """Writes down what it is trained on and asked about; is sure of the first class."""

    def __init__(self, log=None, random_state=None):
        self.log = log
        self.random_state = random_state

    def __sklearn_clone__(self):
        return Recorder(self.log, self.random_state)

    def fit(self, X, y, X_pool=None):
        self.classes_ = np.unique(y)
        self.trained_ = X[:, 0].astype(int).tolist()
        self.log.append((self.trained_, self.random_state, X_pool))
        return self

    def predict_proba(self, X):
        asked = X[:, 0].astype(int).tolist()
        assert not set(asked) & set(self.trained_)
        self.log.append(asked)
        return np.tile(np.eye(len(self.classes_))[0], (len(X), 1))


def held_out(n, X_pool=None, n_classes=2, wrap=lambda model: model):
    X, y = np.arange(n, dtype=float)[:, None], np.arange(n) % n_classes
    log, rng = [], np.random.RandomState(0)
    t = held_out_temperature(wrap(Recorder(log)), X, y, X_pool, 7, rng)
    return t, log[::2], log[1::2]


def test_each_sample_is_held_out_once_and_classes_are_dealt_to_all_folds():
    _, trained, asked = held_out(20)
    assert len(trained) == len(asked) == 5
    assert sorted(i for fold in asked for i in fold) == list(range(20))
    for (rows, seed, _), fold in zip(trained, asked):
        assert sorted([*rows, *fold]) == list(range(20)) and seed is not None
        assert sorted(i % 2 for i in fold) == [0, 0, 1, 1]


def test_with_many_labels_one_fold_is_enough():
    assert len(held_out(99)[1]) == 5
    _, trained, asked = held_out(100)
    assert len(trained) == 1 and len(asked[0]) == 20


def test_a_model_that_wants_the_pool_is_given_it():
    X_pool = np.full((3, 1), -1.0)
    _, trained, _ = held_out(10, X_pool)
    assert all(pool is X_pool for _, _, pool in trained)


def test_a_copy_is_trained_in_place_of_a_model_that_has_seen_all_labels():
    _, trained, asked = held_out(10, wrap=FrozenEstimator)
    assert len(trained) == len(asked) == 5


def test_who_is_sure_and_half_wrong_is_cooled_until_it_says_so():
    class Sure(Recorder):
        def predict_proba(self, X):
            return np.tile([1 - 1e-4, 1e-4], (len(X), 1))

        def __sklearn_clone__(self):
            return Sure(self.log, self.random_state)

    X, y = np.arange(40.0)[:, None], np.arange(40) % 2
    t = held_out_temperature(Sure([]), X, y, None, 0, np.random.RandomState(0))
    # Half are right; 0.5 is out of reach, and the hottest comes nearest.
    assert t == 19.9


def test_a_class_that_a_fold_has_not_seen_lacks_its_column():
    # One sample of class 2: the model trained without it knows two classes.
    X, y = np.arange(11.0)[:, None], np.r_[np.arange(10) % 2, 2]
    rng = np.random.RandomState(0)
    t = held_out_temperature(GaussianNB(), X, y, None, 0, rng)
    assert 1 <= t <= 19.9
