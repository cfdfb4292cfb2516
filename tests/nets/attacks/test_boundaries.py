"""Distances to boundaries, whatever stands before the classifier that has them."""

import numpy as np
import pytest
import torch
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets.attacks._boundaries import attack, check_boundaries, split

pytestmark = pytest.mark.deep

SETTINGS = {
    "norm": 2,
    "max_iter": 50,
    "overshoot": 0.02,
    "n_classes": None,
    "sign_step": None,
    "clip": None,
    "space": "input",
    "batch_size": 2,
}
X = np.array([[3.0, 4.0], [-1.0, 0.0], [0.0, 0.5]])
LABELS = np.array([1, 0, 1])


def linear():
    """Logits 0 and 3 a + 4 b, so that the distance to the boundary is a fifth."""
    model = LogisticRegression().fit(X, LABELS)
    model.coef_, model.intercept_ = np.array([[3.0, 4.0]]), np.array([0.0])
    return model


def net():
    """The same two logits, as a net."""
    module = nn.Sequential(nn.Identity(), nn.Linear(2, 2))
    net = NetClassifier(module, max_epochs=1, lr=1e-30).fit(X, LABELS)
    layer = net.net_.module_[1]
    layer.weight.data = torch.tensor([[0.0, 0.0], [3.0, 4.0]])
    layer.bias.data = torch.zeros(2)
    return net


RADII = np.abs(X @ [3.0, 4.0]) / 5


@pytest.mark.parametrize("make", [linear, net])
@pytest.mark.parametrize("space", ["input", "features"])
def test_distances_are_those_of_a_plane(make, space):
    found, before = attack(make(), X, **{**SETTINGS, "space": space})
    # The net takes the step that crosses, which overshoots; a plane is measured.
    np.testing.assert_allclose(found.radius, RADII, rtol=0.03)
    assert found.target.tolist() == [0, 1, 0]
    assert before is None


def test_adversaries_lie_just_beyond_the_boundary():
    for model in (linear(), net()):
        found, _ = attack(model, X, keep=True, **SETTINGS)
        assert (model.predict(found.X_adv) == 1 - LABELS).all()
        np.testing.assert_allclose(found.X_adv @ [3.0, 4.0], 0, atol=0.6)


def test_what_comes_before_is_split_off():
    scaler, other, model = StandardScaler(), StandardScaler(), linear()
    assert split(model) == (None, model)
    assert split(FrozenEstimator(make_pipeline(model))) == (None, model)
    before, last = split(make_pipeline(scaler, FrozenEstimator(model)))
    assert last is model and before[0] is scaler
    before, last = split(make_pipeline(scaler, make_pipeline(other, model)))
    assert last is model
    assert [before[0][0], before[1][0]] == [scaler, other]


def test_distances_are_measured_behind_the_first_steps():
    scaler = StandardScaler().fit(X)
    pipeline = make_pipeline(scaler, linear())
    found, before = attack(pipeline, X, **SETTINGS)
    expected = np.abs(scaler.transform(X) @ [3.0, 4.0]) / 5
    np.testing.assert_allclose(found.radius, expected)
    np.testing.assert_array_equal(before.transform(X), scaler.transform(X))


def test_models_without_planes_or_nets_are_refused():
    tree = DecisionTreeClassifier().fit(X, LABELS)
    with pytest.raises(TypeError, match="boundaries of DecisionTreeClassifier are"):
        check_boundaries(tree, X, "input")
    check_boundaries(linear(), X, "input")
    check_boundaries(net(), X, "features")


def test_planes_that_are_not_what_the_model_says_are_refused():
    class Bent(LogisticRegression):
        def decision_function(self, X):
            return super().decision_function(X) ** 3

    with pytest.raises(TypeError, match="boundaries of Bent are neither"):
        check_boundaries(Bent().fit(X, LABELS), X, "input")
