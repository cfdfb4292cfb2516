"""PPAL: numbers by hand, models of every kind, and what is refused."""

import inspect

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import skactive.diversity._ppal
from skactive import ActiveLearner
from skactive.compose import PoolSubsampling
from skactive.diversity import PPAL
from skactive.diversity._ppal import (
    box_qualities,
    difficulty_weights,
    weighted_entropy,
)
from skactive.testing import all_strategies, parametrize_with_checks
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers

BOX = np.array([[0.0, 0.0, 8.0, 8.0]])


def answer(labels, scores, features=None, boxes=None):
    m = len(labels)
    return {
        "boxes": np.repeat(BOX, m, axis=0) if boxes is None else np.asarray(boxes),
        "labels": labels,
        "scores": scores,
        "features": np.ones((m, 2)) if features is None else np.asarray(features),
    }


NOTHING = {"boxes": [], "labels": [], "scores": [], "features": []}


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
        found = self.predict_with_features(X)
        return [{k: v for k, v in each.items() if k != "features"} for each in found]

    def predict_with_features(self, X):
        return [self.of(row) for row in np.asarray(X, float).reshape(len(X), -1)]

    def of(self, row):
        row = row[:4] / (1 + np.abs(row).max())
        scores, features = 0.5 + row[2:4] / 3, [row[:2], row[2:4]]
        return answer((2 * self.names_)[:2], scores, features)


class Says(Numbers):
    """Answers with what it was given, looked up by the first number of a sample."""

    def __init__(self, answers):
        self.answers = answers

    def __sklearn_clone__(self):
        return self

    def predict_with_features(self, X):
        first = np.asarray(X).reshape(len(X), -1)[:, 0].astype(int)
        return [self.answers[i] for i in first]


class OnTables(PPAL):
    """Takes labels for boxes."""

    @classmethod
    def _get_param_names(cls):
        return PPAL._get_param_names()

    def _fit(self, X, y, X_pool):
        super()._fit(X, [labeled(label) for label in y], X_pool)


class OnAnything(Numbers):
    """As Numbers, of rows that have to be made numbers first."""

    def predict_with_features(self, X):
        X = X.toarray() if hasattr(X, "toarray") else X
        return super().predict_with_features(X)


@parametrize_with_checks([OnTables(OnAnything())])
def test_contract(strategy, check):
    check(strategy)


# ------------------------------------------------------------------- the mathematics


def test_weights_of_classes_by_hand():
    assert_allclose(np.expm1(1 / 0.3), 27.031625, atol=5e-7)
    expected = [1.2, 1.160514, 1.078551, 1]
    assert_allclose(difficulty_weights([0, 0.5, 0.9, 1]), expected, atol=5e-7)
    assert_allclose(difficulty_weights([0, 0.3, 1], u=0), [1, 1, 1])
    q = np.linspace(0, 1, 11)
    for alpha in (0.01, 0.3, 5.0, 1e6):
        weights = difficulty_weights(q, alpha=alpha, u=0.5)
        assert_allclose(weights[[0, -1]], [1.5, 1])
        assert (np.diff(weights) < 0).all()
    assert_allclose(weights, 1.5 - q / 2, atol=1e-5)  # in the end a straight line


def found_for(boxes, labels, scores):
    return {
        "boxes": np.array(boxes, dtype=float).reshape(-1, 4),
        "labels": np.array(labels),
        "scores": np.array(scores, dtype=float),
    }


def test_quality_of_boxes_by_hand():
    half = found_for([[0, 0, 8, 4]], ["a"], [0.8])
    assert_allclose(box_qualities(labeled("a"), half), [0.662891], atol=5e-7)
    assert_allclose(box_qualities(labeled("a"), half, xi=1), [0.8])
    assert_allclose(box_qualities(labeled("a"), half, xi=0), [0.5])
    # Nothing of that class, nothing at that place, nothing at all.
    assert_array_equal(box_qualities(labeled("b"), half), [0])
    far = found_for([[20, 20, 30, 30]], ["a"], [1.0])
    for xi in (0, 0.6, 1):
        assert_array_equal(box_qualities(labeled("a"), far, xi), [0])
    assert_array_equal(box_qualities(labeled("a", "a"), found_for([], [], [])), [0, 0])
    assert box_qualities(labeled(), half).shape == (0,)
    assert_array_equal(box_qualities(labeled(1), half), [0])  # a number, and a word


def test_no_detection_is_paired_twice():
    true = {"boxes": [[0, 0, 8, 8], [0, 0, 8, 4]], "labels": ["a", "a"]}
    one = found_for([[0, 0, 8, 8]], ["a"], [1.0])
    assert_allclose(box_qualities(true, one), [1, 0])
    two = found_for([[0, 0, 8, 8], [0, 0, 8, 8]], ["a", "a"], [1.0, 0.5])
    assert_allclose(box_qualities(true, two), [1, 0.5**0.6 * 0.5**0.4])
    other = found_for([[0, 0, 8, 8], [0, 0, 8, 8]], ["a", "b"], [1.0, 0.5])
    assert_allclose(box_qualities(true, other), [1, 0])


