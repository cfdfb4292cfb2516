"""Ask for what would change a model on a graph."""

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from skactive._graph_strategy import GraphStrategy
from skactive.utils._models import ClassesOnlyMixin


def margin_uncertainty(values):
    """Return how close the two largest values of each row are: ``1 - (u1 - u2)``.

    Values need not be probabilities. With one column there are no classes to tell
    apart, and the uncertainty of each row is 1.
    """
    if values.shape[1] == 1:
        return np.ones(len(values))
    second, first = np.partition(values, -2, axis=1)[:, -2:].T
    return 1 - (first - second)


class UncertainGraphStrategy(ClassesOnlyMixin, GraphStrategy):
    """Learns from the labels how uncertain the mean of the field is."""

    def _learn(self, field, y):
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        mean = field.mean(np.eye(len(self.classes_))[codes])
        self.uncertainty_ = margin_uncertainty(mean[self._nodes])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


class ModelChange(UncertainGraphStrategy):
    """Ask for uncertain samples whose labels would change a model on the graph most.

    The model is a Gaussian field on the graph of neighbors of labeled samples and pool,
    regressed on the classes. A label moves its mean by a multiple of one column c of
    the covariance; the score is how far, ``u ‖c‖ / (gamma² + v)``, with the
    uncertainty u and the variance v of a sample [1]_.

    Parameters
    ----------
    embedding : transformer or None, default=None
        Maps samples to the space in which the graph is built, such as a scaler, a PCA
        or the last hidden layer of a net. None takes the features as they are. One
        that is already fitted comes wrapped in
        :class:`sklearn.frozen.FrozenEstimator`.
    affinity : transformer, "precomputed" or None, default=None
        Its ``fit_transform`` makes a symmetric sparse affinity of labeled samples and
        pool together. None: :class:`~skactive.graph.KNNAffinity`. "precomputed":
        ``X`` and ``X_pool`` are the rows of one symmetric affinity, whose columns are
        the labeled samples and then the pool. Its diagonal is ignored.
    rank : int, default=100
        How many eigenvectors of the graph the covariance is made of. With as many as
        samples it is exact; with fewer it is an approximation.
    tau : float, default=0.1
        ``tau**2`` is added to each eigenvalue: the smaller, the farther a label
        reaches. It also keeps what is not labeled from being infinitely uncertain.
    gamma : float, default=0.1
        Standard deviation of the noise of a label.
    batch : {"greedy", "local_max"}, default="greedy"
        How several are chosen. "greedy": one after another, as if those before were
        labeled, with the uncertainty left as it is. "local_max": all at once, those
        whose score no neighbor in the graph exceeds.
    component_fraction : float, default=0.2
        Up to this share of a query, rounded down, is reserved for parts of the graph
        without a label, one sample for each, the largest parts first. Nothing is
        reserved if the graph is connected. 0 leaves them to the score.
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding and the affinity, with all their parts, the search for
        eigenvectors, and the order of ties.

    Attributes
    ----------
    embedding_ : transformer or None
        The fitted embedding.
    affinity_ : CSR array of shape (n_labeled + n_pool, n_labeled + n_pool)
        The graph; labeled samples first. In a learner, of all its samples, in their
        order.
    eigenvalues_ : ndarray of shape (min(rank, n_labeled + n_pool),)
        The smallest eigenvalues of the normalized Laplacian, ascending.
    scores_ : ndarray of shape (n_pool,)
        Score of each sample of the pool before any is asked for.
    uncertainty_ : ndarray of shape (n_pool,)
        One minus the difference between the two largest class means of the field at
        each sample of the pool.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    unreached_components_ : ndarray of intp of shape (n_unreached, 2)
        Connected parts of the graph that hold no label, the largest first: how many
        samples, and the position in the pool of one that represents them, the best
        connected. No label given elsewhere says anything about them.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    MCVOpt : Prefers what reaches farther.
    skactive.diversity.VOpt : The same without the uncertainty.
    skactive.selection.local_max : The picking of ``batch="local_max"``.

    Notes
    -----
    The model is the strategy's own, whatever the labels are for in the end. With one
    class only, all samples are equally uncertain. The smallest margin as uncertainty is
    that of the package GraphLearning by default; other public code takes the norm of
    softmax(u) minus the predicted class as zeros and a one.

    Loses to random where neighbors in the graph do not share labels. With few labels
    it asks far from all of them, where the mean is near zero for all classes, as a
    strategy of coverage would; with noisy labels it keeps asking at the border. On
    digits, five seeds, 50 labels, a logistic regression was 12.6 points worse with its
    labels than with random ones: :ref:`graph_strategies`. Begin with MCVOpt.

    Cost of ``fit`` for N samples, labeled and pool: the graph, by default all pairs,
    2 N² d operations in d columns; then `rank` eigenvectors by Lanczos iteration on a
    polynomial of the graph, some 2 rank steps, each O(N rank) and 10 to 100 products
    with the graph; then O(N rank²). Up to 400 samples, or where `rank` is more than a
    third of them, all is dense: O(N³). Cost of a pick: O(N rank). Neighbors are exact
    and eigenvectors found to 1e-9: nothing but `rank` is approximate. What 100,000
    samples take is in :ref:`all_pairs`.

    Memory of ``fit``: first the graph and, beside it, a copy of N embedded samples if
    some are labeled; then 40 N rank bytes, float64 whatever the samples are; dense,
    32 N² bytes. 8 N rank bytes are kept, and a query takes as much again.

    References
    ----------
    .. [1] K. Miller and A. L. Bertozzi. "Model-Change Active Learning in Graph-Based
       Semi-Supervised Learning." 2021. arXiv:2110.07739.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.lookahead import ModelChange
    >>> X, y = np.array([[1.0, 0.0], [0.0, 1.0]]), ["right", "up"]
    >>> X_pool = np.array([[1.0, 0.1], [0.1, 1.0], [1.0, 1.0]])
    >>> ModelChange(random_state=0).fit(X, y, X_pool).query(1)
    array([2])
    """

    def _worth(self, columns):
        change = np.sqrt(np.maximum(columns.sq_norm, 0)) / columns.noisy_variance
        return self.uncertainty_ * change


