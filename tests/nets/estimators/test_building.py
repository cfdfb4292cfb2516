"""From settings and the shape of the data to a module."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets.estimators._building import build_module
from skactive.nets.modules import MLP, ResNet

pytestmark = pytest.mark.deep


def test_parameters_of_a_module_class_are_filled_in_from_the_data(iris, digits):
    linear = NetClassifier(MLP, module__hidden=(), max_epochs=1).fit(*iris)
    assert linear.net_.module_.head.in_features == 4
    X = np.repeat(digits[0], 3, axis=1)
    images = NetClassifier(ResNet, module__width=4, max_epochs=1).fit(X, digits[1])
    assert images.net_.module_.stem[0].in_channels == 3
    assert images.net_.module_.head.out_features == 10
    wider = NetClassifier(partial(MLP, hidden=(7,)), max_epochs=1).fit(*iris)
    assert wider.transform(iris[0]).shape == (150, 7)


def test_the_default_module_suits_the_shape_of_the_samples(iris, digits):
    assert type(NetClassifier(max_epochs=1).fit(*iris).net_.module_) is MLP
    assert type(NetClassifier(max_epochs=1).fit(*digits).net_.module_) is ResNet


def test_an_instance_is_copied_weights_and_all():
    module = nn.Linear(4, 3)
    built = build_module(module, (4,), 3, {})
    assert built is not module and torch.equal(built.weight, module.weight)


def test_the_number_of_columns_has_two_names():
    class Both(nn.Module):
        def __init__(self, n_outputs, n_classes=None):
            super().__init__()
            self.told = n_outputs, n_classes

    assert build_module(Both, (4,), 3, {}).told == (3, 3)
    assert build_module(Both, (4,), 3, {"n_outputs": 5}).told == (5, 3)


def test_what_the_data_say_is_overruled_by_what_is_set():
    built = build_module(MLP, (4,), 3, {"n_classes": 7, "hidden": (5,)})
    assert (built.head.in_features, built.head.out_features) == (5, 7)
    assert build_module(MLP, (2, 6), 3, {"hidden": ()}).head.in_features == 12


class Needy(nn.Module):
    def __init__(self, depth, n_classes, *, color):
        super().__init__()


def test_what_is_needed_and_not_given_is_named():
    words = "Needy needs depth, color: pass module__depth=..., module__color=..."
    with pytest.raises(TypeError, match=words):
        build_module(Needy, (4,), 3, {})
    assert isinstance(build_module(Needy, (4,), 3, {"depth": 1, "color": 2}), Needy)


def test_what_returns_no_module_is_refused():
    with pytest.raises(TypeError, match="torch.nn.Module; dict returned dict"):
        build_module(dict, (4,), 3, {})


@pytest.mark.parametrize(
    "shape, words",
    [
        ((28, 28, 3), "channels last. Pass X.transpose"),
        ((28, 28), r"Pass X\[:, None\] if they are gray images"),
        ((2, 3, 4, 5), "Pass a module made for them"),
    ],
)
def test_shapes_for_which_there_is_no_default_are_refused(shape, words):
    with pytest.raises(ValueError, match=words):
        build_module(None, shape, 3, {})
