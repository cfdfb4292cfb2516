"""Train a classifier and a sampler on one embedding.

The sampler tells labeled samples apart from those of the pool. Unlike in adversarial
training, the net that computes the embedding helps it.
"""

from dataclasses import dataclass
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
import torch
from skorch.callbacks import LRScheduler
from torch import nn

from skactive.nets._arrays import float_dtype, uncompiled, zeros_for
from skactive.nets._input import check_pool
from skactive.nets._seeded import seeded_torch
from skactive.nets.beside._sampler_apart import ApartSamplerNet
from skactive.nets.beside._sampler_net import SamplerNet
from skactive.nets.estimators._embedding import forward_with_embedding, rows_of
from skactive.nets.estimators._recipe import Recipe
from skactive.nets.estimators._task import CLASSES
from skactive.nets.modules import Discriminator, ViTBottleneck
from skactive.utils._fitting import MAX_SEED
from skactive.utils._rows import refuse_sizes

BOTTLENECKS = ("sample", "channel", "none")
#: When the learning rate falls, where the net has no schedule of its own.
MILESTONES = (0.73,)
#: What to do about images of different sizes.
SIZES = "; LL4AL is trained beside a NetDetector on images of different sizes."


def find_head(module, X):
    """Return the name of the last layer of a module, and the width of its input.

    The last layer is ``module.head`` if there is a method ``embed``, and otherwise the
    last Linear that runs on the batch `X`.
    """
    head = getattr(module, "head", None)
    if callable(getattr(module, "embed", None)):
        layers = [("head", head)] if isinstance(head, nn.Module) else []
    else:
        layers = [
            (name, layer)
            for name, layer in module.named_modules()
            if isinstance(layer, nn.Linear)
        ]
    seen = []
    handles = [
        layer.register_forward_pre_hook(
            lambda _, inputs, name=name: seen.append((name, inputs[0].shape))
        )
        for name, layer in layers
    ]
    try:
        with torch.no_grad():
            module(X)
    finally:
        for handle in handles:
            handle.remove()
    if not seen or len(seen[-1][1]) != 2:
        raise ValueError(
            f"{type(module).__name__} must end in a layer that is given one row per "
            "sample: a Linear, or a layer named `head` and a method embed(X). The "
            "bottleneck changes the input of that layer."
        )
    name, shape = seen[-1]
    return name, shape[1]


def _find_embedding(module, X):
    """Return the name of no layer, since none sees rows last, and the width of rows."""
    with torch.no_grad():
        Z = forward_with_embedding(module, X)[1]
    return None, rows_of(Z, len(X), module).shape[1]


@dataclass(frozen=True)
class Sampler(Recipe):
    """Train a sampler with the net, and a bottleneck before the heads of both.

    detach : whether the net is trained as alone, and the sampler, with the bottleneck
        before it, on what it embeds.
    bottleneck : one of BOTTLENECKS; n_heads, depth and scale are its settings.
    sampler_hidden : width of each hidden layer of the sampler.
    sampler_weight : of its loss, added to that of the task.
    milestones : fractions of the epochs or epochs, at which the learning rate falls;
        None: MILESTONES, or none if the net has a schedule of its own.
    """

    uses_pool: ClassVar[bool] = True
    modules: ClassVar[tuple] = ("module_", "bottleneck_", "sampler_")

    detach: bool
    bottleneck: str
    n_heads: int
    depth: int
    scale: object
    sampler_hidden: tuple
    sampler_weight: float
    milestones: object

    @property
    def name(self):
        # The last layer of one has learned from the bottleneck: weights of the other
        # would be read without an error.
        return "sampler beside" if self.detach else "sampler"

    def target(self, shell, X, y):
        refuse_sizes(X, "TaskAwareViT", SIZES)
        return super().target(shell, X, y)

    def beside(self, shell, X, target, X_pool=None):
        refuse_sizes(X_pool, "TaskAwareViT", SIZES)
        return {"X_pool": check_pool(shell, X_pool, X)}

    def sizes(self, settings, X, y, X_pool):
        size = settings.get("iterator_train__batch_size", settings["batch_size"])
        sides = 1 if X_pool is None else 2
        return {"n_places": sides * min(size, len(X))}

    def net(self, module, settings, sample_shape, n_places):
        module = uncompiled(module)
        hidden = _checked_widths(self.sampler_hidden)
        milestones = MILESTONES if self.milestones is None else self.milestones
        milestones = _epochs(milestones, settings["max_epochs"])
        none = self.bottleneck == "none"
        # From a generator of its own, so that the module starts with the weights that
        # it would have alone.
        seed = (torch.initial_seed() + 1) % MAX_SEED
        with seeded_torch(seed, settings["device"]):
            X = _example(module, sample_shape, settings["channels_last"])
            of_maps = settings.get("task", CLASSES).of_maps
            find = _find_embedding if of_maps or self.detach else find_head
            head, width = find(module.eval(), X)
            bottleneck = ViTBottleneck(
                width,
                mode="sample" if none else self.bottleneck,
                batch_size=n_places,
                n_heads=self.n_heads,
                depth=0 if none else self.depth,
                scale=self.scale,
            )
            kind = ApartSamplerNet if self.detach else SamplerNet
            net = kind(
                module,
                head=head,
                bottleneck=bottleneck.to(float_dtype(module)),
                sampler=Discriminator(width, hidden),
                sampler_weight=self.sampler_weight,
                milestones=milestones,
                **settings,
            ).initialize()
        self._settle_schedules(net)
        return net

    def state(self, net):
        return {**super().state(net), "context": net.context_}

    def load(self, net, state):
        super().load(net, state)
        net.context_ = state["context"].to(net.device)

    def _settle_schedules(self, net):
        """Leave the learning rate to a schedule of the net; refuse two."""
        own = [name for name, part in net.callbacks_ if isinstance(part, LRScheduler)]
        if own and self.milestones is None:
            net.milestones = ()
        if own and net.milestones:
            raise ValueError(
                f"The net has a schedule of its own, the callback {own[0]!r}, and "
                f"milestones={tuple(self.milestones)} would lower the learning rate as "
                "well. Pass milestones=None to keep that schedule, or remove it from "
                "the net: a segmenter or detector has schedule=None."
            )


