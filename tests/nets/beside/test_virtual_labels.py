"""Inferred labels beside given ones: weights, ramp, and the net alone without them."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets.beside._virtual_labels import RAMP, VirtualLabels

pytestmark = pytest.mark.deep


def blobs(n=60, seed=0):
    rng = np.random.RandomState(seed)
    y = np.arange(n) % 3
    return 2.0 * np.eye(3, 4)[y] + rng.standard_normal((n, 4)), y


def fitted(net, X, y, weights):
    """Train a copy of a net, with the last labels beside as virtual ones."""
    n = len(y) - len(weights)
    beside = {"X_virtual": X[n:], "y_virtual": y[n:], "weights": weights}
    return clone(net)._train(X[:n], y[:n], VirtualLabels(), **beside)


def quick(**settings):
    settings = {"max_epochs": 4, "batch_size": 8, "random_state": 0, **settings}
    return NetClassifier(**settings)


def test_virtual_labels_teach_what_labels_do_not_show():
    X, y = blobs(300)
    few = np.arange(3)
    order = np.concatenate([few, np.arange(3, 300)])
    net = quick(max_epochs=60, lr=0.01)
    alone = net.fit(X[few], y[few]).score(X, y)
    model = fitted(net, X[order], y[order], np.ones(297))
    assert model.score(X, y) > alone + 0.05
    wrong = (y[order] + 1) % 3
    wrong[:3] = y[few]
    misled = fitted(net, X[order], wrong, np.full(297, 5.0))
    assert misled.score(X, y) < alone


def test_labels_of_weight_zero_change_no_loss():
    """Only batch statistics and random numbers could tell them; this net has none."""
    X, y = blobs()
    wrong = y.copy()
    wrong[20:] = (y[20:] + 1) % 3
    a, b = (fitted(quick(), X, labels, np.zeros(40)) for labels in (y, wrong))
    np.testing.assert_array_equal(a.predict_proba(X), b.predict_proba(X))


def test_the_loss_is_that_of_the_labels_and_the_weighted_mean_of_the_others():
    """One step with a ramp that is over, against a loss written out by hand."""
    X, y = blobs(12)
    X = X.astype(np.float32)
    weights = np.linspace(0, 2, 8)
    module = nn.Linear(4, 3)
    start = {k: v.clone() for k, v in module.state_dict().items()}
    net = NetClassifier(
        module, optimizer=torch.optim.SGD, lr=0.1, max_epochs=1, batch_size=8
    )
    # Eight labels and eight others: one batch shows each of them once.
    X16, y16 = np.concatenate([X[:8], X[4:]]), np.concatenate([y[:8], y[4:]])
    model = fitted(net, X16, y16, weights)

    module.load_state_dict(start)
    loss = nn.functional.cross_entropy(module(torch.tensor(X[:8])), torch.tensor(y[:8]))
    others = nn.functional.cross_entropy(
        module(torch.tensor(X[4:])), torch.tensor(y[4:]), reduction="none"
    )
    loss = loss + (torch.tensor(weights, dtype=torch.float32) * others).mean()
    loss.backward()
    expected = start["weight"] - 0.1 * module.weight.grad
    torch.testing.assert_close(
        model.net_.module_.weight.detach(), expected, rtol=1e-5, atol=1e-6
    )


def test_inferred_labels_gain_their_weight_step_by_step(monkeypatch):
    seen = []
    from skactive.nets.beside._virtual_labels import VirtualLabelNet

    def one_by_one(self, output, y):
        seen.append(min(1.0, self._n_steps / self._n_ramp))
        return output.sum(dim=1) * 0

    monkeypatch.setattr(VirtualLabelNet, "_one_by_one", one_by_one)
    X, y = blobs()
    fitted(quick(max_epochs=10), X, y, np.ones(44))
    # Two batches in each of ten epochs; the ramp is over after 30 % of 20 steps.
    assert RAMP == 0.3 and len(seen) == 20
    np.testing.assert_allclose(seen[:7], [1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1, 1])


def test_nothing_of_the_data_stays_behind():
    X, y = blobs()
    model = fitted(quick(), X, y, np.ones(40))
    assert model.net_._virtual is None and model.net_._rows is None
    with pytest.raises(ValueError, match="NaN"):
        hole = X.copy()
        hole[-1] = np.nan
        fitted(quick(), hole, y, np.ones(40))


def test_images_in_bytes_and_augmentation_are_taken():
    rng = np.random.RandomState(0)
    X = rng.randint(0, 256, (24, 3, 8, 8)).astype(np.uint8)
    seen = []

    def augment(batch):
        seen.append(len(batch))
        return batch.flip(3)

    net = quick(augment=augment, max_epochs=1)
    model = fitted(net, X, np.arange(24) % 2, np.ones(16))
    assert seen == [16] and model.predict(X).shape == (24,)


def test_a_loss_that_cannot_be_weighted_is_refused():
    class Own(nn.Module):
        def forward(self, output, y):
            return nn.functional.cross_entropy(output, y)

    X, y = blobs()
    with pytest.raises(ValueError, match="has no `reduction`"):
        fitted(quick(criterion=Own), X, y, np.ones(40))
