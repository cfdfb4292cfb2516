"""A round once more: the same rows known, the same model, and the same answer."""

import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner
from skactive.disagreement import QueryByCommittee
from skactive.diversity import BADGE, CoreSet, RandomSampling, TypiClust
from skactive.learner._replay import Replay
from skactive.uncertainty import MarginSampling

X, y = make_moons(120, noise=0.2, random_state=0)
STRATEGIES = [MarginSampling, RandomSampling, CoreSet, BADGE, TypiClust]
STRATEGIES += [QueryByCommittee]


def fitted(strategy, y=y, **params):
    settings = {"n_initial": 6, "budget": 12, "batch_size": 4, "random_state": 3}
    learner = ActiveLearner(LogisticRegression(), strategy, **{**settings, **params})
    return learner.fit(X, y)


@pytest.mark.filterwarnings("ignore::skactive.exceptions.TopBatchWarning")
@pytest.mark.parametrize("kind", STRATEGIES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("k", [1, 2, 3])
def test_every_round_of_a_simulation_asks_for_the_same_rows_again(kind, k):
    learner = fitted(kind())
    replay = Replay(learner, k)
    _, again = replay.strategy(X, y)
    assert again.tolist() == replay.asked.tolist()
    assert set(replay.asked) == set(np.flatnonzero(learner.labeled_iter_ == k))
    known = (learner.labeled_iter_ >= 0) & (learner.labeled_iter_ < k)
    assert replay.labeled.tolist() == np.flatnonzero(known).tolist()
    assert replay.model() is learner.estimators_[k - 1]


def test_by_hand_rounds_are_those_of_the_seed_and_skips_stay_out():
    learner = fitted(RandomSampling(), np.where(np.arange(120) % 20, None, y))
    asked = []
    for _ in range(3):
        rows = learner.query(4)
        answers = y[rows].astype(object)
        answers[0] = None  # skipped
        learner.teach(rows, answers)
        asked.append(rows.tolist())
    for k in (1, 2, 3):
        replay = Replay(learner, k)
        _, again = replay.strategy(X, learner.labels_)
        # A skip at the head of a batch lies at the end of the one before it.
        assert set(asked[k - 1][1:]) <= set(replay.asked)
        assert not set(replay.pool) & set(np.ravel(asked[: k - 1]))
        assert len(again) == len(replay.asked)
    later = Replay(learner, 4)
    _, again = later.strategy(X, learner.labels_)
    assert not len(later.asked)
    assert again.tolist() == learner.query().tolist()


def test_run_that_replayed_is_not_changed():
    learner = fitted(MarginSampling(), np.where(np.arange(120) % 20, None, y))
    rows = learner.query()
    learner.teach(rows, y[rows])
    before = learner.query().tolist(), learner.history_["n_labeled"][:]
    Replay(learner, 1).strategy(X, learner.labels_)
    assert (learner.query().tolist(), learner.history_["n_labeled"]) == before


def test_models_that_were_not_kept_are_refused_but_the_last():
    learner = fitted(MarginSampling(), keep_estimators=False)
    assert Replay(learner, 4).model() is learner.estimator_
    with pytest.raises(ValueError, match="round=2 .*keep_estimators=True.*round=4"):
        Replay(learner, 2).model()


@pytest.mark.parametrize("k", [0, 5, -1])
def test_rounds_that_were_not_are_refused(k):
    with pytest.raises(ValueError, match=f"round={k}.*4 models"):
        Replay(fitted(MarginSampling()), k)


@pytest.mark.parametrize("k", [1.0, True, "last"])
def test_rounds_that_are_no_numbers_are_refused(k):
    with pytest.raises(TypeError, match="whole number"):
        Replay(fitted(MarginSampling()), k)


def test_labels_that_are_missing_are_named():
    learner = fitted(MarginSampling())
    row = learner.queried_indices_[0]
    gaps = y.astype(float)
    gaps[row] = np.nan
    with pytest.raises(ValueError, match=f"1 rows .*row {row}"):
        Replay(learner, 2).strategy(X, gaps)
