"""What a net is given holds for all that train one: weights, losses, layouts.

Each test walks every shell around a net, beside the tests of NetClassifier alone.
"""

from functools import partial

import numpy as np
import pytest
import torch
from skorch.callbacks import EpochScoring
from torch import nn
from torch.nn import functional as F

from skactive.deep import DFAL, LL4AL, REVIVAL, SRAAL, MoBYv2AL, TaskAwareViT
from skactive.disagreement import BALD, QueryByCommittee
from skactive.diversity import BADGE, CoreSet
from skactive.nets import (
    DropoutCommittee,
    MoBYEncoder,
    NetClassifier,
    VAEEmbedding,
)

pytestmark = pytest.mark.deep

rng = np.random.RandomState(0)
X, y = rng.normal(size=(24, 4)).astype(np.float32), np.arange(24) % 3
IMAGES = rng.normal(size=(12, 1, 8, 8)).astype(np.float32)
WEIGHTS = np.array([0.5, 1.0, 3.0])


def asked(make):
    """Return a shell: from a net and samples to what a strategy answers."""

    def ask(net, X, y):
        return make(net, random_state=0).fit(X, y, X[:10]).query(3)

    return ask


def committee(net, **settings):
    return DropoutCommittee(net, n_members=2, **settings)


def by_sraal(net, **settings):
    coder = VAEEmbedding(latent_dim=4, width=4, n_iterations=1)
    return SRAAL(net, autoencoder=coder, **settings)


SHELLS = {
    "NetClassifier": lambda net, X, y: net.fit(X, y).predict_proba(X),
    "DropoutCommittee": lambda net, X, y: (
        committee(net, random_state=0).fit(X, y).predict_proba(X)
    ),
    "LL4AL": asked(partial(LL4AL, taps=["first"])),
    "TaskAwareViT": asked(TaskAwareViT),
    "TaskAwareViT, channel": asked(partial(TaskAwareViT, bottleneck="channel")),
    "MoBYv2AL": asked(MoBYv2AL),
    "DFAL": asked(DFAL),
    "DFAL, features": asked(partial(DFAL, space="features")),
    "BADGE": asked(BADGE),
    "BALD": asked(lambda net, **settings: BALD(committee(net), **settings)),
    "CoreSet": asked(CoreSet),
    "QueryByCommittee": asked(partial(QueryByCommittee, n_members=2)),
    "REVIVAL": asked(REVIVAL),
    "SRAAL": asked(by_sraal),
}


def encoded(net, X, y):
    return MoBYEncoder(net, random_state=0).fit(X).transform(X)


class Net(nn.Module):
    """One that has all a shell asks for, and ends as it is told."""

    def __init__(self, n_features=4, n_classes=3, end=None):
        super().__init__()
        self.first = nn.Linear(n_features, 8)
        self.drop = nn.Dropout(0.3)
        self.last = nn.Linear(8, n_classes)
        self.end = end

    def forward(self, X):
        logits = self.last(self.drop(self.first(X).relu()))
        return logits if self.end is None else self.end(logits)


class LeNet(nn.Module):
    """One that calls view on the second map of gray images."""

    def __init__(self, n_classes=3):
        super().__init__()
        self.first = nn.Conv2d(1, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 8, 3)
        self.drop = nn.Dropout(0.3)
        self.last = nn.Linear(8 * 36, n_classes)

    def forward(self, X):
        H = F.relu(self.second(self.first(X))).view(len(X), -1)
        return self.last(self.drop(H))


def net(module=Net, **settings):
    given = {"max_epochs": 2, "random_state": 0, "module": module, **settings}
    return NetClassifier(**given)


def scored(**settings):
    return [EpochScoring("accuracy", on_train=True, name="accuracy", **settings)]


def compiled(module):
    return torch.compile(module, backend="eager")


