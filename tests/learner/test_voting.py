"""Several people who answer the same rows by hand."""

import json
import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression, Ridge

from skactive import ActiveLearner
from skactive.io import Journal
from skactive.learner._voting import said, voters
from skactive.oracles import (
    CommitteeOracle,
    DawidSkene,
    SimulatedOracle,
    WeightedMajority,
    average,
    majority,
)

X, Y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])
START = [0, 60, 120]


def begun(aggregate=majority, path=None, names=False, **settings):
    y = np.full(len(Y), None, dtype=object)
    y[START] = (NAMES[Y] if names else Y)[START].tolist()
    settings = {"random_state": 0, **settings}
    model = LogisticRegression(max_iter=1000)
    return ActiveLearner(model, aggregate=aggregate, journal=path, **settings).fit(X, y)


def state(learner):
    """Return all that may not depend on how a run came to be where it is."""
    run = learner._run
    return (
        learner.labels_.tolist(),
        learner.labeled_iter_.tolist(),
        learner.queried_indices_.tolist(),
        learner.skipped_.tolist(),
        learner.cost_,
        [list(vote) for vote in learner.votes_.tolist()],
        np.nan_to_num(learner.confidence_, nan=-1).tolist(),
        learner.predict_proba(X).tolist(),
        {row: sorted(map(str, who)) for row, who in voters(run, range(150)).items()},
    )


@pytest.mark.parametrize("names", [False, True], ids=["numbers", "names"])
def test_the_label_is_what_most_people_say(names):
    say = NAMES if names else np.arange(3)
    learner = begun(names=names)
    learner.teach([5, 70], say[[0, 1]], who="Ada")
    learner.teach([5, 70], say[[2, 1]], who="Ben")
    learner.teach([5], say[[2]], who="Cy")
    assert learner.labels_[[5, 70]].tolist() == say[[2, 1]].tolist()
    assert_array_equal(learner.confidence_[[5, 70]], [2 / 3, 1])
    assert np.isnan(learner.confidence_[0])
    assert learner.votes_["who"].tolist() == ["Ada", "Ben", "Cy", "Ada", "Ben"]
    assert learner.votes_["row"].tolist() == [5, 5, 5, 70, 70]
    assert learner.cost_ == len(START) + 5  # a vote costs what an answer does
    assert learner.queried_indices_.tolist() == [5, 70]
    model = learner.estimator_
    fresh = clone(learner.estimator).fit(
        X[learner.labeled_mask_], learner.labels_[learner.labeled_mask_].tolist()
    )
    assert_array_equal(model.predict_proba(X), fresh.predict_proba(X))


def all_labels(rows, answers):
    """Return labels of all rows, some of which are what a person says."""
    labels = Y.copy()
    labels[rows] = answers
    return labels


@pytest.mark.parametrize(
    "aggregate",
    [majority, WeightedMajority(), DawidSkene()],
    ids=["majority", "weighted", "em"],
)
def test_labels_are_those_of_a_committee_that_said_the_same(aggregate):
    rng = np.random.RandomState(0)
    rows = np.setdiff1d(np.arange(150), START)[:40]
    told = {
        name: np.where(rng.rand(40) < p, Y[rows], rng.randint(3, size=40))
        for name, p in [("Ada", 0.9), ("Ben", 0.5), ("Cy", 0.5)]
    }
    learner = begun(aggregate, classes=[0, 1, 2])
    for name, answers in told.items():
        learner.teach(rows, answers, who=name, refit=False)
    people = {
        name: SimulatedOracle(all_labels(rows, answers))
        for name, answers in told.items()
    }
    seed = int(learner._run.seeds.drawn["order"])
    oracle = CommitteeOracle(
        people, aggregate=aggregate, classes=[0, 1, 2], random_state=seed
    )
    assert learner.labels_[rows].tolist() == list(oracle(rows, X[rows]))
    assert_array_equal(learner.confidence_[rows], oracle.confidence(rows))


