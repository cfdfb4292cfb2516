"""Which runs may be compared: those of seeds that all strategies share."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.utils import Bunch

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.benchmark._pairs import PairedRuns
from skactive.diversity import RandomSampling


class CopyOfRandom(RandomSampling):
    """Ask what RandomSampling asks."""


class Curve(Bunch):
    """A run whose scores are given."""

    def score(self, scoring=None):
        return self.scores


# What a seed gives to whoever runs on it: splits differ by much.
LEVELS = [0.9, 0.5, 0.7, 0.6, 0.8, 0.2, 0.3]


def run(strategy, seed, dataset="d", gain=0.0):
    return Curve(
        dataset=dataset,
        strategy=strategy,
        seed=seed,
        n_labeled=np.array([10, 20, 30]),
        cost=np.array([]),
        scores=np.full(3, LEVELS[seed] + gain),
        query_time=np.zeros(3),
        trained_by="estimator",
        versions={},
        config={
            "scoring": "accuracy",
            "n_initial": 10,
            "n_validation": 0,
            "budget": 20,
            "batch_size": 10,
            "estimator": "Model()",
        },
    )


def made(seeds_of, datasets="12345", gains=None):
    """Runs of strategies on the seeds that each has."""
    return BenchmarkResult(
        [
            run(name, seed, dataset, (gains or {}).get(name, 0.0))
            for dataset in datasets
            for name, seeds in seeds_of.items()
            for seed in seeds
        ]
    )


UNEQUAL = {
    "RandomSampling": range(7),  # the last seeds are hard ones
    "Copy": range(5),
    "Worse": range(1, 7),
}


def test_it_is_part_of_a_result():
    assert issubclass(BenchmarkResult, PairedRuns)


def test_shared_seeds_are_those_that_every_strategy_of_the_data_set_has():
    found = made(UNEQUAL)
    assert found.shared_seeds("1") == [1, 2, 3, 4]
    assert made({"A": [3, 1], "B": [2, 1]}, "1").shared_seeds("1") == [1]
    assert made({"A": [0], "B": [1]}, "1").shared_seeds("1") == []
    with pytest.raises(ValueError, match="no runs on '9'"):
        found.shared_seeds("9")


def test_a_copy_of_chance_has_the_rank_of_chance_whatever_its_seeds():
    ranks = made(UNEQUAL, gains={"Worse": -0.1}).ranks()
    assert ranks.mean_ranks.tolist() == [1.5, 1.5, 3]


def test_every_aggregate_is_over_the_shared_seeds():
    unequal = made({**UNEQUAL, "Copy": range(6)}, gains={"Worse": -0.1})
    equal = made(dict.fromkeys(UNEQUAL, range(1, 6)), gains={"Worse": -0.1})
    assert unequal.shared_seeds("1") == [1, 2, 3, 4, 5]
    assert_array_equal(unequal.ranks().ranks, equal.ranks().ranks)
    assert_array_equal(unequal.penalty_matrix(), equal.penalty_matrix())
    one, other = (result.curves("1") for result in (unequal, equal))
    for a, b in zip(one.scores, other.scores):
        assert_array_equal(a, b)
    # All but the differences, which have more pairs, and the line that says so.
    text, expected = (
        [line.split("|")[:3] for line in result.report().splitlines() if "| " in line]
        for result in (unequal, equal)
    )
    assert [row for row in text if "0." in row[-1]] == [
        row for row in expected if "0." in row[-1]
    ]
    assert "seeds that all have: [1, 2, 3, 4, 5]" in unequal.report()
    assert "seeds that all have" not in equal.report()


def test_differences_are_pairs_with_the_baseline():
    differences = made(UNEQUAL, "1").differences()["1"]
    assert differences["Copy"].n == 5 and differences["Worse"].n == 6
    assert differences["Copy"].mean == differences["Worse"].mean == 0


def test_where_no_seed_is_shared_nothing_is_compared_in_silence():
    apart = {"RandomSampling": [0, 1], "B": [2, 3], "C": [0, 2]}
    found = made(apart)
    for ask in (found.ranks, found.penalty_matrix):
        with pytest.raises(ValueError, match="no seed is shared by all.*'1', '2'"):
            ask()
    text = found.report()
    assert "No seed is shared by all strategies here" in text
    assert "| B |" in text


def test_one_data_set_without_a_shared_seed_is_left_out_with_a_warning():
    whole = made(dict.fromkeys("ABC", range(5)))
    apart = made({"A": [0], "B": [1], "C": [2]}, "6")
    found = BenchmarkResult([*whole.runs, *apart.runs])
    for ask in (found.ranks, found.penalty_matrix):
        with pytest.warns(UserWarning, match=r"Left out of the (ranks|penalties).*'6'"):
            ask()
    with pytest.warns(UserWarning):
        assert len(found.ranks().ranks) == 5
    assert "No seed is shared" in found.report()


def test_without_any_data_set_of_all_strategies_the_message_says_so():
    found = BenchmarkResult([run("A", 0, "1"), run("B", 0, "2")])
    with pytest.raises(ValueError, match="no data set with runs of all strategies"):
        found.ranks()
    with pytest.raises(ValueError, match="no data set with runs of all strategies"):
        BenchmarkResult([]).penalty_matrix()


def test_runs_that_are_not_there_are_answered_with_those_that_are():
    found = made({"A": [0], "B": [0]}, "12")
    with pytest.raises(ValueError, match=r"of 'nobody' on '1'.*'A', 'B'.*'1', '2'"):
        found.curve("1", "nobody")
    with pytest.raises(ValueError, match="of 'A' on 'nowhere'"):
        found.curve("nowhere", "A")
    partly = BenchmarkResult([run("A", 0, "1"), run("B", 0, "2")])
    with pytest.raises(ValueError, match="strategies 'A' on '1'"):
        partly.curve("1", "B")
    assert found.select("1", "nobody") == {}


def test_a_store_that_was_continued_for_some_stays_paired(tmp_path, toy):
    small = {**toy.settings, "budget": 8}
    benchmark_strategies([], toy.data, store=tmp_path, **{**small, "seeds": 5})
    benchmark_strategies(
        [CopyOfRandom()], toy.data, store=tmp_path, **{**small, "seeds": 2}
    )
    loaded = BenchmarkResult.load(tmp_path)
    assert loaded.shared_seeds("toy") == [0, 1]
    random, copy = (
        loaded.curves("toy").scores[loaded.strategies.index(name)]
        for name in ("RandomSampling", "CopyOfRandom")
    )
    assert_array_equal(random, copy)
