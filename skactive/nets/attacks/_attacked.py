"""A net as a function of its input, with gradients."""

from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from skactive.nets._arrays import uncompiled
from skactive.nets._seeded import alone


@contextmanager
def attacked(module):
    """Put a net in evaluation mode, weights frozen; afterwards restore it.

    With frozen weights only gradients of the input are computed, and the ``grad`` of
    the weights stays what it was.
    """
    with alone():
        modes = [(part, part.training) for part in module.modules()]
        wanted = [(weight, weight.requires_grad) for weight in module.parameters()]
        try:
            module.eval()
            for weight, _ in wanted:
                weight.requires_grad_(False)
            yield
        finally:
            for part, training in modes:
                part.training = training
            for weight, requires_grad in wanted:
                weight.requires_grad_(requires_grad)


def logits_of(net):
    """Return the logits of a ClassifierNet as a function of a prepared batch."""

    # What is compiled would be compiled again for each number of samples under way.
    module = uncompiled(net.module_)

    def logits(X):
        output = net._checked(module(X), len(X))
        # skorch's rule for this criterion alone: the module returns probabilities.
        if isinstance(net.criterion_, nn.NLLLoss):
            return output.clamp_min(torch.finfo(output.dtype).tiny).log()
        return output

    return logits


def last_linear(net, X, Z):
    """Return weight and bias, as arrays, of the layer from ``Z`` to the logits.

    Refused if the output is not that of the last Linear layer, applied to the
    embedding ``Z`` of ``X``: a distance in that space would then mean nothing.
    """
    module, ran = uncompiled(net.module_), []
    layers = [layer for layer in module.modules() if isinstance(layer, nn.Linear)]
    handles = [
        layer.register_forward_pre_hook(lambda layer, _: ran.append(layer))
        for layer in layers
    ]
    try:
        with attacked(module), torch.no_grad():
            output = net._checked(module(net.prepare(X)), len(X))
    finally:
        for handle in handles:
            handle.remove()
    output = output.double().cpu().numpy()
    if ran and ran[-1].in_features == Z.shape[1]:
        W = ran[-1].weight.detach().double().cpu().numpy()
        bias = np.zeros(len(W))
        if ran[-1].bias is not None:
            bias += ran[-1].bias.detach().double().cpu().numpy()
        again = Z @ W.T + bias
        # bfloat16 has three digits.
        off = (0.02 if net.precision == "bf16" else 1e-4) * (1 + np.abs(output).max())
        if again.shape == output.shape and np.abs(again - output).max() <= off:
            return W, bias
    raise ValueError(
        f"The output of {type(module).__name__} is not that of a Linear layer, so "
        "there are no features in which its boundaries are hyperplanes. Take "
        "space='input'."
    )
