"""A net, and beside it a module that predicts the loss of each sample."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets.beside._loss_prediction import (
    LossPrediction,
    LossPredictionNet,
    losses_and_spread,
    predict_losses,
)
from skactive.nets.modules import MLP, LossModule, ResNet

pytestmark = pytest.mark.deep

HEAD = {
    "taps": None,
    "margin": 1.0,
    "weight": 1.0,
    "detach_epoch": None,
    "pair_loss": "margin",
    "ties": "mask",
    "loss": None,
}


# ----------------------------------------------------------------------- the joint net


def data(n=50, d=5, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n, d)).astype(np.float32)
    return X, (X[:, 0] + 0.5 * rng.standard_normal(n) > 0).astype(int)


def images(n=20, size=8, channels=1, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n, channels, size, size)).astype(np.float32)
    return X, np.arange(n) % 3


def joint(X, y, classifier=None, **head):
    settings = {"max_epochs": 3, "batch_size": 16, "random_state": 0}
    classifier = classifier or NetClassifier(**settings)
    return clone(classifier)._train(X, y, LossPrediction(**{**HEAD, **head}))


def states_equal(a, b):
    a, b = a.state_dict(), b.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


@pytest.mark.parametrize("problem", [data, images])
@pytest.mark.parametrize("weight, epoch", [(0.0, None), (1.0, 0), (0.0, 0)])
def test_without_say_in_the_net_it_is_trained_as_alone(problem, weight, epoch):
    """To the last bit, dropout and order of samples included."""
    X, y = problem()
    settings = {"max_epochs": 3, "batch_size": 7, "random_state": 3}
    if problem is data:
        settings["module__dropout"] = 0.3
    plain = NetClassifier(**settings).fit(X, y)
    both = joint(X, y, NetClassifier(**settings), weight=weight, detach_epoch=epoch)
    assert states_equal(plain.net_.module_, both.net_.module_)


def test_attached_loss_module_changes_the_net():
    X, y = data()
    attached, detached = joint(X, y), joint(X, y, detach_epoch=0)
    assert not states_equal(attached.net_.module_, detached.net_.module_)


def step_gradients(net, X, y, *, epoch, weight):
    """Return gradients of module and loss module in one step of an epoch."""
    net = deepcopy(net)
    net.weight = weight
    net.history.clear()
    for _ in range(epoch + 1):
        net.history.new_epoch()
    net.history.new_batch()
    for module in (net.module_, net.loss_module_):
        module.zero_grad(set_to_none=True)
    net.train_step_single((torch.from_numpy(X), torch.from_numpy(y)))
    return tuple(
        [None if p.grad is None else p.grad.clone() for p in module.parameters()]
        for module in (net.module_, net.loss_module_)
    )


@pytest.mark.parametrize("epoch, alone", [(0, False), (1, False), (2, True), (4, True)])
def test_gradient_stops_at_the_taps_from_the_epoch_on(epoch, alone):
    X, y = images()
    net = joint(X, y, detach_epoch=2).net_
    module, head = step_gradients(net, X, y, epoch=epoch, weight=1.0)
    plain, _ = step_gradients(net, X, y, epoch=epoch, weight=0.0)
    same = [torch.equal(a, b) for a, b in zip(module, plain)]
    assert all(same) if alone else not all(same)
    # It learns in both phases; a last bias has no say in any difference.
    assert all(g.abs().sum() > 0 for g in head[:-1])
    assert head[-1].abs() < 1e-6


@pytest.mark.parametrize(
    "detach, epochs, last", [(0.6, 5, 3), (0.6, 200, 120), (7, 9, 7)]
)
def test_share_of_epochs_is_counted(detach, epochs, last):
    X, y = data(8)
    net = NetClassifier(max_epochs=epochs, batch_size=8)
    assert joint(X, y, net, detach_epoch=detach).net_.detach_epoch == last


def test_pair_loss_alone_gives_the_detached_net_no_gradient():
    X, y = data()
    nothing = {"loss": lambda output, y: 0.0 * output.sum(1), "ties": "paper"}
    net = joint(X, y, detach_epoch=0, **nothing).net_
    module, head = step_gradients(net, X, y, epoch=0, weight=1.0)
    assert all((g == 0).all() for g in module)
    assert any(g.abs().sum() > 0 for g in head)


def test_loss_module_is_sized_by_the_taps():
    X, y = images(channels=3)
    head = joint(X, y).net_.loss_module_
    assert [branch[0].in_features for branch in head.branches] == [16, 32, 64]
    assert isinstance(head, LossModule)


@pytest.mark.parametrize("size", [28, 32, 64, 224])
def test_one_number_per_image_of_any_size(size):
    X, y = images(4, size)
    module = ResNet(1, 3, width=2, blocks=(1, 1))
    # Backward of so few channels, kept innermost, crashes some builds of torch.
    net = NetClassifier(module, max_epochs=1, batch_size=4, channels_last=False)
    net = joint(X, y, net)
    outputs, Z, losses = predict_losses(net, X)
    assert outputs.shape == (4, 3) and Z.shape == (4, 4) and losses.shape == (4,)


def test_tokens_are_averaged():
    class Tokens(nn.Module):
        def __init__(self):
            super().__init__()
            self.lift = nn.Linear(3, 6)
            self.head = nn.Linear(6, 2)

        def forward(self, X):
            return self.head(self.lift(X).mean(dim=1))

    rng = np.random.RandomState(0)
    X = rng.standard_normal((10, 4, 3)).astype(np.float32)
    net = joint(X, np.arange(10) % 2, NetClassifier(Tokens), taps="lift")
    assert net.net_.loss_module_.branches[0][0].in_features == 6


class Recorder(nn.Module):
    """A net that keeps in which mode it was called, and of how many samples."""

    seen = []

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Dropout(0.5))
        self.head = nn.Linear(8, 2)

    def forward(self, X):
        Recorder.seen.append((self.training, torch.is_grad_enabled(), len(X)))
        return self.head(self.body(X))


def modes_while_training(predict_before):
    X, y = data()
    net = joint(X, y, NetClassifier(Recorder, max_epochs=1), taps="body")
    if predict_before:
        predict_losses(net, X)
    again, recipe = NetClassifier(Recorder, max_epochs=2), net._recipe
    Recorder.seen = []
    again._train(X, y, recipe, before=net)
    return [training for training, grad, _ in Recorder.seen if grad]


def test_net_is_in_training_mode_in_every_step():
    assert modes_while_training(predict_before=True) == [True, True]


def test_a_net_left_in_evaluation_mode_would_be_noticed(monkeypatch):
    keep = LossPredictionNet._set_training
    monkeypatch.setattr(
        LossPredictionNet,
        "_set_training",
        lambda self, training=True: None if training else keep(self, False),
    )
    assert not any(modes_while_training(predict_before=True))


def test_scores_come_from_evaluation_mode():
    X, y = data()
    net = joint(X, y, NetClassifier(Recorder, max_epochs=1), taps="body")
    Recorder.seen = []
    first, second = predict_losses(net, X)[2], predict_losses(net, X)[2]
    assert not any(training or grad for training, grad, _ in Recorder.seen)
    np.testing.assert_array_equal(first, second)


def test_one_pass_serves_all_three():
    X, y = data()
    net = joint(
        X,
        y,
        NetClassifier(Recorder, iterator_valid__batch_size=25, max_epochs=1),
        taps="body",
    )
    Recorder.seen = []
    outputs, Z, losses = predict_losses(net, X)
    assert [n for _, _, n in Recorder.seen] == [25, 25]
    np.testing.assert_array_equal(net.transform(X), Z)
    assert torch.equal(net._outputs(X), outputs)
    again, spread = losses_and_spread(net, X)
    np.testing.assert_array_equal(again, losses)
    assert spread == np.ptp(outputs.numpy(), axis=0).max() > 0


# -------------------------------------------------------------------------- other tasks


def test_regression_learns_where_errors_are_large():
    rng = np.random.RandomState(0)
    X = rng.uniform(-1, 1, (400, 3)).astype(np.float32)
    noise = np.where(X[:, 0] > 0, 2.0, 0.05)
    y = X[:, 1] + noise * rng.standard_normal(400)

    def squared(output, y):
        return (output[:, 0] - y).square()

    net = NetClassifier(max_epochs=30, batch_size=32, random_state=0)
    net = joint(X, y, net, loss=squared)
    assert predict_losses(net, X)[0].shape == (400, 1)
    losses = predict_losses(net, X)[2]
    assert losses[X[:, 0] > 0].mean() > losses[X[:, 0] < 0].mean() + 0.5


def test_several_labels_per_sample():
    X, _ = data()
    y = (X[:, :3] > 0).astype(int)

    def mean_over_labels(output, y):
        bce = nn.functional.binary_cross_entropy_with_logits
        return bce(output, y.float(), reduction="none").mean(dim=1)

    net = joint(X, y, loss=mean_over_labels)
    assert predict_losses(net, X)[0].shape == (50, 3)
    assert net.net_.terms()["task_loss"][-1] > 0


def test_a_label_per_pixel():
    X, _ = images()
    y = (X[:, 0] > 0).astype(int)

    def mean_over_pixels(output, y):
        ce = nn.functional.cross_entropy(output, y, reduction="none")
        return ce.mean(dim=(1, 2))

    module = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 2, 1))
    net = NetClassifier(module, max_epochs=2, batch_size=8)
    net = joint(X, y, net, loss=mean_over_pixels, taps="0")
    losses, spread = losses_and_spread(net, X)
    maps = net._outputs(X)
    assert maps.shape == (20, 2, 8, 8) and losses.shape == (20,)
    assert spread == pytest.approx(np.ptp(maps.numpy(), axis=0).max())


@pytest.mark.parametrize(
    "loss, shape",
    [
        (lambda output, y: (output - y).square(), r"\((\d+), \1\)"),  # (n, 1) less (n,)
        (lambda output, y: (output[:, 0] - y).square().mean(), r"\(\)"),
    ],
)
def test_loss_that_is_not_one_number_per_sample_is_refused(loss, shape):
    X, y = data()
    with pytest.raises(ValueError, match=f"one number per sample.*{shape}"):
        joint(X, y, loss=loss)


def test_loss_of_the_task_is_that_of_the_criterion():
    """Class weights and label smoothing included, for the mean and for each sample."""
    settings = {"weight": torch.tensor([1.0, 5.0]), "label_smoothing": 0.1}
    X, y = data()
    classifier = NetClassifier(criterion=nn.CrossEntropyLoss(**settings), max_epochs=1)
    net = joint(X, y, classifier).net_
    output, target = torch.randn(6, 2), torch.tensor([0, 1, 1, 0, 1, 0])
    task, losses = net.task_losses(output, target)
    assert torch.equal(task, nn.CrossEntropyLoss(**settings)(output, target))
    alone = nn.CrossEntropyLoss(**settings, reduction="none")(output, target)
    assert torch.equal(losses, alone)
    assert net.criterion_.reduction == "mean"


def test_terms_are_means_over_samples_and_pairs():
    X, y = data(11)
    net = joint(X, y, NetClassifier(MLP, max_epochs=2, batch_size=6)).net_
    epoch = net.history[0, "batches"]
    assert [batch["train_batch_size"] for batch in epoch] == [6, 5]
    (t1, p1, r1, n1), (t2, p2, r2, n2) = (batch["terms"] for batch in epoch)
    terms = {key: values[0] for key, values in net.terms().items()}
    assert terms["task_loss"] == pytest.approx((6 * t1 + 5 * t2) / 11)
    assert terms["pair_loss"] == pytest.approx((6 * p1 + 5 * p2) / 11)
    assert terms["ranking_accuracy"] == pytest.approx((r1 + r2) / (n1 + n2))
    assert (n1, n2) == (3, 2)


def test_the_parts_of_a_net_are_built_once():
    built = []

    def criterion():
        built.append(1)
        return torch.nn.CrossEntropyLoss()

    joint(*data(), NetClassifier(max_epochs=1, criterion=criterion))
    assert built == [1]
