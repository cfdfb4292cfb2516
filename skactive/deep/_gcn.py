"""Ask for samples that a graph convolutional net does not take for labeled ones."""

from numbers import Real

import numpy as np
from scipy.special import expit

from skactive._sklearn import Interval
from skactive.deep._graph_convolution import GraphConvolutionStrategy
from skactive.selection import k_center_greedy, top_n


class UncertainGCN(GraphConvolutionStrategy):
    """Ask for samples that a graph does not connect with the labeled ones.

    Labeled samples and pool are nodes of a graph, connected if they are similar. A
    graph convolutional net learns to predict which of them are labeled [1]_; since it
    mixes the features of neighbors, samples that are similar to labeled ones look
    labeled too. It asks for the samples whose probability of being labeled is nearest
    to `margin`: with its low default, those that are most surely unlabeled. No label is
    read here, though the embedding may have learned from some.

    Parameters
    ----------
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the features of the nodes, such as the last hidden layer of a
        :class:`~skactive.nets.NetClassifier`; "estimator" is the model of the
        :class:`~skactive.ActiveLearner`, as published. None takes the features as they
        are, images flattened; scale them first.
    affinity : transformer or None, default=None
        Makes the graph: its ``fit_transform`` returns an affinity of shape (n_nodes,
        n_nodes), sparse, without negative numbers, such as
        :class:`~skactive.graph.KNNAffinity`. None: the cosine of every pair, as
        published; the full matrix is never computed.
    margin : float, default=0.1
        Samples whose probability of being labeled is nearest to this are asked for;
        from 0 to 1.
    unlabeled_weight : float, default=1.2
        Weight of the pool in the loss, above 0.
    hidden : int, default=128
        Width of the hidden layer.
    dropout : float, default=0.3
        Dropout rate of the hidden layer.
    max_epochs : int, default=200
        Steps of training, each on all nodes.
    lr : float, default=1e-3
        Learning rate of Adam.
    weight_decay : float, default=5e-4
        Of Adam.
    subset_size : int or None, default=10000
        At most this many samples, drawn from the pool at random, are nodes, and only
        these can be asked for. None: all.
    device : str or torch.device, default="cpu"
        Where the net is trained, such as "cuda".
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding, the subset, the net and the order of ties.

    Attributes
    ----------
    net_ : GCN or None
        The trained net; None without a pool, since there is nothing to tell apart.
    history_ : dict of lists of float
        The two parts of the loss, "labeled" and "unlabeled", in each epoch.
    subset_ : ndarray of intp of shape (n_nodes_of_pool,)
        Positions in the pool of the samples that are nodes.
    proba_ : ndarray of float32 of shape (n_nodes_of_pool,)
        Their probabilities of being labeled.
    embedding_ : transformer or None
        The fitted embedding.
    n_pool_ : int
        Number of samples in the pool.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        From ``fit``: without ``y``, since there is then no labeled set to compare with
        the pool; for an affinity of another shape or with negative numbers; for
        ``device="cuda"`` without CUDA. From ``query``: for `n` above `subset_size`.
    TypeError
        From ``fit``: for sparse samples.
    FloatingPointError
        From ``fit``, if a loss becomes NaN; it names the epoch and the loss.

    See Also
    --------
    CoreGCN : Ask for what is far from all labels in the space of this net.
    VAAL : Tells the two sets apart without a graph.

    Notes
    -----
    Rows of the embedding are scaled to length one. The affinity A with an empty
    diagonal and column sums d becomes ``A diag(1 / d) + I``, and ``None`` stands for
    the cosine without products of opposite sign, ``sum_k max(x_k z_k, 0)``: degrees
    cannot be zero then. For embeddings without negative numbers, as after a ReLU, that
    is the cosine itself. A sample that is similar to no other is connected with itself.

    The net is trained for one graph, so single samples cannot be scored: probabilities
    of the pool are in ``proba_``.

    Loses to random where the labeled set already resembles the pool, as after a random
    start: on digits it did so in five draws of five. It finds regions without any
    label, and it picks samples one by one, so duplicates, or a whole batch from
    one region, are asked for together; :class:`CoreGCN` spreads its picks.

    Cost, for N nodes with d features: `max_epochs` passes of O(N d hidden) and O(N d)
    memory, where the released code takes O(N ** 2). With an affinity, its edges times
    `hidden` once and its edges once per epoch.

    References
    ----------
    .. [1] R. Caramalau, B. Bhattarai and T.-K. Kim. "Sequential Graph Convolutional
       Network for Active Learning." CVPR 2021. arXiv:2006.10219.

    Examples
    --------
    The labeled samples lie to the right of the origin, a third of the pool above it:

    >>> import numpy as np
    >>> from skactive.deep import UncertainGCN
    >>> rng = np.random.RandomState(0)
    >>> right, above = rng.normal((9, 1), 1, (70, 2)), rng.normal((1, 9), 1, (20, 2))
    >>> X, X_pool = right[:30], np.vstack([right[30:], above])
    >>> strategy = UncertainGCN(random_state=0).fit(X, np.zeros(30), X_pool)
    >>> bool((strategy.query(10) >= 40).all())
    True
    """

    _parameter_constraints = {
        **GraphConvolutionStrategy._parameter_constraints,
        "margin": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        embedding=None,
        *,
        affinity=None,
        margin=0.1,
        unlabeled_weight=1.2,
        hidden=128,
        dropout=0.3,
        max_epochs=200,
        lr=1e-3,
        weight_decay=5e-4,
        subset_size=10_000,
        device="cpu",
        random_state=None,
    ):
        super().__init__(
            embedding,
            affinity=affinity,
            unlabeled_weight=unlabeled_weight,
            hidden=hidden,
            dropout=dropout,
            max_epochs=max_epochs,
            lr=lr,
            weight_decay=weight_decay,
            subset_size=subset_size,
            device=device,
            random_state=random_state,
        )
        self.margin = margin

    def _select(self, Z, n, *, Z_labeled, random_state):
        scores = nearness_to_margin(expit(Z[:, -1].astype(np.float64)), self.margin)
        return top_n(scores, n, random_state=random_state)


