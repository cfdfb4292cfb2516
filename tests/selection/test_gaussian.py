"""The Gaussian kernel: the spread that its width is taken from, and its ends."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from skactive.selection import _gaussian
from skactive.selection._gaussian import check_gamma, gaussian_kernel, total_variance


def gaussian(n, d, seed=0):
    return np.random.RandomState(seed).standard_normal((n, d))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0, 100])
@pytest.mark.parametrize("block_bytes", [8, 300, 2**21])
def test_spread_is_the_sum_of_variances(monkeypatch, block_bytes, offset, dtype):
    monkeypatch.setattr(_gaussian, "BLOCK_BYTES", block_bytes)
    Z = (gaussian(60, 7) + offset).astype(dtype)
    Z[np.random.RandomState(1).uniform(size=Z.shape) < 0.4] = 0
    expected = Z.astype(np.float64).var(axis=0).sum()
    assert total_variance(Z) == pytest.approx(expected, rel=1e-12)
    assert total_variance(sparse.csr_array(Z)) == pytest.approx(expected, rel=1e-12)


def test_of_many_rows_few_are_looked_at():
    Z = gaussian(10_001, 2)
    assert total_variance(Z) == pytest.approx(Z[::3].var(axis=0).sum(), rel=1e-12)


def test_entries_stored_twice_are_summed():
    twice = sparse.csr_array(
        (np.array([1.0, 3.0]), np.array([0, 0]), np.array([0, 2, 2])), shape=(2, 1)
    )
    assert total_variance(twice) == 4
    assert twice.nnz == 2


@pytest.mark.parametrize("make", [np.array, sparse.csr_array])
def test_rows_that_are_alike_have_no_spread_and_others_have(make):
    assert total_variance(make(np.full((7, 3), 0.1))) == 0
    assert total_variance(make(np.eye(3) * 1e-200)) > 0
    assert total_variance(make(np.eye(3) * 1e300)) == np.inf


def test_single_precision_is_not_copied():
    Z = gaussian(5000, 512).astype(np.float32)
    tracemalloc.start()
    try:
        total_variance(Z)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5 * 2**20 < Z.nbytes


def test_kernel_of_what_is_too_far_is_zero():
    sq = np.float32([0, 1e-38, 1e30, -1e-9])
    kernel = gaussian_kernel(sq, 1e38)
    np.testing.assert_allclose(kernel, [1, np.exp(-1), 0, 1], rtol=1e-6)
    assert np.shares_memory(kernel, sq)


def test_widths_that_overflow_are_refused():
    check_gamma(1e38, np.dtype(np.float32))
    check_gamma(1e40, np.dtype(np.float64))
    with pytest.raises(ValueError, match=r"gamma=1e\+40, which float32.*Rescale"):
        check_gamma(1e40, np.dtype(np.float32))
