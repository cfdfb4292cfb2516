"""Label efficiency: quotients by hand, and what is never reached."""

import numpy as np
import pytest

from skactive.metrics import label_efficiency, labels_to_reach

COUNTS, SCORES = [10, 20, 30], [0.5, 0.8, 0.9]
COUNTS_RANDOM, SCORES_RANDOM = [10, 20, 40], [0.5, 0.6, 0.8]


def test_quotients_by_hand():
    # .65: random 20 + 20 * .05/.2 = 25, the strategy 10 + 10 * .15/.3 = 15.
    # .8: random 40, the strategy 20. .5: both at the start.
    result = label_efficiency(
        COUNTS, SCORES, COUNTS_RANDOM, SCORES_RANDOM, [0.65, 0.8, 0.5]
    )
    assert result == pytest.approx([25 / 15, 2, 1])


def test_not_reached_is_kept():
    # .9: only the strategy; .95: neither.
    result = label_efficiency(COUNTS, SCORES, COUNTS_RANDOM, SCORES_RANDOM, [0.9, 0.95])
    assert result[0] == np.inf and np.isnan(result[1])
    turned = label_efficiency(COUNTS_RANDOM, SCORES_RANDOM, COUNTS, SCORES, [0.9, 0.95])
    assert turned[0] == 0 and np.isnan(turned[1])


def test_default_targets_are_what_random_had_reached():
    # The running maximum is .5, .7, .7; the strategy needs 10, 20, 20 labels for it.
    result = label_efficiency([10, 20], [0.5, 0.7], [10, 30, 40], [0.5, 0.7, 0.6])
    assert result == pytest.approx([1, 1.5, 1.5])


def test_a_curve_against_itself_saves_nothing():
    result = label_efficiency(COUNTS, SCORES, COUNTS, SCORES, [0.55, 0.7, 0.88])
    assert result == pytest.approx(1)


def test_seeds_are_rows_paired_in_their_order():
    rng = np.random.RandomState(0)
    n_labeled = np.array([5, 9, 20, 33])
    n_random = np.array([[5, 10, 20], [5, 11, 22], [5, 12, 25]])
    scores, by_chance = rng.rand(3, 4), rng.rand(3, 3)
    targets = [0.3, 0.6, 0.9]
    result = label_efficiency(n_labeled, scores, n_random, by_chance, targets)
    assert result.shape == (3, 3)
    for k in range(3):
        for t, target in enumerate(targets):
            need = labels_to_reach(n_labeled, scores[k], target)
            need_random = labels_to_reach(n_random[k], by_chance[k], target)
            if np.isinf(need) and np.isinf(need_random):
                assert np.isnan(result[k, t])
            else:
                assert result[k, t] == need_random / need
    assert label_efficiency(n_labeled, scores, n_random, by_chance).shape == (3, 3)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (([0, 10], [0.5, 0.6], [5, 10], [0.5, 0.6]), "n_labeled must be positive"),
        (([5, 10], [0.5, 0.6], [0, 10], [0.5, 0.6]), "n_labeled_random must be pos"),
        (([5, 10], [0.5], [5, 10], [0.5, 0.6]), "one entry per score"),
        (([], [], [5], [0.5]), "empty"),
        (([5, 10], [[0.5, 0.6]] * 2, [5, 10], [[0.5, 0.6]] * 3), "same seeds"),
        (([5, 10], [[0.5, 0.6]], [5, 10], [0.5, 0.6]), "same seeds"),
        (([10, 5], [0.5, 0.6], [5, 10], [0.5, 0.6]), "increase"),
        (([5, 10], [0.5, 0.6], [10, 5], [0.5, 0.6]), "increase"),
        (([5, 10], [0.5, np.nan], [5, 10], [0.5, 0.6]), "finite"),
        (([5, 10], [0.5, 0.6], [5, 10], [0.5, 0.6], 0.6), "targets must be 1-d"),
        (([5, 10], [0.5, 0.6], [5, 10], [0.5, 0.6], [np.nan]), "target must be"),
    ],
)
def test_bad_input_is_refused(args, message):
    with pytest.raises(ValueError, match=message):
        label_efficiency(*args)
