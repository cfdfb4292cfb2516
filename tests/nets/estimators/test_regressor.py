"""NetRegressor: a torch module with the manners of a scikit-learn regressor."""

import pickle
from copy import deepcopy
from unittest import SkipTest

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone, is_regressor
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks
from skorch.callbacks import EpochScoring
from torch import nn
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from skactive.nets import NetClassifier, NetRegressor
from skactive.nets.estimators._regressor import NOT_OF_NUMBERS, check_numbers
from skactive.nets.modules import MLP

pytestmark = pytest.mark.deep

rng = np.random.RandomState(0)
X = rng.normal(size=(120, 3)).astype(np.float32)
Y = (X[:, 0] + X[:, 1] ** 2).astype(np.float64)
TWO = np.c_[Y, 1000 * X[:, 2] - 5]
PIXELS = rng.randint(256, size=(24, 1, 8, 8)).astype(np.uint8)
BRIGHT = PIXELS.mean(axis=(1, 2, 3))


def quick(**settings):
    return NetRegressor(**{"max_epochs": 3, "random_state": 0, **settings})


def able(**settings):
    """Return a net that learns these numbers in little time."""
    return quick(max_epochs=15, lr=0.02, **settings)


@parametrize_with_checks([NetRegressor(lr=0.02, max_epochs=10)])
def test_scikit_learn(estimator, check):
    try:
        check(estimator)
    except SkipTest:
        assert getattr(check, "func", check).__name__ == "check_array_api_input"
        raise


# ------------------------------------------------------------------------- training


def bare_training(module, y, n_epochs, lr):
    """Train a module by the plain loop, all samples in one batch."""
    optimizer = torch.optim.Adam(module.parameters(), lr=lr)
    samples, y = torch.from_numpy(X), torch.from_numpy(y.astype(np.float32))
    for _ in range(n_epochs):
        optimizer.zero_grad()
        F.mse_loss(module(samples), y).backward()
        optimizer.step()
    with torch.no_grad():
        return module(samples).numpy()


@pytest.mark.parametrize("normalize_y", [True, False])
def test_training_is_what_a_plain_loop_does(normalize_y):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        module = MLP(3, 2, hidden=(8,))
    mean, scale = (TWO.mean(0), TWO.std(0)) if normalize_y else (0, 1)
    net = NetRegressor(module, batch_size=120, max_epochs=5, normalize_y=normalize_y)
    said = net.fit(X, TWO).predict(X)
    expected = bare_training(deepcopy(module), (TWO - mean) / scale, 5, 0.003)
    assert_allclose(said, expected * scale + mean, atol=1e-3)
    start = module(torch.from_numpy(X)).detach().numpy() * scale + mean
    assert abs(said - start).max() > 0.01  # five steps are not nothing


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e5, 1e200], ids=str)
@pytest.mark.parametrize("offset", [0.0, 1e7], ids=str)
def test_the_unit_of_y_changes_nothing_but_the_unit(unit, offset):
    plain, other = quick().fit(X, Y), quick().fit(X, (Y + offset) * unit)
    expected = (plain.predict(X) + offset) * unit
    assert_allclose(other.predict(X), expected, rtol=1e-4, atol=1e-4 * unit)
    assert_allclose(other.y_mean_, (Y.mean() + offset) * unit)


def test_large_targets_are_not_reached_without_a_unit():
    given = {"optimizer": torch.optim.SGD, "lr": 0.1, "max_epochs": 20}
    assert quick(**given).fit(X, 1e5 * Y).score(X, 1e5 * Y) > 0.5
    with pytest.raises(FloatingPointError, match="loss became"):
        quick(normalize_y=False, **given).fit(X, 1e8 * Y)


def test_a_module_that_knows_the_range_keeps_it():
    module = nn.Sequential(nn.Linear(3, 1), nn.Softplus())
    net = quick(module=module, normalize_y=False, max_epochs=30)
    assert net.fit(X, np.exp(X[:, 0])).predict(X).min() > 0
    assert (net.y_mean_, net.y_scale_) == (0, 1)


