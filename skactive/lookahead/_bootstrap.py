"""Copies of a regressor, each trained on as many labels, drawn with replacement."""

import numpy as np
from sklearn.frozen import FrozenEstimator

from skactive.utils import fit_with_pool, seeded_clone
from skactive.utils._fit_params import cut_to_rows
from skactive.utils._fitting import MAX_SEED
from skactive.utils._models import innermost, unfrozen
from skactive.utils._rows import take_rows, with_rows


def bootstrap_copies(estimator, X, y, X_pool=None, *, n_members, seed, params=None):
    """Return fitted copies of a model, each trained on a bootstrap sample.

    A sample has as many rows as there are labels: with more of them the copies would
    agree, whatever is unknown.

    Parameters
    ----------
    estimator : estimator object
        What to copy.
    X : array-like of shape (n_labeled, ...)
        Labeled samples.
    y : array-like of shape (n_labeled,) or (n_labeled, n_outputs)
        Their values.
    X_pool : array-like of shape (n_pool, ...) or None, default=None
        Shown to copies whose ``fit`` takes it.
    n_members : int
        How many copies.
    seed : int
        Draws the samples, and seeds the copies.
    params : dict or None, default=None
        More arguments of ``fit``; those with one entry per row are cut to the sample.

    Returns
    -------
    members : list of fitted estimators
        One per sample.
    """
    X, y = with_rows(X), np.asarray(y)
    members = []
    for member_seed in np.random.RandomState(seed).randint(MAX_SEED, size=n_members):
        rng = np.random.RandomState(member_seed)
        rows = rng.randint(len(y), size=len(y))
        member = seeded_clone(estimator, rng)
        beside = cut_to_rows(X, params, rows)
        members.append(
            fit_with_pool(member, take_rows(X, rows), y[rows], X_pool, **beside)
        )
    return members


def refuse_same_copies(strategy, estimator):
    """Refuse a model whose last step is frozen: copies of it would never differ."""
    inner = unfrozen(estimator)
    if isinstance(innermost(inner, unwrap=lambda model: model), FrozenEstimator):
        raise ValueError(
            f"The last step of {inner!r} is frozen: copies of it would all be the "
            f"same, and {type(strategy).__name__} compares copies. Pass the model "
            "unfrozen."
        )
