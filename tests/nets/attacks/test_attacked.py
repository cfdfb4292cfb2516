"""A net as a function of its input: nothing of it changes."""

import numpy as np
import pytest
import torch
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets.attacks._attacked import attacked, last_linear, logits_of

pytestmark = pytest.mark.deep


def fitted(module, **settings):
    X = np.random.RandomState(0).normal(size=(20, 4)).astype(np.float32)
    net = NetClassifier(module, max_epochs=2, random_state=0, **settings)
    return net.fit(X, np.arange(20) % 3), X


def test_modes_and_gradients_are_put_back_after_an_error():
    net = nn.Sequential(nn.Linear(2, 2), nn.Dropout(), nn.Linear(2, 2))
    net[1].eval()
    net[2].bias.requires_grad_(False)
    with pytest.raises(KeyError), attacked(net):
        assert not any(part.training for part in net.modules())
        assert not any(weight.requires_grad for weight in net.parameters())
        raise KeyError
    assert [part.training for part in net.modules()] == [True, True, False, True]
    assert [w.requires_grad for w in net.parameters()] == [True, True, True, False]


def test_logits_are_what_the_module_returns_or_the_logarithm_of_probabilities():
    layers = [nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)]
    net, X = fitted(nn.Sequential(*layers))
    given = torch.tensor(X)
    with torch.no_grad():
        z = logits_of(net.net_)(given)
        torch.testing.assert_close(z, net.net_.module_(given))
    soft, _ = fitted(nn.Sequential(*layers, nn.Softmax(dim=1)), criterion=nn.NLLLoss)
    with torch.no_grad():
        z = logits_of(soft.net_)(given)
    np.testing.assert_allclose(z.exp(), soft.predict_proba(X), rtol=1e-5)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_last_layer_makes_logits_of_the_embedding(bias, precision):
    module = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3, bias=bias))
    net, X = fitted(module, precision=precision)
    W, b = last_linear(net.net_, torch.tensor(X), net.transform(X))
    last = net.net_.module_[2]
    np.testing.assert_array_equal(W, last.weight.detach())
    np.testing.assert_array_equal(b, last.bias.detach() if bias else np.zeros(3))
    assert W.dtype == b.dtype == np.float64
    assert not last._forward_pre_hooks


def test_outputs_that_are_not_linear_in_the_embedding_are_refused():
    bent = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), nn.Sigmoid())
    net, X = fitted(bent)
    with pytest.raises(ValueError, match="not that of a Linear layer"):
        last_linear(net.net_, torch.tensor(X), net.transform(X))
