"""JointReconstruction: what a decoder on the net's own embedding cannot rebuild."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from skactive import ActiveLearner
from skactive.deep import JointReconstruction
from skactive.nets import NetClassifier
from skactive.nets.beside._reconstruction import reconstruction_errors
from skactive.testing import strategy_checks

pytestmark = pytest.mark.deep

TINY = NetClassifier(module__hidden=(8,), max_epochs=3)
# The contract shows it tables and images.
STRATEGY = JointReconstruction(NetClassifier(max_epochs=2), width=2)
CHECKED = JointReconstruction(NetClassifier(max_epochs=10, lr=0.02), width=2)

OURS = dict(strategy_checks(STRATEGY))


def digits(missing=7, n_labeled=120, n_pool=300):
    """Return images of digits without one class, and a pool with all of them."""
    X, y = load_digits(return_X_y=True)
    X = (X.reshape(-1, 1, 8, 8) / 16).astype(np.float32)
    known = np.flatnonzero(y != missing)[:n_labeled]
    pool = np.setdiff1d(np.arange(len(y)), known)[:n_pool]
    return X[known], y[known], X[pool], y[pool]


@pytest.mark.parametrize("name", OURS)
def test_contract(name):
    OURS[name](STRATEGY)


def test_no_contract_check_is_lost():
    assert len(OURS) >= 40


@parametrize_with_checks([CHECKED])
def test_scikit_learn(estimator, check):
    check(estimator)


def test_the_class_that_no_label_shows_is_rebuilt_worst():
    X, y, X_pool, y_pool = digits()
    net = NetClassifier(max_epochs=20, module__width=8)
    strategy = JointReconstruction(net, random_state=0).fit(X, y, X_pool)
    scores = strategy.score_samples(X_pool)
    means = [scores[y_pool == c].mean() for c in range(10)]
    assert np.argmax(means) == 7
    assert list(strategy.history_) == ["task_loss", "reconstruction"]


def test_normalize_divides_by_the_variance():
    X, y, X_pool, _ = digits(n_labeled=40, n_pool=30)
    flat, flat_pool = X.reshape(40, -1), X_pool.reshape(30, -1)
    strategy = JointReconstruction(TINY, random_state=0).fit(flat, y, flat_pool)
    error, variance = reconstruction_errors(strategy.estimator_, flat_pool)
    assert_array_equal(strategy.score_samples(flat_pool), error)
    strategy.set_params(normalize=True)
    normalized = error / (variance + 1e-3)
    assert_allclose(strategy.score_samples(flat_pool), normalized, rtol=1e-6)


def test_stored_and_loaded(tmp_path):
    X, y, *_ = digits(n_labeled=40, n_pool=30)
    flat = X.reshape(40, -1)
    strategy = JointReconstruction(TINY, random_state=0).fit(flat, y)
    strategy.save_params(tmp_path / "joint.pt")
    again = JointReconstruction(TINY).load_params(tmp_path / "joint.pt")
    assert_array_equal(again.score_samples(flat), strategy.score_samples(flat))


@pytest.mark.parametrize("alone", [True, False])
def test_in_a_learner(alone):
    X, y, _, _ = digits()
    flat = X.reshape(len(X), -1)
    strategy = JointReconstruction(TINY)
    model = None if alone else LogisticRegression()
    learner = ActiveLearner(model, strategy, n_initial=40, budget=20, random_state=0)
    learner.fit(flat, y)
    assert len(learner.queried_indices_) == 60
    assert learner.predict(flat).shape == (120,)


def test_a_model_that_is_no_net_is_refused():
    X, y, X_pool, _ = digits(n_labeled=40, n_pool=30)
    with pytest.raises(TypeError, match="NetClassifier"):
        JointReconstruction(LogisticRegression()).fit(X, y, X_pool)
