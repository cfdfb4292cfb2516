"""KMeansPlusPlusSampling: drawing by squared distance, labeled samples as centers."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse, stats
from sklearn.preprocessing import StandardScaler

from skactive.diversity import KMeansPlusPlusSampling
from skactive.selection import kmeans_plusplus


def gaussian(n, d, seed=0):
    return np.random.RandomState(seed).standard_normal((n, d))


def counted(X, X_pool, n_draws, **params):
    """How often each sample of a pool is the first."""
    strategy = KMeansPlusPlusSampling(**params).fit(X, None, X_pool)
    counts = np.zeros(len(X_pool))
    for seed in range(n_draws):
        strategy._query_seed = seed
        counts[strategy.query(1)] += 1
    return counts


def test_draws_by_squared_distance_to_the_nearest_label():
    # Distances 1, 2 and 3 to the label at 0: 1/14, 4/14, 9/14.
    counts = counted([[0.0]], [[1.0], [2.0], [3.0]], 1000)
    law = 1000 * np.array([1, 4, 9]) / 14
    assert stats.chisquare(counts, law).pvalue > 0.001
    # A second label at 4: distances 1, 2 and 1.
    counts = counted([[0.0], [4.0]], [[1.0], [2.0], [3.0]], 1000)
    assert stats.chisquare(counts, 1000 * np.array([1, 4, 1]) / 6).pvalue > 0.001


def test_the_better_of_two_tries_is_taken():
    # Squared distances left: 1 leaves 0, 1, 4; 2 leaves 1, 0, 1; 3 leaves 1, 1, 0. Of
    # two tries, 1 is taken if it is drawn twice; 2 and 3 are equal, and the one drawn
    # first is taken.
    p = np.array([1, 4, 9]) / 14
    law = [p[0] ** 2, p[1] * (p[1] + p[2]) + 2 * p[0] * p[1], 0]
    law[2] = 1 - law[0] - law[1]
    counts = counted([[0.0]], [[1.0], [2.0], [3.0]], 1000, greedy=True)
    assert stats.chisquare(counts, 1000 * np.array(law)).pvalue > 0.001


@pytest.mark.parametrize(("n", "n_tries"), [(1, 2), (2, 2), (3, 3), (8, 4), (21, 5)])
def test_greedily_2_and_the_logarithm_are_tried(n, n_tries):
    X, X_pool = gaussian(3, 2), gaussian(60, 2, seed=1)
    greedy = KMeansPlusPlusSampling(greedy=True, random_state=0).fit(X, None, X_pool)
    expected = kmeans_plusplus(
        X_pool,
        n,
        Z_labeled=X,
        n_tries=n_tries,
        random_state=greedy._query_random_state(),
    )
    assert_array_equal(greedy.query(n), expected)


def test_tries_leave_a_smaller_sum():
    X, X_pool = gaussian(3, 4), gaussian(400, 4, seed=1)
    left = {}
    for greedy in (False, True):
        sums = []
        for seed in range(20):
            strategy = KMeansPlusPlusSampling(greedy=greedy, random_state=seed)
            asked = strategy.fit(X, None, X_pool).query(30)
            centers = np.vstack([X, X_pool[asked]])
            sq = ((X_pool[:, None] - centers) ** 2).sum(axis=2)
            sums.append(sq.min(axis=1).sum())
        left[greedy] = np.array(sums)
    assert (left[True] < left[False]).sum() >= 19


@pytest.mark.parametrize("greedy", [False, True])
def test_with_nothing_labeled_the_first_is_drawn_uniformly(greedy):
    strategy = KMeansPlusPlusSampling(greedy=greedy).fit([[0.0], [1.0], [99.0]])
    counts = np.zeros(3)
    for seed in range(900):
        strategy._query_seed = seed
        counts[strategy.query(1)] += 1
    assert stats.chisquare(counts).pvalue > 0.001


@pytest.mark.parametrize("greedy", [False, True])
def test_copies_are_drawn_uniformly_once_nothing_else_is_left(greedy):
    X_pool = np.array([[0.0], [0.0], [0.0], [5.0]])
    first, second = np.zeros(4), np.zeros(4)
    strategy = KMeansPlusPlusSampling(greedy=greedy).fit([[0.0]], [0], X_pool)
    for seed in range(600):
        strategy._query_seed = seed
        asked = strategy.query(4)
        assert sorted(asked) == [0, 1, 2, 3]
        first[asked[0]] += 1
        second[asked[1]] += 1
    assert first[3] == 600
    assert stats.chisquare(second[:3]).pvalue > 0.001


def test_fewer_samples_are_the_beginning_of_more():
    X, X_pool = gaussian(3, 3), gaussian(200, 3, seed=1)
    strategy = KMeansPlusPlusSampling(random_state=0).fit(X, None, X_pool)
    more = strategy.query(60)
    for n in (1, 2, 17, 59):
        assert_array_equal(strategy.query(n), more[:n])
    strategy.set_params(greedy=True)
    assert_array_equal(strategy.query(8), strategy.query(20)[:8])  # 4 tries for both


@pytest.mark.parametrize("greedy", [False, True])
def test_sparse_pool_is_drawn_from_as_a_dense_one(greedy):
    X, X_pool = np.maximum(gaussian(4, 6), 0), np.maximum(gaussian(80, 6, seed=1), 0)
    settings = {"greedy": greedy, "random_state": 0}
    dense = KMeansPlusPlusSampling(**settings).fit(X, None, X_pool)
    csr = KMeansPlusPlusSampling(**settings)
    csr.fit(sparse.csr_array(X), None, sparse.csr_array(X_pool))
    assert_array_equal(csr.query(20), dense.query(20))


def test_excluded_samples_are_taken_for_labeled():
    X_pool = np.array([[1.0], [50.0], [50.0], [2.0]])
    strategy = KMeansPlusPlusSampling()
    for seed in range(50):
        strategy.set_params(random_state=seed).fit([[0.0]], [0], X_pool)
        assert strategy.query(2, exclude=[1])[:2].max() != 2  # a copy of what is held


def test_draws_in_the_embedding():
    X, X_pool = gaussian(4, 2), gaussian(50, 2, seed=1)
    scale = StandardScaler().fit(np.vstack([X, X_pool]))
    plain = KMeansPlusPlusSampling(random_state=0)
    expected = plain.fit(scale.transform(X), None, scale.transform(X_pool)).query(9)
    X[:, 0] *= 128
    X_pool[:, 0] *= 128
    scaled = KMeansPlusPlusSampling(StandardScaler(), random_state=0)
    assert_array_equal(scaled.fit(X, None, X_pool).query(9), expected)


def test_bad_parameters_are_refused():
    with pytest.raises(ValueError, match="greedy' parameter of"):
        KMeansPlusPlusSampling(greedy=2).fit([[0.0]], [0], [[1.0]])
    for n_tries in (0, 1.5, True, "2"):
        with pytest.raises(ValueError, match="n_tries must be an integer above 0"):
            kmeans_plusplus([[1.0], [2.0]], 1, n_tries=n_tries)
