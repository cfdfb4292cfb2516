"""Falcun: the law of its draws, on paper and by counting."""

import numpy as np
import pytest
from scipy import stats
from sklearn.frozen import FrozenEstimator

from skactive.diversity import Falcun
from skactive.diversity._falcun import draw_unlike, drawing_weights
from skactive.testing import MockClassifier

PROBA = np.array([[0.5, 0.5, 0], [0.9, 0.05, 0.05], [0.4, 0.35, 0.25], [0.1, 0.8, 0.1]])
UNSURE = np.array([1, 0.15, 0.95, 0.3])


def law(far, left, gamma=10.0):
    weights = drawing_weights(UNSURE, np.array(far), np.array(left), gamma)
    return weights / weights.sum()


def test_first_and_second_draw_on_paper():
    np.testing.assert_allclose(
        law(UNSURE, [True] * 4), [0.636332, 3.6e-12, 0.363667, 3.7e-7], rtol=2e-2
    )
    assert law(UNSURE, [True] * 4)[0] == pytest.approx(0.636332, abs=1e-6)
    # Raw distances to the first row; its own, 0, is not in the range.
    then = law([0, 0.15, 0.5, 0.3], [False, True, True, True])
    np.testing.assert_allclose(then, [0, 0, 0.999946991, 0.000053009], atol=1e-9)


def test_distances_stay_as_they_are_between_draws():
    """Scaled in place, the third draw would mix scaled and raw distances."""
    rng = np.random.RandomState(0)
    proba = rng.dirichlet(np.ones(3), size=8)
    picks = draw_unlike(proba, 8, gamma=1e6, random_state=0)
    ranked = np.sort(proba, axis=1)
    unsure = 1 - (ranked[:, -1] - ranked[:, -2])
    far, left, expected = unsure.copy(), list(range(8)), []
    while left:
        d = far[left]
        scaled = (d - d.min()) / (d.max() - d.min()) if np.ptp(d) > 0 else 0 * d
        expected.append(left[np.argmax(scaled + unsure[left])])
        left.remove(expected[-1])
        far = np.minimum(far, np.abs(proba - proba[expected[-1]]).sum(axis=1))
    assert picks.tolist() == expected


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pairs_are_drawn_by_the_law(dtype):
    gamma, n_draws = 2.0, 3000
    expected = np.zeros((4, 4))
    for i, first in enumerate(law(UNSURE, [True] * 4, gamma)):
        far = np.minimum(UNSURE, np.abs(PROBA - PROBA[i]).sum(axis=1))
        expected[i] = first * law(far, np.arange(4) != i, gamma)
    rng, counts = np.random.RandomState(0), np.zeros((4, 4))
    for _ in range(n_draws):
        i, j = draw_unlike(PROBA.astype(dtype), 2, gamma=gamma, random_state=rng)
        counts[i, j] += 1
    likely = expected * n_draws > 5
    a, b = counts[likely], expected[likely] * n_draws
    a, b = np.append(a, n_draws - a.sum()), np.append(b, n_draws - b.sum())
    assert stats.chisquare(a, b).pvalue > 0.001


def test_certain_rows_are_drawn_uniformly():
    proba = np.eye(2)[np.zeros(6, dtype=int)]
    rng = np.random.RandomState(0)
    firsts = [draw_unlike(proba, 1, random_state=rng)[0] for _ in range(1200)]
    assert stats.chisquare(np.bincount(firsts, minlength=6)).pvalue > 0.001


@pytest.mark.parametrize(
    "proba",
    [np.ones((9, 1)), np.full((9, 3), 1 / 3), np.eye(3)[np.arange(9) % 3]],
    ids=["one class", "even", "certain"],
)
@pytest.mark.parametrize("gamma", [0, 10.0, 1e5])
def test_the_whole_pool_is_drawn_once_each(proba, gamma):
    for dtype in (np.float32, np.float64):
        asked = draw_unlike(proba.astype(dtype), 9, gamma=gamma, random_state=0)
        assert sorted(asked) == list(range(9))


def test_strategy_draws_from_the_probabilities_of_the_model():
    model = FrozenEstimator(MockClassifier(PROBA).fit())
    rows = np.array([[3.0], [1.0], [0.0], [2.0]])
    strategy = Falcun(model, random_state=0).fit(rows, [0, 1, 2, 0], rows)
    assert set(strategy.query(2)) == {2, 3}


@pytest.mark.parametrize(
    ("gamma", "error"),
    [(-1, ValueError), (np.nan, ValueError), ("ten", TypeError), (True, TypeError)],
)
def test_bad_gamma_is_refused(gamma, error):
    with pytest.raises(error, match="gamma' parameter of"):
        Falcun(gamma=gamma).fit([[0.0], [1.0]], [0, 1], [[0.5]])