@pytest.mark.parametrize("y", [Y, Y[:, None], TWO], ids=["(n,)", "(n, 1)", "(n, 2)"])
def test_predictions_have_the_shape_of_y(y):
    net = able().fit(X, y)
    assert net.predict(X).shape == y.shape and net.predict(X).dtype == np.float64
    assert net.score(X, y) > 0.7
    assert np.shape(net.y_mean_) == np.shape(net.y_scale_) == y.shape[1:]
    assert net.transform(X).shape == (120, 64)
    assert net.transform(X).dtype == np.float32


def test_one_column_is_what_no_column_is():
    wide = quick().fit(X, Y[:, None])
    assert_array_equal(wide.predict(X)[:, 0], quick().fit(X, Y).predict(X))


def test_each_column_has_a_unit_of_its_own():
    net = able().fit(X, TWO)
    residuals = (net.predict(X) - TWO).std(axis=0) / TWO.std(axis=0)
    assert residuals.max() < 0.5  # of the small one too, beside one of thousands


@pytest.mark.parametrize("value", [0.0, 0.1, -3e9, 1e-320], ids=str)
def test_a_constant_y_is_learned(value):
    net = able().fit(X, np.full(120, value))
    assert (net.y_mean_, net.y_scale_) == (value, 1)
    assert_allclose(net.predict(X), value, atol=0.1)
    both = able().fit(X, np.c_[np.full(120, value), Y])
    assert both.y_scale_[0] == 1 and both.y_scale_[1] == pytest.approx(Y.std())


def test_a_module_may_return_no_column_for_one_number():
    class Flat(nn.Module):
        def __init__(self, n_features):
            super().__init__()
            self.layer = nn.Linear(n_features, 1)

        def forward(self, samples):
            return self.layer(samples)[:, 0]

    wide = MLP(3, 1, hidden=())
    flat = Flat(3)
    flat.layer.load_state_dict(wide.head.state_dict())
    nets = [quick(module=module).fit(X, Y) for module in (flat, wide)]
    assert_array_equal(*(net.predict(X) for net in nets))


def test_a_module_is_told_how_many_numbers_there_are():
    class Heads(MLP):
        def __init__(self, n_features, n_outputs):
            super().__init__(n_features, n_outputs, hidden=(4,))

    assert quick(module=Heads).fit(X, TWO).predict(X).shape == (120, 2)
    with pytest.raises(ValueError, match=r"shape \(60, 2\).*module__<name>=2"):
        quick(module=MLP(3, 3)).fit(X, TWO)


@pytest.mark.parametrize(
    "criterion",
    [nn.HuberLoss, nn.L1Loss(), F.mse_loss, lambda o, y: (o - y).abs().mean()],
    ids=["class", "instance", "function", "lambda"],
)
def test_other_losses_of_numbers(criterion):
    net = able(criterion=criterion).fit(X, 1e5 * Y)
    assert net.score(X, 1e5 * Y) > 0.7
    assert net.predict(X).shape == (120,)


def test_images_as_bytes_and_channels_last():
    net = quick(max_epochs=20, lr=0.01).fit(PIXELS, BRIGHT)
    assert net.net_.channels_last and net.score(PIXELS, BRIGHT) > 0.5
    floats = (PIXELS / np.float32(255)).astype(np.float32)
    same = clone(net).fit(floats, BRIGHT)
    assert_array_equal(same.predict(floats), net.predict(PIXELS))


def test_bf16_runs_the_module_in_half_the_bits():
    half = able(precision="bf16").fit(X, 1e5 * Y)
    full = able().fit(X, 1e5 * Y)
    assert half.score(X, 1e5 * Y) > 0.7
    assert not np.array_equal(half.predict(X), full.predict(X))


# ------------------------------------------------------------------- seeds and state