def made(make, *arguments):
    """Return a module with the weights of one seed."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return make(*arguments)


#: What trains, tables or images.
TAKEN = {
    "weights in an array": lambda: net(criterion__weight=WEIGHTS),
    "weights in a tensor": lambda: net(criterion__weight=torch.from_numpy(WEIGHTS)),
    "weights in a list": lambda: net(criterion__weight=WEIGHTS.tolist()),
    "weights by label": lambda: net(criterion__weight=dict(enumerate(WEIGHTS))),
    "weights in a loss": lambda: net(
        criterion=nn.CrossEntropyLoss(weight=torch.from_numpy(WEIGHTS))
    ),
    "a function": lambda: net(criterion=partial(F.cross_entropy, label_smoothing=0.1)),
    "accuracy in training": lambda: net(callbacks=scored()),
    "logits in a dict": lambda: net(module__end=lambda logits: {"logits": logits}),
    "compiled": lambda: net(compiled(Net())),
    "compiled in a function": lambda: net(lambda: compiled(Net())),
    "doubles": lambda: net(Net().double(), criterion__weight=WEIGHTS),
    "doubles in bfloat16": lambda: net(Net().double(), precision="bf16"),
    "images and view": lambda: net(LeNet),
    "images and doubles": lambda: net(LeNet().double()),
    "LBFGS": lambda: net(LeNet, optimizer=torch.optim.LBFGS, max_epochs=1),
}


@pytest.mark.parametrize("given", TAKEN)
@pytest.mark.parametrize("shell", [*SHELLS, "MoBYEncoder"])
def test_every_shell_takes_what_a_net_takes(shell, given):
    samples, labels = (X, y) if "images" not in given else (IMAGES, y[:12])
    if given == "LBFGS":
        samples, labels = IMAGES, y[:12]
    if shell == "MoBYEncoder":
        if given == "accuracy in training":
            with pytest.raises(ValueError, match="'EpochScoring'.*without any"):
                encoded(TAKEN[given](), samples, labels)
            return
        answer = encoded(TAKEN[given](), samples, labels)
    else:
        answer = SHELLS[shell](TAKEN[given](), samples, labels)
    assert np.isfinite(answer).all()


#: What is refused before or in the first step, and the words that say what to do.
REFUSED = {
    "NLLLoss on logits": (lambda: net(criterion=nn.NLLLoss), "CrossEntropyLoss"),
    "NLLLoss on log-probabilities": (
        lambda: net(criterion=nn.NLLLoss, module__end=nn.LogSoftmax(1)),
        "CrossEntropyLoss",
    ),
    "BCEWithLogitsLoss": (
        lambda: net(criterion=nn.BCEWithLogitsLoss),
        "CrossEntropyLoss",
    ),
    "one loss per sample": (
        lambda: net(criterion__reduction="none"),
        "criterion__reduction='mean'",
    ),
    "one loss per sample by a function": (
        lambda: net(criterion=partial(F.cross_entropy, reduction="none")),
        "must return one number|criterion__reduction='mean'",
    ),
    "too few weights": (lambda: net(criterion__weight=WEIGHTS[:2]), "classes="),
    "scores in a dict": (
        lambda: net(module__end=lambda logits: {"scores": logits}),
        "name one 'logits'",
    ),
    "collate_fn": (
        lambda: net(iterator_train__collate_fn=list),
        "iterator_train__collate_fn.*augment=",
    ),
    "collate_fn in prediction": (
        lambda: net(iterator_valid__collate_fn=list),
        "iterator_valid__collate_fn.*augment=",
    ),
    "a sampler of batches": (
        lambda: net(iterator_train__batch_sampler=[[0]]),
        "iterator_train__batch_sampler.*augment=",
    ),
}


@pytest.mark.parametrize("given", REFUSED)
@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_says_what_to_set(shell, given):
    make, words = REFUSED[given]
    with pytest.raises(ValueError, match=words):
        SHELLS[shell](make(), X, y)


@pytest.mark.parametrize("given", [g for g in REFUSED if "sampl" in g or "coll" in g])
def test_an_encoder_says_so_too(given):
    make, words = REFUSED[given]
    if "loss" in given:
        assert np.isfinite(encoded(make(), X, y)).all()  # no loss of labels is read
        return
    with pytest.raises(ValueError, match=words):
        encoded(make(), X, y)


@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_compiled_answers_as_what_is_not(shell):
    plain = SHELLS[shell](net(made(Net)), X, y)
    given = SHELLS[shell](net(compiled(made(Net))), X, y)
    np.testing.assert_allclose(given, plain, atol=1e-5)


@pytest.mark.parametrize("shell", SHELLS)
def test_doubles_answer_as_floats_do(shell):
    def answer(module):
        # One full batch an epoch, and a step too small to part them.
        given = net(module, lr=1e-4, max_epochs=1)
        return SHELLS[shell](given, X, y)

    np.testing.assert_allclose(answer(made(Net).double()), answer(made(Net)), atol=1e-3)
