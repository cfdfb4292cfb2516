"""A random part of a pool that is too large."""

import numpy as np
import pytest

from skactive.deep._part_of_pool import part_of_pool

pytestmark = pytest.mark.deep

X_POOL = np.arange(10.0)[:, None] ** 2


def part(n, subset, seed=0):
    return part_of_pool(X_POOL, 10, n, subset, np.random.RandomState(seed))


@pytest.mark.parametrize("n, subset", [(3, None), (3, 10), (3, 99), (10, 4)])
def test_all_are_looked_at_where_there_is_nothing_to_leave_out(n, subset):
    rng = np.random.RandomState(0)
    rows, X = part_of_pool(X_POOL, 10, n, subset, rng)
    assert rows.tolist() == list(range(10)) and X is X_POOL
    assert rng.randint(1000) == np.random.RandomState(0).randint(1000)


def test_a_part_is_drawn_without_repetition_and_samples_are_those_of_its_rows():
    rows, X = part(2, 4)
    assert len(set(rows.tolist())) == 4
    assert X[:, 0].tolist() == (rows**2).tolist()
    expected = np.random.RandomState(0).choice(10, 4, replace=False)
    assert rows.tolist() == expected.tolist()
    assert part(2, 4, seed=1)[0].tolist() != rows.tolist()


def test_lists_and_frames_are_taken():
    pd = pytest.importorskip("pandas")
    rng = np.random.RandomState
    rows, X = part_of_pool(list("abcdef"), 6, 1, 2, rng(0))
    assert ["abcdef"[row] for row in rows] == X
    rows, X = part_of_pool(pd.DataFrame({"a": range(6)}), 6, 1, 2, rng(0))
    assert X["a"].tolist() == rows.tolist()


def test_more_than_are_looked_at_is_refused():
    with pytest.raises(ValueError, match="5 samples.*only subset=4.*Raise subset"):
        part(5, 4)
