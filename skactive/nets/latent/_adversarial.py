"""A variational autoencoder against a discriminator that tells two pools apart.

Plain torch, no skorch: two optimizers that alternate with unequal numbers of steps, and
latents that one step passes to the next, would need an override of skorch's
``train_step``, and none of its bookkeeping would be used.
"""

import torch
from torch.nn import functional as F

from skactive.nets._arrays import float_dtype
from skactive.nets._pool import PairedBatches
from skactive.nets.latent._autoencoder import (
    KL_REDUCTIONS,
    RECON_REDUCTIONS,
    AutoencoderNet,
    kl_loss,
    reconstruction_loss,
)

__all__ = [
    "KL_REDUCTIONS",
    "RECON_REDUCTIONS",
    "TERMS",
    "AdversarialNet",
    "adversarial_loss",
    "discriminator_loss",
    "kl_loss",
    "reconstruction_loss",
]

TERMS = ("reconstruction", "kl", "adversarial", "discriminator")


def adversarial_loss(logits, logits_pool):
    """Return the loss of the autoencoder that makes both pools look labeled.

    Logits of "is labeled". Both pools have the target 1.
    """
    return -F.logsigmoid(logits).mean() - F.logsigmoid(logits_pool).mean()


def discriminator_loss(logits, logits_pool):
    """Return the loss of the discriminator, which tells the two pools apart.

    Logits of "is labeled". The labeled have the target 1, the pool 0.
    """
    return -F.logsigmoid(logits).mean() - F.logsigmoid(-logits_pool).mean()


class AdversarialNet(AutoencoderNet):
    """Train VAAL's autoencoder to hide the pool, and its discriminator to detect it.

    Parameters
    ----------
    vae : Module
        Has ``encode(X) -> mu, log_var``, and ``vae(X) -> X', Z, mu, log_var``.
    discriminator : Module
        From latents of shape (n, latent_dim) to logits of shape (n,).
    adversary_weight : float
        Weight of the adversarial loss.
    n_vae_steps, n_discriminator_steps : int
        Steps per iteration, 1 or more of each.
    fused : bool
        One forward pass over both pools, whose latents also train the discriminator.
        False: one pass per pool, so that batch normalization sees them separately, and
        latents computed again for the discriminator; this is the released order.
    **settings : dict
        Those of :class:`AutoencoderNet`. In bfloat16 the discriminator still scores
        in float32: its scores would tie.
    """

    terms = TERMS

    def __init__(
        self,
        vae,
        discriminator,
        *,
        adversary_weight=1.0,
        n_vae_steps=2,
        n_discriminator_steps=1,
        fused=True,
        **settings,
    ):
        super().__init__(vae, **settings)
        self.discriminator = discriminator.to(self.device)
        self.adversary_weight = adversary_weight
        self.n_vae_steps = n_vae_steps
        self.n_discriminator_steps = n_discriminator_steps
        self.fused = fused
        self.discriminator_optimizer = None

    def fit(self, X, X_pool, *, batch_size, n_iterations=None, max_epochs=1):
        """Train on two pools of raw samples; return the mean losses of each epoch.

        An epoch shows each sample of the larger pool once.
        """
        batches = PairedBatches(X, X_pool, batch_size)
        return self.train(batches, n_iterations, max_epochs)

    def start(self):
        """Set training mode, and make new optimizers if there are none."""
        if self.discriminator_optimizer is None:
            self.discriminator_optimizer = self._adam(self.discriminator)
        super().start()

    def iteration(self, batches):
        """Train both nets once and return the last loss of each of `terms`."""
        for _ in range(self.n_vae_steps):
            drawn = self._draw(batches)
            losses, latents = self.vae_step(*drawn)
        for step in range(self.n_discriminator_steps):
            if step > 0:
                drawn = self._draw(batches)
            if step > 0 or not self.fused:
                latents = self._latents(*drawn[:2])
            loss = self.discriminator_step(*latents, *drawn[2:])
        return torch.stack([*losses, loss])

    def vae_step(self, X, X_pool, *known):
        """Train the autoencoder; return its losses and the latents of both pools.

        The latents are those before the step, without gradient. `known` is what came
        with the samples, for a subclass that uses it.
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
            adversarial = self.adversarial_loss(*self._logits(*latents))
            losses = [recon, kl, adversarial, *self.further_losses(outputs, *known)]
            losses = self._step_of_coders(losses, self.weights())
        finally:
            self.discriminator.requires_grad_(True)
        return losses, [mu.detach() for mu in latents]

    def discriminator_step(self, mu, mu_pool, *known):
        """Train the discriminator on latents; return its loss."""
        loss = self.discriminator_loss(*self._logits(mu, mu_pool), *known)
        self._check(loss.detach()[None], self.terms[-1:])
        self.discriminator_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.discriminator_optimizer.step()
        return loss.detach()

    def weights(self):
        """Return the weight of each loss of the autoencoder."""
        return 1, self.beta, self.adversary_weight

    def adversarial_loss(self, logits, logits_pool):
        """Return the loss of the autoencoder that hides the pool."""
        return adversarial_loss(logits, logits_pool)

    def discriminator_loss(self, logits, logits_pool):
        """Return the loss of the discriminator."""
        return discriminator_loss(logits, logits_pool)

    def further_losses(self, outputs):
        """Return more losses of the autoencoder, from its outputs for both pools."""
        return []

    def predict_logits(self, X, batch_size=512):
        """Return the logit of "is labeled" of raw samples, a float32 ndarray.

        Evaluation mode, mean of the latent, no augmentation: a sample has one logit,
        whatever it is batched with.
        """

        return self._answers(self._judged, X, batch_size)

    def forget_training(self):
        """Drop the optimizers, which are twice the size of the nets."""
        super().forget_training()
        self.discriminator_optimizer = None

    def _modules(self):
        return [*self._coders(), self.discriminator]

    def _draw(self, batches):
        """Return samples of both pools as the nets see them, and what is known."""
        X, X_pool, *known = batches.draw()
        pair = [self._prepare(part, training=True) for part in (X, X_pool)]
        return *pair, *known

    def _latents(self, X, X_pool):
        """Return the means of the latents of both pools, without decoding."""
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
            logits = self._judged(both)
        return logits.split([len(mu), len(mu_pool)])

    def _judged(self, mu):
        logits = self.discriminator(mu.to(float_dtype(self.discriminator)))
        if logits.shape != (len(mu),):
            raise ValueError(
                f"The discriminator must return one logit per sample, shape "
                f"({len(mu)},) for latents of shape {tuple(mu.shape)}; got "
                f"{tuple(logits.shape)}."
            )
        return logits.float()
