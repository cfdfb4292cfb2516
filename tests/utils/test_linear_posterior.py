"""The posterior of linear models: by inversion, and by training again."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.linear_model import (
    BayesianRidge,
    Lasso,
    LinearRegression,
    Ridge,
    RidgeCV,
)

from skactive.utils import _linear_posterior
from skactive.utils._linear_posterior import LinearPosterior, penalty


def problem(n=14, n_pool=9, d=4, n_outputs=None, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n + n_pool, d)) + 2
    shape = (n,) if n_outputs is None else (n, n_outputs)
    return (
        X[:n],
        X[:n, :1].sum(axis=1).reshape(-1, *[1] * (len(shape) - 1))
        + (rng.standard_normal(shape)),
        X[n:],
    )


def covariance(posterior, X_pool):
    return posterior.over(X_pool).covariance(np.arange(X_pool.shape[0]))


def by_inversion(X, X_pool, alpha, w=None, intercept=True):
    """In units of the noise, with one column for the intercept, not penalized."""
    w = np.ones(len(X)) if w is None else w
    penalties = np.full(X.shape[1], float(alpha))
    if intercept:
        X, X_pool = (np.c_[Z, np.ones(len(Z))] for Z in (X, X_pool))
        penalties = np.append(penalties, 0)
    A = X.T @ (w[:, None] * X) + np.diag(penalties)
    return X_pool @ np.linalg.inv(A) @ X_pool.T


MODELS = {
    "ordinary": (LinearRegression(), 0),
    "ridge": (Ridge(0.7), 0.7),
    "without intercept": (Ridge(0.7, fit_intercept=False), 0.7),
    "ordinary without intercept": (LinearRegression(fit_intercept=False), 0),
    "one penalty": (Ridge(np.array([0.3])), 0.3),
}


# Of many columns, without a penalty, the inverse is not there.
CASES = [(name, False) for name in MODELS]
CASES += [(name, True) for name, (_, alpha) in MODELS.items() if alpha]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name, wide", CASES)
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_it_is_the_inverse(name, weighted, wide, container, monkeypatch):
    model, alpha = MODELS[name]
    if wide:  # more columns than labels
        monkeypatch.setattr(_linear_posterior, "WIDE", 3)
    X, y, X_pool = problem(n=5, d=7) if wide else problem()
    w = np.random.RandomState(5).uniform(0.2, 3, len(y)) if weighted else None
    model.fit(X, y, sample_weight=w)
    posterior = LinearPosterior(model, container(X), y, 1.0, w)
    assert posterior.wide == wide
    C = posterior.noise * by_inversion(X, X_pool, alpha, w, model.fit_intercept)
    spread = posterior.over(container(X_pool))
    assert_allclose(spread.variance, C.diagonal(), rtol=1e-10)
    assert_allclose(covariance(posterior, container(X_pool)), C, atol=1e-10 * C.max())


@pytest.mark.parametrize("alpha", [1e-12, 1.0])
def test_both_ways_are_one(alpha, monkeypatch):
    X, y, X_pool = problem(n=6, d=9)
    model = Ridge(alpha).fit(X, y)
    matrix = covariance(LinearPosterior(model, X, y, 1.0), X_pool)
    monkeypatch.setattr(_linear_posterior, "WIDE", 3)
    kernel = LinearPosterior(model, X, y, 1.0)
    assert kernel.wide
    assert_allclose(covariance(kernel, X_pool), matrix, rtol=1e-5)


def test_labels_move_predictions_as_it_says():
    """Ridge, trained again with a label at x: the change is C(u, x) times a number."""
    X, y, X_pool = problem()
    model = Ridge(0.5).fit(X, y)
    posterior = LinearPosterior(model, X, y, 1.0)
    C, noise = covariance(posterior, X_pool), posterior.noise
    for i in range(len(X_pool)):
        for label in (-3.0, 2.0):
            after = Ridge(0.5).fit(np.r_[X, X_pool[[i]]], np.r_[y, label])
            moved = after.predict(X_pool) - model.predict(X_pool)
            short = label - model.predict(X_pool[[i]])[0]
            assert_allclose(moved, C[:, i] * short / (C[i, i] + noise), atol=1e-10)


def test_a_label_more_leaves_what_training_on_it_would():
    X, y, X_pool = problem()
    posterior = LinearPosterior(Ridge(0.5).fit(X, y), X, y, 1.0)
    spread = posterior.over(X_pool)
    spread.learn(2)
    X_more = np.r_[X, X_pool[[2]]]
    C = posterior.noise * by_inversion(X_more, X_pool, 0.5)
    assert_allclose(spread.variance, C.diagonal(), rtol=1e-10)


def test_the_noise_is_the_residual_variance():
    X, y, X_pool = problem()
    model = LinearRegression().fit(X, y)
    residual = ((y - model.predict(X)) ** 2).sum() / (14 - 4 - 1)
    assert_allclose(LinearPosterior(model, X, y, 1.0).noise, residual)
    model = BayesianRidge().fit(X, y)
    posterior = LinearPosterior(model, X, y, 1.0)
    assert_allclose(posterior.noise, 1 / model.alpha_)
    # What BayesianRidge says of itself leaves out what the intercept is not known by.
    Xc = X_pool - X.mean(axis=0)
    of_weights = (Xc @ model.sigma_ * Xc).sum(axis=1)
    variance = posterior.over(X_pool).variance
    assert_allclose(variance - posterior.noise / len(y), of_weights, rtol=1e-6)


def test_several_outputs_are_added_up_in_units_of_their_own():
    X, Y, X_pool = problem(n_outputs=2)
    scale = Y.std(axis=0)
    both = LinearPosterior(Ridge().fit(X, Y), X, Y, scale)
    parts = [LinearPosterior(Ridge().fit(X, y), X, y, s) for y, s in zip(Y.T, scale)]
    expected = sum(covariance(part, X_pool) for part in parts)
    assert_allclose(covariance(both, X_pool), expected, rtol=1e-10)
    assert_allclose(both.noise, sum(part.noise for part in parts))


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(
    "make",
    [
        lambda X, y: (X, np.ones_like(y)),
        lambda X, y: (np.ones_like(X), y),
        lambda X, y: (X[:1], y[:1]),
        lambda X, y: (X, X @ np.arange(X.shape[1])),
    ],
    ids=["constant y", "constant X", "one label", "no residual"],
)
@pytest.mark.parametrize("model", [LinearRegression(), Ridge(), BayesianRidge()])
def test_degenerate_labels_leave_finite_variances(model, make, wide, monkeypatch):
    if wide:
        monkeypatch.setattr(_linear_posterior, "WIDE", 3)
    X, y, X_pool = problem(n=5, d=7) if wide else problem()
    X, y = make(X, y)
    posterior = LinearPosterior(model.fit(X, y), X, y, 1.0)
    variance = posterior.over(X_pool).variance
    assert np.isfinite(variance).all() and (variance > 0).any() and posterior.noise > 0


def test_unseen_directions_are_the_least_known():
    """A model without a penalty knows nothing where no label lies: that comes first."""
    X = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
    y = np.array([0.0, 1.0, 3.0])
    posterior = LinearPosterior(LinearRegression().fit(X, y), X, y, 1.0)
    spread = posterior.over(np.array([[5.0, 0.0], [1.0, 0.01], [1.0, 0.0]]))
    assert spread.variance.argmax() == 1
    spread.learn(1)
    assert spread.variance.argmax() == 0 and (spread.variance >= 0).all()


def test_a_sample_of_no_weight_tells_nothing(monkeypatch):
    X, y, X_pool = problem(n=6, d=9)
    w = np.array([1.0, 0, 1, 1, 0, 1])
    kept = w > 0
    for wide in (100, 3):
        monkeypatch.setattr(_linear_posterior, "WIDE", wide)
        model = Ridge().fit(X, y, sample_weight=w)
        some = LinearPosterior(model, X, y, 1.0, w)
        few = LinearPosterior(model, X[kept], y[kept], 1.0)
        C, expected = (covariance(p, X_pool) / p.noise for p in (some, few))
        assert_allclose(C, expected, rtol=1e-8)


def test_penalties_that_are_no_one_number_are_not_known():
    X, Y, _ = problem(n_outputs=2)
    assert penalty(Ridge([0.1, 2.0])) is None
    assert penalty(Ridge(positive=True)) is None
    assert penalty(LinearRegression(positive=True)) is None
    assert penalty(Lasso()) is None
    assert penalty(RidgeCV([0.5]).fit(X, Y)) == 0.5
    assert penalty(RidgeCV([0.5, 2], alpha_per_target=True).fit(X, Y)) in (None, 0.5, 2)
