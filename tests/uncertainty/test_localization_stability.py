"""Localization stability: boxes that move when the image gets noise."""

import inspect

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression, Ridge

from skactive import ActiveLearner
from skactive.testing import all_strategies, parametrize_with_checks
from skactive.uncertainty import LocalizationStability
from skactive.uncertainty._localization_stability import _with_noise, stability
from skactive.utils._dense_answers import BoxAnswers

BOX = np.array([[0.0, 0.0, 10.0, 10.0]])


def answer(boxes, scores):
    boxes = np.reshape(boxes, (-1, 4))
    return {"boxes": boxes, "labels": ["x"] * len(boxes), "scores": scores}


class Numbers(BaseEstimator):
    """Makes boxes of numbers, whatever they stand for."""

    answers_kind = BoxAnswers

    def fit(self, X, y):
        assert len(X) == len(y)
        self.fitted_ = True
        return self

    def predict(self, X):
        return [self.of(row) for row in np.asarray(X, float).reshape(len(X), -1)]

    def of(self, row):
        row = np.r_[row, np.arange(4)][:4] / (1 + np.abs(row).max())
        boxes = np.array([[0, 0, 5 + row[0], 9], [3, 3, 8, 8 + row[1]]])
        return answer(boxes, 0.5 + row[2:4] / 3)


class Script(Numbers):
    """Reads answers from a list, one list for each time it is asked."""

    def __init__(self, answers):
        self.answers = answers

    def predict(self, X):
        turn = self.asked_ = getattr(self, "asked_", -1) + 1
        return self.answers[turn % len(self.answers)][: len(X)]


def scores_of(script, n=1, **settings):
    X = np.zeros((n, 1, 12, 12))
    y = [answer(BOX, [1])] * n
    strategy = LocalizationStability(Script(script), **settings)
    return strategy.fit(X, y, X).score_samples(X)


def no_settings(reasons):
    return lambda strategy: reasons


@parametrize_with_checks(
    [LocalizationStability(Numbers())],
    expected_failed_checks=no_settings(
        {"check_mixed_columns": "images are not made of columns with names"}
    ),
)
def test_contract(strategy, check):
    check(strategy)


def test_vector():
    """p = (.9, .5), S_j = (.8, .2): S = .585714, U = .5."""
    boxes = np.array([[0, 0, 10, 10], [20, 0, 30, 10.0]])
    copy = np.array([[0, 0, 10, 8], [20, 0, 30, 2.0]])
    assert_allclose(stability(boxes, np.array([0.9, 0.5]), [copy]), 0.585714, atol=1e-6)
    script = [[answer(boxes, [0.9, 0.5])], [answer(copy, [0.9, 0.5])]]
    assert_allclose(scores_of(script, n_copies=1), [-0.085714], atol=1e-6)
    # The order in which boxes are returned is of no importance.
    swapped = [[answer(boxes[::-1], [0.5, 0.9])], [answer(copy[::-1], [0.1, 0.2])]]
    assert_allclose(scores_of(swapped, n_copies=1), [-0.085714], atol=1e-6)


def test_the_mean_is_taken_over_copies():
    found, half, nothing = BOX, BOX * [1, 1, 1, 0.5], BOX[:0]
    script = [[answer(b, [0.8] * len(b))] for b in (found, half, nothing, found)]
    assert_allclose(scores_of(script, n_copies=3), [0.2 - (0.5 + 0 + 1) / 3])


def test_of_the_least_certain_box_the_uncertainty_counts():
    boxes = np.repeat(BOX, 3, axis=0)
    script = [[answer(boxes, [0.3, 0.9, 0.6])]] * 2
    assert_allclose(scores_of(script, n_copies=1), [0.7 - 1])
    assert_allclose(scores_of(script, n_copies=1, max_reference=2), [0.4 - 1])
    assert_allclose(scores_of(script, n_copies=1, max_reference=1), [0.1 - 1])


def test_boxes_of_score_zero_weigh_alike():
    far = np.array([[50, 50, 60, 60.0]])
    script = [[answer(np.r_[BOX, far], [0.0, 0.0])], [answer(BOX, [0.0])]]
    assert_allclose(scores_of(script, n_copies=1), [1 - 0.5])


@pytest.mark.parametrize(
    "empty, expected", [("lowest", -0.9), ("median", -0.5), ("highest", 0.1)]
)
def test_an_image_without_boxes_ranks_where_it_is_told(empty, expected):
    # Scores -.9, -.5, .1 and no box; the first image is a block of its own.
    images = [answer(BOX, [p]) for p in (0.9, 0.5, 0.9)] + [answer(BOX[:0], [])]
    copies = images[:2] + [answer(BOX + 100, [0.9]), answer(BOX, [0.9])]
    script = [[images[0]], [copies[0]], images[1:], copies[1:]]
    got = scores_of(script, 4, n_copies=1, empty=empty)
    assert_allclose(got, [-0.9, -0.5, 0.1, expected])


