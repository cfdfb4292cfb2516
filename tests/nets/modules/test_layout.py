"""Which nets take images with their channels innermost in memory."""

import pytest
import torch
from torch import nn

from skactive.nets.modules._layout import (
    lies_channels_last,
    may_lie_channels_last,
    to_channels_last,
)

pytestmark = pytest.mark.deep


@pytest.mark.parametrize(
    "layer, safe",
    [
        (nn.Conv2d(4, 8, 1, stride=2), False),
        (nn.Conv2d(32, 32, 1, stride=2, groups=4), False),
        (nn.Conv2d(16, 8, 1, stride=2), True),
        (nn.Conv2d(4, 8, 1), True),
        (nn.Conv2d(4, 8, 3, stride=2), True),
        (nn.Conv1d(4, 8, 1, stride=2), True),
    ],
)
def test_which_layers_may_lie_with_channels_innermost(layer, safe):
    assert may_lie_channels_last(nn.Sequential(nn.ReLU(), layer)) == safe


def test_weights_of_images_are_laid_out_and_no_others():
    module = nn.ModuleList([nn.Conv2d(2, 3, 3), nn.Conv3d(2, 3, 3), nn.Linear(2, 3)])
    before = [p.clone() for p in module.parameters()]
    to_channels_last(module)
    assert module[0].weight.is_contiguous(memory_format=torch.channels_last)
    assert module[1].weight.is_contiguous() and module[2].weight.is_contiguous()
    assert all(map(torch.equal, module.parameters(), before))


class Flat(nn.Module):
    """Flatten a map of features in one of two ways, and in another for `embed`."""

    def __init__(self, forward, embed):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 16, 3))
        self.ways = {"view": self._view, "flatten": self._flatten, None: None}
        self.way, self.own = forward, embed
        if embed is not None:
            self.embed = self._embed

    def _view(self, H):
        return H.view(len(H), -1)

    def _flatten(self, H):
        return H.flatten(1)

    def _embed(self, X):
        return self.ways[self.own](self.conv(X))

    def forward(self, X):
        return self.ways[self.way](self.conv(X))


@pytest.mark.parametrize(
    "forward, embed, takes",
    [
        ("flatten", None, True),
        ("view", None, False),
        ("flatten", "flatten", True),
        ("flatten", "view", False),
    ],
)
def test_a_net_that_calls_view_does_not_take_it(forward, embed, takes):
    assert lies_channels_last(Flat(forward, embed), (1, 8, 8)) == takes
    assert lies_channels_last(Flat(forward, embed).double(), (1, 8, 8)) == takes


def test_only_images_lie_so_and_nothing_is_drawn_or_moved():
    module = nn.Sequential(nn.Conv2d(1, 16, 3), nn.Dropout(), nn.BatchNorm2d(16))
    table, before = nn.Linear(4, 4), torch.get_rng_state()
    assert lies_channels_last(module, (1, 8, 8))
    assert not lies_channels_last(table, (4,))
    assert torch.equal(torch.get_rng_state(), before)
    assert module.training and module[2].num_batches_tracked == 0
