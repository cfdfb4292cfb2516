"""The pages for those who come from another library: both loops, and all names."""

import doctest
import importlib
import inspect
import re
import textwrap
import warnings
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
pytestmark = pytest.mark.skipif(
    not DOCS.is_dir(), reason="the pages are not installed with the package"
)


def page(name):
    return (DOCS / f"moving_from_{name}.rst").read_text(encoding="utf-8")


def run_theirs(text):
    """What the block of code of the other library leaves behind."""
    block = re.search(r"\.\. code-block:: python\n\n((?: {3}.*\n|\n)+)", text)[1]
    left = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(textwrap.dedent(block), left)
    return left


def run_ours(text):
    left = {}
    for example in doctest.DocTestParser().get_examples(text):
        exec(compile(example.source, "page", "single"), left)
    return left


# Those that can be installed beside the newest scikit-learn; in CI it is the first.
@pytest.mark.parametrize(
    ("name", "package"),
    [("scikit_activeml", "skactiveml"), ("small_text", "small_text")],
)
def test_both_loops_ask_for_the_same_rows(name, package):
    pytest.importorskip(package)
    text = page(name)
    theirs, ours = run_theirs(text)["asked"], run_ours(text)["asked"]
    assert len(ours) == 20
    assert [int(row) for row in theirs] == ours


@pytest.mark.parametrize("folder", ["pool", "stream"])
def test_every_strategy_of_scikit_activeml_is_spoken_of(folder):
    there = pytest.importorskip(f"skactiveml.{folder}")
    text = page("scikit_activeml")
    strategies = {
        name
        for name in there.__all__
        if inspect.isclass(found := getattr(there, name))
        and not inspect.isabstract(found)
    }
    assert len(strategies) > 10
    told = set(re.findall(r"``(?:stream\.)?(\w+)", text))
    missing = {
        name
        for name in strategies - told
        # The page has the first of them, and says that they are several.
        if not name.startswith("CognitiveDualQueryStrategy")
    }
    assert missing == set()


@pytest.mark.parametrize(
    "name", ["modal", "scikit_activeml", "small_text", "baal", "alipy", "libact"]
)
def test_the_names_of_ours_exist(name):
    """Sphinx says so too; here it is seen without building."""
    found = re.findall(r":(?:class|func):`[^`]*?~?(skactive\.[\w.]+)>?`", page(name))
    assert len(found) > 3
    for path in found:
        module, attribute = path.rsplit(".", 1)
        if "nets" in module:
            pytest.importorskip("torch")
        assert hasattr(importlib.import_module(module), attribute), path
