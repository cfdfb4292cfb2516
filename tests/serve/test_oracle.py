"""People at the tool as an oracle that waits."""

import time

import numpy as np
import pytest

from skactive.io import Journal
from skactive.serve import LabelStudioError, LabelStudioOracle

SETTINGS = {"n_initial": 5, "budget": 9, "batch_size": 3}


@pytest.fixture
def make(setting):
    """Return a learner that asks people, as in a new process."""

    def make(run_options=(), **options):
        learner = setting.learner(**{**SETTINGS, **options})
        run = setting.run(learner, **dict(run_options))
        return learner.set_params(oracle=LabelStudioOracle(run, every=7.0))

    return make


def people(monkeypatch, work):
    """Let people work while the oracle waits; return the waits."""
    waits = []

    def sleep(seconds):
        waits.append(seconds)
        work()

    monkeypatch.setattr(time, "sleep", sleep)
    return waits


def test_it_waits_until_all_is_answered(setting, make, monkeypatch):
    waits = people(monkeypatch, lambda: setting.work(2))
    learner = make().fit(setting.X)
    assert learner.termination_condition_ == "budget" and set(waits) == {7.0}
    assert learner.labeled_mask_.sum() == 14
    asked = [task["data"]["skactive_id"] for task in setting.fake.tasks.values()]
    assert learner.queried_indices_.tolist() == asked
    setting.check(learner)
    run = learner.oracle.run
    assert run.teach() == dict.fromkeys(run.teach(), 0)
    # Second thoughts come later.
    fake = setting.fake
    fake.correct(1, fake.tasks[1]["annotations"][0]["id"], "c")
    fake.delete(2, fake.tasks[2]["annotations"][0]["id"])
    counts = run.teach()
    assert counts["forgotten"] == 1
    setting.check(learner)


def test_skips(setting, make, monkeypatch):
    queue = type(setting.fake).queue

    def without_skipped(self, project=1):
        each = queue(self, project)
        return [task for task in each if not self.tasks[task]["annotations"]]

    monkeypatch.setattr(type(setting.fake), "queue", without_skipped)

    def one_of_two():
        for k, task in enumerate(setting.fake.queue()):
            setting.fake.answer(task, setting.y[setting.row(task)], skip=bool(k % 2))

    people(monkeypatch, one_of_two)
    learner = make().fit(setting.X)
    assert len(learner.skipped_) == 5 and learner.labeled_mask_.sum() == 9
    assert learner.cost_ == 14
    setting.check(learner)


def test_ctrl_c_keeps_what_came(setting, make, monkeypatch):
    def work():
        if len(setting.fake.tasks) > 5:
            queue = setting.fake.queue()
            for task in (queue[0], queue[2]):
                setting.fake.answer(task, setting.y[setting.row(task)])
            monkeypatch.setattr(time, "sleep", stop)
        else:
            setting.work()

    def stop(seconds):
        raise KeyboardInterrupt

    people(monkeypatch, work)
    learner = make().fit(setting.X)
    assert learner.termination_condition_ == "oracle"
    assert learner.labeled_mask_.sum() == 6  # the third is behind one that is open
    assert learner.oracle.run.teach()["labels"] == 1
    assert learner.labeled_mask_.sum() == 7
    setting.check(learner)
    people(monkeypatch, lambda: setting.work())
    learner.resume()
    assert learner.termination_condition_ == "budget"
    setting.check(learner)


@pytest.mark.parametrize("fresh", [False, True])
def test_an_interrupted_fit_asks_nothing_twice(setting, make, monkeypatch, fresh):
    """A process that ends while people work, wherever that is."""

    class Ended(BaseException):
        pass

    n, learner = 0, make()

    def work():
        nonlocal n
        n += 1
        setting.work(2)
        if n % 2:
            raise Ended

    people(monkeypatch, work)
    for _ in range(50):
        try:
            learner.fit(setting.X)
            break
        except Ended:
            learner = make() if fresh else learner
    assert learner.termination_condition_ == "budget" and n > 5
    assert learner.labeled_mask_.sum() == 14
    setting.check(learner)
    events = Journal(setting.folder / "answers.jsonl").events()
    assert sum(event["event"] == "answer" for event in events) == 14


