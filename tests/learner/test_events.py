"""What happens to a run: said again, taken back, gone through after a new start."""

import copy
import json
import os
import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_validate

from skactive import ActiveLearner
from skactive.diversity import CoreSet
from skactive.io import Journal
from skactive.oracles import SimulatedOracle

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
START = np.full(150, np.nan)
START[[0, 1, 50, 51, 100, 101]] = Y[[0, 1, 50, 51, 100, 101]]


def learner(path=None, **settings):
    settings = {"random_state": 0, "batch_size": 5, **settings}
    return ActiveLearner(journal=path, **settings)


def same(one, other, *, curve=True):
    """Compare what two learners know."""
    for name in ("labeled_iter_", "queried_indices_", "skipped_"):
        assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert one.labels_.tolist() == pytest.approx(other.labels_.tolist(), nan_ok=True)
    assert one.cost_ == other.cost_ and one.n_iter_ == other.n_iter_
    if curve:
        for key in ("n_labeled", "cost", "score"):
            assert one.history_.get(key) == other.history_.get(key), key
    assert hasattr(one, "estimator_") == hasattr(other, "estimator_")
    if hasattr(one, "estimator_"):
        assert_array_equal(one.predict(X), other.predict(X))
        assert_array_equal(one.query(7), other.query(7))


def work(one, **more):
    """Label as people do: skips, a correction, second thoughts, none fitted."""
    one.fit(X, START, **more)
    rows = one.query(5)
    one.teach(rows, [*Y[rows[:4]], None], who="Ada")
    rows = one.query(5)
    one.teach(rows, Y[rows], who="Ben", cost=[2, 2, 2, 2, 2])
    one.teach(rows[:1], (Y[rows[:1]] + 1) % 3, relabel="replace", who="Ada")
    one.teach(rows[1:2], (Y[rows[1:2]] + 1) % 3, relabel="keep", who="Ada")
    one.undo()
    one.forget(rows[2:4])
    one.teach([140, 141], [2, 2], refit=False)
    return one


# ----------------------------------------------------------------- said again


def test_a_correction_keeps_rounds_and_history():
    one = learner().fit(X, START)
    rows = one.query(5)
    one.teach(rows, Y[rows])
    before, history = one.labeled_iter_.copy(), copy.deepcopy(one.history_)
    wrong = (Y[rows[:2]] + 1) % 3
    model = one.estimator_
    one.teach(rows[:2], wrong, relabel="replace")
    assert_array_equal(one.labeled_iter_, before)
    assert one.history_ == history and one.cost_ == 11
    assert_array_equal(one.labels_[rows[:2]].astype(int), wrong)
    assert one.estimator_ is not model and len(one.estimators_) == 2
    fresh = learner().fit(X, one.labels_)
    assert_array_equal(fresh.predict_proba(X), one.predict_proba(X))
    assert [len(stage.history_["cost"]) for stage in one.stages()] == [1, 2]


def test_an_answer_to_a_labeled_row_is_refused_replaced_or_kept():
    one = learner().fit(X, START)
    with pytest.raises(ValueError, match=r'\[0\] are already labeled.*relabel="repl'):
        one.teach([0, 7], [1, 0])
    assert not one.labeled_mask_[7]
    one.teach([0, 7], [1, 0], relabel="keep")
    assert one.labels_[0] == 0 and one.labels_[7] == 0 and one.cost_ == 7
    one.teach([0, 8], [1, 0], relabel="replace", cost=[3, 1])
    assert one.labels_[0] == 1 and one.labels_[8] == 0 and one.cost_ == 11
    assert_array_equal(one.queried_indices_, [7, 8])
    with pytest.raises(ValueError, match=r"relabel must be one of \['refuse', 'repl"):
        one.teach([9], [0], relabel="yes")
    with pytest.raises(TypeError, match="who must be a name"):
        one.teach([9], [0], who=7)
    with pytest.raises(ValueError, match="named twice"):
        one.teach([9, 9], [0, 1], relabel="replace")


