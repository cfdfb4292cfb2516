"""Models of torchvision: which are refused, and why; what backbones see."""

import pytest
import torch
from torch import nn
from torchvision.models.detection import (
    FCOS,
    FasterRCNN,
    KeypointRCNN,
    MaskRCNN,
    RetinaNet,
)
from torchvision.models.detection.ssd import SSD

from skactive.nets.modules import TorchvisionDetector, TwoStageDetector
from skactive.nets.modules.adapters._torchvision_models import (
    check_one_stage,
    check_two_stages,
    means,
)

pytestmark = pytest.mark.deep


def empty(kind):
    """Return an object of a class, without its parts."""
    return kind.__new__(kind)


@pytest.mark.parametrize("kind", [FasterRCNN, MaskRCNN, KeypointRCNN])
def test_two_stages_are_told_where_to_go(kind):
    for model in (empty(kind), kind):
        with pytest.raises(TypeError, match=f"{kind.__name__}, which has two stages"):
            TorchvisionDetector(model)


@pytest.mark.parametrize("kind", [FCOS, RetinaNet, SSD])
def test_one_stage_is_taken_when_it_is_built(kind):
    check_one_stage(empty(kind))
    with pytest.raises(TypeError, match=f"built already.*class {kind.__name__}"):
        check_one_stage(kind)
    with pytest.raises(TypeError, match=f"TorchvisionDetector.*{kind.__name__}"):
        TwoStageDetector(empty(kind))


class Heads:
    def __init__(self, masks, points):
        self.has_mask, self.has_keypoint = (lambda: masks), (lambda: points)


def test_what_learns_from_more_than_boxes_is_refused():
    for masks, points in ((True, False), (False, True)):
        model = empty(MaskRCNN)
        vars(model)["roi_heads"] = Heads(masks, points)
        with pytest.raises(TypeError, match="without masks and key points; got MaskR"):
            check_two_stages(model)
    model = empty(FasterRCNN)
    vars(model)["roi_heads"] = Heads(False, False)
    check_two_stages(model)
    with pytest.raises(TypeError, match="built already.*got the class FasterRCNN"):
        check_two_stages(FasterRCNN)


def test_what_is_no_detector_is_refused():
    for check in (check_one_stage, check_two_stages):
        with pytest.raises(TypeError, match="got Linear"):
            check(nn.Linear(2, 2))


def test_means_of_maps_by_hand():
    maps = [torch.arange(4.0).reshape(1, 1, 2, 2), torch.ones(1, 2, 1, 1)]
    assert means(maps).tolist() == [[1.5, 1.0, 1.0]]
