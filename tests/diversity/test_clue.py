"""CLUE: weights decide where centers are, and nothing is asked for twice."""

import numpy as np
import pytest
from scipy import sparse, stats
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive.diversity import CLUE
from skactive.diversity._clue import (
    WeightedPoints,
    _cluster,
    usable_weights,
    weighted_representatives,
)
from skactive.selection._d2 import draw_by_distance


def problem(n=200):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((n, 3))
    return X[:20], (X[:20, 0] > 0).astype(int), X[20:]


def test_one_center_is_the_weighted_mean():
    Z = np.array([[0.0], [1.0], [6.0], [10.0]])
    for weights, expected in [([1, 1, 1, 1], 2), ([9, 1, 1, 0], 1), ([0, 0, 0, 2], 3)]:
        rng = np.random.RandomState(0)
        picks = weighted_representatives(Z, 1, np.array(weights, dtype=float), rng)
        assert picks.tolist() == [expected]


def test_a_weight_counts_like_so_many_copies():
    rng = np.random.RandomState(1)
    Z = np.concatenate([rng.normal(c, 0.3, (20, 2)) for c in (0, 5, 10)])
    weights = rng.randint(1, 5, 60)
    weighted = weighted_representatives(Z, 3, weights.astype(float), rng)
    copies = np.repeat(np.arange(60), weights)
    picks = weighted_representatives(Z[copies], 3, np.ones(len(copies)), rng)
    assert set(copies[picks]) == set(weighted)


def test_heavy_clusters_come_first():
    Z = np.array([[0.0], [0.1], [0.2], [50.0], [100.0], [100.1]])
    weights = np.array([1.0, 1, 1, 9, 2, 3])
    picks = weighted_representatives(Z, 3, weights, np.random.RandomState(0))
    assert picks.tolist() == [3, 5, 1]


def test_seeds_are_drawn_by_weight_and_squared_distance():
    Z, weights = np.array([[0.0], [1.0], [2.0], [4.0]]), np.array([1.0, 8.0, 4.0, 1.0])
    rng, counts = np.random.RandomState(0), np.zeros((4, 4))
    for _ in range(3000):
        space = WeightedPoints(Z, weights)
        sq = space.nearest_sq([0])
        counts[tuple(draw_by_distance(space, 3, [0], sq, rng)[1:])] += 1
    first = np.array([0, 8, 16, 16]) / 40
    then = {1: [0, 0, 4, 9], 2: [0, 8, 0, 4], 3: [0, 8, 16, 0]}
    expected = np.array([first[i] * np.array(then[i]) / sum(then[i]) for i in then])
    expected, counts = 3000 * expected[expected > 0], counts[1:][expected > 0]
    assert counts.sum() == 3000
    assert stats.chisquare(counts, expected).pvalue > 0.001


def test_weights_that_are_too_few_are_made_up_for():
    assert usable_weights(np.zeros(3), 2).tolist() == [1, 1, 1]
    assert usable_weights(np.array([0, 0, 3.0]), 1).tolist() == [0, 0, 3]
    np.testing.assert_allclose(usable_weights(np.array([0, 0, 1.0]), 2)[:2], 1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 3, 7, 29, 30])
def test_copies_zeros_and_certain_rows_are_asked_once_each(dtype, n):
    Z = np.repeat(np.array([[0, 0], [1, 0], [5, 5]], dtype=dtype), 10, axis=0)
    for weights in (np.zeros(30), np.ones(30), np.eye(30)[0]):
        picks = weighted_representatives(Z, n, weights, np.random.RandomState(0))
        assert len(set(picks)) == n
        if n == 3 and weights.sum() != 1:
            assert set(picks // 10) == {0, 1, 2}


def test_low_temperature_asks_nearer_the_boundary():
    X, y, X_pool = problem()
    distance = {}
    for t in (0.1, 1e6):
        strategy = CLUE(temperature=t, random_state=0).fit(X, y, X_pool)
        asked = strategy.query(15)
        distance[t] = np.abs(strategy.estimator_.decision_function(X_pool[asked]))
    assert distance[0.1].mean() < 0.7 * distance[1e6].mean()


def test_sparse_and_mapped_pools_are_asked_as_dense_ones(tmp_path):
    X, y, X_pool = problem()
    strategy = CLUE(LogisticRegression(), random_state=0)
    dense = strategy.fit(X, y, X_pool).query(10).tolist()
    csr = strategy.fit(sparse.csr_array(X), y, sparse.csr_array(X_pool))
    assert csr.query(10).tolist() == dense
    np.save(tmp_path / "pool.npy", X_pool)
    mapped = np.load(tmp_path / "pool.npy", mmap_mode="r")
    assert strategy.fit(X, y, mapped).query(10).tolist() == dense


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("n", [1, 6, 25])
def test_asks_the_nearest_of_each_cluster_weighted_by_entropy(n, temperature):
    X, y, X_pool = problem()
    y = y + (X[:, 1] > 0)  # three classes
    model = make_pipeline(StandardScaler(), LogisticRegression())
    strategy = CLUE(model, temperature=temperature, random_state=0).fit(X, y, X_pool)
    scaler, linear = strategy.estimator_
    E = scaler.transform(X_pool)
    entropies = []
    for logits in linear.decision_function(E) / temperature:
        p = np.exp(logits) / np.exp(logits).sum()
        entropies.append(-(p * np.log(p)).sum())
    weights = np.array(entropies) / np.mean(entropies)
    rng = strategy._query_random_state()
    rng.permutation(len(E))  # decides among equally near ones: there are none
    labels, centers = _cluster(E, n, weights, rng)
    expected = []
    for c in sorted(range(n), key=lambda c: -weights[labels == c].sum()):
        members = np.flatnonzero(labels == c)
        far = [((E[i] - centers[c]) ** 2).sum() for i in members]
        expected.append(members[np.argmin(far)])
    assert strategy.query(n).tolist() == expected


@pytest.mark.parametrize("temperature", [0, -1.0, np.inf, np.nan, "cold", True])
def test_bad_temperature_is_refused(temperature):
    with pytest.raises(ValueError, match="temperature' parameter of"):
        CLUE(temperature=temperature).fit([[0.0], [1.0]], [0, 1], [[0.5]])
