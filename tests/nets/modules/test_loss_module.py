"""LossModule: what is averaged, what is joined, in which precision."""

import pytest
import torch
from torch import nn

from skactive.nets.modules import MLP, VGG, LossModule, ResNet, Taps

# Feature maps of every shape that is taken, 3 samples each.
SHAPES = [(3, 5), (3, 6, 4), (3, 7, 2, 9), (3, 2, 3, 4, 5)]


def features(seed=0):
    torch.manual_seed(seed)
    return [torch.randn(shape) for shape in SHAPES]


@pytest.mark.parametrize(
    "n_features, n_parameters",
    [
        ((64, 128, 256, 512), 123_905),  # four stages of ResNet-18
        ((512, 1024, 512, 256, 256, 256), 361_985),  # six sources of SSD300
        ((256, 256), 66_049),  # two stacks of an hourglass
    ],
)
def test_parameters_are_as_many_as_published(n_features, n_parameters):
    with torch.device("meta"):
        module = LossModule(n_features)
    assert sum(p.numel() for p in module.parameters()) == n_parameters


def test_the_answer_agrees_with_loops():
    h = features()
    module = LossModule.sized_for(h, hidden=3)
    means = [
        h[0],
        sum(h[1][:, t] for t in range(6)) / 6,
        sum(h[2][:, :, i, j] for i in range(2) for j in range(9)) / 18,
        h[3].sum((2, 3, 4)) / 60,
    ]
    joined = []
    for branch, mean in zip(module.branches, means):
        joined += list((mean @ branch[0].weight.T + branch[0].bias).clamp(min=0).T)
    weight, bias = module.head.weight[0], module.head.bias[0]
    expected = sum(w * column for w, column in zip(weight, joined)) + bias
    torch.testing.assert_close(module(h), expected)


def test_widths_are_read_off():
    module = LossModule.sized_for(features())
    assert [branch[0].in_features for branch in module.branches] == [5, 4, 7, 2]
    assert [branch[0].out_features for branch in module.branches] == [128] * 4
    assert module.head.in_features == 4 * 128


@pytest.mark.parametrize("n", [1, 4])
def test_predictions_have_one_axis(n):
    """A column of them would broadcast against a row of losses."""
    assert LossModule((5,))([torch.zeros(n, 5)]).shape == (n,)


def test_predictions_take_both_signs():
    torch.manual_seed(0)
    predicted = LossModule((5,))([10 * torch.randn(500, 5)])
    assert predicted.min() < 0 < predicted.max()


def test_a_map_may_change_its_size():
    module = LossModule((7,))
    for size in [(1, 1), (8, 8), (9, 13)]:
        constant = torch.arange(7.0)[None, :, None, None].expand(2, 7, *size)
        torch.testing.assert_close(
            module([constant]), module([torch.arange(7.0).expand(2, 7)])
        )


@pytest.mark.parametrize("size", [28, 32, 64, 224])
def test_resnet_is_tapped_at_any_size(size):
    torch.manual_seed(0)
    net = ResNet(3, 4, width=2, blocks=(1, 1, 1, 1))
    module = LossModule((2, 4, 8, 16), hidden=8)
    with Taps(net, net.tap_names) as taps:
        net(torch.randn(2, 3, size, size))
    assert module(taps.outputs).shape == (2,)


@pytest.mark.parametrize(
    "net, shape",
    [
        (MLP(6, 3, hidden=(16, 8)), (6,)),
        (ResNet(3, 4, width=4), (3, 9, 13)),
        (VGG(3, 4, width=4, grid=1, hidden=8), (3, 9, 13)),
    ],
)
def test_gradient_reaches_every_parameter_and_the_tapped_net(net, shape):
    torch.manual_seed(0)
    with Taps(net, net.tap_names) as taps:
        net(torch.randn(4, *shape))
    module = LossModule.sized_for(taps.outputs)
    module(taps.outputs).pow(2).sum().backward()
    assert all(p.grad.abs().max() > 0 for p in module.parameters())
    first = next(net.parameters())
    assert first.grad is not None and first.grad.abs().max() > 0
    assert all(p.grad is None for p in net.head.parameters())


def test_detached_features_leave_the_net_alone():
    net = MLP(6, 3)
    with Taps(net, net.tap_names) as taps:
        net(torch.randn(4, 6))
    module = LossModule.sized_for(taps.outputs)
    module([h.detach() for h in taps.outputs]).sum().backward()
    assert all(p.grad is None for p in net.parameters())
    assert module.head.weight.grad is not None


def test_autocast_does_not_lower_its_precision():
    h = features()
    module = LossModule.sized_for(h)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        low = module(h)
    assert low.dtype == torch.float32
    assert torch.equal(low, module(h))


def test_lower_and_higher_features_are_brought_to_its_precision():
    module = LossModule.sized_for(features())
    for dtype in (torch.bfloat16, torch.float64):
        assert module([h.to(dtype) for h in features()]).dtype == torch.float32
    assert module.double()(features()).dtype == torch.float64


def test_channels_last_features_give_the_same():
    module, h = LossModule((7,)), torch.randn(3, 7, 4, 5)
    again = module([h.to(memory_format=torch.channels_last)])
    torch.testing.assert_close(again, module([h]))


def test_it_starts_as_torch_draws_it():
    torch.manual_seed(0)
    module = LossModule((5,))
    torch.manual_seed(0)
    linear = nn.Linear(5, 128)
    assert torch.equal(module.branches[0][0].weight, linear.weight)
    assert torch.equal(module.branches[0][0].bias, linear.bias)


def test_another_number_of_maps_is_refused():
    with pytest.raises(ValueError, match="built for 2 feature maps, got 1"):
        LossModule((5, 4))([torch.zeros(3, 5)])
    with pytest.raises(ValueError, match="one feature map or more"):
        LossModule(())


def test_a_map_without_channels_is_refused():
    with pytest.raises(ValueError, match=r"got shape \(3,\)\. Tap another layer"):
        LossModule.sized_for([torch.zeros(3)])
