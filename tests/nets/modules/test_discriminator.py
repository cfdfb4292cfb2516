"""Discriminator: the published counts and start, one logit per latent."""

import math

import pytest
import torch
from torch import nn

from skactive.nets.modules import Discriminator


@pytest.mark.parametrize(
    "latent_dim, hidden, n_parameters",
    [
        (32, (512, 512), 280_065),
        (200, (512, 512, 512, 512), 891_393),
        (2, (), 3),
    ],
)
def test_parameters_are_as_many_as_published(latent_dim, hidden, n_parameters):
    with torch.device("meta"):
        net = Discriminator(latent_dim, hidden)
    assert sum(p.numel() for p in net.parameters()) == n_parameters


@pytest.mark.parametrize("n", [1, 5])
def test_logits_have_one_axis(n):
    """A column of them would broadcast against a row of targets."""
    assert Discriminator(4, hidden=(8,))(torch.zeros(n, 4)).shape == (n,)


def test_logits_are_not_squashed():
    torch.manual_seed(0)
    logits = Discriminator(4, hidden=(8,))(100 * torch.randn(200, 4))
    assert logits.min() < 0 and logits.max() > 1


def test_without_hidden_layers_it_is_linear():
    net, Z = Discriminator(3, hidden=()), torch.randn(4, 3)
    linear = net.layers[0]
    expected = (Z * linear.weight[0]).sum(1) + linear.bias
    torch.testing.assert_close(net(Z), expected)


def test_weights_start_kaiming_normal_and_biases_at_zero():
    torch.manual_seed(0)
    net = Discriminator(64)
    linears = [layer for layer in net.layers if isinstance(layer, nn.Linear)]
    for linear in linears[:2]:
        std = math.sqrt(2 / linear.in_features)
        assert linear.weight.std().item() == pytest.approx(std, rel=0.02)
        assert linear.weight.abs().max() > 3 * std  # a uniform law ends at 1.73
    assert not any(linear.bias.any() for linear in linears)


def test_gradient_reaches_every_parameter_and_the_latent():
    torch.manual_seed(0)
    net, Z = Discriminator(4), torch.randn(16, 4, requires_grad=True)
    loss = nn.functional.binary_cross_entropy_with_logits(net(Z), torch.ones(16))
    loss.backward()
    assert all(p.grad.abs().max() > 0 for p in net.parameters())
    assert (Z.grad.abs().sum(1) > 0).all()


def test_it_learns_two_clusters():
    """Accuracy above 0.95 in 200 steps, the specification's own test."""
    torch.manual_seed(0)
    Z = torch.randn(200, 4)
    in_first = (torch.arange(200) % 2).float()
    Z[:, 0] += 6 * in_first
    net = Discriminator(4)
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-4)
    for step in range(200):
        rows = torch.arange(32) + 32 * (step % 5)
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(
            net(Z[rows]), in_first[rows]
        ).backward()
        optimizer.step()
    assert ((net(Z) > 0) == in_first.bool()).float().mean() > 0.95


def test_bfloat16_autocast_runs():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert Discriminator(4)(torch.zeros(3, 4)).shape == (3,)
