"""NetClassifier: a torch module with the manners of a scikit-learn classifier."""

import pickle
from copy import deepcopy
from functools import partial
from unittest import SkipTest

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets.estimators._building import may_lie_channels_last
from skactive.nets.modules import MLP, ResNet

pytestmark = pytest.mark.deep


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return ((X - X.mean(0)) / X.std(0)).astype(np.float32), y


@pytest.fixture(scope="module")
def digits():
    """200 images of 8 x 8 pixels as bytes, and their digits."""
    X, y = load_digits(return_X_y=True)
    return (X[:200] * 15).astype(np.uint8).reshape(-1, 1, 8, 8), y[:200]


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
    assert seen == [64, 64, 22] * 2


def test_a_lone_last_sample_joins_the_batch_before(iris):
    X, y = iris
    seen = []

    def augment(batch):
        seen.append(len(batch))
        return batch

    module = nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 3))
    net = NetClassifier(module, max_epochs=1, batch_size=4, augment=augment)
    net.fit(X[::16][:9], y[::16][:9])
    assert seen == [4, 5]


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


def test_a_warm_start_goes_on_from_the_weights_of_the_last_fit(iris):
    X, y = iris
    warm = NetClassifier(max_epochs=3, warm_start=True, random_state=0)
    loss = [warm.fit(X, y).net_.history[0]["train_loss"] for _ in range(3)]
    assert loss[0] > loss[1] > loss[2]
    with pytest.raises(ValueError, match="Declare all labels by classes="):
        warm.fit(X[:100], y[:100])


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


def test_prediction_is_in_evaluation_mode_whatever_was_done_to_the_module(iris):
    X, y = iris
    net = NetClassifier(module__dropout=0.5, max_epochs=2, random_state=0).fit(X, y)
    assert not net.net_.module_.training
    proba, Z = net.predict_proba(X), net.transform(X)
    net.net_.module_.train()
    assert np.array_equal(net.transform(X), Z)
    net.net_.module_.train()
    assert np.array_equal(net.predict_proba(X), proba)


def test_the_optimizer_keeps_no_moments_and_may_go_on(iris):
    net = NetClassifier(max_epochs=1).fit(*iris)
    assert not net.net_.optimizer_.state
    assert all(p.grad is None for p in net.net_.module_.parameters())


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


def test_decision_and_probabilities_agree(iris):
    X, y = iris
    net = NetClassifier(max_epochs=3, random_state=0).fit(X, y)
    logits = net.decision_function(X)
    odds = np.exp(logits)
    assert net.predict_proba(X) == pytest.approx(odds / odds.sum(1, keepdims=True))
    two = NetClassifier(max_epochs=3, random_state=0).fit(X, y > 0)
    margin = two.decision_function(X)
    assert two.predict_proba(X)[:, 1] == pytest.approx(1 / (1 + np.exp(-margin)))


def test_nll_loss_stands_for_a_module_that_returns_probabilities(iris):
    X, y = iris
    module = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))
    net = NetClassifier(module, criterion=nn.NLLLoss, lr=0.05).fit(X, y)
    with torch.no_grad():
        said = net.net_.module_(torch.from_numpy(X)).numpy()
    assert net.predict_proba(X) == pytest.approx(said, abs=1e-6)
    assert net.score(X, y) > 0.9


# --------------------------------------------------------------------------- batches


def test_what_is_said_of_a_sample_does_not_depend_on_its_company(digits):
    X, y = digits
    net = NetClassifier(max_epochs=1, batch_size=16, random_state=0).fit(X, y)
    proba, Z = net.predict_with_embedding(X)
    for rows in ([0], [3, 100, 7], np.arange(150, 187)):
        alone = net.predict_with_embedding(X[rows])
        assert np.array_equal(alone[0], proba[rows])
        assert np.array_equal(alone[1], Z[rows])


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


def test_parameters_of_a_module_class_are_filled_in_from_the_data(iris, digits):
    linear = NetClassifier(MLP, module__hidden=(), max_epochs=1).fit(*iris)
    assert linear.net_.module_.head.in_features == 4
    X = np.repeat(digits[0], 3, axis=1)
    images = NetClassifier(ResNet, module__width=4, max_epochs=1).fit(X, digits[1])
    assert images.net_.module_.stem[0].in_channels == 3
    assert images.net_.module_.head.out_features == 10
    wider = NetClassifier(partial(MLP, hidden=(7,)), max_epochs=1).fit(*iris)
    assert wider.transform(iris[0]).shape == (150, 7)


def test_the_default_module_suits_the_shape_of_the_samples(iris, digits):
    assert type(NetClassifier(max_epochs=1).fit(*iris).net_.module_) is MLP
    assert type(NetClassifier(max_epochs=1).fit(*digits).net_.module_) is ResNet


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


# ------------------------------------------------------------------ copies and files


@pytest.mark.parametrize(
    "copy",
    [deepcopy, lambda net: pickle.loads(pickle.dumps(net))],
    ids=["deep", "file"],
)
def test_a_copy_says_the_same(iris, copy):
    X, y = iris
    net = NetClassifier(max_epochs=2, module__hidden=(8,), random_state=0).fit(X, y)
    twin = copy(net)
    assert np.array_equal(twin.predict_proba(X), net.predict_proba(X))
    assert twin.get_params() == net.get_params()
    assert np.array_equal(twin.fit(X, y).predict_proba(X), net.predict_proba(X))


