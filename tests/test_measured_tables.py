"""Tables that pages take from results: there, complete, and what the page says."""

import json
import re
import runpy
import statistics
from argparse import Namespace
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

HERE = Path(__file__).parent
GUIDE = HERE.parent / "docs" / "user_guide"
SHOWN = [
    (page.stem, *found.split(maxsplit=1))
    for page in sorted(GUIDE.glob("*.rst"))
    for found in re.findall(r"^\.\. measured:: (.+)$", page.read_text("utf-8"), re.M)
]
RESULTS = HERE / "measurements" / "results"
ROLE = re.compile(r":measured:`([^`]+)`")
SAID = [
    (page.stem, *" ".join(found.split()).split(maxsplit=1))
    for page in sorted(GUIDE.glob("*.rst"))
    for found in ROLE.findall(page.read_text("utf-8"))
]
MORE_CLASSES = ["d31", "glass", "iris", "r15", "seeds", "thyroid", "vehicle", "wine"]
pytestmark = pytest.mark.deep  # scripts that train nets


@pytest.fixture
def tables(monkeypatch):
    """Return the functions of ``_tables.py``; scripts can be imported beside them."""
    monkeypatch.syspath_prepend(HERE / "measurements")
    return runpy.run_path(str(HERE / "measurements" / "_tables.py"))


@pytest.fixture
def results():
    """Return the functions of ``_results.py``."""
    return runpy.run_path(str(HERE / "measurements" / "_results.py"))


@pytest.mark.parametrize("page, script, name", SHOWN, ids=map(" ".join, SHOWN))
def test_a_table_of_a_page_has_rows_of_one_length(tables, page, script, name):
    lines = tables["table_of"](script, name)[3:]
    starts = [k for k, line in enumerate(lines) if line.startswith("   * - ")]
    lengths = {b - a for a, b in zip(starts, [*starts[1:], len(lines)])}
    assert len(starts) > 1 and len(lengths) == 1


def test_there_are_such_tables():
    assert {"entropy", "nets", "streams", "history"} <= {page for page, _, _ in SHOWN}


def test_what_is_said_of_revival(monkeypatch):
    """Signs on the page and numbers in the docstring are those of all starts."""
    monkeypatch.syspath_prepend(HERE / "measurements")
    import revival

    from skactive.deep import REVIVAL

    settings, areas, _ = revival.read()
    assert settings["seeds"] >= 30 and len(areas) == 3

    def beside(way, base):
        found = [revival.difference(each[way], each[base]) for each in areas.values()]
        return np.array([[each.mean, *each.interval] for each in found])

    ahead = [("REVIVAL", "entropy"), ("sgc, adversary", "random")]
    ahead += [("sgc, adversary", way) for way in ("REVIVAL", "sgc")]
    ahead += [("VOpt", way) for way in ("random", "REVIVAL", "sgc, adversary")]
    ahead += [("REVIVAL", way) for way in ("sgc", "no LocalMax")]
    ahead += [("adversary", "adversary alone")]
    for way, base in ahead:
        assert (beside(way, base)[:, 1] > 0).all(), (way, base)
    low, high = beside("REVIVAL", "random")[:, 1:].T
    assert (low < 0).all() and (high > 0).all()
    costs = beside("adversary", "REVIVAL")
    assert (costs[:, 0] < 0).all() and (costs[:, 2] < 0).sum() == 2

    of_net = revival.difference(
        *(areas["digits"][f"gcn{k}"] for k in (", adversary", ""))
    )
    assert of_net.n >= 10 and of_net.interval[0] > 0
    paper = revival.difference(*(areas["digits"][key] for key in ("paper", "random")))
    assert paper.n >= 10 and paper.interval[1] < 0

    said = " ".join(REVIVAL.__doc__.split())
    for way, base, words in (
        ("VOpt", "REVIVAL", "points of accuracy ahead of it"),
        ("sgc, adversary", "REVIVAL", 'points ahead of "lgc"'),
        ("REVIVAL", "sgc", "points behind"),
        ("REVIVAL", "adversary", ": :ref:"),
    ):
        means = beside(way, base)[:, 0]
        assert f"{means.min():.1f} to {means.max():.1f} points" in said, (way, base)
        assert words.strip(": ") in said


