"""What a graph convolution and its linear kin have in common."""

import numpy as np
import pytest
import torch
from sklearn.base import clone

from skactive.deep import GCNPropagator, SGCPropagator
from skactive.deep.revival._feature_propagator import FeaturePropagator
from skactive.deep.revival._virtual_adversary import graph_adversary
from skactive.graph import KNNAffinity

pytestmark = pytest.mark.deep


class Linear(FeaturePropagator):
    """Logits are features times two; nothing is learned."""

    _dtype = torch.float64

    def __init__(self, xi=None, n_power=1, device="cpu", random_state=None):
        self.xi, self.n_power = xi, n_power
        self.device, self.random_state = device, random_state

    def _train(self, operator, rows, y, n_classes):
        self.operator = operator
        self.proba_ = self._logits(torch.tensor(self._Z)).softmax(1).numpy()

    def _logits(self, X):
        return 2 * X


def linear(**settings):
    Z = np.array([[0.0, 4.0], [0.0, 8.0], [8.0, 0.0], [4.0, 0.0]])
    W = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0.0]])
    return Linear(**settings).fit(Z, W, [0, 2], [1, 0], 2)


def test_the_graph_is_normalized_with_a_loop_at_each_node():
    expected = [[0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    np.testing.assert_allclose(linear().operator.toarray(), expected)
    assert linear().reached_.all()


def test_a_step_is_a_quarter_of_the_median_length_unless_given():
    rows = np.array([1, 3])
    # Of 4, 4, 8, 8 torch takes the lower middle one for the median.
    assert linear(random_state=0).adversary(rows).eps == 1.0
    found = linear(random_state=0).adversary(rows, eps=0.5)
    assert found.eps == 0.5
    np.testing.assert_allclose(np.linalg.norm(found.perturbation, axis=1), 0.5)


def test_the_steps_are_those_that_its_parameters_say():
    fitted = linear(xi=0.1, n_power=3, random_state=5)
    found = fitted.adversary(np.array([1, 3]), eps=0.5, symmetrize=False)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        expected = graph_adversary(
            fitted._logits,
            torch.tensor(fitted._Z),
            torch.tensor([1, 3]),
            0.5,
            xi=0.1,
            n_power=3,
            symmetrize=False,
        )
    np.testing.assert_array_equal(found.kl, expected.kl.numpy())


def test_without_a_seed_one_is_drawn_by_fit():
    fitted = linear()
    kl = [fitted.adversary(np.array([1, 3]), eps=0.5).kl for _ in range(2)]
    np.testing.assert_array_equal(*kl)
    assert linear()._seed != linear()._seed
    assert linear(random_state=7)._seed == 7
    rng = np.random.RandomState(0)
    assert linear(random_state=rng)._seed != linear(random_state=rng)._seed


@pytest.mark.parametrize("cls", [GCNPropagator, SGCPropagator])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_propagators_answer_and_leave_labeled_nodes_and_torch_alone(cls, n_classes):
    rng = np.random.RandomState(0)
    y = np.arange(30) % n_classes
    Z = 2 * np.eye(n_classes, 4)[y] + rng.standard_normal((30, 4))
    W = cls.default_affinity().fit_transform(Z)
    propagator = cls(random_state=1).fit(Z, W, np.arange(9), y[:9], n_classes)
    assert propagator.proba_.shape == (30, n_classes)
    np.testing.assert_allclose(propagator.proba_.sum(axis=1), 1, rtol=1e-6)
    state = torch.get_rng_state()
    settings = {"eps": 0.5, "symmetrize": True}
    found = propagator.adversary(np.arange(9, 30), **settings)
    assert torch.equal(torch.get_rng_state(), state)
    assert (found.kl >= 0).all() and found.kl.max() > 0
    lengths = np.linalg.norm(found.perturbation, axis=1)
    np.testing.assert_allclose(lengths, 0.5, rtol=1e-5)
    again = propagator.adversary(np.arange(9, 30), **settings)
    np.testing.assert_array_equal(found.kl, again.kl)


@pytest.mark.parametrize("cls", [Linear, GCNPropagator, SGCPropagator])
@pytest.mark.parametrize(
    "settings", [{"xi": 0}, {"n_power": 0}, {"device": "abacus"}], ids=str
)
def test_bad_settings_are_named_with_their_value(cls, settings):
    ((name, value),) = settings.items()
    propagator = clone(cls(**settings))
    with pytest.raises(ValueError, match=f"{name}.*{value}"):
        propagator.fit(np.eye(2), np.ones((2, 2)), [0, 1], [0, 1], 2)


def test_the_graph_of_ones_own_is_binary():
    expected = KNNAffinity(affinity="binary", symmetrize="max").get_params()
    for cls in (GCNPropagator, SGCPropagator):
        assert cls.default_affinity().get_params() == expected
