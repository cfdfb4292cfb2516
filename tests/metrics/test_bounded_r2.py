"""R² between 0 and 1, and the word on areas over R² itself."""

import warnings

import numpy as np
import pytest
from sklearn.metrics import r2_score, root_mean_squared_error

from skactive.metrics import area_under_learning_curve, bounded_r2_score
from skactive.metrics._bounded_r2 import warn_of_low_r2

Y = np.array([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [(Y, 1), (np.full(4, 2.5), 0.5), (Y[::-1], 0.2), (Y + np.sqrt(1.25), 0.5)],
    ids=["right", "mean", "reversed", "off by a deviation"],
)
def test_scores_on_paper(predicted, expected):
    assert bounded_r2_score(Y, predicted) == pytest.approx(expected)


def test_models_are_ordered_as_by_r2_and_by_the_error():
    rng = np.random.RandomState(0)
    y = rng.standard_normal(50)
    guesses = [y + 10.0**k * rng.standard_normal(50) for k in np.linspace(-3, 6, 40)]
    scores = [bounded_r2_score(y, guess) for guess in guesses]
    assert 0 < min(scores) < 1e-9 and 0.999 < max(scores) < 1
    for other in (r2_score, lambda y, f: -root_mean_squared_error(y, f)):
        values = [other(y, guess) for guess in guesses]
        assert np.argsort(values).tolist() == np.argsort(scores).tolist()


def test_outputs_are_averaged_and_weights_heeded():
    y = np.column_stack([Y, 100 * Y])
    f = np.column_stack([Y, 100 * Y[::-1]])
    assert bounded_r2_score(y, f) == pytest.approx(0.6)
    weight = [1, 1, 0, 0]
    expected = bounded_r2_score(Y[:2], [1.0, 3.0])
    assert bounded_r2_score(
        Y, [1.0, 3.0, 9.0, -9.0], sample_weight=weight
    ) == pytest.approx(expected)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(value):
    with pytest.raises(ValueError, match="NaN|infinity"):
        bounded_r2_score(Y, [1.0, 2.0, 3.0, value])


def test_one_bad_round_no_longer_outweighs_the_others():
    n = [20, 30, 40, 50]
    worse, better = [-3.6, 0.5, 0.6, 0.7], [-5.0, 0.7, 0.8, 0.9]
    by_r2 = [area_under_learning_curve(n, curve) for curve in (worse, better)]
    bounded = [
        area_under_learning_curve(n, 1 / (2 - np.array(curve)))
        for curve in (worse, better)
    ]
    assert by_r2[0] > by_r2[1] and bounded[0] < bounded[1]


def test_the_word_names_the_lowest_round_and_what_to_take():
    with pytest.warns(UserWarning, match=r"-3.6 at 20.*bounded_r2") as caught:
        warn_of_low_r2([10, 20, 30], [-1.2, -3.6, 0.5], stacklevel=1)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_low_r2([10, 20], [-1.0, 0.5], stacklevel=1)
