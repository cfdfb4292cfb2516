"""A sampler beside a net: the net is what it is alone, and the sampler learns."""

import pickle

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from skorch.callbacks import Callback, EarlyStopping, LRScheduler
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets.beside._sampler import Sampler, ask_sampler
from skactive.nets.beside._sampler_apart import _RandomNumbers

pytestmark = pytest.mark.deep

APART = {
    "detach": True,
    "bottleneck": "none",
    "n_heads": 1,
    "depth": 1,
    "scale": None,
    "sampler_hidden": (16,),
    "sampler_weight": 0.5,
    "milestones": (),
}


def data(n=31, n_pool=40, shape=(4,), seed=0):
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n + n_pool, *shape)).astype("f4")
    return X[:n], np.arange(n) % 3, X[n:]


def noisy(X):
    return X + 0.1 * torch.randn_like(X)


class OnlyEmbeds(nn.Module):
    """Two passes where outputs and embeddings are wanted, each with dropout."""

    def __init__(self, n_classes=3):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5))
        self.last = nn.Linear(8, n_classes)

    def embed(self, X):
        return self.layers(X)

    def forward(self, X):
        return self.last(self.layers(X))


TABLE, IMAGES = data(), data(shape=(1, 8, 8))
SLOWER = [("slower", LRScheduler("StepLR", step_size=1, gamma=0.5))]
STOPS = [("stops", EarlyStopping("train_loss", patience=1, threshold=0.9))]
NETS = {
    "a table": (TABLE, {}),
    "dropout": (TABLE, {"module__dropout": 0.3}),
    "images": (IMAGES, {"module__width": 4}),
    "augmented": (IMAGES, {"module__width": 4, "augment": noisy}),
    "bfloat16": (IMAGES, {"module__width": 4, "precision": "bf16"}),
    "embeds alone": (TABLE, {"module": OnlyEmbeds}),
    "a schedule": (TABLE, {"callbacks": SLOWER}),
    "stops early": (TABLE, {"callbacks": STOPS}),
    "batches of one": (TABLE, {"batch_size": 1}),
}


@pytest.mark.parametrize("bottleneck", ["none", "sample", "channel"])
@pytest.mark.parametrize("name", NETS)
def test_to_the_last_bit_the_net_is_the_one_alone(name, bottleneck):
    (X, y, X_pool), settings = NETS[name]
    settings = {"max_epochs": 3, "batch_size": 8, "random_state": 0, **settings}
    alone = NetClassifier(**settings).fit(X, y)
    recipe = Sampler(**{**APART, "bottleneck": bottleneck})
    both = NetClassifier(**settings)._train(X, y, recipe, X_pool=X_pool)
    a, b = (net.net_.module_.state_dict() for net in (alone, both))
    assert all(torch.equal(a[key], b[key]) for key in a)
    assert_array_equal(alone.predict_proba(X_pool), both.predict_proba(X_pool))
    assert_array_equal(alone.transform(X_pool), both.transform(X_pool))
    losses = [net.net_.history[:, "train_loss"] for net in (alone, both)]
    assert losses[0] == losses[1]
    assert np.isfinite(both.net_.terms()["sampler_loss"]).all()


def test_joint_it_is_another_net():
    X, y, X_pool = TABLE
    settings = {"max_epochs": 3, "batch_size": 8, "random_state": 0}
    alone = NetClassifier(**settings).fit(X, y)
    recipe = Sampler(**{**APART, "detach": False})
    both = NetClassifier(**settings)._train(X, y, recipe, X_pool=X_pool)
    assert not np.array_equal(alone.predict_proba(X), both.predict_proba(X))


def test_the_sampler_learns_from_what_the_net_embeds():
    X, y, X_pool = data(60, 60)
    X_pool = X_pool + 3
    net = NetClassifier(max_epochs=40, random_state=0)
    net._train(X, y, Sampler(**APART), X_pool=X_pool)
    losses = net.net_.terms()["sampler_loss"]
    assert losses[-1] < 0.5 < losses[0]
    of_labeled, of_pool = (ask_sampler(net, part)[2] for part in (X, X_pool))
    assert of_labeled.mean() > of_pool.mean() + 1


def test_what_is_embedded_for_the_sampler_is_what_a_query_sees():
    """In evaluation mode, of an augmented sample: no dropout, no batch statistics."""
    seen = []

    class Watching(OnlyEmbeds):
        def embed(self, X):
            seen.append((self.training, torch.is_grad_enabled(), len(X)))
            return super().embed(X)

    X, y, X_pool = data(16)
    net = NetClassifier(Watching, max_epochs=1, batch_size=8, random_state=0)
    net._train(X, y, Sampler(**APART), X_pool=X_pool)
    # Before training and after it, of examples and of the context.
    steps = [each for each in seen if each[2] == 16]
    assert set(steps) == {(False, False, 16)} and len(steps) >= 2
    assert not any(training for training, _, _ in seen)


def test_a_net_in_training_can_be_pickled_and_keeps_no_sample():
    X, y, X_pool = TABLE
    net = NetClassifier(max_epochs=1)._train(X, y, Sampler(**APART), X_pool=X_pool)
    local = net.net_
    for name in ("_random", "_mixed", "_X_pool", "_context_samples"):
        assert getattr(local, name) is None
    watched = NetClassifier(max_epochs=1, batch_size=8, callbacks=[Noting()])
    watched._train(X, y, Sampler(**APART), X_pool=X_pool)


class Noting(Callback):
    def on_batch_end(self, net, **kwargs):
        assert net._mixed is not None
        pickle.loads(pickle.dumps(net))


def test_numbers_of_its_own_go_on_and_leave_those_of_the_caller():
    numbers, twin = _RandomNumbers(3, "cpu"), _RandomNumbers(3, "cpu")
    torch.manual_seed(0)
    expected = torch.rand(4)
    torch.manual_seed(0)
    first = torch.rand(2)
    with numbers.own():
        drawn = torch.rand(2)
    second = torch.rand(2)
    with numbers.own():
        more = torch.rand(2)
    assert torch.equal(torch.cat([first, second]), expected)
    with twin.own():
        assert torch.equal(torch.rand(4), torch.cat([drawn, more]))
