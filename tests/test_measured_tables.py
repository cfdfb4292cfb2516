"""Tables that pages take from results: there, complete, and what the page says."""

import re
import runpy
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
GUIDE = HERE.parent / "docs" / "user_guide"
SHOWN = [
    (page.stem, *found.split(maxsplit=1))
    for page in sorted(GUIDE.glob("*.rst"))
    for found in re.findall(r"^\.\. measured:: (.+)$", page.read_text("utf-8"), re.M)
]
pytestmark = pytest.mark.deep  # scripts that train nets


@pytest.mark.parametrize("page, script, name", SHOWN, ids=map(" ".join, SHOWN))
def test_a_table_of_a_page_has_rows_of_one_length(page, script, name):
    table_of = runpy.run_path(str(HERE / "measurements" / "_tables.py"))["table_of"]
    lines = table_of(script, name)[3:]
    starts = [k for k, line in enumerate(lines) if line.startswith("   * - ")]
    lengths = {b - a for a, b in zip(starts, [*starts[1:], len(lines)])}
    assert len(starts) > 3 and len(lengths) == 1


def test_there_are_such_tables():
    assert {"entropy", "nets"} <= {page for page, _, _ in SHOWN}


def test_what_the_page_on_entropy_says(monkeypatch):
    monkeypatch.syspath_prepend(HERE / "measurements")
    import entropy

    areas = entropy.kept()
    text = " ".join((GUIDE / "entropy.rst").read_text("utf-8").split())

    def ahead(way, *names, base="entropy"):
        names = [f"al_survey2021/{name}" for name in names] or list(areas)
        return entropy.compared(areas, names, base)[way]

    def rounded(number, digits=0):
        return f"{abs(number):.{digits}f}"

    many, fewer = (
        [rounded(ahead(way, name)["means"][0]) for name in ("d31", "r15")]
        for way in ("margin", "random")
    )
    assert f"With 31 and 15 classes it was {many[0]} and {many[1]} points" in text
    assert f"entropy {fewer[0]} and {fewer[1]} points behind *random*" in text
    lost = ahead("entropy, then k-center", "ringnorm")
    assert f"it lost {rounded(lost['means'][0], 1)} points" in text
    assert lost["runs behind"] == 1
    least = ahead("entropy, then k-means")["means"].min()
    assert f"largest loss was {rounded(least, 1)} points" in text
    losses = "entropy and predicted loss", "the same, losses shuffled"
    names = [name for name in areas if losses[0] in areas[name]]
    pair = {name: {way: areas[name][way] for way in losses} for name in names}
    found = entropy.compared(pair, names, losses[1])[losses[0]]
    low, high = found["interval"]
    said = f"{found['means'].mean():.2f} points ({low:+.1f} to {high:+.1f})"
    assert f"on {len(names)} data sets the two differ by {said}" in text


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
