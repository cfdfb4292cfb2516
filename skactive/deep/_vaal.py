"""Ask for what an adversarial discriminator tells from the labeled samples."""

from copy import deepcopy
from numbers import Integral, Real

import numpy as np
import torch
from scipy import sparse
from scipy.special import expit
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from skactive.base import QueryStrategy
from skactive.nets._adversarial import (
    KL_REDUCTIONS,
    RECON_REDUCTIONS,
    AdversarialNet,
)
from skactive.nets._arrays import as_tensor
from skactive.nets._seeded import check_device, seeded_torch
from skactive.nets.modules import MLPVAE, VAE, Discriminator
from skactive.selection import top_n
from skactive.utils import fit_embedding, shape_text

# What a preset decides where the parameter of that name is None.
PRESETS = {
    "elbo": {
        "recon_reduction": "sum_per_sample",
        "kl_reduction": "batch_mean",
        "fused": True,
    },
    "official": {"recon_reduction": "mean", "kl_reduction": "sum", "fused": False},
}


class VAAL(QueryStrategy):
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

    def score_samples(self, X):
        """Return the probability that a sample is unlabeled.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of float32 of shape (n_samples,)
            Between 0 and 1; higher is more worth a label.

        Raises
        ------
        ValueError
            If samples have another shape than those of ``fit``, or are not finite.
        """
        check_is_fitted(self)
        validate_data(self, X, reset=False, skip_check_array=True)
        return expit(-self._logits_of_labeled(X))

    def _fit(self, X, y, X_pool):
        self._check_parameters()
        self.embedding_ = fit_embedding(self.embedding, X, y, X_pool, self._fit_seed)
        X = self._as_array(X, "X")
        # Checks of estimators fit without a pool; there is then nothing to find.
        X_pool = X if self.n_pool_ == 0 else self._as_array(X_pool, "X_pool")
        if (X.dtype == np.uint8) != (X_pool.dtype == np.uint8):
            raise ValueError(
                f"X holds {X.dtype} and X_pool {X_pool.dtype}. Images of uint8 are "
                "scaled from 0..255 and others are not: pass both in the same way."
            )
        self._pixels = X.dtype == np.uint8
        known = getattr(self, "sample_shape_", None)
        self.sample_shape_ = X.shape[1:]
        seed = self._query_seed if self._fit_seed is None else self._fit_seed
        with seeded_torch(seed, self.device):
            if not (self.warm_start and known == X.shape[1:]):
                self.net_ = self._build(X, X_pool)
            self.history_ = self.net_.fit(
                as_tensor(X),
                as_tensor(X_pool),
                batch_size=min(self.batch_size, max(2, len(X), len(X_pool))),
                n_iterations=self.n_iterations,
                max_epochs=self.max_epochs,
            )
        if not self.warm_start:
            self.net_.forget_training()

    def _query(self, n):
        logits = self._logits_of_labeled(self._X_pool)
        return top_n(-logits, n, random_state=self._query_random_state())

    def _logits_of_labeled(self, X):
        X = self._as_array(X, "X")
        name = type(self).__name__
        if X.shape[1:] != self.sample_shape_:
            raise ValueError(
                f"X has samples of {shape_text(X.shape[1:])}, but {name} was fitted on "
                f"samples of {shape_text(self.sample_shape_)}."
            )
        if (X.dtype == np.uint8) != self._pixels:
            raise ValueError(
                f"{name} was fitted on images of uint8 and X holds {X.dtype}, or the "
                "other way round; pass both in the same way."
            )
        logits = self.net_.predict_logits(as_tensor(X))
        if not np.isfinite(logits).all():
            raise FloatingPointError(
                f"The discriminator of {name} answers with numbers that are not "
                "finite; lower lr, beta or adversary_weight."
            )
        return logits

    def _as_array(self, X, name):
        """Return samples as the net takes them: uint8 images, or finite floats."""
        if self.embedding_ is not None:
            X = self.embedding_.transform(X)
        if hasattr(X, "detach"):  # a tensor of torch, perhaps on a GPU
            X = X.detach().cpu().numpy()
        if sparse.issparse(X):
            # In words that scikit-learn's checks look for.
            raise TypeError(
                f"{name} is sparse, but {type(self).__name__} needs dense data: "
                "pass X.toarray(), or an embedding that makes few columns of it, such "
                "as TruncatedSVD."
            )
        pixels = getattr(X, "dtype", None) == np.uint8 and X.ndim > 2
        X = check_array(
            X,
            allow_nd=True,
            dtype=np.uint8 if pixels else [np.float64, np.float32],
            input_name=name,
            estimator=self,
        )
        if X.ndim == 4 and X.shape[3] in (1, 3, 4) and min(X.shape[1:3]) > 4:
            raise ValueError(
                f"{name} has samples of {shape_text(X.shape[1:])}, which look like "
                "images with the channels last. Pass X.transpose(0, 3, 1, 2)."
            )
        if X.ndim not in (2, 4):
            raise ValueError(
                f"{name} has samples of {shape_text(X.shape[1:])}. Pass rows of a "
                "table, (n, n_features), or images, (n, channels, height, width); "
                "gray images are X[:, None]."
            )
        return X

    def _build(self, X, X_pool):
        shape, d = X.shape[1:], int(self.latent_dim)
        shift, scale = _scaling(X, X_pool)
        vae = self._module(self.vae or self._default_vae, shape, d)
        missing = [name for name in ("encode", "forward") if not hasattr(vae, name)]
        if missing:
            raise TypeError(
                f"vae has no method {missing[0]}; it needs those of "
                "skactive.nets.modules.VAE."
            )
        given = {name: getattr(self, name) for name in PRESETS[self.preset]}
        preset = PRESETS[self.preset].items()
        chosen = {k: v if given[k] is None else given[k] for k, v in preset}
        return AdversarialNet(
            vae,
            self._module(self.discriminator or Discriminator, d),
            shift=shift,
            scale=scale,
            beta=self.beta,
            adversary_weight=self.adversary_weight,
            n_vae_steps=self.n_vae_steps,
            n_discriminator_steps=self.n_discriminator_steps,
            lr=self.lr,
            augment=self.augment,
            precision=self.precision,
            channels_last=self.channels_last,
            device=self.device,
            **chosen,
        )

    def _default_vae(self, shape, latent_dim):
        if len(shape) == 1:
            return MLPVAE(shape[0], latent_dim, hidden=(8 * self.width,) * 2)
        return VAE(shape[0], shape[1:], latent_dim, width=self.width)

    @staticmethod
    def _module(given, *arguments):
        """Return a net that is the strategy's own."""
        if isinstance(given, torch.nn.Module):
            return deepcopy(given)
        module = given(*arguments)
        if not isinstance(module, torch.nn.Module):
            raise TypeError(
                f"vae and discriminator must be, or return, a torch.nn.Module; got "
                f"{type(module).__name__}."
            )
        return module

    def _check_parameters(self):
        counts = {"latent_dim": 1, "n_vae_steps": 1, "n_discriminator_steps": 1}
        counts |= {"max_epochs": 1, "batch_size": 2, "width": 1}
        if self.n_iterations is not None:
            counts["n_iterations"] = 1
        for name, least in counts.items():
            value = getattr(self, name)
            if not isinstance(value, Integral) or isinstance(value, bool):
                raise TypeError(f"{name} must be an integer, got {value!r}.")
            if value < least:
                reason = ""
                if name == "batch_size":
                    reason = ": batch normalization cannot learn from a single sample"
                raise ValueError(
                    f"{name} must be {least} or more, got {value}{reason}."
                )
        for name in ("beta", "adversary_weight", "lr"):
            value = getattr(self, name)
            if not isinstance(value, Real) or not 0 <= value < np.inf:
                raise ValueError(
                    f"{name} must be a number of 0 or more, got {value!r}."
                )
        options = {
            "preset": tuple(PRESETS),
            "recon_reduction": (None, *RECON_REDUCTIONS),
            "kl_reduction": (None, *KL_REDUCTIONS),
            "fused": (None, True, False),
            "precision": ("fp32", "bf16"),
        }
        for name, allowed in options.items():
            value = getattr(self, name)
            if value not in allowed:
                raise ValueError(f"{name} must be one of {allowed}, got {value!r}.")
        check_device(self.device)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.target_tags.required = True
        return tags


def _scaling(X, X_pool):
    """Return shift and scale, as tensors that broadcast over a batch."""
    if X.dtype == np.uint8:
        return torch.full((1, 1, 1), 127.5), torch.full((1, 1, 1), 1 / 127.5)
    if X.ndim == 2:
        scaler = StandardScaler().partial_fit(X).partial_fit(X_pool)
        shift, scale = scaler.mean_, 1 / scaler.scale_
    else:
        axes = {"axis": (0, 2, 3), "keepdims": True}
        low = np.minimum(X.min(**axes), X_pool.min(**axes))[0].astype(np.float64)
        high = np.maximum(X.max(**axes), X_pool.max(**axes))[0].astype(np.float64)
        shift, half = (low + high) / 2, (high - low) / 2
        scale = 1 / np.where(half > 0, half, 1)
    dtype = np.result_type(X.dtype, X_pool.dtype)
    return torch.tensor(shift.astype(dtype)), torch.tensor(scale.astype(dtype))
