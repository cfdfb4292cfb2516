"""From labels, given or missing, hard or soft, to seeds."""

import numpy as np
import pytest
from sklearn.exceptions import DataConversionWarning

from skactive.graph import SparseLabelSpreading
from skactive.graph._seeds import read_new_seeds, read_seeds, shares

ENDS = [0, -1, -1, 1]


def spread(W, y, **settings):
    settings = {"rtol": 1e-13, **settings}
    return SparseLabelSpreading("precomputed", **settings).fit(W, y)


@pytest.mark.parametrize(
    "y, missing, classes",
    [
        ([0, -1, -1, 1], -1, [0, 1]),
        (["b", None, None, "a"], None, ["a", "b"]),
        ([2.0, np.nan, np.nan, 1.0], None, [1, 2]),
        (["b", "", "", "a"], "", ["a", "b"]),
        ([-1, 7, 7, 1], 7, [-1, 1]),
        ([True, None, None, False], None, [False, True]),
    ],
)
def test_missing_labels_look_as_one_says(y, missing, classes, graphs):
    model = spread(graphs.triangle_and_tail, y, missing_label=missing)
    assert model.classes_.tolist() == classes
    assert model.transduction_.tolist() == [y[0], y[0], y[3], y[3]]


def test_soft_labels_and_weights_are_masses(graphs):
    W = graphs.triangle_and_tail
    hard = spread(W, [0, 1, -1, 1], seed_balance="none")
    soft = spread(W, [[1, 0], [0, 1], [0, 0], [0, 1]], seed_balance="none")
    np.testing.assert_allclose(soft.Z_, hard.Z_)
    mixed = spread(W, [[0.5, 0.5], [0, 0], [0, 0], [0, 2]], seed_balance="none")
    weights = [0.5, 9, 9, 2]
    first = SparseLabelSpreading("precomputed", seed_balance="none", rtol=1e-13)
    first.fit(W, ENDS, sample_weight=weights)
    np.testing.assert_allclose(mixed.Z_[:, 0], first.Z_[:, 0])
    assert mixed.classes_.tolist() == [0, 1]
    none = first.fit(W, [0, 1, -1, 1], sample_weight=[1, 0, 1, 1])
    np.testing.assert_allclose(none.Z_, spread(W, ENDS).Z_)


def test_a_class_of_minus_one_is_not_taken_for_missing_in_silence():
    X = np.random.RandomState(0).standard_normal((20, 3))
    for y in ([-1, 1, -1, 1], [-1, 0, 1, 0]):
        with pytest.raises(ValueError, match="If -1 is a class, pass missing_label=No"):
            SparseLabelSpreading().fit(X[:4], y, X_pool=X[4:])
    model = SparseLabelSpreading(missing_label=None)
    assert model.fit(X[:4], [-1, 1, -1, 1], X[4:]).classes_.tolist() == [-1, 1]


def test_minus_one_among_texts_of_a_list_is_missing():
    X = np.random.RandomState(0).standard_normal((6, 3))
    model = SparseLabelSpreading().fit(X, ["a", "b", -1, -1, "a", -1])
    assert model.classes_.tolist() == ["a", "b"]
    assert model._seeds.any(axis=1).tolist() == [True, True, False, False, True, False]


@pytest.mark.parametrize("marker", [[-1], (-1,), {-1}, np.array([-1]), {"a": 1}])
@pytest.mark.parametrize("y", [[0, 1, -1], [[1.0, 0], [0, 1], [0, 0]]])
def test_a_marker_is_one_value(marker, y):
    model = SparseLabelSpreading("precomputed", missing_label=marker)
    with pytest.raises(TypeError, match="missing_label must be one value, such as No"):
        model.fit(np.ones((3, 3)), y)


@pytest.mark.parametrize(
    "y, marker, message",
    [
        (["a", "-1", "b"], -1, "label '-1' looks like missing_label=-1, but one is a"),
        (["a", -1, "-1"], -1, "Pass missing_label='-1' if it marks an absent label"),
        ([0, 1, "-1"], -1, "label '-1' looks like missing_label=-1"),
        ([0, 1, -1], "-1", "label -1 looks like missing_label='-1'"),
        ([0, 1, 0], "?", "is a string and labels are numbers, such as 0"),
        (["a", "b", "a"], 7, "is a number and labels are strings, such as 'a'"),
    ],
)
def test_a_marker_that_labels_only_look_like_is_told(y, marker, message, graphs):
    with pytest.raises(ValueError, match=message):
        read_seeds(y, marker, False)
    if marker in (-1, "-1"):
        old = np.array(["a", "b"] if marker == -1 else [0, 1])
        with pytest.raises(ValueError, match="looks like missing_label"):
            read_new_seeds([0], ["-1" if marker == -1 else -1], marker, old, OLD)


@pytest.mark.parametrize("marker, has_pool", [(-1, False), (-1, True), ("?", True)])
def test_a_default_and_a_pool_say_nothing_about_the_kind_of_labels(marker, has_pool):
    words = ["a", "b"] if marker == -1 else [0, 1]
    classes, _ = read_seeds(words, marker, has_pool)
    assert classes.tolist() == words


HIDDEN = [False, False, True]


@pytest.mark.parametrize("marker", [-1, None, 7])
@pytest.mark.parametrize("has_pool", [False, True])
@pytest.mark.parametrize(
    "y",
    [
        np.ma.array([3, 5, 9], mask=HIDDEN),
        np.ma.array([3, 5, -1], mask=HIDDEN),
        np.ma.array([3.0, 5.0, np.nan], mask=HIDDEN),
        np.ma.array([3, 5, None], mask=HIDDEN, dtype=object),
        [3, 5, np.ma.masked],
    ],
)
def test_what_is_masked_is_absent_whatever_the_marker(y, marker, has_pool):
    classes, seeds = read_seeds(y, marker, has_pool)
    assert classes.tolist() == [3, 5] and seeds.tolist() == [[1, 0], [0, 1], [0, 0]]
    with pytest.raises(ValueError, match="y holds missing labels; leave those nodes"):
        read_new_seeds([0, 1, 2], y, marker, classes, seeds)


