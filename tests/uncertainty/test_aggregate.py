"""From pixels and boxes to one score: numbers by hand, models of every kind."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator
from sklearn.datasets import load_iris
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skactive import ActiveLearner
from skactive.uncertainty import (
    EntropySampling,
    LeastConfidenceSampling,
    MarginSampling,
    entropy,
    least_confidence,
    margin,
)
from skactive.utils import _units
from skactive.utils._aggregate import aggregate_units
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers

STRATEGIES = [EntropySampling, MarginSampling, LeastConfidenceSampling]

# Four pixels: undecided between two, certain, certain, uniform.
PIXELS = np.array([[0.5, 0.5, 0], [1, 0, 0], [1, 0, 0], [1 / 3, 1 / 3, 1 / 3]])
CERTAIN = np.tile([0.0, 1.0, 0.0], (4, 1))
NO_MASKS = np.zeros((1, 2, 2), int)  # the models below are fitted already


class Maps(BaseEstimator):
    """Knows a table of maps, and its kind by nothing but the shape of its answers."""

    def __init__(self, tables=None):
        self.tables = tables

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def predict(self, X):
        return self.predict_proba(X).argmax(axis=1)

    def predict_proba(self, X):
        units = np.stack([self.tables[int(k)] for k in np.asarray(X)[:, 0]])
        proba = units.transpose(0, 2, 1)
        return proba.reshape(*proba.shape[:2], 2, -1)


class Segments(Maps):
    """As a NetSegmenter: says its kind and goes through samples by itself."""

    answers_kind = MaskAnswers

    def iter_proba(self, X):
        for row in X:
            yield super().predict_proba(row[None])


class Detects(BaseEstimator):
    """Finds boxes, with a probability per class and box."""

    answers_kind = BoxAnswers

    def __init__(self, found=None):
        self.found = found

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def predict(self, X):
        return [{"probas": self.found[int(k)]} for k in np.asarray(X)[:, 0]]


def asked(strategy, model, n, y=NO_MASKS):
    X = np.arange(n, dtype=float)[:, None]
    strategy.set_params(estimator=FrozenEstimator(model.fit(X)), random_state=0)
    return strategy.fit(np.zeros((len(y), 1)), y, X), X


def scores(strategy, model, n, y=NO_MASKS):
    strategy, X = asked(strategy, model, n, y)
    return strategy.score_samples(X)


# -------------------------------------------------------------------- the arithmetic


@pytest.mark.parametrize(
    "how, expected",
    [
        ("mean", 0.447940),
        ("sum", 1.791759),
        ("max", 1.098612),
        (0.25, 1.098612),
        (0.5, 0.895880),
        (1.0, 0.447940),
        (0.26, 0.895880),  # more than one of four are two
        (1e-12, 1.098612),  # one at least
        (np.median, 0.346574),
        (None, 0.447940),
    ],
)
@pytest.mark.parametrize("model", [Maps, Segments])
def test_entropies_of_four_pixels(model, how, expected):
    measured = scores(EntropySampling(aggregate=how), model([PIXELS]), 1)
    assert_allclose(measured, [expected], atol=5e-7)


@pytest.mark.parametrize(
    "strategy, expected",
    [(MarginSampling(), 0.5), (LeastConfidenceSampling(), 0.291667)],
)
def test_other_measures_of_four_pixels(strategy, expected):
    assert_allclose(scores(strategy, Segments([PIXELS]), 1), [expected], atol=5e-7)


def test_an_image_twice_as_large():
    model = Segments([PIXELS, np.repeat(PIXELS, 2, axis=0)])
    mean = scores(EntropySampling(), model, 2)
    assert mean[0] == pytest.approx(mean[1])
    total = scores(EntropySampling(aggregate="sum"), model, 2)
    assert_allclose(total, [1.791759, 3.583519], atol=5e-7)


def test_weights_of_predicted_classes():
    model = Segments(
        [np.array([[0.5, 0.5, 0], [1, 0, 0], [0.2, 0.8, 0], [1, 0, 0]])[:3]]
    )
    model.tables[0] = np.repeat(model.tables[0], 2, axis=0)  # an even number of pixels
    plain = scores(EntropySampling(), model, 1)
    weighted = scores(EntropySampling(class_weight=(1, 3, 1)), model, 1)
    assert_allclose([*plain, *weighted], [0.397850, 0.438871], atol=5e-7)
    total = scores(EntropySampling(class_weight=(1, 3, 1), aggregate="sum"), model, 1)
    assert_allclose(total, 2 * 5 * weighted)


def test_weights_of_nothing_count_as_nothing_found():
    """An image all of a class that weighs 0 ranks as one without boxes."""
    half = np.tile([0.5, 0.0, 0.5], (4, 1))
    for how in ("mean", "sum"):
        for empty, like in (("lowest", 0), ("highest", 3)):
            strategy = EntropySampling(
                aggregate=how, class_weight=[1, 0, 0], empty=empty
            )
            model = Segments([PIXELS, CERTAIN, half[:, [1, 0, 2]], half])
            found = scores(strategy, model, 4)
            expected = np.array([0.447940, np.log(2)]) * (4 if how == "sum" else 1)
            assert_allclose(found[[0, 3]], expected, atol=2e-6)
            assert found[1] == found[2] == found[like]


# ----------------------------------------------------------------------------- boxes


def sigmoids(*values):
    """Boxes with a score of their own for each class, which sum to nothing special."""
    return np.array([[0.01, value, 0.02] for value in values]).reshape(-1, 3)


BOXES = sigmoids(0.5, 0.9, 0.99)
TEN = sigmoids(*[0.9] * 10)


@pytest.mark.parametrize(
    "how, expected, winner",
    [
        (None, [1.074232, 3.250830], 1),
        ("sum", [1.074232, 3.250830], 1),
        ("mean", [0.358077, 0.325083], 0),
        ("max", [0.693147, 0.325083], 0),
    ],
)
def test_entropies_of_boxes(how, expected, winner):
    strategy, X = asked(EntropySampling(aggregate=how), Detects([BOXES, TEN]), 2)
    assert_allclose(strategy.score_samples(X), expected, atol=5e-7)
    assert strategy.query(1)[0] == winner


def test_boxes_of_one_class_are_binary():
    found = [BOXES[:, 1:2], TEN[:, 1:2]]
    assert_allclose(
        scores(EntropySampling(), Detects(found), 2), [1.074232, 3.250830], atol=5e-7
    )
    assert_allclose(
        scores(MarginSampling(), Detects(found), 2), [1.22, 2.0], atol=1e-12
    )


def test_boxes_with_distributions_are_measured_by_these():
    assert_allclose(
        scores(EntropySampling(), Detects([PIXELS]), 1), [1.791759], atol=5e-7
    )


@pytest.mark.parametrize(
    "empty, expected",
    [("lowest", 0.325083), ("median", 0.693147), ("highest", 3.250830)],
)
@pytest.mark.parametrize(
    "nothing", [np.zeros((0, 3)), np.zeros((0, 1)), np.zeros(0), []]
)
def test_images_without_boxes(empty, expected, nothing):
    found = [sigmoids(0.5), nothing, TEN, sigmoids(0.9), nothing]
    measured = scores(EntropySampling(empty=empty), Detects(found), 5)
    assert_allclose(measured[[1, 4]], expected, atol=5e-7)
    assert_allclose(measured[[0, 2, 3]], [0.693147, 3.250830, 0.325083], atol=5e-7)


def test_no_boxes_at_all_are_a_tie():
    strategy, X = asked(EntropySampling(), Detects([np.zeros((0, 3))] * 4), 4)
    assert_array_equal(strategy.score_samples(X), np.zeros(4))
    assert len(set(strategy.query(4))) == 4


def test_weights_of_the_classes_of_boxes():
    found = [np.array([[0.9, 0.1], [0.2, 0.8]])]
    plain = scores(EntropySampling(aggregate=lambda h: h[0]), Detects(found), 1)
    second = scores(EntropySampling(aggregate=lambda h: h[1]), Detects(found), 1)
    strategy = EntropySampling(class_weight=[2, 3])
    assert_allclose(scores(strategy, Detects(found), 1), 2 * plain + 3 * second)

    # One sigmoid for each class: scores of .5, .9 and .99, all of the second class.
    weighted = scores(EntropySampling(class_weight=[7, 3, 7]), Detects([BOXES]), 1)
    assert_allclose(weighted, [3 * 1.074232], atol=2e-6)
    found = [np.array([[0.1, 0.4], [0.3, 0.2]])]  # doubtful boxes have a class, too
    both = np.array([entropy([[0.4, 0.6]])[0], entropy([[0.3, 0.7]])[0]])
    weighted = scores(EntropySampling(class_weight=[2, 3]), Detects(found), 1)
    assert_allclose(weighted, [[3, 2] @ both])
    one = scores(EntropySampling(class_weight=[2]), Detects([BOXES[:, 1:2]]), 1)
    assert_allclose(one, [2 * 1.074232], atol=2e-6)


# -------------------------------------------------- weights by what has been labeled

ROOTS = [0.219795, 0.695051, 2.085154]  # of 90, 9 and 1


def mask_of(labels, counts):
    return np.repeat(labels, counts).reshape(1, 1, -1)


@pytest.mark.parametrize("how", ["mean", "sum", None])
@pytest.mark.parametrize("model", [Maps, Segments])
def test_root_weights_of_labeled_pixels(how, model):
    tables = np.random.RandomState(0).dirichlet(np.ones(3), (2, 8))
    y = mask_of([0, 1, 2, 255], [90, 9, 1, 50])
    given = EntropySampling(aggregate=how, class_weight=ROOTS)
    expected = scores(given, model(tables), 2)
    strategy = EntropySampling(aggregate=how, class_weight="sqrt")
    assert_allclose(scores(strategy, model(tables), 2, y), expected, rtol=2e-6)
    parts = [*y[:, :, :40], *y[:, :, 40:]]  # masks of several sizes
    assert_allclose(scores(strategy, model(tables), 2, parts), expected, rtol=2e-6)


class Named(Segments):
    classes_ = np.array([3, 7, 9])


def test_pixels_are_counted_by_the_classes_of_the_model():
    tables = np.random.RandomState(0).dirichlet(np.ones(3), (2, 8))
    y = mask_of([9, 3, 7, 0], [1, 90, 9, 50])
    model = make_pipeline(FunctionTransformer(), Named(tables))
    expected = scores(EntropySampling(class_weight=ROOTS), Named(tables), 2)
    strategy = EntropySampling(class_weight="sqrt")
    assert_allclose(scores(strategy, model, 2, y), expected, rtol=2e-6)


def test_a_class_that_was_never_labeled_weighs_as_the_heaviest():
    tables = np.random.RandomState(0).dirichlet(np.ones(3), (2, 8))
    strategy = EntropySampling(class_weight="sqrt")
    given = EntropySampling(class_weight=[3 / 7, 9 / 7, 9 / 7])
    expected = scores(given, Maps(tables), 2)
    found = scores(strategy, Maps(tables), 2, mask_of([0, 1], [9, 1]))
    assert_allclose(found, expected)
    # Nothing labeled: all pixels are ignored.
    found = scores(strategy, Maps(tables), 2, mask_of([255], [4]))
    assert_allclose(found, scores(EntropySampling(), Maps(tables), 2))


class Finds(Detects):
    classes_ = np.array(["cat", "dog", "owl"])


def boxes_of(*labels):
    return {"boxes": [[0, 0, 2, 2]] * len(labels), "labels": list(labels)}


def test_root_weights_of_labeled_boxes():
    y = [boxes_of(*["dog"] * 9), boxes_of(*["cat"] * 90), boxes_of("owl"), boxes_of()]
    found = [np.random.RandomState(0).uniform(size=(5, 3)), TEN, np.zeros((0, 3))]
    for how in ("sum", "mean"):
        given = EntropySampling(aggregate=how, class_weight=ROOTS)
        strategy = EntropySampling(aggregate=how, class_weight="sqrt")
        expected = scores(given, Finds(found), 3)
        assert_allclose(scores(strategy, Finds(found), 3, y), expected, rtol=2e-6)
    nothing = scores(strategy, Finds(found), 3, [boxes_of()])
    assert_allclose(nothing, scores(EntropySampling(aggregate="mean"), Finds(found), 3))


def test_boxes_of_classes_that_the_model_does_not_have_are_refused():
    strategy = EntropySampling(class_weight="sqrt")
    with pytest.raises(ValueError, match="class_weight='sqrt' counts.*'cow'"):
        scores(strategy, Finds([BOXES]), 1, [boxes_of("cat", "cow")])
    with pytest.raises(ValueError, match="(?s)are 3, no class.*0 to 2"):
        scores(strategy, Detects([BOXES]), 1, [boxes_of(1, 3)])


# ------------------------------------------------------------------ models and chunks


@pytest.mark.parametrize("cls", STRATEGIES)
@pytest.mark.parametrize("how", ["mean", "sum", "max", 0.2, np.median])
def test_scores_do_not_depend_on_how_the_maps_come(cls, how, monkeypatch):
    tables = np.random.RandomState(0).dirichlet(np.ones(4), (9, 12))
    expected = scores(cls(aggregate=how), Segments(tables), 9)
    assert_allclose(scores(cls(aggregate=how), Maps(tables), 9), expected)
    monkeypatch.setattr(_units, "CHUNK", 1)
    assert_allclose(scores(cls(aggregate=how), Maps(tables), 9), expected)
    # And are what the measure of single samples says of each pixel.
    measure = {
        EntropySampling: entropy,
        MarginSampling: margin,
        LeastConfidenceSampling: least_confidence,
    }[cls]
    h = np.stack([measure(table) for table in tables])
    assert_allclose(expected, aggregate_units(h, how))


@pytest.mark.parametrize("cls", STRATEGIES)
def test_single_precision_and_one_class(cls):
    tables = np.random.RandomState(0).dirichlet(np.ones(4), (3, 12))
    double = scores(cls(), Segments(tables), 3)
    assert_allclose(scores(cls(), Segments(np.float32(tables)), 3), double, rtol=1e-5)
    assert_array_equal(scores(cls(), Segments(np.ones((3, 4, 1))), 3), np.zeros(3))


def test_a_pipeline_before_the_maps():
    model = make_pipeline(FunctionTransformer(lambda X: X - 1), Segments([PIXELS]))
    strategy = EntropySampling(FrozenEstimator(model.fit(np.ones((1, 1))))).fit(
        [[1.0]], NO_MASKS, [[1.0]]
    )
    assert_allclose(strategy.score_samples(np.ones((2, 1))), [0.447940] * 2, atol=5e-7)


# -------------------------------------------------------------------------- refusals


@pytest.mark.parametrize("cls", STRATEGIES)
@pytest.mark.parametrize(
    "settings",
    [
        {"aggregate": "mean"},
        {"aggregate": 0.5},
        {"class_weight": [1, 2]},
        {"class_weight": "sqrt"},
    ],
)
def test_classifiers_have_one_unit_and_are_not_even_fitted(cls, settings):
    class Counts(LogisticRegression):
        n_fits = 0

        def fit(self, X, y):
            Counts.n_fits += 1
            return super().fit(X, y)

    X, y = load_iris(return_X_y=True)
    match = f"aggregate and class_weight of {cls.__name__}.*Leave them at None"
    with pytest.raises(ValueError, match=match):
        cls(Counts(), **settings).fit(X[::5], y[::5], X)
    assert Counts.n_fits == 0


@pytest.mark.parametrize(
    "settings, match",
    [
        ({"aggregate": "median"}, "'aggregate'"),
        ({"aggregate": 0}, "'aggregate'"),
        ({"aggregate": 1.5}, "'aggregate'"),
        ({"aggregate": -0.5}, "'aggregate'"),
        ({"empty": "none"}, "'empty'"),
        ({"class_weight": "balanced"}, "'class_weight'"),
        ({"class_weight": [1, 2]}, r"one number for each of 3 classes.*\[1, 2\]"),
        ({"class_weight": [1, -1, 1]}, "class_weight.*0 or more"),
        ({"class_weight": [1, np.nan, 1]}, "class_weight.*0 or more"),
        ({"class_weight": [1, 2, 3], "aggregate": "max"}, "for aggregate 'mean' or"),
        ({"class_weight": [1, 2, 3], "aggregate": 0.5}, "for aggregate 'mean' or"),
        ({"class_weight": [1, 2, 3], "aggregate": np.max}, "for aggregate 'mean' or"),
        ({"class_weight": "sqrt", "aggregate": "max"}, "for aggregate 'mean' or"),
        ({"aggregate": lambda h: np.nan}, "aggregate.*nan"),
        ({"aggregate": lambda h: h}, "aggregate.*one number"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, match):
    with pytest.raises(ValueError, match=match):
        scores(EntropySampling(**settings), Segments([PIXELS]), 1)


@pytest.mark.parametrize("weight", ["sqrt", [1, 2, 3]])
@pytest.mark.parametrize("model", [Segments(), Detects()])
def test_weights_that_no_aggregate_takes_are_refused_before_a_label_is_paid(
    weight, model
):
    def oracle(rows, X_rows):
        raise AssertionError("paid")

    strategy = EntropySampling(aggregate="max", class_weight=weight)
    with pytest.raises(ValueError, match="class_weight of EntropySampling"):
        ActiveLearner(model, strategy, oracle=oracle).fit(np.zeros((30, 1)))


@pytest.mark.parametrize("bad", [np.nan, 2.0])
@pytest.mark.parametrize("model", [Maps, Segments])
def test_maps_that_are_no_probabilities_are_refused(model, bad):
    broken = PIXELS.copy()
    broken[2] = bad
    with pytest.raises(ValueError, match="must sum to 1 over the classes"):
        scores(EntropySampling(), model([PIXELS, broken]), 2)


# -------------------------------------------------------------- classification as ever


@pytest.mark.parametrize(
    "cls, measure",
    [
        (EntropySampling, entropy),
        (MarginSampling, margin),
        (LeastConfidenceSampling, least_confidence),
    ],
)
def test_scores_of_a_classifier_are_those_of_its_probabilities(cls, measure):
    X, y = load_iris(return_X_y=True)
    model = LogisticRegression().fit(X[::5], y[::5])
    strategy = cls(FrozenEstimator(model)).fit(X[::5], y[::5], X)
    assert_array_equal(strategy.score_samples(X), measure(model.predict_proba(X)))