def ask_sampler(shell, X):
    """Return outputs, embeddings and sampler logits, in one pass.

    ``shell`` was trained by :class:`Sampler`.
    """
    outputs, Z, logits = shell._asked(
        X, lambda X: zip(*list(shell.net_.iterate_all(X)))
    )
    logits = _finite(logits)
    return torch.cat(outputs).cpu(), torch.cat(Z).cpu().numpy(), logits


def logits_of_sampler(shell, X):
    """Return the logits of the sampler; outputs, large where they are maps, go."""

    def ask(X):
        return [logits for _, _, logits in shell.net_.iterate_all(X)]

    return _finite(shell._asked(X, ask))


def attention(shell, X):
    """Return how much samples attend to one another."""

    def ask(X):
        return shell.net_.attention(np.ascontiguousarray(X)).cpu().numpy()

    return shell._asked(X, ask)


def _finite(logits):
    logits = torch.cat(logits).cpu().numpy()
    if not np.isfinite(logits).all():
        raise FloatingPointError(
            "The sampler returns numbers that are not finite: samples lie far from "
            "those of fit. Scale the features."
        )
    return logits


def _example(module, sample_shape, channels_last):
    """Return two samples in the memory format of the net."""
    images = channels_last and len(sample_shape) == 3
    memory = torch.channels_last if images else torch.contiguous_format
    X = zeros_for(module, 2, sample_shape)
    return X.contiguous(memory_format=memory)


def _epochs(milestones, max_epochs):
    """Return milestones as epochs; one that is never reached is an error."""
    strange = [m for m in milestones if not isinstance(m, Real)]
    if strange:
        raise TypeError(
            f"milestones={tuple(milestones)} must be numbers, fractions of the epochs "
            f"or epochs; got {strange[0]!r}."
        )
    if not all(m > 0 for m in milestones):
        raise ValueError(
            f"milestones={tuple(milestones)} must be fractions of the epochs, or "
            "epochs after the first."
        )
    late = [m for m in milestones if m >= 1 and m >= max_epochs]
    if late:
        raise ValueError(
            f"milestones={tuple(milestones)} holds {late[0]}, which is never "
            f"reached in max_epochs={max_epochs}, counted from 0. Pass fractions "
            "of the epochs, such as 0.75."
        )
    odd = [m for m in milestones if m >= 1 and m != int(m)]
    if odd:
        raise ValueError(
            f"milestones={tuple(milestones)} holds {odd[0]}, which is neither a "
            "fraction of the epochs, below 1, nor a whole number of them."
        )
    # A fraction that rounds to 0 would train with a tenth throughout.
    return tuple(
        int(m) if m >= 1 else max(1, round(m * max_epochs)) for m in milestones
    )


def _checked_widths(hidden):
    if not all(isinstance(width, Integral) and width > 0 for width in hidden):
        raise ValueError(
            f"sampler_hidden={tuple(hidden)} must hold the width of each hidden layer, "
            "whole numbers of at least 1; () is a sampler without hidden layers."
        )
    return hidden
