"""How a module takes samples, found out by trying: layout in memory, and dtype."""

from copy import deepcopy

import numpy as np
import torch
from torch import nn

from skactive.nets._arrays import (
    float_dtype,
    takes_integers,
    uncompiled,
    zeros_for,
)
from skactive.nets._seeded import seeded_torch
from skactive.utils._fitting import MAX_SEED


def lies_channels_last(module, sample_shape):
    """Tell whether a module takes samples in channels-last memory format.

    Only images may be; a module that calls ``view`` on a feature map does not run on
    them.
    """
    return (
        len(sample_shape) == 3
        and may_lie_channels_last(module)
        and takes_channels_last(module, sample_shape)
    )


def may_lie_channels_last(module):
    """Tell whether convolutions of a module are safe in channels-last format.

    The backward pass of a strided 1 x 1 convolution of few channels in that layout
    writes beyond its memory on CPUs with AVX-512 (torch 2.14): the process dies.
    """
    return not any(
        isinstance(layer, nn.Conv2d)
        and layer.kernel_size == (1, 1)
        and max(layer.stride) > 1
        and layer.in_channels // layer.groups < 16
        for layer in module.modules()
    )


def takes_channels_last(module, sample_shape):
    """Tell whether a module runs on images in channels-last memory format.

    One that calls ``view`` on a feature map does not. A module that runs in neither
    format fails for another reason.
    """
    return _runs(module, sample_shape, torch.channels_last) or not _runs(
        module, sample_shape, torch.contiguous_format
    )


def is_handed_integers(module, X):
    """Tell whether a module is to be handed samples as integers.

    Whole numbers in floats are, for a module that can take nothing else, or that says
    that it takes integers: a gap in one column of a frame makes floats of all.
    """
    if X.dtype.kind not in "if" or not takes_integers(module):
        return False
    if X.dtype.kind == "i":
        return True
    said = getattr(uncompiled(module), "takes_integers", None)
    whole = bool((np.rint(X) == X).all())
    plain, floats = torch.contiguous_format, float_dtype(module)
    runs = _runs(module, X.shape[1:], plain, floats)
    return not runs or bool(said and whole)


def _runs(module, sample_shape, memory, dtype=None):
    """Tell whether a copy of a module takes two samples in a layout."""
    # A copy, for some have layers that take shape when they first run.
    tried, seed = deepcopy(module).eval(), torch.initial_seed() % MAX_SEED
    X = zeros_for(module, 2, sample_shape).contiguous(memory_format=memory)
    X = X if dtype is None else X.to(dtype)
    if memory == torch.channels_last:
        # An image of one channel lies in both ways; weights decide what comes out.
        to_channels_last(tried)
    # Embeddings may be made otherwise than on the way to the output.
    embed = getattr(tried, "embed", None)
    with seeded_torch(seed, X.device), torch.no_grad():
        try:
            tried(X)
            if callable(embed):
                embed(X)
        except Exception:  # whatever it is, training will say it of the real samples
            return False
    return True


def to_channels_last(module):
    """Lay out the weights of two-dimensional convolutions, in place."""
    # Module.to would also try those of three dimensions, and fail.
    for parameter in module.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(
                memory_format=torch.channels_last
            )
