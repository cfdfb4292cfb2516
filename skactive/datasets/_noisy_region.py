"""A part of the space where labels mean nothing."""

import numpy as np
from sklearn.utils import check_random_state

from skactive.datasets._traps import TEST_SIZE, check_count, check_number, trap

DESCR = """A square of wavy bands, one class each, and a strip of random labels.

Made to fool EntropySampling, MarginSampling and other measures of uncertainty. Test
part: a fresh draw of the square without the strip."""


def make_noisy_region(
    n_samples=800,
    *,
    n_classes=4,
    width=0.3,
    noise=1.0,
    random_state=None,
    return_X_y=True,
):
    """Wavy bands to learn, and a strip across them in which labels are noise.

    The samples are uniform in the square from -1 to 1. The class is the number of the
    band, ``floor(n_classes * (x2 + 1) / 2 + sin(pi * x1) / 2)``, clipped to the
    existing classes. In the strip on the left it is drawn at random: there seem to be
    borders everywhere, and there are none.

    Parameters
    ----------
    n_samples : int, default=800
        Number of samples.
    n_classes : int, default=4
        Number of bands.
    width : float, default=0.3
        Share of the square in the strip.
    noise : float, default=1.0
        Probability that a label in the strip is replaced by one drawn at random. 0
        turns the trap off.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.
    return_X_y : bool, default=True
        False returns a Bunch that also holds the truth.

    Returns
    -------
    X : ndarray of shape (n_samples, 2)
        The samples.
    y : ndarray of int64 of shape (n_samples,)
        Class numbers.
    bunch : :class:`~sklearn.utils.Bunch`
        In place of ``(X, y)`` if ``return_X_y=False``: the fields of
        :func:`load_dataset`, ``in_trap`` (the rows in the strip), ``clean_target``
        (the labels before the noise) and ``fools`` (names of strategies).

    Raises
    ------
    TypeError, ValueError
        If a parameter is of the wrong kind or out of its range.

    See Also
    --------
    make_honeypot : Noise beside what can be learned.

    Notes
    -----
    A milder form of :func:`make_honeypot`: the strip is part of the data, and
    asking at its borders would be right without the noise. How much a strategy loses
    depends on the model.

    References
    ----------
    .. [1] M.-F. Balcan, A. Beygelzimer and J. Langford. Agnostic active learning.
       ICML 2006 (on why noise is the hard case).

    Examples
    --------
    >>> from skactive.datasets import make_noisy_region
    >>> truth = make_noisy_region(random_state=0, return_X_y=False)
    >>> changed = truth.target != truth.clean_target
    >>> bool(changed[~truth.in_trap].any()), bool(changed[truth.in_trap].mean() > 0.6)
    (False, True)
    """
    check_count(n_samples, "n_samples", 4)
    check_count(n_classes, "n_classes", 2)
    check_number(width, "width", 0, 0.9)
    check_number(noise, "noise", 0, 1)
    rng = check_random_state(random_state)

    def draw(n, left):
        X = np.column_stack([rng.uniform(left, 1, n), rng.uniform(-1, 1, n)])
        height = n_classes * (X[:, 1] + 1) / 2 + np.sin(np.pi * X[:, 0]) / 2
        return X, np.clip(np.floor(height), 0, n_classes - 1).astype(int)

    edge = 2 * width - 1
    X, clean = draw(n_samples, -1)
    in_trap = X[:, 0] < edge
    by_chance = in_trap & (rng.uniform(size=n_samples) < noise)
    y = np.where(by_chance, rng.randint(n_classes, size=n_samples), clean)
    return trap(
        "noisy_region",
        X,
        y,
        rng=rng,
        test=draw(TEST_SIZE, edge),
        fools=("EntropySampling", "MarginSampling"),
        descr=DESCR,
        return_X_y=return_X_y,
        in_trap=in_trap,
        clean_target=clean,
    )
