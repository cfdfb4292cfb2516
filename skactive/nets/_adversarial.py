"""A variational autoencoder against a discriminator that tells two pools apart.

Plain torch, no skorch: two optimizers that take turns on unequal numbers of steps, and
latents that one step leaves to the next, are what skorch's ``train_step`` would have to
be overridden for, and of its bookkeeping nothing would be used.
"""

import torch
from torch.nn import functional as F

from skactive.nets._pool import PairedBatches
from skactive.nets.modules import gaussian_kl

RECON_REDUCTIONS = ("mean", "sum_per_sample")
KL_REDUCTIONS = ("sum", "batch_mean", "mean")

TERMS = ("reconstruction", "kl", "adversarial", "discriminator")


def reconstruction_loss(reconstruction, X, reduction):
    """Return the squared error of a batch, a scalar in float32 or better.

    ``reduction="mean"`` is over all numbers, ``"sum_per_sample"`` over samples of the
    sum within each.
    """
    if reconstruction.shape != X.shape:
        raise ValueError(
            f"The autoencoder was given a batch of shape {tuple(X.shape)} and returned "
            f"one of shape {tuple(reconstruction.shape)}; they must be alike."
        )
    error = F.mse_loss(reconstruction.float(), X, reduction="sum")
    return error / (X.numel() if reduction == "mean" else len(X))


def kl_loss(mu, log_var, reduction):
    """Return the divergence of the latents of a batch from a standard Gaussian.

    ``reduction="sum"`` is over all numbers, ``"batch_mean"`` the mean over samples of
    the sum over the latent, ``"mean"`` the mean over all numbers.
    """
    kl = gaussian_kl(mu, log_var)
    if reduction == "batch_mean":
        return kl.sum() / len(kl)
    return kl.sum() if reduction == "sum" else kl.mean()


def adversarial_loss(logits, logits_pool):
    """Return how little both pools pass for labeled: what the autoencoder minimizes.

    Logits of "is labeled". Both pools have the target 1.
    """
    return -F.logsigmoid(logits).mean() - F.logsigmoid(logits_pool).mean()


def discriminator_loss(logits, logits_pool):
    """Return how badly the pools are told apart: what the discriminator minimizes.

    Logits of "is labeled". The labeled have the target 1, the pool 0.
    """
    return -F.logsigmoid(logits).mean() - F.logsigmoid(-logits_pool).mean()


