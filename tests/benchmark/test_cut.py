"""Rows of large data sets: drawn once, in proportion, and known by their numbers."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.stats import kstest
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils import Bunch

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.benchmark._cut import drawn_rows, with_cut

# Classes in blocks, as many files have them: the first rows show one of them.
BLOCKS = np.repeat([0, 1, 2, 3], [600, 250, 140, 10])


@pytest.mark.parametrize("max_rows", [4, 10, 99, 500, 999])
def test_each_class_is_drawn_in_proportion_within_one_row(max_rows):
    rows = drawn_rows(BLOCKS, max_rows)
    assert len(rows) == max_rows and len(set(rows)) == max_rows
    assert_array_equal(rows, np.sort(rows))
    counts = np.bincount(BLOCKS[rows], minlength=4)
    expected = max_rows * np.bincount(BLOCKS) / 1000
    assert np.abs(counts - expected).max() <= 1


@pytest.mark.parametrize("kind", [str, float, np.int8, bool])
def test_kinds_of_labels(kind):
    y = (BLOCKS > 0).astype(kind) if kind is bool else BLOCKS.astype(kind)
    rows = drawn_rows(y, 100)
    _, counts = np.unique(y[rows], return_counts=True)
    _, whole = np.unique(y, return_counts=True)
    assert np.abs(counts - whole / 10).max() <= 1


@pytest.mark.parametrize(
    "y",
    [
        np.arange(1000) / 7,
        np.zeros(1000),
        np.zeros((1000, 3), dtype=int),
        np.full(1000, None),
    ],
    ids=["numbers", "one value", "sets of labels", "objects"],
)
def test_within_a_value_rows_are_drawn_at_random(y):
    rows = drawn_rows(y, 200)
    assert len(set(rows)) == 200
    assert kstest(rows / 1000, "uniform").pvalue > 0.01
    assert np.diff(rows).max() > 6 and np.diff(rows).min() == 1  # no comb


def test_the_draw_is_always_the_same_and_the_global_generator_is_left_alone():
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    assert_array_equal(drawn_rows(BLOCKS, 50), drawn_rows(BLOCKS.copy(), 50))
    assert (np.random.get_state()[1] == before).all()


@pytest.mark.parametrize("max_rows", [None, 1000, 2000])
def test_what_is_small_enough_stays_as_it_is(max_rows):
    assert_array_equal(drawn_rows(BLOCKS, max_rows), np.arange(1000))
    data = Bunch(y=BLOCKS, y_test=None)
    assert with_cut({"budget": 5}, data, max_rows) == {"budget": 5}


def test_a_large_test_part_alone_is_cut_as_well():
    data = Bunch(y=BLOCKS[:50], y_test=BLOCKS)
    assert with_cut({}, data, 100) == {"max_rows": 100}


# ------------------------------------------------------------------ in a benchmark


def test_runs_see_these_rows_alone_under_their_own_numbers(toy):
    found = benchmark_strategies(["CoreSet"], toy.data, max_rows=120, **toy.settings)
    kept = drawn_rows(toy.y, 120)
    for run in found.runs:
        assert set(run.queried) <= set(kept) and set(run.test) <= set(kept)
        assert len(run.test) == 30 and run.config["max_rows"] == 120
        assert_array_equal(run.classes[run.y_test], toy.y[run.test])
    assert len({tuple(run.test) for run in found.runs}) == 5  # seeds still split them


def test_it_is_a_benchmark_of_the_rows(toy):
    """The same scores as those rows make as a data set of their own."""
    rows = drawn_rows(toy.y, 120)
    cut = benchmark_strategies([], toy.data, max_rows=120, **toy.settings)
    own = benchmark_strategies([], {"toy": (toy.X[rows], toy.y[rows])}, **toy.settings)
    for one, other in zip(cut.runs, own.runs):
        assert_array_equal(one.queried, rows[other.queried])
        assert_array_equal(one.scores, other.scores)


def test_validation_and_costs_know_the_rows(toy):
    seen = []

    def cost(rows, X_rows, answers):
        seen.extend(rows)
        assert_array_equal(X_rows, toy.X[rows])
        return np.ones(len(rows))

    settings = {**toy.settings, "seeds": 1, "validation": 4, "cost": cost}
    found = benchmark_strategies([], toy.data, max_rows=120, **settings)
    assert set(seen) <= set(drawn_rows(toy.y, 120))
    priced = found.with_costs(cost)
    assert_array_equal(priced.runs[0].cost, found.runs[0].cost)


def test_an_official_test_part_is_cut_too(toy):
    data = Bunch(
        name="parts",
        data=toy.X[:200],
        target=toy.y[:200],
        test_data=toy.X[200:],
        test_target=toy.y[200:],
    )
    found = benchmark_strategies([], data, max_rows=60, **{**toy.settings, "seeds": 2})
    for run in found.runs:
        assert set(run.queried) <= set(drawn_rows(toy.y[:200], 60))
        expected = toy.y[200:][drawn_rows(toy.y[200:], 60)]
        assert_array_equal(run.classes[run.y_test], expected)


def test_numbers_and_joint_samplers_are_cut(toy):
    numbers = {"numbers": (toy.X, toy.X[:, 0] + 0.5)}
    settings = {**toy.settings, "seeds": 1}
    found = benchmark_strategies([], numbers, Ridge(), max_rows=80, **settings)
    assert not found.failures and len(found.runs[0].test) == 20


def test_a_store_keeps_runs_of_other_rows_apart(toy, tmp_path):
    settings = {**toy.settings, "seeds": 1, "store": tmp_path}
    whole = benchmark_strategies([], toy.data, **settings)
    # 300 rows: neither of these leaves one out, so that the runs are found.
    for max_rows in (300, 1000):
        again = benchmark_strategies([], toy.data, max_rows=max_rows, **settings)
        toy.assert_same(whole, again)
    with pytest.raises(ValueError, match="max_rows: not set in the store, 120 now"):
        benchmark_strategies([], toy.data, max_rows=120, **settings)


def test_a_loaded_result_is_rescored_on_the_rows(toy, tmp_path):
    settings = {**toy.settings, "seeds": 1, "store": tmp_path}
    benchmark_strategies([], toy.data, max_rows=120, **settings)
    loaded = BenchmarkResult.load(tmp_path, data=toy.data)
    again = loaded.rescore(KNeighborsClassifier(3))
    for one, other in zip(loaded.runs, again.runs):
        assert_array_equal(one.test, other.test)
        assert_array_equal(one.queried, other.queried)
    assert "at most 120 rows" in loaded.report()


@pytest.mark.parametrize("max_rows", [0, -5, 2.5, "many", True, np.nan, [100]])
def test_what_is_no_number_of_rows_is_refused(max_rows, toy):
    with pytest.raises(ValueError, match="max_rows must be an integer of 1 or more"):
        benchmark_strategies([], toy.data, max_rows=max_rows, **toy.settings)


def test_too_few_rows_are_refused_with_what_to_do(toy):
    with pytest.raises(ValueError, match="test_size, or raise max_rows"):
        benchmark_strategies([], toy.data, max_rows=40, **toy.settings)
