"""What strategies share that play an autoencoder against a discriminator."""

import numpy as np
from scipy.special import expit
from sklearn.utils.validation import check_is_fitted, validate_data

from skactive.deep._stored import StoredStrategyMixin
from skactive.nets._arrays import as_tensor
from skactive.nets._seeded import check_device, seeded_torch
from skactive.nets._storage import load_weights
from skactive.nets.latent._autoencoder import KL_REDUCTIONS, RECON_REDUCTIONS
from skactive.nets.latent._vae_input import (
    as_samples,
    build_vae,
    check_counts,
    check_options,
    check_seen,
    check_weights,
    default_vae,
    own_module,
    scaling,
)
from skactive.selection import top_n
from skactive.utils import fit_embedding


class AdversarialMixin(StoredStrategyMixin):
    """Play the game on labeled samples and pool, and rank by the discriminator.

    A subclass has the parameters of VAAL, `_presets`, and `_build`, which returns the
    net; its `_fit` calls `_check_parameters` and `_play`.
    """

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

    def _query(self, n):
        logits = self._logits_of_labeled(self._X_pool)
        return top_n(-logits, n, random_state=self._query_random_state())

    def _as_arrays(self, X, y, X_pool):
        """Return labeled samples and pool as the net takes them."""
        self.embedding_ = fit_embedding(self.embedding, X, y, X_pool, self._fit_seed)
        X = self._as_array(X, "X")
        # Checks of estimators fit without a pool; there is then nothing to find.
        X_pool = X if self.n_pool_ == 0 else self._as_array(X_pool, "X_pool")
        if (X.dtype == np.uint8) != (X_pool.dtype == np.uint8):
            raise ValueError(
                f"X holds {X.dtype} and X_pool {X_pool.dtype}. Images of uint8 are "
                "scaled from 0..255 and others are not: pass both in the same way."
            )
        return X, X_pool

    def _play(self, X, X_pool, shape_of_net=(), **known):
        """Train the net and return what its ``fit`` returned.

        A warm start needs samples of the same shape and the same `shape_of_net`.
        """
        self.sample_shape_, self._pixels = X.shape[1:], X.dtype == np.uint8
        shapes = (self.sample_shape_, *shape_of_net)
        seed = self._query_seed if self._fit_seed is None else self._fit_seed
        with seeded_torch(seed, self.device):
            # Built anew also if weights are kept: settings may have changed.
            net = self._build(X, X_pool)
            if self.warm_start and getattr(self, "_shapes", None) == shapes:
                self._go_on(net)
            answer = net.fit(
                as_tensor(X),
                as_tensor(X_pool),
                batch_size=min(self.batch_size, max(2, len(X), len(X_pool))),
                n_iterations=self.n_iterations,
                max_epochs=self.max_epochs,
                **known,
            )
        net.forget_training()
        self.net_, self._shapes = net, shapes
        return answer

    def _go_on(self, net):
        """Give a new net the weights of the last fit, and their scale of samples."""
        net.shift, net.scale = self.net_.shift, self.net_.scale
        for new, old in zip(net._modules(), self.net_._modules()):
            try:
                new.load_state_dict(old.state_dict())
            except RuntimeError as error:
                raise ValueError(
                    "warm_start=True goes on with the nets of the last fit, and these "
                    f"are built otherwise now. Set {type(self).__name__} as it was, or "
                    f"pass a clone of it. {error}"
                ) from error

    def _logits_of_labeled(self, X):
        X = self._as_array(X, "X")
        check_seen(X, self.sample_shape_, self._pixels, self)
        logits = self.net_.predict_logits(as_tensor(X))
        if not np.isfinite(logits).all():
            raise FloatingPointError(
                f"The discriminator of {type(self).__name__} answers with numbers that "
                "are not finite; lower lr, beta or adversary_weight."
            )
        return logits

    def _as_array(self, X, name):
        if self.embedding_ is not None:
            X = self.embedding_.transform(X)
        return as_samples(X, name, self)

    def _nets_state(self):
        if self.embedding_ is not None:
            raise ValueError(
                "The embedding was fitted too and has no weights. Pickle the strategy, "
                "or transform samples before they come to it."
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
        self._check_parameters()
        shape, pixels = tuple(state["sample_shape"]), state["pixels"]
        blank = np.zeros((2, *shape), np.uint8 if pixels else np.float32)
        with seeded_torch(0, self.device):  # weights that those of the file replace
            net = self._build(blank, blank)
        load_weights(net.vae, state["vae"])
        load_weights(net.discriminator, state["discriminator"])
        net.shift, net.scale = (state[k].to(net.device) for k in ("shift", "scale"))
        self.net_, self.embedding_, self._shapes = net, None, (shape,)
        self.sample_shape_, self._pixels = shape, pixels

    def _build_vae(self, shape):
        given = self._default_vae if self.vae is None else self.vae
        return build_vae(given, shape, int(self.latent_dim))

    def _default_vae(self, shape, latent_dim):
        return default_vae(shape, latent_dim, self.width)

    def _build_discriminator(self, default):
        given = default if self.discriminator is None else self.discriminator
        return own_module(given, "discriminator", int(self.latent_dim))

    def _settings(self, X, X_pool):
        """Return the settings of the net that no preset decides about."""
        shift, scale = scaling(X, X_pool)
        names = ("beta", "adversary_weight", "n_vae_steps", "n_discriminator_steps")
        names += ("lr", "augment", "precision", "channels_last", "device")
        return {name: getattr(self, name) for name in names} | {
            "shift": shift,
            "scale": scale,
        }

    def _chosen(self):
        """Return what the preset decides, except where it is overruled."""
        preset = self._presets[self.preset]
        given = {name: getattr(self, name) for name in preset}
        return {k: v if given[k] is None else given[k] for k, v in preset.items()}

    def _check_parameters(self):
        counts = ("latent_dim", "n_vae_steps", "n_discriminator_steps", "max_epochs")
        check_counts(self, **dict.fromkeys(counts, 1), batch_size=2, width=1)
        check_counts(self, n_iterations=1)
        check_weights(self, "beta", "adversary_weight", "lr")
        check_options(
            self,
            preset=tuple(self._presets),
            recon_reduction=(None, *RECON_REDUCTIONS),
            kl_reduction=(None, *KL_REDUCTIONS),
            fused=(None, True, False),
            precision=("fp32", "bf16"),
        )
        check_device(self.device)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.allow_nan = False
        return tags
