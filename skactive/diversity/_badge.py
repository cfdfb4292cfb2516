"""Ask for samples whose gradients are long and unlike each other."""

import warnings

import numpy as np

from skactive.diversity._gradient_embedding import GradientRows, loss_gradient
from skactive.diversity._last_layer import LastLayerStrategy
from skactive.selection import top_n
from skactive.selection._d2 import draw_by_distance


class BADGE(LastLayerStrategy):
    """Ask for samples that would each change the last layer much, in different ways.

    If the prediction were the label, how would the last layer of the model change? The
    gradient is long where the model is uncertain, and points where the sample lies. The
    first pick is the longest; each further one is drawn in proportion to the squared
    distance to the nearest gradient picked, as k-means++ draws its centers [1]_. There
    is nothing to tune.

    Parameters
    ----------
    estimator : classifier, default=None
        A classifier with ``predict_proba``, best a
        :class:`~skactive.nets.NetClassifier`. What its last layer sees is its
        ``transform``; for a pipeline without it, the output of the steps before the
        last; the features otherwise. None: ``LogisticRegression()``, or the model of
        the :class:`~skactive.ActiveLearner` that the strategy serves. One that is
        already fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    bias : bool, default=False
        Whether the bias of the last layer has a gradient too. Published without; with
        it, samples that the last layer sees as zeros can be asked for.
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

    Warns
    -----
    UserWarning
        From ``query``, if all gradients are zero, as those of a model that knows one
        class: the samples are drawn at random then.

    See Also
    --------
    GradientLCMD : The same gradients, picked where many are badly covered.
    CoreSet : Looks at where samples lie, not at what the model believes.

    Notes
    -----
    It loses to random sampling while the model has too few labels to judge its own
    uncertainty; where labels are noisy, since noise looks like uncertainty; and with
    models of poor probabilities, such as forests of deep trees. With few samples asked
    for at a time, plain uncertainty does as well.

    Labeled samples do not count as picked, as published. The answer to ``query(5)`` is
    the beginning of the answer to ``query(10)``. Samples with a zero gradient come
    last, in random order.

    Cost: the model's predictions and embedding of the pool, then at most one product
    of the pool with each pick, O(n_pool * n * (d + n_classes)), most of them many at
    a time. Memory: in single precision ``4 n_pool (d + n_classes + 5)`` bytes, of which
    ``4 n_pool d`` only if the model has to make the embedding, ``16 n_pool n_classes``
    while it answers in double precision, and 8 MB; the gradients themselves, ``d *
    n_classes`` numbers per sample, are never built. float32, memory maps and CSR are
    worked on as they are.

    References
    ----------
    .. [1] J. T. Ash, C. Zhang, A. Krishnamurthy, J. Langford and A. Agarwal. "Deep
       Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds." ICLR 2020.
       arXiv:1906.03671.

    Examples
    --------
    The two samples about which the model is uncertain lie side by side; asked for two,
    it takes one of them, and another from elsewhere:

    >>> from skactive.diversity import BADGE
    >>> X, y = [[-2.0, 0.0], [2.0, 0.0]], ["cat", "dog"]
    >>> X_pool = [[0.1, 3.0], [0.1, 3.1], [0.5, -2.0], [4.0, 0.0]]
    >>> BADGE(random_state=0).fit(X, y, X_pool).query(2)
    array([1, 2])
    """

    _parameter_constraints = {
        **LastLayerStrategy._parameter_constraints,
        "bias": ["boolean"],
    }

    def __init__(self, estimator=None, *, bias=False, random_state=None):
        super().__init__(estimator, random_state=random_state)
        self.bias = bias

    def _query(self, n):
        rng = self._query_random_state()
        proba, E = self._seen(self._X_pool, "X_pool")
        gradients = GradientRows(loss_gradient(proba), E, bias=self.bias)
        if warn_if_zero(gradients, self):
            return rng.permutation(len(gradients))[:n]
        first = top_n(gradients.sq_length, 1, random_state=rng)
        sq = gradients.nearest_sq(first)
        return draw_by_distance(gradients, n, first, sq, rng)


def check_bias(bias):
    """Refuse a ``bias`` that is not a bool."""
    if not isinstance(bias, (bool, np.bool_)):
        raise TypeError(f"bias must be True or False, got {bias!r}.")


def warn_if_zero(gradients, strategy):
    """Tell whether all gradients are zero; warn if so."""
    zero = not gradients.sq_length.any()
    if zero:
        warnings.warn(
            f"All gradients of the pool are zero: {strategy.estimator_!r} is certain "
            f"of every sample, or sees only zeros. {type(strategy).__name__} draws at "
            "random.",
            UserWarning,
            stacklevel=4,
        )
    return zero