@pytest.mark.parametrize("page, script, name", SAID, ids=map(" ".join, SAID))
def test_a_number_of_a_page_is_made_of_results(tables, page, script, name):
    text = tables["number_of"](script, name)
    assert re.search(r"\d", text) and "nan" not in text and text == text.strip()


def test_numbers_of_the_page_on_entropy_by_hand(tables):
    """From the areas themselves, by other means than those of the script."""
    areas = json.loads((RESULTS / "entropy.json").read_text("utf-8"))

    def mean_difference(data, way):
        found = areas[f"al_survey2021/{data}"]
        return 100 * (statistics.fmean(found[way]) - statistics.fmean(found["entropy"]))

    number = partial(tables["number_of"], "entropy")
    assert number("margin ahead on d31") == f"{mean_difference('d31', 'margin'):.0f}"
    lost = -mean_difference("ringnorm", "entropy, then k-center")
    assert number("k-center behind on ringnorm") == f"{lost:.1f}"
    behind = sum(
        statistics.fmean(found["random"]) < statistics.fmean(found["entropy"])
        for name, found in areas.items()
        if "/" in name and name.partition("/")[2] not in MORE_CLASSES
    )
    assert number("random behind on tables of two classes") == f"{behind} of 26"


def test_an_interval_is_written_in_one_way(tables):
    assert tables["with_interval"](3.64, 1.2, 5.87) == "+3.6 (+1.2 to +5.9)"
    assert tables["with_interval"](-0.0123, -0.02, 0, 3) == "-0.012 (-0.020 to +0.000)"


@pytest.mark.parametrize(
    "script, name, message",
    [
        ("entropy", "nothing", "no number of entropy called 'nothing', but: .*d31"),
        ("entropy", "", "no number of entropy called ''"),
        ("no_such", "x", "no_such.json is not there"),
    ],
)
def test_what_is_not_there_is_told(tables, script, name, message):
    with pytest.raises(ValueError, match=message):
        tables["number_of"](script, name)


# ------------------------------------------------------------- files that were edited


def test_results_are_what_scripts_wrote(results):
    files = [*RESULTS.glob("*.json"), *RESULTS.glob("*.npz")]
    faults = [results["fault"](path) for path in sorted(files)]
    assert [fault for fault in faults if fault] == []
    assert set(results["kept"]()) == {path.name for path in files}


@pytest.fixture
def folder(tmp_path, results):
    """Return a folder of two results with their checksums."""
    (tmp_path / "one.json").write_text('{"a": 0.5}\n')
    (tmp_path / "one_more.json").write_text('{"a": 0.6}\n')
    assert results["seal"](folder=tmp_path) == ["one.json", "one_more.json"]
    results["check"]("one", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "text", ['{"a": 0.51}\n', "", '{"a": 0.5}', '{"a": 0.5}\n\n'], ids=repr
)
@pytest.mark.parametrize("name", ["one.json", "one_more.json"])
def test_an_edited_file_is_refused_with_what_to_do(name, text, folder, results):
    (folder / name).write_text(text)
    with pytest.raises(
        ValueError, match=rf"{name} is not what.*git checkout.*_results"
    ):
        results["check"]("one", folder)
    with pytest.raises(ValueError, match="was edited"):  # nor is it sealed in passing
        results["seal"](folder=folder)
    assert results["seal"]([name], folder) == [name]
    results["check"]("one", folder)


def test_line_ends_of_another_system_are_no_change(folder, results):
    (folder / "one.json").write_bytes(b'{"a": 0.5}\r\n')
    results["check"]("one", folder)


def test_new_and_missing_files_are_told_of(folder, results):
    (folder / "new.json").write_text("{}")
    with pytest.raises(ValueError, match="new.json has no checksum"):
        results["check"]("new", folder)
    assert results["seal"](folder=folder) == ["new.json"]
    with pytest.raises(ValueError, match="gone.json is not there: restore it, or run"):
        results["check"]("gone", folder)
    with pytest.raises(ValueError, match=r"There are no \['gone.json'\]"):
        results["seal"](["gone.json"], folder)


