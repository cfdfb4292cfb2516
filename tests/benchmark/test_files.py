"""Names of files: safe on every system, another one for each name, old ones kept."""

import re
from urllib.parse import quote

import pytest

from skactive.benchmark._files import file_name, folder_of, picture_name, short_hash

HOSTILE = [
    "",
    ".",
    "..",
    "...",
    "../..",
    "/",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "a/../..",
    "C:\\x",
    "C:",
    "\x00",
    "a\x00b",
    "\n",
    " ",
    " a",
    "a ",
    "a.",
    "a..",
    "a. ",
    ".a",
    "~",
    "-rf",
    "CON",
    "con",
    "Nul",
    "nul.txt",
    "COM1",
    "lpt9.x.y",
    "aux.",
    "a" * 300,
    "a" * 299 + "b",
    "策" * 100,
    "a|b?*<>\":'",
    "100 %",
    "%2E%2E",
    "%empty",
    "%00",
    "\u00e9",  # composed, and of two letters
    "e\u0301",
    "\ud800",
    "\U0001f600",
    "$HOME",
    "seed-0.npz",
    "report",
]
# What had its name before, and is to keep it.
ORDINARY = [
    "CoreSet",
    "RandomSampling",
    "digits",
    "al_survey2021/iris",
    "SpreadingSampler (its own model)",
    "RandomSampling (model of SpreadingSampler)",
    "a|b: 100 %",
    "iris é",
    "QBC-2.5",
    ".hidden",
    "console",
    "company.1",
    "x" * 100,
]


@pytest.mark.parametrize(
    "name", [*HOSTILE, *ORDINARY], ids=lambda name: repr(name)[:20]
)
def test_a_file_name_is_safe_everywhere(name):
    made = file_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_.%~-]{1,160}", made)
    assert made.strip(".") and not made.endswith(".")
    stem = made.partition(".")[0].upper()
    assert not re.fullmatch("CON|PRN|AUX|NUL|(COM|LPT)[0-9]", stem)
    assert file_name(name) == made


def test_each_name_has_a_file_name_of_its_own():
    names = [*HOSTILE, *ORDINARY]
    assert len({file_name(name) for name in names}) == len(set(names))


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_names_are_what_they_were(name):
    assert file_name(name) == quote(name, safe="")


@pytest.mark.parametrize("name", [n for n in HOSTILE if n], ids=lambda n: repr(n)[:20])
def test_a_folder_that_is_there_under_its_old_name_is_found(name, tmp_path):
    try:
        old = quote(name, safe="")
        (tmp_path / old).mkdir()
    except (OSError, UnicodeEncodeError):
        pytest.skip("older versions could not store this name")
    found = folder_of(tmp_path, name)
    assert found.parent == tmp_path and found.resolve().parent == tmp_path.resolve()
    assert found == tmp_path / old or not old.strip(".")


def test_names_that_differ_in_their_case_alone_are_told_apart(tmp_path):
    names = ["Margin", "margin", "MARGIN"]
    folders = []
    for name in names:
        folders.append(folder_of(tmp_path, name))
        folders[-1].mkdir()
    assert folders[0].name == "Margin"
    assert len({folder.name.lower() for folder in folders}) == 3
    assert [folder_of(tmp_path, name) for name in names] == folders


def test_old_folders_that_differ_in_their_case_alone_are_kept(tmp_path):
    for name in ("Margin", "margin"):
        (tmp_path / name).mkdir(exist_ok=True)
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("this file system takes them for one")
    assert folder_of(tmp_path, "margin").name == "margin"


def test_pictures_of_other_names_have_other_files():
    taken = {"penalties", "ranks"}
    names = [
        "x/y",
        "x y",
        "X_y",
        "penalties",
        "Ranks",
        "",
        "..",
        "/",
        "\u00e9",
        "e\u0301",
        "con",
    ]
    names += ["a" * 300, "a" * 299 + "b", "策" * 60, "toy"]
    made = [picture_name(name, taken) for name in names]
    assert made[0] == "x_y.png" and made[-1] == "toy.png"
    assert len({name.lower() for name in made}) == len(names)
    assert not {"penalties.png", "ranks.png", "con.png"} & {n.lower() for n in made}
    for name in made:
        assert re.fullmatch(r"\w+\.png", name) and len(name.encode()) < 150
    assert made[1] == f"x_y_{short_hash('x y')}.png"
