"""Training of variational autoencoders on raw samples, in plain torch."""

import torch
from torch.nn import functional as F

from skactive.nets._arrays import float_dtype, in_memory_format
from skactive.nets._input import to_channels_last
from skactive.nets._pool import _RowStream
from skactive.nets._seeded import seeded_torch
from skactive.nets.modules import gaussian_kl
from skactive.utils._progress import step_done

RECON_REDUCTIONS = ("mean", "sum_per_sample")
KL_REDUCTIONS = ("sum", "batch_mean", "mean")


def reconstruction_loss(reconstruction, X, reduction):
    """Return the squared error of a batch, a scalar in float32 or better.

    ``reduction="mean"`` is over all numbers, ``"sum_per_sample"`` over samples of the
    sum within each.
    """
    if reconstruction.shape != X.shape:
        raise ValueError(
            f"The autoencoder was given a batch of shape {tuple(X.shape)} and returned "
            f"one of shape {tuple(reconstruction.shape)}; they must be the same."
        )
    better = torch.promote_types(X.dtype, torch.float32)
    error = F.mse_loss(reconstruction.to(better), X.to(better), reduction="sum")
    return error / (X.numel() if reduction == "mean" else len(X))


def kl_loss(mu, log_var, reduction):
    """Return the KL divergence of the latents of a batch from a standard Gaussian.

    ``reduction="sum"`` is over all numbers, ``"batch_mean"`` the mean over samples of
    the sum over the latent, ``"mean"`` the mean over all numbers.
    """
    kl = gaussian_kl(mu, log_var)
    if reduction == "batch_mean":
        return kl.sum() / len(kl)
    return kl.sum() if reduction == "sum" else kl.mean()


