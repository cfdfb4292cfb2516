"""The tables of the report: cells by hand, what is missing, and what failed."""

import re

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Bunch

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.benchmark._report import enough_datasets, enough_seeds, n_seeds
from skactive.benchmark._tables import (
    compared,
    dataset_table,
    final_score_of_chance,
    summary,
    tables,
)
from skactive.diversity import RandomSampling


class Curve(Bunch):
    """A run whose scores are given."""

    def score(self, scoring=None):
        return self.scores


def curve(strategy, seed, scores, dataset="d", query_time=0.0):
    return Curve(
        dataset=dataset,
        strategy=strategy,
        seed=seed,
        trained_by="estimator",
        n_labeled=np.array([10, 20, 30]),
        cost=np.array([]),
        scores=np.array(scores, dtype=float),
        query_time=np.array([query_time, query_time, 0.0]),
        versions={"skactive": "0.1"},
        config={
            "scoring": "accuracy",
            "n_initial": 10,
            "n_validation": 0,
            "budget": 20,
            "batch_size": 10,
            "estimator": "Model()",
        },
    )


def difference(low, high, n=10):
    return Bunch(
        mean=(low + high) / 2, interval=(low, high), n=n, wins=3, ties=0, losses=n - 3
    )


def test_a_comparison_shows_mean_interval_wins_and_verdict():
    assert compared(difference(-0.01, 0.03)) == [
        "+0.0100 [-0.0100, +0.0300]",
        "3 of 10",
        "random within noise",
    ]
    assert compared(difference(0.01, 0.03, n=4))[2] == "4 seeds: no verdict below ten"


def cells(result, strategy, dataset="d"):
    """Return the cells of one row of the table of a data set."""
    for line in dataset_table(result, dataset, None):
        if line.startswith(f"| {strategy} |"):
            return [cell.strip() for cell in line.strip("|").split("|")]
    raise AssertionError(f"there is no row of {strategy}")


def test_the_row_of_a_strategy_by_hand():
    # Chance ends at 0.6 on average; Mine gets there at 20 labels, or not at all.
    runs = [
        curve("RandomSampling", 0, [0.5, 0.5, 0.5]),
        curve("RandomSampling", 1, [0.5, 0.5, 0.7]),
        curve("Mine", 0, [0.4, 0.6, 0.8], query_time=0.5),
        curve("Mine", 1, [0.4, 0.6, 0.8], query_time=0.25),
    ]
    found = BenchmarkResult(runs)
    assert final_score_of_chance(found, "d", None) == pytest.approx(0.6)
    assert cells(found, "Mine")[1] == "0.6000"
    assert cells(found, "Mine")[4:] == [
        "2 seeds: no verdict below ten",
        "20",
        "0.3750",
    ]
    # One of two seeds of chance gets there: half are not more than half.
    assert cells(found, "RandomSampling")[2:] == ["", "", "", "– (1 of 2)", "–"]


def test_most_seeds_that_get_there_are_counted_with_their_median():
    runs = [curve("RandomSampling", seed, [0.5, 0.5, 0.75]) for seed in range(3)] + [
        curve("Mine", 0, [0.75, 0.8, 0.8]),
        curve("Mine", 1, [0.5, 0.75, 0.8]),
        curve("Mine", 2, [0.5, 0.6, 0.7]),
    ]
    assert cells(BenchmarkResult(runs), "Mine")[5] == "20 (2 of 3)"


def test_without_chance_the_first_strategy_sets_the_target():
    found = BenchmarkResult([curve("Mine", 0, [0.1, 0.2, 0.3])])
    assert final_score_of_chance(found, "d", None) == pytest.approx(0.3)
    assert n_seeds(found) == 1 and not enough_seeds(found)


def test_where_all_runs_of_chance_failed_another_sets_the_target():
    names = ["RandomSampling", "Mine", "Other"]
    runs = [curve(name, seed, [0.5] * 3, "a") for name in names for seed in range(5)]
    runs += [curve("Mine", 0, [0.1, 0.2, 0.3], "b"), curve("Other", 0, [0.4] * 3, "b")]
    of_b = {"dataset": "b", "strategy": "RandomSampling", "seed": 0, "error": "E: bad"}
    found = BenchmarkResult(runs, [of_b])
    assert final_score_of_chance(found, "b", None) == pytest.approx(0.3)
    assert final_score_of_chance(found, "a", None) == pytest.approx(0.5)
    assert cells(found, "Mine", "b")[2:5] == ["", "", ""]
    assert "1 run(s) failed" in found.report()


def test_a_run_of_one_round_has_asked_nothing():
    one = curve("RandomSampling", 0, [0.5])
    one.n_labeled, one.query_time = np.array([10]), np.array([0.0])
    assert cells(BenchmarkResult([one]), "RandomSampling")[-1] == "–"


