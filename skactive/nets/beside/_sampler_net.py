"""A skorch net that learns a task, and to tell labeled samples and a pool apart."""

from contextlib import contextmanager
from functools import partial

import numpy as np
import torch
from skorch.dataset import unpack_data
from torch.nn import functional as F

from skactive.nets._arrays import as_tensor, float_dtype
from skactive.nets._pool import _RowStream
from skactive.nets.estimators._embedding import forward_with_embedding, rows_of
from skactive.nets.estimators._net import ClassifierNet


def sampler_loss(logits, n_labeled):
    """Return the cross-entropy of the first `n_labeled` against the others."""
    target = (torch.arange(len(logits), device=logits.device) < n_labeled).to(logits)
    return F.binary_cross_entropy_with_logits(logits, target)


def _unchanged():
    """Return the relation that leaves embeddings as they are."""
    return torch.clone


class MixedBatches:
    """Batches of labeled samples and as many of the pool, with the labels.

    An epoch shows each labeled sample about once: batches are all of one size, so that
    the last of an epoch is filled up with the first samples of the next. Samples of the
    pool come in one permutation after the other, across epochs.
    """

    def __init__(self, X, y, X_pool, batch_size):
        self.X, self.y, self.X_pool = X, y, X_pool
        self.batch_size = batch_size
        self.rows = _RowStream(len(X))
        self.pool_rows = None if X_pool is None else _RowStream(len(X_pool))

    def __iter__(self):
        for _ in range(len(self)):
            yield self.draw()

    def draw(self):
        """Return the next batch; epochs follow one another without end."""
        rows = self.rows.take(self.batch_size).numpy()
        X = self.X[rows]
        if self.X_pool is not None:
            pool_rows = self.pool_rows.take(self.batch_size).numpy()
            X = np.concatenate([X, self.X_pool[pool_rows]])
        return as_tensor(X), as_tensor(self.y[rows])

    def __len__(self):
        return -(-len(self.X) // self.batch_size)


class SamplerNet(ClassifierNet):
    """Train a module with a bottleneck before its last layer, and a sampler as well.

    Where outputs are maps, no last layer sees one row per sample: the bottleneck then
    changes what the sampler sees alone, the embeddings, and the maps are what they are.

    In training, the samples of a batch attend to one another. In evaluation each
    attends to ``context_``, the embeddings of one batch that training keeps.

    Parameters in addition to those of ClassifierNet:

    head : name of the last layer of the module; None where outputs are maps.
    bottleneck : module (embeddings, context) -> embeddings.
    sampler : module from embeddings to logits of "is labeled".
    sampler_weight : of the loss of the sampler.
    milestones : epochs, counted from 0, that begin with a tenth of the learning rate.
    """

    def __init__(
        self,
        module,
        *,
        head,
        bottleneck,
        sampler,
        sampler_weight,
        milestones,
        **kwargs,
    ):
        self.head = head
        self.bottleneck = bottleneck
        self.sampler = sampler
        self.sampler_weight = sampler_weight
        self.milestones = milestones
        super().__init__(module, **kwargs)

    def initialize_module(self):
        super().initialize_module()
        self.bottleneck_ = self.initialized_instance(self.bottleneck, {})
        self.sampler_ = self.initialized_instance(self.sampler, {})
        self.context_ = self._X_pool = self._context_samples = None
        return self

    @property
    def _heads_share(self):
        """Whether the last layer, too, sees what the bottleneck makes."""
        return self.head is not None  # "" is a module that is its own last layer

    def train(self, X, y, X_pool=None):
        """Train on labels and a pool; keep the context, but no samples."""
        if X_pool is not None and X_pool.dtype != X.dtype:
            raise ValueError(
                f"X holds images as {X.dtype} and X_pool as {X_pool.dtype}. Arrays of "
                "uint8 are divided by 255 and others are not: pass both in the same "
                "way."
            )
        try:
            self._X_pool = X_pool  # skorch builds the batches, and asks for them
            self._context_samples = self._draw_context(X, X_pool)
            super().train(X, y)
            self.context_ = self._context()
        finally:
            self._X_pool = self._context_samples = None

    def get_iterator(self, dataset, training=False):
        if not training:
            return super().get_iterator(dataset)
        settings = self.get_params_for("iterator_train")
        settings.pop("batch_size", None)
        for name, value in settings.items():
            if (name, value) != ("shuffle", True):
                raise ValueError(
                    "Batches of labeled samples and pool are drawn without a "
                    f"DataLoader: iterator_train__{name} would have no effect. Leave "
                    "it out."
                )
        size = min(self._batch_size_of_training(), len(dataset))
        return MixedBatches(dataset.X, dataset.y, self._X_pool, size)

    def on_epoch_begin(self, *args, **kwargs):
        super().on_epoch_begin(*args, **kwargs)
        groups = self.optimizer_.param_groups
        for group in groups:
            if len(self.history) - 1 in self.milestones:
                group["lr"] *= 0.1
        self.history.record("lr", float(groups[0]["lr"]))

    def train_step_single(self, batch, **fit_params):
        # In each step, since a prediction in between sets evaluation mode.
        self._set_training(True)
        Xi, yi = unpack_data(batch)
        output, Z = self._forward(Xi)
        n = len(yi)
        task = self.get_loss(output[:n], yi.to(output.device), training=True)
        if len(output) > n:
            sampling = sampler_loss(self._sampler_logits(Z), n)
            loss = task + self.sampler_weight * sampling
        else:  # without a pool the sampler has nothing to learn
            sampling, loss = None, task
        self._record(task, sampling)
        loss.backward()
        # Callbacks compare predictions with labels, which the pool does not have.
        return {"loss": loss, "y_pred": output[:n]}

    def infer(self, x, **fit_params):
        return self._forward(x)[0] if self._heads_share else super().infer(x)

    def iterate_all(self, X):
        """Yield outputs, embeddings and sampler logits, one pass over X.

        Embeddings are as the last layer sees them; where outputs are maps, as they are
        before the bottleneck. Batches are filled up as in ``iterate``.
        """
        size = self._size_of_evaluation(X)
        for start in range(0, len(X), size):
            Xi = as_tensor(X[start : start + size])
            n = len(Xi)
            relation = self._relation if self._heads_share else _unchanged
            output, Z = self._evaluated(Xi, size, relation)
            with torch.no_grad():
                of_sampler = Z if self._heads_share else self._relation()(Z)
                logits = self._sampler_logits(of_sampler)
            yield output[:n], Z[:n].float(), logits[:n]

    def attention(self, X):
        """Return how much samples attend to one another, in evaluation mode."""
        with torch.no_grad():
            return self.bottleneck_.attention(self._raw_embeddings(X)).float()

    def terms(self):
        """Return the mean of each loss, and the learning rate, epoch by epoch."""
        rows = [np.array(batch) for batch in self.history[:, "batches", :, "terms"]]
        means = [epoch.mean(axis=0) for epoch in rows]
        return {
            "task_loss": [float(mean[0]) for mean in means],
            "sampler_loss": [float(mean[1]) for mean in means],
            "lr": self.history[:, "lr"],
        }

    def _embedding_step(self, Xi):
        relation = self._relation if self._heads_share else _unchanged
        output, Z = self._evaluated(Xi, len(Xi), relation)
        return output, Z.float()

    def _forward(self, X):
        """Return outputs, and the embeddings that the sampler is to see."""
        return self._passed(X, self._relation())

    def _passed(self, X, change):
        """Return outputs, and embeddings after ``change``."""
        if not self._heads_share:
            X = self.prepare(X)
            with self._autocast():
                output, Z = forward_with_embedding(self.module_, X)
                output = self._checked(output, len(X))
            return output, change(rows_of(Z, len(X), self.module_))
        with self._before_head(change) as seen:
            output = super().infer(X)
        return output, seen[0]

    def _relation(self):
        """Return the function that changes embeddings before the last layer."""
        if self.module_.training:
            return self._relate_batch
        # A callback that predicts during training gets the current context.
        context = self.context_ if self._context_samples is None else self._context()
        if self.bottleneck_.mode == "channel":
            context = context[1:]
        return partial(self.bottleneck_, context=context)

    def _relate_batch(self, Z):
        if self.bottleneck_.mode == "sample":
            return self.bottleneck_(Z)
        # Positions have weights: without shuffling they would give away the labeled.
        order = torch.randperm(len(Z)).to(Z.device)
        return self.bottleneck_(Z[order])[order.argsort()]

    def _sampler_logits(self, Z):
        with torch.autocast(Z.device.type, enabled=False):
            return self.sampler_(F.normalize(Z.float(), dim=1))

    def _draw_context(self, X, X_pool):
        """Draw the samples of one batch, in random order."""
        size = min(self._batch_size_of_training(), len(X))
        sides = [X] if X_pool is None else [X, X_pool]
        drawn = [side[_RowStream(len(side)).take(size).numpy()] for side in sides]
        samples = np.concatenate(drawn)
        return samples[torch.randperm(len(samples)).numpy()]

    def _batch_size_of_training(self):
        settings = self.get_params_for("iterator_train")
        return settings.get("batch_size", self.batch_size)

    def _context(self):
        return self._raw_embeddings(self._context_samples)

    def _raw_embeddings(self, X):
        """Return embeddings as they are before the bottleneck, in evaluation mode."""
        parts, size = [], self._size_of_evaluation(X)
        for start in range(0, len(X), size):
            batch = as_tensor(X[start : start + size])
            Z = self._evaluated(batch, size, _unchanged)[1]
            # Those of doubles stay so, as the bottleneck is of doubles then.
            parts.append(Z[: len(batch)].to(float_dtype(self.module_)))
        return torch.cat(parts)

    def _evaluated(self, Xi, size, relation):
        self._set_training(False)
        if len(Xi) < size:
            Xi = torch.cat([Xi, Xi[-1:].expand(size - len(Xi), *Xi.shape[1:])])
        with torch.no_grad():
            return self._passed(Xi, relation())

    def _size_of_evaluation(self, X):
        if not self._heads_share:  # as predict, whose maps these are to the last bit
            return self.prediction_size(X.shape[1:])
        settings = self.get_params_for("iterator_valid")
        return settings.get("batch_size", self.batch_size)

    @contextmanager
    def _before_head(self, change):
        """Change the input of the last layer, and collect it."""
        seen = []

        def hook(layer, inputs):
            Z = change(inputs[0])
            seen.append(Z)
            return (Z, *inputs[1:])

        handle = self.module_.get_submodule(self.head).register_forward_pre_hook(hook)
        try:
            yield seen
        finally:
            handle.remove()

    def _augmented(self, X, y):
        augmented, y = super()._augmented(X, y)
        if augmented.shape != X.shape:
            raise ValueError(
                "augment must return samples of the shape that it was given, since "
                f"those of the context are not augmented; for a batch of shape "
                f"{tuple(X.shape)} it returned {tuple(augmented.shape)}."
            )
        return augmented, y

    def _record(self, task, sampling):
        values = [task.item()] + ([] if sampling is None else [sampling.item()])
        for term, value in zip(("task", "sampler"), values):
            if not np.isfinite(value):
                raise FloatingPointError(
                    f"The loss of the {term} became {value} in epoch "
                    f"{len(self.history)} of {self.max_epochs}. Lower lr (now "
                    f"{self.lr}), scale the features, or clip gradients with "
                    "callbacks=[skorch.callbacks.GradientNormClipping(1.0)]."
                )
        self.history.record_batch("terms", (values + [np.nan])[:2])
