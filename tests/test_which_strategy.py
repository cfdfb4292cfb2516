"""The page "Which strategy?": its table and its picture say what is so."""

import importlib
import inspect
import sys
from pathlib import Path

import pytest

from skactive.testing import all_strategies

ROOT = Path(__file__).resolve().parents[1]
TORCH = importlib.util.find_spec("torch") is not None
ALL = all_strategies(deep=TORCH, boxes=True, numbers=True)
#: Without torch there is no model that predicts boxes, and none to try these with.
UNTRIED = set() if TORCH else set(ALL) - set(all_strategies(numbers=True))
#: They are made of others, or of no paper.
WITHOUT_PAPER = {
    "ForegroundRandomSampling",
    "OutlierPenalty",
    "RandomSampling",
}


def extension(name):
    """Return a module of the documentation, which is not installed."""
    pytest.importorskip("sphinx")
    pytest.importorskip("numpydoc")
    sys.path.insert(0, str(ROOT / "docs" / "_ext"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


@pytest.fixture(scope="module")
def rows():
    found = extension("strategy_table").rows()
    return {row["Strategy"].rpartition(".")[2].rstrip("`"): row for row in found}


def test_every_strategy_has_a_row_with_all_that_can_be_said(rows):
    assert set(rows) == {cls.__name__ for cls in ALL}
    for name, row in rows.items():
        for column in ("asks for", "needs", "serves", "in batches"):
            untried = name in {cls.__name__ for cls in UNTRIED} and column == "serves"
            assert row[column] or untried, (name, column)
        assert bool(row["paper"]) == (name not in WITHOUT_PAPER), name
        # A table cell in which a literal or a role is cut does not build.
        for cell in row.values():
            assert cell.count("`") % 2 == 0, (name, cell)


def test_every_strategy_says_when_it_loses_to_random(rows):
    silent = [name for name, row in rows.items() if not row["loses to random"]]
    assert silent == ["RandomSampling"]


@pytest.mark.parametrize(
    ("name", "column", "words"),
    [
        ("MarginSampling", "needs", "probabilities"),
        ("MarginSampling", "first batch", ""),
        ("MarginSampling", "in batches", "the best scores"),
        ("MarginSampling", "paper", "Scheffer et al. 2001"),
        ("VAAL", "in batches", "the best scores"),
        ("PowerBALD", "in batches", "a rule of its own"),
        ("CoreSet", "in batches", "a rule of its own"),
        ("CoreSet", "needs", "embedding"),
        ("CoreSet", "first batch", "yes"),
        ("CoreSet", "paper", "Sener et al. 2018"),
        ("BADGE", "paper", "Ash et al. 2020"),
        ("QueryByCommittee", "needs", "a model"),
        ("StochasticBatch", "needs", "another strategy"),
        ("BatchVariance", "serves", "numbers"),
        ("BinMin", "serves", "classes, label sets"),
        ("RandomSampling", "needs", "nothing"),
    ],
)
def test_cells_are_those_worked_out_by_hand(rows, name, column, words):
    if name == "VAAL" and not TORCH:
        pytest.skip("it needs torch")
    assert rows[name][column] == words


@pytest.mark.skipif(not TORCH, reason="models of masks and boxes need torch")
def test_what_is_served_is_what_a_learner_takes(rows):
    assert rows["LCMD"]["serves"] == "classes, numbers, label sets, masks, boxes"
    assert rows["MarginSampling"]["serves"] == "classes, masks, boxes"
    assert rows["LL4AL"]["needs"].startswith("torch")


@pytest.mark.parametrize("k", range(9))
def test_the_picture_names_what_is_there_and_serves_it(rows, k):
    questions = extension("decision").QUESTIONS
    api = (ROOT / "docs" / "api.rst").read_text("utf-8")
    assert len(questions) == 9
    question, strategies, _, page = questions[k]
    assert (ROOT / "docs" / "user_guide" / f"{page}.rst").is_file()
    wanted = {"number": "numbers", "labels per": "label sets", "Masks": "masks"}
    kind = next((v for word, v in wanted.items() if word in question), "classes")
    kind = "classes" if kind == "masks" and not TORCH else kind
    for name in strategies:
        folder, _, strategy = name.partition(".")
        cls = getattr(importlib.import_module(f"skactive.{folder}"), strategy)
        assert inspect.isclass(cls)
        assert f"\n   {strategy}\n" in api  # which makes the page it is linked to
        if strategy in rows:
            assert kind in rows[strategy]["serves"]
            if "Fewer than two" in question:
                assert rows[strategy]["first batch"] == "yes"


def test_the_picture_is_well_formed_and_linked():
    from xml.etree import ElementTree

    decision = extension("decision")
    picture = ElementTree.fromstring(decision.picture(lambda name: f"to/{name}"))
    links = [a.attrib["href"] for a in picture.iter("a")]
    wanted = sum(len(strategies) + 1 for _, strategies, _, _ in decision.QUESTIONS)
    assert len(links) == wanted
    assert "to/guide:covering" in links


def test_no_text_of_the_picture_is_wider_than_its_place():
    decision = extension("decision")
    for question, strategies, more, _ in decision.QUESTIONS:
        names = ", ".join(name.partition(".")[2] for name in strategies)
        # A letter is some .53 of its size wide, a bold one .58.
        assert 0.53 * 15 * len(question) < 330 - 16
        assert 0.58 * 15 * len(names) < decision.WIDTH - 392
        assert 0.53 * 13 * len(f"{more}: more") < decision.WIDTH - 392
