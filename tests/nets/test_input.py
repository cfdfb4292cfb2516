"""Bad input to a net: a clear error that says what to do."""

import numpy as np
import pytest
import torch
from scipy import sparse
from skorch.callbacks import EarlyStopping
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets._input import (
    lies_channels_last,
    may_lie_channels_last,
    to_channels_last,
)
from skactive.nets.modules import MLP

pytestmark = pytest.mark.deep


@pytest.fixture
def images():
    rng = np.random.RandomState(0)
    return rng.randint(0, 256, (12, 3, 8, 8)).astype(np.uint8), np.arange(12) % 3


@pytest.fixture
def table():
    rng = np.random.RandomState(0)
    return rng.normal(size=(12, 4)), np.arange(12) % 3


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_pixels_that_are_no_numbers_are_refused(images, value):
    X, y = images[0] / 255, images[1]
    net = NetClassifier(max_epochs=1).fit(X, y)
    X[3, 0, 2, 2] = value
    with pytest.raises(ValueError, match="NaN|infinity"):
        NetClassifier().fit(X, y)
    with pytest.raises(ValueError, match="NaN|infinity"):
        net.predict(X)


def test_images_of_another_size_are_refused(images):
    X, y = images
    net = NetClassifier(max_epochs=1).fit(X, y)
    with pytest.raises(ValueError, match=r"samples of shape \(3, 4, 8\)"):
        net.predict(X[:, :, :4])
    with pytest.raises(ValueError, match="n_features|features"):
        net.predict(X[:, :1])


def test_channels_last_and_gray_images_without_channels_are_refused(images):
    X, y = images
    with pytest.raises(ValueError, match=r"transpose\(0, 3, 1, 2\)"):
        NetClassifier().fit(X.transpose(0, 2, 3, 1), y)
    with pytest.raises(ValueError, match=r"X\[:, None\]"):
        NetClassifier().fit(X[:, 0], y)
    with pytest.raises(ValueError, match="Pass a module made for them"):
        NetClassifier().fit(X[:, :, :, :, None], y)
    narrow = np.zeros((6, 512, 1, 1))  # features of another net, not an image
    assert NetClassifier(max_epochs=1, module__width=2).fit(narrow, [0, 1] * 3)


def test_pixels_on_another_scale_are_refused(images):
    X, y = images
    by_bytes = NetClassifier(max_epochs=1).fit(X, y)
    with pytest.raises(
        ValueError, match="as uint8 and now there are images as float64"
    ):
        by_bytes.predict(X.astype(float))
    by_floats = NetClassifier(max_epochs=1).fit(X.astype(float), y)
    with pytest.raises(ValueError, match="as float and now there are images as uint8"):
        by_floats.predict(X)


def test_a_loss_that_is_no_number_names_its_epoch(table):
    class Fragile(nn.CrossEntropyLoss):
        calls = 0

        def forward(self, output, target):
            self.calls += 1
            return super().forward(output, target) * (np.nan if self.calls > 5 else 1)

    # Two batches an epoch: the sixth is the second of the third.
    net = NetClassifier(criterion=Fragile, batch_size=6, max_epochs=20)
    with pytest.raises(FloatingPointError, match="became nan in epoch 3 of 20"):
        net.fit(*table)


def test_fewer_samples_than_a_batch_are_enough(images):
    X, y = images
    net = NetClassifier(batch_size=64, max_epochs=1).fit(X[:5], y[:5])
    assert net.predict(X).shape == (12,)
    dropping = NetClassifier(MLP, iterator_train__drop_last=True, max_epochs=3)
    assert len(dropping.fit(X[:5, 0, 0], y[:5]).net_.history[-1]["batches"]) == 1


def test_one_sample_and_batch_normalization(table):
    X, y = table
    normal = nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 2))
    with pytest.raises(ValueError, match="there are 1 samples and batch_size=64"):
        NetClassifier(normal, classes=[0, 1]).fit(X[:1], y[:1])
    with pytest.raises(ValueError, match="there are 8 samples and batch_size=1"):
        NetClassifier(normal, batch_size=1).fit(X[:8], y[:8] > 0)
    assert NetClassifier(classes=[0, 1], max_epochs=1).fit(X[:1], y[:1]).predict(X[:1])[
        0
    ] in (0, 1)


@pytest.mark.parametrize(
    "module, got",
    [
        (nn.Linear(4, 5), r"got shape \(12, 5\)"),
        (nn.Sequential(nn.Linear(4, 3), nn.Flatten(0)), r"got shape \(36,\)"),
        (nn.GRU(4, 3, batch_first=True), "got an object of type tuple|got shape"),
    ],
    ids=["columns", "flat", "tuple"],
)
def test_an_output_that_is_not_one_column_per_class_is_refused(table, module, got):
    if isinstance(module, nn.GRU):
        X, y = table[0][:, None, :], table[1]
    else:
        X, y = table
    with pytest.raises(ValueError, match=got):
        NetClassifier(module).fit(X, y)


@pytest.mark.parametrize(
    "augment, got",
    [(lambda b: b[:-1], r"\(11, 4\)"), (lambda b: b.numpy(), "type ndarray")],
    ids=["shorter", "array"],
)
def test_an_augmentation_that_loses_samples_is_refused(table, augment, got):
    with pytest.raises(ValueError, match=f"returned .*{got}"):
        NetClassifier(augment=augment).fit(*table)


