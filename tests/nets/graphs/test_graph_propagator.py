"""Labels along a graph by a net: what it answers for other features, frozen."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits, make_blobs

from skactive.graph import KNNAffinity, normalize_affinity
from skactive.nets.graphs._graph_propagator import GraphPropagator

pytestmark = pytest.mark.deep


def blobs(n=90):
    X, y = make_blobs(n, centers=3, random_state=0, cluster_std=0.8)
    graph = KNNAffinity(5, metric="euclidean", affinity="binary", symmetrize="max")
    X = (X - X.mean(0)) / X.std(0)
    return normalize_affinity(graph.fit_transform(X), "kipf"), X, y


def first_of_each(y):
    return np.array([np.flatnonzero(y == c)[0] for c in np.unique(y)])


def fitted(**settings):
    A, X, y = blobs()
    rows = first_of_each(y)
    settings = {"hidden": 16, "max_epochs": 60, **settings}
    return GraphPropagator(**settings).fit(A, X, rows, y[rows])


def test_three_labels_are_enough_for_three_clusters():
    _, _, y = blobs()
    proba = fitted().predict_proba()
    assert proba.shape == (90, 3) and proba.dtype == np.float32
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-5)
    assert np.mean(proba.argmax(axis=1) == y) > 0.9


def test_labels_are_propagated_better_than_by_features_alone():
    """On an empty graph the same net sees each node by itself."""
    X, y = load_digits(return_X_y=True)
    X, y = X[:600] / 16, y[:600]
    graph = KNNAffinity(10, metric="euclidean", affinity="binary", symmetrize="max")
    A = normalize_affinity(graph.fit_transform(X), "kipf")
    rows = first_of_each(y)

    def accuracy(A):
        scores = []
        for seed in range(3):
            model = GraphPropagator(max_epochs=60, random_state=seed)
            proba = model.fit(A, X, rows, y[rows]).predict_proba()
            scores.append(np.mean(proba.argmax(axis=1) == y))
        return np.mean(scores)

    assert accuracy(A) > accuracy(np.eye(600)) + 0.05


def test_lists_of_rows_and_labels_are_arrays():
    A, X, y = blobs()
    rows = first_of_each(y)
    codes = y[rows]
    expected = fitted().predict_proba()
    model = GraphPropagator(hidden=16, max_epochs=60)
    np.testing.assert_array_equal(
        model.fit(A, X, rows.tolist(), codes.tolist()).predict_proba(), expected
    )


def test_other_features_on_the_same_graph():
    """As a net computed by hand on the dense operator."""
    A, X, _ = blobs()
    model = fitted()
    moved = X + 0.3
    W = [p.numpy() for p in model.net_.parameters()]
    hidden = np.maximum(A @ (moved @ W[0]) + W[1], 0)
    logits = A @ (hidden @ W[2]) + W[3]
    given = torch.tensor(moved, dtype=torch.float32)
    np.testing.assert_allclose(model.logits(given).numpy(), logits, atol=1e-4)
    proba = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(moved), proba, atol=1e-4)
    np.testing.assert_array_equal(model.predict_proba(X), model.predict_proba())


def test_gradients_reach_features_and_no_weight():
    A, X, _ = blobs()
    model = fitted()
    given = torch.tensor(X, dtype=torch.float32, requires_grad=True)
    model.logits(given)[:, 0].sum().backward()
    assert all(not p.requires_grad and p.grad is None for p in model.net_.parameters())
    step = np.random.RandomState(0).normal(size=X.shape)
    net, A = model.net_.double(), torch.tensor(A.toarray())

    def value(t):
        return net(torch.tensor(X + t * step), A)[:, 0].sum().item()

    slope = (value(1e-6) - value(-1e-6)) / 2e-6
    assert (given.grad.numpy() * step).sum() == pytest.approx(slope, rel=1e-3)


def test_a_frozen_propagator_answers_twice_the_same():
    model = fitted()
    state = {k: v.clone() for k, v in model.net_.state_dict().items()}
    first = model.predict_proba()
    np.testing.assert_array_equal(model.predict_proba(), first)
    assert all(torch.equal(v, model.net_.state_dict()[k]) for k, v in state.items())
    assert not model.net_.training


def test_one_seed_is_one_net_and_the_generators_are_left_alone():
    before = torch.get_rng_state()
    first, again, other = (fitted(random_state=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(first.predict_proba(), again.predict_proba())
    assert not np.allclose(first.predict_proba(), other.predict_proba())


def test_balanced_classes_count_alike():
    """Two nodes that look alike, labeled five times 0 and once 1."""
    A, X = np.eye(6), np.ones((6, 1))
    rows, y = np.arange(6), np.array([0, 0, 0, 0, 0, 1])
    settings = {"hidden": 8, "dropout": 0.0, "max_epochs": 300}
    plain = GraphPropagator(**settings).fit(A, X, rows, y).predict_proba()
    even = GraphPropagator(class_weight="balanced", **settings)
    even = even.fit(A, X, rows, y).predict_proba()
    np.testing.assert_allclose(plain[:, 1], 1 / 6, atol=0.01)
    np.testing.assert_allclose(even[:, 1], 1 / 2, atol=0.01)


def test_classes_without_a_label_have_a_column():
    A, X, _ = blobs()
    for class_weight in (None, "balanced"):
        model = GraphPropagator(hidden=8, max_epochs=5, class_weight=class_weight)
        assert model.fit(A, X, [0, 1], [0, 2], 5).predict_proba().shape == (90, 5)


@pytest.mark.parametrize(
    "settings, change, text",
    [
        ({}, {"X": np.ones((4, 2))}, "one row for each node"),
        ({}, {"X": np.ones(90)}, "one row for each node"),
        ({}, {"rows": [], "y": []}, "the same length, 1 or more"),
        ({}, {"rows": [0, 1], "y": [0]}, "the same length, 1 or more"),
        ({}, {"operator": np.ones((90, 4))}, "a row and a column for each node"),
        ({"class_weight": "even"}, {}, "class_weight must be"),
        ({"device": "abacus"}, {}, "device"),
    ],
)
def test_what_does_not_fit_together_is_refused(settings, change, text):
    A, X, y = blobs()
    given = {"operator": A, "X": X, "rows": [0, 1], "y": y[:2], **change}
    with pytest.raises(ValueError, match=text):
        GraphPropagator(**settings).fit(**given)


def test_features_that_are_nan_are_refused():
    A, X, y = blobs()
    X[3] = np.nan
    with pytest.raises(FloatingPointError, match=r"epoch 1: labeled \(nan\)"):
        GraphPropagator().fit(A, X, np.arange(9), y[:9])
