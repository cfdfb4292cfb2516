"""BenchmarkResult: read, judged by another model, shown."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from skactive.benchmark import BenchmarkResult, benchmark_strategies


def test_another_model_is_trained_on_the_same_decisions(tmp_path, toy):
    small = {**toy.settings, "seeds": 2}
    benchmark_strategies(["CoreSet"], toy.data, GaussianNB(), store=tmp_path, **small)
    loaded = BenchmarkResult.load(tmp_path, data=toy.data)
    same = loaded.rescore(GaussianNB())
    for a, b in zip(loaded.runs, same.runs):
        assert a.decisions_equal(b)
    other = loaded.rescore(LogisticRegression(), scoring="f1_macro")
    run = other.select("toy", "CoreSet")[1]
    assert_array_equal(run.queried, loaded.select("toy", "CoreSet")[1].queried)
    rows = np.sort(run.queried[:17])
    model = LogisticRegression().fit(toy.X[rows], toy.y[rows])
    assert_array_equal(run.classes[run.predictions[1]], model.predict(toy.X[run.test]))
    with pytest.raises(ValueError, match="not those of the runs"):
        BenchmarkResult.load(tmp_path, data={"toy": (toy.X + 1, toy.y)}).rescore(
            GaussianNB()
        )


def test_there_is_no_store(tmp_path):
    with pytest.raises(ValueError, match="no store"):
        BenchmarkResult.load(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="holds no run"):
        BenchmarkResult.load(tmp_path)


def test_results_are_shown_as_pictures(result):
    display = result.curves("toy").plot()
    assert len(display.lines_) == 4
    matrix = result.penalty_matrix()
    assert matrix.shape == (4, 4)
    assert_array_equal(np.diag(matrix), 0)
    assert "4 strategies" in repr(result)
    import matplotlib.pyplot as plt

    plt.close("all")
