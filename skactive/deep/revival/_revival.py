"""Ask where labels on a graph change under small perturbations, between clusters."""

from numbers import Integral, Real

import numpy as np
from scipy import sparse
from sklearn.base import ClassifierMixin
from sklearn.utils import _safe_indexing, assert_all_finite, column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from skactive._graph_strategy import _unreached
from skactive._sklearn import HasMethods, Interval, StrOptions
from skactive.base import EmbeddingStrategy
from skactive.deep.revival._boundary_limitator import (
    LIMITATORS,
    boundary_limitator,
    distinct_first,
    faces_another,
    mean_similarity,
)
from skactive.deep.revival._label_propagators import (
    GCNPropagator,
    LGCPropagator,
    SGCPropagator,
)
from skactive.deep.revival._task_model import (
    as_task_model,
    check_task_model,
    fit_task_model,
)
from skactive.graph import class_weights, entropy_weights
from skactive.graph._normalize import check_affinity
from skactive.nets import NetClassifier
from skactive.nets._seeded import check_device
from skactive.nets.graphs._graph_operator import unit_rows
from skactive.selection import k_center_greedy
from skactive.utils import (
    as_labels,
    is_missing,
    seeded_clone,
    set_random_states,
    shannon_entropy,
)
from skactive.utils._fitting import MAX_SEED

POSITIVE = [Interval(Integral, 1, None, closed="left")]
LENGTH = [Interval(Real, 0, None, closed="neither"), None]

PRESETS = {
    "default": {},
    "figure": {"oversample": 2, "diversity": "none"},
    "paper": {
        "propagator": "gcn",
        "oversample": 2,
        "symmetrize": False,
        "diversity": "none",
        "component_fraction": 0.0,
    },
    "boostmis": {"propagator": "gcn", "xi": 10.0, "eps": 1.0},
}


def _can(name):
    def check(self):
        model = self._wanted_model()
        if model is not None:
            getattr(getattr(self, "estimator_", model), name)
        return True

    return check