@pytest.mark.parametrize("who", [None, "Ada", "Ben"])
def test_a_row_has_one_label_whoever_says_another(tmp_path, who):
    """Votes of several are for what aggregates them before it teaches."""
    one = learner(tmp_path / "a").fit(X, START)
    one.teach([7, 8], [0, None], who="Ada")
    with pytest.raises(ValueError, match=r"\[7\] are already labeled"):
        one.teach([7], [1], who=who)
    one.teach([7], [1], who=who, relabel="keep")
    assert one.labels_[7] == 0 and one.history_["n_labeled"] == [6, 7]
    one.teach([8], [1], who=who)  # a skip is no label
    one.teach([7], [2], who=who, relabel="replace")
    assert one.labels_[[7, 8]].tolist() == [2, 1]
    assert one.undo().tolist() == [7] and one.labels_[7] == 0
    assert one.undo().tolist() == [8] and one.skipped_.tolist() == [8]
    kept = [e for e in Journal(tmp_path / "a").events() if e["event"] == "kept"]
    assert [(e["id"], e["answer"], e["who"]) for e in kept] == [(7, 1, who)]
    same(learner(tmp_path / "a").fit(X, START), one)


def test_every_kind_of_call_is_taken_back_after_a_new_start(tmp_path):
    path = tmp_path / "a"
    one, states = learner(path).fit(X, START), []
    for verb, args, settings in (
        ("teach", ([7, 60], [0, None]), {}),
        ("teach", ([60], [1]), {"cost": [4]}),
        ("teach", ([7, 0], [1, 2]), {"relabel": "replace", "cost": [2, 3]}),
        ("forget", ([7, 50],), {}),
        ("teach", ([110, 7], [2, 0]), {"refit": False}),
        ("teach", ([110], [None]), {"relabel": "replace"}),
        ("forget", ([110],), {}),
    ):
        states.append(copy.deepcopy(one))
        getattr(one, verb)(*args, **settings)
    for state in states[::-1]:
        one.undo()
        state.query(1)  # which learns from what was taught without a fit
        one.query(1)
        same(one, state)
        one = learner(path).fit(X, START)
        same(one, state)
    with pytest.raises(ValueError, match="nothing to undo"):
        one.undo()
    assert one.labeled_mask_.sum() == 6


def test_a_correction_to_a_skip_takes_the_label_away():
    one = learner().fit(X, START)
    one.teach([7], [0])
    one.teach([7], [None], relabel="replace")
    assert not one.labeled_mask_[7] and one.skipped_.tolist() == [7]
    one.teach([7], [0])
    assert one.labeled_mask_[7] and one.skipped_.size == 0


def test_what_is_forgotten_may_be_asked_for_again():
    one = learner().fit(X, START)
    rows = one.query(5)
    one.teach(rows, [*Y[rows[:4]], None])
    one.forget(rows[3:])
    assert not one.labeled_mask_[rows[3]] and one.skipped_.size == 0
    fresh = learner().fit(X, one.labels_)
    assert_array_equal(fresh.predict_proba(X), one.predict_proba(X))
    assert set(rows[3:]) <= set(one.query(150 - 9))  # all that have no label
    assert one.cost_ == 11 and one.history_["n_labeled"] == [6, 10]
    with pytest.raises(ValueError, match=r"\[3\] have neither label nor skip"):
        one.forget([0, 3])
    assert one.labeled_mask_[0]
    one.forget([0])  # a label that fit was given
    assert one.labeled_mask_.sum() == 8
    for rows, match in [([200], "0..149"), ([True], "integers"), ([1, 1], "twice")]:
        with pytest.raises(ValueError, match=match):
            one.forget(rows)


def test_a_round_after_forgetting_is_a_round():
    one = learner().fit(X, START)
    one.teach([7, 8], [0, 0])
    one.forget([7, 8])
    one.teach([60, 61], [1, 1])
    assert one.history_["n_labeled"] == [6, 8, 8]
    assert_array_equal(one.labeled_iter_[[60, 61]], 2)
    assert [stage.labeled_mask_.sum() for stage in one.stages()] == [6, 6, 8]


def test_without_a_label_there_is_no_model():
    one = learner().fit(X, START)
    one.forget(np.flatnonzero(~np.isnan(START)))
    assert not hasattr(one, "estimator_")
    with pytest.warns(UserWarning, match="no label yet"):
        assert len(one.query(3)) == 3
    one.undo()
    assert one.labeled_mask_.sum() == 6
    assert_array_equal(one.predict(X), learner().fit(X, START).predict(X))


