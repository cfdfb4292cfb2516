"""A sampler that learns beside a net, and changes nothing of it."""

from contextlib import contextmanager

import torch
from skorch.dataset import unpack_data

from skactive.nets.beside._sampler_net import MixedBatches, SamplerNet, sampler_loss
from skactive.nets.estimators._embedding import forward_with_embedding, rows_of
from skactive.nets.estimators._net import ClassifierNet
from skactive.utils._fitting import MAX_SEED


class ApartSamplerNet(SamplerNet):
    """Train a module as alone, and beside it a bottleneck and a sampler.

    A step of the module is that of ClassifierNet, on the same batch and with the same
    random numbers, and batch normalization sees labeled samples alone. The sampler has
    mixed batches of its own, embedded in evaluation mode and without a gradient, which
    is how samples are embedded in a query.
    """

    def __init__(self, module, *, head=None, **kwargs):
        super().__init__(module, head=head, **kwargs)  # no head shares the bottleneck

    def train(self, X, y, X_pool=None):
        """Train on labels and a pool; keep the context, but no samples."""
        seed = (torch.initial_seed() + 2) % MAX_SEED
        self._random = _RandomNumbers(seed, self.device)
        try:
            super().train(X, y, X_pool)
        finally:
            self._random = self._mixed = None

    def initialize_module(self):
        super().initialize_module()
        self._random = self._mixed = None
        return self

    def get_iterator(self, dataset, training=False):
        if training and self._X_pool is not None and self._mixed is None:
            size = min(self._batch_size_of_training(), len(dataset))
            self._mixed = MixedBatches(dataset.X, dataset.y, self._X_pool, size)
        return ClassifierNet.get_iterator(self, dataset, training)

    def train_step_single(self, batch, **fit_params):
        # In each step, since the embedding of samples sets evaluation mode.
        self._set_training(True)
        Xi, yi = unpack_data(batch)
        output = self.infer(Xi, **fit_params)
        task = self.get_loss(output, yi.to(output.device), training=True)
        sampling = None if self._mixed is None else self._loss_of_sampler()
        self._record(task, sampling)
        loss = task if sampling is None else task + self.sampler_weight * sampling
        loss.backward()
        return {"loss": loss, "loss_alone": task.detach(), "y_pred": output}

    def _loss_of_sampler(self):
        with self._random.own():
            X, y = self._mixed.draw()
            X = self.prepare(X)
            if self.augment is not None:
                X, _ = self._augmented(X, y)
            Z = self._relate_batch(self._embedded(X))
        return sampler_loss(self._sampler_logits(Z), len(y))

    def _embedded(self, X):
        self._set_training(False)
        with torch.no_grad(), self._autocast():
            Z = forward_with_embedding(self.module_, self.prepare(X))[1]
        self._set_training(True)
        return rows_of(Z, len(X), self.module_)

    def _draw_context(self, X, X_pool):
        with self._random.own():
            return super()._draw_context(X, X_pool)


class _RandomNumbers:
    """Random numbers of torch beside those of the caller, which do not notice."""

    def __init__(self, seed, device):
        self.devices = [d for d in [torch.device(device)] if d.type == "cuda"]
        self.states = None
        self.seed = seed

    @contextmanager
    def own(self):
        """Run a block with these numbers; they go on where the last block ended."""
        with torch.random.fork_rng(self.devices):
            self._set()
            yield
            self.states = self._now()

    def _set(self):
        if self.states is None:
            torch.default_generator.manual_seed(self.seed)
            for device in self.devices:
                with torch.cuda.device(device):
                    torch.cuda.manual_seed(self.seed)
            return
        state, *of_devices = self.states
        torch.set_rng_state(state)
        for device, state in zip(self.devices, of_devices):
            torch.cuda.set_rng_state(state, device)

    def _now(self):
        of_devices = [torch.cuda.get_rng_state(device) for device in self.devices]
        return [torch.get_rng_state(), *of_devices]
