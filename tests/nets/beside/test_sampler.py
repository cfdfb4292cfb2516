"""A classifier and a sampler, trained together on mixed batches."""

from math import log

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback, LRScheduler
from torch import nn
from torch.nn import functional as F

from skactive.nets import NetClassifier
from skactive.nets.beside._sampler import Sampler, ask_sampler, find_head
from skactive.nets.beside._sampler_net import sampler_loss
from skactive.nets.modules import MLP, Discriminator, ResNet

pytestmark = pytest.mark.deep

JOINT = {
    "detach": False,
    "bottleneck": "sample",
    "n_heads": 1,
    "depth": 1,
    "scale": None,
    "sampler_hidden": (16,),
    "sampler_weight": 0.5,
    "milestones": (),
}


def data(n=30, n_pool=40, seed=0):
    rng = np.random.RandomState(seed)
    y = np.arange(n + n_pool) % 3
    X = (2.0 * np.eye(3, 4)[y] + rng.standard_normal((n + n_pool, 4))).astype("f4")
    return X[:n], y[:n], X[n:]


def trained(n=30, n_pool=40, net=None, **joint):
    settings = {"max_epochs": 3, "batch_size": 8, "random_state": 0}
    net = NetClassifier(**{**settings, **(net or {})})
    X, y, X_pool = data(n, n_pool)
    return net._train(X, y, Sampler(**{**JOINT, **joint}), X_pool=X_pool)


# ------------------------------------------------------------------ worked by hand


def test_net_trains_on_the_sum_of_both_losses():
    """The first step of plain gradient descent, against one written out."""
    sgd = {"optimizer": torch.optim.SGD, "lr": 0.1, "max_epochs": 1, "batch_size": 64}
    fitted = trained(30, 30, sgd, bottleneck="none", sampler_weight=0.7).net_
    start = trained(30, 30, {**sgd, "lr": 1e-30}, bottleneck="none").net_
    X, y, X_pool = (torch.from_numpy(part) for part in data(30, 30))
    Z = start.module_.embed(torch.cat([X, X_pool]))
    task = F.cross_entropy(start.module_.head(Z[:30]), y)
    p = start.sampler_(Z / Z.norm(dim=1, keepdim=True)).sigmoid()
    loss = task - 0.7 * (p[:30].log().mean() + (1 - p[30:]).log().mean()) / 2
    loss.backward()
    for name in ("module_", "sampler_"):
        after = getattr(fitted, name).state_dict()
        for key, weight in getattr(start, name).named_parameters():
            expected = (weight - 0.1 * weight.grad).detach()
            torch.testing.assert_close(after[key], expected, rtol=1e-4, atol=1e-6)


def test_embedding_helps_the_sampler():
    """Not a game: a step of the net against a fixed sampler lowers its loss."""
    sgd = {"optimizer": torch.optim.SGD, "max_epochs": 1, "batch_size": 64}
    hot = {**sgd, "lr": 0.01}
    before = trained(30, 30, {**sgd, "lr": 1e-30}, sampler_weight=50.0)
    after = trained(30, 30, hot, sampler_weight=50.0)
    after.net_.sampler_.load_state_dict(before.net_.sampler_.state_dict())
    X, _, X_pool = data(30, 30)
    both = np.concatenate([X, X_pool])

    def loss(fitted):
        return sampler_loss(torch.from_numpy(ask_sampler(fitted, both)[2]), 30).item()

    assert loss(after) < loss(before)


def test_uninformed_sampler_has_the_loss_of_guessing():
    net = {"module": ResNet, "module__width": 4, "max_epochs": 5, "lr": 1e-4}
    rng = np.random.RandomState(0)
    X = rng.standard_normal((80, 1, 8, 8)).astype("f4")
    joint, y = NetClassifier(random_state=0, **net), np.arange(40) % 2
    joint._train(X[:40], y, Sampler(**JOINT), X_pool=X[40:])
    losses = joint.net_.terms()["sampler_loss"]
    assert all(abs(loss - log(2)) < 0.06 for loss in losses)


@pytest.mark.parametrize("hidden, n", [((512, 512), 525_825), ((512,), 263_169)])
def test_sampler_of_the_paper_has_its_number_of_parameters(hidden, n):
    sampler = Discriminator(512, hidden)
    assert sum(p.numel() for p in sampler.parameters()) == n


