"""Train a net on labels and on views of samples, with an EMA copy of the net."""

import warnings
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
import torch

from skactive._sklearn import Interval
from skactive.nets._arrays import zeros_for
from skactive.nets._input import check_input, check_pixels, check_pool, is_pixels
from skactive.nets.beside._augmentations import default_views
from skactive.nets.beside._momentum_net import (
    AlternatingBatches,
    LabeledAndPool,
    MomentumNet,
)
from skactive.nets.estimators._embedding import forward_with_embedding, rows_of
from skactive.nets.estimators._recipe import Recipe
from skactive.nets.modules import MoBYHead

#: Settings of the contrastive branch that a strategy and a transformer share.
CONSTRAINTS = {
    "temperature": [Interval(Real, 0, None, closed="neither")],
    "key_momentum": [Interval(Real, 0, 1, closed="both")],
    "queue_size": [Interval(Integral, 1, None, closed="left"), None],
    "proj_dim": [Interval(Integral, 1, None, closed="left")],
    "head_layers": [Interval(Integral, 1, None, closed="left")],
    "weak": [callable, None],
    "strong": [callable, None],
    "fused": ["boolean", None],
}

#: Queue size of the released code, and its ratio to the samples of an epoch.
LARGEST_QUEUE, QUEUE_SHARE = 4096, 0.4


@dataclass(frozen=True)
class Momentum(Recipe):
    """Train a contrastive branch with the net; see :class:`MomentumNet`.

    With ``y=None`` only the branch is trained, and ``X`` is the pool.

    weak, strong : views, or None for those that suit the shape of samples. An
        ``augment`` of the net is the weak view, unless one is given.
    queue_size : number of keys, or None for a fraction of the samples of an epoch.
    """

    name: ClassVar[str] = "momentum"
    uses_pool: ClassVar[bool] = True
    modules: ClassVar[tuple] = (
        "module_",
        "projector_",
        "predictor_",
        "key_module_",
        "key_projector_",
        "queues_",
    )

    contrastive_weight: float
    temperature: float
    key_momentum: float
    queue_size: object
    proj_dim: int
    head_layers: int
    weak: object
    strong: object
    fused: object

    def target(self, shell, X, y):
        if y is not None:
            return super().target(shell, X, y)
        return check_input(shell, X, reset=True), shell._no_target()

    def beside(self, shell, X, target, X_pool=None):
        X_pool = check_pool(shell, X_pool, X)
        if X_pool is not None:
            check_pixels(shell, X_pool, is_pixels(X))
        return {"X_pool": X_pool}

    def sizes(self, settings, X, y, X_pool):
        # Steps and samples are those of the batches that training draws.
        loader = {
            name.removeprefix("iterator_train__"): value
            for name, value in settings.items()
            if name.startswith("iterator_train__")
        }
        size = loader.pop("batch_size", settings["batch_size"])
        labeled = y is not None
        data = LabeledAndPool(X, y, X_pool) if labeled else LabeledAndPool(X_pool=X)
        batches = AlternatingBatches(data, size, **loader)
        queue_size = self.queue_size
        if queue_size is None:
            queue_size = default_queue_size(batches.n_samples(), size)
        n_steps = settings["max_epochs"] * len(batches)
        return {
            "queue_size": int(queue_size),
            "n_steps": n_steps,
            "labeled": labeled,
        }

    def net(self, module, settings, sample_shape, queue_size, n_steps, labeled):
        n_columns, n_outputs = _widths(module, sample_shape)
        if not labeled:
            settings = {**settings, "n_outputs": n_outputs}
        layers = {"n_layers": self.head_layers}
        return MomentumNet(
            module,
            # The net sees only views.
            **{**settings, "augment": None},
            **self._views(settings["augment"], sample_shape),
            projector=MoBYHead(n_columns, self.proj_dim, **layers),
            predictor=MoBYHead(self.proj_dim, self.proj_dim, **layers),
            proj_dim=self.proj_dim,
            contrastive_weight=self.contrastive_weight,
            temperature=self.temperature,
            key_momentum=self.key_momentum,
            fused=self.fused,
            queue_size=queue_size,
            n_steps=n_steps,
        ).initialize()

    def finish(self, net, X, target):
        if not net.views_differ and (X[:1] != X).any():
            warnings.warn(
                "weak and strong always returned the same views, so there was almost "
                "nothing to learn from them. Let one of them change samples.",
                stacklevel=5,
            )
        if target.values is not None:
            return target
        return replace(target, fitted={"classes_": np.arange(net.n_outputs)})

    def _views(self, augment, sample_shape):
        views = {"weak": self.weak, "strong": self.strong}
        if self.weak is not None and self.strong is not None:
            return views
        weak, strong = default_views(sample_shape)
        if self.weak is None and augment is not None:
            weak, views["weak_name"] = augment, "augment"
        return {**views, "weak": self.weak or weak, "strong": self.strong or strong}


def contrastive_losses(shell, X):
    """Return the contrastive loss of two views of each sample, float32.

    ``shell`` was trained by :class:`Momentum`.
    """
    losses = shell._asked(
        X, lambda X: torch.cat(list(shell.net_.iterate_contrastive_losses(X)))
    )
    losses = losses.cpu().numpy()
    if not np.isfinite(losses).all():
        raise FloatingPointError(
            "Contrastive losses are not finite: samples lie far from those of fit. "
            "Scale the features."
        )
    return losses


def default_queue_size(n_samples, batch_size):
    """Return about 0.4 of the samples of an epoch, in whole batches, at most 4096."""
    batches = max(1, int(QUEUE_SHARE * n_samples / batch_size))
    return min(batches * batch_size, LARGEST_QUEUE)


def _widths(module, sample_shape):
    """Return how many columns features and output have."""
    module.eval()
    X = zeros_for(module, 2, sample_shape)
    with torch.no_grad():
        output, Z = forward_with_embedding(module, X)
    output = output[0] if isinstance(output, tuple) else output
    n_outputs = output.shape[1] if getattr(output, "ndim", 0) == 2 else 1
    return rows_of(Z, 2, module).shape[1], n_outputs
