"""Drawing by score: laws worked out by hand, and what may not pass."""

from itertools import permutations

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.stats import chisquare

from skactive.selection import power_sample, softmax_sample, softrank_sample, top_n

SCORES = np.array([0.1, 0.2, 0.4, 0.0])
LAWS = {
    power_sample: [1 / 7, 2 / 7, 4 / 7, 0],
    softmax_sample: [0.229364787, 0.253487293, 0.309610078, 0.207537842],
    softrank_sample: [0.16, 0.24, 0.48, 0.12],
}
RULES = pytest.mark.parametrize("rule", LAWS, ids=lambda rule: rule.__name__)


def draw(rule, n, times, **settings):
    rng = np.random.RandomState(0)
    return np.array(
        [rule(SCORES, n, random_state=rng, **settings) for _ in range(times)]
    )


@RULES
def test_one_draw_has_the_law_of_the_paper(rule):
    counts = np.bincount(draw(rule, 1, 4000)[:, 0], minlength=4)
    law = np.array(LAWS[rule])
    assert counts[law == 0].sum() == 0
    law = law[law > 0] / law.sum()
    assert chisquare(counts[counts > 0], 4000 * law).pvalue > 0.001


@RULES
def test_two_draws_are_one_after_the_other_without_replacement(rule):
    law = np.array(LAWS[rule])
    pairs = [p for p in permutations(range(4), 2) if law[list(p)].all()]
    expected = [law[i] * law[j] / (1 - law[i]) for i, j in pairs]
    drawn = draw(rule, 2, 4000).tolist()
    counts = [drawn.count(list(pair)) for pair in pairs]
    assert sum(counts) == 4000
    assert chisquare(counts, 4000 * np.array(expected) / sum(expected)).pvalue > 0.001


def test_beta_is_the_power():
    counts = np.bincount(draw(power_sample, 1, 4000, beta=2.0)[:, 0], minlength=4)
    assert chisquare(counts[:3], 4000 * np.array([1, 4, 16]) / 21).pvalue > 0.001


def test_zeros_come_last_each_as_likely_as_another():
    scores = [0.0, 0.0, 3.0, 0.0]
    rng = np.random.RandomState(0)
    drawn = np.array([power_sample(scores, 4, random_state=rng) for _ in range(900)])
    assert (drawn[:, 0] == 2).all()
    counts = np.bincount(drawn[:, 1], minlength=4)[[0, 1, 3]]
    assert chisquare(counts).pvalue > 0.001


def test_only_zeros_are_drawn_blindly():
    rng = np.random.RandomState(0)
    drawn = [power_sample(np.zeros(5), 1, random_state=rng)[0] for _ in range(1000)]
    assert chisquare(np.bincount(drawn, minlength=5)).pvalue > 0.001


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1e9])
def test_the_scale_of_the_scores_does_not_change_a_power_sample(scale):
    scores = np.random.RandomState(1).uniform(0.5, 1, size=50)
    expected = power_sample(scores, 20, random_state=3)
    assert_array_equal(power_sample(scale * scores, 20, random_state=3), expected)


def test_only_the_order_counts_for_ranks():
    scores = np.random.RandomState(1).standard_normal(50)
    expected = softrank_sample(scores, 20, random_state=3)
    assert_array_equal(
        softrank_sample(np.exp(9 * scores), 20, random_state=3), expected
    )


def test_equal_scores_are_ranked_at_random():
    rng = np.random.RandomState(0)
    drawn = [softrank_sample(np.ones(4), 1, random_state=rng)[0] for _ in range(1000)]
    assert chisquare(np.bincount(drawn, minlength=4)).pvalue > 0.001


@RULES
def test_infinite_beta_takes_the_highest_scores(rule):
    scores = np.random.RandomState(1).uniform(size=50)
    drawn = rule(scores, 9, beta=np.inf, random_state=0)
    assert_array_equal(drawn, top_n(scores, 9))


@RULES
@pytest.mark.parametrize("dtype", [np.float32, np.float64, int])
def test_all_rows_are_a_permutation_and_the_scores_are_left_alone(rule, dtype):
    scores = np.arange(30).astype(dtype)
    scores.setflags(write=False)
    drawn = rule(scores, 30, random_state=0)
    assert drawn.dtype == np.intp
    assert_array_equal(np.sort(drawn), np.arange(30))
    assert_array_equal(rule(scores, 30, random_state=0), drawn)


@RULES
def test_bad_input_is_refused(rule):
    with pytest.raises(ValueError, match=r"scores\[1\] is nan"):
        rule([0.0, np.nan], 1)
    with pytest.raises(ValueError, match=r"scores\[0\] is inf"):
        rule([np.inf, 1.0], 1)
    with pytest.raises(ValueError, match="one number per row"):
        rule([[1.0]], 1)
    with pytest.raises(ValueError, match="between 1 and 2"):
        rule([1.0, 2.0], 3)
    with pytest.raises(ValueError, match="beta must be above 0"):
        rule([1.0, 2.0], 1, beta=0)
    with pytest.raises(ValueError, match="beta must be above 0"):
        rule([1.0, 2.0], 1, beta=np.nan)
    with pytest.raises(TypeError, match="beta must be a number"):
        rule([1.0, 2.0], 1, beta="1")


def test_negative_scores_have_no_power():
    with pytest.raises(ValueError, match=r"scores\[1\] is -0.5.*softrank_sample"):
        power_sample([0.0, -0.5], 1)
