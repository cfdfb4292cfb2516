"""CALD: does a detector say the same of a changed image?"""

import inspect

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression, Ridge

import skactive.uncertainty._cald
from skactive import ActiveLearner
from skactive.testing import all_strategies, parametrize_with_checks
from skactive.uncertainty import CALD
from skactive.uncertainty._cald import consistency, jensen_shannon, most_unlike
from skactive.utils._dense_answers import BoxAnswers

BOX = np.array([[0.0, 0.0, 8.0, 8.0]])


def answer(boxes, labels, probas):
    boxes = np.reshape(boxes, (-1, 4))
    probas = np.reshape(probas, (len(boxes), -1 if len(boxes) else 2))
    scores = probas.max(axis=1)
    return {"boxes": boxes, "labels": labels, "scores": scores, "probas": probas}


NOTHING = answer([], [], [])


def labeled(*labels):
    return {"boxes": np.repeat(BOX, len(labels), axis=0), "labels": list(labels)}


class Numbers(BaseEstimator):
    """Makes boxes of numbers, whatever they stand for."""

    answers_kind = BoxAnswers

    def fit(self, X, y):
        assert len(X) == len(y)
        self.names_ = sorted({label for each in y for label in each["labels"]})
        return self

    def predict(self, X):
        return [self.of(row) for row in np.asarray(X, float).reshape(len(X), -1)]

    def of(self, row):
        row = row[:4] / (1 + np.abs(row).max())
        boxes = np.array([[0, 0, 1 + row[0] / 2, 2], [0, 0, 2, 1 + row[1] / 2]])
        p = 0.5 + row[2:4] / 3
        return answer(boxes, (2 * self.names_)[:2], np.stack([p, 1 - p], axis=1))


class Script(Numbers):
    """Reads answers from a list, one list for each time it is asked."""

    def __init__(self, *turns, classes=None):
        self.turns = turns
        self.classes = classes

    @classmethod
    def _get_param_names(cls):
        return ["classes"]

    def __sklearn_clone__(self):
        return Script(*self.turns, classes=self.classes)

    def fit(self, X, y):
        if self.classes:
            self.classes_ = np.array(self.classes)
        return super().fit(X, y)

    def predict(self, X):
        turn = self.asked_ = getattr(self, "asked_", -1) + 1
        return self.turns[turn % len(self.turns)]


class OnTables(CALD):
    """Takes rows of four numbers for images, and labels for boxes."""

    @classmethod
    def _get_param_names(cls):
        return CALD._get_param_names()

    def _fit(self, X, y, X_pool):
        super()._fit(X, [labeled(label) for label in y], X_pool)

    def _query(self, n):
        pool = self._X_pool
        try:
            self._X_pool = as_images(pool)
            return super()._query(n)
        finally:
            self._X_pool = pool


def as_images(X):
    if hasattr(X, "tocsr"):
        raise ValueError("images are dense")
    return np.asarray(X, dtype=float).reshape(len(X), 1, 2, 2)


@parametrize_with_checks(
    [OnTables(Numbers())],
    expected_failed_checks=lambda strategy: {
        "check_mixed_columns": "images are not made of columns with names",
    },
)
def test_contract(strategy, check):
    check(strategy)


# ------------------------------------------------------------------- the mathematics


def test_jensen_shannon_by_hand():
    assert_allclose(jensen_shannon([[0.8, 0.2]], [[0.6, 0.4]]), [0.024157], atol=1e-6)
    assert_allclose(jensen_shannon([[1, 0]], [[0, 1]]), [np.log(2)])
    assert_allclose(jensen_shannon([[0.3, 0.3]], [[2, 2]]), [0])  # made to sum to 1
    assert_allclose(jensen_shannon([[0, 0]], [[1, 1]]), [0])  # no class: any of them
    p = np.random.RandomState(0).rand(500, 3)
    assert (jensen_shannon(p, p * (1 + 1e-15)) >= 0).all()


