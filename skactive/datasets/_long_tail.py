"""A few large classes and many small ones."""

import numpy as np
from sklearn.utils import check_random_state

from skactive.datasets._traps import TEST_SIZE, blobs, check_count, check_number, trap

DESCR = """Classes whose sizes decay geometrically, from common to rare.

Made to fool RandomSampling, whose labels come from the large classes. Test part: a
fresh draw with equally many samples of each class: accuracy on it is balanced
accuracy."""


def make_long_tail(
    n_largest=400,
    *,
    n_classes=10,
    imbalance=100.0,
    n_features=10,
    class_sep=1.5,
    random_state=None,
    return_X_y=True,
):
    """Many classes, from common to rare; random sampling hardly finds the rare.

    The sizes are ``n_largest * imbalance ** (-k / (n_classes - 1))``, rounded and at
    least 1, for classes k = 0, 1, ... [1]_.

    Parameters
    ----------
    n_largest : int, default=400
        Size of class 0.
    n_classes : int, default=10
        Number of classes.
    imbalance : float, default=100.0
        Size of the largest class over that of the smallest. 1 turns the trap off.
    n_features : int, default=10
        Number of features.
    class_sep : float, default=1.5
        Standard deviation of the coordinates of the class centers; that of the
        classes is 1.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw, centers included.
    return_X_y : bool, default=True
        False returns a Bunch that also holds the truth.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        The samples, in random order.
    y : ndarray of int64 of shape (n_samples,)
        Class numbers; higher is rarer.
    bunch : :class:`~sklearn.utils.Bunch`
        In place of ``(X, y)`` if ``return_X_y=False``: the fields of
        :func:`load_dataset`, ``in_trap`` (the rows of the rarer half of the classes)
        and ``fools`` (names of strategies).

    Raises
    ------
    TypeError, ValueError
        If a parameter is of the wrong kind or out of its range.

    See Also
    --------
    make_isolated_class : One rare class, far from the others.

    Notes
    -----
    Plain accuracy hides this trap, since the rare classes hardly count in it. Score
    with balanced accuracy, or on the test part of the Bunch.

    References
    ----------
    .. [1] Y. Cui et al. Class-balanced loss based on effective number of samples.
       CVPR 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.datasets import make_long_tail
    >>> X, y = make_long_tail(400, n_classes=3, imbalance=100, random_state=0)
    >>> np.bincount(y)
    array([400,  40,   4])
    """
    check_count(n_largest, "n_largest", 1)
    check_count(n_classes, "n_classes", 2)
    check_number(imbalance, "imbalance", 1)
    check_count(n_features, "n_features", 1)
    check_number(class_sep, "class_sep", 0)
    rng = check_random_state(random_state)
    decay = float(imbalance) ** (-np.arange(n_classes) / (n_classes - 1))
    sizes = np.maximum(1, np.round(n_largest * decay)).astype(int)
    centers = class_sep * rng.randn(n_classes, n_features)
    X, y = blobs(sizes, centers, rng)
    even = np.full(n_classes, -(-TEST_SIZE // n_classes))
    return trap(
        "long_tail",
        X,
        y,
        rng=rng,
        test=blobs(even, centers, rng),
        fools=("RandomSampling",),
        descr=DESCR,
        return_X_y=return_X_y,
        in_trap=y >= n_classes // 2,
    )
