"""entropy, margin and least_confidence: numbers worked out by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skactive.uncertainty import entropy, least_confidence, margin

MEASURES = [entropy, margin, least_confidence]


def random_proba(n_samples, n_classes, seed=0):
    return np.random.RandomState(seed).dirichlet(np.ones(n_classes), n_samples)


def test_one_row_by_hand():
    proba = [[0.6, 0.3, 0.1]]
    assert_allclose(entropy(proba), [0.897946], atol=5e-7)
    assert_allclose(margin(proba), [1 - 0.3])
    assert_allclose(least_confidence(proba), [0.4])


def test_uniform_rows_have_the_highest_scores():
    proba = np.full((1, 8), 1 / 8)
    assert_allclose(entropy(proba), np.log(8), rtol=1e-15)
    assert_array_equal(margin(proba), [1])
    assert_array_equal(least_confidence(proba), [7 / 8])


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_certain_rows_score_exactly_zero(measure, dtype):
    scores = measure(np.eye(4, dtype=dtype))
    assert_array_equal(scores, np.zeros(4))
    assert not np.signbit(scores).any()


@pytest.mark.parametrize("measure", MEASURES)
def test_a_single_class_is_certain(measure):
    assert_array_equal(measure(np.ones((3, 1))), [0, 0, 0])


@pytest.mark.parametrize("measure", MEASURES)
def test_no_samples_no_scores(measure):
    assert measure(np.empty((0, 3))).shape == (0,)


def test_the_three_rankings_coincide_for_two_classes():
    proba = random_proba(300, 2)
    orders = [np.argsort(measure(proba)) for measure in MEASURES]
    assert_array_equal(orders[0], orders[1])
    assert_array_equal(orders[0], orders[2])


def test_the_three_rankings_differ_for_three_classes():
    proba = [[0.5, 0.5, 0.0], [0.5, 0.25, 0.25], [0.4, 0.35, 0.25]]
    assert np.argmax(margin(proba)) == 0
    assert np.argmax(entropy(proba)) == 2
    assert least_confidence(proba)[0] == least_confidence(proba)[1]


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    "given, kept",
    [
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.float16, np.float32),
        (np.int64, np.float64),
    ],
)
def test_dtype_of_the_scores(measure, given, kept):
    scores = measure(np.array([[1, 0], [0, 1]], dtype=given))
    assert scores.dtype == kept


@pytest.mark.parametrize("measure", MEASURES)
def test_float32_agrees_with_float64(measure):
    proba = random_proba(100, 50)
    single = measure(proba.astype(np.float32))
    assert_allclose(single, measure(proba), rtol=1e-5)


@pytest.mark.parametrize("measure", MEASURES)
def test_probabilities_are_left_alone(measure):
    proba = random_proba(20, 4)
    proba.setflags(write=False)
    measure(proba)  # a write would raise


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    "row, fault",
    [
        ([0.5, np.nan, 0.5], "Row 1 .* holds NaN"),
        ([1.2, -0.2, 0.0], "Row 1 .* holds a negative"),
        ([0.5, 0.5, 0.1], "Row 1 .* does not sum to 1"),
        ([np.inf, 0.0, 0.0], "Row 1 .* does not sum to 1"),
        ([2.0, 1.0, -3.0], "Row 1 .* holds a negative"),
    ],
)
def test_a_row_that_is_no_distribution_is_named(measure, row, fault):
    proba = np.full((3, 3), 1 / 3)
    proba[1] = row
    with pytest.raises(ValueError, match=fault):
        measure(proba)


def test_rows_may_miss_one_by_a_thousandth():
    entropy([[0.5, 0.5009]])
    with pytest.raises(ValueError, match="Row 0"):
        entropy([[0.5, 0.5011]])


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("shape", [(4,), (2, 3, 4), (3, 0)])
def test_other_shapes_are_refused(measure, shape):
    with pytest.raises(ValueError, match=r"\(n_samples, n_classes\)"):
        measure(np.ones(shape))
