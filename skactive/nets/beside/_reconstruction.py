"""Train a net together with a decoder that rebuilds samples from its embedding."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from skorch.dataset import unpack_data
from torch import nn

from skactive.nets._arrays import takes_integers, uncompiled, zeros_for
from skactive.nets._seeded import seeded_torch
from skactive.nets.beside._loss_prediction import last_epoch
from skactive.nets.estimators._embedding import forward_with_embedding, rows_of
from skactive.nets.estimators._net import ClassifierNet
from skactive.nets.estimators._recipe import Recipe
from skactive.nets.latent._vae_input import default_vae
from skactive.utils._fitting import MAX_SEED


class ReconstructionNet(ClassifierNet):
    """Train a module, and a decoder on its embedding, with one optimizer.

    Parameters in addition to those of ClassifierNet:

    decoder : module from embeddings to samples.
    shift, scale : lists of numbers; what is rebuilt is (X - shift) * scale.
    weight : of the squared error, added to the loss of the task.
    detach_epoch : epochs in which the error reaches the module.
    """

    def __init__(
        self, module, *, decoder, shift, scale, weight, detach_epoch, **kwargs
    ):
        self.decoder = decoder
        self.shift = shift
        self.scale = scale
        self.weight = weight
        self.detach_epoch = detach_epoch
        super().__init__(module, **kwargs)

    def initialize_module(self):
        super().initialize_module()
        self.decoder_ = self.initialized_instance(self.decoder, {})
        return self

    def train_step_single(self, batch, **fit_params):
        self._set_training(True)
        Xi, yi = unpack_data(batch)
        Xi = self.prepare(Xi)
        with self._autocast():
            output, Z = forward_with_embedding(self.module_, Xi)
        output = self._checked(output, len(Xi))
        task = self.get_loss(output, yi.to(output.device))
        # The current epoch is in the history already.
        if self.weight == 0 or len(self.history) > self.detach_epoch:
            Z = Z.detach()
        error = self.errors_of(Xi, Z).mean()
        self._record(task, error)
        loss = task + self.weight * error
        loss.backward()
        step = {"loss": loss, "y_pred": output}
        left_alone = self.weight == 0 or self.detach_epoch == 0
        return {**step, "loss_alone": task.detach()} if left_alone else step

    def errors_of(self, X, Z):
        """Return the mean squared error of each sample, decoded from its embedding."""
        Z = rows_of(Z, len(X), self.module_)
        with self._autocast():
            decoded = self.decoder_(Z)
        wanted = self.scaled(X).flatten(1)
        return (decoded.float().flatten(1) - wanted).square().mean(dim=1)

    def scaled(self, X):
        """Return samples as they are to be rebuilt, in float32."""
        numbers = [
            torch.tensor(each, device=X.device).reshape(-1, *[1] * (X.ndim - 2))
            for each in (self.shift, self.scale)
        ]
        return (X.float() - numbers[0]) * numbers[1]

    def iterate_errors(self, X):
        """Yield errors and variances of samples, batch by batch."""
        for Xi, n in self.full_batches(X):
            self._set_training(False)
            with torch.no_grad():
                Xi = self.prepare(Xi)
                with self._autocast():
                    Z = forward_with_embedding(self.module_, Xi)[1]
                error = self.errors_of(Xi, Z)
                variance = self.scaled(Xi).flatten(1).var(dim=1, correction=0)
            yield error[:n], variance[:n]

    def terms(self):
        """Return the mean of each term of the loss, epoch by epoch."""
        terms = {"task_loss": [], "reconstruction": []}
        for batches in self.history[:, "batches"]:
            rows = np.array([batch["terms"] for batch in batches])
            sizes = [batch["train_batch_size"] for batch in batches]
            for name, value in zip(terms, np.average(rows, axis=0, weights=sizes)):
                terms[name].append(float(value))
        return terms

    def _record(self, task, error):
        values = torch.stack([task.detach(), error.detach()]).tolist()
        for term, value in zip(("loss of the task", "error of the decoder"), values):
            if not np.isfinite(value):
                raise FloatingPointError(
                    f"The {term} became {value} in epoch {len(self.history)} of "
                    f"{self.max_epochs}. Lower lr (now {self.lr}), scale the features, "
                    "or clip gradients with "
                    "callbacks=[skorch.callbacks.GradientNormClipping(1.0)]."
                )
        self.history.record_batch("terms", values)


@dataclass(frozen=True)
class Reconstruction(Recipe):
    """Train a decoder on the embedding of the net, together with the net.

    width : size of the decoder, as of VAEEmbedding.
    detach_epoch : an epoch, a fraction of the epochs, or None for the end.
    weight : as in :class:`ReconstructionNet`.
    """

    name: ClassVar[str] = "reconstruction"
    modules: ClassVar[tuple] = ("module_", "decoder_")

    width: int
    weight: float
    detach_epoch: object

    def sizes(self, settings, X, y):
        X = np.asarray(X)
        axes = (0, *range(2, X.ndim))
        white = 255 if X.dtype == np.uint8 and X.ndim > 2 else 1
        shift = X.mean(axis=axes, dtype=np.float64) / white
        spread = X.std(axis=axes, dtype=np.float64) / white
        scale = 1 / np.where(spread > 0, spread, 1)
        return {"shift": shift.tolist(), "scale": scale.tolist()}

    def net(self, module, settings, sample_shape, shift, scale):
        module = uncompiled(module)
        if takes_integers(module):
            raise ValueError(
                f"{type(module).__name__} takes integers, such as those of words, and "
                "a decoder rebuilds numbers: their error means nothing."
            )
        return ReconstructionNet(
            module,
            **settings,
            decoder=_decoder(module, sample_shape, self.width),
            shift=shift,
            scale=scale,
            weight=self.weight,
            detach_epoch=last_epoch(self.detach_epoch, settings["max_epochs"]),
        ).initialize()


def reconstruction_errors(shell, X):
    """Return mean squared error and variance of each sample; from a trained shell."""

    def ask(X):
        return zip(*list(shell.net_.iterate_errors(X)))

    error, variance = (torch.cat(each).cpu().numpy() for each in shell._asked(X, ask))
    if not np.isfinite(error).all():
        raise FloatingPointError(
            "Errors of the decoder are not finite: samples lie far from those of fit. "
            "Scale the features."
        )
    return error, variance


def _decoder(module, sample_shape, width):
    """Return a decoder from the embedding of a module to samples."""
    weight = next(module.parameters(), torch.empty(0))
    # From a generator of its own, so that the module trains with the random numbers
    # that it would draw alone.
    with seeded_torch((torch.initial_seed() + 1) % MAX_SEED, weight.device):
        module.eval()
        with torch.no_grad():
            zeros = zeros_for(module, 2, sample_shape)
            Z = forward_with_embedding(module, zeros)[1]
            n_columns = rows_of(Z, 2, module).shape[1]
        shape = tuple(sample_shape)
        if len(shape) in (1, 3) and min(shape[1:], default=2) > 1:
            return default_vae(shape, n_columns, width).decoder
        rows = default_vae((math.prod(shape),), n_columns, width).decoder
        return rows.append(nn.Unflatten(1, shape))
