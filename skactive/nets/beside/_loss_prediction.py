"""Train a net together with a small module that predicts the loss of each sample."""

from dataclasses import dataclass
from numbers import Integral
from typing import ClassVar

import numpy as np
import torch
from skorch.dataset import unpack_data

from skactive.nets._arrays import uncompiled, zeros_for
from skactive.nets._input import check_input
from skactive.nets._seeded import seeded_torch
from skactive.nets.beside._pair_loss import count_ranked, pair_loss
from skactive.nets.estimators._canvases import in_order
from skactive.nets.estimators._embedding import forward_with_embedding, rows_of
from skactive.nets.estimators._net import ClassifierNet
from skactive.nets.estimators._recipe import Recipe, Target
from skactive.nets.modules import LossModule, Taps, layer_names
from skactive.utils._fitting import MAX_SEED
from skactive.utils._labels import out_of_torch


class LossPredictionNet(ClassifierNet):
    """Train a module and a loss module on its taps with one optimizer.

    Parameters in addition to those of ClassifierNet:

    loss_module : module from the tapped feature maps to one number per sample.
    taps : names of layers.
    margin, pair_loss, ties : see :func:`pair_loss`.
    weight : of the pair loss, added to the loss of the task.
    detach_epoch : epochs in which the pair loss reaches the module through the taps.
    loss : callable (output, y) -> (n,), or None for that of the criterion.
    """

    def __init__(
        self,
        module,
        *,
        loss_module,
        taps,
        margin,
        weight,
        detach_epoch,
        pair_loss,
        ties,
        loss,
        **kwargs,
    ):
        self.loss_module = loss_module
        self.taps = taps
        self.margin = margin
        self.weight = weight
        self.detach_epoch = detach_epoch
        self.pair_loss = pair_loss
        self.ties = ties
        self.loss = loss
        super().__init__(module, **kwargs)

    def initialize_module(self):
        super().initialize_module()
        self.loss_module_ = self.initialized_instance(self.loss_module, {})
        return self

    def train_step_single(self, batch, **fit_params):
        # In each step, since a prediction in between sets evaluation mode.
        self._set_training(True)
        Xi, yi = unpack_data(batch)
        with Taps(self.module_, self.taps) as taps:
            output = self.infer(Xi, **fit_params)
        task, losses = self.task_losses(output, yi.to(output.device))
        predicted = self.predicted_losses(taps.outputs)
        pair = pair_loss(
            predicted, losses, kind=self.pair_loss, margin=self.margin, ties=self.ties
        )
        loss = task + self.weight * pair
        self._record(task, pair, *count_ranked(predicted, losses))
        loss.backward()
        step = {"loss": loss, "y_pred": output}
        return {**step, "loss_alone": task.detach()} if self.left_alone else step

    @property
    def left_alone(self):
        """Whether the pair loss never reaches the module."""
        return self.weight == 0 or self.detach_epoch == 0

    def predicted_losses(self, features):
        """Return one number per sample; gradients reach the taps in early epochs."""
        # The current epoch is in the history already.
        if self.weight == 0 or len(self.history) > self.detach_epoch:
            features = [h.detach() for h in features]
        return self.loss_module_(features)

    def task_losses(self, output, y):
        """Return the training loss, and that of each sample without gradient."""
        if self.loss is not None:
            losses = self._one_per_sample(self.loss(output, y), len(output))
            return losses.mean(), losses.detach()
        task, losses = self.task.losses(self, output, y)
        return task, self._one_per_sample(losses, len(output))

    def iterate_losses(self, X, *, embedding):
        """Yield outputs, embeddings (or None) and predicted losses, one pass over X."""
        for Xi, n in self.full_batches(X):
            output, Z, losses = self._full_step(Xi, embedding)
            yield output[:n], None if Z is None else Z[:n], losses[:n]

    def terms(self):
        """Return the mean of each term of the loss, epoch by epoch."""
        terms = {"task_loss": [], "pair_loss": [], "ranking_accuracy": []}
        for batches in self.history[:, "batches"]:
            rows = np.array([batch["terms"] for batch in batches])
            sizes = [batch["train_batch_size"] for batch in batches]
            task, pair = np.average(rows[:, :2], axis=0, weights=sizes)
            right, n_pairs = rows[:, 2:].sum(axis=0)
            terms["task_loss"].append(float(task))
            terms["pair_loss"].append(float(pair))
            accuracy = right / n_pairs if n_pairs else np.nan
            terms["ranking_accuracy"].append(float(accuracy))
        return terms

    def _full_step(self, Xi, embedding):
        self._set_training(False)
        with torch.no_grad():
            Xi = self.prepare(Xi)
            with Taps(self.module_, self.taps) as taps, self._autocast():
                if embedding:
                    output, Z = forward_with_embedding(self.module_, Xi)
                    Z = rows_of(Z, len(Xi), self.module_)
                else:
                    output, Z = self.module_(Xi), None
            losses = self.loss_module_(taps.outputs)
            return self._checked(output, len(Xi)), Z, losses

    def _checked(self, output, n):
        if self.loss is None:
            return super()._checked(output, n)
        output = output[0] if isinstance(output, tuple) else output
        if not isinstance(output, torch.Tensor) or len(output) != n:
            raise ValueError(
                f"{type(self.module_).__name__} must return a tensor with one row per "
                f"sample, {n} rows."
            )
        return output.float()

    @staticmethod
    def _one_per_sample(losses, n):
        if getattr(losses, "shape", None) != (n,):
            got = getattr(losses, "shape", type(losses).__name__)
            got = tuple(got) if isinstance(got, torch.Size) else got
            raise ValueError(
                f"The loss must be one number per sample, shape ({n},); got {got}. "
                "Take the mean over all axes but the first, and note that an output "
                "of shape (n, 1) minus a target of shape (n,) is (n, n)."
            )
        return losses

    def _record(self, task, pair, right, n_pairs):
        values = torch.stack([task.detach(), pair.detach(), right, n_pairs]).tolist()
        for term, value in zip(("loss of the task", "loss of the pairs"), values):
            if not np.isfinite(value):
                raise FloatingPointError(
                    f"The {term} became {value} in epoch {len(self.history)} of "
                    f"{self.max_epochs}. Lower lr (now {self.lr}), scale the features, "
                    "or clip gradients with "
                    "callbacks=[skorch.callbacks.GradientNormClipping(1.0)]."
                )
        self.history.record_batch("terms", values)


