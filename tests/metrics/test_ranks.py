"""Ranks over settings: by hand, against scipy, and against published tables."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from skactive.metrics import CriticalDifferenceRanks, critical_difference_ranks
from skactive.metrics._ranks import _groups

# AUC of C4.5 with four ways of tuning on 14 data sets: Demšar (2006), table 6. Two
# entries printed as 0.975 are ranked 2 and 3 there; a digit is added to one of them.
DEMSAR = np.array(
    [
        [0.763, 0.768, 0.771, 0.798],
        [0.599, 0.591, 0.590, 0.569],
        [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657],
        [0.882, 0.888, 0.886, 0.898],
        [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685],
        [0.583, 0.583, 0.563, 0.625],
        [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000],
        [0.940, 0.962, 0.965, 0.962],
        [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9751, 0.975],
        [0.957, 0.978, 0.946, 0.970],
    ]
)


def test_mean_ranks_and_friedman_as_in_the_paper():
    """Mean ranks 3.143, 2.000, 2.893, 1.964; chi-square 9.28 without ties corrected."""
    result = critical_difference_ranks(DEMSAR, method="nemenyi")
    assert isinstance(result, CriticalDifferenceRanks)
    assert result.mean_ranks == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    # The formula of the paper has no correction for ties.
    uncorrected = 12 * 14 / (4 * 5) * (np.sum(result.mean_ranks**2) - 4 * 25 / 4)
    assert uncorrected == pytest.approx(9.28, abs=0.01)
    expected = stats.friedmanchisquare(*DEMSAR.T)
    assert result.statistic == pytest.approx(expected.statistic)
    assert result.p_value == pytest.approx(expected.pvalue)


def test_critical_difference_of_nemenyi_as_in_the_paper():
    """2.569 * sqrt(4 * 5 / (6 * 14)) = 1.25 at 5 %, and 2.291 * ... = 1.12 at 10 %."""
    five = critical_difference_ranks(DEMSAR, method="nemenyi")
    ten = critical_difference_ranks(DEMSAR, method="nemenyi", alpha=0.1)
    assert five.critical_difference == pytest.approx(1.25, abs=0.005)
    assert ten.critical_difference == pytest.approx(1.12, abs=0.005)
    # At 10 %: 3.143 - 1.964 = 1.18 and 3.143 - 2 = 1.14 are more, the rest is not.
    assert five.groups == [(3, 1, 2, 0)]
    assert ten.groups == [(3, 1, 2), (2, 0)]


@pytest.mark.parametrize(
    ("k", "q"), [(3, 2.343), (4, 2.569), (5, 2.728), (7, 2.949), (10, 3.164)]
)
def test_quantiles_of_nemenyi_are_those_of_the_table(k, q):
    """Demšar (2006), table 5: quantiles of the studentized range over sqrt(2)."""
    areas = np.random.RandomState(0).rand(8, k)
    result = critical_difference_ranks(areas, method="nemenyi")
    error = np.sqrt(k * (k + 1) / (6 * 8))
    assert result.critical_difference / error == pytest.approx(q, abs=1.1e-3)


def test_p_values_of_nemenyi_cross_the_level_at_the_critical_difference():
    areas = np.random.RandomState(1).rand(9, 6) + np.arange(6) / 5
    result = critical_difference_ranks(areas, method="nemenyi")
    gaps = np.abs(result.mean_ranks[:, None] - result.mean_ranks)
    beyond = gaps > result.critical_difference
    assert 0 < beyond.sum() < 30
    assert ((result.p_values < 0.05) == beyond).all()
    assert (np.diag(result.p_values) == 1).all()


def test_ties_share_their_mean_rank_and_the_greatest_is_first():
    areas = np.array([[0.5, 0.9, 0.5], [0.1 + 0.2, 0.1, 0.3], *[[0.3, 0.2, 0.1]] * 3])
    result = critical_difference_ranks(areas)
    assert result.ranks[:3].tolist() == [[2.5, 1, 2.5], [1.5, 3, 1.5], [1, 2, 3]]
    assert result.mean_ranks == pytest.approx([7 / 5, 2, 13 / 5])


def test_wilcoxon_holm_is_that_of_scipy_stepped_down():
    rng = np.random.RandomState(0)
    areas = rng.rand(12, 4) * 0.1 + [0, 0.02, 0.05, 0.1]
    result = critical_difference_ranks(areas)
    pairs = list(combinations(range(4), 2))
    p = [
        stats.wilcoxon(areas[:, i], areas[:, j], method="exact").pvalue
        for i, j in pairs
    ]
    largest = 0.0
    for step, k in enumerate(np.argsort(p)):
        largest = max(largest, min(1.0, p[k] * (len(pairs) - step)))
        i, j = pairs[k]
        assert result.p_values[i, j] == result.p_values[j, i]
        assert result.p_values[i, j] == pytest.approx(largest)
    assert result.critical_difference is None
    assert 0 < np.sum(result.p_values < 0.05) < 12


def test_groups_by_hand():
    """0 is always last; 1 and 2 take turns in being first."""
    random = np.linspace(0.5, 0.8, 8)
    swap = np.array([1, -2, 3, -4, -5, 6, 7, -8]) / 1000
    areas = np.column_stack([random, random + 0.05, random + 0.05 + swap])
    result = critical_difference_ranks(areas)
    # Three pairs, 8 settings: the smallest p is 3 * 2 / 256, and those with 0 have it
    # to within the step from 3 to 2.
    assert result.smallest_p_value == 3 * 2 / 256
    assert result.p_values[0, 1] == result.p_values[0, 2] == 3 * 2 / 256
    assert result.groups == [(1, 2)]


@pytest.mark.parametrize(
    ("n_strategies", "enough"), [(3, 7), (5, 9), (10, 11)], ids=str
)
def test_settings_that_wilcoxon_holm_needs(n_strategies, enough):
    """As many as the docstring says: one fewer cannot separate anything."""
    order = np.arange(n_strategies) + np.arange(1, enough + 1)[:, None] / 100
    order = order * np.arange(1, n_strategies + 1)
    few = critical_difference_ranks(order[:-1])
    assert few.p_value < 0.05 <= few.smallest_p_value
    assert few.groups == [tuple(range(n_strategies))[::-1]]
    many = critical_difference_ranks(order)
    assert many.smallest_p_value < 0.05
    assert many.p_values.min() == pytest.approx(many.smallest_p_value)
    assert many.groups == []


def test_without_a_rejection_all_are_one_group():
    """1 is always a little above 0, and 2 far above both or far below, by turns.

    Mean ranks 2.5, 1.5, 2 over 8 settings: chi-square 4 with 2 degrees of freedom.
    """
    zero = np.linspace(0.5, 0.6, 8)
    little = np.arange(1, 9) / 1000
    areas = np.column_stack([zero, zero + little, zero + 0.3 * np.array([1, -1] * 4)])
    result = critical_difference_ranks(areas)
    assert result.mean_ranks.tolist() == [2.5, 1.5, 2]
    assert result.statistic == pytest.approx(4)
    assert result.p_value == pytest.approx(np.exp(-2))
    assert result.p_values[0, 1] == pytest.approx(3 * 2 / 256)  # by itself below 5 %
    assert result.groups == [(1, 2, 0)]


@pytest.mark.parametrize("method", ["wilcoxon-holm", "nemenyi"])
def test_all_tied_is_no_difference(method):
    result = critical_difference_ranks(np.full((6, 3), 0.7), method=method)
    assert result.mean_ranks.tolist() == [2, 2, 2]
    assert (result.statistic, result.p_value) == (0, 1)
    assert (result.p_values == 1).all()
    assert result.groups == [(0, 1, 2)]


def test_groups_are_maximal_sets_without_a_separated_pair():
    rng = np.random.RandomState(0)
    for n in (3, 5, 7):
        for _ in range(10):
            alike = rng.rand(n, n) < 0.6
            alike = alike | alike.T
            mean_ranks = rng.permutation(n) + 1.0
            whole = [
                set(some)
                for size in range(2, n + 1)
                for some in combinations(range(n), size)
                if all(alike[i, j] for i, j in combinations(some, 2))
            ]
            expected = [one for one in whole if not any(one < other for other in whole)]
            found = _groups(alike, mean_ranks)
            assert sorted(map(sorted, found)) == sorted(map(sorted, expected))
            for group in found:
                assert (np.diff(mean_ranks[list(group)]) > 0).all()


def test_many_strategies_in_one_group_take_no_time():
    """Without a pivot a complete graph of 30 would be 2**30 steps."""
    found = _groups(np.ones((30, 30), dtype=bool), np.arange(30.0))
    assert found == [tuple(range(30))]


@pytest.mark.parametrize(
    ("areas", "params", "message"),
    [
        (np.zeros((4, 3)), {}, "5 settings or more, got 4"),
        (np.zeros((5, 2)), {}, "three strategies"),
        (np.zeros(5), {}, "n_settings, n_strategies"),
        (np.full((5, 3), np.nan), {}, "must be finite"),
        (np.zeros((5, 3)), {"method": "tukey"}, "'nemenyi'"),
        (np.zeros((5, 3)), {"alpha": 1}, "alpha"),
    ],
)
def test_bad_input_is_refused(areas, params, message):
    with pytest.raises(ValueError, match=message):
        critical_difference_ranks(areas, **params)
