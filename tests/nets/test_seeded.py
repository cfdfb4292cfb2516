"""One seed for a net, and the caller's generators as they were."""

import hashlib
import random
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets._seeded import check_device, seeded_torch

pytestmark = pytest.mark.deep

SCRIPT = """
import hashlib
import numpy as np
import torch
from skactive.nets import NetClassifier
torch.set_num_threads(1)
rng = np.random.RandomState(0)
X = rng.normal(size=(90, 1, 6, 6)).astype(np.float32)
y = np.array(["a", "b", "c"])[np.arange(90) % 3]
net = NetClassifier(module__width=4, max_epochs=2, batch_size=16, random_state=7)
proba, Z = net.fit(X, y).predict_with_embedding(X)
digest = hashlib.sha256(proba.tobytes() + Z.tobytes()).hexdigest()
"""


class Noisy(nn.Module):
    """Draws numbers in prediction as well as in training."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        self.head = nn.Linear(n_features, n_classes)

    def forward(self, X):
        return self.head(nn.functional.dropout(X, 0.5, training=True))


@pytest.fixture
def data():
    rng = np.random.RandomState(0)
    return rng.normal(size=(50, 5)).astype(np.float32), np.arange(50) % 2


def states():
    return (
        torch.get_rng_state().numpy().tobytes(),
        str(np.random.get_state()),
        str(random.getstate()),
    )


def jitter(batch):
    return batch + 0.1 * torch.randn_like(batch)


def test_no_generator_of_the_caller_moves(data, tmp_path):
    X, y = data
    net = NetClassifier(Noisy, max_epochs=2, augment=jitter, random_state=0)
    before = states()
    net.fit(X, y)
    assert states() == before
    for method in (net.predict, net.predict_proba, net.decision_function):
        method(X)
    net.transform(X)
    net.score(X, y)
    net.save_params(tmp_path / "net")
    net.load_params(tmp_path / "net")
    assert states() == before


def test_the_generator_of_torch_is_put_back_after_an_error():
    before = torch.get_rng_state()
    with pytest.raises(KeyError), seeded_torch(3):
        torch.rand(5)
        raise KeyError
    assert torch.equal(torch.get_rng_state(), before)


def test_seeded_draws_are_those_of_manual_seed():
    with seeded_torch(11):
        drawn = torch.rand(4)
    assert torch.equal(
        drawn, torch.rand(4, generator=torch.Generator().manual_seed(11))
    )


@pytest.mark.parametrize("module", [None, Noisy], ids=["default", "noisy"])
def test_a_second_fit_is_the_first_to_the_last_bit(data, module):
    X, y = data
    torch.manual_seed(1)
    net = NetClassifier(module, max_epochs=3, batch_size=8, random_state=0)
    net.set_params(augment=jitter)
    first = net.fit(X, y).predict_proba(X)
    torch.manual_seed(2)
    torch.rand(3)
    assert np.array_equal(net.predict_proba(X), first)
    assert np.array_equal(net.fit(X, y).predict_proba(X), first)


def test_another_seed_is_another_net(data):
    X, y = data
    a, b = (
        NetClassifier(max_epochs=1, random_state=s).fit(X, y).predict_proba(X)
        for s in (0, 1)
    )
    assert abs(a - b).max() > 0.01


def test_a_random_state_instance_goes_on(data):
    X, y = data
    rng = np.random.RandomState(0)
    net = NetClassifier(max_epochs=1, random_state=rng)
    first = net.fit(X, y).predict_proba(X)
    assert not np.array_equal(net.fit(X, y).predict_proba(X), first)
    net.set_params(random_state=np.random.RandomState(0))
    assert np.array_equal(net.fit(X, y).predict_proba(X), first)


def test_the_same_seed_says_the_same_in_a_fresh_process():
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT + "print(digest)"],
        check=True,
        capture_output=True,
        text=True,
    )
    here = {}
    exec(SCRIPT, here)
    assert run.stdout.split() == [here["digest"]]
    assert here["digest"] != hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("device", ["gpu", "mps:x", 3.5, "meta"])
def test_a_device_that_is_none_is_refused(device):
    with pytest.raises(ValueError, match="device="):
        check_device(device)


def test_cuda_is_refused_before_anything_else_where_there_is_none(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="sees 0 CUDA devices here. Take device='cpu'"):
        NetClassifier(device="cuda").fit("not even samples", None)


def test_a_gpu_beyond_the_last_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert check_device("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(ValueError, match="sees 2 CUDA devices"):
        check_device("cuda:2")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_learns_and_keeps_its_generator(data):
    X = data[0]
    before = torch.cuda.get_rng_state()
    net = NetClassifier(max_epochs=20, device="cuda", random_state=0).fit(
        X, X[:, 0] > 0
    )
    assert net.score(X, X[:, 0] > 0) > 0.8
    assert torch.equal(torch.cuda.get_rng_state(), before)