def test_consistency_by_hand():
    p, q = np.array([[0.8, 0.2]]), np.array([[0.6, 0.4]])
    C = consistency(BOX, p, BOX * [1, 1, 1, 0.75], q)
    assert_allclose(C, [1.433090], atol=1e-6)
    assert_allclose(np.abs(C - 1.3), [0.133090], atol=1e-6)
    sure, other = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    assert_allclose(np.abs(consistency(BOX, sure, BOX, sure) - 1.3), [0.7])
    C = consistency(BOX, sure, BOX + 100, other)
    assert_allclose(np.abs(C - 1.3), [0.993147], atol=1e-6)


def test_the_partner_is_the_box_of_largest_overlap():
    found = np.r_[BOX * [1, 1, 1, 0.5], BOX, BOX + 50]
    probas = np.array([[1.0, 0.0], [0.6, 0.4], [1.0, 0.0]])
    C = consistency(BOX, np.array([[0.6, 0.4]]), found, probas)
    assert_allclose(C, [1.6])


def test_where_nothing_is_found_nothing_is_consistent():
    C = consistency(np.r_[BOX, BOX], np.ones((2, 1)), BOX[:0], np.ones((0, 1)))
    assert_array_equal(C, [0, 0])


def test_classes_unlike_the_labeled_ones_are_taken_first():
    # One labeled image with two boxes of class 0.
    vectors = np.array([[0.9, 0.0], [0.8, 0.1], [0.0, 0.9]])
    counts = np.array([[1, 0], [1, 1], [0, 1]])
    assert_array_equal(most_unlike(vectors, counts, np.array([2, 0]), 1, 3), [2, 0, 1])


def test_what_is_taken_counts_as_labeled():
    """The line that the published code has commented out."""
    vectors = np.array([[0.0, 0.9, 0.0], [0.0, 0.8, 0.0], [0.0, 0.0, 0.7]])
    counts = np.array([[0, 9, 0], [0, 9, 0], [0, 0, 9]])
    start = np.array([9, 0, 0])
    # After the first pick the means are 4.5, 4.5, 0: class 1 is known.
    assert_array_equal(most_unlike(vectors, counts, start, 1, 2), [0, 2])
    assert_array_equal(most_unlike(vectors, 0 * counts, start, 1, 2), [0, 1])


# ------------------------------------------------------------------------ the strategy


def values_of(script, n=1, **settings):
    """Return the values of images, the lower the more wanted, as query sees them."""
    told = []

    def spy(scores, n, random_state):
        told.extend(-scores)
        return np.arange(n)

    X = np.zeros((n, 1, 8, 8))
    y = [labeled(0)] * n
    strategy = CALD(script, **{"augmentations": ["flip"], **settings}).fit(X, y, X)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(skactive.uncertainty._cald, "top_n", spy)
        strategy.query(n)
    return told


def test_vector():
    found = answer(BOX, [0], [0.8, 0.2])
    changed = answer(BOX * [1, 1, 1, 0.75], [0], [0.6, 0.4])
    assert_allclose(values_of(Script([found], [changed])), [0.133090], atol=1e-6)
    assert_allclose(values_of(Script([found], [changed]), beta=0), [1.43309], atol=1e-6)
    certain = answer(BOX, [0], [1.0, 0.0])
    assert_allclose(values_of(Script([certain])), [0.7])


def test_of_boxes_the_least_counts_and_of_changes_the_mean():
    two = answer(np.r_[BOX, BOX / 2], [0, 0], [[1.0], [0.4]])  # C is 2 and 1.4
    one = answer(BOX, [0], [0.8])
    two_flipped = [two["boxes"][0], [4, 0, 8, 4]]
    script = Script([two], [answer(two_flipped, [0, 0], [[1.0], [0.4]])])
    assert_allclose(values_of(script), [0.1])
    assert_allclose(values_of(script, max_reference=1), [0.7])
    names = ["flip", "resize"]
    script = Script([one], [one], [NOTHING])
    assert_allclose(values_of(script, augmentations=names), [(0.5 + 1.3) / 2])


