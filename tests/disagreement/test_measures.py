"""vote_entropy, consensus_entropy and kl_to_consensus by hand and by definition."""

from itertools import permutations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import entropy as scipy_entropy

from skactive.disagreement import (
    consensus_entropy,
    kl_to_consensus,
    prediction_variance,
    vote_entropy,
)

MEASURES = [vote_entropy, consensus_entropy, kl_to_consensus]


def committee(first_class):
    first_class = np.asarray(first_class, dtype=float)
    return np.stack([first_class, 1 - first_class], axis=-1)


@pytest.fixture
def c1():
    return committee([[0.9, 0.5, 0.8], [0.1, 0.5, 0.2], [0.5, 0.5, 0.6]])


@pytest.fixture
def proba():
    return np.random.RandomState(0).dirichlet(np.full(5, 0.3), size=(7, 40))


def test_kl_by_hand(c1):
    # (.9, .5, .1) has mean .5: log 2 - (2 * .325083 + .693147) / 3 = .245376
    assert_allclose(kl_to_consensus(c1), [0.245376138, 0, 0.132984471], atol=5e-10)


def test_votes_by_hand(c1):
    # Votes 2:1 (a tie within a member goes to the first class), 3:0, 2:1.
    two_to_one = np.log(3) - 2 / 3 * np.log(2)
    assert_allclose(vote_entropy(c1), [two_to_one, 0, two_to_one])


def test_consensus_by_hand(c1):
    expected = scipy_entropy([[0.5, 0.5], [0.5, 0.5], [1.6 / 3, 1.4 / 3]], axis=1)
    assert_allclose(consensus_entropy(c1), expected)


def test_kl_is_the_mean_divergence_to_the_mean(proba):
    mean = proba.mean(axis=0)
    divergences = [scipy_entropy(member, mean, axis=1) for member in proba]
    assert_allclose(kl_to_consensus(proba), np.mean(divergences, axis=0), rtol=1e-12)


def test_vote_entropy_counts_one_vote_per_member(proba):
    expected = []
    for i in range(proba.shape[1]):
        counts = np.bincount(proba[:, i].argmax(axis=1), minlength=5)
        expected.append(scipy_entropy(counts))
    assert_allclose(vote_entropy(proba), expected, atol=1e-15)


def test_equally_split_votes_tie_exactly():
    # Summed in the order of the classes, 1:2:3 and 3:1:2 differ in the last digit.
    splits = [np.repeat(order, [1, 2, 3]) for order in permutations(range(3))]
    scores = vote_entropy(np.eye(3)[np.transpose(splits)])
    assert len(scores) == 6
    assert len(np.unique(scores)) == 1


@pytest.mark.parametrize("measure", [vote_entropy, kl_to_consensus])
def test_the_bounds_are_reached_when_members_swear_to_different_classes(measure):
    three_of_four = np.eye(4)[:3, None, :]
    assert_allclose(measure(three_of_four), [np.log(3)])
    four_of_two = np.eye(2)[[0, 1, 0, 1]][:, None, :]
    assert_allclose(measure(four_of_two), [np.log(2)])


def test_agreeing_to_know_nothing_is_no_disagreement():
    proba = np.full((5, 2, 3), 1 / 3)
    assert_array_equal(vote_entropy(proba), [0, 0])
    assert_allclose(kl_to_consensus(proba), [0, 0], atol=1e-15)
    assert_allclose(consensus_entropy(proba), np.log([3, 3]))


def test_rounding_leaves_nothing_below_zero():
    same = np.random.RandomState(0).dirichlet(np.ones(6), 500)
    for dtype in (np.float32, np.float64):
        assert kl_to_consensus(np.stack([same] * 7).astype(dtype)).min() >= 0


@pytest.mark.parametrize("measure", MEASURES)
def test_float32_is_kept_and_agrees(measure, proba):
    single = measure(proba.astype(np.float32))
    assert single.dtype == np.float32
    assert_allclose(single, measure(proba), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("measure", MEASURES)
def test_probabilities_are_left_alone(measure, proba):
    proba.setflags(write=False)
    measure(proba)  # a write would raise


@pytest.mark.parametrize("measure", MEASURES)
def test_one_member_one_class_no_samples(measure):
    assert_array_equal(measure(np.ones((1, 3, 1))), [0, 0, 0])
    assert measure(np.ones((4, 0, 2))).shape == (0,)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    "value, fault", [(np.nan, "NaN"), (-0.1, "negative"), (2, "1")]
)
def test_a_row_that_is_no_distribution_is_named(measure, value, fault, proba):
    proba[2, 3, 0] = value
    with pytest.raises(ValueError, match=rf"Row \(2, 3\) .*{fault}"):
        measure(proba)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_single_model_is_no_committee(measure):
    with pytest.raises(ValueError, match=r"\(n_members, n_samples, n_classes\)"):
        measure([[0.5, 0.5]])


def test_variance_by_hand():
    assert_allclose(prediction_variance([[1], [2], [6]]), [14 / 3])
    assert_allclose(
        prediction_variance([[1.0], [2], [6]]) ** 0.5, [2.160247], atol=1e-6
    )
    outputs = np.array([[[1.0, 0]], [[2, 4]], [[6, 8]]])  # 14 / 3 and 32 / 3
    assert_allclose(prediction_variance(outputs), [46 / 3])


def test_variance_of_members_that_differ_by_rounding_is_none():
    exact = np.full((4, 3), 0.1 + 0.2)
    exact[1] = 0.3
    assert_array_equal(prediction_variance(exact), np.zeros(3))
    single = np.float32([[1.0, 0.1], [1.0 + 1e-6, 0.2]])
    scores = prediction_variance(single)
    assert scores[0] == 0 < scores[1] and scores.dtype == np.float64
    assert prediction_variance([[0.0], [1e-200]])[0] >= 0


@pytest.mark.parametrize(
    "bad",
    [[1.0, 2.0], np.zeros((2, 2, 2, 2)), [["a"], ["b"]], [[np.nan], [1.0]]],
    ids=str,
)
def test_variance_of_what_is_no_table_of_numbers_is_refused(bad):
    with pytest.raises(ValueError, match="predictions must be"):
        prediction_variance(bad)
