"""VOpt and SigmaOpt: scores by hand, greedy batches, local maxima."""

import numpy as np
import pytest
from scipy import sparse

from skactive import ActiveLearner
from skactive.diversity import SigmaOpt, VOpt
from skactive.graph import KNNAffinity, normalize_affinity

EXACT = {"affinity": "precomputed", "rank": 10**6, "tau": np.sqrt(0.1), "gamma": 0.1}


def affinity(edges, n):
    W = np.zeros((n, n))
    for i, j, weight in edges:
        W[i, j] = W[j, i] = weight
    return W


# Nodes 0 and 3 of a worked example come first: they are labeled.
FOUR = affinity([(0, 2, 1), (0, 3, 0.5), (2, 3, 0.25), (3, 1, 2)], 4)


def blobs(seed=0, n=60):
    rng = np.random.RandomState(seed)
    return rng.standard_normal((n, 4)) + 3 * (np.arange(n) % 3)[:, None]


def covariance(W, labeled, tau, gamma):
    S = normalize_affinity(W).toarray()
    cov = np.linalg.inv((1 + tau**2) * np.eye(len(S)) - S)
    for q in labeled:
        cov = cov - np.outer(cov[q], cov[q]) / (gamma**2 + cov[q, q])
    return cov


def by_hand(cls, cov, gamma):
    worth = (cov**2).sum(0) if cls is VOpt else cov.sum(0) ** 2
    return worth / (gamma**2 + np.diag(cov))


@pytest.mark.parametrize(
    ("cls", "expected"),
    [(VOpt, [0.9324810881, 0.9346099596]), (SigmaOpt, [1.1798981870, 1.1887072148])],
)
@pytest.mark.parametrize("container", [np.array, sparse.csr_array, sparse.csr_matrix])
def test_scores_of_a_worked_example(cls, expected, container):
    W = container(FOUR)
    strategy = cls(**EXACT).fit(W[:2], [0, 1], W[2:])
    np.testing.assert_allclose(strategy.scores_, expected, atol=1e-9, rtol=0)
    assert strategy.query(2).tolist() == [1, 0]


@pytest.mark.parametrize("cls", [VOpt, SigmaOpt])
@pytest.mark.parametrize("n_labeled", [0, 5])
def test_a_greedy_batch_is_recomputed_naively(cls, n_labeled):
    X = blobs()
    graph = KNNAffinity(12)
    W = graph.fit_transform(X)
    assert sparse.csgraph.connected_components(W)[0] == 1
    strategy = cls(affinity=graph, rank=60, tau=0.3, random_state=0)
    if n_labeled:
        strategy.fit(X[:n_labeled], np.arange(n_labeled) % 2, X[n_labeled:])
    else:
        strategy.fit(X)
    labeled, expected = list(range(n_labeled)), []
    for _ in range(12):
        scores = by_hand(cls, covariance(W, labeled, 0.3, 0.1), 0.1)
        scores[labeled] = -np.inf
        labeled.append(scores.argmax())
        expected.append(labeled[-1] - n_labeled)
    assert strategy.query(12).tolist() == expected
    assert strategy.query(5).tolist() == expected[:5]


@pytest.mark.parametrize("cls", [VOpt, SigmaOpt])
def test_the_seed_of_the_iteration_does_not_change_the_answer(cls):
    X = blobs(n=450)
    asked = [
        cls(rank=40, affinity=KNNAffinity(15), random_state=seed)
        .fit(X[:20], np.arange(20) % 2, X[20:])
        .query(10)
        .tolist()
        for seed in range(3)
    ]
    assert asked[0] == asked[1] == asked[2]


@pytest.mark.parametrize("cls", [VOpt, SigmaOpt])
def test_labels_do_not_matter_but_where_they_are(cls):
    X = blobs()
    a = cls(random_state=0).fit(X[:6], [0, 1, 0, 1, 0, 1], X[6:]).query(8)
    b = cls(random_state=0).fit(X[:6], [2, 2, 2, 2, 2, 2], X[6:]).query(8)
    np.testing.assert_array_equal(a, b)


def test_greedy_batches_spread_over_groups_and_single_scores_need_not():
    rng = np.random.RandomState(0)
    centers = np.repeat(8 * np.eye(4), 15, axis=0)
    X = centers + 0.1 * rng.standard_normal(centers.shape)
    asked = VOpt(component_fraction=0, random_state=0).fit(X).query(4)
    assert sorted(asked // 15) == [0, 1, 2, 3]


def test_local_max_asks_for_no_two_neighbors():
    X = np.random.RandomState(0).standard_normal((90, 3))
    settings = {"affinity": KNNAffinity(5), "component_fraction": 0, "random_state": 0}
    strategy = VOpt(batch="local_max", **settings)
    strategy.fit(X[:4], [0, 1, 0, 1], X[4:])
    among = strategy.affinity_[4:][:, 4:].toarray()
    tops = [
        i
        for i in range(86)
        if (strategy.scores_[i] >= strategy.scores_[among[i] > 0]).all()
    ]
    tops.sort(key=lambda i: -strategy.scores_[i])
    assert len(tops) > 2
    assert strategy.query(len(tops)).tolist() == tops
    assert among[np.ix_(tops, tops)].sum() == 0


# -------------------------------------------------------------------------- input


def test_duplicates_are_not_asked_for_together():
    X = np.repeat(np.eye(5) + 0.1, 6, axis=0)
    asked = VOpt(affinity=KNNAffinity(8), random_state=0).fit(X).query(5)
    assert sorted(asked // 6) == [0, 1, 2, 3, 4]


def test_rank_above_the_number_of_samples_is_the_exact_covariance():
    X = blobs(n=30)
    few, many = (VOpt(rank=r).fit(X[:3], [0, 1, 0], X[3:]) for r in (30, 1000))
    np.testing.assert_allclose(few.scores_, many.scores_, rtol=1e-12)
    assert few.eigenvalues_.shape == (30,)


def test_float32_is_answered_as_float64():
    X = blobs()
    graph = KNNAffinity(12)
    a = VOpt(affinity=graph, random_state=0).fit(X[:6], np.arange(6) % 2, X[6:])
    X = X.astype(np.float32)
    b = VOpt(affinity=graph, random_state=0).fit(X[:6], np.arange(6) % 2, X[6:])
    assert b.affinity_.dtype == np.float32
    np.testing.assert_allclose(b.scores_, a.scores_, rtol=1e-3)


@pytest.mark.parametrize("cls", [VOpt, SigmaOpt])
def test_serves_in_the_loop_from_the_first_batch_on(cls):
    X = blobs(n=60)
    y = np.arange(60) % 3
    learner = ActiveLearner(
        strategy=cls(rank=20),
        initial_strategy=cls(rank=20),
        n_initial=3,
        budget=6,
        batch_size=3,
        random_state=0,
    ).fit(X, y)
    assert (learner.labeled_iter_ >= 0).sum() == 9
