"""VarianceReduction: vectors by hand, and training again on every candidate."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF
from sklearn.linear_model import LinearRegression, Ridge

from skactive.lookahead import (
    VarianceReduction,
    expected_information,
    variance_reduction,
)
from skactive.utils._pool import Pool
from skactive.utils._posterior import posterior_of
from skactive.utils._spread import Deviations

# A = diag(2, 1), noise 1; pool and references (1,0), (0,1), (1,1).
POOL = np.array([[1.0, 0], [0, 1], [1, 1]])
INVERSE = np.diag([0.5, 1])
CRITERIA = [variance_reduction, expected_information]


def at(inverse):
    C = POOL @ inverse @ POOL.T
    return C, C.diagonal(), C.diagonal(), 1.0


def test_the_vectors_of_the_specification():
    first = at(INVERSE)
    assert_allclose(variance_reduction(*first), [1 / 9, 1 / 3, 7 / 15], atol=1e-6)
    assert_allclose(
        expected_information(*first), [0.031129, 0.085138, 0.123071], atol=1e-6
    )
    v = first[1]
    assert_allclose(0.5 * np.log1p(v), [0.202733, 0.346574, 0.458145], atol=1e-6)
    after = np.array([[0.4, -0.2], [-0.2, 0.6]])
    spread = Deviations(POOL @ np.sqrt(INVERSE), 1.0)
    spread.learn(2)
    assert_allclose(spread.covariance([0, 1, 2]), POOL @ after @ POOL.T, atol=1e-12)
    again = variance_reduction(*at(after))
    assert_allclose(again, [0.057143, 0.116667, 0.116667], atol=1e-6)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_the_strategy_picks_by_them(criterion):
    """A label at (1, 0) and a penalty of 1 make A = diag(2, 1)."""
    model = Ridge(1.0, fit_intercept=False)
    strategy = VarianceReduction(model, criterion=criterion)
    strategy.fit([[1.0, 0.0]], [2.0], POOL)
    assert strategy.query(3).tolist() == [2, 1, 0]  # the third again would tie


def problem(n=9, n_pool=14, d=3, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n + n_pool, d))
    return X[:n], X[:n, 0] + 0.5 * rng.standard_normal(n), X[n:]


def process(X, y):
    model = GaussianProcessRegressor(RBF(1.5), alpha=0.3, optimizer=None)
    return model.fit(X, y)


def ridge(X, y):
    return Ridge(0.7).fit(X, y)


def ordinary(X, y):
    return LinearRegression().fit(X, y)


def covariance(train, model, X, noise, X_pool):
    """The posterior by its definition, once ``X`` is labeled."""
    if train is process:
        return process(X, np.zeros(len(X))).predict(X_pool, return_cov=True)[1]
    penalties = np.r_[[0.7 if train is ridge else 0.0] * X.shape[1], 0]
    A = np.c_[X, np.ones(len(X))]
    Z = np.c_[X_pool, np.ones(len(X_pool))]
    return noise * Z @ np.linalg.solve(A.T @ A + np.diag(penalties), Z.T)


TRAIN = pytest.mark.parametrize("train", [process, ridge, ordinary])


@TRAIN
def test_it_is_the_variance_that_training_again_takes_away(train):
    X, y, X_pool = problem()
    model = train(X, y)
    spread = posterior_of(model, X, y, n_members=5, seed=0).over(Pool(X_pool))
    C, v, noise = spread.covariance(np.arange(14)), spread.variance, spread.noise
    scores = variance_reduction(C, v, v, noise)
    before = covariance(train, model, X, noise, X_pool).diagonal()
    for i, score in enumerate(scores):
        more = np.r_[X, X_pool[[i]]]
        after = covariance(train, model, more, noise, X_pool).diagonal()
        assert_allclose(score, (before - after).mean(), rtol=1e-10)


@TRAIN
def test_it_is_the_expected_change_of_the_output(train):
    """Trained again with each label of a quadrature: expected model output change."""
    X, y, X_pool = problem()
    model = train(X, y)
    spread = posterior_of(model, X, y, n_members=5, seed=0).over(Pool(X_pool))
    C, v, noise = spread.covariance(np.arange(14)), spread.variance, spread.noise
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    expected = []
    for i, x in enumerate(X_pool):
        mean, deviation = model.predict([x])[0], np.sqrt(v[i] + noise)
        changes = [
            np.mean(
                (
                    train(np.r_[X, [x]], np.r_[y, mean + deviation * node]).predict(
                        X_pool
                    )
                    - model.predict(X_pool)
                )
                ** 2
            )
            for node in nodes
        ]
        expected.append(weights @ changes / weights.sum())
    assert_allclose(variance_reduction(C, v, v, noise), expected, rtol=1e-9)


def assert_greedy(picks, spread, criterion):
    """Each pick is the best by all of the covariance, conditioned by one inversion."""
    prior = spread.covariance(np.arange(len(spread.variance)))
    noise = spread.noise
    for k, pick in enumerate(picks):
        C, known = prior, picks[:k]
        if k:
            K = prior[np.ix_(known, known)] + noise * np.eye(k)
            C = prior - prior[:, known] @ np.linalg.solve(K, prior[known])
        scores = criterion(C, C.diagonal(), C.diagonal(), noise)
        scores[known] = -1
        assert_allclose(scores[pick], scores.max(), rtol=1e-9)  # leaves of trees tie


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize(
    "model",
    [
        Ridge(0.7),
        GaussianProcessRegressor(RBF(1.5), alpha=0.3, optimizer=None),
        RandomForestRegressor(12, random_state=0),
    ],
    ids=["ridge", "process", "forest"],
)
def test_the_batch_is_the_greedy_one(model, criterion):
    X, y, X_pool = problem(n_pool=30)
    spread = posterior_of(model.fit(X, y), X, y, n_members=5, seed=0).over(Pool(X_pool))
    strategy = VarianceReduction(model, criterion=criterion).fit(X, y, X_pool)
    assert_greedy(strategy.query(12), spread, criterion)


@pytest.mark.parametrize(
    "model",
    [Ridge(), RandomForestRegressor(9, random_state=0)],
    ids=["ridge", "forest"],
)
def test_scores_without_the_covariance_are_those_with_it(model):
    """variance_reduction is computed by deviations; a copy of it is not known."""
    X, y, X_pool = problem(n_pool=40)

    def same(*of):
        return variance_reduction(*of)

    for n_references in (7, 40, 1000):
        settings = {"n_references": n_references, "random_state": 0}
        fast = VarianceReduction(model, **settings)
        slow = VarianceReduction(model, criterion=same, **settings)
        picks = fast.fit(X, y, X_pool).query(12)
        assert_array_equal(slow.fit(X, y, X_pool).query(12), picks)


def test_references_are_drawn_and_seeded():
    X, y, X_pool = problem(n_pool=200)
    seen = []

    def criterion(C, v, u, noise):
        seen.append(u)
        return variance_reduction(C, v, u, noise)

    for seed in (0, 0, 1):
        strategy = VarianceReduction(
            n_references=5, criterion=criterion, random_state=seed
        )
        strategy.fit(X, y, X_pool).query(1)
    assert all(u.shape == (5,) for u in seen)
    assert_array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[0], seen[2])


@pytest.mark.parametrize("criterion", CRITERIA)
def test_without_variance_there_is_nothing_to_gain(criterion):
    zero = np.zeros(3)
    assert_array_equal(criterion(np.zeros((3, 2)), zero, zero[:2], 0.0), zero)


def test_what_is_determined_counts_as_much_and_is_finite():
    scores = expected_information([[1.0]], [1.0], [1.0], 0.0)
    assert 13 < scores[0] < 15


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize(
    "shapes", [((3, 2), 3, 3), ((3, 2), 2, 2), ((3,), 3, 1), ((3, 0), 3, 0)], ids=str
)
def test_shapes_must_fit(criterion, shapes):
    with pytest.raises(ValueError, match="a row for each sample"):
        criterion(*(np.ones(shape) for shape in shapes), 1.0)


@pytest.mark.parametrize(
    "answer",
    [lambda v: v[:-1], lambda v: v * np.nan, lambda v: v[:, None]],
    ids=["short", "nan", "column"],
)
def test_a_criterion_must_answer_with_finite_numbers(answer):
    strategy = VarianceReduction(criterion=lambda C, v, u, noise: answer(v))
    with pytest.raises(ValueError, match="(?s)criterion=.*one finite number"):
        strategy.fit(*problem()).query(1)


@pytest.mark.parametrize(
    "params", [{"n_references": 0}, {"criterion": "epig"}], ids=str
)
def test_senseless_parameters_are_refused(params):
    with pytest.raises((TypeError, ValueError), match="parameter of VarianceReduction"):
        VarianceReduction(**params).fit(*problem())
