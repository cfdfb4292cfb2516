"""Building a module from settings and the shape of the data."""

import inspect
from copy import deepcopy
from math import prod

from torch import nn

from skactive.nets.estimators._settings import check_settings, name_of
from skactive.nets.modules import MLP, ResNet


def build_module(module, sample_shape, n_outputs, settings):
    """Return a new module for samples of a shape.

    Parameters
    ----------
    module : class, callable returning a module, Module or None
        A Module is copied, weights and all. None: an MLP for tables, a ResNet for
        images.
    sample_shape : tuple of int
        Shape of one sample.
    n_outputs : int
        Number of classes, or of numbers that are predicted for a sample.
    settings : dict
        Arguments of ``module``. Where it has parameters ``n_features``,
        ``in_channels``, ``n_outputs`` or ``n_classes`` and they are not given, they are
        filled in.
    """
    if module is None:
        module = _default_module(sample_shape)
    check_settings("module", module, settings)
    if isinstance(module, nn.Module):
        return deepcopy(module)
    known = {"n_features": prod(sample_shape)}
    known |= {"n_classes": n_outputs, "n_outputs": n_outputs}
    if len(sample_shape) > 1:
        known["in_channels"] = sample_shape[0]
    taken = _named_parameters(module)
    filled = {k: v for k, v in known.items() if k in taken and k not in settings}
    missing = [
        name
        for name, parameter in taken.items()
        if parameter.default is parameter.empty and name not in {**filled, **settings}
    ]
    if missing:
        raise TypeError(
            f"{name_of(module)} needs {', '.join(missing)}: pass "
            f"{', '.join(f'module__{name}=...' for name in missing)}."
        )
    built = module(**filled, **settings)
    if not isinstance(built, nn.Module):
        raise TypeError(
            f"module must be, or return, a torch.nn.Module; {name_of(module)} "
            f"returned {type(built).__name__}."
        )
    return built


def _default_module(sample_shape):
    if len(sample_shape) == 1:
        return MLP
    if len(sample_shape) == 3:
        first, height, width = sample_shape
        # A guess that can only refuse: NCHW images so narrow, with so many channels,
        # are unlikely.
        if width in (1, 3, 4) and min(first, height) > 4:
            raise ValueError(
                f"X holds samples of shape {sample_shape}, which look like images "
                "with the channels last. Pass X.transpose(0, 3, 1, 2), of shape "
                "(n, channels, height, width); or pass a module made for them."
            )
        return ResNet
    remedy = (
        "Pass X[:, None] if they are gray images, so that X has shape "
        "(n, channels, height, width); or a module made for them."
        if len(sample_shape) == 2
        else "Pass a module made for them."
    )
    raise ValueError(
        f"module=None supports tables, (n, n_features), and images, (n, channels, "
        f"height, width), but X holds samples of shape {sample_shape}. {remedy}"
    )


def _named_parameters(module):
    try:
        parameters = inspect.signature(module).parameters
    except (TypeError, ValueError):  # some builtins have no signature
        return {}
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {k: p for k, p in parameters.items() if p.kind not in variable}
