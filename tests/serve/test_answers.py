"""What was said about each sample, by one person or several, and what is no answer."""

import numpy as np
import pytest

from skactive.io.label_studio import LabelConfig
from skactive.serve._answers import aggregated, read_said
from skactive.serve._state import Batch
from skactive.utils._answer_hash import hash_of

CONFIG = LabelConfig.make("classes", ["a", "b"], of="text")


def region(label, **changes):
    own = {"from_name": "label", "to_name": "text", "type": "choices"}
    return {**own, "value": {"choices": [label]}, **changes}


def annotation(number, label=None, who=1, skip=False, at=0, **changes):
    return {
        "id": number,
        "completed_by": who,
        "result": [] if label is None else [region(label)],
        "was_cancelled": skip,
        "lead_time": 2.0,
        "updated_at": f"2026-11-25T10:00:{at:02d}Z",
        **changes,
    }


def task(number, name, *annotations, batch="r-0"):
    data = {"skactive_id": name, "skactive_batch": batch, "text": "x"}
    return {"id": number, "data": data, "annotations": list(annotations)}


def read(*tasks, needed=1, closed=False, config=CONFIG, size=None, names=(3, 5, "x")):
    batch = Batch("r-0", 0, list(names), needed, closed)
    row_of = {name: row for row, name in enumerate(names)}
    asked = dict.fromkeys(names, batch)
    control = config.control()
    return read_said(list(tasks), asked, row_of, config, control, lambda row: size)


def only(*annotations, **options):
    said, faults, _ = read(task(9, 3, *annotations), **options)
    assert not faults
    return said[3]


def test_one_person():
    said = only(annotation(1, "a"))
    assert (said.state, said.answer, said.who, said.row) == ("label", "a", "1", 0)
    assert said.seconds == 2.0 and said.hash == hash_of("a")
    assert only().state == "open" and only().hash is None and only().seen == []
    said = only(annotation(1, "a", skip=True))
    assert (said.state, said.answer, said.hash) == ("skip", None, "skip")
    assert only(annotation(1)).state == "skip"  # submitted without an answer


def test_the_newest_counts():
    old, new = annotation(1, "a", at=3), annotation(2, "b", at=5)
    assert only(new, old).answer == "b"
    skip = annotation(3, who=2, skip=True, at=9)
    assert only(old, skip).answer == "a"  # an answer is worth more than a skip


@pytest.mark.parametrize(
    ("annotations", "state", "closed"),
    [
        ([annotation(1, "a")], "waiting", "label"),
        ([annotation(1, "a"), annotation(2, "b", at=3)], "waiting", "label"),
        ([annotation(1, "a"), annotation(2, "a", who=2)], "label", "label"),
        ([annotation(1, "a"), annotation(2, who=2, skip=True)], "label", "label"),
        ([annotation(1, skip=True)], "waiting", "skip"),
        ([annotation(1, skip=True), annotation(2, who=2, skip=True)], "skip", "skip"),
        ([], "open", "open"),
    ],
)
def test_two_people(annotations, state, closed):
    assert only(*annotations, needed=2).state == state
    assert only(*annotations, needed=2, closed=True).state == closed


def test_what_was_seen_changes_with_each_change():
    seen = [
        only().seen,
        only(annotation(1, "a")).seen,
        only(annotation(1, "b", at=1)).seen,
        only(annotation(1, "b", at=1, skip=True)).seen,
        only(annotation(1, "b", at=1), annotation(2, "b", who=2)).seen,
    ]
    assert all(a != b for k, a in enumerate(seen) for b in seen[:k])


def test_votes_are_counted_by_a_function():
    said, _, _ = read(
        task(7, 5, annotation(1, "a", who=8), annotation(2, "b", at=4)),
        task(8, 3, annotation(3, "b", lead_time=None), annotation(4, "b", skip=True)),
        task(9, "x", annotation(5, skip=True)),
        needed=2,
    )
    asked = []

    def first(votes, classes):
        asked.append((votes, classes))
        return ["b", "a"], np.array([0.5, 1.0])

    assert aggregated(list(said.values()), first, ("a", "b")) == {1: 0.5, 0: 1.0}
    votes = [(1, "8", "a", 2.0), (1, "1", "b", 2.0), (0, "1", "b", None)]
    assert asked == [(votes, ("a", "b"))]
    assert (said[5].answer, said[5].who) == ("b", "8, 1")
    assert said[3].state == "waiting" and said[3].answer is None
    assert aggregated([], first, ("a", "b")) == {}


