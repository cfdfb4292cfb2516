"""What a model says of images, and blocks of them that may be changed."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skactive.utils._detections
from skactive.base import ScoreStrategy
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers
from skactive.utils._detections import (
    DetectorsOnlyMixin,
    detections,
    image_blocks,
    iter_detections,
    iter_predictions,
)

BOXES = {
    "boxes": [[0, 0, 1, 1], [2, 2, 4, 4]],
    "labels": ["a", "b"],
    "scores": [0.2, 0.9],
    "probas": [[0.2, 0.1], [0.1, 0.9]],
}


class Says(BaseEstimator):
    def __init__(self, answer=None):
        self.answer = answer

    def fit(self, X=None, y=None):
        self.fitted_ = True
        return self

    def predict(self, X):
        self.asked_ = [*getattr(self, "asked_", []), len(X)]
        return [self.answer for _ in X]


class SaysBoxes(Says):
    answers_kind = BoxAnswers


class SaysMasks(Says):
    answers_kind = MaskAnswers


def test_boxes_come_as_numbers_with_the_highest_score_first():
    (found,) = detections(Says(BOXES), [0], probas=True)
    assert found["boxes"].tolist() == [[2, 2, 4, 4], [0, 0, 1, 1]]
    assert found["scores"].tolist() == [0.9, 0.2]
    assert found["labels"].tolist() == ["b", "a"]
    assert found["probas"].tolist() == [[0.1, 0.9], [0.2, 0.1]]
    assert "probas" not in detections(Says(BOXES), [0])[0]


@pytest.mark.parametrize("boxes", [[], np.empty((0, 4)), np.empty(0)])
def test_no_box_has_a_shape_too(boxes):
    nothing = {"boxes": boxes, "labels": [], "scores": []}
    (found,) = detections(Says(nothing), [0])
    assert found["boxes"].shape == (0, 4) and found["scores"].shape == (0,)


@pytest.mark.parametrize(
    "change, words",
    [
        ({"boxes": np.zeros((4, 2))}, r"2 labels and 'boxes' of shape \(4, 2\)"),
        ({"boxes": np.zeros((1, 4))}, r"'boxes' of shape \(1, 4\)"),
        ({"scores": [0.1]}, r"'scores' of shape \(1,\)"),
        ({"scores": [[0.1], [0.2]]}, r"'scores' of shape \(2, 1\)"),
        ({"scores": [0.1, np.nan]}, "'scores'.* 1 of which are not finite"),
        ({"boxes": np.full((2, 4), np.inf)}, "'boxes'.* 8 of which"),
        ({"probas": np.zeros((3, 2))}, r"'probas' of shape \(3, 2\)"),
    ],
)
def test_boxes_that_do_not_fit_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        detections(Says({**BOXES, **change}), [0], probas=True)


@pytest.mark.parametrize("answer", [None, 3, np.zeros((2, 5)), {"boxes": []}])
def test_other_answers_are_refused(answer):
    with pytest.raises(TypeError, match="dict with boxes, labels, scores.*got"):
        detections(Says(answer), [0])


def test_as_many_answers_as_samples():
    model = Says(BOXES)
    model.predict = lambda X: [BOXES]
    with pytest.raises(ValueError, match="returned 1 answers for 3 samples"):
        detections(model, np.zeros((3, 1)))


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64])
def test_blocks_hold_all_images_in_order(dtype, monkeypatch):
    monkeypatch.setattr(skactive.utils._detections, "CHUNK", 8 * 4 * 12 * 3)
    X = np.arange(7 * 12).reshape(7, 1, 3, 4).astype(dtype)
    blocks = list(image_blocks(X, X))
    assert_array_equal(np.concatenate(blocks), X)
    assert {block.dtype for block in blocks} == {np.dtype(dtype)}
    size = 12 // np.dtype(dtype).itemsize
    assert [len(block) for block in blocks][:2] == [1, min(size, 6)]
    assert len(list(image_blocks(list(X), X))) == len(blocks)


def test_an_image_above_the_limit_is_a_block_of_its_own(monkeypatch):
    monkeypatch.setattr(skactive.utils._detections, "CHUNK", 1)
    assert [len(b) for b in image_blocks(np.zeros((3, 4, 4)), 0)] == [1, 1, 1]


@pytest.mark.parametrize("dtype", [np.int64, np.uint16, bool, object, complex])
def test_images_of_other_numbers_are_refused(dtype):
    with pytest.raises(TypeError, match=f"uint8.*floats; got {np.dtype(dtype)}"):
        next(image_blocks(np.zeros((3, 1, 4, 4), dtype), 0))


def test_what_is_no_image_is_refused():
    with pytest.raises(ValueError, match=r"height, width\); got.*shape \(4,\)"):
        next(image_blocks(np.zeros((3, 4)), 0, n_axes=3))
    with pytest.raises(ValueError, match="dense"):
        next(image_blocks(sparse.csr_array((3, 4)), 0))


def test_predictions_are_asked_for_in_blocks(monkeypatch):
    monkeypatch.setattr(skactive.utils._detections, "CHUNK", 8 * 8 * 4)
    model = Says("x").fit()
    assert list(iter_predictions(model, np.zeros((9, 1)))) == ["x"] * 9
    assert model.asked_ == [1, 4, 4]


def objects(images):
    packed = np.empty(len(images), dtype=object)
    packed[:] = images
    return packed


class Sizes(Says):
    """Says how wide an image is, and which were asked about together."""

    def predict(self, X):
        widths = [image.size for image in X]
        self.blocks_ = [*getattr(self, "blocks_", []), widths]
        nothing = {"boxes": [], "labels": [], "scores": []}
        return [nothing for _ in X] if self.answer else widths


class Sees(BaseEstimator):
    """Finds one box in each sample, of the score that the sample is."""

    def predict(self, X):
        return [{**each, "seen": False} for each in self.predict_with_features(X)]

    def predict_with_features(self, X):
        self.asked_ = [*getattr(self, "asked_", []), len(X)]
        box = {"boxes": [[0, 0, 1, 1]], "labels": [1]}
        return [{**box, "scores": [x], "features": [[x, 1]]} for x in np.ravel(X)]


def test_boxes_of_some_rows_are_asked_for_in_blocks(monkeypatch):
    monkeypatch.setattr(skactive.utils._detections, "CHUNK", 8 * 8 * 3)
    X, model = np.arange(9.0) / 10, Sees()
    found = list(iter_detections(model, X))
    assert [each["scores"].item() for each in found] == X.tolist()
    assert "features" not in found[0] and model.asked_ == [1, 3, 3, 2]
    found = iter_detections(model, X, rows=np.array([7, 0, 3]), features=True)
    assert [each["features"].tolist() for each in found] == [
        [[0.7, 1]],
        [[0, 1]],
        [[0.3, 1]],
    ]
    assert model.asked_[4:] == [1, 2]


def test_features_are_asked_of_the_last_step():
    X = np.array([[0.0], [1.0]])
    model = make_pipeline(StandardScaler(), Sees())
    model[0].fit(X)
    for each in (model, FrozenEstimator(model), make_pipeline(model)):
        found = detections(each, X, features=True)
        assert [box["scores"].item() for box in found] == [-1, 1]


def test_classifiers_are_asked_once():
    class Classifier(ClassifierMixin, Says):
        pass

    model = Classifier(1).fit()
    assert list(iter_predictions(model, np.zeros((9, 1)))) == [1] * 9
    assert model.asked_ == [9]


class Strategy(DetectorsOnlyMixin, ScoreStrategy):
    def score_samples(self, X):
        return np.zeros(len(X))


@pytest.mark.parametrize(
    "model",
    [
        Says(),
        SaysBoxes(),
        FrozenEstimator(SaysBoxes().fit()),
        make_pipeline(StandardScaler(), SaysBoxes()),
    ],
)
def test_detectors_are_served(model):
    Strategy()._check_estimator(model)


@pytest.mark.parametrize(
    "model, fault",
    [
        (LogisticRegression(), "is a classifier"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "is a classifier"),
        (GridSearchCV(LogisticRegression(), {"C": [1]}), "is a classifier"),
        (Ridge(), "is a regressor"),
        (SaysMasks(), "predicts masks"),
        (StandardScaler(), "does not have predict"),
    ],
)
def test_others_are_refused_in_words(model, fault):
    words = f"(?s)Strategy needs a model that predicts boxes.*NetDetector.*{fault}"
    with pytest.raises(ValueError, match=words):
        Strategy()._check_estimator(model)


def test_blocks_are_of_images_of_one_size():
    shapes = [(1, 2, 3), (1, 2, 3), (1, 4, 3), (1, 2, 3), (1, 2, 3)]
    images = [np.full(shape, k, np.uint8) for k, shape in enumerate(shapes)]
    objects = np.empty(5, dtype=object)
    objects[:] = images
    for X in (images, objects):
        blocks = list(image_blocks(X, object()))
        assert all(block.ndim == 4 and block.dtype == np.uint8 for block in blocks)
        assert [k for block in blocks for k in block[:, 0, 0, 0].tolist()] == [
            *range(5)
        ]
        assert [*map(len, blocks)] == [1, 1, 1, 2]


@pytest.mark.parametrize("pack", [list, objects])
def test_blocks_of_images_of_different_sizes_are_bounded(pack, monkeypatch):
    """A first image says nothing of those that follow."""
    limit = 8 * 100
    monkeypatch.setattr(skactive.utils._detections, "CHUNK", limit)
    sizes = [1, 1, 40, 60, 60, 300, 1, 1, 2, 99, 1]
    X = pack([np.zeros((1, 1, n), np.uint8) for n in sizes])
    model = Sizes().fit()
    assert list(iter_predictions(model, X)) == sizes
    assert model.blocks_ == [[1], [1, 40], [60], [60], [300], [1, 1, 2], [99, 1]]
    model = Sizes("boxes").fit()
    assert len(list(iter_detections(model, X, rows=np.array([5, 0, 1, 10])))) == 4
    assert model.blocks_ == [[300], [1, 1, 1]]
    assert all(8 * b.nbytes <= limit or len(b) == 1 for b in image_blocks(X, model))
