"""Paired differences: by hand, against scipy, and by enumeration."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from skactive.metrics import PairedDifference, paired_difference
from skactive.metrics._paired import signed_rank_p_value


@pytest.fixture(scope="module")
def pairs():
    rng = np.random.RandomState(0)
    seed = rng.rand(12)
    return seed + 0.02 + 0.03 * rng.randn(12), seed


def test_mean_and_counts_are_those_of_a_minus_b():
    # Differences .1, 0, -.2, .3, .1: sum .3 over five.
    result = paired_difference([0.6, 0.5, 0.3, 0.8, 0.7], [0.5, 0.5, 0.5, 0.5, 0.6])
    assert isinstance(result, PairedDifference)
    assert result.mean == pytest.approx(0.06)
    assert (result.wins, result.ties, result.losses, result.n) == (3, 1, 1, 5)


def test_t_test_by_hand():
    # Differences 1, 2, 3, 4, 5: mean 3, deviation sqrt(2.5), t = 3 / sqrt(.5) = 4.243,
    # and for 4 degrees of freedom P(|T| > t) = 1 - u (1 + (1 - u**2) / 2) with
    # u = t / sqrt(t**2 + 4): u**2 = 18/22.
    u = (18 / 22) ** 0.5
    result = paired_difference([1, 2, 3, 4, 5], [0] * 5)
    assert result.t_p_value == pytest.approx(1 - u * (1 + (1 - u**2) / 2))
    assert result.t_p_value == pytest.approx(0.0132, abs=5e-5)
    assert result.significant is True


def test_p_values_are_those_of_scipy(pairs):
    result = paired_difference(*pairs)
    assert result.t_p_value == pytest.approx(stats.ttest_rel(*pairs).pvalue)
    exact = stats.wilcoxon(*pairs, method="exact").pvalue
    assert result.wilcoxon_p_value == pytest.approx(exact)


def test_swapping_the_sides_turns_the_signs(pairs):
    one, other = paired_difference(*pairs), paired_difference(*pairs[::-1])
    assert one.mean == -other.mean
    assert (one.wins, one.losses) == (other.losses, other.wins)
    assert one.t_p_value == other.t_p_value
    assert one.wilcoxon_p_value == other.wilcoxon_p_value


@pytest.mark.parametrize(
    "differences",
    [
        [1.0, 1.0, 2.0, -1.0, 3.0, 3.0],
        [0.0, 0.5, 0.5, -0.5, 2.0],
        [1.0, 2.0, 3.0, 4.0, 5.0],
        [-1.0, 1.0],
        [2.0, -1.0, -1.0, -1.0, -1.0, 0.0, 0.0, 4.0, 4.0],
    ],
)
def test_signed_rank_test_counts_every_pattern_of_signs(differences):
    d = np.array(differences)
    d = d[d != 0]
    ranks = stats.rankdata(np.abs(d))
    measured = ranks[d > 0].sum()
    sums = [np.dot(ranks, signs) for signs in product([0, 1], repeat=len(d))]
    lower = min(measured, ranks.sum() - measured)
    expected = min(1.0, 2 * np.mean(np.array(sums) <= lower + 1e-9))
    assert signed_rank_p_value(np.array(differences)) == pytest.approx(expected)


def test_many_pairs_are_left_to_scipy():
    d = np.random.RandomState(1).randn(60) + 0.2
    assert signed_rank_p_value(d) == pytest.approx(stats.wilcoxon(d).pvalue)


def test_five_pairs_cannot_reach_five_percent_by_ranks():
    result = paired_difference([0.9, 0.8, 0.7, 0.95, 0.85], [0.1, 0.2, 0.15, 0.3, 0.05])
    assert result.wilcoxon_p_value == 0.0625
    assert result.t_p_value < 0.001


def test_ties_that_rounding_hides_are_ties():
    """As floats .3 - .2 and .8 - .7 are not equal, and .1 + .2 - .3 is not zero."""
    a, b = [0.3, 0.7, 0.9, 0.1 + 0.2], [0.2, 0.8, 0.5, 0.3]
    result = paired_difference(a, b)
    assert (result.wins, result.ties, result.losses) == (2, 1, 1)
    # Ranks 1.5, 1.5, 3: sums up to 1.5 come from 3 of the 8 patterns of signs. With
    # ranks 1, 2, 3 it would be sums up to 2, and the same 3, or up to 1, and only 2.
    assert result.wilcoxon_p_value == 0.75
    turned = paired_difference([0.2, 0.8, 0.9], [0.3, 0.7, 0.5])
    assert turned.wilcoxon_p_value == 0.75


def test_a_copy_differs_by_exactly_nothing():
    scores = [0.61, 0.62, 0.7, 0.55, 0.83, 0.9]
    result = paired_difference(scores, scores)
    assert result.mean == 0 and result.interval == (0, 0)
    assert (result.wins, result.ties, result.losses) == (0, 6, 0)
    assert result.t_p_value == result.wilcoxon_p_value == 1
    assert result.significant is False


def test_a_difference_that_never_varies_is_certain():
    base = np.array([0.61, 0.62, 0.7, 0.55, 0.83, 0.9])
    result = paired_difference(base + 0.05, base)
    assert result.interval == pytest.approx((0.05, 0.05))
    assert result.t_p_value == 0 and result.significant is True


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_no_mark_below_five_pairs(n):
    result = paired_difference(1 + np.arange(n) / 100, np.zeros(n))
    assert result.significant is None


def test_one_pair_has_no_interval_and_no_t_test():
    result = paired_difference([0.8], [0.7])
    assert result.mean == pytest.approx(0.1)
    assert np.isnan([*result.interval, result.t_p_value]).all()


# ------------------------------------------------------------------ the interval


def test_interval_is_the_expanded_percentile_interval_of_all_resamples():
    """Five differences have 3125 resamples: the whole bootstrap distribution."""
    d = np.array([0.02, -0.01, 0.05, 0.03, 0.04])
    means = [np.mean(one) for one in product(d, repeat=5)]
    tail = stats.norm.cdf(-np.sqrt(5 / 4) * stats.t.ppf(0.95, 4))
    expected = np.quantile(means, [tail, 1 - tail])
    result = paired_difference(d, np.zeros(5), confidence=0.9, n_bootstrap=200_000)
    assert result.interval == pytest.approx(expected, abs=0.0011)
    # The plain percentiles lie inside, by more than that.
    plain = np.quantile(means, [0.05, 0.95])
    assert result.interval[0] < plain[0] - 0.005
    assert result.interval[1] > plain[1] + 0.003


def test_interval_of_many_normal_differences_is_the_t_interval():
    d = np.random.RandomState(0).randn(400)
    expected = stats.t.interval(0.95, 399, d.mean(), stats.sem(d))
    result = paired_difference(d, np.zeros(400))
    assert result.interval == pytest.approx(expected, abs=0.01)


def test_interval_covers_the_truth_nearly_as_often_as_it_says():
    """Of 300 samples of ten, 95 % means 285 ± 4; plain percentiles hold in 268."""
    rng = np.random.RandomState(0)
    intervals = [
        paired_difference(rng.randn(10), np.zeros(10), n_bootstrap=1000).interval
        for _ in range(300)
    ]
    held = sum(low <= 0 <= high for low, high in intervals)
    assert 276 <= held <= 294


def test_less_confidence_is_a_shorter_interval_inside(pairs):
    wide = paired_difference(*pairs, confidence=0.99)
    short = paired_difference(*pairs, confidence=0.8)
    assert wide.interval[0] < short.interval[0] < short.mean
    assert short.mean < short.interval[1] < wide.interval[1]


def test_confidence_sets_the_level_of_the_mark():
    # p = 0.0132, by hand above.
    a, b = [1, 2, 3, 4, 5], [0] * 5
    assert paired_difference(a, b, confidence=0.98).significant is True
    assert paired_difference(a, b, confidence=0.99).significant is False


def test_the_seed_decides_and_the_global_generator_is_left_alone(pairs):
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    first = paired_difference(*pairs).interval
    assert first == paired_difference(*pairs, random_state=0).interval
    assert first != paired_difference(*pairs, random_state=1).interval
    assert (np.random.get_state()[1] == before).all()


@pytest.mark.parametrize(
    ("a", "b", "params", "message"),
    [
        ([], [], {}, "not empty"),
        ([1, 2], [1], {}, "same length"),
        ([[1, 2]], [[1, 2]], {}, "1-d"),
        ([1, np.nan], [1, 2], {}, "leave out, on both sides"),
        ([1, 2], [1, np.inf], {}, "must be finite"),
        ([1, 2], [1, 2], {"confidence": 95}, "between 0 and 1"),
        ([1, 2], [1, 2], {"n_bootstrap": 0}, "1 or more"),
    ],
)
def test_bad_input_is_refused(a, b, params, message):
    with pytest.raises(ValueError, match=message):
        paired_difference(a, b, **params)
