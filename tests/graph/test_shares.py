"""From what nodes are worth to each class to distributions that say the same."""

import numpy as np
import pytest
from scipy import sparse

from skactive.graph._shares import (
    as_narrow_as,
    led_by,
    shares_of_potentials,
    taken_after_neighbors,
)

ALL = np.ones(4, dtype=bool)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_usual_potentials_are_compared_to_the_lowest(dtype):
    u = np.array([[2.0, -2], [1, -1], [-1, 1], [0, 0]], dtype=dtype)
    shares = shares_of_potentials(u, ALL)
    assert shares.dtype == dtype
    np.testing.assert_allclose(shares[:, 0], [1, 0.75, 0.25, 0.5])
    assert shares_of_potentials(np.zeros((4, 5)), ALL).tolist() == [[0.2] * 5] * 4


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("height", [1e7, 1e20, 1e37])
def test_one_high_potential_does_not_level_the_others(dtype, height):
    rows = [[height, 0, -height], [1, 2, -3], [3, -1, -2], [-5, 2, 3]]
    u = np.array(rows, dtype=dtype)
    shares = shares_of_potentials(u, ALL)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(shares.argsort(axis=1), u.argsort(axis=1))
    np.testing.assert_allclose(shares[0], [2 / 3, 1 / 3, 0], atol=1e-6)


def test_winners_by_less_than_rounding_win():
    u = np.array([[-1.0, 1], [-1e-30, 1e-30], [1e-30, -1e-30], [0, 0]])
    shares = shares_of_potentials(u, np.array([True, False, False, False]))
    assert shares.argmax(axis=1).tolist() == [1, 1, 0, 0]
    np.testing.assert_allclose(shares[1:], 0.5)


def test_only_rows_that_another_leads_are_lifted():
    shares = np.array([[0.5, 0.5], [0.6, 0.4], [0.5, 0.5]])
    led = led_by(shares, np.array([0, 0, 1]))
    assert led is shares and led[:2].tolist() == [[0.5, 0.5], [0.6, 0.4]]
    assert led[2, 1] > 0.5


def test_distributions_are_narrowed_unless_a_lead_is_lost():
    for shares in ([[0.6, 0.4], [0.5, 0.5]], [[1.0], [1.0]]):
        narrow = as_narrow_as(np.array(shares), np.float32)
        assert narrow.dtype == np.float32
    wide = np.array([[0.6, 0.4], [0.5 + 1e-9, 0.5 - 1e-9]])
    assert as_narrow_as(wide, np.float32) is wide
    assert as_narrow_as(wide, np.float64) is wide


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lost_rows_take_what_comes_however_little(dtype):
    W = np.zeros((5, 5))
    for i, j, weight in [(0, 1, 1e-30), (1, 2, 1e-30), (2, 3, 1e-200), (0, 4, 1)]:
        W[i, j] = W[j, i] = weight
    values = np.zeros((5, 2), dtype=dtype)
    values[0], values[4] = [3e-30, 1e-30], [0, 1]
    flow = values.copy()
    lost = np.array([False, True, True, True, False])
    taken_after_neighbors(values, flow, sparse.csr_array(W), lost)
    shares = values / values.max(axis=1, keepdims=True)
    np.testing.assert_allclose(shares[1:4], [[1, 1 / 3]] * 3, rtol=1e-5)
    np.testing.assert_array_equal(values[1:4], flow[1:4])
    assert values[0].tolist() == np.array([3e-30, 1e-30], dtype).tolist()


def test_rows_that_nothing_reaches_stay_zero():
    values = np.zeros((3, 2))
    values[0] = 1
    lost = np.array([False, True, True])
    W = sparse.csr_array(np.array([[0, 0, 0], [0, 0, 1.0], [0, 1, 0]]))
    taken_after_neighbors(values, values.copy(), W, lost)
    assert not values[1:].any() and lost.tolist() == [False, True, True]
