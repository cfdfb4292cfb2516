"""A cluster that cannot be learned, and looks as if it were worth asking about."""

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

DESCR = """A ring of clusters, one class each, and a cluster of noise in the middle.

Made to fool EntropySampling, MarginSampling and other measures of uncertainty. After T.
Werner et al., A cross-domain benchmark for active learning, NeurIPS 2024, with more
classes. Test part: a fresh draw of the ring alone."""


def make_honeypot(
    n_samples=600,
    *,
    n_classes=4,
    radius=4.0,
    honeypot_share=0.5,
    honeypot=(0.0, 0.0),
    random_state=None,
    return_X_y=True,
):
    """A ring of classes to learn, and a cluster of pure noise in its middle.

    Normal clusters of deviation 1 in the plane. Those on the ring are one class each;
    the honeypot has equally many labels of each class, whatever the position. A model
    is never sure there, so a strategy that asks where the model is unsure pays for
    noise [1]_ and learns little about the ring.

    Parameters
    ----------
    n_samples : int, default=600
        Number of samples, honeypot included.
    n_classes : int, default=4
        Number of classes, evenly spaced on the ring.
    radius : float, default=4.0
        Of the ring.
    honeypot_share : float, default=0.5
        Share of the samples in the honeypot. 0 turns the trap off.
    honeypot : tuple of two floats, default=(0.0, 0.0)
        Its center; that of the ring is (0, 0).
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.
    return_X_y : bool, default=True
        False returns a Bunch that also holds the truth.

    Returns
    -------
    X : ndarray of shape (n_samples, 2)
        The samples, in random order.
    y : ndarray of int64 of shape (n_samples,)
        Class numbers.
    bunch : :class:`~sklearn.utils.Bunch`
        In place of ``(X, y)`` if ``return_X_y=False``: the fields of
        :func:`load_dataset`, ``in_trap`` (the rows in the honeypot) and ``fools``
        (names of strategies).

    Raises
    ------
    TypeError, ValueError
        If a parameter is of the wrong kind or out of its range.

    See Also
    --------
    make_noisy_region : Noise within the data instead of beside it.

    Notes
    -----
    The published constants, read off the authors' code, are, up to a rotation,
    ``n_classes=2, radius=3, honeypot=(0, 4)`` with 600 samples, half of them in the
    honeypot. Two clusters that far apart are learned from a few labels, so what is
    wasted is not missed: when we tried, four of five labels of MarginSampling went
    into the honeypot and the area under its curve was that of random. With more classes
    it is below.

    References
    ----------
    .. [1] T. Werner, J. Burchert, M. Stubbemann and L. Schmidt-Thieme. A cross-domain
       benchmark for active learning. NeurIPS 2024.

    Examples
    --------
    >>> from skactive.datasets import make_honeypot
    >>> X, y = make_honeypot(random_state=0)
    >>> X.shape
    (600, 2)
    >>> truth = make_honeypot(random_state=0, return_X_y=False)
    >>> float(truth.in_trap.mean())
    0.5
    """
    check_count(n_classes, "n_classes", 2)
    check_count(n_samples, "n_samples", n_classes)
    check_number(radius, "radius", 0)
    check_number(honeypot_share, "honeypot_share", 0, 1)
    center = _center(honeypot)
    rng = check_random_state(random_state)
    angles = 2 * np.pi * np.arange(n_classes) / n_classes
    ring = radius * np.column_stack([np.cos(angles), np.sin(angles)])
    n_noise = round(honeypot_share * n_samples)
    X, y = blobs(even_sizes(n_samples - n_noise, n_classes), ring, rng)
    X = np.concatenate([X, rng.randn(n_noise, 2) + center])
    return trap(
        "honeypot",
        X,
        np.concatenate([y, np.arange(n_noise) % n_classes]),
        rng=rng,
        test=blobs(even_sizes(TEST_SIZE, n_classes), ring, rng),
        fools=("EntropySampling", "MarginSampling"),
        descr=DESCR,
        return_X_y=return_X_y,
        in_trap=np.arange(n_samples) >= n_samples - n_noise,
    )


def _center(honeypot):
    """Return the center of the honeypot, or say that it is no point of the plane."""
    try:
        center = np.asarray(honeypot, dtype=float)
    except (TypeError, ValueError):
        center = np.array(np.nan)
    if center.shape != (2,) or not np.isfinite(center).all():
        raise ValueError(f"honeypot must be two finite numbers, got {honeypot!r}.")
    return center
