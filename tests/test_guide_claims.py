"""What pages of the guide say in words of measured tables, held against the results."""

import importlib
from pathlib import Path

import numpy as np
import pytest

MEASUREMENTS = Path(__file__).parent / "measurements"
pytestmark = pytest.mark.deep  # scripts that train nets


@pytest.fixture
def script(monkeypatch):
    """Return a function that imports a script of measurements."""
    monkeypatch.syspath_prepend(MEASUREMENTS)
    return importlib.import_module


def signs(found, who, other, column):
    """Return the differences of all seeds, in points."""
    return 100 * np.subtract(found[who][column], found[other][column])


def test_boxes(script):
    found, (images, boxes), _ = script("dense").read("bccd")
    own_nets = {who for who in found if "model of" in who or "own model" in who}
    above = {
        who
        for who in set(found) - own_nets - {"RandomSampling"}
        if (signs(found, who, "RandomSampling", images) > 0).all()
    }
    assert above == {"foreground at random", "CoreSet on transform", "PPAL"}
    for who in above:
        assert not (signs(found, who, "RandomSampling", boxes) > 0).all()
    net = "RandomSampling (model of TaskAwareViT)"
    assert (signs(found, net, "RandomSampling", images) < 0).all()
    each = [found[who]["boxes per image"] for who in set(found) - own_nets]
    assert np.mean(np.array(each) > found["RandomSampling"]["boxes per image"]) > 0.5


def test_masks(script):
    found, (images, _), _ = script("dense").read("camvid")
    of_net = [who for who in found if "model" not in who and who != "RandomSampling"]
    gaps = {who: signs(found, who, "RandomSampling", images) for who in of_net}
    assert not any((gap > 0).all() for gap in gaps.values())
    below = {who for who, gap in gaps.items() if (gap < 0).all()}
    assert below == {"CoreSet on transform", "entropy, max", "TaskAwareViT"}
    net = "RandomSampling (model of LL4AL)"
    assert (signs(found, net, "RandomSampling", images) < 0).all()
    boxes, (images, _), _ = script("dense").read("bccd")
    assert not (signs(boxes, net, "RandomSampling", images) < 0).all()


def test_where_a_round_begins(script):
    rounds = script("where_rounds_begin")
    header, rows = rounds.tables()["at the end"]
    at_random, by_margin = header.index("asked for at random"), len(header) - 1
    ends = {tuple(row[:2]): row for row in rows}

    def low_high(way, epochs, column):
        low, high = (
            ends[way, epochs][column].partition("(")[2].rstrip(")").split(" to ")
        )
        return float(low), float(high)

    assert low_high("goes on", "50", at_random)[0] < 0
    assert ends["goes on", "50"][at_random].endswith("-0.0)")  # the whole of it below 0
    for way, epochs, column in (
        ("goes on", "50", by_margin),
        ("shrunk to 0.4, noise 0.1", "50", at_random),
        ("shrunk to 0.4, noise 0.1", "50", by_margin),
        ("goes on", "10", at_random),
    ):
        low, high = low_high(way, epochs, column)
        assert low < 0 < high
    for column in (at_random, by_margin):
        assert low_high("fresh", "10", column)[1] < -10
        assert low_high("shrunk to 0.4, noise 0.1", "10", column)[1] < -10
        assert low_high("goes on", "10", column)[0] > -2


def test_runs_in_pairs(script):
    pairs = script("pairs")
    found = pairs.kept()
    for x, sign in (("cost", 1), ("n_labeled", -1)):
        gaps = np.subtract(
            *(found["prices"][k][x] for k in ("for the money", "margin"))
        )
        found_of = pairs.paired_difference(sign * gaps, np.zeros(len(gaps)))
        assert found_of.n >= 10 and found_of.interval[0] > 0
    missed = {int(n): row for n, row in found["intervals"].items()}
    assert all(row["plain"] > row["ours"] for row in missed.values())
    assert missed[5]["plain"] > 0.1
    assert all(0.035 < row["ours"] < 0.065 for n, row in missed.items() if n >= 7)
    joint = {name: np.array(area) for name, area in found["joint"].items()}
    chance = joint["RandomSampling"]
    trained = joint["RandomSampling (model of SpreadingSampler)"] - chance
    asked = joint["SpreadingSampler"] - chance
    zeros = np.zeros(len(chance))
    low, high = pairs.paired_difference(asked, zeros).interval
    assert low < 0 < high
    assert pairs.paired_difference(trained, zeros).interval[0] > 0


