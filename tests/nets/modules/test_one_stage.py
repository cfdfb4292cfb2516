"""Models of torchvision that are refused, and why."""

import pytest
from torch import nn
from torchvision.models.detection import (
    FCOS,
    FasterRCNN,
    KeypointRCNN,
    MaskRCNN,
    RetinaNet,
)
from torchvision.models.detection.ssd import SSD

from skactive.nets.modules import TorchvisionDetector
from skactive.nets.modules._one_stage import check_one_stage

pytestmark = pytest.mark.deep


def empty(kind):
    """Return an object of a class, without its parts."""
    return kind.__new__(kind)


@pytest.mark.parametrize("kind", [FasterRCNN, MaskRCNN, KeypointRCNN])
def test_two_stages_are_refused_by_name(kind):
    for model in (empty(kind), kind):
        with pytest.raises(TypeError, match=f"{kind.__name__}, which has two stages"):
            check_one_stage(model)
        with pytest.raises(TypeError, match="proposals from the true boxes"):
            TorchvisionDetector(model)


@pytest.mark.parametrize("kind", [FCOS, RetinaNet, SSD])
def test_one_stage_is_taken_when_it_is_built(kind):
    check_one_stage(empty(kind))
    with pytest.raises(TypeError, match=f"built already.*class {kind.__name__}"):
        check_one_stage(kind)


def test_what_is_no_detector_is_refused():
    with pytest.raises(TypeError, match="got Linear"):
        check_one_stage(nn.Linear(2, 2))
