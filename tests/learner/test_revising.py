"""Oracles that change their mind, and what becomes of labels, rounds and journals."""

import json
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.disagreement import QueryByCommittee
from skactive.io import Journal
from skactive.learner._revising import (
    Revised,
    changes_its_mind,
    n_revised,
    params_to_come,
    rows_of_oracle,
    weighed,
)
from skactive.oracles import (
    CommitteeOracle,
    DawidSkene,
    NoisyOracle,
    SimulatedOracle,
)
from skactive.uncertainty import EntropySampling

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)


class Wavering:
    """Errs in each answer at first, and knows better once it has said more."""

    weigh = False

    def __init__(self, after=10, weights=None):
        self.after, self.weights = after, weights
        self.said, self.revised = {}, []

    def __call__(self, rows, X_rows):
        self.said |= {int(row): (Y[row] + (row % 5 == 0)) % 3 for row in rows}
        return [self.said[row] for row in rows]

    def revise(self, rows):
        self.revised.append(list(rows))
        late = len(self.said) > self.after
        return [Y[r] if late else self.said.get(int(r)) for r in rows]

    def confidence(self, rows):
        return np.full(len(rows), 1.0) if self.weights is None else self.weights[rows]


def learner(oracle, path=None, **settings):
    settings = {"budget": 20, "batch_size": 10, "random_state": 0, **settings}
    return ActiveLearner(LogisticRegression(), oracle=oracle, journal=path, **settings)


def wrong(one):
    known = one.labeled_mask_
    return int((one.labels_[known] != Y[known]).sum())


# ----------------------------------------------------------------------- the pieces


def test_who_changes_his_mind():
    assert changes_its_mind(Wavering()) and not changes_its_mind(SimulatedOracle(Y))


def test_weights_are_multiplied_into_what_was_given():
    weights, rows = {1: 0.5, 2: 0.25}, np.array([0, 2])
    assert weighed({"a": 1}, None, rows) == {"a": 1}
    found = weighed({}, ("sample_weight", weights), rows)
    assert found["sample_weight"].tolist() == [1.0, 0.25]
    given = {"sample_weight": [2, 4], "a": 1}
    found = weighed(given, ("sample_weight", weights), rows)
    assert found["sample_weight"].tolist() == [2, 1] and found["a"] == 1
    assert given["sample_weight"] == [2, 4]


# -------------------------------------------------------------------------- the loop


def test_labels_are_revised_before_the_fit_and_rounds_stay():
    oracle = Wavering()
    one = learner(oracle).fit(X)
    other = learner(SimulatedOracle(Y)).fit(X)
    assert oracle.said != {row: Y[row] for row in oracle.said}  # it did err
    assert wrong(one) == 0 and sum(one.history_["n_revised"]) > 0
    assert one.history_["n_labeled"] == other.history_["n_labeled"] == [10, 20, 30]
    assert one.history_["cost"] == [10, 20, 30] and one.cost_ == 30
    assert one.history_["n_revised"][0] == 0 and len(one.estimators_) == 3
    assert (np.bincount(one.labeled_iter_[one.labeled_mask_]) == 10).all()
    assert "n_revised" not in other.history_
    fresh = LogisticRegression().fit(X[one.labeled_mask_], Y[one.labeled_mask_])
    assert_allclose(one.predict_proba(X), fresh.predict_proba(X), atol=1e-6)


def test_only_rows_whose_label_is_the_oracles_are_looked_at():
    start = np.full(150, np.nan)
    start[[0, 50, 100]] = [1, 2, 0]  # wrong, and the user's
    oracle = Wavering(after=99)
    one = learner(oracle, budget=10).fit(X, start)
    its = one.queried_indices_
    assert sorted(oracle.revised[-1]) == sorted(its)
    one.teach(its[:1], [(Y[its[0]] + 2) % 3], relabel="replace", who="Ada")
    one.teach(
        its[1:2], [one.labels_[its[1]]], relabel="replace"
    )  # said again: confirmed
    one.forget(its[2:3])
    oracle.after = 0
    one.set_params(budget=20).resume()
    assert not {its[0], its[1], its[2], 0, 50, 100} & set(oracle.revised[-2])
    assert one.labels_[its[0]] == (Y[its[0]] + 2) % 3
    assert one.labels_[[0, 50, 100]].tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("answers", "match"),
    [([0], "the answer holds 1"), ([np.inf] * 10, "infinity"), (["x"] * 10, "mix")],
    ids=["few", "infinite", "kinds"],
)
def test_a_wrong_revision_is_refused_and_the_labels_stay(answers, match):
    oracle = Wavering()
    oracle.revise = lambda rows: answers
    one = learner(oracle)
    with pytest.raises((ValueError, TypeError), match=match):
        one.fit(X)
    assert one.labeled_mask_.sum() == 10
    del oracle.revise
    assert one.resume().termination_condition_ == "budget" and wrong(one) == 0


