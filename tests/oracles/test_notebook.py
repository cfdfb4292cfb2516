"""A panel of widgets, driven by clicks from code: no browser, no kernel."""

import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from skactive import ActiveLearner
from skactive.io import Journal
from skactive.oracles import NotebookPanel

pytest.importorskip("ipywidgets")

X, y = load_iris(return_X_y=True)
X, y = X[::3], y[::3]
NAMES = np.array(["setosa", "versicolor", "virginica"])


def begun(n=6, truth=y, **more):
    """Return a learner that knows every n-th label."""
    partly = np.array([v if k % n == 0 else None for k, v in enumerate(truth)], object)
    more = {"classes": np.unique(truth), "batch_size": 3, "random_state": 0} | more
    return ActiveLearner(GaussianNB(), **more).fit(X, partly)


def text_of(panel):
    return "".join(each.value for each in (panel._left, panel._note))


def answer(panel, n=1, truth=y):
    """Click on the true class of n rows; return these."""
    rows = []
    for _ in range(n):
        rows.append(panel.rows[0])
        panel.button(truth[panel.rows[0]].item()).click()
    return rows


class Moody(GaussianNB):
    """Fails on demand."""

    mood = None

    def fit(self, X, y):
        if Moody.mood is not None:
            raise Moody.mood
        return super().fit(X, y)


@pytest.fixture
def moody(monkeypatch):
    learner = begun().set_params(estimator=Moody())
    panel = NotebookPanel(learner, X)

    def become(mood):
        monkeypatch.setattr(Moody, "mood", mood)

    return learner, panel, become


def test_clicks_are_taught_at_once_and_the_model_is_fitted_after_a_batch():
    learner = begun()
    n = int(learner.labeled_mask_.sum())
    panel = NotebookPanel(learner, X)
    assert panel.rows == learner.query(3).tolist()
    rows = answer(panel, 2)
    assert learner.labels_[rows].tolist() == y[rows].tolist()
    assert learner.history_["n_labeled"] == [n]
    assert f"3 of 3 in this batch; {n + 2} labels" in text_of(panel)
    answer(panel)
    assert learner.history_["n_labeled"] == [n, n + 3]
    assert len(panel.rows) == 3 and not set(panel.rows) & set(rows)
    assert panel.error_ is None


def test_a_run_is_that_of_query_and_teach():
    learner, other = begun(), begun()
    panel = NotebookPanel(learner, X)
    answer(panel, 9)
    for _ in range(3):
        rows = other.query(3)
        other.teach(rows, y[rows])
    assert other.queried_indices_.tolist() == learner.queried_indices_.tolist()
    assert other.history_["n_labeled"] == learner.history_["n_labeled"]
    np.testing.assert_array_equal(other.predict_proba(X), learner.predict_proba(X))


def test_an_answer_is_on_disk_before_the_next_row_is_shown(tmp_path):
    path = tmp_path / "answers.jsonl"
    learner = begun(journal=path)
    seen = []

    def show(row, x):
        seen.append((row, len(Journal(path).events())))

    panel = NotebookPanel(learner, X, show=show, who="Ada")
    answer(panel, 2)
    assert [n for _, n in seen] == [1, 2, 3]  # the first line is the round
    events = Journal(path).events()
    assert [e["who"] for e in events[1:]] == ["Ada", "Ada"]
    assert events[1]["seconds"] is not None


@pytest.mark.parametrize("missing_label", [None, -1])
def test_skips(missing_label):
    partly = np.where(np.arange(len(y)) % 6 == 0, y, -1 if missing_label else np.nan)
    learner = ActiveLearner(
        classes=[0, 1, 2], missing_label=missing_label, batch_size=2, random_state=0
    ).fit(X, partly)
    panel = NotebookPanel(learner, X)
    row = panel.rows[0]
    panel.button("skip").click()
    assert learner.skipped_.tolist() == [row] and "1 skips" in text_of(panel)
    panel.button("skip").click()
    assert panel.error_ is None and row not in panel.rows and len(panel.rows) == 2