class CoreGCN(GraphConvolutionStrategy):
    """Ask for samples far from all labels, as a graph convolutional net sees them.

    The net of :class:`UncertainGCN` learns to tell labeled samples apart from the pool,
    on a graph that connects similar samples [1]_. Its hidden layer and output are the
    space in which greedy k-center then picks, as :class:`~skactive.diversity.CoreSet`
    does: each pick is the sample farthest from all that are labeled or picked. No label
    is read here, though the embedding may have learned from some.

    Parameters
    ----------
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the features of the nodes, such as the last hidden layer of a
        :class:`~skactive.nets.NetClassifier`; "estimator" is the model of the
        :class:`~skactive.ActiveLearner`, as published. None takes the features as they
        are, images flattened; scale them first.
    affinity : transformer or None, default=None
        Makes the graph: its ``fit_transform`` returns an affinity of shape (n_nodes,
        n_nodes), sparse, without negative numbers, such as
        :class:`~skactive.graph.KNNAffinity`. None: the cosine of every pair, as
        published; the full matrix is never computed.
    unlabeled_weight : float, default=1.2
        Weight of the pool in the loss, above 0.
    hidden : int, default=128
        Width of the hidden layer.
    dropout : float, default=0.3
        Dropout rate of the hidden layer.
    max_epochs : int, default=200
        Steps of training, each on all nodes.
    lr : float, default=1e-3
        Learning rate of Adam.
    weight_decay : float, default=5e-4
        Of Adam.
    subset_size : int or None, default=10000
        At most this many samples, drawn from the pool at random, are nodes, and only
        these can be asked for. None: all.
    device : str or torch.device, default="cpu"
        Where the net is trained, such as "cuda".
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding, the subset, the net and the order of ties.

    Attributes
    ----------
    net_ : GCN or None
        The trained net; None without a pool, since there is nothing to tell apart.
    history_ : dict of lists of float
        The two parts of the loss, "labeled" and "unlabeled", in each epoch.
    subset_ : ndarray of intp of shape (n_nodes_of_pool,)
        Positions in the pool of the samples that are nodes.
    proba_ : ndarray of float32 of shape (n_nodes_of_pool,)
        Their probabilities of being labeled.
    embedding_ : transformer or None
        The fitted embedding.
    n_pool_ : int
        Number of samples in the pool.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        From ``fit``: without ``y``, since there is then no labeled set to compare with
        the pool; for an affinity of another shape or with negative numbers; for
        ``device="cuda"`` without CUDA. From ``query``: for `n` above `subset_size`.
    TypeError
        From ``fit``: for sparse samples.
    FloatingPointError
        From ``fit``, if a loss becomes NaN; it names the epoch and the loss.

    See Also
    --------
    UncertainGCN : Ask for the samples that the same net is surest are unlabeled.
    skactive.diversity.CoreSet : The same selection without a graph or training.

    Notes
    -----
    The graph is that of :class:`UncertainGCN`. Convolution moves similar samples closer
    together, so an outlier that is connected with many samples is no longer one.

    Loses to random where the farthest samples are outliers, as
    :class:`~skactive.diversity.CoreSet` does, and to CoreSet where distances in the
    embedding are right already: all the graph adds is which of them lead away from the
    labels.

    Cost: that of :class:`UncertainGCN`, and at most one product of the nodes with each
    pick. ``query(5)`` returns the first five of ``query(10)``.

    References
    ----------
    .. [1] R. Caramalau, B. Bhattarai and T.-K. Kim. "Sequential Graph Convolutional
       Network for Active Learning." CVPR 2021. arXiv:2006.10219.

    Examples
    --------
    The labeled samples lie to the right of the origin, a third of the pool above it:

    >>> import numpy as np
    >>> from skactive.deep import CoreGCN
    >>> rng = np.random.RandomState(0)
    >>> right, above = rng.normal((9, 1), 1, (70, 2)), rng.normal((1, 9), 1, (20, 2))
    >>> X, X_pool = right[:30], np.vstack([right[30:], above])
    >>> strategy = CoreGCN(random_state=0).fit(X, np.zeros(30), X_pool)
    >>> bool(strategy.query(1) >= 40)
    True
    """

    def _select(self, Z, n, *, Z_labeled, random_state):
        return k_center_greedy(Z, n, Z_labeled=Z_labeled, random_state=random_state)


def nearness_to_margin(proba, margin):
    """Return how near probabilities are to a margin: 0 or less, higher is nearer."""
    return -np.abs(proba - margin)