# ------------------------------------------------------------------------ the schedule


def test_step_size_falls_when_it_is_said_to():
    net = {"max_epochs": 10, "lr": 0.1}
    lr = trained(net=net, milestones=(0.5, 8)).net_.terms()["lr"]
    np.testing.assert_allclose(lr, [0.1] * 5 + [0.01] * 3 + [0.001] * 2)


def test_step_size_that_fell_is_that_of_the_optimizer():
    class Watch(Callback):
        def on_batch_end(self, net, **kwargs):
            seen.append(net.optimizer_.param_groups[0]["lr"])

    seen = []
    # skorch copies callbacks; a closure is shared.
    trained(net={"max_epochs": 4, "callbacks": [Watch()]}, milestones=(0.75,))
    np.testing.assert_allclose(seen, [0.003] * 12 + [0.0003] * 4)


def test_milestone_that_never_comes_is_refused():
    with pytest.raises(ValueError, match="holds 160, which is never reached"):
        trained(milestones=(160,))


def test_milestone_is_a_share_or_a_whole_number():
    with pytest.raises(ValueError, match=r"holds 1.5, which is neither"):
        trained(milestones=(1.5,))
    with pytest.raises(ValueError, match="nan"):
        trained(milestones=(float("nan"),))
    with pytest.raises(TypeError, match="must be numbers.* got 'a'"):
        trained(milestones=("a",))
    lr = trained(milestones=(2.0,)).net_.terms()["lr"]
    np.testing.assert_allclose(lr, [0.003] * 2 + [0.0003])


def scheduled(**joint):
    schedule = LRScheduler("StepLR", step_size=2, gamma=0.1)
    return trained(net={"max_epochs": 4, "callbacks": [("slow", schedule)]}, **joint)


def test_schedule_of_the_net_and_milestones_do_not_go_together():
    with pytest.raises(ValueError, match="'slow'.*Pass milestones=None"):
        scheduled(milestones=(0.73,))
    np.testing.assert_allclose(
        scheduled(milestones=()).net_.terms()["lr"], [0.003] * 2 + [0.0003] * 2
    )


# ------------------------------------------------------------------ which layer is last


@pytest.mark.parametrize(
    "module, X, expected",
    [
        (MLP(4, 3, hidden=(8, 6)), torch.zeros(2, 4), ("head", 6)),
        (nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)), None, ("2", 5)),
        (nn.Linear(4, 3), None, ("", 4)),
        (ResNet(1, 3, width=4), torch.zeros(2, 1, 8, 8), ("head", 16)),
    ],
)
def test_last_layer_is_found(module, X, expected):
    assert find_head(module, torch.zeros(2, 4) if X is None else X) == expected