def test_intervals_of_defaults_are_over_tables(monkeypatch):
    monkeypatch.syspath_prepend(HERE / "measurements")
    import defaults

    # Seeds of a table agree: all that differs is which tables are drawn.
    mean, low, high = defaults.over_tables([[1.0] * 10, [3.0] * 10])
    assert (mean, low, high) == (2, 1, 3)
    # One table: seeds are drawn.
    mean, low, high = defaults.over_tables([[1.0, 3.0]])
    assert (mean, low, high) == (2, 1, 3)
    pairs = [[1.0, 1.1, 0.9], [-1.0, -1.1, -0.9], [1.0, -1.0, 0.1], [0.0] * 3]
    assert defaults.verdicts(np.array(pairs)) == (1, 2, 1)


def test_by_default_no_model_is_below_the_net_alone(monkeypatch):
    """What the page on deep strategies says of those that train the model."""
    monkeypatch.syspath_prepend(HERE / "measurements")
    import deep_defaults

    results = deep_defaults.read()
    starts = [name for name in results if name not in ("settings",)]
    assert deep_defaults.OF_CIFAR in starts and len(starts) == 9
    below = set()
    for start in starts:
        for name in results[start]:
            if name in ("random", deep_defaults.ALONE) or "missing" in start:
                continue
            gaps = deep_defaults.differences(results[start], name, "own")
            _, high = deep_defaults.interval(gaps)
            if high < 0:
                below.add((name, "table" in start, start == deep_defaults.OF_CIFAR))
    assert below and all("(paper)" in name for name, _, _ in below)
    of_cifar = {name for name, _, cifar in below if cifar}
    assert of_cifar == {"LL4AL (paper)", "MoBYv2AL (paper)"}
    assert ("TaskAwareViT (paper)", False, False) in below


def test_what_the_page_on_defaults_says(monkeypatch):
    monkeypatch.syspath_prepend(HERE / "measurements")
    import defaults

    kept, settings = defaults.read(defaults.RESULTS)
    assert settings["seeds"] == 10
    found, raw = kept["standardized"], kept["as they come"]
    assert set(found) == set(raw) == set(defaults.TABLES)

    def low_high(one, other="random", areas=found, tables=defaults.TABLES):
        areas = {name: areas[name] for name in tables}
        return defaults.compared(areas, one, other)[1:3]

    def within_noise(*pair, **more):
        low, high = low_high(*pair, **more)
        return low < 0 < high

    pairs = {after: before for before, after in defaults.CHANGES}
    noise = "UncertaintyHerding, 1", "DiscriminativeSampling, all"
    noise += ("ExpectedModelChange, last step",)
    for after, before in pairs.items():
        if after in noise:
            assert within_noise(after, before)
        elif after in found[defaults.TABLES[0]]:
            assert low_high(after, before)[0] > 0, after
    assert within_noise("TypiClust, standardized", "TypiClust", areas=raw)
    for ahead in ("ALFAMix", "UncertaintyHerding, 1"):
        assert low_high(ahead, "margin")[0] > 0
    assert low_high("margin")[0] > 0
    for many in ("QUIRE", "BALD", "EPIG"):
        assert low_high(many, tables=defaults.MORE_CLASSES)[1] < 0
        assert within_noise(many, tables=defaults.TWO_CLASSES)
    for loses in ("ExpectedErrorReduction", "InformationDensity, margin"):
        assert low_high(loses)[1] < 0
    assert within_noise("InformationDensity, margin", areas=raw)
    for neither in ("KMeansSampling", "ExpectedModelChange, last step"):
        assert within_noise(neither)
    counts = defaults.compared(found, "ContrastiveAL, 1 neighbor", "random")[3:]
    assert counts[0] < counts[2]


# ------------------------------------------------------------------- pictures


@pytest.fixture
def drawn(monkeypatch):
    """Return the module that draws means with their intervals."""
    monkeypatch.syspath_prepend(HERE.parent / "docs" / "_ext")
    return runpy.run_path(str(HERE.parent / "docs" / "_ext" / "measured_picture.py"))