def test_measures_of_numbers(script):
    """Where R² stays near or above 0 the measures agree; else bounded R² sees more."""
    regression = script("regression_areas")
    header, rows = regression.tables()["measures"]
    assert header[4:] == [f"p by {word}" for word in regression.WORDS.values()]
    for model, table, lowest, _, *p in rows:
        r2, _, bounded = map(float, p)
        if float(lowest) > -1:
            assert abs(r2 - bounded) < 0.03, (model, table)
        elif float(lowest) < -5:
            assert bounded < r2 and bounded < 0.05 and (r2 > 0.05 or r2 > 5 * bounded)


def test_traps(script):
    traps = script("traps")
    found = traps.kept()

    def low_high(name, one, other="RandomSampling"):
        pair = traps.compared(found[name], one, other)
        assert pair.n >= 20
        return pair.interval

    def within_noise(name, who):
        low, high = low_high(name, who)
        return low < 0 < high

    for trap, fooled in traps.FOOLED.items():
        for who in fooled:
            low, high = low_high(trap, who)
            caught = high < 0
            if trap == "long_tail":  # it fools random sampling
                caught = low > 0 and low_high(f"{trap}, off", who)[0] > 0
                assert low > low_high(f"{trap}, off", who)[1]  # by less without it
            elif (trap, who) == ("isolated_class", "CoreSet"):
                caught = low > 0
            assert caught, (trap, who)
    assert low_high("noisy_region, off", "EntropySampling")[1] < 0
    assert low_high("isolated_class, radial", "MarginSampling")[0] > 0
    assert low_high("diverging_sine, radial", "CoreSet")[0] > 0
    assert within_noise("noisy_region, radial", "MarginSampling")
    assert within_noise("honeypot, as published", "MarginSampling")
    assert within_noise("diverging_sine, as published", "CoreSet")


def test_survey(script):
    survey = script("survey")
    found = survey.kept()
    areas = found["area"]
    assert len(areas) == 34 and len(areas[survey.MANY_CLASSES][survey.CHANCE]) >= 10
    over = {
        who: survey.over_tables(areas, who)[1:]
        for who in found["strategies"]
        if who != survey.CHANCE
    }
    assert over["MarginSampling"][0] > 0 and over["InformationDensity"][1] < 0
    for who in ("QueryByCommittee", "EntropySampling", "CoreSet"):
        assert over[who][0] < 0 < over[who][1]

    def low_high(table, who):
        each = areas[f"al_survey2021/{table}"]
        return survey.paired_difference(each[who], each[survey.CHANCE]).interval

    for who in ("QueryByCommittee", "EntropySampling", "InformationDensity"):
        assert low_high("r15", who)[1] < 0
    assert (
        low_high("r15", "MarginSampling")[0] < 0 < low_high("r15", "MarginSampling")[1]
    )
    assert low_high("r15", "CoreSet")[0] > 0 > low_high("ringnorm", "CoreSet")[1]
    values = survey.means(areas, found["strategies"])
    most = (values - values[:, [0]]).max(axis=1)
    assert list(areas)[most.argmax()] == survey.MANY_CLASSES
    lost = {
        who: {name for name in areas if low_high(name.partition("/")[2], who)[1] < 0}
        for who in ("MarginSampling", "EntropySampling")
    }
    assert lost["EntropySampling"] - lost["MarginSampling"] == {
        "al_survey2021/d31",
        "al_survey2021/r15",
    }
    three = {"QueryByCommittee", "MarginSampling", "EntropySampling", survey.CHANCE}
    assert any(three <= set(group) for group in survey.groups())
    pair = {"MarginSampling", "CoreSet"}
    assert not any(pair <= set(group) for group in survey.groups())
    for what in ("area over the logarithm", "area of balanced accuracy"):
        assert any(pair <= set(group) for group in survey.groups(what))
    for who in (survey.CHANCE, "CoreSet"):
        assert f"{np.mean(found['classes found'][who], axis=0)[-1]:.1f}" == "15.0"