class _Batches:
    """Endless batches of one set, each sample as often as any other."""

    def __init__(self, X, batch_size):
        self.X, self.batch_size, self.rows = X, batch_size, _RowStream(len(X))

    def draw(self):
        return self.X[self.rows.take(self.batch_size)]

    def __len__(self):
        return -(-len(self.X) // self.batch_size)


class AutoencoderNet:
    """Train an autoencoder on raw samples and encode others with it.

    Parameters
    ----------
    vae : Module
        Has ``encode(X) -> mu, log_var``, and ``vae(X) -> X', Z, mu, log_var``.
    shift, scale : Tensor
        The net is given ``(X - shift) * scale``; broadcast over a batch.
    beta : float
        Weight of the KL divergence relative to the reconstruction loss.
    recon_reduction, kl_reduction : str
        See :func:`reconstruction_loss` and :func:`kl_loss`.
    lr : float
        Learning rate of Adam.
    augment : callable or None
        From a batch of scaled samples to another; in training only.
    precision : {"fp32", "bf16"}
        Of the nets. Losses are computed in float32.
    channels_last : bool
        Memory format of images and of the weights that see them.
    device : str or torch.device
        Where the net is trained.
    """

    #: Names of the losses, in the order in which `iteration` returns them.
    terms = ("reconstruction", "kl")

    def __init__(
        self,
        vae,
        *,
        shift,
        scale,
        beta=1.0,
        recon_reduction="sum_per_sample",
        kl_reduction="batch_mean",
        lr=5e-4,
        augment=None,
        precision="fp32",
        channels_last=True,
        device="cpu",
    ):
        self.device = torch.device(device)
        self.shift, self.scale = shift.to(self.device), scale.to(self.device)
        self.channels_last = channels_last and scale.ndim == 3
        if self.channels_last:
            to_channels_last(vae)
        self.vae = vae.to(self.device)
        self.beta = beta
        self.recon_reduction = recon_reduction
        self.kl_reduction = kl_reduction
        self.lr = lr
        self.augment = augment
        self.precision = precision
        self.vae_optimizer = None
        self.epoch = 1

    def fit(self, X, *, batch_size, n_iterations=None, max_epochs=1):
        """Train on raw samples; return the mean losses of each epoch."""
        return self.train(_Batches(X, batch_size), n_iterations, max_epochs)

    def train(self, batches, n_iterations=None, max_epochs=1):
        """Run iterations; return the mean of each of `terms` per epoch.

        An epoch is as long as `batches`. `n_iterations` overrides the number of
        epochs; the last one may then be short.

        Raises
        ------
        FloatingPointError
            If a loss becomes NaN or infinite; it names the epoch and the loss.
        """
        if n_iterations is None:
            n_iterations = max_epochs * len(batches)
        history = {term: [] for term in self.terms}
        self.start()
        try:
            for start in range(0, n_iterations, len(batches)):
                stop = min(start + len(batches), n_iterations)
                self.epoch = len(history[self.terms[0]]) + 1
                self.begin_epoch(batches)
                losses = [self.iteration(batches) for _ in range(start, stop)]
                means = torch.stack(losses).mean(0).tolist()
                for term, value in zip(self.terms, means):
                    history[term].append(value)
                step_done("step", stop, n_iterations)
        finally:
            self._set_training(False)
        return history

    def start(self):
        """Set training mode, and make new optimizers if there are none."""
        if self.vae_optimizer is None:
            self.vae_optimizer = self._adam(*self._coders())
        self._set_training(True)

    def begin_epoch(self, batches):
        """Called before each epoch; does nothing here."""

    def iteration(self, batches):
        """Train once and return the losses, one of each of `terms`."""
        X = self._prepare(batches.draw(), training=True)
        with self._autocast():
            output = self.vae(X)
        recon = reconstruction_loss(output[0], X, self.recon_reduction)
        kl = kl_loss(*output[2:], self.kl_reduction)
        return self._step_of_coders([recon, kl], (1, self.beta))

    def encode(self, X, batch_size=512):
        """Return the means of the latents of raw samples, a float32 ndarray.

        Evaluation mode, no augmentation: a sample has one latent, whatever it is
        batched with.
        """
        return self._answers(lambda mu: mu, X, batch_size)

    def errors(self, X, batch_size=512):
        """Return how well raw samples are decoded from the means of their latents.

        Evaluation mode, no noise: a sample has one error, whatever it is batched with.

        Returns
        -------
        error : ndarray of shape (n_samples,)
            Mean squared error of the numbers of a sample, in the scale of the net.
        kl : ndarray of shape (n_samples,)
            KL divergence of the latent, summed over it.
        variance : ndarray of shape (n_samples,)
            Of the numbers of a sample, in the same scale.
        """
        with seeded_torch(0, self.device), torch.inference_mode():
            self._set_training(False)
            parts = [
                self._errors_of(self._prepare(part)) for part in X.split(batch_size)
            ]
        return tuple(torch.cat(each).cpu().numpy() for each in zip(*parts))

    def _errors_of(self, X):
        with self._autocast():
            mu, log_var = self.vae.encode(X)
            decoded = self.vae.decode(mu)
        if decoded.shape != X.shape:
            raise ValueError(
                f"The autoencoder was given a batch of shape {tuple(X.shape)} and "
                f"decoded one of shape {tuple(decoded.shape)}; they must be the same."
            )
        better = torch.promote_types(X.dtype, torch.float32)
        rows, decoded = X.to(better).flatten(1), decoded.to(better).flatten(1)
        error = (decoded - rows).square().mean(dim=1)
        kl = gaussian_kl(mu.to(better), log_var.to(better))
        kl = kl.flatten(1).sum(dim=1) if kl.ndim > 1 else kl
        return error, kl, rows.var(dim=1, correction=0)

    def forget_training(self):
        """Drop the optimizers, which are twice the size of the nets."""
        self.vae_optimizer = None
        for module in self._modules():
            module.zero_grad(set_to_none=True)

    def _coders(self):
        """Return the modules that the optimizer of the autoencoder trains."""
        return [self.vae]

    def _modules(self):
        """Return all modules."""
        return self._coders()

    def _step_of_coders(self, losses, weights):
        """Take a step on the weighted sum of losses; return them, detached."""
        detached = torch.stack(losses).detach()
        self._check(detached, self.terms[: len(losses)])
        total = sum(weight * loss for weight, loss in zip(weights, losses))
        self.vae_optimizer.zero_grad(set_to_none=True)
        total.backward()
        self.vae_optimizer.step()
        return detached

    def _answers(self, function, X, batch_size=512):
        """Return a function of the means of the latents, in evaluation mode."""
        # A user's autoencoder may draw random numbers here: always the same.
        with seeded_torch(0, self.device), torch.inference_mode():
            self._set_training(False)
            parts = []
            for batch in X.split(batch_size):
                with self._autocast():
                    mu = self.vae.encode(self._prepare(batch))[0]
                parts.append(function(mu.float()).cpu())
        return torch.cat(parts).numpy()

    def _prepare(self, X, training=False):
        # Cast last, where the numbers are small: float64 columns may be far from 0.
        X = (X.to(self.device).to(self.shift.dtype) - self.shift) * self.scale
        X = X.to(float_dtype(self.vae))
        if training and self.augment is not None:
            X = self.augment(X).to(X.dtype)
        return in_memory_format(X, self.channels_last)

    def _adam(self, *modules):
        parameters = [p for m in modules for p in m.parameters() if p.requires_grad]
        return torch.optim.Adam(parameters, lr=self.lr, fused=True)

    def _autocast(self):
        enabled = self.precision == "bf16"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=enabled)

    def _set_training(self, training):
        for module in self._modules():
            module.train(training)

    def _check(self, losses, terms):
        """Refuse losses that are not finite, before they reach a weight."""
        if torch.isfinite(losses).all():
            return
        faults = [
            f"{term} ({loss})"
            for term, loss in zip(terms, losses.tolist())
            if not -float("inf") < loss < float("inf")
        ]
        raise FloatingPointError(
            f"Losses that are not finite in epoch {self.epoch}: {', '.join(faults)}. "
            f"Lower lr (now {self.lr}), or the weights of the losses."
        )