class MCVOpt(UncertainGraphStrategy):
    """Ask for uncertain samples whose labels leave least uncertainty on a graph.

    As :class:`~skactive.diversity.VOpt`, times uncertainty: the score is
    ``u ‖c‖² / (gamma² + v)`` for the column c of the covariance, the uncertainty u and
    the variance v of a sample. Model change [1]_ and VOpt in one; see Notes.

    Parameters
    ----------
    embedding : transformer or None, default=None
        Maps samples to the space in which the graph is built, such as a scaler, a PCA
        or the last hidden layer of a net. None takes the features as they are. One
        that is already fitted comes wrapped in
        :class:`sklearn.frozen.FrozenEstimator`.
    affinity : transformer, "precomputed" or None, default=None
        Its ``fit_transform`` makes a symmetric sparse affinity of labeled samples and
        pool together. None: :class:`~skactive.graph.KNNAffinity`. "precomputed":
        ``X`` and ``X_pool`` are the rows of one symmetric affinity, whose columns are
        the labeled samples and then the pool. Its diagonal is ignored.
    rank : int, default=100
        How many eigenvectors of the graph the covariance is made of. With as many as
        samples it is exact; with fewer it is an approximation.
    tau : float, default=0.1
        ``tau**2`` is added to each eigenvalue: the smaller, the farther a label
        reaches. It also keeps what is not labeled from being infinitely uncertain.
    gamma : float, default=0.1
        Standard deviation of the noise of a label.
    batch : {"greedy", "local_max"}, default="greedy"
        How several are chosen. "greedy": one after another, as if those before were
        labeled, with the uncertainty left as it is. "local_max": all at once, those
        whose score no neighbor in the graph exceeds.
    component_fraction : float, default=0.2
        Up to this share of a query, rounded down, is reserved for parts of the graph
        without a label, one sample for each, the largest parts first. Nothing is
        reserved if the graph is connected. 0 leaves them to the score.
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding and the affinity, with all their parts, the search for
        eigenvectors, and the order of ties.

    Attributes
    ----------
    embedding_ : transformer or None
        The fitted embedding.
    affinity_ : CSR array of shape (n_labeled + n_pool, n_labeled + n_pool)
        The graph; labeled samples first. In a learner, of all its samples, in their
        order.
    eigenvalues_ : ndarray of shape (min(rank, n_labeled + n_pool),)
        The smallest eigenvalues of the normalized Laplacian, ascending.
    scores_ : ndarray of shape (n_pool,)
        Score of each sample of the pool before any is asked for.
    uncertainty_ : ndarray of shape (n_pool,)
        One minus the difference between the two largest class means of the field at
        each sample of the pool.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    unreached_components_ : ndarray of intp of shape (n_unreached, 2)
        Connected parts of the graph that hold no label, the largest first: how many
        samples, and the position in the pool of one that represents them, the best
        connected. No label given elsewhere says anything about them.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    ModelChange : With the norm of the column instead of its square.
    skactive.diversity.VOpt : The same without the uncertainty.
    skactive.selection.local_max : The picking of ``batch="local_max"``.

    Notes
    -----
    The model is the strategy's own, whatever the labels are for in the end. With one
    class only, all samples are equally uncertain, and it asks as VOpt does.

    [1]_ has the model change, without the square. The product with VOpt seems to come
    from the same group's work on radar images [2]_, of which only the abstract was
    read here; what is implemented is what public code calls "mcvopt". Its uncertainty
    is the smallest margin in the package GraphLearning by default; other public code
    takes the norm of softmax(u) minus the predicted class as zeros and a one.

    Loses to random where neighbors in the graph do not share labels, and late, with
    noisy labels, when it keeps asking at the border.

    Cost of ``fit`` for N samples, labeled and pool: the graph, by default all pairs,
    2 N² d operations in d columns; then `rank` eigenvectors by Lanczos iteration on a
    polynomial of the graph, some 2 rank steps, each O(N rank) and 10 to 100 products
    with the graph; then O(N rank²). Up to 400 samples, or where `rank` is more than a
    third of them, all is dense: O(N³). Cost of a pick: O(N rank). Neighbors are exact
    and eigenvectors found to 1e-9: nothing but `rank` is approximate. What 100,000
    samples take is in :ref:`all_pairs`.

    Memory of ``fit``: first the graph and, beside it, a copy of N embedded samples if
    some are labeled; then 40 N rank bytes, float64 whatever the samples are; dense,
    32 N² bytes. 8 N rank bytes are kept, and a query takes as much again.

    References
    ----------
    .. [1] K. Miller and A. L. Bertozzi. "Model-Change Active Learning in Graph-Based
       Semi-Supervised Learning." 2021. arXiv:2110.07739.
    .. [2] K. Miller, J. Mauro, J. Setiadi, X. Baca, Z. Shi, J. Calder and A. L.
       Bertozzi. "Graph-Based Active Learning for Semi-Supervised Classification of SAR
       Data." 2022. arXiv:2204.00005.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.lookahead import MCVOpt
    >>> X, y = np.array([[1.0, 0.0], [0.0, 1.0]]), ["right", "up"]
    >>> X_pool = np.array([[1.0, 0.1], [0.1, 1.0], [1.0, 1.0]])
    >>> MCVOpt(random_state=0).fit(X, y, X_pool).query(1)
    array([2])
    """

    def _worth(self, columns):
        return self.uncertainty_ * columns.sq_norm / columns.noisy_variance
