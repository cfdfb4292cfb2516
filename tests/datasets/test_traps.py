"""What all traps have in common: shapes, seeds, ranges, and an off switch."""

import numpy as np
import pytest

from skactive.datasets import (
    make_diverging_sine,
    make_honeypot,
    make_isolated_class,
    make_long_tail,
    make_noisy_region,
    make_redundant_pool,
)
from skactive.datasets._traps import (
    blobs,
    check_count,
    check_number,
    even_sizes,
    trap,
)

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
    assert "in_trap" in extra and truth.in_trap.dtype == bool
    assert 0 < truth.in_trap.sum() < len(truth.in_trap)
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


def test_each_trap_can_be_turned_off():
    def truth(make, *args, **kwargs):
        return make(*args, **kwargs, random_state=0, return_X_y=False)

    assert not truth(make_honeypot, honeypot_share=0).in_trap.any()
    no_copies = truth(make_redundant_pool, 50, 1)
    assert len(np.unique(no_copies.group)) == 50 and not no_copies.in_trap.any()
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


NUMBERS = {
    make_diverging_sine: ("spread", "power", "noise", "frequency"),
    make_honeypot: ("radius", "honeypot_share"),
    make_isolated_class: ("distance",),
    make_long_tail: ("imbalance", "class_sep"),
    make_noisy_region: ("width", "noise"),
    make_redundant_pool: ("class_sep", "jitter"),
}
COUNTS = {
    make_diverging_sine: ("n_samples",),
    make_honeypot: ("n_samples", "n_classes"),
    make_isolated_class: ("n_samples", "n_isolated"),
    make_long_tail: ("n_largest", "n_classes", "n_features"),
    make_noisy_region: ("n_samples", "n_classes"),
    make_redundant_pool: ("n_unique", "copies", "n_classes", "n_features"),
}


def each(table):
    pairs = [(make, name) for make, names in table.items() for name in names]
    return pytest.mark.parametrize(
        "make, name", pairs, ids=[f"{make.__name__}-{name}" for make, name in pairs]
    )


@each_trap
def test_the_tables_name_every_parameter(make):
    import inspect

    known = {*NUMBERS[make], *COUNTS[make], "random_state", "return_X_y", "honeypot"}
    assert set(inspect.signature(make).parameters) <= known


@each(NUMBERS)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_none_is_refused(make, name, value):
    with pytest.raises(ValueError, match=f"{name} == -?(nan|inf), must be a finite"):
        make(**{name: value})


@each(NUMBERS)
@pytest.mark.parametrize("value", ["1", None, True, [1.0], 1j])
def test_what_is_no_number_is_refused(make, name, value):
    with pytest.raises(TypeError, match=name):
        make(**{name: value})


@each(COUNTS)
@pytest.mark.parametrize("value", [2.0, float("nan"), "2", None, True])
def test_what_is_no_whole_number_is_refused(make, name, value):
    with pytest.raises(TypeError, match=name):
        make(**{name: value})


def test_bounds_hold_at_both_ends():
    check_count(np.int64(2), "n", 2, 2)
    check_number(np.float32(0.5), "x", 0, 1)
    with pytest.raises(ValueError, match="n == 3, must be <= 2"):
        check_count(3, "n", 2, 2)
    with pytest.raises(ValueError, match="x == -1, must be >= 0"):
        check_number(-1, "x", 0)


@pytest.mark.parametrize(
    "make, huge",
    [
        (make_honeypot, {"radius": 1e308, "n_classes": 8, "honeypot": (1e308, 0)}),
        (make_redundant_pool, {"class_sep": 1e308}),
        (make_long_tail, {"class_sep": 1e308}),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_distances_beyond_all_numbers_are_refused_and_no_row_is_infinite(make, huge):
    try:
        X, _ = make(random_state=0, **huge)
    except ValueError as error:
        assert "too large" in str(error)
    else:
        assert np.isfinite(X).all()


def test_even_sizes_by_hand():
    assert even_sizes(7, 3).tolist() == [3, 2, 2]
    assert even_sizes(2, 4).tolist() == [1, 1, 0, 0]


def test_blobs_lie_around_the_centers_of_their_rows():
    centers = np.array([[100.0, 0.0], [0.0, -100.0]])
    X, y = blobs([2, 3], centers, np.random.RandomState(0))
    assert y.tolist() == [0, 0, 1, 1, 1]
    assert np.abs(X - centers[y]).max() < 5


def test_what_is_told_of_a_row_is_shuffled_with_it():
    rows = np.arange(20)
    X, y = np.column_stack([rows, rows]), rows.astype(np.int32)
    told = {
        "rng": np.random.RandomState(0),
        "test": (X[:2], y[:2]),
        "fools": ("RandomSampling",),
        "descr": "a trap",
    }
    found = trap("a", X, y, return_X_y=False, number=rows, **told)
    assert found.number.tolist() != rows.tolist()
    assert sorted(found.number) == rows.tolist()
    np.testing.assert_array_equal(found.data[:, 0], found.number)
    np.testing.assert_array_equal(found.target, found.number)
    assert found.target.dtype == found.test_target.dtype == np.int64
    assert found.test_data.tolist() == [[0, 0], [1, 1]]
