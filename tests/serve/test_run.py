"""A run against a server that does what the real one was seen to do."""

import importlib
import itertools
import pickle
import time

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.io.label_studio import LabelConfig, brush_encode
from skactive.serve import (
    LabelStudioClient,
    LabelStudioError,
    LabelStudioOracle,
    LabelStudioRun,
)
from skactive.serve._teaching import have

pytestmark = pytest.mark.filterwarnings("ignore:There is no model to ask")


def test_a_day_of_work(setting):
    fake, run = setting.fake, setting.run()
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


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("first", "stride"),
    [(3, 11)] + [pytest.param(k, 2, marks=pytest.mark.slow) for k in (0, 1)],
)
def test_a_process_may_end_anywhere(
    setting, monkeypatch, after, first, stride, tmp_path
):
    """Each request, and each write to the disk, is the last of a process once."""
    for step in itertools.count(first, stride):
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


@pytest.mark.parametrize("what", ["drop", "cut", "500", "html"])
def test_a_server_may_fail_anywhere(setting, monkeypatch, what):
    """Every ninth request fails for good, and whoever asked it asks again later."""
    killer, fake = Killer(monkeypatch, -1, False), setting.fake
    monkeypatch.setattr("skactive.serve._client.WAITS", ())
    fake.fail = lambda number, method, path: None if number % 9 else what
    n_errors = 0

    def until_it_works(verb):
        def repeated(*args, **kwargs):
            nonlocal n_errors
            while True:
                try:
                    return verb(*args, **kwargs)
                except LabelStudioError as error:
                    assert error.passing
                    n_errors += 1

        return repeated

    for name in ("push", "teach", "poll"):
        verb = until_it_works(getattr(LabelStudioRun, name))
        monkeypatch.setattr(LabelStudioRun, name, verb)
    setting.check(days_of_work(setting, killer))
    assert n_errors > 3


@pytest.mark.parametrize("lives", [1, 2, 5])
def test_a_token_may_expire_anywhere(setting, monkeypatch, tokens, lives):
    setting.client = LabelStudioClient(setting.fake.url, tokens[1])
    setting.fake.lives = lives
    setting.check(days_of_work(setting, Killer(monkeypatch, -1, False)))
    assert setting.fake.n_access > 5


# -------------------------------------------------------------------------- bad input


def test_a_learner_needs_a_journal(setting):
    with pytest.raises(ValueError, match="needs a learner with a journal"):
        setting.run(ActiveLearner())


@pytest.mark.parametrize(
    "options",
    [{"cost": "seconds"}, {"faults": "ignore"}, {"control": "nope"}],
)
def test_parameters_that_are_none(setting, options):
    with pytest.raises(ValueError, match=next(iter(options))):
        setting.run(**options)


def test_a_config_is_no_text(setting):
    setting.config = setting.config.to_xml()
    with pytest.raises(TypeError, match="config must be a LabelConfig"):
        setting.run()


def test_data_that_cannot_be_shown(setting):
    learner = setting.learner().fit(setting.X)
    run = LabelStudioRun(
        learner,
        setting.client,
        1,
        setting.config,
        [None] * 60,
        state=setting.folder / "run.json",
    )
    with pytest.raises(ValueError, match="item 0"):
        run.push(3)
    assert not setting.fake.tasks
    assert len(setting.run(learner).push()) == 3  # with data that can be


def test_a_project_that_is_not_there(setting):
    setting.number = 9
    with pytest.raises(LabelStudioError, match="404.*number of the project"):
        setting.run().push()


def test_labels_that_the_learner_does_not_know(setting):
    run = setting.run(setting.learner(classes=["a", "b"]).fit(setting.X))
    run.push(2)
    setting.fake.answer(1, "c")
    setting.fake.answer(2, "a", who=2)
    with pytest.raises(ValueError, match="'c'"):
        run.teach()
    setting.fake.correct(1, setting.fake.tasks[1]["annotations"][0]["id"], "b")
    assert run.teach()["labels"] == 2