def test_one_answer_for_each_row_is_what_it_was():
    plain, merged = begun(None), begun()
    for learner in (plain, merged):
        learner.teach([5, 70], [0, 1], who="Ada").teach([71, 140], [1, None], who="Ben")
        learner.teach([70], [2], who="Ada", relabel="replace").forget([5])
    assert plain.labels_.tolist() == merged.labels_.tolist()
    assert plain.cost_ == merged.cost_
    assert plain.skipped_.tolist() == merged.skipped_.tolist() == [140]
    assert_array_equal(plain.predict_proba(X), merged.predict_proba(X))


def test_the_same_person_falls_under_relabel(tmp_path):
    learner = begun(path=tmp_path / "j.jsonl").teach([5], [0], who="Ada")
    learner.teach([5], [1], who="Ben")
    before = state(learner)
    with pytest.raises(ValueError, match=r"rows \[5\] are already labeled"):
        learner.teach([5], [1], who="Ada")
    assert state(learner) == before
    learner.teach([5], [1], who="Ada", relabel="keep")
    assert state(learner) == before
    learner.teach([5], [1], who="Ada", relabel="replace")
    assert learner.labels_[5] == 1
    assert learner.votes_["answer"].tolist() == [1, 1]
    assert learner.cost_ == len(START) + 2  # corrections are free


def test_nobody_in_particular_is_one_person():
    learner = begun().teach([5], [0])
    with pytest.raises(ValueError, match="already labeled"):
        learner.teach([5], [1])
    learner.teach([5], [1], who="Ada").teach([5], [1], who="Ben")
    assert learner.labels_[5] == 1


def test_a_label_of_the_start_is_a_vote_once_others_have_one():
    learner = begun()
    assert len(learner.votes_) == 0
    learner.teach([0, 60], [2, 1], who="Ada")
    assert learner.votes_.tolist() == [
        (0, None, 0, 0.0),
        (0, "Ada", 2, 1.0),
        (60, None, 1, 0.0),
        (60, "Ada", 1, 1.0),
    ]
    learner.teach([0], [2], who="Ben")
    assert learner.labels_[[0, 60]].tolist() == [2, 1]
    assert learner.labeled_iter_[0] == 0


def test_skips_are_abstentions():
    learner = begun().teach([5, 6], [0, None], who="Ada")
    learner.teach([5, 6], [None, 1], who="Ben")
    assert learner.labels_[[5, 6]].tolist() == [0, 1]
    assert learner.skipped_.tolist() == []
    assert learner.votes_["answer"].tolist() == [0, None, None, 1]
    assert learner.confidence_[[5, 6]].tolist() == [1, 1]
    # Who takes back the only answer leaves none.
    learner.teach([5], [None], who="Ada", relabel="replace")
    assert learner.labels_[5] is None and 5 in learner.skipped_


def test_forgotten_rows_have_no_votes():
    learner = begun().teach([5, 6], [0, 1], who="Ada").teach([5, 0], [1, 1], who="Ben")
    learner.forget([5, 0])
    assert learner.votes_["row"].tolist() == [6]
    assert learner.labels_[5] is None and learner.labels_[0] is None
    learner.teach([0], [2], who="Cy")
    assert learner.labels_[0] == 2
    assert learner.votes_.tolist()[0] == (0, "Cy", 2, 1.0)


def test_a_late_vote_may_turn_labels_of_before():
    """Who is seen to err elsewhere counts less where two disagree."""
    learner = begun(WeightedMajority())
    rows = np.arange(1, 9)
    learner.teach(rows, np.zeros(8), who="Ada", refit=False)
    learner.teach([20], [0], who="Ben", refit=False)
    learner.teach([20], [1], who="Ada", refit=False)
    tied = learner.labels_[20]
    for name in ("Ben", "Cy"):
        learner.teach(rows, np.full(8, 2), who=name, refit=False)
    assert learner.labels_[20] == 0  # Ada was wrong eight times
    learner.undo().tolist()
    learner.undo()
    assert learner.labels_[20] == tied


class Wavering:
    """An oracle that says class 0 at first, and knows better from then on."""

    def __call__(self, rows, X_rows):
        return [0] * len(rows)

    def revise(self, rows):
        return [int(Y[row]) for row in rows]