# ------------------------------------------------------------------ taken back


@pytest.mark.parametrize("keep", [True, False])
def test_undo_is_as_if_nothing_had_been_said(keep):
    one = learner(keep_estimators=keep, cost=None).fit(X, START)
    states = [copy.deepcopy(one)]
    rows = one.query(5)
    states.append(copy.deepcopy(one.teach(rows, [*Y[rows[:4]], None])))
    states.append(copy.deepcopy(one.teach(rows[:2], [2, 2], relabel="replace")))
    states.append(copy.deepcopy(one.forget(rows[2:3])))
    one.teach(rows[4:], [0], cost=[9])
    for state, taken in zip(states[::-1], ([rows[4]], [rows[2]], rows[:2], rows)):
        assert_array_equal(one.undo(), taken)
        same(one, state)
    with pytest.raises(ValueError, match="nothing to undo"):
        one.undo()


def test_labels_taught_without_a_fit_are_learned_from_when_it_matters():
    one = learner().fit(X, START)
    model = one.estimator_
    for row in (7, 60, 110):
        one.teach([row], [Y[row]], refit=False)
    assert one.estimator_ is model and one.labeled_mask_.sum() == 9
    rows = one.query(4)
    assert one.estimator_ is not model and one.history_["n_labeled"] == [6, 9]
    assert_array_equal(one.labeled_iter_[[7, 60, 110]], 1)
    other = learner().fit(X, START).teach([7, 60, 110], Y[[7, 60, 110]])
    assert_array_equal(other.query(4), rows)


def test_a_skip_trains_nothing():
    one = learner().fit(X, START)
    model = one.estimator_
    one.teach([7], [None])
    assert one.estimator_ is model


def test_an_oracle_is_taken_back_and_asked_on():
    one = learner(oracle=SimulatedOracle(Y), budget=15, n_initial=5).fit(X)
    whole = one.queried_indices_.copy()
    assert_array_equal(one.undo(), whole[-5:])
    one.resume()
    assert_array_equal(one.queried_indices_, whole)


# -------------------------------------------------------------- after a new start


@pytest.mark.parametrize("given", [START, None], ids=["a start", "no label"])
@pytest.mark.parametrize("ids", [None, [f"plant {k}" for k in range(150)]])
def test_a_new_start_is_where_the_last_one_was(tmp_path, given, ids):
    path = tmp_path / "answers.jsonl"
    if given is not None:
        one = work(learner(Journal(path, ids)))
    else:
        one = learner(Journal(path, ids)).fit(X)
        for k in range(4):
            rows = [k, 50 + k, 100 + k]
            one.teach(rows, Y[rows])
        one.undo()
    one.query(1)  # which learns from what was taught without a fit
    again = learner(Journal(path, ids)).fit(X, given)
    same(again, one)
    assert len(list(again.stages())) == len(list(one.stages()))
    for now, then in zip(again.stages(), one.stages()):
        assert_array_equal(now.labeled_iter_, then.labeled_iter_)
    if given is not None:
        again.undo()
        again.undo()
        assert len(again.labeled_mask_) == 150


def test_the_curve_comes_back_with_its_scores_and_models(tmp_path):
    path = tmp_path / "a.jsonl"
    one = learner(path).fit(X, START, X_val=X, y_val=Y)
    for _ in range(3):
        rows = one.query(5)
        one.teach(rows, Y[rows])
    scores = list(one.staged_score(X, Y))
    again = learner(path).fit(X, START, X_val=X, y_val=Y)
    assert again.history_["score"] == one.history_["score"]
    assert again.history_["fit_time"] == pytest.approx(
        one.history_["fit_time"], abs=1e-6
    )
    assert list(again.staged_score(X, Y)) == scores
    assert sum(model is None for model in again.estimators_) == 0


def test_undo_goes_back_beyond_a_new_start(tmp_path):
    path = tmp_path / "a.jsonl"
    one = learner(path).fit(X, START)
    states = []
    for _ in range(3):
        states.append(copy.deepcopy(one))
        rows = one.query(5)
        one.teach(rows, Y[rows])
    for state in states[::-1]:
        one = learner(path).fit(X, START)
        one.undo()
        same(one, state)
    assert learner(path).fit(X, START).queried_indices_.size == 0


