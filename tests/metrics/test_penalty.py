"""The pairwise penalty matrix: its direction, by hand, and a slow reference."""

import numpy as np
import pytest
from scipy import stats

from skactive.metrics import pairwise_penalty_matrix, penalty_checkpoints
from skactive.metrics._penalty import holm

NOISE = np.array([-2, -1, 0, 1, 2]) / 100


def setting(*gains, noise=NOISE):
    """Return scores (n_strategies, 5, n_rounds): random, then strategies.

    A gain over random is a list, one entry per round; around it the pairs vary by
    ``noise``, whose standard error over five seeds is 0.00707.
    """
    n_rounds = len(gains[0])
    base = np.array([0.5, 0.4, 0.6, 0.55, 0.45])[:, None] + np.arange(n_rounds) / 50
    return np.array([base, *(base + np.array(g) + noise[:, None] for g in gains)])


def test_row_beats_column():
    """Strategy 1 is better than random in two rounds of four, and never worse.

    t = .05 / .00707 = 7.07 is significant for four degrees of freedom (2.776), and
    .01 / .00707 = 1.41 is not.
    """
    matrix = pairwise_penalty_matrix(setting([0.0, 0.05, 0.01, 0.05]))
    assert matrix.tolist() == [[0, 0], [0.5, 0]]


def test_column_mean_is_how_often_one_is_beaten():
    matrix = pairwise_penalty_matrix(setting([-0.05, -0.05], [0.05, 0.05]))
    # 0 random, 1 worse than random, 2 better: 2 beats both, 0 beats 1. Between 1 and 2
    # the difference is the same for all seeds, and not zero.
    assert matrix.tolist() == [[0, 1, 0], [0, 0, 0], [1, 1, 0]]
    assert matrix.mean(axis=0) == pytest.approx([1 / 3, 2 / 3, 0])


def test_settings_are_added_each_divided_by_its_own_rounds():
    settings = [setting([0.05, 0, 0]), setting([0.05, 0]), setting([-0.05])]
    matrix = pairwise_penalty_matrix(settings)
    assert matrix[1, 0] == pytest.approx(1 / 3 + 1 / 2)
    assert matrix[0, 1] == 1
    stacked = np.array([settings[1]] * 3)
    assert pairwise_penalty_matrix(stacked)[1, 0] == 1.5


def test_one_setting_may_be_an_array_a_list_of_strategies_or_a_list_of_one():
    scores = setting([0.05, 0.05], [0, 0.05])
    expected = pairwise_penalty_matrix(scores).tolist()
    assert expected[1][0] == 1
    assert pairwise_penalty_matrix(list(scores)).tolist() == expected
    assert pairwise_penalty_matrix([scores]).tolist() == expected
    assert pairwise_penalty_matrix(scores.tolist()).tolist() == expected


def random_settings(n_settings):
    rng = np.random.RandomState(0)
    return [
        rng.rand(1, 7, 5) + 0.1 * rng.rand(4, 1, 5) + 0.05 * rng.randn(4, 7, 5)
        for _ in range(n_settings)
    ]


def test_against_a_slow_reference():
    settings = random_settings(3)
    expected = np.zeros((4, 4))
    for scores in settings:
        for i in range(4):
            for j in range(4):
                for k in range(5):
                    a, b = scores[i, :, k], scores[j, :, k]
                    if i != j and stats.ttest_rel(a, b).pvalue < 0.05:
                        expected[i, j] += (a.mean() > b.mean()) / 5
    assert expected.sum() > 3
    assert pairwise_penalty_matrix(settings) == pytest.approx(expected)


def test_pairing_finds_what_two_samples_would_not():
    scores = setting([0.05])
    assert stats.ttest_ind(scores[1, :, 0], scores[0, :, 0]).pvalue > 0.2
    assert pairwise_penalty_matrix(scores)[1, 0] == 1
    # ... and seeds in another order are not pairs.
    scores[1] = scores[1, [2, 1, 0, 4, 3]]
    assert pairwise_penalty_matrix(scores)[1, 0] == 0


