"""Numbers of the user guide: what was measured comes from results, and is not typed.

A page keeps its measurements in a section "Evidence", and takes them from results: by
the directive ``measured`` for tables and the role of that name for numbers in
sentences. No number with a unit of measurement was typed.
"""

import re
from itertools import pairwise
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[1] / "docs" / "user_guide"
PAGES = {path.stem: path.read_text("utf-8") for path in sorted(GUIDE.glob("*.rst"))}

#: Numbers with a unit that are no results but settings or definitions, by page; each
#: with the words around it.
SETTINGS = {
    "adversarial": ["by default 2 % farther", "with an interval of 95 %"],
    "bald": ["Beyond 95 % of it", "with an interval of 95 %"],
    "benchmark": [
        "with a 95 % bootstrap interval",
        "with an interval of 95 % over seeds",
        "with an interval of 95 % for which",
    ],
    "clusters": ["with the interval of 95 % in brackets", "with an interval of 95 %"],
    "comparing": [
        "two are better by 0.02 from",
        "an interval called 95 % then",
        "a paired t-test at 5 % see",
        "needs at least six to reach 5 % at all",
        "an interval of 95 % does not contain",
    ],
    "conditions": [
        "by a paired t-test at 5 %, else",
        "noise of a standard deviation of 0.05",
    ],
    "covering": ["for which 95 % of the balls", "with an interval of 95 %"],
    "crowds": ["the interval of 95 % over the seeds"],
    "datasets": ["with an interval of 95 % over seeds"],
    "deep": ["the interval of 95 % over the seeds"],
    "defaults": ["the interval of 95 % over tables", "over the seeds is below 5 %"],
    "disagreement": ["with an interval of 95 %"],
    "discriminative": ["is right about 98 % of the samples", "an interval of 95 %"],
    "diversity": ["with the interval of 95 % in brackets"],
    "entropy": ["less the 5 % of the pool", "interval of 95 % of the mean"],
    "gcn": ["interval of 95 % over the seeds", "with their interval of 95 %"],
    "gradients": ["with an interval of 95 %"],
    "graph_strategies": ["with an interval of 95 %"],
    "graphs": ["with the interval of 95 % over the draws"],
    "label_set_sampling": ["its interval of 95 %"],
    "large_pools": [
        "more than the pool and 100 MB",
        "up to 32 MB of the labeled rows",
        "as many rows as take 32 MB",
    ],
    "learner": ["fewer than 5 % of the labels missing", "interval of 95 % over seeds"],
    "ll4al": [
        "after 60 % of the epochs",
        "the interval of 95 % over the seeds",
        "with its interval of 95 %",
    ],
    "lookahead": ["with an interval of 95 %"],
    "measuring": ["at the level of 5 %", "with an interval of 95 % over seeds"],
    "missing_classes": ["with the interval of 95 % over the seeds"],
    "nets": ["with an interval of 95 % over seeds"],
    "partitions": ["at most 4 times the best radius"],
    "reconstruction": ["in the first 60 % of the epochs"],
    "record": ["by a paired t-test over the seeds at 5 %"],
    "regression": [
        "in 95 % of draws of tables",
        "by a paired t test at 5 %, of which one in forty",
        "random by a paired t test at 5 %; by chance",
    ],
    "revival": [
        "over the first 30 % of the steps",
        "with its interval of 95 %",
        "the interval of 95 % of the mean",
    ],
    "schedules": ["with an interval of 95 %"],
    "segmentation": ["which holds 64 MB, or one image"],
    "sraal": [
        "decay by 0.85, some thirty times",
        "with the interval of 95 % over the seeds",
    ],
    "stopping": [
        "5 have a share of 0.886",
        "0.99 means that predictions moved",
        "an interval of 95 %",
    ],
    "streams": ["all .4; all .01; 0"],
    "uncertainty": ["with an interval of 95 %"],
}

NUMBER = r"[-+−±]?\d[\d,]*(?:\.\d+)?"
MANY = rf"{NUMBER}(?:\s*(?:to|and|or|,|±|:)\s*{NUMBER})*"
UNITS = r"points?|%|percent|seconds?|s|ms|minutes?|hours?|MB|GB|times"
#: A number (or several) with a unit, and a share such as 0.93 or .930.
TYPED = re.compile(
    rf"(?<![\w./\-]){MANY}\s?(?:(?:{UNITS})\b|%)|(?<![\w./=(\[,])[-+−±]?0?\.\d{{2,}}(?![\w/])"
)
INLINE = re.compile(r":[\w:+-]+:`[^`]*`|``.+?``|`[^`]*`_+|\|\w+\|", re.S)
UNDERLINE = re.compile(r"([=\-~^\"'*+#])\1{2,}$")


def without_what_is_no_text(text):
    """Return a page without code, what it prints, directives and inline markup."""
    kept, skipped, inside = [], None, False
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if skipped is not None and (not line.strip() or indent > skipped):
            continue
        skipped = None
        if line.lstrip().startswith(">>> "):
            inside = True
        if inside:  # until the empty line after what was printed
            inside = bool(line.strip())
            continue
        if line.lstrip().startswith(".. "):
            skipped = indent
            continue
        if line.rstrip().endswith("::"):
            skipped = indent
        kept.append(line)
    return INLINE.sub("_", "\n".join(kept))


