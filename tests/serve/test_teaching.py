"""What is taught of what was said, and that nothing is taught twice."""

import numpy as np
import pytest

from skactive import ActiveLearner
from skactive.io import Journal
from skactive.serve._state import State
from skactive.serve._teaching import have

pytestmark = pytest.mark.filterwarnings("ignore:There is no model to ask")


def answers(setting):
    """Return what the journal holds: (event, row, who, cost)."""
    events = Journal(setting.folder / "answers.jsonl").events()
    keys = ("event", "id", "who", "cost")
    return [tuple(e.get(k) for k in keys) for e in events if "call" in e]


def test_what_a_learner_has():
    learner = ActiveLearner().fit([[0], [1], [2], [3]], ["a", "b", None, None])
    learner.teach(2, None)
    a, b, skipped, nothing = have(learner, [0, 1, 2, 3])
    assert a != b and skipped == "skip" and nothing is None


def test_who_answered_is_told(setting):
    run = setting.run()
    run.push(4)
    one, two, three, four = setting.fake.queue()
    setting.fake.answer(one, "a", who=1)
    setting.fake.answer(two, "b", who=2)
    setting.fake.answer(three, "c", who=1)
    setting.fake.answer(four, who=7, skip=True)
    run.teach()
    told = {setting.row(task): who for task, who in zip((one, two, three), "121")}
    assert {row: who for _, row, who, _ in answers(setting)} == told | {
        setting.row(four): "7"
    }


def test_a_skip_is_no_answer_whatever_it_holds(setting):
    run = setting.run()
    rows = run.push(2)
    one, two = setting.fake.queue()
    region = {"from_name": "label", "to_name": "text", "type": "choices"}
    region["value"] = {"choices": ["a"]}
    setting.fake.answer(one, result=[region], skip=True)
    number = setting.fake.answer(two, result=[])  # submitted without an answer
    assert run.teach()["skips"] == 2
    assert run.learner.skipped_.tolist() == sorted(rows)
    # Somebody else does know.
    setting.fake.answer(one, "b", who=2)
    setting.fake.correct(two, number, "c")
    assert run.teach()["labels"] == 2
    assert run.learner.labels_[list(rows)].tolist() == ["b", "c"]


def test_an_answer_that_becomes_a_skip(setting):
    run = setting.run()
    rows = run.push(1)
    (task,) = setting.fake.queue()
    number = setting.fake.answer(task, "a")
    run.teach()
    setting.fake.correct(task, number, "a")
    setting.fake.tasks[task]["annotations"][0]["was_cancelled"] = True
    assert run.teach()["corrections"] == 1
    assert run.learner.skipped_.tolist() == rows.tolist()
    setting.fake.delete(task, number)
    assert run.teach()["forgotten"] == 1
    assert not len(run.learner.skipped_)


@pytest.mark.parametrize("fresh", [False, True])
def test_what_was_done_by_hand_stays(setting, fresh):
    """Until somebody says something else in the tool."""
    run = setting.run()
    rows = run.push(4)
    tasks = setting.fake.queue()
    said = [setting.fake.answer(task, "a") for task in tasks[:3]]
    run.teach()
    learner = run.learner
    learner.teach([rows[0]], ["b"], relabel="replace")
    learner.forget([rows[1]])
    learner.teach([rows[3]], ["c"])

    def again():
        return setting.run() if fresh else run

    assert again().teach() == dict.fromkeys(run.teach(), 0)
    known = again().learner.labels_[rows].tolist()
    assert known[:1] + known[2:] == ["b", "a", "c"] and known[1] is None
    setting.fake.delete(tasks[0], said[0])  # the label of now is not that answer
    run = again()
    run.teach()
    assert run.learner.labels_[rows[0]] == "b"
    setting.fake.answer(tasks[3], skip=True)  # a skip is no reason to lose a label
    run.teach()
    assert run.learner.labels_[rows[3]] == "c"
    setting.fake.correct(tasks[2], said[2], "c")
    setting.fake.answer(tasks[1], "b", who=2)
    run = again()
    run.teach()
    assert run.learner.labels_[rows].tolist() == ["b", "b", "c", "c"]


def test_undo_is_not_undone(setting):
    run = setting.run()
    run.push(3)
    setting.work()
    run.teach()
    run.learner.undo()
    assert run.teach()["labels"] == 0
    assert not run.learner.labeled_mask_.any()


