"""Settings with double underscores: kept, cloned, searched, and spelled right."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from skorch.callbacks import EarlyStopping, EpochScoring, LRScheduler
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets.estimators._settings import parameters_of
from skactive.nets.modules import MLP

pytestmark = pytest.mark.deep


@pytest.fixture
def data():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(60, 4)).astype(np.float32)
    return X, (X[:, 0] > 0).astype(int)


def test_settings_are_parameters_like_the_others():
    net = NetClassifier(MLP, module__hidden=(8,), optimizer__weight_decay=0.1)
    params = net.get_params()
    assert params["module__hidden"] == (8,)
    assert params["optimizer__weight_decay"] == 0.1
    twin = clone(net)
    assert twin is not net and twin.get_params() == params
    twin.set_params(module__hidden=(2, 2), lr=0.5, module__dropout=0.2)
    assert twin.get_params()["module__hidden"] == (2, 2)
    assert (twin.lr, net.lr) == (0.5, 0.003)
    assert "module__dropout" in repr(twin)
    assert net.get_params() == params


def test_settings_reach_their_parts(data):
    net = NetClassifier(
        module__hidden=(5, 6),
        module__dropout=0.3,
        optimizer=torch.optim.SGD,
        optimizer__momentum=0.7,
        criterion__label_smoothing=0.2,
        callbacks=[
            ("lr", LRScheduler(torch.optim.lr_scheduler.StepLR, step_size=9, gamma=0.5))
        ],
        callbacks__lr__step_size=2,
        lr=0.4,
        max_epochs=4,
        iterator_train__shuffle=False,
    ).fit(*data)
    skorch_net = net.net_
    widths = [layer[0].out_features for layer in skorch_net.module_.hidden]
    assert widths == [5, 6]
    assert skorch_net.module_.hidden[0][2].p == 0.3
    assert type(skorch_net.optimizer_) is torch.optim.SGD
    assert skorch_net.optimizer_.param_groups[0]["momentum"] == 0.7
    assert skorch_net.criterion_.label_smoothing == 0.2
    assert skorch_net.history[:, "event_lr"] == [0.4, 0.4, 0.2, 0.2]


def test_parts_of_the_optimizer_may_have_rates_of_their_own(data):
    groups = [("head.*", {"lr": 0.0})]
    net = NetClassifier(optimizer__param_groups=groups, max_epochs=1).fit(*data)
    assert [g["lr"] for g in net.net_.optimizer_.param_groups] == [0.0, 0.003]


def test_callbacks_of_the_user_are_copied(data):
    stop = EarlyStopping(monitor="train_loss", patience=2, threshold=10.0)
    net = NetClassifier(callbacks=[stop], max_epochs=30).fit(*data)
    assert len(net.net_.history) == 3
    assert (stop.misses_, net.net_.callbacks_[-1][1].misses_) == (0, 2)
    scored = EpochScoring("accuracy", on_train=True, name="acc", lower_is_better=False)
    net = NetClassifier(callbacks=[scored], max_epochs=30, random_state=0).fit(*data)
    assert net.net_.history[-1, "acc"] > 0.8


def test_an_odd_name_is_refused_with_what_was_meant(data):
    for wrong, message in [
        ({"max_epoch": 3}, "no parameter 'max_epoch'. Did you mean max_epochs?"),
        ({"modul__hidden": 3}, "Did you mean module__hidden?"),
        ({"module__hiden": 3}, "MLP has no parameter 'hiden'. Did you mean hidden?"),
        ({"optimizer__momentun": 1}, "Adam has no parameter 'momentun'"),
        ({"criterion__weigth": 1}, "CrossEntropyLoss .* Did you mean weight"),
    ]:
        with pytest.raises(TypeError, match=message):
            NetClassifier(**wrong).fit(*data)


def test_set_params_refuses_what_scikit_learn_refuses():
    with pytest.raises(ValueError, match="Invalid parameter 'max_epoch'"):
        NetClassifier().set_params(max_epoch=3)


def test_a_setting_of_something_built_already_is_refused(data):
    with pytest.raises(TypeError, match="module__hidden has no effect"):
        NetClassifier(MLP(4, 2), module__hidden=(3,)).fit(*data)
    with pytest.raises(TypeError, match="criterion__reduction has no effect"):
        net = NetClassifier(criterion=nn.CrossEntropyLoss(), criterion__reduction="sum")
        net.fit(*data)


def test_what_a_module_needs_and_is_not_given_is_named(data):
    with pytest.raises(TypeError, match="Linear needs in_features, out_features"):
        NetClassifier(nn.Linear).fit(*data)
    net = NetClassifier(
        nn.Linear, module__in_features=4, module__out_features=2, max_epochs=2
    )
    assert net.fit(*data).predict_proba(data[0]).shape == (60, 2)


def test_a_callable_that_returns_no_module_is_refused(data):
    with pytest.raises(TypeError, match="returned dict"):
        NetClassifier(dict).fit(*data)


def test_the_names_that_a_callable_takes():
    def some(a, *rest, b=1):
        return a

    def anything(a, **rest):
        return a

    assert parameters_of(some) == ["a", "b"]
    assert parameters_of(anything) is None


def test_parameters_out_of_range_are_refused(data):
    for wrong in (
        {"lr": 0},
        {"max_epochs": 0},
        {"batch_size": 0},
        {"precision": "fp16"},
        {"module": 3},
    ):
        with pytest.raises(ValueError, match=f"The '{next(iter(wrong))}' parameter"):
            NetClassifier(**wrong).fit(*data)
