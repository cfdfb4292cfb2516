"""Two strategies in one call: pairs, names, and what cannot be compared."""

import numpy as np
import pytest
from sklearn.utils import Bunch

from skactive.benchmark import BenchmarkResult, Comparison
from skactive.benchmark._compared import ComparedRuns


class Curve(Bunch):
    """A run whose scores are given."""

    def score(self, scoring=None):
        return self.scores if scoring is None else -self.scores


def run(strategy, seed, area, dataset="d", scoring="accuracy", **more):
    return Curve(
        dataset=dataset,
        strategy=strategy,
        seed=seed,
        n_labeled=np.array([10, 20]),
        scores=np.full(2, float(area)),
        config={"scoring": scoring},
        cost=np.array([]),
        **more,
    )


# Areas by data set, strategy and seed: seeds differ by much more than strategies.
AREAS = {
    "one": {
        "RandomSampling": {0: 0.5, 1: 0.9},
        "A": {0: 0.7, 1: 0.9, 2: 0.0},  # seed 2 has no partner
        "BSampling": {0: 0.6, 1: 0.6, 3: 1.0},
    },
    "two": {
        "RandomSampling": {5: 0.5},
        "A": {5: 0.5},
        "BSampling": {5: 0.9},
    },
    "apart": {"A": {1: 0.5}, "BSampling": {2: 0.5}},
    "without": {"RandomSampling": {0: 0.1}, "A": {0: 0.5}},
}


def made(areas=AREAS):
    return BenchmarkResult(
        [
            run(strategy, seed, area, dataset)
            for dataset, strategies in areas.items()
            for strategy, by_seed in strategies.items()
            for seed, area in by_seed.items()
        ]
    )


def test_it_is_part_of_a_result():
    assert issubclass(BenchmarkResult, ComparedRuns)


def test_two_strategies_by_hand():
    # On "one": .1 and .3 (mean .2); on "two": -.4. Mean over data sets: -.1.
    found = made().compare("A", "BSampling")
    assert isinstance(found, Comparison) and (found.a, found.b) == ("A", "BSampling")
    assert found.differences["one"].mean == pytest.approx(0.2)
    assert found.differences["one"].n == 2 and found.differences["one"].wins == 2
    assert found.differences["two"].mean == pytest.approx(-0.4)
    assert found.overall.mean == pytest.approx(-0.1)
    overall = found.overall
    assert (overall.n, overall.above, overall.below) == (2, 1, 1)
    assert overall.fewest_seeds == 1
    assert found.left_out == {
        "apart": "where A has seeds [1] and BSampling has seeds [2]",
        "without": "where A has seeds [0] and BSampling has no finished run",
    }


def test_it_is_what_differences_of_a_baseline_are():
    result = made()
    found = result.compare("A", "RandomSampling")
    differences = result.differences()
    assert list(found.differences) == ["one", "two", "without"]
    for dataset, difference in found.differences.items():
        assert repr(difference) == repr(differences[dataset]["A"])  # NaN is NaN
    assert found.overall == result.differences_over_datasets()["A"]
    other = result.differences_over_datasets("BSampling")
    assert list(other) == ["RandomSampling", "A"]
    assert other["A"] == result.compare("A", "BSampling").overall


def test_swapped_sides_turn_the_signs():
    one, other = made().compare("A", "BSampling"), made().compare("BSampling", "A")
    assert one.overall.mean == -other.overall.mean
    assert one.differences["one"].wins == other.differences["one"].losses


def test_another_scoring_is_compared():
    found = made().compare("A", "BSampling", scoring="other")
    assert found.overall.mean == pytest.approx(0.1)


@pytest.mark.parametrize("name", ["BSampling", "b", "B", "bsampling", "b_sampling"])
def test_short_names_will_do_where_one_can_be_meant(name):
    assert made().compare("A", name).b == "BSampling"


def test_a_short_name_of_two_is_none():
    areas = {"d": {name: {0: 0.5} for name in ("B", "BSampling", "A")}}
    assert made(areas).compare("A", "B").b == "B"  # whole names first
    with pytest.raises(ValueError, match="b='b': There are no runs of 'b'"):
        made(areas).compare("A", "b")


def test_shared_areas_of_a_real_result(result):
    found = result.compare("CoreSet", "margin")
    areas = result.areas()["toy"]
    expected = areas["CoreSet"].mean() - areas["MarginSampling"].mean()
    assert found.overall.mean == pytest.approx(expected)
    assert found.verdict == "1 data set: no verdict below five"
    assert found.verdicts == {"toy": "5 seeds: no verdict below ten"}


@pytest.mark.parametrize(
    "a, b, error, message",
    [
        ("A", "A", ValueError, "a and b are both 'A'.*'RandomSampling', 'A'"),
        ("BSampling", "b", ValueError, "both 'BSampling'"),
        ("A", "C", ValueError, "b='C': There are no runs of 'C'.*'A', 'BSampling'"),
        ("nothing", "A", ValueError, "a='nothing': .*Similar: "),
        ("", "A", ValueError, "a='': There are no runs of ''"),
        ("A", None, TypeError, "b must be the name of a strategy.*NoneType"),
        (0, "A", TypeError, "a must be the name of a strategy.*int"),
        ("A", ["BSampling"], TypeError, "b must be the name.*list"),
    ],
)
def test_what_cannot_be_compared_is_refused(a, b, error, message):
    with pytest.raises(error, match=message):
        made().compare(a, b)


def test_without_a_shared_seed_it_says_which_there_are():
    areas = {"d": {"A": {0: 0.5, 1: 0.5}, "B": {2: 0.5}}}
    with pytest.raises(ValueError, match=r"A has seeds \[0, 1\] and B has seeds \[2\]"):
        made(areas).compare("A", "B")


def test_without_runs_it_says_so():
    with pytest.raises(ValueError, match="no run was finished"):
        BenchmarkResult([]).compare("A", "B")
    assert BenchmarkResult([]).differences_over_datasets() == {}


def test_without_costs_they_cannot_be_compared():
    with pytest.raises(ValueError, match="says nothing of costs"):
        made().compare("A", "BSampling", x="cost")


def test_low_r2_is_warned_of():
    runs = [run(s, 0, area, scoring="r2") for s, area in (("A", 0.5), ("B", -99.0))]
    found = BenchmarkResult(runs)
    for ask in (lambda: found.compare("A", "B"), lambda: found.differences("A")):
        with pytest.warns(UserWarning, match="R² falls to -99"):
            ask()
