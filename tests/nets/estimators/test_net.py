"""The private skorch net: batches, losses that end training, and what it says."""

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback, EarlyStopping
from torch import nn

from skactive import progress
from skactive.deep import UncertainGCN
from skactive.nets import NetClassifier, VAEEmbedding
from skactive.nets.estimators._net import ClassifierNet, inference_batch_size
from skactive.utils._line import Line

pytestmark = pytest.mark.deep

X, Y = np.eye(4, dtype=np.float32), np.array([0, 1, 0, 1])


def net(module=None, **settings):
    module = nn.Linear(4, 2) if module is None else module
    settings = {"max_epochs": 2, "batch_size": 2, **settings}
    parts = {"criterion": nn.CrossEntropyLoss, "optimizer": torch.optim.SGD}
    return ClassifierNet(module, n_outputs=2, verbose=0, **parts, **settings)


def trained(*args, **settings):
    built = net(*args, **settings).initialize()
    built.train(X, Y)
    return built


@pytest.mark.parametrize(
    "shape, batch_size, expected",
    [
        ((4,), 64, 512),  # 2^14 numbers are 4096 rows of 4: no more than 512
        ((64,), 64, 256),
        ((3, 32, 32), 64, 64),
        ((3, 32, 32), 1, 5),
        ((4,), 1000, 1000),
    ],
)
def test_as_many_samples_are_predicted_at_once_as_fit_a_cache(
    shape, batch_size, expected
):
    assert inference_batch_size(shape, batch_size) == expected


def test_a_batch_that_is_not_full_is_filled_with_its_last_row():
    built = trained(iterator_valid__batch_size=3)
    batches = [(Xi.tolist(), n) for Xi, n in built.full_batches(X)]
    eye = X.tolist()
    assert batches == [(eye[:3], 3), ([eye[3]] * 3, 1)]


def test_probabilities_are_the_softmax_unless_the_criterion_takes_them():
    output = torch.tensor([[0.0, np.log(3.0)]])
    assert trained().probabilities(output).tolist() == [pytest.approx([0.25, 0.75])]
    module = nn.Sequential(nn.Linear(4, 2), nn.Softmax(dim=1))
    parts = {"criterion": nn.NLLLoss, "optimizer": torch.optim.SGD}
    built = ClassifierNet(module, n_outputs=2, **parts).initialize()
    assert torch.equal(built.probabilities(output), output.double())


def test_pixels_are_divided_and_floats_are_not():
    built = trained()
    pixels = torch.tensor([[0, 51, 255]], dtype=torch.uint8)
    torch.testing.assert_close(built.prepare(pixels), torch.tensor([[0, 0.2, 1]]))
    assert torch.equal(built.prepare(torch.tensor([[300.0]])), torch.tensor([[300.0]]))


def test_terms_are_the_loss_of_each_epoch():
    built = trained(max_epochs=3)
    terms = built.terms()
    assert list(terms) == ["train_loss"] and len(terms["train_loss"]) == 3
    assert terms["train_loss"] == pytest.approx(built.history[:, "train_loss"])
    assert {type(loss) for loss in terms["train_loss"]} == {float}


def test_a_loss_that_is_not_finite_ends_training_and_names_the_epoch():
    module = nn.Linear(4, 2)
    module.weight.data.fill_(float("nan"))
    with pytest.raises(FloatingPointError, match=r"became nan in epoch 1 of 2.*lr"):
        trained(module)


def test_batch_normalization_of_one_sample_is_explained():
    module = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
    with pytest.raises(ValueError, match="4 samples and batch_size=1"):
        trained(module, batch_size=1)


def test_a_callback_that_watches_held_out_labels_is_told_that_there_are_none():
    with pytest.raises(ValueError, match="monitor='train_loss'"):
        trained(callbacks=[("stop", EarlyStopping(patience=1))])


class Interrupt(Callback):
    def on_grad_computed(self, net, named_parameters, **kwargs):
        raise KeyboardInterrupt


def test_an_interrupt_reaches_the_caller():
    """skorch alone takes it for the end of training."""
    with pytest.raises(KeyboardInterrupt):
        trained(callbacks=[("stop", Interrupt())])


@pytest.mark.parametrize("returned", [lambda X: X[:1], lambda X: X.numpy()])
def test_an_augmentation_that_loses_samples_is_refused(returned):
    with pytest.raises(ValueError, match="augment must return a batch of as many"):
        trained(augment=returned)


def test_a_module_with_other_columns_than_classes_is_refused():
    with pytest.raises(ValueError, match=r"shape \(2, 2\) for 2 samples.*\(2, 5\)"):
        trained(nn.Linear(4, 5))


@pytest.mark.parametrize("n_channels", [1, 3])
def test_the_memory_format_of_images_moves_no_bit(n_channels):
    """With few channels and a strided 1 x 1 convolution torch would crash, too."""
    X = np.random.RandomState(0).rand(12, 9, 9, n_channels).astype(np.float32)
    X, y = X.transpose(0, 3, 1, 2), np.arange(12) % 2
    small = {"module__width": 8, "module__blocks": (1, 1), "max_epochs": 2}
    answers = [
        NetClassifier(**small, random_state=0).fit(a, y).predict_proba(b)
        for a in (X, np.ascontiguousarray(X))
        for b in (X, np.ascontiguousarray(X))
    ]
    assert all(np.array_equal(answers[0], other) for other in answers[1:])


def test_epochs_are_told_to_a_bar_also_where_a_net_goes_on(monkeypatch):
    seen = []
    monkeypatch.setattr(Line, "at", lambda line, text: seen.append(text))
    X = np.random.RandomState(0).normal(size=(20, 3)).astype(np.float32)
    y = (X[:, 0] > 0).astype(int)
    net = NetClassifier(max_epochs=2, warm_start=True, random_state=0)
    with progress():
        net.fit(X, y).fit(X, y)
    assert seen == ["epoch 1 of 2", "epoch 2 of 2"] * 2
    seen.clear()
    with progress():
        VAEEmbedding(max_epochs=2, batch_size=10).fit(X)
        UncertainGCN(max_epochs=2).fit(X[:5], y[:5], X_pool=X[5:])
    steps = ["step 2 of 4", "step 4 of 4", "epoch 1 of 2", "epoch 2 of 2"]
    assert seen == steps
    net.fit(X, y)
    assert seen == steps
