"""The exact search: the largest of each row, ties, and a second look in float64."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from skactive.graph import nearest_neighbors
from skactive.graph._exact import largest_columns


def test_equal_distances_are_in_the_order_of_rows():
    X = np.zeros((400, 2))
    found, _ = nearest_neighbors(X, 3)
    np.testing.assert_array_equal(found[0], [1, 2, 3])
    np.testing.assert_array_equal(found[1], [0, 2, 3])
    np.testing.assert_array_equal(found[399], [0, 1, 2])


def test_near_ties_of_many_features_are_decided_in_double_precision(by_sorting):
    rng = np.random.RandomState(0)
    X = 1 + 1e-4 * rng.standard_normal((300, 30))
    X[0] = 1e3  # far from the others, so that single precision cannot tell them apart
    expected, _ = by_sorting(X, 4)
    found, _ = nearest_neighbors(X, 4)
    np.testing.assert_array_equal(found, expected)


@given(
    st.integers(1, 6),
    st.integers(1, 5),
    st.integers(0, 2**31 - 1),
    st.sampled_from([3, 50]),
)
@settings(max_examples=40, deadline=None)
def test_largest_columns_are_largest_and_equal_ones_the_first(rows, k, seed, kinds):
    G = np.random.RandomState(seed).randint(kinds, size=(rows, 400)).astype(float)
    expected = np.argsort(-G, axis=1, kind="stable")[:, :k]
    found = np.sort(largest_columns(G, k), axis=1)
    np.testing.assert_array_equal(found, np.sort(expected, axis=1))
