"""Train a net together with a small module that predicts the loss of each sample."""

from copy import deepcopy
from numbers import Integral

import numpy as np
import torch
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from skorch.dataset import unpack_data

from skactive.nets._input import check_input, check_pixels
from skactive.nets._seeded import check_device, seeded_torch
from skactive.nets._storage import load_weights
from skactive.nets.beside._pair_loss import count_ranked, pair_loss
from skactive.nets.estimators._classifier import NetClassifier
from skactive.nets.estimators._embedding import forward_with_embedding, rows_of
from skactive.nets.estimators._net import ClassifierNet
from skactive.nets.estimators._settings import check_names
from skactive.nets.modules import LossModule, Taps, layer_names
from skactive.utils._fitting import MAX_SEED


class LossPredictionNet(ClassifierNet):
    """Train a module and a loss module on its taps by one optimizer.

    Parameters beside those of ClassifierNet:

    loss_module : module from the tapped feature maps to one number per sample.
    taps : names of layers.
    margin, pair_loss, ties : see :func:`pair_loss`.
    weight : of the pair loss, beside the loss of the task.
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

    def train(self, X, y):
        super().train(X, y)
        # As the first prediction would leave them: it changes nothing that is fitted.
        self._set_training(False)

    def train_step_single(self, batch, **fit_params):
        # In each step: whoever predicted in between left evaluation mode behind.
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
        return {"loss": loss, "y_pred": output}

    def predicted_losses(self, features):
        """Return one number per sample; gradients reach the taps in early epochs."""
        # The epoch that runs is in the history already.
        if self.weight == 0 or len(self.history) > self.detach_epoch:
            features = [h.detach() for h in features]
        return self.loss_module_(features)

    def task_losses(self, output, y):
        """Return the loss to train on, and that of each sample without gradient."""
        if self.loss is not None:
            losses = self._one_per_sample(self.loss(output, y), len(output))
            return losses.mean(), losses.detach()
        task = self.get_loss(output, y, training=True)
        # The mean of weighted losses is no plain mean, so the criterion is asked for
        # both; next to the pass through the net this costs nothing.
        criterion = self.criterion_
        if not hasattr(criterion, "reduction"):
            raise ValueError(
                f"{type(criterion).__name__} has no `reduction`, so the loss of one "
                "sample is not known. Pass loss=, a callable (output, y) that returns "
                "one loss per sample."
            )
        reduction, criterion.reduction = criterion.reduction, "none"
        try:
            with torch.no_grad():
                losses = self.get_loss(output.detach(), y, training=True)
        finally:
            criterion.reduction = reduction
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
                "Take the mean over all axes but the first, and mind that an output "
                "of shape (n, 1) less a target of shape (n,) is (n, n)."
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


class LossPredictor(NetClassifier):
    """A NetClassifier with a loss module; private, made by :func:`loss_predictor`."""

    def fit(self, X, y):
        if self._head["loss"] is None:
            return super().fit(X, y)
        check_names(self)
        device = check_device(self.device)
        # Any task: labels go as they are to a loss that understands them.
        y = np.asarray(y)
        y = y.astype(np.int64 if y.dtype.kind in "biu" else np.float32)
        if not np.isfinite(y).all():
            raise ValueError("y holds NaN or infinities.")
        self.sample_shape_ = np.shape(X)[1:]
        X = check_input(self, X, reset=True)
        outputs = np.arange(y.shape[1] if y.ndim == 2 else 1)
        rng = check_random_state(self.random_state)
        seed, predict_seed = (int(s) for s in rng.randint(MAX_SEED, size=2))
        with seeded_torch(seed, device):
            net = self._initialized_net(self._new_module(X.shape[1:], outputs), outputs)
            net.train(X, y)
        net.optimizer_.zero_grad(set_to_none=True)
        net.optimizer_.state.clear()
        pixels = X.dtype == np.uint8
        self._set_fitted(net, outputs, X.shape[1:], predict_seed, pixels)
        return self

    def predict_all(self, X, *, embedding=True):
        """Return outputs, embeddings and predicted losses by one pass."""
        check_is_fitted(self)
        X = check_input(self, X, reset=False)
        check_pixels(self, X)
        with seeded_torch(self._predict_seed, self.net_.device):
            batches = list(self.net_.iterate_losses(X, embedding=embedding))
        outputs, Z, losses = zip(*batches)
        Z = torch.cat(Z).cpu().numpy() if embedding else None
        losses = torch.cat(losses).cpu().numpy()
        if not np.isfinite(losses).all():
            raise FloatingPointError(
                "Predicted losses are not finite: samples lie far from those of fit. "
                "Scale the features."
            )
        return torch.cat(outputs).cpu(), Z, losses

    def _fresh_module(self, sample_shape, classes):
        self._seen_shape = sample_shape
        return super()._fresh_module(sample_shape, classes)

    def _stored(self):
        return {
            **super()._stored(),
            "loss_weights": self.net_.loss_module_.state_dict(),
        }

    def _load_weights(self, net, state):
        super()._load_weights(net, state)
        load_weights(net.loss_module_, state["loss_weights"])

    def _initialized_net(self, module, classes):
        settings = self._net_settings(module, classes)
        head = dict(self._head)
        taps = head.pop("taps")
        taps = getattr(module, "tap_names", None) if taps is None else taps
        taps = (taps,) if isinstance(taps, str) else taps
        if not taps:
            raise ValueError(
                f"{type(module).__name__} does not say by tap_names which of its "
                "layers the loss is to be predicted from. Name one or more by taps=; "
                f"its layers: {', '.join(layer_names(module)) or 'none'}."
            )
        epoch = head.pop("detach_epoch")
        if epoch is None:
            epoch = self.max_epochs
        elif not isinstance(epoch, Integral):
            epoch = round(epoch * self.max_epochs)
        return LossPredictionNet(
            module,
            **settings,
            loss_module=self._loss_module(module, taps),
            taps=tuple(taps),
            detach_epoch=epoch,
            **head,
        ).initialize()

    def _loss_module(self, module, taps):
        before = getattr(self, "net_", None)
        if self.warm_start and before is not None and before.taps == tuple(taps):
            return deepcopy(before.loss_module_)
        # From a generator of its own: the module trains on the numbers that it would
        # have drawn alone.
        weight = next(module.parameters(), torch.empty(0))
        with seeded_torch((torch.initial_seed() + 1) % MAX_SEED, weight.device):
            module.eval()
            with torch.no_grad(), Taps(module, taps) as seen:
                module(torch.zeros(2, *self._seen_shape, device=weight.device))
            return LossModule.sized_for(seen.outputs)


def loss_predictor(classifier, *, before=None, **head):
    """Return a classifier with the settings of another, and a loss module beside.

    Parameters
    ----------
    classifier : NetClassifier
        Unfitted.
    before : LossPredictor or None
        A fitted one whose nets are trained further.
    **head : dict
        taps, margin, weight, detach_epoch, pair_loss, ties, loss.
    """
    predictor = LossPredictor(**classifier.get_params(deep=False))
    predictor._head = head
    if before is not None:
        predictor.warm_start = True
        fitted = ("net_", "classes_", "sample_shape_", "_seen_shape")
        vars(predictor).update({name: getattr(before, name) for name in fitted})
    return predictor
