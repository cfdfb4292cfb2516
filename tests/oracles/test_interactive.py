"""A person at the terminal: what is understood, taken back, and kept."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.linear_model import LinearRegression, LogisticRegression

from skactive import ActiveLearner
from skactive.exceptions import StopAsking
from skactive.io import Journal
from skactive.oracles import InteractiveOracle


class Terminal:
    """A person who types what is in a script, and remembers what was shown."""

    def __init__(self, *lines):
        self.lines, self.shown, self.prompts = list(lines), [], []

    def read(self, prompt):
        self.prompts.append(prompt)
        if not self.lines:
            raise EOFError
        line = self.lines.pop(0)
        if isinstance(line, BaseException):
            raise line
        return line

    def oracle(self, classes=None, **params):
        return InteractiveOracle(
            classes, input_fn=self.read, output_fn=self.shown.append, **params
        )


X_ROWS = np.arange(12.0).reshape(4, 3)


def test_answers_are_cast_to_the_dtype_of_the_classes():
    terminal = Terminal("3", " 7 ", "03", "7.0")
    answers = terminal.oracle(np.array([3, 7], dtype=np.uint8))([5, 6, 7, 8], X_ROWS)
    assert answers.tolist() == [3, 7, 3, 7]
    assert answers.dtype == np.uint8


@pytest.mark.parametrize(
    ("classes", "typed", "expected"),
    [
        (["cat", "a dog"], "a dog", "a dog"),
        ([1.0, 2.5], "1", 1.0),
        ([True, False], "False", False),
        (pd.Categorical(["x", "y"]), "y", "y"),
    ],
)
def test_classes_of_every_dtype_can_be_typed(classes, typed, expected):
    answers = Terminal(typed).oracle(classes)([0], X_ROWS[:1])
    assert answers.tolist() == [expected]
    assert answers.dtype == np.asarray(classes).dtype or answers.dtype.kind == "U"


def test_a_wrong_answer_is_asked_for_again_with_the_classes_listed():
    terminal = Terminal("dgo", "", "cta", "cat")
    answers = terminal.oracle(["cat", "dog"])([4, 9], X_ROWS[:2])
    assert answers.tolist() == [None, "cat"]
    complaints = [line for line in terminal.shown if "is not one of" in line]
    assert len(complaints) == 2
    assert "'dgo' is not one of: 1 cat, 2 dog." in complaints[0]
    assert len(terminal.prompts) == 4


def test_question_mark_gives_help_and_asks_again():
    terminal = Terminal("?", "dog")
    assert terminal.oracle(["cat", "dog"])([0], X_ROWS[:1]).tolist() == ["dog"]
    assert any(
        line.startswith("One of: 1 cat, 2 dog. An empty") for line in terminal.shown
    )


@pytest.mark.parametrize("end", ["q", EOFError(), KeyboardInterrupt()])
def test_ending_the_session_keeps_the_answers(end):
    oracle = Terminal("1", "s", end, "0").oracle([0, 1])
    with pytest.raises(StopAsking, match="2 answers") as stopped:
        oracle([0, 1, 2, 3], X_ROWS)
    assert stopped.value.answers == [1, None]
    assert oracle.n_asked_ == 2


def test_a_class_called_like_a_command_goes_before_it():
    answers = Terminal("q", "s", "").oracle(["q", "s"])([0, 1, 2], X_ROWS[:3])
    assert answers.tolist() == ["q", "s", None]


def test_without_classes_any_text_is_an_answer():
    answers = Terminal("red", "3").oracle()([0, 1], X_ROWS[:2])
    assert answers.tolist() == ["red", "3"]


def test_numbers_for_regression_refuse_text_nan_and_infinity():
    terminal = Terminal("two", "nan", "inf", "2.5", "-1")
    answers = terminal.oracle(cast=float)([0, 1], X_ROWS[:2])
    assert answers.tolist() == [2.5, -1.0]
    assert sum("was not understood" in line for line in terminal.shown) == 3


def test_show_displays_the_sample_in_place_of_its_repr():
    seen = []
    terminal = Terminal("0", "0")
    terminal.oracle([0], show=lambda row, x: seen.append((row, x.tolist())))(
        [8, 3], X_ROWS[:2]
    )
    assert seen == [(8, [0.0, 1.0, 2.0]), (3, [3.0, 4.0, 5.0])]
    assert terminal.shown == []


@pytest.mark.parametrize(
    "container", [np.asarray, pd.DataFrame, sparse.csr_array, list], ids=str
)
def test_samples_of_any_container_are_described_in_one_short_line(container):
    X = container(np.random.RandomState(0).rand(2, 3000))
    terminal = Terminal("0", "0")
    terminal.oracle([0])([11, 12], X)
    assert len(terminal.shown) == 2
    assert terminal.shown[0].startswith("row 11: ")
    assert all(len(line) < 180 and "\n" not in line for line in terminal.shown)


def test_an_error_after_the_first_answer_keeps_the_answers():
    def show(row, x):
        if row == 2:
            raise OSError("no such picture")

    terminal = Terminal("1", "0")
    with pytest.raises(StopAsking, match="no such picture") as stopped:
        terminal.oracle([0, 1], show=show)([0, 1, 2], X_ROWS[:3])
    assert stopped.value.answers == [1, 0]
    assert any("no such picture" in line for line in terminal.shown)
    with pytest.raises(OSError, match="no such picture"):
        terminal.oracle([0, 1], show=show)([2], X_ROWS[2:3])


@pytest.mark.parametrize(
    "classes", [[], [0, 0], [[0, 1]], ["a", "a "], [0.0, float("nan")], [None, "a"]]
)
def test_unusable_classes_are_refused(classes):
    with pytest.raises(ValueError, match="classes"):
        Terminal("0").oracle(classes)([0], X_ROWS[:1])


def test_interactive_oracle_uses_the_builtins_of_the_moment(monkeypatch, capsys):
    monkeypatch.setattr("builtins.input", lambda prompt: "1")
    assert InteractiveOracle([0, 1])([5], [[0.5]]).tolist() == [1]
    assert capsys.readouterr().out == "row 5: [0.5]\n"


def test_interactive_oracle_clones_and_pickles():
    oracle = InteractiveOracle(["a", "b"], cast=float, show=print)
    for copy in (clone(oracle), pickle.loads(pickle.dumps(oracle))):
        assert copy.get_params() == oracle.get_params()


@pytest.fixture
def blobs():
    return make_blobs(120, centers=3, cluster_std=2.0, random_state=0)


def test_learner_goes_on_after_a_session_was_ended(blobs):
    X, y = blobs
    shown = []

    def answer_until(n):
        return lambda prompt: str(y[shown[-1]]) if len(shown) <= n else "q"

    oracle = InteractiveOracle([0, 1, 2], show=lambda row, x: shown.append(row))
    learner = ActiveLearner(
        LogisticRegression(), oracle=oracle, budget=10, batch_size=5, random_state=0
    )
    oracle.input_fn = answer_until(12)
    learner.fit(X)
    assert learner.termination_condition_ == "oracle"
    assert learner.labeled_mask_.sum() == 12
    oracle.input_fn = answer_until(1000)
    learner.resume()
    assert learner.termination_condition_ == "budget"
    assert learner.labeled_mask_.sum() == 20
    asked = learner.queried_indices_
    assert learner.labels_[asked].tolist() == y[asked].tolist()


# --------------------------------------------------------------- names and numbers


@pytest.mark.parametrize(
    ("classes", "typed", "listed"),
    [
        (["1", "20"], "2", "one of: 1, 20. "),
        (["2d", "3d"], "1", "one of: 2d, 3d. "),
        ([False, True], "2", "one of: False, True. "),
        (["quail", "swan"], "x", "one of: 1 quail, 2 swan. "),
        (["cat", "car"], "CA", "one of: 1 cat, 2 car. "),
    ],
)
def test_what_is_not_clear_is_asked_again(classes, typed, listed):
    terminal = Terminal(typed, str(classes[0]))
    assert terminal.oracle(classes)([0], X_ROWS[:1]).tolist() == [classes[0]]
    assert any(f"{typed!r} is not {listed}" in line for line in terminal.shown)


def test_commands_in_upper_case_label_nothing():
    terminal = Terminal("swan", "S", "U", "G", "quail", "Q")
    with pytest.raises(StopAsking) as stopped:
        terminal.oracle(["quail", "swan", "unicorn", "gull"])(range(4), X_ROWS)
    assert stopped.value.answers == ["swan", "quail"]
    assert terminal.shown.count("There is no model yet.") == 1


def test_help_tells_of_no_command_that_is_a_class():
    terminal = Terminal("?", "S", "")
    assert terminal.oracle(["S", "M", "Q"])([0, 1], X_ROWS[:2]).tolist() == ["S", None]
    assert terminal.shown[1] == (
        "One of: 1 S, 2 M, 3 Q. An empty line skips this one, u takes back the answer "
        "before, Ctrl-C ends the session and keeps the answers."
    )


def test_a_cast_that_looks_words_up_asks_again():
    terminal = Terminal("red", "r")
    names = {"r": "red", "b": "blue"}
    assert terminal.oracle(cast=names.__getitem__)([0], X_ROWS[:1]).tolist() == ["red"]


def test_no_cast_makes_an_abstention_of_a_word():
    terminal = Terminal("nan", "NaN", "2")
    answers = terminal.oracle(cast=np.float32)([0], X_ROWS[:1])
    assert answers.tolist() == [2.0] and len(terminal.prompts) == 3


# ------------------------------------------------------------------- second thoughts


def test_the_answer_before_is_taken_back():
    terminal = Terminal("a", "b", "u", "u", "b", "s", "a")
    oracle = terminal.oracle(["a", "b"])
    assert oracle([5, 6, 7], X_ROWS[:3]).tolist() == ["b", None, "a"]
    assert oracle.n_asked_ == 3
    rows = [line.split(":")[0] for line in terminal.shown]
    assert rows == [f"row {k}" for k in (5, 6, 7, 6, 5, 6, 7)]


def test_the_first_of_a_batch_cannot_be_taken_back():
    terminal = Terminal("u", "a")
    assert terminal.oracle(["a", "b"])([5], X_ROWS[:1]).tolist() == ["a"]
    assert any("This is the first row of the batch" in line for line in terminal.shown)


def test_what_is_taken_back_before_the_end_is_not_kept():
    oracle = Terminal("a", "b", "u", "q").oracle(["a", "b"])
    with pytest.raises(StopAsking) as stopped:
        oracle([5, 6, 7], X_ROWS[:3])
    assert stopped.value.answers == ["a"]


# ----------------------------------------------------------- what the person may see


@pytest.mark.parametrize("kind", [np.asarray, pd.DataFrame, sparse.csr_array, list])
def test_the_model_is_asked_for_its_guess(kind):
    X, y = make_blobs(60, centers=3, cluster_std=0.1, random_state=0)
    names = np.array(["ant", "bee", "cow"])[y]
    terminal = Terminal(*["g", "ant"] * 2)
    oracle = terminal.oracle(["ant", "bee", "cow"])
    model = LogisticRegression().fit(
        kind(X.tolist()) if kind is list else kind(X), names
    )
    oracle.prepare(model=model, left=7)
    oracle([0, 1], kind(X[:2].tolist()) if kind is list else kind(X[:2]))
    guesses = [line for line in terminal.shown if line.startswith("The model says")]
    assert [line.split()[3] for line in guesses] == names[:2].tolist()
    assert "1.00" in guesses[0] or "0.9" in guesses[0]
    assert terminal.prompts[0] == "label (1 of 2, 7 left of the budget): "
    assert terminal.prompts[2] == "label (2 of 2, 6 left of the budget): "


def test_guesses_of_a_regressor_and_of_nobody():
    X, y = np.arange(8.0).reshape(4, 2), np.arange(4.0)
    terminal = Terminal("g", "1")
    oracle = terminal.oracle(cast=float)
    oracle([0], X[:1])
    assert "There is no model yet." in terminal.shown
    terminal.lines = ["g", "1"]
    oracle.prepare(model=LinearRegression().fit(X, y))
    oracle([1], X[1:2])
    assert any(line.startswith("The model says 1") for line in terminal.shown)


def test_a_learner_lends_its_model_and_says_what_is_left(blobs):
    X, _ = blobs
    terminal = Terminal(*map(str, [0, 1, 2, 0, 1]), "g", *"012q")
    oracle = terminal.oracle([0, 1, 2])
    ActiveLearner(
        LogisticRegression(), oracle=oracle, n_initial=5, budget=10, random_state=0
    ).fit(X)
    assert any(line.startswith("The model says") for line in terminal.shown)
    assert terminal.prompts[5] == "label (1 of 10, 10 left of the budget): "


def test_q_at_the_first_question_ends_quietly(blobs):
    X, _ = blobs
    learner = ActiveLearner(oracle=Terminal("q").oracle([0, 1, 2]), random_state=0)
    learner.fit(X)
    assert learner.termination_condition_ == "oracle"
    assert not learner.labeled_mask_.any() and not hasattr(learner, "estimator_")


# ----------------------------------------------------------------------- a journal


def test_each_answer_is_on_disk_before_the_next_question(blobs, tmp_path):
    X, _ = blobs
    path, seen = tmp_path / "a.jsonl", []

    def read(prompt):
        seen.append(len(Journal(path).to_frame()))
        if len(seen) > 8:
            raise RuntimeError("the window was closed")
        return "u" if len(seen) == 4 else "s" if len(seen) == 6 else "1"

    oracle = InteractiveOracle([0, 1, 2], input_fn=read, output_fn=lambda text: None)
    learner = ActiveLearner(oracle=oracle, journal=path, random_state=0)
    learner.fit(X)
    assert seen == [0, 1, 2, 3, 2, 3, 4, 5, 6]
    again = ActiveLearner(journal=path, random_state=0).fit(X)
    assert again.labeled_mask_.sum() == 5 and len(again.skipped_) == 1
    np.testing.assert_array_equal(again.queried_indices_, learner.queried_indices_)
    frame = Journal(path).to_frame()
    assert frame["seconds"].notna().all()


def test_with_a_journal_the_answers_are_those_without(blobs, tmp_path):
    X, y = blobs

    def run(journal):
        shown = []
        oracle = InteractiveOracle(
            [0, 1, 2],
            show=lambda row, x: shown.append(row),
            input_fn=lambda prompt: str(y[shown[-1]]),
        )
        learner = ActiveLearner(
            LogisticRegression(), oracle=oracle, journal=journal, budget=20,
            random_state=0,
        )  # fmt: skip
        return learner.fit(X)

    one, other = run(None), run(tmp_path / "a.jsonl")
    np.testing.assert_array_equal(one.queried_indices_, other.queried_indices_)
    np.testing.assert_array_equal(one.labeled_iter_, other.labeled_iter_)
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    assert one.history_["cost"] == other.history_["cost"]
