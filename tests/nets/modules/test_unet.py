"""U-Net: maps of the size of the image, and what they depend on."""

import pytest
import torch
from torch import nn

from skactive.nets.modules import Taps, UNet

pytestmark = pytest.mark.deep


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@pytest.mark.parametrize("shape", [(16, 16), (15, 17), (9, 30), (8, 1), (1, 1)])
def test_maps_have_the_size_of_the_image(depth, shape):
    net = UNet(2, 5, width=4, depth=depth).eval()
    X = torch.randn(3, 2, *shape)
    before = X.clone()
    logits, Z = net.forward_with_embedding(X)
    assert logits.shape == (3, 5, *shape)
    assert Z.shape == (3, 4 * 2 ** (depth - 1))
    assert torch.equal(X, before)
    # One pass says what two say.
    assert torch.equal(net(X), logits)
    torch.testing.assert_close(net.embed(X), Z)


def test_padding_repeats_the_edge_and_is_cut_off():
    net = UNet(1, 2, width=4, depth=3).eval()
    X = torch.randn(2, 1, 6, 7)
    padded = nn.functional.pad(X, (0, 1, 0, 2), mode="replicate")
    torch.testing.assert_close(net(X), net(padded)[:, :, :6, :7])


def test_logits_are_the_head_of_the_maps():
    net = UNet(1, 2, width=4).eval()
    X = torch.randn(2, 1, 8, 8)
    features, deepest = net.maps(X)
    assert features.shape == (2, 4, 8, 8) and deepest.shape == (2, 16, 2, 2)
    torch.testing.assert_close(net.head(features), net(X))


def test_what_was_seen_at_each_size_reaches_the_output():
    """A change in one pixel moves logits far away by the bottom, and near by skips."""
    net = UNet(1, 2, width=4, depth=3).eval()
    X = torch.randn(1, 1, 32, 32)
    changed = X.clone()
    changed[0, 0, 16, 16] += 5
    moved = (net(changed) - net(X)).abs().amax(dim=(0, 1)).detach() > 0
    assert moved[16, 16]
    assert moved.sum() > 25 and not moved.all()
    # The decoder sees the level of its size: without it the answer is another.
    hooked = net.encoder[0].register_forward_hook(lambda *args: args[2] * 0)
    blind = net(X)
    hooked.remove()
    assert not torch.equal(blind, net(X))


def test_layers_are_those_of_the_paper_but_for_what_the_docstring_says():
    net = UNet(3, 4, width=8, depth=3)
    assert [level[0].in_channels for level in net.encoder] == [3, 8, 16]
    assert [level[0].out_channels for level in net.encoder] == [8, 16, 32]
    assert [level[0].in_channels for level in net.decoder] == [32, 16]
    assert [level[-2].num_features for level in net.decoder] == [16, 8]
    assert net.head.in_channels == 8 and net.head.out_channels == 4


def test_the_cost_is_as_documented():
    net = UNet(1, 2, width=16, depth=3)
    counted = []

    def count(layer, inputs, output):
        per_output = layer.weight[0].numel()
        if isinstance(layer, nn.ConvTranspose2d):  # each input goes to 2 x 2 outputs
            per_output = layer.in_channels
        counted.append(per_output * output.numel())

    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            layer.register_forward_hook(count)
    net.eval()(torch.zeros(1, 1, 32, 32))
    per_pixel = sum(counted) / 32**2
    assert per_pixel == pytest.approx(95 * 16**2, rel=0.02)


def test_its_taps_are_the_levels_of_the_encoder():
    net = UNet(1, 2, width=4, depth=3).eval()
    with Taps(net, net.tap_names) as taps:
        net(torch.zeros(2, 1, 8, 8))
    assert [tuple(out.shape) for out in taps.outputs] == [
        (2, 4, 8, 8),
        (2, 8, 4, 4),
        (2, 16, 2, 2),
    ]


def test_every_weight_learns():
    net = UNet(1, 2, width=4, depth=3)
    net(torch.randn(2, 1, 16, 16)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


def test_a_depth_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="depth must be at least 1, got 0"):
        UNet(1, 2, depth=0)


@pytest.mark.parametrize("depth, places", [(1, 1), (2, 1), (3, 2)])
def test_dropout_is_on_the_way_back_and_nowhere_else(depth, places):
    net = UNet(1, 2, width=4, depth=depth, dropout=0.5)
    seen = []
    net.dropout.register_forward_hook(lambda *args: seen.append(args[2]))
    X = torch.randn(5, 1, 8, 8)
    net(X)
    assert len(seen) == places
    for H in seen:  # whole channels are silent
        share = (H == 0).float().mean(dim=(2, 3))
        assert (share == 1).any() and (share < 1).any()
    torch.testing.assert_close(net.eval().embed(X), net.maps(X)[1].mean(dim=(2, 3)))
    plain = UNet(1, 2, width=4, depth=depth)
    plain.load_state_dict(net.state_dict())
    assert torch.equal(plain.eval()(X), net(X))


def test_no_dropout_draws_no_number():
    net, X = UNet(1, 2, width=4), torch.randn(2, 1, 8, 8)
    state = torch.random.get_rng_state()
    net(X)
    assert torch.equal(torch.random.get_rng_state(), state)
