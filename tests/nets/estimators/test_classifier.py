"""NetClassifier: a torch module with the manners of a scikit-learn classifier."""

from copy import deepcopy
from unittest import SkipTest

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets.modules import MLP, ResNet

pytestmark = pytest.mark.deep


@parametrize_with_checks([NetClassifier(max_epochs=40)])
def test_scikit_learn(estimator, check):
    try:
        check(estimator)
    except SkipTest:
        assert getattr(check, "func", check).__name__ == "check_array_api_input"
        raise


# ------------------------------------------------------------------------- training


def bare_training(module, X, y, n_epochs, lr):
    """Train a module by the plain loop, all samples in one batch."""
    optimizer = torch.optim.Adam(module.parameters(), lr=lr)
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    for _ in range(n_epochs):
        optimizer.zero_grad()
        nn.functional.cross_entropy(module(X), y).backward()
        optimizer.step()
    with torch.no_grad():
        return module(X).softmax(1).numpy()


def test_training_is_what_a_plain_loop_does(iris):
    X, y = iris
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        module = MLP(4, 3, hidden=(8,))
    net = NetClassifier(module, batch_size=150, max_epochs=5, lr=0.01).fit(X, y)
    expected = bare_training(deepcopy(module), X, y, 5, 0.01)
    assert net.predict_proba(X) == pytest.approx(expected, abs=1e-5)
    start = module(torch.from_numpy(X)).softmax(1).detach().numpy()
    assert abs(expected - start).max() > 0.05  # five steps are not nothing


def test_every_label_is_trained_on(iris):
    X, y = iris
    seen = []

    def augment(batch):
        seen.append(len(batch))
        return batch

    NetClassifier(max_epochs=2, batch_size=64, augment=augment).fit(X, y)
    assert seen == [50, 50, 50] * 2


def test_batches_are_even_so_that_none_is_of_one_sample(iris):
    X, y = iris
    seen = []

    def augment(batch):
        seen.append(len(batch))
        return batch

    module = nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 3))
    net = NetClassifier(module, max_epochs=1, batch_size=4, augment=augment)
    net.fit(X[::16][:9], y[::16][:9])
    assert seen == [3, 3, 3]


def test_an_instance_is_copied_so_that_a_cold_start_is_cold(iris):
    X, y = iris
    module = MLP(4, 3)
    before = deepcopy(module.state_dict())
    net = NetClassifier(module, max_epochs=2, random_state=0).fit(X, y)
    first = net.predict_proba(X)
    for name, weights in module.state_dict().items():
        assert torch.equal(weights, before[name])
    assert np.array_equal(net.fit(X, y).predict_proba(X), first)


def test_a_criterion_that_learns_starts_anew_in_each_fit(iris):
    class Tempered(nn.CrossEntropyLoss):
        def __init__(self):
            super().__init__()
            self.log_t = nn.Parameter(torch.zeros(()))

        def forward(self, output, target):
            return super().forward(output * self.log_t.exp(), target)

    X, y = iris
    criterion = Tempered()
    net = NetClassifier(criterion=criterion, max_epochs=2, random_state=0).fit(X, y)
    assert criterion.log_t.item() == 0
    assert net.net_.criterion_.log_t.item() != 0


def test_augmentation_happens_in_training_and_not_in_prediction(digits):
    X, y = digits
    seen = []

    def erase(batch):
        seen.append((batch.dtype, batch.max().item() <= 1))
        return torch.zeros_like(batch)

    net = NetClassifier(max_epochs=1, augment=erase, random_state=0).fit(X, y)
    assert set(seen) == {(torch.float32, True)}
    assert len(seen) == 4
    proba = net.predict_proba(X)
    assert len(seen) == 4
    assert abs(proba - proba[0]).max() > 0


def test_samples_come_in_another_order_in_each_epoch(iris):
    X, y = iris
    orders = []

    def augment(batch):
        orders.append(batch[:, 0].tolist())
        return batch

    NetClassifier(max_epochs=2, batch_size=150, augment=augment).fit(X, y)
    assert sorted(orders[0]) == sorted(orders[1]) == sorted(X[:, 0].tolist())
    assert orders[0] != orders[1]
    orders.clear()
    net = NetClassifier(max_epochs=2, batch_size=150, augment=augment)
    net.set_params(iterator_train__shuffle=False).fit(X, y)
    assert orders[0] == orders[1] == X[:, 0].tolist()


# --------------------------------------------------------------------- labels, columns


@pytest.mark.parametrize(
    "names",
    [np.array(["b", "a", "c"]), np.array([5, 0, 2]), np.array([-1.0, 2.0, 0.0])],
    ids=["text", "sparse integers", "floats"],
)
def test_labels_of_any_kind_come_back(iris, names):
    X, y = iris
    net = NetClassifier(random_state=0).fit(X, names[y])
    assert np.array_equal(net.classes_, np.sort(names))
    assert net.predict(X).dtype == names.dtype
    assert np.mean(net.predict(X) == names[y]) > 0.9
    columns = np.argsort(names)  # column of class k is where names[k] is in order
    same = NetClassifier(random_state=0).fit(X, np.argsort(columns)[y])
    assert np.array_equal(net.predict_proba(X), same.predict_proba(X))


def test_classes_declares_more_than_y_shows(iris):
    X, y = iris
    known = y < 2
    net = NetClassifier(classes=["c", "d", "a", "b"], random_state=0)
    net.fit(X[known], np.array(["b", "d"])[y[known]])
    assert net.classes_.tolist() == ["a", "b", "c", "d"]
    proba = net.predict_proba(X[known])
    assert proba.shape == (100, 4)
    assert set(net.predict(X[known])) == {"b", "d"}
    assert proba.sum(1) == pytest.approx(1, abs=1e-12)


