"""The kind of answers: told by the model, by what it declares, or by the first."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator
from sklearn.ensemble import BaggingRegressor, RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from skactive.utils._answers import Answers, ClassAnswers, NumberAnswers
from skactive.utils._answers_of import (
    OpenAnswers,
    UnknownAnswers,
    answers_of,
    learns_columns,
    refuse_columns,
)
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers
from skactive.utils._label_sets import LabelSetAnswers, NumberRowAnswers

NOTHING = np.full(3, np.nan)
MASK = np.array([[0, 1]])
BOXES = {"boxes": [[0, 0, 1, 1]], "labels": [0]}


class Silent(BaseEstimator):
    """Neither classifier nor regressor; does not say what it learns from."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return X


class Segments(Silent):
    answers_kind = MaskAnswers


def test_the_kind_follows_the_model():
    assert type(answers_of(LogisticRegression())) is ClassAnswers
    assert type(answers_of(Ridge())) is NumberAnswers
    assert type(answers_of(StandardScaler())) is UnknownAnswers
    declared = answers_of(LogisticRegression(), classes=["b", "a"]).declared
    assert_array_equal(declared, ["a", "b"])


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: model,
        lambda model: make_pipeline(StandardScaler(), model),
        lambda model: make_pipeline(StandardScaler(), make_pipeline(model)),
        lambda model: FrozenEstimator(model),
        lambda model: make_pipeline(FrozenEstimator(model)),
    ],
)
def test_a_model_that_says_its_kind_is_heard_through_wrappers(wrap):
    assert type(answers_of(wrap(Segments()))) is MaskAnswers
    # What it says goes before what y looks like.
    assert type(answers_of(wrap(Segments()), y=[0, 1])) is MaskAnswers


def test_a_search_is_no_reason_not_to_listen():
    search = GridSearchCV(Segments(), {})
    assert type(answers_of(search, y=[MASK, MASK])) is MaskAnswers


def test_classifiers_have_classes_whatever_y_looks_like():
    assert type(answers_of(LogisticRegression(), y=[MASK])) is ClassAnswers


@pytest.mark.parametrize(
    "y, kind",
    [
        ([None, MASK], MaskAnswers),
        (MASK[None], MaskAnswers),
        ([None, BOXES], BoxAnswers),
        ([0.5, 1.0], UnknownAnswers),
        ([None, None], UnknownAnswers),
        (None, UnknownAnswers),
    ],
)
def test_y_tells_where_the_model_is_silent(y, kind):
    answers = answers_of(Silent(), missing_label=None, y=y)
    assert type(answers) is kind
    assert answers_of(Silent(), missing_label=255, y=y).missing_label == 255


@pytest.mark.parametrize(
    "first, kind",
    [([MASK, None], MaskAnswers), ([None, BOXES], BoxAnswers), (MASK[None], 0)],
)
def test_the_first_answer_tells_where_there_is_no_y(first, kind):
    known = (kind or MaskAnswers)()
    answers = answers_of(Silent())
    y = answers.read(None, 4)
    assert answers.missing(y).all() and len(answers.keep(y)) == 4
    given = answers.each(first, len(first))
    assert_array_equal(answers.missing(given), known.missing(given))
    present = given[~answers.missing(given)]
    answers.check(present)
    assert answers.present(present).ndim == (3 if kind == 0 else 1)
    assert answers.to_json(present[0]) == known.to_json(present[0])
    back = answers.from_json(answers.to_json(present[0]))
    assert type(back) is type(present[0])
    # What came first has decided.
    with pytest.raises((ValueError, TypeError), match=r"An answer|Answer 0"):
        answers.check([3])


def test_the_kind_that_was_found_refuses_in_its_own_words():
    answers = answers_of(Silent())
    answers.each([MASK], 1)
    with pytest.raises(ValueError, match=r"\[mask\]"):
        answers.each(MASK, 1)


