"""Committees of regressors, and what members are shown."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.ensemble import (
    BaggingRegressor,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from skactive.utils._ensembles import (
    NumberCommittee,
    as_members_see,
    finite_numbers,
    is_frozen,
    lends_members,
    refuse_frozen_last,
)

X = np.random.RandomState(0).standard_normal((20, 3))
Y = X[:, 0] + 0.1 * X[:, 1]
SETTINGS = {"n_members": 4, "seed": 0}


def test_an_ensemble_lends_its_members():
    for model in (RandomForestRegressor(3), BaggingRegressor(Ridge(), 3)):
        committee = NumberCommittee.of(model.fit(X, Y), X, Y, **SETTINGS)
        assert committee.members == model.estimators_
        assert committee.predict(X).shape == (3, 20)


def test_boosting_does_not():
    model = GradientBoostingRegressor(n_estimators=3).fit(X, Y)
    committee = NumberCommittee.of(model, X, Y, **SETTINGS)
    assert all(isinstance(m, GradientBoostingRegressor) for m in committee.members)
    assert len(committee.members) == 4


def test_copies_differ_and_are_seeded():
    tree = DecisionTreeRegressor().fit(X, Y)
    answers = [NumberCommittee.of(tree, X, Y, **SETTINGS).predict(X) for _ in range(2)]
    assert_array_equal(*answers)
    assert (answers[0].var(axis=0) > 0).any()


def test_bootstrap_samples_of_numbers_need_no_second_value():
    rows = []

    class Counts(LinearRegression):
        def fit(self, X, y):
            rows.append(len(np.unique(y)))
            return super().fit(X, y)

    y = np.r_[np.ones(19), 5.0]
    settings = {"n_members": 30, "seed": 0}
    NumberCommittee.of(Counts().fit(X, y), X, y, **settings)
    assert 1 in rows[1:]  # redrawn, as of classes, each would hold the rare value


def test_columns_have_names_that_members_do_not_know():
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    for model in (RandomForestRegressor(3), BaggingRegressor(Ridge(), 3)):
        model = make_pipeline(StandardScaler().set_output(transform="pandas"), model)
        committee = NumberCommittee.of(model.fit(frame, Y), frame, Y, **SETTINGS)
        assert committee.predict(frame).shape == (3, 20)  # and no warning
        seen = as_members_see(model, frame)
        assert isinstance(seen, np.ndarray)


class Ill(LinearRegression):
    """Predicts what it should not."""

    def __init__(self, answer="nan"):
        super().__init__()
        self.answer = answer

    def predict(self, X):
        y = super().predict(X)
        return np.full_like(y, np.nan) if self.answer == "nan" else y[:-1]


@pytest.mark.parametrize("answer", ["nan", "short"])
def test_members_must_predict_finite_numbers_of_one_shape(answer):
    models = [("sound", Ridge()), ("ill", Ill(answer))]
    committee = NumberCommittee(VotingRegressor(models).fit(X, Y).estimators_)
    with pytest.raises(ValueError, match=r"(?s)finite numbers of one shape.*Ill"):
        committee.predict(X)


def test_a_column_of_predictions_is_a_row():
    class Column(LinearRegression):
        def predict(self, X):
            return super().predict(X)[:, None]

    committee = NumberCommittee.of(Column().fit(X, Y), X, Y, **SETTINGS)
    assert committee.predict(X).shape == (4, 20)


def test_who_lends_members():
    assert lends_members(make_pipeline(RandomForestRegressor()))
    assert lends_members(FrozenEstimator(RandomForestClassifier().fit(X, Y > 0)))
    assert not lends_members(GradientBoostingRegressor())


def test_copies_of_what_is_frozen_are_refused():
    frozen = make_pipeline(StandardScaler(), FrozenEstimator(Ridge().fit(X, Y)))
    assert is_frozen(frozen) and not is_frozen(make_pipeline(Ridge()))
    with pytest.raises(ValueError, match=r"(?s)last step of .* is frozen"):
        refuse_frozen_last(frozen)
    refuse_frozen_last(FrozenEstimator(Ridge()))  # which is opened


@pytest.mark.parametrize(
    "y, message",
    [
        (["a", "b"], "needs numbers as y"),
        (np.array([1.0, np.inf]), "1 that are NaN or infinite"),
        (np.array([[1.0], [np.nan]]), "1 that are NaN or infinite"),
        (np.zeros((2, 1, 1)), "needs numbers as y, of shape"),
    ],
    ids=["strings", "inf", "nan", "3-d"],
)
def test_what_is_no_number_is_refused(y, message):
    with pytest.raises(ValueError, match=message):
        finite_numbers(Ridge(), y)
