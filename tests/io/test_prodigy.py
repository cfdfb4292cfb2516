"""Tasks of Prodigy, and the answers to them."""

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner
from skactive.io import prodigy

IDS = ["a", "b", "c", "d"]
NAMES = ["neg", "pos"]
TEXTS = ["Fine.", "Rain!", "Übel\n\u2028", "Hm"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.jsonl"


def answered(path, *changes):
    """Answer the tasks of a file in some ways, one for each line."""
    tasks = [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]
    lines = [{**task, **change} for task, change in zip(tasks, changes)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_tasks_are_in_the_order_of_the_query(path):
    prodigy.write_tasks(path, [2, 0], TEXTS, ids=IDS, classes=NAMES)
    tasks = [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]
    options = [{"id": "neg", "text": "neg"}, {"id": "pos", "text": "pos"}]
    assert tasks == [
        {"text": TEXTS[2], "options": options, "meta": {"skactive_id": "c"}},
        {"text": TEXTS[0], "options": options, "meta": {"skactive_id": "a"}},
    ]
    more = {"images": True, "overwrite": True, "predictions": np.array([1])}
    prodigy.write_tasks(path, [2], TEXTS, ids=[4, 5, 6, 7], classes=NAMES, **more)
    assert json.loads(path.read_text("utf-8")) == {
        "image": TEXTS[2],
        "options": options,
        "accept": ["pos"],
        "meta": {"skactive_id": 6},
    }


@pytest.mark.parametrize("ids", [IDS, [10, 11, 12, 13], np.array([10, 11, 12, 13])])
def test_there_and_back(path, ids):
    prodigy.write_tasks(path, [2, 0, 3, 1], TEXTS, ids=ids, classes=NAMES)
    answered(
        path,
        {"answer": "accept", "accept": ["pos"]},
        {"answer": "ignore", "accept": ["pos"]},
        {"answer": "accept", "accept": []},
        {"answer": "reject", "accept": ["neg"]},
    )
    rows, y = prodigy.read_answers(path, ids, classes=NAMES)
    assert rows.tolist() == [2, 0, 3, 1] and y.tolist() == [1, None, None, None]
    _, y = prodigy.read_answers(path, ids)
    assert y.tolist() == ["pos", None, None, None]


def test_answers_are_ready_for_teach(path):
    X, y = np.arange(4.0)[:, None], np.array(["neg", None, None, "pos"], dtype=object)
    learner = ActiveLearner(LogisticRegression(), random_state=0).fit(X, y)
    rows = learner.query(2)
    prodigy.write_tasks(path, rows, TEXTS, ids=IDS, classes=learner.classes_)
    answered(path, {"answer": "accept", "accept": ["pos"]}, {"answer": "ignore"})
    learner.teach(*prodigy.read_answers(path, IDS))
    assert learner.labels_[rows[0]] == "pos" and learner.labels_[rows[1]] is None


@pytest.mark.parametrize(
    "answer, classes, label",
    [
        ("accept", NAMES, 1),
        ("reject", NAMES, 0),
        ("ignore", NAMES, None),
        ("reject", [*NAMES, "mixed"], None),
        ("reject", None, None),
        ("accept", None, "pos"),
    ],
)
def test_tasks_of_one_label(path, answer, classes, label):
    task = {"text": "x", "label": "pos", "meta": {"skactive_id": "b"}}
    path.write_text(json.dumps({**task, "answer": answer}))
    rows, y = prodigy.read_answers(path, IDS, classes=classes)
    assert rows.tolist() == [1] and y.tolist() == [label]


def test_one_person_of_several(path):
    task = {"options": [], "meta": {"skactive_id": "b"}, "answer": "accept"}
    lines = [
        {**task, "accept": ["pos"], "_annotator_id": "x-ada"},
        {**task, "accept": ["neg"], "_session_id": "x-bob"},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(ValueError, match="Line 2.*and so is Line 1.*Pass who="):
        prodigy.read_answers(path, IDS)
    assert prodigy.read_answers(path, IDS, who="x-ada")[1].tolist() == ["pos"]
    assert prodigy.read_answers(path, IDS, who="x-bob")[1].tolist() == ["neg"]
    with pytest.raises(ValueError, match=r"who='ada' answered .*\['x-ada', 'x-b"):
        prodigy.read_answers(path, IDS, who="ada")


@pytest.mark.parametrize(
    "change, fault",
    [
        ({"answer": None}, "Line 1 of .*a.jsonl' needs an answer"),
        ({"answer": "yes"}, "needs an answer, accept, reject or ignore; got 'yes'"),
        ({"accept": ["pos", "neg"]}, "has several labels"),
        ({"accept": "pos"}, 'needs "accept", a list'),
        ({"accept": None}, 'needs "accept", a list'),
        ({"accept": [1]}, "the name of a class is a string"),
        ({"accept": ["other"]}, "Line 1 of .*: 'other' is not among classes"),
        ({"meta": {}}, "has no meta.skactive_id"),
        ({"meta": "x"}, "has no meta.skactive_id"),
        ({"meta": {"skactive_id": "z"}}, "about 'z', which is not among ids"),
        ({"meta": {"skactive_id": 1.5}}, "an integer or a string"),
    ],
)
def test_a_faulty_line_is_named(path, change, fault):
    prodigy.write_tasks(path, [2], TEXTS, ids=IDS, classes=NAMES)
    answered(path, {"answer": "accept", "accept": ["pos"], **change})
    with pytest.raises(ValueError, match=fault):
        prodigy.read_answers(path, IDS, classes=NAMES)


def test_a_query_is_no_answer(path):
    prodigy.write_tasks(path, [2], TEXTS, ids=IDS, classes=NAMES, predictions=["pos"])
    with pytest.raises(ValueError, match="Line 1.*not the tasks"):
        prodigy.read_answers(path, IDS)


@pytest.mark.parametrize(
    "change, fault",
    [
        ({"rows": [2, 2]}, "rows holds 2 twice"),
        ({"texts": TEXTS[:2]}, "ids of 4 samples"),
        ({"texts": [None] * 4}, "text of row 2 is None"),
        ({"ids": [*IDS[:3], "a"]}, "all be different"),
        ({"classes": None}, "pass classes"),
        ({"classes": [0, 1]}, "has a name, a string"),
        ({"predictions": [1, 0]}, "1 rows, 2 predictions"),
        ({"predictions": [7]}, "prediction of row 2: there is no name for the class 7"),
    ],
)
def test_what_does_not_fit_is_not_written(path, change, fault):
    given = {"rows": [2], "texts": TEXTS, "ids": IDS, "classes": NAMES} | change
    with pytest.raises(ValueError, match=fault):
        prodigy.write_tasks(path, given.pop("rows"), given.pop("texts"), **given)
    assert not path.exists()