def test_a_start_that_holds_what_was_taught_is_the_old_one(tmp_path):
    path = tmp_path / "a.jsonl"
    one = learner(path).fit(X, START)
    rows = one.query(5)
    one.teach(rows, Y[rows])
    one.teach([0], [2], relabel="replace")
    for y in (START, one.labels_):
        again = learner(path).fit(X, y)
        same(again, one)
        again.undo()
        assert again.labels_[0] == 0
        again.teach([0], [2], relabel="replace")
    other = START.copy()
    other[rows[0]] = (Y[rows[0]] + 1) % 3
    with pytest.raises(ValueError, match=rf"y says .* for row {rows[0]}, and Journal"):
        learner(path).fit(X, other)
    assert learner(path).fit(X, START).labeled_mask_.sum() == 11


@pytest.mark.parametrize("cost", [None, lambda rows, X, y: np.full(len(rows), 2.5)])
def test_an_oracle_goes_on_where_it_was(tmp_path, cost):
    settings = {"budget": 20, "n_initial": 5, "cost": cost}
    whole = learner(oracle=SimulatedOracle(Y), **settings).fit(X)

    class Power(Exception):
        pass

    def cut(rows, X_rows):
        cut.n += len(rows)
        if cut.n > 12:
            raise Power
        return Y[rows]

    cut.n = 0
    with pytest.raises(Power):
        learner(tmp_path / "a", oracle=cut, **settings).fit(X)
    again = learner(tmp_path / "a", oracle=SimulatedOracle(Y), **settings).fit(X)
    assert again.oracle.n_asked_ == len(whole.queried_indices_) - 10
    same(again, whole)


def test_values_come_back(tmp_path):
    target = X[:, 3] * 1.1
    one = learner(tmp_path / "a", estimator=LinearRegression(),
                  strategy=CoreSet()).fit(X)  # fmt: skip
    one.teach([3, 70, 149], target[[3, 70, 149]])
    again = clone(one).set_params(journal=tmp_path / "a").fit(X)
    assert_array_equal(again.labels_[[3, 70, 149]], target[[3, 70, 149]])
    assert_array_equal(again.predict(X), one.predict(X))


@pytest.mark.deep
def test_a_net_that_is_the_strategy(tmp_path):
    from skactive.deep import LL4AL
    from skactive.nets import NetClassifier

    def begin():
        net = LL4AL(NetClassifier(max_epochs=1), random_state=0)
        return learner(tmp_path / "a", strategy=net).fit(X.astype("f"), START)

    one = begin()
    rows = one.query(5)
    one.teach(rows, Y[rows])
    again = begin()
    assert_array_equal(again.query(5), one.query(5))
    assert_array_equal(again.predict_proba(X), one.predict_proba(X))


def test_labels_as_they_were_given(tmp_path):
    for k, labels in enumerate(
        (np.array(["a", "ä", "\ud800"])[Y], Y.astype(bool), Y - 1, Y.astype(object))
    ):
        one = learner(tmp_path / f"{k}").fit(X)
        one.teach([3, 70, 120], labels[[3, 70, 120]])
        again = learner(tmp_path / f"{k}").fit(X)
        assert again.classes_.dtype == one.classes_.dtype
        assert_array_equal(again.classes_, one.classes_)
        assert_array_equal(again.predict(X), one.predict(X))


def test_who_and_how_long_are_in_the_file(tmp_path):
    path = tmp_path / "a.jsonl"
    work(learner(path))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0]["journal"] == 1
    kinds = [line["event"] for line in lines[1:]]
    assert kinds.count("answer") == 4 + 5 + 1 + 2 and kinds.count("skip") == 1
    assert kinds.count("kept") == kinds.count("undo") == 1
    assert kinds.count("forget") == 2
    ada = [line for line in lines if line.get("who") == "Ada"]
    assert len(ada) == 5 + 1 + 1
    assert all(line["seconds"] >= 0 for line in lines if line.get("event") == "answer")
    assert all(line["time"].endswith("+00:00") for line in lines[1:])


