"""Images of different sizes: on which canvas they are, and what a detector finds."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from torchvision.models.detection import FCOS
from torchvision.models.detection.anchor_utils import AnchorGenerator

from skactive import ActiveLearner
from skactive.compose import PoolSubsampling, StochasticBatch
from skactive.datasets import resize_images
from skactive.deep import LL4AL, VAAL, TaskAwareViT
from skactive.diversity import (
    PPAL,
    CoreSet,
    ForegroundRandomSampling,
    RandomSampling,
    TypiClust,
)
from skactive.nets import (
    HorizontalFlip,
    NetClassifier,
    NetDetector,
    NetSegmenter,
    VAEEmbedding,
)
from skactive.nets.estimators import _canvases
from skactive.nets.estimators._canvases import by_canvas, in_order, largest, pasted
from skactive.nets.modules import TorchvisionDetector
from skactive.uncertainty import CALD, EntropySampling, LocalizationStability

pytestmark = pytest.mark.deep


def squares(sizes, seed=0):
    """Images of these sizes, up to two squares in each, and where they are."""
    rng = np.random.RandomState(seed)
    X, y = np.empty(len(sizes), dtype=object), []
    for k, (height, width) in enumerate(sizes):
        X[k] = rng.normal(0.3, 0.05, (1, height, width)).astype(np.float32)
        found, labels = [], []
        for kind in ["bright", "dark"][: k % 3]:
            i, j = rng.randint(0, height - 10), rng.randint(0, width - 10)
            X[k][0, i : i + 10, j : j + 10] += 0.6 if kind == "bright" else -0.6
            found.append([j, i, j + 10, i + 10])
            labels.append(kind)
        y.append({"boxes": found, "labels": labels})
    return X, y


SIZES = np.random.RandomState(0).choice([24, 32, 40], (18, 2))
X, Y = squares(SIZES)
CONTAINERS = (X, list(X), [torch.from_numpy(image) for image in X])


def detector(**settings):
    given = {"module__width": 8, "max_epochs": 2, "classes": ["bright", "dark"]}
    return NetDetector(**{**given, "random_state": 0, **settings})


@pytest.fixture(scope="module")
def fitted():
    return detector(module__width=16, max_epochs=80, score_threshold=0.2).fit(X, Y)


def check_same(found, others):
    for a, b in zip(found, others, strict=True):
        assert a.keys() == b.keys()
        for name in a:
            assert_array_equal(a[name], b[name])


def test_which_canvas_by_hand(monkeypatch):
    images = [np.ones((3, *size), np.uint8) for size in [(8, 8), (9, 30), (4, 4)]]
    assert largest(images) == (3, 9, 30)
    parts = list(by_canvas(images, (3, 8, 10)))
    # As high as fit saw or less, and 30 wide: up to a multiple of 32.
    assert parts == [((3, 8, 10), [0, 2]), ((3, 32, 32), [1])]
    X = pasted([images[0], images[2]], (3, 8, 10))
    assert X.dtype == np.uint8 and X.sum(axis=(1, 2, 3)).tolist() == [192, 48]
    assert X[1, :, :4, :4].all()
    rows = [(positions, np.array(positions) * 10) for _, positions in parts]
    assert in_order(rows).tolist() == [0, 10, 20]
    monkeypatch.setattr(_canvases, "CHUNK", 1)
    assert [k for _, k in by_canvas(images, (3, 8, 10))] == [[0], [2], [1]]


def test_it_learns_and_boxes_lie_in_their_image(fitted):
    assert fitted.sample_shape_ == (1, 40, 40)
    assert fitted.score(X, Y) > 0.8
    found = fitted.set_params(score_threshold=0.0).predict(X)
    fitted.set_params(score_threshold=0.2)
    for answer, image in zip(found, X):
        boxes, (_, height, width) = answer["boxes"], image.shape
        assert len({len(part) for part in answer.values()}) == 1
        assert (boxes >= 0).all() and (boxes[:, 2:] <= [width, height]).all()
        assert (boxes[:, 2:] > boxes[:, :2]).all()


def test_an_answer_does_not_depend_on_the_other_images(fitted):
    """Neither of images of fit, nor of larger ones; not on how they are handed over."""
    sizes = [(64, 30), (24, 24), (40, 41), (90, 90), (24, 24), (33, 70)]
    larger, _ = squares(sizes, seed=1)
    for images in (X, larger):
        found, Z = fitted.predict(images), fitted.transform(images)
        seen = fitted.predict_with_features(images)
        for each, plain in zip(seen, found, strict=True):
            assert each["features"].shape == (len(plain["boxes"]), 16)
            check_same([{name: each[name] for name in plain}], [plain])
        for k in range(len(images)):
            for alone in (images[k : k + 1], [images[k]], images[k][None]):
                check_same(fitted.predict(alone), found[k : k + 1])
                check_same(fitted.predict_with_features(alone), seen[k : k + 1])
                assert_array_equal(fitted.transform(alone), Z[k : k + 1])
        back = fitted.predict(images[::-1])[::-1]
        check_same(back, found)


def test_all_containers_give_the_same_bits(fitted):
    found = [detector(score_threshold=0.0).fit(x, Y) for x in CONTAINERS]
    found = [net.predict(x) for net, x in zip(found, CONTAINERS)]
    check_same(found[0], found[1])
    check_same(found[0], found[2])
    same, y = squares([(32, 40)] * 6)
    found = [detector().fit(x, y).predict(x) for x in (same, np.stack(list(same)))]
    check_same(found[0], found[1])


def test_images_and_boxes_are_left_alone():
    before = [image.copy() for image in X]
    for image in X:
        image.flags.writeable = False
    detector(augment=HorizontalFlip()).fit(X, Y).predict(X)
    assert all(np.array_equal(a, b) for a, b in zip(X, before))


def test_pixels_in_bytes():
    as_bytes = [(image.clip(0, 1) * 255).astype(np.uint8) for image in X]
    net = detector().fit(as_bytes, Y)
    assert net.predict(as_bytes).shape == (18,)
    with pytest.raises(ValueError, match="images as uint8 and now"):
        net.predict([image.astype(np.float32) for image in as_bytes])
    mixed = [as_bytes[0], *X[1:]]
    with pytest.raises(ValueError, match="all be bytes or all floats.*image 1 has"):
        detector().fit(mixed, Y)


def test_what_does_not_belong_is_refused(fitted):
    with pytest.raises(ValueError, match=r"as many channels.*image 17 has.*\(3, 40"):
        detector().fit([*X[:17], np.zeros((3, 40, 40), np.float32)], Y)
    with pytest.raises(ValueError, match="3 features, but NetDetector is expecting 1"):
        fitted.predict([np.zeros((3, 40, 40), np.float32)])
    with pytest.raises(ValueError, match="0 sample"):
        fitted.predict(np.zeros((0, 1, 24, 24)))
    # It lies on the canvas, and outside of its image.
    k = int(np.flatnonzero(SIZES[:, 1] == 24)[0])
    y = list(Y)
    y[k] = {"boxes": [[2, 2, 38, 20]], "labels": ["dark"]}
    with pytest.raises(ValueError, match=f"Row {k}: box 0.*outside the image, 24 wide"):
        detector().fit(X, y)


STRATEGIES = [
    EntropySampling(),
    RandomSampling(),
    CoreSet("estimator"),
    TypiClust("estimator"),
    LL4AL(),
    LocalizationStability(),
    CALD(),
    PPAL(),
    ForegroundRandomSampling(),
    StochasticBatch(EntropySampling()),
    PoolSubsampling(EntropySampling(), max_pool=8),
]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: type(s).__name__)
def test_learners_ask_for_images_of_all_sizes(strategy):
    queries = []
    for images in (X, list(X)):
        learner = ActiveLearner(
            detector(max_epochs=1), strategy, n_initial=4, budget=4, batch_size=2,
            random_state=0,
        ).fit(images, Y)  # fmt: skip
        queries.append(learner.queried_indices_)
        assert len(list(learner.staged_score(images, Y))) == 3
    assert len(set(queries[0])) == 8
    assert_array_equal(*queries)


@pytest.mark.parametrize("as_list", [False, True])
def test_labeled_images_of_one_size_by_chance(as_list):
    images, y = squares([(24, 24)] * 5 + [(32, 32)] * 4 + [(40, 24)])
    known = [*y[:3], *[None] * 7]
    images = list(images) if as_list else images
    strategy = EntropySampling(random_state=0)
    learner = ActiveLearner(detector(), strategy, random_state=0).fit(images, known)
    rows = learner.query(3)
    learner.teach(rows, [y[row] for row in rows])
    # A pool that is of one size by chance, and another than the labeled images.
    known = [*y[:5], *[None] * 4, y[9]]
    learner = ActiveLearner(detector(), strategy, random_state=0).fit(images, known)
    assert len(learner.query(2)) == 2


def test_a_joint_sampler_and_folds():
    learner = ActiveLearner(
        strategy=LL4AL(detector()), n_initial=6, budget=2, batch_size=2, random_state=0
    ).fit(X, Y)
    assert learner.predict(X).shape == (18,)
    assert len(cross_val_score(detector(), X, Y, cv=2)) == 2


def make(n_classes):
    backbone = torch.nn.Sequential(torch.nn.Conv2d(3, 32, 8, 8), torch.nn.ReLU())
    backbone.out_channels = 32
    anchors = AnchorGenerator(sizes=((8,),), aspect_ratios=((1.0,),))
    model = FCOS(backbone, n_classes, min_size=40, anchor_generator=anchors)
    return TorchvisionDetector(model)


def test_models_of_torchvision():
    net = NetDetector(make, max_epochs=2, score_threshold=0.0, random_state=0).fit(X, Y)
    found = net.predict(X)
    check_same(net.predict(X[4:5]), found[4:5])
    assert all(len(each["boxes"]) for each in found)


@pytest.mark.parametrize("as_list", [False, True])
def test_what_compares_images_is_refused_before_an_answer_is_paid(as_list):
    """Also where it is in a part, or is what predicts."""
    images, paid = list(X) if as_list else X, []

    def oracle(rows, X_rows):
        paid.extend(rows)
        return [Y[row] for row in rows]

    for strategy in (
        CoreSet(),
        TypiClust(),
        PoolSubsampling(),
        PoolSubsampling(CoreSet()),
        VAAL(),
        TaskAwareViT(),
        TaskAwareViT(detector()),
    ):
        for net in (detector(), None):
            learner = ActiveLearner(net, strategy, n_initial=4, oracle=oracle)
            if net is None and not hasattr(strategy, "predict"):
                continue
            with pytest.raises(ValueError, match="different sizes.*resize_images"):
                learner.fit(images, None)
    assert paid == []


class OneSize(TransformerMixin, BaseEstimator):
    """Cut all images to one size, as a step before a net."""

    def __sklearn_is_fitted__(self):
        return True

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.stack([image[:, :24, :24] for image in X])


def test_what_makes_them_one_size_first_is_taken():
    inside = {"boxes": [[2, 2, 12, 12]], "labels": ["dark"]}
    y = [inside] * 18
    model = make_pipeline(OneSize(), detector(max_epochs=1))
    for strategy in (
        CoreSet(OneSize()),
        CoreSet("estimator"),
        VAAL(embedding=OneSize(), autoencoder=VAEEmbedding(max_epochs=1)),
        TaskAwareViT(),
    ):
        learner = ActiveLearner(
            model, strategy, n_initial=6, budget=4, batch_size=2, random_state=0
        ).fit(X, y)
        assert len(set(learner.queried_indices_)) == 10


@pytest.mark.parametrize("as_list", [False, True])
def test_what_needs_one_size_names_the_remedy(as_list):
    images = list(X) if as_list else X
    labels = np.arange(18) % 2
    masks = [np.zeros(image.shape[1:], int) for image in X]
    for attempt in (
        lambda: NetClassifier(max_epochs=1).fit(images, labels),
        lambda: NetSegmenter(max_epochs=1).fit(images, masks),
        lambda: VAAL().fit(images, Y),
        lambda: CoreSet().fit(images),
        lambda: TaskAwareViT(detector()).fit(images, Y),
        lambda: TaskAwareViT(detector()).fit(np.zeros((3, 1, 24, 24)), Y[:3], images),
    ):
        with pytest.raises(ValueError, match="different sizes.*resize_images.*first"):
            attempt()
    Z, y = resize_images(images, Y, (24, 32), channels_first=True)
    NetClassifier(max_epochs=1).fit(Z, labels)
    detector().fit(Z, y)
