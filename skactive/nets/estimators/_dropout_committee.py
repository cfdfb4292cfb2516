"""One net as a committee: only its dropout layers are in training mode."""

from contextlib import contextmanager
from copy import deepcopy
from itertools import islice
from numbers import Integral

import numpy as np
import torch
from sklearn.base import ClassifierMixin, MetaEstimatorMixin
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skactive.nets._arrays import uncompiled
from skactive.nets._seeded import alone
from skactive.nets.estimators._classifier import NetClassifier
from skactive.nets.estimators._segmenter import NetSegmenter
from skactive.utils import seeded_clone
from skactive.utils._documented import BaseEstimator
from skactive.utils._fitting import MAX_SEED
from skactive.utils._models import unfrozen
from skactive.utils._rows import take_rows

# These drop whole channels: one number is drawn for all pixels of a channel.
BY_CHANNEL = (torch.nn.Dropout1d, torch.nn.Dropout2d, torch.nn.Dropout3d)
DROPOUT = (torch.nn.Dropout, *BY_CHANNEL)
#: Rate of the U-Net that a segmenter without a module is given.
RATE = 0.2


def _says_masks(committee):
    return committee.answers_kind is not None


class DropoutCommittee(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """Make a committee of one net with its dropout layers (Monte Carlo dropout).

    Each member is the trained net with some of its units dropped [1]_. The mask of a
    member is drawn once and used for all samples, so a member is one model, and members
    have joint predictions of several labels. Everything else is in evaluation mode:
    batch normalization uses and keeps the statistics of training.

    Parameters
    ----------
    estimator : NetClassifier or NetSegmenter
        Its module has dropout layers: :class:`torch.nn.Dropout`, or one of those for
        channels. A segmenter without a module gets a
        :class:`~skactive.nets.modules.UNet` with ``module__dropout=0.2``, unless it
        says its own. If it is already fitted, wrap it in
        :class:`sklearn.frozen.FrozenEstimator`.
    n_members : int, default=20
        How many masks, at least 2.
    random_state : int, RandomState instance or None, default=None
        Seeds the net and the masks. None leaves the random state of the net as it is.

    Attributes
    ----------
    estimator_ : NetClassifier or NetSegmenter
        The fitted net.
    members_ : list
        One model for each mask, with ``predict_proba``; all ask the one net.
    classes_ : ndarray of shape (n_classes,)
        The labels, or the classes of pixels, sorted.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.

    See Also
    --------
    skactive.disagreement.BALD : Asks where the members differ.
    skactive.disagreement.BatchBALD : Asks for batches; needs 50 members or more.

    Notes
    -----
    Functional dropout, as inside :class:`torch.nn.MultiheadAttention`, is not found
    and stays off; :class:`torch.nn.AlphaDropout` too.

    A committee of a segmenter predicts masks, and is no classifier for scikit-learn.
    Its members are segmenters whose channels or units are silent in all images alike.

    Cost: one pass over the samples per member. Memory: ``4 n_members n_samples
    n_classes`` bytes, and the predictions of one pass. Of a segmenter ``predict``,
    ``score``, ``iter_proba`` and strategies hold the maps of a block of images at once,
    64 MB or one image of one member, and sums of twice that.

    References
    ----------
    .. [1] Y. Gal and Z. Ghahramani. "Dropout as a Bayesian Approximation: Representing
       Model Uncertainty in Deep Learning." ICML 2016. arXiv:1506.02142.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from torch import nn
    >>> from skactive.nets import DropoutCommittee, NetClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> module = nn.Sequential(
    ...     nn.Linear(4, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 3)
    ... )
    >>> net = NetClassifier(module, max_epochs=5)
    >>> committee = DropoutCommittee(net, n_members=7, random_state=0).fit(X, y)
    >>> committee.predict_proba_members(X).shape
    (7, 150, 3)
    """

    def __init__(self, estimator, *, n_members=20, random_state=None):
        self.estimator = estimator
        self.n_members = n_members
        self.random_state = random_state

    def fit(self, X, y):
        """Train the net, and draw a mask for each member.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples, as the net takes them.
        y : array-like of shape (n_samples,), or masks
            Labels, as the net takes them.

        Returns
        -------
        self : object
            The fitted committee.

        Raises
        ------
        TypeError
            If ``estimator`` is neither a :class:`NetClassifier` nor a
            :class:`NetSegmenter`.
        ValueError
            If the module has no dropout layer, or none with a rate above 0.
        """
        self._check_parameters()
        rng = check_random_state(self.random_state)
        seed = int(rng.randint(MAX_SEED))
        mask_seeds = rng.randint(MAX_SEED, size=self.n_members)
        model = seeded_clone(
            self.estimator, None if self.random_state is None else seed
        )
        _give_dropout(model)
        net = unfrozen(model.fit(X, y))
        _dropout_layers(net.net_.module_)
        self.estimator_, self._mask_seeds = model, [int(s) for s in mask_seeds]
        self.classes_, self.n_features_in_ = net.classes_, net.n_features_in_
        if hasattr(net, "feature_names_in_"):
            self.feature_names_in_ = net.feature_names_in_
        return self

    @property
    def members_(self):
        """One fitted model for each mask."""
        check_is_fitted(self)
        return [SilencedNet(self.estimator_, seed) for seed in self._mask_seeds]

    @property
    def answers_kind(self):
        """What an answer is to a learner: what it is to the net."""
        return getattr(unfrozen(self.estimator), "answers_kind", None)

    def predict_proba_members(self, X):
        """Return the probability of each class from each member.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the shape that ``fit`` was given.

        Returns
        -------
        proba : ndarray of float32 of shape (n_members, n_samples, n_classes, ...)
            In the order of ``classes_``; of a segmenter one map for each class, and so
            all maps of all members at once.
        """
        return np.stack([member.predict_proba(X) for member in self.members_])

    def predict_proba(self, X):
        """Return the probability of each class, the mean over the members.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the shape that ``fit`` was given.

        Returns
        -------
        proba : ndarray of float64 of shape (n_samples, n_classes)
            Columns are in the order of ``classes_``. Of a segmenter float32, one map
            for each class.
        """
        if _says_masks(self):
            return np.concatenate(list(self.iter_proba(X)))
        return self.predict_proba_members(X).mean(axis=0, dtype=np.float64)

    @available_if(_says_masks)
    def iter_proba(self, X):
        """Yield the mean probabilities of images batch by batch, of a segmenter.

        Parameters
        ----------
        X : array-like of shape (n_samples, channels, height, width)
            Images.

        Yields
        ------
        proba : ndarray of float32 of shape (n_batch, n_classes, height, width)
            Of the next images, in order.
        """
        members, start = self.members_, 0
        for first in members[0].iter_proba(X):
            block = take_rows(X, np.arange(start, start + len(first)))
            total = first.astype(np.float64)
            for member in members[1:]:
                total += member.predict_proba(block)
            total /= len(members)
            yield total.astype(np.float32)
            start += len(first)

    def predict(self, X):
        """Return the label with the highest mean probability over the members.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the shape that ``fit`` was given.

        Returns
        -------
        y : ndarray of shape (n_samples,), or masks (n_samples, height, width)
            Labels.
        """
        check_is_fitted(self)
        blocks = self.iter_proba(X) if _says_masks(self) else [self.predict_proba(X)]
        return self.classes_[np.concatenate([p.argmax(axis=1) for p in blocks])]

    def score(self, X, y, sample_weight=None):
        """Return the accuracy; of a segmenter, the mean intersection over union.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the shape that ``fit`` was given.
        y : array-like of shape (n_samples,), or masks
            True labels.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of samples; masks are scored without.

        Returns
        -------
        score : float
            As the net scores.
        """
        if not _says_masks(self):
            return super().score(X, y, sample_weight)
        net = unfrozen(self.estimator_)
        return net._score_of(y, self.predict(X), sample_weight)

    def _check_parameters(self):
        if not isinstance(unfrozen(self.estimator), (NetClassifier, NetSegmenter)):
            raise TypeError(
                "DropoutCommittee needs a NetClassifier or a NetSegmenter, whose "
                f"module has dropout layers; got {self.estimator!r}."
            )
        n = self.n_members
        if isinstance(n, (bool, np.bool_)) or not isinstance(n, Integral):
            raise TypeError(f"n_members must be an integer, got {n!r}.")
        if n < 2:
            raise ValueError(f"n_members must be at least 2, got {n}.")

    def __sklearn_is_fitted__(self):
        return hasattr(self, "estimator_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = deepcopy(get_tags(self.estimator).input_tags)
        if _says_masks(self):
            tags.estimator_type = tags.classifier_tags = None
        else:
            tags.classifier_tags.multi_label = False
        return tags


class SilencedNet:
    """A fitted net in which the units that one mask names are silent.

    Parameters
    ----------
    estimator : NetClassifier or NetSegmenter
        Fitted, maybe frozen. It is changed while it is asked, and not for long.
    seed : int
        Of the mask.
    """

    def __init__(self, estimator, seed):
        self.estimator = estimator
        self.seed = seed

    @property
    def answers_kind(self):
        return getattr(unfrozen(self.estimator), "answers_kind", None)

    @property
    def classes_(self):
        return unfrozen(self.estimator).classes_

    def predict_proba(self, X):
        """Return the probability of each class as float32."""
        with self._silenced() as net:
            return net.predict_proba(X).astype(np.float32, copy=False)

    def iter_proba(self, X):
        """Yield probabilities batch by batch; between two of them, the net is whole."""
        batches = unfrozen(self.estimator).iter_proba(X)
        while found := self._next(batches):
            yield found.pop()  # and is not held here until it is asked for more

    def _next(self, batches):
        with self._silenced():
            return list(islice(batches, 1))

    @contextmanager
    def _silenced(self):
        net = unfrozen(self.estimator)
        with alone(), _as_written(net.net_) as module, _member(module, self.seed):
            yield net


@contextmanager
def one_mask(module, layers, seed):
    """Run a block with dropout on, and the same units dropped in each batch."""
    generator = torch.Generator()

    def begin(module, inputs):
        # Layers run in the same order in each batch, and so get the same numbers.
        generator.manual_seed(seed)

    def silence(layer, inputs, output):
        shape = list(output.shape[1:])
        if isinstance(layer, BY_CHANNEL):
            shape[1:] = [1] * len(shape[1:])
        keep = 1 - layer.p
        mask = (torch.rand(shape, generator=generator) < keep).to(output)
        return output * (mask / keep if keep else mask)

    hooks = [module.register_forward_pre_hook(begin)]
    hooks += [layer.register_forward_hook(silence) for layer in layers]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _give_dropout(model):
    """Set a rate where a segmenter would be trained with its default module."""
    default = isinstance(model, NetSegmenter) and model.module is None
    if default and "module__dropout" not in vars(model):
        model.set_params(module__dropout=RATE)


def _member(module, seed):
    return one_mask(module, _dropout_layers(module), seed)


@contextmanager
def _as_written(net):
    """Run a block in which a net asks its module as it was before it was compiled."""
    module = net.module_
    vars(net)["module_"] = uncompiled(module)
    try:
        yield net.module_
    finally:
        vars(net)["module_"] = module


def _dropout_layers(module):
    layers = [m for m in module.modules() if isinstance(m, DROPOUT) and m.p > 0]
    if not layers:
        raise ValueError(
            f"{type(module).__name__} has no layer of torch.nn.Dropout with a rate "
            "above 0, so all members would be alike: add one before its last layer, "
            "or, of a UNet or an MLP, set module__dropout=0.2."
        )
    return layers