def test_boxes_move_with_the_image():
    left = answer([0, 0, 2, 8], [0], [1.0])
    right = answer([6, 0, 8, 8], [0], [1.0])
    assert_allclose(values_of(Script([left], [right])), [0.7])
    assert_allclose(values_of(Script([left], [left])), [0.3])


def test_of_a_detector_of_one_class_the_score_counts():
    one = answer(BOX, [0], [[0.4]])
    assert_allclose(values_of(Script([one])), [0.1])  # 1 + .4 - 1.3


@pytest.mark.parametrize(
    "empty, expected", [("lowest", 0.7), ("median", 0.5), ("highest", 0.1)]
)
def test_an_image_without_boxes_ranks_where_it_is_told(empty, expected):
    # Values .7, .5, .1 and no box; the first image is a block of its own.
    images = [answer(BOX, [0], [[p]]) for p in (1.0, 0.8, 0.4)]
    images += [NOTHING]
    script = Script(images[:1], images[:1], images[1:], images[1:])
    got = values_of(script, 4, empty=empty)
    assert_allclose(got, [0.7, 0.5, 0.1, expected])


def test_a_box_that_is_cut_out_is_not_compared():
    everywhere = answer(BOX, [0], [1.0])
    X = np.zeros((1, 1, 8, 8))
    _, hidden = skactive.uncertainty._cald.CHANGES["cutout"](
        X, CALD(Numbers(), random_state=0).fit(X, [labeled(0)], X)._query_random_state()
    )
    spots = np.array([[i, j, i + 1, j + 1] for i in range(8) for j in range(8)])
    spot = spots[~hidden(spots)[1]][0]
    script = Script([answer(spot, [0], [1.0])], [everywhere], [everywhere])
    names = ["cutout", "flip"]
    expected = abs(1 / 64 + 1 - 1.3)  # by the flip alone
    assert_allclose(values_of(script, augmentations=names, random_state=0), [expected])


def asked(n, images, y, classes=None, **settings):
    """Ask about images that are perfectly consistent, whose boxes fill them."""
    X = np.zeros((len(images), 1, 8, 8))
    turns = images[:1], images[:1], images[1:], images[1:]
    script = Script(*turns, classes=classes)
    strategy = CALD(script, augmentations=["flip"], random_state=0, **settings)
    return strategy.fit(X[: len(y)], y, X).query(n).tolist()


def test_of_more_candidates_those_of_other_classes_are_taken():
    images = [
        answer(BOX, [label], [p])
        for label, p in [("a", 0.3), ("a", 0.31), ("b", 0.4), ("c", 1.0)]
    ]
    y = [labeled("a", "a")]
    assert asked(2, images, y, oversample=1) in ([0, 1], [1, 0])
    assert asked(2, images, y, oversample=1.5)[0] == 2
    assert asked(2, images, y, oversample=1.5, classes=["a", "b", "c"])[0] == 2
    assert asked(2, images, y, oversample=2)[0] == 3
    assert sorted(asked(4, images, y, oversample=2)) == [0, 1, 2, 3]


def test_answers_are_positions_in_the_pool():
    images = [
        answer(BOX, [label], [p])
        for label, p in [("c", 1.0), ("b", 0.4), ("a", 0.31), ("a", 0.3)]
    ]
    assert asked(1, images, [labeled("a", "a")], oversample=1) == [3]
    assert asked(2, images, [labeled("a", "a")], oversample=1.5)[0] == 1


def test_classes_of_a_candidate_are_averaged_over_its_changes(monkeypatch):
    told = []

    def spy(vectors, counts, labeled, n_labeled, n):
        told.extend([vectors, counts, labeled, n_labeled])
        return np.arange(n)

    monkeypatch.setattr(skactive.uncertainty._cald, "most_unlike", spy)
    boxes = np.r_[BOX, BOX, BOX]
    found = answer(boxes, ["a", "a", "b"], [[0.8], [0.6], [0.5]])
    changed = answer(BOX, ["a"], [0.4])
    X = np.zeros((1, 1, 8, 8))
    y = [labeled("b"), labeled("b", "c")]
    strategy = CALD(Script([found], [changed]), augmentations=["flip"])
    strategy.fit(np.zeros((2, 1, 8, 8)), y, X).query(1)
    # Classes b and c of the labeled images, and a.
    assert_allclose(told[0], [[0.25, 0, 0.6]])
    assert_array_equal(told[1], [[1, 0, 2]])
    assert_array_equal(told[2], [2, 1, 0])
    assert told[3] == 2


