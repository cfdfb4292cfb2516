"""What pages of strategies say in words of what was measured: better, worse, noise."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from skactive.metrics import paired_difference

BEST = "best class"
MEASUREMENTS = Path(__file__).parent / "measurements"


@pytest.fixture
def script(monkeypatch):
    """Return a function that imports a script which measured something."""
    monkeypatch.syspath_prepend(MEASUREMENTS)
    return importlib.import_module


def sign(own, other):
    """Return 1 for better, -1 for worse, 0 where the interval holds zero."""
    assert len(own) == len(other) >= 10
    low, high = paired_difference(own, other).interval
    return int(low > 0) - int(high < 0)


def on_digits(digits, setting, one, other, part=(0, None)):
    curves = digits.kept()[setting]
    return sign(*(digits.areas(curves[key], *part) for key in (one, other)))


@pytest.mark.parametrize(
    ("setting", "one", "other", "expected"),
    [
        ("clusters", "CLUE", "random", 1),
        ("clusters", "DropQuery", "random", 1),
        ("clusters", "Falcun", "random", 1),
        ("clusters", "CLUE", "margin", 1),
        ("clusters", "DropQuery", "margin", 1),
        ("clusters", "Falcun", "margin", 0),
        ("schedules, 10 at a time", "cover, doubt from 20 on", "margin", 1),
        ("schedules, 10 at a time", "cover, doubt from 40 on", "margin", 1),
        ("schedules, 10 at a time", "cover, doubt from 60 on", "margin", 1),
        ("schedules, 40 at a time", "cover, doubt from 90 on", "margin", 1),
        ("schedules, 10 at a time", "cover, doubt from 20 on", "MaxHerding", -1),
        ("schedules, 40 at a time", "cover, doubt from 90 on", "MaxHerding", 1),
        ("lookahead", "margin", "random", 1),
        ("lookahead", "ExpectedErrorReduction", "random", -1),
        ("lookahead", "ExpectedModelChange", "random", -1),
        ("lookahead", "QUIRE", "random", -1),
    ],
)
def test_beside_random_and_margins_on_digits(script, setting, one, other, expected):
    assert on_digits(script("digits"), setting, one, other) == expected


def test_the_earlier_a_schedule_changes_the_worse(script):
    digits = script("digits")
    curves = digits.kept()["schedules, 10 at a time"]
    names = [f"cover, doubt from {n} on" for n in (20, 40, 60)] + ["MaxHerding"]
    means = [digits.areas(curves[name]).mean() for name in names]
    assert means == sorted(means)


@pytest.mark.parametrize("part", [(0, 6), (6, None)], ids=["to 60", "from 70"])
def test_what_covers_the_pool_of_digits(script, part):
    digits = script("digits")
    found = {
        name: on_digits(digits, "covering", name, "random", part)
        for name in digits.kept()["covering"]
        if name not in ("random", "margin")
    }
    assert found.pop("ContrastiveAL") == 0
    assert found.pop("ContrastiveAL, 10 neighbors") == -1
    assert len(found) == 5 and set(found.values()) == {1}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("margin minus random, 100 at once", -1),
        ("margin minus random, tens", 1),
        ("margin, 50 minus 5", -1),
        ("margin, 100 minus 5", -1),
        ("thinned out, 50 minus 5", 0),
        ("thinned out, 100 minus 5", -1),
        ("thinned out minus margin, 100 at once", 1),
        ("thinned out minus margin, fives", 0),
        ("thinned out minus margin, 100 at once, 220 labels", 1),
    ],
)
def test_sizes_of_batches(script, name, expected):
    gap = script("batch_sizes").compared(name)
    low, high = gap.interval
    assert gap.n == 20 and int(low > 0) - int(high < 0) == expected


def test_sizes_of_batches_from_the_accuracies_by_hand(script):
    sizes = script("batch_sizes").kept()
    mean = {name: np.mean(sizes["100"][name]["120"]) for name in ("margin", "random")}
    text = script("batch_sizes").numbers()["margin minus random, 100 at once"]
    assert text.startswith(f"{100 * (mean['margin'] - mean['random']):+.1f} (")


def test_a_pool_of_copies(script):
    found = script("copies").kept()
    accuracy = {name: runs["accuracy"] for name, runs in found.items()}
    different = {name: np.mean(runs["different"]) for name, runs in found.items()}
    assert sign(accuracy["BADGE"], accuracy["random"]) == 1
    assert sign(accuracy["BADGE"], accuracy["margin"]) == 1
    assert different["margin"] < different["random"] <= different["BADGE"]


def test_small_rounds_stop_earlier_with_a_worse_model(script):
    found = script("stable_predictions").kept()
    assert sorted(found) == ["10", "20", "50"]
    assert all(all(runs["stopped"]) for runs in found.values())
    for size in ("10", "20"):
        for key in ("labels", "accuracy"):
            assert sign(found[size][key], found["50"][key]) == -1


def test_the_smallest_radius(script):
    runs = script("robust_core_set").of_500()
    assert len(runs) == 10
    for run in runs:
        assert run["robust"]["gap"] == 0
        assert run["robust"]["radius"] < run["greedy_share"]["radius"]
        assert run["robust"]["odd"] == 0 and run["greedy"]["odd"] == 5


def test_greedy_sampling_for_regression(script):
    areas = script("regression_areas").kept()["ridge"]["bounded_r2"]

    def signs(who, base="RandomSampling"):
        found = {table: sign(each[who], each[base]) for table, each in areas.items()}
        return [
            sorted(table for table, each in found.items() if each == k) for k in (1, -1)
        ]

    assert signs("LCMD") == [["casp", "cpu.act", "stock"], []]
    for who in ("GSx", "iGS"):
        ahead, behind = signs(who)
        assert set(ahead) < {"casp", "cpu.act", "stock"}
        assert behind == ["cal.housing"]
    assert signs("iGS", "GSx")[0] == []


@pytest.mark.parametrize(
    ("kind", "of_bald"), [("sure members", 0), ("soft members", -1)]
)
def test_what_batches_say_of_a_committee(script, kind, of_bald):
    found = script("batch_information").kept()[kind]
    last = {who: np.array(runs)[:, -1] for who, runs in found.items() if who != BEST}
    best = last.pop("BatchBALD")
    expected = {"PowerBALD": -1, "random": -1, "BALD": of_bald}
    expected["BatchBALD of scikit-activeml"] = -1
    assert {name: sign(each, best) for name, each in last.items()} == expected
    assert (best < np.log(20)).all()


@pytest.mark.deep
def test_adversaries_on_digits(script):
    adversaries = script("adversaries")
    areas = {way: adversaries.areas(each) for way, each in adversaries.kept().items()}
    assert set(areas) == set(adversaries.WAYS)
    both, drawn = "DFAL, with adversaries", "random, with adversaries"
    ahead = [("DFAL", "random"), (both, "random"), (both, "margin"), (drawn, "random")]
    for one, other in [*ahead, ("DFAL, space=features", "random")]:
        assert sign(areas[one], areas[other]) == 1, (one, other)
    for one, other in [("DFAL", "margin"), (both, "DFAL")]:
        assert sign(areas[one], areas[other]) == 0, (one, other)