def test_a_copy_neither_wins_nor_loses():
    scores = setting([0.05, 0.05])
    scores = np.concatenate([scores, scores[:1]])
    matrix = pairwise_penalty_matrix(scores)
    assert matrix[0, 2] == matrix[2, 0] == 0
    assert matrix[1, 0] == matrix[1, 2] == 1


def test_rounding_beats_nobody():
    base = np.random.RandomState(0).rand(6, 3)
    scores = np.array([base, (base + 0.1) - 0.1])
    assert not (scores[0] == scores[1]).all()
    assert pairwise_penalty_matrix(scores).tolist() == [[0, 0], [0, 0]]


def test_alpha_is_the_level():
    # t = 1.414 with four degrees of freedom: p = 0.23.
    scores = setting([0.01])
    assert pairwise_penalty_matrix(scores, alpha=0.22)[1, 0] == 0
    assert pairwise_penalty_matrix(scores, alpha=0.24)[1, 0] == 1


# ----------------------------------------------------------------------- correction


def test_holm_by_hand():
    # Sorted .01, .02, .03, .4: times 4, 3, 2, 1, and never decreasing.
    assert holm([0.03, 0.01, 0.4, 0.02]) == pytest.approx([0.06, 0.04, 0.4, 0.06])
    assert holm([[0.6, 0.5]]).tolist() == [[1.0, 1.0]]


def test_holm_adjusts_for_all_pairs_and_rounds_of_a_setting():
    settings = random_settings(2)
    expected = np.zeros((4, 4))
    for scores in settings:
        tests = sorted(
            (stats.ttest_rel(scores[i, :, k], scores[j, :, k]).pvalue, i, j, k)
            for i in range(4)
            for j in range(i)
            for k in range(5)
        )
        for step, (p, i, j, k) in enumerate(tests):
            if p * (len(tests) - step) >= 0.05:
                break  # stepping down ends at the first that is kept
            i, j = (i, j) if scores[i, :, k].mean() > scores[j, :, k].mean() else (j, i)
            expected[i, j] += 1 / 5
    adjusted = pairwise_penalty_matrix(settings, correction="holm")
    assert expected.sum() > 0
    assert adjusted == pytest.approx(expected)
    plain = pairwise_penalty_matrix(settings)
    assert (adjusted <= plain).all() and adjusted.sum() < plain.sum()


def test_chance_alone_marks_few_and_none_with_holm():
    """100 pairs of equal strategies: 5 marks of 100 expected, 0.05 with Holm."""
    scores = np.random.RandomState(0).randn(2, 10, 100)
    assert 0.01 <= pairwise_penalty_matrix(scores).sum() <= 0.11
    assert pairwise_penalty_matrix(scores, correction="holm").sum() == 0


# ----------------------------------------------------------------------- checkpoints


def test_only_checkpoints_are_compared_and_counted():
    scores = setting([0, 0.05, 0, 0.05, 0.05])
    assert pairwise_penalty_matrix(scores)[1, 0] == pytest.approx(3 / 5)
    at = pairwise_penalty_matrix(scores, checkpoints=[0, 1, 3])
    assert at[1, 0] == pytest.approx(2 / 3)
    per_setting = pairwise_penalty_matrix([scores, scores], checkpoints=[[0], [1, 2]])
    assert per_setting[1, 0] == pytest.approx(1 / 2)


def test_checkpoints_double_the_labels_until_random_has_arrived():
    n_labeled = 100 + 10 * np.arange(12)
    rising = np.arange(1, 13) / 12
    # 100, 110, 120, 140, 180; the next, 260, is beyond the end.
    assert penalty_checkpoints(n_labeled, rising).tolist() == [0, 1, 2, 4, 8]
    # .99 of the end is reached from round 3 on, and 4 is the first checkpoint there.
    early = np.array([0.2, 0.4, 0.6, *[0.995] * 8, 1.0])
    assert penalty_checkpoints(n_labeled, early).tolist() == [0, 1, 2, 4]
    at_once = np.ones(12)
    assert penalty_checkpoints(n_labeled, at_once).tolist() == [0]


