"""Losses and weights of classes, as recipes give them."""

from functools import partial

import numpy as np
import pytest
import torch
from skorch.callbacks import Checkpoint, EpochScoring
from torch import nn
from torch.nn import functional as F

from skactive.deep import DFAL, LL4AL, MoBYv2AL, TaskAwareViT
from skactive.nets import NetClassifier
from skactive.nets.modules import MLP

pytestmark = pytest.mark.deep

rng = np.random.RandomState(0)
X, y = rng.normal(size=(30, 4)).astype(np.float32), np.arange(30) % 3
IMAGES = rng.normal(size=(12, 1, 8, 8)).astype(np.float32)
KINDS = (LL4AL, TaskAwareViT, MoBYv2AL, DFAL)


def net(**settings):
    return NetClassifier(**{"max_epochs": 2, "random_state": 0, **settings})


class Ends(nn.Module):
    """Return what a function makes of the logits."""

    def __init__(self, n_features, n_classes, end):
        super().__init__()
        self.head = nn.Linear(n_features, n_classes)
        self.end = end

    def forward(self, X):
        return self.end(self.head(X))


WEIGHTS = np.array([0.5, 1.0, 3.0])
GIVEN = {
    "array": WEIGHTS,
    "tensor": torch.from_numpy(WEIGHTS),
    "float32": torch.from_numpy(WEIGHTS).float(),
    "list": WEIGHTS.tolist(),
    "dict": dict(enumerate(WEIGHTS.tolist())),
}


@pytest.mark.parametrize("kind", GIVEN)
def test_weights_of_classes_in_any_form(kind):
    reference = net(criterion__weight=GIVEN["float32"]).fit(X, y).predict_proba(X)
    given = net(criterion__weight=GIVEN[kind]).fit(X, y)
    np.testing.assert_array_equal(given.predict_proba(X), reference)
    assert np.abs(net().fit(X, y).predict_proba(X) - reference).max() > 1e-3


def test_weights_within_an_instance_become_float32():
    reference = net(criterion__weight=WEIGHTS).fit(X, y).predict_proba(X)
    loss = nn.CrossEntropyLoss(weight=torch.from_numpy(WEIGHTS))
    given = net(criterion=loss).fit(X, y)
    np.testing.assert_array_equal(given.predict_proba(X), reference)
    assert loss.weight.dtype == torch.float64


@pytest.mark.parametrize("kind", KINDS)
def test_strategies_take_weights_too(kind):
    given = kind(net(criterion__weight=WEIGHTS), random_state=0)
    assert given.fit(X, y, X).query(3).shape == (3,)


@pytest.mark.parametrize(
    "weight, words",
    [
        ("balanced", "compute_class_weight"),
        ([1.0, 2.0], "declare all labels with classes="),
        (np.ones(4), "declare all labels with classes="),
        ({0: 1.0, 1: 1.0}, r"\[2\] are missing.*classes="),
        ({0: 1, 1: 1, 2: 1, "x": 1}, "'x'.*are not labels"),
        ([1.0, np.nan, 1.0], "finite"),
        ([1.0, -1.0, 1.0], "0 or more"),
    ],
)
def test_weights_that_fit_no_class_are_refused(weight, words):
    with pytest.raises(ValueError, match=f"criterion__weight.*{words}"):
        net(criterion__weight=weight).fit(X, y)


def test_declared_classes_cure_weights_and_heads_of_all():
    given = net(criterion__weight=np.ones(4), classes=range(4)).fit(X, y)
    assert given.predict_proba(X).shape == (30, 4)
    head = MLP(n_features=4, n_classes=4)
    with pytest.raises(ValueError, match=r"declare all labels: classes="):
        net(module=head).fit(X, y)
    assert net(module=head, classes=range(4)).fit(X, y).score(X, y) >= 0


def smoothed(output, target, amount=0.1):
    return F.cross_entropy(output, target, label_smoothing=amount)


@pytest.mark.parametrize("loss", [F.cross_entropy, smoothed, partial(smoothed)])
def test_a_function_is_a_loss(loss):
    fitted = net(criterion=loss, max_epochs=20).fit(X, y)
    assert fitted.net_.history[-1, "train_loss"] < fitted.net_.history[0, "train_loss"]


def test_functions_take_settings_and_serve_a_prediction_of_losses():
    reference = net(criterion__weight=WEIGHTS).fit(X, y).predict_proba(X)
    given = net(criterion=F.cross_entropy, criterion__weight=WEIGHTS).fit(X, y)
    np.testing.assert_array_equal(given.predict_proba(X), reference)
    strategy = LL4AL(net(criterion=F.cross_entropy)).fit(X, y, X)
    assert strategy.query(2).shape == (2,)
    with pytest.raises(TypeError, match="criterion__wieght.*weight"):
        net(criterion=F.cross_entropy, criterion__wieght=WEIGHTS).fit(X, y)


def test_log_probabilities_have_a_function():
    ends = {"module": Ends, "module__end": partial(F.log_softmax, dim=1)}
    reference = net(module=Ends, module__end=nn.Identity()).fit(X, y)
    given = net(criterion=F.nll_loss, **ends).fit(X, y)
    np.testing.assert_allclose(
        given.predict_proba(X), reference.predict_proba(X), atol=1e-5
    )


