"""Label spreading on a sparse graph."""

from numbers import Real

import numpy as np

from skactive._sklearn import Interval, StrOptions, _check_sample_weight
from skactive.graph._classifier import GraphClassifier
from skactive.graph._common import near_one, solve_apart
from skactive.graph._normalize import inverse_power, normalize_affinity
from skactive.graph._solve import (
    SOLVERS,
    attainable,
    check_alpha,
    iteration_limit,
    solve_columns,
)
from skactive.graph._spans import heavy_parts, narrowed, polished
from skactive.utils._pool import reads_pools


class SparseLabelSpreading(GraphClassifier):
    """Label spreading on a sparse graph of neighbors.

    Labels flow from their nodes along the edges, ``Z = (I - alpha S)^-1 Y`` with the
    symmetrically normalized affinity S and the seeds Y [1]_, and are evened out
    between the classes before they are compared. A drop-in for
    :class:`sklearn.semi_supervised.LabelSpreading` in memory O(n_nodes * n_neighbors).

    Parameters
    ----------
    affinity : transformer, "precomputed" or None, default=None
        The graph: a :class:`KNNAffinity`, or a pipeline that ends in one. None is
        ``KNNAffinity()``; pass one to search over ``affinity__n_neighbors``. It is
        copied and fitted to all rows. "precomputed": ``X`` is a symmetric affinity of
        all nodes, sparse or dense; its diagonal is not used.
    alpha : float, default=0.99
        How far labels flow, above 0 and below 1.
    seed_balance : {"degree", "count", "none"}, default="degree"
        What the seeds of a class are divided by: the sum of the square roots of their
        degrees, their number, or nothing as in [1]_. Without balance, the class with
        more labels wins everywhere when `alpha` is near 1.
    class_prior : "labeled", array-like of shape (n_classes,) or None, default=None
        Shares of the classes over all nodes, to which their masses are scaled ("class
        mass normalization" [2]_). "labeled": those among the labels. None: no
        scaling.
    unreached : {"uniform", "prior"}, default="uniform"
        Distribution of a node that no label reaches: all classes alike, or
        `class_prior` (if that is None, the shares among the labels).
    inductive : {"extension", "average"}, default="extension"
        How a new row is predicted: by the row it would add to the system of
        equations, or by the weighted mean of its neighbors' distributions [3]_.
    solver : {"cg", "chebyshev", "power"}, default="cg"
        As of :func:`solve_spreading`.
    rtol : float or None, default=None
        Relative residual to reach. None: 1e-6 in float64, 1e-5 in float32.
    max_iter : int or None, default=None
        Most iterations. None: one and a half times what theory allows.
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
        those of ``X_pool``. Labeled nodes may disagree with their label.
    label_distributions_ : ndarray of shape (n_nodes, n_classes)
        Distribution over the classes of each node. With `alpha` near 1 they are flat:
        a ranking, not calibrated probabilities.
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
        Labeled nodes whose neighborhood says otherwise: labels to look at again.
    Z_ : ndarray of shape (n_nodes, n_classes)
        The solution, before classes are evened out.
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
    SparseLabelPropagation : Labeled nodes keep their label (Laplace), or Poisson.
    solve_spreading : The solution of the system, as a function.

    Notes
    -----
    In a run of an :class:`~skactive.ActiveLearner` the graph is made once, of all
    samples (:ref:`kept_between_rounds`). Nodes are then the labeled ones, the pool, and
    after them those that are neither, such as skipped ones.

    Cost: the graph, exact ``O(n_nodes^2 n_features)`` up to a size that
    :func:`nearest_neighbors` names; then about 25 to 100 products of the graph with
    n_classes columns at ``alpha=0.99``.

    Balance helps where labels are not a fair sample, as in active learning. Where
    classes are unequal and labels are a fair sample, it raises balanced accuracy and
    lowers plain accuracy: then pass ``class_prior="labeled"``.

    References
    ----------
    .. [1] D. Zhou, O. Bousquet, T. N. Lal, J. Weston and B. Schölkopf. "Learning with
       Local and Global Consistency." NIPS 2003.
    .. [2] X. Zhu, Z. Ghahramani and J. Lafferty. "Semi-Supervised Learning Using
       Gaussian Fields and Harmonic Functions." ICML 2003.
    .. [3] O. Delalleau, Y. Bengio and N. Le Roux. "Efficient Non-Parametric Function
       Induction in Semi-Supervised Learning." AISTATS 2005.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skactive.graph import SparseLabelSpreading
    >>> X, digit = load_digits(return_X_y=True)
    >>> model = SparseLabelSpreading().fit(X[:50], digit[:50], X_pool=X[50:1500])
    >>> model.score(X[1500:], digit[1500:]) > 0.8
    True
    """

    _parameter_constraints = {
        **GraphClassifier._parameter_constraints,
        "alpha": [Real],
        "seed_balance": [StrOptions({"degree", "count", "none"})],
        "inductive": [StrOptions({"extension", "average"})],
        "solver": [StrOptions(set(SOLVERS))],
        "rtol": [Interval(Real, 0, None, closed="neither"), None],
    }

    def __init__(
        self,
        affinity=None,
        *,
        alpha=0.99,
        seed_balance="degree",
        class_prior=None,
        unreached="uniform",
        inductive="extension",
        solver="cg",
        rtol=None,
        max_iter=None,
        missing_label=-1,
        memory_budget=2**27,
    ):
        self.affinity = affinity
        self.alpha = alpha
        self.seed_balance = seed_balance
        self.class_prior = class_prior
        self.unreached = unreached
        self.inductive = inductive
        self.solver = solver
        self.rtol = rtol
        self.max_iter = max_iter
        self.missing_label = missing_label
        self.memory_budget = memory_budget

    @reads_pools
    def fit(self, X, y, X_pool=None, sample_weight=None):
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
        sample_weight : array-like of shape (n_samples,), default=None
            How much each label counts; not negative. A row of weight 0 stays a node.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            If nothing is labeled, if alpha is not between 0 and 1, or if an affinity
            is not square and symmetric or holds negative numbers.

        Warns
        -----
        ConvergenceWarning
            If a residual stays too large.
        """
        check_alpha(self.alpha)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(
                sample_weight, X, dtype=np.float64, ensure_non_negative=True
            )
        return self._fit(X, y, X_pool, sample_weight)

    def _solve(self, seeds, begin):
        S = normalize_affinity(self.affinity_)
        if near_one(self.alpha, S.dtype):
            Z, report = solve_apart(
                S.astype(np.float64),
                seeds,
                np.sqrt(self._degrees),
                self.component_ids_,
                self.alpha,
                self.rtol,
                self.max_iter,
                begin,
                self.solver,
                self.memory_budget,
            )
            return np.maximum(Z, 0, out=Z), report
        rtol = attainable(self.rtol, S.dtype, self.alpha)
        max_iter = self.max_iter
        if max_iter is None:
            max_iter = iteration_limit(self.alpha, rtol, self.solver)
        Z, report = solve_columns(
            S, seeds, self.alpha, rtol, max_iter, begin, self.solver, self.memory_budget
        )
        # The exact solution has no negative entry, and none where no seed is near.
        np.maximum(Z, 0, out=Z)
        if report.converged.all() and heavy_parts(self.affinity_)[1] is not None:
            Z = narrowed(polished(S, seeds, Z, self.alpha), Z.dtype)
        return Z, report

    def _values(self):
        values = self._with_prior(self._balanced())
        if self.inductive == "average":
            return values, self._fill(values) * self.reached_[:, None]
        roots = inverse_power(self._degrees, 0.5)
        # Of tiny degrees the product may be beyond the range of single precision.
        top = np.frexp(values.max(initial=0))[1]
        flow = np.ldexp(values.astype(np.float64), -top) * roots[:, None]
        return values, narrowed(flow, values.dtype)

    def _balanced(self):
        """Return Z with what the seeds of a class amount to divided out."""
        if self.seed_balance == "none":
            return self.Z_
        count = self.seed_balance == "count"
        each = np.ones_like(self._degrees) if count else np.sqrt(self._degrees)
        rows = np.flatnonzero(self._seeds.any(axis=1))
        masses = np.zeros((self.n_components_, len(self.classes_)))
        np.add.at(
            masses, self.component_ids_[rows], self._seeds[rows] * each[rows, None]
        )
        total = masses.sum(axis=0)
        if count:
            masses[:] = total
        # A component without seeds of each class knows no balance of its own.
        masses = np.where((masses > 0).all(axis=1, keepdims=True), masses, total)
        masses[masses == 0] = 1
        return self.Z_ / masses.astype(self.Z_.dtype)[self.component_ids_]
