"""Ask for what leaves least variance on a graph, or least doubt about its mean."""

from skactive._graph_strategy import GraphStrategy


class VOpt(GraphStrategy):
    """Ask for samples whose labels leave least uncertainty, summed over a graph.

    Labels are regarded as a Gaussian field on the graph of neighbors of labeled samples
    and pool: neighbors are alike, and how much is left unknown depends on where labels
    are, not on what they say [1]_. The score is the fall of the sum of all variances,
    ``‖c‖² / (gamma² + v)`` for the column c of the covariance and the variance v of a
    sample. No labels are needed to begin.

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
        labeled, for which labels are not needed. "local_max": all at once, those whose
        score no neighbor in the graph exceeds.
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
    SigmaOpt : Lowers the variance of the mean instead.
    skactive.lookahead.MCVOpt : The same, weighted by uncertainty.
    skactive.selection.local_max : The picking of ``batch="local_max"``.

    Notes
    -----
    With L the labeled samples and S the symmetric normalization of the affinity, the
    covariance before any label is ``(I - S + tau² I)⁻¹``.

    Loses to random where neighbors in the graph do not share labels, so that covering
    the graph is not covering what is to be learned; and where there are many labels,
    since what is learned about the border between classes is ignored. A part of
    the graph without a label counts as much when it is small as when it is large:
    graphs with many small parts cost many labels.

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
    .. [1] M. Ji and J. Han. "A Variance Minimization Criterion to Active Learning on
       Graphs." AISTATS 2012.

    Examples
    --------
    Two groups on a ring, of which one has a label:

    >>> import numpy as np
    >>> from skactive.diversity import VOpt
    >>> X_pool = np.array([[1.0, 0.1], [1.0, 0.2], [0.1, 1.0], [0.2, 1.0]])
    >>> strategy = VOpt(random_state=0).fit([[1.0, 0.0]], [0], X_pool)
    >>> int(strategy.query(1)[0]) in (2, 3)
    True
    """

    def _worth(self, columns):
        return columns.sq_norm / columns.noisy_variance


class SigmaOpt(GraphStrategy):
    """Ask for samples whose labels tell most about the mean of all labels on a graph.

    As :class:`VOpt`, but what falls is the variance of the sum over all samples:
    the score is ``s² / (gamma² + v)`` for the sum s of the column of the covariance
    that belongs to a sample, and its variance v [1]_. Correlations count, so that hubs
    of large groups come before corners of small ones.

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
        labeled, for which labels are not needed. "local_max": all at once, those whose
        score no neighbor in the graph exceeds.
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
    VOpt : Lowers the sum of the variances instead.
    skactive.selection.local_max : The picking of ``batch="local_max"``.

    Notes
    -----
    Loses to random where neighbors in the graph do not share labels; where classes
    are small, since small groups add little to the sum; and where there are many
    labels, since the border between classes is ignored.

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
    .. [1] Y. Ma, R. Garnett and J. Schneider. "Sigma-Optimality for Active Learning on
       Gaussian Random Fields." NeurIPS 2013.

    Examples
    --------
    With nothing labeled, the larger of two groups comes first:

    >>> import numpy as np
    >>> from skactive.diversity import SigmaOpt
    >>> X = np.array([[1.0, 0.0], [1.0, 0.1], [1.0, 0.2], [0.0, 1.0], [0.1, 1.0]])
    >>> int(SigmaOpt(random_state=0).fit(X).query(1)[0]) in (0, 1, 2)
    True
    """

    def _worth(self, columns):
        return columns.total**2 / columns.noisy_variance
