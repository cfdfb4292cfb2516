"""Train a net to classify, and by a contrastive loss on two views of each sample."""

from copy import deepcopy

import numpy as np
import torch
from skorch.dataset import unpack_data
from torch import nn
from torch.nn import functional as F
from torch.utils.data import Dataset

from skactive.nets._arrays import ArrayDataset, array_loader, as_tensor
from skactive.nets._pool import _RowStream
from skactive.nets.beside._contrastive import (
    KeyQueues,
    contrastive_loss,
    follow,
    key_momentum_at,
)
from skactive.nets.estimators._embedding import forward_with_embedding, rows_of
from skactive.nets.estimators._net import ClassifierNet

TERMS = ("task_loss", "contrastive_loss", "pool_contrastive_loss", "key_momentum")


class LabeledAndPool(Dataset):
    """Labeled samples and samples without labels, either of which may be None.

    A single sample is shown twice: batch normalization cannot be trained on one, and
    its two views differ.
    """

    def __init__(self, X=None, y=None, X_pool=None):
        rows = [0, 0] if X is not None and len(X) == 1 else slice(None)
        self.labeled = None if X is None else ArrayDataset(X[rows], y[rows])
        self.X_pool = X_pool

    def __len__(self):
        return max(
            len(side) for side in (self.labeled, self.X_pool) if side is not None
        )