@pytest.mark.parametrize("value", ["cat", 3, 0.5, True])
def test_single_values_stay_single_values(value):
    answers = answers_of(Silent())
    given = answers.each([value, None], 2)
    assert_array_equal(answers.missing(given), [False, True])
    answers.check([value])
    assert answers.present(np.array([value], dtype=object))[0] == value
    assert answers.to_json(value) == value and answers.from_json(value) == value
    with pytest.raises(ValueError, match="2 rows were asked for"):
        answers.each([value], 2)


def test_nothing_is_decided_by_what_is_absent():
    answers = answers_of(Silent())
    assert answers.missing(answers.each([None, None], 2)).all()
    assert isinstance(answers, Answers)
    answers.check([])
    answers.each([MASK, None], 2)
    assert isinstance(answers._found, MaskAnswers)


# ---------------------------------------- several columns

BOTH = {
    "sets": (RandomForestClassifier(), ClassAnswers, LabelSetAnswers),
    "numbers": (Ridge(), NumberAnswers, NumberRowAnswers),
}


@pytest.mark.parametrize(("model", "single", "rows"), BOTH.values(), ids=BOTH)
def test_the_width_of_y_tells_the_kind(model, single, rows):
    for wrapped in (model, make_pipeline(StandardScaler(), model)):
        assert type(answers_of(wrapped, y=[1, 0])) is single
        assert type(answers_of(wrapped, y=np.zeros((3, 1)))) is single
        assert type(answers_of(wrapped, y=np.zeros((3, 2)))) is rows
        assert type(answers_of(wrapped, y=np.full((3, 2), np.nan))) is rows


@pytest.mark.parametrize(("model", "single", "rows"), BOTH.values(), ids=BOTH)
def test_without_a_label_the_first_answer_tells_the_kind(model, single, rows):
    assert type(answers_of(model, y=NOTHING)) is single
    answers = answers_of(model, y=NOTHING, open_to_columns=True)
    assert isinstance(answers, OpenAnswers)
    row, value = np.array([1.0, 0.0]), 1.0
    assert answers.are_in_columns([row]) and not answers.are_in_columns([value])
    assert not answers.are_in_columns([])
    for given, known in (([row], [value]), ([value], [row])):
        answers.check(given)
        with pytest.raises(ValueError, match="An answer is"):
            answers.check(given, known)
    for answer in (row.tolist(), value):
        written = answers.to_json(answers.each([answer], 1)[0])
        assert written == answer
        assert np.array_equal(answers.from_json(written), answer)
    kept = np.array([None, row], dtype=object)
    published = answers.published(kept, np.array([False, True]))
    assert_array_equal(published, [[np.nan, np.nan], row])
    assert type(answers_of(model, classes=[0, 1], y=NOTHING, open_to_columns=True)) is (
        single
    )


def test_models_of_columns_alone_never_learn_one_label():
    for model, kind in (
        (MultiOutputClassifier(LogisticRegression()), LabelSetAnswers),
        (MultiOutputRegressor(Ridge()), NumberRowAnswers),
    ):
        for y in (None, NOTHING, [1, 0], np.zeros((3, 2))):
            assert type(answers_of(model, y=y)) is kind


def test_who_learns_columns_and_who_is_refused():
    for model in (
        OneVsRestClassifier(SVC()),
        GridSearchCV(OneVsRestClassifier(SVC()), {}),
        make_pipeline(StandardScaler(), RandomForestClassifier()),
        MLPRegressor(),
        BaggingRegressor(),
    ):
        assert learns_columns(model)
        refuse_columns(model)
    for model in (SVC(), SVR(), GridSearchCV(LogisticRegression(), {})):
        assert not learns_columns(model)
        with pytest.raises(ValueError, match="y must be 1-d .* several. .* do."):
            answers_of(model, y=np.zeros((3, 2)))
    refuse_columns(Silent())  # other libraries do not always say
