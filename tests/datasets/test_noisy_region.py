"""make_noisy_region: what its strip changes, and that uncertainty falls in."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from skactive.datasets import make_noisy_region
from skactive.uncertainty import EntropySampling


def test_noisy_region_changes_labels_in_its_strip_only():
    truth = make_noisy_region(4000, random_state=0, return_X_y=False)
    np.testing.assert_array_equal(truth.in_trap, truth.data[:, 0] < -0.4)
    changed = truth.target != truth.clean_target
    assert not changed[~truth.in_trap].any()
    # Three of four draws by chance differ; 1200 rows have a standard error of 0.013.
    assert changed[truth.in_trap].mean() == pytest.approx(0.75, abs=0.05)
    assert truth.test_data[:, 0].min() > -0.4
    height = 4 * (truth.data[:, 1] + 1) / 2 + np.sin(np.pi * truth.data[:, 0]) / 2
    np.testing.assert_array_equal(
        truth.clean_target, np.clip(np.floor(height), 0, 3).astype(int)
    )


def test_uncertainty_wastes_its_labels_on_the_noisy_region(fooled):
    difference, asked = fooled.compare(
        make_noisy_region,
        KNeighborsClassifier(5),
        EntropySampling(),
        n_initial=20,
        budget=80,
    )
    assert difference.mean() < -0.03
    assert (difference < 0).sum() >= 5
    mine, randoms = fooled.share_in_trap(asked)
    assert mine > 0.5 and randoms < 0.4


def test_the_strip_is_as_wide_and_as_noisy_as_asked():
    truth = make_noisy_region(
        4000, n_classes=2, width=0.5, noise=0.5, random_state=0, return_X_y=False
    )
    np.testing.assert_array_equal(truth.in_trap, truth.data[:, 0] < 0)
    # Half of the strip, about 2000 rows, is drawn anew, and half of that differs.
    changed = truth.target != truth.clean_target
    assert changed[truth.in_trap].mean() == pytest.approx(0.25, abs=0.05)


def test_without_a_strip_all_of_the_square_is_clean():
    truth = make_noisy_region(300, width=0, random_state=0, return_X_y=False)
    assert not truth.in_trap.any()
    np.testing.assert_array_equal(truth.target, truth.clean_target)
    assert truth.test_data[:, 0].min() < -0.9
