"""Train a net on given labels and, beside them, on labels that were only inferred."""

import numpy as np
import torch
from skorch.dataset import unpack_data

from skactive.nets._arrays import as_tensor
from skactive.nets._input import check_input, encode
from skactive.nets._pool import _RowStream
from skactive.nets.estimators._classifier import NetClassifier
from skactive.nets.estimators._net import ClassifierNet

# The share of the steps in which inferred labels gain their weight: at first the net
# is to believe those that were given.
RAMP = 0.3


class VirtualLabelNet(ClassifierNet):
    """Beside each batch of labeled samples, one as large of virtually labeled ones.

    The loss is the mean over the labeled samples, plus the mean of ``weight * loss``
    over the others. All samples of a step go through the module together.
    """

    #: Samples, classes and weights; None trains on given labels alone.
    virtual = None

    def train(self, X, y):
        if self.virtual is not None:
            settings = self.get_params_for("iterator_train")
            size = settings.get("batch_size", self.batch_size)
            self._stream = _RowStream(len(self.virtual[0]))
            self._n_ramp = RAMP * self.max_epochs * -(-len(X) // size)
            self._n_steps = 0
        try:
            super().train(X, y)
        finally:
            self.virtual = self._stream = None

    def train_step(self, batch, **fit_params):
        if self.virtual is None:
            return super().train_step(batch, **fit_params)
        Xi, yi = unpack_data(batch)
        self._rows = self._stream.take(len(yi)).numpy()
        beside = as_tensor(self.virtual[0][self._rows])
        self._n_steps += 1
        return super().train_step((torch.cat([Xi, beside]), yi), **fit_params)

    def train_step_single(self, batch, **fit_params):
        if self.virtual is None:
            return super().train_step_single(batch, **fit_params)
        # In each step: whoever predicted in between left evaluation mode behind.
        self._set_training(True)
        Xi, yi = unpack_data(batch)
        output = self.infer(Xi, **fit_params)
        n = len(yi)
        loss = self.get_loss(output[:n], yi.to(output.device), training=True)
        _, classes, weights = (as_tensor(part[self._rows]) for part in self.virtual)
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


class VirtualLabelClassifier(NetClassifier):
    """A NetClassifier that also learns from labels that were only inferred.

    Private; made by :func:`virtual_label_classifier`.
    """

    # A pipeline under metadata routing may hand the weights over unasked.
    __metadata_request__fit = {"virtual_weight": True}

    def fit(self, X, y, virtual_weight=None):
        """Train on the first samples as they are, and on the last by their weights.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Labeled samples and, behind them, virtually labeled ones.
        y : array-like of shape (n_samples,)
            Their labels; classes are those of the labeled ones.
        virtual_weight : ndarray of shape (n_virtual,) or None, default=None
            Weights of the last `n_virtual` samples. None: all labels were given.

        Returns
        -------
        self : object
            The fitted classifier.
        """
        self._virtual = None
        if virtual_weight is None or len(virtual_weight) == 0:
            return super().fit(X, y)
        n = len(y) - len(virtual_weight)
        self._virtual = X[n:], y[n:], virtual_weight
        try:
            return super().fit(X[:n], y[:n])
        finally:
            self._virtual = None

    def _new_module(self, sample_shape, classes):
        self.sample_shape_ = tuple(sample_shape)
        return super()._new_module(sample_shape, classes)

    def _initialized_net(self, module, classes):
        settings = self._net_settings(module, classes)
        net = VirtualLabelNet(module, **settings).initialize()
        if getattr(self, "_virtual", None) is not None:
            X, y, weights = self._virtual
            X = check_input(self, X, reset=False)
            net.virtual = X, encode(y, classes), np.asarray(weights, np.float32)
        return net


def virtual_label_classifier(classifier):
    """Return an unfitted classifier with the settings of another.

    Parameters
    ----------
    classifier : NetClassifier
        The other.

    Returns
    -------
    classifier : VirtualLabelClassifier
        Without virtual labels it is trained to the same weights.
    """
    return VirtualLabelClassifier(**classifier.get_params(deep=False))
