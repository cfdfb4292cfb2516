"""Masks and boxes as answers: read, absent, kept, given to a model, refused, stored."""

import json

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skactive.utils._dense_answers import (
    BoxAnswers,
    MaskAnswers,
    as_objects,
    kind_of,
)

STACK = np.array([[[0, 1], [2, 2]], [[1, 1], [0, 255]], [[3, 0], [0, 0]]])
MASKS = list(STACK)
ONE_BOX = {"boxes": [[0, 0, 4, 2]], "labels": ["cat"]}
NO_BOX = {"boxes": [], "labels": []}


class ByArray:
    """What numpy can convert, and nothing can iterate over."""

    def __init__(self, data):
        self.data = data

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.data, dtype)


def objects(*values):
    out = np.empty(len(values), dtype=object)
    for k, value in enumerate(values):
        out[k] = value
    return out


def with_gap(y):
    """Return floats whose second mask is NaN."""
    y = y.astype(float)
    y[1] = np.nan
    return y


# ---------------------------------------------------------------------- which kind


@pytest.mark.parametrize(
    "y, kind",
    [
        (STACK, MaskAnswers),
        (STACK.astype(float), MaskAnswers),
        (MASKS, MaskAnswers),
        (tuple(MASKS), MaskAnswers),
        ([None, *MASKS], MaskAnswers),
        ([np.nan, pd.NA, MASKS[0]], MaskAnswers),
        (objects(None, MASKS[0]), MaskAnswers),
        (pd.Series(MASKS), MaskAnswers),
        (np.ma.masked_equal(STACK, 255), MaskAnswers),
        ([ONE_BOX, None], BoxAnswers),
        (objects(None, NO_BOX), BoxAnswers),
        ([0, 1], None),
        (np.array([0, 1]), None),
        (["a", None], None),
        (np.zeros((3, 2)), None),
        (np.zeros((3, 2, 2, 2)), None),
        ([None, None], None),
        ([], None),
        ([[[0, 1], [1, 0]]], None),
        (5, None),
        (ByArray(STACK), MaskAnswers),
        (ByArray(STACK[:, 0, 0]), None),
    ],
)
def test_the_kind_follows_the_first_that_is_present(y, kind):
    assert kind_of(y) is kind


@pytest.mark.parametrize("same", [True, False], ids=["one size", "sizes"])
def test_objects_are_one_to_an_entry_and_views(same):
    masks = [np.zeros((2, 2), int), np.zeros((2, 2) if same else (3, 5), int)]
    out = as_objects(masks)
    assert out.shape == (2,) and out.dtype == object
    assert out[0] is masks[0]
    assert as_objects(out) is out
    assert np.shares_memory(as_objects(STACK)[2], STACK)


# --------------------------------------------------------------- masks: containers


