"""CoreSet: the strategy around k-center greedy, and the picks of a published one."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import pairwise_distances

from skactive.diversity import CoreSet
from skactive.selection import k_center_greedy


def gaussian(n, d, seed=0):
    return np.random.RandomState(seed).standard_normal((n, d))


def test_asks_for_the_sample_farthest_from_labeled_and_asked():
    X_pool = [[1.0], [4.0], [9.0], [10.0]]
    assert CoreSet().fit([[0.0]], [0], X_pool).query(2).tolist() == [3, 1]


def test_with_nothing_labeled_begins_nearest_the_mean():
    assert CoreSet().fit([[0.0], [1.0], [4.0], [9.0]]).query(2).tolist() == [2, 3]


def test_looks_at_the_embedding_and_not_at_the_features():
    X, X_pool = gaussian(5, 6), gaussian(80, 6, seed=1)
    X[:, 5] = X_pool[:, 5] = 0
    pca = PCA(2, svd_solver="full").fit(np.vstack([X, X_pool]))
    asked = CoreSet(FrozenEstimator(pca)).fit(X, np.zeros(5), X_pool).query(10)
    expected = k_center_greedy(pca.transform(X_pool), 10, Z_labeled=pca.transform(X))
    np.testing.assert_array_equal(asked, expected)
    raw = CoreSet().fit(X, np.zeros(5), X_pool).query(10)
    assert raw.tolist() != asked.tolist()


def test_cosine_forgets_length():
    X, X_pool = gaussian(4, 5), gaussian(60, 5, seed=1)
    lengths = np.random.RandomState(2).uniform(0.01, 100, size=(60, 1))
    a = CoreSet(metric="cosine").fit(X, np.zeros(4), X_pool).query(10)
    b = CoreSet(metric="cosine").fit(X, np.zeros(4), X_pool * lengths).query(10)
    np.testing.assert_array_equal(a, b)


def test_far_samples_are_asked_for_unless_called_outliers():
    X = gaussian(5, 4)
    X_pool = np.vstack([gaussian(990, 4, seed=1), 50 + gaussian(10, 4, seed=2)])
    asked = CoreSet().fit(X, np.zeros(5), X_pool).query(5)
    assert (asked >= 990).any()
    spared = CoreSet(outlier_share=0.02).fit(X, np.zeros(5), X_pool).query(50)
    assert (spared < 990).all()


def test_outlier_share_is_rounded_down_to_samples():
    # 0.29 * 100 is 28.999999999999996 in floating point; 29 is meant.
    X_pool = np.arange(1.0, 101.0)[:, None]
    asked = CoreSet(outlier_share=0.29).fit([[0.0]], [0], X_pool).query(1)
    assert asked.tolist() == [99 - 29]
    asked = CoreSet(outlier_share=0.299).fit([[0.0]], [0], X_pool).query(1)
    assert asked.tolist() == [99 - 29]


def test_radius_is_at_most_twice_the_best():
    rng = np.random.RandomState(0)
    for _ in range(20):
        Z = rng.standard_normal((9, 2))
        distances = pairwise_distances(Z)
        asked = CoreSet().fit(Z).query(2)
        best = min(
            np.minimum(distances[i], distances[j]).max()
            for i in range(9)
            for j in range(i)
        )
        assert distances[asked].min(axis=0).max() <= 2 * best


def test_sparse_pool_is_asked_as_a_dense_one():
    X, X_pool = gaussian(3, 8), gaussian(70, 8, seed=1)
    dense = CoreSet().fit(X, np.zeros(3), X_pool).query(9)
    csr = CoreSet().fit(sparse.csr_array(X), np.zeros(3), sparse.csr_array(X_pool))
    np.testing.assert_array_equal(csr.query(9), dense)


def test_pool_of_copies_is_asked_once_each():
    X_pool = np.repeat(gaussian(3, 2), 10, axis=0)
    asked = CoreSet(random_state=0).fit(X_pool).query(30)
    assert sorted(asked) == list(range(30))


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"metric": "l1"}, "'metric' parameter of"),
        ({"outlier_share": 1.0}, "outlier_share' parameter of"),
        ({"outlier_share": -0.1}, "parameter of"),
        ({"outlier_share": float("nan")}, "parameter of"),
        ({"outlier_share": "some"}, "outlier_share' parameter of"),
        ({"outlier_share": None}, "outlier_share' parameter of"),
    ],
)
def test_bad_parameters_are_refused(params, match):
    with pytest.raises(ValueError, match=match):
        CoreSet(**params).fit([[0.0]], [0], [[1.0]])


@pytest.mark.parametrize("kind", ["gaussian", "blobs"])
@pytest.mark.parametrize("labeled", [0, 1, 25])
@pytest.mark.parametrize("shape", [(60, 1), (300, 2), (1000, 20), (2500, 64)])
def test_picks_are_those_of_scikit_activeml(shape, labeled, kind):
    pool = pytest.importorskip("skactiveml.pool")
    rng = np.random.RandomState(sum(shape) + labeled)
    X = rng.standard_normal((shape[0] + labeled, shape[1]))
    if kind == "blobs":
        X += rng.uniform(-8, 8, (7, shape[1]))[rng.randint(7, size=len(X))]
    y = np.full(len(X), np.nan)
    y[:labeled] = 0
    n = 40
    theirs = pool.CoreSet(random_state=0).query(X, y, batch_size=n)
    if labeled:
        ours = CoreSet().fit(X[:labeled], y[:labeled], X[labeled:]).query(n) + labeled
    else:
        # The first pick is theirs by lot and ours by the mean: begin from theirs.
        first, theirs = theirs[:1], theirs[1:]
        ours = CoreSet().fit(X[first], [0], X).query(n - 1)
    np.testing.assert_array_equal(ours, theirs)


def test_of_samples_without_any_feature_one_is_asked_for():
    X_pool = np.random.RandomState(0).rand(60, 5)
    X_pool[:20] = 0
    first = CoreSet(metric="cosine", random_state=0).fit(X_pool[30:35], None, X_pool)
    assert (first.query(20) < 20).sum() == 1
    known = CoreSet(metric="cosine", random_state=0).fit(X_pool[:3], None, X_pool)
    assert (known.query(20) >= 20).all()
