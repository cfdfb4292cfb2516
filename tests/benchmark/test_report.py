"""The report card: what it says, and how it is written."""

import html
import re
import sys

import numpy as np
import pytest
from sklearn.utils import Bunch

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.benchmark._report import (
    compared,
    dataset_table,
    draw_pictures,
    enough_datasets,
    enough_seeds,
    final_score_of_chance,
    n_seeds,
    pitfalls,
    plain,
    summary,
    verdict,
)


def test_the_report_says_what_was_found(result, tmp_path, toy):
    text = result.report(tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert (tmp_path / "report.md").read_text() == text
    assert (tmp_path / "toy.png").stat().st_size > 10_000
    assert (tmp_path / "penalties.png").exists()
    for name in result.strategies:
        assert name in text and f"<td>{name}</td>" in page
    assert "<table>" in page and "| area |" in text
    assert "one, 9 labels" in text
    few = benchmark_strategies([], toy.data, **{**toy.settings, "seeds": 3})
    assert "too few seeds (3) to say" in few.report()


# ------------------------------------------------------------ words and numbers


def difference(low, high, n=5):
    return Bunch(
        mean=(low + high) / 2, interval=(low, high), n=n, wins=3, ties=0, losses=n - 3
    )


@pytest.mark.parametrize(
    "given, words",
    [
        (difference(0.01, 0.03), "better than random"),
        (difference(-0.03, -0.01), "worse than random"),
        (difference(-0.01, 0.03), "random within noise"),
        (difference(0, 0.03), "random within noise"),
        (difference(-0.03, 0), "random within noise"),
        (difference(0.01, 0.03, n=4), "too few seeds (4) to say"),
    ],
)
def test_the_verdict_follows_the_interval_and_needs_five_seeds(given, words):
    assert verdict(given) == words
    assert compared(given)[2] == words


def test_a_comparison_shows_mean_interval_and_wins():
    assert compared(difference(-0.01, 0.03))[:2] == [
        "+0.0100 [-0.0100, +0.0300]",
        "3 of 5",
    ]


def curve(strategy, seed, scores, dataset="d", query_time=0.0, **config):
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
            **config,
        },
    )


class Curve(Bunch):
    """A run whose scores are given."""

    def score(self, scoring=None):
        return self.scores


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
        "too few seeds (2) to say",
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


def test_several_data_sets_are_summed_up_by_verdicts():
    runs = []
    for dataset, gain in (("a", 0.1), ("b", 0.2), ("c", -0.1)):
        for seed in range(5):
            chance = [0.5 + seed / 100] * 3
            runs.append(curve("RandomSampling", seed, chance, dataset))
            runs.append(curve("Mine", seed, np.add(chance, gain), dataset))
    found = BenchmarkResult(runs)
    assert enough_seeds(found) and not enough_datasets(found)
    rows = list(summary(found, found.differences()))
    assert "| Mine | 2 | 0 | 1 | +0.0667 |" in rows
    assert not any("RandomSampling" in row for row in rows)
    assert "## All data sets" in found.report()


def test_ranks_need_five_data_sets_and_three_strategies():
    def made(n_datasets, names):
        return BenchmarkResult(
            [
                curve(name, 0, [0.5] * 3, str(dataset))
                for dataset in range(n_datasets)
                for name in names
            ]
        )

    assert enough_datasets(made(5, "ABC"))
    assert not enough_datasets(made(4, "ABC"))
    assert not enough_datasets(made(5, "AB"))


def test_nothing_finished_is_said_and_failures_are_told():
    failure = {"dataset": "d", "strategy": "s", "seed": 3, "error": "E: bad"}
    text = BenchmarkResult([], [failure]).report()
    assert "No run was finished." in text
    assert "* d, s, seed 3: `E: bad`" in text


def test_pitfalls_are_open_until_there_is_enough():
    few = "\n".join(pitfalls(BenchmarkResult([curve("A", 0, [0.5] * 3)])))
    assert "* **open** – data distributions: 1 data set(s)" in few
    assert "* **open** – seeds: 1" in few
    assert "validation: none used" in few and "no strategy alters" in few
    runs = [
        curve("A", seed, [0.5] * 3, str(d), n_validation=8)
        for seed in range(5)
        for d in range(5)
    ]
    runs[3].trained_by = "A"
    many = "\n".join(pitfalls(BenchmarkResult(runs)))
    assert "* avoided – data distributions: 5 data set(s)" in many
    assert "* avoided – seeds: 5" in many
    assert "validation: 8 labels, paid from the budget" in many
    assert "told apart from selection" in many


