"""Which strategy is asked in which way, and what is sent to the workers."""

import pickle

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from skactive.compose import _two_rounds
from skactive.compose._two_rounds import (
    AnyRounds,
    CoverRounds,
    KCenterRounds,
    ScoreRounds,
    draw_seed,
    freeze,
    is_score,
    rounds_of,
)
from skactive.disagreement import BatchBALD
from skactive.diversity import BADGE, CoreSet, MaxHerding, ProbCover, RandomSampling
from skactive.uncertainty import MarginSampling

RNG = np.random.RandomState(0)
X, y, X_POOL = RNG.rand(20, 3), np.arange(20) % 2, RNG.rand(5000, 3)


@pytest.mark.parametrize(
    ("strategy", "kind"),
    [
        (MarginSampling(), ScoreRounds),
        (CoreSet(), KCenterRounds),
        (MaxHerding(n_reference=50), CoverRounds),
        (BADGE(), AnyRounds),
    ],
)
def test_what_is_sent_holds_no_pool(strategy, kind):
    _, rounds = rounds_of(strategy, X, y, X_POOL, 5000, {}, 3)
    assert type(rounds) is kind
    assert len(pickle.dumps(rounds)) < X_POOL.nbytes / 10
    answers = [
        rounds.first(X_POOL[part.start : part.stop], part, 4)
        for part in (range(2500), range(2500, 5000))
    ]
    assert len(rounds.candidates(answers)) == 8
    picks, _ = rounds.second(answers, 4, X_POOL)
    assert set(picks) <= set(rounds.candidates(answers))


def test_one_part_that_holds_the_better_picks_wins(monkeypatch):
    _, rounds = rounds_of(MaxHerding(n_reference=50), X, y, X_POOL, 5000, {}, 3)
    answers = [rounds.first(X_POOL[:100], range(100), 2)]
    alone = answers[0][1]
    monkeypatch.setattr(rounds, "_pick", lambda Z, n: (np.arange(n)[::-1], np.zeros(n)))
    assert rounds.second(answers, 2, X_POOL)[0].tolist() == alone.tolist()


def test_only_the_rule_of_the_best_scores_is_exact():
    class Own(MarginSampling):
        def _query(self, n):
            return np.arange(n)

    assert is_score(MarginSampling())
    assert not is_score(Own())
    assert not is_score(CoreSet())


def test_freezing_keeps_what_is_frozen_and_committees():
    strategy = BADGE(LogisticRegression())
    freeze(strategy, X, y, X_POOL, {"sample_weight": np.ones(20)})
    model = strategy.estimator
    assert isinstance(model, FrozenEstimator)
    freeze(strategy, X, y, X_POOL, {})
    assert strategy.estimator is model
    committee = BatchBALD()
    freeze(committee, X, y, X_POOL, {})
    assert committee.estimator is None


def test_weights_reach_the_model_that_is_frozen():
    plain, heavy = BADGE(LogisticRegression()), BADGE(LogisticRegression())
    freeze(plain, X, y, X_POOL, {})
    freeze(heavy, X, y, X_POOL, {"sample_weight": np.where(y == 0, 1e-9, 1.0)})
    assert set(plain.estimator.predict(X_POOL)) == {0, 1}
    assert set(heavy.estimator.predict(X_POOL)) == {1}


def test_an_embedding_learns_from_the_whole_pool():
    strategy = CoreSet(PCA(1))
    rounds_of(strategy, X, y, X_POOL, 5000, {}, 0)
    both = np.vstack([X, X_POOL])
    assert np.allclose(strategy.embedding.mean_, both.mean(axis=0))


def test_a_seed_is_drawn_where_there_is_none():
    for given, expected in ((None, 5), (3, 3), (np.random.RandomState(0), 5)):
        strategy = RandomSampling(random_state=given)
        draw_seed(strategy, 5)
        assert strategy.random_state == expected


def test_the_reference_is_drawn_once_and_bounded(monkeypatch):
    monkeypatch.setattr(_two_rounds, "N_REFERENCE", 40)
    fitted, rounds = rounds_of(ProbCover(), X, y, X_POOL, 5000, {}, 3)
    assert rounds.reference.shape == (40, 3)
    again, _ = rounds_of(ProbCover(), X, y, X_POOL, 5000, {}, 3)
    assert fitted.radius_ == again.radius_ > 0
