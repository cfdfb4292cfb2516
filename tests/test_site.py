"""The site: what the copy button copies, where links lead, what stands on each page."""

import doctest
import importlib
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
GUIDE = sorted(p.stem for p in (DOCS / "user_guide").glob("*.rst"))
PAGES = {
    path.relative_to(DOCS).as_posix(): path.read_text(encoding="utf-8")
    for path in [*DOCS.glob("*.rst"), *DOCS.glob("user_guide/*.rst")]
}
WITH_SNIPPETS = sorted(name for name, text in PAGES.items() if ">>> " in text)


@pytest.fixture(scope="module")
def conf():
    """Return the configuration; what it changes around it is put back."""
    for needed in ("sphinx_gallery", "sphinx_copybutton", "numpydoc"):
        pytest.importorskip(needed)
    path = list(sys.path)
    try:
        return runpy.run_path(str(DOCS / "conf.py"))
    finally:
        sys.path[:] = path


def extension(name):
    """Return a module of the documentation, which is not installed."""
    pytest.importorskip("sphinx")
    sys.path.insert(0, str(DOCS / "_ext"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


@pytest.fixture(scope="module")
def page_of():
    return extension("other_packages").page_of


def copied(text, conf):
    """Return what the button copies of a block of a page: its script, in Python."""
    prompt = re.compile(f"({conf['copybutton_prompt_text']})(.*)")
    goes_on = conf["copybutton_line_continuation_character"]
    lines, any_prompt, going_on = [], False, False
    for line in text.split("\n"):
        match = prompt.match(line)
        if match or going_on:
            lines.append(match[2] if match else line)
            going_on = line.endswith(goes_on)
        elif not line.strip():
            lines.append(line)
        any_prompt |= bool(match)
    return "\n".join(lines) if any_prompt else text


def blocks(text):
    """Return the blocks of a page that have prompts: each ends at an empty line."""
    found, block = [], []
    for line in [*text.splitlines(), ""]:
        if line.strip() and (block or line.lstrip().startswith((">>> ", "$ "))):
            block.append(line)
        elif block:
            indent = len(block[0]) - len(block[0].lstrip())
            found.append("\n".join(one[indent:] for one in block))
            block = []
    return found


def test_prompts_and_what_was_printed_are_not_copied(conf):
    shown = ">>> for k in 'ab':\n...     print(k)\n...\na\nb\n>>> 'a...'\n'a...'\n...z"
    assert copied(shown, conf) == "for k in 'ab':\n    print(k)\n\n'a...'"
    assert copied("$ pip \\\n    install a\ndone", conf) == "pip \\\n    install a"
    assert copied("x = 1\ny = 2", conf) == "x = 1\ny = 2"


@pytest.mark.parametrize("name", WITH_SNIPPETS)
def test_what_is_copied_is_the_code_and_compiles(name, conf):
    found = [block for block in blocks(PAGES[name]) if block.startswith(">>> ")]
    assert found
    for block in found:
        code = copied(block, conf)
        compile(code, name, "exec")
        examples = doctest.DocTestParser().get_examples(block)
        typed = "".join(example.source for example in examples)
        # A lone "..." is an empty line to the button and nothing to doctest.
        assert code.split() == typed.split()


def test_a_page_runs_as_it_is_copied(conf):
    found = blocks(PAGES["user_guide/outliers.rst"])
    code = "\n".join(copied(block, conf) for block in found)
    subprocess.run([sys.executable, "-c", code], check=True, timeout=100)


@pytest.mark.parametrize("name", [p for p in PAGES if "$ " in PAGES[p]])
def test_commands_are_copied_whole(name, conf):
    for block in blocks(PAGES[name]):
        if block.startswith("$ "):
            assert not re.search(r"^\$ ", copied(block, conf), flags=re.MULTILINE)


# The decision and the targets lead to pages of the guide, which lead to the gallery.
@pytest.mark.parametrize(
    "name", sorted(set(GUIDE) - {"index", "which_strategy", "targets"})
)
def test_page_of_the_guide_leads_to_the_gallery(name):
    text = PAGES[f"user_guide/{name}.rst"]
    _, _, gallery = text.partition(".. minigallery::")
    scripts = re.findall(r"^   \.\./(\S+\.py)$", gallery, flags=re.MULTILINE)
    assert scripts
    assert all((ROOT / script).is_file() for script in scripts)


def test_every_example_is_shown_in_the_guide():
    guide = "".join(PAGES[f"user_guide/{name}.rst"] for name in GUIDE)
    for path in (ROOT / "examples").rglob("*.py"):
        if path.parent.name == "teaching":  # a page of its own leads to these
            label = f"sphx_glr_auto_examples_teaching_{path.name}"
            assert f":ref:`{label}`" in PAGES["teaching.rst"]
            continue
        script = f"../examples/{path.relative_to(ROOT / 'examples').as_posix()}"
        assert f"   {script}\n" in guide, script


def test_folders_of_the_api_have_captions():
    tables = PAGES["api.rst"].split(".. currentmodule:: ")[1:]
    assert len(tables) > 20
    for table in tables:
        module = table.split()[0]
        assert f"   :caption: {module}\n" in table


SKLEARN = "https://scikit-learn.org/stable/modules/generated"


@pytest.mark.parametrize(
    ("name", "page"),
    [
        (
            "sklearn.linear_model.Ridge",
            f"{SKLEARN}/sklearn.linear_model.Ridge.html",
        ),
        (
            "sklearn.linear_model.Ridge.fit",
            f"{SKLEARN}/sklearn.linear_model.Ridge.html#sklearn.linear_model.Ridge.fit",
        ),
        (
            "sklearn.linear_model",
            "https://scikit-learn.org/stable/api/sklearn.linear_model.html",
        ),
        (
            "numpy.ndarray.astype",
            "https://numpy.org/doc/stable/reference/generated/numpy.ndarray.astype.html",
        ),
        (
            "numpy.random.RandomState",
            "https://numpy.org/doc/stable/reference/random/legacy.html"
            "#numpy.random.RandomState",
        ),
        (
            "scipy.optimize.milp",
            "https://docs.scipy.org/doc/scipy/reference/generated/scipy.optimize.milp.html",
        ),
        # Nowhere, misspelled, private, a number, a type of numbers, ours, another's.
        ("sklearn.linear_model.Rigde", None),
        ("sklearn.linear_modle.Ridge", None),
        ("sklearn.linear_model.Ridge.fitt", None),
        ("sklearn.utils._tags.Tags", None),
        ("numpy.inf", None),
        ("numpy.float32", None),
        ("numpy.random.normal", None),
        ("skactive.ActiveLearner", None),
        ("this.s", None),
        ("", None),
    ],
)
def test_names_of_other_packages_lead_to_their_pages(name, page, page_of):
    assert page_of(name) == page


@pytest.mark.deep
@pytest.mark.parametrize(
    ("name", "page"),
    [
        (
            "skorch.NeuralNetClassifier",
            "classifier.html#skorch.classifier.NeuralNetClassifier",
        ),
        (
            "skorch.callbacks.EpochScoring",
            "callbacks.html#skorch.callbacks.EpochScoring",
        ),
        ("torch.nn.Dropout", "generated/torch.nn.Dropout.html"),
        ("torch.autocast", "amp.html#torch.autocast"),
        ("torch.nn.Parameter", None),
        ("torch.float32", None),
    ],
)
def test_names_of_nets_lead_to_their_pages(name, page, page_of):
    pytest.importorskip("skorch")
    found = page_of(name)
    assert found == page or found.endswith(f"/stable/{page}")


def references():
    """Return the names of other packages that roles in pages and docstrings have."""
    role = re.compile(r":(?:class|func|meth|mod|exc|obj):`~?((?:numpy|s\w+)\.[\w.]+)`")
    texts = [path.read_text("utf-8") for path in (ROOT / "skactive").rglob("*.py")]
    found = {name for text in [*PAGES.values(), *texts] for name in role.findall(text)}
    return sorted(n for n in found if n.split(".")[0] in ("numpy", "scipy", "sklearn"))


def test_there_are_references_to_others():
    assert "sklearn.frozen.FrozenEstimator" in references()


@pytest.mark.parametrize("name", references())
def test_reference_to_another_package_is_a_link(name, page_of):
    assert page_of(name)


def test_source_is_linked_where_it_is():
    url_of = extension("source_links").source_url
    module = "skactive.diversity"
    here = url_of("R", "0.1.0.dev0", module, "CoreSet.fit")
    path, _, lines = here.removeprefix("R/blob/main/").partition("#L")
    first = (ROOT / path).read_text("utf-8").splitlines()[int(lines.split("-L")[0]) - 1]
    assert first.strip().startswith(("@", "def fit("))
    assert url_of("R", "0.1.0", module, "CoreSet").startswith("R/blob/v0.1.0/skactive/")
    # Inherited from scikit-learn, set by fit, not there.
    for name in ("CoreSet.get_params", "CoreSet.queried_", "Nothing"):
        assert url_of("R", "0.1.0", module, name) is None


def test_version_switcher_knows_this_version(conf):
    versions = json.loads((DOCS / "_static" / "switcher.json").read_text("utf-8"))
    switcher = conf["html_theme_options"]["switcher"]
    assert switcher["version_match"] == conf["release"]
    assert conf["release"] in [one["version"] for one in versions]
    assert all(one["url"].startswith(conf["SITE"]) for one in versions)


def test_the_first_links_of_the_front_page_are_in_the_top_bar(conf):
    first = PAGES["index.rst"].split(".. toctree::")[1].split("\n\n")[1].split()
    assert len(first) == conf["html_theme_options"]["header_links_before_dropdown"]
    assert {"api", "auto_examples/index", "user_guide/index"} <= set(first)


def broken_rows(text):
    """Return the lines in simple tables that were meant to go on with a row.

    What has words in its first column is a new row, whatever was meant. It was meant to
    go on if nothing else is in it, or the first column above ends in mid-sentence.
    """
    border = re.compile(r"\s*(=+ +)+=+\s*")
    found, width, above = [], None, ""
    for line in text.splitlines():
        if border.fullmatch(line):
            width, above = line.index("= ") + 1, ""
        elif not line.strip():
            width = None
        elif width:
            first, rest = line[:width].strip(), line[width:].strip()
            cut = re.search(r"(,|-| (a|an|and|by|for|of|or|the|to|with))$", above)
            into_margin = line[width : width + 1].strip(" -")
            if into_margin or (
                above and first and (cut or not rest) and set(above) != {"-"}
            ):
                found.append(line)
            above = first
    return found


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        (["one or 2      x", "two           y"], 0),
        (["one,          x", "two           y"], 1),
        (["one for       x", "two           y"], 1),
        (["one           x", "two"], 1),
        (["one of the two x"], 1),
        (["one           x", "              y", "two           z"], 0),
    ],
    ids=["whole", "comma", "word", "empty", "long", "goes on"],
)
def test_broken_rows_are_seen(rows, faults):
    border = "============  ==="
    table = "\n".join(["Text", "", border, "a             b", border, *rows, border])
    assert len(broken_rows(table)) == faults


TABLES = [*DOCS.glob("*.rst"), *DOCS.glob("user_guide/*.rst")]
TABLES += (ROOT / "skactive").rglob("*.py")


def test_rows_of_tables_do_not_break():
    faults = {
        path.relative_to(ROOT).as_posix(): rows
        for path in TABLES
        if (rows := broken_rows(path.read_text(encoding="utf-8")))
    }
    assert not faults
