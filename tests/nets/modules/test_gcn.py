"""Graph convolutions: hand-computed layers, and that nodes have no order."""

import numpy as np
import pytest
import torch

from skactive.nets.modules import GCN, GraphConvolution

# Three nodes (1, 0), (.6, .8), (0, 1), connected by their cosines.
X = torch.tensor([[1, 0], [0.6, 0.8], [0, 1]], dtype=torch.float64)
ADJACENCY = torch.tensor([[1, 3 / 7, 0], [1, 1, 1], [0, 4 / 7, 1]], dtype=torch.float64)
HIDDEN = [[1.428571429, 0], [2.5, 0.2], [1.071428571, 1.114285714]]
LOGITS = [2.414285714, 3.685714286, 1.271428571]


def by_hand():
    """Return the net whose answers on the three nodes are known."""
    net = GCN(2, hidden=2).double().eval()
    with torch.no_grad():
        net.first.weight.copy_(torch.tensor([[1, -1], [0.5, 1]]))
        net.second.weight.copy_(torch.tensor([[1.0], [-1.0]]))
        net.first.bias.zero_()
        net.second.bias.zero_()
    return net


def test_three_nodes_by_hand():
    net = by_hand()
    with torch.no_grad():
        Z = net.embed(X, ADJACENCY).numpy()
        logits = net(X, ADJACENCY)
    np.testing.assert_allclose(Z[:, :2], HIDDEN, atol=1e-8)
    np.testing.assert_allclose(Z[:, 2], LOGITS, atol=1e-8)
    np.testing.assert_array_equal(logits.numpy(), Z[:, 2:])
    proba = torch.sigmoid(logits[:, 0]).numpy()
    np.testing.assert_allclose(proba, [0.917910194, 0.975534326, 0.780987198], 1e-8)


@pytest.mark.parametrize("layout", ["dense", "sparse"])
def test_any_tensor_may_be_the_operator(layout):
    operator = ADJACENCY if layout == "dense" else ADJACENCY.to_sparse()
    with torch.no_grad():
        logits = by_hand()(X, operator)[:, 0]
    np.testing.assert_allclose(logits.numpy(), LOGITS, atol=1e-8)


def test_features_may_be_mixed_beforehand():
    net = by_hand()
    with torch.no_grad():
        once = net(ADJACENCY @ X, ADJACENCY, propagated=True)
        Z = net.embed(ADJACENCY @ X, ADJACENCY, propagated=True)
    np.testing.assert_allclose(once[:, 0].numpy(), LOGITS, atol=1e-8)
    np.testing.assert_allclose(Z[:, :2].numpy(), HIDDEN, atol=1e-8)


def test_nodes_in_another_order_have_the_same_answers():
    rng = np.random.RandomState(0)
    operator, features = torch.tensor(rng.rand(9, 9)), torch.tensor(rng.rand(9, 4))
    net = GCN(4, 3, hidden=5).double().eval()
    order = rng.permutation(9)
    with torch.no_grad():
        expected = net(features, operator)[order]
        shuffled = net(features[order], operator[order][:, order])
    np.testing.assert_allclose(shuffled.numpy(), expected.numpy(), atol=1e-12)


def test_bounds_of_the_first_weights_are_those_of_the_fan_out():
    torch.manual_seed(0)
    layer = GraphConvolution(500, 16)
    for weights in layer.parameters():
        assert weights.abs().max() <= 0.25
    assert layer.weight.max() > 0.24 and layer.weight.min() < -0.24
    assert layer.bias.abs().max() > 0.1
    assert GCN(500).second.weight.abs().max() > 0.9


def test_glorot_bounds_depend_on_both_widths():
    layer = GraphConvolution(500, 100, init="glorot")
    bound = (6 / 600) ** 0.5
    assert 0.98 * bound < layer.weight.abs().max() <= bound
    assert (layer.bias == 0).all()


def test_dropout_is_for_training_only():
    torch.manual_seed(0)
    features, operator = torch.rand(20, 4), torch.eye(20)
    for rates in ({"dropout": 0.5}, {"dropout": 0, "input_dropout": 0.5}):
        net = GCN(4, hidden=16, **rates)
        first, second = net(features, operator), net(features, operator)
        assert not torch.equal(first, second)
        net.eval()
        assert torch.equal(net(features, operator), net(features, operator))


def test_an_unknown_start_is_refused():
    with pytest.raises(ValueError, match="init must be one of"):
        GraphConvolution(2, 2, init="zeros")
