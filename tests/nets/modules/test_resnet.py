"""A ResNet for images of any size, against that of torchvision."""

import pytest
import torch
from torch import nn
from torchvision.models import resnet

from skactive.nets.modules import ResNet

pytestmark = pytest.mark.deep


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


def test_resnet_agrees_with_torchvision_but_for_the_stem():
    torch.manual_seed(0)
    reference = resnet.resnet18(num_classes=10)
    reference.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    reference.maxpool = nn.Identity()
    scatter_statistics(reference)
    net = ResNet(3, 10, width=64, blocks=(2, 2, 2, 2))
    load_by_order(net, reference)
    X = torch.randn(2, 3, 9, 12)
    torch.testing.assert_close(net.eval()(X), reference.eval()(X))
