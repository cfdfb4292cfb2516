"""What every picking function asks of its arguments."""

import numpy as np
import pytest
from scipy import sparse

from skactive.selection import k_center_greedy
from skactive.selection._checks import check_n, check_rows, check_same_space


def test_entries_stored_twice_are_summed():
    twice = sparse.csr_array(
        (np.array([1.0, 3.0, 2.0]), np.array([0, 0, 1]), np.array([0, 2, 3])),
        shape=(2, 2),
    )
    assert k_center_greedy(twice, 1, Z_labeled=[[0.0, 0.0]]).tolist() == [0]
    assert twice.nnz == 3


def test_whole_numbers_are_taken():
    Z = np.array([[1], [4], [9], [10]], dtype=np.uint8)
    assert k_center_greedy(Z, 2, Z_labeled=[[0]]).tolist() == [3, 1]


def test_entries_stored_twice_count_by_their_sum():
    # Row 0 is 2 + 2 from the label, and row 1 is 3: read one by one, 8 is below 9.
    twice = sparse.csr_array(
        (np.array([2.0, 2.0, 3.0]), np.array([0, 0, 1]), np.array([0, 2, 3])),
        shape=(2, 2),
    )
    assert k_center_greedy(twice, 1, Z_labeled=[[0.0, 0.0]]).tolist() == [0]
    rows = check_rows(twice)
    assert rows.data.tolist() == [4, 3] and rows.has_canonical_format
    assert twice.data.tolist() == [2, 2, 3]


@pytest.mark.parametrize("n", [1, 4, np.int32(4), np.uint8(2)])
def test_counts_of_rows_that_exist_become_ints(n):
    assert check_n(n, 4) == n and type(check_n(n, 4)) is int


@pytest.mark.parametrize("n", [True, np.True_, 1.0, np.float64(2), "2", None, [1]])
def test_what_is_no_count_is_refused(n):
    with pytest.raises(TypeError, match="n must be an integer, got"):
        check_n(n, 4)


@pytest.mark.parametrize("n, n_rows", [(0, 4), (-1, 4), (5, 4), (1, 0)])
def test_more_rows_than_there_are_and_none_are_refused(n, n_rows):
    with pytest.raises(ValueError, match=f"n={n} rows .* there are {n_rows}: pass n"):
        check_n(n, n_rows)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_are_not_copied(dtype):
    Z = np.eye(3, dtype=dtype)
    assert check_rows(Z) is Z
    csr = sparse.csr_array(Z)
    assert np.shares_memory(check_rows(csr).data, csr.data)
    assert check_rows(csr).dtype == dtype


@pytest.mark.parametrize(
    "container, given, kept",
    [
        (np.array, np.float16, np.float32),
        (np.array, np.int8, np.float64),
        (np.array, np.uint64, np.float64),
        (np.array, bool, np.float64),
        (sparse.csr_array, np.int8, np.float64),
        (sparse.csr_array, bool, np.float64),
    ],
)
def test_other_numbers_become_floats(container, given, kept):
    Z = check_rows(container(np.array([[0, 1], [1, 0]], dtype=given)))
    assert Z.dtype == kept
    Z = Z.toarray() if sparse.issparse(Z) else Z
    assert Z.tolist() == [[0, 1], [1, 0]]


def test_lists_and_other_sparse_formats_are_taken():
    assert check_rows([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    for make in (sparse.csc_array, sparse.coo_array, sparse.lil_array):
        Z = check_rows(make(np.array([[0.0, 2.0], [3.0, 0.0]])))
        assert Z.format == "csr" and Z.toarray().tolist() == [[0, 2], [3, 0]]


@pytest.mark.parametrize("shape", [(3,), (2, 2, 2), ()])
def test_rows_of_other_shapes_are_refused_by_name(shape):
    with pytest.raises(ValueError, match="mine must have shape .* flatten each sample"):
        check_rows(np.zeros(shape), "mine")


@pytest.mark.parametrize("labeled", [None, np.empty((0, 2)), np.empty((0, 7))])
def test_no_labeled_rows_are_none(labeled):
    assert check_same_space(labeled, np.zeros((3, 2))) is None


def test_labeled_rows_of_another_width_are_refused():
    with pytest.raises(ValueError, match="1 features and Z has 2.*same embedding"):
        check_same_space([[1.0]], np.zeros((3, 2)))


@pytest.mark.parametrize("pool", [np.array, sparse.csr_array, sparse.csr_matrix])
@pytest.mark.parametrize("labeled", [np.array, sparse.csr_array, sparse.csr_matrix])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_labeled_rows_come_in_format_and_dtype_of_the_pool(pool, labeled, dtype):
    Z = check_rows(pool(np.eye(2, dtype=dtype)))
    found = check_same_space(labeled(np.array([[0.0, 3.0]])), Z)
    assert sparse.issparse(found) == sparse.issparse(Z)
    assert found.dtype == dtype
    found = found.toarray() if sparse.issparse(found) else found
    assert found.tolist() == [[0, 3]]
