"""The n largest scores."""

import numpy as np
import pytest

from skactive.selection import top_n


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_largest_scores_come_first(n):
    scores = [3.0, -1.0, 9.0, 7.0, 0.0]
    assert top_n(scores, n).tolist() == [2, 3, 0, 4, 1][:n]


def test_agrees_with_a_full_sort_when_no_scores_are_equal():
    scores = np.random.RandomState(0).standard_normal(5000)
    for n in (1, 17, 4999, 5000):
        np.testing.assert_array_equal(top_n(scores, n, 0), np.argsort(-scores)[:n])


def test_equal_scores_inside_and_at_the_border_are_ordered_by_the_seed():
    scores = np.array([5, 1, 5, 1, 5, 1, 0])
    answers = np.array([top_n(scores, 4, seed) for seed in range(200)])
    assert {tuple(sorted(a)) for a in answers[:, :3]} == {(0, 2, 4)}
    for column, expected in [(0, {0, 2, 4}), (2, {0, 2, 4}), (3, {1, 3, 5})]:
        values, counts = np.unique(answers[:, column], return_counts=True)
        assert set(values) == expected
        assert counts.min() > 40  # 67 expected, standard deviation 6.7


def test_same_seed_same_answer():
    scores = np.zeros(50)
    assert top_n(scores, 7, 3).tolist() == top_n(scores, 7, 3).tolist()
    assert top_n(scores, 7, 3).tolist() != top_n(scores, 7, 4).tolist()


def test_does_not_touch_scores_or_the_global_generator():
    scores = np.random.RandomState(0).uniform(size=30)
    before, state = scores.copy(), np.random.get_state()[1].copy()
    top_n(scores, 4, 0)
    np.testing.assert_array_equal(scores, before)
    np.testing.assert_array_equal(np.random.get_state()[1], state)


def test_infinities_are_ranked():
    assert top_n([0.0, -np.inf, np.inf], 3).tolist() == [2, 0, 1]


def test_unsigned_integers_and_booleans_are_ranked():
    assert top_n(np.array([1, 200, 3], dtype=np.uint8), 2).tolist() == [1, 2]
    assert top_n(np.array([False, True, False]), 1).tolist() == [1]


def test_answer_is_of_position_type():
    assert top_n([1.0, 2.0], 1).dtype == np.intp


@pytest.mark.parametrize(
    ("scores", "n", "error", "match"),
    [
        ([1.0, np.nan], 1, ValueError, r"scores\[1\] is NaN"),
        ([[1.0]], 1, ValueError, "one number per row"),
        ([1.0], 0, ValueError, "between 1 and 1"),
        ([1.0], 2, ValueError, "between 1 and 1"),
        ([1.0], 1.0, TypeError, "must be an integer"),
        ([1.0], True, TypeError, "must be an integer"),
    ],
)
def test_bad_input_is_refused(scores, n, error, match):
    with pytest.raises(error, match=match):
        top_n(scores, n)
