"""Balls around rows: the graph, the same without a graph, and the pure radius."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import pairwise_distances

from skactive.selection import _balls
from skactive.selection._balls import (
    StreamedBalls,
    ball_graph,
    covered_by,
    find_balls,
    nearest_other,
    purity_radius,
    scaled_rows,
    subset,
)
from skactive.selection._coverage import GraphBalls, greedy_cover


def gaussian(n, d, seed=0, dtype=np.float64):
    return np.random.RandomState(seed).standard_normal((n, d)).astype(dtype)


def unit(Z):
    norms = np.linalg.norm(Z, axis=1, keepdims=True)
    return Z / np.where(norms > 0, norms, 1)


@pytest.mark.parametrize("tile", [(1, 1), (7, 13), (1024, 4096)])
@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("kind", ["dense", "csr", "float32", "far from the origin"])
def test_graph_is_that_of_all_distances(kind, normalize, tile, monkeypatch):
    monkeypatch.setattr(_balls, "TILE", tile)
    Z = gaussian(41, 3) + (100 if kind == "far from the origin" else 0)
    Z[:3] = Z[3]
    Z[5:7] = 0
    Z = Z.astype(np.float32) if kind == "float32" else Z
    distances = pairwise_distances((unit(Z) if normalize else Z).astype(np.float64))
    # Between two distances, so that no rounding decides.
    radius = np.unique(distances.round(5))[150:152].mean()
    rows = scaled_rows(sparse.csr_array(Z) if kind == "csr" else Z, normalize)
    W = ball_graph(rows, radius**2)
    assert W.dtype == bool and W.indices.dtype == np.int32
    np.testing.assert_array_equal(W.toarray(), distances <= radius)


def test_equal_rows_are_in_the_smallest_ball():
    Z = np.repeat(gaussian(4, 50, dtype=np.float32), 5, axis=0)
    W = ball_graph(scaled_rows(Z, True), 1e-20)
    np.testing.assert_array_equal(W.toarray(), np.kron(np.eye(4), np.ones((5, 5))))


@pytest.mark.parametrize("normalize", [False, True])
def test_without_a_graph_balls_are_the_same(normalize, monkeypatch):
    monkeypatch.setattr(_balls, "TILE", (7, 13))
    rows = scaled_rows(gaussian(60, 4), normalize)
    W = ball_graph(rows, 0.8)
    graph, streamed = GraphBalls(W, W), StreamedBalls(rows, 0.8)
    some = np.array([3, 59, 0, 17])
    np.testing.assert_array_equal(graph.covering(some), streamed.covering(some))
    for row in some:
        assert sorted(graph.inside(row)) == sorted(streamed.inside(row))
    rank = np.random.RandomState(0).permutation(60)
    a, b = (
        greedy_cover(balls, 60, np.zeros(60, dtype=bool), rank)
        for balls in (graph, streamed)
    )
    assert a == b


def test_a_graph_beyond_the_budget_is_not_built():
    rows = scaled_rows(gaussian(300, 4), True)
    rng = np.random.RandomState(0)
    assert isinstance(find_balls(rows, 1.0, 0, rng), StreamedBalls)
    assert isinstance(find_balls(rows, 1.0, 2**20 * 16, rng), GraphBalls)


def test_last_rows_have_balls_like_all_others():
    # A published loop over n // 500 blocks leaves the last n mod 500 rows without.
    rows = scaled_rows(np.repeat(np.eye(3), [500, 1, 250], axis=0), True)
    sizes = np.diff(ball_graph(rows, 0.01).indptr)
    assert sizes.tolist() == [500] * 500 + [1] + [250] * 250


def test_zeros_are_at_distance_one_from_all_others():
    rows = scaled_rows(np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 9.0]]), True)
    expected = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert ball_graph(rows, 0.99).toarray().tolist() == expected
    expected = [[1, 1, 1], [1, 1, 0], [1, 0, 1]]
    assert ball_graph(rows, 1.01).toarray().tolist() == expected


def test_covered_is_what_is_near_any_center():
    rows = scaled_rows(np.array([[0.0], [2.0], [5.0]]), False)
    centers = scaled_rows(np.array([[1.0], [1.5]]), False, like=rows)
    assert covered_by(rows, centers, 1.0).tolist() == [True, True, False]


LINE = scaled_rows(np.array([0.0, 1, 2, 3, 10, 11, 20])[:, None], False)


def test_radius_is_just_below_the_nearest_other_label():
    # Distances to the other label: 10, 9, 8, 7, 7, 8, 17; 0.95 of 7 is all of them.
    labels, rng = np.array([0, 0, 0, 0, 1, 1, 1]), np.random.RandomState(0)
    assert 6.999 < purity_radius(LINE, labels, 0.95, rng) < 7
    assert 7.999 < purity_radius(LINE, labels, 5 / 7, rng) < 8
    assert 16.999 < purity_radius(LINE, labels, 1e-9, rng) < 17
    assert 16.999 < purity_radius(LINE, labels, 1e-99, rng) < 17


@pytest.mark.parametrize("purity", [0.6, 0.95, 1.0])
def test_radius_is_the_largest_that_is_pure(purity):
    Z = gaussian(80, 3)
    labels = (Z[:, 0] > 0.3).astype(int) + (Z[:, 1] > 0.5)
    rng = np.random.RandomState(0)
    radius = purity_radius(scaled_rows(Z, False), labels, purity, rng)
    distances = pairwise_distances(Z)

    def share(r):
        return 1 - ((distances <= r) & (labels[:, None] != labels)).any(axis=1).mean()

    assert share(radius * (1 - 1e-9)) >= purity > share(radius * (1 + 1e-9))


def test_one_label_is_pure_at_any_radius():
    assert purity_radius(LINE, np.zeros(7, dtype=int), 0.95, None) is None


def test_a_sample_of_rows_tells_the_radius(monkeypatch):
    Z = gaussian(400, 2)
    labels = (Z[:, 0] > 0).astype(int)
    rows, rng = scaled_rows(Z, False), np.random.RandomState(0)
    exact = purity_radius(rows, labels, 0.5, rng)
    monkeypatch.setattr(_balls, "PURITY_ROWS", 200)
    assert purity_radius(rows, labels, 0.5, rng) == pytest.approx(exact, rel=0.3)


def test_nearest_other_passes_over_equal_rows():
    rows = scaled_rows(np.array([[0.0], [0.0], [3.0], [10.0]]), False)
    assert nearest_other(rows, rows).tolist() == [3, 3, 3, 7]
    assert nearest_other(subset(rows, [3]), rows).tolist() == [7]
    same = scaled_rows(np.ones((4, 2)), True)
    assert np.isinf(nearest_other(same, same)).all()
