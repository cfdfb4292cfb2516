"""Gates that look at no score."""

import numpy as np
import pytest

from skactive.stream import PeriodicGate, RandomGate


def test_the_clock():
    gate = PeriodicGate(0.25)
    asked = [int(gate.decide(score)) for score in np.random.uniform(size=12)]
    assert asked == [1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]


def test_chance_is_even_within_a_stretch():
    gate = RandomGate(0.1, random_state=0)
    asked = np.array([gate.decide() for _ in range(20_000)]).reshape(-1, 10)
    assert np.all(asked.sum(axis=1) == 1)
    assert np.abs(asked.mean(axis=0) - 0.1).max() < 4 * np.sqrt(0.09 / len(asked))


@pytest.mark.parametrize("budget", [0.3, 0.45])
def test_chance_is_nearly_even_where_stretches_are_no_whole_numbers(budget):
    gate = RandomGate(budget, random_state=0)
    asked = np.array([gate.decide() for _ in range(20_000)]).reshape(-1, 20)
    assert np.abs(asked.mean(axis=0) - budget).max() < 0.1


def test_chance_spends_the_budget_to_the_last_label():
    gate = RandomGate(0.07, random_state=1)
    assert sum(gate.decide() for _ in range(1000)) == 70


def test_chance_does_not_depend_on_scores():
    scores = np.random.RandomState(0).uniform(size=200)
    gate, other = RandomGate(random_state=0), RandomGate(random_state=0)
    assert [gate.decide(s) for s in scores] == [other.decide() for _ in scores]