def sections(text):
    """Yield (title, text) of all sections; a text has those of its subsections."""
    lines, found, order = text.splitlines(), [], []
    for k, (title, under) in enumerate(pairwise(lines)):
        over = k > 0 and lines[k - 1] == under
        if UNDERLINE.match(under) and title.strip() and title[:1] != " ":
            if len(under) < len(title.rstrip()) or UNDERLINE.match(title):
                continue
            style = under[0], over
            if style not in order:
                order.append(style)
            found.append((order.index(style), title.strip(), k))
    for n, (level, title, k) in enumerate(found):
        ends = [end for other, _, end in found[n + 1 :] if other <= level]
        yield title, "\n".join(lines[k + 2 : min(ends, default=len(lines))])


def typed(text, settings=()):
    """Return the numbers with a unit that were typed into a text."""
    text = " ".join(without_what_is_no_text(text).split())
    for phrase in settings:
        text = text.replace(phrase, " ")
    return [match.group().strip() for match in TYPED.finditer(text)]


ALL = sorted(PAGES)


@pytest.mark.parametrize("page", ALL)
def test_no_number_of_a_page_was_typed(page):
    found = typed(PAGES[page], SETTINGS.get(page, ()))
    assert not found, (
        f"docs/user_guide/{page}.rst has numbers that were typed: {found}. Let a "
        "script in tests/measurements give them, and show them by :measured:`script "
        "name` in a section called Evidence; or, if one is a setting and no result, "
        "name its phrase in SETTINGS."
    )


@pytest.mark.parametrize("page", ALL)
def test_evidence_names_its_command_and_when(page):
    for title, text in sections(PAGES[page]):
        if title == "Evidence":
            assert re.search(r"python (-m )?[\w./]*", text), "no command"
            assert re.search(r"\bseeds?\b", text), "no seeds"
            assert re.search(r"\b20\d\d\b", text), "no date"


@pytest.mark.parametrize("page", ALL)
def test_what_is_measured_stands_in_evidence_or_is_a_word_of_advice(page):
    """Tables stand in the section; sentences elsewhere may quote a number of it."""
    text = PAGES[page]
    tables = re.findall(r"^\.\. measured::.*$", text, re.M)
    inside = [part for title, part in sections(text) if title == "Evidence"]
    for table in tables:
        assert any(table in part for part in inside), f"{table} is not in Evidence"


@pytest.mark.parametrize(
    "page, phrase", [(p, phrase) for p, all_ in SETTINGS.items() for phrase in all_]
)
def test_a_setting_is_still_said(page, phrase):
    said = " ".join(without_what_is_no_text(PAGES[page]).split())
    assert phrase in said and TYPED.search(phrase)


def test_most_pages_have_evidence():
    there = [page for page in ALL if "\nEvidence\n===" in PAGES[page]]
    assert {"entropy", "streams", "history", "uncertainty"} <= set(there)


# --------------------------------------------------- the audit itself, by hand


@pytest.mark.parametrize(
    "text, found",
    [
        ("it lost 13.7 points", ["13.7 points"]),
        ("13 and 21 points ahead", ["13 and 21 points"]),
        ("ahead by 3.6 ± 5.6 points", ["3.6 ± 5.6 points"]),
        ("ahead by\n0.1\npoints", ["0.1 points"]),
        ("an accuracy of .930", [".930"]),
        ("from 0.884 to 0.897", ["0.884", "0.897"]),
        ("−0.180 against random", ["−0.180"]),
        ("+.040 of area", ["+.040"]),
        ("took 2.5 s, or 40 ms", ["2.5 s", "40 ms"]),
        ("53.6 % right", ["53.6 %"]),
        ("53.6% right", ["53.6%"]),
        ("twice: 3 times as fast", ["3 times"]),
        ("=====  =====\nname   0.884\n=====  =====", ["0.884"]),
        ("needs 391 MB", ["391 MB"]),
        (":measured:`entropy lost 1.0 points` points", []),
        ("``alpha=0.05`` and ``0.25``", []),
        (">>> score\n0.884\n\nend", []),
        (">>> score\n0.884\n\nlater 0.931", ["0.931"]),
        (".. code-block:: console\n\n   $ sleep 10 s\n\nend", []),
        (".. measured:: entropy 0.95\n", []),
        ("for instance::\n\n   0.884\n\nend", []),
        ("20 labels, 100 more in batches of 10, 8 tables", []),
        ("version 1.0.1, 3.11 or later, 2026", []),
        ("10 seconds thoughts", ["10 seconds"]),
        ("the 10 samples", []),
        ("arXiv:2204.00005 and doi.org/10.1000/0.55", []),
    ],
)
def test_what_counts_as_a_number_that_was_typed(text, found):
    assert typed(text) == found


def test_a_setting_does_not_count():
    text = "the 5 % that are farthest, at 95 %"
    assert typed(text, ["the 5 % that are"]) == ["95 %"]


def test_sections_end_where_the_next_of_their_level_begins():
    text = "=====\nTitle\n=====\n\na\n\nEvidence\n========\n\nb\n\n"
    text += "Sub\n---\n\nc\n\nNext\n====\n\nd"
    found = dict(sections(text))
    assert list(found) == ["Title", "Evidence", "Sub", "Next"]
    assert "b" in found["Evidence"] and "c" in found["Evidence"]
    assert "d" not in found["Evidence"] and found["Next"].strip() == "d"
    assert "d" in found["Title"]
