"""Data sets of torch as samples of nets, strategies and learners."""

from functools import partial

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from skorch.helper import SliceDataset
from torch import nn
from torch.utils.data import (
    ConcatDataset,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
)
from torchvision.datasets import FakeData
from torchvision.transforms import ToTensor

from skactive import ActiveLearner
from skactive.deep import DFAL, LL4AL, REVIVAL, SRAAL, VAAL, MoBYv2AL, TaskAwareViT
from skactive.diversity import BADGE, CoreSet
from skactive.nets import (
    DropoutCommittee,
    ModuleEmbedding,
    NetClassifier,
    NetDetector,
    NetSegmenter,
    VAEEmbedding,
)
from skactive.nets._items import ItemRows, read_lazily
from skactive.uncertainty import MarginSampling
from skactive.utils._pool import Pool

pytestmark = pytest.mark.deep

N = 24
rng = np.random.RandomState(0)
PIXELS = rng.randint(256, size=(N, 1, 8, 8)).astype(np.uint8)
FLOATS = (PIXELS / 255).astype(np.float32)
y = np.arange(N) % 2
MASKS = (PIXELS[:, 0] > 128).astype(int)
BOXES = [{"boxes": [[1, 1, 5, 5]], "labels": [k % 2]} for k in range(N)]


class Items(Dataset):
    """Images, maybe with labels; counts how often each is read."""

    def __init__(self, X, y=None):
        self.X, self.y = X, y
        self.reads = np.zeros(len(X), int)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        self.reads[i] += 1
        image = torch.from_numpy(self.X[i])
        return image if self.y is None else (image, int(self.y[i]))


class Many(Items):
    """Reads many at once, and remembers how many at most."""

    most = 0

    def __getitems__(self, rows):
        self.most = max(self.most, len(rows))
        return [self[i] for i in rows]


def halves(X):
    half = len(X) // 2
    return ConcatDataset([Items(X[:half], y[:half]), Items(X[half:], y[half:])])


DATA_SETS = {
    "tensors": lambda X: TensorDataset(torch.from_numpy(X)),
    "tensors and labels": lambda X: TensorDataset(torch.from_numpy(X), torch.tensor(y)),
    "images": Items,
    "pairs": lambda X: Items(X, y[: len(X)]),
    "many": Many,
    "slice": lambda X: SliceDataset(Items(X, y[: len(X)]), 0),
    "subset": lambda X: Subset(Items(X[::-1].copy(), y), range(len(X))[::-1]),
    "two": halves,
}
every_kind = pytest.mark.parametrize("kind", DATA_SETS)


def net(cls=NetClassifier, **settings):
    settings = {"module__width": 2, "max_epochs": 2, "batch_size": 8, **settings}
    return cls(random_state=0, **settings)


def coder():
    return VAEEmbedding(width=2, latent_dim=2, n_iterations=1, random_state=0)


DROPS = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(64, 2))
dropping = NetClassifier(DROPS, max_epochs=1, random_state=0)
NETS = {
    "NetClassifier": (net(), y),
    "NetSegmenter": (net(NetSegmenter), MASKS),
    "NetDetector": (net(NetDetector), BOXES),
    "DropoutCommittee": (DropoutCommittee(dropping, n_members=2, random_state=0), y),
    "ModuleEmbedding": (ModuleEmbedding(nn.Conv2d(1, 2, 3)), None),
    "VAEEmbedding": (coder(), None),
}


def answers(fitted, X):
    names = ("predict_proba", "predict", "transform")
    found = [getattr(fitted, name)(X) for name in names if hasattr(fitted, name)]
    flat = []
    for answer in found:
        flat += list(answer) if answer.dtype == object else [answer]
    return [part for a in flat for part in (a.values() if isinstance(a, dict) else [a])]


@every_kind
@pytest.mark.parametrize("name", NETS)
def test_nets_take_data_sets(name, kind):
    model, target = NETS[name]
    X = FLOATS if kind in ("many", "two", "tensors") else PIXELS
    given = DATA_SETS[kind](X)
    expected = clone(model).fit(X, target)
    fitted = clone(model).fit(given, target)
    assert fitted.n_features_in_ == expected.n_features_in_ == 1
    for got, wanted in zip(answers(fitted, given), answers(expected, X), strict=True):
        assert_array_equal(got, wanted)


STRATEGIES = {
    "LL4AL": partial(LL4AL, net(), subset=10),
    "TaskAwareViT": partial(TaskAwareViT, net()),
    "MoBYv2AL": partial(MoBYv2AL, net(), subset=10),
    "DFAL": partial(DFAL, net(), subset=10),
    "REVIVAL": partial(REVIVAL, net()),
    "VAAL": partial(VAAL, autoencoder=coder()),
    "SRAAL": partial(SRAAL, net(), autoencoder=coder()),
    "margin": partial(MarginSampling, net()),
    "BADGE": partial(BADGE, net()),
    "CoreSet": CoreSet,
    "CoreSet of a net": partial(CoreSet, net()),
}


