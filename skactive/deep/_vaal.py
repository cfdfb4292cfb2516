"""Ask for samples that an adversarial discriminator does not take for labeled ones."""

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
    the task is involved, and no label is ever read.

    Parameters
    ----------
    latent_dim : int or None, default=None
        Dimension of the latent. None: that of `autoencoder`, 32 unless set.
    beta : float or None, default=None
        Weight of the KL divergence of the latent from a standard Gaussian. Far above 1
        the latent collapses, and queries are random. None: that of `autoencoder`, 1
        unless set.
    adversary_weight : float, default=1.0
        Weight of the loss by which the autoencoder hides the pool.
    n_vae_steps : int, default=2
        Steps of the autoencoder per iteration, each on a batch of its own.
    n_discriminator_steps : int, default=1
        Steps of the discriminator per iteration.
    fused : bool, default=True
        One forward pass over labeled samples and pool together, whose latents also
        train the discriminator. False: a pass for each, and new latents for the
        discriminator, as released.
    autoencoder : VAEEmbedding or None, default=None
        Technical settings: the net and its size, its losses, and the epochs, batches
        and device with which both nets are trained, as in
        ``VAAL(autoencoder=VAEEmbedding(width=16, n_iterations=100))``. It is copied,
        not fitted. `max_epochs` counts passes over the larger of labeled set and pool;
        each iteration takes `n_vae_steps` + `n_discriminator_steps` steps, on batches
        from each of the two, and a smaller labeled set is repeated. `lr` is that of
        both nets. None: ``VAEEmbedding()``. The published `width` is 128.
    discriminator : Module, callable or None, default=None
        A net from latents to logits of shape (n,), which is copied, or a function
        ``latent_dim -> Module``. None: :class:`~skactive.nets.modules.Discriminator`.
    embedding : transformer or None, default=None
        Applied first, such as a ``ColumnTransformer`` for tables with text. None
        takes samples as they are, images with their axes.
    warm_start : bool, default=False
        Continue from the nets of the last fit, if samples have the same shape. Within
        an :class:`~skactive.ActiveLearner` every round starts from scratch.
    random_state : int, RandomState instance or None, default=None
        Seeds weights, batches, noise, and the order of ties. None leaves the first
        three to the `random_state` of `autoencoder`, which is not read otherwise.

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
        From ``fit``: without ``y``, since there is then no labeled set to compare with
        the pool; for samples that are not finite, sparse, or neither rows of a table
        nor images with channels first; for ``device="cuda"`` without CUDA. From
        ``score_samples``: for samples of another shape than those of ``fit``.
    FloatingPointError
        From ``fit``, if a loss becomes NaN; it names the epoch and the loss.

    See Also
    --------
    skactive.nets.VAEEmbedding : The autoencoder alone, as a transformer.
    skactive.diversity.CoreSet : Ask for what is far from all labels, without training.

    Notes
    -----
    Scaling is part of the method, as the squared error has units. Images are mapped
    to [-1, 1]: from 0..255 if they are uint8, otherwise from the range of each channel
    in labeled set and pool together. Columns of tables are standardized, over labeled
    set and pool together.

    ``score_samples`` returns the probability of "unlabeled", from the mean of the
    latent, in evaluation mode: a sample has one score, whatever it is scored with.
    ``query`` ranks by its logit, which is not rounded to 1. The values of ``y`` are
    never read. Without a pool the labeled samples play both parts, and scores mean
    nothing.

    ``VAAL.from_preset("released")`` has the losses that the authors released, the
    squared error as a mean over all numbers and the divergence summed over the batch,
    in separate passes. Its latent collapses; it is for reproduction. The default has
    the likelihood of whole samples, under which the latent is used. There is no preset
    "paper": the paper does not say over what its losses are summed.

    Loses to random where the labeled set already resembles the pool: there is then
    nothing to tell apart, and the method does not consider which samples the task is
    still uncertain about. It was at random or better on CIFAR-10 in the paper, and at
    or below it in independent benchmarks. It picks samples one by one, so duplicates
    are asked for together.

    Cost: in every round, the `max_epochs` of `autoencoder` as passes over the larger of
    the two sets, each batch encoded and decoded `n_vae_steps` times; then one encoding
    of the pool. Memory for the nets, three times that in training, and O(batch).

    References
    ----------
    .. [1] S. Sinha, S. Ebrahimi and T. Darrell. "Variational Adversarial Active
       Learning." ICCV 2019. arXiv:1904.00370.

    Examples
    --------
    The labeled samples lie on the left, the pool on both sides:

    >>> import numpy as np
    >>> from skactive.deep import VAAL
    >>> from skactive.nets import VAEEmbedding
    >>> rng = np.random.RandomState(0)
    >>> left, right = rng.normal(-2, 1, (60, 8)), rng.normal(2, 1, (20, 8))
    >>> X, X_pool = left[:30], np.vstack([left[30:], right])
    >>> small = VAEEmbedding(n_iterations=100, width=8)
    >>> strategy = VAAL(autoencoder=small, random_state=0)
    >>> picks = strategy.fit(X, np.zeros(30), X_pool).query(10)
    >>> bool(np.mean(picks >= 30) > 0.8)
    True
    """

    _presets = {
        "default": {},
        "released": {
            "autoencoder__recon_reduction": "mean",
            "autoencoder__kl_reduction": "sum",
            "fused": False,
        },
    }

    def __init__(
        self,
        latent_dim=None,
        *,
        beta=None,
        adversary_weight=1.0,
        n_vae_steps=2,
        n_discriminator_steps=1,
        fused=True,
        autoencoder=None,
        discriminator=None,
        embedding=None,
        warm_start=False,
        random_state=None,
    ):
        self.latent_dim = latent_dim
        self.beta = beta
        self.adversary_weight = adversary_weight
        self.n_vae_steps = n_vae_steps
        self.n_discriminator_steps = n_discriminator_steps
        self.fused = fused
        self.autoencoder = autoencoder
        self.discriminator = discriminator
        self.embedding = embedding
        self.warm_start = warm_start
        self.random_state = random_state

    def _fit(self, X, y, X_pool):
        self._validate_params()
        self.history_ = self._play(*self._as_arrays(X, y, X_pool))

    def _build(self, coder, X, X_pool):
        vae = coder._build_vae(X.shape[1:])
        settings = self._settings(coder, vae, X, X_pool)
        judge = self._build_discriminator(Discriminator, coder.latent_dim)
        return AdversarialNet(vae, judge, **settings)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags
