"""What a record keeps of predictions: codes, values, and sets of labels."""

import numpy as np
import pytest
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multioutput import MultiOutputClassifier

from skactive.benchmark import benchmark_strategies
from skactive.benchmark._predicted import _encode, _of_each_label, _spread
from skactive.benchmark._store import RunStore

X, SETS = make_multilabel_classification(120, 6, n_classes=3, random_state=0)
NUMBERS = X @ np.random.RandomState(0).randn(6, 2)
DESIGN = {"n_initial": 10, "batch_size": 10, "budget": 10, "seeds": 2}


def test_classes_are_stored_as_their_numbers_and_values_as_they_are():
    codes = _encode(np.array(["b", "a", "b"]), np.array(["a", "b"]))
    assert codes.tolist() == [1, 0, 1] and codes.dtype == np.uint8
    many = _encode(np.array([299]), np.arange(300))
    assert many.tolist() == [299] and many.dtype == np.uint16
    values = _encode([1, 2], np.array([]))
    assert values.tolist() == [1, 2] and values.dtype == float


def test_classes_that_a_model_has_not_met_have_probability_zero():
    proba = np.array([[0.25, 0.75]])
    spread = _spread(proba, np.array(["a", "d"]), np.array(["a", "b", "d"]))
    assert spread.tolist() == [[0.25, 0, 0.75]] and spread.dtype == np.float32
    same = _spread(proba, np.array(["a", "b"]), np.array(["a", "b"]))
    assert same.tolist() == proba.tolist() and same.dtype == np.float32


@pytest.mark.parametrize("strange", [1, 3, -1])
def test_a_class_is_never_stored_as_its_neighbor(strange):
    with pytest.raises(ValueError, match=rf"\[{strange}\] is not among the classes"):
        _encode(np.array([0, strange, 2]), np.array([0, 2]))


def test_the_probability_of_each_label_however_a_model_has_it():
    matrix = np.array([[0.25, 1.0]])
    each = [np.array([[0.75, 0.25]]), np.ones((1, 1))]
    known = [np.array([0, 1]), np.array([1])]
    assert _of_each_label(matrix, np.arange(2), ()).tolist() == matrix.tolist()
    assert _of_each_label(each, known, ()).tolist() == matrix.tolist()


MODELS = {
    "default": None,
    "each label": MultiOutputClassifier(LogisticRegression(max_iter=500)),
    "forest": RandomForestClassifier(5),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_sets_of_labels_are_stored_and_scored_again(model, tmp_path):
    result = benchmark_strategies(
        ["CoreSet"], {"sets": (X, SETS)}, estimator=model, store=tmp_path, **DESIGN
    )
    assert result.strategies == ["RandomSampling", "CoreSet"] and not result.failures
    run = result.select("sets", "CoreSet")[0]
    assert run.kind == "classifier" and run.predictions.dtype == np.uint8
    assert run.predictions.shape == run.probabilities.shape == (2, 30, 3)
    np.testing.assert_array_equal(run.score("accuracy"), run.scores)
    of_each = (run.predictions == run.y_test).mean(axis=(1, 2))
    hamming = lambda model, X, y: (model.predict(X) == y).mean()  # noqa: E731
    np.testing.assert_allclose(run.score(hamming), of_each)
    assert (run.score("average_precision") > 0).all()
    read = list(RunStore(tmp_path))
    assert all(any(run.decisions_equal(other) for other in read) for run in result.runs)


def test_several_numbers_are_stored_and_scored_again():
    design = {**DESIGN, "estimator": Ridge()}
    result = benchmark_strategies(["CoreSet"], {"numbers": (X, NUMBERS)}, **design)
    run = result.select("numbers", "CoreSet")[0]
    assert run.kind == "regressor" and run.predictions.shape == (2, 30, 2)
    np.testing.assert_array_equal(run.score("bounded_r2"), run.scores)
    assert (run.score("r2") < 1).all()


def test_a_strategy_of_one_class_fails_and_says_what_serves_sets():
    design = {**DESIGN, "seeds": 1}
    result = benchmark_strategies(["margin"], {"sets": (X, SETS)}, **design)
    assert "needs one class per sample" in result.failures[0]["error"]
    for y in (np.where(np.eye(120, 3), np.nan, SETS), SETS.astype(str)):
        with pytest.raises(ValueError, match="^sets: Row 0"):
            benchmark_strategies([], {"sets": (X, y)}, **design)
