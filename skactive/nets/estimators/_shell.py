"""What estimators around a net share, whatever they predict."""

import inspect
from copy import deepcopy
from numbers import Integral, Real

import numpy as np
import torch
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skactive._sklearn import Interval, StrOptions
from skactive.nets._arrays import as_taken, warn_of_rounding
from skactive.nets._input import (
    is_handed_integers,
    is_pixels,
    lies_channels_last,
    to_channels_last,
)
from skactive.nets._seeded import check_device, seeded_torch
from skactive.nets._storage import (
    StoredNetsMixin,
    features_state,
    restore_features,
)
from skactive.nets.estimators._building import build_module
from skactive.nets.estimators._criterion import check_reduced, criterion_settings
from skactive.nets.estimators._recipe import PLAIN, Target
from skactive.nets.estimators._schedule import with_schedule
from skactive.nets.estimators._settings import (
    PREFIXES,
    NestedSettingsMixin,
    check_loaders,
    check_names,
    check_settings,
)
from skactive.nets.estimators._shrink_perturb import ShrinkPerturb
from skactive.utils._fitting import MAX_SEED

#: Parameters that all shells have.
SHELL_CONSTRAINTS = {
    "module": [callable, None],
    "criterion": [callable, None],
    "optimizer": [callable, None],
    "lr": [Interval(Real, 0, None, closed="neither")],
    "max_epochs": [Interval(Integral, 1, None, closed="left")],
    "batch_size": [Interval(Integral, 1, None, closed="left")],
    "augment": [callable, None],
    "precision": [StrOptions({"fp32", "bf16"})],
    "channels_last": ["boolean"],
    "callbacks": [list, tuple, StrOptions({"disable"}), None],
    "device": [str, torch.device],
    "classes": ["array-like", None],
    "warm_start": ["boolean", ShrinkPerturb],
    "verbose": ["verbose"],
    "random_state": ["random_state"],
}


