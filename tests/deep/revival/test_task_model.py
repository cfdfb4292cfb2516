"""A user's classifier, taught given labels and, less surely, inferred ones."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch import NeuralNetClassifier
from torch import nn

from skactive.deep.revival._task_model import (
    as_task_model,
    check_task_model,
    fit_task_model,
)
from skactive.nets import NetClassifier
from skactive.nets.beside._virtual_labels import VirtualLabels
from skactive.nets.modules import MLP

pytestmark = pytest.mark.deep


def blobs(n=40, seed=0):
    rng = np.random.RandomState(seed)
    y = np.arange(n) % 2
    return 1.5 * np.eye(2, 3)[y] + rng.standard_normal((n, 3)), np.array(["a", "b"])[y]


def quick():
    return NetClassifier(MLP, module__hidden=(8,), max_epochs=3, random_state=0)


X, Y = blobs()
FEW, OTHERS = slice(10), slice(10, None)
WEIGHTS = np.linspace(0, 1, 30)


def test_what_is_trained_is_a_copy_and_a_skorch_net_becomes_ours():
    for given in (quick(), LogisticRegression(), make_pipeline(quick())):
        model = as_task_model(given)
        assert model is not given and type(model) is type(given)
    skorch_net = NeuralNetClassifier(MLP, criterion=nn.CrossEntropyLoss, lr=0.7)
    assert type(as_task_model(skorch_net)) is NetClassifier
    model = as_task_model(make_pipeline(StandardScaler(), skorch_net))
    assert type(model[-1]) is NetClassifier and model[-1].lr == 0.7
    assert list(model.named_steps) == ["standardscaler", "neuralnetclassifier"]

    class Own(NeuralNetClassifier):
        pass

    with pytest.raises(TypeError, match="subclass Own"):
        as_task_model(Own(MLP))


def test_a_model_that_takes_no_weights_is_refused():
    for model in (quick(), LogisticRegression(), make_pipeline(quick())):
        check_task_model(model)
    for model in (KNeighborsClassifier(), make_pipeline(KNeighborsClassifier())):
        with pytest.raises(ValueError, match="KNeighborsClassifier takes no sample_w"):
            check_task_model(model)


@pytest.mark.parametrize("scaled", [False, True])
def test_a_linear_model_is_given_weights_that_sum_to_those_of_the_labels(scaled):
    """The mean loss of 10 labels plus the mean weighted loss of 30 others, times 10."""
    model = make_pipeline(LogisticRegression()) if scaled else LogisticRegression()
    model = fit_task_model(model, X[FEW], Y[FEW], X[OTHERS], Y[OTHERS], WEIGHTS)
    weights = np.concatenate([np.ones(10), WEIGHTS / 3])
    expected = LogisticRegression().fit(X, Y, sample_weight=weights)
    np.testing.assert_allclose(model.predict_proba(X), expected.predict_proba(X))


def test_a_net_is_trained_by_the_recipe_for_virtual_labels():
    model = fit_task_model(quick(), X[FEW], Y[FEW], X[OTHERS], Y[OTHERS], WEIGHTS)
    beside = {"X_virtual": X[OTHERS], "y_virtual": Y[OTHERS], "weights": WEIGHTS}
    expected = quick()._train(X[FEW], Y[FEW], VirtualLabels(), **beside)
    np.testing.assert_array_equal(model.predict_proba(X), expected.predict_proba(X))


def test_steps_before_a_net_are_fitted_on_all_samples():
    model = make_pipeline(StandardScaler(), quick())
    fit_task_model(model, X[FEW], Y[FEW], X[OTHERS], Y[OTHERS], WEIGHTS)
    scaler = StandardScaler().fit(X)
    np.testing.assert_array_equal(model[0].mean_, scaler.mean_)
    Z = scaler.transform(X)
    alone = fit_task_model(quick(), Z[FEW], Y[FEW], Z[OTHERS], Y[OTHERS], WEIGHTS)
    np.testing.assert_array_equal(model.predict_proba(X), alone.predict_proba(Z))


@pytest.mark.parametrize("labels", [None, np.empty(0, dtype="<U1")])
@pytest.mark.parametrize("model", [quick(), LogisticRegression()])
def test_without_virtual_labels_it_is_the_model_itself(model, labels):
    alone = clone(model).fit(X[FEW], Y[FEW]).predict_proba(X)
    fitted = fit_task_model(clone(model), X[FEW], Y[FEW], X[OTHERS], labels)
    np.testing.assert_array_equal(fitted.predict_proba(X), alone)