class REVIVAL(ClassifierMixin, EmbeddingStrategy):
    """Ask between clusters: where labels on a graph are unstable and uncertain.

    Virtual adversarial active learning with graph-based virtual labels [1]_. Labeled
    samples and pool are the nodes of a graph of neighbors, along which labels are
    propagated. An adversary moves representations a little, so that the propagated,
    virtual labels change as much as they can. Of the samples whose labels change most,
    the most uncertain are asked for. The virtual labels train the model that predicts.

    Parameters
    ----------
    estimator : classifier or None, default=None
        The model that predicts, trained on given and on virtual labels: a
        :class:`~skactive.nets.NetClassifier` or skorch ``NeuralNetClassifier``, any
        classifier that takes ``sample_weight``, or a pipeline that ends in one. None:
        the graph itself predicts, a new sample as its neighbors.
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the representations in which the graph is built. "estimator":
        what `estimator` (None: a ``NetClassifier()``), trained on the labeled samples
        first, returns from ``transform``. None takes the features as they are, images
        flattened, for tables and embeddings made elsewhere.
    affinity : transformer or None, default=None
        Its ``fit_transform`` makes a symmetric sparse affinity, its ``transform`` the
        edges of new rows. None: :class:`~skactive.graph.KNNAffinity`, with binary
        edges for "gcn" and "sgc".
    propagator : {"lgc", "gcn", "sgc"}, default="lgc"
        "lgc": label spreading in closed form. "gcn": a graph convolutional network, as
        published. "sgc": logistic regression on features averaged along the edges.
    sharpness : float, default=20.0
        "lgc": the power that spread labels are taken to; 1 leaves them nearly uniform.
    hidden : int, default=64
        "gcn": width of its hidden layer.
    max_epochs : int, default=200
        "gcn": steps of its training.
    normalize : bool, default=True
        Scale representations to length one. Pass False if distances are to count, with
        ``affinity=KNNAffinity(metric="euclidean", affinity="gaussian")``.
    eps : float or None, default=None
        How far representations are moved. None: for "lgc" half the median distance to
        the tenth neighbor, otherwise a quarter of the median length.
    xi : float or None, default=None
        "gcn", "sgc": step of the finite difference, as of
        :func:`~skactive.nets.virtual_adversarial`.
    n_power : int, default=1
        "gcn", "sgc": power iterations.
    symmetrize : bool, default=True
        Try the opposite direction too and take the worse one.
    oversample : float or None, default=10
        The adversary proposes so many times the samples that are asked for. None: no
        adversary, all samples are proposed.
    limitator : {"entropy", "cut", "density"} or None, default="entropy"
        How boundary samples are chosen among those proposed. "entropy": the most
        uncertain. "cut": those of them first that have a neighbor with another
        virtual label. "density": by entropy times the mean cosine to the neighbors.
        None: the most unstable, whatever their entropy.
    diversity : {"localmax", "none"}, default="localmax"
        "localmax": no two neighbors in the graph, as far as that is possible.
    component_fraction : float, default=0.2
        Up to this share of a query, rounded down, is reserved for the largest parts of
        the graph without a label, one sample for each.
    virtual_weight : float, default=1.0
        Weight of virtual labels in the training of `estimator`, beside given ones. 0
        trains on the labels alone.
    subset_size : int or None, default=None
        At most so many samples, drawn from the pool at random, are nodes, and only
        they can be asked for. None: all.
    device : str or torch.device, default="cpu"
        Where "gcn" and "sgc" compute.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, the embedding, the affinity, with all their parts, the
        subset, the propagator, the adversary and the order of ties.

    Attributes
    ----------
    estimator_ : estimator object or None
        The fitted model that predicts; None if the graph does.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    subset_ : ndarray of intp of shape (n_nodes,)
        Positions in the pool of the samples that take part: nodes, from here on.
    virtual_labels_ : ndarray of float64 of shape (n_nodes, n_classes)
        Their propagated distributions over the classes.
    entropy_ : ndarray of float64 of shape (n_nodes,)
        Entropy of these in nats.
    kl_ : ndarray of shape (n_nodes,) or None
        Divergence from what the adversary makes of them; None without an adversary. 0
        for "lgc" where the neighbors agree, so that it is below 1e-4.
    unstable_ : ndarray of bool of shape (n_nodes,)
        Whether the adversary changed the most probable class. Such virtual labels do
        not train `estimator`.
    eps_ : float or None
        How far representations were moved.
    reached_ : ndarray of bool of shape (n_nodes,)
        Whether there is a label in the part of the graph; for "gcn" and "sgc" all true.
    unreached_components_ : ndarray of intp of shape (n_unreached, 2)
        Parts of the graph without a label, the largest first: how many samples, and
        which node represents them.
    graph_ : CSR array of shape (n_labeled + n_nodes, n_labeled + n_nodes)
        The affinity; labeled samples first.
    affinity_ : transformer
        What made it.
    propagator_ : object or None
        The fitted propagator; None if there is one class.
    embedding_ : transformer or None
        The fitted embedding.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        From ``fit``: without ``y``, for missing labels, for an estimator that cannot
        learn from virtual labels, for an affinity that is not symmetric or holds
        negative numbers. From ``query``: for `n` above `subset_size`.
    TypeError
        From ``fit``: for sparse samples.

    Warns
    -----
    UserWarning
        If the probabilities of a "gcn" or "sgc" are saturated, so that `eps` had to be
        doubled.

    See Also
    --------
    skactive.graph.SparseLabelSpreading : The labels of the default, without a strategy.
    skactive.diversity.VOpt : Asks on the same graph without looking at labels.

    Notes
    -----
    The body of the paper was not at hand: what is implemented follows its abstract and
    figure, and fills in what they leave open. ``REVIVAL.from_preset("paper")`` is as
    near as that comes.

    Of "gcn" and "sgc" all nodes of the pool are moved at once, labeled ones never.
    Label spreading does not look at features once the graph is there; with "lgc" a
    node is moved by itself, and its labels are a distance-weighted average of those of
    its neighbors. Nodes that no label reaches are then asked for last, except for the
    share of `component_fraction`. Of samples that are represented alike, one is asked
    for. With a single class there is no boundary, and answers are those of
    :func:`~skactive.selection.k_center_greedy`.

    The model: with ``embedding="estimator"`` it is trained twice, for the graph and,
    with virtual labels, to predict. A virtual label counts by one minus the relative
    entropy, and by one over the frequency of its class; not at all if it is unstable or
    unreached. A net is shown one virtually labeled sample for each labeled one; their
    weight grows over the first 30 % of the steps.

    Without `estimator`, ``predict`` needs the graph: a fitted strategy then keeps the
    representations of all nodes, in a pickle too.

    Loses to random where neighbors do not share labels. On digits, from 10 labels to
    50, five seeds, it was ahead of random by 3.6 points of accuracy over the curve,
    with a standard error of 5.6; divergence alone (``limitator=None``) was behind, and
    without an adversary (``oversample=None``) it did as well.
    :class:`~skactive.diversity.VOpt` was better.

    Cost of ``fit``: the graph; the propagator, for "gcn" `max_epochs` passes; the
    adversary, for "lgc" O(n_columns + n_classes^3) for each node whose neighbors do not
    agree, otherwise about five passes over the graph; the training of `estimator`, with
    twice the samples per step. Of a query: O(n_nodes log n_nodes).

    References
    ----------
    .. [1] J. Guo, H. Shi, Y. Kang, K. Kuang, S. Tang, Z. Jiang, C. Sun, F. Wu and
       Y. Zhuang. "Semi-supervised Active Learning for Semi-supervised Models: Exploit
       Adversarial Examples with Graph-based Virtual Labels." ICCV 2021.
       doi:10.1109/ICCV48922.2021.00289.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skactive.deep import REVIVAL
    >>> X, digit = load_digits(return_X_y=True)
    >>> strategy = REVIVAL(random_state=0).fit(X[:30], digit[:30], X_pool=X[30:1500])
    >>> strategy.query(5).shape
    (5,)
    >>> strategy.virtual_labels_.shape, strategy.kl_.shape
    ((1470, 10), (1470,))
    >>> strategy.score(X[1500:], digit[1500:]) > 0.8
    True
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "embedding": [HasMethods(["fit", "transform"]), str, None],
        "affinity": [HasMethods(["fit_transform", "transform"]), None],
        "propagator": [StrOptions({"lgc", "gcn", "sgc"})],
        "sharpness": [Interval(Real, 0, None, closed="neither")],
        "hidden": POSITIVE,
        "max_epochs": POSITIVE,
        "normalize": ["boolean"],
        "eps": LENGTH,
        "xi": LENGTH,
        "n_power": POSITIVE,
        "symmetrize": ["boolean"],
        "oversample": [Interval(Real, 1, None, closed="left"), None],
        "limitator": [StrOptions(set(LIMITATORS)), None],
        "diversity": [StrOptions({"localmax", "none"})],
        "component_fraction": [Interval(Real, 0, 1, closed="both")],
        "virtual_weight": [Interval(Real, 0, None, closed="left")],
        "subset_size": [*POSITIVE, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator=None,
        *,
        embedding=None,
        affinity=None,
        propagator="lgc",
        sharpness=20.0,
        hidden=64,
        max_epochs=200,
        normalize=True,
        eps=None,
        xi=None,
        n_power=1,
        symmetrize=True,
        oversample=10,
        limitator="entropy",
        diversity="localmax",
        component_fraction=0.2,
        virtual_weight=1.0,
        subset_size=None,
        device="cpu",
        random_state=None,
    ):
        super().__init__(embedding, random_state=random_state)
        self.estimator = estimator
        self.affinity = affinity
        self.propagator = propagator
        self.sharpness = sharpness
        self.hidden = hidden
        self.max_epochs = max_epochs
        self.normalize = normalize
        self.eps = eps
        self.xi = xi
        self.n_power = n_power
        self.symmetrize = symmetrize
        self.oversample = oversample
        self.limitator = limitator
        self.diversity = diversity
        self.component_fraction = component_fraction
        self.virtual_weight = virtual_weight
        self.subset_size = subset_size
        self.device = device

    @classmethod
    def from_preset(cls, name, estimator=None, **settings):
        """Return an unfitted strategy with settings that belong together.

        Parameters
        ----------
        name : {"default", "paper", "figure", "boostmis"}
            "paper": a graph convolutional network, one-sided steps, twice the samples
            proposed, as far as the figure of the paper shows it. "figure": only its
            proportions. "boostmis": steps of the size that the code of a sibling
            method takes.
        estimator : classifier or None, default=None
            The model that predicts.
        **settings : dict
            Other parameters, which go before those of the preset.

        Returns
        -------
        strategy : REVIVAL
            The strategy.

        Raises
        ------
        ValueError
            If there is no preset of that name.

        Examples
        --------
        >>> from skactive.deep import REVIVAL
        >>> REVIVAL.from_preset("paper", max_epochs=50).propagator
        'gcn'
        """
        if name not in PRESETS:
            raise ValueError(
                f"There is no preset {name!r}; take one of {', '.join(PRESETS)}."
            )
        return cls(estimator, **{**PRESETS[name], **settings})

    def predict(self, X):
        """Return the most probable label of each sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Labels.
        """
        X = self._checked(X)
        if self.estimator_ is not None:
            return self.estimator_.predict(X)
        return self.classes_[self._vote(X).argmax(axis=1)]

    @available_if(_can("predict_proba"))
    def predict_proba(self, X):
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        proba : ndarray of float64 of shape (n_samples, n_classes)
            Rows sum to one; columns are in the order of ``classes_``. Of the graph:
            the average over the neighbors, weighted by the edges to them, uniform if
            there are none.
        """
        X = self._checked(X)
        if self.estimator_ is not None:
            return self.estimator_.predict_proba(X)
        return self._vote(X)

    def _checked(self, X):
        check_is_fitted(self)
        if getattr(X, "ndim", 2) != 1:  # of one axis, the model says what is wrong
            validate_data(self, X, reset=False, skip_check_array=True)
        return X

    def _vote(self, X):
        edges = sparse.csr_array(
            self.affinity_.transform(self._nodes(self._embed(X, "X")))
        )
        votes = edges @ self._votes
        total = votes.sum(axis=1, keepdims=True)
        uniform = np.full_like(votes, 1 / votes.shape[1])
        return np.divide(votes, total, out=uniform, where=total > 0)

    def _fit(self, X, y, X_pool):
        self._validate_params()
        check_device(self.device)
        y = self._encoded(y)
        if self._wanted_model() is not None and self.virtual_weight > 0:
            check_task_model(as_task_model(self._wanted_model()))
        super()._fit(X, y, X_pool)
        seed = self._query_seed if self._fit_seed is None else self._fit_seed
        self.subset_ = self._drawn(seed)
        Z = self._Z_labeled
        n_labeled = len(Z)
        if len(self.subset_):
            Z = np.concatenate([Z, self._Z_pool[self.subset_]])
        Z = self._nodes(Z)
        self._Z_labeled, self._Z_pool = Z[:n_labeled], Z[n_labeled:]
        self.graph_ = self._graph(Z)
        self.unreached_components_ = _unreached(self.graph_, n_labeled)
        self._propagate(Z, y, seed)
        self._attack(n_labeled)
        self.estimator_ = self._trained(X, self.classes_[y], X_pool, n_labeled)

    def _encoded(self, y):
        """Return labels as positions in ``classes_``, which are set."""
        y = column_or_1d(as_labels(y), warn=True)
        if is_missing(y).any():
            assert_all_finite(y, input_name="y")  # NaN in scikit-learn's words
            raise ValueError(
                f"y holds {is_missing(y).sum()} missing labels: unlabeled samples go "
                "into X_pool. ActiveLearner does so."
            )
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        self.classes_, y = np.unique(y, return_inverse=True)
        return y

    def _wanted_model(self):
        if self.estimator is None and isinstance(self.embedding, str):
            return NetClassifier()
        return self.estimator

    def _seeded_model(self):
        model = as_task_model(self._wanted_model())
        if self._fit_seed is not None:
            set_random_states(model, self._fit_seed)
        return model

    def _fit_embedding(self, X, y, X_pool):
        if not isinstance(self.embedding, str) or self.embedding != "estimator":
            return super()._fit_embedding(X, y, X_pool)
        model = self._seeded_model()
        if not hasattr(model, "transform"):
            raise ValueError(
                f'embedding="estimator" needs an estimator with transform, which '
                f"{model!r} has not. Take a NetClassifier, or another embedding."
            )
        return fit_task_model(model, X, self.classes_[y], X_pool)

    def _embed(self, X, name):
        Z = super()._embed(X, name)
        if sparse.issparse(Z):
            # In words that scikit-learn's checks look for.
            raise TypeError(
                f"{name} is sparse, but {type(self).__name__} needs dense data: pass "
                "X.toarray(), or an embedding that makes few columns of it, such as "
                "TruncatedSVD."
            )
        return Z

    def _nodes(self, Z):
        return unit_rows(Z).astype(Z.dtype) if self.normalize else Z

    def _drawn(self, seed):
        """Return the positions in the pool that take part."""
        if self.subset_size is None or self.subset_size >= self.n_pool_:
            return np.arange(self.n_pool_)
        rng = np.random.RandomState(seed)
        return np.sort(rng.choice(self.n_pool_, self.subset_size, replace=False))

    def _graph(self, Z):
        affinity = self.affinity
        if affinity is None:
            affinity = self._new_propagator(0).default_affinity()
        self.affinity_ = seeded_clone(affinity, self._fit_seed)
        W = check_affinity(self.affinity_.fit_transform(Z))
        if W.shape[0] != len(Z):
            raise ValueError(
                f"affinity must return one row and one column for each of the {len(Z)} "
                f"samples; got shape {W.shape}."
            )
        if W.diagonal().any():
            W = W.copy()
            W.setdiag(0)
            W.eliminate_zeros()
        return W

    def _new_propagator(self, seed):
        if self.propagator == "lgc":
            return LGCPropagator(sharpness=self.sharpness)
        settings = {"device": self.device, "random_state": seed}
        if self.propagator == "sgc":
            return SGCPropagator(**settings)
        return GCNPropagator(hidden=self.hidden, max_epochs=self.max_epochs, **settings)

    def _propagate(self, Z, y, seed):
        n_classes, n_labeled = len(self.classes_), len(y)
        if n_classes == 1:  # a label is all that there is to learn
            self.propagator_ = None
            proba, reached = np.ones((len(Z), 1)), np.ones(len(Z), dtype=bool)
        else:
            labeled = np.arange(n_labeled)
            seed = np.random.RandomState(seed).randint(MAX_SEED)
            self.propagator_ = self._new_propagator(seed)
            self.propagator_.fit(Z, self.graph_, labeled, y, n_classes)
            proba, reached = self.propagator_.proba_, self.propagator_.reached_
        self.virtual_labels_, self.reached_ = proba[n_labeled:], reached[n_labeled:]
        self.entropy_ = shannon_entropy(self.virtual_labels_)
        # New samples hear of labels what was given, not what was propagated.
        self._votes = proba * reached[:, None]
        self._votes[:n_labeled] = np.eye(n_classes)[y]

    def _attack(self, n_labeled):
        n = len(self.subset_)
        self.kl_, self.eps_, self.unstable_ = None, None, np.zeros(n, dtype=bool)
        if self.oversample is None and self.limitator is not None:
            return
        self.kl_ = np.zeros(n)
        if n == 0 or self.propagator_ is None:
            return
        found = self.propagator_.adversary(
            n_labeled + np.arange(n),
            eps=self.eps,
            xi=self.xi,
            n_power=self.n_power,
            symmetrize=self.symmetrize,
            n_neighbors=10,
        )
        self.kl_, self.unstable_, self.eps_ = found.kl, found.flipped, found.eps

    def _trained(self, X, y, X_pool, n_labeled):
        """Return the model that predicts, or None."""
        if self._wanted_model() is None:
            return None
        model = self._seeded_model()
        weights = entropy_weights(self.virtual_labels_) * self.virtual_weight
        weights[self.unstable_ | ~self.reached_] = 0
        used = np.flatnonzero(weights)
        if len(used) == 0:
            return fit_task_model(model, X, y, X_pool)
        winners = self.virtual_labels_.argmax(axis=1)
        known = np.searchsorted(self.classes_, y)
        every = np.concatenate([known, winners])
        weights *= class_weights(every, len(self.classes_))[winners]
        return fit_task_model(
            model,
            X,
            y,
            _safe_indexing(X_pool, self.subset_[used]),
            self.classes_[winners[used]],
            weights[used],
        )

    def _query(self, n):
        if n > len(self.subset_):
            raise ValueError(
                f"{n} samples are asked for, and subset_size={self.subset_size} of "
                f"the {self.n_pool_} in the pool take part. Raise subset_size, or pass "
                "None."
            )
        return self.subset_[super()._query(n)]

    def _select(self, Z, n, *, Z_labeled, random_state):
        if len(self.classes_) == 1:
            return k_center_greedy(Z, n, Z_labeled=Z_labeled, random_state=random_state)
        first = len(Z_labeled)
        W = self.graph_[first:][:, first:]
        parts = {}
        if self.limitator == "cut":
            winners = self._votes.argmax(axis=1)
            parts["faces"] = faces_another(self.graph_, winners)[first:]
        elif self.limitator == "density":
            nodes = unit_rows(np.concatenate([Z_labeled, Z]))
            parts["density"] = mean_similarity(self.graph_, nodes)[first:]
        order = boundary_limitator(
            self.kl_,
            self.entropy_,
            n,
            oversample=self.oversample,
            limitator=self.limitator,
            last=~self.reached_,
            W=W if self.diversity == "localmax" else None,
            random_state=random_state,
            **parts,
        )
        # Rounded: 0.2 times 5 is a little less than 1 on a machine.
        n_reserved = int(round(self.component_fraction * n, 9))
        reserved = self.unreached_components_[:n_reserved, 1]
        order = np.concatenate([reserved, order[~np.isin(order, reserved)]])
        return distinct_first(order, Z, n)

    def _drop_pool(self):
        super()._drop_pool()
        self._Z_labeled = self.graph_ = self.propagator_ = None
        if self.estimator_ is not None:
            self.affinity_ = self._votes = None

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.embedding is None or isinstance(self.embedding, str):
            tags.input_tags.sparse = False
        tags.target_tags.required = True
        tags.classifier_tags.multi_label = False
        return tags
