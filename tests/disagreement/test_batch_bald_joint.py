"""Joint information: against enumeration, naive greedy and hand-computed vectors."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skactive.disagreement import kl_to_consensus
from skactive.disagreement._batch_bald_joint import (
    JointLabels,
    greedy_joint_information,
)

FIRST = np.array([[0.9, 0.5, 0.8], [0.1, 0.5, 0.2], [0.5, 0.5, 0.6]])
C1 = np.stack([FIRST, 1 - FIRST], axis=2)


def random_committee(n_members, n_samples, n_classes, seed, concentration=1.0):
    rng = np.random.RandomState(seed)
    alpha = np.full(n_classes, concentration)
    return rng.dirichlet(alpha, size=(n_members, n_samples))


def enumerated(proba, rows):
    """Entropy of the joint label less the mean of the members': the definition."""
    n_classes = proba.shape[2]
    joint = []
    for labels in product(range(n_classes), repeat=len(rows)):
        joint.append(np.mean(np.prod(proba[:, rows, labels], axis=1)))
    joint = np.array(joint)[np.array(joint) > 0]
    apart = 0.0
    for row in rows:
        q = proba[:, row]
        apart -= np.where(q > 0, q * np.log(np.where(q > 0, q, 1)), 0).sum(1).mean()
    return -(joint * np.log(joint)).sum() - apart


def information(proba, rows, n_configurations=10**6, seed=0):
    joint = JointLabels(proba, n_configurations, np.random.RandomState(seed))
    gains = []
    for row in rows:
        gains.append(joint.gains(np.array([row]))[0])
        joint.add(row)
    return np.cumsum(gains)


def naive_greedy(proba, n):
    """Every gain at every pick, by enumeration."""
    picks = []
    for _ in range(n):
        rest = [i for i in range(proba.shape[1]) if i not in picks]
        picks.append(max(rest, key=lambda i: enumerated(proba, [*picks, i])))
    return picks


def test_information_worked_out_by_hand():
    assert_allclose(information(C1, [0, 1]), [0.245376138, 0.245376138], atol=1e-9)
    assert_allclose(information(C1, [0, 2]), [0.245376138, 0.325994054], atol=1e-9)
    assert_allclose(information(C1, [0, 0]), [0.245376138, 0.396745121], atol=1e-9)


def test_posteriors_and_gains_worked_out_by_hand():
    joint = JointLabels(C1, 1000, np.random.RandomState(0))
    joint.add(0)
    expected = [[0.6, 0.2 / 3, 1 / 3], [0.2 / 3, 0.6, 1 / 3]]
    assert_allclose(joint.posterior, expected, atol=1e-12)
    gains = joint.gains(np.arange(3))
    assert_allclose(gains, [0.151368983, 0, 0.080617916], atol=1e-9)


@pytest.mark.parametrize(("n_classes", "seed"), [(2, 0), (3, 1), (4, 2)])
def test_all_configurations_give_the_enumerated_information(n_classes, seed):
    proba = random_committee(7, 8, n_classes, seed)
    proba[:, 0] = np.eye(n_classes)[np.arange(7) % n_classes]  # certain, not agreed
    rows = [4, 0, 7, 2]
    expected = [enumerated(proba, rows[: k + 1]) for k in range(4)]
    assert_allclose(information(proba, rows), expected, atol=1e-10)


@pytest.mark.parametrize("block", [1, 7, 40])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_lazy_greedy_is_naive_greedy(block, seed):
    proba = random_committee(12, 40, 3, seed, concentration=3.0)
    picks, n_greedy = greedy_joint_information(
        proba, 4, n_configurations=10**4, rng=np.random.RandomState(0), block=block
    )
    assert n_greedy == 4
    assert_array_equal(picks, naive_greedy(proba, 4))


@pytest.mark.parametrize("n_configurations", [27, 10**4])
def test_merged_configurations_bound_the_gains(n_configurations):
    proba = random_committee(8, 60, 3, 4)
    proba[:, 0] = np.eye(3)[np.arange(8) % 3]
    rng = np.random.RandomState(0)
    joint = JointLabels(proba, n_configurations, rng)
    rows = np.arange(60)
    for row in (5, 0, 9, 11, 20, 33):
        joint.add(row)
        assert len(joint._merged[0]) <= 8
        gains, bounds = joint.gains(rows), joint.bounds(rows)
        assert (bounds >= gains).all()
        assert (bounds <= kl_to_consensus(proba) + 0.05).all()
    assert bounds.mean() < 2 * gains.mean()


