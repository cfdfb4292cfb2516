"""Posterior covariance, conditioned label by label: by hand and by inversion."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skactive.utils._spread import Deviations, KernelDeviations, greedy_batch


def deviations(C, noise):
    return Deviations(np.linalg.cholesky(C), noise)


def by_kernel(C, noise):
    """The same, with a prior and what two labels took away."""
    V = np.random.RandomState(1).standard_normal((2, len(C)))
    prior = C + V.T @ V
    return KernelDeviations(lambda at: prior[:, at], prior.diagonal(), V, noise)


KINDS = pytest.mark.parametrize("make", [deviations, by_kernel])


def covariance(n=9, seed=0):
    A = np.random.RandomState(seed).standard_normal((n, n))
    return A @ A.T + 0.1 * np.eye(n)


def conditioned(C, noise, known):
    """The covariance given noisy labels at some positions, by one inversion."""
    K = C[np.ix_(known, known)] + noise * np.eye(len(known))
    return C - C[:, known] @ np.linalg.solve(K, C[known])


@KINDS
@pytest.mark.parametrize("noise", [0.0, 0.3, 5.0])
def test_labels_one_by_one_are_labels_at_once(make, noise):
    C, known = covariance(), []
    spread = make(C, noise)
    everywhere = np.arange(len(C))
    for i in (3, 0, 7, 5) if noise == 0 else (3, 0, 3, 7, 5, 3):
        before = spread.covariance(everywhere)
        e = spread.learn(i)
        known.append(i)
        after = spread.covariance(everywhere)
        assert_allclose(before - np.outer(e, e), after, atol=1e-10)
        assert_allclose(after, conditioned(C, noise, known), atol=1e-10)
        assert_allclose(spread.variance, after.diagonal(), atol=1e-10)
        assert (spread.variance >= 0).all()


@KINDS
def test_a_label_without_noise_leaves_no_variance(make):
    spread = make(covariance(), 0.0)
    spread.learn(4)
    assert spread.variance[4] < 1e-12
    spread.learn(4)  # it says nothing more
    assert np.isfinite(spread.variance).all()


def test_the_committee_of_the_specification():
    """Predictions (1,0,2), (3,0,1), (2,3,0) of three members on three rows."""
    F = np.array([[1.0, 0, 2], [3, 0, 1], [2, 3, 0]])  # members x rows
    spread = Deviations((F - F.mean(axis=0)).T / np.sqrt(3), 0.5)
    C = [[2 / 3, 0, -1 / 3], [0, 2, -1], [-1 / 3, -1, 2 / 3]]
    assert_allclose(spread.covariance([0, 1, 2]), C, atol=1e-12)
    spread.learn(1)
    assert_allclose(spread.variance, [2 / 3, 0.4, 4 / 15])
    assert picked(spread_of(F), 2) == [1, 0]


def spread_of(F):
    return Deviations((F - F.mean(axis=0)).T / np.sqrt(3), 0.5)


def picked(spread, n, **settings):
    settings = {"allowed": np.ones(len(spread.variance), bool), **settings}
    rng = np.random.RandomState(settings.pop("seed", 0))
    answer = greedy_batch(
        lambda: spread.variance, spread.learn, n, random_state=rng, **settings
    )
    return answer.tolist()


@KINDS
def test_the_batch_is_the_greedy_one(make):
    C, noise, known = covariance(), 0.4, []
    for _ in range(len(C)):
        left = conditioned(C, noise, known).diagonal().copy() if known else np.diag(C)
        worth = np.where(np.isin(np.arange(len(C)), known), -1, left)
        known.append(int(worth.argmax()))
    for n in range(1, len(C) + 1):  # the first of a larger batch are the smaller one
        assert picked(make(C, noise), n) == known[:n]


@KINDS
def test_what_is_held_counts_as_known(make):
    C = covariance()
    held = picked(make(C, 0.4), 2)
    allowed = ~np.isin(np.arange(9), held)
    rest = picked(make(C, 0.4), 3, allowed=allowed, held=held)
    assert [*held, *rest] == picked(make(C, 0.4), 5)


@KINDS
def test_ties_are_seeded_also_those_of_rounding(make):
    C = np.eye(8) * (1 + 1e-14 * np.arange(8))
    orders = [picked(make(C, 0.5), 8, seed=seed) for seed in range(5)]
    assert all(sorted(order) == list(range(8)) for order in orders)
    assert len({order[0] for order in orders}) > 1
    assert orders[0] == picked(make(C, 0.5), 8, seed=0)


def test_nothing_is_uncertain_and_all_are_still_distinct():
    spread = Deviations(np.zeros((6, 3)), 0.0)
    assert sorted(picked(spread, 6)) == list(range(6))


def test_the_given_matrix_is_not_written_to():
    Z = np.random.RandomState(0).standard_normal((5, 3))
    kept = Z.copy()
    Deviations(Z, 0.1).learn(2)
    assert_array_equal(Z, kept)
