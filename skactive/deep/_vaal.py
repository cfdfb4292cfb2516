"""Ask for what an adversarial discriminator tells from the labeled samples."""

from skactive.base import QueryStrategy
from skactive.deep._adversarial_base import AdversarialMixin
from skactive.nets.latent._adversarial import AdversarialNet
from skactive.nets.modules import Discriminator


class VAAL(AdversarialMixin, QueryStrategy):
    """Ask for the samples that least resemble what is labeled.

    Variational adversarial active learning [1]_. An autoencoder learns a latent space
    of all samples, labeled and pool. A discriminator learns to tell from the latent
    which of the two a sample is in, and the autoencoder learns to hide it. What the
    discriminator still takes for unlabeled is unlike all labeled samples. No model of
    the task has a say, and no label is ever read.

    Parameters
    ----------
    latent_dim : int, default=32
        Width of the latent.
    beta : float, default=1.0
        Weight of the divergence of the latent from a standard Gaussian. Far above 1
        the latent is empty, and the answers random.
    adversary_weight : float, default=1.0
        Weight of the loss by which the autoencoder hides the pool.
    n_vae_steps : int, default=2
        Steps of the autoencoder per iteration, each on samples of its own.
    n_discriminator_steps : int, default=1
        Steps of the discriminator per iteration.
    preset : {"elbo", "official"}, default="elbo"
        Decides about the three parameters below where they are None. "elbo": the
        likelihood of whole samples, under which the latent is used:
        ``("sum_per_sample", "batch_mean", True)``. "official": what the authors
        released, ``("mean", "sum", False)``, whose latent is empty; for reproduction.
    recon_reduction : {"mean", "sum_per_sample"} or None, default=None
        Squared error as a mean over all numbers, or summed within each sample.
    kl_reduction : {"sum", "batch_mean", "mean"} or None, default=None
        Divergence summed over batch and latent, over the latent only, or not at all.
    fused : bool or None, default=None
        One forward pass over labeled samples and pool together, whose latents also
        train the discriminator; otherwise a pass for each, and new latents.
    max_epochs : int, default=30
        How often training shows the larger of labeled set and pool.
    n_iterations : int or None, default=None
        How many iterations, each of `n_vae_steps` + `n_discriminator_steps` steps;
        overrides `max_epochs`.
    batch_size : int, default=64
        Samples per step from each of labeled set and pool, 2 or more; at most as many
        as the larger holds. A smaller labeled set is repeated.
    lr : float, default=5e-4
        Step size of both optimizers, Adam.
    width : int, default=32
        Size of the autoencoder: channels after its first convolution, for images;
        an eighth of each of its two hidden layers, for tables. Published: 128.
    vae : Module, callable or None, default=None
        An autoencoder with the methods of :class:`~skactive.nets.modules.VAE`, which
        is copied, or a function ``(sample_shape, latent_dim) -> Module``. None: a
        :class:`~skactive.nets.modules.VAE` for images, a
        :class:`~skactive.nets.modules.MLPVAE` for tables.
    discriminator : Module, callable or None, default=None
        A net from latents to logits of shape (n,), which is copied, or a function
        ``latent_dim -> Module``. None: :class:`~skactive.nets.modules.Discriminator`.
    embedding : transformer or None, default=None
        Applied first, such as a ``ColumnTransformer`` for tables with texts. None
        takes samples as they are, images with their axes.
    augment : callable or None, default=None
        From a batch of samples, a float tensor in the scale of the net, to another,
        such as random flips. In training only.
    precision : {"fp32", "bf16"}, default="fp32"
        Of the nets; "bf16" pays on hardware that multiplies it natively. Scores still
        come from a discriminator in float32.
    channels_last : bool, default=True
        Memory format of images within the net.
    warm_start : bool, default=False
        Go on from the nets of the fit before, if samples have the same shape. Within
        an :class:`~skactive.ActiveLearner` every round begins anew.
    device : str or torch.device, default="cpu"
        Where nets are trained, such as "cuda".
    random_state : int, RandomState instance or None, default=None
        Seeds weights, batches, noise, and the order of ties.

    Attributes
    ----------
    net_ : object
        The trained nets, ``net_.vae`` and ``net_.discriminator``, in evaluation mode.
    history_ : dict of lists of float
        Mean per epoch of the losses "reconstruction", "kl", "adversarial" and
        "discriminator". The last two stay at 1.386 if the discriminator guesses.
    sample_shape_ : tuple of int
        Shape of a sample, as the autoencoder sees it.
    embedding_ : transformer or None
        The fitted embedding.
    n_pool_ : int
        Number of samples in the pool.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        From ``fit``: without ``y``, since there is then no labeled set to tell from
        the pool; for samples that are not finite, sparse, or neither rows of a table
        nor images with channels first; for ``device="cuda"`` without CUDA. From
        ``score_samples``: for samples of another shape than those of ``fit``.
    FloatingPointError
        From ``fit``, if a loss becomes NaN; it names the epoch and the loss.

    See Also
    --------
    skactive.diversity.CoreSet : Ask for what is far from all labels, without training.

    Notes
    -----
    Scaling is part of the method, as the squared error has units. Images are mapped
    to [-1, 1]: from 0..255 if they are uint8, otherwise from the range of each channel
    in labeled set and pool together. Columns of tables are standardized, by labeled
    set and pool together.

    ``score_samples`` returns the probability of "unlabeled", from the mean of the
    latent, in evaluation mode: a sample has one score, whatever it is scored with.
    ``query`` ranks by its logit, which is not rounded to 1. The values of ``y`` are
    never read. Without a pool the labeled samples play both parts, and scores say
    nothing.

    Loses to random where the labeled set already resembles the pool: there is then
    nothing to tell apart, and nobody asks whether the task is still in doubt. So it
    was at random or better on CIFAR-10 in the paper, and at or below it in independent
    benchmarks. It picks samples one by one, so duplicates are asked for together.

    Cost: `max_epochs` passes over the larger of the two sets, each batch encoded and
    decoded `n_vae_steps` times, in every round; then one encoding of the pool. Memory
    for the nets, three times that in training, and O(batch).

    References
    ----------
    .. [1] S. Sinha, S. Ebrahimi and T. Darrell. "Variational Adversarial Active
       Learning." ICCV 2019. arXiv:1904.00370.

    Examples
    --------
    The labeled samples lie on the left, the pool on both sides:

    >>> import numpy as np
    >>> from skactive.deep import VAAL
    >>> rng = np.random.RandomState(0)
    >>> left, right = rng.normal(-2, 1, (60, 8)), rng.normal(2, 1, (20, 8))
    >>> X, X_pool = left[:30], np.vstack([left[30:], right])
    >>> strategy = VAAL(n_iterations=100, width=8, random_state=0)
    >>> picks = strategy.fit(X, np.zeros(30), X_pool).query(10)
    >>> bool(np.mean(picks >= 30) > 0.8)
    True
    """

    def __init__(
        self,
        latent_dim=32,
        *,
        beta=1.0,
        adversary_weight=1.0,
        n_vae_steps=2,
        n_discriminator_steps=1,
        preset="elbo",
        recon_reduction=None,
        kl_reduction=None,
        fused=None,
        max_epochs=30,
        n_iterations=None,
        batch_size=64,
        lr=5e-4,
        width=32,
        vae=None,
        discriminator=None,
        embedding=None,
        augment=None,
        precision="fp32",
        channels_last=True,
        warm_start=False,
        device="cpu",
        random_state=None,
    ):
        self.latent_dim = latent_dim
        self.beta = beta
        self.adversary_weight = adversary_weight
        self.n_vae_steps = n_vae_steps
        self.n_discriminator_steps = n_discriminator_steps
        self.preset = preset
        self.recon_reduction = recon_reduction
        self.kl_reduction = kl_reduction
        self.fused = fused
        self.max_epochs = max_epochs
        self.n_iterations = n_iterations
        self.batch_size = batch_size
        self.lr = lr
        self.width = width
        self.vae = vae
        self.discriminator = discriminator
        self.embedding = embedding
        self.augment = augment
        self.precision = precision
        self.channels_last = channels_last
        self.warm_start = warm_start
        self.device = device
        self.random_state = random_state

    _presets = {
        "elbo": {
            "recon_reduction": "sum_per_sample",
            "kl_reduction": "batch_mean",
            "fused": True,
        },
        "official": {"recon_reduction": "mean", "kl_reduction": "sum", "fused": False},
    }

    def _fit(self, X, y, X_pool):
        self._check_parameters()
        self.history_ = self._play(*self._as_arrays(X, y, X_pool))

    def _build(self, X, X_pool):
        settings = self._settings(X, X_pool)
        vae = self._build_vae(X.shape[1:])
        judge = self._build_discriminator(Discriminator)
        return AdversarialNet(vae, judge, **settings, **self._chosen())

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags
