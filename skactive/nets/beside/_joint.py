"""A classifier and a sampler on one embedding, trained together.

The sampler tells labeled samples from those of the pool. Unlike in an adversarial game,
the net that embeds helps it.
"""

from contextlib import contextmanager
from functools import partial
from numbers import Integral, Real

import numpy as np
import torch
from skorch.callbacks import LRScheduler
from skorch.dataset import unpack_data
from torch import nn
from torch.nn import functional as F

from skactive._sklearn import _num_samples
from skactive.nets._arrays import as_tensor
from skactive.nets._input import check_input, check_pixels, check_pool_is_finite
from skactive.nets._pool import _RowStream
from skactive.nets._seeded import seeded_torch
from skactive.nets.estimators._classifier import NetClassifier
from skactive.nets.estimators._net import ClassifierNet
from skactive.nets.modules import Discriminator, ViTBottleneck
from skactive.utils._fitting import MAX_SEED

BOTTLENECKS = ("sample", "channel", "none")


def sampler_loss(logits, n_labeled):
    """Return the cross-entropy of telling the first `n_labeled` from the others."""
    target = (torch.arange(len(logits), device=logits.device) < n_labeled).to(logits)
    return F.binary_cross_entropy_with_logits(logits, target)


def find_head(module, X):
    """Return the name of the last layer of a module, and the width of what it sees.

    The last layer is ``module.head`` beside a method ``embed``, and otherwise the last
    Linear that runs on the batch `X`.
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
            "sample: a Linear, or a layer named `head` beside a method embed(X). What "
            "goes into that layer is what the bottleneck changes."
        )
    name, shape = seen[-1]
    return name, shape[1]


class MixedBatches:
    """Batches of labeled samples and as many of the pool, with the labels.

    An epoch shows each labeled sample once, more or less: batches are all of one size,
    so that the last of an epoch takes in the first of the next. Samples of the pool
    come in the order of one permutation after the other, through all epochs.
    """

    def __init__(self, X, y, X_pool, batch_size):
        self.X, self.y, self.X_pool = X, y, X_pool
        self.batch_size = batch_size
        self.rows = _RowStream(len(X))
        self.pool_rows = None if X_pool is None else _RowStream(len(X_pool))

    def __iter__(self):
        for _ in range(len(self)):
            rows = self.rows.take(self.batch_size).numpy()
            X = self.X[rows]
            if self.X_pool is not None:
                pool_rows = self.pool_rows.take(self.batch_size).numpy()
                X = np.concatenate([X, self.X_pool[pool_rows]])
            yield as_tensor(X), as_tensor(self.y[rows])

    def __len__(self):
        return -(-len(self.X) // self.batch_size)


class JointNet(ClassifierNet):
    """Train a module, a bottleneck before its last layer, and a sampler beside it.

    In training, the samples of a batch look at one another. In evaluation each looks
    at ``context_``, the embeddings of one batch that training leaves behind.

    Parameters beside those of ClassifierNet:

    head : name of the last layer of the module.
    bottleneck : module (embeddings, context) -> embeddings.
    sampler : module from embeddings to logits of "is labeled".
    sampler_weight : of the loss of the sampler.
    milestones : epochs, counted from 0, that begin with a tenth of the step size.
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
        self.context_ = self.X_pool_ = self._context_samples = None
        return self

    def train(self, X, y):
        """Train, with ``X_pool_`` beside; keep the context and no sample."""
        try:
            if self.X_pool_ is not None and self.X_pool_.dtype != X.dtype:
                raise ValueError(
                    f"X holds images as {X.dtype} and X_pool as {self.X_pool_.dtype}. "
                    "Arrays of uint8 are divided by 255 and others are not: pass both "
                    "in the same way."
                )
            self._context_samples = self._draw_context(X)
            super().train(X, y)
            self.context_ = self._context()
        finally:
            self.X_pool_ = self._context_samples = None

    def get_iterator(self, dataset, training=False):
        if not training:
            return super().get_iterator(dataset)
        settings = self.get_params_for("iterator_train")
        size = settings.pop("batch_size", self.batch_size)
        for name, value in settings.items():
            if (name, value) != ("shuffle", True):
                raise ValueError(
                    "Batches of labeled samples and pool are drawn without a "
                    f"DataLoader: iterator_train__{name} would have no effect. Leave "
                    "it out."
                )
        size = min(size, len(dataset))
        return MixedBatches(dataset.X, dataset.y, self.X_pool_, size)

    def on_epoch_begin(self, *args, **kwargs):
        super().on_epoch_begin(*args, **kwargs)
        groups = self.optimizer_.param_groups
        for group in groups:
            if len(self.history) - 1 in self.milestones:
                group["lr"] *= 0.1
        self.history.record("lr", float(groups[0]["lr"]))

    def train_step_single(self, batch, **fit_params):
        # In each step: whoever predicted in between left evaluation mode behind.
        self._set_training(True)
        Xi, yi = unpack_data(batch)
        output, Z = self._forward(Xi)
        n = len(yi)
        task = self.get_loss(output[:n], yi.to(output.device), training=True)
        if len(output) > n:
            sampling = sampler_loss(self._sampler_logits(Z), n)
            loss = task + self.sampler_weight * sampling
        else:  # of labeled samples alone there is nothing to learn for the sampler
            sampling, loss = None, task
        self._record(task, sampling)
        loss.backward()
        return {"loss": loss, "y_pred": output}

    def infer(self, x, **fit_params):
        return self._forward(x)[0]

    def iterate_all(self, X):
        """Yield outputs, embeddings and sampler logits, one pass over X.

        Batches are filled up as in ``iterate``.
        """
        size = self._size_of_evaluation()
        for start in range(0, len(X), size):
            n = len(X[start : start + size])
            Xi = as_tensor(X[start : start + size])
            output, Z = self._evaluated(Xi, size, self._relation)
            with torch.no_grad():
                logits = self._sampler_logits(Z)
            yield output[:n], Z[:n].float(), logits[:n]

    def attention(self, X):
        """Return how samples look at one another, in evaluation mode."""
        with torch.no_grad():
            return self.bottleneck_.attention(self._raw_embeddings(X))

    def terms(self):
        """Return the mean of each loss, and the step size, epoch by epoch."""
        rows = [np.array(batch) for batch in self.history[:, "batches", :, "terms"]]
        means = [epoch.mean(axis=0) for epoch in rows]
        return {
            "task_loss": [float(mean[0]) for mean in means],
            "sampler_loss": [float(mean[1]) for mean in means],
            "lr": self.history[:, "lr"],
        }

    def _embedding_step(self, Xi):
        output, Z = self._evaluated(Xi, len(Xi), self._relation)
        return output, Z.float()

    def _forward(self, X):
        """Return outputs, and the embeddings that the last layer saw."""
        with self._before_head(self._relation()) as seen:
            output = super().infer(X)
        return output, seen[0]

    def _relation(self):
        """Return what becomes of embeddings before the last layer."""
        if self.module_.training:
            return self._relate_batch
        # A callback that predicts while this trains meets the context of the moment.
        context = self.context_ if self._context_samples is None else self._context()
        if self.bottleneck_.mode == "channel":
            context = context[1:]
        return partial(self.bottleneck_, context=context)

    def _relate_batch(self, Z):
        if self.bottleneck_.mode == "sample":
            return self.bottleneck_(Z)
        # Places have weights: in order they would give away who is labeled.
        order = torch.randperm(len(Z)).to(Z.device)
        return self.bottleneck_(Z[order])[order.argsort()]

    def _sampler_logits(self, Z):
        with torch.autocast(Z.device.type, enabled=False):
            return self.sampler_(F.normalize(Z.float(), dim=1))

    def _draw_context(self, X):
        """Draw the samples of one batch, in random order."""
        sizes = self.get_params_for("iterator_train")
        size = min(sizes.get("batch_size", self.batch_size), len(X))
        sides = [X] if self.X_pool_ is None else [X, self.X_pool_]
        drawn = [side[_RowStream(len(side)).take(size).numpy()] for side in sides]
        samples = np.concatenate(drawn)
        return samples[torch.randperm(len(samples)).numpy()]

    def _context(self):
        return self._raw_embeddings(self._context_samples)

    def _raw_embeddings(self, X):
        """Return embeddings as they are before the bottleneck, in evaluation mode."""
        parts, size = [], self._size_of_evaluation()
        for start in range(0, len(X), size):
            batch = as_tensor(X[start : start + size])
            Z = self._evaluated(batch, size, lambda: torch.clone)[1]
            parts.append(Z[: len(batch)].float())
        return torch.cat(parts)

    def _evaluated(self, Xi, size, relation):
        self._set_training(False)
        if len(Xi) < size:
            Xi = torch.cat([Xi, Xi[-1:].expand(size - len(Xi), *Xi.shape[1:])])
        with torch.no_grad(), self._before_head(relation()) as seen:
            output = super().infer(Xi)
        return output, seen[0]

    def _size_of_evaluation(self):
        settings = self.get_params_for("iterator_valid")
        return settings.get("batch_size", self.batch_size)

    @contextmanager
    def _before_head(self, change):
        """Change what the last layer is given, and collect it."""
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

    def _augmented(self, X):
        augmented = super()._augmented(X)
        if augmented.shape != X.shape:
            raise ValueError(
                "augment must return samples of the shape that it was given, for those "
                f"of the context are not augmented; for a batch of shape "
                f"{tuple(X.shape)} it returned {tuple(augmented.shape)}."
            )
        return augmented

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


class JointClassifier(NetClassifier):
    """A NetClassifier with a sampler; private, made by :func:`joint_classifier`."""

    def fit(self, X, y, X_pool=None):
        # An empty pool is that of a loop that has asked for everything.
        empty = X_pool is None or _num_samples(X_pool) == 0
        self._data = _num_samples(X), None if empty else X_pool
        try:
            return super().fit(X, y)
        finally:
            del self._data

    def predict_all(self, X):
        """Return outputs, embeddings and sampler logits by one pass."""
        X = self._checked_samples(X)
        with seeded_torch(self._predict_seed, self.net_.device):
            outputs, Z, logits = zip(*self.net_.iterate_all(X))
        logits = torch.cat(logits).cpu().numpy()
        if not np.isfinite(logits).all():
            raise FloatingPointError(
                "The sampler answers with numbers that are not finite: samples lie far "
                "from those of fit. Scale the features."
            )
        return torch.cat(outputs).cpu(), torch.cat(Z).cpu().numpy(), logits

    def attention(self, X):
        """Return how samples look at one another."""
        X = self._checked_samples(X)
        with seeded_torch(self._predict_seed, self.net_.device):
            return self.net_.attention(X).cpu().numpy()

    def _checked_samples(self, X):
        X = check_input(self, X, reset=False)
        check_pixels(self, X)
        return np.ascontiguousarray(X)  # torch knows no rows in reverse

    def _new_module(self, sample_shape, classes):
        self.sample_shape_ = tuple(sample_shape)
        return super()._new_module(sample_shape, classes)

    def _initialized_net(self, module, classes):
        settings = self._net_settings(module, classes)
        n_labeled, X_pool = self._data
        if X_pool is not None:
            check_pool_is_finite(self, X_pool)
            X_pool = check_input(self, X_pool, reset=False)
        joint = dict(self._joint)
        hidden = _checked_widths(joint.pop("sampler_hidden"))
        milestones = self._epochs(joint.pop("milestones"))
        vit = {name: joint.pop(name) for name in ("n_heads", "depth", "scale")}
        mode = joint.pop("bottleneck")
        if mode == "none":
            mode, vit["depth"] = "sample", 0
        size = settings.get("iterator_train__batch_size", self.batch_size)
        size = min(size, n_labeled) * (1 if X_pool is None else 2)
        # From a generator of its own: the module starts with the weights that it would
        # have alone.
        with seeded_torch((torch.initial_seed() + 1) % MAX_SEED, self.device):
            head, width = find_head(module.eval(), self._example(settings))
            net = JointNet(
                module,
                head=head,
                bottleneck=ViTBottleneck(width, mode=mode, batch_size=size, **vit),
                sampler=Discriminator(width, hidden),
                milestones=milestones,
                **joint,
                **settings,
            ).initialize()
        self._refuse_two_schedules(net)
        net.X_pool_ = X_pool
        return net

    def _refuse_two_schedules(self, net):
        own = [name for name, part in net.callbacks_ if isinstance(part, LRScheduler)]
        if own and net.milestones:
            raise ValueError(
                f"The net has a schedule of its own, the callback {own[0]!r}, and "
                f"milestones={tuple(self._joint['milestones'])} would lower the step "
                "size as well. Pass milestones=() to leave that schedule alone, or "
                "take the callback out of the net."
            )

    def _example(self, settings):
        memory = (
            torch.channels_last
            if settings["channels_last"] and len(self.sample_shape_) == 3
            else torch.contiguous_format
        )
        return torch.zeros(2, *self.sample_shape_).contiguous(memory_format=memory)

    def _epochs(self, milestones):
        """Return milestones as epochs; one that never comes is a mistake."""
        strange = [m for m in milestones if not isinstance(m, Real)]
        if strange:
            raise TypeError(
                f"milestones={tuple(milestones)} must be numbers, shares of the epochs "
                f"or epochs; got {strange[0]!r}."
            )
        if not all(m > 0 for m in milestones):
            raise ValueError(
                f"milestones={tuple(milestones)} must be shares of the epochs, or "
                "epochs after the first."
            )
        late = [m for m in milestones if m >= 1 and m >= self.max_epochs]
        if late:
            raise ValueError(
                f"milestones={tuple(milestones)} holds {late[0]}, which is never "
                f"reached in max_epochs={self.max_epochs}, counted from 0. Pass shares "
                "of the epochs, such as 0.75."
            )
        odd = [m for m in milestones if m >= 1 and m != int(m)]
        if odd:
            raise ValueError(
                f"milestones={tuple(milestones)} holds {odd[0]}, which is neither a "
                "share of the epochs, below 1, nor a whole number of them."
            )
        # A share that rounds to 0 would train with a tenth throughout.
        return tuple(
            int(m) if m >= 1 else max(1, round(m * self.max_epochs)) for m in milestones
        )


# So that errors and reprs show the class that users know.
JointClassifier.__name__ = NetClassifier.__name__


def _checked_widths(hidden):
    if not all(isinstance(width, Integral) and width > 0 for width in hidden):
        raise ValueError(
            f"sampler_hidden={tuple(hidden)} must hold the width of each hidden layer, "
            "whole numbers of at least 1; () is a sampler without hidden layers."
        )
    return hidden


def joint_classifier(classifier, **joint):
    """Return a classifier with the settings of another, and a sampler beside.

    Parameters
    ----------
    classifier : NetClassifier
        Unfitted.
    **joint : dict
        bottleneck, n_heads, depth, scale, sampler_hidden, sampler_weight, milestones.
    """
    classifier = JointClassifier(**classifier.get_params(deep=False))
    classifier._joint = joint
    return classifier
