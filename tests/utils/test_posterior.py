"""What a regressor does not know: Gaussian processes, committees, what is opened."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.ensemble import (
    BaggingRegressor,
    ExtraTreesRegressor,
    RandomForestRegressor,
    VotingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    RBF,
    ConstantKernel,
    DotProduct,
    WhiteKernel,
)
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from skactive.utils import _pool
from skactive.utils._pool import Pool
from skactive.utils._posterior import (
    member_deviations,
    needs_copies,
    posterior_of,
    prior_variance,
    unit_of,
)
from skactive.utils._spread import Deviations, KernelDeviations


def problem(n=15, n_pool=12, d=3, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n + n_pool, d))
    y = 3 * np.sin(X[:n, 0]) + 0.1 * rng.standard_normal(n) + 7
    return X[:n], y, X[n:]


def spread_of(model, X, y, X_pool, **params):
    settings = {"n_members": 5, "seed": 0, "params": params}
    return posterior_of(model, X, y, **settings).over(Pool(X_pool))


def process(kernel=None, **settings):
    kernel = ConstantKernel(2.0) * RBF(1.3) if kernel is None else kernel
    settings = {"alpha": 0.2, "optimizer": None, **settings}
    return GaussianProcessRegressor(kernel, **settings)


KERNELS = {
    "rbf": (ConstantKernel(2.0) * RBF(1.3), 0.0),
    "sum with noise": (RBF(0.8) + WhiteKernel(0.4), 0.4),
    "scaled sum with noise": (ConstantKernel(3.0) * (RBF() + WhiteKernel(0.1)), 0.3),
    "grows": (DotProduct(0.5) + WhiteKernel(0.2), 0.2),
}


@pytest.mark.parametrize("normalize_y", [False, True])
@pytest.mark.parametrize("name", KERNELS)
def test_a_process_says_what_it_predicts_of_itself(name, normalize_y):
    X, y, X_pool = problem()
    kernel, white = KERNELS[name]
    model = process(kernel, normalize_y=normalize_y).fit(X, y)
    spread = spread_of(model, X, y, X_pool)
    assert isinstance(spread, KernelDeviations)
    unit = y.var() if normalize_y else 1.0
    assert_allclose(spread.noise, unit * (0.2 + white))
    _, C = model.predict(X_pool, return_cov=True)
    C = C - unit * white * np.eye(len(C))  # predict adds the noise of the kernel
    assert_allclose(spread.covariance(np.arange(len(C))), C, atol=1e-10)
    assert_allclose(spread.variance, C.diagonal(), atol=1e-10)


@pytest.mark.parametrize("normalize_y", [False, True])
def test_a_label_more_leaves_what_training_on_it_would(normalize_y):
    X, y, X_pool = problem()
    model = process(normalize_y=normalize_y).fit(X, y)
    spread = spread_of(model, X, y, X_pool)
    spread.learn(3)
    # The unit of y is that of the labels before.
    again = process().fit(np.r_[X, X_pool[[3]]], np.r_[y, 0.0])
    variance = again.predict(X_pool, return_std=True)[1] ** 2
    unit = y.var() if normalize_y else 1.0
    assert_allclose(spread.variance, unit * variance, rtol=1e-9)


def test_a_process_of_several_outputs():
    X, y, X_pool = problem()
    Y = np.c_[y, 100 * X[:, 1]]
    one = spread_of(process().fit(X, y), X, y, X_pool)
    both = spread_of(process(normalize_y=True).fit(X, Y), X, Y, X_pool)
    # Each output has the spread that its labels have: one, in its own unit.
    assert_allclose(both.variance, 2 * one.variance)
    assert_allclose(both.noise, 2 * one.noise)


def test_noise_of_each_label_is_taken_on_average():
    X, y, X_pool = problem()
    model = process(alpha=np.linspace(0.1, 0.3, len(y))).fit(X, y)
    spread = spread_of(model, X, y, X_pool)
    assert_allclose(spread.noise, 0.2)
    variance = model.predict(X_pool, return_std=True)[1] ** 2
    assert_allclose(spread.variance, variance)


def test_prior_variance_is_made_in_blocks():
    Z = np.random.RandomState(0).standard_normal((150, 2))
    kernel = DotProduct(0.5) + WhiteKernel(0.25)
    variance, white = prior_variance(kernel, Z)
    assert_allclose(variance, (Z**2).sum(axis=1) + 0.25)
    assert_allclose(white, 0.25)


ENSEMBLES = {
    "forest": RandomForestRegressor(6, random_state=0),
    "extra": ExtraTreesRegressor(6, bootstrap=True, random_state=0),
    "bagging": BaggingRegressor(LinearRegression(), 6, random_state=0),
    "features": BaggingRegressor(Ridge(), 6, max_features=0.67, random_state=0),
    "voting": VotingRegressor([("a", Ridge()), ("b", KNeighborsRegressor(2))]),
}


def member_predictions(model, X):
    if isinstance(model, BaggingRegressor):
        pairs = zip(model.estimators_, model.estimators_features_)
        return np.array([m.predict(X[:, at]) for m, at in pairs])
    return np.array([m.predict(X) for m in model.estimators_])


@pytest.mark.parametrize("name", ENSEMBLES)
def test_members_of_an_ensemble_are_asked(name):
    X, y, X_pool = problem()
    model = ENSEMBLES[name].fit(X, y)
    F = member_predictions(model, X_pool)
    C = np.cov(F, rowvar=False, ddof=0)
    for fitted in (model, FrozenEstimator(model)):
        spread = spread_of(fitted, X, y, X_pool)
        assert_allclose(spread.covariance(np.arange(12)), C, atol=1e-12)
        assert_allclose(spread.noise, C.diagonal().mean() / 10)


def test_members_with_several_outputs():
    X, y, X_pool = problem()
    Y = np.c_[y, 100 * X[:, 1], np.ones(15)]
    model = RandomForestRegressor(6, random_state=0).fit(X, Y)
    F = np.array([m.predict(X_pool) for m in model.estimators_])
    expected = F[..., 0].var(axis=0) / y.var() + F[..., 1].var(axis=0) / (
        100**2 * X[:, 1].var()
    )
    assert_allclose(spread_of(model, X, Y, X_pool).variance, expected)


def test_any_other_regressor_is_bagged():
    X, y, X_pool = problem()
    model = SVR(C=10).fit(X, y)
    spread = spread_of(model, X, y, X_pool)
    assert isinstance(spread, Deviations) and spread.Z.shape == (12, 5)
    assert (spread.variance > 0).all()
    assert_array_equal(spread.Z, spread_of(FrozenEstimator(model), X, y, X_pool).Z)


def test_weights_reach_linear_models_and_copies():
    X, y, X_pool = problem()
    w = np.r_[np.ones(10), np.full(5, 1e-9)]
    for model in (Ridge(), SVR(C=10)):
        all_of_them = spread_of(model.fit(X, y), X, y, X_pool)
        some = spread_of(model.fit(X, y, w), X, y, X_pool, sample_weight=w)
        assert not np.allclose(some.variance, all_of_them.variance)
    few = spread_of(Ridge().fit(X[:10], y[:10]), X[:10], y[:10], X_pool)
    some = spread_of(Ridge().fit(X, y, w), X, y, X_pool, sample_weight=w)
    assert_allclose(some.variance / some.noise, few.variance / few.noise, rtol=1e-5)


@pytest.mark.parametrize(
    "last",
    [Ridge(), process(), RandomForestRegressor(6, random_state=0), SVR()],
    ids=["ridge", "process", "forest", "svr"],
)
def test_steps_come_first_however_they_are_wrapped(last):
    X, y, X_pool = problem()
    X, X_pool = 1e3 * X + 50, 1e3 * X_pool + 50
    scaler = StandardScaler().fit(X)
    expected = spread_of(
        last.fit(scaler.transform(X), y),
        scaler.transform(X),
        y,
        scaler.transform(X_pool),
    )
    pipe = make_pipeline(StandardScaler(), last).fit(X, y)
    nested = make_pipeline(make_pipeline(StandardScaler(), last)).fit(X, y)
    for model in (pipe, FrozenEstimator(pipe), nested):
        spread = spread_of(model, X, y, X_pool)
        if needs_copies(last):  # each copy has a scaler of its own
            assert (spread.variance > 0).all()
        else:
            assert_allclose(spread.variance, expected.variance, rtol=1e-8)
            assert_allclose(spread.noise, expected.noise)


def test_a_search_is_opened():
    X, y, X_pool = problem()
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 3.0]}, cv=3).fit(X, y)
    expected = spread_of(Ridge(**search.best_params_).fit(X, y), X, y, X_pool)
    assert_allclose(spread_of(search, X, y, X_pool).variance, expected.variance)
    grid = {"max_depth": [1, 2]}
    search = GridSearchCV(ENSEMBLES["forest"], grid, cv=3).fit(X, y)
    expected = spread_of(search.best_estimator_, X, y, X_pool)
    assert_allclose(spread_of(search, X, y, X_pool).variance, expected.variance)


@pytest.mark.parametrize(
    "model",
    [Ridge(), process(), RandomForestRegressor(6, random_state=0)],
    ids=["ridge", "process", "forest"],
)
def test_a_pool_is_read_in_blocks(model, monkeypatch):
    X, y, X_pool = problem(n_pool=23)
    whole = spread_of(model.fit(X, y), X, y, X_pool)
    monkeypatch.setattr(_pool, "block_size", lambda X: 5)
    parted = spread_of(model, X, y, X_pool)
    assert_allclose(parted.variance, whole.variance, rtol=1e-12)
    assert_allclose(parted.covariance([1, 9]), whole.covariance([1, 9]), rtol=1e-9)
    if not isinstance(model, GaussianProcessRegressor):
        X, X_pool = sparse.csr_array(X), sparse.csr_array(X_pool)
        parted = spread_of(model.fit(X, y), X, y, X_pool)
        assert_allclose(parted.variance, whole.variance, rtol=1e-9)


def test_differences_of_rounding_are_none():
    third = np.array([[0.1 + 0.2, 1.0], [0.3, 2.0]])
    assert third[0, 0] != third[1, 0]
    Z = member_deviations(third)
    assert (Z[0] == 0).all() and (Z[1] != 0).all()
    single = member_deviations(third.astype(np.float32) * [[1, 1], [1 + 1e-7, 1]])
    assert single.dtype == np.float64


def test_units():
    assert unit_of(np.array([1.0, 9.0])) == 1
    assert_array_equal(unit_of(np.array([[0.0, 4.0], [2.0, 4.0]])), [1, 1])


def test_what_needs_copies():
    for model in (Ridge(), process(), ENSEMBLES["voting"], GridSearchCV(Ridge(), {})):
        assert not needs_copies(model) and not needs_copies(make_pipeline(model))
    for model in (SVR(), Ridge(positive=True), GridSearchCV(SVR(), {})):
        assert needs_copies(model) and needs_copies(FrozenEstimator(model))
