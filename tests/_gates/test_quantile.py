"""The running quantile, held against numbers worked out by hand."""

import numpy as np
import pytest

from skactive._gates._quantile import chance_of
from skactive.stream import QuantileGate

TENTHS = np.arange(1, 11) / 10


@pytest.mark.parametrize(
    "score, scores, share, chance",
    [
        (0.9, TENTHS, 0.2, 1.0),
        (0.85, TENTHS, 0.2, 0.0),
        (1.0, TENTHS, 0.2, 1.0),
        (2.0, TENTHS, 0.2, 1.0),
        (0.8, TENTHS, 0.2, 0.0),
        (0.4, np.full(10, 0.4), 0.1, 0.1),
        (0.4, np.repeat([0.4, 0.2], [3, 7]), 0.1, 1 / 3),
        (0.2, np.repeat([0.4, 0.2], [3, 7]), 0.1, 0.0),
        (0.2, np.repeat([0.4, 0.2], [3, 7]), 0.5, 2 / 7),
        (0.1, TENTHS, 1.0, 1.0),
        (0.0, TENTHS, 1.0, 0.0),
        (0.0, TENTHS, 1.1, 1.0),
        (0.3, np.array([]), 0.1, 0.0),
    ],
)
def test_the_chance_of_a_score(score, scores, share, chance):
    assert chance_of(score, scores, share) == pytest.approx(chance)


@pytest.mark.parametrize("budget", [0.05, 0.1, 0.3])
def test_it_asks_for_the_highest(budget):
    scores = np.random.RandomState(0).uniform(size=4000)
    gate = QuantileGate(budget, random_state=0)
    asked = np.array([gate.decide(s) for s in scores])
    ideal = 1 - budget / 2
    assert ideal - 0.04 < scores[asked].mean() < ideal


def test_only_the_order_of_scores_counts():
    scores = np.random.RandomState(0).uniform(size=500)
    some, others = QuantileGate(random_state=0), QuantileGate(random_state=0)
    asked = [some.decide(s) for s in scores]
    assert asked == [others.decide(1e6 * s**3 - 7) for s in scores]


def test_a_score_joins_the_window_after_the_decision_and_leaves_it_in_turn():
    gate = QuantileGate(window=10, random_state=0)
    for score in range(13):
        gate.decide(float(score))
    assert sorted(gate._last) == list(map(float, range(3, 13)))
    gate.decide(None)  # no score, so that none is forgotten
    gate.decide(13.0)
    assert sorted(gate._last) == list(map(float, range(4, 14)))


def test_it_never_falls_far_behind_nor_ahead():
    """Scores that always fall are below all that came before."""
    gate = QuantileGate(0.1, random_state=0)
    behind = []
    for score in np.linspace(1, 0, 3000):
        gate.decide(score)
        behind.append(0.1 * gate.n_seen_ - gate.n_spent_)
    assert min(behind) >= -1 and max(behind) <= 5
