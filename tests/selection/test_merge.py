"""Answers of parts made one: they must not depend on how the pool was cut."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from skactive.selection import k_center_greedy
from skactive.selection._merge import (
    WORDS,
    KCenterCertificate,
    best_of_part,
    merge_k_center,
    merge_top,
    tie_keys,
)

KEYS = [
    16086915834549238692,
    5448529601018347655,
    7749434361382612120,
    7478167007443709522,
    1528177845972429030,
    12850608683640892364,
    5466832663749895058,
    11447348607159190017,
]
SCORES = np.array([0.5, 0.9, 0.5, 0.1, 0.5, 0.9, 0.5, 0.2])


def in_parts(scores, cuts, n, key):
    edges = [0, *cuts, len(scores)]
    parts = [best_of_part(scores[a:b], n, key, a) for a, b in pairwise(edges)]
    return merge_top(parts, n)


# ------------------------------------------------------------------------- the keys


def test_keys_are_the_raw_words_of_philox():
    assert tie_keys(7, np.arange(8)).tolist() == KEYS
    assert tie_keys(7, [6, 0, 6]).tolist() == [KEYS[6], KEYS[0], KEYS[6]]
    assert np.random.Philox(key=7).advance(1).random_raw(4).tolist() == KEYS[4:]


def test_keys_do_not_depend_on_which_rows_are_asked_about():
    whole = np.random.Philox(key=3).random_raw(3 * WORDS)
    rows = np.random.RandomState(0).permutation(3 * WORDS)
    assert_array_equal(tie_keys(3, rows), whole[rows])
    rows = np.array([2 * WORDS, WORDS - 1, WORDS, 0])
    assert_array_equal(tie_keys(3, rows), whole[rows])
    assert tie_keys(3, []).shape == (0,)


# ------------------------------------------------------------------------- the best


def test_the_example_worked_out_by_hand():
    assert merge_top([best_of_part(SCORES, 8, 7)], 8).tolist() == [
        *(1, 5, 4, 6, 2, 0, 7, 3)
    ]
    first, second = best_of_part(SCORES[:4], 3, 7), best_of_part(SCORES[4:], 3, 7, 4)
    assert first[2].tolist() == [1, 2, 0]
    assert second[2].tolist() == [5, 4, 6]
    assert merge_top([first, second], 3).tolist() == [1, 5, 4]
    assert merge_top([second, first], 3).tolist() == [1, 5, 4]


@pytest.mark.parametrize("kind", ["distinct", "tied", "all equal", "bool", "uint8"])
@pytest.mark.parametrize("n", [1, 7, 60, 200])
def test_any_cut_gives_the_answer_of_the_whole(kind, n):
    rng = np.random.RandomState(0)
    scores = {
        "distinct": rng.standard_normal(200),
        "tied": rng.randint(5, size=200) / 4 - 0.5,
        "all equal": np.zeros(200),
        "bool": rng.rand(200) < 0.1,
        "uint8": rng.randint(200, 256, size=200).astype(np.uint8),
    }[kind]
    whole = in_parts(scores, [], n, 11)
    keys = tie_keys(11, np.arange(200))
    assert_array_equal(whole, np.lexsort((keys, -scores.astype(float)))[:n])
    for cuts in ([100], [1, 2, 199], [50, 50, 120], [0, 200], range(1, 200)):
        assert_array_equal(in_parts(scores, cuts, n, 11), whole)


def test_ties_are_drawn_evenly():
    counts = np.zeros(6)
    for key in range(600):
        counts[in_parts(np.zeros(6), [2], 2, key)] += 1
    assert (np.abs(counts - 200) < 60).all()


def test_a_score_that_is_nan_is_named_by_its_position_in_the_pool():
    with pytest.raises(ValueError, match="score of row 1002 is NaN"):
        best_of_part(np.array([1.0, 2.0, np.nan]), 1, 0, start=1000)
    infinite = best_of_part(np.array([0.0, -np.inf, np.inf]), 3, 0)
    assert infinite[2].tolist() == [2, 0, 1]


# ------------------------------------------------------------------------- k-center

LINE = np.array([0.0, 1, 2, 3, 10, 11, 12, 20])[:, None]
LABELED = np.array([[5.5]])


def k_center_in_parts(Z, parts, n, Z_labeled, metric="euclidean", factor=1):
    found = []
    for rows in parts:
        if len(rows):
            k = min(factor * n, len(rows))
            picks, radius = k_center_greedy(
                Z[rows],
                k,
                Z_labeled=Z_labeled,
                metric=metric,
                random_state=0,
                return_radius=True,
            )
            found.append((Z[rows][picks], rows[picks], radius))
    return found, merge_k_center(
        found, n, Z_labeled=Z_labeled, metric=metric, random_state=0
    )


def test_the_line_worked_out_by_hand():
    halves = [np.arange(4), np.arange(4, 8)]
    found, (picks, certificate) = k_center_in_parts(LINE, halves, 2, LABELED)
    assert [(set(rows), radius) for _, rows, radius in found] == [
        ({0, 3}, 1.0),
        ({7, 6}, 2.0),
    ]
    assert picks.tolist() == [7, 6]
    assert certificate == KCenterCertificate(7.5, 2.75)
    one = k_center_greedy(LINE, 2, Z_labeled=LABELED, return_radius=True)
    assert (one[0].tolist(), one[1]) == ([7, 6], 5.5)
    three = k_center_greedy(LINE, 3, Z_labeled=LABELED, return_radius=True)
    assert (three[0].tolist(), three[1]) == ([7, 6, 0], 2.5)


def distances(Z, Y, metric):
    if metric == "euclidean":
        return np.linalg.norm(Z[:, None] - Y, axis=2)
    Z, Y = (A / np.linalg.norm(A, axis=1, keepdims=True) for A in (Z, Y))
    return 1 - Z @ Y.T


@pytest.mark.parametrize(
    ("metric", "labeled", "step"),
    [("euclidean", 2, 1), ("euclidean", 0, 9), ("cosine", 2, 9), ("cosine", 0, 9)],
)
def test_within_four_times_the_optimum_for_every_cut_in_two(metric, labeled, step):
    Z = np.random.RandomState(1).standard_normal((12 + labeled, 2))
    known, Z = Z[:labeled], Z[labeled:]
    to_all = distances(Z, np.vstack([Z, known]), metric)

    def radius(picks):
        return to_all[:, [*picks, *range(12, 12 + labeled)]].min(axis=1).max()

    optimum = min(radius(two) for two in combinations(range(12), 2))
    worst = 16 if metric == "cosine" else 4  # a factor of distances, on the sphere
    for cut in range(0, 2**11, step):
        side = (cut >> np.arange(12)) & 1
        parts = [np.flatnonzero(side == s) for s in (0, 1)]
        _, (picks, sure) = k_center_in_parts(Z, parts, 2, known, metric)
        assert radius(picks) <= worst * optimum * (1 + 1e-9)
        assert radius(picks) <= sure.radius_bound * (1 + 1e-9)
        assert sure.optimum_bound <= optimum * (1 + 1e-9)
        assert sure.factor <= worst * (1 + 1e-9)


def test_more_candidates_of_each_part_never_loosen_its_radius():
    Z = np.random.RandomState(0).standard_normal((60, 3))
    parts = np.array_split(np.arange(60), 3)
    one, (_, first) = k_center_in_parts(Z, parts, 4, None)
    four, (_, second) = k_center_in_parts(Z, parts, 4, None, factor=4)
    assert all(b[2] <= a[2] for a, b in zip(one, four))
    assert second.radius_bound <= first.radius_bound


def test_rows_that_are_all_labeled_come_last_and_are_certified():
    Z = np.repeat([[1.0], [2.0]], [4, 3], axis=0)
    parts = [np.arange(4), np.arange(4, 7)]
    _, (picks, sure) = k_center_in_parts(Z, parts, 7, np.array([[1.0]]))
    assert picks[0] in (4, 5, 6)
    assert sorted(picks) == list(range(7))
    assert (sure.radius_bound, sure.factor) == (0.0, 1.0)


def test_sparse_parts():
    Z = np.random.RandomState(0).rand(30, 5) * (
        np.random.RandomState(1).rand(30, 5) > 0.5
    )
    parts = np.array_split(np.arange(30), 3)
    _, (dense, sure) = k_center_in_parts(Z, parts, 5, None)
    _, (csr, also) = k_center_in_parts(sparse.csr_array(Z), parts, 5, None)
    assert_array_equal(csr, dense)
    assert also.radius_bound == pytest.approx(sure.radius_bound)
