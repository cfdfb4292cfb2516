"""Differences over data sets: by hand, by enumeration, and what is refused."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from skactive.metrics import (
    DifferenceOverDatasets,
    difference_over_datasets,
    paired_difference,
)
from skactive.metrics._over_data_sets import bootstrapped_means


def expanded(confidence, n):
    """Return the lower tail for n data sets, as in Hesterberg (2015)."""
    t = stats.t.ppf((1 - confidence) / 2, n - 1)
    return stats.norm.cdf(np.sqrt(n / (n - 1)) * t)


def every_resample(differences):
    """Return the mean of each of the equally likely resamples, by plain loops.

    Needs data sets with equal numbers of seeds, else resamples are not equally likely.
    """
    n, n_seeds = len(differences), len(differences[0])
    means = []
    for drawn in product(range(n), repeat=n):
        of_each = [
            [np.mean(seeds) for seeds in product(differences[k], repeat=n_seeds)]
            for k in drawn
        ]
        means += [np.mean(one) for one in product(*of_each)]
    return np.array(means)


def test_mean_and_counts_by_hand():
    # Differences .1, .3 (mean .2), 0, 0 (0) and -.1 (-.1): mean .1 / 3.
    a = [[0.6, 0.8], [0.4, 0.2], [0.3]]
    b = [[0.5, 0.5], [0.4, 0.2], [0.4]]
    found = difference_over_datasets(a, b)
    assert isinstance(found, DifferenceOverDatasets)
    assert found.mean == pytest.approx(0.1 / 3)
    assert (found.n, found.above, found.level, found.below) == (3, 1, 1, 1)
    assert (found.fewest_seeds, found.confidence) == (1, 0.95)


def test_data_sets_count_alike_whatever_their_seeds():
    # One seed says 1, ninety-nine say 0: half, and not a hundredth.
    found = difference_over_datasets([[1.0], np.zeros(99)], [[0.0], np.zeros(99)])
    assert found.mean == 0.5


def test_two_data_sets_without_noise_have_three_means():
    # 0 and 1, drawn twice: 0 in a quarter, .5 in a half, 1 in a quarter of the draws.
    d = [np.zeros(4), np.ones(4)]
    means = bootstrapped_means(d, 40_000, 0)
    values, counts = np.unique(means, return_counts=True)
    assert values.tolist() == [0, 0.5, 1]
    assert counts / 40_000 == pytest.approx([0.25, 0.5, 0.25], abs=0.01)


def test_seeds_of_a_data_set_that_is_drawn_twice_are_drawn_each_time():
    # One data set drawn as both: seeds -1 and 1. Means of two pairs of seeds are sums
    # of four signs over four, and would be sums of two over two were seeds drawn once.
    d = np.array([-1.0, 1.0])
    values = np.unique(bootstrapped_means([d, d.copy()], 5_000, 0))
    assert values.tolist() == [-1, -0.5, 0, 0.5, 1]


@pytest.mark.parametrize(
    "differences",
    [
        [[0.02, -0.01], [0.05, 0.03]],
        [[0.02, -0.01], [0.05, 0.03], [-0.03, 0.02]],
        [[0.01, 0.05, 0.0], [0.02, -0.03, 0.07]],
    ],
    ids=["2 x 2", "3 x 2", "2 x 3"],
)
def test_bootstrap_is_that_of_every_resample(differences):
    expected = every_resample(differences)
    means = bootstrapped_means(list(map(np.array, differences)), 100_000, 0)
    # The largest gap of the two distribution functions, between their jumps.
    between = np.unique(expected.round(9)) + 1e-6
    shares = [(each[:, None] < between).mean(axis=0) for each in (means, expected)]
    assert np.abs(shares[0] - shares[1]).max() < 0.006
    assert means.std() == pytest.approx(expected.std(), rel=0.02)


def test_interval_is_the_expanded_percentile_interval_of_every_resample():
    d = [[0.02, -0.01], [0.05, 0.03], [-0.03, 0.02]]
    tail = expanded(0.8, 3)
    expected = np.quantile(every_resample(d), [tail, 1 - tail])
    found = difference_over_datasets(
        d, np.zeros((3, 2)), confidence=0.8, n_bootstrap=100_000
    )
    assert found.interval == pytest.approx(expected, abs=0.0011)
    plain = np.quantile(every_resample(d), [0.1, 0.9])
    assert found.interval[0] < plain[0] - 0.002 and found.interval[1] > plain[1] + 0.002


def test_variance_is_that_of_both_stages():
    """By hand for T data sets of n seeds: (between + mean of within / n) / T.

    ``between`` is the variance of the means of data sets and ``within`` that of the
    seeds of one, both with the number itself as the divisor.
    """
    rng = np.random.RandomState(3)
    d = rng.randn(6, 1) + rng.randn(6, 4)
    expected = (d.mean(1).var() + d.var(axis=1).mean() / 4) / 6
    assert bootstrapped_means(list(d), 100_000, 0).var() == pytest.approx(
        expected, rel=0.02
    )


def test_where_data_sets_differ_the_interval_is_longer_than_that_of_all_pairs():
    """What pools pairs of all data sets takes seeds for data sets."""
    rng = np.random.RandomState(0)
    d = rng.randn(8, 1) + 0.1 * rng.randn(8, 20)
    over = difference_over_datasets(d, np.zeros((8, 20))).interval
    pooled = paired_difference(d.ravel(), np.zeros(160)).interval
    assert over[1] - over[0] > 2.5 * (pooled[1] - pooled[0])


def test_a_copy_differs_by_exactly_nothing_and_rounding_is_nothing():
    scores = [[0.1 + 0.2, 0.7], [0.9, 0.8]]
    found = difference_over_datasets(scores, [[0.3, 0.7], [0.9, 0.8]])
    assert found.mean == 0 and found.interval == (0, 0) and found.level == 2


def test_one_data_set_has_no_interval():
    found = difference_over_datasets([[0.8, 0.9]], [[0.7, 0.7]])
    assert np.isnan(found.interval).all() and found.n == 1


def test_swapping_the_sides_turns_the_signs():
    rng = np.random.RandomState(0)
    a, b = rng.rand(5, 6), rng.rand(5, 6)
    one, other = difference_over_datasets(a, b), difference_over_datasets(b, a)
    assert one.mean == -other.mean
    assert (one.above, one.below) == (other.below, other.above)
    assert one.interval == pytest.approx(
        [-end for end in other.interval[::-1]], abs=0.02
    )


def test_the_seed_decides_and_the_global_generator_is_left_alone():
    rng = np.random.RandomState(0)
    pairs = rng.rand(5, 6), rng.rand(5, 6)
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    first = difference_over_datasets(*pairs).interval
    assert first == difference_over_datasets(*pairs, random_state=0).interval
    assert first != difference_over_datasets(*pairs, random_state=1).interval
    assert (np.random.get_state()[1] == before).all()


GOOD = [[1.0, 2.0], [3.0]]


@pytest.mark.parametrize(
    ("a", "b", "params", "message"),
    [
        ([], [], {}, "at least one; got 0 and 0"),
        (GOOD, GOOD[:1], {}, "same data sets.*2 and 1"),
        (GOOD, [[1.0], [3.0]], {}, "Data set 0: .*same length"),
        (GOOD, [[1.0, 2.0], []], {}, "Data set 1: "),
        (GOOD, [[1.0, 2.0], [[3.0]]], {}, "Data set 1: .*1-d"),
        (GOOD, [[1.0, np.nan], [3.0]], {}, "Data set 0: .*finite"),
        ([[np.inf], [1.0]], [[1.0], [1.0]], {}, "Data set 0: .*finite"),
        ([1.0, 2.0], [1.0, 2.0], {}, "list of arrays.*paired_difference"),
        (np.array([1.0, 2.0]), np.array([1.0, 2.0]), {}, "list of arrays"),
        ({"iris": [1.0]}, {"iris": [1.0]}, {}, "got a dict"),
        (GOOD, GOOD, {"confidence": 95}, "between 0 and 1"),
        (GOOD, GOOD, {"confidence": True}, "between 0 and 1"),
        (GOOD, GOOD, {"n_bootstrap": 0}, "n_bootstrap must be an integer >= 1"),
        (GOOD, GOOD, {"n_bootstrap": 10.5}, "n_bootstrap must be an integer >= 1"),
    ],
)
def test_bad_input_is_refused(a, b, params, message):
    with pytest.raises(ValueError, match=message):
        difference_over_datasets(a, b, **params)