# ------------------------------------------------------------------------------- loop


def test_a_loop_waits_for_people(setting, monkeypatch):
    fake, reports, slept = setting.fake, [], []

    def sleep(seconds):
        slept.append(seconds)
        setting.work(2)

    monkeypatch.setattr(time, "sleep", sleep)
    run = setting.run()
    assert run.loop(rounds=3, n=4, every=7.0, report=reports.append) is run
    assert run.status()["labeled"] == 12 and set(slept) == {7.0}
    assert [r["answered"] for r in reports[:3]] == [0, 2, 4]
    assert not fake.queue()
    setting.check(run.learner)


def test_a_loop_goes_on_when_enough_is_in(setting, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: setting.work(1))
    run = setting.run()
    run.loop(rounds=2, n=4, enough=0.5)
    assert run.status()["labeled"] == 4 and run.status()["batches"] == 2
    run.push(1)
    assert len(setting.fake.queue()) == 1
    setting.check(run.learner)
    with pytest.raises(ValueError, match="enough is a share"):
        run.loop(enough=5)


def test_a_loop_survives_a_server_that_is_down_for_a_while(setting, monkeypatch):
    down = [0]

    def sleep(seconds):
        down[0] += 1
        setting.fake.fail = lambda *request: "drop" if down[0] % 4 else None
        if not down[0] % 4:
            setting.work(2)

    monkeypatch.setattr(time, "sleep", sleep)
    run = setting.run()
    run.loop(rounds=2, n=4)
    setting.check(run.learner)
    assert run.status()["labeled"] == 8


def test_a_loop_does_not_wait_for_a_server_that_never_was_there(setting, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("it waits"))
    monkeypatch.setattr("skactive.serve._client.WAITS", ())
    setting.fake.fail = lambda *request: "html"
    run = setting.run()
    with pytest.raises(LabelStudioError, match="HTML"):
        run.loop()
    learner = setting.learner(n_initial=3).set_params(oracle=LabelStudioOracle(run))
    run.learner = learner
    with pytest.raises(LabelStudioError, match="HTML"):
        learner.fit(setting.X)


def test_a_loop_is_ended_by_ctrl_c_and_goes_on(setting, monkeypatch):
    def interrupted(seconds):
        setting.work(2)
        raise KeyboardInterrupt

    run, n = setting.run(), 0
    monkeypatch.setattr(time, "sleep", interrupted)
    while True:
        try:
            run.loop(rounds=1, n=5)
            break
        except KeyboardInterrupt:
            n += 1
            run = setting.run()
    assert n == 3 and run.status()["labeled"] == 5
    setting.check(run.learner)


def test_a_loop_says_what_cannot_be_used(setting, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: setting.fake.answer(1, "z"))
    run = setting.run()
    with pytest.raises(ValueError, match="'z' is no label"):
        run.loop(n=2)


def test_a_loop_puts_back_what_was_deleted(setting, monkeypatch):
    def sleep(seconds):
        if len(setting.fake.requests) < 30:
            setting.fake.tasks.clear()
        else:
            setting.work()

    monkeypatch.setattr(time, "sleep", sleep)
    run = setting.run()
    run.loop(rounds=1, n=3)
    assert run.status()["labeled"] == 3


def test_a_loop_ends_when_all_are_asked(setting, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: setting.work())
    run = setting.run()
    run.loop(n=25)
    assert run.learner.labeled_mask_.all()


# --------------------------------------------------------------- other kinds of answers


def test_numbers(setting):
    from sklearn.linear_model import Ridge

    config = LabelConfig.make("numbers", of="text")
    number = setting.client.create_project("Numbers", config)
    journal = setting.folder / "numbers.jsonl"
    learner = ActiveLearner(Ridge(), journal=journal, random_state=0).fit(setting.X)
    texts = [f"text {k}" for k in range(60)]
    state = setting.folder / "numbers.json"
    run = LabelStudioRun(learner, setting.client, number, config, texts, state=state)
    rows = run.push(4)
    region = {"from_name": "label", "to_name": "text", "type": "number"}
    for k, task in enumerate(setting.fake.queue(number)[:3]):
        result = [{**region, "value": {"number": k + 0.5}}]
        setting.fake.answer(task, result=result)
    setting.fake.answer(setting.fake.queue(number)[0], skip=True)
    assert run.teach()["labels"] == 3
    assert learner.labels_[rows[:3]].tolist() == [0.5, 1.5, 2.5]
    assert learner.skipped_.tolist() == [rows[3]]
    assert run.teach()["labels"] == 0


