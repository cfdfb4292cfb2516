"""SRAAL's adversarial training: a latent that also learns labels, and soft states."""

import torch
from torch.nn import functional as F

from skactive.nets._arrays import float_dtype
from skactive.nets._pool import PairedBatches
from skactive.nets.latent._adversarial import TERMS, AdversarialNet


def state_loss(logits, logits_pool, state):
    """Return the loss of the discriminator, which predicts states.

    Logits of "is labeled". The labeled have the state 0; a sample of the pool has the
    state 1, or less the more certain its label is. The probability of "unlabeled" is
    the sigmoid of minus the logit, and its target is the state: binary cross-entropy,
    whose least value is the mean entropy of the states, not 0.
    """
    pool = state * F.logsigmoid(-logits_pool) + (1 - state) * F.logsigmoid(logits_pool)
    return -F.logsigmoid(logits).mean() - pool.mean()


class KnownBatches:
    """Pairs of batches with the labels of the one and the states of the other.

    Row numbers are drawn, and all four are indexed by them, so labels always belong to
    their samples. The samples are those that :class:`PairedBatches` would draw.
    """

    def __init__(self, X, X_pool, batch_size, y, state):
        self.X, self.X_pool, self.y, self.state = X, X_pool, y, state
        self.rows = PairedBatches(
            torch.arange(len(X)), torch.arange(len(X_pool)), batch_size
        )

    def draw(self):
        """Return samples of both pools, labels of the first and states of the other."""
        known, pool = self.rows.draw()
        return self.X[known], self.X_pool[pool], self.y[known], self.state[pool]

    def __len__(self):
        return len(self.rows)


class StateRelabelingNet(AdversarialNet):
    """Train SRAAL's nets: VAAL's, with soft states and a latent that learns labels.

    Parameters
    ----------
    vae, discriminator : Module
        See :class:`AdversarialNet`.
    target_learner : Module or None
        From latents to logits of the classes. It is trained with the autoencoder, on
        labeled samples. None: no label is read.
    n_classes : int or None
        Number of logits that the target learner must return.
    recon_weight, target_weight : float
        Weights of reconstruction and of the cross-entropy of the target learner.
    split : bool
        The target learner reads what the decoder does not, ``Z[:, vae.decoded_dim:]``;
        False: all of the latent.
    reverse_adversary : bool
        The autoencoder makes both pools look unlabeled, as in the released code.
    relabel : callable or None
        From ndarray probabilities of the target learner to states.
    relabel_every : int or None
        Number of epochs after which states are computed again. None: never.
    **settings : dict
        Those of :class:`AdversarialNet`.
    """

    def __init__(
        self,
        vae,
        discriminator,
        target_learner=None,
        *,
        n_classes=None,
        recon_weight=1.0,
        target_weight=1.0,
        split=True,
        reverse_adversary=False,
        relabel=None,
        relabel_every=None,
        **settings,
    ):
        super().__init__(vae, discriminator, **settings)
        self.target_learner = target_learner
        self.n_classes = n_classes
        if target_learner is not None:
            self.target_learner = target_learner.to(self.device)
            self.terms = (*TERMS[:3], "target", TERMS[3])
        self.recon_weight = recon_weight
        self.target_weight = target_weight
        self.split = split
        self.reverse_adversary = reverse_adversary
        self.relabel = relabel
        self.relabel_every = relabel_every

    def fit(self, X, X_pool, *, y, state, batch_size, n_iterations=None, max_epochs=1):
        """Train on two pools of raw samples, of classes ``y`` and of soft states.

        Returns
        -------
        history : dict of lists of float
            Mean of each of `terms` over the iterations of an epoch.
        state : Tensor of float32 of shape (n_pool,)
            The states of the last epoch.
        """
        batches = KnownBatches(X, X_pool, batch_size, y, state)
        history = self.train(batches, n_iterations, max_epochs)
        return history, batches.state

    def begin_epoch(self, batches):
        """Compute the states again, if it is time."""
        past = self.epoch - 1
        if self.relabel_every is None or past == 0 or past % self.relabel_every:
            return
        proba = self.predict_proba(batches.X_pool)
        batches.state = torch.from_numpy(self.relabel(proba)).float()
        self._set_training(True)

    def predict_proba(self, X, batch_size=512):
        """Return the probabilities of the target learner for raw samples."""

        def classify(mu):
            return self._classify(mu).double().softmax(1)

        return self._answers(classify, X, batch_size)

    def weights(self):
        """Return the weight of each loss of the autoencoder."""
        return self.recon_weight, self.beta, self.adversary_weight, self.target_weight

    def adversarial_loss(self, logits, logits_pool):
        """Return the loss that hides the pool; reversed, that hides the labeled set."""
        sign = -1 if self.reverse_adversary else 1
        return super().adversarial_loss(sign * logits, sign * logits_pool)

    def discriminator_loss(self, logits, logits_pool, y, state):
        """Return the loss of the discriminator."""
        return state_loss(logits, logits_pool, state.to(self.device))

    def further_losses(self, outputs, y, state):
        """Return the cross-entropy of the target learner on the labeled samples."""
        if self.target_learner is None:
            return []
        with self._autocast():
            logits = self._classify(outputs[0][1])
        return [F.cross_entropy(logits, y.to(self.device))]

    def _classify(self, Z):
        Z = Z[:, self.vae.decoded_dim :] if self.split else Z
        logits = self.target_learner(Z.to(float_dtype(self.target_learner)))
        if logits.shape != (len(Z), self.n_classes):
            raise ValueError(
                f"The target learner must return one logit per class, shape "
                f"{(len(Z), self.n_classes)}; got {tuple(logits.shape)}."
            )
        return logits.float()

    def _coders(self):
        learner = self.target_learner
        return [self.vae] if learner is None else [self.vae, learner]
