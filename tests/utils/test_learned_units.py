"""What a model inside a TransformedTargetRegressor learned, and predicts."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.compose import TransformedTargetRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skactive.utils._learned_units import in_learned_units

RNG = np.random.RandomState(0)
X = RNG.standard_normal((40, 3)) * [1, 10, 100]
LOGS = X @ [1.0, 0.1, 0.01] + 3
Y = np.exp(LOGS)


def logs_of(model):
    return TransformedTargetRegressor(model, func=np.log, inverse_func=np.exp)


SCALED = make_pipeline(StandardScaler(), Ridge())


@pytest.mark.parametrize(
    "model",
    [
        logs_of(SCALED),
        make_pipeline(StandardScaler(), logs_of(Ridge())),
        make_pipeline(StandardScaler(), make_pipeline(logs_of(Ridge()))),
        GridSearchCV(logs_of(SCALED), {"regressor__ridge__alpha": [1.0]}, cv=2),
    ],
    ids=["pipeline inside", "in a pipeline", "in two", "in a search"],
)
@pytest.mark.parametrize("freeze", [False, True])
def test_predictions_and_values_are_logarithms(model, freeze):
    model = model.fit(X, Y)
    expected = SCALED.fit(X, LOGS).predict(X)
    inner, values = in_learned_units(FrozenEstimator(model) if freeze else model, Y)
    assert_allclose(inner.predict(X), expected)
    assert_allclose(values, LOGS)
    assert in_learned_units(model)[1] is None


def test_one_in_another():
    twice = TransformedTargetRegressor(
        logs_of(Ridge()), func=np.exp, inverse_func=np.log
    )
    inner, values = in_learned_units(twice.fit(X, LOGS), LOGS)
    assert_allclose(values, LOGS)
    assert_allclose(inner.predict(X), Ridge().fit(X, LOGS).predict(X))


def test_several_outputs():
    Y2 = np.column_stack([Y, 2 * Y])
    model = TransformedTargetRegressor(Ridge(), transformer=MinMaxScaler()).fit(X, Y2)
    inner, values = in_learned_units(model, Y2)
    assert_allclose(values, MinMaxScaler().fit_transform(Y2))
    assert inner.predict(X).shape == (40, 2)


def test_other_models_stay_as_they_are():
    model = SCALED.fit(X, Y)
    inner, values = in_learned_units(model, Y)
    assert inner is model and values is Y
