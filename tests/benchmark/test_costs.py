"""What labels cost, in runs, in the store, and in what is made of them."""

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.utils import Bunch

from skactive import ActiveLearner
from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.benchmark._costs import (
    any_priced,
    check_cost,
    checked_amount,
    comparable_areas,
    cost_in_pool,
    cost_of_validation,
    curve_of,
    xs_of,
    xs_to_show,
)
from skactive.benchmark._model import default_model
from skactive.benchmark._run import Data, split
from skactive.uncertainty import EntropySampling

PRICES = np.arange(300) % 5 + 1.0
SMALL = {"n_initial": 9, "batch_size": 8, "budget": 60, "seeds": 3}


def by_row(rows, X_rows, answers):
    return PRICES[rows]


@pytest.fixture(scope="module")
def priced(toy, tmp_path_factory):
    """A benchmark with prices, and its store."""
    store = tmp_path_factory.mktemp("priced")
    return store, benchmark_strategies(
        ["entropy"], toy.data, cost=by_row, store=store, **SMALL
    )


# ----------------------------------------------------------------- numbers by hand


class Curve(Bunch):
    """A run whose scores are given."""

    def score(self, scoring=None):
        return self.scores


def run(strategy, cost, scores, n_labeled=(20, 40, 60), seed=0, dataset="d", **more):
    """A run of which nothing is known but its curve."""
    n = len(scores)
    return Curve(
        dataset=dataset,
        strategy=strategy,
        seed=seed,
        n_labeled=np.array(n_labeled),
        cost=np.array(cost, dtype=float),
        scores=np.array(scores, dtype=float),
        query_time=np.zeros(n),
        **{"config": {"scoring": "accuracy"}, **more},
    )


A = run("A", [309, 563, 825], [0.3588, 0.5778, 0.6550])
B = run("B", [309, 611, 930], [0.3588, 0.6432, 0.6867])


def test_areas_over_cost_are_those_of_the_range_that_both_have():
    areas = BenchmarkResult([A, B]).areas(x="cost")["d"]
    assert_allclose(areas["A"], 0.543498, atol=5e-7)
    assert_allclose(areas["B"], 0.566026, atol=5e-7)
    difference = BenchmarkResult([A, B]).differences("A", x="cost")["d"]["B"]
    assert difference.mean == pytest.approx(0.566026 - 0.543498, abs=1e-6)


def test_the_area_of_a_strategy_alone_is_over_all_of_its_costs():
    alone = BenchmarkResult([run("A", [100, 150, 400], [0.4, 0.5, 0.6])])
    assert_allclose(alone.areas(x="cost")["d"]["A"], 0.533333, atol=5e-7)
    assert_allclose(alone.areas()["d"]["A"], 0.5)


def test_a_third_strategy_moves_no_difference_of_two():
    # C ends at 400: the areas of all three are taken up to there, those of a pair not.
    C = run("C", [309, 400], [0.3588, 0.4], n_labeled=[20, 30])
    three = BenchmarkResult([A, B, C])
    pair = three.differences("A", x="cost")["d"]["B"].mean
    assert pair == pytest.approx(0.566026 - 0.543498, abs=1e-6)
    a_at_400 = 0.3588 + (400 - 309) / (563 - 309) * (0.5778 - 0.3588)
    assert_allclose(three.areas(x="cost")["d"]["A"], (0.3588 + a_at_400) / 2)
    # Over labels C ends at 30, half way to the second point of A.
    assert_allclose(three.areas()["d"]["A"], (0.3588 + (0.3588 + 0.5778) / 2) / 2)


def test_a_round_that_cost_nothing_is_one_point_with_the_next():
    free = run("A", [10, 10, 20], [0.1, 0.4, 0.6])
    counts, scores = curve_of(free, x="cost")
    assert counts.tolist() == [10, 20] and scores.tolist() == [0.4, 0.6]
    assert curve_of(free)[0].tolist() == [20, 40, 60]
    assert BenchmarkResult([free]).areas(x="cost")["d"]["A"] == pytest.approx(0.5)


def test_seeds_without_costs_are_named():
    old = run("A", [], [0.1, 0.2, 0.3], seed=7)
    assert any_priced([A, old]) and not any_priced([old])
    assert xs_to_show([A, B]) == ["cost", "n_labeled"]
    assert xs_to_show([A, old]) == ["n_labeled"]
    with pytest.raises(ValueError, match="'A' on 'd' with seed 7 says nothing of cost"):
        BenchmarkResult([A, old]).areas(x="cost")
    with pytest.raises(ValueError, match="x must be"):
        xs_of(A, "seconds")
    assert comparable_areas([([1, 2], [0, 1])], False, "linear") == [0.5]


def test_rounds_of_other_sizes_are_no_pairs():
    # The last batch of B was cut: only the rounds of 20 and 40 labels are pairs.
    runs = []
    for seed in range(5):
        runs.append(run("A", [1, 2, 3], [0.5, 0.9, 0.1], seed=seed))
        runs.append(run("B", [1, 2, 3], [0.5, 0.1, 0.9], (20, 40, 50), seed=seed))
    # Of two rounds the first, which all share, never counts.
    assert_allclose(BenchmarkResult(runs).penalty_matrix(), [[0, 0.5], [0, 0]])


