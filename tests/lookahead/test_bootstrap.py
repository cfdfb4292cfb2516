"""Copies of a regressor: what they learn from, and from what seeds."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from skactive.lookahead import ExpectedModelChange
from skactive.lookahead._bootstrap import bootstrap_copies, refuse_same_copies

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
    members = bootstrap_copies(
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
    members = bootstrap_copies(Ridge(), make(X), Y, n_members=3, seed=1)
    expected = bootstrap_copies(Ridge(), X, Y, n_members=3, seed=1)
    for member, other in zip(members, expected):
        np.testing.assert_allclose(member.coef_, other.coef_)


def test_several_outputs_stay_together():
    members = bootstrap_copies(
        Keeps(), X, np.column_stack([Y, -Y]), n_members=2, seed=0
    )
    for member in members:
        np.testing.assert_array_equal(member.shown[1][:, 0], -member.shown[1][:, 1])


def test_copies_have_seeds_of_their_own():
    members = bootstrap_copies(DecisionTreeRegressor(), X, Y, n_members=3, seed=0)
    again = bootstrap_copies(DecisionTreeRegressor(), X, Y, n_members=3, seed=0)
    seeds = [member.random_state for member in members]
    assert len(set(seeds)) == 3
    assert seeds == [member.random_state for member in again]


def test_only_a_frozen_last_step_is_refused():
    strategy = ExpectedModelChange()
    frozen = make_pipeline(StandardScaler(), Ridge()).fit(X, Y)
    refuse_same_copies(strategy, frozen)
