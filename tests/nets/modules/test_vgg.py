"""A VGG for images of any size, against that of torchvision."""

import math

import pytest
import torch
from torch import nn
from torchvision.models import vgg

from skactive.nets.modules import VGG

pytestmark = pytest.mark.deep

SMALL_VGG = {"width": 4, "grid": 1, "hidden": 16}


def on_meta(make):
    """Build without memory or random numbers, for the sake of the count."""
    with torch.device("meta"):
        return make()


def load_by_order(module, reference):
    """Give a module the weights of another whose layers are in the same order."""
    theirs = list(reference.state_dict().values())
    names = list(module.state_dict())
    assert len(names) == len(theirs)
    module.load_state_dict(dict(zip(names, theirs)))


def scatter_statistics(module):
    """Let no batch normalization be the identity."""
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean, std=0.1)
            nn.init.uniform_(layer.running_var, 0.5, 2)
            nn.init.uniform_(layer.weight, 0.5, 2)
            nn.init.normal_(layer.bias)


def test_vgg_stages_agree_with_torchvision_where_sides_halve():
    torch.manual_seed(0)
    layout = [[4] * 2, [8] * 2, [16] * 3, [32] * 3, [32] * 3]
    layers = [layer for stage in layout for layer in [*stage, "M"]]
    reference = vgg.make_layers(layers, batch_norm=True)
    scatter_statistics(reference)
    stages = VGG(3, 10, **SMALL_VGG).stages
    load_by_order(stages, reference)
    X = torch.randn(2, 3, 64, 32)
    torch.testing.assert_close(stages.eval()(X), reference.eval()(X))
    # 28: 14, 7, 3, 1 and nothing; rounded up: 14, 7, 4, 2, 1.
    assert stages(torch.zeros(1, 3, 28, 28)).shape == (1, 32, 1, 1)


def test_vgg_neck_and_head_are_those_of_torchvision():
    theirs = on_meta(lambda: vgg.vgg16_bn(num_classes=10))
    ours = on_meta(lambda: VGG(3, 10))
    assert [p.shape for p in ours.state_dict().values()] == [
        p.shape for p in theirs.state_dict().values()
    ]
    assert [type(m) for m in ours.neck[2:]] == [type(m) for m in theirs.classifier[:-1]]
    assert ours.neck[4].p == theirs.classifier[2].p == 0.5


def test_vgg_starts_as_published():
    torch.manual_seed(0)
    net = VGG(3, 10, width=32, grid=1, hidden=256)
    convolutions = [m for m in net.modules() if isinstance(m, nn.Conv2d)]
    assert len(convolutions) == 13
    for conv in convolutions[2:]:
        fan_out = conv.out_channels * 9
        assert conv.weight.std().item() == pytest.approx(
            math.sqrt(2 / fan_out), rel=0.03
        )
        assert conv.weight.abs().max() > 3 * conv.weight.std()  # normal, not uniform
        assert not conv.bias.any()
    for linear in (net.neck[2], net.neck[5], net.head):
        assert linear.weight.std().item() == pytest.approx(0.01, rel=0.03)
        assert not linear.bias.any()