@pytest.mark.parametrize(
    "y, marker, absent",
    [
        (STACK, None, []),
        (STACK.astype(np.uint8), 255, []),
        (MASKS, None, []),
        (MASKS, 255, []),
        (objects(*MASKS), None, []),
        (pd.Series(MASKS), None, []),
        ([MASKS[0], None, MASKS[2]], None, [1]),
        ([MASKS[0], np.nan, MASKS[2]], None, [1]),
        ([MASKS[0], pd.NA, MASKS[2]], None, [1]),
        (objects(MASKS[0], None, None), None, [1, 2]),
        (objects(MASKS[0], None, 255), 255, [1, 2]),
        (with_gap(STACK), None, [1]),
        (with_gap(STACK), 255, [1]),
        (np.where(np.arange(3)[:, None, None] == 1, 255, STACK), 255, [1]),
        (np.where(np.arange(3)[:, None, None] == 1, 255, STACK), None, []),
        (list(np.where(np.arange(3)[:, None, None] == 1, 255, STACK)), 255, [1]),
        (np.ma.array(STACK, mask=np.arange(12).reshape(3, 2, 2) // 4 == 1), None, [1]),
        ([MASKS[0], np.ma.masked_all((2, 2), int), MASKS[2]], None, [1]),
        ([np.ma.asarray(mask) for mask in MASKS], 255, []),
        (None, None, [0, 1, 2]),
        (None, 255, [0, 1, 2]),
    ],
)
def test_absent_masks_of_every_container(y, marker, absent):
    answers = MaskAnswers(marker)
    before = {} if y is None else {k: np.array(mask) for k, mask in enumerate(y)}
    read = answers.read(y, 3)
    assert read.shape == (3,) and read.dtype == object
    missing = answers.missing(read)
    assert missing.dtype == bool
    assert_array_equal(np.flatnonzero(missing), absent)
    kept = answers.keep(read)
    assert_array_equal(answers.missing(kept), missing)
    assert all(mask is marker for mask in kept[missing])
    answers.check(kept[~missing])
    for row in np.flatnonzero(~missing):
        assert_array_equal(kept[row], before[row])
        assert_array_equal(y[row], before[row])  # nothing is written into y
        assert kept[row].dtype.kind in "iu"


def test_a_mask_that_is_ignored_in_part_is_an_answer():
    answers = MaskAnswers(255)
    y = np.full((3, 2, 2), 255, dtype=np.uint8)
    y[1, 0, 0] = 4
    assert_array_equal(answers.missing(answers.read(y, 3)), [True, False, True])
    # And an image that shows nothing is an answer where nothing marks absent ones.
    assert not MaskAnswers().missing(as_objects(y)).any()


def test_keeping_writes_nothing_into_the_masks():
    y = np.full((2, 2, 2), 255)
    answers = MaskAnswers(255)
    kept = answers.keep(answers.read(y, 2))
    kept[0] = np.zeros((2, 2), int)
    assert (y == 255).all()


# ------------------------------------------------ stacked stays stacked, and so on


def test_one_array_stays_one_array():
    answers = MaskAnswers()
    given = answers.present(answers.read(STACK, 3)[[2, 0]])
    assert_array_equal(given, STACK[[2, 0]])
    assert given.dtype == STACK.dtype
    small = MaskAnswers()
    y = STACK.astype(np.uint8)
    assert small.present(small.read(y, 3)[:1]).dtype == np.uint8


@pytest.mark.parametrize("y", [MASKS, objects(*MASKS), tuple(MASKS)], ids=type)
def test_objects_stay_objects_also_when_all_shapes_agree(y):
    answers = MaskAnswers()
    given = answers.present(answers.read(y, 3)[:2])
    assert given.shape == (2,) and given.dtype == object
    assert given[1].shape == (2, 2)


def test_the_first_answer_tells_where_no_y_came():
    for first, ndim in ((STACK[:2], 3), (MASKS[:2], 1)):
        answers = MaskAnswers()
        answers.read(None, 5)
        masks = answers.each(first, 2)
        assert answers.present(masks).ndim == ndim
        # And the second changes nothing.
        assert answers.present(answers.each(MASKS[:2], 2)).ndim == ndim


def test_masks_of_another_size_end_the_stack():
    answers = MaskAnswers()
    kept = answers.read(STACK, 3)
    kept[1] = np.zeros((3, 5), int)
    assert answers.present(kept).shape == (3,)
    assert answers.present(kept[[0, 2]]).shape == (2, 2, 2)


# ------------------------------------------------------------------ masks: refusals


@pytest.mark.parametrize(
    "y, n, match",
    [
        (STACK, 4, "4 samples and 3 masks"),
        (MASKS, 2, "2 samples and 3 masks"),
        (STACK[0], 2, r"one mask per sample.*shape \(2, 2\)"),
        (STACK[None], 1, r"one mask per sample.*shape \(1, 3, 2, 2\)"),
        (with_gap(STACK) + 0.5, 3, "Mask 0 holds 0.5, which is no class number"),
        (np.ma.masked_equal(STACK, 2), 3, r"Mask 0 is hidden in part.*filled\(255\)"),
        ([MASKS[0], np.ma.masked_equal(MASKS[1], 0)], 2, "Mask 1 is hidden in part"),
    ],
)
def test_masks_that_cannot_be_read_are_refused(y, n, match):
    with pytest.raises(ValueError, match=match):
        MaskAnswers().read(y, n)


@pytest.mark.parametrize(
    "bad, match",
    [
        (STACK[0] / 2, r"number 1 is an array of float64 of shape \(2, 2\).*astype"),
        (STACK[0].astype(float), r"number 1 is an array of float64"),
        (STACK[0].astype(str), "number 1 is an array of <U"),
        (STACK, r"number 1 is an array of int64 of shape \(3, 2, 2\)"),
        (STACK[0, 0], r"number 1 is an array of int64 of shape \(2,\)"),
        ([[0, 1], [1, 1]], "number 1 is of type list"),
        (3, "number 1 is of type int"),
        ("cat", "number 1 is of type str"),
        (ONE_BOX, "number 1 is of type dict"),
    ],
)
def test_what_is_no_mask_is_refused_by_its_number(bad, match):
    with pytest.raises(ValueError, match=f"An answer is one mask.*{match}"):
        MaskAnswers().check(objects(STACK[0], bad))


@pytest.mark.parametrize("marker", [0.5, "?", True, (0, 1), np.inf])
def test_a_marker_of_masks_is_a_whole_number(marker):
    with pytest.raises(ValueError, match="missing_label=.*such as 255"):
        MaskAnswers(marker).read(STACK, 3)


@pytest.mark.parametrize("marker", [255, -1, np.uint8(255), None, np.nan, pd.NA])
def test_markers_that_may_be(marker):
    assert not MaskAnswers(marker).missing(MaskAnswers(marker).read(STACK, 3)).any()


@pytest.mark.parametrize(
    "given, n, match",
    [
        (STACK[0], 1, r"list of one row: put it into a list, \[mask\]"),
        (STACK[0], 2, r"2 rows were asked for and the answer holds shape \(2, 2\)"),
        (STACK, 2, "2 rows were asked for and the answer holds 3"),
        (MASKS, 1, "1 rows were asked for and the answer holds 3"),
        ([], 1, "1 rows were asked for and the answer holds 0"),
        (7, 1, "1 rows were asked for"),
        (STACK[None], 1, "1 rows were asked for"),
    ],
)
def test_answers_that_are_not_one_per_row_are_refused(given, n, match):
    with pytest.raises(ValueError, match=match):
        MaskAnswers().each(given, n)


def test_tensors_are_masks_too():
    torch = pytest.importorskip("torch")
    for y in (torch.tensor(STACK), [torch.tensor(mask) for mask in STACK]):
        answers = MaskAnswers(255)
        assert kind_of(y) is MaskAnswers
        read = answers.read(y, 3)
        answers.check(read)
        assert_array_equal(np.stack(list(answers.present(read))), STACK)
        assert isinstance(answers.each(y, 3)[0], np.ndarray)


# ------------------------------------------------------------------- masks: storage


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64, bool])
@pytest.mark.parametrize("shape", [(2, 2), (1, 7), (5, 1), (0, 3)])
def test_masks_come_back_from_json(dtype, shape):
    mask = np.random.RandomState(0).randint(0, 3, shape).astype(dtype)
    answers = MaskAnswers()
    text = json.dumps(answers.to_json(mask))
    back = answers.from_json(json.loads(text))
    assert back.dtype == mask.dtype and back.shape == mask.shape
    assert_array_equal(back, mask)


