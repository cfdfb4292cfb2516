"""ProbCover: the strategy around greedy cover, its radius, and faults of others."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import pairwise_distances
from sklearn.preprocessing import StandardScaler

from skactive.diversity import ProbCover
from skactive.selection import max_coverage

LINE = np.array([0.0, 1, 2, 3, 10, 11, 20])[:, None]


def gaussian(n, d, seed=0):
    return np.random.RandomState(seed).standard_normal((n, d))


def blobs(n, seed=0):
    rng = np.random.RandomState(seed)
    return np.eye(4)[np.arange(n) % 4] + 0.1 * rng.standard_normal((n, 4))


def unit(Z):
    return Z / np.linalg.norm(Z, axis=1, keepdims=True)


def test_asks_for_what_covers_most():
    for seed in range(5):
        strategy = ProbCover(radius=1.0, normalize=False, random_state=seed).fit(LINE)
        first, second = strategy.query(2)
        assert first in (1, 2) and second in (4, 5)


def test_does_not_ask_near_labels():
    strategy = ProbCover(radius=1.0, normalize=False, random_state=0)
    strategy.fit([[1.5], [10.5]], [0, 1], LINE)
    # 1, 2, 10 and 11 are covered; 0 and 3 still cover themselves, as 20 does.
    assert strategy.coverage_ == pytest.approx(4 / 7)
    assert set(strategy.query(3)) <= {0, 1, 2, 3, 6}


@pytest.mark.parametrize("memory_budget", [0, 2**30])
@pytest.mark.parametrize("normalize", [False, True])
def test_picks_are_those_of_the_graph_of_all_distances(normalize, memory_budget):
    X, X_pool = gaussian(4, 3), gaussian(260, 3, seed=1)
    strategy = ProbCover(
        radius=0.4, normalize=normalize, memory_budget=memory_budget, random_state=3
    ).fit(X, np.zeros(4), X_pool)
    A, B = (unit(X), unit(X_pool)) if normalize else (X, X_pool)
    W = sparse.csr_array(pairwise_distances(B) <= 0.4)
    covered = (pairwise_distances(B, A) <= 0.4).any(axis=1)
    expected = max_coverage(
        W, 20, covered=covered, random_state=strategy._query_random_state()
    )
    np.testing.assert_array_equal(strategy.query(20), expected)
    assert strategy.coverage_ == covered.mean()


def test_radius_makes_balls_pure():
    X_pool = blobs(200)
    strategy = ProbCover(n_classes=4, random_state=0).fit(X_pool)
    distances = pairwise_distances(unit(X_pool))
    group = np.arange(200) % 4

    def share(radius):
        return 1 - ((distances <= radius) & (group[:, None] != group)).any(1).mean()

    assert share(strategy.radius_ * (1 - 1e-9)) >= 0.95
    assert share(strategy.radius_ * (1 + 1e-9)) < 0.95


def test_clusters_are_as_many_as_classes_seen_unless_told():
    X_pool = blobs(200)
    X, y = X_pool[:8], np.arange(8) % 4
    told = ProbCover(n_classes=4, random_state=0).fit(X, np.zeros(8), X_pool)
    seen = ProbCover(random_state=0).fit(X, y, X_pool)
    unseen = ProbCover(random_state=0).fit(X, np.zeros(8), X_pool)
    assert seen.radius_ == told.radius_
    # Ten clusters for four groups cut groups in parts.
    assert unseen.radius_ < 0.5 * told.radius_


def test_asks_once_in_each_group():
    asked = ProbCover(n_classes=4, random_state=0).fit(blobs(200)).query(4)
    assert sorted(asked % 4) == [0, 1, 2, 3]


def test_radius_belongs_to_the_samples_at_hand():
    # A radius kept from other samples was never right for these.
    strategy = ProbCover(n_classes=4, normalize=False, random_state=0)
    first = strategy.fit(blobs(80)).radius_
    assert strategy.fit(10 * blobs(80)).radius_ == pytest.approx(10 * first)


def test_last_rows_can_be_asked_for():
    # Published code forgets the rows after the last multiple of 500.
    X_pool = np.vstack([gaussian(500, 2), 100 + 0.01 * gaussian(30, 2)])
    labeled = X_pool[:500]
    strategy = ProbCover(radius=0.5, normalize=False, random_state=0)
    asked = strategy.fit(labeled, np.zeros(500), X_pool).query(1)
    assert asked[0] >= 500


def test_a_covered_pool_is_asked_from_far_to_near():
    X_pool = np.array([[0.0], [1.0], [4.0], [4.5]])
    strategy = ProbCover(radius=100.0, normalize=False, random_state=0)
    strategy.fit([[0.0]], [0], X_pool)
    assert strategy.coverage_ == 1
    assert strategy.query(4).tolist()[:2] == [3, 1]
    assert sorted(strategy.query(4)) == [0, 1, 2, 3]


@pytest.mark.parametrize("pool", ["copies", "same", "zeros", "one", "two"])
def test_whole_pool_is_a_permutation(pool):
    X_pool = {
        "copies": np.repeat(gaussian(3, 2), 10, axis=0),
        "same": np.ones((12, 3)),
        "zeros": np.vstack([np.zeros((5, 3)), gaussian(7, 3)]),
        "one": np.ones((1, 3)),
        "two": gaussian(2, 3),
    }[pool]
    for normalize in (False, True):
        strategy = ProbCover(normalize=normalize, random_state=0)
        asked = strategy.fit(X_pool).query(len(X_pool))
        assert sorted(asked) == list(range(len(X_pool)))
        labeled = strategy.fit(X_pool[:1], [0], X_pool).query(len(X_pool))
        assert sorted(labeled) == list(range(len(X_pool)))


def test_fewer_are_the_beginning_of_more():
    strategy = ProbCover(random_state=0).fit(gaussian(4, 4), [0, 1, 0, 1], blobs(60))
    every = strategy.query(60)
    for n in (1, 4, 25, 59):
        np.testing.assert_array_equal(strategy.query(n), every[:n])


def test_sparse_pool_is_asked_as_a_dense_one():
    X_pool = np.where(gaussian(80, 6) > 0.3, gaussian(80, 6, seed=1), 0)
    dense = ProbCover(radius=0.8, random_state=0).fit(X_pool[:5], np.arange(5), X_pool)
    csr = ProbCover(radius=0.8, random_state=0).fit(
        sparse.csr_array(X_pool[:5]), np.arange(5), sparse.csr_array(X_pool)
    )
    # With "auto", k-means may end elsewhere: it centers dense samples only.
    np.testing.assert_array_equal(csr.query(9), dense.query(9))


def test_looks_at_the_embedding():
    X_pool = blobs(60) * [1, 1000, 1, 1]
    scaled = StandardScaler().fit_transform(X_pool)
    a = ProbCover(StandardScaler(), random_state=0).fit(X_pool)
    b = ProbCover(random_state=0).fit(scaled)
    np.testing.assert_array_equal(a.query(9), b.query(9))


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"radius": 0}, "radius' parameter of"),
        ({"radius": "large"}, "radius' parameter of"),
        ({"radius": np.nan}, "radius' parameter of"),
        ({"purity": 0}, "purity' parameter of"),
        ({"purity": 1.5}, "purity' parameter of"),
        ({"n_classes": 1}, "n_classes' parameter of"),
        ({"n_classes": 2.5}, "n_classes' parameter of"),
        ({"memory_budget": -1}, "memory_budget' parameter of"),
        ({"memory_budget": None}, "memory_budget' parameter of"),
    ],
)
def test_bad_parameters_are_refused(params, match):
    with pytest.raises(ValueError, match=match):
        ProbCover(**params).fit(LINE)
