"""A result as pictures, tables, and in a notebook."""

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.utils import Bunch

from skactive.benchmark import BenchmarkResult


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


class Curve(Bunch):
    """A run whose scores are given, and turned around by any other measure."""

    def score(self, scoring=None):
        return self.scores if scoring is None else -self.scores


def run(strategy, seed, scores, dataset="d", n_labeled=(10, 20, 40)):
    """A run of which nothing is known but its curve."""
    n = len(scores)
    return Curve(
        dataset=dataset,
        strategy=strategy,
        seed=seed,
        n_labeled=np.array(n_labeled),
        cost=np.array([]),
        scores=np.array(scores, dtype=float),
        validation_scores=np.array([]),
        fit_time=np.zeros(n),
        query_time=np.zeros(n),
        selected_by=strategy,
        trained_by="estimator",
        config={"scoring": "neg_log_loss"},
    )


RUNS = [
    run("RandomSampling", 1, [0.5, 0.5, 0.5]),
    run("RandomSampling", 0, [0.4, 0.6, 0.6]),
    run("Mine", 0, [0.4, 0.8, 0.8]),
    run("Mine", 1, [0.5, 0.7, 0.9]),
    run("Mine", 2, [0.5, 0.5, 0.5]),
]


# ------------------------------------------------------------------------ pictures


def test_results_are_shown_as_pictures(result):
    display = result.curves("toy").plot()
    assert len(display.lines_) == 4
    matrix = result.penalty_matrix()
    assert matrix.shape == (4, 4)
    assert_array_equal(np.diag(matrix), 0)
    assert "4 strategies" in repr(result)


def test_curves_are_drawn_over_the_median_count_and_name_their_score():
    late = [
        run("RandomSampling", 2, [0.1, 0.1, 0.1]),
        run("Mine", 3, [0.5, 0.5, 0.5], n_labeled=(10, 22, 42)),
        run("RandomSampling", 3, [0.5, 0.5, 0.5], n_labeled=(10, 22, 42)),
    ]
    display = BenchmarkResult([*RUNS, *late]).curves("d")
    assert [n.tolist() for n in display.n_labeled] == [[10, 20, 40]] * 2
    assert [scores.shape for scores in display.scores] == [(4, 3), (4, 3)]
    assert display.names == ["RandomSampling", "Mine"]
    assert display.score_name == "neg log loss"


def test_curves_are_those_of_the_seeds_that_all_share():
    display = BenchmarkResult(RUNS).curves("d")
    assert_allclose(display.scores[0], [[0.4, 0.6, 0.6], [0.5, 0.5, 0.5]])
    assert_allclose(display.scores[1], [[0.4, 0.8, 0.8], [0.5, 0.7, 0.9]])


def test_without_a_shared_seed_the_curves_say_so():
    found = BenchmarkResult([RUNS[0], RUNS[2], RUNS[4]])
    with pytest.warns(UserWarning, match="No seed is shared by all strategies on 'd'"):
        display = found.curves("d")
    assert [scores.shape for scores in display.scores] == [(1, 3), (2, 3)]


def test_a_data_set_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(ValueError, match="no runs on 'nowhere'.*data sets 'd'"):
        BenchmarkResult(RUNS).curves("nowhere")
    with pytest.raises(ValueError, match="no run was finished"):
        BenchmarkResult([]).curves("d")


@pytest.mark.parametrize("name", ["$\\frac{$", "_mine", "a$b$c", "$", "é | 策", "%s"])
def test_names_of_any_kind_are_drawn_as_they_are(name, tmp_path):
    runs = [
        run(strategy, seed, np.array([0.5, 0.6, 0.7]) + seed / 100 + k / 10, dataset)
        for dataset in "12345"
        for k, strategy in enumerate(["RandomSampling", name, "Mine"])
        for seed in range(5)
    ]
    found = BenchmarkResult(runs)
    display = found.curves("1").plot()
    entries = display.ax_.get_legend().get_texts()
    assert len(entries) == 3
    for shown in (found.penalties(), found.critical_differences()):
        figure = shown.plot().figure_
        if name.isascii():
            figure.savefig(tmp_path / "picture.png")
    assert name in found.strategies  # as it was given


# -------------------------------------------------------------------------- tables


def test_a_frame_has_a_row_for_each_round_of_each_run():
    frame = BenchmarkResult(RUNS).to_frame()
    assert frame.shape == (15, 10)
    mine = frame[(frame["strategy"] == "Mine") & (frame["seed"] == 1)]
    assert mine["n_labeled"].tolist() == [10, 20, 40]
    assert mine["round"].tolist() == [0, 1, 2]
    assert mine["score"].tolist() == [0.5, 0.7, 0.9]
    other = BenchmarkResult(RUNS).to_frame(scoring="other")
    assert_allclose(other["score"], -frame["score"])
    empty = BenchmarkResult([]).to_frame()
    assert len(empty) == 0 and "score" in empty


def test_a_frame_of_a_real_result(result):
    frame = result.to_frame()
    assert len(frame) == sum(len(run.n_labeled) for run in result.runs)
    assert set(frame["trained_by"]) == {"estimator"}
    assert "validation_score" not in frame


def test_a_frame_without_pandas_names_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="to_frame needs pandas: pip install pandas"):
        BenchmarkResult(RUNS).to_frame()


def test_a_notebook_shows_tables():
    text = BenchmarkResult(RUNS)._repr_markdown_()
    assert "## d" in text and "| RandomSampling | 0.5333 |" in text
    assert "Areas and labels are those of the seeds that all have: [0, 1]" in text
    assert isinstance(BenchmarkResult([])._repr_markdown_(), str)
    odd = BenchmarkResult([run("a|b\n*c*", 0, [0.1, 0.2, 0.3])])._repr_markdown_()
    assert "| a\\|b \\*c\\* |" in odd
