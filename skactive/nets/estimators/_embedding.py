"""The embedding of a sample: the input of the last layer of a net."""

from contextlib import contextmanager

import torch
from torch import nn

from skactive.nets._arrays import uncompiled
from skactive.nets.modules import layer_names


def rows_of(Z, n, module):
    """Return an embedding as rows of a matrix, or refuse it."""
    if not isinstance(Z, torch.Tensor) or Z.ndim < 2 or len(Z) != n:
        got = tuple(Z.shape) if isinstance(Z, torch.Tensor) else type(Z).__name__
        raise ValueError(
            f"The embedding of {n} samples by {type(module).__name__} must have shape "
            f"({n}, d), got {got}. Give the module a method embed(X) that returns it."
        )
    return Z.float().flatten(1)


def forward_with_embedding(module, X):
    """Return the output of a module and the input of its last layer, in one pass.

    The last layer is ``module.head`` where the module has ``embed`` and ``head``,
    since then its output is ``head(embed(X))``. Otherwise it is the last Linear that
    runs. A module with ``embed`` alone, or whose head makes maps of maps, takes two
    passes, unless it has a method ``forward_with_embedding``.
    """
    module = uncompiled(module)
    if hasattr(module, "forward_with_embedding"):
        return module.forward_with_embedding(X)
    embed = getattr(module, "embed", None)
    head = getattr(module, "head", None)
    if callable(embed) and not isinstance(head, nn.Module):
        return module(X), embed(X)
    layers = (
        [head]
        if callable(embed)
        else [layer for layer in module.modules() if isinstance(layer, nn.Linear)]
    )
    with _last_input(layers) as seen:
        output = module(X)
    if not seen:
        raise ValueError(
            f"{type(module).__name__} has neither a method embed(X) nor a Linear layer "
            "that runs, so it is not known which layer is the embedding. Give it an "
            f"embed(X) that returns one row per sample. Its layers: "
            f"{', '.join(layer_names(module)) or 'none'}."
        )
    if callable(embed) and seen[0].ndim != 2:
        return output, embed(X)  # the head of a segmenter sees no rows
    return output, seen[0]


def forward_with_features(module, X):
    """Return the output of a detector, and what its last layer sees of each cell."""
    return uncompiled(module).forward_with_features(X)


@contextmanager
def _last_input(layers):
    seen = []

    def keep(layer, inputs):
        seen[:] = inputs[:1]

    handles = [layer.register_forward_pre_hook(keep) for layer in layers]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()
