"""What the generators of traps share."""

import numpy as np

from skactive.datasets._bunch import answer

TEST_SIZE = 1000


def trap(name, X, y, *, rng, test, fools, descr, return_X_y, **per_sample):
    """Shuffle a trap and return it in the shape of every data set.

    ``per_sample`` are arrays with one entry per row that tell what the labels do not.
    They are shuffled with the rows.
    """
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
