"""Laplace and Poisson learning on graphs that can be worked out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.semi_supervised import LabelPropagation

from skactive.graph import KNNAffinity, SparseLabelPropagation

ENDS = [0, -1, -1, 1]


def propagate(W, y, method="laplace", **settings):
    settings = {"rtol": 1e-12, **settings}
    return SparseLabelPropagation("precomputed", method=method, **settings).fit(W, y)


def test_laplace_by_hand(graphs):
    model = propagate(graphs.triangle_and_tail, ENDS)
    expected = [[1, 0], [23 / 27, 4 / 27], [7 / 27, 20 / 27], [0, 1]]
    np.testing.assert_allclose(model.label_distributions_, expected, atol=1e-9)
    model = propagate(graphs.unit_path(5), [0, -1, -1, -1, 1])
    np.testing.assert_allclose(model.Z_[:, 0], [1, 0.75, 0.5, 0.25, 0], atol=1e-9)
    # A new node is the mean of its neighbors.
    proba = model.predict_proba([[0, 3.0, 1.0, 0, 0]])
    np.testing.assert_allclose(proba, [[0.6875, 0.3125]], atol=1e-9)


@pytest.mark.parametrize("balance", ["count", "none"])
def test_poisson_by_hand(balance, graphs):
    W = graphs.triangle_and_tail
    model = propagate(W, ENDS, "poisson", seed_balance=balance)
    expected = [19 / 35, 2 / 5, -6 / 35, -59 / 140]
    np.testing.assert_allclose(model.Z_[:, 0], expected, atol=1e-9)
    np.testing.assert_allclose(model.Z_[:, 1], np.negative(expected), atol=1e-9)
    shares = 0.5 + np.array(expected) / (2 * 19 / 35)
    np.testing.assert_allclose(model.label_distributions_[:, 0], shares, atol=1e-9)
    path = propagate(graphs.unit_path(5), [0, -1, -1, -1, 1], "poisson")
    np.testing.assert_allclose(path.Z_[:, 0], [1, 0.5, 0, -0.5, -1], atol=1e-9)
    assert path.transduction_.tolist() == [0, 0, 0, 1, 1]


def random_graph(seed, n=20):
    rng = np.random.RandomState(seed)
    W = np.triu(rng.uniform(size=(n, n)) * (rng.uniform(size=(n, n)) < 0.2), 1)
    return W + W.T


@given(st.integers(0, 2**31 - 1))
@settings(max_examples=20, deadline=None)
def test_laplace_is_the_mean_of_the_neighbors_and_keeps_labels(seed):
    W = random_graph(seed)
    y = np.full(20, -1)
    y[:5] = [0, 1, 2, 0, 1]
    model = propagate(W, y)
    u, degrees = model.Z_, W.sum(axis=1, keepdims=True)
    np.testing.assert_array_equal(u[:5], np.eye(3)[y[:5]])
    free = model.reached_ & (y == -1)
    np.testing.assert_allclose((W @ u)[free], (degrees * u)[free], atol=1e-6)
    np.testing.assert_allclose(u[model.reached_].sum(axis=1), 1, atol=1e-6)
    assert (u[~model.reached_] == 0).all()


@given(st.integers(0, 2**31 - 1), st.sampled_from(["count", "none"]))
@settings(max_examples=20, deadline=None)
def test_poisson_solves_its_equation_in_each_component(seed, balance):
    W = random_graph(seed)
    y = np.full(20, -1)
    y[:6] = [0, 1, 2, 0, 1, 0]
    model = propagate(W, y, "poisson", seed_balance=balance)
    u, degrees = model.Z_, W.sum(axis=1)
    source = np.where((y >= 0)[:, None], np.eye(3)[y], 0)
    if balance == "count":
        source = source / np.bincount(y[y >= 0])
    for part in range(model.n_components_):
        labeled = (model.component_ids_ == part) & (y >= 0)
        if labeled.any():
            source[labeled] -= source[labeled].mean(axis=0)
        inside = model.component_ids_ == part
        np.testing.assert_allclose(degrees[inside] @ u[inside], 0, atol=1e-8)
    np.testing.assert_allclose(degrees[:, None] * u - W @ u, source, atol=1e-6)


def test_scikit_learn_s_propagation_is_laplace():
    X, digit = load_digits(n_class=3, return_X_y=True)
    X, y = X[:150], digit[:150].copy()
    y[20:] = -1
    W = KNNAffinity().fit_transform(X)
    dense = W.toarray()  # scikit-learn 1.6 fails on a sparse array
    peer = LabelPropagation(kernel=lambda a, b: dense, tol=1e-12, max_iter=100_000)
    peer.fit(X, y)
    ours = propagate(W, y)
    np.testing.assert_allclose(
        ours.label_distributions_, peer.label_distributions_, atol=1e-8
    )


def test_a_component_with_labels_of_one_class_is_of_that_class(graphs):
    y = [0, -1, -1, 1, 1, -1, -1]
    for method in ("laplace", "poisson"):
        model = propagate(graphs.broken, y, method)
        assert model.transduction_[:6].tolist() == [0, 0, 1, 1, 1, 1]
        np.testing.assert_array_equal(model.label_distributions_[4:6], [[0, 1]] * 2)
        assert model.reached_.tolist() == [True] * 6 + [False]


def test_a_single_class_and_labels_everywhere(graphs):
    for method in ("laplace", "poisson"):
        model = propagate(graphs.path, [5, -1, -1, -1], method)
        assert set(model.transduction_) == {5}
        np.testing.assert_array_equal(model.label_distributions_, 1)
        model = propagate(graphs.path, [0, 1, 1, 0], method)
        assert model.converged_ and np.isfinite(model.label_distributions_).all()
    assert propagate(graphs.path, [0, 1, 1, 0]).transduction_.tolist() == [0, 1, 1, 0]


def test_classes_with_more_labels_do_not_win_by_their_number():
    X, digit = load_digits(return_X_y=True)
    rng = np.random.RandomState(0)
    y = np.full(len(X), -1)
    for c in range(10):
        y[rng.choice(np.flatnonzero(digit == c), 10 if c < 5 else 1, False)] = c
    W, rest = KNNAffinity().fit_transform(X), y == -1
    right = [
        (propagate(W, y, "poisson", seed_balance=balance, rtol=1e-6).transduction_)
        for balance in ("none", "count")
    ]
    plain, balanced = ((found == digit)[rest].mean() for found in right)
    assert balanced > 0.85 and balanced > plain + 0.1


def test_single_precision_is_kept_outside_and_iterations_that_run_out_are_told():
    X, digit = load_digits(return_X_y=True)
    X = X.astype(np.float32)
    for method in ("laplace", "poisson"):
        model = SparseLabelPropagation(method=method)
        model.fit(X[:50], digit[:50], X_pool=X[50:300])
        assert model.label_distributions_.dtype == np.float32 and model.converged_
        with pytest.warns(ConvergenceWarning, match="residual"):
            model.set_params(max_iter=2).fit(X[:50], digit[:50], X_pool=X[50:300])
        assert not model.converged_
