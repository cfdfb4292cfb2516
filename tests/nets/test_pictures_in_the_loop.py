"""Paths of pictures as the samples of a learner: who reads which files, how often."""

import inspect
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from torch import nn
from torchvision.models import resnet18

from skactive import ActiveLearner
from skactive.datasets import load_dataset, load_image_folder
from skactive.deep import DFAL, LL4AL, SRAAL, VAAL, MoBYv2AL, TaskAwareViT
from skactive.diversity import BADGE, CoreSet, TypiClust
from skactive.nets import ImageReader, ModuleEmbedding, NetClassifier, VAEEmbedding
from skactive.nets.estimators import _image_reader
from skactive.testing import all_strategies
from skactive.uncertainty import AugmentationConsistency, MarginSampling

pytestmark = pytest.mark.deep

N, START, BATCH = 40, 8, 4


def write(folder, images, y, names):
    """Write images with channels last into a sub-folder for each class."""
    for k, (image, label) in enumerate(zip(images, y)):
        path = Path(folder, names[label], f"{k:05d}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return load_image_folder(folder)


@pytest.fixture
def pictures(tmp_path):
    rng = np.random.RandomState(0)
    y = np.arange(N) % 3
    images = rng.randint(128, size=(N, 16, 16, 3)) + 60 * y[:, None, None, None]
    return write(tmp_path / "pool", images.astype(np.uint8), y, ["a", "b", "c"])


@pytest.fixture
def reads(monkeypatch):
    """Return how often each path has been read."""
    counts, read = Counter(), _image_reader.read_picture

    def counting(path, *args, **kwargs):
        counts[str(path)] += 1
        return read(path, *args, **kwargs)

    monkeypatch.setattr(_image_reader, "read_picture", counting)
    return counts


def net(**settings):
    settings = {"module__width": 4, "max_epochs": 2, "batch_size": 16, **settings}
    return NetClassifier(random_state=0, **settings)


def small_vae():
    return VAEEmbedding(n_iterations=4, width=4, latent_dim=4)


def frozen():
    return ModuleEmbedding(resnet18(weights=None), "avgpool")


def strategies(reader):
    """Return strategies, with how often they may read a labeled and a pool picture.

    Those of a round: the learner reads labeled pictures once more, to fit its model.
    """
    return {
        "margin": (MarginSampling(), 0, 1),
        "CoreSet": (CoreSet(make_pipeline(reader, frozen())), 1, 1),
        "TypiClust": (TypiClust(make_pipeline(reader, frozen())), 1, 1),
        "CoreSet of the model": (CoreSet("estimator"), 1, 1),
        "BADGE": (BADGE(), 0, 1),
        "LL4AL": (LL4AL(), 1, 1),
        "DFAL": (DFAL(), 1, 1),
        "TaskAwareViT": (TaskAwareViT(), 1, 1),
        "MoBYv2AL": (MoBYv2AL(), 1, 1),
        "VAAL": (VAAL(autoencoder=small_vae(), embedding=reader), 1, 1),
        "SRAAL": (SRAAL(autoencoder=small_vae(), embedding=reader), 1, 1),
    }


@pytest.mark.parametrize("name", strategies(ImageReader(16)))
def test_who_reads_which_files_how_often(pictures, reads, name):
    reader = ImageReader(16)
    strategy, labeled, pool = strategies(reader)[name]
    settings = {"n_initial": START, "batch_size": BATCH, "random_state": 0}
    learner = ActiveLearner(
        make_pipeline(reader, net()), strategy, budget=BATCH, **settings
    )
    learner.fit(pictures.data, pictures.target)
    start = set(np.flatnonzero(learner.labeled_iter_ == 0))
    asked = set(learner.queried_indices_) - start
    assert len(asked) == BATCH and len(start) == START
    assert getattr(learner.strategy_, "_pool_seen", None) is None  # pickled without it
    if "embedding" in strategy.get_params() and not name.endswith(("AL", "model")):
        reads[pictures.data[0]] -= 1  # what the fit of the embedding was shown
    for row, path in enumerate(pictures.data):
        # Fitted twice if labeled at first, once if asked for; scored if not labeled.
        if row in start:
            assert reads[path] <= 2 + labeled, (name, "labeled", reads[path])
        else:
            fits = row in asked
            assert pool <= reads[path] <= pool + fits, (name, "pool", reads[path])


@pytest.mark.parametrize("cls", [CoreSet, TypiClust])
def test_an_embedding_reads_files_once_per_run(pictures, reads, cls):
    strategy = cls(make_pipeline(ImageReader(16), frozen()))
    settings = {"n_initial": START, "batch_size": BATCH, "random_state": 0}
    lengths = FunctionTransformer(lambda paths: [[len(str(path))] for path in paths])
    model = make_pipeline(lengths, LogisticRegression())
    ActiveLearner(model, strategy, budget=3 * BATCH, **settings).fit(
        pictures.data, pictures.target
    )
    reads[pictures.data[0]] -= 1
    assert {reads[path] for path in pictures.data} == {1}


@pytest.mark.parametrize("name", strategies(ImageReader(16)))
def test_paths_and_arrays_are_asked_alike(pictures, name):
    """The same rows are asked for as with the images in memory."""
    X = ImageReader(16).transform(pictures.data)
    settings = {"n_initial": START, "batch_size": BATCH, "random_state": 0}
    settings["budget"] = 2 * BATCH
    strategy = strategies(ImageReader(16))[name][0]
    of_paths = ActiveLearner(
        make_pipeline(ImageReader(16), net()), strategy, **settings
    ).fit(pictures.data, pictures.target)
    if name in ("CoreSet", "TypiClust"):  # a clone has the same module
        strategy = clone(strategy).set_params(embedding=strategy.embedding[-1])
    if "embedding__size" in strategy.get_params():
        strategy = clone(strategy).set_params(embedding=None)
    of_arrays = ActiveLearner(make_pipeline(net()), strategy, **settings)
    of_arrays.fit(X, pictures.target)
    assert_array_equal(of_paths.queried_indices_, of_arrays.queried_indices_)
    assert of_paths.predict(pictures.data).shape == (N,)


#: How often a picture of the pool may be read in a round, but once, and why.
MORE_READS = {
    "DensityWeighted": (2, "the mean of the pool is known only after a pass"),
    "EPIG": (2, "what the pool is predicted for, up to 100 of it, is looked at before"),
    "InformationDensity": (2, "the mean of the pool is known only after a pass"),
    "NeighborhoodSampling": (2, "neighbors are found in one space, scored by a model"),
    "OutlierFilter": (2, "outliers are found in one space, scored by a model"),
    "OutlierPenalty": (2, "outliers are found in one space, scored by a model"),
    "TopThenDiverse": (2, "the best are embedded once all are scored"),
    "UncertaintyHerding": (2, "an embedding that is not the model reads by itself"),
}


def takes(cls, name):
    return name in inspect.signature(cls).parameters


def ways_to_read(cls, reader):
    """Yield settings with which a strategy may take paths."""
    given = {"n_members": 2} if takes(cls, "n_members") else {}
    if takes(cls, "autoencoder"):
        yield {**given, "autoencoder": small_vae(), "embedding": reader}
    elif takes(cls, "embedding"):
        yield {**given, "embedding": make_pipeline(reader, frozen())}
        if not hasattr(cls, "predict"):
            yield {**given, "embedding": "estimator"}
    elif takes(cls, "strategy"):
        yield {"strategy": MarginSampling()}
    elif takes(cls, "steps"):
        yield {"steps": [("a", MarginSampling()), ("b", BADGE())]}
    else:
        yield given


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "cls",
    all_strategies(deep=True),
    ids=[c.__name__ for c in all_strategies(deep=True)],
)
def test_every_strategy_reads_the_pool_once_a_round(cls, pictures, reads):
    if cls is AugmentationConsistency:
        pytest.skip("it changes images, and refuses paths")
    reader = ImageReader(16)
    settings = {"n_initial": START, "batch_size": BATCH, "random_state": 0}
    most = []
    for given in ways_to_read(cls, reader):
        reads.clear()
        learner = ActiveLearner(
            make_pipeline(reader, net(max_epochs=1)),
            cls(**given),
            budget=BATCH,
            **settings,
        )
        learner.fit(pictures.data, pictures.target)
        never = np.flatnonzero(learner.labeled_iter_ < 0)
        never = never[never > 0]  # the first is what the fit of an embedding is shown
        most.append(max(reads[pictures.data[row]] for row in never))
    assert max(most) == MORE_READS.get(cls.__name__, (min(max(most), 1), ""))[0]


