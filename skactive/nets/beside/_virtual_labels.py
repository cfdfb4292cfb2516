"""Train a net on given labels and on labels that were only inferred."""

from dataclasses import dataclass

import numpy as np
import torch
from skorch.dataset import unpack_data

from skactive.nets._arrays import as_tensor
from skactive.nets._input import check_input, encode
from skactive.nets._pool import _RowStream
from skactive.nets.estimators._net import ClassifierNet
from skactive.nets.estimators._recipe import Recipe

# Fraction of the steps in which the weight of inferred labels grows: at first the net
# learns from those that were given.
RAMP = 0.3


class VirtualLabelNet(ClassifierNet):
    """Train on batches of labeled samples, each with as many virtually labeled ones.

    The loss is the mean over the labeled samples, plus the mean of ``weight * loss``
    over the others. All samples of a step go through the module together.
    """

    def train(self, X, y, virtual):
        """Train also on ``virtual``: samples, classes and weights."""
        settings = self.get_params_for("iterator_train")
        size = settings.get("batch_size", self.batch_size)
        self._n_ramp = RAMP * self.max_epochs * -(-len(X) // size)
        self._n_steps = 0
        try:
            self._virtual, self._stream = virtual, _RowStream(len(virtual[0]))
            super().train(X, y)
        finally:
            self._virtual = self._stream = self._rows = None

    def train_step(self, batch, **fit_params):
        Xi, yi = unpack_data(batch)
        self._rows = self._stream.take(len(yi)).numpy()
        beside = as_tensor(self._virtual[0][self._rows])
        self._n_steps += 1
        return super().train_step((torch.cat([Xi, beside]), yi), **fit_params)

    def train_step_single(self, batch, **fit_params):
        # In each step, since a prediction in between sets evaluation mode.
        self._set_training(True)
        Xi, yi = unpack_data(batch)
        output = self.infer(Xi, **fit_params)
        n = len(yi)
        loss = self.get_loss(output[:n], yi.to(output.device), training=True)
        _, classes, weights = (as_tensor(part[self._rows]) for part in self._virtual)
        losses = self._one_by_one(output[n:], classes.to(output.device))
        ramp = min(1.0, self._n_steps / max(self._n_ramp, 1))
        loss = loss + ramp * (weights.to(losses) * losses).mean()
        loss.backward()
        return {"loss": loss, "y_pred": output[:n]}

    def _one_by_one(self, output, y):
        """Return the loss of each sample by the criterion of the labeled ones."""
        criterion = self.criterion_
        if not hasattr(criterion, "reduction"):
            raise ValueError(
                f"{type(criterion).__name__} has no `reduction`, so the loss of one "
                "sample cannot be weighted. Take a criterion of torch, or train "
                "without virtual labels."
            )
        reduction, criterion.reduction = criterion.reduction, "none"
        try:
            return self.get_loss(output, y, training=True)
        finally:
            criterion.reduction = reduction


@dataclass(frozen=True)
class VirtualLabels(Recipe):
    """Train on given labels and, with weights, on inferred ones.

    The trained net is a plain one, and saved as such.
    """

    def beside(self, shell, X, target, X_virtual, y_virtual, weights):
        X_virtual = check_input(shell, X_virtual, reset=False, shape=X.shape[1:])
        classes = encode(y_virtual, target.fitted["classes_"])
        return {"virtual": (X_virtual, classes, np.asarray(weights, np.float32))}

    def net(self, module, settings, sample_shape):
        return VirtualLabelNet(module, **settings).initialize()
