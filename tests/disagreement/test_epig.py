"""EPIG: the definition written out, vectors by hand, bounds."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from skactive.disagreement import (
    EPIG,
    _epig,
    kl_to_consensus,
    predictive_information,
)

FIRST = np.array([[0.9, 0.5, 0.8], [0.1, 0.5, 0.2], [0.5, 0.5, 0.6]])
C1 = np.stack([FIRST, 1 - FIRST], axis=2)


def random_committee(n_members, n_samples, n_classes, seed):
    rng = np.random.RandomState(seed)
    return rng.dirichlet(np.ones(n_classes) / 2, size=(n_members, n_samples))


def by_definition(proba, target):
    """Mean over targets of the mutual information of two labels, summed up."""
    scores = np.zeros(proba.shape[1])
    for i in range(proba.shape[1]):
        for j in range(target.shape[1]):
            joint = np.einsum("kc,kd->cd", proba[:, i], target[:, j]) / len(proba)
            apart = np.outer(joint.sum(axis=1), joint.sum(axis=0))
            seen = joint > 0
            scores[i] += (joint[seen] * np.log(joint[seen] / apart[seen])).sum()
    return scores / target.shape[1]


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ([2], [0.052366555, 0, 0.031546324]),
        ([0, 2], [0.073186855, 0, 0.041956439]),
    ],
)
def test_vectors_worked_out_by_hand(targets, expected):
    assert_allclose(predictive_information(C1, C1[:, targets]), expected, atol=5e-10)


@pytest.mark.parametrize("step_bytes", [1, 7 * 4 * 4 * 5 * 8, 2**24])
def test_any_step_gives_what_the_definition_gives(step_bytes, monkeypatch):
    monkeypatch.setattr(_epig, "STEP_BYTES", step_bytes)
    proba, target = random_committee(6, 23, 4, 0), random_committee(6, 5, 4, 1)
    proba[:, 3] = [1, 0, 0, 0]
    expected = by_definition(proba, target)
    assert_allclose(predictive_information(proba, target), expected, atol=1e-12)


def test_information_is_at_most_that_about_the_members():
    proba, target = random_committee(8, 50, 3, 2), random_committee(8, 9, 3, 3)
    scores = predictive_information(proba, target)
    assert (scores >= 0).all()
    assert (scores <= kl_to_consensus(proba) + 1e-12).all()
    assert (scores <= kl_to_consensus(target).mean() + 1e-12).all()


def test_single_precision_stays_single():
    proba, target = random_committee(8, 50, 10, 2), random_committee(8, 100, 10, 3)
    expected = predictive_information(proba, target)
    scores = predictive_information(proba.astype(np.float32), target.astype(np.float32))
    assert scores.dtype == np.float32
    assert_allclose(scores, expected, atol=1e-5)


def test_members_alike_say_nothing():
    proba = np.repeat(random_committee(1, 20, 3, 0), 5, axis=0)
    assert_allclose(predictive_information(proba, proba), 0, atol=1e-14)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="same members and classes"):
        predictive_information(C1, C1[:2])
    with pytest.raises(ValueError, match="one target or more"):
        predictive_information(C1, C1[:, :0])
    with pytest.raises(ValueError, match="does not sum to 1"):
        predictive_information(C1, 2 * C1)
    for n, error in [(0, ValueError), (1.5, TypeError), (True, TypeError)]:
        with pytest.raises(error, match="n_targets' parameter of"):
            EPIG(n_targets=n).fit([[0.0], [1.0]], [0, 1], [[2.0]])


def test_given_targets_are_what_counts():
    X, y = make_classification(150, 5, random_state=0)
    X_target = X[140:]
    forest = RandomForestClassifier(20, max_depth=3)
    strategy = EPIG(forest, X_target=X_target, random_state=0)
    strategy.fit(X[:30], y[:30], X[30:140])
    members = strategy._committee.predict_proba
    expected = predictive_information(members(X[30:140]), members(X_target))
    assert_array_equal(strategy.score_samples(X[30:140]), expected)
    assert expected[strategy.query(1)[0]] == expected.max()


def test_targets_come_from_the_pool_and_are_drawn_once():
    X, y = make_classification(150, 5, random_state=0)
    forest = RandomForestClassifier(20, max_depth=3)
    strategy = EPIG(forest, n_targets=7, random_state=0).fit(X[:30], y[:30], X[30:])
    assert strategy._target_proba.shape == (20, 7, 2)
    proba = strategy._committee.predict_proba(X[30:])
    for j in range(7):
        assert (proba == strategy._target_proba[:, [j]]).all(axis=(0, 2)).any()
    assert_array_equal(strategy.score_samples(X), strategy.score_samples(X))