def test_entropy_of_scores_by_hand():
    weights = difficulty_weights([0.5, 0.9])
    assert_allclose(
        weighted_entropy(np.array([0.5, 0.9]), weights), 1.155026, atol=5e-7
    )
    assert weighted_entropy(np.array([0.0, 1.0]), weights) == 0


# ---------------------------------------------------------------------- the strategy


def scores_of(monkeypatch, y, answers, pool, **settings):
    """Return fitted strategy and scores of a pool, of a model that was right on y."""
    told = []

    def spy(scores, n, random_state):
        told.extend(scores)
        return np.arange(n)

    monkeypatch.setattr(skactive.diversity._ppal, "top_n", spy)
    X = np.arange(len(answers), dtype=float)[:, None]
    strategy = PPAL(Says(answers), delta=1, **settings)
    strategy.fit(X[: len(y)], y, X[pool])
    strategy.query(1)
    return strategy, np.array(told)


def test_score_of_an_image(monkeypatch):
    # Boxes of "a" have quality .5, those of "b" .9.
    q = [0.5 ** (1 / 0.6), 0.9 ** (1 / 0.6)]
    answers = [answer(["b", "a"], q[::-1]), answer(["a", "b"], [0.5, 0.9])]
    y = [labeled("a", "b")]
    strategy, scores = scores_of(monkeypatch, y, answers, [1, 1])
    assert strategy.class_quality_ == pytest.approx({"a": 0.5, "b": 0.9})
    assert_allclose(scores, [1.155026] * 2, atol=5e-7)
    strategy, scores = scores_of(monkeypatch, y, answers, [1], u=0, xi=1)
    assert strategy.class_quality_ == pytest.approx({"a": q[0], "b": q[1]})
    assert_allclose(scores, 0.693147 + 0.325083, atol=1e-6)


def test_quality_is_the_mean_over_boxes_and_what_is_missed_counts(monkeypatch):
    answers = [answer(["a"], [1.0]), NOTHING, answer(["a", "b"], [0.04, 0.5])]
    y = [labeled("a"), labeled("a"), labeled("a", "a", "c")]
    strategy, _ = scores_of(monkeypatch, y, answers, [0])
    # The box of score .04 is below the threshold, that of "b" is of no labeled class.
    assert strategy.class_quality_ == {"a": 0.25, "c": 0}
    strategy, _ = scores_of(monkeypatch, y, answers, [0], score_threshold=0.0)
    assert strategy.class_quality_["a"] == pytest.approx((1 + 0.04**0.6) / 4)


def test_a_class_that_was_never_labeled_is_as_hard_as_the_others_on_average(
    monkeypatch,
):
    half = answer(["new"], [0.5])
    answers = [answer(["a"], [1.0]), NOTHING, half]
    _, scores = scores_of(monkeypatch, [labeled("a"), labeled("b")], answers, [2])
    assert_allclose(scores, 1.160514 * np.log(2), atol=1e-6)
    # No box is labeled: all weigh 1.
    strategy, scores = scores_of(monkeypatch, [labeled()], answers, [2])
    assert strategy.class_quality_ == {}
    assert_allclose(scores, np.log(2))


@pytest.mark.parametrize(
    "empty, expected", [("lowest", 0.1), ("median", 0.2), ("highest", 0.5)]
)
def test_an_image_without_boxes_ranks_where_it_is_told(monkeypatch, empty, expected):
    of = {q: answer([0], [q]) for q in (0.1, 0.2, 0.5)}
    low = answer([0], [0.01])  # below the threshold
    answers = [of[0.1], NOTHING, of[0.2], low, of[0.5]]
    pool = [0, 1, 2, 3, 4]
    _, scores = scores_of(monkeypatch, [labeled()], answers, pool, empty=empty)
    h = {p: -p * np.log(p) - (1 - p) * np.log(1 - p) for p in (0.1, 0.2, 0.5)}
    assert_allclose(scores, [h[0.1], h[expected], h[0.2], h[expected], h[0.5]])


def asked(n, answers, at=0, **settings):
    """Ask about all answers; those of labeled images are at the position ``at``."""
    X = np.arange(len(answers), dtype=float)[:, None]
    strategy = PPAL(Says(answers), **{"random_state": 0, **settings})
    return strategy.fit([[float(at)]], [labeled()], X).query(n).tolist()


E = np.eye(3)
#: Two groups of objects, the more uncertain first.
GROUPS = [answer([0], [s], [z]) for s, z in zip((0.5, 0.55, 0.6, 0.7), E[[0, 0, 0, 1]])]


