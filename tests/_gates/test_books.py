"""The books of every gate: what is counted, refused, repeated, and never overspent."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone

from skactive.stream import (
    FixedGate,
    Gate,
    PeriodicGate,
    QuantileGate,
    RandomGate,
    SplitGate,
    VariableGate,
)

GATES = {
    "random": RandomGate(random_state=0),
    "periodic": PeriodicGate(),
    "fixed": FixedGate(random_state=0),
    "variable": VariableGate(random_state=0),
    "noisy": VariableGate(noise=0.2, random_state=0),
    "split": SplitGate(random_state=0),
    "quantile": QuantileGate(random_state=0),
}
#: A fixed threshold waits for scores that may never come.
SPENDERS = [name for name in GATES if name != "fixed"]

N = 5000
_RNG = np.random.RandomState(0)
SCORES = {
    "uniform": _RNG.uniform(size=N),
    "constant": np.full(N, 0.4),
    "certain": np.zeros(N),
    "unsure": np.ones(N),
    "two values": _RNG.choice([0.0, 0.5], N, p=[0.97, 0.03]),
    "three values": _RNG.choice([0.0, 0.2, 0.4], N),
    "falling": np.linspace(1, 0, N),
    "rising": np.linspace(0, 1, N),
    "falling and noisy": np.linspace(0.5, 0, N) * _RNG.uniform(size=N),
    "steps": np.repeat([0.9, 0.01, 0.5, 0.02, 0.7], N // 5),
    "unknown": [None] * N,
}


def asked(gate, scores):
    return np.array([gate.decide(score) for score in scores])


class Wanting(Gate):
    """A gate that always wants."""

    def _wants(self, score, affordable):
        return True


def test_the_ledger_of_a_gate_that_always_wants():
    gate = Wanting(0.25)
    wanted = [1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]
    assert asked(gate, np.ones(12)).astype(int).tolist() == wanted
    assert (gate.n_seen_, gate.n_spent_) == (12, 4)


def test_a_burst_is_paid_in_advance():
    wanted = [1, 1, 1, 1, 0, 1, 0, 1]
    gate = Wanting(0.5, burst=2)
    assert asked(gate, np.ones(8)).astype(int).tolist() == wanted
    assert asked(Wanting(1.0), np.ones(9)).all()


@pytest.mark.parametrize("budget", [0.013, 0.1, 1 / 3, 0.7, 1.0])
@pytest.mark.parametrize("name", GATES)
def test_no_gate_overspends_at_any_time(name, budget):
    for kind in ("uniform", "certain", "unsure", "unknown"):
        for burst in (1, 7):
            gate = clone(GATES[name]).set_params(budget=budget, burst=burst)
            spent = np.cumsum(asked(gate, SCORES[kind][:600]))
            allowed = budget * np.arange(1, 601) + burst
            assert np.all(spent <= allowed), (kind, burst)
            assert (gate.n_seen_, gate.n_spent_) == (600, spent[-1])


@pytest.mark.parametrize("kind", SCORES)
@pytest.mark.parametrize("name", SPENDERS)
def test_the_budget_is_spent_whatever_the_scores(name, kind):
    assert asked(clone(GATES[name]), SCORES[kind]).sum() >= 0.099 * N


@pytest.mark.parametrize("name", GATES)
def test_the_same_seed_decides_the_same_and_reset_begins_again(name):
    scores = SCORES["three values"][:500]
    gate = clone(GATES[name])
    first = asked(gate, scores)
    assert np.array_equal(first, asked(clone(gate), scores))
    assert gate.reset() is gate and (gate.n_seen_, gate.n_spent_) == (0, 0)
    assert np.array_equal(first, asked(gate, scores))


@pytest.mark.parametrize("name", GATES)
def test_books_survive_a_pickle_in_the_middle(name):
    scores = SCORES["three values"]
    gate = clone(GATES[name])
    asked(gate, scores[:300])
    other = pickle.loads(pickle.dumps(gate))
    assert (other.n_seen_, other.n_spent_) == (gate.n_seen_, gate.n_spent_)
    rest = scores[300:600]
    assert np.array_equal(asked(gate, rest), asked(other, rest))


@pytest.mark.parametrize("name", GATES)
def test_a_clone_has_parameters_and_no_books(name):
    gate = clone(GATES[name]).set_params(budget=0.3, burst=4)
    gate.decide(0.5)
    copy = clone(gate)
    assert copy.get_params() == gate.get_params()
    assert not hasattr(copy, "n_seen_")


def test_a_generator_that_was_given_is_left_alone():
    rng = np.random.RandomState(3)
    before = rng.get_state()[1].tolist(), rng.get_state()[2]
    gate = RandomGate(random_state=rng)
    first = asked(gate, [None] * 200)
    assert (rng.get_state()[1].tolist(), rng.get_state()[2]) == before
    assert np.array_equal(first, asked(gate.reset(), [None] * 200))
    state = np.random.get_state()[1].tolist()
    asked(RandomGate(), [None] * 50)
    assert np.random.get_state()[1].tolist() == state


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("score", [np.nan, np.inf, -np.inf, np.float32("nan")], ids=str)
def test_a_score_that_is_no_number_is_refused_before_the_books_change(name, score):
    gate, twin = clone(GATES[name]), clone(GATES[name])
    scores = SCORES["three values"][:200]
    asked(gate, scores[:50])
    asked(twin, scores[:50])
    with pytest.raises(ValueError, match="needs a finite score.*not counted"):
        gate.decide(score)
    assert gate.n_seen_ == 50
    assert np.array_equal(asked(gate, scores[50:]), asked(twin, scores[50:]))


@pytest.mark.parametrize("score", [[0.1, 0.2], np.array([0.1]), "0.1", 1j, {}], ids=str)
def test_one_score_at_a_time(score):
    gate = QuantileGate()
    with pytest.raises(TypeError, match="one arrival at a time"):
        gate.decide(score)
    assert gate.n_seen_ == 0


@pytest.mark.parametrize(
    "score", [0.5, np.float32(0.5), np.array(0.5), True, 0, np.int64(1)], ids=repr
)
def test_any_single_number_will_do(score):
    assert type(VariableGate().decide(score)) is bool


@pytest.mark.parametrize(
    "gate, name",
    [
        (RandomGate(0), "budget"),
        (RandomGate(1.01), "budget"),
        (RandomGate(np.nan), "budget"),
        (RandomGate(True), "budget"),
        (RandomGate("0.1"), "budget"),
        (RandomGate(burst=0), "burst"),
        (RandomGate(burst=1.5), "burst"),
        (RandomGate(random_state="x"), "random_state"),
        (QuantileGate(window=9), "window"),
        (QuantileGate(window=20.0), "window"),
        (VariableGate(step=0), "step"),
        (VariableGate(step=1), "step"),
        (VariableGate(highest=0), "highest"),
        (VariableGate(highest=np.inf), "highest"),
        (VariableGate(noise=1), "noise"),
        (SplitGate(chance=1.0), "chance"),
        (FixedGate(threshold="margin"), "threshold"),
        (FixedGate(threshold=np.nan), "threshold"),
        (FixedGate(n_classes=1), "n_classes"),
    ],
    ids=repr,
)
def test_a_parameter_out_of_its_range_is_refused_at_the_first_arrival(gate, name):
    with pytest.raises(ValueError, match=f"'{name}' parameter of"):
        gate.decide(0.5)
    assert not hasattr(gate, "n_seen_")
    with pytest.raises(ValueError, match=f"'{name}' parameter of"):
        gate.reset()


def test_without_a_score_a_gate_asks_by_chance_and_remembers_nothing():
    gate = QuantileGate(0.2, random_state=0)
    assert asked(gate, [None] * 1000).sum() == 200
    # The window is empty: the next ten scores are not compared with anything.
    assert gate._n_scores == 0
    variable = VariableGate(0.2, random_state=0)
    asked(variable, [None] * 100)
    assert variable.theta_ == 1