def test_seconds_are_paid_once(setting):
    setting.options["cost"] = "lead_time"
    run = setting.run()
    run.push(3)
    tasks = setting.fake.queue()
    said = [setting.fake.answer(task, "a", seconds=2.5) for task in tasks[:2]]
    setting.fake.answer(tasks[2], skip=True, seconds=1.0)
    run.teach()
    assert run.learner.cost_ == 6.0
    setting.fake.correct(tasks[0], said[0], "b", seconds=4.0)
    setting.fake.answer(tasks[2], "b", who=2, seconds=0.5)
    run.teach()
    assert run.learner.cost_ == 10.5
    assert setting.run().learner.cost_ == 10.5
    # A time that is not known costs nothing.
    setting.fake.answer(tasks[1], "c", who=2, seconds=None)
    run = setting.run()
    run.teach()
    assert run.learner.cost_ == 10.5 and run.learner.labels_[setting.row(tasks[1])]


def test_seconds_of_those_who_answer_first_are_paid_too(setting):
    setting.fake.projects[1]["maximum_annotations"] = 2
    run = setting.run(cost="lead_time")
    run.push(1)
    (task,) = setting.fake.queue()
    setting.fake.answer(task, "a", who=1, seconds=2.0)
    assert run.teach() == dict.fromkeys(run.teach(), 0)
    assert run.poll()["waiting"] == 1
    setting.fake.answer(task, "b", who=2, seconds=1.0)
    assert run.teach()["labels"] == 1
    assert run.learner.cost_ == 3.0
    assert run.learner.labels_[setting.row(task)] == "b"  # the newest


def test_without_the_seconds_each_answer_costs_one(setting):
    run = setting.run()
    run.push(3)
    setting.work(seconds=100)
    run.teach()
    assert run.learner.cost_ == 3


def test_an_error_of_the_model_leaves_the_labels_taught(setting):
    class Picky(type(setting.learner().estimator)):
        def fit(self, X, y):
            raise RuntimeError("no memory")

    learner = setting.learner()
    learner.estimator = Picky()
    learner.fit(setting.X)
    run = setting.run(learner)
    run.push(4)
    setting.work()
    with pytest.raises(RuntimeError, match="no memory"):
        run.teach()
    assert learner.labeled_mask_.sum() == 4
    assert run.teach()["labels"] == 0
    run = setting.run()
    assert run.teach()["labels"] == 0
    setting.check(run.learner)


def test_a_full_disk_loses_nothing(setting, monkeypatch):
    run = setting.run()
    run.push(4)
    setting.work()
    write, calls = Journal.write, []

    def full(self, *events):
        calls.append(events)
        if len(calls) == 1:
            raise OSError(28, "No space left on device")
        return write(self, *events)

    monkeypatch.setattr(Journal, "write", full)
    with pytest.raises(OSError, match="No space"):
        run.teach()
    assert not run.learner.labeled_mask_.any()
    assert run.teach()["labels"] == 4
    setting.check(run.learner)
    assert len(answers(setting)) == 4


def test_answers_of_one_call_are_fitted_once(setting):
    run = setting.run()
    run.push(6)
    for who, task in enumerate(setting.fake.queue()):
        setting.fake.answer(task, setting.y[setting.row(task)], who=who % 3)
    run.teach()
    assert run.learner.history_["n_labeled"] == [6]
    assert len({who for _, _, who, _ in answers(setting)}) == 3
    assert np.all(run.learner.labeled_iter_[run.learner.labeled_mask_] == 0)


@pytest.mark.parametrize("n_saves", [0, 1])
@pytest.mark.parametrize("then", ["nothing", "delete", "correct", "skip", "answer"])
def test_ended_while_teaching_and_then_people_go_on(
    setting, monkeypatch, n_saves, then
):
    """A process ends before or after the journal was written; so much is not known."""

    class Ended(BaseException):
        pass

    run = setting.run()
    run.push(3)
    work = setting.work(2)
    run.teach()
    (task, number), (other, _) = work.items()
    setting.fake.correct(task, number, "c")
    last = setting.fake.answer(3, "a")
    save, n = State.save, [0]

    def ends(self):
        n[0] += 1
        if n[0] > n_saves:
            raise Ended
        save(self)

    with monkeypatch.context() as patch:
        patch.setattr(State, "save", ends)
        with pytest.raises(Ended):
            run.teach()
    assert (run.learner.labels_[setting.row(3)] == "a") == bool(n_saves)
    for each, its in ((task, number), (3, last)):
        if then == "delete":
            setting.fake.delete(each, its)
        elif then == "correct":
            setting.fake.correct(each, its, "b")
        elif then == "skip":
            setting.fake.correct(each, its, "b")
            setting.fake._annotation(each, its)["was_cancelled"] = True
        elif then == "answer":
            setting.fake.answer(each, "b", who=2)
    run = setting.run()
    run.teach()
    setting.check(run.learner)
    assert run.teach() == dict.fromkeys(run.teach(), 0)
    labels = [row for event, row, *_ in answers(setting) if event == "answer"]
    assert labels.count(setting.row(other)) == 1