def test_undo_goes_back_through_batches_and_asks_again():
    learner = begun()
    panel = NotebookPanel(learner, X)
    first, rows = learner.labels_, answer(panel, 4)
    for row in rows[::-1]:
        panel.button("undo").click()
        assert panel.rows[0] == row and not learner.labeled_mask_[row]
    assert "1 of 6 in this batch" in text_of(panel)
    assert [v is None for v in learner.labels_] == [v is None for v in first]
    # Then nothing is left, and the panel says so.
    panel.button("undo").click()
    assert "nothing to undo" in text_of(panel) and isinstance(panel.error_, ValueError)
    assert answer(panel, 2) == rows[:2] and panel.error_ is None


def test_undo_of_yesterday(tmp_path):
    path = tmp_path / "answers.jsonl"
    row = answer(NotebookPanel(begun(journal=path), X))[0]
    learner = begun(journal=path)
    panel = NotebookPanel(learner, X)
    assert learner.labeled_mask_[row] and row not in panel.rows
    panel.button("undo").click()
    assert panel.rows[0] == row and not learner.labeled_mask_[row]


def test_undo_of_what_others_did():
    learner = begun()
    panel = NotebookPanel(learner, X)
    labeled = np.flatnonzero(learner.labeled_mask_)[:2]
    before = list(panel.rows)
    learner.forget(labeled)
    panel.button("undo").click()  # labeled again: not to be asked
    assert panel.rows == before and learner.labeled_mask_[labeled].all()
    others = [k for k in range(len(y)) if not learner.labeled_mask_[k]][:5]
    others = [k for k in others if k not in before]
    learner.teach(others, y[others])
    panel.button("undo").click()
    assert panel.rows == others + before


def test_rows_that_others_labeled_are_passed_over():
    learner = begun()
    here, there = NotebookPanel(learner, X), NotebookPanel(learner, X)
    first, second, third = here.rows
    learner.teach([second], [y[second]])
    answer(here)
    assert here.rows == [third]
    # Both panels showed the first row: the other one is told, and goes on.
    there.button(2).click()
    assert f"Row {first} was answered elsewhere" in text_of(there)
    assert learner.labels_[first] == y[first] and there.rows == [third]
    answer(there)
    here.button("skip").click()
    assert "not taught" in text_of(here) and not len(learner.skipped_)
    assert here.rows == there.rows and third not in here.rows


def test_a_learner_that_was_fitted_again_takes_no_answers_to_what_is_shown_here():
    learner = begun()
    panel = NotebookPanel(learner, X)
    row = panel.rows[0]
    learner.fit(X[::-1], learner.labels_[::-1])
    n = int(learner.labeled_mask_.sum())
    for click in (0, "skip", "undo"):
        panel.button(click).click()
        assert "fitted again" in text_of(panel) and panel.rows[0] == row
    assert learner.labeled_mask_.sum() == n and not len(learner.skipped_)


def test_clicks_that_are_late_count_for_nothing():
    learner = begun()
    panel = NotebookPanel(learner, X)
    old = [panel.button(1), panel.button("skip"), panel.button("undo")]
    answer(panel, 3)
    n, rows = learner.labeled_mask_.sum(), list(panel.rows)
    for button in old:
        button.click()
    assert learner.labeled_mask_.sum() == n and panel.rows == rows
    assert not len(learner.skipped_)


def test_buttons_are_off_while_the_model_is_fitted(monkeypatch):
    learner = begun().set_params(estimator=Moody())
    panel = NotebookPanel(learner, X)
    off = []
    fit = GaussianNB.fit

    def watched(self, X, y):
        off.append(all(button.disabled for button in panel._buttons))
        return fit(self, X, y)

    monkeypatch.setattr(GaussianNB, "fit", watched)
    answer(panel, 3)
    assert off == [True]
    assert not panel.button(0).disabled and not panel.button("undo").disabled


