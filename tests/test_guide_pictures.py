"""Pictures of the guide: each page has one, says what is on it and what draws it."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
GUIDE = sorted((DOCS / "user_guide").glob("*.rst"))

DRAWN = re.compile(
    r"^\.\. (?:image|figure):: (?P<path>\S+)\n(?P<options>(?:   +\S.*\n)*)",
    re.MULTILINE,
)


def faults_of_pictures(text):
    """Return what is wrong with the pictures of a page of the guide."""
    faults, found = [], list(DRAWN.finditer(text))
    drawn = any(f".. {name}-picture::" in text for name in ("decision", "measured"))
    if not found and not drawn:
        faults.append("no picture")
    for picture in found:
        path = picture["path"]
        if not re.search(r"^   :alt: \S", picture["options"], flags=re.MULTILINE):
            faults.append(f"{path}: no alt text")
        made = re.fullmatch(
            r"/auto_examples/(.*/)?images/sphx_glr_(plot_\w+)_\d{3}\.png", path
        )
        if not made:
            if not (DOCS / "user_guide" / path).is_file():
                faults.append(f"{path}: no such file")
            continue
        folder, name = made[1] or "", made[2]
        if not (ROOT / "examples" / folder / f"{name}.py").is_file():
            faults.append(f"{path}: no example draws it")
        label = f"sphx_glr_auto_examples_{folder.replace('/', '_')}{name}.py"
        if f"<{label}>`" not in text[picture.end() :]:
            faults.append(f"{path}: no link to what draws it")
    return faults


@pytest.mark.parametrize("name", [p.stem for p in GUIDE if p.stem != "index"])
def test_page_of_the_guide_has_pictures_and_says_what_draws_them(name):
    page = DOCS / "user_guide" / f"{name}.rst"
    assert not faults_of_pictures(page.read_text(encoding="utf-8"))


A_PICTURE = (
    ".. figure:: /auto_examples/compose/images/sphx_glr_plot_costs_001.png\n"
    "   :alt: Curves.\n\n"
    "   Drawn by :ref:`this <sphx_glr_auto_examples_compose_plot_costs.py>`.\n"
)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (A_PICTURE, None),
        (".. decision-picture::\n", None),
        (".. measured-picture:: record classes\n", None),
        (".. image:: ../_static/logo.svg\n   :alt: A pool.\n", None),
        ("Words.\n", "no picture"),
        (A_PICTURE.replace("   :alt: Curves.\n", ""), "no alt text"),
        (A_PICTURE.replace(" Curves.", ""), "no alt text"),
        (A_PICTURE.replace("/compose/", "/nowhere/"), "no example draws it"),
        (A_PICTURE.replace("plot_costs_001", "plot_cost_001"), "no example draws it"),
        (A_PICTURE.replace("py>", "txt>"), "no link to what draws it"),
        (A_PICTURE.replace("_001.png", ".png"), "no such file"),
        (".. image:: ../_static/nowhere.svg\n   :alt: It.\n", "no such file"),
    ],
    ids=[
        "whole",
        "drawn by a directive",
        "drawn of what was measured",
        "drawn by hand",
        "none",
        "no alt",
        "empty alt",
        "another folder",
        "misspelled",
        "no link",
        "no number",
        "no file",
    ],
)
def test_faults_of_pictures_are_seen(text, fault):
    found = faults_of_pictures(text)
    assert any(fault in one for one in found) if fault else not found


def test_drawings_name_themselves():
    for path in (DOCS / "_static").glob("*.svg"):
        root = ElementTree.parse(path).getroot()
        assert root.find("{http://www.w3.org/2000/svg}title").text, path.name