class Fails(nn.Module):
    """Cannot take bright images."""

    def forward(self, X):
        if (X.mean(dim=(1, 2, 3)) > 0.95).any():
            raise RuntimeError("too bright")
        return X.flatten(1)


@pytest.mark.parametrize("n_jobs", [None, 2], ids=["alone", "workers"])
@pytest.mark.parametrize("wrapped", [list, np.array], ids=["list", "array"])
def test_a_file_that_a_module_fails_on_is_named(pictures, n_jobs, wrapped):
    Image.new("RGB", (16, 16), "white").save(pictures.data[21])
    embedding = make_pipeline(ImageReader(16, n_jobs=n_jobs), ModuleEmbedding(Fails()))
    y = np.full(N, None, dtype=object)
    y[::5] = pictures.target[::5]
    model = make_pipeline(ImageReader(16), net())
    learner = ActiveLearner(model, CoreSet(embedding), random_state=0)
    learner.fit(wrapped(list(pictures.data)), y)
    name = Path(pictures.data[21]).name
    with pytest.raises(ValueError, match=f"(?s)too bright.*row is row .*{name}"):
        learner.query(BATCH)
    assert learner.labeled_mask_.sum() == START
    with pytest.raises(ValueError, match="fails on the sample at position 2: Runtime"):
        embedding.fit(pictures.data[:2]).transform(pictures.data[19:23])


