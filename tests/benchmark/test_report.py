"""The report card: what it says, and how it is written."""

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
    inline,
    n_seeds,
    pitfalls,
    plain,
    row_of,
    summary,
    to_html,
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
    areas, differences = result.areas(), result.differences()
    for line in dataset_table(result, dataset, areas, differences, None):
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


# ------------------------------------------------------------ as a page


def test_code_and_bold_words_are_marked_and_the_rest_is_text():
    assert inline("a < b & `c` **d**") == "a &lt; b &amp; <code>c</code> <b>d</b>"
    assert inline("**open**, **shut**") == "<b>open</b>, <b>shut</b>"


def test_a_row_keeps_its_empty_cells():
    assert row_of("| a |  | 1 < 2 |", "td") == (
        "<tr><td>a</td><td></td><td>1 &lt; 2</td></tr>"
    )


def test_a_page_is_made_of_all_that_is_written_here():
    text = "# Title <x>\n\nwords\n## Next\n| a |\n|---|\n| 1 |\n* one\n* `two`\n"
    page = to_html(text + "![Curves](d.png)")
    body = page.partition("<body>\n")[2].partition("\n</body>")[0]
    assert body.splitlines() == [
        "<h1>Title &lt;x&gt;</h1>",
        "<p>words</p>",
        "<h2>Next</h2>",
        "<table><tr><th>a</th></tr>",
        "<tr><td>1</td></tr>",
        "</table>",
        "<ul><li>one</li><li><code>two</code></li></ul>",
        '<img alt="Curves" src="d.png">',
    ]
    assert "<title>Title &lt;x&gt;</title>" in page


def test_lists_and_tables_at_the_end_are_closed():
    assert to_html("# T\n* a\n").count("<li>a</li></ul>") == 1
    assert to_html("# T\n| a |\n|---|\n| b |").count("<td>b</td></tr>\n</table>") == 1
