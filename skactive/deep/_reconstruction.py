"""Ask for what an autoencoder of the labeled samples cannot rebuild."""

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from skactive._sklearn import StrOptions
from skactive.base import EmbeddingStrategy, QueryStrategy
from skactive.nets import VAEEmbedding
from skactive.nets._arrays import as_tensor
from skactive.nets._seeded import seeded_torch
from skactive.nets.latent._autoencoder import AutoencoderNet
from skactive.nets.latent._vae_input import as_samples, check_seen
from skactive.selection import top_n
from skactive.utils._rows import refuse_sizes, unboxed

#: Added to the variance of a sample, that of an empty image among them.
LEAST_VARIANCE = 1e-3


class ReconstructionSampling(QueryStrategy):
    """Ask for samples that an autoencoder rebuilds worst.

    An autoencoder squeezes samples through a few numbers and rebuilds them. One that
    was trained on the labeled samples fails at what is unlike all of these; one that
    was trained on all samples, at what is complex or an outlier. No label is read.

    Parameters
    ----------
    learn_from : {"labeled", "all"}, default="labeled"
        What the autoencoder is trained on: labeled samples, or labeled and pool.
    relative : bool, default=False
        Train a second one on all samples, and subtract its error: of what is hard to
        rebuild for both, the score is low. For ``learn_from="labeled"``.
    normalize : bool, default=False
        Divide the error of a sample by the variance of its numbers, plus 0.001: errors
        grow with contrast.
    error : {"mse", "elbo"}, default="mse"
        The mean squared error; or half the summed one plus the KL divergence of the
        latent, the negative evidence lower bound.
    autoencoder : VAEEmbedding or None, default=None
        The net and its size, its losses, and how it is trained, as in
        ``ReconstructionSampling(autoencoder=VAEEmbedding(width=16, max_epochs=50))``.
        It is copied, not fitted. None: ``VAEEmbedding(lr=1e-3, max_epochs=100)``.
    embedding : transformer, "estimator" or None, default=None
        Applied first, such as a ``ColumnTransformer`` for tables with text. None takes
        samples as they are, images with their axes.
    random_state : int, RandomState instance or None, default=None
        Seeds weights, batches, noise, and the order of ties. None leaves the first
        three to the `random_state` of `autoencoder`.

    Attributes
    ----------
    net_ : object
        The trained net, ``net_.vae``, in evaluation mode.
    net_of_all_ : object or None
        With ``relative``, the one that was trained on all samples.
    history_ : dict of lists of float
        Mean per epoch of the losses "reconstruction" and "kl" of ``net_``.
    sample_shape_ : tuple of int
        Shape of a sample, as the autoencoder sees it.
    embedding_ : transformer or None
        The fitted embedding.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        From ``fit``: without ``y``, unless ``learn_from="all"``; for samples that are
        not finite, sparse, or neither rows of a table nor images with channels first;
        for ``relative`` with ``learn_from="all"``. From ``score_samples``: for samples
        of another shape than those of ``fit``.
    FloatingPointError
        From ``fit``, if a loss becomes NaN; it names the epoch and the loss.

    See Also
    --------
    VAAL : An autoencoder of all samples, and who is labeled told from its latent.
    skactive.diversity.DiscriminativeSampling : What is unlike all labels, by no net.

    Notes
    -----
    Images are mapped to [-1, 1] and columns standardized as in :class:`VAAL`, over
    labeled samples and pool. The error is that of decoding the mean of the latent, in
    evaluation mode: a sample has one score, whatever it is scored with.

    Loses to random where samples of high contrast or texture are no more informative
    than others, which ``normalize`` and ``relative`` are for; with outliers; and with
    few labels, from which an autoencoder learns little. It picks samples one by one,
    so duplicates are asked for together. The model of the task has no say.

    Cost: in every round, `max_epochs` of `autoencoder` over the labeled samples (and
    over all), each encoded and decoded; then one pass over the pool. Memory for the
    net, three times that in training, and O(batch).

    References
    ----------
    .. [1] D. Rymarczyk et al. "Learning Loss for Active Learning", slides of a seminar,
       in which a decoder takes the place of the loss module of [2]_.
    .. [2] D. Yoo and I. S. Kweon. "Learning loss for active learning." CVPR 2019.
       arXiv:1905.03677.

    Examples
    --------
    The labeled samples lie on the left, the pool on both sides:

    >>> import numpy as np
    >>> from skactive.deep import ReconstructionSampling
    >>> from skactive.nets import VAEEmbedding
    >>> rng = np.random.RandomState(0)
    >>> left, right = rng.normal(-2, 1, (60, 8)), rng.normal(2, 1, (20, 8))
    >>> X, X_pool = left[:30], np.vstack([left[30:], right])
    >>> small = VAEEmbedding(n_iterations=100, width=8)
    >>> strategy = ReconstructionSampling(autoencoder=small, random_state=0)
    >>> picks = strategy.fit(X, np.zeros(30), X_pool).query(10)
    >>> bool(np.mean(picks >= 30) > 0.8)
    True
    """

    _parameter_constraints = {
        **QueryStrategy._parameter_constraints,
        "learn_from": [StrOptions({"labeled", "all"})],
        "relative": ["boolean"],
        "normalize": ["boolean"],
        "error": [StrOptions({"mse", "elbo"})],
        "autoencoder": [VAEEmbedding, None],
        "embedding": EmbeddingStrategy._parameter_constraints["embedding"],
    }

    def __init__(
        self,
        learn_from="labeled",
        *,
        relative=False,
        normalize=False,
        error="mse",
        autoencoder=None,
        embedding=None,
        random_state=None,
    ):
        self.learn_from = learn_from
        self.relative = relative
        self.normalize = normalize
        self.error = error
        self.autoencoder = autoencoder
        self.embedding = embedding
        self.random_state = random_state

    def _validate_params(self):
        super()._validate_params()
        self._coder()._validate_params()
        if self.relative and self.learn_from == "all":
            raise ValueError(
                "relative=True of ReconstructionSampling subtracts the error of an "
                "autoencoder of all samples, and learn_from='all' trains no other. Set "
                "learn_from='labeled'."
            )

    def _coder(self):
        if self.autoencoder is None:
            return VAEEmbedding(lr=1e-3, max_epochs=100)
        return self.autoencoder

    def _check_sizes(self, X, estimator):
        if self.embedding is None:
            refuse_sizes(X, type(self).__name__)

    def _fit(self, X, y, X_pool):
        self.embedding_ = self._fit_embedding(X, y, X_pool)
        given = {"X": X, "X_pool": X_pool if self.n_pool_ else None}
        parts = {
            name: self._as_array(part, name)
            for name, part in given.items()
            if part is not None
        }
        arrays = list(parts.values())
        if len({part.dtype == np.uint8 for part in arrays}) > 1:
            raise ValueError(
                f"X holds {arrays[0].dtype} and X_pool {arrays[1].dtype}. Images of "
                "uint8 are scaled from 0..255 and others are not: pass both in the "
                "same way."
            )
        self.sample_shape_ = arrays[0].shape[1:]
        self._pixels = arrays[0].dtype == np.uint8
        labeled = arrays if self.learn_from == "all" else [parts["X"]]
        self.net_, self.history_ = self._trained(labeled, arrays)
        self.net_of_all_ = self._trained(arrays, arrays)[0] if self.relative else None
        # An embedding may read files: what it made of the pool serves the query, too.
        self._pool_seen = parts.get("X_pool")

    def _trained(self, samples, all_samples):
        """Return an autoencoder trained on samples, and its losses.

        All samples say how they are scaled, so that two of them can be compared.
        """
        coder = self._coder()
        seed = self._fit_seed
        if seed is None:
            own = coder.random_state is not None
            seed = coder._seed() if own else self._query_seed
        X = np.concatenate(samples) if len(samples) > 1 else samples[0]
        with seeded_torch(seed, coder.device):
            vae = coder._build_vae(self.sample_shape_)
            if not hasattr(vae, "decode"):
                raise TypeError(
                    f"vae={vae!r} of the autoencoder has no method decode; "
                    "ReconstructionSampling needs those of skactive.nets.modules.VAE."
                )
            net = AutoencoderNet(vae, **coder._net_settings(vae, *all_samples))
            history = net.fit(as_tensor(X), **coder._schedule(len(X)))
        net.forget_training()
        return net, history

    def score_samples(self, X):
        """Return how badly each sample is rebuilt.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of float32 of shape (n_samples,)
            Higher is more worth a label. Below 0 only with ``relative``.

        Raises
        ------
        ValueError
            If samples have another shape than those of ``fit``, or are not finite.
        """
        check_is_fitted(self)
        X = unboxed(X)
        validate_data(self, X, reset=False, skip_check_array=True)
        X = self._as_array(X, "X")
        check_seen(X, self.sample_shape_, self._pixels, self)
        return self._scores(X)

    def _scores(self, X):
        scores = self._errors(self.net_, X)
        if self.net_of_all_ is not None:
            scores = scores - self._errors(self.net_of_all_, X)
        if not np.isfinite(scores).all():
            raise FloatingPointError(
                "The errors of ReconstructionSampling are not finite: samples lie far "
                "from those of fit. Scale them."
            )
        return scores

    def _errors(self, net, X):
        error, kl, variance = net.errors(as_tensor(X))
        if self.normalize:
            error = error / (variance + LEAST_VARIANCE)
        if self.error == "elbo":
            error = error * (np.prod(self.sample_shape_) / 2) + kl
        return error

    def _query(self, n):
        scores = self._scores(self._pool_seen)
        return top_n(scores, n, random_state=self._query_random_state())

    def _drop_pool(self):
        super()._drop_pool()
        self._pool_seen = None

    def _as_array(self, X, name):
        if self.embedding_ is not None:
            X = self.embedding_.transform(X)
        return as_samples(X, name, self)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.allow_nan = False
        tags.target_tags.required = self.learn_from != "all"
        return tags