class AdversarialNet:
    """Play the game of VAAL: hide the pool among the labeled, and find it out.

    Parameters
    ----------
    vae : Module
        Has ``encode(X) -> mu, log_var``, and ``vae(X) -> X', Z, mu, log_var``.
    discriminator : Module
        From latents of shape (n, latent_dim) to logits of shape (n,).
    shift, scale : Tensor
        Samples are seen as ``(X - shift) * scale``; broadcast over a batch.
    beta, adversary_weight : float
        Weights of divergence and adversarial loss against that of reconstruction.
    n_vae_steps, n_discriminator_steps : int
        Steps per iteration, 1 or more of each.
    recon_reduction, kl_reduction : str
        See :func:`reconstruction_loss` and :func:`kl_loss`.
    fused : bool
        One forward pass over both pools, whose latents also train the discriminator.
        False: one pass per pool, so that batch normalization sees them apart, and
        latents computed anew for the discriminator; this is the released order.
    lr : float
        Step size of both Adams.
    augment : callable or None
        From a batch of scaled samples to another; in training only.
    precision : {"fp32", "bf16"}
        Of both nets in training, and of the encoder in scoring. Losses are taken, and
        the discriminator scores, in float32: scores in bfloat16 would tie.
    channels_last : bool
        Memory format of images and of the weights that see them.
    device : str or torch.device
        Where the nets live.
    """

    def __init__(
        self,
        vae,
        discriminator,
        *,
        shift,
        scale,
        beta=1.0,
        adversary_weight=1.0,
        n_vae_steps=2,
        n_discriminator_steps=1,
        recon_reduction="sum_per_sample",
        kl_reduction="batch_mean",
        fused=True,
        lr=5e-4,
        augment=None,
        precision="fp32",
        channels_last=True,
        device="cpu",
    ):
        self.device = torch.device(device)
        self.shift, self.scale = shift.to(self.device), scale.to(self.device)
        self.channels_last = channels_last and scale.ndim == 3
        memory = torch.channels_last if self.channels_last else torch.contiguous_format
        self.vae = vae.to(self.device, memory_format=memory)
        self.discriminator = discriminator.to(self.device)
        self.beta = beta
        self.adversary_weight = adversary_weight
        self.n_vae_steps = n_vae_steps
        self.n_discriminator_steps = n_discriminator_steps
        self.recon_reduction = recon_reduction
        self.kl_reduction = kl_reduction
        self.fused = fused
        self.lr = lr
        self.augment = augment
        self.precision = precision
        self.vae_optimizer = self.discriminator_optimizer = None
        self.epoch = 1

    def fit(self, X, X_pool, *, batch_size, n_iterations=None, max_epochs=1):
        """Train on two pools of raw samples; return the losses of each epoch.

        An epoch shows each sample of the larger pool once. `n_iterations` overrides
        the number of epochs; the last one may then be short.

        Returns
        -------
        history : dict of lists of float
            Mean of each of `TERMS` over the iterations of an epoch.

        Raises
        ------
        FloatingPointError
            If a loss becomes NaN or infinite; it names the epoch and the loss.
        """
        batches = PairedBatches(X, X_pool, batch_size)
        if n_iterations is None:
            n_iterations = max_epochs * len(batches)
        history = {term: [] for term in TERMS}
        self.start()
        try:
            for start in range(0, n_iterations, len(batches)):
                stop = min(start + len(batches), n_iterations)
                self.epoch = len(history[TERMS[0]]) + 1
                losses = [self.iteration(batches) for _ in range(start, stop)]
                for term, value in zip(TERMS, torch.stack(losses).mean(0).tolist()):
                    history[term].append(value)
        finally:
            self._set_training(False)
        return history

    def start(self):
        """Go into training mode, with new optimizers if there are none."""
        if self.vae_optimizer is None:
            self.vae_optimizer = self._adam(self.vae)
            self.discriminator_optimizer = self._adam(self.discriminator)
        self._set_training(True)

    def iteration(self, batches):
        """Train both nets once and return the last loss of each of `TERMS`."""
        for _ in range(self.n_vae_steps):
            pair = [self._prepare(X, training=True) for X in batches.draw()]
            losses, latents = self.vae_step(*pair)
        for step in range(self.n_discriminator_steps):
            if step > 0:
                pair = [self._prepare(X, training=True) for X in batches.draw()]
            if step > 0 or not self.fused:
                latents = self._latents(*pair)
            loss = self.discriminator_step(*latents)
        return torch.stack([*losses, loss])

    def vae_step(self, X, X_pool):
        """Let the autoencoder learn; return its losses and the latents of both pools.

        The latents are those of before the step, without gradient.
        """
        self.discriminator.requires_grad_(False)
        try:
            with self._autocast():
                outputs = self._forward(self.vae, X, X_pool)
            recon = sum(
                reconstruction_loss(out[0], seen, self.recon_reduction)
                for out, seen in zip(outputs, (X, X_pool))
            )
            kl = sum(kl_loss(*out[2:], self.kl_reduction) for out in outputs)
            latents = [out[2].float() for out in outputs]
            adversarial = adversarial_loss(*self._logits(*latents))
            losses = torch.stack([recon, kl, adversarial])
            self._check(losses.detach(), TERMS[:3])
            total = recon + self.beta * kl + self.adversary_weight * adversarial
            self.vae_optimizer.zero_grad(set_to_none=True)
            total.backward()
        finally:
            self.discriminator.requires_grad_(True)
        self.vae_optimizer.step()
        return losses.detach(), [mu.detach() for mu in latents]

    def discriminator_step(self, mu, mu_pool):
        """Let the discriminator learn from latents; return its loss."""
        loss = discriminator_loss(*self._logits(mu, mu_pool))
        self._check(loss.detach()[None], TERMS[3:])
        self.discriminator_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.discriminator_optimizer.step()
        return loss.detach()

    def predict_logits(self, X, batch_size=512):
        """Return the logit of "is labeled" of raw samples, a float32 ndarray.

        Evaluation mode, mean of the latent, no augmentation: a sample has one answer,
        whatever it is batched with.
        """
        self._set_training(False)
        with torch.inference_mode():
            parts = []
            for batch in X.split(batch_size):
                with self._autocast():
                    mu = self.vae.encode(self._prepare(batch))[0]
                parts.append(self._checked(self.discriminator(mu.float()), mu).cpu())
        return torch.cat(parts).numpy()

    def forget_training(self):
        """Drop the optimizers, which are twice the size of the nets."""
        self.vae_optimizer = self.discriminator_optimizer = None
        for module in (self.vae, self.discriminator):
            module.zero_grad(set_to_none=True)

    def _latents(self, X, X_pool):
        """Return the means of the latents of both pools; the decoder has no part."""
        with torch.no_grad(), self._autocast():
            outputs = self._forward(self.vae.encode, X, X_pool)
        return [mu.float() for mu, _ in outputs]

    def _forward(self, function, X, X_pool):
        """Return the outputs for both pools, from one pass or from one each."""
        if not self.fused:
            return function(X), function(X_pool)
        outputs = function(torch.cat([X, X_pool]))
        return tuple(zip(*(output.split([len(X), len(X_pool)]) for output in outputs)))

    def _logits(self, mu, mu_pool):
        both = torch.cat([mu, mu_pool])
        with self._autocast():
            logits = self._checked(self.discriminator(both), both)
        return logits.split([len(mu), len(mu_pool)])

    def _checked(self, logits, mu):
        if logits.shape != (len(mu),):
            raise ValueError(
                f"The discriminator must return one logit per sample, shape "
                f"({len(mu)},) for latents of shape {tuple(mu.shape)}; got "
                f"{tuple(logits.shape)}."
            )
        return logits.float()

    def _prepare(self, X, training=False):
        # Cast last, where the numbers are small: float64 columns may be far from 0.
        X = (X.to(self.device).to(self.shift.dtype) - self.shift) * self.scale
        X = X.float()
        if training and self.augment is not None:
            X = self.augment(X)
        if self.channels_last:
            X = X.contiguous(memory_format=torch.channels_last)
        return X

    def _adam(self, module):
        parameters = [p for p in module.parameters() if p.requires_grad]
        return torch.optim.Adam(parameters, lr=self.lr, fused=True)

    def _autocast(self):
        enabled = self.precision == "bf16"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=enabled)

    def _set_training(self, training):
        self.vae.train(training)
        self.discriminator.train(training)

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
            f"Lower lr (now {self.lr}), beta or adversary_weight."
        )
