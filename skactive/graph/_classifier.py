"""What all classifiers on a graph share: nodes, seeds and answers."""

from abc import ABCMeta, abstractmethod
from numbers import Integral, Real

import numpy as np
from scipy.sparse.csgraph import connected_components
from sklearn.base import ClassifierMixin, clone
from sklearn.utils import check_array, check_consistent_length, get_tags
from sklearn.utils.validation import check_is_fitted, validate_data

from skactive._sklearn import HasMethods, Interval, StrOptions, _num_samples
from skactive.graph._affinity import KNNAffinity
from skactive.graph._edges import without_diagonal
from skactive.graph._normalize import check_affinity, degrees_of
from skactive.graph._of_run import columns_in_order, graph_of_run, nodes_of_run
from skactive.graph._seeds import read_new_seeds, read_seeds, shares
from skactive.graph._shares import as_narrow_as, led_by, taken_after_neighbors
from skactive.graph._spans import unit_rows, warn_of_span
from skactive.graph._weights import class_weights, entropy_weights
from skactive.utils import concatenate_rows, shannon_entropy
from skactive.utils._documented import BaseEstimator
from skactive.utils._pool import Pool

PRECOMPUTED = "Make the affinity of a wider kernel, or of scaled features."


class GraphClassifier(ClassifierMixin, BaseEstimator, metaclass=ABCMeta):
    """Base of classifiers whose labels flow along the edges of a graph.

    A subclass writes ``_solve`` and ``_values``.
    """

    _whole_graph = True  # which the samples of a part alone do not make

    # A pipeline with transform_input=["X_pool"] may pass a pool by itself.
    __metadata_request__fit = {"X_pool": True}

    _parameter_constraints = {
        "affinity": [
            HasMethods(["fit_transform", "transform"]),
            StrOptions({"precomputed"}),
            None,
        ],
        "class_prior": [StrOptions({"labeled"}), "array-like", None],
        "unreached": [StrOptions({"uniform", "prior"})],
        "rtol": [Interval(Real, 0, None, closed="neither"), None],
        "max_iter": [Interval(Integral, 1, None, closed="left"), None],
        "missing_label": "no_validation",
        "memory_budget": [Interval(Integral, 1, None, closed="left")],
    }

    def _fit(self, X, y, X_pool, sample_weight=None):
        self._validate_params()
        validate_data(self, X, y, skip_check_array=True)
        check_consistent_length(X, y)
        n_more = 0 if X_pool is None else _num_samples(X_pool)
        classes, seeds = read_seeds(
            y, self.missing_label, n_more > 0 and not isinstance(self.affinity, str)
        )
        if sample_weight is not None:
            seeds = seeds * sample_weight[:, None]
            if not seeds.any():
                raise ValueError(
                    "Every label has sample_weight 0: give one of them a weight."
                )
        prior = self._check_prior(len(classes))
        W, graph, nodes = self._graph(X, X_pool)
        if nodes is None and W.shape[0] != len(seeds) + n_more:
            raise ValueError(
                f"The affinity has {W.shape[0]} nodes, but there are {len(seeds)} "
                f"rows in X and {n_more} in X_pool."
            )

        self.classes_, self._given_prior = classes, prior
        self.affinity_, self.graph_, self._nodes = W, graph, nodes
        self.n_components_, self.component_ids_ = connected_components(
            W, directed=False
        )
        self._degrees = degrees_of(W)
        self._seeds = np.zeros((W.shape[0], len(classes)), dtype=W.dtype)
        self._seeds[: len(seeds)] = seeds
        self.Z_, report = self._solve(self._seeds, None)
        return self._finish(report)

    def add_labels(self, indices, y):
        """Give nodes of the graph their labels, without building it again.

        Parameters
        ----------
        indices : array-like of int of shape (n_new,)
            Nodes: rows of ``X``, and after them those of ``X_pool``. A node that has
            a label already is given the new one. None at all: nothing changes.
        y : array-like of shape (n_new,) or (n_new, n_classes)
            Their labels, none missing; classes may be new. Two axes: soft labels.

        Returns
        -------
        self : object
            The same classifier, as ``fit`` with these labels would leave it.

        Raises
        ------
        ValueError
            If an index is not a node or occurs twice, or a label is missing. Nothing
            has changed then.
        """
        check_is_fitted(self)
        classes, seeds = read_new_seeds(
            indices, y, self.missing_label, self.classes_, self._seeds
        )
        if not np.size(indices):
            return self
        if isinstance(self._given_prior, np.ndarray) and len(classes) != len(
            self._given_prior
        ):
            raise ValueError(
                f"class_prior has {len(self._given_prior)} shares, but with the new "
                f"labels there are {len(classes)} classes. Fit again."
            )
        begin = np.zeros_like(seeds)
        begin[:, np.searchsorted(classes, self.classes_)] = self.Z_
        self.Z_, report = self._solve(seeds, begin)
        self.classes_, self._seeds = classes, seeds
        return self._finish(report)

    def predict_proba(self, X):
        """Return the probability of each class, for rows that are not in the graph.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            New rows. With ``affinity="precomputed"`` their weights to the nodes, of
            shape (n_samples, n_nodes).

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
            Rows sum to one; columns are in the order of ``classes_``. A row whose
            neighbors no label has reached is treated as `unreached` says.

        Notes
        -----
        A row of ``X`` given again is a new row at the same place: its answer may
        differ from ``label_distributions_``, where it is a node.
        """
        check_is_fitted(self)
        if getattr(X, "ndim", 2) != 1:  # otherwise the graph itself raises
            validate_data(self, X, reset=False, skip_check_array=True)
        if self.graph_ is None:
            W = check_affinity(X, symmetric=False, square=False)
        else:
            W = check_affinity(self.graph_.transform(X), symmetric=False, square=False)
            if self._nodes is not None:
                W = columns_in_order(W, self._nodes)
        proba = self._fill(unit_rows(W) @ self._flow)
        dtype = np.result_type(W.dtype, self.label_distributions_.dtype)
        if proba.dtype == dtype:
            return proba
        return led_by(proba.astype(dtype), proba.argmax(axis=1))

    def predict(self, X):
        """Return the most probable label of each row that is not in the graph.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            New rows, as of ``predict_proba``.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Labels; of equally probable ones the first of ``classes_``.
        """
        proba = self.predict_proba(X)
        return self.classes_[proba.argmax(axis=1)]

    @abstractmethod
    def _solve(self, seeds, begin):
        """Return a solution of shape (n_nodes, n_classes) and a SolverReport."""

    @abstractmethod
    def _values(self):
        """Return what nodes are worth to each class, and what flows to new rows.

        Two arrays of shape (n_nodes, n_classes) without negative numbers, zero where
        no label has reached.
        """

    def _finish(self, report):
        self.n_iter_ = max(1, int(report.n_iter.max()))
        self.residuals_ = report.residuals
        self.converged_ = bool(report.converged.all())
        labeled = self._seeds.any(axis=1)
        seen = np.zeros(self.n_components_, dtype=bool)
        seen[self.component_ids_[labeled]] = True
        self.reached_ = seen[self.component_ids_]

        values, self._flow = self._values()
        lost = self.reached_ & ~values.any(axis=1)
        if lost.any() and self.converged_:
            values = values.copy()
            taken_after_neighbors(values, self._flow, self.affinity_, lost)
        P = as_narrow_as(self._fill(values), self.affinity_.dtype)
        self.label_distributions_ = P
        winner = P.argmax(axis=1)
        self.transduction_ = self.classes_[winner]
        self.entropy_ = shannon_entropy(P)
        given = self._seeds.argmax(axis=1)
        self.disagreement_ = np.flatnonzero(labeled & (winner != given))
        self.weights_ = entropy_weights(P, normalize=True)
        self.weights_[~self.reached_] = 0
        self.weights_[labeled] = 1
        best = np.where(labeled, given, winner)
        self.class_weights_ = class_weights(best, len(self.classes_))
        return self

    def _graph(self, X, X_pool):
        """Return the affinity and what made it; in a run, also which row a node is."""
        if isinstance(self.affinity, str):
            if X_pool is not None:
                raise ValueError(
                    "With affinity='precomputed' X holds the edges of all nodes: mark "
                    "unlabeled ones in y by missing_label instead of passing X_pool."
                )
            W = without_diagonal(check_affinity(X))
            warn_of_span(W, PRECOMPUTED, stacklevel=5)
            return W, None, None
        graph = KNNAffinity() if self.affinity is None else clone(self.affinity)
        rows, at = X, None
        if isinstance(X_pool, Pool):
            at = X_pool.labeled_rows(X)
            X_pool = X_pool if at is not None else X_pool.rows()
        if at is not None:
            validate_data(self, X_pool.X, reset=False, skip_check_array=True)
            nodes = nodes_of_run(at, X_pool)
            W, graph = graph_of_run(graph, X_pool)
            return columns_in_order(W[nodes], nodes), graph, nodes
        if X_pool is not None and _num_samples(X_pool):
            validate_data(self, X_pool, reset=False, skip_check_array=True)
            rows = concatenate_rows(X, X_pool)
        W = without_diagonal(check_affinity(graph.fit_transform(rows)))
        return W, graph, None

    def _check_prior(self, n_classes):
        if self.class_prior is None or isinstance(self.class_prior, str):
            return self.class_prior
        prior = check_array(
            self.class_prior,
            ensure_2d=False,
            dtype=np.float64,
            input_name="class_prior",
        )
        if prior.shape != (n_classes,) or prior.min() < 0 or prior.sum() == 0:
            raise ValueError(
                f"class_prior must hold a share for each of {n_classes} classes, none "
                f"negative; got {self.class_prior!r}."
            )
        return prior / prior.sum()

    def _prior(self):
        """Return the shares of the classes, or None if they are not to be kept."""
        if self._given_prior is None:
            return None
        if isinstance(self._given_prior, str):
            return shares(self._seeds)
        return self._given_prior

    def _with_prior(self, values):
        """Scale classes so that their masses over the graph are in their shares."""
        prior = self._prior()
        if prior is None:
            return values
        mass = values.sum(axis=0, dtype=np.float64)
        scale = np.divide(prior, mass, out=np.zeros_like(mass), where=mass > 0)
        scale = np.ldexp(scale, -np.frexp(scale.max())[1])  # within any float
        return values * scale.astype(values.dtype)

    def _fill(self, values):
        """Return distributions; what is zero everywhere is filled by the policy."""
        values = np.maximum(values, 0)
        # Divided twice: sums of tiny numbers would lose their digits.
        top = values.max(axis=1, keepdims=True)
        empty = top.ravel() <= 0
        top[empty] = 1
        values /= top
        sums = values.sum(axis=1, keepdims=True)
        sums[empty] = 1
        values /= sums
        if empty.any():
            n_classes = len(self.classes_)
            fallback = np.full(n_classes, 1 / n_classes)
            if self.unreached == "prior":
                prior = self._prior()
                fallback = shares(self._seeds) if prior is None else prior
            values[empty] = fallback
        return values

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        if isinstance(self.affinity, str):
            tags.input_tags.pairwise = True
        elif self.affinity is not None:
            tags.input_tags.pairwise = get_tags(self.affinity).input_tags.pairwise
        return tags