def test_a_function_that_counts_wrongly():
    said, _, _ = read(task(7, 5, annotation(1, "a")))
    for wrong in ([], []), (["a"], []), (["a", "b"], [1, 1]):
        with pytest.raises(ValueError, match="a label and a confidence for each of 1"):
            aggregated(list(said.values()), lambda v, c, wrong=wrong: wrong, ("a",))


BOXES = LabelConfig.make("boxes", ["car"])


def box(**changes):
    value = {"x": 10, "y": 10, "width": 20, "height": 20, "rotation": 0}
    value |= {"rectanglelabels": ["car"], **changes}
    own = {"id": "q", "from_name": "label", "to_name": "image"}
    size = {"original_width": 60, "original_height": 40, "image_rotation": 0}
    return {**own, **size, "type": "rectanglelabels", "value": value}


FAULTS = {
    "unknown label": (annotation(1, "c"), "'c' is no label of 'label'"),
    "two labels": (
        annotation(1, result=[region("a"), region("b")]),
        "2 classes",
    ),
    "another control": (
        annotation(1, result=[region("a", from_name="cls")]),
        "it answers 'cls'",
    ),
    "another type": (annotation(1, result=[region("a", type="rating")]), "of type"),
    "no list": (annotation(1, result="a"), "no list of regions"),
    "no person": (annotation(1, "a", completed_by=[3]), "is no person"),
    "no time": (annotation(1, "a", updated_at="soon"), "its time is 'soon'"),
    "negative seconds": (annotation(1, "a", lead_time=-1), "lead_time is -1"),
    "no number": (annotation("x", "a"), "it has no id"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_names_task_annotation_and_reason(name):
    wrong, reason = FAULTS[name]
    said, faults, blamed = read(
        task(8, 3, wrong), task(9, 5, annotation(2, "b")), task(10, "x")
    )
    assert len(faults) == 1 and reason in faults[0]
    assert f"Annotation {wrong['id']} of task 8 (id 3)" in faults[0]
    assert blamed == {3}
    assert said[5].answer == "b" and said["x"].state == "open"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"x": 90}, "outside"),
        ({"width": 130}, "outside"),
        ({"y": -5}, "outside"),
        ({"rotation": 20}, "turned"),
        ({"rectanglelabels": ["bus"]}, "'bus' is no label"),
        ({"x": "10"}, "number"),
    ],
)
def test_a_box_outside_is_a_fault(changes, reason):
    wrong = annotation(1, result=[box(), box(**changes)])
    said, faults, blamed = read(task(8, 3, wrong), config=BOXES)
    assert not said and blamed == {3}
    assert reason in faults[0] and "Annotation 1 of task 8" in faults[0]
    fine = annotation(1, result=[box()])
    assert not read(task(8, 3, fine), config=BOXES, size=(40, 60))[1]
    assert "60 wide" in read(task(8, 3, fine), config=BOXES, size=(41, 60))[1][0]


def test_no_boxes_are_an_answer():
    said, _, _ = read(task(8, 3, annotation(1)), config=BOXES)
    assert said[3].state == "label" and said[3].answer["boxes"].shape == (0, 4)


@pytest.mark.parametrize(
    ("strange", "reason"),
    [
        (task(8, 77, annotation(1, "a")), "id 77 was never asked by this run"),
        (task(8, "3", annotation(1, "a")), "id '3' was never asked"),
        (task(8, [3], annotation(1, "a")), "an id is an integer or a string"),
        (task(8, None, annotation(1, "a")), "an id is an integer or a string"),
        (task(8, 3, annotation(1, "a"), batch="z-0"), "asked in the batch 'r-0'"),
        ({"id": 8, "data": {"text": "x"}, "annotations": [1]}, "no skactive_id"),
    ],
)
def test_a_task_that_was_not_asked(strange, reason):
    said, faults, blamed = read(strange, task(9, 5, annotation(2, "b")))
    assert len(faults) == 1 and reason in faults[0] and "Task 8" in faults[0]
    assert list(said) == [5] and not blamed
    assert not read({**strange, "annotations": []})[1]  # nobody answered it


def test_two_answered_tasks_of_one_id():
    each = [task(8, 3, annotation(1, "a")), task(9, 3, annotation(2, "b"))]
    said, faults, blamed = read(*each)
    assert not said and blamed == {3}
    assert len(faults) == 1 and "Task 9" in faults[0] and "task 8" in faults[0]


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_tasks_one_unanswered_the_other_counts(first):
    each = [task(8, 3), task(9, 3, annotation(2, "b"))]
    said, faults, _ = read(*(each if first else each[::-1]))
    assert not faults and said[3].answer == "b"
