"""What scikit-learn's tests of label propagation check, checked here.

Written after ``sklearn/semi_supervised/tests/test_label_propagation.py``: each of its
tests is here under its own name, for every method, and on the graphs that its
estimators are given: an rbf kernel of gamma 20 (of nearest neighbors, and dense as a
graph of one's own) and nearest neighbors. Where something is not the same, a test says
"Differs", why, and what it is here.
"""

import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.datasets import make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import train_test_split
from sklearn.neighbors import NearestNeighbors
from sklearn.semi_supervised import LabelPropagation, LabelSpreading

from skactive.graph import (
    KNNAffinity,
    SparseLabelPropagation,
    SparseLabelSpreading,
    normalize_affinity,
)

# Between three rows at such distances weights go from 1e-44 to 1: that is said.
pytestmark = pytest.mark.filterwarnings("ignore:The weights of the graph span")


class Kernel(TransformerMixin, BaseEstimator):
    """A dense kernel of one's own as a graph.

    Differs: scikit-learn takes a function ``kernel(X, Y)``; here a graph is a
    transformer, so that it can be searched over, or a precomputed affinity.
    """

    def __init__(self, gamma=20.0):
        self.gamma = gamma

    def fit(self, X, y=None):
        self.rows_ = self._dense(X)
        return self

    def transform(self, X):
        return rbf_kernel(self._dense(X), self.rows_, gamma=self.gamma)

    def _dense(self, X):
        return X.toarray() if sparse.issparse(X) else np.asarray(X)


class TopKernel(Kernel):
    """The ten largest entries of an rbf kernel, of rows to the fitted ones.

    Differs: scikit-learn's test leaves it directed, which is refused here.
    """

    def fit(self, X, y=None):
        self.search_ = NearestNeighbors(n_neighbors=10).fit(X)
        return self

    def fit_transform(self, X, y=None):
        W = self.fit(X).transform(X)
        return W.maximum(W.T)

    def transform(self, X):
        W = self.search_.kneighbors_graph(X, mode="distance")
        W.data = np.exp(-self.gamma * W.data**2)
        return W


def nearest(k, affinity="rbf"):
    return KNNAffinity(k, metric="euclidean", affinity=affinity, gamma=20.0)


METHODS = {
    "laplace": SparseLabelPropagation(),
    "poisson": SparseLabelPropagation(method="poisson"),
    "poisson, none": SparseLabelPropagation(method="poisson", seed_balance="none"),
    **{
        f"spreading, {alpha}, {balance}, {inductive}": SparseLabelSpreading(
            alpha=alpha, seed_balance=balance, inductive=inductive
        )
        # 0.2 is scikit-learn's alpha, 0.99 ours.
        for alpha in (0.2, 0.99)
        for balance in ("degree", "count", "none")
        for inductive in ("extension", "average")
    },
}
RBF = {"rbf of neighbors": nearest(2), "rbf kernel": Kernel()}
# Differs: scikit-learn's two neighbors are a row itself and one more.
GRAPHS = {**RBF, "neighbors": nearest(1, "binary")}
SPARSE = [sparse.csr_matrix, sparse.csr_array, sparse.csc_matrix, sparse.csc_array]

methods = pytest.mark.parametrize("method", METHODS)
all_graphs = pytest.mark.parametrize("graph", GRAPHS)
rbf_graphs = pytest.mark.parametrize("graph", RBF)
precisions = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def fitted(method, graph, rows, y=(0, 1, -1), dtype=np.float64, container=np.array):
    model = clone(METHODS[method]).set_params(affinity=GRAPHS[graph])
    model.fit(container(np.array(rows, dtype=dtype)), list(y))
    assert model.label_distributions_.dtype == dtype
    return model


def at_wide_alpha(model, X, y, X_new):
    """Return scikit-learn's own classifier on the same graph, with alpha=0.99."""
    W, new = model.affinity_.toarray(), model.graph_.transform(X_new).toarray().T
    peer = LabelSpreading(lambda a, b: W if a is b else new, alpha=0.99, tol=1e-9)
    return peer.set_params(max_iter=9999).fit(X, y)


def test_no_test_of_scikit_learn_is_forgotten():
    path = "sklearn.semi_supervised.tests.test_label_propagation"
    theirs = vars(pytest.importorskip(path))
    assert [n for n in theirs if n.startswith("test_") and n not in globals()] == []


@methods
@all_graphs
@precisions
def test_fit_transduction(method, graph, dtype):
    model = fitted(method, graph, [[1, 0], [0, 2], [1, 3]], dtype=dtype)
    assert model.transduction_[2] == 1


@methods
@rbf_graphs
@precisions
def test_distribution(method, graph, dtype):
    """As there, not on nearest neighbors, of which two are equally near."""
    model = fitted(method, graph, [[1, 0], [0, 1], [1, 1]], dtype=dtype)
    np.testing.assert_allclose(model.label_distributions_[2], 0.5, atol=1e-2)