class NetShell(NestedSettingsMixin, StoredNetsMixin):
    """Build a skorch net from parameters, train it by a recipe, keep and save it.

    To the left of BaseEstimator. A subclass has the parameters of NetClassifier, and
    says what ``y`` is: ``_target`` (samples and labels checked, as a Target),
    ``_answer`` (what predict returns), and ``_default_parts``. Where more is saved of
    the labels than ``classes_``, also ``_target_state`` and ``_target_from``.
    """

    #: How the fitted net was trained; ``clone`` drops it.
    _recipe = PLAIN
    _round_before = None

    def _train(self, X, y, recipe, *, before=None, **beside):
        """Train by a recipe, and set the fitted attributes.

        ``before`` is a fitted shell from whose net training continues; ``beside`` is
        what the recipe takes besides samples and labels, such as ``X_pool``.
        """
        self._validate_params()
        check_names(self)
        if isinstance(self.warm_start, ShrinkPerturb):
            self.warm_start._validate_params()
        device = check_device(self.device)
        X, target = recipe.target(self, X, y)
        if before is not None:
            target = self._continued(target, before)
        beside = recipe.beside(self, X, target, **beside)
        shape, y = X.shape[1:], target.values
        before = self._fitting(before, shape, target, recipe)
        rng = check_random_state(self.random_state)
        seed, predict_seed = (int(s) for s in rng.randint(MAX_SEED, size=2))
        with seeded_torch(seed, device):
            module = self._new_module(shape, target, before)
            integers = is_handed_integers(module, X)
            if not integers:
                warn_of_rounding(module, X)
            X = as_taken(module, X, "X", integers)
            beside = {k: as_taken(module, v, k, integers) for k, v in beside.items()}
            settings = self._net_settings(module, target, shape)
            sizes = recipe.sizes(settings, X, y, **beside)
            net = recipe.net(module, settings, shape, **sizes)
            check_reduced(net.criterion_)
            if before is not None:
                recipe.go_on(net, before.net_)
            net.train(X, y, **beside)
        target = recipe.finish(net, X, target)
        # Moments of the optimizer would double or triple what is kept and pickled.
        net.optimizer_.zero_grad(set_to_none=True)
        net.optimizer_.state.clear()
        # As after a prediction, which must not change anything that is fitted.
        net._set_training(False)
        seen = {"_pixels": is_pixels(X), "_integers": integers}
        self._set_fitted(net, recipe, sizes, target, shape, predict_seed, **seen)
        return self

    def _no_target(self):
        """Return a target without labels, for a net whose last layer is not trained."""
        # Any number of columns will do.
        n_outputs = 1 if self.classes is None else len(set(self.classes))
        return Target(None, n_outputs, {"classes_": np.arange(n_outputs)})

    def _continued(self, target, before):
        """Return the target as the net of another fit, to be trained on, needs it."""
        return target

    def _after(self, before):
        """Let the next ``fit`` go on from a fitted net like this one, if it fits.

        Called by a learner, with the net of the round before. In the round in which a
        class is seen first the head has another size, and the net begins fresh.
        """
        self._round_before = before

    def _last_fit(self):
        """Return the fitted net that ``fit`` goes on from, or None."""
        if not self.warm_start:
            return None
        if self._round_before is not None:
            return self._round_before
        return self if hasattr(self, "net_") else None

    def _fitting(self, before, sample_shape, target, recipe):
        """Return the net to go on from, or None; refuse one that does not fit."""
        if before is None:
            return None
        known = {name: getattr(before, name) for name in target.fitted}
        same = all(np.array_equal(v, known[name]) for name, v in target.fitted.items())
        if sample_shape != before.sample_shape_ or not same:
            if before is self._round_before:
                return None
            words = [f"the {k[:-1]} {np.asarray(v).tolist()}" for k, v in known.items()]
            raise ValueError(
                "warm_start continues from the net of the last fit, which has "
                f"{', '.join(words)} and samples of shape {before.sample_shape_}. "
                "Declare all labels with classes=..., or clone the estimator to start "
                "from scratch."
            )
        if before._recipe.name != recipe.name:
            raise ValueError(
                "warm_start continues from the net of the last fit, which was "
                f"trained by the recipe {before._recipe.name!r}, not by "
                f"{recipe.name!r}. Clone the estimator to start from scratch."
            )
        return before

    def _new_module(self, sample_shape, target, before):
        if before is None:
            return self._fresh_module(sample_shape, target.n_outputs)
        # A copy: if training fails, the last fit must survive.
        module = deepcopy(before.net_.module_)
        if isinstance(self.warm_start, ShrinkPerturb):
            fresh = self._fresh_module(sample_shape, target.n_outputs)
            self.warm_start._begin(module, fresh)
        return module

    def _fresh_module(self, sample_shape, n_outputs):
        return self._built(self.module, sample_shape, n_outputs)

    def _built(self, module, sample_shape, n_outputs):
        return build_module(module, sample_shape, n_outputs, self._settings("module"))

    def _lies_channels_last(self, module, sample_shape):
        # L-BFGS flattens gradients by view, which fails in that memory format.
        lbfgs = isinstance(self.optimizer, type) and issubclass(
            self.optimizer, torch.optim.LBFGS
        )
        may = self.channels_last and not lbfgs
        return may and lies_channels_last(module, sample_shape)

    def _parts(self, classes):
        """Return criterion and optimizer, and the settings of all parts."""
        parts = dict(self._default_parts)
        for name in parts:
            given = getattr(self, name)
            parts[name] = parts[name] if given is None else given
            check_settings(name, parts[name], self._settings(name))
        settings = {p: self._settings(p) for p in PREFIXES if p != "module"}
        check_loaders(settings)
        if "criterion" in parts:
            parts["criterion"], settings["criterion"] = criterion_settings(
                parts["criterion"], settings["criterion"], classes
            )
        nested = {
            f"{prefix}__{name}": value
            for prefix, given in settings.items()
            for name, value in given.items()
        }
        return {**parts, **nested}

    def _net_settings(self, module, target, sample_shape):
        """Return what the skorch net is built with, besides its module."""
        last = self._lies_channels_last(module, sample_shape)
        if last:
            to_channels_last(module)
        # An estimator that is not a classifier has columns in place of labels.
        classes = target.fitted.get("classes_")
        return {
            "n_outputs": target.n_outputs,
            "lr": self.lr,
            "max_epochs": self.max_epochs,
            "batch_size": self.batch_size,
            "augment": self.augment,
            "precision": self.precision,
            "channels_last": last,
            "callbacks": self._callbacks(target),
            "device": self.device,
            "verbose": self.verbose,
            **self._parts(classes),
        }

    def _callbacks(self, target):
        callbacks = clone(self.callbacks, safe=False)
        if target.values is None:  # nothing is trained
            return callbacks
        schedule = getattr(self, "schedule", None)
        n = len(target.values)
        return with_schedule(callbacks, schedule, n, self.batch_size, self.max_epochs)

    def _set_fitted(self, net, recipe, sizes, target, shape, predict_seed, **seen):
        self.net_ = net
        vars(self).pop("_round_before", None)  # which would keep the one before it
        vars(self).update(target.fitted)
        self.sample_shape_ = tuple(shape)
        self._recipe, self._sizes = recipe, sizes
        self._predict_seed = predict_seed
        vars(self).update(seen)

    def _stored(self):
        check_is_fitted(self)
        return {
            **features_state(self),
            **self._target_state(),
            "recipe": self._recipe.name,
            "sizes": self._sizes,
            "weights": self._recipe.state(self.net_),
            "sample_shape": list(self.sample_shape_),
            "predict_seed": self._predict_seed,
            "pixels": self._pixels,
            "integers": self._integers,
        }

    def _restore(self, state, recipe=PLAIN):
        self._validate_params()
        check_names(self)
        device = check_device(self.device)
        target = self._target_from(state)
        shape, seed = tuple(state["sample_shape"]), state["predict_seed"]
        # The new module draws weights before it is given those of the file.
        with seeded_torch(seed, device):
            module = self._fresh_module(shape, target.n_outputs)
            settings = self._net_settings(module, target, shape)
            net = recipe.net(module, settings, shape, **state["sizes"])
        recipe.load(net, state["weights"])
        # A file from before integers were stored leaves them to what is asked about.
        seen = {"_pixels": state["pixels"], "_integers": state.get("integers")}
        self._set_fitted(net, recipe, state["sizes"], target, shape, seed, **seen)
        restore_features(self, state)

    def _target_state(self):
        return {
            "classes": self.classes_.tolist(),
            "classes_dtype": self.classes_.dtype.str,
        }

    def _target_from(self, state):
        classes = np.array(state["classes"], dtype=state["classes_dtype"])
        return Target(None, len(classes), {"classes_": classes})

    def _readable_recipe(self):
        return PLAIN.name

    def __sklearn_is_fitted__(self):
        return hasattr(self, "net_")


def check_pair_augment(shell):
    """Refuse an augment of images alone: masks or boxes would stay where they were."""
    if shell.augment is None:
        return
    try:
        inspect.signature(shell.augment).bind(None, None)
    except TypeError as error:
        raise TypeError(
            f"augment of a {type(shell).__name__} takes images and what is in them, "
            f"augment(X, y), and returns both: {shell.augment!r} would change images "
            "alone."
        ) from error
    except ValueError:  # no signature, as of some that are built in
        return