def test_labels_that_are_not_declared_missing_or_mixed_are_refused(table):
    X, y = table
    with pytest.raises(ValueError, match=r"not among classes=\[0, 1\]: \[2\]"):
        NetClassifier(classes=[0, 1]).fit(X, y)
    with pytest.raises(ValueError, match="must be of one kind"):
        NetClassifier(classes=["0", "1", "2"]).fit(X, y)
    with pytest.raises(ValueError, match="1 missing labels"):
        NetClassifier().fit(X, np.array([None, *y[1:]], dtype=object))
    with pytest.raises(TypeError, match="mixes strings"):
        NetClassifier().fit(X, ["a", *y[1:]])
    with pytest.raises(ValueError, match="Unknown label type|continuous"):
        NetClassifier().fit(X, X[:, 0])


def test_sparse_and_empty_samples_are_refused(table, images):
    X, y = table
    with pytest.raises(TypeError, match=r"(?i)sparse"):
        NetClassifier().fit(sparse.csr_matrix(X), y)
    with pytest.raises(ValueError, match="which are empty"):
        NetClassifier().fit(images[0][:, :, :0], images[1])


def test_a_callback_that_waits_for_a_validation_loss_is_told(table):
    net = NetClassifier(callbacks=[EarlyStopping()])
    with pytest.raises(ValueError, match="monitor='train_loss'"):
        net.fit(*table)


def test_other_errors_of_a_module_pass_unchanged(table):
    class Broken(MLP):
        def forward(self, X):
            raise KeyError("a key of its own")

    with pytest.raises(KeyError, match="a key of its own"):
        NetClassifier(Broken).fit(*table)

    class Refusing(MLP):
        def forward(self, X):
            raise ValueError("no such X")

    with pytest.raises(ValueError, match="no such X"):
        NetClassifier(Refusing).fit(*table)


def test_a_refused_loss_leaves_the_generator_of_torch_alone(table):
    before = torch.get_rng_state()
    with pytest.raises(FloatingPointError):
        NetClassifier(lr=1e30).fit(table[0] * 1e10, table[1])
    assert torch.equal(torch.get_rng_state(), before)


def test_an_interrupt_by_the_user_ends_more_than_the_training(table):
    def interrupt(batch):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        NetClassifier(augment=interrupt).fit(*table)


@pytest.mark.parametrize(
    "layer, safe",
    [
        (nn.Conv2d(4, 8, 1, stride=2), False),
        (nn.Conv2d(32, 32, 1, stride=2, groups=4), False),
        (nn.Conv2d(16, 8, 1, stride=2), True),
        (nn.Conv2d(4, 8, 1), True),
        (nn.Conv2d(4, 8, 3, stride=2), True),
        (nn.Conv1d(4, 8, 1, stride=2), True),
    ],
)
def test_which_layers_may_lie_with_channels_innermost(layer, safe):
    assert may_lie_channels_last(nn.Sequential(nn.ReLU(), layer)) == safe


def test_weights_of_images_are_laid_out_and_no_others():
    module = nn.ModuleList([nn.Conv2d(2, 3, 3), nn.Conv3d(2, 3, 3), nn.Linear(2, 3)])
    before = [p.clone() for p in module.parameters()]
    to_channels_last(module)
    assert module[0].weight.is_contiguous(memory_format=torch.channels_last)
    assert module[1].weight.is_contiguous() and module[2].weight.is_contiguous()
    assert all(map(torch.equal, module.parameters(), before))


class Flat(nn.Module):
    """Flatten a map of features in one of two ways, and in another for `embed`."""

    def __init__(self, forward, embed):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 16, 3))
        self.ways = {"view": self._view, "flatten": self._flatten, None: None}
        self.way, self.own = forward, embed
        if embed is not None:
            self.embed = self._embed

    def _view(self, H):
        return H.view(len(H), -1)

    def _flatten(self, H):
        return H.flatten(1)

    def _embed(self, X):
        return self.ways[self.own](self.conv(X))

    def forward(self, X):
        return self.ways[self.way](self.conv(X))


@pytest.mark.parametrize(
    "forward, embed, takes",
    [
        ("flatten", None, True),
        ("view", None, False),
        ("flatten", "flatten", True),
        ("flatten", "view", False),
    ],
)
def test_a_net_that_calls_view_does_not_take_it(forward, embed, takes):
    assert lies_channels_last(Flat(forward, embed), (1, 8, 8)) == takes
    assert lies_channels_last(Flat(forward, embed).double(), (1, 8, 8)) == takes


def test_only_images_lie_so_and_nothing_is_drawn_or_moved():
    module = nn.Sequential(nn.Conv2d(1, 16, 3), nn.Dropout(), nn.BatchNorm2d(16))
    table, before = nn.Linear(4, 4), torch.get_rng_state()
    assert lies_channels_last(module, (1, 8, 8))
    assert not lies_channels_last(table, (4,))
    assert torch.equal(torch.get_rng_state(), before)
    assert module.training and module[2].num_batches_tracked == 0
