"""BatchBALD: what the strategy picks of hand-computed vectors, forests and copies."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.naive_bayes import GaussianNB

from skactive.disagreement import BatchBALD, kl_to_consensus
from skactive.disagreement._batch_bald_joint import JointLabels

FIRST = np.array([[0.9, 0.5, 0.8], [0.1, 0.5, 0.2], [0.5, 0.5, 0.6]])
C1 = np.stack([FIRST, 1 - FIRST], axis=2)


def random_committee(n_members, n_samples, n_classes, seed, concentration=1.0):
    rng = np.random.RandomState(seed)
    alpha = np.full(n_classes, concentration)
    return rng.dirichlet(alpha, size=(n_members, n_samples))


class TalkingCommittee(GaussianNB):
    """Speaks for members whose beliefs are looked up by the first feature."""

    def __init__(self, table=None):
        super().__init__()
        self.table = table

    def predict_proba_members(self, X):
        return self.table[:, np.asarray(X)[:, 0].astype(int)]


def ask(table, n, **settings):
    X_pool = np.arange(table.shape[1], dtype=float)[:, None]
    strategy = BatchBALD(TalkingCommittee(table), random_state=0, **settings)
    strategy.fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1], X_pool)
    return strategy, strategy.query(n)


def test_the_strategy_picks_what_the_vectors_say():
    strategy, picks = ask(C1, 2)
    assert_array_equal(picks, [0, 2])
    assert_allclose(strategy.information(picks), [0.245376, 0.325994], atol=2e-6)


def test_large_batches_have_no_duplicates_and_no_nan():
    # Products of probabilities underflow after some hundred labels.
    proba = random_committee(5, 1500, 2, 0, concentration=200.0)
    joint = JointLabels(proba, 1000, np.random.RandomState(0))
    for row in range(1200):
        joint.add(row)
    gains = joint.gains(np.arange(1500))
    assert np.isfinite(gains).all()
    _, picks = ask(proba, 1000)
    assert len(set(picks.tolist())) == 1000


def test_copies_of_a_sample_come_after_what_they_do_not_say():
    # Sample 1 is sample 0 again; 2 is a weaker question about other members.
    q = np.array([[0.98, 0.98, 0.9], [0.98, 0.98, 0.1]] + [[0.02, 0.02, 0.9]])
    q = np.vstack([q, [[0.02, 0.02, 0.1]]])
    proba = np.stack([q, 1 - q], axis=2)
    assert_array_equal(np.argsort(-kl_to_consensus(proba))[2], 2)
    _, picks = ask(proba, 2)
    assert picks[1] == 2


def test_members_drawn_from_a_forest_and_the_state_left_alone():
    X, y = load_digits(return_X_y=True)
    strategy = BatchBALD(RandomForestClassifier(30, max_depth=3), random_state=0)
    strategy.fit(X[:60], y[:60], X[60:360])
    picks = strategy.query(3)
    assert_array_equal(strategy.query(3), picks)
    best = np.argsort(-kl_to_consensus(strategy._checked_proba()))
    # The third pick of either is the second of the other.
    together = strategy.information(picks[:2])[-1]
    assert together > strategy.information(best[:2])[-1] + 0.01


@pytest.mark.parametrize("n_configurations", [1, 3, 100])
def test_any_number_of_configurations_works(n_configurations):
    proba = random_committee(4, 20, 3, 0)
    _, picks = ask(proba, 20, n_configurations=n_configurations)
    assert_array_equal(np.sort(picks), np.arange(20))


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="committee of 2 members or more"):
        ask(C1[:1], 1)
    with pytest.raises(ValueError, match="n_configurations' parameter of"):
        ask(C1, 1, n_configurations=0)
    with pytest.raises(TypeError, match="n_configurations' parameter of"):
        ask(C1, 1, n_configurations=1.5)
    with pytest.raises(ValueError, match="holds NaN"):
        ask(np.where(C1 == 0.5, np.nan, C1), 1)
