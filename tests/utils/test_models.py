"""What is inside a model, however it is wrapped."""

import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive.utils._models import (
    before_last_step,
    innermost,
    last_step,
    replace_last_step,
    unfrozen,
    unwrapped,
)

X, Y = [[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1]


@pytest.fixture
def model():
    return LogisticRegression()


def test_frozen_models_are_opened_however_often_they_are_frozen(model):
    assert unfrozen(model) is model
    assert unfrozen(FrozenEstimator(FrozenEstimator(model))) is model
    pipeline = make_pipeline(FrozenEstimator(model))
    assert unfrozen(pipeline) is pipeline


def test_a_search_is_opened_if_it_has_found_something(model):
    search = GridSearchCV(model, {"C": [1.0]}, cv=2)
    assert unwrapped(search) is search
    search.fit(X, Y)
    assert unwrapped(FrozenEstimator(search)) is search.best_estimator_
    assert unfrozen(FrozenEstimator(search)) is search


def test_the_last_step_is_what_will_be_fitted(model):
    frozen = FrozenEstimator(model)
    assert last_step(model) is model
    assert last_step(make_pipeline(StandardScaler(), frozen)) is frozen


def test_the_innermost_model_is_out_of_all_that_is_opened(model):
    inner = make_pipeline(StandardScaler(), FrozenEstimator(model))
    assert innermost(FrozenEstimator(make_pipeline(inner))) is model
    search = GridSearchCV(inner, {"standardscaler__with_std": [True]}, cv=2)
    search.best_estimator_ = inner
    assert innermost(make_pipeline(search)) is search
    assert innermost(make_pipeline(search), unwrapped) is model


def test_what_comes_before_the_last_step(model):
    scaler = StandardScaler()
    before = before_last_step(make_pipeline(scaler, model))
    assert isinstance(before, Pipeline) and before[0] is scaler and len(before) == 1
    assert before_last_step(make_pipeline(model)) is None
    assert before_last_step(model) is None


def test_a_last_step_is_replaced_and_the_rest_stays(model):
    scaler, other = StandardScaler(), LogisticRegression(C=7)
    pipeline = Pipeline([("scale", scaler), ("end", model)], verbose=True)
    new = replace_last_step(pipeline, other)
    assert list(new.named_steps) == ["scale", "end"]
    assert new[0] is scaler and new[-1] is other and new.verbose is True
    assert pipeline[-1] is model
    assert replace_last_step(model, other) is other


def test_steps_are_found_through_pipelines_and_stacking_is_known():
    from sklearn.ensemble import StackingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    from skactive.utils._models import has_method, steps_and_last

    nested = make_pipeline(
        StandardScaler(), make_pipeline(MinMaxScaler(), LogisticRegression())
    )
    steps, last = steps_and_last(nested)
    assert [type(step) for step in steps] == [StandardScaler, MinMaxScaler]
    assert isinstance(last, LogisticRegression)
    stack = StackingClassifier([("one", LogisticRegression())])
    assert has_method(make_pipeline(StandardScaler(), stack), "predict_proba")
    frozen = FrozenEstimator(make_pipeline(StandardScaler(), LogisticRegression()))
    assert has_method(frozen, "sparsify")
    assert not has_method(frozen, "predict_with_features")
