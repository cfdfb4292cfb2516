"""A run against a server that does what the real one was seen to do."""

import importlib
import itertools

import numpy as np
import pytest


def test_a_day_of_work(setting):
    fake, run = setting.fake, setting.run()
    with pytest.warns(UserWarning):
        rows = run.push(6)
    queue = fake.queue()
    assert [setting.row(task) for task in queue] == rows.tolist()
    assert fake.projects[1]["sampling"] == "Sequential sampling"
    assert run.push(9).tolist() == rows.tolist() and len(fake.tasks) == 6
    first = setting.work(4)
    fake.answer(queue[4], "a", skip=True)
    counts = run.poll()
    assert (counts["answered"], counts["skipped"], counts["open"]) == (4, 1, 1)
    assert counts["changed"] == 5
    assert run.teach() == {"labels": 4, "skips": 1, "corrections": 0, "forgotten": 0}
    assert run.teach() == {"labels": 0, "skips": 0, "corrections": 0, "forgotten": 0}
    setting.check(run.learner)
    assert run.learner.skipped_.tolist() == [rows[4]]
    assert run.poll()["changed"] == 0
    # The last one is open, and the batch is begun: the same again.
    assert run.push().tolist() == rows.tolist() and len(fake.tasks) == 6
    setting.work(2)
    run.teach()
    later = run.push()
    assert not set(later) & set(rows) and len(later) == 5
    # Second thoughts about the first batch.
    task, number = next(iter(first.items()))
    fake.correct(task, number, "c" if setting.y[setting.row(task)] != "c" else "b")
    other, gone = list(first.items())[1]
    fake.delete(other, gone)
    counts = run.teach()
    assert counts["corrections"] == counts["forgotten"] == 1
    setting.check(run.learner)
    setting.check(setting.learner().fit(setting.X))
    assert run.status() == {
        "batch": run.poll()["batch"],
        "asked": 11,
        "labeled": 5,  # the skipped one too, by somebody else
        "skipped": 0,
        "batches": 2,
    }
    assert np.isfinite(run.learner.cost_)


class Killed(BaseException):
    """What stands for the end of a process: nothing is done after it."""


class Killer:
    """Count what goes to the server and to the disk, and end all before or after it."""

    places = (
        ("skactive.serve._client.LabelStudioClient._send", 1),
        ("skactive.serve._state.State.save", 1),
        ("skactive.io._journal.Journal.write", 1),
    )

    def __init__(self, monkeypatch, step, after):
        self.step, self.after, self.n, self.dead = step, after, 0, False
        for place, _ in self.places:
            owner, name = place.rsplit(".", 1)
            module, cls = owner.rsplit(".", 1)
            cls = getattr(importlib.import_module(module), cls)
            monkeypatch.setattr(cls, name, self.wrapped(getattr(cls, name)))

    def wrapped(self, function):
        def wrapper(*args, **kwargs):
            if self.dead:
                raise Killed
            now, self.n = self.n == self.step, self.n + 1
            if now and not self.after:
                self.dead = True
                raise Killed
            result = function(*args, **kwargs)
            if now:
                self.dead = True
                raise Killed
            return result

        return wrapper


def days_of_work(setting, killer):
    """Work, in a new process wherever one ends, and return the learner."""
    fake, run = setting.fake, None

    def do(verb):
        nonlocal run
        while True:
            try:
                run = setting.run() if run is None else run
                return verb(run)
            except Killed:
                killer.dead, run = False, None

    do(lambda run: run.push(6))
    queue = fake.queue()
    first = setting.work(4)
    fake.answer(queue[4], "a", skip=True)
    do(lambda run: run.teach())
    tasks = list(first)
    fake.correct(tasks[0], first[tasks[0]], "c")
    fake.delete(tasks[1], first[tasks[1]])
    do(lambda run: run.teach())
    fake.answer(queue[5], "b")
    do(lambda run: run.teach(close=True))
    do(lambda run: run.push(4))
    fake.correct(tasks[0], first[tasks[0]], "b")
    fake.delete(tasks[2], first[tasks[2]])
    setting.work(3)
    do(lambda run: run.teach(close=True))
    do(lambda run: run.push(3))
    setting.work()
    do(lambda run: run.teach())
    return run.learner


@pytest.mark.filterwarnings("ignore:There is no model to ask")
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("part", range(2))
def test_a_process_may_end_anywhere(setting, monkeypatch, after, part, tmp_path):
    """Each request, and each write to the disk, is the last of a process once."""
    for step in itertools.count(part, 2):
        with monkeypatch.context() as patch:
            folder = tmp_path / f"{step}"
            folder.mkdir()
            setting.restart(folder)
            killer = Killer(patch, step, after)
            learner = days_of_work(setting, killer)
            setting.check(learner)
        if killer.n <= step:  # nothing was ended
            break
    assert step > 50
