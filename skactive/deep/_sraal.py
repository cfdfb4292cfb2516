"""Ask by a discriminator that tells how uncertain the unlabeled samples are."""

import warnings
from functools import partial
from numbers import Integral

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from skorch import NeuralNetClassifier

from skactive.base import ScoreStrategy
from skactive.deep._adversarial_base import AdversarialMixin
from skactive.nets import NetClassifier, as_net_classifier
from skactive.nets._arrays import as_tensor
from skactive.nets._input import encode
from skactive.nets._storage import load_weights
from skactive.nets.latent._state_relabeling import StateRelabelingNet
from skactive.nets.latent._uncertainty_indicator import uncertainty_indicator
from skactive.nets.latent._vae_input import (
    check_options,
    check_weights,
    default_vae,
    own_module,
)
from skactive.nets.modules import MLP, Discriminator
from skactive.utils import as_labels

# Below this mean the targets of the pool are those of the labeled set.
TOO_CERTAIN = 0.01


class SRAAL(AdversarialMixin, ScoreStrategy):
    """Ask for what is unlike the labeled samples and uncertain as well.

    State-relabeling adversarial active learning [1]_: the game of
    :class:`~skactive.deep.VAAL`, in which labels have a say. The latent is trained to
    rebuild all samples and, with one half of it, to classify the labeled ones. And the
    discriminator is told that a sample of the pool is unlabeled only as far as a
    classifier is uncertain of it, by
    :func:`~skactive.deep.uncertainty_indicator`.

    Parameters
    ----------
    estimator : classifier or None, default=None
        With ``predict_proba``; its probabilities tell how uncertain a sample is. None:
        the fitted model of the :class:`~skactive.ActiveLearner`, not trained again;
        outside one, a :class:`~skactive.nets.NetClassifier`. It sees samples as they
        are, so scale columns within it.
    latent_dim : int, default=32
        Width of the latent; even if `split_latent`. Published: 200.
    beta : float, default=1.0
        Weight of the divergence of the latent from a standard Gaussian. Far above 1
        the latent is empty, and the answers random.
    adversary_weight : float, default=1.0
        Weight of the loss by which the autoencoder hides the pool.
    stl_weight : float or None, default=None
        Weight of the cross-entropy of the target learner, the branch that learns the
        labels. 0: there is none, and no label is read but by `estimator`. None: the
        preset decides.
    recon_weight : float or None, default=None
        Weight of the squared error. None: the preset decides.
    split_latent : bool, default=True
        One half of the latent is decoded and the other classified. False: all of it
        serves both.
    indicator : callable or None, default=None
        ``indicator(estimator, X)`` returns one number from 0 (certain) to 1 per
        sample, for models without class probabilities. `estimator` is fitted.
        None: :func:`~skactive.deep.uncertainty_indicator` of ``predict_proba``.
    indicator_ddof : {0, 1}, default=0
        1: its variance as released.
    indicator_update : "cycle" or int, default="cycle"
        "cycle": uncertainties are told once per ``fit``, as in the released code. An
        int: anew after so many epochs of the game, by the target learner.
    official_adv_target : bool, default=False
        True: the autoencoder makes both pools look unlabeled, as in the released
        code, and not labeled.
    n_vae_steps : int, default=2
        Steps of the autoencoder per iteration, each on samples of its own.
    n_discriminator_steps : int, default=1
        Steps of the discriminator per iteration.
    preset : {"elbo", "official"}, default="elbo"
        Decides about `recon_reduction`, `kl_reduction`, `fused`, `recon_weight` and
        `stl_weight` where they are None. "elbo": the likelihood of whole samples, and
        five times that of labels, ``("sum_per_sample", "batch_mean", True, 1, 5)``.
        "official": as released, ``("mean", "batch_mean", False, 5, 5)``.
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
        Size of the autoencoder, as in :class:`~skactive.deep.VAAL`, and of the target
        learner, whose hidden layers have 8 and 2 times as many units. Published: 128.
    vae : Module, callable or None, default=None
        An autoencoder with the methods of :class:`~skactive.nets.modules.VAE`, which
        is copied, or a function ``(sample_shape, latent_dim) -> Module``. With
        `split_latent` it must have a `decoded_dim` below `latent_dim`. None: a
        :class:`~skactive.nets.modules.VAE` for images, a
        :class:`~skactive.nets.modules.MLPVAE` for tables.
    target_learner : Module, callable or None, default=None
        A net from latents to logits of the classes, which is copied, or a function
        ``(n_inputs, n_classes) -> Module``. None: an
        :class:`~skactive.nets.modules.MLP`.
    discriminator : Module, callable or None, default=None
        A net from latents to logits of shape (n,), which is copied, or a function
        ``latent_dim -> Module``. None: :class:`~skactive.nets.modules.Discriminator`
        with four hidden layers.
    embedding : transformer or None, default=None
        Applied before the autoencoder, not before `estimator`, such as a
        ``ColumnTransformer``. None takes samples as they are.
    augment : callable or None, default=None
        From a batch of samples, a float tensor in the scale of the net, to another,
        such as random flips. In training only.
    precision : {"fp32", "bf16"}, default="fp32"
        Of the nets of the game; "bf16" pays on hardware that multiplies it natively.
    channels_last : bool, default=True
        Memory format of images within the net.
    warm_start : bool, default=False
        Go on from the nets of the fit before, if samples have the same shape and
        labels the same classes. Within an :class:`~skactive.ActiveLearner` every round
        begins anew.
    device : str or torch.device, default="cpu"
        Where the nets of the game are trained, such as "cuda".
    random_state : int, RandomState instance or None, default=None
        Seeds `estimator`, weights, batches, noise, and the order of ties.

    Attributes
    ----------
    estimator_ : classifier
        The fitted model that was asked how uncertain the pool is.
    indicator_ : ndarray of float32 of shape (n_pool,)
        How uncertain each sample of the pool was last said to be.
    net_ : object
        The trained nets, ``net_.vae``, ``net_.target_learner`` and
        ``net_.discriminator``, in evaluation mode.
    history_ : dict of lists of float
        Mean per epoch of the losses "reconstruction", "kl", "adversarial", "target"
        (if there is a target learner) and "discriminator".
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
        From ``fit``: as :class:`~skactive.deep.VAAL`; if labels are of one class; if
        they are no classes, unless ``stl_weight=0`` and `indicator` is given; if
        `indicator` answers with other than numbers from 0 to 1.
    FloatingPointError
        From ``fit``, if a loss becomes NaN; it names the epoch and the loss.

    Warns
    -----
    UserWarning
        If the mean indicator of the pool is below 0.01. The classifier is then so sure
        of everything that the discriminator has nothing to tell.

    See Also
    --------
    VAAL : The same game without labels.
    skactive.nets.VAEEmbedding : With ``CoreSet``, the start that the paper proposes.

    Notes
    -----
    ``score_samples`` is the discriminator's probability of "unlabeled", from the mean
    of the latent in evaluation mode; it approaches the indicator of samples that are
    nowhere near a labeled one. ``query`` ranks by its logit. Scaling is as in
    :class:`~skactive.deep.VAAL`.

    Loses to random where the classifier is wrong and sure of it, since its indicator
    is then 0 just where labels are missing; where uncertainty is noise in the labels;
    and, as VAAL, where the labeled set already resembles the pool. Samples are picked
    one by one, so duplicates are asked for together.

    Cost: that of VAAL, the target learner (little), one ``predict_proba`` of the pool,
    and one training of `estimator` where it is not the learner's own.

    References
    ----------
    .. [1] B. Zhang, L. Li, S. Yang, S. Wang, Z.-J. Zha and Q. Huang. "State-Relabeling
       Adversarial Active Learning." CVPR 2020. arXiv:2004.04943.

    Examples
    --------
    The labeled samples lie on the left, the pool on both sides; classes differ in the
    first column, which says nothing about the side:

    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skactive.deep import SRAAL
    >>> rng = np.random.RandomState(0)
    >>> left, right = rng.normal(-2, 1, (60, 8)), rng.normal(2, 1, (20, 8))
    >>> right[:, 0] -= 4
    >>> X, X_pool = left[:30], np.vstack([left[30:], right])
    >>> model = LogisticRegression(C=0.001)
    >>> strategy = SRAAL(model, n_iterations=100, width=8, random_state=0)
    >>> picks = strategy.fit(X, X[:, 0] > -2, X_pool).query(10)
    >>> bool(np.mean(picks >= 30) > 0.8)
    True
    """

    response_method = "predict_proba"

    _presets = {
        "elbo": {
            "recon_reduction": "sum_per_sample",
            "kl_reduction": "batch_mean",
            "fused": True,
            "recon_weight": 1,
            "stl_weight": 5,
        },
        "official": {
            "recon_reduction": "mean",
            "kl_reduction": "batch_mean",
            "fused": False,
            "recon_weight": 5,
            "stl_weight": 5,
        },
    }

    def __init__(
        self,
        estimator=None,
        *,
        latent_dim=32,
        beta=1.0,
        adversary_weight=1.0,
        stl_weight=None,
        recon_weight=None,
        split_latent=True,
        indicator=None,
        indicator_ddof=0,
        indicator_update="cycle",
        official_adv_target=False,
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
        target_learner=None,
        discriminator=None,
        embedding=None,
        augment=None,
        precision="fp32",
        channels_last=True,
        warm_start=False,
        device="cpu",
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.latent_dim = latent_dim
        self.beta = beta
        self.adversary_weight = adversary_weight
        self.stl_weight = stl_weight
        self.recon_weight = recon_weight
        self.split_latent = split_latent
        self.indicator = indicator
        self.indicator_ddof = indicator_ddof
        self.indicator_update = indicator_update
        self.official_adv_target = official_adv_target
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
        self.target_learner = target_learner
        self.discriminator = discriminator
        self.embedding = embedding
        self.augment = augment
        self.precision = precision
        self.channels_last = channels_last
        self.warm_start = warm_start
        self.device = device

    def _default_estimator(self):
        return NetClassifier()

    def _wanted_estimator(self):
        estimator = super()._wanted_estimator()
        if isinstance(estimator, NeuralNetClassifier):
            return as_net_classifier(estimator)
        return estimator

    def _check_estimator(self, estimator):
        if self.indicator is None:
            super()._check_estimator(estimator)

    def _fit(self, X, y, X_pool):
        self._check_parameters()
        self._check_estimator(self._wanted_estimator())
        arrays = self._as_arrays(X, y, X_pool)
        codes, self._n_classes, classes = np.zeros(len(arrays[0]), np.int64), 0, ()
        if self._chosen()["stl_weight"] > 0:
            labels = self._as_classes(y)
            classes = np.unique(labels)
            codes, self._n_classes = encode(labels, classes), len(classes)
        super()._fit(X, y, X_pool)
        state = self._states(X if self.n_pool_ == 0 else X_pool, len(arrays[1]))
        self.history_, state = self._play(
            *arrays, (tuple(classes),), y=as_tensor(codes), state=as_tensor(state)
        )
        self.indicator_ = state.numpy()

    def _as_classes(self, y):
        try:
            check_classification_targets(y)
            return as_labels(column_or_1d(y))
        except ValueError as error:
            raise ValueError(
                f"{error} The target learner needs one class per sample: pass "
                "stl_weight=0 for other tasks."
            ) from error

    def _states(self, X, n):
        """Return how uncertain each sample is, one float32 each."""
        if self.indicator is None:
            proba = self._predict_proba(X)
            states = uncertainty_indicator(proba, ddof=self.indicator_ddof)
        else:
            states = np.asarray(self.indicator(self.estimator_, X))
            number = states.dtype.kind in "fiub" and states.shape == (n,)
            if not number or not ((states >= 0) & (states <= 1)).all():
                raise ValueError(
                    "indicator must return one number from 0 to 1 per sample, shape "
                    f"({n},); got {states.dtype} of shape {states.shape}"
                    + (f" from {states.min()} to {states.max()}." if number else ".")
                )
        if self.n_pool_ > 0 and states.mean() < TOO_CERTAIN:
            warnings.warn(
                f"{type(self.estimator_).__name__} is so sure of the pool (mean "
                f"indicator {states.mean():.1g}) that the discriminator has nothing to "
                "tell, and the answer is nearly random. Take a model that is less "
                "sure, such as a calibrated one.",
                stacklevel=4,
            )
        return states.astype(np.float32)

    def _default_vae(self, shape, latent_dim):
        decoded = latent_dim // 2 if self.split_latent else latent_dim
        return default_vae(shape, latent_dim, self.width, decoded)

    def _default_target_learner(self, n_inputs, n_classes):
        return MLP(n_inputs, n_classes, hidden=(8 * self.width, 2 * self.width))

    def _build(self, X, X_pool):
        settings, chosen = self._settings(X, X_pool), self._chosen()
        stl_weight = chosen.pop("stl_weight")
        vae = self._build_vae(X.shape[1:])
        decoded = getattr(vae, "decoded_dim", self.latent_dim)
        if self.split_latent and not decoded < self.latent_dim:
            raise ValueError(
                "split_latent=True needs an autoencoder that decodes only a part of "
                f"its latent: one with decoded_dim below latent_dim={self.latent_dim}. "
                "Build it so, or pass split_latent=False."
            )
        judge = self._build_discriminator(partial(Discriminator, hidden=(512,) * 4))
        learner = None
        if stl_weight > 0:
            given = self.target_learner
            given = self._default_target_learner if given is None else given
            read = self.latent_dim - decoded if self.split_latent else self.latent_dim
            learner = own_module(given, "target_learner", int(read), self._n_classes)
        every = self.indicator_update
        return StateRelabelingNet(
            vae,
            judge,
            learner,
            n_classes=self._n_classes,
            target_weight=stl_weight,
            split=self.split_latent,
            reverse_adversary=self.official_adv_target,
            relabel=partial(uncertainty_indicator, ddof=self.indicator_ddof),
            relabel_every=None if every == "cycle" else every,
            **settings,
            **chosen,
        )

    def _nets_state(self):
        learner = self.net_.target_learner
        weights = None if learner is None else learner.state_dict()
        more = {"n_classes": self._n_classes, "target_learner": weights}
        return {**super()._nets_state(), **more}

    def _restore_nets(self, state):
        self._n_classes = state["n_classes"]
        super()._restore_nets(state)
        if state["target_learner"] is not None:
            load_weights(self.net_.target_learner, state["target_learner"])

    def _check_parameters(self):
        super()._check_parameters()
        check_weights(self, "stl_weight", "recon_weight", optional=True)
        check_options(
            self,
            split_latent=(True, False),
            official_adv_target=(True, False),
            indicator_ddof=(0, 1),
        )
        if self.split_latent and self.latent_dim % 2:
            raise ValueError(
                f"split_latent=True needs an even latent_dim, got {self.latent_dim}."
            )
        if self.indicator is not None and not callable(self.indicator):
            raise TypeError(f"indicator must be callable, got {self.indicator!r}.")
        self._check_update()

    def _check_update(self):
        every = self.indicator_update
        if isinstance(every, str) and every == "cycle":
            return
        if not isinstance(every, Integral) or isinstance(every, bool) or every < 1:
            raise ValueError(
                'indicator_update must be "cycle" or a number of epochs, 1 or more; '
                f"got {every!r}."
            )
        if self._chosen()["stl_weight"] == 0 or self.indicator is not None:
            raise ValueError(
                f"indicator_update={every} asks the target learner, which needs "
                'stl_weight above 0 and no indicator; otherwise pass "cycle".'
            )