def test_a_pickle_does_not_carry_the_samples():
    X = np.random.RandomState(0).normal(size=(20_000, 10)).astype(np.float32)
    net = NetClassifier(max_epochs=1, batch_size=2000).fit(X, X[:, 0] > 0)
    assert len(pickle.dumps(net)) < 50_000 < X.nbytes


def test_params_in_a_file_make_an_unfitted_classifier_predict(digits, tmp_path):
    X, y = digits
    names = np.array([f"digit {k}" for k in range(10)])
    net = NetClassifier(max_epochs=2, module__width=4).fit(X, names[y])
    path = tmp_path / "net.pt"
    net.save_params(path)
    read = clone(net).load_params(path)
    assert np.array_equal(read.predict_proba(X), net.predict_proba(X))
    assert np.array_equal(read.predict(X), net.predict(X))
    assert (read.n_features_in_, read.sample_shape_) == (1, (1, 8, 8))
    state = torch.load(path, weights_only=True)  # refuses anything but data
    assert state["classes"] == sorted(names)
    with pytest.raises(ValueError, match="do not fit the module"):
        clone(net).set_params(module__width=8).load_params(path)


@pytest.mark.parametrize(
    "content, by", [({"weights": 1}, "not written by"), ({"written_by": "VAE"}, "VAE")]
)
def test_a_file_of_something_else_is_refused(content, by, tmp_path):
    torch.save(content, tmp_path / "net.pt")
    with pytest.raises(ValueError, match=f"{by}.* save_params of NetClassifier"):
        NetClassifier().load_params(tmp_path / "net.pt")


class Trap:
    """Say so when it is loaded."""

    def __reduce__(self):
        return pytest.fail, ("code in the file was run",)


def test_code_in_a_file_is_not_run(tmp_path):
    torch.save({"written_by": "NetClassifier", "weights": Trap()}, tmp_path / "net.pt")
    with pytest.raises(ValueError, match="cannot be read as a file of weights") as info:
        NetClassifier().load_params(tmp_path / "net.pt")
    assert isinstance(info.value.__cause__, pickle.UnpicklingError)


def test_weights_that_do_not_fit_leave_a_fitted_net_as_it_was(iris, tmp_path):
    X, y = iris
    net = NetClassifier(max_epochs=1, module__hidden=(8,), random_state=0).fit(X, y)
    net.save_params(tmp_path / "net.pt")
    other = clone(net).set_params(module__hidden=(4,)).fit(X[:, :2], y)
    proba = other.predict_proba(X[:, :2])
    with pytest.raises(ValueError, match="do not fit the module, MLP"):
        other.load_params(tmp_path / "net.pt")
    assert np.array_equal(other.predict_proba(X[:, :2]), proba)


def test_set_output_names_the_columns_of_the_embedding(iris):
    pytest.importorskip("pandas")
    net = NetClassifier(max_epochs=1, module__hidden=(2,)).fit(*iris)
    frame = net.set_output(transform="pandas").transform(iris[0])
    assert list(frame.columns) == ["netclassifier0", "netclassifier1"]


@pytest.mark.parametrize(
    "shape, settings, size",
    [
        ((4,), {}, 512),
        ((64,), {}, 256),
        ((3, 32, 32), {}, 64),
        ((4,), {"batch_size": 1000}, 1000),
        ((4,), {"iterator_valid__batch_size": 3}, 3),
    ],
)
def test_small_samples_are_predicted_many_at_once(shape, settings, size):
    seen = []

    class Spy(torch.nn.Module):
        def __init__(self, n_features):
            super().__init__()
            self.head = torch.nn.Linear(n_features, 2)

        def forward(self, X):
            seen.append(len(X))
            return self.head(X.flatten(1))

    X = np.zeros((2, *shape), np.float32)
    net = NetClassifier(Spy, max_epochs=1, **settings).fit(X, [0, 1])
    seen.clear()
    net.predict(X)
    assert seen == [size]


def test_rows_in_reverse_order_are_taken(iris):
    X, y = iris
    net = NetClassifier(max_epochs=2, random_state=0).fit(X[::-1], y[::-1])
    ahead = net.predict_proba(X)
    np.testing.assert_array_equal(net.predict_proba(X[::-1]), ahead[::-1])
    images = np.arange(2 * 64, dtype=np.uint8).reshape(2, 1, 8, 8)
    net = NetClassifier(module=ResNet, max_epochs=1, random_state=0).fit(images, [0, 1])
    flipped = net.predict_proba(images[..., ::-1])
    np.testing.assert_array_equal(
        flipped, net.predict_proba(np.ascontiguousarray(images[..., ::-1]))
    )


def test_a_warm_start_that_fails_keeps_the_net(iris):
    X, y = iris
    net = NetClassifier(max_epochs=2, warm_start=True, random_state=0).fit(X, y)
    before = net.predict_proba(X)
    with pytest.raises(FloatingPointError):
        net.set_params(lr=1e30).fit(X, y)
    np.testing.assert_array_equal(net.predict_proba(X), before)
    assert np.isfinite(net.set_params(lr=0.003).fit(X, y).predict_proba(X)).all()


def test_a_file_that_torch_cannot_read_is_refused(tmp_path):
    (tmp_path / "net.pt").write_bytes(b"hello")
    with pytest.raises(ValueError, match="cannot be read as a file of weights"):
        NetClassifier().load_params(tmp_path / "net.pt")
    with pytest.raises(FileNotFoundError):
        NetClassifier().load_params(tmp_path / "nothing.pt")
