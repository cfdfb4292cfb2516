"""TypiClust: typicality by hand, the order of clusters, and faults of others."""

import numpy as np
import pytest
from scipy import sparse

from skactive.diversity import TypiClust, _typi_clust
from skactive.diversity._typi_clust import mean_distances
from skactive.selection._kmeans import _cluster

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [3.0, 3.0]])


def gaussian(n, d, seed=0):
    return np.random.RandomState(seed).standard_normal((n, d))


def groups(sizes, seed=0):
    """Groups far from each other, and which sample is in which."""
    which = np.repeat(np.arange(len(sizes)), sizes)
    noise = gaussian(len(which), 2, seed)
    return noise + 1000.0 * which[:, None] ** 2, which


def test_typicality_of_four_points():
    typicality = 1 / (mean_distances(SQUARE, 2, None) + 1e-5)
    expected = [1, 0.828427125, 0.828427125, 0.277350098]
    np.testing.assert_allclose(typicality, expected, rtol=2e-5)
    np.testing.assert_allclose(1 / mean_distances(SQUARE, 2, None), expected, rtol=1e-8)


def test_asks_for_the_most_typical_of_one_cluster():
    strategy = TypiClust(min_cluster_size=1, random_state=0).fit(SQUARE)
    assert strategy.query(1).tolist() == [0]


def test_neighbors_are_half_of_those_left_at_most():
    # Of five on a line two neighbors count: the third is the middle of the three.
    X_pool = np.array([[0.0], [4.0], [5.0], [6.0], [30.0]])
    strategy = TypiClust(random_state=0).fit(X_pool)
    assert strategy.query(1).tolist() == [2]
    # With all four neighbors the far one would draw the choice to 6.
    means = mean_distances(X_pool, 4, None)
    assert means.argmin() in (1, 2)
    np.testing.assert_allclose(
        mean_distances(X_pool, 2, None), [4.5, 1.5, 1, 1.5, 24.5]
    )


def test_clusters_without_labels_come_first_and_large_ones_before_small_ones():
    X_pool, which = groups([30, 20, 40, 10])
    strategy = TypiClust(random_state=0).fit(X_pool)
    assert which[strategy.query(4)].tolist() == [2, 0, 1, 3]
    # The largest has a label, in the place of which another cluster is made.
    X = X_pool[which == 2][:1]
    strategy = TypiClust(max_clusters=4, random_state=0).fit(X, [0], X_pool)
    assert which[strategy.query(4)].tolist() == [0, 1, 3, 2]


def test_clusters_take_turns_when_there_are_no_more():
    X_pool, which = groups([30, 20, 10])
    strategy = TypiClust(max_clusters=3, random_state=0).fit(X_pool)
    assert which[strategy.query(9)].tolist() == [0, 1, 2] * 3


def test_small_clusters_come_last():
    X_pool, which = groups([30, 5, 20])
    asked = TypiClust(max_clusters=3, random_state=0).fit(X_pool).query(55)
    assert sorted(asked) == list(range(55))
    assert (which[asked[:50]] != 1).all()
    early = TypiClust(max_clusters=3, min_cluster_size=5, random_state=0)
    assert which[early.fit(X_pool).query(3)].tolist() == [0, 2, 1]


def test_labeled_samples_are_no_neighbors():
    # Five labels crowd around 0; among what is left, the crowd is at 10.
    X = 0.01 * np.arange(5)[:, None]
    X_pool = np.array([[0.05], [9.0], [10.0], [10.5], [12.0]])
    strategy = TypiClust(max_clusters=1, random_state=0).fit(X, np.zeros(5), X_pool)
    assert strategy.query(1).tolist() == [2]


def test_few_distinct_points_are_asked_once_each():
    # The peer repeats itself here: 6 to 8 distinct of 8.
    X_pool = np.repeat(gaussian(3, 2), 10, axis=0)
    for seed in range(5):
        strategy = TypiClust(random_state=seed)
        assert len(set(strategy.fit(X_pool).query(8))) == 8
        assert sorted(strategy.query(30)) == list(range(30))
        strategy.fit(X_pool[:4], np.zeros(4), X_pool)
        assert len(set(strategy.query(8))) == 8


@pytest.mark.parametrize("pool", ["same", "zeros", "one", "two"])
def test_whole_pool_is_a_permutation(pool):
    X_pool = {
        "same": np.ones((12, 3)),
        "zeros": np.vstack([np.zeros((5, 3)), gaussian(7, 3)]),
        "one": np.ones((1, 3)),
        "two": gaussian(2, 3),
    }[pool]
    asked = TypiClust(random_state=0).fit(X_pool).query(len(X_pool))
    assert sorted(asked) == list(range(len(X_pool)))


