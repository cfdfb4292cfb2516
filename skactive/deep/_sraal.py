"""Ask by a discriminator whose targets say how uncertain unlabeled samples are."""

import warnings
from functools import partial
from numbers import Integral

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from skorch import NeuralNetClassifier

from skactive._sklearn import HasMethods, Interval, StrOptions
from skactive.base import ScoreStrategy
from skactive.deep._adversarial_base import COUNT, WEIGHT, AdversarialMixin
from skactive.deep._indicated import check_units, checked, mean_over_pixels
from skactive.nets import NetClassifier, as_net_classifier
from skactive.nets._arrays import as_tensor
from skactive.nets._storage import load_weights
from skactive.nets.latent._state_relabeling import StateRelabelingNet
from skactive.nets.latent._uncertainty_indicator import uncertainty_indicator
from skactive.nets.latent._vae_input import own_module
from skactive.nets.modules import MLP, Discriminator
from skactive.utils import as_labels
from skactive.utils._shared_steps import shared_steps
from skactive.utils._units import predicts_maps

# Below this mean the targets of the pool are those of the labeled set.
TOO_CERTAIN = 0.01


class SRAAL(AdversarialMixin, ScoreStrategy):
    """Ask for samples that are unlike the labeled ones and also uncertain.

    State-relabeling adversarial active learning [1]_: the adversarial training of
    :class:`~skactive.deep.VAAL`, extended to use labels. The latent is trained to
    reconstruct all samples and, with one half of it, to classify the labeled ones. The
    discriminator's target for a sample of the pool is not simply "unlabeled" but how
    uncertain a classifier is of it, by :func:`~skactive.deep.uncertainty_indicator`.
    Of a segmenter: the mean over the pixels of an image, with ``stl_weight=0``.

    Parameters
    ----------
    estimator : classifier, segmenter or None, default=None
        With ``predict_proba``; its probabilities tell how uncertain a sample is. None:
        the fitted model of the :class:`~skactive.ActiveLearner`, not trained again;
        outside one, a :class:`~skactive.nets.NetClassifier`. It is given the samples
        unchanged, so scale columns within it.
    latent_dim : int or None, default=None
        Dimension of the latent; must be even if `split_latent`. None: that of
        `autoencoder`, 32 unless set. Published: 200.
    beta : float or None, default=None
        Weight of the KL divergence of the latent from a standard Gaussian. Far above 1
        the latent collapses, and queries are random. None: that of `autoencoder`, 1
        unless set.
    adversary_weight : float, default=1.0
        Weight of the loss by which the autoencoder hides the pool.
    stl_weight : float, default=5.0
        Weight of the cross-entropy of the target learner, the branch that learns the
        labels. 0: there is none, and only `estimator` reads labels. It must be 0
        beside masks and boxes, for which no source describes a target learner.
    recon_weight : float, default=1.0
        Weight of the reconstruction loss, a squared error.
    split_latent : bool, default=True
        One half of the latent is decoded and the other classified. False: all of it
        serves both.
    indicator : callable or None, default=None
        ``indicator(estimator, X)`` returns one number from 0 (certain) to 1 per
        sample, for models without class probabilities, such as detectors. `estimator`
        is fitted.
        None: :func:`~skactive.deep.uncertainty_indicator` of ``predict_proba``.
    indicator_ddof : {0, 1}, default=0
        1: the variance in the indicator as in the released code.
    indicator_update : "cycle" or int, default="cycle"
        "cycle": uncertainties are computed once per ``fit``, as in the released code.
        An int: computed again every so many epochs, by the target learner.
    official_adv_target : bool, default=False
        True: the autoencoder makes both sets look unlabeled, as in the released code,
        rather than labeled.
    n_vae_steps : int, default=2
        Steps of the autoencoder per iteration, each on a batch of its own.
    n_discriminator_steps : int, default=1
        Steps of the discriminator per iteration.
    fused : bool, default=True
        One forward pass over labeled samples and pool together, whose latents also
        train the discriminator. False: a pass for each, and new latents for the
        discriminator, as released.
    autoencoder : VAEEmbedding or None, default=None
        Technical settings, as in :class:`~skactive.deep.VAAL`: the net and its size,
        its losses, and the epochs, batches and device with which all nets are trained.
        It is copied, not fitted. With `split_latent`, a `vae` of your own must have a
        `decoded_dim` below `latent_dim`. The hidden layers of the target learner have
        8 and 2 times `width` units. None: ``VAEEmbedding()``.
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
    warm_start : bool, default=False
        Continue from the nets of the last fit, if samples have the same shape and
        labels the same classes. Within an :class:`~skactive.ActiveLearner` every round
        starts from scratch.
    random_state : int, RandomState instance or None, default=None
        Seeds `estimator`, weights, batches, noise, and the order of ties. None leaves
        those of `estimator` and `autoencoder` as they are; the latter is not read
        otherwise.

    Attributes
    ----------
    estimator_ : classifier
        The fitted model whose predictions say how uncertain the pool is.
    indicator_ : ndarray of float32 of shape (n_pool,)
        The uncertainty of each sample of the pool, as last computed.
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
        they are not classes, unless ``stl_weight=0`` and `indicator` is given; if
        `indicator` returns anything but numbers from 0 to 1.
    FloatingPointError
        From ``fit``, if a loss becomes NaN; it names the epoch and the loss.

    Warns
    -----
    UserWarning
        If the mean indicator of the pool is below 0.01. The classifier is then so sure
        of everything that the discriminator has nothing to learn.

    See Also
    --------
    VAAL : The same training without labels.
    skactive.nets.VAEEmbedding : With ``CoreSet``, the start that the paper proposes.

    Notes
    -----
    ``score_samples`` is the discriminator's probability of "unlabeled", from the mean
    of the latent in evaluation mode; for samples far from all labeled ones it
    approaches their indicator. ``query`` ranks by its logit. Scaling is as in
    :class:`~skactive.deep.VAAL`.

    ``SRAAL.from_preset("released")`` has the losses that the authors released, five
    times the squared error as a mean over all numbers, in separate passes. There is no
    preset "paper": how the paper weights and sums its losses is not known.

    Loses to random where the classifier is wrong but confident, since its indicator
    is then 0 just where labels are missing; where uncertainty comes from label noise;
    and, like VAAL, where the labeled set already resembles the pool. Samples are picked
    one by one, so duplicates are asked for together. On masks labels act by the
    indicator alone, whose mean is large where much of an image is border or noise.

    Cost: that of VAAL, the target learner (little), one ``predict_proba`` of the pool,
    and one training of `estimator` where it is not the learner's own.

    References
    ----------
    .. [1] B. Zhang, L. Li, S. Yang, S. Wang, Z.-J. Zha and Q. Huang. "State-Relabeling
       Adversarial Active Learning." CVPR 2020. arXiv:2004.04943.

    Examples
    --------
    The labeled samples lie on the left, the pool on both sides; classes differ in the
    first column, which says nothing about the side. So little data needs a small
    discriminator:

    >>> from functools import partial
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skactive.deep import SRAAL
    >>> from skactive.nets import VAEEmbedding
    >>> from skactive.nets.modules import Discriminator
    >>> rng = np.random.RandomState(0)
    >>> left, right = rng.normal(-2, 1, (60, 8)), rng.normal(2, 1, (20, 8))
    >>> right[:, 0] -= 4
    >>> X, X_pool = left[:30], np.vstack([left[30:], right])
    >>> strategy = SRAAL(
    ...     LogisticRegression(C=0.001),
    ...     latent_dim=8,
    ...     autoencoder=VAEEmbedding(n_iterations=200, lr=1e-3, width=8),
    ...     discriminator=partial(Discriminator, hidden=(64,)),
    ...     random_state=0,
    ... )
    >>> picks = strategy.fit(X, X[:, 0] > -2, X_pool).query(10)
    >>> bool(np.mean(picks >= 30) > 0.8)
    True
    """

    response_method = "predict_proba"

    _presets = {
        "default": {},
        "released": {
            "autoencoder__recon_reduction": "mean",
            "autoencoder__kl_reduction": "batch_mean",
            "fused": False,
            "recon_weight": 5.0,
            "stl_weight": 5.0,
        },
    }

    _parameter_constraints = {
        **AdversarialMixin._parameter_constraints,
        "estimator": [HasMethods(["fit"]), None],
        "stl_weight": WEIGHT,
        "recon_weight": WEIGHT,
        "split_latent": ["boolean"],
        "indicator": [callable, None],
        "indicator_ddof": [Interval(Integral, 0, 1, closed="both")],
        "indicator_update": [StrOptions({"cycle"}), *COUNT],
        "official_adv_target": ["boolean"],
        "target_learner": [callable, None],
    }

    def __init__(
        self,
        estimator=None,
        *,
        latent_dim=None,
        beta=None,
        adversary_weight=1.0,
        stl_weight=5.0,
        recon_weight=1.0,
        split_latent=True,
        indicator=None,
        indicator_ddof=0,
        indicator_update="cycle",
        official_adv_target=False,
        n_vae_steps=2,
        n_discriminator_steps=1,
        fused=True,
        autoencoder=None,
        target_learner=None,
        discriminator=None,
        embedding=None,
        warm_start=False,
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
        self.fused = fused
        self.autoencoder = autoencoder
        self.target_learner = target_learner
        self.discriminator = discriminator
        self.embedding = embedding
        self.warm_start = warm_start

    def _default_estimator(self):
        return NetClassifier()

    def _wanted_estimator(self):
        own = super()._wanted_estimator()
        return as_net_classifier(own) if isinstance(own, NeuralNetClassifier) else own

    def _check_estimator(self, estimator):
        check_units(self, estimator)
        if self.indicator is None:
            super()._check_estimator(estimator)

    def _fit(self, X, y, X_pool):
        self._validate_params()
        self._check_estimator(self._wanted_estimator())
        arrays = self._as_arrays(X, y, X_pool)
        codes, self._n_classes, classes = np.zeros(len(arrays[0]), np.int64), 0, ()
        if self.stl_weight > 0:
            classes, codes = np.unique(self._as_classes(y), return_inverse=True)
            self._n_classes = len(classes)
        super()._fit(X, y, X_pool)
        state = self._states(X if self.n_pool_ == 0 else X_pool, arrays[1])
        known = {"y": as_tensor(codes), "state": as_tensor(state)}
        self.history_, state = self._play(*arrays, (tuple(classes),), **known)
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

    def _states(self, X, embedded):
        """Return how uncertain each sample is, one float32 each."""
        ddof, model = self.indicator_ddof, self.estimator_
        # The model may begin by reading the pictures that were read already.
        shared, (last, left) = shared_steps([model, self.embedding_])
        if embedded.dtype == np.uint8 and shared is not None and left is None:
            model, X = last, embedded
        if self.indicator is not None:
            states = checked(self.indicator(model, X), len(embedded))
        elif predicts_maps(model, X):
            states = mean_over_pixels(model, X, ddof=ddof)
        else:
            states = uncertainty_indicator(self._predict_proba(X, model), ddof=ddof)
        if self.n_pool_ > 0 and states.mean() < TOO_CERTAIN:
            warnings.warn(
                f"{type(self.estimator_).__name__} is so sure of the pool (mean "
                f"indicator {states.mean():.1g}) that the discriminator has nothing to "
                "learn, and the query is nearly random. Take a model that is less "
                "sure, such as a calibrated one.",
                stacklevel=4,
            )
        return states.astype(np.float32)

    def _build(self, coder, X, X_pool):
        latent_dim = coder.latent_dim
        half = latent_dim // 2 if self.split_latent else latent_dim
        vae = coder._build_vae(X.shape[1:], half)
        settings = self._settings(coder, vae, X, X_pool)
        decoded = getattr(vae, "decoded_dim", latent_dim)
        if self.split_latent and not decoded < latent_dim:
            raise ValueError(
                "split_latent=True needs an autoencoder that decodes only a part of "
                f"its latent: decoded_dim below latent_dim={latent_dim}; or pass "
                "split_latent=False."
            )
        default = partial(Discriminator, hidden=(512,) * 4)
        judge = self._build_discriminator(default, latent_dim)
        read = latent_dim - decoded if self.split_latent else latent_dim
        every = self.indicator_update
        return StateRelabelingNet(
            vae,
            judge,
            self._build_target_learner(int(read), coder.width),
            n_classes=self._n_classes,
            recon_weight=self.recon_weight,
            target_weight=self.stl_weight,
            split=self.split_latent,
            reverse_adversary=self.official_adv_target,
            relabel=partial(uncertainty_indicator, ddof=self.indicator_ddof),
            relabel_every=None if every == "cycle" else every,
            **settings,
        )

    def _build_target_learner(self, n_inputs, width):
        if self.stl_weight == 0:
            return None
        default = partial(MLP, hidden=(8 * width, 2 * width))
        given = default if self.target_learner is None else self.target_learner
        return own_module(given, "target_learner", n_inputs, self._n_classes)

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

    def _validate_params(self):
        super()._validate_params()
        latent_dim = self._coder().latent_dim
        if self.split_latent and latent_dim % 2:
            raise ValueError(
                f"split_latent=True needs an even latent_dim, got {latent_dim}."
            )
        every, asked = self.indicator_update, self.indicator is not None
        if every != "cycle" and (self.stl_weight == 0 or asked):
            raise ValueError(
                f"indicator_update={every} uses the target learner, which needs "
                'stl_weight above 0 and no indicator; otherwise pass "cycle".'
            )