@pytest.mark.parametrize("journal", [False, True])
def test_an_oracle_that_changed_its_mind_is_heard_as_it_is_now(tmp_path, journal):
    path = tmp_path / "j.jsonl" if journal else None
    learner = begun(path=path, oracle=Wavering(), budget=20, classes=[0, 1, 2])
    asked = learner.queried_indices_
    assert (learner.labels_[asked].tolist() == Y[asked]).all()
    assert learner.history_["n_revised"][0] == 0 < sum(learner.history_["n_revised"])
    other = int(np.flatnonzero(learner.labeled_iter_ < 0)[0])
    learner.teach([other], [1], who="Ada")
    assert (learner.labels_[asked].tolist() == Y[asked]).all()
    row = int(asked[Y[asked] > 0][0])
    learner.teach([row], [0], who="Ada").teach([row], [int(Y[row])], who="Ben")
    assert learner.labels_[row] == Y[row]
    if journal:
        learner._run.journal.close()
        again = begun(path=path, oracle=None, classes=[0, 1, 2])
        assert again.labels_.tolist() == learner.labels_.tolist()
        assert again.votes_.tolist() == learner.votes_.tolist()


def told(learner):
    """Have people say all kinds of things."""
    learner.teach([5, 70, 0], [0, 1, 1], who="Ada")
    learner.teach([5, 70, 8], [2, 1, None], who="Ben")
    learner.teach([5, 0, 8], [2, 1, 1], who="Cy", cost=[2, 3, 4])
    learner.teach([70], [2], who="Ada", relabel="replace")
    learner.forget([8])
    learner.teach(learner.query(2), [1, 1], who="Ben")
    learner.teach([8, 5], [2, None], who="Dan", refit=False)
    learner.teach([5], [0], who="Ada", relabel="keep")
    return learner.teach([0], [2], who="Ben")


@pytest.mark.parametrize("aggregate", [majority, DawidSkene()], ids=["majority", "em"])
def test_a_journal_is_read_to_the_same_state(tmp_path, aggregate):
    learner = told(begun(aggregate, tmp_path / "j.jsonl"))
    again = begun(aggregate, tmp_path / "j.jsonl")
    assert state(again) == state(learner)
    # And from the labels of now, as a script that begins again gives them.
    labels = learner.labels_
    third = clone(learner).set_params(journal=Journal(tmp_path / "j.jsonl"))
    assert third.fit(X, labels).labels_.tolist() == labels.tolist()


def test_the_journal_as_a_table_has_the_labels_of_now(tmp_path):
    learner = told(begun(path=tmp_path / "j.jsonl"))
    frame = learner._run.journal.to_frame()
    labels = learner.labels_
    for row, answer in zip(frame["id"], frame["answer"]):
        assert answer == labels[row], row


def test_a_learner_without_aggregate_reads_the_same_labels(tmp_path):
    learner = told(begun(path=tmp_path / "j.jsonl"))
    plain = begun(None, tmp_path / "j.jsonl")
    assert plain.labels_.tolist() == learner.labels_.tolist()
    assert plain.cost_ == learner.cost_


def test_undo_goes_all_the_way_back(tmp_path):
    learner = begun(path=tmp_path / "j.jsonl")
    states = [state(learner)]
    calls = [
        lambda: learner.teach([5, 70, 0], [0, 1, 1], who="Ada"),
        lambda: learner.teach([5, 70, 8], [2, 1, None], who="Ben"),
        lambda: learner.teach([5, 0], [2, 1], who="Cy"),
        lambda: learner.forget([5]),
    ]
    for call in calls:
        call()
        states.append(state(learner))
    for before in states[-2::-1]:
        learner.undo()
        assert state(learner) == before
    assert state(begun(path=tmp_path / "j.jsonl")) == states[0]


def test_a_run_with_votes_pickles():
    learner = told(begun())
    again = pickle.loads(pickle.dumps(learner))
    assert state(again) == state(learner)
    for one in (learner, again):
        one.teach([0], [2], who="Eve")
    assert state(again) == state(learner)


def refusing(votes, classes=None):
    raise RuntimeError("no")