def test_equals_are_chosen_by_lot():
    X_pool = np.ones((6, 2))
    first = {TypiClust(random_state=s).fit(X_pool).query(1)[0] for s in range(60)}
    assert first == set(range(6))


def test_large_clusters_are_compared_with_some_members(monkeypatch):
    Z = gaussian(300, 2)
    exact = mean_distances(Z, 5, None)
    monkeypatch.setattr(_typi_clust, "MANY_MEMBERS", 100)
    some = mean_distances(Z, 5, np.random.RandomState(0))
    drawn = np.random.RandomState(0).choice(300, 100, replace=False)
    # Fewer are farther, also for those that were drawn: none is its own neighbor.
    assert (some >= exact).all() and (some[drawn] > 0).all()
    assert np.corrcoef(some, exact)[0, 1] > 0.8


def test_sparse_pool_is_asked_as_a_dense_one():
    X_pool = np.where(gaussian(80, 6) > 0.3, gaussian(80, 6, seed=1), 0)
    dense = TypiClust(random_state=0).fit(X_pool).query(5)
    csr = TypiClust(random_state=0).fit(sparse.csr_array(X_pool)).query(5)
    np.testing.assert_array_equal(csr, dense)


def acceptable(X, X_pool, asked, n_neighbors, max_clusters, min_cluster_size, rng):
    """Which samples may be asked for in place of each of `asked`, by slow loops."""
    Z = np.concatenate([X, X_pool])
    n_clusters = min(len(X) + len(asked), max_clusters)
    labels = _cluster(Z, n_clusters, rng)[0]
    lot = rng.permutation(n_clusters)
    sizes = [np.count_nonzero(labels == c) for c in range(n_clusters)]
    known = [np.count_nonzero(labels[: len(X)] == c) for c in range(n_clusters)]
    turns = sorted(range(n_clusters), key=lambda c: (known[c], -sizes[c], lot[c]))
    left = {c: np.flatnonzero(labels[len(X) :] == c).tolist() for c in turns}
    answers = []
    for group in (
        [c for c in turns if sizes[c] >= min_cluster_size],
        [c for c in turns if sizes[c] < min_cluster_size],
    ):
        while any(left[c] for c in group):
            for c in [c for c in group if left[c]]:
                if len(answers) == len(asked):
                    return answers
                typicality = {}
                for i in left[c]:
                    far = sorted(
                        np.sqrt(((X_pool[i] - X_pool[j]) ** 2).sum())
                        for j in left[c]
                        if j != i
                    )
                    near = far[: min(n_neighbors, len(left[c]) // 2)]
                    typicality[i] = len(near) / sum(near) if near else np.inf
                most = max(typicality.values())
                # Two that are nearest to each other are equally typical.
                best = [i for i in left[c] if typicality[i] >= most * (1 - 1e-9)]
                if asked[len(answers)] in best:
                    left[c].remove(asked[len(answers)])
                answers.append(best)
    return answers


@pytest.mark.parametrize(
    ("n_labeled", "n", "params"),
    [
        (0, 6, {}),
        (0, 1, {}),
        (25, 10, {}),
        (25, 10, {"n_neighbors": 3, "min_cluster_size": 3}),
        # More than there are clusters, and than there are in large ones.
        (0, 40, {"max_clusters": 7, "min_cluster_size": 12}),
        (12, 100, {"max_clusters": 9, "min_cluster_size": 15, "n_neighbors": 5}),
        (12, 100, {"max_clusters": 30}),
    ],
)
def test_whole_answers_are_those_of_slow_loops(n_labeled, n, params):
    rng = np.random.RandomState(n_labeled + n)
    Z = (
        gaussian(100 + n_labeled, 3)
        + rng.uniform(-4, 4, (6, 3))[rng.randint(6, size=100 + n_labeled)]
    )
    X, X_pool = Z[:n_labeled], Z[n_labeled:]
    strategy = TypiClust(random_state=3, **params)
    strategy.fit(X, np.zeros(n_labeled), X_pool) if n_labeled else strategy.fit(X_pool)
    asked = strategy.query(n)
    settings = {"n_neighbors": 20, "max_clusters": 500, "min_cluster_size": 6, **params}
    answers = acceptable(
        X, X_pool, asked, rng=strategy._query_random_state(), **settings
    )
    assert len(answers) == n
    assert all(a in best for a, best in zip(asked, answers, strict=True))
    # The loops are of use: they leave next to no choice.
    assert np.mean([len(best) for best in answers]) < 1.5


@pytest.mark.parametrize("value", [0, -1, 2.5, True, None, "many"])
@pytest.mark.parametrize("name", ["n_neighbors", "max_clusters", "min_cluster_size"])
def test_bad_parameters_are_refused(name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter of"):
        TypiClust(**{name: value}).fit(SQUARE)
