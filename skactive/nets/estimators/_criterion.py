"""Losses as users pass them: functions, class weights, and what is refused."""

import inspect
from copy import deepcopy

import numpy as np
import torch
from torch import nn

from skactive.nets.estimators._settings import name_of, parameters_of

#: Losses that want targets of the shape of the output, not classes.
OF_EQUAL_SHAPES = (
    nn.BCELoss,
    nn.BCEWithLogitsLoss,
    nn.MSELoss,
    nn.L1Loss,
    nn.SmoothL1Loss,
    nn.HuberLoss,
    nn.KLDivLoss,
    nn.SoftMarginLoss,
    nn.MultiLabelMarginLoss,
    nn.MultiLabelSoftMarginLoss,
    nn.PoissonNLLLoss,
)


class FunctionLoss(nn.Module):
    """A function ``(output, y, ...)`` as a loss with settings."""

    def __init__(self, function, **settings):
        super().__init__()
        weights = {k: v for k, v in settings.items() if isinstance(v, torch.Tensor)}
        for name, weight in weights.items():  # buffers move to the device
            self.register_buffer(name, weight)
        self.function, self.weights = function, tuple(weights)
        self.settings = {k: v for k, v in settings.items() if k not in weights}
        if "reduction" in (parameters_of(function) or ()):
            # That of a partial function may be another than "mean".
            own = inspect.signature(function).parameters["reduction"].default
            self.reduction = self.settings.pop("reduction", own)

    def forward(self, output, y):
        given = {name: getattr(self, name) for name in self.weights}
        if hasattr(self, "reduction"):
            given["reduction"] = self.reduction
        return self.function(output, y, **self.settings, **given)


def is_function_loss(criterion):
    """Tell whether a criterion is a function of output and target, not a class."""
    if criterion is None or isinstance(criterion, (type, nn.Module)):
        return False
    try:
        parameters = inspect.signature(criterion).parameters.values()
    except (TypeError, ValueError):
        return False
    needed = [p for p in parameters if p.default is p.empty and p.kind in (0, 1)]
    return len(needed) >= 2


def criterion_settings(criterion, settings, classes):
    """Return the criterion and its settings as skorch takes them.

    ``classes`` are those of the target, or None where there are none.
    """
    if classes is not None:
        _refuse_equal_shapes(criterion)
    settings = {
        name: as_weights(value, name, criterion, classes)
        if name in ("weight", "pos_weight")
        else value
        for name, value in settings.items()
    }
    if is_function_loss(criterion):
        return FunctionLoss, {"function": criterion, **settings}
    if isinstance(criterion, nn.Module):
        criterion = deepcopy(criterion)  # an instance may have weights
        for name, value in dict(criterion.named_buffers(recurse=False)).items():
            if value is not None and name in ("weight", "pos_weight"):
                value = as_weights(value, name, criterion, classes)
                setattr(criterion, name, value)
    return criterion, settings


def as_weights(value, name, criterion, classes):
    """Return weights of classes, given as any container or by label, as a tensor."""
    where = f"criterion__{name}"
    if isinstance(value, str):
        raise ValueError(
            f"{where}={value!r} is a string. Pass numbers, such as those of "
            f"sklearn.utils.class_weight.compute_class_weight({value!r}, ...)."
        )
    if isinstance(value, dict):
        value = _by_label(value, where, classes)
    if value is None or (np.ndim(value) == 0 and not hasattr(value, "detach")):
        return value
    if not hasattr(value, "detach"):
        value = torch.as_tensor(np.asarray(value, dtype=np.float64))
    value = value.detach().float()
    if not torch.isfinite(value).all() or (value < 0).any():
        raise ValueError(f"{where} must hold finite numbers of 0 or more.")
    if classes is not None and _weighs_classes(criterion):
        if value.shape != (len(classes),):
            raise ValueError(
                f"{where} has the shape {tuple(value.shape)}, but there are "
                f"{len(classes)} classes in y. Pass one weight for each; if y lacks "
                "some, declare all labels with classes=..."
            )
    return value


def _by_label(weights, where, classes):
    known = [] if classes is None else classes.tolist()
    missing = [label for label in known if label not in weights]
    strange = [label for label in weights if label not in known]
    if missing or strange:
        raise ValueError(
            f"{where} must hold a weight for each of the labels {known}; "
            f"{missing} are missing and {strange} are not labels. If y lacks some, "
            "declare all labels with classes=..."
        )
    return [weights[label] for label in known]


def _weighs_classes(criterion):
    kind = criterion if isinstance(criterion, type) else type(criterion)
    return issubclass(kind, (nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss))


def _refuse_equal_shapes(criterion):
    kind = criterion if isinstance(criterion, type) else type(criterion)
    for loss in OF_EQUAL_SHAPES:
        if issubclass(kind, loss) and kind.forward is loss.forward:
            raise ValueError(
                f"criterion={name_of(kind)} compares the output with targets of the "
                "same shape, but y holds classes. Take criterion=None, which is "
                "CrossEntropyLoss; for two classes it is the same loss, with a module "
                "that returns one column per class."
            )


def check_reduced(criterion):
    """Refuse a criterion that returns one loss per sample."""
    if getattr(criterion, "reduction", None) == "none":
        raise ValueError(
            f"{name_of(type(criterion))} has reduction='none', so it returns one loss "
            "per sample and there is no number to minimize. Take "
            "criterion__reduction='mean'."
        )


def check_loss(loss, criterion):
    """Refuse a loss that is not a single number."""
    if getattr(criterion, "reduction", None) == "none":
        return  # set by a net that weights samples itself
    if not isinstance(loss, torch.Tensor) or loss.numel() != 1:
        got = getattr(loss, "shape", type(loss).__name__)
        raise ValueError(
            f"criterion={name_of(type(criterion))} must return one number, the mean "
            f"over the batch; got {got}."
        )


def check_probabilities(output):
    """Refuse outputs that are not probabilities, with NLLLoss."""
    if (output < 0).any() or (output > 1.01).any():
        raise ValueError(
            "criterion=NLLLoss is for a module that returns probabilities, but "
            f"this one returned numbers from {output.min():.3g} to "
            f"{output.max():.3g}: logits, or their log_softmax. Take criterion=None, "
            "which is CrossEntropyLoss and right for both."
        )
