"""What a matrix of class probabilities must look like."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skactive.utils import check_probabilities, shannon_entropy


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_are_handed_on_as_they_are(dtype):
    proba = np.array([[0.25, 0.75]], dtype=dtype)
    assert check_probabilities(proba) is proba


@pytest.mark.parametrize(
    "values, dtype",
    [
        (np.array([[0.5, 0.5]], dtype=np.float16), np.float32),
        ([[0, 1]], np.float64),
        ([[True, False]], np.float64),
    ],
)
def test_other_dtypes_become_floats(values, dtype):
    proba = check_probabilities(values)
    assert proba.dtype == dtype
    assert_array_equal(proba, np.asarray(values, dtype=float))


@pytest.mark.parametrize(
    "proba, fault",
    [
        ([[0.5, 0.5], [0.5, np.nan]], "Row 1 .* holds NaN"),
        ([[1.5, -0.5]], "Row 0 .* negative"),
        ([[0.5, 0.5], [0.5, 0.498]], "Row 1 .* does not sum to 1"),
        ([[0.2, 0.2], [0.3, 0.3]], "Row 0"),
        ([0.5, 0.5], r"\(n_samples, n_classes\).*got \(2,\)"),
        (np.empty((3, 0)), r"got \(3, 0\)"),
        ([[[1.0]]], r"got \(1, 1, 1\)"),
    ],
)
def test_what_is_no_distribution_is_refused_and_the_first_row_named(proba, fault):
    with pytest.raises(ValueError, match=fault):
        check_probabilities(proba)


def test_rounding_is_forgiven():
    check_probabilities([[0.5, 0.4995]])


def test_a_committee_has_three_axes():
    proba = np.full((2, 3, 2), 0.5)
    assert check_probabilities(proba, ndim=3) is proba
    proba[1, 2] = 0.9
    with pytest.raises(ValueError, match=r"Row \(1, 2\)"):
        check_probabilities(proba, ndim=3)
    with pytest.raises(ValueError, match=r"\(n_members, n_samples, n_classes\)"):
        check_probabilities(proba[0], ndim=3)


def test_entropy_by_hand():
    proba = np.array([[0.6, 0.3, 0.1], [1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])
    assert_allclose(shannon_entropy(proba), [0.897946, 0.0, np.log(3)], atol=5e-7)


def test_certainty_is_zero_and_not_minus_zero():
    entropy = shannon_entropy(np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert entropy.tolist() == [0.0, 0.0] and not np.signbit(entropy).any()


def test_the_smallest_probabilities_add_nothing():
    for dtype in (np.float32, np.float64):
        tiny = np.finfo(dtype).smallest_subnormal
        entropy = shannon_entropy(np.array([[1.0, tiny]], dtype=dtype))
        assert entropy.dtype == dtype and abs(entropy[0]) < 1e-30


def test_entropy_agrees_with_a_plain_sum():
    proba = np.random.RandomState(0).dirichlet(np.ones(7), size=50)
    plain = [-sum(p * np.log(p) for p in row if p > 0) for row in proba]
    assert_allclose(shannon_entropy(proba), plain, rtol=1e-12)


@pytest.mark.parametrize("n_classes", [2, 64, 65, 300])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_members", [0, 2])
def test_faults_are_found_among_few_and_many_classes(n_classes, dtype, n_members):
    shape = (n_members, 40, n_classes) if n_members else (40, n_classes)
    good = np.random.RandomState(0).dirichlet(np.ones(n_classes), shape[:-1])
    good = good.astype(dtype)
    check_probabilities(good, ndim=len(shape))
    for change, fault in (
        ((np.nan, 0), "holds NaN"),
        ((np.inf, 0), "does not sum to 1"),
        ((-0.5, 0.5), "holds a negative"),
        ((0, 1.5), "does not sum to 1"),
    ):
        bad = good.copy()
        bad[..., 17, :] = 0
        bad[..., 17, :2] = change
        with pytest.raises(ValueError, match=fault) as caught:
            check_probabilities(bad, ndim=len(shape))
        assert caught.value.row == 17