def test_runs_of_a_class_are_written_once():
    mask = np.zeros((100, 100), np.uint8)
    mask[50:] = 3
    stored = MaskAnswers().to_json(mask)
    assert stored["values"] == [0, 3] and stored["lengths"] == [5000, 5000]


@pytest.mark.parametrize("marker", [None, 255])
def test_absent_masks_come_back_from_json(marker):
    answers = MaskAnswers(marker)
    absent = [None] if marker is None else [None, 255, np.full((2, 2), 255)]
    for value in absent:
        assert answers.to_json(value) is None
    assert answers.from_json(None) is marker
    assert answers.to_json(np.array([[255, 0]])) is not None


# -------------------------------------------------------------------------- boxes


@pytest.mark.parametrize("pack", [list, tuple, lambda y: objects(*y), pd.Series])
def test_boxes_of_every_container(pack):
    answers = BoxAnswers()
    y = answers.read(pack([ONE_BOX, NO_BOX, None, np.nan]), 4)
    assert y.shape == (4,) and y.dtype == object
    assert_array_equal(answers.missing(y), [False, False, True, True])
    kept = answers.keep(y)
    assert kept is not y and kept[0] is ONE_BOX
    assert answers.present(kept[:2]).shape == (2,)
    answers.check(kept[:2])


