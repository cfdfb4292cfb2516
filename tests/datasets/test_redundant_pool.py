"""make_redundant_pool: its copies, and that margin pays for them."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from skactive.datasets import make_redundant_pool
from skactive.uncertainty import MarginSampling


def test_redundant_pool_keeps_copies_close_and_of_one_label():
    pool = make_redundant_pool(30, 4, jitter=0.01, random_state=0, return_X_y=False)
    assert pool.data.shape == (120, 10)
    for group in range(30):
        rows = pool.group == group
        assert rows.sum() == 4
        assert len(set(pool.target[rows])) == 1
        assert np.ptp(pool.data[rows], axis=0).max() < 0.1


def test_redundant_pool_without_jitter_holds_exact_copies():
    X, _ = make_redundant_pool(7, 5, jitter=0, random_state=0)
    assert len(np.unique(X, axis=0)) == 7


def test_a_parameter_of_the_wrong_kind_is_refused():
    with pytest.raises(TypeError, match="copies must be an instance of"):
        make_redundant_pool(copies=2.5)


def test_margin_pays_for_the_same_sample_many_times_in_a_redundant_pool(fooled):
    difference, asked = fooled.compare(
        make_redundant_pool,
        LogisticRegression(),
        MarginSampling(),
        n_initial=20,
        budget=100,
        batch_size=20,
    )
    assert difference.mean() < -0.02
    assert (difference < 0).sum() >= 5
    distinct = [(len(set(t.group[a])), len(set(t.group[b]))) for t, a, b in asked]
    assert all(mine < 0.75 * randoms for mine, randoms in distinct)


def test_originals_are_shared_evenly_by_the_classes_and_copied_alike():
    pool = make_redundant_pool(8, 3, n_classes=3, random_state=0, return_X_y=False)
    np.testing.assert_array_equal(np.bincount(pool.group), [3] * 8)
    np.testing.assert_array_equal(np.bincount(pool.target), [9, 9, 6])
    np.testing.assert_array_equal(np.bincount(pool.test_target), [334, 333, 333])


def test_jitter_is_the_deviation_of_the_copies():
    pool = make_redundant_pool(40, 50, jitter=0.5, random_state=0, return_X_y=False)
    spread = [pool.data[pool.group == g].std(axis=0, ddof=1) for g in range(40)]
    # 400 deviations of 50 copies each: their mean is known to 0.0025.
    assert np.mean(spread) == pytest.approx(0.5, abs=0.015)


def test_all_rows_but_one_of_each_original_are_in_the_trap():
    pool = make_redundant_pool(7, 5, random_state=0, return_X_y=False)
    assert pool.in_trap.sum() == 7 * 4
    assert sorted(pool.group[~pool.in_trap]) == list(range(7))
