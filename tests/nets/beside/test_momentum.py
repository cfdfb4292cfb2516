"""Training on labels and views together: order, gradients, and what stays put."""

from math import log

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from skactive.nets import ColumnNoise, ColumnSwap, NetClassifier
from skactive.nets.beside._contrastive import contrastive_loss
from skactive.nets.beside._momentum import (
    Momentum,
    contrastive_losses,
    default_queue_size,
)
from skactive.nets.modules import MLP

pytestmark = pytest.mark.deep

BRANCH = {
    "contrastive_weight": 0.5,
    "temperature": 0.2,
    "key_momentum": 0.99,
    "queue_size": 24,
    "proj_dim": 8,
    "head_layers": 1,
    "weak": None,
    "strong": None,
    "fused": None,
}


class Normalizing(nn.Module):
    """A small net with batch normalization."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(n_features, 12), nn.BatchNorm1d(12), nn.ReLU()
        )
        self.head = nn.Linear(12, n_classes)

    def embed(self, X):
        return self.body(X)

    def forward(self, X):
        return self.head(self.embed(X))


def blobs(n=60, seed=0):
    rng = np.random.RandomState(seed)
    y = np.arange(n) % 3
    X = 2.0 * np.eye(3, 4)[y] + rng.standard_normal((n, 4))
    return X.astype(np.float32), y


def joint(X, y, X_pool=None, settings=(), recipe=Momentum, **branch):
    defaults = {"max_epochs": 3, "batch_size": 16, "random_state": 0}
    net = NetClassifier(**{**defaults, **dict(settings)})
    return net._train(X, y, recipe(**{**BRANCH, **branch}), X_pool=X_pool)


def fitted(n_labeled=24, settings=(), **branch):
    X, y = blobs()
    n = n_labeled
    return joint(X[:n], y[:n], X[n:], settings, **branch)


def state(net):
    modules = ("module_", "key_module_", "projector_", "key_projector_", "queues_")
    return {
        f"{name}{key}": value.clone()
        for name in modules
        for key, value in getattr(net, name).state_dict().items()
    }


def watched(settings=(), **branch):
    """Return a trained net, and what it was before and after each step."""
    steps = []

    class Watched(Momentum):
        def net(self, *args, **sizes):
            net = super().net(*args, **sizes)
            keep = net.train_step

            def train_step(batch):
                before = state(net)
                answer = keep(batch)
                steps.append((batch[1] is not None, before, state(net), answer))
                return answer

            net.train_step = train_step
            return net

    return fitted(24, settings, recipe=Watched, **branch), steps


# --------------------------------------------------------------------------- the queue


def test_default_queue_is_a_share_of_an_epoch_in_whole_batches():
    assert default_queue_size(2 * 39 * 128, 128) == 31 * 128
    assert default_queue_size(10**6, 128) == 4096
    assert default_queue_size(20, 64) == 64


# ------------------------------------------------------------------------- single steps


def test_key_branch_begins_as_the_net():
    before = watched({"module": Normalizing})[1][0][1]
    for name in ("module_", "projector_"):
        for key, value in before.items():
            if key.startswith(name):
                assert torch.equal(value, before[f"key_{key}"])


def test_first_keys_are_what_the_net_would_say():
    """One step of averaging equal weights changes nothing."""
    seen = {}

    def view(name):
        def change(X):
            seen.setdefault(name, X + (1 if name == "weak" else 0))
            return X + (1 if name == "weak" else 0)

        return change

    views = {"weak": view("weak"), "strong": view("strong")}
    classifier, steps = watched({"max_epochs": 1}, **views)
    _, before, after, _ = steps[0]
    net = classifier.net_
    net.module_.load_state_dict(
        {k[7:]: v for k, v in before.items() if k.startswith("module_")}
    )
    net.projector_.load_state_dict(
        {k[10:]: v for k, v in before.items() if k.startswith("projector_")}
    )
    with torch.no_grad():
        for name in ("strong", "weak"):
            Z = net.projector_(net.module_.embed(seen[name]))
            expected = F.normalize(Z, dim=1)
            torch.testing.assert_close(after[f"queues_{name}"][:12], expected)


def test_steps_on_the_pool_leave_the_classes_alone():
    """Not even decay or momentum of the optimizer moves the last layer."""
    settings = {
        "optimizer": torch.optim.SGD,
        "optimizer__momentum": 0.9,
        "optimizer__weight_decay": 0.1,
        "lr": 0.05,
    }
    steps = watched(settings)[1]
    assert [labeled for labeled, *_ in steps] == [True, False] * 6
    for labeled, before, after, _ in steps:
        for key in ("module_head.weight", "module_head.bias"):
            assert torch.equal(before[key], after[key]) == (not labeled)
        key = "module_hidden.0.0.weight"
        assert not torch.equal(before[key], after[key])


def test_keys_follow_the_net_of_before_the_step():
    steps = watched()[1]
    n = len(steps)
    for k, (_, before, after, _) in enumerate(steps):
        m = 1 - 0.01 * (1 + np.cos(np.pi * k / n)) / 2
        for key in ("module_hidden.0.0.weight", "projector_layers.0.bias"):
            expected = m * before[f"key_{key}"] + (1 - m) * before[key]
            torch.testing.assert_close(after[f"key_{key}"], expected)
        assert int(after["queues_step"]) == k + 1


@pytest.mark.parametrize(
    "settings, n_batches, queue_size",
    [
        ({}, 2, 16),
        ({"iterator_train__batch_size": 4}, 6, 16),
        ({"iterator_train__batch_size": 7, "iterator_train__drop_last": True}, 3, 14),
        ({"iterator_train__drop_last": True}, 1, 16),
    ],
)
def test_schedule_and_queue_are_counted_in_the_batches_drawn(
    settings, n_batches, queue_size
):
    """24 labeled samples, as many batches of the pool, three epochs."""
    net = fitted(settings=settings, queue_size=None).net_
    assert int(net.queues_.step) == net.n_steps == 3 * 2 * n_batches
    assert len(net.queues_.weak) == queue_size
    last = 1 - 0.01 * (1 + np.cos(np.pi * (1 - 1 / net.n_steps))) / 2
    assert net.terms()["key_momentum"][-1] == pytest.approx(last)


def test_key_branch_and_queues_have_no_gradient():
    net = fitted().net_
    frozen = [*net.key_module_.parameters(), *net.key_projector_.parameters()]
    assert frozen and not any(p.requires_grad for p in frozen)
    trained = {id(p) for g in net.optimizer_.param_groups for p in g["params"]}
    parts = (net.module_, net.projector_, net.predictor_)
    assert trained == {id(p) for part in parts for p in part.parameters()}
    assert not any(buffer.requires_grad for buffer in net.queues_.buffers())


def test_each_view_looks_for_the_key_of_the_other():
    """Vectors of length one, of which the wrong queues give 2.82644825."""
    net = fitted().net_
    u = [torch.tensor([[1.0, 0.0]]), torch.tensor([[0.8, 0.6]])]
    v = [torch.tensor([[0.0, 1.0]]), torch.tensor([[0.6, 0.8]])]
    net.queues_.strong = torch.tensor([[1.0, 0.0], [0.0, -1.0]])
    net.queues_.weak = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])
    total = net.contrastive_losses(u, v).item()
    assert total == pytest.approx(0.04890685 + 1.31392810, abs=1e-6)


def test_loss_of_a_step_is_the_weighted_sum_of_its_terms():
    weight = 0.7
    classifier, steps = watched(
        {"max_epochs": 1, "criterion__label_smoothing": 0.1},
        weak=lambda X: X,
        strong=lambda X: X + 1,
        contrastive_weight=weight,
    )
    terms = [batch["terms"] for batch in classifier.net_.history[-1, "batches"]]
    for (labeled, _, _, answer), (task, contrastive, _) in zip(steps, terms):
        expected = weight * contrastive + (task if labeled else 0)
        assert answer["loss"].item() == pytest.approx(expected, rel=1e-5)
        assert np.isnan(task) == (not labeled)


def test_loss_begins_where_nothing_can_be_told_apart():
    """Of random directions: ln m + 1 / (2 d tau^2)."""
    rng = torch.Generator().manual_seed(0)
    u, v, queue = (
        F.normalize(torch.randn(n, 128, generator=rng), dim=1)
        for n in (2000, 2000, 4096)
    )
    mean = contrastive_loss(u, v, queue, 0.2).mean().item()
    assert mean == pytest.approx(log(4096) + 1 / (2 * 128 * 0.2**2), abs=0.05)


@pytest.mark.parametrize("module, once", [(MLP, True), (Normalizing, False)])
def test_views_share_a_pass_unless_batches_are_normalized(module, once):
    sizes = []

    class Counting(module):
        def embed(self, X):
            if self.training and torch.is_grad_enabled():
                sizes.append(len(X))
            return super().embed(X)

    settings = {"module": Counting, "max_epochs": 1}
    fitted(settings=settings)
    assert sizes == ([24, 32, 24, 32] if once else [12, 12, 16, 16] * 2)
    sizes.clear()
    fitted(settings=settings, fused=not once)
    assert sizes == ([12, 12, 16, 16] * 2 if once else [24, 32, 24, 32])


def test_one_pass_or_two_is_the_same_without_normalization():
    X, _ = blobs()
    views = {"weak": lambda X: X, "strong": lambda X: X * 1.1}
    one, two = (fitted(fused=fused, **views) for fused in (True, False))
    np.testing.assert_allclose(
        one.predict_proba(X), two.predict_proba(X), rtol=1e-3, atol=1e-4
    )


# --------------------------------------------------------------------------- as a whole


def test_both_losses_fall():
    terms = fitted(36, {"max_epochs": 40, "lr": 0.01}).net_.terms()
    assert {len(values) for values in terms.values()} == {40}
    for name in ("task_loss", "contrastive_loss", "pool_contrastive_loss"):
        assert np.mean(terms[name][-5:]) < 0.8 * terms[name][0]
    assert terms["key_momentum"] == sorted(terms["key_momentum"])
    assert terms["pool_contrastive_loss"][0] < 2 * log(1 + 24) + 2


def test_directions_do_not_collapse():
    classifier = fitted(36, {"max_epochs": 40, "lr": 0.01})
    X = torch.from_numpy(blobs()[0])
    with torch.no_grad():
        _, (strong, _) = classifier.net_.queries(X, X)
    assert strong.std(dim=0).mean() > 0.3 / 8**0.5


def test_pool_labels_are_not_even_an_argument_and_the_pool_matters():
    X, y = blobs()
    alone, other = fitted(), joint(X[:24], y[:24], X[24:] + 1)
    assert not np.array_equal(alone.predict_proba(X), other.predict_proba(X))


def test_without_a_pool_only_labels_are_seen():
    X, y = blobs()
    terms = joint(X[:24], y[:24]).net_.terms()
    assert np.isnan(terms["pool_contrastive_loss"]).all()
    assert np.isfinite(terms["contrastive_loss"]).all()


def test_predicting_changes_nothing_that_was_learned():
    X, _ = blobs()
    classifier = fitted(settings={"module": Normalizing})
    before = state(classifier.net_)
    answers = [
        (
            classifier.predict_proba(X),
            classifier.transform(X),
            contrastive_losses(classifier, X),
        )
        for _ in range(2)
    ]
    after = state(classifier.net_)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)
    for first, second in zip(*answers):
        np.testing.assert_array_equal(first, second)


def test_losses_of_views_have_one_number_per_sample():
    X, _ = blobs(37)
    losses = contrastive_losses(fitted(), X)
    assert losses.shape == (37,) and (losses > 0).all()
    assert contrastive_losses(fitted(), X[:1]).shape == (1,)


def test_rate_falls_where_a_scheduler_says_so():
    from skorch.callbacks import LRScheduler

    scheduler = LRScheduler("MultiStepLR", milestones=[2, 4], gamma=0.1)
    settings = {"max_epochs": 6, "lr": 0.01, "callbacks": [("rate", scheduler)]}
    history = fitted(settings=settings).net_.history
    assert history[:, "event_lr"] == pytest.approx([1e-2] * 2 + [1e-3] * 2 + [1e-4] * 2)


def test_augment_of_the_net_is_its_weak_view():
    net = fitted(settings={"augment": ColumnNoise(0.5)}).net_
    assert net.weak.scale == 0.5 and net.augment is None
    assert isinstance(net.strong, ColumnSwap)
    assert (
        fitted(settings={"augment": len}, weak=ColumnNoise(0.1)).net_.weak.scale == 0.1
    )


# -------------------------------------------------------------------------- hard input


@pytest.mark.parametrize("name", ["weak", "strong"])
@pytest.mark.parametrize("view", [lambda X: X[:, :2], lambda X: X.numpy(), len])
def test_view_of_another_shape_is_named(name, view):
    with pytest.raises(ValueError, match=rf"^{name} must return .*\(12, 4\)"):
        fitted(**{name: view})


def test_equal_views_are_said_to_teach_nothing():
    with pytest.warns(UserWarning, match="same views"):
        fitted(weak=lambda X: X, strong=lambda X: X.clone())


def test_view_that_writes_into_its_batch_spoils_nothing():
    X, y = blobs()
    before = X.copy()
    seen = []

    def spoil(X):
        return X.zero_()

    def look(X):
        seen.append(X.abs().sum().item())
        return X

    joint(X[:24], y[:24], X[24:], weak=look, strong=spoil)
    assert min(seen) > 0
    np.testing.assert_array_equal(X, before)


def test_weak_replaces_augment_and_each_is_called_by_its_name():
    def cut(X):
        return X[:, :2]

    with pytest.raises(ValueError, match=r"^augment must return .*\(12, 4\)"):
        fitted(settings={"augment": cut})
    with pytest.raises(ValueError, match="^weak must return"):
        fitted(settings={"augment": ColumnNoise(0.1)}, weak=cut)


def test_errors_name_the_class_that_users_know_and_the_pool():
    X, y = blobs()
    bad = np.full_like(X, np.nan)
    with pytest.raises(ValueError, match="X contains NaN.\nNetClassifier does not"):
        joint(bad, y, X)
    with pytest.raises(ValueError, match="X_pool contains NaN"):
        joint(X, y, bad)
    with pytest.raises(ValueError, match="but NetClassifier is expecting 4"):
        fitted().predict(X[:, :2])


def test_loss_that_turns_nan_names_its_term():
    def spoil(X):
        return X * float("nan")

    with pytest.raises(
        FloatingPointError, match="contrastive loss became nan in epoch 1 of 3"
    ):
        fitted(strong=spoil)
    with pytest.raises(FloatingPointError, match="task loss became nan"):
        fitted(weak=spoil)


@pytest.mark.parametrize("queue_size", [1, 7, 16, 100])
def test_queue_need_not_be_a_multiple_of_the_batch(queue_size):
    net = fitted(queue_size=queue_size).net_
    assert int(net.queues_.pointer) == 3 * (24 + 32) % queue_size
    norms = net.queues_.weak.norm(dim=1)
    torch.testing.assert_close(norms, torch.ones(queue_size))


def test_pool_in_bytes_beside_images_in_floats_is_refused():
    rng = np.random.RandomState(0)
    X = rng.randint(0, 256, (20, 1, 8, 8)).astype(np.uint8)
    with pytest.raises(ValueError, match="uint8"):
        joint(X[:9].astype(float), np.arange(9) % 2, X[9:])


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_images_in_either_precision(precision):
    rng = np.random.RandomState(0)
    X = rng.randint(0, 256, (40, 3, 8, 8)).astype(np.uint8)
    settings = {"precision": precision, "max_epochs": 1}
    classifier = joint(X[:20], np.arange(20) % 2, X[20:], settings)
    assert classifier.net_.queues_.weak.dtype == torch.float32
    assert classifier.transform(X).shape == (40, 64)
    assert contrastive_losses(classifier, X).dtype == np.float32