def test_a_picture_has_means_and_intervals_where_they_are(drawn):
    rows = [("A(b) & c", 2.0, -1.0, 4.0), ("d", -3.0, -6.0, -1.0)]
    root = ElementTree.fromstring(drawn["picture"]("points", rows))
    assert root.get("aria-label") == "points: A(b) & c +2.0; d -3.0"
    first, second = root.iter("g")
    assert (first.get("opacity"), second.get("opacity")) == ("0.45", None)
    lines = [re.findall(r"[\d.]+", g.find("path").get("d")) for g in (first, second)]
    means = [float(g.find("circle").get("cx")) for g in (first, second)]
    low, high = drawn["LEFT"], drawn["WIDTH"] - drawn["RIGHT"]
    assert float(lines[1][0]) == low and float(lines[0][2]) == high
    unit = (high - low) / 10  # from -6 to 4
    assert means == pytest.approx([low + 8 * unit, low + 3 * unit], abs=0.1)
    ticks = [float(text.text) for text in root.iter("text") if text.text[-1].isdigit()]
    assert ticks == [-6, -4, -2, 0, 2, 4]


@pytest.mark.parametrize("low, high", [(-0.3, 0.04), (-8.8, 6.1), (0, 250), (0, 1)])
def test_ticks_are_round_and_few(drawn, low, high):
    found = np.array(drawn["ticks"](low, high))
    assert 3 <= len(found) <= 9 and found.min() >= low and found.max() <= high
    step = found[1] - found[0]
    assert np.allclose(np.diff(found), step)
    assert f"{step:.0e}"[0] in "125"


def test_a_picture_that_is_not_there_is_told(tables):
    with pytest.raises(ValueError, match="no picture of record called 'x', but: .*cl"):
        tables["picture_of"]("record", "x")


def test_what_pages_on_graphs_say(monkeypatch):
    monkeypatch.syspath_prepend(HERE / "measurements")
    import graph_strategies
    import label_flow

    def low_high(way, name):
        return graph_strategies.beside(kept[name], way, "random").interval

    kept = graph_strategies.kept()
    graphs = "digits", graph_strategies.LINEAR, "MNIST"
    assert {len(curves) for of in kept.values() for curves in of.values()} == {10}
    for name in graphs:
        for way in ("VOpt", "SigmaOpt", "MCVOpt"):
            assert low_high(way, name)[0] > 0, (way, name)
            local = graph_strategies.beside(
                kept[name], way, way + graph_strategies.LOCAL
            )
            assert local.interval[1] > 0
        assert low_high("entropy", name)[1] < 0
    assert all(low_high("ModelChange", name)[1] < 0 for name in graphs[1:])
    assert low_high("UncertainGCN", "random start")[1] < 0
    for data, of_labels in label_flow.read().items():
        for name, rows in of_labels.items():
            ahead = label_flow.pair_of(rows, "spreading", label_flow.best_of(rows))
            noise = data == "digits" and name in ("5", "10")
            low, high = ahead.interval
            assert low < 0 < high if noise else low > 0, (data, name)
            if ":" in name:
                lost = label_flow.pair_of(rows, "without balance", "spreading")
                assert lost.interval[1] < 0


def test_what_pages_on_missing_digits_say(monkeypatch):
    monkeypatch.syspath_prepend(HERE / "measurements")
    import missing_digits
    from missing_digits import FIRST, pair_of

    found = missing_digits.read()
    assert {len(numbers) for row in found.values() for numbers in row.values()} == {10}
    margin = "margin of the net"
    ways = ["VAAL", *(key for key in found if key.startswith(("SRAAL", "UncertainG")))]
    for way in ways:
        if "released" not in way:
            assert pair_of(found, way, margin, "share").interval[0] > 0, way
    images = pair_of(found, "VAAL, images", f"{margin}, images", "share")
    assert images.interval[0] > 0
    assert pair_of(found, f"VAAL{FIRST}", "VAAL", "share").interval[1] < 0
    low, high = pair_of(found, f"VAAL{FIRST}", f"{margin}{FIRST}", "share").interval
    assert low < 0 < high
    for other in ("VAAL", "the indicator alone"):
        assert pair_of(found, "SRAAL", other, "share").interval[0] > 0
    for where in ("", missing_digits.ON_NET):
        core = f"CoreSet{where}"
        low, high = pair_of(found, f"CoreGCN{where}, all pairs", core, "share").interval
        assert low < 0 < high
        near = pair_of(found, f"CoreGCN{where}, nearest neighbors", core, "share")
        assert near.interval[0] > 0