@pytest.mark.parametrize("name", STRATEGIES)
def test_strategies_take_data_sets(name):
    strategy, make = STRATEGIES[name](random_state=0), DATA_SETS["pairs"]
    expected = clone(strategy).fit(FLOATS[:10], y[:10], FLOATS[10:])
    fitted = clone(strategy).fit(make(FLOATS[:10]), y[:10], make(FLOATS[10:]))
    assert_array_equal(fitted.query(4), expected.query(4))
    for ask in ("score_samples", "predict_proba", "transform"):
        if hasattr(fitted, ask):
            got, wanted = (getattr(fitted, ask)(X) for X in (make(FLOATS), FLOATS))
            assert_array_equal(got, wanted)


@pytest.mark.parametrize("name", STRATEGIES)
def test_learners_take_data_sets(name):
    strategy, given = STRATEGIES[name](), DATA_SETS["tensors and labels"](PIXELS)
    settings = {"n_initial": 8, "batch_size": 3, "budget": 6, "random_state": 0}
    learner = ActiveLearner(net(max_epochs=1), strategy, **settings)
    expected = clone(learner).fit(PIXELS, y)
    got = clone(learner).fit(given, y)
    assert_array_equal(got.queried_indices_, expected.queried_indices_)
    assert_array_equal(got.predict(given), expected.predict(PIXELS))


@pytest.mark.parametrize("kind", ["tensors and labels", "pairs", "slice"])
def test_by_hand_and_across_folds(kind):
    given = DATA_SETS[kind](PIXELS)
    known = np.where(np.arange(N) < 8, y, np.nan)
    learner = ActiveLearner(net(), LL4AL(), random_state=0)
    learner, expected = clone(learner).fit(given, known), learner.fit(PIXELS, known)
    rows = learner.query(3)
    assert_array_equal(rows, expected.query(3))
    learner.teach(rows, y[rows])
    assert learner.score(given, y) == expected.teach(rows, y[rows]).score(PIXELS, y)
    for model in (
        net(),
        ActiveLearner(net(), MarginSampling(), n_initial=6, budget=4, random_state=0),
    ):
        scores = cross_validate(model, given, y, cv=3, error_score="raise")
        wanted = cross_validate(model, PIXELS, y, cv=3)
        assert_array_equal(scores["test_score"], wanted["test_score"])


def test_images_are_read_once_an_epoch_and_once_a_prediction():
    data = Many(PIXELS, y)
    model = net(max_epochs=5).fit(data, y)
    assert set(data.reads[1:]) == {5} and data.reads[0] <= 5 + 2
    assert data.most == 8  # a batch
    for ask in ("predict", "predict_proba", "transform"):
        data.reads[:] = 0
        getattr(model, ask)(data)
        assert set(data.reads[1:]) == {1} and data.reads[0] <= 1 + 2
    model.set_params(iterator_valid__batch_size=4).fit(data, y)
    data.most = 0
    model.predict(data)
    assert data.most == 4


@pytest.mark.parametrize("name, most", [("LL4AL", 1), ("DFAL", 1), ("VAAL", 1)])
def test_a_pool_is_read_once_and_no_more_than_is_considered(name, most):
    data = Items(FLOATS, y)
    strategy = STRATEGIES[name](random_state=0).fit(FLOATS[:6], y[:6], data)
    strategy.query(3)
    assert (data.reads[1:] > most).sum() <= 1  # the first that is looked at
    if name != "VAAL":  # which trains on all of the pool
        assert (data.reads[1:] > 0).sum() <= 10


def test_workers_read_the_same():
    data = Items(FLOATS, y)
    alone = net().fit(data, y).predict_proba(FLOATS)
    beside = net(iterator_train__num_workers=1).fit(data, y)
    assert_array_equal(beside.predict_proba(data), alone)


def test_rows_of_a_data_set_or_of_a_pool_in_it():
    data = Items(FLOATS, y)
    rows = read_lazily(Pool(data, np.array([3, 5, 7])))
    assert isinstance(rows, ItemRows) and rows.shape == (3, 1, 8, 8)
    assert_array_equal(rows[1:], FLOATS[[5, 7]])
    assert_array_equal(np.asarray(rows), FLOATS[[3, 5, 7]])
    rows.then(lambda batch, at: batch + at[:, None, None, None])
    assert_array_equal(
        rows[[2, 0]], FLOATS[[7, 3]] + np.array([2, 0]).reshape(2, 1, 1, 1)
    )
    table = TensorDataset(torch.arange(6.0).reshape(3, 2))
    assert_array_equal(read_lazily(table), np.arange(6.0).reshape(3, 2))
    assert read_lazily(FLOATS) is FLOATS