@pytest.mark.parametrize("missing_label", [None, -1])
def test_none_is_no_other_answer(missing_label):
    oracle = Wavering()
    oracle.revise = lambda rows: [None, *Y[rows[1:]]]
    one = learner(oracle, missing_label=missing_label).fit(X)
    assert one.labeled_mask_.sum() == 30 and sum(one.history_["n_revised"]) > 0
    assert wrong(one) <= 1


# ---------------------------------------------------------------- journals and undo


def test_undo_takes_back_a_batch_and_what_it_had_changed(tmp_path):
    for path in (None, tmp_path / "answers.jsonl"):
        one = learner(Wavering(), path).fit(X)
        before = learner(Wavering(), budget=10).fit(X)
        assert len(one.undo(refit=False)) == 10
        assert one.labels_.tolist() == pytest.approx(
            before.labels_.tolist(), nan_ok=True
        )
        assert one.history_["n_labeled"] == [10, 20]
        one.undo(refit=False)
        assert one.labeled_mask_.sum() == 10 and wrong(one) > 0  # as first said
        assert one.history_["n_revised"] == [0]
        one.undo(refit=False)
        with pytest.raises(ValueError, match="nothing to undo"):
            one.undo()


def test_a_journal_is_read_to_the_same_state(tmp_path):
    path = tmp_path / "answers.jsonl"
    one = learner(Wavering(), path).fit(X)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    revised = [line for line in lines if line.get("event") == "revise"]
    assert len(revised) == sum(one.history_["n_revised"]) > 0
    assert all(line["was"] != line["answer"] for line in revised)
    frame = Journal(path).to_frame().set_index("id")["answer"]
    assert (frame == [Y[row] for row in frame.index]).all()
    again = learner(Wavering(), path, budget=20).fit(X)  # knows of no votes
    assert again.labels_.tolist() == pytest.approx(one.labels_.tolist(), nan_ok=True)
    for key in ("n_labeled", "cost", "n_revised"):
        assert again.history_[key] == one.history_[key], key
    assert rows_of_oracle(again._run).tolist() == rows_of_oracle(one._run).tolist()
    assert_array_equal(again.predict(X), one.predict(X))
    assert again.undo(refit=False).tolist() == one.queried_indices_[-10:].tolist()
    assert wrong(again) == wrong(learner(Wavering(), budget=10).fit(X))


def test_revision_after_an_undo_joins_the_batch_that_is_left(tmp_path):
    path = tmp_path / "answers.jsonl"
    oracle = Wavering(after=99)
    one = learner(oracle, path).fit(X)
    one.undo(refit=False)
    oracle.after = 0
    one.resume()
    labels = one.labels_.tolist()
    again = learner(Wavering(after=99), path).fit(X)
    assert again.labels_.tolist() == pytest.approx(labels, nan_ok=True)
    assert [len(again.undo(refit=False)) for _ in range(2)] == [10, 10]
    left = again.labels_.tolist()
    assert again.labeled_mask_.sum() == 10 and wrong(again) > 0
    last = learner(Wavering(after=99), path, budget=1).fit(X)
    assert last.labels_[last.labeled_iter_ == 0].tolist() == [
        label for label in left if label is not None
    ]


def test_a_run_with_revisions_pickles():
    one = pickle.loads(pickle.dumps(learner(Wavering()).fit(X)))
    kinds = [type(event) for event in one._run.events]
    assert Revised in kinds and wrong(one) == 0
    now = sum(n_revised(one._run, k) for k in range(3))
    assert now == sum(one.history_["n_revised"])
    assert one.set_params(budget=30).resume().labeled_mask_.sum() == 40


# --------------------------------------------------------------------------- weights


def weighty(weights, weigh=True):
    oracle = Wavering(after=0, weights=np.asarray(weights, dtype=float))
    oracle.weigh = weigh
    return oracle


