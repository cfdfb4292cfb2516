"""Texts for doccano, and the answers to them."""

import json

import pytest

from skactive.io import doccano

IDS = [10, 11, 12, 13]
TEXTS = ["Fine.", "Rain!", "Übel\n\u2028", "Hm"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.jsonl"


def write(path, *lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_there_and_back(path):
    doccano.write_tasks(path, [2, 0, 3], TEXTS, ids=IDS)
    tasks = [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]
    assert [(t["text"], t["skactive_id"]) for t in tasks] == [
        (TEXTS[2], 12),
        (TEXTS[0], 10),
        (TEXTS[3], 13),
    ]
    rows, y = doccano.read_answers(path, IDS)
    assert len(rows) == len(y) == 0  # nobody has answered yet
    labels = [["pos"], [], ["neg"]]
    write(path, *({**t, "label": label, "id": 5} for t, label in zip(tasks, labels)))
    rows, y = doccano.read_answers(path, IDS)
    assert rows.tolist() == [2, 3] and y.tolist() == ["pos", "neg"]
    _, y = doccano.read_answers(path, IDS, classes=["neg", "pos"])
    assert y.tolist() == [1, 0]


@pytest.mark.parametrize("place", ["meta", "metadata"])
@pytest.mark.parametrize("name", [11, "11"])
def test_our_name_is_found_among_the_metadata(path, place, name):
    write(path, {"text": "x", "label": ["pos"], place: {"skactive_id": name}})
    assert doccano.read_answers(path, IDS)[0].tolist() == [1]


GOOD = {"text": "x", "label": ["pos"], "skactive_id": 11}


@pytest.mark.parametrize(
    "change, fault",
    [
        ({"label": ["pos", "neg"]}, "Line 2 of .*a.jsonl' has several labels"),
        ({"label": [[0, 2, "ORG"]]}, "those of spans are not read"),
        ({"label": None}, 'needs "label", a list; got None'),
        ({"label": "pos"}, 'needs "label", a list'),
        ({"label": ["other"]}, "Line 2 of .*: 'other' is not among classes"),
        ({"skactive_id": None}, "Line 2 of .* has no skactive_id"),
        ({"skactive_id": 99}, "about '99', which is not among ids"),
        ({"skactive_id": 10}, "Line 2 of .*about '10', and so is Line 1"),
        ({"skactive_id": 10, "label": []}, "Line 2 of .*about '10', and so is Line 1"),
        ({"skactive_id": 99, "label": []}, "about '99', which is not among ids"),
    ],
)
def test_a_faulty_line_is_named(path, change, fault):
    write(path, {**GOOD, "skactive_id": 10}, {**GOOD, **change})
    with pytest.raises(ValueError, match=fault):
        doccano.read_answers(path, IDS, classes=["neg", "pos"])


@pytest.mark.parametrize(
    "change, fault",
    [
        ({"rows": [2, 2]}, "rows holds 2 twice"),
        ({"texts": TEXTS[:2]}, "ids of 4 samples"),
        ({"texts": [None] * 4}, "text of row 2 is None"),
        ({"ids": [1, 2, 3, 1]}, "all be different"),
    ],
)
def test_what_does_not_fit_is_not_written(path, change, fault):
    given = {"rows": [2], "texts": TEXTS, "ids": IDS} | change
    with pytest.raises(ValueError, match=fault):
        doccano.write_tasks(path, given.pop("rows"), given.pop("texts"), **given)
    assert not path.exists()
