"""Answers of several columns: what is read, kept, refused, and written to JSON."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from skactive.utils import is_missing
from skactive.utils._label_sets import (
    LabelSetAnswers,
    NumberRowAnswers,
    in_columns,
    spread_columns,
)

NAN = float("nan")
WHOLE = [[1, 0, 1], [0, 0, 0], [1, 1, 1]]
GAPS = [[1, 0, 1], [NAN, NAN, NAN], [1, 1, 1]]
KINDS = {"sets": LabelSetAnswers, "numbers": NumberRowAnswers}
EACH_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)

CONTAINERS = {
    "array": np.array(GAPS),
    "objects": np.array(GAPS, dtype=object),
    "list": GAPS,
    "list with None": [GAPS[0], None, GAPS[2]],
    "objects of rows": np.array([GAPS[0], None, tuple(GAPS[2])], dtype=object),
    "rows of None": [GAPS[0], [None] * 3, GAPS[2]],
    "frame": pd.DataFrame(GAPS),
    "frame of nullable integers": pd.DataFrame(GAPS).astype("Int64"),
    "masked": np.ma.masked_invalid(GAPS),
}


@EACH_KIND
@pytest.mark.parametrize("y", CONTAINERS.values(), ids=CONTAINERS)
def test_a_row_may_be_missing_in_any_container(kind, y):
    assert in_columns(y)
    answers = kind()
    read = answers.read(y, 3)
    missing = answers.missing(read)
    assert missing.tolist() == [False, True, False] and answers.width == 3
    kept = answers.keep(read)
    present = answers.present(kept[~missing])
    assert present.tolist() == [GAPS[0], GAPS[2]]
    assert present.dtype.kind == ("i" if kind is LabelSetAnswers else "f")
    published = answers.published(kept, ~missing)
    np.testing.assert_array_equal(published, np.array(GAPS))


def test_polars_and_torch_are_arrays_here():
    polars, torch = pytest.importorskip("polars"), pytest.importorskip("torch")
    frame = pl_frame = polars.DataFrame(WHOLE, orient="row")
    for y in (frame, pl_frame.cast(float), torch.tensor(WHOLE)):
        assert in_columns(y)
        answers = LabelSetAnswers()
        assert answers.natural(answers.read(y, 3)).tolist() == WHOLE


def test_a_marker_of_absent_rows_fills_them():
    answers = LabelSetAnswers(-1)
    y = answers.read([[1, 0], [-1, -1], -1], 3)
    missing = answers.missing(y)
    assert missing.tolist() == [False, True, True]
    published = answers.published(answers.keep(y), ~missing)
    assert published.tolist() == [[1, 0], [-1, -1], [-1, -1]]
    with pytest.raises(ValueError, match="If -1 marks rows without labels, pass"):
        LabelSetAnswers().read([[1, 0], [-1, -1]], 2)


def test_what_tells_that_there_are_columns():
    several = (np.zeros((4, 2)), [[1, 0]], [None, (1, 0)], sparse.csr_array(WHOLE))
    assert all(in_columns(y) for y in several)
    single = ([1, 0], ["a"], np.zeros((4, 1)), [[1], [0]], np.zeros(4), [{"boxes": []}])
    assert not any(in_columns(y) for y in single)
    assert not any(in_columns(y) is None for y in single)
    nothing = (None, [None, None], np.full(3, NAN), np.array([None], dtype=object))
    assert all(in_columns(y) is None for y in nothing)
    assert in_columns(np.full(3, -1), -1) is None


REFUSED = {
    "missing in part": ([[1, NAN, 0]], "Row 0 of the labels given is missing in part"),
    "None in part": ([[1, None, 0]], "missing in part"),
    "infinite": ([[1, np.inf, 0]], r"Row 0 .* is \[1.0, inf, 0.0\]"),
    "words": ([["a", "b", "c"]], "Row 0 of the answers is"),
    "numbers in words": ([["1", "0", "1"]], "Row 0 of the answers is"),
    "complex": ([[1j, 0, 1]], "Row 0 of the answers is"),
    "a scalar": ([1], "got 1. Give one row"),
    "a word": (["cat"], "got 'cat'"),
    "a set": ([{"cat", "dog"}], "MultiLabelBinarizer"),
    "a dict": ([{"boxes": []}], "got {'boxes'"),
    "a mask": ([np.zeros((2, 2))], "got array"),
    "no column": ([[]], r"got \[\]"),
    "fewer columns": ([[1, 0]], "has 2 columns and others have 3"),
    "more columns": ([[1, 0, 1, 1]], "has 4 columns and others have 3"),
}


@EACH_KIND
@pytest.mark.parametrize(("answer", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_row_is_refused_beside_a_known_one_and_in_y(kind, answer, words):
    def given_later():
        each = kind().each(answer, 1)
        kind().missing(each)
        kind().check(list(each), [np.array([1.0, 0, 1])])

    for refused in (given_later, lambda: kind().read([WHOLE[0], *answer], 2)):
        with pytest.raises(ValueError, match=words.replace("Row 0", "Row [01]")):
            refused()


@EACH_KIND
def test_sparse_answers_are_refused_with_what_to_do(kind):
    y = sparse.csr_array(WHOLE)
    for look in (kind().read, kind().each):
        with pytest.raises(ValueError, match=r"pass y.toarray\(\)"):
            look(y, 3)


def test_only_a_set_of_labels_is_0_or_1():
    assert NumberRowAnswers().check([[2, 0.5]]) is None
    for row in ([2, 0], [0.5, 0]):
        with pytest.raises(ValueError, match="a row of 0 and 1, one for each label"):
            LabelSetAnswers().check([row])
        with pytest.raises(ValueError, match="Row 7 of the answers"):
            LabelSetAnswers().check(np.array([[1, 0], row]), names=np.array([3, 7]))
    assert LabelSetAnswers().check([[True, False]]) is None


@EACH_KIND
def test_one_answer_goes_to_each_row(kind):
    for answer in ([1, 0, 1], np.zeros((2, 3)), np.zeros((1, 3, 1)), []):
        with pytest.raises(ValueError, match="1 rows were asked for and the answer"):
            kind().each(answer, 1)
    with pytest.raises(ValueError, match="There are 4 samples and 3 rows of y"):
        kind().read(WHOLE, 4)


@EACH_KIND
def test_an_answer_is_a_copy(kind):
    given = np.array(WHOLE, dtype=float)
    each, kept = kind().each(given, 3), kind().keep(given)
    given[:] = 0
    assert np.stack(list(each)).tolist() == np.stack(list(kept)).tolist() == WHOLE


def test_classes_are_those_of_one_label_per_row():
    with pytest.raises(ValueError, match="Leave classes=None"):
        LabelSetAnswers(declared=np.array([0, 1]))


@pytest.mark.parametrize(
    ("kind", "row"),
    [(LabelSetAnswers, [1, 0, 1]), (NumberRowAnswers, [0.1, -2e300, 1 / 3])],
    ids=KINDS,
)
def test_a_row_is_the_same_after_json(kind, row):
    answers = kind()
    written = answers.to_json(np.array(row))
    assert written == row == answers.cell(row)
    assert answers.from_json(written).tolist() == row
    for absent in (None, NAN, [NAN, NAN], np.full(2, NAN)):
        assert answers.to_json(absent) is None
    assert answers.from_json(None) is None


def test_columns_that_are_the_same_everywhere_tell_of_too_few():
    labels = np.array([[1, 0, 1], [1, 1, 0]])
    answers = LabelSetAnswers()
    assert answers.lacks(labels, ValueError("needs samples of at least 2 classes"))
    assert answers.lacks(labels, ValueError("n_splits=5 cannot be greater"))
    assert not answers.lacks(labels, ValueError("Input X contains NaN"))
    assert not answers.lacks(labels[:, 1:], ValueError("only one class"))
    assert "2 have label 0" in answers.advice(labels)
    assert "OneVsRestClassifier" in answers.advice(labels)


def test_classes_of_a_model_that_missed_some():
    model = LogisticRegression()
    assert LabelSetAnswers().classes_of(model, None) is None
    model.classes_ = [np.array([0, 1]), np.array([1])]
    classes = LabelSetAnswers().classes_of(model, None)
    assert [column.tolist() for column in classes] == [[0, 1], [0, 1]]
    model.classes_ = np.arange(3)
    assert LabelSetAnswers().classes_of(model, None) is model.classes_


def test_probabilities_of_a_label_that_is_the_same_everywhere():
    proba = [np.array([[0.25, 0.75]]), np.ones((1, 1)), np.ones((1, 1))]
    known = [np.array([0, 1]), np.array([0]), np.array([1])]
    spread = spread_columns(proba, known, 0.0)
    assert [each.tolist() for each in spread] == [[[0.25, 0.75]], [[1, 0]], [[0, 1]]]
    matrix = np.zeros((1, 3))
    assert spread_columns(matrix, known, 0.0) is matrix


def test_rows_of_an_array_are_missing_as_a_whole():
    assert is_missing(np.array(GAPS)).tolist() == [False, True, False]
    assert is_missing(np.array([[1, 0], [-1, -1]]), -1).tolist() == [False, True]
    with pytest.raises(ValueError, match="Row 1 of the labels given is missing in"):
        is_missing(np.array([[1, 0], [1, NAN]]))
