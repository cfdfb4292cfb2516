"""What newcomers look for: the list that .ci/browser walks through in a browser."""

import re
import runpy
import sys
from pathlib import Path

import pytest

pytest.importorskip("fcntl")  # the browser is spoken to through a pipe

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def script():
    """Return what the script defines; the path is put back."""
    path = list(sys.path)
    sys.path.insert(0, str(ROOT / ".ci"))
    try:
        return runpy.run_path(str(ROOT / ".ci" / "browser.py"))
    finally:
        sys.path[:] = path
        sys.modules.pop("devtools", None)


@pytest.fixture(scope="module")
def tasks(script):
    return script["read_tasks"]()


def text_of(page):
    """Return the source of a page that is called by its address."""
    return (DOCS / page.replace(".html", ".rst")).read_text(encoding="utf-8")


def anchors(text):
    """Return the names that Sphinx gives to the headings of a page."""
    titles = re.findall(r"^(\S.*)\n(?:=|-|~){3,}$", text, flags=re.MULTILINE)
    return [re.sub("[^a-z0-9]+", "-", title.lower()).strip("-") for title in titles]


def test_twenty_tasks_in_words_of_their_own(tasks):
    assert len(tasks) == 20
    assert all(len(task) == 4 and task[0] and task[1] for task in tasks)
    assert len({task[0] for task in tasks}) == len({task[1] for task in tasks}) == 20


def test_pages_that_answer_exist(tasks):
    for _, _, page, anchor in tasks:
        assert not anchor or anchor in anchors(text_of(page)), (page, anchor)


def test_the_front_page_leads_to_each(tasks):
    front = text_of("index.html")
    for task, _, page, _ in tasks:
        names = [page.removesuffix(".html")]
        names += re.findall(r"^\.\. _([^:]+):$", text_of(page), flags=re.MULTILINE)
        assert any(f"<{name}>`" in front for name in names), task


def test_code_is_compared_without_the_flags_of_doctest(script):
    page = "Text.\n\n>>> f(\n...     1\n... )  # doctest: +SKIP\n2\n"
    assert script["typed"](page) == ["f(", "1", ")"]


def test_without_a_browser_it_says_what_to_install(script, monkeypatch):
    find = script["Browser"].__init__.__globals__["find_browser"]
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    with pytest.raises(SystemExit, match="apt-get install chromium"):
        find()


def pages_with_words():
    """Return {page: its source} of those that give words to the index."""
    paths = [*DOCS.glob("*.rst"), *DOCS.glob("user_guide/*.rst")]
    texts = {
        path.relative_to(DOCS).as_posix(): path.read_text("utf-8") for path in paths
    }
    return {name: text for name, text in texts.items() if ".. index::" in text}


def test_the_first_words_for_the_index_are_above_the_title():
    # The search leads to the top of a page for these: docs/_ext/search_scorer.js.
    pages = pages_with_words()
    assert len(pages) > 40
    assert [n for n, text in pages.items() if not text.startswith(".. index::")] == []


def test_words_for_the_index_are_main_entries():
    # The search shows others after everything else.
    directive = re.compile(r"^\.\. index::(.*\n(?:   \S.*\n)*)", flags=re.MULTILINE)
    for name, text in pages_with_words().items():
        for found in directive.findall(text):
            words = [word.strip() for word in re.split("[,\n]", found) if word.strip()]
            assert words and all(word.startswith("! ") for word in words), name