@dataclass(frozen=True)
class LossPrediction(Recipe):
    """Train a module that predicts the loss of each sample, together with the net.

    taps : names of layers, one name, or None for those that the module names.
    detach_epoch : an epoch, a fraction of the epochs, or None for the end.
    The others are those of :class:`LossPredictionNet`. With a ``loss``, any task is
    possible: ``y`` is passed as numbers, and outputs are the predictions.
    """

    modules: ClassVar[tuple] = ("module_", "loss_module_")

    taps: object
    margin: float
    weight: float
    detach_epoch: object
    pair_loss: str
    ties: str
    loss: object

    @property
    def name(self):
        return "loss prediction" if self.loss is None else "loss prediction by loss="

    def target(self, shell, X, y):
        if self.loss is None:
            return super().target(shell, X, y)
        y = np.asarray(out_of_torch(y))
        if y.dtype.kind not in "biuf":
            raise ValueError(
                f"loss= is given numbers, and y holds {y.ravel()[0]!r}. Pass y as "
                "numbers, or leave out loss= to train on classes."
            )
        y = y.astype(np.int64 if y.dtype.kind in "biu" else np.float32)
        if not np.isfinite(y).all():
            raise ValueError("y holds NaN or infinities.")
        X = check_input(shell, X, reset=True)
        n_outputs = y.shape[1] if y.ndim == 2 else 1
        return X, Target(y, n_outputs, {"classes_": np.arange(n_outputs)})

    def net(self, module, settings, sample_shape):
        module = uncompiled(module)
        taps = getattr(module, "tap_names", None) if self.taps is None else self.taps
        taps = (taps,) if isinstance(taps, str) else taps
        if not taps:
            raise ValueError(
                f"{type(module).__name__} has no tap_names that say which of its "
                "layers the loss is predicted from. Name one or more with taps=; "
                f"its layers: {', '.join(layer_names(module)) or 'none'}."
            )
        return LossPredictionNet(
            module,
            **settings,
            loss_module=_loss_module(module, taps, sample_shape),
            taps=tuple(taps),
            margin=self.margin,
            weight=self.weight,
            detach_epoch=last_epoch(self.detach_epoch, settings["max_epochs"]),
            pair_loss=self.pair_loss,
            ties=self.ties,
            loss=self.loss,
        ).initialize()

    def go_on(self, net, before):
        if before.taps == net.taps:
            net.loss_module_.load_state_dict(before.loss_module_.state_dict())

    def answer(self, shell, outputs):
        return super().answer(shell, outputs) if self.loss is None else outputs.numpy()


def last_epoch(detach_epoch, max_epochs):
    """Return the epoch of ``detach_epoch``: a number, a fraction, or None for the end.

    Examples
    --------
    >>> from skactive.nets.beside._loss_prediction import last_epoch
    >>> last_epoch(0.6, 50), last_epoch(7, 50), last_epoch(None, 50)
    (30, 7, 50)
    """
    if detach_epoch is None:
        return max_epochs
    if isinstance(detach_epoch, Integral):
        return detach_epoch
    return round(detach_epoch * max_epochs)


def predict_losses(shell, X):
    """Return outputs, embeddings and predicted losses, in one pass.

    ``shell`` was trained by :class:`LossPrediction`.
    """
    outputs, Z, losses = shell._asked(
        X, lambda X: zip(*list(shell.net_.iterate_losses(X, embedding=True)))
    )
    return torch.cat(outputs).cpu(), torch.cat(Z).cpu().numpy(), _finite(losses)


def losses_and_spread(shell, X):
    """Return predicted losses, and how far outputs of samples differ at most.

    Outputs, which are large where they are maps, are not kept.
    """

    def ask(X):
        losses, low, high = [], None, None
        for outputs, _, of_batch in shell.net_.iterate_losses(X, embedding=False):
            losses.append(of_batch)
            least, most = outputs.amin(dim=0), outputs.amax(dim=0)
            low = least if low is None else torch.minimum(low, least)
            high = most if high is None else torch.maximum(high, most)
        return losses, float((high - low).max())

    parts = shell._asked_by_size(X, ask)
    losses = [(rows, _finite(losses)) for rows, (losses, _) in parts]
    return in_order(losses), max(spread for _, (_, spread) in parts)


def _finite(losses):
    losses = torch.cat(losses).cpu().numpy()
    if not np.isfinite(losses).all():
        raise FloatingPointError(
            "Predicted losses are not finite: samples lie far from those of fit. "
            "Scale the features."
        )
    return losses


def _loss_module(module, taps, sample_shape):
    # From a generator of its own, so that the module trains with the random numbers
    # that it would draw alone.
    weight = next(module.parameters(), torch.empty(0))
    with seeded_torch((torch.initial_seed() + 1) % MAX_SEED, weight.device):
        module.eval()
        with torch.no_grad(), Taps(module, taps) as seen:
            module(zeros_for(module, 2, sample_shape))
        return LossModule.sized_for(seen.outputs)
