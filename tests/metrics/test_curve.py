"""Numbers of a learning curve, by hand and against slow references."""

import numpy as np
import pytest

from skactive.metrics import (
    area_under_learning_curve,
    labels_to_reach,
    on_common_range,
)


def test_area_weighs_steps_by_their_true_length():
    # (.5+.7)/2*10 + (.7+.9)/2*40 = 6 + 32 over 50; equal steps would give .7.
    assert area_under_learning_curve([10, 20, 60], [0.5, 0.7, 0.9]) == pytest.approx(
        0.76
    )


def test_log_area_weighs_doublings_alike():
    # Counts 10, 20, 80 lie at 0, 1, 3 doublings: (.6*1 + .8*2) / 3.
    area = area_under_learning_curve([10, 20, 80], [0.5, 0.7, 0.9], scale="log")
    assert area == pytest.approx(2.2 / 3)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_single_point_is_its_own_area(scale):
    assert area_under_learning_curve([10], [0.4], scale=scale) == 0.4


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_flat_curve_has_the_area_of_its_height(scale):
    area = area_under_learning_curve([3, 10, 11, 90], [0.25] * 4, scale=scale)
    assert area == pytest.approx(0.25)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_area_is_the_mean_height_of_the_drawn_curve(scale):
    rng = np.random.RandomState(0)
    for _ in range(5):
        n_labeled = np.sort(rng.choice(np.arange(1, 500), size=8, replace=False))
        scores = rng.randn(8)
        x = np.log(n_labeled) if scale == "log" else n_labeled
        fine = np.linspace(x[0], x[-1], 200_001)
        middle = (fine[1:] + fine[:-1]) / 2
        height = np.mean(np.interp(middle, x, scores))
        area = area_under_learning_curve(n_labeled, scores, scale=scale)
        assert area == pytest.approx(height, abs=1e-6)


def test_a_point_on_a_straight_piece_changes_nothing():
    short = area_under_learning_curve([10, 30], [0.2, 0.8])
    assert area_under_learning_curve([10, 15, 30], [0.2, 0.35, 0.8]) == pytest.approx(
        short
    )


@pytest.mark.parametrize("function", [area_under_learning_curve, labels_to_reach])
@pytest.mark.parametrize(
    ("n_labeled", "scores", "message"),
    [
        ([], [], "not empty"),
        ([10, 20], [0.5], "same length"),
        ([[10, 20]], [[0.5, 0.6]], "1-d"),
        ([20, 10], [0.5, 0.6], "increase"),
        ([10, 10, 20], [0.5, 0.6, 0.7], "increase"),
        ([10, 20], [0.5, np.nan], "NaN"),
        ([10, np.inf], [0.5, 0.6], "finite"),
        ([10, 20], [0.5, -np.inf], "finite"),
    ],
)
def test_unusable_curves_are_refused(function, n_labeled, scores, message):
    target = {"target": 0.5} if function is labels_to_reach else {}
    with pytest.raises(ValueError, match=message):
        function(n_labeled, scores, **target)


def test_unknown_scale_and_the_logarithm_of_zero_are_refused():
    with pytest.raises(ValueError, match="'linear' or 'log'"):
        area_under_learning_curve([1, 2], [0, 1], scale="sqrt")
    with pytest.raises(ValueError, match="positive"):
        area_under_learning_curve([0, 2], [0, 1], scale="log")
    assert area_under_learning_curve([0, 2], [0, 1]) == 0.5


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (0.3, 10.0),  # the curve begins above
        (0.5, 10.0),
        (0.55, 12.5),  # a quarter of the way from 10 to 20
        (0.7, 20.0),
        (0.75, 35.0),  # the dip at 30 is not a step back: 20 + ...
        (0.8, 40.0),
        (0.81, np.inf),
    ],
)
def test_labels_to_reach_reads_the_running_maximum(target, expected):
    n = labels_to_reach([10, 20, 30, 40, 50], [0.5, 0.7, 0.6, 0.8, 0.8], target)
    assert n == pytest.approx(expected)


def test_labels_to_reach_is_the_first_crossing_of_the_drawn_running_maximum():
    rng = np.random.RandomState(1)
    fine = np.arange(0, 100.0001, 0.001)
    for _ in range(20):
        n_labeled = np.sort(rng.choice(np.arange(1, 100), size=6, replace=False))
        scores = rng.rand(6)
        drawn = np.interp(fine, n_labeled, np.maximum.accumulate(scores))
        inside = (fine >= n_labeled[0]) & (fine <= n_labeled[-1])
        target = rng.rand()
        crossed = fine[inside & (drawn >= target)]
        expected = crossed[0] if len(crossed) else np.inf
        assert labels_to_reach(n_labeled, scores, target) == pytest.approx(
            expected, abs=2e-3
        )


def test_labels_to_reach_never_falls_when_the_target_rises():
    targets = np.linspace(0, 1, 101)
    needed = [labels_to_reach([1, 5, 9], [0.2, 0.9, 0.4], t) for t in targets]
    assert needed == sorted(needed)
    assert len(set(needed)) > 10


def test_a_target_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="target"):
        labels_to_reach([1, 2], [0, 1], np.nan)


def test_area_over_what_labels_cost_is_not_that_over_rounds():
    cost, scores = [100, 150, 400], [0.4, 0.5, 0.6]
    area = area_under_learning_curve(cost, scores)
    assert area == pytest.approx(0.533333, abs=1e-6)
    assert area_under_learning_curve([0, 1, 2], scores) == pytest.approx(0.5)


def test_curves_are_cut_to_the_range_that_all_of_them_cover():
    a = [309, 563, 825], [0.3588, 0.5778, 0.6550]
    b = [309, 611, 930], [0.3588, 0.6432, 0.6867]
    cut_a, cut_b = on_common_range(a, b)
    assert cut_a[0].tolist() == a[0] and cut_a[1].tolist() == a[1]
    assert cut_b[0].tolist() == [309, 611, 825]
    # 214 of 319 on the way from 611 to 930.
    assert cut_b[1][-1] == pytest.approx(0.6432 + 0.0435 * 214 / 319)
    assert area_under_learning_curve(*cut_a) == pytest.approx(0.543498, abs=1e-6)
    assert area_under_learning_curve(*cut_b) == pytest.approx(0.566026, abs=1e-6)
    swapped = on_common_range(b, a)
    assert swapped[0][1].tolist() == cut_b[1].tolist()


def test_curves_that_begin_apart_are_cut_at_the_larger_start():
    a, b, c = on_common_range(
        ([0, 10, 20], [0, 1, 2]), ([5, 30], [5, 30]), ([1, 12], [0, 11])
    )
    assert a[0].tolist() == [5, 10, 12] and a[1].tolist() == pytest.approx(
        [0.5, 1, 1.2]
    )
    assert b[0].tolist() == [5, 12] and b[1].tolist() == [5, 12]
    assert c[0].tolist() == [5, 12] and c[1].tolist() == [4, 11]
    (point, whole) = on_common_range(([7], [0.5]), ([0, 10], [0, 1]))
    assert point[0].tolist() == whole[0].tolist() == [7]
    assert whole[1].tolist() == pytest.approx([0.7])


def test_curves_without_a_common_range_are_refused():
    with pytest.raises(ValueError, match="no range in common: one begins at 30"):
        on_common_range(([10, 20], [0, 1]), ([30, 40], [0, 1]))
    with pytest.raises(ValueError, match="There is no curve"):
        on_common_range()
    with pytest.raises(ValueError, match="increase"):
        on_common_range(([10, 10], [0, 1]))