def test_checkpoints_look_at_mean_scores_and_true_counts():
    seeds = [[0.2, 1.0, 1.0, 1.0], [0.2, 0.2, 1.0, 1.0]]
    assert penalty_checkpoints([10, 20, 30, 50], seeds).tolist() == [0, 1, 2]
    # 10 + 10 * (1, 2, 4, 8): the first rounds with at least 20, 30, 50, 90 labels.
    scores = np.linspace(0.1, 0.9, 6)
    counts = [10, 20, 25, 35, 60, 100]
    assert penalty_checkpoints(counts, scores).tolist() == [0, 1, 3, 4, 5]
    # One round jumps over two doublings, and is taken once.
    assert penalty_checkpoints([10, 20, 60, 100], [0, 1, 2, 3]).tolist() == [0, 1, 2, 3]
    assert penalty_checkpoints([10], [0.5]).tolist() == [0]


# ------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("n_seeds", [1, 2, 4])
def test_no_marks_below_five_seeds(n_seeds):
    scores = np.random.RandomState(0).rand(3, n_seeds, 4)
    with pytest.raises(ValueError, match=rf"{n_seeds} seed.*at least 5"):
        pairwise_penalty_matrix(scores)
    with pytest.raises(ValueError, match="at least 5"):
        pairwise_penalty_matrix([setting([0.1]), setting([0.1])[:, :n_seeds]])


@pytest.mark.parametrize(
    ("scores", "params", "message"),
    [
        ([], {}, "not be empty"),
        (np.zeros((0, 5, 2)), {}, "not be empty"),
        (np.zeros((3, 5)), {}, "n_strategies, n_seeds, n_rounds"),
        (np.zeros((1, 5, 2)), {}, "two or more"),
        ([np.zeros((2, 5, 2)), np.zeros((3, 5, 2))], {}, "same strategies"),
        ([np.zeros((5, 2)), np.zeros((6, 2))], {}, "same seeds and rounds"),
        (np.full((2, 5, 2), np.nan), {}, "must be finite"),
        (np.zeros((2, 5, 2)), {"alpha": 5}, "alpha"),
        (np.zeros((2, 5, 2)), {"correction": "bonferroni"}, "'holm'"),
        (np.zeros((2, 5, 2)), {"checkpoints": [2]}, "between 0 and 1"),
        (np.zeros((2, 5, 2)), {"checkpoints": [-1]}, "between 0 and 1"),
        (np.zeros((2, 5, 2)), {"checkpoints": [0, 0]}, "distinct"),
        (np.zeros((2, 5, 2)), {"checkpoints": []}, "distinct"),
        (np.zeros((2, 5, 2)), {"checkpoints": [0.5]}, "positions"),
        (np.zeros((2, 5, 2)), {"checkpoints": [[0], [1]]}, "2 for 1 settings"),
    ],
)
def test_bad_input_is_refused(scores, params, message):
    with pytest.raises(ValueError, match=message):
        pairwise_penalty_matrix(scores, **params)


@pytest.mark.parametrize(
    ("n_labeled", "scores", "share", "message"),
    [
        ([10, 20], [0.5], 0.99, "same length"),
        ([20, 10], [0.5, 0.6], 0.99, "increase"),
        ([10, 20], [0.5, 0.6], 0, "share"),
        ([10, 20], [0.5, 0.6], 99, "share"),
    ],
)
def test_bad_checkpoints_are_refused(n_labeled, scores, share, message):
    with pytest.raises(ValueError, match=message):
        penalty_checkpoints(n_labeled, scores, share=share)