def test_what_is_masked_in_a_column_or_in_masses_is_absent():
    column = np.ma.array([[3], [5], [9]], mask=[[h] for h in HIDDEN])
    with pytest.warns(DataConversionWarning):
        classes, seeds = read_seeds(column, -1, False)
    assert classes.tolist() == [3, 5] and not seeds[2].any()
    masses = np.ma.array([[1.0, 0], [0, 1], [9, 9]], mask=[[h, h] for h in HIDDEN])
    _, seeds = read_seeds(masses, -1, False)
    assert seeds.tolist() == [[1, 0], [0, 1], [0, 0]]
    with pytest.raises(ValueError, match="y holds no label: all 3 are missing"):
        read_seeds(np.ma.array([0, 1, 1], mask=True), -1, False)


def test_masked_labels_and_others_of_the_marker_are_absent_together(graphs):
    y = np.ma.array([0, 9, -1, 1], mask=[False, True, False, False])
    model = spread(graphs.triangle_and_tail, y)
    expected = spread(graphs.triangle_and_tail, ENDS)
    np.testing.assert_array_equal(model.Z_, expected.Z_)


# ------------------------------------------------------------ the parts, by hand


def test_hard_labels_are_one_mass_in_one_column():
    classes, seeds = read_seeds(["b", None, "a", "b"], None, False)
    assert classes.tolist() == ["a", "b"]
    assert seeds.tolist() == [[0, 1], [0, 0], [1, 0], [0, 1]]
    assert seeds.dtype == np.float64


def test_soft_labels_are_masses_of_numbered_classes():
    classes, seeds = read_seeds([[0.5, 0], [0, 0], [1, 2]], -1, True)
    assert classes.tolist() == [0, 1]
    assert seeds.tolist() == [[0.5, 0], [0, 0], [1, 2]]


def test_a_column_of_labels_is_taken_with_a_warning():
    with pytest.warns(DataConversionWarning, match="column-vector"):
        classes, seeds = read_seeds(np.array([[1], [-1], [3]]), -1, False)
    assert classes.tolist() == [1, 3] and seeds.tolist() == [[1, 0], [0, 0], [0, 1]]


def test_labels_along_three_axes_are_refused():
    with pytest.raises(ValueError, match="one axis, or two for soft labels; got 3"):
        read_seeds(np.zeros((2, 2, 2)), -1, False)


def test_missing_labels_beside_a_pool_are_no_class_unless_one_says_so():
    with pytest.raises(ValueError, match="missing_label=-1, and unlabeled rows are in"):
        read_seeds([0, -1], -1, True)
    # None, NaN and NA are never classes.
    classes, _ = read_seeds([0, None], None, True)
    assert classes.tolist() == [0]


OLD = np.array([[1, 0], [0, 0], [0, 1]], dtype=np.float32)
CLASSES = np.array(["a", "c"])


def test_new_classes_make_room_and_old_labels_give_way():
    before = OLD.copy()
    classes, seeds = read_new_seeds([2, 1], ["b", "a"], None, CLASSES, OLD)
    assert classes.tolist() == ["a", "b", "c"]
    assert seeds.tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0]]
    assert seeds.dtype == np.float32
    np.testing.assert_array_equal(OLD, before)


def test_a_class_that_loses_its_last_label_is_kept():
    classes, seeds = read_new_seeds([2], ["a"], None, CLASSES, OLD)
    assert classes.tolist() == ["a", "c"]
    assert seeds.tolist() == [[1, 0], [0, 0], [1, 0]]


def test_new_soft_labels_replace_old_ones_and_may_take_one_away():
    classes, seeds = read_new_seeds([1, 0], [[3, 1], [0, 0]], None, CLASSES, OLD)
    assert classes is CLASSES
    assert seeds.tolist() == [[0, 0], [3, 1], [0, 1]]
    assert OLD[0, 0] == 1 and seeds.dtype == np.float32


@pytest.mark.parametrize("empty", [[], (), np.array([]), np.array([], dtype=object)])
@pytest.mark.parametrize("labels", [[], np.array([]), np.empty((0, 2))])
def test_no_new_labels_change_nothing(empty, labels, graphs):
    classes, seeds = read_new_seeds(empty, labels, -1, CLASSES, OLD)
    assert classes.tolist() == ["a", "c"]
    np.testing.assert_array_equal(seeds, OLD)
    model = spread(graphs.triangle_and_tail, ENDS)
    Z, n_iter = model.Z_.copy(), model.n_iter_
    assert model.add_labels(empty, labels) is model
    np.testing.assert_array_equal(model.Z_, Z)
    assert model.n_iter_ == n_iter and model.classes_.tolist() == [0, 1]


def test_words_and_numbers_are_not_mixed():
    with pytest.raises(TypeError, match="both strings or both numbers"):
        read_new_seeds([1], [3], None, CLASSES, OLD)
    with pytest.raises(TypeError, match="both strings or both numbers"):
        read_new_seeds([1], ["a"], None, np.array([0, 1]), OLD)


def test_shares_are_those_of_the_masses():
    assert shares(np.array([[1, 0], [0, 2], [0, 1]], np.float32)).tolist() == [
        0.25,
        0.75,
    ]
