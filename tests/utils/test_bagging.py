"""Bootstrap samples: what each of them must hold."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import (
    LeaveOneOut,
    PredefinedSplit,
    RepeatedStratifiedKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive.utils._bagging import (
    bootstrap_masks,
    bootstrap_rows,
    least_of_a_class,
)


@pytest.mark.parametrize(
    "cv, least",
    [
        (None, 5),
        (3, 3),
        (np.int64(4), 4),
        (0.5, 2),
        (StratifiedKFold(4), 4),
        (RepeatedStratifiedKFold(n_splits=3, n_repeats=7), 3),
        (StratifiedShuffleSplit(9), 2),
        (PredefinedSplit([0, 1]), 0),
        (LeaveOneOut(), 0),
        ([([0], [1])], 0),
        ("prefit", 0),
    ],
)
def test_folds_need_so_many_of_each_class(cv, least):
    model = CalibratedClassifierCV(GaussianNB(), cv=cv)
    assert least_of_a_class(model) == least
    assert least_of_a_class(make_pipeline(StandardScaler(), model)) == least


def test_a_bootstrap_keeps_what_there_is_of_each_class():
    y = np.repeat([0, 1, 2], [4, 5, 30])
    for seed in range(20):
        rows = bootstrap_rows(y, np.random.RandomState(seed), least=4)
        assert np.bincount(y[rows]).min() >= 4
        # Too few of a class for all: as many of each as there are.
        rows = bootstrap_rows(y, np.random.RandomState(seed), least=9)
        assert_array_equal(np.bincount(y[rows]), [4, 5, 30])


@pytest.mark.parametrize("ignored", [255, None])
@pytest.mark.parametrize("pack", [np.stack, list])
def test_a_bootstrap_of_masks_holds_two_classes(pack, ignored):
    """One mask of five shows a second class: drawn at random, a third lack it."""
    masks = [np.full((2, 3), 7, np.uint8) for _ in range(5)]
    masks[3][0, 0] = 2
    if ignored is not None:  # which is no class
        masks[0][1], masks[1][:] = ignored, ignored
    y = np.empty(5, dtype=object)
    y[:] = masks
    y = np.stack(masks) if pack is np.stack else y
    drawn = [
        bootstrap_masks(y, np.random.RandomState(seed), ignored) for seed in range(60)
    ]
    for rows in drawn:
        assert rows.shape == (5,) and 3 in rows
        found = np.unique(np.stack([masks[row] for row in rows]))
        assert len(set(found.tolist()) - {ignored}) == 2


def test_a_bootstrap_of_masks_ends_where_there_is_nothing_to_find():
    one = np.zeros((4, 2, 2), int)
    assert bootstrap_masks(one, np.random.RandomState(0)).shape == (4,)
    assert bootstrap_masks(one, np.random.RandomState(0), 0).shape == (4,)
    one[2] = 1  # and the only labeled mask is always among those drawn
    for seed in range(40):
        assert 2 in bootstrap_masks(one, np.random.RandomState(seed), 0)