def test_no_boxes_is_an_answer():
    empty = {"boxes": np.zeros((0, 4)), "labels": np.zeros(0, int)}
    answers = BoxAnswers()
    y = answers.read([NO_BOX, empty], 2)
    assert not answers.missing(y).any()
    answers.check(y)


def test_no_y_means_that_all_boxes_are_absent():
    assert BoxAnswers().missing(BoxAnswers().read(None, 3)).all()


@pytest.mark.parametrize(
    "bad, error, match",
    [
        (np.zeros((2, 5)), TypeError, r"Answer 1 must be a dict.*a\[:, :4\]"),
        ([[0, 0, 1, 1, 0]], TypeError, "Answer 1 must be a dict.*got list"),
        ({"boxes": [[0, 0, 1, 1]]}, TypeError, r"Answer 1.*got \['boxes'\]"),
        ({"boxes": [[0, 0, 0, 1]], "labels": [1]}, ValueError, "Answer 1: box 0"),
    ],
)
def test_what_holds_no_boxes_is_refused_by_its_number(bad, error, match):
    with pytest.raises(error, match=match):
        BoxAnswers().check(objects(ONE_BOX, bad))


@pytest.mark.parametrize(
    "given, n, match",
    [
        (ONE_BOX, 1, r"put them into a list, \[boxes\]"),
        (ONE_BOX, 2, r"put them into a list, \[boxes\]"),
        ([ONE_BOX], 2, "2 rows were asked for and the answer holds 1"),
        ([ONE_BOX] * 3, 2, "2 rows were asked for and the answer holds 3"),
    ],
)
def test_boxes_that_are_not_one_dict_per_row_are_refused(given, n, match):
    with pytest.raises(ValueError, match=match):
        BoxAnswers().each(given, n)


def test_boxes_of_another_number_of_samples_are_refused():
    with pytest.raises(ValueError, match="3 samples and 2 answers"):
        BoxAnswers().read([ONE_BOX, None], 3)


@pytest.mark.parametrize("marker", [-1, "none", 255])
def test_absent_boxes_have_no_marker(marker):
    with pytest.raises(ValueError, match=f"missing_label={marker!r}.*absent boxes"):
        BoxAnswers(marker).read([ONE_BOX], 1)


def test_boxes_come_back_from_json():
    answers = BoxAnswers()
    for given in (ONE_BOX, NO_BOX, {**ONE_BOX, "boxes": np.float32([[0, 0, 1.5, 1]])}):
        back = answers.from_json(json.loads(json.dumps(answers.to_json(given))))
        assert back["boxes"].shape == (len(given["labels"]), 4)
        assert_array_equal(back["boxes"], np.reshape(given["boxes"], (-1, 4)))
        assert_array_equal(back["labels"], given["labels"])
    for kind in ("f4", "f8", "i4"):
        for names in (np.array(["cat"]), np.array([3], "u1"), np.array(["a"], object)):
            given = {"boxes": np.array([[0, 0, 1 / 3 + 1, 7]], kind), "labels": names}
            given["area"] = np.array([0.1], "f4")
            back = answers.from_json(json.loads(json.dumps(answers.to_json(given))))
            assert back.keys() == given.keys()
            for name, part in given.items():
                assert_array_equal(back[name], part)
                assert back[name].dtype == part.dtype
    # Without dtypes, as bridges may write them.
    back = answers.from_json({"boxes": [[0, 0, 4, 2]], "labels": ["cat"]})
    assert back["boxes"].shape == (1, 4) and back["labels"].tolist() == ["cat"]
    with pytest.raises(ValueError, match="An answer"):
        answers.from_json({"boxes": [[4, 0, 0, 2]], "labels": ["cat"]})
    assert answers.to_json(None) is None and answers.from_json(None) is None
