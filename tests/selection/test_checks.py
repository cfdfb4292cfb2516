"""What every picking function asks of its arguments."""

import numpy as np
from scipy import sparse

from skactive.selection import k_center_greedy


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