def test_an_estimator_is_written_as_a_call():
    scaler = {"class": "sklearn.preprocessing.StandardScaler"}
    model = {"class": "sklearn.linear_model.Ridge", "alpha": 1.0}
    steps = [["scale", scaler], ["fit", model]]
    pipeline = {"class": "sklearn.pipeline.Pipeline", "memory": None, "steps": steps}
    assert plain(scaler) == "StandardScaler()"
    assert plain(model) == "Ridge(...)"
    assert plain(pipeline) == "Pipeline(StandardScaler(), Ridge(...))"
    assert plain("words") == "words"


def test_pictures_have_names_that_a_file_may_have(tmp_path):
    found = BenchmarkResult([curve("A", 0, [0.5] * 3, "survey/iris: 1")])
    assert draw_pictures(found, tmp_path, None) == {
        "survey/iris: 1": "survey_iris_1.png"
    }
    assert (tmp_path / "survey_iris_1.png").exists()
    text = found.report(tmp_path / "made" / "here")
    assert "](survey_iris_1.png)" in text
    assert (tmp_path / "made" / "here" / "report.md").read_text() == text


def test_a_report_without_a_folder_draws_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    assert "![" not in BenchmarkResult([curve("A", 0, [0.5] * 3)]).report()


# ------------------------------------------------------------ what may be missing


def test_where_all_runs_of_chance_failed_another_sets_the_target():
    names = ["RandomSampling", "Mine", "Other"]
    runs = [curve(name, seed, [0.5] * 3, "a") for name in names for seed in range(5)]
    runs += [curve("Mine", 0, [0.1, 0.2, 0.3], "b"), curve("Other", 0, [0.4] * 3, "b")]
    found = BenchmarkResult(runs, [failed("b", "RandomSampling")])
    assert final_score_of_chance(found, "b", None) == pytest.approx(0.3)
    assert final_score_of_chance(found, "a", None) == pytest.approx(0.5)
    assert cells(found, "Mine", "b")[2:5] == ["", "", ""]
    assert "1 run(s) failed" in found.report()


def test_a_run_of_one_round_has_asked_nothing():
    one = curve("RandomSampling", 0, [0.5])
    one.n_labeled, one.query_time = np.array([10]), np.array([0.0])
    assert cells(BenchmarkResult([one]), "RandomSampling")[-1] == "–"


def failed(dataset, strategy, error="E: bad"):
    return {"dataset": dataset, "strategy": strategy, "seed": 0, "error": error}


ODD = ["a|b", "x**2 + y**2", "`code`", "<b>bold</b>", "a\\|b", "_x_", "# a", "a\nb"]


@pytest.mark.parametrize("name", ODD)
def test_names_and_errors_of_any_kind_are_read_as_they_are(name, tmp_path):
    runs = [
        curve(s, seed, [0.5] * 3, d, estimator=name)
        for s in ("RandomSampling", name)
        for d in (name, "other")
        for seed in range(5)
    ]
    found = BenchmarkResult(runs, [failed(name, name, f"E: {name}")])
    text = found.report(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    shown = html.escape(name.replace("\n", " "))
    assert page.count(f"<td>{shown}</td>") == 3  # in all tables
    assert f"<h2>{shown}</h2>" in page
    assert f'alt="Learning curves on {shown}"' in page
    assert f"<code>E: {shown}</code>" in page
    assert f"estimator <code>{shown}</code>" in page
    rows = [line for line in text.splitlines() if line.startswith("|")]
    split = [len(re.split(r"(?<!\\)(?:\\\\)*[|]", row)) for row in rows]
    assert set(split) == {7, 9}  # five cells over all data sets, seven for each


def test_pictures_that_would_have_one_name_have_two(tmp_path):
    names = ["x/y", "x y", "penalties", "ranks", ""]
    runs = [
        curve(s, seed, [0.5 + k / 10] * 3, d)
        for d in names
        for k, s in enumerate(["RandomSampling", "A", "B"])
        for seed in range(5)
    ]
    pictures = draw_pictures(BenchmarkResult(runs), tmp_path, None)
    assert len(set(pictures.values())) == len(pictures) == 7
    assert len(list(tmp_path.glob("*.png"))) == 7
    assert pictures["x/y"] == "x_y.png"
