"""Which models of torchvision find objects by maps that have a loss."""

from torchvision.models.detection import FCOS, RetinaNet
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN
from torchvision.models.detection.ssd import SSD


def check_one_stage(model):
    """Refuse a model that is no FCOS, RetinaNet or SSD, and say why."""
    if isinstance(model, (FCOS, RetinaNet, SSD)):
        return
    got = model if isinstance(model, type) else type(model)
    if issubclass(got, GeneralizedRCNN):
        raise TypeError(
            f"TorchvisionDetector takes FCOS, RetinaNet or SSD of torchvision, got "
            f"{got.__name__}, which has two stages: it draws proposals from the true "
            "boxes while it trains, so its maps alone have no loss. Take one of these "
            "three, or write a module with the methods of CenterNet around it."
        )
    raise TypeError(
        f"model must be an FCOS, RetinaNet or SSD of torchvision, built already, such "
        "as fcos_resnet50_fpn(weights=None, num_classes=2); got "
        f"{'the class ' if isinstance(model, type) else ''}{got.__name__}."
    )