class AlternatingBatches:
    """Batches with labels and batches of the pool in turns, never mixed.

    An epoch shows each labeled sample once, in new order, and as many batches of the
    pool, which has an order of its own that continues from one epoch to the next. A
    batch of the pool has None for its labels, and repeats samples if the pool is
    smaller than it. With nothing labeled, an epoch shows the pool once.
    """

    def __init__(self, dataset, batch_size, **settings):
        self.labeled, self.X_pool = None, dataset.X_pool
        if dataset.labeled is not None:
            self.labeled = array_loader(dataset.labeled, batch_size, **settings)
        if self.X_pool is not None:
            self.rows = _RowStream(len(self.X_pool))
            self.size = min(batch_size, max(2, len(self.X_pool)))

    def __iter__(self):
        if self.labeled is None:
            yield from (self._of_pool() for _ in range(self._n_batches()))
            return
        for batch in self.labeled:
            yield batch
            if self.X_pool is not None:
                yield self._of_pool()

    def __len__(self):
        sides = (self.labeled is not None) + (self.X_pool is not None)
        return sides * self._n_batches()

    def n_samples(self):
        """Return how many samples an epoch shows."""
        labeled = 0
        if self.labeled is not None:
            batches = self.labeled.batch_sampler
            labeled = len(batches.sampler)
            if batches.drop_last:
                labeled = len(batches) * batches.batch_size
        pool = 0 if self.X_pool is None else self.size * self._n_batches()
        return labeled + pool

    def _of_pool(self):
        return as_tensor(self.X_pool[self.rows.take(self.size).numpy()]), None

    def _n_batches(self):
        if self.labeled is not None:
            return len(self.labeled)
        return -(-len(self.X_pool) // self.size)


class MomentumNet(ClassifierNet):
    """Train a module with its exponential moving average (EMA), which computes keys.

    Parameters in addition to those of ClassifierNet:

    projector, predictor : modules from features to the space where views are compared.
    proj_dim : columns that both return.
    n_steps : number of steps of the whole training.
    queue_size : keys in each queue.
    weak, strong : callables from a batch to a view of it.
    weak_name : name of the first in errors.
    contrastive_weight : of the contrastive loss, added to the loss of the task.
    temperature, key_momentum : see :mod:`skactive.nets.beside._contrastive`.
    fused : both views in one pass, or None: unless it has batch normalization.
    """

    def __init__(
        self,
        module,
        *,
        projector,
        predictor,
        proj_dim,
        n_steps,
        queue_size,
        weak,
        strong,
        contrastive_weight,
        temperature,
        key_momentum,
        fused,
        weak_name="weak",
        **kwargs,
    ):
        self.projector = projector
        self.predictor = predictor
        self.proj_dim = proj_dim
        self.n_steps = n_steps
        self.queue_size = queue_size
        self.weak = weak
        self.strong = strong
        self.contrastive_weight = contrastive_weight
        self.temperature = temperature
        self.key_momentum = key_momentum
        self.fused = fused
        self.weak_name = weak_name
        self.views_differ = False
        super().__init__(module, **{"iterator_train": AlternatingBatches, **kwargs})

    def initialize_module(self):
        super().initialize_module()
        self.projector_ = self.initialized_instance(self.projector, {})
        self.predictor_ = self.initialized_instance(self.predictor, {})
        self.key_module_ = deepcopy(self.module_).requires_grad_(False)
        self.key_projector_ = deepcopy(self.projector_).requires_grad_(False)
        self.queues_ = KeyQueues(self.queue_size, self.proj_dim)
        return self

    def get_all_learnable_params(self):
        named = super().get_all_learnable_params()
        return ((name, value) for name, value in named if value.requires_grad)

    def train(self, X, y, X_pool=None):
        """Train on labels and a pool, or, with ``y=None``, on samples alone."""
        labeled = y is not None
        if not labeled:
            self._refuse_scores()
        data = LabeledAndPool(X, y, X_pool) if labeled else LabeledAndPool(X_pool=X)
        # skorch learns of classes only from the labels.
        super().train(data, y if labeled else np.zeros(1, dtype=np.int64))

    def train_step_single(self, batch, **fit_params):
        # In each step, since a prediction in between sets evaluation mode.
        self._set_training(True)
        X, y = unpack_data(batch)
        views = self.views_of(X)
        self.views_differ = self.views_differ or not torch.equal(*views)
        output, queries = self.queries(*views)
        self._follow()
        keys = self.keys(*views)
        losses = self.contrastive_losses(queries, keys)
        contrastive = losses.mean()
        loss, task = self.contrastive_weight * contrastive, None
        if y is not None:
            task = self.get_loss(output, y.to(output.device), training=True)
            loss = loss + task
        self._record(task, contrastive)
        loss.backward()
        # Only now, since the gradient needed the queues unchanged.
        self.queues_.enqueue(*keys)
        # Callbacks compare predictions with labels, which the pool does not have.
        return {"loss": loss, "y_pred": output if y is not None else output[:0]}

    def views_of(self, X):
        """Return a strong and a weak view of a batch on the device."""
        # A view that writes into its input must not change the other.
        strong = self._view("strong", self.strong, X.clone())
        return strong, self._view(self.weak_name, self.weak, X.clone())

    def queries(self, strong, weak):
        """Return the output for weak views, and the queries of both views."""
        features, output = self._features(self.module_, strong, weak)
        asked = [self.predictor_(self.projector_(Z)) for Z in features]
        return output, [F.normalize(U, dim=1) for U in asked]

    @torch.no_grad()
    def keys(self, strong, weak):
        """Return the keys of both views."""
        features, _ = self._features(self.key_module_, strong, weak)
        return [F.normalize(self.key_projector_(Z), dim=1) for Z in features]

    def contrastive_losses(self, queries, keys):
        """Return one loss per sample: each view's query against the other's key."""
        (strong, weak), (strong_keys, weak_keys) = queries, keys
        queues, temperature = self.queues_, self.temperature
        return contrastive_loss(
            strong, weak_keys, queues.weak, temperature
        ) + contrastive_loss(weak, strong_keys, queues.strong, temperature)

    @torch.no_grad()
    def iterate_contrastive_losses(self, X):
        """Yield losses of samples in evaluation mode, one pair of views of each."""
        self._set_training(False)
        size = self.get_params_for("iterator_valid").get("batch_size", self.batch_size)
        for start in range(0, len(X), size):
            # Views may use the whole batch, so the last batch is filled up too.
            first = max(min(start, len(X) - size), 0)
            views = self.views_of(self.prepare(as_tensor(X[first : start + size])))
            losses = self.contrastive_losses(self.queries(*views)[1], self.keys(*views))
            yield losses[start - first :]

    def terms(self):
        """Return the mean of each term of the loss, epoch by epoch."""
        terms = {name: [] for name in TERMS}
        for batches in self.history[:, "batches"]:
            rows = np.array([batch["terms"] for batch in batches])
            sizes = np.array([batch["train_batch_size"] for batch in batches])
            task, contrastive, momentum = rows.T
            labeled = ~np.isnan(task)
            means = (
                _mean(task, sizes, labeled),
                _mean(contrastive, sizes, labeled),
                _mean(contrastive, sizes, ~labeled),
                momentum[-1],
            )
            for name, value in zip(TERMS, means):
                terms[name].append(float(value))
        return terms

    def _features(self, module, strong, weak):
        """Return the features of both views, and the output for the weak ones."""
        n = len(weak)
        if self._in_one_pass(module):
            output, Z = self._run(module, torch.cat([strong, weak]))
            return Z.split(n), output[n:]
        strong_features = self._run(module, strong)[1]
        output, weak_features = self._run(module, weak)
        return (strong_features, weak_features), output

    def _run(self, module, X):
        with self._autocast():
            output, Z = forward_with_embedding(module, X)
        return self._checked(output, len(X)), rows_of(Z, len(X), module)

    def _in_one_pass(self, module):
        if self.fused is not None:
            return self.fused
        # Batch statistics of both views together differ from those of each.
        return not any(
            isinstance(layer, nn.modules.batchnorm._BatchNorm)
            for layer in module.modules()
        )

    def _follow(self):
        queues = self.queues_
        self._momentum = key_momentum_at(
            int(queues.step), self.n_steps, self.key_momentum
        )
        for key, leader in (
            (self.key_module_, self.module_),
            (self.key_projector_, self.projector_),
        ):
            follow(list(key.parameters()), list(leader.parameters()), self._momentum)
        queues.step += 1

    def _view(self, name, function, X):
        view = function(X)
        if not isinstance(view, torch.Tensor) or view.shape != X.shape:
            got = tuple(view.shape) if isinstance(view, torch.Tensor) else type(view)
            raise ValueError(
                f"{name} must return a batch of the shape that it was given, as one "
                f"tensor; for one of shape {tuple(X.shape)} it returned {got}."
            )
        return self.prepare(view.to(X.dtype))

    def _refuse_scores(self):
        """Refuse callbacks that compare predictions with labels; there are none."""
        for name, part in self.callbacks_:
            scoring = getattr(part, "scoring", None)
            if isinstance(scoring, str) or hasattr(scoring, "_score_func"):
                raise ValueError(
                    f"The callback {name!r} compares predictions with labels, and this "
                    "net is trained without any. Take it out of callbacks."
                )

    def _record(self, task, contrastive):
        task = float("nan") if task is None else self._finite(task, "task")
        values = [task, self._finite(contrastive, "contrastive"), self._momentum]
        self.history.record_batch("terms", values)

    def _finite(self, loss, term):
        value = loss.item()
        if not np.isfinite(value):
            raise FloatingPointError(
                f"The {term} loss became {value} in epoch {len(self.history)} of "
                f"{self.max_epochs}. Lower lr (now {self.lr}), scale the features, "
                f"check what {self.weak_name} and strong return, or clip gradients "
                "with "
                "callbacks=[skorch.callbacks.GradientNormClipping(1.0)]."
            )
        return value


def _mean(values, sizes, rows):
    return np.average(values[rows], weights=sizes[rows]) if rows.any() else np.nan
