"""What the generators of traps share."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_scalar

from skactive.datasets._bunch import answer

TEST_SIZE = 1000


def check_count(value, name, low, high=None):
    """Refuse what is not a whole number between two bounds."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be a whole number, got {value!r}.")
    check_scalar(value, name, Integral, min_val=low, max_val=high)


def check_number(value, name, low=None, high=None):
    """Refuse what is not a finite number between two bounds."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be a number, got {value!r}.")
    check_scalar(value, name, Real)
    if not np.isfinite(value):  # NaN is on no side of a bound
        raise ValueError(f"{name} == {value}, must be a finite number.")
    check_scalar(value, name, Real, min_val=low, max_val=high)


def trap(name, X, y, *, rng, test, fools, descr, return_X_y, **per_sample):
    """Shuffle a trap and return it in the shape of every data set.

    ``per_sample`` are arrays with one entry per row that tell what the labels do not.
    They are shuffled with the rows.
    """
    if not (np.isfinite(X).all() and np.isfinite(test[0]).all()):
        raise ValueError(
            f"The samples of {name} are too large for floating-point numbers; lower "
            "the parameters that are distances."
        )
    order = rng.permutation(len(X))
    return answer(
        name,
        X[order],
        y[order].astype(np.int64),
        test=(test[0], test[1].astype(np.int64)),
        descr=descr,
        return_X_y=return_X_y,
        fools=fools,
        **{key: value[order] for key, value in per_sample.items()},
    )


def blobs(sizes, centers, rng):
    """Return normal clusters of deviation 1, and the cluster of each row."""
    y = np.repeat(np.arange(len(sizes)), sizes)
    return centers[y] + rng.randn(*(len(y), centers.shape[1])), y


def even_sizes(n, n_classes):
    """Return class sizes that sum to n and differ by one at most."""
    return np.bincount(np.arange(n) % n_classes, minlength=n_classes)
