"""Projector and predictor."""

import pytest
import torch
from torch import nn

from skactive.nets.modules import MoBYHead

pytestmark = pytest.mark.deep


def test_one_layer_is_linear_with_a_bias():
    head = MoBYHead(6, 3)
    assert [type(layer) for layer in head.layers] == [nn.Linear]
    Z = torch.randn(4, 6)
    weight, bias = head.layers[0].weight, head.layers[0].bias
    torch.testing.assert_close(head(Z), Z @ weight.T + bias)


def test_further_layers_have_normalization_and_relu_between():
    head = MoBYHead(6, 3, n_layers=3, hidden=10)
    kinds = [nn.Linear, nn.BatchNorm1d, nn.ReLU] * 2 + [nn.Linear]
    assert [type(layer) for layer in head.layers] == kinds
    assert head(torch.randn(4, 6)).shape == (4, 3)
    assert MoBYHead(6, 3, n_layers=2).layers[0].out_features == 4096


def test_no_layer_is_refused():
    with pytest.raises(ValueError, match="n_layers"):
        MoBYHead(6, 3, n_layers=0)
