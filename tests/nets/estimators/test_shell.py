"""What a shell around a net does whatever it predicts: training, copies, files."""

import pickle
from copy import deepcopy
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from sklearn.base import clone

from skactive.nets import NetClassifier
from skactive.nets.estimators._recipe import PLAIN, Recipe

pytestmark = pytest.mark.deep


def test_a_warm_start_goes_on_from_the_weights_of_the_last_fit(iris):
    X, y = iris
    warm = NetClassifier(max_epochs=3, warm_start=True, random_state=0)
    loss = [warm.fit(X, y).net_.history[0]["train_loss"] for _ in range(3)]
    assert loss[0] > loss[1] > loss[2]
    with pytest.raises(ValueError, match="Declare all labels with classes="):
        warm.fit(X[:100], y[:100])


def test_the_optimizer_keeps_no_moments_and_may_go_on(iris):
    net = NetClassifier(max_epochs=1).fit(*iris)
    assert not net.net_.optimizer_.state
    assert all(p.grad is None for p in net.net_.module_.parameters())


@pytest.mark.parametrize(
    "copy",
    [deepcopy, lambda net: pickle.loads(pickle.dumps(net))],
    ids=["deep", "file"],
)
def test_a_copy_says_the_same(iris, copy):
    X, y = iris
    net = NetClassifier(max_epochs=2, module__hidden=(8,), random_state=0).fit(X, y)
    twin = copy(net)
    assert np.array_equal(twin.predict_proba(X), net.predict_proba(X))
    assert twin.get_params() == net.get_params()
    assert np.array_equal(twin.fit(X, y).predict_proba(X), net.predict_proba(X))


def test_a_pickle_does_not_carry_the_samples():
    X = np.random.RandomState(0).normal(size=(20_000, 10)).astype(np.float32)
    net = NetClassifier(max_epochs=1, batch_size=2000).fit(X, X[:, 0] > 0)
    assert len(pickle.dumps(net)) < 50_000 < X.nbytes


def test_params_in_a_file_make_an_unfitted_classifier_predict(digits, tmp_path):
    X, y = digits
    names = np.array([f"digit {k}" for k in range(10)])
    net = NetClassifier(max_epochs=2, module__width=4).fit(X, names[y])
    path = tmp_path / "net.pt"
    net.save_params(path)
    read = clone(net).load_params(path)
    assert np.array_equal(read.predict_proba(X), net.predict_proba(X))
    assert np.array_equal(read.predict(X), net.predict(X))
    assert (read.n_features_in_, read.sample_shape_) == (1, (1, 8, 8))
    state = torch.load(path, weights_only=True)  # refuses anything but data
    assert state["classes"] == sorted(names)
    with pytest.raises(ValueError, match="do not fit the module"):
        clone(net).set_params(module__width=8).load_params(path)


def test_weights_that_do_not_fit_leave_a_fitted_net_as_it_was(iris, tmp_path):
    X, y = iris
    net = NetClassifier(max_epochs=1, module__hidden=(8,), random_state=0).fit(X, y)
    net.save_params(tmp_path / "net.pt")
    other = clone(net).set_params(module__hidden=(4,)).fit(X[:, :2], y)
    proba = other.predict_proba(X[:, :2])
    with pytest.raises(ValueError, match="do not fit the module, MLP"):
        other.load_params(tmp_path / "net.pt")
    assert np.array_equal(other.predict_proba(X[:, :2]), proba)


def test_a_warm_start_that_fails_keeps_the_net(iris):
    X, y = iris
    net = NetClassifier(max_epochs=2, warm_start=True, random_state=0).fit(X, y)
    before = net.predict_proba(X)
    with pytest.raises(FloatingPointError):
        net.set_params(lr=1e30).fit(X, y)
    np.testing.assert_array_equal(net.predict_proba(X), before)
    assert np.isfinite(net.set_params(lr=0.003).fit(X, y).predict_proba(X)).all()


def test_training_goes_on_from_another_net_by_the_same_recipe_alone(iris):
    X, y = iris
    first = NetClassifier(max_epochs=1, random_state=0).fit(X, y)
    slow = clone(first).set_params(lr=1e-30)._train(X, y, PLAIN, before=first)
    np.testing.assert_allclose(slow.predict_proba(X), first.predict_proba(X), rtol=1e-5)
    assert slow.net_.module_ is not first.net_.module_

    @dataclass(frozen=True)
    class Other(Recipe):
        name: ClassVar = "other"

    with pytest.raises(ValueError, match="by the recipe 'plain', not by 'other'"):
        clone(first)._train(X, y, Other(), before=first)


def test_a_warm_start_needs_the_same_labels_and_shape(iris):
    X, y = iris
    net = NetClassifier(max_epochs=1, warm_start=True).fit(X, y)
    words = r"has the classes \[0, 1, 2\] and samples of shape \(4,\)"
    for samples, labels in ((X, y + 1), (X[:, :3], y)):
        with pytest.raises(ValueError, match=words):
            net.fit(samples, labels)


def test_a_fit_that_is_refused_leaves_the_net_and_its_shape(iris):
    X, y = iris
    net = NetClassifier(max_epochs=1, random_state=0).fit(X, y)
    trained, recipe = net.net_, net._recipe
    with pytest.raises(FloatingPointError):
        net.set_params(lr=1e30, max_epochs=9).fit(X[:, :2], y)
    assert net.net_ is trained and net._recipe is recipe
    assert net.sample_shape_ == (4,)


@pytest.mark.parametrize(
    "settings, error, words",
    [
        ({"lr": -1.0}, ValueError, "'lr' parameter"),
        ({"breadth": 3}, TypeError, "no parameter 'breadth'"),
        ({"device": "abacus"}, ValueError, "device"),
    ],
)
def test_settings_are_looked_at_whatever_the_recipe(iris, settings, error, words):
    with pytest.raises(error, match=words):
        NetClassifier(**settings)._train(*iris, Recipe())


def test_all_modules_are_left_as_a_prediction_leaves_them(iris):
    net = NetClassifier(max_epochs=1).fit(*iris).net_
    assert not net.module_.training and not net.criterion_.training
