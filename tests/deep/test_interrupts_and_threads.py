"""Ctrl-C comes out of every training, and threads do not disturb one another."""

import threading

import numpy as np
import pytest
import torch
from joblib import Parallel, delayed
from skorch.callbacks import Callback, EarlyStopping
from torch import nn

from skactive import ActiveLearner
from skactive.deep import DFAL, LL4AL, REVIVAL, SRAAL, VAAL, MoBYv2AL, TaskAwareViT
from skactive.nets import DropoutCommittee, MoBYEncoder, NetClassifier, VAEEmbedding
from skactive.uncertainty import MarginSampling

pytestmark = pytest.mark.deep

rng = np.random.RandomState(0)
X, y = rng.normal(size=(40, 3)).astype(np.float32), np.arange(40) % 2
X_pool = rng.normal(size=(30, 3)).astype(np.float32)

EVENTS = ("on_train_begin", "on_epoch_begin", "on_batch_begin", "on_grad_computed")
EVENTS += ("on_batch_end", "on_epoch_end", "on_train_end")


class Interrupt(Callback):
    """Press Ctrl-C at an event of training."""

    def __init__(self, event):
        self.event = event

    def __getattribute__(self, name):
        if name in EVENTS and name == object.__getattribute__(self, "event"):
            return self._press
        return object.__getattribute__(self, name)

    def _press(self, *args, **kwargs):
        raise KeyboardInterrupt


def press(*args, **kwargs):
    raise KeyboardInterrupt


class Pressed(nn.Module):
    def __init__(self, n_features, n_classes):
        super().__init__()
        self.head = nn.Linear(n_features, n_classes)

    def embed(self, X):
        return X

    def forward(self, X):
        return press() if self.training else self.head(X)


class PressedAdam(torch.optim.Adam):
    step = press


PLACES = {event: {"callbacks": [("c", Interrupt(event))]} for event in EVENTS}
PLACES["augment"] = {"augment": press}
PLACES["forward"] = {"module": Pressed}
PLACES["optimizer"] = {"optimizer": PressedAdam}


def small(**settings):
    return NetClassifier(**{"max_epochs": 2, "module__hidden": (4,), **settings})


def with_dropout(**settings):
    return small(module__dropout=0.5, **settings)


JOINT = (LL4AL, TaskAwareViT, MoBYv2AL, DFAL)


@pytest.mark.parametrize("place", PLACES)
def test_an_interrupt_comes_out_of_a_net_and_leaves_the_last_fit(place):
    net = small(random_state=0).fit(X, y)
    before = vars(net).copy()
    proba = net.predict_proba(X)
    given = PLACES[place]
    net.set_params(**given)
    if "module" in given:
        del net.module__hidden
    with pytest.raises(KeyboardInterrupt):
        net.fit(X[:, :2], y + 3)
    assert net.net_ is before["net_"] and net.n_features_in_ == 3
    np.testing.assert_array_equal(net.predict_proba(X), proba)


@pytest.mark.parametrize("kind", JOINT)
@pytest.mark.parametrize("place", ["on_epoch_end", "on_batch_end", "optimizer"])
def test_an_interrupt_comes_out_of_a_strategy_and_leaves_the_last_fit(kind, place):
    strategy = kind(small(), random_state=0).fit(X, y, X_pool)
    picks = strategy.query(3)
    strategy.estimator = small(**PLACES[place])
    with pytest.raises(KeyboardInterrupt):
        strategy.fit(X[:20], y[:20], X_pool[:10])
    np.testing.assert_array_equal(strategy.query(3), picks)


@pytest.mark.parametrize("event", ["on_epoch_end", "on_train_begin"])
def test_an_interrupt_comes_out_of_encoders_and_committees(event):
    for model in (
        MoBYEncoder(small(**PLACES[event])),
        DropoutCommittee(with_dropout(**PLACES[event])),
    ):
        with pytest.raises(KeyboardInterrupt):
            model.fit(X, y)
        assert not hasattr(model, "n_features_in_")
    with pytest.raises(KeyboardInterrupt):
        VAEEmbedding(augment=press, n_iterations=2, width=2).fit(X)


def test_early_stopping_is_no_interrupt():
    stop = EarlyStopping(monitor="train_loss", patience=1, threshold=1e9)
    net = small(max_epochs=9, callbacks=[("stop", stop)]).fit(X, y)
    assert 1 < len(net.net_.history) < 9


def test_a_learner_that_is_interrupted_loses_no_label():
    asked = []

    def oracle(rows, X_rows):
        asked.extend(rows)
        return y[rows]

    fits = []

    class Third(Callback):
        def on_epoch_end(self, net, **kwargs):
            fits.append(1)
            if len(fits) == 3:
                raise KeyboardInterrupt

    net = small(max_epochs=1, callbacks=[("c", Third())], classes=[0, 1])
    learner = ActiveLearner(
        net,
        MarginSampling(),
        oracle=oracle,
        n_initial=6,
        budget=8,
        batch_size=2,
        random_state=0,
    )
    with pytest.raises(KeyboardInterrupt):
        learner.fit(X)
    paid = list(asked)
    learner.resume()
    assert len(asked) == len(set(asked)) == 14 and asked[: len(paid)] == paid


# --------------------------------------------------------------------------- threads


def models():
    """Return a function that fits and one that asks, of each model of the family."""
    strategies = [kind(small(), random_state=3) for kind in JOINT]
    coder = VAEEmbedding(n_iterations=8, width=2, latent_dim=2)
    strategies += [VAAL(autoencoder=coder, random_state=3)]
    strategies += [SRAAL(autoencoder=coder, estimator=small(), random_state=3)]
    strategies += [REVIVAL(small(), random_state=3)]
    for strategy in strategies:
        ask = "query" if isinstance(strategy, (REVIVAL, MoBYv2AL)) else "score_samples"
        yield strategy, (X, y, X_pool), (ask, 3 if ask == "query" else X_pool)
    yield small(random_state=3), (X, y), ("transform", X_pool)
    yield with_dropout(random_state=3), (X, y), ("predict_proba", X_pool)
    committee = DropoutCommittee(with_dropout(), n_members=3, random_state=3)
    yield committee, (X, y), ("predict_proba_members", X_pool)
    yield MoBYEncoder(small(), random_state=3), (X,), ("transform", X_pool)
    yield coder.set_params(random_state=3), (X,), ("transform", X_pool)


@pytest.mark.parametrize(
    "model, data, question", list(models()), ids=lambda v: type(v).__name__
)
def test_threads_give_the_same_answers_and_leave_torch_alone(model, data, question):
    from sklearn.base import clone

    def fitted():
        return clone(model).fit(*data)

    def ask(model):
        method, argument = question
        return np.asarray(getattr(model, method)(argument))

    alone = fitted()
    expected = ask(alone)
    before = torch.get_rng_state()
    in_threads = Parallel(n_jobs=3, backend="threading")
    answers = in_threads(delayed(lambda: ask(fitted()))() for _ in range(3))
    answers += in_threads(delayed(ask)(alone) for _ in range(12))
    for answer in answers:
        np.testing.assert_array_equal(answer, expected)
    assert torch.equal(torch.get_rng_state(), before)


def test_training_in_one_thread_lets_others_wait_and_go_on():
    net = small(random_state=0)
    others = [threading.Thread(target=net.__class__.fit, args=(small(), X, y))]
    for thread in others:
        thread.start()
    net.fit(X, y)
    for thread in others:
        thread.join(timeout=60)
        assert not thread.is_alive()
