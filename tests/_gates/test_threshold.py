"""Fixed and variable thresholds, held against numbers worked out by hand."""

import numpy as np
import pytest
from sklearn.base import clone

from skactive.stream import FixedGate, SplitGate, VariableGate


@pytest.mark.parametrize(
    "n_classes, budget, highest_p", [(2, 0.1, 0.55), (10, 0.1, 0.19), (2, 0.5, 0.75)]
)
def test_the_fixed_threshold_of_the_literature(n_classes, budget, highest_p):
    """It speaks of the highest probability; our score is one minus that."""
    for shift, wanted in ((-1e-6, True), (1e-6, False)):
        gate = FixedGate(budget, n_classes=n_classes)
        assert gate.decide(1 - (highest_p + shift)) is wanted


def test_a_fixed_threshold_of_ones_own_includes_its_value():
    gate = FixedGate(1.0, threshold=-2)
    assert [gate.decide(s) for s in (-2, -2.1, 5)] == [True, False, True]


def test_a_model_that_is_sure_of_everything_is_never_asked():
    gate = FixedGate()
    assert not any(gate.decide(0.01) for _ in range(1000))


def test_the_variable_threshold_by_hand():
    """As in the literature, where there is money for all of it."""
    gate = VariableGate(0.5, step=0.1, burst=5)
    asked, theta = [], []
    for confidence in (0.9, 0.8, 0.95, 0.6, 0.99):
        asked.append(gate.decide(1 - confidence))
        theta.append(gate.theta_)
    assert asked == [True, True, False, True, False]
    np.testing.assert_allclose(theta, [0.9, 0.81, 0.891, 0.8019, 0.88209])


def test_the_threshold_rests_while_nothing_can_be_paid_for():
    gate = VariableGate(0.1, step=0.1)
    thetas = [(gate.decide(0.0), gate.theta_)[1] for _ in range(12)]
    # Asked at 1. From 2 to 9 no money; at 10 there is, and 1 is above the threshold.
    assert thetas[:9] == [0.9] * 9
    assert thetas[9:] == pytest.approx([0.99, 1.0, 0.9])
    assert (gate.n_seen_, gate.n_spent_) == (12, 2)


def test_the_threshold_has_a_limit():
    gate = VariableGate(1.0, step=0.5)
    for score in (0.0, 0.0, 0.0, 0.0):
        gate.decide(score)
        assert gate.theta_ <= 1


def test_scores_have_a_range():
    scores = np.random.RandomState(0).uniform(size=300)
    gate = VariableGate(random_state=0)
    in_nats = clone(gate).set_params(highest=np.log(10))
    asked = [gate.decide(s) for s in scores]
    assert asked == [in_nats.decide(s * np.log(10)) for s in scores]


@pytest.mark.parametrize("cls", [VariableGate, SplitGate], ids=["variable", "split"])
@pytest.mark.parametrize("score", [1.5, -0.1, 1.001])
def test_scores_outside_of_it_are_refused_before_the_books_change(cls, score):
    gate = cls(random_state=0)
    gate.decide(0.3)
    with pytest.raises(ValueError, match="np.log\\(n_classes\\) for entropies"):
        gate.decide(score)
    assert gate.n_seen_ == 1


def test_rounding_is_forgiven():
    gate = VariableGate()
    assert gate.check(1 + 1e-12) == 1.0 and gate.check(-1e-12) == 0.0


def test_noise_lets_a_sure_model_be_asked():
    """Without it the surest of two groups is hardly ever asked about."""
    scores = np.tile([0.5, 0.45], 2000)
    share = {}
    for noise in (0.0, 0.2):
        gate = VariableGate(noise=noise, random_state=0)
        asked = np.array([gate.decide(s) for s in scores])
        share[noise] = asked[1::2].mean() / asked.mean()
    assert share[0.2] > share[0.0] + 0.2


def test_the_random_part_of_a_split_does_not_move_the_threshold():
    gate = SplitGate(0.5, chance=0.999, burst=1000, random_state=0)
    asked = [gate.decide(0.0) for _ in range(100)]
    assert 30 < sum(asked) < 70  # by chance, with the probability of the budget
    assert gate.theta_ == 1


def test_a_split_asks_where_the_model_is_sure():
    scores = np.random.RandomState(0).choice([0.5, 0.0], 4000, p=[0.25, 0.75])
    late = (scores == 0) & (np.arange(4000) > 2000)  # the threshold has found its place
    asked = {}
    for gate in (VariableGate(), SplitGate(chance=0.5, random_state=0)):
        asked[type(gate)] = np.array([gate.decide(s) for s in scores])[late].sum()
    assert asked[SplitGate] > asked[VariableGate] + 20