@pytest.mark.parametrize("piped", [False, True], ids=["plain", "pipeline"])
def test_confidence_reaches_the_fit_of_the_model(piped):
    weights = np.where(Y == 0, 1e-9, 1.0)
    model = LogisticRegression()
    model = make_pipeline(StandardScaler(), model) if piped else model
    one = learner(weighty(weights)).set_params(estimator=model).fit(X)
    assert not (one.predict(X) == 0).any()
    one = learner(weighty(weights, weigh=False)).set_params(estimator=model).fit(X)
    assert (one.predict(X) == 0).sum() > 30


@pytest.mark.parametrize(
    "strategy",
    [QueryByCommittee(), EntropySampling(LogisticRegression())],
    ids=["members", "own model"],
)
def test_confidence_reaches_the_models_of_strategies(strategy):
    weights = np.where(Y == 0, 1e-9, 1.0)
    one = learner(weighty(weights)).set_params(strategy=strategy).fit(X)
    inside = one.strategy_
    models = getattr(inside, "estimators_", None) or [inside.estimator_]
    assert not any((model.predict(X) == 0).sum() > 10 for model in models)


def test_confidence_is_beside_weights_that_fit_was_given():
    given = np.random.RandomState(0).uniform(0.5, 2, size=150)
    trust = np.random.RandomState(1).uniform(0.1, 1, size=150)
    one = learner(weighty(trust)).fit(X, sample_weight=given)
    rows = np.flatnonzero(one.labeled_mask_)
    by_hand = LogisticRegression().fit(
        X[rows], Y[rows], sample_weight=(given * trust)[rows]
    )
    assert_allclose(one.predict_proba(X), by_hand.predict_proba(X), atol=1e-6)


def test_what_a_person_says_after_it_is_not_doubted():
    one = learner(weighty(np.full(150, 0.1))).fit(X)
    row = one.queried_indices_[:1]
    one.teach(row, [Y[row[0]]], relabel="replace")
    its = one._run.trust[1]
    assert row[0] not in its and len(its) == 29 and set(its.values()) == {0.1}


def test_a_model_without_weights_is_refused_before_anyone_is_asked():
    oracle = weighty(np.ones(150))
    one = learner(oracle).set_params(estimator=KNeighborsClassifier())
    with pytest.raises(ValueError, match="weigh=True.*KNeighbors.*no sample_weight"):
        one.fit(X)
    assert not oracle.said
    strategy = EntropySampling(KNeighborsClassifier())
    with pytest.raises(ValueError, match="takes no sample_weight"):
        learner(oracle).set_params(strategy=strategy).fit(X)
    assert not oracle.said
    assert (
        params_to_come(weighty(1, weigh=False), KNeighborsClassifier(), one._run) == {}
    )


def test_a_start_without_an_answer_weighs_nothing():
    oracle = weighty(np.ones(150))
    first = oracle.__call__
    asked = []

    class Late(Wavering):
        weigh = True

        def __call__(self, rows, X_rows):
            asked.extend(rows)
            return [None] * len(rows) if len(asked) < 11 else first(rows, X_rows)

        def revise(self, rows):
            return [None] * len(rows)

    one = learner(Late(weights=np.ones(150)), budget=30).fit(X)
    assert one.labeled_mask_.sum() == 30 and len(one.skipped_) == 10


@pytest.mark.parametrize(
    "weights",
    [np.zeros(150), np.full(150, np.nan), np.full(150, -1.0), np.ones((150, 2))],
    ids=["zeros", "nan", "negative", "2-d"],
)
def test_weights_that_no_model_can_be_given_are_refused(weights):
    oracle = weighty(weights)
    one = learner(oracle)
    with pytest.raises(ValueError, match="Wavering.confidence must return"):
        one.fit(X)
    assert one.labeled_mask_.sum() == 10
    oracle.weigh = False
    assert one.resume().termination_condition_ == "budget"


def test_a_committee_revises_and_weighs():
    three = [
        NoisyOracle(Y, noise=p, random_state=k) for k, p in enumerate((0.05, 0.5, 0.5))
    ]
    oracle = CommitteeOracle(
        three, aggregate=DawidSkene(min_rows=50), weigh=True, random_state=0
    )
    one = learner(oracle, budget=100).fit(X)
    revised = one.history_["n_revised"]  # at 50 rows it leaves majority behind
    assert sum(revised[:4]) < sum(revised[4:])
    rows = one.queried_indices_
    assert one.labels_[rows].tolist() == oracle.revise(rows).tolist()
    its = [one._run.trust[1][row] for row in rows.tolist()]
    assert_allclose(its, oracle.confidence(rows))
