"""make_honeypot: where its clusters are, and that uncertainty falls in."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from skactive.datasets import make_honeypot
from skactive.uncertainty import EntropySampling


def test_honeypot_labels_are_even_and_the_ring_is_where_it_should_be():
    truth = make_honeypot(800, random_state=0, return_X_y=False)
    inside = truth.in_trap
    np.testing.assert_array_equal(np.bincount(truth.target[inside]), [100] * 4)
    means = [truth.data[~inside & (truth.target == k)].mean(axis=0) for k in range(4)]
    # Standard error of a mean of 100 is 0.1.
    np.testing.assert_allclose(
        means, [[4, 0], [0, 4], [-4, 0], [0, -4]], rtol=0, atol=0.4
    )
    np.testing.assert_allclose(truth.data[inside].mean(axis=0), 0, atol=0.2)


def test_uncertainty_wastes_its_labels_on_the_honeypot(fooled):
    difference, asked = fooled.compare(
        make_honeypot, LogisticRegression(), EntropySampling()
    )
    assert difference.mean() < -0.05
    assert (difference < 0).sum() >= 5
    mine, randoms = fooled.share_in_trap(asked)
    assert mine > 0.7 and randoms < 0.6


def test_the_honeypot_is_where_and_as_large_as_asked():
    truth = make_honeypot(
        400, honeypot=(20, -9), honeypot_share=0.25, random_state=0, return_X_y=False
    )
    assert truth.in_trap.sum() == 100
    # Standard error of a mean of 100 is 0.1.
    np.testing.assert_allclose(
        truth.data[truth.in_trap].mean(axis=0), [20, -9], atol=0.4
    )
    # The ring alone is tested on: four clusters 4 away from the middle.
    assert np.abs(truth.test_data).max() < 9
    np.testing.assert_array_equal(np.bincount(truth.test_target), [250] * 4)


def test_samples_that_do_not_divide_differ_by_one_at_most():
    truth = make_honeypot(11, n_classes=3, random_state=0, return_X_y=False)
    # round(5.5) is 6: six in the honeypot, five on the ring.
    assert truth.in_trap.sum() == 6
    np.testing.assert_array_equal(np.bincount(truth.target[truth.in_trap]), [2, 2, 2])
    np.testing.assert_array_equal(np.bincount(truth.target[~truth.in_trap]), [2, 2, 1])


@pytest.mark.parametrize(
    "honeypot",
    [(0, 0, 0), (0,), 0.0, "ab", None, (0, float("nan")), [[0, 0]], (0, "x"), ()],
)
def test_a_honeypot_that_is_no_point_of_the_plane_is_refused(honeypot):
    with pytest.raises(ValueError, match="honeypot must be two finite numbers, got"):
        make_honeypot(honeypot=honeypot)