@pytest.mark.parametrize("mood", [ValueError("<b>no</b>"), MemoryError("no")])
def test_an_error_of_the_model_is_shown_and_the_answers_are_kept(moody, mood):
    learner, panel, become = moody
    become(mood)
    rows = answer(panel, 3)
    assert panel.error_ is mood and learner.labeled_mask_[rows].all()
    text = text_of(panel)
    assert f"{type(mood).__name__}: " in text and "All answers are kept" in text
    assert "<b>no" not in text
    assert panel.button(0).disabled and not panel.button("again").disabled
    panel.button(0).click()  # from before the panel was off
    assert panel.error_ is mood and text_of(panel) == text
    panel.button("again").click()
    assert panel.error_ is mood
    become(None)
    panel.button("again").click()
    assert panel.error_ is None and len(panel.rows) == 3
    assert panel.button("again").layout.display == "none"
    assert learner.history_["n_labeled"][-1] == learner.labeled_mask_.sum()


def test_undo_is_there_after_an_error_of_the_model(moody):
    learner, panel, become = moody
    become(ValueError("no"))
    row = answer(panel, 3)[-1]
    panel.button("undo").click()
    assert panel.rows == [row] and panel.error_ is None
    become(None)
    panel.button((y[row].item() + 1) % 3).click()
    assert learner.labels_[row] != y[row] and len(panel.rows) == 3


def test_an_interrupt_is_passed_on_and_leaves_a_panel_that_works(moody):
    learner, panel, become = moody
    become(KeyboardInterrupt())
    answer(panel, 2)
    with pytest.raises(KeyboardInterrupt):
        answer(panel)
    assert isinstance(panel.error_, KeyboardInterrupt)
    become(None)
    panel.button("again").click()
    assert len(panel.rows) == 3 and not panel.button(0).disabled
    assert learner.history_["n_labeled"][-1] == learner.labeled_mask_.sum()


def test_an_answer_that_cannot_be_written_down_is_not_taught(tmp_path, monkeypatch):
    learner = begun(journal=tmp_path / "answers.jsonl")
    panel = NotebookPanel(learner, X)
    row = panel.rows[0]

    def full(fd):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        answer(panel)
    assert panel.rows[0] == row and not learner.labeled_mask_[row]
    assert "No space left" in text_of(panel) and "earlier clicks" in text_of(panel)
    answer(panel)
    assert learner.labels_[row] == y[row] and panel.error_ is None