# -------------------------------------------------------------------- what is refused


class Odd(Items):
    """One item is other than the rest."""

    def __init__(self, item, at=17):
        super().__init__(FLOATS, y)
        self.item, self.at = item, at

    def __getitem__(self, i):
        if i != self.at:
            return super().__getitem__(i)
        return self.item() if callable(self.item) else (self.item, 0)


def vanished():
    raise FileNotFoundError("a.png")


def broken():
    raise RuntimeError("no picture")


def short():
    raise IndexError


NOT_FINITE = torch.full((1, 8, 8), torch.nan)
FAULTS = {
    "shape": (torch.zeros(1, 8, 7), ValueError, "position 17.*shape.*8, 7"),
    "bytes": (torch.zeros(1, 8, 8).byte(), ValueError, "one transform for all|mix"),
    "NaN": (NOT_FINITE, ValueError, "position 17|row 17 of X"),
    "vanished": (vanished, FileNotFoundError, "position 17 of a Odd.*a.png"),
    "broken": (broken, ValueError, "position 17 of a Odd.*RuntimeError: no picture"),
    "length": (short, ValueError, "says that it has 24 items.*none at position 17"),
}


@pytest.mark.parametrize("fault", ["shape", "NaN", "vanished", "broken", "length"])
@pytest.mark.parametrize("many", [False, True], ids=["one by one", "many"])
def test_an_item_that_cannot_be_used_is_named(fault, many):
    item, kind, words = FAULTS[fault]
    data = Odd(item)
    if many:
        data.__class__ = type("Odd", (Odd, Many), {})
    model = net().fit(FLOATS, y)
    before = model.predict_proba(FLOATS)
    with pytest.raises(kind, match=f"(?s){words}"):
        model.predict(data)
    with pytest.raises(kind, match=f"(?s){words}"):
        model.fit(data, y)
    assert_array_equal(model.predict_proba(FLOATS), before)
    learner = ActiveLearner(net(), random_state=0)
    learner.fit(data, np.where(np.arange(N) < 8, y, np.nan))
    with pytest.raises(kind, match="position 17|row 17|different sizes"):
        learner.query(3)
    assert learner.labeled_mask_.sum() == 8


def test_an_item_of_another_kind_is_named():
    data = Odd(torch.zeros(1, 8, 8).byte(), at=0)
    with pytest.raises(ValueError, match=r"from position \d+ on are of float32"):
        net().fit(data, y)
    with pytest.raises(ValueError, match="images as uint8 and now"):
        net().fit(PIXELS, y).predict(Items(FLOATS * 300))


PICTURES = FakeData(N, (1, 8, 8), 2)


@pytest.mark.parametrize(
    "refused",
    [
        lambda X: net().fit(X, y),
        lambda X: net().fit(FLOATS, y).predict(X),
        lambda X: ModuleEmbedding(nn.Conv2d(1, 2, 3)).fit(X),
        lambda X: coder().fit(X),
        lambda X: net(NetDetector).fit(X, BOXES),
        lambda X: LL4AL(net()).fit(FLOATS, y, X).query(),
        lambda X: MarginSampling(net()).fit(X, y, X),
        lambda X: ActiveLearner(net(), n_initial=4).fit(X, y),
    ],
    ids=["net", "predict", "module", "coder", "boxes", "pool", "margin", "learner"],
)
def test_pictures_of_pil_are_refused_with_a_way_out(refused):
    with pytest.raises(TypeError, match="PIL.*ToTensor.*ImageReader"):
        refused(PICTURES)


def test_the_way_out_works():
    data = FakeData(N, (1, 8, 8), 2, transform=ToTensor())
    labels = [label for _, label in data]
    images = np.stack([image.numpy() for image, _ in data])
    given = net().fit(data, labels).predict_proba(data)
    assert_array_equal(given, net().fit(images, labels).predict_proba(images))


def test_dicts_streams_and_labels_within_are_refused():
    data = Items(FLOATS, y)
    for owner in (
        lambda: net().fit(data, None),
        lambda: make_pipeline(net()).fit(data),
        lambda: ActiveLearner(net()).fit(data),
        lambda: VAAL(autoencoder=coder()).fit(data),
        lambda: LL4AL(net()).fit(data),
    ):
        with pytest.raises((ValueError, TypeError), match="y=X.targets"):
            owner()

    class Dicts(Items):
        def __getitem__(self, i):
            return {"image": self.X[i]}

    with pytest.raises(TypeError, match="dicts with 'image'"):
        net().fit(Dicts(FLOATS), y)

    class Stream(IterableDataset):
        def __iter__(self):
            return iter(FLOATS)

    for refused in (net().fit, ModuleEmbedding(nn.Flatten()).fit, coder().fit):
        with pytest.raises(TypeError, match="positions must mean something"):
            refused(Stream(), y)
