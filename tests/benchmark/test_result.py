"""BenchmarkResult: read, judged by another model, shown."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.utils import Bunch

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


# ------------------------------------------------------------ numbers by hand


class Curve(Bunch):
    """A run whose scores are given, and turned around by any other measure."""

    def score(self, scoring=None):
        return self.scores if scoring is None else -self.scores


def run(strategy, seed, scores, dataset="d", n_labeled=(10, 20, 40)):
    """A run of which nothing is known but its curve."""
    return Curve(
        dataset=dataset,
        strategy=strategy,
        seed=seed,
        n_labeled=np.array(n_labeled),
        cost=np.array([]),
        scores=np.array(scores, dtype=float),
        config={"scoring": "neg_log_loss"},
    )


RUNS = [
    run("RandomSampling", 1, [0.5, 0.5, 0.5]),
    run("RandomSampling", 0, [0.4, 0.6, 0.6]),
    run("Mine", 0, [0.4, 0.8, 0.8]),
    run("Mine", 1, [0.5, 0.7, 0.9]),
    run("Mine", 2, [0.5, 0.5, 0.5]),
]


def test_runs_are_found_by_name_in_the_order_of_their_seeds():
    found = BenchmarkResult(RUNS)
    assert found.datasets == ["d"] and found.strategies == ["RandomSampling", "Mine"]
    assert list(found.select("d", "RandomSampling")) == [0, 1]
    assert found.select("d", "nobody") == found.select("e", "Mine") == {}
    assert (
        repr(found) == "BenchmarkResult(5 runs: 2 strategies on 1 data sets, 0 failed)"
    )


def test_areas_are_means_over_the_labels_that_were_paid():
    # From 10 to 20 and from 20 to 40 labels: a third and two thirds of the width.
    areas = BenchmarkResult(RUNS).areas()["d"]
    assert_allclose(areas["RandomSampling"], [(0.5 + 2 * 0.6) / 3, 0.5])
    assert_allclose(areas["Mine"], [(0.6 + 2 * 0.8) / 3, (0.6 + 2 * 0.8) / 3, 0.5])
    other = BenchmarkResult(RUNS).areas(scoring="other")["d"]
    assert_allclose(other["Mine"], -areas["Mine"])


def test_on_a_logarithmic_scale_every_doubling_counts_alike():
    areas = BenchmarkResult(RUNS).areas(scale="log")["d"]
    assert_allclose(areas["Mine"], [(0.6 + 0.8) / 2, (0.6 + 0.8) / 2, 0.5])


def test_differences_are_taken_over_the_seeds_that_both_have():
    differences = BenchmarkResult(RUNS).differences()["d"]
    assert list(differences) == ["Mine"]
    # Seed 0: 2.2 / 3 - 1.7 / 3; seed 1: 2.2 / 3 - 0.5; seed 2 has no partner.
    assert differences["Mine"].n == 2
    assert differences["Mine"].mean == pytest.approx((0.5 / 3 + 0.7 / 3) / 2)
    back = BenchmarkResult(RUNS).differences("Mine")["d"]
    assert back["RandomSampling"].mean == pytest.approx(-differences["Mine"].mean)
    with pytest.raises(
        ValueError, match=r"no runs of 'nobody'.*'RandomSampling', 'Min"
    ):
        BenchmarkResult(RUNS).differences("nobody")
    assert BenchmarkResult(RUNS[2:]).differences() == {"d": {}}  # without chance


def test_rounds_that_not_every_seed_has_are_left_out_of_a_curve():
    short = run("Mine", 3, [0.1, 0.2], n_labeled=(10, 20))
    n_labeled, scores = BenchmarkResult([*RUNS, short]).curve("d", "Mine")
    assert n_labeled.tolist() == [[10, 20]] * 4
    assert scores.tolist() == [[0.4, 0.8], [0.5, 0.7], [0.5, 0.5], [0.1, 0.2]]


def five(strategy, dataset, area):
    return [run(strategy, seed, [area + seed / 1000] * 3, dataset) for seed in range(5)]


def test_data_sets_that_a_strategy_lacks_are_left_out_of_penalties_and_ranks():
    areas = {"A": 0.9, "B": 0.8, "C": 0.7}
    runs = [r for d in "12345" for name in "ABC" for r in five(name, d, areas[name])]
    found = BenchmarkResult([*runs, *five("A", "6", 0.1)])
    ranks = found.ranks()
    assert ranks.mean_ranks.tolist() == [1, 2, 3]
    matrix = found.penalty_matrix()
    # Every round of each of five data sets is won by the earlier letter.
    assert_allclose(matrix, [[0, 5, 5], [0, 0, 5], [0, 0, 0]])
    assert found.penalties().names == found.critical_differences().names == list("ABC")
    worst_first = found.ranks(scoring="other")
    assert worst_first.mean_ranks.tolist() == [3, 2, 1]


def test_a_store_is_read_with_chance_first_then_margin_then_the_alphabet(tmp_path, toy):
    small = {**toy.settings, "seeds": 1, "budget": 8}
    strategies = {"Zebra": "random", "Ant": "random"}
    benchmark_strategies(strategies, toy.data, store=tmp_path, **small)
    loaded = BenchmarkResult.load(tmp_path)
    expected = ["RandomSampling", "MarginSampling", "Ant", "Zebra"]
    assert loaded.strategies == expected
