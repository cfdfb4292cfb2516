"""Checks of scores: how close is equal, and which samples are scored."""

import numpy as np
import pytest

from skactive.base import ScoreStrategy
from skactive.testing import _check_scores as checks
from skactive.testing._problem import N_POOL


@pytest.mark.parametrize(
    "dtype, near, far", [(np.float32, 1e-5, 1e-3), (np.float64, 1e-8, 1e-6)]
)
def test_scores_are_equal_up_to_what_their_precision_allows(dtype, near, far):
    expected = np.array([1.0, -2.0, 0.0], dtype=dtype)
    checks._close(expected * (1 + near), expected, "why")
    checks._close(expected + near / 10, expected, "why")
    with pytest.raises(AssertionError, match="why"):
        checks._close(expected * (1 + far), expected, "why")
    with pytest.raises(AssertionError, match="why"):
        checks._close(expected + [0, 0, far], expected, "why")


class Sums(ScoreStrategy):
    """Ask for the largest sum; write down how many samples are scored together."""

    scored = []

    def score_samples(self, X):
        Sums.scored.append(np.shape(X)[0])
        return np.asarray(X).sum(axis=1)


@pytest.fixture(autouse=True)
def nothing_scored():
    Sums.scored.clear()


@pytest.mark.parametrize(
    "name, scored",
    [
        ("check_scores_are_finite", [N_POOL, 18, N_POOL, 1]),
        ("check_scores_do_not_depend_on_order", [N_POOL] * 2),
        ("check_scores_do_not_depend_on_company", [N_POOL] + [1] * N_POOL),
        ("check_highest_scores_are_asked_for", [N_POOL] * 4),
        ("check_scoring_leaves_state_alone", [N_POOL] * 4),
    ],
)
def test_a_check_scores_what_its_name_says(name, scored):
    getattr(checks, name)(Sums())
    assert Sums.scored == scored


class Fails(Sums):
    """Ask like Sums, but for one fault."""

    fault = None

    def score_samples(self, X):
        return type(self).fault(super().score_samples(X), np.asarray(X))


@pytest.mark.parametrize(
    "fault, message",
    [
        (lambda scores, X: scores[:-1], "scores, one per sample"),
        (lambda scores, X: scores.sum(), r"one per sample, got \(\)"),
        (lambda scores, X: scores.astype(complex), "scores must be real"),
        (lambda scores, X: scores.astype(str), "scores must be real"),
        (lambda scores, X: np.where(scores > 99, np.inf, scores), "must be finite"),
        (lambda scores, X: np.where(len(X) > 1, scores, np.nan), "must be finite"),
    ],
    ids=["short", "scalar", "complex", "text", "far-away", "alone"],
)
def test_what_is_no_score_is_said(fault, message):
    class Wrong(Fails):
        pass

    Wrong.fault = fault
    with pytest.raises(AssertionError, match=message):
        checks.check_scores_are_finite(Wrong())


def test_scores_of_a_second_call_must_be_those_of_the_first():
    class Drifts(Sums):
        def score_samples(self, X):
            return super().score_samples(X) + len(Sums.scored)

    with pytest.raises(AssertionError):
        checks.check_scoring_leaves_state_alone(Drifts())


def test_ties_may_be_asked_for_in_any_order():
    class Coarse(Sums):
        def score_samples(self, X):
            return np.sign(super().score_samples(X))

    for seed in range(5):
        checks.check_highest_scores_are_asked_for(Coarse(random_state=seed))
