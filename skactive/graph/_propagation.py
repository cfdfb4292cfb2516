"""Laplace and Poisson learning on a sparse graph."""

import numpy as np
from scipy import sparse

from skactive._sklearn import StrOptions
from skactive.graph._classifier import GraphClassifier
from skactive.graph._normalize import inverse_power, normalize_affinity
from skactive.graph._shares import shares_of_potentials
from skactive.graph._solve import SolverReport, attainable, solve_columns
from skactive.graph._spans import heavy_parts, joined_parts, narrowed
from skactive.utils._pool import reads_pools

# Here no bound depends on the graph alone; enough for long chains of neighbors.
MAX_ITER = 10_000


class SparseLabelPropagation(GraphClassifier):
    """Label propagation on a sparse graph, by Laplace or Poisson learning.

    "laplace": labeled nodes keep their label, and every other node is the
    weighted mean of its neighbors [1]_, as in
    :class:`sklearn.semi_supervised.LabelPropagation`. "poisson": labels are sources
    and sinks of a current [2]_, which works with far fewer labels.

    Parameters
    ----------
    affinity : transformer, "precomputed" or None, default=None
        The graph, as of :class:`SparseLabelSpreading`.
    method : {"laplace", "poisson"}, default="laplace"
        How labels flow.
    seed_balance : {"count", "none"}, default="count"
        Only for "poisson": the sources of a class are divided by their number, or
        are all alike as in [2]_.
    class_prior : "labeled", array-like of shape (n_classes,) or None, default=None
        Shares of the classes over all nodes, as of :class:`SparseLabelSpreading`.
    unreached : {"uniform", "prior"}, default="uniform"
        Distribution of a node that no label reaches.
    rtol : float or None, default=None
        Relative residual to reach; None is 1e-6. The system is solved in float64.
    max_iter : int or None, default=None
        Most iterations; None is 10,000.
    missing_label : object, default=-1
        What an absent label looks like in ``y``. None: None, NaN and pandas.NA; choose
        it where -1 is a class.
    memory_budget : int, default=2**27
        Bytes that the columns in work may take while the system is solved.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Classes that have a label.
    transduction_ : ndarray of shape (n_nodes,)
        Most probable label of each node. Nodes are the rows of ``X`` and after them
        those of ``X_pool``.
    label_distributions_ : ndarray of shape (n_nodes, n_classes)
        Distribution over the classes. "laplace": the harmonic function. "poisson":
        ``1 / n_classes + u / (n_classes K)`` with ``K = -min u``, a ranking.
    reached_ : ndarray of bool of shape (n_nodes,)
        Whether there is a label in the component of the node.
    entropy_ : ndarray of shape (n_nodes,)
        Entropy of the distributions in nats.
    weights_ : ndarray of shape (n_nodes,)
        :func:`entropy_weights`, divided by the largest; 1 for labeled nodes and 0 for
        unreached ones.
    class_weights_ : ndarray of shape (n_classes,)
        :func:`class_weights` of given and propagated labels.
    disagreement_ : ndarray of int
        Labeled nodes whose most probable label is another.
    Z_ : ndarray of shape (n_nodes, n_classes)
        The solution u: harmonic functions, or potentials with a sum of zero when
        weighted by the degrees of a component.
    affinity_ : CSR array of shape (n_nodes, n_nodes)
        The symmetric affinity.
    graph_ : transformer or None
        The fitted `affinity`; None if it is precomputed. In a run of a learner it is
        that of all samples, in their order.
    n_components_, component_ids_
        Number of connected components; the component of each node.
    n_iter_ : int
        Iterations of the slowest column.
    residuals_ : ndarray of shape (n_classes,)
        Relative residuals.
    converged_ : bool
        Whether they are all small enough.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    SparseLabelSpreading : The method to begin with.

    Notes
    -----
    With a handful of labels, Laplace learning is flat everywhere but at the labels,
    and its answer depends on which class has the heavier ones: take "poisson" or
    :class:`SparseLabelSpreading` there.

    A component in which all labels are of one class has no current; its nodes are
    given that class.

    In a run of an :class:`~skactive.ActiveLearner` the graph is made once, of all
    samples (:ref:`kept_between_rounds`). Nodes are then the labeled ones, the pool, and
    after them those that are neither, such as skipped ones.

    Cost: the graph, then products of it with n_classes columns, some tens on graphs
    with clusters and some hundreds on long chains.

    References
    ----------
    .. [1] X. Zhu, Z. Ghahramani and J. Lafferty. "Semi-Supervised Learning Using
       Gaussian Fields and Harmonic Functions." ICML 2003.
    .. [2] J. Calder, B. Cook, M. Thorpe and D. Slepčev. "Poisson Learning: Graph Based
       Semi-Supervised Learning at Very Low Label Rates." ICML 2020. arXiv:2006.11184.

    Examples
    --------
    >>> from skactive.graph import SparseLabelPropagation
    >>> path = [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    >>> model = SparseLabelPropagation("precomputed").fit(path, [0, -1, 1])
    >>> model.label_distributions_
    array([[1. , 0. ],
           [0.5, 0.5],
           [0. , 1. ]])
    """

    _parameter_constraints = {
        **GraphClassifier._parameter_constraints,
        "method": [StrOptions({"laplace", "poisson"})],
        "seed_balance": [StrOptions({"count", "none"})],
    }

    def __init__(
        self,
        affinity=None,
        *,
        method="laplace",
        seed_balance="count",
        class_prior=None,
        unreached="uniform",
        rtol=None,
        max_iter=None,
        missing_label=-1,
        memory_budget=2**27,
    ):
        self.affinity = affinity
        self.method = method
        self.seed_balance = seed_balance
        self.class_prior = class_prior
        self.unreached = unreached
        self.rtol = rtol
        self.max_iter = max_iter
        self.missing_label = missing_label
        self.memory_budget = memory_budget

    @reads_pools
    def fit(self, X, y, X_pool=None):
        """Build the graph and let the labels flow.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows with and without a label. With ``affinity="precomputed"`` the
            affinity, of shape (n_samples, n_samples).
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels, `missing_label` where there is none. Two axes: soft labels, masses
            of the classes 0, 1, ...; rows of zeros are unlabeled.
        X_pool : array-like or CSR matrix of shape (n_pool, n_features), default=None
            More rows without a label.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            If nothing is labeled, or if an affinity is not square and symmetric or
            holds negative numbers.

        Warns
        -----
        ConvergenceWarning
            If a residual stays too large.
        """
        return self._fit(X, y, X_pool)

    def _solve(self, seeds, begin):
        solve = _laplace if self.method == "laplace" else _poisson
        W = self.affinity_.astype(np.float64, copy=False)
        labels = seeds.astype(np.float64)
        sums = labels.sum(axis=1, keepdims=True)
        np.divide(labels, sums, out=labels, where=sums > 0)
        settings = {
            "rtol": attainable(self.rtol or 1e-6, np.float64, 0.5),
            "max_iter": self.max_iter or MAX_ITER,
            "memory_budget": self.memory_budget,
        }
        balanced = self.seed_balance == "count"
        heavy, parts = heavy_parts(W, self.n_components_)
        at = self.component_ids_ if parts is None else parts
        u, report = solve(heavy, labels, at, begin, balanced, settings)
        if parts is not None:
            self._join(W, u, labels, parts)
        return narrowed(u, seeds.dtype), report

    def _join(self, W, u, labels, parts):
        """Give heights to what only light edges hold; without them it had none."""
        mass = np.zeros((parts.max() + 1, labels.shape[1]))
        np.add.at(mass, parts, labels)
        n_classes = (mass > 0).sum(axis=1)
        if self.method == "poisson":
            # Labels of one class lift their part as high as a source of the others.
            own = (mass > 0) - 1 / labels.shape[1]
            at = np.flatnonzero(n_classes[parts] == 1)
            u[at] = (np.abs(u).max() or 1.0) * own[parts[at]]
        joined_parts(W, u, parts, n_classes > 0)

    def _values(self):
        values = self.Z_
        if self.method == "poisson":
            values = self._potentials_as_shares()
        values = self._with_prior(values)
        # A new row is the weighted mean of its neighbors, as every other node is.
        return values, values

    def _potentials_as_shares(self):
        n_classes = len(self.classes_)
        values = shares_of_potentials(self.Z_, self.reached_)
        values[~self.reached_] = 0
        # Where labels are of one class no current flows.
        rows = np.flatnonzero(self._seeds.any(axis=1))
        mass = np.zeros((self.n_components_, n_classes))
        np.add.at(mass, self.component_ids_[rows], self._seeds[rows])
        single = (mass > 0).sum(axis=1) == 1
        at = np.flatnonzero(single[self.component_ids_])
        values[at] = mass[self.component_ids_[at]] > 0
        return values


