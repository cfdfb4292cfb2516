"""The report card: what it says, and how it is written."""

import html
import re
import sys

import numpy as np
import pytest
from sklearn.utils import Bunch

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.benchmark._report import (
    draw_pictures,
    enough_datasets,
    pitfalls,
    plain,
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
    assert "3 seeds: no verdict below ten" in few.report()


# ------------------------------------------------------------ words and numbers


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
        for seed in range(10)
        for d in range(5)
    ]
    runs[3].trained_by = "A"
    many = "\n".join(pitfalls(BenchmarkResult(runs)))
    assert "* avoided – data distributions: 5 data set(s)" in many
    assert "* avoided – seeds: 10; no verdict below ten" in many
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
    assert set(split) == {10, 9}  # eight cells over all data sets, seven for each


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
