"""Random sampling that prefers images in which the model sees objects."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

import skactive.diversity._foreground
from skactive import ActiveLearner
from skactive.diversity import ForegroundRandomSampling
from skactive.diversity._foreground import _counted, foreground_shares
from skactive.utils._dense_answers import BoxAnswers


class Says(BaseEstimator):
    """Answers with what it was given, looked up by the first number of a sample."""

    def __init__(self, answers, form=np.array):
        self.answers = answers
        self.form = form

    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        first = np.asarray(X).reshape(len(X), -1)[:, 0].astype(int)
        return self.form([self.answers[i] for i in first])


class SaysBoxes(Says):
    answers_kind = BoxAnswers


def objects(values):
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def boxes(m):
    return {"boxes": np.zeros((m, 4)), "labels": np.zeros(m, int)}


def pool(n):
    return np.arange(n, dtype=float).reshape(n, 1, 1, 1)


@pytest.fixture
def shares(monkeypatch):
    """Return a function that tells in proportion to what images would be drawn."""

    def drawn(model, n, **settings):
        told = []

        def first(weights, n, *, beta, random_state):
            told.extend(np.asarray(weights) ** beta)
            return np.arange(n)

        monkeypatch.setattr(skactive.diversity._foreground, "power_sample", first)
        X = pool(n)
        y = np.zeros((1, 1, 1), np.uint8)
        ForegroundRandomSampling(model, **settings).fit(X[:1], y, X).query(1)
        return np.array(told)

    return drawn


# Pixels of classes 0, 1, 2: shares of foreground 0, .25, .75 where 0 is background.
MASKS = np.array(
    [[[0, 0], [0, 0]], [[0, 0], [0, 1]], [[0, 1], [2, 2]]],
    dtype=np.uint8,
)


def test_shares_by_hand():
    counts = [_counted(mask) for mask in MASKS]
    assert counts == [{0: 4}, {0: 3, 1: 1}, {0: 1, 1: 1, 2: 2}]
    assert_allclose(foreground_shares(counts), [0, 0.25, 0.75])
    assert_allclose(foreground_shares(counts, [0, 1]), [0, 0, 0.5])
    assert_allclose(foreground_shares(counts, [7]), [1, 1, 1])


def test_of_classes_seen_equally_often_the_lowest_is_background():
    assert_allclose(foreground_shares([{0: 2, 1: 2}, {1: 1, 0: 1}]), [0.5, 0.5])
    assert_allclose(foreground_shares([{2: 1}, {1: 1}]), [1, 0])


def test_images_without_a_pixel_show_nothing():
    assert_allclose(foreground_shares([{}, {1: 2}], [0]), [0, 1])


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.int16, str])
def test_counts_do_not_depend_on_how_classes_are_kept(dtype):
    kept = [_counted(mask.astype(dtype)) for mask in MASKS]
    assert kept == [{dtype(k): n for k, n in _counted(m).items()} for m in MASKS]


def test_weights_are_epsilon_and_the_share_of_foreground(shares):
    assert_allclose(shares(Says(MASKS), 3), [0.01, 0.26, 0.76])
    drawn = shares(Says(MASKS), 3, epsilon=0.25, gamma=2.0)
    assert_allclose(drawn, [0.0625, 0.25, 1])


def test_weights_are_one_and_the_number_of_boxes(shares):
    model = SaysBoxes([boxes(0), boxes(2), boxes(5)], objects)
    assert_allclose(shares(model, 3, epsilon=5.0), [1, 3, 6])
    assert_allclose(shares(Says(model.answers, list), 3, gamma=2), [1, 9, 36])


def test_images_are_drawn_in_proportion_to_the_weights():
    X, y = pool(3), np.zeros((1, 1, 1), np.uint8)
    model = FrozenEstimator(Says(MASKS).fit(X, y))
    strategies = [ForegroundRandomSampling(model, random_state=s) for s in range(600)]
    first = [strategy.fit(X[:1], y, X).query(1)[0] for strategy in strategies]
    expected = np.array([0.01, 0.26, 0.76]) / 1.03
    assert_allclose(np.bincount(first, minlength=3) / 600, expected, atol=0.06)


def test_background_is_what_one_says_it_is(shares):
    assert_allclose(shares(Says(MASKS), 3, background=[0, 1]), [0.01, 0.01, 0.51])
    for given in (2, np.int64(2), [2], np.array([2])):
        drawn = shares(Says(MASKS), 3, background=given)
        assert_allclose(drawn, [1.01, 1.01, 0.51])


def test_without_epsilon_images_of_background_come_last():
    for seed in range(20):
        strategy = ForegroundRandomSampling(
            Says(MASKS), epsilon=0, random_state=seed
        ).fit(pool(1), MASKS[:1], pool(3))
        assert strategy.query(3)[2] == 0


def test_masks_of_different_size_are_counted_each_by_its_own(shares):
    masks = [MASKS[0], np.full((5, 5), 1, np.uint8), MASKS[1]]
    # Class 1 has most pixels.
    assert_allclose(shares(Says(masks, list), 3), [1.01, 0.01, 0.76])


@pytest.mark.parametrize("form", [list, objects])
def test_lists_of_answers_are_taken_as_arrays_are(form):
    a, b = (
        ForegroundRandomSampling(Says(MASKS, f), random_state=1)
        .fit(pool(1), MASKS[:1], pool(3))
        .query(3)
        for f in (np.array, form)
    )
    assert_array_equal(a, b)


def test_a_sample_of_a_classifier_is_one_pixel():
    X = np.array([[0.0], [0.1], [0.2], [9.0], [0.3]])
    strategy = ForegroundRandomSampling(epsilon=0, random_state=0)
    picks = strategy.fit([[0.0], [9.0]], ["no", "yes"], X).query(5)
    assert picks[0] == 3


def test_an_unknown_background_is_named():
    strategy = ForegroundRandomSampling(Says(MASKS), background="road")
    strategy.fit(pool(1), MASKS[:1], pool(3))
    with pytest.warns(UserWarning, match=r"background='road' is no class.*\[0, 1, 2\]"):
        strategy.query(1)


@pytest.mark.parametrize(
    "model, settings, words",
    [
        (Ridge(), {}, "regressor.*CoreSet"),
        (SaysBoxes([]), {"background": 0}, "background=0 .*predicts boxes"),
        (LogisticRegression(), {"gamma": 0}, "gamma"),
        (LogisticRegression(), {"epsilon": -1}, "epsilon"),
    ],
)
def test_what_cannot_work_is_refused_before_a_label_is_paid(model, settings, words):
    def oracle(rows, X_rows):
        raise AssertionError("paid")

    learner = ActiveLearner(model, ForegroundRandomSampling(**settings), oracle=oracle)
    with pytest.raises(ValueError, match=words):
        learner.fit(pool(30))


def test_a_model_that_predicts_nothing_is_refused():
    with pytest.raises(ValueError, match="which is a transformer"):
        ForegroundRandomSampling(StandardScaler()).fit([[0.0]], [0], [[1.0]])
    with pytest.raises(ValueError, match="clusterer"):
        ForegroundRandomSampling(KMeans(1)).fit([[0.0]], [0], [[1.0]])


def test_a_longer_answer_begins_with_a_shorter_one():
    strategy = ForegroundRandomSampling(random_state=3)
    X = np.random.RandomState(0).standard_normal((40, 2))
    strategy.fit(X[:10], X[:10, 0] > 0, X[10:])
    assert_array_equal(strategy.query(9)[:4], strategy.query(4))
