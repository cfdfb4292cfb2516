"""Tables that pages take from results: there, complete, and what the page says."""

import re
import runpy
from pathlib import Path

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
