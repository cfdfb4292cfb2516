"""Rows by reference, and blocks of them."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from skactive.utils import _pool
from skactive.utils._pool import Pool, block_size, naming_rows, pool_for, reads_pools


def laid(labeled, n=10):
    X = np.arange(2.0 * n).reshape(n, 2)
    return X, Pool(X, np.setdiff1d(np.arange(n), labeled))


def looks(pool, size, **how):
    """Return of each block what it is: positions, whether a slice, whether whole."""
    found = [
        (b.start, b.stop, np.shares_memory(b.X, pool.X), b.kept is None)
        for b in pool.blocks(size, **how)
    ]
    for b in pool.blocks(size, **how):
        X = b.X if b.kept is None else b.X[b.kept]
        assert_array_equal(X, pool.X[pool.positions[b.start : b.stop]])
    return found


def test_slices_where_nearly_all_may_be_asked_for():
    """Vector 5 of the specification."""
    pool = laid([2, 7])[1]
    assert looks(pool, 4) == [
        (0, 3, False, True),
        (3, 6, False, True),
        (6, 8, True, True),
    ]
    assert [shared for _, _, shared, _ in looks(laid([])[1], 4)] == [True] * 3


def test_a_slice_holds_up_to_a_tenth_of_others():
    pool = laid([5], n=30)[1]
    assert looks(pool, 10)[0] == (0, 9, True, False)
    assert looks(pool, 10, slices=False)[0] == (0, 9, False, True)
    assert looks(laid([5, 6], n=30)[1], 10)[0] == (0, 8, False, True)
    assert looks(laid(range(10), n=30)[1], 10)[0] == (0, 10, True, True)


def test_few_candidates_share_a_block():
    pool = Pool(np.arange(200.0).reshape(100, 2), np.array([3, 40, 41, 99]))
    assert [b[:2] for b in looks(pool, 2)] == [(0, 2), (2, 4)]


def test_positions_may_come_in_any_order():
    pool = Pool(np.arange(20.0).reshape(10, 2), np.array([9, 0, 1, 2, 3, 4, 8]))
    assert [b[:2] for b in looks(pool, 4)] == [(0, 4), (4, 7)]


def test_a_pool_of_one_block_is_its_rows():
    X, pool = laid([2])
    (block,) = pool.blocks(10)
    assert_array_equal(block.X, np.delete(X, 2, axis=0))
    assert block.kept is None
    assert next(Pool(X).blocks(10)).X is X


def test_blocks_of_no_rows():
    pool = laid(range(10))[1]
    (block,) = pool.blocks(4)
    assert block.X.shape == (0, 2) and len(pool) == 0


@pytest.mark.parametrize(
    "row, size",
    [
        (np.zeros((3, 1)), 65_536),
        (np.zeros((3, 64), np.float32), 65_536),
        (np.zeros((3, 512), np.float32), 16_384),
        (np.zeros((3, 3, 224, 224), np.float32), 55),
        (np.zeros((3, 2, 2**22), np.float32), 1),
        (np.zeros((3, 300), np.float32), 27_648),
        (sparse.csr_array(np.eye(3)), 65_536),
        (pd.DataFrame(np.zeros((3, 4096))), 1024),
        (["a path", "another"], 65_536),
        ([np.zeros((3, 256, 256))], 21),
        (np.zeros((0, 4)), 65_536),
        ([], 65_536),
    ],
)
def test_a_block_takes_32_megabytes(row, size):
    assert block_size(row) == size


@pytest.mark.parametrize("chunk, size", [(7, 65_534), (65_536, 65_536), (99_999,) * 2])
def test_chunks_of_a_file_are_read_once(chunk, size):
    class Stored:
        shape, dtype, chunks = (200_000, 4), np.dtype("f4"), (chunk, 4)

        def __getitem__(self, rows):
            raise AssertionError("nothing is read")

    Stored.__module__ = "h5py"
    pytest.importorskip("h5py", reason="h5py is not installed")
    assert block_size(Stored()) == size


def test_a_pool_looks_like_its_samples():
    X, pool = laid([2, 7])
    rows = np.delete(X, [2, 7], axis=0)
    assert len(pool) == 8 and pool.shape == (8, 2) and pool.ndim == 2
    assert pool.dtype == X.dtype
    assert_array_equal(np.asarray(pool), rows)
    assert_array_equal(pool[[3, 0]], rows[[3, 0]])
    assert_array_equal(pool[1:3], rows[1:3])
    assert_array_equal(pool[:, 1], rows[:, 1])
    assert_array_equal(pool.part(np.array([1, 4])).rows(), rows[[1, 4]])
    assert not hasattr(pool, "columns") and not hasattr(pool, "iloc")
    frame = Pool(pd.DataFrame(X, columns=["a", "b"]), pool.positions)
    assert frame.columns.tolist() == ["a", "b"]
    assert_array_equal(frame.iloc[1:3], rows[1:3])


def test_what_is_handed_out_is_a_copy():
    X, pool = laid([2])
    np.asarray(pool)[:] = -1
    pool[[0]][:] = -1
    assert X.min() == 0 and np.asarray(pool).min() == 0


def test_the_copy_is_not_pickled():
    pool = laid([2], n=1000)[1]
    before = len(pickle.dumps(pool))
    pool.rows()
    assert len(pickle.dumps(pool)) == before
    assert_array_equal(pickle.loads(pickle.dumps(pool)).rows(), pool.rows())


def test_methods_that_do_not_say_so_are_given_rows():
    class Reads:
        @reads_pools
        def fit(self, X_pool):
            return X_pool

    class Overrides(Reads):
        def fit(self, X_pool):
            return X_pool

    X, pool = laid([2])
    assert pool_for(Reads().fit, pool) is pool
    assert_array_equal(pool_for(Overrides().fit, pool), np.delete(X, 2, axis=0))
    assert pool_for(Overrides().fit, X) is X and pool_for(Reads().fit, None) is None


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array, pd.DataFrame])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_an_error_names_the_row_of_the_whole(make, bad):
    X = np.ones((30, 2))
    X[17, 1] = bad
    pool = Pool(make(X), np.delete(np.arange(30), 3))
    named = []
    for block in pool.blocks(10):
        try:
            with naming_rows(pool, block):
                X_block = block.X.toarray() if sparse.issparse(block.X) else block.X
                if not np.isfinite(np.asarray(X_block)).all():
                    raise ValueError("Input X contains NaN or infinity.")
        except ValueError as error:
            named.append(str(error))
    assert named == [
        "Input X contains NaN or infinity.\nThe first such row is row 17 of X."
    ]


def test_other_errors_are_left_alone():
    pool = Pool(np.full((4, 2), np.nan))
    for samples, text in ((pool, "too few"), (Pool(["a", "b"]), "NaN")):
        block = next(samples.blocks())
        with pytest.raises(ValueError, match=f"^{text}$"), naming_rows(samples, block):
            raise ValueError(text)


def test_the_constants_are_those_of_the_documentation():
    assert (_pool.BLOCK_BYTES, _pool.BLOCK_ROWS, _pool.STEP) == (2**25, 65_536, 1024)


def test_a_part_of_a_pool_knows_prices_and_a_pickle_does_not():
    prices = np.arange(6.0)
    pool = Pool(np.eye(6), np.array([5, 1, 3]), prices=prices)
    part = pool.part(np.array([2, 0]))
    assert part.prices[part.positions].tolist() == [3, 5]
    assert pickle.loads(pickle.dumps(pool)).prices is None