def test_where_nothing_is_found_all_images_are_alike():
    script = [[answer(BOX[:0], [])] * 2]
    assert_array_equal(scores_of(script, 2, empty="highest"), [0, 0])


# ----------------------------------------------------------------------------- noise


class Recording(Numbers):
    """Remembers what it was shown."""

    def predict(self, X):
        seen.append(np.array(X))
        return super().predict(X)


seen = []


def shown(X, **settings):
    seen.clear()
    y = [answer(BOX, [1])] * len(X)
    strategy = LocalizationStability(Recording(), **settings).fit(X, y, X)
    strategy.score_samples(X)
    return [block for block in seen if len(block) == len(X) - 1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
def test_noise_has_the_strength_it_should_have(dtype):
    gray = 128 if dtype == np.uint8 else 0.5
    X = np.full((4, 3, 60, 60), gray, dtype)
    original, *copies = shown(X, random_state=0)
    assert_array_equal(original, X[1:])
    unit = 1 if dtype == np.uint8 else 1 / 255
    sd = [(copy[0].astype(float) - gray).std() / unit for copy in copies]
    assert_allclose(sd, [8, 16, 24, 32, 40, 48], rtol=0.05)
    assert {copy.dtype for copy in copies} == {np.dtype(dtype)}
    assert_array_equal(copies[0][0], copies[0][1])  # the same for all images
    assert np.all(dtype(gray) == X)


def test_step_and_number_of_copies():
    X = np.zeros((3, 1, 50, 50))
    _, *copies = shown(X, step=255.0, n_copies=2)
    assert_allclose([copy[0].std() for copy in copies], [1, 2], rtol=0.05)


def test_gray_values_are_cut_and_not_turned_around():
    X = np.array([[0, 255, 100]], np.uint8)
    noisy = _with_noise(X, np.array([-30.0, 30.0, 0.6]))
    assert_array_equal(noisy, [[0, 255, 101]])
    assert noisy.dtype == np.uint8
    floats = _with_noise(np.array([[0.0, 1.0]]), np.array([-255.0, 255.0]))
    assert_allclose(floats, [[-1, 2]])  # they may be standardized


def test_another_seed_makes_other_noise():
    X = np.zeros((3, 1, 8, 8))
    first, again, other = (shown(X, random_state=seed)[1] for seed in (0, 0, 1))
    assert_array_equal(first, again)
    assert (first != other).any()


# -------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "model, fault",
    [(LogisticRegression(), "is a classifier"), (Ridge(), "is a regressor")],
)
def test_other_models_are_refused_before_a_label_is_paid(model, fault):
    def oracle(rows, X_rows):
        raise AssertionError("paid")

    words = f"LocalizationStability needs a model that predicts boxes.*{fault}"
    with pytest.raises(ValueError, match=words):
        ActiveLearner(model, LocalizationStability(), oracle=oracle).fit(np.eye(30))
    with pytest.raises(ValueError, match=words):
        LocalizationStability(model).fit([[0.0], [1.0]], [0, 1], [[0.0]])
    with pytest.raises(ValueError, match="is a classifier"):
        LocalizationStability().fit([[0.0], [1.0]], [0, 1], [[0.0]])


@pytest.mark.parametrize("name", inspect.signature(LocalizationStability).parameters)
def test_a_wrong_value_is_refused_before_a_label_is_paid(name):
    class Wrong:
        def __repr__(self):
            return "WRONG"

    def oracle(rows, X_rows):
        raise AssertionError("paid")

    strategy = LocalizationStability(**{name: Wrong()})
    with pytest.raises(ValueError, match=f"{name}.*LocalizationStability.*WRONG"):
        ActiveLearner(Numbers(), strategy, oracle=oracle).fit(np.zeros((30, 1, 4, 4)))


def test_numbers_that_are_no_gray_values_are_refused():
    X = np.zeros((3, 1, 4, 4), np.int64)
    strategy = LocalizationStability(Numbers()).fit(X, [answer(BOX, [1])] * 3, X)
    with pytest.raises(TypeError, match="LocalizationStability.*uint8.*got int64"):
        strategy.query(1)


def test_within_a_learner():
    rng = np.random.RandomState(0)
    X = rng.rand(14, 1, 8, 8)
    y = [answer(BOX, [1]) for _ in X]
    learner = ActiveLearner(
        Numbers(),
        LocalizationStability(),
        n_initial=3,
        budget=4,
        batch_size=2,
        random_state=0,
    ).fit(X, y)
    assert learner.labeled_mask_.sum() == 7


def test_it_is_found_where_boxes_are_asked_for():
    assert LocalizationStability not in all_strategies()
    assert LocalizationStability in all_strategies(boxes=True)
