"""Batches come into a project whole, once, and in order; what is stale goes."""

import pytest

from skactive import ActiveLearner
from skactive.io import Journal
from skactive.serve import LabelStudioError, LabelStudioOracle

pytestmark = pytest.mark.filterwarnings("ignore:There is no model to ask")


def served(setting):
    return [setting.row(task) for task in setting.fake.queue()]


def test_what_is_missing_comes_in_the_order_of_the_query(setting):
    run = setting.run()
    rows = run.push(6).tolist()
    for task in (2, 3, 5):
        del setting.fake.tasks[task]
    assert setting.run().push().tolist() == rows
    assert sorted(served(setting)) == sorted(rows)
    assert served(setting)[3:] == [rows[1], rows[2], rows[4]]
    ranks = [t["data"]["skactive_rank"] for t in setting.fake.tasks.values()]
    assert sorted(ranks) == list(range(6))


def test_what_is_known_is_not_asked_again(setting):
    run = setting.run()
    rows = run.push(5).tolist()
    setting.work(2)
    setting.fake.tasks.pop(4)
    setting.fake.tasks.pop(5)
    run.teach()
    run.learner.teach([rows[4]], [None])  # skipped by hand
    run.push()
    assert [setting.row(t) for t in sorted(setting.fake.tasks)] == rows[:4]


@pytest.mark.parametrize("what", ["drop", "cut", "late", "500", "html"])
def test_an_import_that_fails_is_not_repeated_blindly(setting, what):
    run = setting.run()
    run.push(1)
    setting.work()
    run.teach()
    left = [1]

    def fail(number, method, path):
        if path.endswith("import") and left:
            left.pop()
            return what

    setting.fake.fail = fail
    with pytest.raises(LabelStudioError, match="import"):
        run.push(5)
    rows = run.push(7).tolist()  # the batch is begun: it stays as it is
    assert len(rows) == 5 and served(setting) == rows
    if what == "late":  # the server did hear it, and does it now
        setting.fake.late()
        assert len(served(setting)) == 10
        run.poll()
        assert served(setting) == rows
    assert setting.run().push().tolist() == rows and served(setting) == rows


def test_a_full_disk_asks_nothing(setting, monkeypatch):
    """What is asked has to be known after a crash."""

    def full(*args):
        raise OSError(28, "No space left on device")

    run = setting.run()
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        with pytest.raises(OSError, match="No space"):
            run.push(3)
    assert not setting.fake.tasks
    assert run.push(3).tolist() == served(setting)


def test_a_late_import_after_an_answer(setting):
    run = setting.run()
    setting.fake.fail = lambda n, m, path: "late" if path.endswith("import") else None
    with pytest.raises(LabelStudioError):
        run.push(3)
    setting.fake.fail = lambda *request: None
    rows = run.push().tolist()
    setting.fake.late()
    setting.fake.answer(4, "a")  # the second task of the first row
    run.teach()
    assert sorted(served(setting)) == sorted(rows[1:])
    assert run.learner.labels_[rows[0]] == "a"


def test_tasks_that_vanish_are_said(setting):
    run = setting.run()
    fake, imports = setting.fake, setting.fake._import

    def forgetful(number, tasks):
        return imports(number, tasks[:-1])

    fake._import = forgetful
    with pytest.raises(LabelStudioError, match="lacks 1 of 4, such as that of id"):
        run.push(4)
    fake._import = imports
    assert len(run.push()) == len(served(setting)) == 4


def test_the_left_over_goes_before_the_next_batch(setting):
    run = setting.run()
    rows = run.push(5)
    setting.work(2)
    run.teach(close=True)
    assert len(served(setting)) == 3  # until then it may still be answered
    setting.fake.answer(3, "a")
    new = run.push(4)
    assert served(setting) == new.tolist()
    assert run.learner.labels_[rows[2]] == "a"  # what came in late is taught
    assert not set(new) & set(rows[:3])
    setting.check(run.learner)


def test_an_answer_in_the_last_moment_is_not_deleted(setting):
    run = setting.run()
    rows = run.push(4).tolist()
    setting.work(2)
    run.teach(close=True)
    delete = setting.fake._delete

    def answered_just_before(query, body):
        setting.fake.answer(3, "c")
        return delete(query, body)

    setting.fake._delete = answered_just_before
    new = run.push(4)
    assert run.learner.labels_[rows[2]] == "c" and rows[2] not in new
    setting.check(run.learner)


def test_the_sizes_of_the_learner_may_be_a_list(setting):
    run = setting.run(setting.learner(batch_size=[3, 6]).fit(setting.X))
    assert len(run.push()) == 3


