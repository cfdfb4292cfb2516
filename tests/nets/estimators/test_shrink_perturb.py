"""Where a net begins that goes on from an earlier one."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import nn

from skactive.nets import NetClassifier, NetDetector, NetSegmenter, ShrinkPerturb

pytestmark = pytest.mark.deep


def linear(weight):
    module = nn.Linear(2, 1)
    with torch.no_grad():
        module.weight[:] = torch.tensor(weight)
        module.bias[:] = 1.0
    return module


def test_by_hand():
    module = linear([10.0, 20.0])
    ShrinkPerturb(0.5, perturb=0.1)._begin(module, linear([-10.0, 0.0]))
    np.testing.assert_allclose(module.weight.detach(), [[4.0, 10.0]])
    np.testing.assert_allclose(module.bias.detach(), [0.6])


def test_what_is_frozen_stays():
    module = linear([10.0, 20.0])
    module.bias.requires_grad_(False)
    ShrinkPerturb(0.0, perturb=0.0)._begin(module, linear([1.0, 1.0]))
    assert module.weight.tolist() == [[0, 0]] and module.bias.tolist() == [1]


def test_a_net_begins_there(iris):
    """With a step too small to change a weight, what is left is the beginning."""
    X, y = iris
    rule = ShrinkPerturb(0.25, perturb=0.0)
    still = {"lr": 1e-30, "max_epochs": 1, "module__hidden": (), "random_state": 0}
    net = NetClassifier(**still).fit(X, y)
    before = [p.detach().clone() for p in net.net_.module_.parameters()]
    net.set_params(warm_start=rule).fit(X, y)
    for old, new in zip(before, net.net_.module_.parameters()):
        torch.testing.assert_close(0.25 * old, new)
    fresh = ShrinkPerturb(0.0, perturb=1.0)
    net.set_params(warm_start=fresh, random_state=1).fit(X, y)
    other = [p.detach() for p in net.net_.module_.parameters()]
    assert not any(torch.equal(a, b) for a, b in zip(before, other))
    assert all(p.abs().max() > 0 for p in other)


@pytest.mark.parametrize("kind", [NetClassifier, NetSegmenter, NetDetector])
def test_it_is_a_parameter_like_others(kind):
    net = kind(warm_start=ShrinkPerturb())
    assert net.get_params()["warm_start__shrink"] == 0.4
    twin = clone(net.set_params(warm_start__shrink=0.3, warm_start__perturb=0))
    assert twin.warm_start is not net.warm_start
    params = pickle.loads(pickle.dumps(twin)).warm_start.get_params()
    assert params == {"shrink": 0.3, "perturb": 0}


@pytest.mark.parametrize(
    "rule, words",
    [
        (ShrinkPerturb(1.5), "'shrink' parameter"),
        (ShrinkPerturb(perturb=np.nan), "'perturb' parameter"),
        (ShrinkPerturb, "'warm_start' parameter"),
        ("shrink", "'warm_start' parameter"),
    ],
    ids=["too large", "no number", "the class", "a word"],
)
def test_what_it_cannot_be_is_refused_in_the_first_fit(iris, rule, words):
    with pytest.raises(ValueError, match=words):
        NetClassifier(max_epochs=1, warm_start=rule).fit(*iris)