class OnlyEmbeds(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def embed(self, X):
        return X

    def forward(self, X):
        return self.layer(X)


@pytest.mark.parametrize("module", [OnlyEmbeds(), nn.Sequential(nn.ReLU())])
def test_module_without_a_last_layer_is_refused(module):
    with pytest.raises(ValueError, match="must end in a layer"):
        find_head(module, torch.zeros(2, 4))


def test_bottleneck_stands_before_the_last_layer():
    fitted = trained()
    net, X = fitted.net_, data()[0]
    raw = net.module_.embed(torch.from_numpy(X))
    with torch.no_grad():
        Z = net.bottleneck_(raw, net.context_)
        np.testing.assert_allclose(fitted.transform(X), Z, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(ask_sampler(fitted, X)[1], fitted.transform(X))
        logits = net.sampler_(F.normalize(Z))
        np.testing.assert_allclose(
            ask_sampler(fitted, X)[2], logits, rtol=1e-4, atol=1e-5
        )
        np.testing.assert_allclose(
            fitted.predict_proba(X), net.module_.head(Z).softmax(1), rtol=1e-4
        )


# ------------------------------------------------------------------------- the context


def test_context_is_one_batch_half_labeled_half_pool():
    fitted = trained(bottleneck="none")
    X, _, X_pool = data()
    embeddings = fitted.transform(np.concatenate([X, X_pool]))
    distance = np.abs(fitted.net_.context_.numpy()[:, None] - embeddings).max(axis=2)
    rows = distance.argmin(axis=1)
    assert distance.min(axis=1).max() < 1e-6
    assert len(set(rows)) == 16 and (rows < 30).sum() == 8


def test_callback_that_predicts_in_training_meets_the_context_of_the_moment():
    class Predict(Callback):
        def on_epoch_end(self, net, dataset_train=None, **kwargs):
            seen.append(net.predict_proba(dataset_train.X))

    for bottleneck in ("sample", "channel"):
        seen = []
        watched = trained(net={"callbacks": [Predict()]}, bottleneck=bottleneck)
        last = watched.predict_proba(data()[0])
        np.testing.assert_allclose(seen[-1], last, rtol=1e-4)
        assert np.abs(seen[0] - last).max() > 1e-3


@pytest.mark.parametrize("bottleneck", ["sample", "channel", "none"])
def test_nothing_of_the_data_is_kept(bottleneck):
    fitted = trained(bottleneck=bottleneck)
    assert fitted.net_._X_pool is None and fitted.net_._context_samples is None
    assert fitted.net_.context_.requires_grad is False


# ---------------------------------------------------------------------------- refused


class Spoiled(nn.Module):
    """From the third batch on the output is NaN, or the embedding of the pool is."""

    def __init__(self, spoil):
        super().__init__()
        self.spoil, self.calls = spoil, 0
        self.body, self.head = nn.Linear(4, 8), nn.Linear(8, 3)

    def forward(self, X):
        self.calls += self.training
        Z = self.body(X)
        if self.calls > 4 and self.spoil == "task":
            return self.head(Z) * float("nan")
        if self.calls > 4:
            Z = torch.cat([Z[:-1], Z[-1:] * float("nan")])
        return self.head(Z)


@pytest.mark.parametrize("term", ["task", "sampler"])
def test_loss_that_turns_nan_names_epoch_and_term(term):
    net = {"module": Spoiled, "module__spoil": term}
    words = f"loss of the {term} became nan in epoch 2 of 3"
    with pytest.raises(FloatingPointError, match=words):
        trained(net=net, bottleneck="none")


def test_augmentation_that_changes_the_shape_is_refused():
    def crop(X):
        return X[:, :, 1:, 1:]

    X = np.zeros((6, 1, 8, 8), np.float32)
    net = NetClassifier(augment=crop, max_epochs=1, module__width=4)
    with pytest.raises(ValueError, match="augment must return samples of the shape"):
        net._train(X, np.arange(6) % 2, Sampler(**JOINT), X_pool=X)


def test_augmentation_is_for_labeled_and_pool_and_not_for_the_context():
    seen = []

    def watch(X):
        seen.append(X.clone())
        return X

    trained(net={"augment": watch, "max_epochs": 1})
    assert [len(X) for X in seen] == [16] * 4


def test_setting_of_a_loader_that_is_not_used_is_refused():
    with pytest.raises(ValueError, match="iterator_train__num_workers"):
        trained(net={"iterator_train__num_workers": 1})


def test_bytes_beside_floats_are_refused():
    X = np.zeros((6, 1, 8, 8), np.uint8)
    net = NetClassifier(max_epochs=1, module__width=4)
    with pytest.raises(ValueError, match="X holds images as uint8 and X_pool as float"):
        net._train(X, np.arange(6) % 2, Sampler(**JOINT), X_pool=X / 255)


@pytest.mark.parametrize("hidden", [(0,), (16, -1), (2.5,), ("a",)])
def test_hidden_layer_without_a_width_is_refused(hidden):
    with pytest.raises(ValueError, match="sampler_hidden=.*whole numbers"):
        trained(sampler_hidden=hidden)


def test_errors_name_the_class_that_users_know_and_the_pool():
    X, y, X_pool = data()
    bad = np.where(X > 2, np.nan, X)
    net, recipe = NetClassifier(max_epochs=1), Sampler(**JOINT)
    with pytest.raises(ValueError, match="X contains NaN.\nNetClassifier does not"):
        net._train(bad, y, recipe, X_pool=X_pool)
    with pytest.raises(ValueError, match="X_pool contains NaN"):
        net._train(X, y, recipe, X_pool=np.full_like(X_pool, np.nan))
    with pytest.raises(ValueError, match="but NetClassifier is expecting 4"):
        net._train(X, y, recipe, X_pool=X_pool).predict(X[:, :2])


def test_sampler_that_overflows_is_said_to():
    X = data()[0]
    with pytest.raises(FloatingPointError, match="Scale the features"):
        ask_sampler(trained(), X * 1e30)
