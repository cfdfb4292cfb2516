"""A pool that holds many near duplicates of each sample."""

import numpy as np
from sklearn.utils import check_random_state

from skactive.datasets._traps import (
    TEST_SIZE,
    blobs,
    check_count,
    check_number,
    even_sizes,
    trap,
)

DESCR = """Overlapping classes; each sample has near duplicates with the same label.

Made to fool MarginSampling and other strategies that take the n highest scores, since
duplicates have similar scores. Test part: a fresh draw without duplicates."""


def make_redundant_pool(
    n_unique=120,
    copies=10,
    *,
    n_classes=6,
    n_features=10,
    class_sep=1.0,
    jitter=0.02,
    random_state=None,
    return_X_y=True,
):
    """Overlapping classes in which each sample has near duplicates of the same label.

    Frames of a video, scans of one patient: the n most uncertain samples are near
    duplicates of a few, and a batch of n labels is worth those few. Random sampling
    hardly notices.

    Parameters
    ----------
    n_unique : int, default=120
        Number of different samples.
    copies : int, default=10
        How many near duplicates each has, itself included. 1 turns the trap off.
    n_classes : int, default=6
        Number of classes, equally likely.
    n_features : int, default=10
        Number of features.
    class_sep : float, default=1.0
        Standard deviation of the coordinates of the class centers; that of the
        classes is 1.
    jitter : float, default=0.02
        Standard deviation of a copy around its original. 0 makes exact duplicates.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw, centers included.
    return_X_y : bool, default=True
        False returns a Bunch that also holds the truth.

    Returns
    -------
    X : ndarray of shape (n_unique * copies, n_features)
        The samples, in random order.
    y : ndarray of int64 of shape (n_unique * copies,)
        Class numbers.
    bunch : :class:`~sklearn.utils.Bunch`
        In place of ``(X, y)`` if ``return_X_y=False``: the fields of
        :func:`load_dataset`, ``in_trap`` (all rows but one of each original: what they
        tell is known from that one), ``group`` (the number of the original of each
        row) and ``fools`` (names of strategies).

    Raises
    ------
    TypeError, ValueError
        If a parameter is of the wrong kind or out of its range.

    See Also
    --------
    make_honeypot : Uncertainty misled by noise instead of duplicates.

    Notes
    -----
    Split by ``group``, not by row, if you split: otherwise near duplicates of the
    training samples are in the test part.

    References
    ----------
    .. [1] S. Mittal et al. Best practices in active learning for semantic
       segmentation. GCPR 2023 (on redundant pools).

    Examples
    --------
    >>> from skactive.datasets import make_redundant_pool
    >>> X, y = make_redundant_pool(n_unique=50, copies=4, random_state=0)
    >>> X.shape
    (200, 10)
    """
    for value, name in ((n_unique, "n_unique"), (copies, "copies")):
        check_count(value, name, 1)
    check_count(n_classes, "n_classes", 2)
    check_count(n_features, "n_features", 1)
    check_number(class_sep, "class_sep", 0)
    check_number(jitter, "jitter", 0)
    rng = check_random_state(random_state)
    centers = class_sep * rng.randn(n_classes, n_features)
    X, y = blobs(even_sizes(n_unique, n_classes), centers, rng)
    group = np.repeat(np.arange(n_unique), copies)
    return trap(
        "redundant_pool",
        X[group] + jitter * rng.randn(len(group), n_features),
        y[group],
        rng=rng,
        test=blobs(even_sizes(TEST_SIZE, n_classes), centers, rng),
        fools=("MarginSampling",),
        descr=DESCR,
        return_X_y=return_X_y,
        group=group,
        in_trap=np.arange(len(group)) % copies > 0,
    )
