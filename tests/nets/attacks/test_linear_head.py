"""Closed forms of linear logits: by hand, and without a limit on rows."""

import numpy as np
import pytest

from skactive.nets.attacks import _linear_head
from skactive.nets.attacks._linear_head import (
    linear_radius,
    linear_smoothness,
    linear_step,
)

pytestmark = pytest.mark.deep

W = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
X = np.array([[0.3, -0.2], [1.0, 1.0], [-0.5, 0.1], [2.0, -1.0]])
Z = X @ W.T + [0.2, 0.0, -0.1]
RADII = [0.313049516850, 0.141421356237, 0.089442719100, 1.475804865150]


def test_distances_by_hand():
    radius, best, target = linear_radius(Z, W)
    np.testing.assert_allclose(radius, RADII, atol=1e-9)
    assert best.tolist() == [0, 0, 2, 0]
    assert target.tolist() == [2, 1, 1, 2]
    step = linear_step(radius, best, target, W)
    np.testing.assert_allclose(step[0], [-0.28, -0.14], atol=1e-9)
    assert linear_radius(Z, W, np.inf)[0][0] == pytest.approx(0.233333333333)


def test_distances_need_only_products_of_weights():
    K = W @ W.T
    np.testing.assert_array_equal(K, [[1, 0, -1], [0, 1, -1], [-1, -1, 2]])
    own = Z.argmax(axis=1)
    slope = np.sqrt(K.diagonal() + K.diagonal()[own, None] - 2 * K[own])
    lead = Z.max(axis=1, keepdims=True) - Z
    slope[np.arange(4), own] = 1
    lead[np.arange(4), own] = np.inf
    np.testing.assert_allclose(linear_radius(Z, W)[0], (lead / slope).min(axis=1))


def test_classes_of_equal_weights_have_no_boundary_between_them():
    same = np.array([[1.0, 2.0], [1.0, 2.0]])
    radius, best, target = linear_radius(np.array([[3.0, 1.0]]), same)
    assert np.isinf(radius).all() and target == best == 0
    radius, _, target = linear_radius(np.zeros((2, 1)), np.ones((1, 2)))
    assert np.isinf(radius).all() and target.tolist() == [0, 0]
    # A third class is reached past the one that has none.
    radius, _, target = linear_radius(
        np.array([[3.0, 2.9, 0.0]]), np.vstack([same, [0, 0]])
    )
    assert target == 2 and radius[0] == pytest.approx(3 / 5**0.5)


def test_two_best_logits_that_tie_are_at_distance_zero():
    radius, _, target = linear_radius(np.array([[1.0, 1.0, 0.0]]), W)
    assert radius == 0 and target == 1


def test_constants_change_nothing_and_scale_scales():
    radius = linear_radius(Z, W)[0]
    np.testing.assert_allclose(linear_radius(Z + 7, W)[0], radius)
    np.testing.assert_allclose(linear_radius(Z, W / 3)[0], 3 * radius)
    smooth = linear_smoothness(Z, W, 0.5)[0]
    np.testing.assert_allclose(linear_smoothness(Z + 7, W, 0.5)[0], smooth)
    np.testing.assert_allclose(linear_smoothness(Z, W + [5, -2], 0.5)[0], smooth)
    np.testing.assert_allclose(linear_smoothness(Z, W / 3, 1.5)[0], smooth)


def test_rows_are_taken_in_parts(monkeypatch):
    expected = linear_radius(Z, W), linear_smoothness(Z, W, 0.5)
    monkeypatch.setattr(_linear_head, "CHUNK", 18)
    for part, whole in zip(
        (linear_radius(Z, W), linear_smoothness(Z, W, 0.5)), expected
    ):
        for one, other in zip(part, whole):
            np.testing.assert_allclose(one, other, rtol=1e-12)
