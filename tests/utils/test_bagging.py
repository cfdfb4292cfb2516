"""Bootstrap samples: what each of them must hold."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import Ridge
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
from sklearn.tree import DecisionTreeRegressor

from skactive.utils._bagging import (
    bagged_members,
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


# ------------------------------------------------------------ of regressors

X, Y = np.arange(30.0)[:, None], np.arange(30.0) * 2


class Keeps(RegressorMixin, BaseEstimator):
    """Keeps what it was shown."""

    def fit(self, X, y, sample_weight=None, X_pool=None):
        self.shown = X, y, sample_weight, X_pool
        return self

    def predict(self, X):
        return np.zeros(len(X))


def test_rows_values_and_weights_go_together():
    weight = Y + 1
    members = bagged_members(
        Keeps(), X, Y, X[:3], n_members=4, seed=0, params={"sample_weight": weight}
    )
    drawn = set()
    for member in members:
        rows, y, w, pool = member.shown
        assert len(y) == 30 and len(set(y)) < 30
        np.testing.assert_array_equal(rows[:, 0] * 2, y)
        np.testing.assert_array_equal(w, y + 1)
        np.testing.assert_array_equal(pool, X[:3])
        drawn.add(tuple(y))
    assert len(drawn) == 4


@pytest.mark.parametrize(
    "make",
    [sparse.coo_array, sparse.csr_array, lambda X: pd.DataFrame(X, columns=["a"])],
    ids=["coo", "csr", "frame"],
)
def test_any_container_of_samples(make):
    members = bagged_members(Ridge(), make(X), Y, None, n_members=3, seed=1)
    expected = bagged_members(Ridge(), X, Y, None, n_members=3, seed=1)
    for member, other in zip(members, expected):
        np.testing.assert_allclose(member.coef_, other.coef_)


def test_several_outputs_stay_together():
    members = bagged_members(
        Keeps(), X, np.column_stack([Y, -Y]), None, n_members=2, seed=0
    )
    for member in members:
        np.testing.assert_array_equal(member.shown[1][:, 0], -member.shown[1][:, 1])


def test_copies_have_seeds_of_their_own():
    members = bagged_members(DecisionTreeRegressor(), X, Y, None, n_members=3, seed=0)
    again = bagged_members(DecisionTreeRegressor(), X, Y, None, n_members=3, seed=0)
    seeds = [member.random_state for member in members]
    assert len(set(seeds)) == 3
    assert seeds == [member.random_state for member in again]
