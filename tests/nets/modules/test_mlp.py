"""A perceptron for tables."""

import pytest
import torch

from skactive.nets.modules import MLP

pytestmark = pytest.mark.deep


@pytest.mark.parametrize("shape", [(6, 8), (7,), (6, 1, 7), (2, 3, 7, 7)])
def test_mlp_refuses_what_is_not_its_table(shape):
    with pytest.raises(ValueError, match=r"shape \(n, 7\)"):
        MLP(7, 2)(torch.zeros(shape))


def test_mlp_without_hidden_layers_is_linear():
    net, X = MLP(7, 2, hidden=()), torch.randn(3, 7)
    assert torch.equal(net.embed(X), X)
    assert torch.equal(net(X), X @ net.head.weight.T + net.head.bias)
    assert net.tap_names == ()


def test_dropout_acts_in_training_only():
    torch.manual_seed(0)
    net, X = MLP(7, 2, hidden=(64,), dropout=0.5), torch.randn(3, 7)
    assert not torch.equal(net(X), net(X))
    net.eval()
    assert torch.equal(net(X), net(X))
