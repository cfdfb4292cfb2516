"""Base of strategies that train an autoencoder against a discriminator."""

from copy import copy
from numbers import Integral, Real

import numpy as np
from scipy.special import expit
from sklearn.utils.validation import check_is_fitted, validate_data

from skactive._sklearn import Interval
from skactive.deep._presets import PresetMixin
from skactive.deep._stored import StoredStrategyMixin
from skactive.nets import VAEEmbedding
from skactive.nets._arrays import as_tensor
from skactive.nets._seeded import seeded_torch
from skactive.nets._storage import load_weights
from skactive.nets.latent._vae_input import as_samples, check_seen, own_module
from skactive.selection import top_n
from skactive.utils._items import shown
from skactive.utils._rows import refuse_sizes, unboxed

COUNT = [Interval(Integral, 1, None, closed="left")]
WEIGHT = [Interval(Real, 0, None, closed="left")]


def as_autoencoder(autoencoder):
    """Return the autoencoder that is given, or the default for None."""
    return VAEEmbedding() if autoencoder is None else autoencoder


class AdversarialMixin(PresetMixin, StoredStrategyMixin):
    """Train on labeled samples and pool, and rank by the discriminator.

    A subclass has the parameters of VAAL, and `_build`, which returns the net; its
    `_fit` calls `_validate_params` and `_play`.
    """

    _parts = {"autoencoder": as_autoencoder}
    _parameter_constraints = {
        "latent_dim": [*COUNT, None],
        "beta": [*WEIGHT, None],
        "adversary_weight": WEIGHT,
        "n_vae_steps": COUNT,
        "n_discriminator_steps": COUNT,
        "fused": ["boolean"],
        "autoencoder": [VAEEmbedding, None],
        "discriminator": [callable, None],
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
    }

    @property
    def takes_columns(self):
        """Whether samples may have several labels: if no learner of one is trained."""
        return getattr(self, "stl_weight", 0) == 0

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
        X = unboxed(X)
        validate_data(self, shown(X), reset=False, skip_check_array=True)
        return expit(-self._logits_of_labeled(X))

    def _query(self, n):
        seen = getattr(self, "_pool_seen", None)
        if seen is None:
            logits = self._logits_of_labeled(self._X_pool)
        else:
            logits = self._logits(seen)
        return top_n(-logits, n, random_state=self._query_random_state())

    def _as_arrays(self, X, y, X_pool):
        """Return labeled samples and pool as arrays for the net."""
        self.embedding_ = self._fit_embedding(X, y, X_pool)
        X = self._as_array(X, "X")
        # scikit-learn's checks call fit without a pool; nothing can then be found.
        X_pool = X if self.n_pool_ == 0 else self._as_array(X_pool, "X_pool")
        if (X.dtype == np.uint8) != (X_pool.dtype == np.uint8):
            raise ValueError(
                f"X holds {X.dtype} and X_pool {X_pool.dtype}. Images of uint8 are "
                "scaled from 0..255 and others are not: pass both in the same way."
            )
        # An embedding may read files: what it made of the pool serves the query, too.
        self._pool_seen = (
            X_pool if self.n_pool_ and self.embedding is not None else None
        )
        return X, X_pool

    def _drop_pool(self):
        super()._drop_pool()
        self._pool_seen = None

    def _play(self, X, X_pool, shape_of_net=(), **known):
        """Train the net and return what its ``fit`` returned.

        A warm start needs samples of the same shape and the same `shape_of_net`.
        """
        self.sample_shape_, self._pixels = X.shape[1:], X.dtype == np.uint8
        shapes = (self.sample_shape_, *shape_of_net)
        coder = self._coder()
        with seeded_torch(self._seed(coder), coder.device):
            # Built again even if weights are kept: settings may have changed.
            net = self._build(coder, X, X_pool)
            if self.warm_start and getattr(self, "_shapes", None) == shapes:
                self._go_on(net)
            schedule = coder._schedule(max(len(X), len(X_pool)))
            answer = net.fit(as_tensor(X), as_tensor(X_pool), **schedule, **known)
        net.forget_training()
        self.net_, self._shapes = net, shapes
        return answer

    def _go_on(self, net):
        """Give a new net the weights of the last fit, and its scaling of samples."""
        net.shift, net.scale = self.net_.shift, self.net_.scale
        for new, old in zip(net._modules(), self.net_._modules()):
            try:
                new.load_state_dict(old.state_dict())
            except RuntimeError as error:
                raise ValueError(
                    "warm_start=True continues from the nets of the last fit, but "
                    "their architecture has changed since. Restore the settings of "
                    f"{type(self).__name__}, or fit a clone of it. {error}"
                ) from error

    def _check_sizes(self, X, estimator):
        if self.embedding is None:
            refuse_sizes(X, type(self).__name__)

    def _logits_of_labeled(self, X):
        X = self._as_array(X, "X")
        check_seen(X, self.sample_shape_, self._pixels, self)
        return self._logits(X)

    def _logits(self, X):
        logits = self.net_.predict_logits(as_tensor(X))
        if not np.isfinite(logits).all():
            raise FloatingPointError(
                f"The discriminator of {type(self).__name__} returns numbers that are "
                "not finite; lower lr, beta or adversary_weight."
            )
        return logits

    def _as_array(self, X, name):
        if self.embedding_ is not None:
            X = self.embedding_.transform(X)
        return as_samples(X, name, self)

    def _nets_state(self):
        if self.embedding_ is not None:
            raise ValueError(
                "The embedding was fitted too, and only weights of nets can be saved. "
                "Pickle the strategy, or transform samples before passing them to it."
            )
        return {
            "vae": self.net_.vae.state_dict(),
            "discriminator": self.net_.discriminator.state_dict(),
            "shift": self.net_.shift,
            "scale": self.net_.scale,
            "sample_shape": list(self.sample_shape_),
            "pixels": self._pixels,
        }

    def _restore_nets(self, state):
        self._validate_params()
        coder = self._coder()
        shape, pixels = tuple(state["sample_shape"]), state["pixels"]
        blank = np.zeros((2, *shape), np.uint8 if pixels else np.float32)
        with seeded_torch(0, coder.device):  # the file replaces these weights
            net = self._build(coder, blank, blank)
        load_weights(net.vae, state["vae"])
        load_weights(net.discriminator, state["discriminator"])
        net.shift, net.scale = (state[k].to(net.device) for k in ("shift", "scale"))
        self.net_, self.embedding_, self._shapes = net, None, (shape,)
        self.sample_shape_, self._pixels = shape, pixels

    def _coder(self):
        """Return the autoencoder with the latent size that this strategy sets."""
        coder = copy(as_autoencoder(self.autoencoder))  # nothing within is changed
        for name in ("latent_dim", "beta"):
            if getattr(self, name) is not None:
                setattr(coder, name, getattr(self, name))
        return coder

    def _seed(self, coder):
        """Return the seed of the training; without one, that of `autoencoder`."""
        if self._fit_seed is not None:
            return self._fit_seed
        return self._query_seed if coder.random_state is None else coder._seed()

    def _build_discriminator(self, default, latent_dim):
        given = default if self.discriminator is None else self.discriminator
        return own_module(given, "discriminator", int(latent_dim))

    def _settings(self, coder, vae, X, X_pool):
        """Return the settings of the net, except its modules."""
        names = ("adversary_weight", "n_vae_steps", "n_discriminator_steps", "fused")
        own = {name: getattr(self, name) for name in names}
        return {**coder._net_settings(vae, X, X_pool), **own}

    def _validate_params(self):
        super()._validate_params()
        self._coder()._validate_params()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.allow_nan = False
        return tags
