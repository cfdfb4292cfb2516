"""Rows in parts: each part is read once, in order, and blocks follow the parts."""

import pickle
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from skactive.utils import _parted, _pool
from skactive.utils._parted import PartedRows, is_sparse, named
from skactive.utils._pool import Pool
from skactive.utils._rows import row_block, sample_shape, take_rows

X = np.arange(46.0).reshape(23, 2)


class Counting(PartedRows):
    """Parts of an array, and which of them were read."""

    def __init__(self, lengths, kind=np.asarray):
        super().__init__(lengths)
        self.shape, self.dtype = X.shape, X.dtype
        self.kind, self.seen = kind, []

    def _read(self, part):
        self.seen.append(part)
        return self.kind(X[self.edges[part] : self.edges[part + 1]])


CUTS = {
    "even": [10, 10, 3],
    "one": [23],
    "rows": [1] * 23,
    "empty ones": [0, 9, 0, 0, 14, 0],
}
KINDS = {"array": np.asarray, "frame": pd.DataFrame, "CSR": sparse.csr_array}


def dense(rows):
    return rows.toarray() if sparse.issparse(rows) else np.asarray(rows)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize(
    "rows",
    [[3, 1, 3], [22, 0], [], [-1, 9, 10], np.arange(23) % 5 == 0, slice(8, 12), 7, -1],
    ids=str,
)
def test_rows_are_those_of_the_whole(rows, cut, kind):
    parted = Counting(cut, kind)
    assert_array_equal(dense(take_rows(parted, rows)).ravel(), X[rows].ravel())
    assert parted.seen == sorted(set(parted.seen))
    for start, stop in [(0, 23), (8, 12), (22, 23), (5, 5)]:
        assert_array_equal(dense(row_block(parted, start, stop)), X[start:stop])


def test_rows_that_are_not_there():
    with pytest.raises(IndexError, match="no row 23, of 23"):
        take_rows(Counting([20, 3]), [23])


def test_only_the_parts_that_are_asked_for_are_read_and_one_is_kept():
    parted = Counting([10, 10, 3])
    take_rows(parted, [21, 3, 20])
    assert parted.seen == [0, 2]
    row_block(parted, 20, 22)
    row_block(parted, 22, 23)
    assert parted.seen == [0, 2]  # kept since then
    again = pickle.loads(pickle.dumps(parted))
    assert again._kept is None and again._taken[1] is None
    assert_array_equal(take_rows(again, [3, 20]), X[[3, 20]])


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_single_rows_that_were_taken_are_not_read_again(kind):
    parted = Counting([5, 5, 5, 5, 3], kind)
    for rows in ([17, 2], [8], [11, 8], [2, 8, 11, 17], [17], [2, 3]):
        assert_array_equal(dense(take_rows(parted, rows)), X[rows])
    assert parted.seen == [0, 3, 1, 2, 0]


@pytest.mark.parametrize("most", [0, 3, 40])
def test_kept_rows_are_bounded(most, monkeypatch):
    monkeypatch.setattr(_parted, "KEPT_BYTES", most * 16)
    parted = Counting([5, 5, 5, 5, 3])
    for _ in range(60):
        rows = np.random.RandomState(_).permutation(23)[: _ % 9]
        assert_array_equal(take_rows(parted, rows), X[rows])
        assert len(parted._taken[0]) <= max(most, 8)
    parted = Counting([23])
    take_rows(parted, np.arange(20))  # a block of a pool: too many to be of use again
    assert len(parted._taken[0]) == 0


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("size", [1, 4, 9, 12, 100])
def test_blocks_follow_the_parts(cut, size):
    parted = Counting(cut)
    edges = parted.block_edges(size)
    assert edges[0] == 0 and edges[-1] == 23
    assert (np.diff(edges) > 0).all() and max(np.diff(edges)) <= size
    for low, high in pairwise(edges):
        touched = np.unique(np.searchsorted(parted.edges, range(low, high), "right"))
        # A block of several parts holds them as a whole.
        if len(touched) > 1:
            assert {low, high} <= set(parted.edges.tolist())


def test_blocks_of_no_rows():
    assert Counting([]).block_edges(5) == [0]
    assert Counting([0, 0]).block_edges(5) == [0]


@pytest.mark.parametrize("positions", [None, np.r_[:4, 6:23]], ids=["all", "some"])
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_pool_of_parts_reads_each_once(cut, positions, monkeypatch):
    monkeypatch.setattr(_pool, "BLOCK_ROWS", 4)
    parted = Counting(cut)
    pool = Pool(parted, positions)
    rows = np.arange(23) if positions is None else positions
    found = []
    for block in pool.blocks():
        found.append(block.X if block.kept is None else block.X[block.kept])
        assert len(block.X) <= 4
    assert_array_equal(np.concatenate(found), X[rows])
    assert parted.seen == sorted(set(parted.seen))


def test_what_they_look_like():
    parted = Counting([20, 3])
    assert len(parted) == 23 and parted.ndim == 2 and sample_shape(parted) == (2,)
    assert_array_equal(np.asarray(parted), X)
    assert_array_equal(parted[1:3, 1], X[1:3, 1])
    assert named(parted) is parted and named(X) is X
    parted.frame = pd.DataFrame(columns=["a", "b"])
    assert named(parted) is parted.frame
    assert is_sparse(sparse.eye_array(2)) and not is_sparse(X) and not is_sparse(parted)
