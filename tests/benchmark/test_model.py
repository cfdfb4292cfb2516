"""The model follows the target, and what may be two things is asked for."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVR
from sklearn.utils import Bunch

from skactive.benchmark import benchmark_strategies
from skactive.benchmark._model import default_model, model_of_each, task_of
from skactive.benchmark._run import Data
from skactive.datasets import load_dataset
from skactive.exceptions import AmbiguousTargetWarning

N = np.arange(300)
NOISE = np.random.RandomState(0).standard_normal(300)
SMALL = {"n_initial": 30, "batch_size": 8, "budget": 8, "seeds": 1}


def data(y, task=None, **more):
    y = np.asarray(y)
    return Data("d", np.zeros((len(y), 2)), y, "hash", task=task, **more)


CLASSES = {
    "two": N % 2,
    "ten": N % 10,
    "floats": (N % 3).astype(float),
    "signs": N % 2 * 2 - 1,
    "booleans": N % 2 == 0,
    "words": np.array(["a", "b"])[N % 2],
    "many words": N.astype(str),
    "numbered": N % 40,
    "numbered from 1": N % 40 + 1,
    "few, with gaps": N % 20 * 7,
    "small": np.arange(12) % 6,
}
VALUES = {
    "normal": NOISE,
    "float32": NOISE.astype(np.float32),
    "halves": N % 7 / 2,
    "one half": np.where(N == 3, 0.5, N % 3),
}
# Whole numbers that are rather values: few rows for each.
REFUSED = {
    "rounded": np.rint(100 * NOISE),
    "integers": np.rint(100 * NOISE).astype(int),
    "all different": N,
    "all different, from 1": N + 1,
    "unsigned": (np.abs(NOISE) * 1000).astype(np.uint16),
    "diabetes": load_diabetes().target,
}
WARNED = {
    "ages": np.arange(18, 58)[N % 40],
    "negative": N % 30 - 10,
    "floats": (N % 50 + 5).astype(float),
    "numbered, few rows": N % 100,
}


@pytest.mark.parametrize("kind", CLASSES)
def test_classes_are_told_without_a_word(kind):
    assert task_of(data(CLASSES[kind])) == "classification"


@pytest.mark.parametrize("kind", VALUES)
def test_values_are_told_without_a_word(kind):
    assert task_of(data(VALUES[kind])) == "regression"


@pytest.mark.parametrize("kind", REFUSED)
def test_many_whole_numbers_of_few_rows_are_asked_about(kind):
    with pytest.raises(ValueError, match="d: .*whole numbers.*Pass estimator="):
        task_of(data(REFUSED[kind]))


@pytest.mark.parametrize("kind", WARNED)
def test_many_whole_numbers_of_many_rows_are_classes_with_a_warning(kind):
    with pytest.warns(
        AmbiguousTargetWarning, match="taken for a class. Pass estimator="
    ):
        assert task_of(data(WARNED[kind])) == "classification"


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("kind", [*REFUSED, *WARNED])
def test_whoever_gives_the_data_may_say_it(kind, task):
    y = {**REFUSED, **WARNED}[kind]
    assert task_of(data(y, task)) == task


@pytest.mark.parametrize("kind", [*REFUSED, *WARNED, *VALUES])
def test_a_given_regressor_settles_it(kind):
    y = {**REFUSED, **WARNED, **VALUES}[kind]
    model = Ridge()
    assert model_of_each(model, [data(y)]) == {"d": model}


@pytest.mark.parametrize("kind", [*REFUSED, *WARNED])
def test_a_given_classifier_settles_it(kind):
    model = LogisticRegression()
    assert model_of_each(model, [data({**REFUSED, **WARNED}[kind])]) == {"d": model}


@pytest.mark.parametrize("kind", VALUES)
def test_a_classifier_for_values_is_refused(kind):
    with pytest.raises(ValueError, match="no classes.*estimator=KNeighborsClassifier"):
        model_of_each(KNeighborsClassifier(), [data(VALUES[kind])])


def test_a_regressor_for_words_is_refused():
    with pytest.raises(ValueError, match="words, such as 'a'.*estimator=SVR"):
        model_of_each(SVR(), [data(CLASSES["words"])])


def test_a_test_part_of_another_kind_is_refused():
    mixed = data([0, 1], X_test=np.zeros((1, 2)), y_test=np.array(["0"]))
    with pytest.raises(ValueError, match="d: target holds int64 and test_target <U1"):
        model_of_each(None, [mixed])


def test_data_for_different_tasks_are_not_one_benchmark():
    one, other = data(CLASSES["two"]), data(VALUES["normal"])
    other.name = "e"
    with pytest.raises(
        ValueError, match="different tasks.*'e': 'regression'.*estimator="
    ):
        model_of_each(None, [one, other])


def test_zeros_of_sparse_features_stay_zeros():
    X = sparse.csr_array(np.eye(3))
    scaled = default_model("classification", X)[0].fit_transform(X)
    assert sparse.issparse(scaled) and scaled.nnz == 3
    assert default_model("regression", np.eye(3))[0].with_mean


def test_a_benchmark_without_a_model_is_a_regression_where_there_are_values():
    X = np.column_stack([NOISE, N])
    result = benchmark_strategies(["CoreSet"], {"d": (X, 3 * NOISE)}, **SMALL)
    assert result.strategies == ["RandomSampling", "CoreSet"] and not result.failures
    run = result.runs[0]
    assert run.kind == "regressor" and run.config["scoring"] == "bounded_r2"
    assert run.scores[-1] > 0.9
    np.testing.assert_allclose(run.score("bounded_r2"), run.scores)


def test_a_bunch_that_says_regression_is_one_also_of_whole_numbers():
    result = benchmark_strategies([], load_dataset("diabetes"), **SMALL)
    assert result.runs[0].kind == "regressor" and not result.failures
    by_name = benchmark_strategies([], "diabetes", **SMALL)
    assert by_name.runs[0].decisions_equal(result.runs[0])
    with pytest.raises(ValueError, match="diabetes: the target.*Pass estimator="):
        benchmark_strategies([], {"diabetes": load_diabetes(return_X_y=True)}, **SMALL)


def test_the_warning_points_at_the_call():
    X = np.column_stack([NOISE, N])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        benchmark_strategies([], {"d": (X, WARNED["ages"])}, **SMALL)
    found = [w for w in caught if w.category is AmbiguousTargetWarning]
    assert len(found) == 1 and found[0].filename == __file__


def test_a_task_that_no_model_is_for_is_refused():
    y = [{"boxes": [[0, 0, 2, 2]], "labels": [1]}] * 80
    boxes = Bunch(data=np.zeros((80, 1, 4, 4)), target=y, name="boxes")
    with pytest.raises(ValueError, match="boxes: the target holds masks or boxes"):
        benchmark_strategies([], boxes, **SMALL)
    with pytest.raises(ValueError, match="LogisticRegression learns one label"):
        benchmark_strategies([], boxes, LogisticRegression(), **SMALL)
