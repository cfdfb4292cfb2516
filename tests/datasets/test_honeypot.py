"""make_honeypot: where its clusters are, and that uncertainty falls in."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from skactive.datasets import (
    make_honeypot,
)
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