@pytest.mark.parametrize("journal", [False, True])
def test_labels_as_a_table_with_names_and_who(tmp_path, journal):
    names = [f"plant {k}" for k in range(150)]
    path = Journal(tmp_path / "a", names) if journal else None
    one = learner(path).fit(X, START)
    one.teach([7, 60, 110], [0, None, 2], who="Ada")
    one.teach([7, 0], [1, 1], who="Ben", relabel="replace")
    one.teach([110], [1], who="Ben", relabel="keep")
    one.teach([8], [0], who="Cid")
    one.undo()
    one.teach([9], [0], who="Cid")
    one.forget([9], who="Ada")
    runs = [one]
    if journal:
        runs.append(learner(Journal(tmp_path / "a", names)).fit(X, START))
    for each in runs:
        frame = each.labels_to_frame(None if journal else names)
        assert frame.columns.tolist() == ["id", "label", "who", "round"]
        assert frame["id"].tolist() == [names[k] for k in sorted(
            [0, 1, 50, 51, 100, 101, 7, 60, 110])]  # fmt: skip
        frame = frame.set_index("id")
        assert frame.loc["plant 7"].tolist() == [1, "Ben", 1]
        assert frame.loc["plant 60"].tolist() == [None, "Ada", -1]
        assert frame.loc["plant 110"].tolist() == [2, "Ada", 1]
        assert frame.loc["plant 0"].tolist() == [1, "Ben", 0]
        assert frame.loc["plant 1"].tolist() == [0, None, 0]
    assert learner().fit(X, START).labels_to_frame()["id"].tolist() == [
        0, 1, 50, 51, 100, 101,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="one for each of 150 samples, got 3"):
        one.labels_to_frame(["a", "b", "c"])
    with pytest.raises(AttributeError, match="keeps no labels"):
        learner().fit(X, Y).labels_to_frame()


# ------------------------------------------------------------- where none belongs


def test_a_simulation_has_no_journal(tmp_path):
    one = learner(tmp_path / "a")
    with pytest.raises(ValueError, match="this is a simulation, and a journal is for"):
        one.fit(X, Y)
    with pytest.raises(ValueError, match="a simulation, and a journal is for"):
        cross_validate(one, X, Y, error_score="raise")
    assert not (tmp_path / "a").exists()
    one.set_params(simulate=False).fit(X, Y)
    assert one.labeled_mask_.all()


def test_copies_and_pickles_write_nothing(tmp_path):
    path = tmp_path / "a"
    one = learner(path).fit(X, START)
    twins = [copy.deepcopy(one), pickle.loads(pickle.dumps(one)), copy.copy(one)]
    before = path.read_bytes()
    for twin in twins:
        assert twin.journal is None
    for twin in twins[:2]:
        twin.teach([7], [0])
        assert twin.labeled_mask_[7]
    assert path.read_bytes() == before
    one.teach([8], [0])
    assert len(path.read_bytes()) > len(before)
    assert clone(one).journal == path


def test_a_learner_that_was_taken_over_is_told_so(tmp_path):
    old = learner(tmp_path / "a").fit(X, START)
    new = learner(tmp_path / "a").fit(X, START)
    with pytest.raises(ValueError, match="a later learner took it over"):
        old.teach([7], [0])
    assert not old.labeled_mask_[7]
    new.teach([7], [0])
    assert new.labeled_mask_[7]


@pytest.mark.parametrize("verb", ["teach", "forget", "undo"])
def test_what_is_not_on_disk_does_not_count(tmp_path, monkeypatch, verb):
    one = learner(tmp_path / "a").fit(X, START).teach([7], [0])
    before = (tmp_path / "a").read_bytes()
    state = copy.deepcopy(one)
    full = OSError(28, "No space left on device")

    def refuse(_):
        raise full

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="Nothing of this call was written"):
            {
                "teach": lambda: one.teach([8], [0]),
                "forget": lambda: one.forget([7]),
                "undo": one.undo,
            }[verb]()
    assert (tmp_path / "a").read_bytes() == before
    same(one, state)
    one.teach([8], [0])
    assert learner(tmp_path / "a").fit(X, START).labeled_mask_[8]


def test_what_is_refused_is_not_in_the_file(tmp_path):
    one = learner(tmp_path / "a", classes=[0, 1, 2]).fit(X, START)
    before = (tmp_path / "a").read_bytes()
    for rows, y in [([7], [9]), ([0], [1]), ([7, 7], [0, 0]), ([999], [0]), ([7], [])]:
        with pytest.raises(ValueError):
            one.teach(rows, y)
    with pytest.raises(ValueError):
        one.teach([7], [0], cost=[-1])
    assert (tmp_path / "a").read_bytes() == before