@pytest.mark.parametrize("classes", [[0, 1, 2], [7, 3, 5], None])
def test_classes_are_those_of_the_model(setting, classes):
    """Labels are words to people, and whatever it calls them to the model."""
    setting.config = LabelConfig.make(
        "classes", list("abc"), of="text", classes=classes
    )
    run = setting.run()
    rows = run.push(3)
    for task, label in zip(setting.fake.queue(), "abc", strict=True):
        setting.fake.answer(task, label)
    run.teach()
    known = run.learner.labels_[rows].tolist()
    assert known == (list("abc") if classes is None else classes)
    for again in (run, setting.run()):
        assert again.teach() == dict.fromkeys(run.teach(), 0)
    number = setting.fake.tasks[1]["annotations"][0]["id"]
    setting.fake.delete(1, number)
    assert setting.run().teach()["forgotten"] == 1


@pytest.mark.parametrize("kind", ["boxes", "masks", "polygons"])
def test_boxes_and_masks_survive_the_journal(setting, kind):
    """They are known again in a new process, those without an object too."""
    config = LabelConfig.make(kind, ["car"], classes=[1], unpainted=0)
    number = setting.client.create_project("Pictures", config)
    pictures = np.zeros((5, 20, 30), np.uint8)
    tag = {"boxes": "rectangle", "masks": "brush", "polygons": "polygon"}[kind]
    value = {
        "boxes": {"x": 10, "y": 20, "width": 33.3, "height": 25, "rotation": 0},
        "masks": {"format": "rle", "rle": brush_encode(pictures[0] == 0)},
        "polygons": {"points": [[1, 1], [50, 1], [50, 60]], "closed": True},
    }[kind]
    region = {"from_name": "label", "to_name": "image", "type": f"{tag}labels"}
    region |= {"original_width": 30, "original_height": 20, "image_rotation": 0}
    region["value"] = {**value, f"{tag}labels": ["car"]}

    def make():
        journal = setting.folder / "pictures.jsonl"
        learner = ActiveLearner(
            DenseModel(), RandomSampling(), journal=journal, random_state=0
        ).fit(pictures.astype(float)[:, None])
        state = setting.folder / "pictures.json"
        return LabelStudioRun(
            learner, setting.client, number, config, pictures, state=state
        )

    run = make()
    rows = run.push(3)
    one, two, three = setting.fake.queue(number)
    setting.fake.answer(one, result=[region])
    setting.fake.answer(two, result=[])
    setting.fake.answer(three, skip=True)
    assert run.teach() == {"labels": 2, "skips": 1, "corrections": 0, "forgotten": 0}
    for again in (run, make()):
        assert again.poll()["changed"] == 0
        known = have(again.learner, rows)
        taken = again._open()[0].taken
        assert known == [taken[int(row)].said[0] for row in rows]
    for task in (one, two, three):
        annotation = setting.fake.tasks[task]["annotations"][0]
        setting.fake.delete(task, annotation["id"])
    run = make()
    assert run.teach()["forgotten"] == 3
    assert not run.learner.labeled_mask_.any() and not len(run.learner.skipped_)


class DenseModel(BaseEstimator):
    """A model of pictures that says nothing."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return [None] * len(X)


def test_it_is_described_and_pickled(setting):
    run = setting.run()
    assert repr(run).startswith("<LabelStudioRun of project 1 at http://127.0.0.1")
    again = pickle.loads(pickle.dumps(run))
    assert again.shown.items == run.shown.items
