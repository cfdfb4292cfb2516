"""What a look at a project shows, and what it costs."""

import json
import urllib.parse

import pytest

from skactive.serve import _looking
from skactive.serve._looking import Found, _before, _time, look

COUNTS = ("labels", "skips", "corrections", "forgotten")

pytestmark = pytest.mark.filterwarnings("ignore:There is no model to ask")


def see(run):
    return look(run, *run._open())


def test_the_last_batch_and_what_was_changed(setting, monkeypatch):
    monkeypatch.setattr(_looking, "MARGIN", 0)
    run = setting.run()
    run.push(3)
    first = setting.work()
    assert set(see(run).said) == set(map(setting.row, first))
    run.teach()
    run.push(2)
    run.teach()
    later = {setting.row(task) for task in setting.fake.queue()}
    assert set(see(run).said) == later and see(run).changed(run._open()[0]) == []
    task, number = list(first.items())[1]
    setting.fake.correct(task, number, "a")
    found = see(run)
    assert set(found.said) == later | {setting.row(task)}
    assert [said.row for said in found.changed(run._open()[0])] == [setting.row(task)]


def test_a_change_that_becomes_visible_late_is_seen(setting):
    """Its time is before that of the last change that was seen."""
    run = setting.run()
    run.push(3)
    (task, number), *_ = setting.work().items()
    run.teach()
    run.push(1)
    run.teach()
    since = run._open()[0].since
    setting.fake.correct(task, number, "c")
    setting.fake.tasks[task]["updated_at"] = since.replace("+00:00", ".000000Z")
    before = run.learner.labels_[setting.row(task)]
    assert before != "c" and run.teach()["corrections"] == 1


def test_with_votes_all_is_read_each_time(setting, monkeypatch):
    monkeypatch.setattr(_looking, "MARGIN", 0)
    asked = []

    def aggregate(votes, classes):
        asked.append(len(votes))
        return [answer for _, _, answer, _ in votes], [1.0] * len(votes)

    run = setting.run(aggregate=aggregate)
    for n in (2, 3):
        run.push(n)
        setting.work()
        run.teach()
    assert asked[-1] == 5 and len(run.confidence_) == 5
    setting.check(run.learner)


def test_times_of_all_forms():
    assert _before(None) is None
    assert _before("2026-11-25T10:01:00Z") == "2026-11-25T10:00:00.000000Z"
    assert _before("2026-11-25T12:01:00.500000+02:00") == "2026-11-25T10:00:00.500000Z"
    assert _time("2026-11-25T10:01:00") == _time("2026-11-25T10:01:00.000Z")


def test_foreign_tasks_without_answers_are_not_read(setting):
    run = setting.run()
    run.push(1)
    texts = [{"data": {"text": "x"}}] * 230
    setting.client.post("/api/projects/1/import", texts)
    assert not see(run).faults
    assert [p.endswith("export") for _, p in setting.fake.requests].count(True) == 1
    setting.fake.answer(17, "a")
    assert "Task 17" in see(run).faults[0] and "no skactive_id" in see(run).faults[0]


def test_faults_are_looked_at_again(setting):
    run = setting.run()
    run.push(2)
    one, two = setting.fake.queue()
    number = setting.fake.answer(one, "nonsense")
    setting.fake.answer(two, "a")
    for _ in range(2):
        with pytest.raises(ValueError, match=f"Annotation {number} of task {one}"):
            run.teach()
    assert run.learner.labels_[setting.row(two)] == "a"  # nothing else is lost
    assert run.poll()["faults"] and run._open()[0].since is None
    setting.fake.correct(one, number, "b")
    assert run.teach()["labels"] == 1
    setting.check(run.learner)


def test_a_correction_that_cannot_be_read_leaves_the_label(setting):
    run = setting.run(faults="warn")
    run.push(2)
    work = setting.work()
    run.teach()
    (task, number), *_ = work.items()
    setting.fake.correct(task, number, "nonsense")
    with pytest.warns(UserWarning, match="cannot be used"):
        assert run.teach() == dict.fromkeys(COUNTS, 0)
    assert run.learner.labels_[setting.row(task)] == setting.y[setting.row(task)]


def test_a_fault_of_an_old_batch_does_not_hold_up_the_next(setting):
    run = setting.run(faults="warn")
    run.push(2)
    (task, number), *_ = setting.work().items()
    run.teach()
    setting.fake.correct(task, number, "nonsense")
    with pytest.warns(UserWarning, match="cannot be used"):
        rows = run.push(3)
    setting.work()
    with pytest.warns(UserWarning, match="cannot be used"):
        assert run.teach()["labels"] == 3
        assert not set(run.push(2)) & set(rows)


def test_many_faults_are_counted():
    found = Found({}, [f"fault {k}" for k in range(9)])
    with pytest.raises(ValueError, match="fault 4\n... and 4 more"):
        found.complain("raise")
    assert Found({}).complain("raise") is None


@pytest.mark.parametrize(
    ("known", "expected"), [(None, "missing"), ("skip", "skip"), ("ab", "label")]
)
def test_what_is_not_there(known, expected):
    assert Found({}).state_of(3, known) == expected
    assert Found({}, ["x"], {3}).state_of(3, known) == "fault"


def test_a_task_that_is_deleted_in_the_tool_leaves_its_label(setting):
    run = setting.run()
    rows = run.push(3)
    work = setting.work(2)
    run.teach()
    for task in work:
        del setting.fake.tasks[task]
    assert run.teach()["forgotten"] == 0
    assert run.learner.labeled_mask_.sum() == 2
    counts = run.poll()
    assert (counts["answered"], counts["open"], counts["missing"]) == (2, 1, 0)
    # One that nobody answered is there again after the next push.
    setting.fake.tasks.clear()
    assert run.poll()["missing"] == 1
    assert run.push().tolist() == rows.tolist()
    assert [setting.row(task) for task in setting.fake.queue()] == [rows[2]]


def test_filters_are_of_the_form_that_was_seen(setting):
    run = setting.run()
    run.push(1)
    setting.work()
    run.teach()
    queries = []

    class Spy(type(setting.client)):
        def _send(self, method, path, body, credentials):
            queries.append(path)
            return super()._send(method, path, body, credentials)

    run.client = run.project.client = Spy(setting.client.url, setting.client.token)
    run.poll()
    listed = [path for path in queries if path.startswith("/api/tasks")]
    filters = [
        json.loads(urllib.parse.parse_qs(path.partition("?")[2])["query"][0])
        for path in listed
    ]
    keys = [each["filters"]["items"][0]["filter"] for each in filters]
    assert keys == [
        "filter:tasks:data.skactive_batch",
        "filter:tasks:updated_at",
    ]
    assert len(queries) == 3
