"""Copies of a model, each trained on a sample drawn from the labeled ones."""

from contextlib import nullcontext
from functools import partial
from numbers import Integral

import numpy as np
from sklearn import config_context
from sklearn.base import is_regressor
from sklearn.model_selection import BaseShuffleSplit
from sklearn.pipeline import Pipeline

from skactive.utils._dense_answers import MaskAnswers, kind_of
from skactive.utils._fit_params import cut_to_rows
from skactive.utils._fitting import MAX_SEED, fit_with_pool, seeded_clone
from skactive.utils._models import innermost
from skactive.utils._rows import take_rows, with_rows


def bagged_members(estimator, X, y, X_pool, *, n_members, seed, params=None):
    """Return fitted copies of a model, each trained on a bootstrap sample."""
    X = with_rows(X)  # to CSR: other sparse formats have no rows
    y = np.asarray(y)
    seeds = np.random.RandomState(seed).randint(MAX_SEED, size=n_members)
    members, least = [], least_of_a_class(estimator)
    draw = partial(bootstrap_rows, least=least)
    if is_regressor(estimator):
        least, draw = 0, bootstrap_numbers
    elif kind_of(y) is MaskAnswers:
        ignored = getattr(innermost(estimator), "ignore_index", None)
        least, draw = 0, partial(bootstrap_masks, ignored=ignored)
    for k, member_seed in enumerate(seeds):
        rng = np.random.RandomState(member_seed)
        rows = draw(y, rng)
        member = seeded_clone(estimator, rng)
        X_rows = take_rows(X, rows)
        beside = cut_to_rows(X, params, rows)
        try:
            # The parameters of the others are those of the first, which were checked.
            with config_context(skip_parameter_validation=True) if k else nullcontext():
                member = fit_with_pool(member, X_rows, y[rows], X_pool, **beside)
        except ValueError as error:
            if not least:
                raise
            raise _with_advice(error, y[rows], least) from error
        members.append(member)
    return members


def least_of_a_class(estimator):
    """Return how many samples of each class a model needs for its parts.

    Such are folds of a calibration, and the neighbors of samplers that make new samples
    of those of a class.
    """
    params = estimator.get_params()
    needs = [_folds(v) for k, v in params.items() if k.rpartition("__")[2] == "cv"]
    for part in (estimator, *params.values()):
        if hasattr(part, "fit_resample") and not isinstance(part, (Pipeline, type)):
            needs.append(_neighbors_of_a_sample(part))
    return max(needs, default=0)


def _folds(cv):
    """Return how many members of each class a cross-validation needs at least.

    Of lists of splits, and of splitters that do not look at classes, nothing is known.
    """
    if cv is None:
        return 5
    if isinstance(cv, (BaseShuffleSplit, float)):
        return 2
    cv = getattr(cv, "cvargs", {}).get("n_splits", cv)  # of a repeated one
    cv = getattr(cv, "n_splits", cv)
    return int(cv) if isinstance(cv, Integral) else 0


def _neighbors_of_a_sample(sampler):
    """Return how many samples of a class a sampler looks at, the sample included."""
    if hasattr(sampler, "smote"):  # one made of two, whose default is SMOTE()
        default = 6 if sampler.smote is None else 0
        return max(default, _neighbors_of_a_sample(sampler.smote))
    for name in ("k_neighbors", "n_neighbors"):
        k = getattr(sampler, name, None)
        if k is not None:
            k = getattr(k, "n_neighbors", k)
            # A finder of neighbors counts the sample itself.
            return int(k) + (k is getattr(sampler, name))
    return 0


def bootstrap_rows(y, rng, least=0):
    """Draw rows with replacement until they hold two classes, if ``y`` does.

    Where fewer than ``least`` of a class were drawn, more of it are. If ``y`` itself
    holds fewer, the sample has as many of each class as ``y``, which served the model
    that was fitted on all: of equal classes, SMOTE makes no samples.
    """
    labels, counts = np.unique(y, return_counts=True)
    if len(labels) > 1 and counts.min() < least:
        of_classes = (np.flatnonzero(y == label) for label in labels)
        return np.concatenate([rng.choice(rows, len(rows)) for rows in of_classes])
    rows = _drawn_rows(y, rng)
    for label in labels if least else ():
        lacking = least - np.count_nonzero(y[rows] == label)
        if lacking > 0:
            rows = np.append(rows, rng.choice(np.flatnonzero(y == label), lacking))
    return rows


def bootstrap_numbers(y, rng):
    """Draw rows with replacement, whatever they hold."""
    return rng.randint(len(y), size=len(y))


def bootstrap_masks(y, rng, ignored=None):
    """Draw masks with replacement until they hold two classes, if ``y`` does.

    Parameters
    ----------
    y : ndarray of shape (n, height, width), or of n masks
        Classes of pixels.
    rng : RandomState
        What draws.
    ignored : int or None, default=None
        What a mask holds where a pixel has no label.

    Returns
    -------
    rows : ndarray of shape (n,)
        Where nothing but ``ignored`` is in any mask, any.
    """
    classes = [set(np.unique(mask).tolist()) - {ignored} for mask in y]
    least = min(2, len(set().union(*classes)))
    while True:
        rows = rng.randint(len(y), size=len(y))
        if len(set().union(*(classes[row] for row in rows))) >= least:
            return rows


def _with_advice(error, y, least):
    """Return an error that says what a bootstrap has to do with it."""
    labels, counts = np.unique(y, return_counts=True)
    return ValueError(
        f"{error} This is of a member of the committee, which learns from a bootstrap "
        f"sample: some rows twice, and {counts.min()} of "
        f"{labels[counts.argmin()].item()!r}, the rarest class. Begin with more "
        f"labels, or lower what the model wants, up to {least} of each class: cv, or "
        "the neighbors of a sampler; or take another sampler, such as "
        "RandomOverSampler."
    )


def _drawn_rows(y, rng):
    several = len(np.unique(y)) > 1
    while True:
        rows = rng.randint(len(y), size=len(y))
        if not several or (y[rows] != y[rows[0]]).any():
            return rows
