"""Samples in any container, and integers as a module takes them."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from skorch.helper import SliceDataset
from torch import nn
from torch.utils.data import TensorDataset

from skactive.deep import (
    DFAL,
    LL4AL,
    REVIVAL,
    SRAAL,
    VAAL,
    CoreGCN,
    MoBYv2AL,
    TaskAwareViT,
)
from skactive.disagreement import BALD, QueryByCommittee
from skactive.diversity import BADGE, CoreSet
from skactive.nets import DropoutCommittee, NetClassifier, VAEEmbedding
from skactive.nets._arrays import takes_integers
from skactive.uncertainty import MarginSampling

pytestmark = pytest.mark.deep

rng = np.random.RandomState(0)
IMAGES = rng.randint(256, size=(12, 1, 6, 6)).astype(np.uint8)
y = np.arange(12) % 2


class LikePIL:
    """An image that numpy can read, and nothing else."""

    def __init__(self, array):
        self.__array_interface__ = array.__array_interface__
        self.array = array


def objects(images):
    array = np.empty(len(images), dtype=object)
    array[:] = list(images)
    return array


CONTAINERS = {
    "list": list,
    "tuple": tuple,
    "nested": lambda images: [list(image) for image in images],
    "objects": objects,
    "array": np.asarray,
    "tensors in objects": lambda images: objects(list(torch.from_numpy(images))),
    "object dtype": lambda images: objects([image.tolist() for image in images]),
    "tensor": torch.from_numpy,
    "tensors": lambda images: [torch.from_numpy(image) for image in images],
    "like PIL": lambda images: [LikePIL(image) for image in images],
    "slices": lambda images: SliceDataset(TensorDataset(torch.from_numpy(images)), 0),
}
#: Samples in one container and the pool in another.
BESIDE = [("array", "objects"), ("objects", "tensor"), ("objects", "objects")]
BESIDE += [("tensors in objects", "array"), ("list", "array")]
PIXELS = [kind for kind in CONTAINERS if kind != "object dtype"]


def net():
    return NetClassifier(module__width=2, max_epochs=1, random_state=0)


@pytest.mark.parametrize("kind", PIXELS)
def test_images_are_pixels_in_every_container(kind):
    expected = net().fit(IMAGES, y).predict_proba(IMAGES)
    given = CONTAINERS[kind](IMAGES)
    fitted = net().fit(given, y)
    np.testing.assert_array_equal(fitted.predict_proba(given), expected)
    coder = {"width": 2, "latent_dim": 2, "n_iterations": 1, "random_state": 0}
    Z = VAEEmbedding(**coder).fit(IMAGES).transform(IMAGES)
    if kind != "slices":
        embedding = VAEEmbedding(**coder).fit(given)
        np.testing.assert_array_equal(embedding.transform(given), Z)


def test_images_in_a_file_are_pixels(tmp_path):
    np.save(tmp_path / "images.npy", IMAGES)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    expected = net().fit(IMAGES, y).predict_proba(IMAGES)
    fitted = net().fit(mapped, y)
    np.testing.assert_array_equal(fitted.predict_proba(mapped), expected)


def coder():
    return VAEEmbedding(width=2, latent_dim=2, n_iterations=1)


MODULE = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(36, 2))


def committee(**settings):
    members = DropoutCommittee(NetClassifier(MODULE, max_epochs=1), n_members=2)
    return BALD(members, **settings)


STRATEGIES = {
    "LL4AL": partial(LL4AL, net()),
    "TaskAwareViT": partial(TaskAwareViT, net()),
    "MoBYv2AL": partial(MoBYv2AL, net()),
    "DFAL": partial(DFAL, net()),
    "REVIVAL": partial(REVIVAL, net()),
    "VAAL": partial(VAAL, autoencoder=coder()),
    "SRAAL": partial(SRAAL, net(), autoencoder=coder()),
    "CoreGCN": partial(CoreGCN, net()),
    "MarginSampling": partial(MarginSampling, net()),
    "BADGE": partial(BADGE, net()),
    "BALD": committee,
    "QueryByCommittee": partial(QueryByCommittee, net(), n_members=2),
    "CoreSet": CoreSet,
    "CoreSet of a net": partial(CoreSet, net()),
    "CoreSet of a coder": partial(CoreSet, coder()),
}


@pytest.mark.parametrize("labeled, pool", BESIDE)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_samples_and_pool_may_come_in_any_containers(strategy, labeled, pool):
    def answer(X, X_pool):
        return STRATEGIES[strategy](random_state=0).fit(X, y, X_pool).query(4)

    given = answer(CONTAINERS[labeled](IMAGES), CONTAINERS[pool](IMAGES))
    np.testing.assert_array_equal(given, answer(IMAGES, IMAGES))


@pytest.mark.parametrize("kind", ["list", "objects", "tensor", "tensors in objects"])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_samples_may_be_scored_in_any_container(strategy, kind):
    fitted = STRATEGIES[strategy](random_state=0).fit(IMAGES, y, IMAGES)
    for name in ("score_samples", "predict", "transform"):
        if hasattr(fitted, name):
            ask = getattr(fitted, name)
            given = ask(CONTAINERS[kind](IMAGES))
            np.testing.assert_array_equal(given, ask(IMAGES))


@pytest.mark.parametrize("labeled, pool", BESIDE)
def test_images_of_two_sizes_are_refused_in_every_container(labeled, pool):
    strategy = MarginSampling(net())
    X, X_pool = CONTAINERS[labeled](IMAGES), CONTAINERS[pool](IMAGES[:, :, 1:])
    with pytest.raises(ValueError, match=r"shape \(1, 5, 6\), but X has .*\(1, 6, 6\)"):
        strategy.fit(X, y, X_pool)


LABELS = {
    "tensor": torch.from_numpy,
    "tensor of int32": lambda y: torch.from_numpy(y).int(),
    "tensor of bytes": lambda y: torch.from_numpy(y).byte(),
    "tensor of booleans": lambda y: torch.from_numpy(y).bool(),
    "tensor of bfloat16": lambda y: torch.from_numpy(y).bfloat16(),
    "tensor with gradient": lambda y: torch.from_numpy(y).float().requires_grad_(),
    "list of tensors": lambda y: list(torch.from_numpy(y)),
    "booleans": lambda y: y.astype(bool),
    "column": lambda y: y[:, None],
    "column in a tensor": lambda y: torch.from_numpy(y)[:, None],
    "column of objects": lambda y: y.astype(object)[:, None],
    "objects": lambda y: y.astype(object),
    "strings": lambda y: np.array(["a", "b"])[y].astype(np.dtypes.StringDType()),
    "strings with gaps": lambda y: np.array(["a", "b"])[y].astype(
        np.dtypes.StringDType(na_object=None)
    ),
}


#: One of each way in which labels are read.
READS_LABELS = ["LL4AL", "MoBYv2AL", "REVIVAL", "VAAL", "SRAAL", "MarginSampling"]


# One kind of labels is a column, of which scikit-learn warns.
@pytest.mark.filterwarnings("ignore:A column-vector y")
@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("strategy", ["NetClassifier", *READS_LABELS])
def test_labels_may_come_in_any_container(strategy, kind):
    given = LABELS[kind](y)
    if strategy == "NetClassifier":
        fitted = net().fit(IMAGES, given)
        expected = net().fit(IMAGES, y)
        winners = fitted.predict_proba(IMAGES)
        np.testing.assert_array_equal(winners, expected.predict_proba(IMAGES))
        assert len(fitted.classes_) == 2 and fitted.classes_.dtype.kind in "biufU"
        return
    make = STRATEGIES[strategy]
    answer = make(random_state=0).fit(IMAGES, given, IMAGES).query(4)
    expected = make(random_state=0).fit(IMAGES, y, IMAGES).query(4)
    np.testing.assert_array_equal(answer, expected)


def test_a_loss_of_numbers_refuses_strings():
    def square(output, y):
        return (output[:, 0] - y) ** 2

    with pytest.raises(ValueError, match="loss= is given numbers.*'a'.*leave out"):
        LL4AL(net(), loss=square).fit(IMAGES, ["a", "b"] * 6, IMAGES)


def test_labels_in_a_slice_of_a_dataset():
    dataset = TensorDataset(torch.from_numpy(IMAGES), torch.from_numpy(y))
    X, labels = SliceDataset(dataset, 0), SliceDataset(dataset, 1)
    assert net().fit(X, labels).score(IMAGES, y) >= 0
    assert net().fit(dataset, labels).score(dataset, y) >= 0
    with pytest.raises(TypeError, match="X is a dict with 'a'.*one array"):
        net().fit({"a": IMAGES}, y)


class Sees(nn.Module):
    """Remember what it was given."""

    def __init__(self, n_classes=2, integers=True):
        super().__init__()
        self.table = nn.Embedding(7, 3) if integers else nn.Linear(2, 3)
        self.head = nn.Linear(3, n_classes)
        self.integers, self.seen = integers, []

    def embed(self, X):
        self.seen.append(X.detach().clone())
        return self.table(X % 7).mean(dim=1) if self.integers else self.table(X)

    def forward(self, X):
        return self.head(self.embed(X))


LARGE = (2**24 + np.arange(24)).reshape(12, 2)


@pytest.mark.parametrize(
    "dtype", [np.int64, np.int32, np.uint32, np.uint64, object, list]
)
def test_an_embedding_is_given_integers_as_they_are(dtype):
    X = LARGE.tolist() if dtype is list else LARGE.astype(dtype)
    fitted = NetClassifier(Sees, max_epochs=1, batch_size=12).fit(X, y)
    fitted.predict(X)
    for seen in fitted.net_.module_.seen:
        assert seen.dtype == torch.int64
        assert set(seen.flatten().tolist()) == set(LARGE.ravel().tolist())
    assert fitted.get_feature_names_out().shape == (3,)


@pytest.mark.parametrize("strategy", [LL4AL, TaskAwareViT])
def test_a_pool_of_integers_comes_as_it_is(strategy):
    given = {"taps": ["table"]} if strategy is LL4AL else {}
    asked = strategy(NetClassifier(Sees, max_epochs=1), **given).fit(LARGE, y, LARGE)
    assert asked.query(2).shape == (2,)
    seen = asked.estimator_.net_.module_.seen
    assert all(each.dtype == torch.int64 for each in seen)


def test_integers_that_would_be_rounded_are_refused():
    linear = NetClassifier(Sees, module__integers=False, max_epochs=1)
    with pytest.raises(ValueError, match="16777217.*float32.*takes_integers"):
        linear.fit(LARGE, y)
    fitted = linear.fit(LARGE - 2**24, y)
    assert fitted.net_.module_.seen[0].dtype == torch.float32
    with pytest.raises(ValueError, match="16777217"):
        fitted.predict(LARGE)


class Mixed(nn.Module):
    """Convert a column of ids itself, and take the other as it is."""

    def __init__(self, n_classes=2):
        super().__init__()
        self.table = nn.Embedding(7, 3)
        self.head = nn.Linear(4, n_classes)
        self.seen = []

    def forward(self, X):
        self.seen.append(X.detach().clone())
        Z = self.table(X[:, 0].long() % 7)
        return self.head(torch.cat([Z, X[:, 1:]], dim=1))


def ids_of(fitted):
    seen = fitted.net_.module_.seen
    ids = {v for x in seen for v in x[:, 0].tolist()}
    return {x.dtype for x in seen}, ids - {0}  # shapes are found out by zeros


@pytest.mark.parametrize("first", [np.float64, np.int64])
@pytest.mark.parametrize("then", [np.float64, np.int64, np.float32])
def test_ids_in_floats_come_as_integers(first, then):
    fitted = NetClassifier(Sees, max_epochs=1, batch_size=12).fit(
        LARGE.astype(first), y
    )
    dtypes, ids = ids_of(fitted)
    assert dtypes == {torch.int64} and ids == set(LARGE[:, 0].tolist())
    # One row says nothing about the kind: fit has said it.
    assert fitted.predict_proba(np.array([[3, 4]], then)).shape == (1, 2)
    assert ids_of(fitted)[0] == {torch.int64}
    with pytest.raises(ValueError, match="X holds 16777216.5.*takes_integers=False"):
        fitted.predict(LARGE + 0.5 * np.eye(12, 2))


def test_a_gap_in_a_frame_does_not_round_ids(tmp_path):
    frame = pd.DataFrame({"a": LARGE[:, 0], "b": LARGE[:, 1]})
    frame.loc[12] = [2**25 + 1, np.nan]
    fitted = NetClassifier(Sees, max_epochs=1).fit(frame.dropna(), y)
    assert ids_of(fitted)[1] == set(LARGE[:, 0].tolist())
    fitted.save_params(tmp_path / "net.pt")
    again = NetClassifier(Sees).load_params(tmp_path / "net.pt")
    given = frame.dropna().astype(float)
    np.testing.assert_array_equal(
        again.predict_proba(given), fitted.predict_proba(given)
    )


@pytest.mark.parametrize("strategy", [LL4AL, TaskAwareViT, MoBYv2AL, MarginSampling])
def test_a_pool_of_ids_in_floats_is_read_as_the_labeled_are(strategy):
    given = {"taps": ["table"]} if strategy is LL4AL else {}
    if strategy is MoBYv2AL:
        given = {"weak": lambda X: X, "strong": lambda X: X.flip(1)}
    for labeled, pool in ((float, int), (int, float)):
        asked = strategy(NetClassifier(Sees, max_epochs=1), **given)
        asked.fit(LARGE.astype(labeled), y, LARGE.astype(pool))
        assert asked.query(2).shape == (2,)
        dtypes, ids = ids_of(asked.estimator_)
        assert dtypes == {torch.int64} and ids <= set(LARGE.ravel().tolist())


def test_a_module_that_converts_columns_itself_keeps_floats():
    X = np.column_stack([LARGE[:, 1], rng.normal(size=12)])
    small = X - [2**24, 0]
    fitted = NetClassifier(Mixed, max_epochs=1).fit(small, y)
    fitted.predict(np.array([[3.0, 1.0]]))  # whole, as a row may be
    fitted.predict(np.array([[3, 1]]))
    assert ids_of(fitted)[0] == {torch.float32}
    with pytest.warns(UserWarning, match="whole numbers such as 16777217.*double"):
        NetClassifier(Mixed, max_epochs=1).fit(X, y)
    double = NetClassifier(Mixed().double(), max_epochs=1).fit(X, y)
    assert ids_of(double) == ({torch.float64}, set(LARGE[:, 1].tolist()))


def test_ids_that_a_module_of_floats_rounds_are_warned_of():
    linear = NetClassifier(Sees, module__integers=False, max_epochs=1)
    with pytest.warns(UserWarning, match="16777217.*takes_integers=True.*scale"):
        linear.fit(LARGE.astype(float), y)
    linear.fit(LARGE + 0.5, y)  # no ids
    with pytest.raises(ValueError, match="too large for dtype..float32"):
        linear.fit(np.full((12, 2), 1e300), y)


def test_a_module_may_say_that_it_takes_no_integers():
    class Floats(Mixed):
        takes_integers = False

    ids = LARGE - 2**24
    assert ids_of(NetClassifier(Floats, max_epochs=1).fit(ids, y))[0] == {torch.float32}
    with pytest.raises(ValueError, match="16777217.*float32"):
        NetClassifier(Floats, max_epochs=1).fit(LARGE, y)


def test_a_module_may_say_what_it_takes():
    module = nn.Sequential(nn.Linear(2, 2), nn.Embedding(2, 2))
    assert not takes_integers(module)
    module.takes_integers = True
    assert takes_integers(module)
    assert takes_integers(nn.Sequential(nn.EmbeddingBag(2, 2), nn.Linear(2, 2)))


def test_weights_may_be_doubles():
    module = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 2)).double()
    X = rng.normal(size=(12, 2))
    fitted = NetClassifier(module, max_epochs=1).fit(X, y)
    assert fitted.predict_proba(X).shape == fitted.transform(X[:, :2])[:, :2].shape
