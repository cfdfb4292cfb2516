"""Two curves that part: nothing to learn where there is most room."""

import numpy as np
from sklearn.utils import check_random_state

from skactive.datasets._traps import TEST_SIZE, check_count, check_number, trap

LENGTH = 10.0

DESCR = """Two classes along a sine, close on the left and ever further apart.

Made to fool CoreSet and other strategies that cover the space. After T. Werner et al.,
A cross-domain benchmark for active learning, NeurIPS 2024, with a wider fan. Test part:
a fresh draw."""


def make_diverging_sine(
    n_samples=500,
    *,
    spread=100.0,
    power=4.0,
    noise=0.1,
    frequency=2.0,
    random_state=None,
    return_X_y=True,
):
    """Two classes that part like a fan: the room is where there is nothing to learn.

    With t evenly spaced in [0, 10], class 1 lies at
    ``sin(frequency * t) + spread * (t / 10) ** power``, class 0 at
    ``sin(frequency * t) - spread * (t / 10) ** power``, both with normal noise. On the
    left the classes are neighbors and the border winds; on the right they are far
    apart and easy. A strategy that covers the space spends its labels on the right.

    Parameters
    ----------
    n_samples : int, default=500
        Number of samples, equally many of each class (class 0 has the odd one).
    spread : float, default=100.0
        Distance of the classes from their middle at the right end.
    power : float, default=4.0
        How late they part.
    noise : float, default=0.1
        Standard deviation of the second coordinate.
    frequency : float, default=2.0
        Of the sine, in radians per unit.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.
    return_X_y : bool, default=True
        False returns a Bunch that also holds the truth.

    Returns
    -------
    X : ndarray of shape (n_samples, 2)
        The samples, in random order.
    y : ndarray of int64 of shape (n_samples,)
        0 or 1.
    bunch : :class:`~sklearn.utils.Bunch`
        In place of ``(X, y)`` if ``return_X_y=False``: the fields of
        :func:`load_dataset`, ``in_trap`` (the rows of the right half) and ``fools``
        (names of strategies).

    Raises
    ------
    TypeError, ValueError
        If a parameter is of the wrong kind or out of its range.

    See Also
    --------
    make_isolated_class : Where covering the space pays.

    Notes
    -----
    The published constants, read off the authors' code, are ``n_samples=200,
    spread=5, power=1, noise=0.3``. With them neither CoreSet nor MarginSampling lost
    to random sampling when we tried (20 seeds), so the defaults part later and
    further. MarginSampling is not fooled by either.

    References
    ----------
    .. [1] T. Werner, J. Burchert, M. Stubbemann and L. Schmidt-Thieme. A cross-domain
       benchmark for active learning. NeurIPS 2024.

    Examples
    --------
    >>> from skactive.datasets import make_diverging_sine
    >>> X, y = make_diverging_sine(random_state=0)
    >>> X.shape, bool(X[y == 1].max() > 99)
    ((500, 2), True)
    """
    check_count(n_samples, "n_samples", 4)
    for value, name in ((spread, "spread"), (power, "power"), (noise, "noise")):
        check_number(value, name, 0)
    check_number(frequency, "frequency")
    rng = check_random_state(random_state)

    def draw(n):
        y = np.arange(n) % 2
        # Both classes at the same places.
        t = np.linspace(0, LENGTH, (n + 1) // 2)[np.arange(n) // 2]
        fan = (2 * y - 1) * spread * (t / LENGTH) ** power
        second = np.sin(frequency * t) + fan + noise * rng.randn(n)
        return np.column_stack([t, second]), y

    X, y = draw(n_samples)
    return trap(
        "diverging_sine",
        X,
        y,
        rng=rng,
        test=draw(TEST_SIZE),
        fools=("CoreSet",),
        descr=DESCR,
        return_X_y=return_X_y,
        in_trap=X[:, 0] > LENGTH / 2,
    )
