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
