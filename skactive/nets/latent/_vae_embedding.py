"""Embedding in the latent of an autoencoder that is trained without labels."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from skactive._sklearn import Interval, StrOptions
from skactive.nets._arrays import as_tensor
from skactive.nets._input import lies_channels_last
from skactive.nets._items import blocks_of_items, is_read
from skactive.nets._seeded import check_device, seeded_torch
from skactive.nets.latent._autoencoder import (
    KL_REDUCTIONS,
    RECON_REDUCTIONS,
    AutoencoderNet,
)
from skactive.nets.latent._vae_input import (
    as_samples,
    build_vae,
    check_seen,
    default_vae,
    scaling,
)
from skactive.utils._documented import BaseEstimator
from skactive.utils._fitting import MAX_SEED
from skactive.utils._items import shown
from skactive.utils._kept import kept_if_it_fails
from skactive.utils._rows import unboxed

COUNT = [Interval(Integral, 1, None, closed="left")]
# Batch normalization cannot be trained on a single sample.
SEVERAL = [Interval(Integral, 2, None, closed="left")]
WEIGHT = [Interval(Real, 0, None, closed="left")]


class VAEEmbedding(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Map samples to the latent of a variational autoencoder.

    It learns without labels, from all samples, images or tables. As the space in which
    a diverse first batch is selected, it is the start of SRAAL [1]_:
    ``ActiveLearner(initial_strategy=CoreSet(VAEEmbedding()))``.

    Parameters
    ----------
    latent_dim : int, default=32
        Dimension of the latent.
    beta : float, default=1.0
        Weight of the KL divergence of the latent from a standard Gaussian. Far above 1
        the latent collapses: all samples are mapped to the same point.
    recon_reduction : {"mean", "sum_per_sample"}, default="sum_per_sample"
        Squared error as a mean over all numbers, or summed within each sample.
    kl_reduction : {"sum", "batch_mean", "mean"}, default="batch_mean"
        KL divergence summed over batch and latent, over the latent only, or averaged
        over both.
    max_epochs : int, default=30
        How often training shows each sample.
    n_iterations : int or None, default=None
        How many steps; overrides `max_epochs`.
    batch_size : int, default=64
        Samples per step, 2 or more; at most as many as there are.
    lr : float, default=5e-4
        Learning rate of Adam.
    width : int, default=32
        Size of the autoencoder: channels after its first convolution, for images;
        an eighth of each of its two hidden layers, for tables.
    vae : Module, callable or None, default=None
        An autoencoder with the methods of :class:`~skactive.nets.modules.VAE`, which
        is copied, or a function ``(sample_shape, latent_dim) -> Module``. None: a
        :class:`~skactive.nets.modules.VAE` for images, a
        :class:`~skactive.nets.modules.MLPVAE` for tables.
    augment : callable or None, default=None
        From a batch of samples, a float tensor in the scale of the net, to another,
        such as random flips. In training only.
    precision : {"fp32", "bf16"}, default="fp32"
        Of the net; "bf16" is faster on hardware that supports it natively.
    channels_last : bool, default=True
        Memory format of images within the net. A `vae` that does not run in it, such
        as one that calls ``view`` on a map of features, gets the plain one.
    device : str or torch.device, default="cpu"
        Where the net is trained, such as "cuda".
    random_state : int, RandomState instance or None, default=None
        Seeds weights, batches and noise. torch's own generators are left unchanged.

    Attributes
    ----------
    net_ : object
        The trained net, ``net_.vae``, in evaluation mode.
    history_ : dict of lists of float
        Mean per epoch of the losses "reconstruction" and "kl".
    sample_shape_ : tuple of int
        Shape of a sample.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        From ``fit``: for samples that are not finite, sparse, or neither rows of a
        table nor images with channels first; for ``device="cuda"`` without CUDA. From
        ``transform``: for samples of another shape than those of ``fit``.
    FloatingPointError
        From ``fit``, if a loss becomes NaN; it names the epoch and the loss.

    See Also
    --------
    skactive.diversity.CoreSet : Ask for what is far from all that is labeled.
    skactive.deep.SRAAL : The strategy whose first batch is selected with this.

    Notes
    -----
    Images are mapped to [-1, 1]: from 0..255 if they are uint8, otherwise from the
    range of each channel. Columns of tables are standardized. ``transform`` returns the
    mean of the latent in evaluation mode, in float32: a sample has one embedding,
    whatever it is transformed with.

    Coordinates of the latent that the autoencoder does not use are near 0 for all
    samples, so that distances depend on the others.

    Cost: `max_epochs` passes over all samples, each encoded and decoded; one encoding
    to transform. Memory for the net, three times that in training, and O(batch).

    References
    ----------
    .. [1] B. Zhang, L. Li, S. Yang, S. Wang, Z.-J. Zha and Q. Huang. "State-Relabeling
       Adversarial Active Learning." CVPR 2020. arXiv:2004.04943.

    Examples
    --------
    The first ten digits that a learner would ask for:

    >>> from sklearn.datasets import load_digits
    >>> from skactive.diversity import CoreSet
    >>> from skactive.nets import VAEEmbedding
    >>> X, _ = load_digits(return_X_y=True)
    >>> embedding = VAEEmbedding(latent_dim=8, width=8, n_iterations=100)
    >>> CoreSet(embedding, random_state=0).fit(X).query(10).shape
    (10,)
    """

    _parameter_constraints = {
        "latent_dim": COUNT,
        "beta": WEIGHT,
        "recon_reduction": [StrOptions(set(RECON_REDUCTIONS))],
        "kl_reduction": [StrOptions(set(KL_REDUCTIONS))],
        "max_epochs": COUNT,
        "n_iterations": [*COUNT, None],
        "batch_size": SEVERAL,
        "lr": WEIGHT,
        "width": COUNT,
        "vae": [callable, None],
        "augment": [callable, None],
        "precision": [StrOptions({"fp32", "bf16"})],
        "channels_last": ["boolean"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        latent_dim=32,
        *,
        beta=1.0,
        recon_reduction="sum_per_sample",
        kl_reduction="batch_mean",
        max_epochs=30,
        n_iterations=None,
        batch_size=64,
        lr=5e-4,
        width=32,
        vae=None,
        augment=None,
        precision="fp32",
        channels_last=True,
        device="cpu",
        random_state=None,
    ):
        self.latent_dim = latent_dim
        self.beta = beta
        self.recon_reduction = recon_reduction
        self.kl_reduction = kl_reduction
        self.max_epochs = max_epochs
        self.n_iterations = n_iterations
        self.batch_size = batch_size
        self.lr = lr
        self.width = width
        self.vae = vae
        self.augment = augment
        self.precision = precision
        self.channels_last = channels_last
        self.device = device
        self.random_state = random_state

    def fit(self, X, y=None):
        """Train the autoencoder on all samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Rows of a table, or images as (n_samples, channels, height, width).
        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        with kept_if_it_fails(self):
            return self._trained(unboxed(X))

    def _trained(self, X):
        self._validate_params()
        validate_data(self, shown(X), skip_check_array=True)
        X = as_samples(X, "X", self)
        with seeded_torch(self._seed(), self.device):
            vae = self._build_vae(X.shape[1:])
            net = AutoencoderNet(vae, **self._net_settings(vae, X))
            history = net.fit(as_tensor(X), **self._schedule(len(X)))
        net.forget_training()
        self.net_, self.history_ = net, history
        self.sample_shape_, self._pixels = X.shape[1:], X.dtype == np.uint8
        self._n_features_out = net.encode(as_tensor(X[:1])).shape[1]
        return self

    def transform(self, X):
        """Return the latent means of samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        Z : ndarray of float32 of shape (n_samples, latent_dim)
            Means of the latent.

        Raises
        ------
        ValueError
            If samples have another shape than those of ``fit``, or are not finite.
        """
        check_is_fitted(self)
        if is_read(X) and len(X):
            return np.concatenate([self.transform(b) for _, b in blocks_of_items(X)])
        X = unboxed(X)
        samples = as_samples(X, "X", self)
        validate_data(self, shown(X), reset=False, skip_check_array=True)
        check_seen(samples, self.sample_shape_, self._pixels, self)
        return self.net_.encode(as_tensor(samples))

    # -------------------------- used by the strategies that train an autoencoder, too

    def _seed(self):
        return int(check_random_state(self.random_state).randint(MAX_SEED))

    def _build_vae(self, shape, decoded_dim=None):
        """Return an autoencoder for samples of a shape, under torch's current seed.

        ``decoded_dim`` is for the default one: how many coordinates it decodes.
        """

        def default(shape, latent_dim):
            return default_vae(shape, latent_dim, self.width, decoded_dim)

        given = default if self.vae is None else self.vae
        return build_vae(given, shape, int(self.latent_dim))

    def _net_settings(self, vae, *parts):
        """Return the settings of a net that sees samples of these arrays."""
        shift, scale = scaling(*parts)
        names = ("beta", "recon_reduction", "kl_reduction", "lr", "augment")
        names += ("precision", "device")
        last = self.channels_last and lies_channels_last(vae, parts[0].shape[1:])
        return {
            "shift": shift,
            "scale": scale,
            "channels_last": last,
            **{name: getattr(self, name) for name in names},
        }

    def _schedule(self, n_samples):
        """Return how long a net is trained, and its batch size."""
        return {
            "batch_size": min(self.batch_size, max(2, n_samples)),
            "n_iterations": self.n_iterations,
            "max_epochs": self.max_epochs,
        }

    def _validate_params(self):
        super()._validate_params()
        check_device(self.device)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "net_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
