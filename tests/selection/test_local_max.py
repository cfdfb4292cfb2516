"""local_max: the tops of the hills of a score, by hand and against a slow one."""

import numpy as np
import pytest
from scipy import sparse

from skactive.selection import local_max


def path(n):
    return sparse.diags_array([np.ones(n - 1), np.ones(n - 1)], offsets=[-1, 1])


def test_picks_the_top_of_each_hill_best_first_and_then_the_rest():
    scores = [3.0, 2.0, 1.0, 4.0, 9.0, 8.0, 5.0, 6.0]
    # Hills of the path: 0 (3), 4 (9), 7 (6). The rest in order: 5, 6, 3, 1, 2.
    picked = local_max(scores, path(8), 8)
    assert picked.tolist() == [4, 7, 0, 5, 6, 3, 1, 2]
    assert picked.dtype == np.intp
    for n in (1, 2, 3, 5):
        assert local_max(scores, path(8), n).tolist() == picked[:n].tolist()


def test_a_node_without_neighbors_is_a_hill():
    W = sparse.csr_array(([1.0, 1.0], ([0, 1], [1, 0])), shape=(3, 3))
    assert local_max([5.0, 4.0, 1.0], W, 3).tolist() == [0, 2, 1]


def test_of_neighbors_with_equal_scores_one_is_a_maximum():
    for seed in range(20):
        picked = local_max([7.0] * 5, path(5), 5, random_state=seed)
        apart = [i for i in range(6) if (np.diff(np.sort(picked[:i])) > 1).all()]
        tops = picked[: apart[-1]]
        # No two of them adjacent, and each other node adjacent to one.
        assert len(tops) in (2, 3)
        assert {i + d for i in tops for d in (-1, 0, 1)} >= set(range(5))


def test_ties_are_broken_by_the_seed_and_only_by_it():
    picks = {
        tuple(local_max(np.zeros(6), path(6), 6, random_state=seed))
        for seed in range(10)
    }
    assert len(picks) > 3
    again = [local_max(np.zeros(6), path(6), 6, random_state=3) for _ in range(2)]
    np.testing.assert_array_equal(*again)


def test_one_direction_of_an_edge_is_enough_and_the_diagonal_is_no_edge():
    W = sparse.csr_array(([1.0, 5.0], ([0, 1], [1, 1])), shape=(2, 2))
    assert local_max([1.0, 2.0], W, 2).tolist() == [1, 0]
    assert local_max([2.0, 1.0], W, 2).tolist() == [0, 1]
    stored_zero = sparse.csr_array(([0.0], ([0], [1])), shape=(2, 2))
    # No edge: both are maxima. With three nodes the middle one shows it.
    W = sparse.block_diag([stored_zero, sparse.csr_array((1, 1))], format="csr")
    assert local_max([3.0, 2.0, 1.0], W, 2).tolist() == [0, 1]


def test_agrees_with_a_slow_definition():
    rng = np.random.RandomState(0)
    for _ in range(30):
        n = rng.randint(2, 30)
        A = np.triu(rng.uniform(size=(n, n)) < 0.15, 1)
        A = A | A.T
        scores = rng.permutation(n).astype(float)
        tops = [i for i in range(n) if all(scores[i] > scores[A[i]])]
        tops.sort(key=lambda i: -scores[i])
        rest = sorted(set(range(n)) - set(tops), key=lambda i: -scores[i])
        picked = local_max(scores, sparse.csr_array(A.astype(float)), n)
        assert picked.tolist() == tops + rest


def test_infinite_scores_are_ranked():
    scores = [np.inf, 1.0, -np.inf]
    assert local_max(scores, path(3), 3).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("scores", "W", "n", "match"),
    [
        ([1.0, np.nan], path(2), 1, r"scores\[1\] is NaN"),
        ([[1.0, 2.0]], path(2), 1, "one number per row"),
        ([1.0, 2.0], path(3), 1, "sparse matrix of shape"),
        ([1.0, 2.0], np.ones((2, 2)), 1, "sparse matrix of shape"),
        ([1.0, 2.0], path(2), 3, "between 1 and 2"),
        ([1.0, 2.0], path(2), 0, "between 1 and 2"),
    ],
)
def test_bad_input_is_refused(scores, W, n, match):
    with pytest.raises(ValueError, match=match):
        local_max(scores, W, n)