@pytest.mark.filterwarnings("default:There is no model")
def test_the_first_day_begins_without_a_label(tmp_path):
    learner = ActiveLearner(
        LogisticRegression(), journal=tmp_path / "a.jsonl", batch_size=4, random_state=0
    ).fit(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("default", "There is no model")
        panel = NotebookPanel(learner, X, classes={0: "a", 1: "<b>", 2: "c"})
    assert "There is no model to ask (no label yet)" in text_of(panel)
    assert [b.description for b in panel._classes.values()] == ["a", "<b>", "c"]
    for _ in range(4):
        panel.button(1).click()
    assert "all 4 labels are 1" in text_of(panel) and not hasattr(learner, "estimator_")
    answer(panel, 4)
    assert hasattr(learner, "estimator_") and "no model" not in text_of(panel)


def test_the_sizes_of_the_learner_may_be_a_list():
    learner = begun(n=2, batch_size=[2, 5])
    panel = NotebookPanel(learner, X)
    assert len(panel.rows) == 2
    answer(panel, 2)
    assert len(panel.rows) == 5


def test_the_last_row_ends_it_with_a_fitted_model():
    learner = begun(n=2, batch_size=7)
    panel = NotebookPanel(learner, X, batch_size=10)
    answer(panel, 25)
    assert panel.rows == [] and panel.error_ is None and panel._note.value == ""
    assert learner.history_["n_labeled"] == [25, 35, 45, 50]
    assert "50 labels, 0 skips, 0 rows without an answer" in text_of(panel)
    assert panel.button(0).disabled and panel._shown.children == ()
    panel.button("undo").click()
    assert len(panel.rows) == 1 and not panel.button(0).disabled


@pytest.mark.parametrize("names", [["skip", "undo", "again"], ["1", "2", "None"]])
def test_classes_may_be_called_like_verbs(names):
    truth = np.array(names)[y]
    learner = begun(truth=truth)
    panel = NotebookPanel(learner, X)
    rows = answer(panel, 3, truth=truth)
    assert learner.labels_[rows].tolist() == truth[rows].tolist()
    panel._verbs["skip"].click()
    panel._verbs["undo"].click()
    assert panel.error_ is None and not len(learner.skipped_)


@pytest.mark.parametrize("truth", [NAMES[y], y.astype(float), y == 1, y.astype(object)])
def test_labels_are_those_of_the_learner(truth):
    learner = begun(truth=truth)
    panel = NotebookPanel(learner, X)
    rows = answer(panel, 6, truth=np.asarray(truth.tolist()))
    assert panel.error_ is None
    assert [learner.labels_[r] for r in rows] == truth[rows].tolist()


def test_widgets_are_let_go():
    from ipywidgets.widgets import widget

    def n_widgets():
        return len(widget._instances)

    learner = begun()
    panel = NotebookPanel(learner, X)
    answer(panel, 3)
    before = n_widgets()
    answer(panel, 12)
    assert n_widgets() <= before


# ------------------------------------------------------------ what is shown


def test_other_containers_are_shown_row_by_row():
    for samples in (pd.DataFrame(X), sparse.csr_array(X), X.tolist(), list("x" * 50)):
        panel = NotebookPanel(begun(), samples)
        assert f"row {panel.rows[0]}\n" in panel._shown.children[0].value


def test_a_sample_that_cannot_be_shown_can_be_skipped():
    learner = begun()

    def show(row, x):
        raise FileNotFoundError(f"no picture of {row}")

    panel = NotebookPanel(learner, X, show=show)
    row = panel.rows[0]
    assert f"no picture of {row}" in panel._shown.children[0].value
    assert isinstance(panel.error_, FileNotFoundError)
    panel.button("skip").click()
    assert learner.skipped_.tolist() == [row] and panel.rows[0] != row


def test_it_is_displayed(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    panel = NotebookPanel(begun(), X)
    panel._ipython_display_()
    assert shown == [panel.widget]
    order = panel.widget.children
    assert order.index(panel._clickable) < order.index(panel._shown)
    assert repr(panel).startswith("NotebookPanel(1 of 3 in this batch; 9 labels")


# ------------------------------------------------------------ what is refused


def test_without_ipywidgets_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ImportError, match=r'pip install "skactive\[notebook\]"'):
        NotebookPanel(begun(), X)


@pytest.mark.parametrize(
    ("learner", "samples", "classes", "error", "match"),
    [
        (begun(classes=None), X, None, ValueError, "pass classes= to it"),
        (begun(), X[:20], None, ValueError, "20 samples.*fitted on 50"),
        (begun(), X, [], ValueError, "not empty"),
        (begun(), X, [1, 1], ValueError, "names a class twice"),
        (begun(), X, "cat", ValueError, "classes is the string 'cat'"),
        (begun(), None, None, TypeError, "NoneType"),
        (ActiveLearner(), X, None, NotFittedError, "not fitted"),
        (
            ActiveLearner(budget=5, random_state=0).fit(X, y),
            X,
            [0, 1, 2],
            ValueError,
            "fitted in a simulation",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(learner, samples, classes, error, match):
    with pytest.raises(error, match=match):
        NotebookPanel(learner, samples, classes)


@pytest.mark.parametrize(
    ("more", "error", "match"),
    [
        ({"show": 5}, TypeError, "show must be a function"),
        ({"who": 3}, TypeError, "who must be a name"),
        ({"batch_size": 0}, ValueError, "batch_size == 0"),
        ({"batch_size": "3"}, TypeError, "batch_size must be"),
    ],
)
def test_other_bad_input_is_refused_before_the_first_click(more, error, match):
    with pytest.raises(error, match=match):
        NotebookPanel(begun(), X, **more)


def test_a_class_that_the_learner_does_not_know_is_shown_as_an_error():
    learner = begun()
    panel = NotebookPanel(learner, X, [0, 1, 2, 3])
    row = panel.rows[0]
    panel.button(3).click()
    assert "ValueError: " in text_of(panel) and panel.rows[0] == row
    assert not learner.labeled_mask_[row]
