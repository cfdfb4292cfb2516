"""Labels that spread along a graph and are sharpened."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone

from skactive.deep import LGCPropagator
from skactive.deep.revival._virtual_adversary import local_adversary
from skactive.graph import KNNAffinity

pytestmark = pytest.mark.deep


def eight():
    """Return two cliques of four with one edge between, and their affinity."""
    Z = [(0, 1), (2, 0), (0.2, 0.9), (0.1, 0.6), (0.6, 0.8), (1.7, 0.1)]
    Z = np.array([*Z, (1.2, 0.3), (1.9, 0.4)])
    graph = KNNAffinity(3, metric="euclidean", affinity="binary", symmetrize="max")
    return Z, graph.fit_transform(Z)


def test_spread_labels_of_the_example():
    propagator = LGCPropagator(sharpness=1).fit(*eight(), [0, 1], [0, 1], 2)
    known = [0.559619236, 0.440380764, 0.5451734124, 0.5451734124, 0.5302163294]
    known += [0.4548265876, 0.4697836706, 0.4548265876]
    np.testing.assert_allclose(propagator.proba_[:, 0], known, atol=1e-6, rtol=0)
    assert propagator.reached_.all()


def test_sharp_labels_are_a_power_of_the_spread_ones():
    soft = LGCPropagator(sharpness=1).fit(*eight(), [0, 1], [0, 1], 2).proba_
    sharp = LGCPropagator(sharpness=3).fit(*eight(), [0, 1], [0, 1], 2).proba_
    expected = soft**3 / (soft**3).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(sharp, expected, rtol=1e-12)


def test_the_default_is_sharp_and_its_graph_weighted():
    sharp = LGCPropagator().fit(*eight(), [0, 1], [0, 1], 2).proba_
    again = LGCPropagator(sharpness=20).fit(*eight(), [0, 1], [0, 1], 2).proba_
    np.testing.assert_array_equal(sharp, again)
    assert LGCPropagator.default_affinity().get_params() == KNNAffinity().get_params()


def test_no_label_reaches_a_part_of_its_own():
    pairs = sparse.csr_array(np.kron(np.eye(3), [[0.0, 1.0], [1.0, 0.0]]))
    propagator = LGCPropagator().fit(np.eye(6), pairs, [0, 2], [0, 1], 2)
    assert propagator.reached_.tolist() == [True] * 4 + [False] * 2
    np.testing.assert_allclose(propagator.proba_[4:], 0.5)
    assert propagator.proba_[:4].argmax(axis=1).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("n_neighbors", [1, 3])
def test_the_adversary_is_the_local_one(n_neighbors):
    Z, W = eight()
    propagator = LGCPropagator(n_neighbors=n_neighbors, sharpness=2)
    propagator.fit(Z, W, [0, 1], [0, 1], 2)
    found = propagator.adversary(np.arange(2, 8), eps=0.2, symmetrize=False)
    expected = local_adversary(
        Z,
        W,
        propagator.proba_,
        np.arange(2, 8),
        eps=0.2,
        n_neighbors=n_neighbors,
        symmetrize=False,
    )
    np.testing.assert_array_equal(found.kl, expected.kl)
    assert found.eps == 0.2 and (n_neighbors == 1 or found.kl.max() > 0)


@pytest.mark.parametrize(
    "settings", [{"alpha": 1}, {"sharpness": 0}, {"n_neighbors": 0}], ids=str
)
def test_bad_settings_are_named_with_their_value(settings):
    ((name, value),) = settings.items()
    propagator = clone(LGCPropagator(**settings))
    with pytest.raises(ValueError, match=f"'{name}' .* LGCPropagator .* Got {value} "):
        propagator.fit(*eight(), [0, 1], [0, 1], 2)
