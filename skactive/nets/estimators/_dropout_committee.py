"""One net as a committee: only its dropout layers are in training mode."""

from contextlib import contextmanager
from copy import deepcopy
from numbers import Integral

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.validation import check_is_fitted

from skactive.nets._arrays import uncompiled
from skactive.nets._seeded import alone
from skactive.nets.estimators._classifier import NetClassifier
from skactive.utils import seeded_clone
from skactive.utils._fitting import MAX_SEED
from skactive.utils._models import unfrozen

# These drop whole channels: one number is drawn for all pixels of a channel.
BY_CHANNEL = (torch.nn.Dropout1d, torch.nn.Dropout2d, torch.nn.Dropout3d)
DROPOUT = (torch.nn.Dropout, *BY_CHANNEL)


class DropoutCommittee(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """Make a committee of one net with its dropout layers (Monte Carlo dropout).

    Each member is the trained net with some of its units dropped [1]_. The mask of a
    member is drawn once and used for all samples, so a member is one model, and members
    have joint predictions of several labels. Everything else is in evaluation mode:
    batch normalization uses and keeps the statistics of training.

    Parameters
    ----------
    estimator : NetClassifier
        Its module has dropout layers: :class:`torch.nn.Dropout`, or one of those for
        channels. If it is already fitted, wrap it in
        :class:`sklearn.frozen.FrozenEstimator`.
    n_members : int, default=20
        How many masks, at least 2.
    random_state : int, RandomState instance or None, default=None
        Seeds the net and the masks. None leaves the random state of the net as it is.

    Attributes
    ----------
    estimator_ : NetClassifier
        The fitted net.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
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

    Cost: one pass over the samples per member. Memory: ``4 n_members n_samples
    n_classes`` bytes, and the predictions of one pass.

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
        y : array-like of shape (n_samples,)
            Labels.

        Returns
        -------
        self : object
            The fitted committee.

        Raises
        ------
        TypeError
            If ``estimator`` is not a :class:`NetClassifier`.
        ValueError
            If the module has no dropout layer, or none with a rate above 0.
        """
        self._check_parameters()
        rng = check_random_state(self.random_state)
        seed = int(rng.randint(MAX_SEED))
        mask_seeds = rng.randint(MAX_SEED, size=self.n_members)
        model = seeded_clone(
            self.estimator, None if self.random_state is None else seed
        ).fit(X, y)
        net = unfrozen(model)
        _dropout_layers(net.net_.module_)
        self.estimator_, self._mask_seeds = model, [int(s) for s in mask_seeds]
        self.classes_, self.n_features_in_ = net.classes_, net.n_features_in_
        if hasattr(net, "feature_names_in_"):
            self.feature_names_in_ = net.feature_names_in_
        return self

    def predict_proba_members(self, X):
        """Return the probability of each class from each member.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the shape that ``fit`` was given.

        Returns
        -------
        proba : ndarray of float32 of shape (n_members, n_samples, n_classes)
            Columns are in the order of ``classes_``.
        """
        check_is_fitted(self)
        net = unfrozen(self.estimator_)
        answers = []
        for seed in self._mask_seeds:
            with alone(), _as_written(net.net_) as module, _member(module, seed):
                answers.append(net.predict_proba(X).astype(np.float32))
        return np.stack(answers)

    def predict_proba(self, X):
        """Return the probability of each class, the mean over the members.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the shape that ``fit`` was given.

        Returns
        -------
        proba : ndarray of float64 of shape (n_samples, n_classes)
            Columns are in the order of ``classes_``.
        """
        return self.predict_proba_members(X).mean(axis=0, dtype=np.float64)

    def predict(self, X):
        """Return the label with the highest mean probability over the members.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the shape that ``fit`` was given.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Labels.
        """
        proba = self.predict_proba(X)
        return self.classes_[proba.argmax(axis=1)]

    def _check_parameters(self):
        if not isinstance(unfrozen(self.estimator), NetClassifier):
            raise TypeError(
                "DropoutCommittee needs a NetClassifier, whose module has dropout "
                f"layers; got {self.estimator!r}."
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
        tags.classifier_tags.multi_label = False
        return tags


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
            "above 0, so all members would be alike: add one before its last layer."
        )
    return layers