def test_a_refused_fit_lets_the_file_go(tmp_path):
    learner(tmp_path / "a").fit(X, START).teach([7], [0])
    wrong = START.copy()
    wrong[7] = 2
    with pytest.raises(ValueError, match="y says"):
        learner(tmp_path / "a").fit(X, wrong)
    assert learner(tmp_path / "a").fit(X, START).labeled_mask_[7]


def test_a_strategy_that_covers_and_one_that_asks_the_model(tmp_path):
    for k, strategy in enumerate((CoreSet(), None)):
        one = learner(tmp_path / str(k), strategy=strategy,
                      estimator=LogisticRegression()).fit(X)  # fmt: skip
        with pytest.warns(UserWarning, match="no model to ask"):
            rows = one.query(6)
        one.teach(rows, Y[rows])
        again = learner(tmp_path / str(k), strategy=strategy,
                        estimator=LogisticRegression()).fit(X)  # fmt: skip
        same(again, one)


# --------------------------------------------------------------- no room, bad lines


class Full:
    """A disk that is full from some sync on, until there is room again."""

    def __init__(self, monkeypatch):
        self.room, self.real = np.inf, os.fsync
        monkeypatch.setattr(os, "fsync", self)

    def __call__(self, fd):
        if self.room <= 0:
            raise OSError(28, "No space left on device")
        self.room -= 1
        self.real(fd)


@pytest.mark.parametrize("verb", ["teach", "forget", "undo"])
def test_what_was_said_is_synced_before_the_model_is_fitted(
    tmp_path, monkeypatch, verb
):
    path, synced, real = tmp_path / "a", [], os.fsync

    def fsync(fd):
        real(fd)
        synced.append(path.read_bytes())

    class Watched(LogisticRegression):
        def fit(self, X, y):
            at_fit.extend(synced[-1:])
            return super().fit(X, y)

    at_fit = []
    one = learner(path, estimator=Watched()).fit(X, START).teach([7, 60], [0, 1])
    monkeypatch.setattr(os, "fsync", fsync)
    arguments = {"teach": ([8, 61], [0, 1]), "forget": ([7],), "undo": ()}[verb]
    getattr(one, verb)(*arguments)
    assert len(synced) == len(at_fit) == 1
    event = {"teach": "answer"}.get(verb, verb)
    assert json.loads(at_fit[0].splitlines()[-1])["event"] == event
    assert path.read_bytes().startswith(at_fit[0])


def test_teach_may_be_repeated_when_there_is_room(tmp_path, monkeypatch):
    disk = Full(monkeypatch)
    one = learner(tmp_path / "a").fit(X, START)
    state = copy.deepcopy(one)
    disk.room = 0
    for _ in range(2):
        with pytest.raises(OSError, match="Nothing of this call was written"):
            one.teach([7, 60], [0, 1])
        same(one, state)
    disk.room = np.inf
    one.teach([7, 60], [0, 1])
    state.teach([7, 60], [0, 1])
    same(one, state)
    same(learner(tmp_path / "a").fit(X, START), one)


def test_a_round_that_could_not_be_noted_is_noted_later(tmp_path, monkeypatch):
    one = learner(tmp_path / "a").fit(X, START)
    file, calls = one._run.journal._file, []
    add = file.add

    def full(lines, sync):
        calls.append(sync)
        if not sync:
            raise OSError(28, "No space left on device")
        add(lines, sync)

    monkeypatch.setattr(file, "add", full)
    with pytest.warns(UserWarning, match="All answers are in there.*round just fitted"):
        one.teach([7], [0])
    assert one.labeled_mask_[7] and one.history_["n_labeled"] == [6, 7]
    one.teach([60], [1], refit=False)
    assert calls == [True, False, True]
    monkeypatch.undo()
    one.query(1)
    same(learner(tmp_path / "a").fit(X, START), one)