def test_a_seed_decides_and_the_generator_is_left_alone():
    before = torch.get_rng_state()
    nets = [quick(random_state=seed).fit(X, Y).predict(X) for seed in (0, 0, 1)]
    assert_array_equal(nets[0], nets[1])
    assert not np.array_equal(nets[0], nets[2])
    assert torch.equal(torch.get_rng_state(), before)


def test_a_prediction_does_not_depend_on_its_company():
    net = quick().fit(X, TWO)
    assert_array_equal(net.predict(X)[7:9], net.predict(X[7:9]))


def test_a_warm_start_goes_on_in_the_unit_of_the_last_fit():
    warm = quick(warm_start=True)
    loss = [warm.fit(X, 1e5 * Y).net_.history[0]["train_loss"] for _ in range(3)]
    assert loss[0] > loss[1] > loss[2]
    was = warm.predict(X)
    shifted = warm.set_params(lr=1e-9, max_epochs=1).fit(X[:50], 3e5 * Y[:50] + 7)
    # Nothing was learned: what is said is what was said, in the unit of then.
    assert_allclose(shifted.predict(X), was, rtol=1e-3, atol=10)
    for y in (TWO, Y[:, None]):
        with pytest.raises(ValueError, match=r"given y of shape \('n',\), and now"):
            warm.fit(X, y)
    assert_allclose(warm.predict(X), was, rtol=1e-3, atol=10)


@pytest.mark.parametrize("y", [1e5 * Y, TWO], ids=["(n,)", "(n, 2)"])
def test_copies_and_files_say_the_same(y, tmp_path):
    net = quick().fit(pd.DataFrame(X, columns=list("abc")), y)
    net.save_params(tmp_path / "net.pt")
    samples = pd.DataFrame(X, columns=list("abc"))
    read = clone(net).load_params(tmp_path / "net.pt")
    for twin in (deepcopy(net), pickle.loads(pickle.dumps(net)), read):
        assert_array_equal(twin.predict(samples), net.predict(samples))
        assert type(twin.y_mean_) is type(net.y_mean_)
        assert twin.feature_names_in_.tolist() == list("abc")
    classes = NetClassifier(max_epochs=1).fit(X, Y > 0)
    classes.save_params(tmp_path / "classes.pt")
    with pytest.raises(ValueError, match="written by save_params of NetClassifier"):
        clone(net).load_params(tmp_path / "classes.pt")


def test_a_pickle_carries_neither_samples_nor_numbers():
    many = np.random.RandomState(0).normal(size=(20_000, 4)).astype(np.float32)
    net = quick(max_epochs=1, batch_size=2000).fit(many, many[:, 0])
    assert len(pickle.dumps(net)) < 50_000 < many.nbytes


def test_a_fit_that_is_refused_leaves_the_net():
    net = quick().fit(X, Y)
    was = net.predict(X)
    with pytest.raises(ValueError, match="NaN"):
        net.fit(X, np.full(120, np.nan).reshape(-1, 1))
    with pytest.raises(FloatingPointError):
        net.set_params(lr=1e30).fit(X, TWO)
    assert_array_equal(net.predict(X), was)


def test_the_manners_of_a_regressor():
    net = quick()
    tags = get_tags(net)
    assert is_regressor(net) and tags.target_tags.multi_output
    assert tags.target_tags.required and "classes" not in net.get_params()
    assert not hasattr(net, "predict_proba") and not hasattr(net, "decision_function")
    assert cross_val_score(able(), X, Y, cv=2).min() > 0.5
    search = GridSearchCV(quick(), {"module__hidden": [(), (8,)]}, cv=2).fit(X, Y)
    assert search.best_estimator_.predict(X).shape == (120,)
    logs = TransformedTargetRegressor(net, func=np.log, inverse_func=np.exp)
    assert logs.fit(X, np.exp(Y)).predict(X).min() > 0
    with pytest.raises(TypeError, match="no parameter 'classes'"):
        NetRegressor(classes=[0]).fit(X, Y)