@methods
@all_graphs
@precisions
def test_predict(method, graph, dtype):
    model = fitted(method, graph, [[1, 0], [0, 2], [1, 3]], dtype=dtype)
    assert model.predict([[0.5, 2.5]]).tolist() == [1]


@methods
@rbf_graphs
@precisions
def test_predict_proba(method, graph, dtype):
    model = fitted(method, graph, [[1, 0], [0, 1], [1, 2.5]], dtype=dtype)
    proba = model.predict_proba([[1.0, 1.0]])
    np.testing.assert_allclose(proba, [[0.5, 0.5]], atol=1e-6)


@methods
@precisions
def test_predict_proba_of_nearest_neighbors(method, dtype):
    """Differs: a new row has as many neighbors as a node, here one.

    scikit-learn asks for two, a node and itself, so that a new row has two others.
    """
    rows = [[1, 0], [0, 1], [1, 2.5]]
    model = fitted(method, "neighbors", rows, dtype=dtype)
    # Of two equally near the first; its answer is that of a copy of it.
    proba, copy = model.predict_proba([[1.0, 1.0], [1.0, 0.0]])
    np.testing.assert_array_equal(proba, copy)
    model.set_params(affinity=nearest(2, "binary")).fit(
        np.array(rows, dtype), [0, 1, -1]
    )
    if "average" in method or method == "laplace":
        proba = model.predict_proba([[1.0, 1.0]])
        expected = model.label_distributions_[:2].mean(axis=0)
        np.testing.assert_allclose(proba[0], expected, atol=1e-6)


@pytest.fixture(scope="module")
def two_classes():
    X, y = make_classification(n_classes=2, n_samples=200, random_state=0)
    y[::3] = -1
    return X, y