@pytest.mark.parametrize(
    "kind",
    [list, np.array, lambda X: np.array(X, dtype=object)],
    ids=["list", "array", "objects"],
)
def test_paths_without_a_reader_are_refused_with_a_way_out(pictures, kind):
    X, y = kind(list(pictures.data)), pictures.target
    words = r"holds strings, such as '.*png', and a net takes.*nets\.ImageReader reads"
    with pytest.raises(ValueError, match=words):
        net().fit(X, y)
    with pytest.raises(ValueError, match=words):
        ModuleEmbedding(resnet18(weights=None)).fit(X)
    with pytest.raises(ValueError, match=words):
        VAAL(autoencoder=small_vae()).fit(X[:9], y[:9], X[9:])
    with pytest.raises(ValueError, match=words):
        LL4AL(net()).fit(X[:9], y[:9], X[9:])


@pytest.mark.parametrize("name", ["margin", "CoreSet", "VAAL", "LL4AL"])
def test_a_file_that_vanished_changes_nothing_that_is_known(pictures, name):
    reader = ImageReader(16, n_jobs=2)
    strategy = strategies(reader)[name][0]
    learner = ActiveLearner(make_pipeline(reader, net()), strategy, random_state=0)
    y = np.full(N, None, dtype=object)
    y[::5] = pictures.target[::5]
    learner.fit(pictures.data, y)
    path = Path(pictures.data[21])
    content = path.read_bytes()
    path.unlink()
    labels = learner.labels_.copy()
    with pytest.raises(FileNotFoundError, match=path.name + ", at position"):
        learner.query(BATCH)
    assert_array_equal(learner.labels_, labels)
    path.write_bytes(b"no picture")
    with pytest.raises(ValueError, match=path.name + ".* cannot be read as"):
        learner.query(BATCH)
    path.write_bytes(content)
    rows = learner.query(BATCH)
    learner.teach(rows, pictures.target[rows])
    assert sum(label is not None for label in learner.labels_) == START + BATCH


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["margin", "CoreSet", "BADGE", "LL4AL", "VAAL"])
def test_pictures_of_cifar_from_their_paths(tmp_path, name):
    data = load_dataset("cifar10_small")
    rows, names = slice(200), [str(k) for k in range(10)]
    found = write(tmp_path, data.data[rows], data.target[rows], names)
    assert len(found.data) == 200
    assert_array_equal(found.target, np.sort(data.target[rows]))
    reader = ImageReader(32)
    images = reader.transform(found.data)
    order = [int(Path(path).stem) for path in found.data]
    assert_array_equal(images, data.data[rows][order].transpose(0, 3, 1, 2))
    learner = ActiveLearner(
        make_pipeline(reader, net()),
        strategies(reader)[name][0],
        n_initial=40,
        batch_size=20,
        budget=40,
        random_state=0,
    ).fit(found.data, found.target)
    assert len(set(learner.queried_indices_)) == 80
    assert set(learner.predict(found.data)) <= set(range(10))
