"""Regions as samples: painted before the fit, cut out after the prediction."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skactive import ActiveLearner
from skactive.benchmark import benchmark_strategies
from skactive.compose import RegionSegmenter, _region_segmenter
from skactive.datasets import tile_regions
from skactive.diversity import ForegroundRandomSampling, RandomSampling
from skactive.metrics import mean_iou
from skactive.uncertainty import EntropySampling, entropy
from skactive.utils._dense_answers import MaskAnswers

RNG = np.random.RandomState(0)
MASKS = RNG.randint(0, 2, (6, 8, 12)).astype(np.uint8)
X = (MASKS + RNG.normal(0, 0.3, MASKS.shape))[:, None]
REGIONS, TILES = tile_regions(X, 4, MASKS)


class Threshold(BaseEstimator):
    """A pixel is of class 1 if it is brighter than the mean of both classes."""

    def __init__(self, ignore_index=255):
        self.ignore_index = ignore_index

    def fit(self, X, y):
        self.X_, self.y_, self.n_predicted_ = X, y, []
        dark, bright = (X[:, 0][y == k].mean() if (y == k).any() else k for k in (0, 1))
        self.threshold_, self.classes_ = (dark + bright) / 2, np.array([0, 1])
        return self

    def predict_proba(self, X):
        self.n_predicted_.append(len(X))
        p = 1 / (1 + np.exp(-6 * (np.asarray(X)[:, 0] - self.threshold_)))
        return np.stack([1 - p, p], axis=1)


def fitted(rows=slice(None, None, 2), images=X):
    return RegionSegmenter(Threshold(), images).fit(REGIONS[rows], TILES[rows])


# --------------------------------------------------------------------------- fit


def test_masks_of_regions_are_painted_into_images_with_a_region():
    # Two regions of image 4, one of image 1, in another order than the images.
    rows = [4 * 6 + 5, 1 * 6 + 0, 4 * 6 + 1]
    inside = fitted(rows).estimator_
    assert_array_equal(inside.X_, X[[1, 4]])
    expected = np.full((2, 8, 12), 255)
    expected[0, :4, :4] = MASKS[1, :4, :4]
    expected[1, :4, 4:8] = MASKS[4, :4, 4:8]
    expected[1, 4:, 8:] = MASKS[4, 4:, 8:]
    assert_array_equal(inside.y_, expected)
    assert inside.y_.dtype == np.uint8


def test_all_regions_together_are_the_images():
    inside = fitted(slice(None)).estimator_
    assert_array_equal(inside.y_, MASKS)
    assert_array_equal(inside.X_, X)


def test_pixels_without_a_label_hold_the_number_of_the_segmenter():
    model = RegionSegmenter(Threshold(ignore_index=-7), X).fit(REGIONS[:1], TILES[:1])
    assert np.unique(model.estimator_.y_).tolist() == [-7, 0, 1]
    with pytest.raises(ValueError, match="has ignore_index=None"):
        RegionSegmenter(Threshold(ignore_index=None), X).fit(REGIONS, TILES)


def test_of_regions_that_overlap_the_last_counts():
    zeros, ones = np.zeros((4, 4), int), np.ones((2, 2), int)
    regions = [[0, 0, 4, 0, 4], [0, 0, 2, 0, 2]]
    model = RegionSegmenter(Threshold(), X).fit(regions, [zeros, ones])
    assert model.estimator_.y_[0, :2, :2].min() == 1
    assert model.estimator_.y_[0, 2:4, :4].max() == 0


def test_regions_may_be_whole_images_and_images_of_several_sizes():
    images = np.empty(2, dtype=object)
    images[:] = [X[0], X[1][:, :6, :5]]

    class Each(Threshold):
        def fit(self, X, y):
            self.y_, self.threshold_, self.classes_ = y, 0.5, np.array([0, 1])
            return self

        def predict_proba(self, X):
            (image,) = X
            p = (image[0] > 0.5).astype(float)
            return np.stack([1 - p, p])[None]

    regions = np.array([[0, 0, 8, 0, 12], [1, 0, 6, 1, 5]])
    masks = [MASKS[0], MASKS[1][:6, 1:5]]
    model = RegionSegmenter(Each(), images).fit(regions, masks)
    assert [mask.shape for mask in model.estimator_.y_] == [(8, 12), (6, 5)]
    found = model.predict(regions)
    assert [mask.shape for mask in found] == [(8, 12), (6, 4)]
    assert_array_equal(found[1], X[1][0, :6, 1:5] > 0.5)
    assert [p.shape for p in model.predict_proba(regions)] == [(2, 8, 12), (2, 6, 4)]
    assert model.score(regions, masks) == mean_iou(masks, list(found))


# ----------------------------------------------------------------------- predict


@pytest.mark.parametrize("order", ["as made", "shuffled", "backwards"])
def test_predictions_are_cut_out_of_those_of_images(order):
    model = fitted()
    rows = np.arange(len(REGIONS))
    rows = {"shuffled": RNG.permutation(rows), "backwards": rows[::-1]}.get(order, rows)
    whole = model.estimator_.predict_proba(X)
    proba = model.predict_proba(REGIONS[rows])
    assert proba.shape == (len(rows), 2, 4, 4)
    for (k, i, m, j, n), each in zip(REGIONS[rows], proba, strict=True):
        assert_array_equal(each, whole[k][:, i:m, j:n])
    assert_array_equal(model.predict(REGIONS[rows]), proba.argmax(axis=1))


def test_an_image_is_predicted_once_for_all_of_its_regions():
    model = fitted()
    model.estimator_.n_predicted_ = []
    model.predict(REGIONS)
    assert sum(model.estimator_.n_predicted_) == 6


@pytest.mark.parametrize("chunk", [1, 300, 2000])
def test_blocks_do_not_change_what_is_predicted(chunk, monkeypatch):
    model = fitted()
    expected = model.predict_proba(REGIONS)
    monkeypatch.setattr(_region_segmenter, "CHUNK", chunk)
    blocks = list(model.iter_proba(REGIONS))
    assert len(blocks) > 1
    assert_array_equal(np.concatenate(blocks), expected)


def test_regions_of_several_sizes_come_in_order():
    regions, tiles = tile_regions(X, 5, MASKS)
    model = RegionSegmenter(Threshold(), X).fit(regions, tiles)
    assert model.estimator_.y_.shape == MASKS.shape
    sizes = [each.shape[1:] for block in model.iter_proba(regions) for each in block]
    assert sizes == [tile.shape for tile in tiles]
    assert [mask.shape for mask in model.predict(regions)] == sizes


def test_the_score_is_over_the_pixels_of_all_regions():
    model = fitted()
    truth = TILES.copy()
    truth[::3] = 255
    expected = mean_iou(truth, model.predict(REGIONS))
    assert model.score(REGIONS, truth) == expected
    assert model.score(REGIONS, list(truth)) == expected
    whole = RegionSegmenter(Threshold(), X).fit(REGIONS, TILES)
    predicted = whole.estimator_.predict_proba(X).argmax(axis=1)
    assert whole.score(REGIONS, TILES) == mean_iou(MASKS, predicted)


# ---------------------------------------------------------------------- the loop


def test_a_clone_has_the_same_images_and_a_pickle_its_own():
    model = RegionSegmenter(Threshold(), X)
    assert clone(model).images is X and clone(clone(model)).images is X
    assert clone(model).estimator is not model.estimator
    again = pickle.loads(pickle.dumps(fitted()))
    assert_array_equal(again.predict(REGIONS), fitted().predict(REGIONS))


def pixels(rows, X_rows, answers):
    return [int(np.sum(mask != 255)) for mask in answers]


def test_a_learner_asks_for_regions_by_their_mean_entropy():
    learner = ActiveLearner(
        RegionSegmenter(Threshold(), X),
        EntropySampling(),
        cost=pixels,
        n_initial=6,
        batch_size=5,
        budget=160,
        random_state=0,
    ).fit(REGIONS, TILES)
    assert learner.history_["n_labeled"] == [6, 11, 16]
    assert learner.history_["cost"] == [96, 176, 256]
    assert learner.estimator_.images is X
    start = learner.queried_indices_[:6]
    model = RegionSegmenter(Threshold(), X).fit(*(a[np.sort(start)] for a in _both()))
    rest = np.setdiff1d(np.arange(len(REGIONS)), start)
    scores = np.array(
        [entropy(p.reshape(2, -1).T).mean() for p in model.predict_proba(REGIONS[rest])]
    )
    best = rest[np.argsort(-scores, kind="stable")[:5]]
    assert_array_equal(np.sort(learner.queried_indices_[6:11]), np.sort(best))
    assert len(list(learner.staged_score(REGIONS, TILES))) == 3


def _both():
    return REGIONS, TILES


def test_regions_are_taught_by_hand():
    y = np.full_like(TILES, 255)
    y[:4] = TILES[:4]
    model = RegionSegmenter(Threshold(), X)
    learner = ActiveLearner(model, EntropySampling(), missing_label=255, cost=pixels)
    learner.fit(REGIONS, y)
    rows = learner.query(3)
    answers = TILES[rows].copy()
    answers[0, :2] = 255  # a region may be drawn in part
    learner.teach(rows, answers)
    assert learner.cost_ == 4 * 16 + 3 * 16 - 8
    images = np.unique(REGIONS[learner.labeled_mask_, 0]).tolist()
    k, i, _, j, n = REGIONS[rows[0]]
    assert (
        learner.estimator_.estimator_.y_[images.index(k)][i : i + 2, j:n] == 255
    ).all()


@pytest.mark.parametrize("strategy", [RandomSampling(), ForegroundRandomSampling()])
def test_other_strategies_and_cross_validation(strategy):
    model = RegionSegmenter(Threshold(), X)
    learner = ActiveLearner(
        model, strategy, n_initial=4, budget=4, batch_size=2, random_state=0
    )
    images = {"groups": REGIONS[:, 0], "cv": GroupKFold(3)}
    scores = cross_validate(learner, REGIONS, TILES, **images)
    assert np.isfinite(scores["test_score"]).all()


def test_pipelines_inside_are_opened():
    twice = make_pipeline(FunctionTransformer(lambda X: 2 * X), Threshold())
    plain, scaled = fitted(), RegionSegmenter(twice, X).fit(REGIONS[::2], TILES[::2])
    assert_array_equal(scaled.predict(REGIONS), plain.predict(REGIONS))
    assert_allclose(scaled.estimator_[-1].threshold_, 2 * plain.estimator_.threshold_)


def test_it_says_what_an_answer_is():
    assert fitted().answers_kind is MaskAnswers
    assert fitted().n_features_in_ == 5


def test_a_benchmark_of_regions_has_costs(tmp_path):
    result = benchmark_strategies(
        {"entropy": EntropySampling()},
        {"regions": (REGIONS, TILES)},
        RegionSegmenter(Threshold(), X),
        n_initial=4,
        batch_size=4,
        budget=128,
        seeds=2,
        cost=pixels,
        store=tmp_path,
    )
    assert not result.failures
    assert {tuple(run.cost) for run in result.runs} == {(64.0, 128.0, 192.0)}
    assert result.areas(x="cost")["regions"]["entropy"].shape == (2,)


# ---------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "region, match",
    [
        ([6, 0, 1, 0, 1], "Row 1, .*is no region.*There are 6 images[.]"),
        ([-1, 0, 1, 0, 1], "There are 6 images[.]"),
        ([0, 2, 2, 0, 1], "this one of 8 x 12 pixels"),
        ([0, 0, 9, 0, 1], "this one of 8 x 12 pixels"),
        ([0, 0, 8, 0, 13], "this one of 8 x 12 pixels"),
        ([0, 0, 8, -1, 2], "this one of 8 x 12 pixels"),
    ],
)
def test_what_is_no_region_is_refused(region, match):
    with pytest.raises(ValueError, match=match):
        fitted().predict([[0, 0, 1, 0, 1], region])


@pytest.mark.parametrize("regions", [X, [[0, 1]], [[0.5, 0, 1, 0, 1]], [0, 0, 1, 0, 1]])
def test_other_samples_are_refused(regions):
    with pytest.raises(ValueError, match="A region is five integers"):
        RegionSegmenter(Threshold(), X).fit(regions, TILES)


def test_no_region_is_refused():
    for ask in (fitted().predict, lambda X: fitted().fit(X, [])):
        with pytest.raises(ValueError, match="X holds no region"):
            ask(np.empty((0, 5), dtype=int))


def test_masks_that_do_not_fit_their_regions_are_refused():
    model = RegionSegmenter(Threshold(), X)
    with pytest.raises(ValueError, match="There are 36 regions and 35 masks"):
        model.fit(REGIONS, TILES[1:])
    with pytest.raises(ValueError, match=r"row 0 has the shape \(3, 4\).* 4 x 4 pix"):
        model.fit(REGIONS, TILES[:, 1:])
    with pytest.raises(ValueError, match="'estimator' parameter"):
        RegionSegmenter(3, X).fit(REGIONS, TILES)
