"""What README, pages and examples promise, held against the package."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from skactive.testing import all_strategies

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_has_two_commands_of_one_line_each():
    commands = re.findall(r"^\$ (.*)$", README, flags=re.MULTILINE)
    assert len(commands) == 2
    assert all(command.startswith("python3 -m venv .venv && ") for command in commands)
    assert commands[0].endswith("/python examples/plot_quickstart.py")
    # .ci/run takes its test command from here by this pattern.
    assert [bool(re.match("python3 .*pytest.*$", c)) for c in commands] == [False, True]


ALL = all_strategies(boxes=True, numbers=True)


@pytest.mark.parametrize("name", [s.__name__ for s in ALL])
def test_strategy_is_named_in_readme_and_in_the_table_of_the_literature(name):
    assert f"`{name}`" in README
    literature = (ROOT / "docs" / "literature.rst").read_text(encoding="utf-8")
    assert f".{name}`" in literature


@pytest.mark.parametrize(
    "name",
    [s.__name__ for s in ALL if ".deep." not in s.__module__],
)
def test_memory_of_a_strategy_is_in_the_table(name):
    page = (ROOT / "docs" / "batch_speed.rst").read_text(encoding="utf-8")
    assert f"``{name}``" in page.split("Bytes above the input")[1]


def test_every_page_of_the_guide_is_in_its_table_and_its_tree():
    folder = ROOT / "docs" / "user_guide"
    index = (folder / "index.rst").read_text(encoding="utf-8")
    table, *trees = index.split(".. toctree::")
    pages = {path.stem for path in folder.glob("*.rst")} - {"index"}
    assert set(re.findall(r":doc:`(\w+)`", table)) == pages
    listed = [line.strip() for tree in trees for line in tree.splitlines()]
    assert sorted(line for line in listed if line in pages) == sorted(pages)
    assert all(":caption: " in tree for tree in trees)


def test_every_folder_of_examples_has_its_place_in_the_gallery():
    folders = {path.parent.name for path in (ROOT / "examples").glob("*/plot_*.py")}
    conf = (ROOT / "docs" / "conf.py").read_text(encoding="utf-8")
    assert set(re.findall(r'"\.\./examples/(\w+)"', conf)) == folders


def test_quickstart_prints_what_readme_says_and_saves_the_picture(tmp_path):
    run = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "plot_quickstart.py")],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "agg", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert "margin has the larger AULC in 5 of 5 seeds" in run.stdout
    needed = int(re.search(r"margin is there after (\d+) labels", run.stdout)[1])
    promised = int(re.search(r"after about\s+(\d+) labels", README)[1])
    assert abs(needed - promised) <= 10
    assert (tmp_path / "quickstart.png").stat().st_size > 10_000
