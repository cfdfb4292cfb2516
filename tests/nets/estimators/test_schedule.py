"""Step sizes that rise and fall once, whatever batches there are."""

import pickle

import numpy as np
import pytest
import torch
from skorch.callbacks import LRScheduler
from torch.optim.lr_scheduler import OneCycleLR

from skactive.nets import NetSegmenter
from skactive.nets.estimators._schedule import OneCycle, with_schedule

pytestmark = pytest.mark.deep


@pytest.mark.parametrize("n_steps", [10, 33, 200])
def test_it_is_torchs_own(n_steps):
    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    theirs = OneCycleLR(optimizer, 1.0, n_steps, final_div_factor=25 * 1e5 / 625)
    for step in range(n_steps):
        assert OneCycle(n_steps)(step) == pytest.approx(
            theirs.get_last_lr()[0], abs=4e-4
        )
        optimizer.step()
        theirs.step()


@pytest.mark.parametrize("n_steps", [1, 2, 3])
def test_few_steps_and_steps_after_the_last(n_steps):
    shares = [OneCycle(n_steps)(step) for step in range(n_steps + 5)]
    assert np.isfinite(shares).all() and max(shares) <= 1 and min(shares) >= 0


def images(n):
    X = np.random.RandomState(0).normal(size=(n, 1, 8, 8)).astype(np.float32)
    return X, (X[:, 0] > 0).astype(int)


def rates(**settings):
    X, y = images(20)
    net = NetSegmenter(module__width=2, batch_size=8, **settings).fit(X, y)
    seen = [
        batch["event_lr"]
        for batch in net.net_.history_[:, "batches"]
        for batch in batch
    ]
    return net, seen


def test_a_training_rises_and_falls_once():
    net, seen = rates(max_epochs=4, lr=0.01)
    assert len(seen) == 12 and max(seen) == pytest.approx(0.01, rel=0.05)
    top = int(np.argmax(seen))
    assert np.all(np.diff(seen[: top + 1]) > 0) and np.all(np.diff(seen[top:]) < 0)
    assert seen[-1] < 1e-3
    assert pickle.loads(pickle.dumps(net)).schedule == "one-cycle"


def test_without_one_the_step_size_stays():
    X, y = images(8)
    net = NetSegmenter(module__width=2, max_epochs=2, lr=0.02, schedule=None).fit(X, y)
    assert net.net_.optimizer_.param_groups[0]["lr"] == 0.02


def test_another_scheduler_is_refused_beside_it():
    X, y = images(8)
    own = LRScheduler(policy="StepLR", step_size=1)
    for callbacks in ([own], [("rate", own)]):
        with pytest.raises(ValueError, match="pass schedule=None"):
            NetSegmenter(callbacks=callbacks).fit(X, y)
    NetSegmenter(callbacks=[own], schedule=None, module__width=2, max_epochs=1).fit(
        X, y
    )
    assert with_schedule("disable", "one-cycle", 8, 8, 1) == "disable"
