"""Rows with noise, or without a column, in whatever container they come."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skactive.uncertainty._table_views import TableViews, as_floats, is_table, numbers

ROWS = np.array([[0.0, 1.0, 5.0], [2.0, 1.0, 7.0], [4.0, 1.0, 9.0]])


def seed():
    return np.random.RandomState(0)


def test_mean_and_spread_are_those_of_all_that_was_seen():
    views = TableViews(ROWS[:1], ROWS[1:])
    assert_allclose(views.mean, [2, 1, 7])
    assert_allclose(views.spread, [np.sqrt(8 / 3), 0, np.sqrt(8 / 3)])


def test_noise_is_the_same_for_all_rows_and_a_tenth_as_wide_as_the_column():
    step = TableViews(ROWS).noise(ROWS, seed()) - ROWS
    assert_allclose(step, np.tile(step[0], (3, 1)))
    drawn = seed().standard_normal(3)
    assert_allclose(step[0], 0.1 * np.sqrt(8 / 3) * drawn * [1, 0, 1])


def test_dropout_sets_a_tenth_of_the_columns_to_their_mean():
    wide = np.random.RandomState(1).standard_normal((5, 2000))
    views = TableViews(wide)
    changed = views.dropout(wide, seed())
    lost = (changed != wide).all(axis=0)
    assert lost.sum() == 200
    assert_allclose(changed[:, lost], np.tile(views.mean[lost], (5, 1)))
    assert_array_equal(changed[:, ~lost], wide[:, ~lost])


def test_dropout_leaves_narrow_tables_alone():
    views = TableViews(ROWS)
    assert_array_equal(views.dropout(ROWS, seed()), ROWS)


def test_what_is_missing_stays_so_and_is_left_out_of_mean_and_spread():
    rows = np.array([[np.nan, 1.0], [3.0, 2.0], [5.0, np.nan]])
    views = TableViews(rows)
    assert_allclose(views.mean, [4, 1.5])
    assert_allclose(views.spread, [1, 0.5])
    assert_array_equal(np.isnan(views.noise(rows, seed())), np.isnan(rows))
    wide = np.tile(rows, 10)
    changed = TableViews(wide).dropout(wide, seed())
    assert_array_equal(np.isnan(changed), np.isnan(wide))
    assert (changed[1] != wide[1]).sum() == 2
    nothing = TableViews(np.full((2, 1), np.nan))
    assert nothing.mean.tolist() == nothing.spread.tolist() == [0]


def frame_of(library, numbers):
    columns = {"a": numbers[:, 0], 7: numbers[:, 1].astype(int)}
    words = {"word": ["x"] * len(numbers), "yes": [True] * len(numbers)}
    if library == "pandas":
        words["c"] = pd.array(numbers[:, 2], dtype="Float64")
        return pd.DataFrame({**columns, **words}, index=[5, 5, 3])
    polars = pytest.importorskip("polars", reason="polars is not installed")
    named = {str(name): column for name, column in columns.items()}
    return polars.DataFrame({**named, **words, "c": numbers[:, 2]})


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_words_in_frames_are_left_alone(library):
    frame = frame_of(library, ROWS)
    before = frame.copy() if library == "pandas" else frame.clone()
    assert_allclose(numbers(frame), ROWS)
    views = TableViews(frame)
    changed = views.noise(frame, seed())
    assert_allclose(numbers(changed), TableViews(ROWS).noise(ROWS, seed()))
    assert list(changed.columns) == list(frame.columns)
    assert list(changed["word"]) == ["x"] * 3 and list(changed["yes"]) == [True] * 3
    assert frame.equals(before)  # nothing is written into it
    if library == "pandas":
        assert changed.index.tolist() == [5, 5, 3]


def test_missing_values_of_extension_types():
    frame = pd.DataFrame({"a": pd.array([1, None, 3], dtype="Int64")})
    assert_array_equal(numbers(frame), [[1], [np.nan], [3]])
    assert numbers(pd.DataFrame({"word": ["x", "y"]})).shape == (2, 0)


def test_integers_become_floats_and_floats_stay_what_they_are():
    assert as_floats([[1, 2]]).dtype == np.float64
    single = ROWS.astype(np.float32)
    assert as_floats(single) is single
    views = TableViews(single)
    assert views.noise(single, seed()).dtype == np.float32
    assert views.dropout(single, seed()).dtype == np.float32


def test_words_in_arrays_are_refused_with_a_remedy():
    with pytest.raises(ValueError, match="'red'.*Pass a data frame"):
        as_floats(np.array([[1, "red"]], dtype=object))


def test_what_is_a_table():
    yes = [ROWS, ROWS.tolist(), ROWS > 1, frame_of("pandas", ROWS)]
    no = [sparse.csr_array(ROWS), ["some words"], np.zeros((2, 1, 4, 4)), ROWS[0]]
    assert all(map(is_table, yes)) and not any(map(is_table, no))