def test_what_the_page_on_predicted_losses_says(monkeypatch):
    monkeypatch.syspath_prepend(HERE / "measurements")
    import predicted_loss

    found = predicted_loss.read()
    losses, entropies, chance = (
        np.array(found["digits"][name]) for name in predicted_loss.ORDERS
    )
    assert losses.shape == entropies.shape == chance.shape == (10, 3)
    assert (losses.mean(axis=0) < entropies.mean(axis=0)).all()
    assert (losses.mean(axis=0) > chance.mean(axis=0)).all()
    for way in ("LL4AL", "LL4AL (paper)"):
        pair = predicted_loss.behind(found["kin8nm"], way)
        assert pair.n == 10 and pair.interval[0] > 0


def test_what_the_page_on_crowds_says(monkeypatch):
    monkeypatch.syspath_prepend(HERE / "measurements")
    import crowds

    seeds = crowds.read()

    def beside(policy, strategy, paid):
        names = (f"{each}/{strategy}/{paid}" for each in (policy, "one at random"))
        return crowds.beside(seeds, *names)

    for paid in crowds.PRICES:
        for policy in crowds.POLICIES:
            pair = crowds.beside(
                seeds, f"{policy}/margin/{paid}", f"{policy}/random/{paid}"
            )
            assert pair.mean > 0
        assert beside("all, Dawid-Skene", "margin", paid).interval[1] < 0
    assert beside("all, majority", "random", "1:1:1").interval[0] > 0
    for strategy in crowds.STRATEGIES:
        pairs = {
            policy: beside(policy, strategy, "1:1:1")
            for policy in list(crowds.POLICIES)[1:]
        }
        best = max(pairs, key=lambda policy: pairs[policy].mean)
        assert best == "best value" and pairs[best].interval[0] < 0
        for policy in list(crowds.POLICIES)[1:]:
            assert beside(policy, strategy, "1:1:3").interval[0] < 0


def test_seeds_of_another_device_follow_those_that_are_there():
    """Two seeds more, on what is at hand: pairs are of a seed, and so of a device."""
    import deep_defaults

    earlier = {"own": [0.5, 0.6], "device": ["cuda"] * 2}
    row = {"own": [0.7], "device": ["cpu"]}
    both = deep_defaults.with_earlier(row, earlier, 2)
    assert both == {"own": [0.5, 0.6, 0.7], "device": ["cuda", "cuda", "cpu"]}
    assert deep_defaults.with_earlier(row, earlier, 0) == row
    with pytest.raises(ValueError, match="--first 3 follows as many seeds"):
        deep_defaults.with_earlier(row, earlier, 3)
    with pytest.raises(ValueError, match="found: {}"):
        deep_defaults.with_earlier(row, {}, 3)
    given = Namespace(cifar=True, only="LL4AL", first=2, seeds=5, device="cpu")
    kept = {deep_defaults.OF_CIFAR: {"LL4AL": earlier}}
    deep_defaults.check_earlier(kept, given)
    given.only = "LL4AL,MoBYv2AL"  # refused before an hour of runs, and not after it
    with pytest.raises(ValueError, match="--first 2 follows as many seeds"):
        deep_defaults.check_earlier(kept, given)


def test_results_are_kept_with_a_line_for_each_entry(tmp_path):
    import _kept

    found = {"a": {"b": [1, 2.5], "c": {"d": None}}, "e": 3, "f": {}}
    path = tmp_path / "found.json"
    assert _kept.read(path) == {}
    _kept.write(path, found)
    assert _kept.read(path) == found
    lines = path.read_text("utf-8").splitlines()
    assert lines[:4] == ["{", ' "a": {', '  "b": [1, 2.5],', '  "c": {"d": null}},']
    _kept.write(path, found, depth=1)
    assert _kept.read(path) == found and len(path.read_text().splitlines()) == 4
    _kept.write(path, found, depth=3)
    assert _kept.read(path) == found and '   "d": null' in path.read_text()