def test_a_deleted_answer_may_be_asked_again(setting):
    """In the same task until the next batch, and then in another one."""
    run = setting.run(setting.learner(batch_size=60).fit(setting.X))
    rows = run.push().tolist()
    assert len(rows) == 60
    work = setting.work()
    run.teach()
    (task, number), *_ = work.items()
    setting.fake.delete(task, number)
    run.teach()
    assert served(setting) == [rows[0]]
    assert run.push().tolist() == [rows[0]] == served(setting)
    setting.work()
    assert run.teach()["labels"] == 1
    assert run.push().tolist() == []
    assert run.learner.labeled_mask_.all()


def test_an_answer_that_cannot_be_read_is_not_asked_again(setting):
    run = setting.run(faults="warn")
    rows = run.push(58).tolist()
    setting.work(57)
    number = setting.fake.answer(58, "nonsense")
    with pytest.warns(UserWarning, match="cannot be used"):
        run.teach(close=True)
    with pytest.warns(UserWarning, match="cannot be used"):
        later = run.push(10).tolist()
    assert len(later) == 2 and not set(later) & set(rows)
    setting.fake.correct(58, number, "a")
    setting.work()
    run.teach()
    assert run.learner.labeled_mask_.all() and run.push().tolist() == []


def test_predictions_are_shown_of_the_newest_model(setting):
    learner = setting.learner().fit(setting.X)
    run = setting.run(learner, predict=lambda rows: learner.predict(setting.X[rows]))
    run.push(6)
    assert not any(task["predictions"] for task in setting.fake.tasks.values())
    setting.work()
    run.teach()
    run.push(2)
    version = setting.fake.projects[1]["model_version"]
    assert version == run.status()["batch"]
    shown = [setting.fake.tasks[task]["predictions"] for task in setting.fake.queue()]
    assert [each[0]["model_version"] for each in shown] == [version] * 2


def test_predictions_are_shown_though_a_process_ended(setting):
    learner = setting.learner().fit(setting.X)
    run = setting.run(learner, predict=lambda rows: learner.predict(setting.X[rows]))
    run.push(6)
    setting.work()
    run.teach()
    # The last request of a push, which is repeated three times.
    setting.fake.fail = lambda n, method, path: "500" if method == "PATCH" else None
    with pytest.raises(LabelStudioError, match="PATCH"):
        run.push(2)
    setting.fake.fail = lambda *request: None
    run.push()
    version = setting.fake.projects[1]["model_version"]
    assert version == run.status()["batch"] and len(served(setting)) == 2


def test_what_was_withdrawn_stays_away(setting):
    """Where an oracle asks again for a part of what an earlier one asked."""
    learner = setting.learner().fit(setting.X)
    oracle = LabelStudioOracle(setting.run(learner))
    oracle._ask([4, 7, 9])
    oracle._ask([9, 5])
    assert served(setting) == [9, 5]
    oracle._ask([5, 4])
    assert served(setting) == [5, 4]


def test_what_was_answered_and_taken_back_by_hand_is_not_asked_again(setting):
    run = setting.run()
    rows = run.push(3)
    setting.work(2)
    run.teach()
    run.learner.forget(rows[:2])
    del setting.fake.tasks[1]
    assert run.push().tolist() == rows.tolist()
    assert sorted(setting.fake.tasks) == [2, 3]


def test_names_of_samples_find_their_rows(setting):
    """In a table that was sorted in between, too."""
    names = [f"text {k}" for k in range(60)]

    def learner(order):
        journal = Journal(setting.folder / "answers.jsonl", [names[k] for k in order])
        return ActiveLearner(journal=journal, random_state=0).fit(setting.X[order])

    run = setting.run(learner(list(range(60))))
    rows = run.push(5).tolist()
    assert served(setting) == [names[row] for row in rows]
    for task, row in zip(setting.fake.queue(), rows, strict=True):
        setting.fake.answer(task, setting.y[row])
    order = list(range(60))[::-1]
    run = setting.run(learner(order))
    assert sorted(59 - row for row in run.push()) == sorted(rows)
    run.teach()
    known = run.learner.labels_[[59 - row for row in rows]].tolist()
    assert known == setting.y[rows].tolist()


def test_all_are_asked_and_then_none(setting):
    run = setting.run()
    rows = []
    while len(batch := run.push(25)):
        rows += batch.tolist()
        setting.work()
        run.teach()
    assert sorted(rows) == list(range(60))
    setting.check(run.learner)
