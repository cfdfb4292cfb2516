"""The callback that keeps the weights of earlier epochs."""

import pickle

import numpy as np
import pytest
from skorch.callbacks import EarlyStopping
from torch import nn

from skactive.nets import HistoryRecorder, NetClassifier

X = np.linspace(-1, 1, 20, dtype=np.float32).reshape(-1, 1)
y = (X[:, 0] > 0).astype(int)


def recorded(n_snapshots=10, **settings):
    callbacks = [*settings.pop("callbacks", []), HistoryRecorder(n_snapshots)]
    net = NetClassifier(callbacks=callbacks, random_state=0, **settings).fit(X, y)
    return net, next(c for _, c in net.net_.callbacks_ if hasattr(c, "states_"))


@pytest.mark.parametrize(
    "n_snapshots, max_epochs, epochs",
    [
        (4, 20, [5, 10, 15, 20]),
        (3, 10, [3, 7, 10]),
        (10, 4, [1, 2, 3, 4]),
        (1, 5, [5]),
        (10, 200, list(range(20, 201, 20))),
    ],
)
def test_epochs_at_even_distances(n_snapshots, max_epochs, epochs):
    _, recorder = recorded(n_snapshots, max_epochs=max_epochs, module__hidden=(2,))
    assert recorder.epochs_ == epochs and len(recorder.states_) == len(epochs)


def test_copies_are_not_changed_by_further_training():
    net, recorder = recorded(3, max_epochs=9)
    first, *_, last = recorder.states_
    name = next(iter(first))
    assert (first[name] != last[name]).any()
    end = net.net_.module_.state_dict()
    assert all((end[name] == value).all() for name, value in last.items())


def test_running_means_are_kept_too():
    def module():
        return nn.Sequential(nn.BatchNorm1d(1), nn.Linear(1, 2))

    _, recorder = recorded(2, module=module, max_epochs=4)
    assert "0.running_mean" in recorder.states_[0]


def test_training_that_ends_early():
    stop = EarlyStopping("train_loss", patience=2, threshold=10.0)
    net, recorder = recorded(2, callbacks=[stop], max_epochs=50)
    done = len(net.net_.history)
    assert done < 25 and recorder.epochs_ == [done]


def test_a_second_fit_begins_anew():
    net, _ = recorded(2, max_epochs=4)
    net.set_params(max_epochs=6).fit(X, y)
    recorder = next(c for _, c in net.net_.callbacks_ if hasattr(c, "states_"))
    assert recorder.epochs_ == [3, 6]
    net.set_params(warm_start=True).fit(X, y)
    recorder = next(c for _, c in net.net_.callbacks_ if hasattr(c, "states_"))
    assert recorder.epochs_ == [3, 6]


def test_a_net_with_a_recorder_is_pickled():
    net, _ = recorded(2, max_epochs=4)
    again = pickle.loads(pickle.dumps(net))
    assert (again.predict_proba(X) == net.predict_proba(X)).all()