@pytest.mark.parametrize(
    ("aggregate", "match"),
    [
        (lambda votes, classes: ([0], [1.0]), "aggregate must return"),
        (lambda votes, classes: ([0, None], [1.0, 1.0]), "aggregate must return"),
        (lambda votes, classes: ([0, 1], [1.0, np.nan]), "aggregate must return"),
        (lambda votes, classes: ([0, 1], [1.0, -1.0]), "aggregate must return"),
        (lambda votes, classes: ([0, 7], [1.0, 1.0]), "7"),
        (refusing, "no"),
    ],
    ids=["few", "missing", "nan", "negative", "no-class", "error"],
)
def test_an_aggregate_that_fails_loses_nothing_and_writes_nothing(
    tmp_path, aggregate, match
):
    path = tmp_path / "j.jsonl"
    learner = begun(path=path, classes=[0, 1, 2]).teach([5, 6], [0, 1], who="Ada")
    before, written = state(learner), path.read_bytes()
    learner.set_params(aggregate=aggregate)
    for call in (
        lambda: learner.teach([5], [1], who="Ben"),
        lambda: learner.teach([5, 6, 7], [1, 1, 1], who="Ada", relabel="replace"),
    ):
        with pytest.raises((ValueError, RuntimeError), match=match):
            call()
    learner.set_params(aggregate=majority)
    assert state(learner) == before and path.read_bytes() == written


@pytest.mark.parametrize(
    ("rows", "y", "match"),
    [
        ([5, 5], [0, 1], "named twice"),
        ([150], [0], "0..149"),
        ([-1], [0], "0..149"),
        ([5], ["cat"], "strings with other labels"),
        ([5], [7], "7"),
        ([5, 6], [0], "2"),
        ([5.0], [0], "integers"),
    ],
)
def test_wrong_answers_are_refused_as_ever(rows, y, match):
    learner = begun(classes=[0, 1, 2]).teach([5], [0], who="Ada")
    before = state(learner)
    with pytest.raises((TypeError, ValueError), match=match):
        learner.teach(rows, y, who="Ben")
    assert state(learner) == before


def test_weights_that_decide_nothing_are_refused_at_fit():
    with pytest.raises(ValueError, match="sum to 0"):
        begun(WeightedMajority({"Ada": 0}))


def test_a_full_disk_takes_neither_vote_nor_revision(tmp_path, monkeypatch):
    learner = begun(path=tmp_path / "j.jsonl").teach([5], [0], who="Ada")
    learner.teach([5], [2], who="Ben")
    before = state(learner)

    def full(*args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            learner.teach([5], [2], who="Cy")
    assert state(learner) == before
    learner.teach([5], [2], who="Cy")
    assert learner.labels_[5] == 2
    lines = (tmp_path / "j.jsonl").read_text("utf-8").splitlines()
    kinds = [line["event"] for line in map(json.loads, lines[1:]) if "call" in line]
    assert kinds.count("answer") == 3  # the failed call left no line


def test_numbers_are_averaged():
    y = np.full(len(X), np.nan)
    y[:3] = [1.0, 2.0, 3.0]
    learner = ActiveLearner(Ridge(), aggregate=average, random_state=0).fit(X, y)
    learner.teach([10], [4.0], who="Ada").teach([10], [5.0], who="Ben")
    assert learner.labels_[10] == 4.5


def test_what_has_no_votes_says_so():
    with pytest.raises(AttributeError, match="Pass aggregate"):
        _ = begun(None).votes_
    with pytest.raises(AttributeError, match="simulation"):
        _ = ActiveLearner(aggregate=majority, budget=10).fit(X, Y).votes_
    assert not hasattr(ActiveLearner(), "confidence_")


def test_what_was_said_is_read_from_events():
    learner = begun().teach([5], [0], who="Ada").teach([5], [1], who="Ben")
    assert said(learner._run) == {5: {"Ada": (0, 1), "Ben": (1, 1)}}
    assert voters(learner._run, [5, 0, 9]) == {5: {"Ada", "Ben"}, 0: {None}, 9: set()}
