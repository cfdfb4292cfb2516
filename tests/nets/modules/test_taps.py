"""Taps: what is collected, what is left behind, and what is refused."""

import pytest
import torch
from torch import nn

from skactive.nets.modules import MLP, ResNet, Taps, layer_names


class Odd(nn.Module):
    """Runs one layer twice, one never, and one that returns a pair."""

    def __init__(self):
        super().__init__()
        self.twice = nn.Linear(4, 4)
        self.never = nn.Linear(4, 4)
        self.pair = nn.LSTM(4, 4)

    def forward(self, X):
        return self.pair(self.twice(self.twice(X)))[0]


def hooks(module):
    return sum(len(layer._forward_hooks) for layer in module.modules())


def test_outputs_are_those_of_the_layers_in_the_order_asked():
    net, X = MLP(4, 3, hidden=(16, 8)), torch.randn(5, 4)
    with Taps(net, ["head", "hidden.1", "hidden.0"]) as taps:
        logits = net(X)
    first = net.hidden[0](X)
    assert taps.names == ("head", "hidden.1", "hidden.0")
    assert taps.outputs[0] is logits
    assert torch.equal(taps.outputs[1], net.hidden[1](first))
    assert torch.equal(taps.outputs[2], first)


def test_one_name_may_be_given_bare():
    net = MLP(4, 3)
    with Taps(net, "head") as taps:
        logits = net(torch.zeros(2, 4))
    assert taps.names == ("head",)
    assert taps.outputs[0] is logits


def test_stages_of_a_resnet_have_the_sizes_of_the_paper():
    with torch.device("meta"):
        net = ResNet(3, 10, width=64, blocks=(2, 2, 2, 2))
        with Taps(net, net.tap_names) as taps:
            net(torch.zeros(2, 3, 32, 32))
    assert [tuple(h.shape[1:]) for h in taps.outputs] == [
        (64, 32, 32),
        (128, 16, 16),
        (256, 8, 8),
        (512, 4, 4),
    ]


def test_hooks_are_gone_afterwards():
    net = MLP(4, 3)
    with Taps(net, net.tap_names):
        assert hooks(net) == 1
    assert hooks(net) == 0


def test_hooks_are_gone_after_an_error():
    net = MLP(4, 3)
    with pytest.raises(ValueError, match="MLP was built"), Taps(net, "head"):
        net(torch.zeros(2, 5))
    assert hooks(net) == 0


def test_hooks_of_others_stay():
    net = MLP(4, 3)
    net.head.register_forward_hook(lambda *args: None)
    with Taps(net, ["head"]):
        assert hooks(net) == 2
    assert hooks(net) == 1


def test_taps_do_not_change_the_answer():
    net, X = MLP(4, 3), torch.randn(5, 4)
    plain = net(X)
    with Taps(net, layer_names(net)):
        assert torch.equal(net(X), plain)


def test_each_pass_replaces_what_was_collected():
    net, first, second = MLP(4, 3), torch.zeros(2, 4), torch.ones(5, 4)
    taps = Taps(net, "head")
    with taps:
        net(first)
        assert taps.outputs[0].shape == (2, 3)
        net(second)
        assert taps.outputs[0].shape == (5, 3)
    net(first)
    assert taps.outputs[0].shape == (5, 3)
    with taps:
        assert net(first) is taps.outputs[0]


def test_what_an_earlier_entry_collected_is_not_handed_out():
    net = MLP(4, 3)
    taps = Taps(net, "head")
    with taps:
        net(torch.zeros(2, 4))
    with taps, pytest.raises(RuntimeError, match="head have not run"):
        taps.outputs  # noqa: B018


def test_a_layer_that_runs_twice_leaves_its_last_output():
    net, X = Odd(), torch.randn(2, 3, 4)
    with Taps(net, "twice") as taps:
        net(X)
    assert torch.equal(taps.outputs[0], net.twice(net.twice(X)))


def test_gradients_pass_through_what_is_collected():
    net = MLP(4, 3)
    with Taps(net, "hidden.0") as taps:
        net(torch.randn(5, 4))
    taps.outputs[0].sum().backward()
    assert net.hidden[0][0].weight.grad.abs().max() > 0


@pytest.mark.parametrize("name", ["stage9", "", "hidden.1"])
def test_an_unknown_name_lists_the_layers(name):
    net = MLP(4, 3)
    with pytest.raises(ValueError) as error:
        Taps(net, ["head", name])
    message = str(error.value)
    assert f"no layer named {name!r}" in message
    listed = message.partition("MLP has: ")[2].rstrip(".").split(", ")
    assert listed == [
        "hidden",
        "hidden.0",
        "hidden.0.0",
        "hidden.0.1",
        "hidden.0.2",
    ] + ["head"]
    assert hooks(net) == 0


def test_a_layer_that_is_passed_over_is_named():
    net = Odd()
    with Taps(net, ["twice", "never"]) as taps:
        net(torch.zeros(2, 3, 4))
    with pytest.raises(RuntimeError, match="layers never have not run"):
        taps.outputs  # noqa: B018


def test_a_layer_that_returns_no_tensor_is_named():
    net = Odd()
    with Taps(net, "pair") as taps:
        net(torch.zeros(2, 3, 4))
    with pytest.raises(TypeError, match="layer pair returned tuple"):
        taps.outputs  # noqa: B018


def test_open_taps_cannot_be_opened_again():
    net = MLP(4, 3)
    taps = Taps(net, "head")
    with taps, pytest.raises(RuntimeError, match="open already"):
        taps.__enter__()
    assert hooks(net) == 0


def test_copies_are_not_changed_by_a_later_layer_in_place():
    net, X = nn.Sequential(nn.Linear(4, 8), nn.ReLU(inplace=True)), torch.randn(5, 4)
    with Taps(net, "0") as bare, Taps(net, "0", copy=True) as copied:
        net(X)
    assert (bare.outputs[0] >= 0).all()
    assert torch.equal(copied.outputs[0], net[0](X))
    copied.outputs[0].sum().backward()
    assert net[0].weight.grad is not None
