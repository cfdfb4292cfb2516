"""Models of torchvision: which are taken, and what their backbones see."""

import torch
from torchvision.models.detection import FCOS, FasterRCNN, RetinaNet
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN
from torchvision.models.detection.ssd import SSD


def check_one_stage(model):
    """Refuse a model that is no FCOS, RetinaNet or SSD, and say why."""
    if isinstance(model, (FCOS, RetinaNet, SSD)):
        return
    got = _class_of(model)
    if issubclass(got, GeneralizedRCNN):
        raise TypeError(
            f"TorchvisionDetector takes FCOS, RetinaNet or SSD of torchvision, got "
            f"{got.__name__}, which has two stages. Take TwoStageDetector for a "
            "FasterRCNN."
        )
    raise TypeError(
        f"model must be an FCOS, RetinaNet or SSD of torchvision, built already, such "
        "as fcos_resnet50_fpn(weights=None, num_classes=2); got "
        f"{'the class ' if isinstance(model, type) else ''}{got.__name__}."
    )


def check_two_stages(model):
    """Refuse a model that is no Faster R-CNN, or learns from more than boxes."""
    got = _class_of(model)
    if isinstance(model, FasterRCNN) and not model.roi_heads.has_mask():
        if not model.roi_heads.has_keypoint():
            return
    remedy = "built already, such as fasterrcnn_resnet50_fpn(weights=None)"
    if issubclass(got, (FCOS, RetinaNet, SSD)):
        remedy = "and TorchvisionDetector one like this"
    elif isinstance(model, FasterRCNN):
        remedy = "which learns from boxes alone, without masks and key points"
    raise TypeError(
        f"TwoStageDetector takes a FasterRCNN of torchvision, {remedy}; got "
        f"{'the class ' if isinstance(model, type) else ''}{got.__name__}."
    )


def features_of(model, X):
    """Return images as a model resizes them, and the maps of its backbone by name."""
    given, means = X.shape[1], len(model.transform.image_mean)
    if given != means and 1 not in (given, means):
        raise ValueError(
            f"Images have {given} channels, and image_mean of the model {means}. "
            f"Build it with image_mean and image_std of {given} numbers."
        )
    images = model.transform(list(X))[0]
    try:
        features = model.backbone(images.tensors)
    except RuntimeError as error:
        if "channels" not in str(error):
            raise
        raise ValueError(
            f"The backbone of the model does not take images of {given} channels, "
            f"which image_mean and image_std of {means} numbers make images of "
            f"{max(given, means)}: {error}"
        ) from error
    return images, {"0": features} if isinstance(features, torch.Tensor) else features


def means(features):
    """Return the means of maps over the image, side by side."""
    return torch.cat([of_level.mean(dim=(2, 3)) for of_level in features], dim=1)


def _class_of(model):
    return model if isinstance(model, type) else type(model)