# --------------------------------------------------------------------- real runs


def test_costs_are_what_the_rows_of_each_round_cost_together(priced):
    _, result = priced
    assert not result.failures
    for one in result.runs:
        rounds = [PRICES[rows].sum() for rows in one.queried_by_round]
        assert_array_equal(one.cost, np.cumsum(rounds))
        assert one.cost[-1] - one.cost[0] >= 60 > one.cost[-2] - one.cost[0]
    first = [one.cost[0] for one in result.runs if one.seed == 1]
    assert len(first) == 3 and len(set(first)) == 1  # the same rows


def test_a_run_is_that_of_a_learner_with_the_same_cost(priced, toy):
    _, result = priced
    one = result.select("toy", "EntropySampling")[1]
    pool = np.setdiff1d(np.arange(300), one.test)

    def cost(rows, X_rows, answers):
        assert_array_equal(X_rows, toy.X[one_order[rows]])
        assert_array_equal(answers, toy.y[one_order[rows]])
        return PRICES[one_order[rows]]

    data = Data("toy", toy.X, toy.y, "")
    design = {"test_size": 0.25, "n_validation": 0}
    one_order = split(data, GaussianNB(), 1, design).pool
    assert_array_equal(np.sort(one_order), pool)
    learner = ActiveLearner(
        default_model("classification", toy.X),
        EntropySampling(),
        n_initial=9,
        batch_size=8,
        budget=60,
        cost=cost,
        random_state=1,
    ).fit(toy.X[one_order], toy.y[one_order])
    assert_array_equal(learner.history_["cost"], one.cost)
    assert_array_equal(one_order[learner.queried_indices_], one.queried)


def test_costs_survive_the_store(priced, toy):
    store, result = priced
    loaded = BenchmarkResult.load(store)
    for name in result.strategies:
        for seed, one in result.select("toy", name).items():
            assert one.decisions_equal(loaded.select("toy", name)[seed])
    areas = loaded.areas(x="cost")["toy"]["EntropySampling"]
    assert_array_equal(areas, result.areas(x="cost")["toy"]["EntropySampling"])
    again = benchmark_strategies(
        ["entropy"], toy.data, cost=by_row, store=store, **SMALL
    )
    assert len(again.runs) == 9
    with pytest.raises(ValueError, match="another configuration"):
        benchmark_strategies(["entropy"], toy.data, store=store, **SMALL)


def test_a_store_of_before_is_read_without_costs(priced, tmp_path, toy):
    store, _ = priced
    for path in store.rglob("*.npz"):
        with np.load(path) as file:
            parts = {name: file[name] for name in file.files if name != "cost"}
        head = json.loads(str(parts.pop("head")))
        del head["checksum"]  # which is younger than costs
        to = tmp_path / path.relative_to(store)
        to.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(to, head=json.dumps(head), **parts)
    loaded = BenchmarkResult.load(tmp_path, data=toy.data)
    assert {len(one.cost) for one in loaded.runs} == {0}
    assert loaded.areas()["toy"]["EntropySampling"].shape == (3,)
    with pytest.raises(ValueError, match="says nothing of costs"):
        loaded.differences(x="cost")


def test_without_a_cost_a_run_is_described_as_before(toy):
    result = benchmark_strategies([], toy.data, **{**SMALL, "budget": 8, "seeds": 1})
    assert all("cost" not in one.config and not len(one.cost) for one in result.runs)
    assert "cost" not in result.report() and "cost" not in result.to_frame()


def test_another_model_on_the_decisions_has_their_costs(priced, toy):
    store, _ = priced
    loaded = BenchmarkResult.load(store, data=toy.data)
    other = loaded.rescore(LogisticRegression())
    for one, before in zip(other.runs, loaded.runs, strict=True):
        assert_array_equal(one.cost, before.cost)
        assert one.config["cost"] == before.config["cost"]
    assert other.areas(x="cost")["toy"]["EntropySampling"].shape == (3,)


class Joint(ClassifierMixin, EntropySampling):
    """A sampler that predicts by itself."""

    def predict(self, X):
        return self.estimator_.predict(X)

    @property
    def classes_(self):
        return self.estimator_.classes_


def test_a_joint_sampler_pays_once_for_its_four_runs(toy):
    settings = {**SMALL, "seeds": 1}
    data = toy.data
    result = benchmark_strategies(
        {"J": Joint(GaussianNB())}, data, cost=by_row, **settings
    )
    assert not result.failures and len(result.runs) == 5
    paid = {name: result.select("toy", name)[0].cost for name in result.strategies}
    assert_array_equal(paid["J (its own model)"], paid["J"])
    by_chance = paid["RandomSampling (model of J)"]
    assert_array_equal(by_chance, paid["RandomSampling"])


