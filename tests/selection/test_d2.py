"""Drawing by distance in any space: the law, and blocks that do not matter."""

import numpy as np
import pytest
from scipy import sparse, stats

from skactive.selection import _d2, _distances
from skactive.selection._d2 import Points, draw_by_distance


def draw(Z, n, picks, seed):
    space = Points(np.asarray(Z, dtype=float))
    rng = np.random.RandomState(seed)
    return draw_by_distance(space, n, picks, space.nearest_sq(picks), rng)


def test_draws_follow_the_law_after_a_row_was_kept():
    # From 0, rows at 1, 4, 9, 10: after 10 the squares are 1, 16, 1 and 0.
    Z = np.array([[0.0], [1], [4], [9], [10]])
    draws = [draw(Z, 3, [0, 4], seed)[2] for seed in range(3000)]
    counts = np.bincount(draws, minlength=5)
    assert counts[[0, 4]].tolist() == [0, 0]
    law = np.array([1, 16, 1]) / 18 * 3000
    assert stats.chisquare(counts[[1, 2, 3]], law).pvalue > 0.001


def test_pairs_follow_the_law_of_one_draw_after_the_other():
    """Both are drawn from one snapshot, so that the second is kept or refused."""
    Z = np.array([0.0, 1, 4, 9, 10])
    law = {}
    first = Z**2
    for i in range(1, 5):
        second = np.minimum(first, (Z - Z[i]) ** 2)
        for j in np.flatnonzero(second):
            law[i, j] = first[i] / first.sum() * second[j] / second.sum()
    n_draws = 6000
    counts = dict.fromkeys(law, 0)
    for seed in range(n_draws):
        # A KeyError here is an outcome that cannot be.
        counts[tuple(draw(Z[:, None], 3, [0], seed)[1:])] += 1
    expected = n_draws * np.array(list(law.values()))
    observed = np.array([counts[pair] for pair in law])
    rare = expected < 5
    observed = np.r_[observed[~rare], observed[rare].sum()]
    expected = np.r_[expected[~rare], expected[rare].sum()]
    assert stats.chisquare(observed, expected).pvalue > 0.001


def test_rows_at_distance_zero_come_last_in_uniform_order():
    Z = np.array([[0.0], [0], [0], [0], [5]])
    lasts = []
    for seed in range(900):
        picks = draw(Z, 5, [0], seed)
        assert picks[:2].tolist() == [0, 4]
        assert sorted(picks) == [0, 1, 2, 3, 4]
        lasts.append(picks[4])
    counts = np.bincount(lasts, minlength=5)[1:4]
    assert stats.chisquare(counts).pvalue > 0.001


def test_few_draws_are_the_beginning_of_many():
    Z = np.random.RandomState(0).standard_normal((200, 3))
    many = draw(Z, 120, [7], 0)
    for n in (1, 2, 15, 16, 17, 60):
        np.testing.assert_array_equal(draw(Z, n, [7], 0), many[:n])


def test_rows_that_nearly_coincide_are_drawn_once_each():
    Z = np.repeat(np.random.RandomState(0).standard_normal((3, 4)), 10, axis=0)
    Z = (Z + 1e-9 * np.random.RandomState(1).standard_normal(Z.shape)).astype("f4")
    space = Points(Z)
    for seed in range(20):
        rng = np.random.RandomState(seed)
        picks = draw_by_distance(space, 30, [0], space.nearest_sq([0]), rng)
        assert sorted(picks) == list(range(30))


@pytest.mark.parametrize("size", [1, 7, 50])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_nearest_is_that_of_all_differences_whatever_the_blocks(
    monkeypatch, size, form
):
    monkeypatch.setattr(_distances, "MAX_BLOCK_ROWS", size)
    monkeypatch.setattr(_d2, "CENTERS", size)
    rng = np.random.RandomState(0)
    Z, others = rng.standard_normal((50, 4)), rng.standard_normal((23, 4))
    space = Points(form(Z))
    sq, owner = space.nearest(of=Points(form(others), like=space))
    every = ((Z[:, None] - others) ** 2).sum(axis=2)
    np.testing.assert_allclose(sq, every.min(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(owner, every.argmin(axis=1))
    np.testing.assert_allclose(space.nearest_sq([3, 9])[[3, 9]], 0)
