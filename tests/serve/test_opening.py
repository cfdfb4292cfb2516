"""A state is refused where it is not that of the run."""

import pytest
from sklearn.exceptions import NotFittedError

from skactive import ActiveLearner
from skactive.io import Journal
from skactive.serve import LabelStudioClient
from skactive.serve._opening import journal_of

pytestmark = pytest.mark.filterwarnings("ignore:There is no model to ask")


def begun(setting):
    run = setting.run()
    run.push(4)
    setting.work()
    run.teach()
    return run


def refused(run, match):
    for verb in (run.push, run.poll, run.teach, run.status):
        with pytest.raises(ValueError, match=match):
            verb()


def test_a_state_of_another_project(setting):
    begun(setting)
    other = setting.client.create_project("Others", setting.config)
    setting.number = other
    n = len(setting.fake.requests)
    refused(setting.run(), "is of another project: 1, and this run has 2")
    assert len(setting.fake.requests) == n


def test_a_state_of_another_server(setting):
    begun(setting)
    setting.client = LabelStudioClient("http://127.0.0.1:9", "0123")
    refused(setting.run(), "is of another server")


def test_a_state_of_another_learner(setting):
    begun(setting)
    journal = setting.folder / "others.jsonl"
    learner = ActiveLearner(journal=journal).fit(setting.X)
    refused(setting.run(learner), "is of another journal: 'answers.jsonl'")


def test_a_state_of_other_samples(setting):
    begun(setting)
    (setting.folder / "answers.jsonl").unlink()
    learner = setting.learner().fit(setting.X[::-1].copy())
    refused(setting.run(learner), "is of another samples")


def test_a_state_of_other_names(setting):
    def run(names):
        path = setting.folder / f"{names[0]}.jsonl"
        journal = Journal(path, names)
        return setting.run(ActiveLearner(journal=journal).fit(setting.X))

    first = run([f"a{k}" for k in range(60)])
    first.push(4)
    text = first.state.read_text()
    first.state.write_text(text.replace("a0.jsonl", "b0.jsonl"))
    refused(run([f"b{k}" for k in range(60)]), "it asked about 'a")


def test_a_journal_that_was_lost(setting):
    begun(setting)
    (setting.folder / "answers.jsonl").unlink()
    refused(setting.run(), "was cut or replaced")


def test_state_and_journal_may_move_together(setting, tmp_path):
    begun(setting)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for name in ("answers.jsonl", "run.json"):
        (setting.folder / name).rename(folder / name)
    setting.folder = folder
    assert setting.run().status()["labeled"] == 4


def test_two_runs_on_one_state_see_each_other(setting):
    one = setting.run()
    two = setting.run(one.learner)
    rows = one.push(4)
    assert two.push().tolist() == rows.tolist() and len(setting.fake.tasks) == 4
    setting.work()
    two.teach()
    assert one.teach()["labels"] == 0 and one.status() == two.status()


def test_a_lost_state_is_said(setting):
    """A new one does not know what was asked."""
    begun(setting)
    (setting.folder / "run.json").unlink()
    with pytest.raises(ValueError, match=r"never asked by this run.*the state that"):
        setting.run().teach()


def test_a_learner_is_fitted_first(setting):
    run = setting.run(setting.learner())
    with pytest.raises(NotFittedError):
        run.push()


def test_a_simulation_has_nothing_to_ask(setting):
    learner = ActiveLearner(n_initial=5, budget=5).fit(setting.X, setting.y)
    learner.journal = setting.folder / "answers.jsonl"
    with pytest.raises(ValueError, match="fitted in a simulation"):
        setting.run(learner).push()


def test_data_are_of_all_rows(setting):
    learner = setting.learner().fit(setting.X[:59])
    with pytest.raises(ValueError, match="there are 59 rows, and 60 items"):
        setting.run(learner).push()


def test_a_journal_is_a_path_or_has_one(tmp_path):
    for journal in (tmp_path / "a", str(tmp_path / "a"), Journal(tmp_path / "a")):
        assert journal_of(ActiveLearner(journal=journal)) == tmp_path / "a"
