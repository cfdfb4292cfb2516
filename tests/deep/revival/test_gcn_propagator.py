"""A graph convolutional network as the propagator."""

import numpy as np
import pytest

from skactive.deep import GCNPropagator
from skactive.graph import normalize_affinity
from skactive.nets.graphs._graph_propagator import GraphPropagator

pytestmark = pytest.mark.deep


def problem():
    rng = np.random.RandomState(0)
    y = np.arange(30) % 3
    Z = 6 * np.eye(3, 4)[y] + rng.standard_normal((30, 4))
    W = GCNPropagator.default_affinity().fit_transform(Z)
    return Z, W, np.arange(9), y[:9], 3


def test_it_is_the_graph_net_on_the_normalized_graph():
    Z, W, rows, y, n_classes = problem()
    settings = {"hidden": 5, "max_epochs": 7, "random_state": 3}
    fitted = GCNPropagator(**settings).fit(Z, W, rows, y, n_classes)
    net = GraphPropagator(**settings)
    net.fit(normalize_affinity(W, "kipf"), Z, rows, y, n_classes)
    np.testing.assert_allclose(fitted.proba_, net.predict_proba(), rtol=1e-6)


def test_its_weights_are_frozen_and_its_seed_is_one():
    first, again, other = (
        GCNPropagator(max_epochs=5, random_state=seed).fit(*problem())
        for seed in (0, 0, 1)
    )
    assert not any(p.requires_grad for p in first.net_.parameters())
    np.testing.assert_array_equal(first.proba_, again.proba_)
    assert not np.allclose(first.proba_, other.proba_)


def test_it_learns_its_labels():
    Z, W, rows, y, _ = problem()
    fitted = GCNPropagator(random_state=0).fit(Z, W, rows, y, 3)
    np.testing.assert_array_equal(fitted.proba_[rows].argmax(axis=1), y)


@pytest.mark.parametrize("name", ["hidden", "max_epochs"])
def test_bad_settings_are_named_with_their_value(name):
    with pytest.raises(ValueError, match=f"'{name}' .* GCNPropagator .* Got 0 "):
        GCNPropagator(**{name: 0}).fit(*problem())