def test_bounds_rule_out_most_of_the_pool(monkeypatch):
    computed = []
    gains = JointLabels.gains

    def counted(self, rows):
        computed.extend(rows)
        return gains(self, rows)

    proba = random_committee(15, 2000, 4, 0, concentration=2.0)
    expected = picks_of_all_gains(proba, 10)
    monkeypatch.setattr(JointLabels, "gains", counted)
    picks, n_greedy = greedy_joint_information(
        proba, 10, n_configurations=300, rng=np.random.RandomState(0)
    )
    assert n_greedy == 10
    assert_array_equal(picks, expected)
    assert len(computed) < 2000 + 9 * 200  # one round, and a tenth of each other


def picks_of_all_gains(proba, n):
    """Greedy picks with drawn labels, every gain computed for each pick."""
    rng = np.random.RandomState(0)
    joint = JointLabels(proba, 300, rng)
    rng.permutation(proba.shape[1])  # as the order of ties is drawn
    for _ in range(n):
        gains = joint.gains(np.arange(proba.shape[1]))
        gains[joint.picks] = -1
        joint.add(gains.argmax())
    return joint.picks


def test_rounding_is_no_information():
    # All members agree but for one sample: the second pick has nothing to add.
    proba = np.repeat(random_committee(1, 300, 10, 0), 20, axis=0)
    proba[:, 7] = random_committee(20, 1, 10, 1)[:, 0]
    for dtype in (np.float32, np.float64):
        picks, n_greedy = greedy_joint_information(
            proba.astype(dtype), 9, n_configurations=1000, rng=np.random.RandomState(0)
        )
        assert (picks[0], n_greedy) == (7, 1)


def test_few_picks_are_the_beginning_of_many():
    proba = random_committee(12, 40, 3, 5, concentration=3.0)

    def greedy(n):
        rng = np.random.RandomState(0)
        return greedy_joint_information(proba, n, n_configurations=10**3, rng=rng)[0]

    assert_array_equal(greedy(4), greedy(6)[:4])


def test_drawn_configurations_estimate_the_information():
    proba = random_committee(10, 6, 3, 3)
    rows = [0, 1, 2, 3]
    expected = [enumerated(proba, rows[: k + 1]) for k in range(4)]
    # With room for one configuration of one label, all gains but the first are drawn.
    runs = np.array([information(proba, rows, 50, seed) for seed in range(60)])
    error = runs.std(axis=0) / np.sqrt(60)
    assert error[0] < 1e-12
    assert (np.abs(runs.mean(axis=0) - expected) <= 3.5 * error + 1e-12).all()
    assert (np.diff(runs, axis=1) >= 0).all()


def test_each_member_draws_as_many_configurations():
    joint = JointLabels(random_committee(4, 5, 3, 0), 8, np.random.RandomState(0))
    for row in range(3):
        joint.add(row)
    assert_array_equal(np.bincount(joint.drawn_by), [2, 2, 2, 2])
    assert_allclose(joint.posterior.sum(axis=1), 1)


def test_information_never_exceeds_the_members_and_ends_the_greedy_picks():
    proba = random_committee(8, 200, 4, 0, concentration=0.3)
    picks, n_greedy = greedy_joint_information(
        proba, 50, n_configurations=1000, rng=np.random.RandomState(0)
    )
    assert n_greedy < 20
    assert len(set(picks.tolist())) == 50
    total = information(proba, picks[:n_greedy], 1000)
    assert total[-1] >= 0.95 * np.log(8)
    assert total[-1] <= np.log(8) + 1e-6


def test_the_rest_is_drawn_in_proportion_to_bald():
    # Two members: one certain sample ends the search, the others differ by score.
    q = np.array([[1.0, 0.7, 0.9, 0.5], [0.0, 0.3, 0.1, 0.5]])
    proba = np.stack([q, 1 - q], axis=2)
    scores = kl_to_consensus(proba)
    seconds = np.zeros(4)
    for seed in range(2000):
        picks, n_greedy = greedy_joint_information(
            proba, 2, n_configurations=10, rng=np.random.RandomState(seed)
        )
        assert (picks[0], n_greedy) == (0, 1)
        seconds[picks[1]] += 1
    share = scores[1] / (scores[1] + scores[2])
    assert seconds[3] == 0
    assert abs(seconds[1] / 2000 - share) < 4 * np.sqrt(share * (1 - share) / 2000)


def test_equal_gains_are_decided_at_random():
    proba = np.repeat(C1[:, :1], 6, axis=1)
    firsts = {
        greedy_joint_information(
            proba, 1, n_configurations=10, rng=np.random.RandomState(seed)
        )[0][0]
        for seed in range(40)
    }
    assert firsts == set(range(6))
