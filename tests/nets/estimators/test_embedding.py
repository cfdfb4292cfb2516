"""The embedding of a net: what its last layer sees."""

import numpy as np
import pytest
import torch
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets.modules import MLP, ResNet

pytestmark = pytest.mark.deep


@pytest.fixture
def data():
    rng = np.random.RandomState(0)
    return rng.normal(size=(30, 5)).astype(np.float32), np.arange(30) % 3


class HeadFirst(nn.Module):
    """Its last layer is made first and runs last."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        self.out = nn.Linear(4, n_classes)
        self.body = nn.Linear(n_features, 4)

    def forward(self, X):
        return self.out(torch.tanh(self.body(X)))


class EmbedsOnly(nn.Module):
    """Has embed and no head: distances to centers are its logits."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        self.body = nn.Linear(n_features, 2)
        self.centers = nn.Parameter(torch.randn(n_classes, 2))

    def embed(self, X):
        return self.body(X)

    def forward(self, X):
        return -torch.cdist(self.embed(X), self.centers)


class NoLinear(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.convolve = nn.Conv1d(1, n_classes, 3)

    def forward(self, X):
        return self.convolve(X[:, None]).mean(2)


@pytest.mark.parametrize(
    "module, by_hand",
    [
        (MLP, lambda m, X: m.hidden(X)),
        (HeadFirst, lambda m, X: torch.tanh(m.body(X))),
        (EmbedsOnly, lambda m, X: m.body(X)),
    ],
    ids=["embed and head", "last linear that runs", "embed alone"],
)
def test_the_embedding_is_the_input_of_the_last_layer(data, module, by_hand):
    X, y = data
    net = NetClassifier(module, max_epochs=2, random_state=0).fit(X, y)
    with torch.no_grad():
        expected = by_hand(net.net_.module_, torch.from_numpy(X)).numpy()
    Z = net.transform(X)
    assert Z.dtype == np.float32
    np.testing.assert_allclose(Z, expected, atol=1e-6)
    proba, again = net.predict_with_embedding(X)
    assert np.array_equal(again, Z)
    assert np.array_equal(proba, net.predict_proba(X))
    hooks = [layer._forward_pre_hooks for layer in net.net_.module_.modules()]
    assert not any(hooks)


def test_images_are_embedded_by_the_mean_over_pixels():
    X = np.random.RandomState(0).rand(9, 2, 8, 8).astype(np.float32)
    net = NetClassifier(ResNet, module__width=4, max_epochs=1)
    net.fit(X, np.arange(9) % 3)
    module = net.net_.module_
    with torch.no_grad():
        expected = module.stages(module.stem(torch.from_numpy(X))).mean((2, 3))
    assert net.transform(X) == pytest.approx(expected.numpy(), abs=1e-5)


def test_probabilities_and_embedding_take_one_pass(data):
    X, y = data
    runs = []

    class Counted(MLP):
        def forward(self, X):
            runs.append(len(X))
            return super().forward(X)

    net = NetClassifier(Counted, iterator_valid__batch_size=10, max_epochs=1).fit(X, y)
    runs.clear()
    net.predict_with_embedding(X)
    assert runs == [10, 10, 10]


def test_a_module_without_a_last_layer_is_told_its_layers(data):
    X, y = data
    net = NetClassifier(NoLinear, max_epochs=1).fit(X, y)
    assert net.predict_proba(X).shape == (30, 3)
    with pytest.raises(ValueError, match="Its layers: convolve"):
        net.transform(X)


def test_an_embedding_of_the_wrong_length_is_refused(data):
    class Lost(EmbedsOnly):
        def embed(self, X):
            return super().embed(X) if self.training else super().embed(X)[0]

        def forward(self, X):
            return -torch.cdist(self.body(X), self.centers)

    net = NetClassifier(Lost, max_epochs=1).fit(*data)
    with pytest.raises(ValueError, match=r"must have shape \(512, d\), got \(2,\)"):
        net.transform(data[0])