@pytest.mark.parametrize("room", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("each", [False, True], ids=["batches", "one by one"])
def test_answers_of_an_oracle_wait_for_room(tmp_path, monkeypatch, room, each):
    class OneByOne(SimulatedOracle):
        def prepare(self, **_):
            pass

        def answer_each(self, rows, X_rows):
            for row in rows:
                yield self([row])[0]

    disk = Full(monkeypatch)
    kind = OneByOne if each else SimulatedOracle
    settings = {"budget": 20, "n_initial": 5}
    whole = learner(tmp_path / "w", oracle=kind(Y), **settings).fit(X)
    one = learner(tmp_path / "a", oracle=kind(Y), **settings)
    disk.room = 2 + room  # the first line of the file, and its folder
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*round just fitted")
        with pytest.raises(OSError, match="No space left"):
            one.fit(X)
        with pytest.raises(OSError, match="No space left"):
            one.resume()
        disk.room = np.inf
        one.resume()
    same(one, whole)
    assert one.oracle.n_asked_ == whole.oracle.n_asked_  # nobody is asked again
    same(learner(tmp_path / "a").fit(X), one)


def test_a_journal_of_another_learner_is_refused_in_words(tmp_path):
    learner(tmp_path / "a").fit(X).teach([3, 60], ["ant", "bee"])
    before = (tmp_path / "a").read_bytes()
    for other in (
        learner(tmp_path / "a", classes=["ant", "cow"]),
        learner(tmp_path / "a", estimator=LinearRegression(), strategy=CoreSet()),
    ):
        with pytest.raises(ValueError, match=r"Journal.*does not take: .*of before"):
            other.fit(X)
    assert (tmp_path / "a").read_bytes() == before


def test_a_refused_fit_leaves_the_run_of_before_its_journal(tmp_path):
    path = tmp_path / "a"
    for journal in (path, Journal(path)):
        one = learner(journal).fit(X, START)
        wrong = one.labels_.copy()
        wrong[0] = 1
        for samples, y in ((X[::-1], START), (X[:-1], START[:-1])):
            with pytest.raises(ValueError, match="Journal"):
                one.fit(samples, y)
        one.teach([int(one.query(1)[0])], [0])
        row = int(one.queried_indices_[-1])
        wrong = START.copy()
        wrong[row] = 2
        with pytest.raises(ValueError, match="y says"):
            one.fit(X, wrong)
        one.undo()
    assert learner(path).fit(X, START).labeled_mask_.sum() == 6


@pytest.mark.parametrize("shared", [False, True])
def test_a_refused_fit_of_another_learner_leaves_this_one_its_journal(tmp_path, shared):
    path = tmp_path / "a"
    journal = Journal(path) if shared else path
    one = learner(journal).fit(X, START)
    row = int(one.query(1)[0])
    one.teach(row, 1)
    wrong = START.copy()
    wrong[row] = 2
    others = [
        (learner(path), X[::-1], START),  # before the file is read to the end
        (learner(path), X, wrong),  # when it was
        (learner(path, classes=[7, 8, 9]), X, None),
        (learner(Journal(path, ids=range(150))), X, START),
    ]
    for other, samples, y in others:
        with pytest.raises(ValueError, match="Journal"):
            other.fit(samples, y)
        one.teach(int(one.query(1)[0]), 0)
    n = int(one.labeled_mask_.sum())
    assert n == 6 + 1 + len(others)
    later = learner(path).fit(X, START)
    assert later.labeled_mask_.sum() == n
    with pytest.raises(ValueError, match="a later learner took it over"):
        one.teach(149, 2)


def test_a_second_skip_that_is_only_kept_is_not_paid_again(tmp_path):
    one = learner(tmp_path / "a").fit(X, START)
    one.teach([7, 8], [None, 1])
    paid, asked = one.cost_, one.queried_indices_.tolist()
    again = one.teach([7, 8], [None, 1], relabel="keep")
    assert again.cost_ == paid and again.queried_indices_.tolist() == asked
    one.teach([7], [0], relabel="keep")  # an answer to what was skipped is one
    assert one.labels_[7] == 0 and one.cost_ == paid + 1
    same(one, learner(tmp_path / "a").fit(X, START))


@pytest.mark.parametrize("none", [[], (), np.array([]), np.arange(0)], ids=repr)
def test_no_answers_change_nothing(none):
    one = learner().fit(X, START)
    labels = one.labels_.tolist()
    one.teach(none, []).forget(none)
    assert str(one.labels_.tolist()) == str(labels) and one.cost_ == 6
    with pytest.raises(ValueError):
        one.teach(none, [1])
