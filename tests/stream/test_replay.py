"""A stream whose labels are known: what is looked at, and what is counted."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from skactive.disagreement import QueryByCommittee
from skactive.stream import QuantileGate, RandomGate, StreamLearner
from skactive.stream._replay import Tally
from skactive.uncertainty import EntropySampling

RNG = np.random.RandomState(0)
X = RNG.standard_normal((150, 4))
Y = np.digitize(X[:, 0] + 0.5 * RNG.standard_normal(150), [-0.5, 0.5])

LEARNERS = {
    "anew": StreamLearner(LogisticRegression(), random_state=0),
    "steps": StreamLearner(SGDClassifier(loss="log_loss"), random_state=0),
    "window": StreamLearner(
        DecisionTreeClassifier(max_depth=3),
        max_labeled=15,
        refit_every=3,
        random_state=0,
    ),
    "committee": StreamLearner(
        GaussianNB(), QueryByCommittee(n_members=2), refit_every=10, random_state=0
    ),
    "generous": StreamLearner(
        GaussianNB(), EntropySampling(), QuantileGate(0.3, window=20), random_state=0
    ),
}


def by_hand(learner, X, y, classes=None):
    learner.set_params(classes=classes)
    asked, right, seen = [], 0, 0
    for row in range(len(X)):
        if hasattr(learner, "estimator_"):
            right += learner.predict(X[row : row + 1])[0] == y[row]
            seen += 1
        asked.append(learner.decide(X[row : row + 1])[0])
        if asked[-1]:
            learner.teach(X[row : row + 1], y[row : row + 1])
    return np.array(asked), right / seen


@pytest.mark.parametrize("name", LEARNERS)
def test_a_replay_is_what_one_would_do_by_hand(name):
    learner = LEARNERS[name].fit(X, Y)
    twin = StreamLearner(**LEARNERS[name].get_params(deep=False))
    asked, accuracy = by_hand(twin, X, Y, classes=[0, 1, 2])
    np.testing.assert_array_equal(learner.asked_, asked)
    assert learner.prequential_score_ == pytest.approx(accuracy)
    np.testing.assert_array_equal(learner.predict_proba(X), twin.predict_proba(X))
    for key in ("n_seen", "n_labeled"):
        assert learner.history_[key] == twin.history_[key]
    np.testing.assert_array_equal(learner.decide(X), twin.decide(X))


@pytest.mark.parametrize("name", LEARNERS)
def test_labels_never_asked_for_change_nothing(name):
    learner = LEARNERS[name].fit(X, Y)
    hidden = np.flatnonzero(~learner.asked_)
    shuffled = Y.copy()
    shuffled[hidden] = RNG.permutation(Y[hidden])
    assert not np.array_equal(shuffled, Y)
    before = learner.asked_, learner.predict_proba(X), learner.decide(X[:50])
    other = LEARNERS[name].fit(X, shuffled)
    np.testing.assert_array_equal(before[0], other.asked_)
    np.testing.assert_array_equal(before[1], other.predict_proba(X))
    np.testing.assert_array_equal(before[2], other.decide(X[:50]))


def test_what_is_asked_and_counted():
    learner = StreamLearner(gate=QuantileGate(0.2), random_state=0).fit(X, Y)
    assert learner.asked_[:20].all() and learner.asked_.dtype == bool
    n_asked = learner.asked_.sum()
    assert 20 + 21 <= n_asked <= 20 + 27
    history = learner.history_
    assert history["n_labeled"] == list(range(20, n_asked + 1))
    assert history["n_seen"] == (np.flatnonzero(learner.asked_)[19:] + 1).tolist()
    assert history["correct"][0] == 0 and np.all(np.diff(history["correct"]) >= 0)
    assert (learner.n_seen_, learner.gate_.n_seen_) == (150, 130)
    assert learner.gate_.n_spent_ == n_asked - 20


def test_rows_known_beforehand_do_not_arrive():
    known = np.arange(150) % 5 == 0
    learner = StreamLearner(random_state=0).fit(X, Y, labeled=known)
    assert not learner.asked_[known].any()
    assert learner.n_seen_ == learner.gate_.n_seen_ == 120
    assert learner.history_["n_labeled"][0] == 30
    # Fewer than n_initial: some more are asked for whatever their score.
    few = np.arange(150) < 5
    learner = StreamLearner(random_state=0).fit(X, Y, labeled=few)
    assert learner.asked_[5:20].all() and not learner.asked_[20:].all()


def test_all_known_is_ready():
    known = np.ones(150, bool)
    learner = StreamLearner(random_state=0).fit(X, Y, labeled=known)
    assert learner.n_seen_ == 0 and np.isnan(learner.prequential_score_)
    expected = LogisticRegression().fit(X, Y)
    np.testing.assert_array_equal(expected.predict_proba(X), learner.predict_proba(X))
    assert 1 <= learner.decide(X).sum() <= 16
    few = StreamLearner().fit(X[:6], Y[:6], labeled=known[:6])
    assert len(few.predict(X)) == 150


def test_partly_labeled_rows_are_learned_and_the_stream_begins_after_them():
    partial = np.where(np.arange(150) % 3 == 0, Y, np.nan)
    learner = StreamLearner(random_state=0).fit(X, partial)
    expected = LogisticRegression().fit(X[::3], Y[::3])
    np.testing.assert_array_equal(expected.predict_proba(X), learner.predict_proba(X))
    assert learner.n_seen_ == 0 and not learner.asked_.any()
    assert learner.asked_.shape == (150,)
    with pytest.raises(ValueError, match="labeled is for a complete y"):
        StreamLearner().fit(X, partial, labeled=np.ones(150, bool))
    one = np.where(np.arange(150) < 4, 1.0, np.nan)
    learner = StreamLearner().fit(X, one)
    assert not hasattr(learner, "estimator_") and learner.decide(X[:16]).all()


@pytest.mark.parametrize(
    "y", [[None] * 150, np.full(150, np.nan), []], ids=["None", "NaN", "empty"]
)
def test_no_label_at_all_is_refused_with_the_way_out(y):
    with pytest.raises(ValueError, match="begins with decide"):
        StreamLearner().fit(X[: len(y)], y)


def test_a_tally_counts_by_the_model_that_was_there():
    tally = Tally(X, X[:, 0], False)
    assert np.isnan(tally.score())
    for row in (3, 4, 5):
        tally.add(row)
    tally.count(Ridge().fit(X, X[:, 0]))
    tally.add(6)
    tally.count(None)
    assert len(np.concatenate(tally._rows)) == 3 and tally.score() > 0.9


def test_a_failed_fit_leaves_the_earlier_one():
    learner = StreamLearner(gate=RandomGate(), random_state=0).fit(X, Y)
    before = learner.asked_, learner.predict(X), dict(vars(learner))
    bad = X.copy()
    bad[140, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        learner.fit(bad, Y)
    assert vars(learner) == before[2] or learner.asked_ is before[0]
    np.testing.assert_array_equal(learner.predict(X), before[1])
    assert learner.n_seen_ == 150
