"""The traps: what they are made of, and that whom they were made for falls in."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from skactive import ActiveLearner
from skactive.datasets import (
    make_diverging_sine,
    make_honeypot,
    make_isolated_class,
    make_long_tail,
    make_noisy_region,
    make_redundant_pool,
)
from skactive.diversity import CoreSet, RandomSampling
from skactive.metrics import area_under_learning_curve
from skactive.uncertainty import EntropySampling, MarginSampling

TRAPS = [
    make_diverging_sine,
    make_honeypot,
    make_isolated_class,
    make_long_tail,
    make_noisy_region,
    make_redundant_pool,
]
each_trap = pytest.mark.parametrize("make", TRAPS, ids=lambda f: f.__name__)


@each_trap
def test_a_seed_gives_the_same_rows_in_either_shape(make):
    X, y = make(random_state=3)
    truth = make(random_state=3, return_X_y=False)
    np.testing.assert_array_equal(X, truth.data)
    np.testing.assert_array_equal(y, truth.target)
    assert X.dtype == np.float64 and y.dtype == np.int64
    assert X.shape[0] == y.shape[0] and X.ndim == 2
    assert not np.array_equal(X, make(random_state=4)[0])


@each_trap
def test_the_global_generator_is_left_alone(make):
    before = np.random.get_state()[1].copy()
    make(random_state=0)
    np.testing.assert_array_equal(before, np.random.get_state()[1])


@each_trap
def test_the_truth_has_one_entry_per_row_and_a_test_part_of_the_same_kind(make):
    truth = make(random_state=0, return_X_y=False)
    extra = {"in_trap", "group", "clean_target"} & set(truth)
    assert extra
    assert all(len(truth[key]) == len(truth.data) for key in extra)
    assert truth.test_data.shape[1] == truth.data.shape[1]
    assert len(truth.test_data) == len(truth.test_target) >= 999
    assert set(truth.test_target) <= set(truth.target)
    assert truth.name == make.__name__.removeprefix("make_")
    assert "Made to fool " + truth.fools[0] in truth.DESCR


@each_trap
def test_rows_are_shuffled(make):
    truth = make(random_state=0, return_X_y=False)
    order = truth.get("in_trap", truth.get("group"))
    changes = np.count_nonzero(np.diff(order.astype(int)))
    assert changes > 2 * len(np.unique(order))


def test_honeypot_labels_are_even_and_the_ring_is_where_it_should_be():
    truth = make_honeypot(800, random_state=0, return_X_y=False)
    inside = truth.in_trap
    np.testing.assert_array_equal(np.bincount(truth.target[inside]), [100] * 4)
    means = [truth.data[~inside & (truth.target == k)].mean(axis=0) for k in range(4)]
    # Standard error of a mean of 100 is 0.1.
    np.testing.assert_allclose(
        means, [[4, 0], [0, 4], [-4, 0], [0, -4]], rtol=0, atol=0.4
    )
    np.testing.assert_allclose(truth.data[inside].mean(axis=0), 0, atol=0.2)


def test_diverging_sine_without_noise_lies_on_its_curves():
    X, y = make_diverging_sine(101, noise=0, spread=5, power=2, random_state=0)
    t = X[:, 0]
    fan = 5 * (t / 10) ** 2
    np.testing.assert_allclose(X[:, 1], np.sin(2 * t) + np.where(y, fan, -fan))
    assert t.min() == 0 and t.max() == 10
    np.testing.assert_array_equal(np.bincount(y), [51, 50])


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


def test_long_tail_sizes_by_hand():
    # 90 * 100 ** (-k / 4): 90, 28.46, 9, 2.846, 0.9.
    _, y = make_long_tail(90, n_classes=5, imbalance=100, random_state=0)
    np.testing.assert_array_equal(np.bincount(y), [90, 28, 9, 3, 1])
    _, y = make_long_tail(20, n_classes=3, imbalance=1000, random_state=0)
    np.testing.assert_array_equal(np.bincount(y), [20, 1, 1])  # never an empty class


def test_long_tail_is_tested_on_even_classes():
    truth = make_long_tail(random_state=0, return_X_y=False)
    np.testing.assert_array_equal(np.bincount(truth.test_target), [100] * 10)


def test_isolated_class_is_tiny_tight_and_far():
    truth = make_isolated_class(601, 10, distance=20, random_state=0, return_X_y=False)
    np.testing.assert_array_equal(np.bincount(truth.target), [296, 295, 10])
    far = truth.data[truth.target == 2]
    assert np.abs(far - [20, 0]).max() < 1.5
    assert truth.data[truth.target < 2, 0].max() < 7
    np.testing.assert_array_equal(truth.in_trap, truth.target == 2)


def test_noisy_region_changes_labels_in_its_strip_only():
    truth = make_noisy_region(4000, random_state=0, return_X_y=False)
    np.testing.assert_array_equal(truth.in_trap, truth.data[:, 0] < -0.4)
    changed = truth.target != truth.clean_target
    assert not changed[~truth.in_trap].any()
    # Three of four draws by chance differ; 1200 rows have a standard error of 0.013.
    assert changed[truth.in_trap].mean() == pytest.approx(0.75, abs=0.05)
    assert truth.test_data[:, 0].min() > -0.4
    height = 4 * (truth.data[:, 1] + 1) / 2 + np.sin(np.pi * truth.data[:, 0]) / 2
    np.testing.assert_array_equal(
        truth.clean_target, np.clip(np.floor(height), 0, 3).astype(int)
    )


def test_each_trap_can_be_turned_off():
    def truth(make, *args, **kwargs):
        return make(*args, **kwargs, random_state=0, return_X_y=False)

    assert not truth(make_honeypot, honeypot_share=0).in_trap.any()
    assert len(np.unique(truth(make_redundant_pool, 50, 1).group)) == 50
    assert np.ptp(np.bincount(truth(make_long_tail, imbalance=1).target)) == 0
    no_class = truth(make_isolated_class, n_isolated=0)
    assert set(no_class.target) == set(no_class.test_target) == {0, 1}
    clean = truth(make_noisy_region, noise=0)
    np.testing.assert_array_equal(clean.target, clean.clean_target)


@pytest.mark.parametrize(
    "make, wrong, message",
    [
        (make_honeypot, {"honeypot_share": 1.5}, "honeypot_share == 1.5, must be <= 1"),
        (make_honeypot, {"n_samples": 2}, "n_samples == 2, must be >= 4"),
        (make_honeypot, {"n_classes": 1}, "n_classes == 1, must be >= 2"),
        (make_diverging_sine, {"noise": -1}, "noise == -1, must be >= 0"),
        (make_redundant_pool, {"copies": 0}, "copies == 0, must be >= 1"),
        (make_long_tail, {"imbalance": 0.5}, "imbalance == 0.5, must be >= 1"),
        (make_isolated_class, {"n_isolated": 600}, "n_isolated == 600, must be <= 598"),
        (make_noisy_region, {"width": 1}, "width == 1, must be <= 0.9"),
    ],
)
def test_a_parameter_out_of_range_is_refused(make, wrong, message):
    with pytest.raises(ValueError, match=message):
        make(**wrong)


def test_a_parameter_of_the_wrong_kind_is_refused():
    with pytest.raises(TypeError, match="copies must be an instance of"):
        make_redundant_pool(copies=2.5)


# ---------------------------------------------------------------- who is fooled

LOOP = {"n_initial": 10, "budget": 60, "batch_size": 10}
SEEDS = range(6)


def compare(make, model, strategy, baseline=None, **settings):
    """Return per seed the difference of the areas, and what either asked for.

    The strategies are paired: same rows, same beginning, same seed of the model.
    """
    differences, asked = [], []
    for seed in SEEDS:
        truth = make(random_state=seed, return_X_y=False)
        run = []
        for each in (strategy, baseline or RandomSampling()):
            learner = ActiveLearner(model, each, random_state=seed, **LOOP | settings)
            learner.fit(truth.data, truth.target)
            scores = [
                stage.score(truth.test_data, truth.test_target)
                for stage in learner.stages()
            ]
            area = area_under_learning_curve(learner.history_["n_labeled"], scores)
            run.append((area, learner.queried_indices_))
        differences.append(run[0][0] - run[1][0])
        asked.append((truth, run[0][1], run[1][1]))
    return np.array(differences), asked


def share_in_trap(asked):
    """Return the share of the labels that went into the trap: strategy, baseline."""
    shares = [(t.in_trap[a].mean(), t.in_trap[b].mean()) for t, a, b in asked]
    return np.mean(shares, axis=0)


def test_uncertainty_wastes_its_labels_on_the_honeypot():
    difference, asked = compare(make_honeypot, LogisticRegression(), EntropySampling())
    assert difference.mean() < -0.05
    assert (difference < 0).sum() >= 5
    mine, randoms = share_in_trap(asked)
    assert mine > 0.7 and randoms < 0.6


def test_uncertainty_wastes_its_labels_on_the_noisy_region():
    difference, asked = compare(
        make_noisy_region,
        KNeighborsClassifier(5),
        EntropySampling(),
        n_initial=20,
        budget=80,
    )
    assert difference.mean() < -0.03
    assert (difference < 0).sum() >= 5
    mine, randoms = share_in_trap(asked)
    assert mine > 0.5 and randoms < 0.4


def test_covering_the_space_misses_where_the_sine_must_be_learned():
    difference, asked = compare(make_diverging_sine, KNeighborsClassifier(1), CoreSet())
    assert difference.mean() < -0.01
    assert (difference < 0).sum() >= 5
    mine, randoms = share_in_trap(asked)
    assert mine > 0.8 and randoms < 0.6


def test_margin_pays_for_the_same_sample_many_times_in_a_redundant_pool():
    difference, asked = compare(
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


def test_random_sampling_hardly_meets_the_long_tail():
    difference, asked = compare(
        make_long_tail, LogisticRegression(), RandomSampling(), CoreSet()
    )
    assert difference.mean() < -0.1
    assert (difference < 0).all()
    mine, core_sets = share_in_trap(asked)
    assert mine < 0.7 * core_sets


def test_a_sure_model_never_finds_the_isolated_class():
    difference, asked = compare(
        make_isolated_class, LogisticRegression(), MarginSampling()
    )
    assert difference.mean() < -0.05
    found = [(t.in_trap[a].any(), t.in_trap[b].any()) for t, a, b in asked]
    mine, randoms = np.sum(found, axis=0)
    assert mine <= 2 < randoms
