"""Factored gradients against the long rows that are never built."""

import numpy as np
import pytest
from scipy import sparse

from skactive.diversity import _gradient_embedding
from skactive.diversity._gradient_embedding import GradientRows, loss_gradient

# Of the first two samples of the second row, the first class counts as predicted.
PROBA = np.array([[0.6, 0.3, 0.1], [0.5, 0.5, 0], [0.1, 0.1, 0.8], [1, 0, 0]])
E = np.array([[1.0, 0], [0, 2], [1, 1], [3, 3]])


def random_factors(n, d, n_classes, seed=0, dtype=np.float64):
    rng = np.random.RandomState(seed)
    proba = rng.dirichlet(np.full(n_classes, 0.3), n)
    return loss_gradient(proba.astype(dtype)), rng.standard_normal((n, d)).astype(dtype)


def dense(A, E, bias=False):
    E = np.column_stack([E, np.ones(len(E))]) if bias else E
    return np.einsum("ic,id->icd", A, E).reshape(len(A), -1)


def dense_sq(G, H):
    return ((G[:, None] - H[None]) ** 2).sum(axis=2)


def test_loss_gradient_on_paper():
    expected = [[-0.4, 0.3, 0.1], [-0.5, 0.5, 0], [0.1, 0.1, -0.2], [0, 0, 0]]
    np.testing.assert_allclose(loss_gradient(PROBA), expected, atol=1e-15)
    assert PROBA[0, 0] == 0.6, "the probabilities of the caller are left alone"


def test_a_probability_that_is_rounded_to_one_keeps_its_gradient():
    proba = np.array([[1.0, 1e-12]], dtype=np.float32)
    np.testing.assert_allclose(loss_gradient(proba), [[-1e-12, 1e-12]], rtol=1e-6)


@pytest.mark.parametrize(
    ("bias", "lengths", "to_second"),
    [
        (False, [0.26, 2, 0.12, 0], [2.26, 0, 2.12, 2]),
        (True, [0.52, 2.5, 0.18, 0], [2.32, 0, 2.68, 2.5]),
    ],
)
def test_lengths_and_distances_on_paper(bias, lengths, to_second):
    rows = GradientRows(loss_gradient(PROBA), E, bias=bias)
    np.testing.assert_allclose(rows.sq_length, lengths, atol=1e-15)
    np.testing.assert_allclose(rows.nearest_sq([1]), to_second, atol=1e-15)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_distances_are_those_of_the_dense_gradients(bias, dtype, rtol):
    A, E = random_factors(60, 7, 5, dtype=dtype)
    rows = GradientRows(A, E, bias=bias)
    G = dense(A.astype(float), E.astype(float), bias)
    some = np.array([3, 11, 59])
    expected = dense_sq(G, G)
    scale = rtol * expected.max()
    np.testing.assert_allclose(
        rows.nearest_sq(some), expected[some].min(axis=0), rtol, scale
    )
    np.testing.assert_allclose(
        rows.among(some), expected[np.ix_(some, some)], rtol, scale
    )
    assert rows.nearest_sq(some).dtype == dtype


def test_two_classes_are_samples_weighed_by_their_uncertainty():
    """D**2 is twice that of (1 - p) s e, with s the sign of the predicted class."""
    A, E = random_factors(40, 3, 2)
    weighed = A[:, :1] * E
    np.testing.assert_allclose(
        GradientRows(A, E).nearest_sq([5, 6]),
        2 * dense_sq(weighed, weighed[[5, 6]]).min(axis=1),
        atol=1e-12,
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_equal_samples_are_at_distance_exactly_zero(dtype):
    A, E = random_factors(30, 9, 4, dtype=dtype)
    A, E = np.repeat(A, 3, axis=0), 100 + np.repeat(E, 3, axis=0)
    rows = GradientRows(A, E, bias=True)
    sq = rows.nearest_sq(np.arange(0, 90, 3))
    assert not sq.any()


def test_near_samples_keep_the_digits_of_their_distance():
    A, E = random_factors(1, 50, 4, dtype=np.float32)
    A, E = np.repeat(A, 2, axis=0), np.repeat(100 + E, 2, axis=0)
    E[1, 0] += 0.01
    exact = dense(A.astype(float), E.astype(float))
    np.testing.assert_allclose(
        GradientRows(A, E).nearest_sq([0])[1], ((exact[0] - exact[1]) ** 2).sum(), 1e-4
    )


@pytest.mark.parametrize("size", [1, 7, 50])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("bias", [False, True])
def test_blocks_and_storage_do_not_matter(monkeypatch, size, form, bias):
    monkeypatch.setattr(_gradient_embedding, "BLOCK_ROWS", size)
    A, E = random_factors(50, 6, 3)
    other_A, other_E = random_factors(9, 6, 3, seed=1)
    rows = GradientRows(A, form(E), bias=bias)
    sq, owner = rows.nearest(of=GradientRows(other_A, form(other_E), bias=bias))
    every = dense_sq(dense(A, E, bias), dense(other_A, other_E, bias))
    np.testing.assert_allclose(sq, every.min(axis=1), atol=1e-12)
    np.testing.assert_array_equal(owner, every.argmin(axis=1))


def test_turning_the_embedding_changes_no_distance():
    A, E = random_factors(30, 4, 3)
    turn = np.linalg.qr(np.random.RandomState(2).standard_normal((4, 4)))[0]
    np.testing.assert_allclose(
        GradientRows(A, E @ turn).among(np.arange(30)),
        GradientRows(A, E).among(np.arange(30)),
        atol=1e-12,
    )


def test_numbers_too_large_to_be_squared_are_refused():
    A, E = random_factors(3, 2, 2, dtype=np.float32)
    E[1] = 1e30
    with pytest.raises(ValueError, match="sample 1 holds"), np.errstate(over="ignore"):
        GradientRows(A, E)