def test_candidates_are_uncertain_and_answers_unlike():
    assert asked(2, GROUPS, use_labeled=False) == [0, 3]
    assert asked(2, GROUPS, use_labeled=False, delta=1) == [0, 1]
    assert asked(2, GROUPS, use_labeled=False, delta=1.5) == [0, 1]
    # Positions in the pool, the most uncertain first.
    assert asked(2, GROUPS[::-1], use_labeled=False) == [3, 0]
    assert asked(3, GROUPS[::-1], use_labeled=False) == [3, 2, 0]
    assert asked(4, GROUPS[::-1]) == [3, 2, 1, 0]


def test_objects_are_compared_within_their_class():
    alike = [answer([label], [0.5 + k / 20], [E[0]]) for k, label in enumerate("aab")]
    assert asked(2, alike, use_labeled=False) == [0, 2]


def test_what_is_like_a_labeled_image_stands_for_nothing():
    assert asked(1, GROUPS, use_labeled=False) == [0]
    assert asked(1, GROUPS, at=0) == [3]
    assert asked(1, GROUPS, at=3) == [0]
    assert asked(1, [*GROUPS, NOTHING], at=4) == [0]


def test_duplicates_and_images_without_boxes():
    for n in (1, 2, 3, 6):
        for answers in ([GROUPS[0]] * 6, [NOTHING] * 6, [GROUPS[0], NOTHING] * 3):
            for use_labeled in (True, False):
                settings = {"use_labeled": use_labeled, "delta": 2}
                picks = asked(n, answers, **settings)
                assert len(set(picks)) == n
                assert picks == asked(n, answers, **settings)
    # Empty images are alike: one of them is enough.
    picks = asked(
        2, [*GROUPS[:3], NOTHING, NOTHING], use_labeled=False, empty="highest"
    )
    assert len({3, 4} & set(picks)) == 1
    assert asked(1, [NOTHING]) == [0]


def test_seeds_order_ties_alone():
    first = {asked(1, [GROUPS[0]] * 9, random_state=seed)[0] for seed in range(20)}
    assert len(first) > 3
    firsts = {tuple(asked(2, GROUPS, random_state=seed)) for seed in range(5)}
    assert len(firsts) == 1


def test_models_in_pipelines_and_frozen():
    X = np.arange(4, dtype=float)[:, None]
    plain = PPAL(Says(GROUPS), random_state=0).fit(X[:1], [labeled()], X).query(2)
    shift = make_pipeline(FunctionTransformer(lambda X: X - 7), Says(GROUPS))
    search = GridSearchCV(Says(GROUPS), {}, scoring=lambda *_: 0, cv=2)
    search = make_pipeline(FunctionTransformer(lambda X: X - 7), search)
    strategy = PPAL(search, random_state=0).fit(X[:2] + 7, [labeled()] * 2, X + 7)
    assert len(set(strategy.query(2))) == 2
    for model in (shift, FrozenEstimator(shift.fit(X[:1] + 7, [labeled()]))):
        strategy = PPAL(model, random_state=0).fit(X[:1] + 7, [labeled()], X + 7)
        assert_array_equal(strategy.query(2), plain)


def test_only_candidates_are_asked_for_features():
    seen = []

    class Records(Says):
        def predict(self, X):
            return Says.predict_with_features(self, X)

        def predict_with_features(self, X):
            seen.extend(np.asarray(X)[:, 0].astype(int))
            return super().predict_with_features(X)

    X = np.arange(20, dtype=float)[:, None]
    answers = [answer([0], [0.5 + k / 100]) for k in range(20)]
    strategy = PPAL(Records(answers), use_labeled=False, delta=2, random_state=0)
    strategy.fit(X[:3], [labeled()] * 3, X)
    assert seen == []
    strategy.query(2)
    assert seen == [0, 1, 2, 3]


# -------------------------------------------------------------------------- refusals


class Blind(BaseEstimator):
    def fit(self, X, y):
        return self

    def predict(self, X):
        return [NOTHING for _ in X]


class Masks(LogisticRegression):
    answers_kind = MaskAnswers


@pytest.mark.parametrize(
    "model, words",
    [
        (LogisticRegression(), "PPAL needs a model that predicts boxes.*a classifier"),
        (Ridge(), "PPAL needs a model that predicts boxes.*a regressor"),
        (Masks(), "PPAL needs a model that predicts boxes.*masks"),
        (Blind(), "PPAL compares.*Blind.*no predict_with_features.*CALD"),
        (make_pipeline(FunctionTransformer(), Blind()), "no predict_with_features"),
    ],
)
def test_what_cannot_work_is_refused_before_a_label_is_paid(model, words):
    def oracle(rows, X_rows):
        raise AssertionError("paid")

    for strategy in (PPAL(), PoolSubsampling(PPAL())):
        with pytest.raises(ValueError, match=f"(?s){words}"):
            ActiveLearner(model, strategy, oracle=oracle).fit(np.zeros((30, 4)))


