"""A plain skorch net is accepted where a NetClassifier is."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from skorch import NeuralNet, NeuralNetClassifier, NeuralNetRegressor
from skorch.callbacks import EarlyStopping
from torch import nn

from skactive.nets import (
    NetClassifier,
    NetRegressor,
    as_net_classifier,
    as_net_regressor,
)
from skactive.nets.estimators._from_skorch import as_net, with_net
from skactive.nets.modules import MLP

pytestmark = pytest.mark.deep


def test_settings_are_carried_over():
    stop = EarlyStopping(monitor="train_loss")
    net = NeuralNetClassifier(
        MLP,
        module__n_features=4,
        module__n_classes=3,
        criterion=nn.CrossEntropyLoss,
        criterion__label_smoothing=0.1,
        optimizer=torch.optim.SGD,
        optimizer__momentum=0.9,
        lr=0.2,
        max_epochs=7,
        batch_size=32,
        callbacks=[stop],
        iterator_train__shuffle=True,
        classes=[0, 1, 2],
        device="cpu",
    )
    params = as_net_classifier(net).get_params()
    expected = {
        "module": MLP,
        "module__n_features": 4,
        "module__n_classes": 3,
        "criterion": nn.CrossEntropyLoss,
        "criterion__label_smoothing": 0.1,
        "optimizer": torch.optim.SGD,
        "optimizer__momentum": 0.9,
        "lr": 0.2,
        "max_epochs": 7,
        "batch_size": 32,
        "callbacks": [stop],
        "iterator_train__shuffle": True,
        "classes": [0, 1, 2],
        "device": "cpu",
        "warm_start": False,
    }
    assert {name: params[name] for name in expected} == expected


def test_it_trains_as_skorch_does():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(48, 4)).astype(np.float32)  # whole batches: ours are even
    y = (X[:, 0] > 0).astype(np.int64)
    module = nn.Sequential(nn.Linear(4, 2), nn.Softmax(dim=1))
    skorch_net = NeuralNetClassifier(
        module, lr=0.1, max_epochs=5, batch_size=16, train_split=None, verbose=0
    )
    ours = as_net_classifier(skorch_net).set_params(iterator_train__shuffle=False)
    ours.fit(X, y)  # first, for skorch trains the instance itself
    expected = skorch_net.fit(X, y).predict_proba(X)
    assert ours.predict_proba(X) == pytest.approx(expected, abs=1e-6)


def test_a_net_that_was_fitted_gives_its_settings_alone():
    X = np.random.RandomState(0).normal(size=(20, 4)).astype(np.float32)
    y = np.arange(20) % 2
    net = NeuralNetClassifier(
        MLP,
        module__n_features=4,
        module__n_classes=2,
        criterion=nn.CrossEntropyLoss,
        verbose=0,
        max_epochs=1,
    ).fit(X, y)
    ours = as_net_classifier(net)
    assert not hasattr(ours, "net_")
    assert ours.fit(X, y).predict(X).shape == (20,)


def test_ours_stays_and_none_is_the_default():
    net = NetClassifier(lr=0.5)
    assert as_net_classifier(net) is net
    assert as_net_classifier(None).get_params() == NetClassifier().get_params()


def test_what_cannot_be_carried_over_is_refused():
    class Mine(NeuralNetClassifier):
        pass

    with pytest.raises(TypeError, match="what the subclass Mine overrides"):
        as_net_classifier(Mine(MLP))
    with pytest.raises(TypeError, match="got LogisticRegression"):
        as_net_classifier(LogisticRegression())
    with pytest.raises(TypeError, match=r"got MLP. Wrap a module as NetClassifier"):
        as_net_classifier(MLP(2, 2))
    for name, value in [
        ("iterator_train", list),
        ("predict_nonlinearity", None),
        ("compile", True),
        ("batch_size", -1),
        ("dataset", list),
    ]:
        with pytest.raises(ValueError, match=f"This net sets {name}"):
            as_net_classifier(NeuralNetClassifier(MLP, **{name: value}))
    unknown = as_net_classifier(NeuralNetClassifier(MLP, classes=[]))
    assert unknown.classes is None


def test_a_net_of_numbers_trains_as_skorch_does():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(48, 4)).astype(np.float32)  # whole batches: ours are even
    y = (100 + X[:, 0]).astype(np.float32)
    module = nn.Linear(4, 1)
    skorch_net = NeuralNetRegressor(
        module, lr=0.01, max_epochs=5, batch_size=16, train_split=None, verbose=0
    )
    ours = as_net_regressor(skorch_net).set_params(iterator_train__shuffle=False)
    ours.fit(X, y)  # first, for skorch trains the instance itself
    expected = skorch_net.fit(X, y[:, None]).predict(X)[:, 0]
    assert ours.predict(X) == pytest.approx(expected, abs=1e-4)
    assert not ours.normalize_y


def test_numbers_and_classes_each_have_their_shell():
    settings = {"module": MLP, "module__hidden": (5,), "optimizer__momentum": 0.5}
    for plain, shell in [
        (NeuralNetClassifier, NetClassifier),
        (NeuralNetRegressor, NetRegressor),
    ]:
        net = plain(**settings, optimizer=torch.optim.SGD, lr=0.3)
        ours = as_net(net)
        assert type(ours) is shell and as_net(ours) is ours
        assert ours.module__hidden == (5,) and ours.lr == 0.3
        assert ours.optimizer is torch.optim.SGD and ours.optimizer__momentum == 0.5
        assert type(with_net(make_pipeline(nn.Identity(), net))[-1]) is shell
        for other in (NetClassifier(), NetRegressor(), NeuralNet(MLP, nn.MSELoss)):
            if not isinstance(other, shell):
                make = as_net_regressor if shell is NetRegressor else as_net_classifier
                with pytest.raises(TypeError, match=f"A {shell.__name__} or a plain"):
                    make(other)
    assert type(as_net(None)) is NetClassifier
    assert as_net_regressor(None).get_params() == NetRegressor().get_params()


def test_what_a_net_of_numbers_overrides_is_refused():
    class Mine(NeuralNetRegressor):
        pass

    with pytest.raises(TypeError, match="what the subclass Mine overrides.*NetRegr"):
        as_net_regressor(Mine(MLP))
    with pytest.raises(TypeError, match="what the subclass Mine overrides"):
        with_net(Mine(MLP))
    with pytest.raises(ValueError, match="sets compile, which a NetRegressor does not"):
        as_net_regressor(NeuralNetRegressor(MLP, compile=True))
