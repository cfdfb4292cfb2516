"""Mean cosines against the matrix of all of them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.metrics.pairwise import cosine_similarity

from skactive.utils._density import mean_cosines, mean_direction


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, sparse.csr_matrix])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_they_are_those_of_the_matrix(kind, dtype):
    rng = np.random.RandomState(0)
    others, rows = rng.standard_normal((30, 4)) + 1, rng.standard_normal((9, 4))
    expected = np.maximum(cosine_similarity(rows, others).mean(axis=1), 0)
    direction = mean_direction(kind(others.astype(dtype)))
    assert direction.dtype == dtype and direction.shape == (4,)
    found = mean_cosines(kind(rows.astype(dtype)), direction)
    assert_allclose(found, expected, atol=1e-6 if dtype == np.float32 else 1e-12)
    assert (found == 0).any()  # a mean below zero


def test_rows_of_zeros_resemble_nothing():
    Z = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert_allclose(mean_direction(Z), [0.5, 0])
    assert_allclose(mean_cosines(Z, mean_direction(Z)), [0, 0.5])