@pytest.mark.parametrize("alpha", [0.1, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("solver", ["cg", "chebyshev", "power"])
@precisions
def test_label_spreading_closed_form(two_classes, alpha, solver, dtype):
    """Differs: seeds are balanced by default; with "none" it is scikit-learn's."""
    X, y = two_classes
    W = rbf_kernel(X.astype(dtype), gamma=0.1)
    W = (W + W.T) / 2
    settings = {"alpha": alpha, "seed_balance": "none", "solver": solver}
    model = SparseLabelSpreading("precomputed", **settings).fit(W, y)
    np.fill_diagonal(W, 0)
    A = np.eye(200) - alpha * normalize_affinity(W).toarray().astype(np.float64)
    expected = np.linalg.solve(A, np.eye(3)[y][:, :2])
    expected /= expected.sum(axis=1, keepdims=True)
    atol = 1e-4 if dtype == np.float32 else 1e-5
    np.testing.assert_allclose(model.label_distributions_, expected, atol=atol)
    peer = LabelSpreading(gamma=0.1, alpha=alpha, tol=1e-10, max_iter=1000).fit(X, y)
    np.testing.assert_allclose(
        model.label_distributions_, peer.label_distributions_, atol=atol
    )


@precisions
def test_label_propagation_closed_form(two_classes, dtype):
    X, y = two_classes
    W = rbf_kernel(X.astype(dtype), gamma=0.1)
    W = (W + W.T) / 2
    model = SparseLabelPropagation("precomputed").fit(W, y)
    T = W.astype(np.float64) / W.sum(axis=1, keepdims=True)
    free, given = np.flatnonzero(y < 0), np.flatnonzero(y >= 0)
    expected = np.eye(3)[y][:, :2]
    inner = np.eye(len(free)) - T[np.ix_(free, free)]
    expected[free] = np.linalg.solve(inner, T[np.ix_(free, given)] @ expected[given])
    np.testing.assert_allclose(model.label_distributions_, expected, atol=1e-5)
    peer = LabelPropagation(gamma=0.1, tol=1e-10, max_iter=10_000).fit(X, y)
    np.testing.assert_allclose(
        model.label_distributions_, peer.label_distributions_, atol=1e-4
    )


@methods
@all_graphs
@precisions
def test_sparse_input_types(method, graph, dtype):
    rows, new = [[1, 0], [0, 2], [1, 3]], [[0.5, 2.5]]
    dense = fitted(method, graph, rows, dtype=dtype)
    for container, index_dtype in zip(SPARSE, [np.int32, np.int64] * 2):
        X = container(np.array(rows, dtype=dtype))
        X.indices = X.indices.astype(index_dtype)
        X.indptr = X.indptr.astype(index_dtype)
        model = clone(dense).fit(X, [0, 1, -1])
        np.testing.assert_allclose(
            model.label_distributions_, dense.label_distributions_, atol=1e-6
        )
        assert model.label_distributions_.dtype == dtype
        assert model.predict(new).tolist() == [1]
        assert model.predict(container(new)).tolist() == [1]


@pytest.mark.parametrize("container", [np.array, *SPARSE])
@pytest.mark.parametrize("method", [SparseLabelPropagation, SparseLabelSpreading])
@precisions
def test_label_propagation_build_graph_normalized(container, method, dtype):
    """Differs: an affinity that is not symmetric is refused, in words.

    Labels flow both ways along an edge here, and no answer would be right for both;
    ``KNNAffinity(metric="precomputed")`` makes it symmetric. The diagonal is not
    used: a label that stays where it is says nothing. Rows that are made sum to one.
    """
    W = container(np.array([[1, 1, 0], [2, 1, 1], [0, 1, 3]], dtype=dtype))
    with pytest.raises(ValueError, match="not symmetric, that is, the graph is direct"):
        method("precomputed").fit(W, [0, 1, -1])
    graph = KNNAffinity(metric="precomputed", symmetrize="max")
    model = method(graph).fit(W, [0, 1, -1])
    assert model.affinity_.toarray().tolist() == [[0, 2, 0], [2, 0, 1], [0, 1, 0]]
    P = normalize_affinity(W, "random_walk").toarray()
    expected = [[0.5, 0.5, 0.0], [0.5, 0.25, 0.25], [0.0, 0.25, 0.75]]
    np.testing.assert_allclose(P, expected)


@methods
@all_graphs
@pytest.mark.parametrize("container", [np.array, *SPARSE])
def test_convergence_speed(method, graph, container):
    rows = [[1, 0], [0, 1], [1, 2.5]]
    model = fitted(method, graph, rows, container=container)
    # Differs: n_iter_ counts steps of conjugate gradients, which end after as many as
    # there are nodes; two more where they begin anew.
    assert model.n_iter_ < 10
    expected = [0, 1, 1]
    if graph == "neighbors" and ("0.99, count" in method or "0.99, none" in method):
        # Not our doing but that of the wider alpha: scikit-learn's is the same. Row 1
        # has two edges, and near 1 the class of more edges wins everywhere.
        peer = at_wide_alpha(model, rows, [0, 1, -1], rows)
        expected = peer.transduction_.tolist()
        assert expected == [1, 1, 1]
    assert model.predict(container(np.array(rows))).tolist() == expected


@methods
def test_convergence_warning(method):
    """Differs: on three rows conjugate gradients are done too soon to warn."""
    X, t = make_classification(n_samples=120, random_state=0)
    y = np.where(np.arange(120) < 10, t, -1)
    model = clone(METHODS[method]).set_params(affinity=nearest(5, "binary"))
    with pytest.warns(ConvergenceWarning, match="did not converge in 1 iterations"):
        model.set_params(max_iter=1).fit(X, y)
    assert model.n_iter_ == 1 and not model.converged_
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        model.set_params(max_iter=500).fit(X, y)
        model.set_params(max_iter=None).fit(X, y)
    assert model.converged_


@methods
@precisions
@pytest.mark.parametrize("apart", [0, 1])
def test_label_propagation_non_zero_normalizer(method, dtype, apart):
    """Differs: one neighbor of a row is another row, not itself.

    Where it is a copy, the search is among distinct rows, and a label reaches the
    others. Where no label comes (`apart`), that is said, and there is a distribution.
    """
    rows = np.array([[100, 100], [100, 100 + apart], [0, 0], [0, apart]])
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        model = fitted(method, "neighbors", rows, [0, 1, -1, -1], dtype)
        proba = model.predict_proba(rows)
    assert model.reached_.tolist() == [True, True, not apart, not apart]
    assert model.transduction_[2] == model.transduction_[3] == 0
    assert (proba[2] == proba[3]).all()
    for answer in (model.label_distributions_, proba):
        np.testing.assert_allclose(answer.sum(axis=1), 1, rtol=1e-6)
        if apart:
            np.testing.assert_array_equal(answer[2:], 0.5)


@methods
@precisions
def test_predict_sparse_callable_kernel(method, dtype):
    settings = {"n_classes": 4, "n_informative": 20, "n_redundant": 0}
    X, y = make_classification(500, 20, **settings, random_state=0)
    X = X.astype(dtype)
    X, X_test, y, y_test = train_test_split(X, y, test_size=10, random_state=0)
    model = clone(METHODS[method]).set_params(affinity=TopKernel(1e-5)).fit(X, y)
    score = model.score(X_test, y_test)
    if "0.99, none" not in method:
        assert score >= 0.9
        return
    # Not our doing but that of the wider alpha: scikit-learn's is the same.
    peer = at_wide_alpha(model, X, y, X_test)
    np.testing.assert_array_equal(model.transduction_, peer.transduction_)
    assert score == peer.score(X_test, y_test) < 0.9
