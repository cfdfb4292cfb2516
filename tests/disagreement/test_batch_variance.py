"""BatchVariance: vectors by hand, and greedy batches by training again."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import VotingRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF
from sklearn.linear_model import Ridge

from skactive.disagreement import BatchVariance, prediction_variance


class Fixed(RegressorMixin, BaseEstimator):
    """Predicts what is written at the position that is the only feature."""

    def __init__(self, answers=()):
        self.answers = answers

    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        return np.asarray(self.answers)[np.asarray(X)[:, 0].astype(int)]


def committee(*rows):
    models = [
        (str(k), FrozenEstimator(Fixed(row).fit(0, 0))) for k, row in enumerate(rows)
    ]
    return VotingRegressor(models)


def test_the_committee_of_the_specification():
    members = committee([1.0, 0, 2], [3.0, 0, 1], [2.0, 3, 0])
    pool = [[0.0], [1.0], [2.0]]
    for n, noise in ((3, 0.5), (3, "estimated"), (2, 0.5)):
        strategy = BatchVariance(members, noise=noise).fit([[0.0]], [1.0], pool)
        assert strategy.query(n).tolist()[:2] == [1, 0]
    F = [[1.0, 0, 2], [3, 0, 1], [2, 3, 0]]
    assert_allclose(prediction_variance(F), [2 / 3, 2, 2 / 3])


def test_noise_decides_what_a_pick_says_of_its_neighbors():
    """Two near samples of variance 4 and 3.9, and one of 3 that has nothing of them."""
    near, like = [2.0, -2.0, 0, 0], [1.97, -1.97, 0, 0]
    alone = [0, 0, 1.7, -1.7]
    members = committee(*np.transpose([near, like, alone]))
    pool = [[0.0], [1.0], [2.0]]

    def picks(noise):
        strategy = BatchVariance(members, noise=noise)
        return strategy.fit([[0.0]], [1.0], pool).query(2).tolist()

    assert picks(0) == picks(0.5) == [0, 2]
    assert picks(1e3) == [0, 1]  # labels say next to nothing


@pytest.mark.parametrize("kind", ["ridge", "process"])
def test_the_batch_is_greedy_by_training_again(kind):
    rng = np.random.RandomState(3)
    X, X_pool = rng.standard_normal((8, 3)), rng.standard_normal((15, 3))
    y = X[:, 0] + 0.3 * rng.standard_normal(8)

    def variances(X):
        if kind == "process":
            model = GaussianProcessRegressor(RBF(1.5), alpha=0.3, optimizer=None)
            model.fit(X, np.zeros(len(X)))
            return model.predict(X_pool, return_std=True)[1] ** 2
        A = np.c_[X, np.ones(len(X))]
        A = A.T @ A + np.diag([0.7] * 3 + [0])
        Z = np.c_[X_pool, np.ones(15)]
        return (Z @ np.linalg.inv(A) * Z).sum(axis=1)

    known, expected = X, []
    for _ in range(15):
        worth = variances(known)
        worth[expected] = -1
        expected.append(int(worth.argmax()))
        known = np.r_[X, X_pool[expected]]
    model = Ridge(0.7)
    if kind == "process":
        model = GaussianProcessRegressor(RBF(1.5), alpha=0.3, optimizer=None)
    strategy = BatchVariance(model).fit(X, y, X_pool)
    assert strategy.query(15).tolist() == expected


def test_the_noise_of_a_linear_model_changes_no_pick():
    """It is a factor of both variance and noise."""
    rng = np.random.RandomState(0)
    X, X_pool, y = (rng.standard_normal(s) for s in ((9, 3), (30, 3), 9))
    answers = [BatchVariance().fit(X, s * y + 1, X_pool).query(9) for s in (1, 1e3, 0)]
    assert_array_equal(answers[0], answers[1])
    assert_array_equal(answers[0], answers[2])


@pytest.mark.parametrize(
    "params, error",
    [
        ({"noise": "guessed"}, ValueError),
        ({"noise": -0.1}, ValueError),
        ({"noise": np.inf}, ValueError),
        ({"noise": None}, TypeError),
        ({"n_members": 1}, ValueError),
    ],
    ids=str,
)
def test_senseless_parameters_are_refused(params, error):
    with pytest.raises((error, ValueError), match="parameter of BatchVariance"):
        BatchVariance(**params).fit([[0.0], [1.0]], [0.0, 1.0], [[2.0]])
