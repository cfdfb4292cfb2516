"""Ask for uncertain samples of which the model says different things."""

import numpy as np
from sklearn.utils import check_random_state

from skactive.base import ModelStrategy
from skactive.utils import check_probabilities
from skactive.utils._constraints import number
from skactive.utils._models import ClassesOnlyMixin


class Falcun(ClassesOnlyMixin, ModelStrategy):
    """Ask for samples that are uncertain, and uncertain in different ways.

    Samples are drawn one after the other, in proportion to a power of the sum of two
    numbers: one minus the margin, and the distance between class probabilities to the
    nearest sample drawn before [1]_. Looks at probabilities alone, hence cheap.

    Parameters
    ----------
    estimator : classifier, default=None
        A classifier with ``predict_proba``. None: ``LogisticRegression()``, or the
        model of the :class:`~skactive.ActiveLearner` that the strategy serves. One that
        is already fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    gamma : float, default=10.0
        The power: 0 draws uniformly, a large one takes the largest sum.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, and the drawing.

    Attributes
    ----------
    estimator_ : classifier
        The fitted model.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    BADGE : Also sees where a sample lies.

    Notes
    -----
    Distances are sums of absolute differences of probabilities. Before each draw they
    are brought to the range from 0 to 1 over the samples not yet drawn, on a copy, as
    in the authors' code. Before the first draw the distance is the uncertainty itself.

    It loses to random where probabilities say little: with few labels and with noisy
    ones. Two classes leave one number for each sample, so that a batch is hardly more
    diverse than one by margins.

    Cost: the model's predictions, and ``O(n_pool * n_classes)`` for each draw. Memory:
    ``24 * n_pool * (n_classes + 3)`` bytes, a third of them what a model answers in
    double precision. Any input that the estimator takes will do, CSR included.

    References
    ----------
    .. [1] S. Gilhuber, A. Beer, Y. Ma and T. Seidl. "FALCUN: A Simple and Efficient
       Deep Active Learning Strategy." ECML PKDD 2024.

    Examples
    --------
    >>> from skactive.diversity import Falcun
    >>> X, y = [[-4.0], [4.0]], ["cat", "dog"]
    >>> Falcun(random_state=0).fit(X, y, [[-9.0], [0.0], [8.0]]).query(1)
    array([1])
    """

    response_method = "predict_proba"

    _parameter_constraints = {
        **ModelStrategy._parameter_constraints,
        "gamma": [number(0, closed="left")],
    }

    def __init__(self, estimator=None, *, gamma=10.0, random_state=None):
        super().__init__(estimator, random_state=random_state)
        self.gamma = gamma

    def _query(self, n):
        proba = check_probabilities(self._predict_proba(self._X_pool))
        rng = self._query_random_state()
        return draw_unlike(proba, n, gamma=self.gamma, random_state=rng)


def draw_unlike(proba, n, *, gamma=10.0, random_state=None):
    """Draw rows by uncertainty and by distance to the rows drawn before.

    Parameters
    ----------
    proba : ndarray of float of shape (n_rows, n_classes)
        Class probabilities.
    n : int
        How many rows.
    gamma : float, default=10.0
        The power of the sum.
    random_state : int, RandomState instance or None, default=None
        Seed of the drawing.

    Returns
    -------
    positions : ndarray of intp of shape (n,)
        Distinct rows, in the order drawn.
    """
    rng = check_random_state(random_state)
    columns = np.ascontiguousarray(proba.T)  # sums over few classes are faster this way
    unsure = np.ones(len(proba), dtype=proba.dtype)
    if proba.shape[1] > 1:
        second, first = np.partition(proba, -2, axis=1)[:, -2:].T
        unsure = 1 - (first - second)
    far = unsure.copy()
    left = np.ones(len(proba), dtype=bool)
    picks = []
    while len(picks) < n:
        law = np.cumsum(drawing_weights(unsure, far, left, gamma))
        row = np.searchsorted(law, rng.uniform() * law[-1], side="right")
        # The product may round up to the whole mass, beyond the last row with any.
        row = min(row, np.searchsorted(law, law[-1]))
        picks.append(row)
        left[row] = False
        if len(picks) < n:
            np.minimum(far, _l1_distances(columns, row), out=far)
    return np.array(picks, dtype=np.intp)


def drawing_weights(unsure, far, left, gamma):
    """Weight of each row, up to a factor; 0 for those that are not `left`."""
    among = far[left]
    low, high = among.min(), among.max()
    total = unsure.astype(np.float64)
    if high > low:
        total += (far - low) / (high - low)
    total[~left] = 0
    if total.max() <= 0:
        return left.astype(np.float64)
    # The largest is 1, so that no power of all of them falls to 0.
    total = np.maximum(total / total.max(), 0) ** gamma
    total[~left] = 0  # for 0 to the power of 0
    return total


def _l1_distances(columns, row):
    out = np.zeros(columns.shape[1], dtype=columns.dtype)
    for column in columns:
        out += np.abs(column - column[row])
    return out