def test_images_without_boxes_are_not_taken_before_others():
    """In the published code they are, whatever the budget."""
    images = [answer(BOX, ["a"], [p]) for p in (0.3, 0.9, 1.0)] + [NOTHING] * 3
    y = [labeled("a")]
    assert asked(1, images, y, oversample=1) == [0]
    first = asked(1, images, y, oversample=1, empty="highest")
    assert first[0] in (0, 3, 4, 5)
    assert len(set(asked(6, images, y))) == 6


def test_nothing_labeled_and_nothing_seen():
    assert sorted(asked(2, [NOTHING] * 2, [labeled()])) == [0, 1]


# --------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "model, settings, words",
    [
        (
            LogisticRegression(),
            {},
            "CALD needs a model that predicts boxes.*classifier",
        ),
        (Ridge(), {}, "CALD needs a model that predicts boxes.*regressor"),
        (Numbers(), {"augmentations": ["flop"]}, r"augmentations.*flip.*\['flop'\]"),
        (Numbers(), {"augmentations": []}, "augmentations"),
        (Numbers(), {"augmentations": "flip"}, "augmentations"),
        (Numbers(), {"oversample": 0.9}, "oversample"),
    ],
)
def test_what_cannot_work_is_refused_before_a_label_is_paid(model, settings, words):
    def oracle(rows, X_rows):
        raise AssertionError("paid")

    with pytest.raises(ValueError, match=words):
        ActiveLearner(model, CALD(**settings), oracle=oracle).fit(
            np.zeros((30, 1, 4, 4))
        )


@pytest.mark.parametrize("name", inspect.signature(CALD).parameters)
def test_a_wrong_value_is_refused_before_a_label_is_paid(name):
    class Wrong:
        def __repr__(self):
            return "WRONG"

    def oracle(rows, X_rows):
        raise AssertionError("paid")

    with pytest.raises(ValueError, match=f"{name}.*CALD.*WRONG"):
        ActiveLearner(Numbers(), CALD(**{name: Wrong()}), oracle=oracle).fit(
            np.zeros((30, 1, 4, 4))
        )


def test_labels_that_are_no_boxes_are_refused():
    X = np.zeros((2, 1, 4, 4))
    with pytest.raises(TypeError, match="CALD counts.*boxes"):
        CALD(Numbers()).fit(X, [0, 1], X)


def test_a_model_without_probas_is_told_what_is_needed():
    class Bare(Numbers):
        def of(self, row):
            return {"boxes": BOX, "labels": [0], "scores": [0.5]}

    X = np.zeros((2, 1, 4, 4))
    strategy = CALD(Bare()).fit(X, [labeled(0)] * 2, X)
    with pytest.raises(TypeError, match="boxes, labels, scores, probas"):
        strategy.query(1)


def test_what_is_no_image_is_refused():
    X = np.zeros((2, 4))
    strategy = CALD(Numbers()).fit(X, [labeled(0)] * 2, X)
    with pytest.raises(ValueError, match="CALD changes images"):
        strategy.query(1)


def test_within_a_learner():
    X = np.random.RandomState(0).rand(14, 1, 8, 8)
    learner = ActiveLearner(
        Numbers(), CALD(), n_initial=3, budget=4, batch_size=2, random_state=0
    ).fit(X, [labeled(0, 1) for _ in X])
    assert learner.labeled_mask_.sum() == 7


def test_it_is_found_where_boxes_are_asked_for():
    assert CALD not in all_strategies()
    assert CALD in all_strategies(boxes=True)
