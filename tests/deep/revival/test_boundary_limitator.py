"""The rule that picks: unstable first, then uncertain, in every variant."""

import numpy as np
import pytest
from scipy.sparse import csr_array, diags_array

from skactive.deep.revival._boundary_limitator import (
    boundary_limitator,
    distinct_first,
    mean_similarity,
)

pytestmark = pytest.mark.deep

KL = np.array([0.5, 0.1, 0.4, 0.3, 0.2])
ENTROPY = np.array([0.2, 0.9, 0.3, 0.4, 0.8])


def test_the_unstable_come_by_entropy_and_then_the_others():
    order = boundary_limitator(KL, ENTROPY, 1, oversample=3)
    assert order.tolist() == [3, 2, 0, 1, 4]


def test_shares_of_a_sample_are_rounded_up():
    assert boundary_limitator(KL, ENTROPY, 1, oversample=2.5).tolist()[0] == 3


def test_without_an_adversary_entropy_alone_decides():
    expected = [1, 4, 3, 2, 0]
    assert boundary_limitator(None, ENTROPY, 2).tolist() == expected
    assert boundary_limitator(KL, ENTROPY, 2, oversample=None).tolist() == expected


def test_without_a_limitator_divergence_alone_decides():
    order = boundary_limitator(KL, ENTROPY, 2, oversample=1, limitator=None)
    assert order.tolist() == [0, 2, 3, 4, 1]


def test_the_cut_fills_up_from_the_unstable_and_then_from_all():
    faces = np.array([True, True, False, False, False])
    order = boundary_limitator(
        KL, ENTROPY, 1, oversample=3, limitator="cut", faces=faces
    )
    assert order.tolist() == [0, 3, 2, 1, 4]


def test_density_weighs_the_entropy():
    order = boundary_limitator(
        KL,
        ENTROPY,
        1,
        oversample=3,
        limitator="density",
        density=np.array([1, 1, 0.9, 0.1, 1]),
    )
    assert order.tolist()[:3] == [2, 0, 3]


def test_rows_that_nothing_is_known_of_come_last():
    last = np.array([True, False, False, True, False])
    order = boundary_limitator(KL, ENTROPY, 1, oversample=3, last=last)
    assert order.tolist() == [1, 4, 2, 3, 0]
    order = boundary_limitator(KL, ENTROPY, 1, oversample=1, last=last)
    assert order.tolist() == [2, 1, 4, 3, 0]


def test_neighbors_are_not_ranked_high_together():
    W = diags_array([[1.0] * 4, [1.0] * 4], offsets=[-1, 1])
    entropy = np.array([0.8, 0.9, 0.7, 0.1, 0.5])
    order = boundary_limitator(None, entropy, 2, W=W)
    assert order.tolist() == [1, 4, 0, 2, 3]
    # Only among those that pass: outside of them nobody is beaten.
    order = boundary_limitator([9, 0, 9, 9, 0], entropy, 1, oversample=3, W=W)
    assert order.tolist() == [0, 2, 3, 1, 4]


def test_equal_rows_come_in_seeded_random_order():
    same = np.ones(50)
    first = [boundary_limitator(same, same, 2, random_state=s) for s in (0, 0, 1)]
    np.testing.assert_array_equal(first[0], first[1])
    assert (first[0] != first[2]).any()
    np.testing.assert_array_equal(np.sort(first[2]), np.arange(50))


def test_another_limitator_is_refused():
    with pytest.raises(ValueError, match="limitator must be one of"):
        boundary_limitator(KL, ENTROPY, 1, limitator="rim")


def test_copies_fill_up_only():
    Z = np.array([[1.0], [1.0], [2.0], [2.0], [3.0]])
    order = np.array([1, 0, 4, 3, 2])
    assert distinct_first(order, Z, 3).tolist() == [1, 4, 3]
    assert distinct_first(order, Z, 5).tolist() == [1, 4, 3, 0, 2]


def test_similarity_is_the_mean_cosine_to_the_neighbors():
    Z = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [-1.0, 0.0]])
    W = np.zeros((4, 4))
    for i, j in ((0, 1), (0, 2), (0, 3)):
        W[i, j] = W[j, i] = 7.0
    similarity = mean_similarity(csr_array(W), Z)
    np.testing.assert_allclose(similarity, [0, 0, 0.6, 0], atol=1e-12)
    W[0, 3] = W[3, 0] = 0
    similarity = mean_similarity(csr_array(W), Z)
    np.testing.assert_allclose(similarity, [0.3, 0, 0.6, 0], atol=1e-12)