def test_labels_for_validation_are_paid_from_the_budget(toy):
    settings = {**SMALL, "seeds": 1, "validation": 6}
    result = benchmark_strategies([], toy.data, cost=by_row, **settings)
    one = result.runs[0]
    validation = PRICES[one.validation].sum()
    start = PRICES[one.queried_by_round[0]].sum()
    assert one.cost[0] == validation + start
    spent = one.cost - start
    assert spent[-1] >= 60 > spent[-2]
    dear = benchmark_strategies(
        [], toy.data, cost=by_row, **{**settings, "budget": 2.5}
    )
    assert not dear.runs
    assert "leaves nothing of budget=2.5" in dear.failures[0]["error"]


def test_what_is_seen_has_costs(priced, tmp_path):
    _, result = priced
    text = result.report(tmp_path)
    for words in (
        "then a budget of 60 in the unit of their costs, in batches of 8",
        "### Over what the labels cost",
        "### Over the number of labels",
        "cost to reach",
        "| cost/label |",
        "labels and costs actually paid for",
        "by_row",
    ):
        assert words in text
    assert text.index("Over what") < text.index("Over the number")
    page = (tmp_path / "report.html").read_text()
    assert "Over what the labels cost" in page
    assert (tmp_path / "toy_over_cost.png").stat().st_size > 10_000
    assert "cost to reach" in result._repr_markdown_()
    frame = result.to_frame()
    assert_array_equal(frame["cost"], np.concatenate([r.cost for r in result.runs]))


def test_curves_are_drawn_over_costs_that_all_seeds_have(priced):
    _, result = priced
    display = result.curves("toy", x="cost")
    assert display.x_name == "cost"
    costs = [one.cost for one in result.select("toy", "RandomSampling").values()]
    grid = display.n_labeled[0]
    assert grid[0] == max(cost[0] for cost in costs)
    assert grid[-1] == min(cost[-1] for cost in costs)
    assert display.scores[0].shape == (3, len(grid))
    costs, scores = result.curve("toy", "RandomSampling", x="cost")
    assert costs.shape == scores.shape and costs.dtype == float
    assert result.curves("toy").x_name == "labels"


def test_the_price_of_a_label_is_the_mean_of_what_was_asked_for():
    config = {
        "scoring": "accuracy",
        "cost": "f",
        "budget": 5.0,
        "n_initial": 20,
        "n_validation": 0,
        "batch_size": 20,
        "estimator": "Model()",
    }
    more = {"config": config, "trained_by": "estimator", "versions": {}}
    runs = [
        run("RandomSampling", [20, 60, 100], [0.5, 0.6, 0.7], **more),
        run("Mine", [20, 100, 300], [0.5, 0.7, 0.7], **more),
    ]
    text = BenchmarkResult(runs).report()
    over_cost = text[text.index("### Over what") : text.index("### Over the number")]
    rows = [line for line in over_cost.splitlines() if line.startswith("| Mine |")]
    # 280 for 40 labels; 0.7 is reached at 100.
    assert rows[0].endswith("| 100 | 7 |")


# ------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    "change, match",
    [
        ({"cost": 5}, r"cost must be a callable.*got 5"),
        ({"cost": PRICES}, r"lambda rows, X_rows, answers: prices\[rows\]"),
        ({"budget": 0}, "budget must be a number above 0, got 0"),
        ({"budget": float("nan")}, "budget must be a number above 0, got nan"),
        ({"budget": True}, "budget must be a number above 0, got True"),
        ({"validation": 0.5}, "validation must be an integer of 1 or more, got 0.5"),
        ({"n_initial": 225}, "n_initial . validation . 1 = 226.*Lower n_initial"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(change, match, toy):
    with pytest.raises(ValueError, match=match):
        benchmark_strategies([], toy.data, **{**SMALL, "cost": by_row, **change})
    check_cost(None)
    assert checked_amount(2.5) == 2.5


def test_a_budget_of_labels_is_still_a_count(toy):
    with pytest.raises(ValueError, match="budget must be an integer"):
        benchmark_strategies([], toy.data, **{**SMALL, "budget": 2.5})


@pytest.mark.parametrize("prices", [[-1.0] * 9, [np.nan] * 9, [1.0], 1.0, ["a"] * 9])
def test_prices_that_are_none_are_told_by_the_run(prices, toy):
    settings = {**SMALL, "seeds": 1}
    result = benchmark_strategies(
        {}, toy.data, cost=lambda rows, X, y: prices, **settings
    )
    assert not result.runs
    assert "what cost(rows, X_rows, answers) returns" in result.failures[0]["error"]


def test_rows_are_counted_in_the_data_set():
    pool = np.array([7, 3, 5])
    cost = cost_in_pool(lambda rows, X, y: rows * 10, pool)
    assert cost(np.array([2, 0]), None, None).tolist() == [50, 70]
    assert cost_in_pool(None, pool) is None
    assert cost_of_validation(None, pool, None, None, 5) == 0
    assert cost_of_validation(lambda rows, X, y: rows, pool, None, None, 16) == 15
    with pytest.raises(ValueError, match="cost 15, which leaves nothing of budget=15"):
        cost_of_validation(lambda rows, X, y: rows, pool, None, None, 15)