def test_one_class_is_learned_as_certain(iris):
    X = iris[0]
    net = NetClassifier(max_epochs=1).fit(X[:5], ["only"] * 5)
    assert net.predict(X[:2]).tolist() == ["only", "only"]
    assert net.predict_proba(X[:2]).tolist() == [[1.0], [1.0]]


def test_nll_loss_stands_for_a_module_that_returns_probabilities(iris):
    X, y = iris
    module = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))
    net = NetClassifier(module, criterion=nn.NLLLoss, lr=0.05).fit(X, y)
    with torch.no_grad():
        said = net.net_.module_(torch.from_numpy(X)).numpy()
    assert net.predict_proba(X) == pytest.approx(said, abs=1e-6)
    assert net.score(X, y) > 0.9


# --------------------------------------------------------------------------- batches


def test_bytes_are_scaled_and_equal_floats_between_zero_and_one(digits):
    X, y = digits
    net = NetClassifier(max_epochs=2, random_state=0).fit(X, y)
    same = NetClassifier(max_epochs=2, random_state=0).fit(X / np.float32(255), y)
    assert np.array_equal(net.predict_proba(X), same.predict_proba(X / np.float32(255)))
    assert np.array_equal(net.predict_proba(X / np.float32(255)), net.predict_proba(X))


def test_bytes_in_a_table_are_taken_as_they_are():
    X = np.array([[0, 200], [255, 3], [90, 90]], dtype=np.uint8)
    net = NetClassifier(max_epochs=1, random_state=0).fit(X, [0, 1, 1])
    assert np.array_equal(net.predict_proba(X), net.predict_proba(X.astype(float)))
    assert not np.array_equal(net.predict_proba(X), net.predict_proba(X / 255))


@pytest.mark.parametrize("shape", [(3, 9), (2, 5, 7, 3), (4, 11)], ids=str)
def test_samples_of_any_shape_with_a_module_for_them(shape):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(20, *shape))
    flat = nn.Sequential(nn.Flatten(), nn.Linear(int(np.prod(shape)), 2))
    net = NetClassifier(flat, max_epochs=1).fit(X, np.arange(20) % 2)
    assert net.predict_proba(X).shape == (20, 2)
    assert net.transform(X).shape == (20, np.prod(shape))


def test_three_dimensional_convolutions_are_left_in_their_layout():
    class Volumes(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv3d(1, 2, 3, padding=1)
            self.head = nn.Linear(2, 2)

        def forward(self, X):
            return self.head(self.conv(X[:, None]).mean((2, 3, 4)))

    X = np.random.RandomState(0).normal(size=(6, 4, 4, 4))
    net = NetClassifier(Volumes, max_epochs=1).fit(X, [0, 1] * 3)
    assert net.predict(X).shape == (6,)


def test_images_lie_with_channels_innermost_and_say_the_same(digits):
    X, y = digits
    nets = [
        NetClassifier(max_epochs=1, channels_last=on, random_state=0).fit(X, y)
        for on in (True, False)
    ]
    layout = torch.channels_last
    weights = [net.net_.module_.stages[0][0].residual[0].weight for net in nets]
    assert [w.is_contiguous(memory_format=layout) for w in weights] == [True, False]
    # Convolutions of another layout add in another order, and so training drifts.
    assert nets[0].predict_proba(X) == pytest.approx(nets[1].predict_proba(X), abs=0.02)


def test_layers_on_which_torch_crashes_keep_their_layout():
    """In the other layout this training ends the process, on some CPUs."""
    X = np.random.RandomState(0).normal(size=(4, 3, 64, 64)).astype(np.float32)
    seen = []

    class Spy(ResNet):
        def forward(self, X):
            seen.append(X.is_contiguous())
            return super().forward(X)

    net = NetClassifier(Spy, module__width=4, module__blocks=(1, 1), max_epochs=4)
    net.fit(X, [0, 1, 0, 1]).predict(X)
    assert all(seen) and len(seen) == 5
    assert all(p.is_contiguous() for p in net.net_.module_.parameters())


def test_bf16_runs_the_module_in_half_the_bits(iris):
    X, y = iris
    kinds = []

    class Spy(MLP):
        def forward(self, X):
            output = super().forward(X)
            kinds.append(output.dtype)
            return output

    half = NetClassifier(Spy, precision="bf16", random_state=0).fit(X, y)
    proba, Z = half.predict_with_embedding(X)
    assert set(kinds) == {torch.bfloat16}
    assert (proba.dtype, Z.dtype) == (np.float64, np.float32)
    assert half.score(X, y) > 0.9
    full = NetClassifier(MLP, random_state=0).fit(X, y)
    assert proba == pytest.approx(full.predict_proba(X), abs=0.1)
    assert not np.array_equal(proba, full.predict_proba(X))


def test_containers_are_all_the_same(iris):
    pd = pytest.importorskip("pandas")
    X, y = iris
    net = NetClassifier(max_epochs=2, random_state=0).fit(X, y)
    expected = net.predict_proba(X)
    frame = pd.DataFrame(X, columns=list("abcd"))
    named = clone(net).fit(frame, pd.Series(y))
    assert named.feature_names_in_.tolist() == list("abcd")
    assert np.array_equal(named.predict_proba(frame), expected)
    tensors = clone(net).fit(torch.from_numpy(X), torch.from_numpy(y))
    assert np.array_equal(tensors.predict_proba(torch.from_numpy(X)), expected)
    assert np.array_equal(net.predict_proba(X.tolist()), expected)
    X.setflags(write=False)
    try:
        assert np.array_equal(clone(net).fit(X, y).predict_proba(X), expected)
    finally:
        X.setflags(write=True)