def test_callbacks_score_numbers_as_numbers():
    scores = [
        EpochScoring("r2", on_train=True, lower_is_better=False, name="r2"),
        EpochScoring("neg_mean_absolute_error", on_train=True, name="mae"),
    ]
    for y in (1e5 * Y, TWO):
        net = able(callbacks=scores).fit(X, y)
        assert net.net_.history[-1]["r2"] > 0.7
        assert net.net_.history[-1]["mae"] > -1  # in the unit that is trained on


# ------------------------------------------------------------------------ containers


@pytest.mark.parametrize(
    "contain",
    [
        list,
        pd.Series,
        torch.from_numpy,
        lambda y: y.astype(object),
        lambda y: np.asarray(y, np.float32),
        lambda y: pd.array(y, dtype="Float64"),
    ],
    ids=["list", "series", "tensor", "objects", "float32", "nullable"],
)
def test_numbers_in_any_container(contain):
    y = np.round(Y * 8)  # exact in float32
    assert_array_equal(
        quick().fit(X, contain(y)).predict(X), quick().fit(X, y).predict(X)
    )


def test_columns_in_any_container():
    whole = np.round(TWO)
    expected = quick().fit(X, whole).predict(X)
    for y in (
        pd.DataFrame(whole),
        whole.tolist(),
        torch.from_numpy(whole),
        whole.astype(int),
    ):
        assert_array_equal(quick().fit(X, y).predict(X), expected)


def test_samples_in_a_data_set_of_torch():
    data = TensorDataset(torch.from_numpy(PIXELS))
    images = [image for (image,) in data]
    expected = quick().fit(PIXELS, BRIGHT).predict(PIXELS)
    for samples in (images, torch.from_numpy(PIXELS), data):
        said = quick().fit(samples, BRIGHT).predict(samples)
        assert_allclose(said, expected, rtol=1e-6)


@pytest.mark.parametrize(
    "y, words",
    [
        (np.where(np.arange(120) < 3, np.nan, Y), "3 missing numbers"),
        ([None, *Y[1:]], "1 missing numbers"),
        (np.where(TWO > 5, np.inf, TWO), "infinity"),
        (np.full(120, "1.5"), "must hold numbers; it holds '1.5'"),
        (np.full(120, "1.5", dtype=object), "must hold numbers; it holds '1.5'"),
        (np.zeros((120, 4, 4)), "masks or boxes"),
        (np.full(120, {"boxes": [], "labels": []}), "masks or boxes"),
        (Y[:-1], "inconsistent numbers of samples"),
        (None, "requires y to be passed"),
        (np.zeros((120, 0)), "0 feature"),
        (np.full(120, 1j), "[Cc]omplex"),
        (np.full(120, np.datetime64("2020-01-01")), "must hold numbers"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_number_is_refused(y, words):
    with pytest.raises(ValueError, match=words):
        quick().fit(X, y)


def test_check_numbers_copies_no_class_names():
    assert check_numbers(quick(), [True, False]).tolist() == [1.0, 0.0]
    assert check_numbers(quick(), range(3)).dtype == np.float64


@pytest.mark.parametrize("criterion", NOT_OF_NUMBERS, ids=lambda loss: loss.__name__)
def test_losses_of_classes_are_refused(criterion):
    for given in (criterion, criterion()):
        with pytest.raises(
            ValueError, match=f"criterion={criterion.__name__}.*MSELoss"
        ):
            quick(criterion=given).fit(X, Y)


def test_a_loss_of_ones_own_that_is_built_on_one_is_taken():
    class Mine(nn.NLLLoss):
        def forward(self, output, y):
            return (output - y).square().mean()

    assert quick(criterion=Mine).fit(X, Y).predict(X).shape == (120,)


def test_one_loss_per_sample_is_refused():
    with pytest.raises(ValueError, match="criterion__reduction='mean'"):
        quick(criterion__reduction="none").fit(X, Y)
