"""How a person errs with numbers and sets of labels."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm
from sklearn.linear_model import Ridge

from skactive import ActiveLearner
from skactive.oracles import NoisyOracle
from skactive.oracles._noise import (
    as_numbers,
    check_classes,
    check_noise,
    complete_rows,
    flipped,
    moved,
)

NUMBERS = np.random.RandomState(0).normal(size=4000) * 3
SETS = np.random.RandomState(1).randint(0, 2, size=(3000, 4))


def test_mistakes_are_normal_and_finite_at_both_ends():
    uniform = np.array([0.0, 0.025, 0.5, np.nextafter(1, 0)])
    errors = moved(np.zeros(4), uniform, 2.0)
    assert_allclose(errors[1:3], 2 * norm.ppf(uniform[1:3]), atol=1e-12)
    assert np.isfinite(errors).all()


def test_entries_below_the_share_of_noise_are_the_other_way_round():
    sets, uniform = np.array([[0, 1], [1, 0]]), np.array([[0.1, 0.9], [0.1, 0.3]])
    assert flipped(sets, uniform, 0.3).tolist() == [[1, 1], [0, 0]]
    with pytest.raises(ValueError, match="must hold 0 and 1"):
        flipped(sets * 2, uniform, 0.3)


def test_what_is_refused_is_named():
    oracle = NoisyOracle(NUMBERS, noise=0.1, confusion=[[1]], scale=0.5)
    with pytest.raises(
        ValueError, match=r"scale=0.5.*noise=0.1 and confusion=\[\[1\]\]"
    ):
        check_noise(oracle, columns=False)
    with pytest.raises(ValueError, match="confusion is for one class per row"):
        check_noise(NoisyOracle(SETS, confusion=[[1]]), columns=True)
    check_noise(NoisyOracle(SETS, noise=0.5), columns=True)
    with pytest.raises(ValueError, match="Pass scale"):
        check_classes(NUMBERS)
    with pytest.raises(ValueError, match="y holds others: 'a'"):
        as_numbers(np.array(["a", "b"]), np.array([True, True]))
    with pytest.raises(ValueError, match=r"rows \[1\] of y lack"):
        complete_rows(np.array([[0, 1], [np.nan, 1]]))


def test_numbers_have_the_mistakes_they_should():
    oracle = NoisyOracle(NUMBERS, scale=0.5, random_state=0)
    errors = oracle(np.arange(4000)) - NUMBERS
    assert abs(errors.std() - 0.5) < 4 * 0.5 / np.sqrt(8000)
    assert abs(errors.mean()) < 4 * 0.5 / np.sqrt(4000)
    assert abs(np.corrcoef(errors, NUMBERS)[0, 1]) < 4 / np.sqrt(4000)


@pytest.mark.parametrize(
    ("y", "settings"),
    [(NUMBERS, {"scale": 2}), (SETS, {"noise": 0.2}), (SETS * 1.5, {"scale": 1.0})],
    ids=["numbers", "sets", "columns of numbers"],
)
def test_mistakes_go_by_row_and_not_by_the_order_of_asking(y, settings):
    oracle = NoisyOracle(y, random_state=3, **settings)
    answers = oracle(np.arange(100))
    assert (answers != y[:100]).any()
    assert_array_equal(oracle([70, 3]), answers[[70, 3]])
    assert (
        NoisyOracle(y, random_state=4, **settings)([70, 3]) != answers[[70, 3]]
    ).any()
    again = NoisyOracle(y, random_state=3, persistent=False, **settings)
    assert_array_equal(again(np.arange(100)), answers)
    assert (again(np.arange(100)) != answers).any()


def test_of_each_label_as_many_entries_are_wrong():
    wrong = NoisyOracle(SETS, noise=0.2, random_state=0)(np.arange(3000)) != SETS
    assert np.abs(wrong.mean(axis=0) - 0.2).max() < 4 * 0.4 / np.sqrt(3000)
    both = (wrong[:, 0] & wrong[:, 1]).mean()  # entries err by themselves
    assert abs(both - 0.04) < 4 * 0.2 / np.sqrt(3000)


def test_no_noise_is_the_truth_and_the_silent_say_none():
    assert_array_equal(NoisyOracle(NUMBERS, scale=0)([5, 2]), NUMBERS[[5, 2]])
    assert_array_equal(NoisyOracle(SETS)([5, 2]), SETS[[5, 2]])
    answers = NoisyOracle(SETS, abstain=0.5, random_state=0)(np.arange(200))
    silent = [answer is None for answer in answers]
    assert answers.shape == (200,) and 60 < sum(silent) < 140
    missing = np.array([[1.0, 0.0], [np.nan, np.nan]])
    answers = NoisyOracle(missing)([0, 1])
    assert answers[0].tolist() == [1, 0] and answers[1] is None
    assert NoisyOracle([1.5, None], scale=1.0, random_state=0)([1]).tolist() == [None]


@pytest.mark.parametrize("settings", [{}, {"noise": 0.1}, {"confusion": np.eye(2)}])
def test_numbers_without_a_scale_are_refused(settings):
    with pytest.raises(ValueError, match="Pass scale"):
        NoisyOracle(NUMBERS, **settings)([0])


def test_a_regressor_learns_from_numbers_with_mistakes():
    X = np.random.RandomState(0).normal(size=(120, 3))
    y = X @ [1.0, -2.0, 0.5]
    oracle = NoisyOracle(y, scale=0.3, random_state=0)
    learner = ActiveLearner(Ridge(1e-6), oracle=oracle, budget=60, random_state=0)
    learner.fit(X)
    error = learner.labels_[learner.labeled_mask_] - y[learner.labeled_mask_]
    assert 0.2 < error.astype(float).std() < 0.4
    assert np.abs(learner.predict(X) - y).mean() < 0.15