@pytest.mark.parametrize("name", inspect.signature(PPAL).parameters)
def test_a_wrong_value_is_refused_before_a_label_is_paid(name):
    class Wrong:
        def __repr__(self):
            return "WRONG"

    def oracle(rows, X_rows):
        raise AssertionError("paid")

    with pytest.raises(ValueError, match=f"{name}.*PPAL.*WRONG"):
        ActiveLearner(Numbers(), PPAL(**{name: Wrong()}), oracle=oracle).fit(
            np.zeros((30, 4))
        )


@pytest.mark.parametrize(
    "settings",
    [{"xi": 1.1}, {"alpha": 0}, {"u": -1}, {"delta": 0.5}, {"score_threshold": 2}],
)
def test_values_out_of_range_are_refused(settings):
    (name,) = settings
    with pytest.raises(ValueError, match=f"'{name}' parameter of PPAL"):
        PPAL(Numbers(), **settings).fit(np.zeros((1, 4)), [labeled(0)])


def test_labels_that_are_no_boxes_are_refused():
    with pytest.raises(TypeError, match="PPAL measures.*boxes"):
        PPAL(Numbers()).fit(np.zeros((2, 4)), [0, 1], np.zeros((2, 4)))


@pytest.mark.parametrize(
    "faulty, match",
    [
        (answer([0], [1.5]), "PPAL takes scores for probabilities.*1.5"),
        (answer([0], [-0.5]), "PPAL takes scores for probabilities.*-0.5"),
        (answer([0], [0.5], [[np.nan, 1]]), "'features'.*1 of which are not finite"),
        (answer([0], [0.5], np.ones((2, 2))), "'features' of shape"),
        (answer([0], [0.5], np.ones((1, 3))), r"features.*\(2,\), \(3,\)"),
        (answer([0], [0.5], np.ones((1, 2, 2))), r"features.*\(2, 2\)"),
        (answer([0], [0.5], np.ones(1)), r"features.*\(\)"),
        (
            {k: v for k, v in NOTHING.items() if k != "features"},
            "scores, features for each image, got",
        ),
    ],
)
def test_answers_that_cannot_be_are_refused(faulty, match):
    with pytest.raises((ValueError, TypeError), match=f"(?s){match}"):
        asked(1, [answer([0], [0.5]), faulty], use_labeled=False)


# ------------------------------------------------------------------------ in learners


def test_within_a_learner():
    X = np.random.RandomState(0).rand(30, 4)
    scaled = make_pipeline(StandardScaler(), Numbers())
    for model in (Numbers(), scaled):
        for strategy in (PPAL(), PPAL(model), PoolSubsampling(PPAL(), max_pool=10)):
            learner = ActiveLearner(
                model, strategy, n_initial=3, budget=4, batch_size=2, random_state=0
            ).fit(X, [labeled(0, 1) for _ in X])
            assert learner.labeled_mask_.sum() == 7


@pytest.mark.deep
def test_with_a_detector():
    from skactive.nets import NetDetector

    rng = np.random.RandomState(0)
    X, y = rng.normal(0, 0.1, (16, 1, 32, 32)).astype(np.float32), []
    for k, image in enumerate(X):
        i, j = rng.randint(0, 20, 2)
        image[0, i : i + 10, j : j + 10] += 1 if k % 2 else -1
        y.append(
            {"boxes": [[j, i, j + 10, i + 10]], "labels": ["dark", "bright"][k % 2]}
        )
        y[-1]["labels"] = [y[-1]["labels"]]
    net = NetDetector(module__width=8, max_epochs=3, classes=["bright", "dark"])
    asked = []
    for _ in range(2):
        learner = ActiveLearner(
            net, PPAL(), n_initial=4, budget=6, batch_size=3, random_state=0
        ).fit(X, y)
        asked.append(learner.queried_indices_.tolist())
    assert len(set(asked[0])) == 10 and asked[0] == asked[1]
    net = NetDetector(module__width=16, max_epochs=80, random_state=0)
    strategy = PPAL(net, random_state=0).fit(X[:8], y[:8], X[8:])
    assert min(strategy.class_quality_.values()) > 0.3
    assert set(strategy.class_quality_) == {"bright", "dark"}
    # Of two kinds of image, one each.
    strategy = PPAL(net, use_labeled=False, random_state=0).fit(X[:8], y[:8], X[8:])
    assert len({k % 2 for k in strategy.query(2)}) == 2


def test_it_is_found_where_boxes_are_asked_for():
    assert PPAL not in all_strategies()
    assert PPAL in all_strategies(boxes=True)
