"""The small problems on which the contract checks run."""

import numpy as np
from sklearn.base import TransformerMixin, clone, is_regressor
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

from skactive.base import ModelStrategy
from skactive.utils._documented import BaseEstimator

N_LABELED = 18
N_POOL = 14


def problem(n_labeled=N_LABELED, n_pool=N_POOL, n_classes=3, random_state=0):
    """Return X, y, X_pool: overlapping blobs in four dimensions, float64.

    The classes overlap, so that no model is certain and scores differ.
    """
    rng = np.random.RandomState(random_state)
    y_all = np.arange(n_labeled + n_pool) % n_classes
    centers = 1.5 * rng.standard_normal((n_classes, 4))
    X_all = centers[y_all] + rng.standard_normal((n_labeled + n_pool, 4))
    return X_all[:n_labeled], y_all[:n_labeled], X_all[n_labeled:]


def build(strategy, seed=0):
    """Return an unfitted copy with a fixed seed, if it takes one."""
    strategy = clone(strategy)
    if "random_state" in strategy.get_params(deep=False):
        strategy.set_params(random_state=seed)
    return strategy


def takes_classes(strategy):
    """Tell whether the labels of a strategy are classes."""
    if getattr(strategy, "needs_numbers", False):
        return False
    model = getattr(strategy, "estimator", None)
    return not (hasattr(model, "__sklearn_tags__") and is_regressor(model))


def _doors(strategy):
    """Return name and object of each part that a strategy shows its samples to."""
    doors = {}
    params = strategy.get_params(deep=False)
    if "embedding" in params:
        doors["embedding"] = params["embedding"]
    if isinstance(strategy, ModelStrategy):
        doors["estimator"] = strategy._wanted_estimator()
    return doors


def has_front_door(strategy):
    """Tell whether a transformer can be put in front of what a strategy fits."""
    doors = _doors(strategy)
    frozen = any(isinstance(part, FrozenEstimator) for part in doors.values())
    return bool(doors) and not frozen


def behind(transformer, strategy):
    """Return a copy of a strategy that sees samples through a transformer."""
    strategy = build(strategy)
    for name, part in _doors(strategy).items():
        steps = [] if part is None else [part]
        strategy.set_params(**{name: make_pipeline(clone(transformer), *steps)})
    return strategy


class FourAxesOnly(TransformerMixin, BaseEstimator):
    """Flattens images, and refuses what is flat already."""

    def fit(self, X, y=None):
        self._check(X)
        self.fitted_ = True
        return self

    def transform(self, X):
        self._check(X)
        return np.asarray(X).reshape(len(X), -1)

    def _check(self, X):
        assert np.ndim(X) == 4, (
            f"images have four axes, but they arrived with shape {np.shape(X)}: hand "
            "X on as it is"
        )
