"""A tiny class, far away, where a model expects another class."""

import numpy as np
from sklearn.utils import check_random_state

from skactive.datasets._traps import TEST_SIZE, check_count, check_number, trap

TIGHTNESS = 0.3

DESCR = """Two large overlapping classes, and a tiny third class far behind the second.

Made to fool MarginSampling, whose model is sure where it has no data, and
RandomSampling, which seldom finds it. Test part: a fresh draw with equally many samples
of each class."""


def make_isolated_class(
    n_samples=600, n_isolated=10, *, distance=12.0, random_state=None, return_X_y=True
):
    """Two large classes, and a tiny one where a model is sure of another class.

    Classes 0 and 1 are normal clusters of deviation 1 around (-1.5, 0) and (1.5, 0);
    class 2, of deviation 0.3, sits at (``distance``, 0), deep on the side of class 1.
    A linear model that has not seen class 2 is the more certain the farther out a
    sample is, so uncertainty never goes there.

    Parameters
    ----------
    n_samples : int, default=600
        Number of samples in all.
    n_isolated : int, default=10
        Number of them in class 2. 0 turns the trap off.
    distance : float, default=12.0
        How far out class 2 is.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.
    return_X_y : bool, default=True
        False returns a Bunch that also holds the truth.

    Returns
    -------
    X : ndarray of shape (n_samples, 2)
        The samples, in random order.
    y : ndarray of int64 of shape (n_samples,)
        0, 1 or 2.
    bunch : :class:`~sklearn.utils.Bunch`
        In place of ``(X, y)`` if ``return_X_y=False``: the fields of
        :func:`load_dataset`, ``in_trap`` (the rows of class 2) and ``fools`` (names
        of strategies).

    Raises
    ------
    TypeError, ValueError
        If a parameter is of the wrong kind or out of its range.

    See Also
    --------
    make_long_tail : Rare classes among the others.

    Notes
    -----
    What happens depends on the model: one that is unsure where it has no data (a
    Gaussian process, radial basis functions) may find the class by uncertainty.

    References
    ----------
    .. [1] B. Settles. Active learning literature survey. University of
       Wisconsin-Madison, TR 1648, 2009.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.datasets import make_isolated_class
    >>> X, y = make_isolated_class(random_state=0)
    >>> np.bincount(y)
    array([295, 295,  10])
    """
    check_count(n_samples, "n_samples", 4)
    check_count(n_isolated, "n_isolated", 0, n_samples - 2)
    check_number(distance, "distance")
    rng = check_random_state(random_state)

    def draw(sizes):
        y = np.repeat([0, 1, 2], sizes)
        centers = np.array([[-1.5, 0.0], [1.5, 0.0], [distance, 0.0]])
        scale = np.array([1.0, 1.0, TIGHTNESS])[y]
        return centers[y] + scale[:, None] * rng.randn(len(y), 2), y

    half, odd = divmod(n_samples - n_isolated, 2)
    X, y = draw([half + odd, half, n_isolated])
    even = TEST_SIZE // 3
    return trap(
        "isolated_class",
        X,
        y,
        rng=rng,
        test=draw([even, even, even if n_isolated else 0]),
        fools=("MarginSampling",),
        descr=DESCR,
        return_X_y=return_X_y,
        in_trap=y == 2,
    )
