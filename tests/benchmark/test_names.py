"""Under which names strategies run."""

import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC
from sklearn.utils import Bunch

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.benchmark._names import name_of_chance, named_strategies
from skactive.compose import PoolSubsampling, StochasticBatch
from skactive.disagreement import PowerBALD
from skactive.diversity import CoreSet, RandomSampling
from skactive.uncertainty import EntropySampling, MarginSampling

MODEL = LogisticRegression()


class CopyOfRandom(RandomSampling):
    """Ask what RandomSampling asks."""


def names(strategies, model=MODEL):
    return list(named_strategies(strategies, model))


@pytest.mark.parametrize(
    "given, expected",
    [
        ([], ["RandomSampling", "MarginSampling"]),
        ("margin", ["RandomSampling", "MarginSampling"]),
        (CoreSet(), ["RandomSampling", "MarginSampling", "CoreSet"]),
        (["random", "margin", RandomSampling()], ["RandomSampling", "MarginSampling"]),
        ({"chance": RandomSampling()}, ["chance", "MarginSampling"]),
        ({"unsure": "margin"}, ["RandomSampling", "unsure"]),
        ({"cs": "CoreSet", "m": "margin", "r": "random"}, ["r", "m", "cs"]),
        ({"r": RandomSampling(random_state=3)}, ["r", "MarginSampling"]),
        ({"RandomSampling": "random"}, ["RandomSampling", "MarginSampling"]),
        # Other settings ask otherwise, and a subclass may.
        (
            {"m": MarginSampling(GaussianNB())},
            ["RandomSampling", "MarginSampling", "m"],
        ),
        ({"c": CopyOfRandom()}, ["RandomSampling", "MarginSampling", "c"]),
        # Of two copies none is the baseline of the other.
        (
            {"a": "random", "b": "random"},
            ["RandomSampling", "MarginSampling", "a", "b"],
        ),
        ({3: "CoreSet"}, ["RandomSampling", "MarginSampling", "3"]),
    ],
)
def test_chance_and_margin_come_first_and_once(given, expected):
    assert names(given) == expected


@pytest.mark.parametrize("model", [LinearSVC(), Ridge()])
def test_without_probabilities_margin_is_not_always_on(model):
    assert names([], model) == ["RandomSampling"]
    assert names({"m": "margin"}, model) == ["RandomSampling", "m"]


@pytest.mark.parametrize("name", ["RandomSampling", "MarginSampling"])
def test_the_name_of_a_baseline_belongs_to_it(name):
    with pytest.raises(ValueError, match=f"{name} is the name of a baseline.*CoreSet"):
        names({name: CoreSet()})


@pytest.mark.parametrize(
    "given, error, message",
    [
        ([CoreSet(), CoreSet()], ValueError, "several strategies called CoreSet"),
        ({1: "margin", "1": "CoreSet"}, ValueError, "several strategies called 1"),
        ([3], TypeError, "int: 3 is not a strategy"),
        ({"mine": None}, TypeError, "mine: None is not a strategy"),
        ([CoreSet], TypeError, r"A strategy must be an instance, such as CoreSet\(\)"),
        (CoreSet, TypeError, r"A strategy must be an instance, such as CoreSet\(\)"),
        ({"mine": CoreSet}, TypeError, "The strategy 'mine' must be an instance"),
        (
            [StochasticBatch(PowerBALD(MarginSampling))],
            TypeError,
            "'estimator' parameter of PowerBALD must be an instance",
        ),
        (
            [PoolSubsampling(MarginSampling)],
            TypeError,
            r"'strategy' parameter of PoolSubsampling .* MarginSampling\(\)",
        ),
        (["margni"], ValueError, "Similar: MarginSampling"),
    ],
)
def test_what_is_no_strategy_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        names(given)


def run(name, **config):
    return Bunch(strategy=name, config=config)


def test_chance_is_known_by_its_class_where_it_has_another_name():
    chance = {"class": "skactive.diversity._random.RandomSampling"}
    core = run("CoreSet", strategy={"class": "skactive.diversity._core_set.CoreSet"})
    joint = run("RandomSampling (model of A)", strategy=None)
    assert name_of_chance([core, joint, run("dice", strategy=chance)]) == "dice"
    both = [run("dice", strategy=chance), run("RandomSampling")]
    assert name_of_chance(both) == "RandomSampling"
    assert name_of_chance([core, joint]) is None and name_of_chance([]) is None


def test_a_baseline_of_another_name_is_the_baseline_of_everything(tmp_path, toy):
    named = {"entropy": EntropySampling(), "dice": RandomSampling(), "m": "margin"}
    result = benchmark_strategies(named, toy.data, store=tmp_path, **toy.settings)
    plain = benchmark_strategies(["entropy"], toy.data, **toy.settings)
    assert result.strategies == ["dice", "m", "entropy"]
    assert len(result.runs) == len(plain.runs) == 15
    assert result.chance == "dice" and plain.chance == "RandomSampling"
    for found in (result, BenchmarkResult.load(tmp_path)):
        assert found.strategies[0] == found.chance == "dice"
        ours, theirs = found.differences()["toy"], plain.differences()["toy"]
        assert ours["entropy"] == theirs["EntropySampling"]
        assert ours["m"] == theirs["MarginSampling"]
        assert found.report().count("random within noise") + found.report().count(
            "better than random"
        ) == (
            plain.report().count("random within noise")
            + plain.report().count("better than random")
        )