def _laplace(W, labels, components, begin, balanced, settings):
    """Return the harmonic function with the given values at labeled nodes."""
    labeled = labels.any(axis=1)
    seen = np.zeros(components.max() + 1, dtype=bool)
    seen[components[labeled]] = True
    inner = np.flatnonzero(seen[components] & ~labeled)
    u = labels.copy()
    n_classes = labels.shape[1]
    if not len(inner):
        return u, _nothing_to_do(n_classes)
    S = normalize_affinity(W)
    roots = np.sqrt(np.asarray(W.sum(axis=1)).ravel())
    rows = S[inner]
    B = rows[:, np.flatnonzero(labeled)] @ (roots[labeled, None] * labels[labeled])
    if begin is not None:
        begin = begin[inner].astype(np.float64) * roots[inner, None]
    inside = sparse.csr_array(rows[:, inner])
    V, report = solve_columns(inside, B, 1.0, Z0=begin, solver="cg", **settings)
    u[inner] = np.clip(V / roots[inner, None], 0, 1)
    return u, report


def _poisson(W, labels, components, begin, balanced, settings):
    """Return the potentials of a current from the labels of each class."""
    counts = labels.sum(axis=0)
    labeled = np.flatnonzero(labels.any(axis=1))
    F = labels / np.where(counts > 0, counts, 1) if balanced else labels.copy()
    # What flows in must flow out, in each component.
    at = components[labeled]
    n_components = components.max() + 1
    sums = np.zeros((n_components, labels.shape[1]))
    np.add.at(sums, at, F[labeled])
    n_labeled = np.bincount(at, minlength=n_components)
    F[labeled] -= sums[at] / n_labeled[at, None]
    F[np.abs(F) < 1e-14] = 0
    if not F.any():
        return np.zeros_like(F), _nothing_to_do(F.shape[1])

    degrees = np.asarray(W.sum(axis=1)).ravel()
    down = inverse_power(degrees, 0.5)[:, None]
    S = normalize_affinity(W)
    if begin is not None:
        begin = begin.astype(np.float64) * np.sqrt(degrees)[:, None]
    V, report = solve_columns(S, F * down, 1.0, Z0=begin, solver="cg", **settings)
    u = V * down
    volume = np.bincount(components, degrees, n_components)
    drift = np.zeros_like(sums)
    np.add.at(drift, components, u * degrees[:, None])
    u -= (drift / np.where(volume > 0, volume, 1)[:, None])[components]
    return u, report


def _nothing_to_do(n_columns):
    return SolverReport(
        np.zeros(n_columns, dtype=np.intp),
        np.zeros(n_columns),
        np.ones(n_columns, dtype=bool),
    )
