"""Ask in the part of the pool that is covered worst: in features or in gradients."""

from skactive.base import EmbeddingStrategy
from skactive.diversity._badge import warn_if_zero
from skactive.diversity._gradient_embedding import GradientRows, loss_gradient
from skactive.diversity._last_layer import LastLayerStrategy
from skactive.selection import largest_cluster
from skactive.selection._lcmd import split_largest
from skactive.utils._pool import reads_pools


class LCMD(EmbeddingStrategy):
    """Ask for the farthest sample of the cluster that is covered worst.

    Largest cluster, maximum distance [1]_: each sample belongs to the nearest one that
    is labeled or asked for; the cluster with the largest sum of squared distances is
    split at its farthest sample. As :class:`CoreSet`, but many samples at some distance
    outweigh one far away. No labels are needed to begin.

    For regression this is the published method on the kernel of the last layer, if
    ``embedding`` is what that layer sees. For classification see
    :class:`GradientLCMD`.

    Parameters
    ----------
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which distances are taken, such as the last
        hidden layer of a net or a PCA; "estimator" is the model of the learner, as
        published. None takes the features as they are: scale them first, or the one
        with the largest unit decides.
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding and decides among exactly equal distances.

    Attributes
    ----------
    embedding_ : transformer or None
        The fitted embedding.
    n_pool_ : int
        Number of samples in the pool.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    CoreSet : Asks for the farthest sample of all.
    skactive.selection.largest_cluster : The picking, as a function.

    Notes
    -----
    Loses to random where distances say little: features of unequal scale, many useless
    features, and classification near the end, when what is left to learn is the border
    between classes. With nothing labeled the first pick is the sample farthest from the
    mean, which may be an outlier.

    Cost: one matrix-vector product with the pool per pick, O(n_pool * d), and one
    product of pool and labeled samples. Memory: 40 bytes per sample beside the embedded
    pool, and blocks of some megabytes. float32, memory maps and CSR are worked on as
    they are. The answer to ``query(5)`` is the beginning of the answer to
    ``query(10)``.

    References
    ----------
    .. [1] D. Holzmueller, V. Zaverkin, J. Kaestner and I. Steinwart. "A Framework and
       Benchmark for Deep Batch Active Learning for Regression." Journal of Machine
       Learning Research 24 (2023). arXiv:2203.09410.

    Examples
    --------
    >>> from skactive.diversity import LCMD
    >>> X_pool = [[0.0], [1.0], [2.0], [3.0], [10.0], [11.0], [12.0], [30.0]]
    >>> LCMD().fit([[0.0]], [0.0], X_pool).query(3)
    array([7, 6, 3])
    """

    _covers = True

    def _select(self, Z, n, *, Z_labeled, random_state):
        return largest_cluster(Z, n, Z_labeled=Z_labeled, random_state=random_state)


class GradientLCMD(LastLayerStrategy):
    """Ask for samples whose effect on the last layer is least covered by labels.

    :class:`LCMD` [1]_ on the gradients of :class:`BADGE`: each sample is the gradient
    of its loss by the weights of the last layer, as if the prediction were its label,
    and so are the labeled samples, which are centers from the beginning. Nothing is
    drawn.

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
        Whether the bias of the last layer has a gradient too.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, and decides among exactly equal
        distances.

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
    BADGE : Draws from the same gradients.
    LCMD : The same picking on features.

    Notes
    -----
    The paper is about regression, where the gradient is the embedding; with the
    gradients of a classifier this is an extension. It loses to random sampling while
    the model has too few labels to judge its own uncertainty, and where labels are
    noisy, since noise looks like uncertainty.

    Cost: the model's predictions and embedding of the pool, then one product of the
    pool with each pick, O(n_pool * (d + n_classes)), and with each labeled sample.
    Memory as :class:`BADGE`, and 24 bytes per sample. The answer to ``query(5)`` is the
    beginning of the answer to ``query(10)``.

    References
    ----------
    .. [1] D. Holzmueller, V. Zaverkin, J. Kaestner and I. Steinwart. "A Framework and
       Benchmark for Deep Batch Active Learning for Regression." Journal of Machine
       Learning Research 24 (2023). arXiv:2203.09410.

    Examples
    --------
    >>> from skactive.diversity import GradientLCMD
    >>> X, y = [[-2.0, 0.0], [2.0, 0.0]], ["cat", "dog"]
    >>> X_pool = [[0.1, 3.0], [0.1, 3.1], [0.5, -2.0], [4.0, 0.0]]
    >>> GradientLCMD().fit(X, y, X_pool).query(2)
    array([1, 2])
    """

    _parameter_constraints = {
        **LastLayerStrategy._parameter_constraints,
        "bias": ["boolean"],
    }

    def __init__(self, estimator=None, *, bias=False, random_state=None):
        super().__init__(estimator, random_state=random_state)
        self.bias = bias

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        self._labeled = self._gradients(X, "X")

    def _query(self, n):
        rng = self._query_random_state()
        gradients = self._gradients(self._X_pool, "X_pool")
        if warn_if_zero(gradients, self):
            return rng.permutation(len(gradients))[:n]
        return split_largest(gradients, n, self._labeled, rng)

    def _gradients(self, X, name):
        proba, E = self._seen(X, name)
        return GradientRows(loss_gradient(proba), E, bias=self.bias)