def several(n_seeds=10, gains=(0.1, 0.2, -0.1), **more):
    """Runs on data sets a, b, c, ... on which Mine gains so much, whatever the seed."""
    runs = []
    for k, gain in enumerate(gains):
        for seed in range(more.get("abcdefgh"[k], n_seeds)):
            chance = [0.5 + seed / 100] * 3
            runs.append(curve("RandomSampling", seed, chance, "abcdefgh"[k]))
            runs.append(curve("Mine", seed, np.add(chance, gain), "abcdefgh"[k]))
    return BenchmarkResult(runs)


def summed_up(result):
    """Return the lines over all data sets."""
    found = result.differences_over_datasets()
    return list(summary(result, result.differences(), found))


def row_of(lines, name):
    (line,) = (line for line in lines if line.startswith(f"| {name} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_several_data_sets_are_summed_up_by_verdicts():
    found = several()
    assert enough_seeds(found) and not enough_datasets(found)
    lines = summed_up(found)
    row = row_of(lines, "Mine")
    assert row[1:6] == ["3", "2", "0", "1", "0"]
    # Without noise of seeds the interval is that of drawing three of three numbers.
    assert row[6] == "+0.0667 [-0.1000, +0.2000]"
    assert row[7] == "3 data sets: no verdict below five"
    assert not any("RandomSampling" in line for line in lines)
    assert not any("below ten" in line for line in lines)
    assert "## All data sets" in found.report()


def test_from_five_data_sets_and_ten_seeds_on_the_interval_over_data_sets_decides():
    gains = (0.1, 0.2, 0.1, 0.3, 0.1)
    row = row_of(summed_up(several(gains=gains)), "Mine")
    assert row[5] == "0" and row[7] == "better than random"
    row = row_of(summed_up(several(gains=np.negative(gains))), "Mine")
    assert row[7] == "worse than random"
    row = row_of(summed_up(several(gains=(0.1, -0.2, 0.1, -0.3, 0.1))), "Mine")
    assert row[2:5] == ["3", "0", "2"] and row[7] == "random within noise"


@pytest.mark.parametrize("n_seeds", [1, 2, 4, 5, 9])
def test_nothing_is_better_or_worse_below_ten_seeds_and_it_says_why(n_seeds):
    found = several(n_seeds, gains=(0.1, 0.2, 0.1, 0.3, 0.1))
    lines = summed_up(found)
    row = row_of(lines, "Mine")
    assert row[1:6] == ["5", "0", "0", "0", "5"]
    seeds = f"{n_seeds} seed{'s' if n_seeds > 1 else ''}"
    assert row[7] == f"{seeds}: no verdict below ten"
    assert any(f"below ten seeds, and here are {n_seeds}." in line for line in lines)
    text = found.report()
    assert "better than" not in text.replace("# Is it better than random?", "")
    assert text.count(f"| {seeds}: no verdict below ten |") == 6


def test_one_data_set_with_few_seeds_counts_as_no_verdict():
    found = several(gains=(0.1, 0.2, 0.1, 0.3, 0.1), c=6, e=4)
    lines = summed_up(found)
    assert row_of(lines, "Mine")[1:6] == ["5", "3", "0", "0", "2"]
    assert row_of(lines, "Mine")[7] == "4 seeds: no verdict below ten"
    assert any("and here are 4 to 6." in line for line in lines)


# ---------------------------------------------------------------- what failed


class Fragile(RandomSampling):
    """Fails where there are four classes."""

    def _fit(self, X, y, X_pool):
        if len(np.unique(y)) > 3:
            raise RuntimeError("four | classes\nare too many " + 200 * "x")
        return super()._fit(X, y, X_pool)


def test_what_fails_on_one_data_set_has_its_error_in_the_cell_and_the_rest_runs(toy):
    four = toy.X, np.where(toy.X[:, 0] > 0, 3, toy.y)
    data = {**toy.data, "four": four}
    found = benchmark_strategies(
        {"Fragile": Fragile()}, data, **{**toy.settings, "seeds": 2}
    )
    assert [f["dataset"] for f in found.failures] == ["four"] * 2
    lines = list(tables(found))
    n = lines.index("## four")
    row = next(line for line in lines[n:] if line.startswith("| Fragile |"))
    cells = re.split(r"(?<!\\)[|]", row.strip("|"))
    assert len(cells) == 7
    assert cells[2].strip().startswith("RuntimeError: four \\| classes are too many x")
    assert len(cells[2]) < 130 and cells[4].strip() == "failed (2 runs)"
    assert row_of(lines[n:], "MarginSampling")[1].startswith("0.")
    assert row_of(lines[: lines.index("## toy")], "Fragile")[1] == "1"  # data set
    text = found._repr_markdown_()
    assert "## 2 run(s) failed" in text and row in text


class Broken(ClassifierMixin, BaseEstimator):
    """A model that cannot be fitted."""

    def fit(self, X, y):
        raise RuntimeError("no")

    def predict(self, X):
        return X


def test_where_all_runs_fail_the_notebook_says_so(toy):
    found = benchmark_strategies([], toy.data, Broken(), **{**toy.settings, "seeds": 1})
    assert not found.runs
    assert "toy, RandomSampling, seed 0: `RuntimeError: no`" in found._repr_markdown_()