def test_answers_that_the_learner_did_not_write_down(setting, monkeypatch):
    """The process ends between the oracle and the journal."""
    people(monkeypatch, lambda: setting.work())
    run = setting.run()
    said = LabelStudioOracle(run)([7, 3])
    assert said.tolist() == setting.y[[7, 3]].tolist()
    assert not run.learner.labeled_mask_.any()
    run = setting.run()
    assert run.teach()["labels"] == 2
    setting.check(run.learner)


def test_rows_that_another_process_asked_are_found(setting, make, monkeypatch):
    """Without a random_state, a new process asks other rows; those are served too."""

    class Ended(BaseException):
        pass

    def end():
        setting.work(3)
        raise Ended

    people(monkeypatch, end)
    with pytest.raises(Ended):
        make(random_state=1).fit(setting.X)
    people(monkeypatch, lambda: setting.work())
    learner = make(random_state=2).fit(setting.X)
    assert learner.termination_condition_ == "budget"
    learner.oracle.run.teach()  # what the first one asked, and was answered
    setting.check(learner)
    assert learner.labeled_mask_.sum() >= 14


def test_seconds_are_what_it_costs(setting, make, monkeypatch):
    people(monkeypatch, lambda: setting.work(seconds=2.0))
    learner = make({"cost": "lead_time"}, budget=12.0)
    assert learner.oracle.cost_ == 0
    learner.fit(setting.X)
    assert learner.oracle.cost_ == learner.cost_ == 10 + 12
    fake = setting.fake
    fake.correct(1, fake.tasks[1]["annotations"][0]["id"], "c", seconds=3.0)
    learner.oracle.run.teach()
    wrong = setting.y[setting.row(1)] != "c"
    assert learner.cost_ == 22 + 3 * wrong
    assert not hasattr(make().oracle, "cost_")


def test_two_people_and_a_vote(setting, make, monkeypatch):
    setting.fake.projects[1]["maximum_annotations"] = 2

    def work():
        for who in (1, 2):
            for task in setting.fake.queue():
                said = {
                    a["completed_by"] for a in setting.fake.tasks[task]["annotations"]
                }
                if who not in said:
                    setting.fake.answer(task, "ab"[who - 1], who=who)
                    return

    def aggregate(votes, classes):
        rows = list(dict.fromkeys(row for row, *_ in votes))
        return ["c"] * len(rows), [0.5] * len(rows)

    people(monkeypatch, work)
    learner = make({"aggregate": aggregate}, n_initial=2, budget=1, classes=["b", "c"])
    with pytest.raises(ValueError, match="class"):  # all are "c", and so is the rest
        learner.fit(setting.X)
    assert set(learner.labels_[learner.labeled_mask_]) == {"c"}
    assert all(len(t["annotations"]) == 2 for t in setting.fake.tasks.values())


def test_an_answer_that_cannot_be_used_is_said(setting, make, monkeypatch):
    people(monkeypatch, lambda: setting.fake.answer(1, "z"))
    learner = make()
    with pytest.raises(ValueError, match="Annotation 101 of task 1"):
        learner.fit(setting.X)
    setting.fake.correct(1, 101, "a")
    people(monkeypatch, lambda: setting.work())
    learner.fit(setting.X)
    setting.check(learner)


def test_a_server_that_is_down(setting, make, monkeypatch):
    n = 0

    def work():
        nonlocal n
        n += 1
        setting.fake.fail = lambda *request: "500" if n % 3 else None
        if not n % 3:
            setting.work()

    people(monkeypatch, work)
    learner = make().fit(setting.X)
    assert learner.termination_condition_ == "budget"
    setting.check(learner)
    setting.number = 99
    setting.folder = setting.folder / "b"
    setting.folder.mkdir()
    with pytest.raises(LabelStudioError, match="404"):
        make().fit(setting.X)


def test_it_is_described(make):
    assert "LabelStudioOracle(<LabelStudioRun" in repr(make())
    assert np.isfinite(make().oracle.every)