@pytest.mark.parametrize("end", [nn.Identity(), nn.LogSoftmax(dim=1)])
def test_nll_loss_on_logits_is_told_what_it_stands_for(end):
    wrong = net(module=Ends, module__end=end, criterion=nn.NLLLoss)
    with pytest.raises(ValueError, match="returns probabilities.*CrossEntropyLoss"):
        wrong.fit(X, y)
    right = net(module=Ends, module__end=nn.Softmax(dim=1), criterion=nn.NLLLoss)
    assert right.fit(X, y).predict_proba(X).shape == (30, 3)


@pytest.mark.parametrize("loss", [nn.BCEWithLogitsLoss, nn.BCELoss(), nn.MSELoss])
def test_losses_of_equal_shapes_are_refused(loss):
    with pytest.raises(ValueError, match="criterion=.*CrossEntropyLoss"):
        net(criterion=loss).fit(X, y % 2)


def test_a_loss_must_be_one_number():
    with pytest.raises(ValueError, match="criterion__reduction='mean'"):
        net(criterion__reduction="none").fit(X, y)
    with pytest.raises(ValueError, match="must return one number"):
        net(criterion=lambda output, y: output[:, 0]).fit(X, y)


@pytest.mark.parametrize("kind", [NetClassifier, *KINDS])
def test_accuracy_in_training_is_of_labeled_samples(kind):
    scoring = EpochScoring("accuracy", on_train=True, name="accuracy")
    if kind is NetClassifier:
        fitted = net(callbacks=[scoring]).fit(X, y)
    else:
        strategy = kind(net(callbacks=[scoring]), random_state=0)
        fitted = strategy.fit(X, y, X[:20]).estimator_
    assert all(0 <= a <= 1 for a in fitted.net_.history[:, "accuracy"])


def test_a_checkpoint_is_told_what_to_watch(tmp_path):
    files = {"dirname": tmp_path, "f_optimizer": None, "f_criterion": None}
    with pytest.raises(ValueError, match="monitor='train_loss_best' for Checkpoint"):
        net(callbacks=[Checkpoint(**files)]).fit(X, y)
    watching = Checkpoint(monitor="train_loss_best", **files)
    assert net(callbacks=[watching]).fit(X, y).score(X, y) >= 0


@pytest.mark.parametrize("name", ["collate_fn", "batch_sampler"])
def test_a_collate_fn_has_no_use(name):
    with pytest.raises(ValueError, match=f"iterator_train__{name}.*augment="):
        net(**{f"iterator_train__{name}": list}).fit(X, y)


def test_outputs_in_a_dict():
    def named(name):
        return net(module=Ends, module__end=lambda logits: {name: logits})

    assert named("logits").fit(X, y).predict_proba(X).shape == (30, 3)
    with pytest.raises(ValueError, match=r"one of its \['scores'\]"):
        named("scores").fit(X, y)


def test_a_compiled_module_has_an_embedding():
    plain = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))
    reference = net(module=plain).fit(X, y)
    compiled = net(module=torch.compile(plain, backend="eager")).fit(X, y)
    np.testing.assert_allclose(compiled.transform(X), reference.transform(X), atol=1e-6)


class LeNet(nn.Module):
    """The net of every tutorial."""

    def __init__(self, n_classes):
        super().__init__()
        # Of gray images the first map lies in both ways, the second in one.
        self.first = nn.Conv2d(1, 4, 3, padding=1)
        self.conv = nn.Conv2d(4, 16, 3, padding=1)
        self.fc = nn.Linear(16 * 64, n_classes)

    def forward(self, X):
        return self.fc(F.relu(self.conv(self.first(X))).view(len(X), -1))


@pytest.mark.parametrize("kind", [NetClassifier, *KINDS])
def test_modules_that_call_view_are_trained(kind):
    given = net(module=LeNet)
    if kind is NetClassifier:
        fitted = given.fit(IMAGES, y[:12])
        plain = net(module=LeNet, channels_last=False).fit(IMAGES, y[:12])
        np.testing.assert_array_equal(
            fitted.predict_proba(IMAGES), plain.predict_proba(IMAGES)
        )
    else:
        taps = {"taps": ["conv"]} if kind is LL4AL else {}
        strategy = kind(given, **taps).fit(IMAGES, y[:12], IMAGES)
        assert strategy.query(2).shape == (2,)


def test_lbfgs_trains_images_and_others_keep_their_layout():
    given = {"module__width": 16, "max_epochs": 1}
    lbfgs = net(optimizer=torch.optim.LBFGS, **given).fit(IMAGES, y[:12])
    assert not lbfgs.net_.channels_last
    assert net(**given).fit(IMAGES, y[:12]).net_.channels_last


def test_a_view_within_augment_names_the_layout():
    def flat(batch):
        return batch.view(len(batch), -1).view(batch.shape)

    two = np.repeat(IMAGES, 2, axis=1)
    given = {"augment": flat, "module__width": 16, "max_epochs": 1}
    with pytest.raises(ValueError, match="channels_last=False"):
        net(**given).fit(two, y[:12])
    assert net(channels_last=False, **given).fit(two, y[:12]).score(two, y[:12]) >= 0
