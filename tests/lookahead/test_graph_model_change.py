"""ModelChange and MCVOpt: scores by hand, uncertainty, classes."""

import numpy as np
import pytest

from skactive import ActiveLearner
from skactive.diversity import VOpt
from skactive.graph import KNNAffinity, normalize_affinity
from skactive.lookahead import MCVOpt, ModelChange
from skactive.lookahead._graph_model_change import margin_uncertainty

EXACT = {"affinity": "precomputed", "rank": 4, "tau": np.sqrt(0.1), "gamma": 0.1}


def four():
    """Return a worked example; its nodes 0 and 3 come first: they are labeled."""
    W = np.zeros((4, 4))
    for i, j, weight in [(0, 2, 1), (0, 3, 0.5), (2, 3, 0.25), (3, 1, 2)]:
        W[i, j] = W[j, i] = weight
    return W


def blobs(seed=0, n=60):
    rng = np.random.RandomState(seed)
    return rng.standard_normal((n, 4)) + 3 * (np.arange(n) % 3)[:, None]


@pytest.mark.parametrize(
    ("cls", "expected"),
    [
        (ModelChange, [0.3981680011, 0.5242329917]),
        (MCVOpt, [0.3723727510, 0.4913893520]),
    ],
)
def test_scores_of_a_worked_example(cls, expected):
    W = four()
    strategy = cls(**EXACT).fit(W[:2], ["a", "b"], W[2:])
    uncertainty = [0.3993354458, 0.5257694367]
    np.testing.assert_allclose(strategy.uncertainty_, uncertainty, atol=1e-9, rtol=0)
    np.testing.assert_allclose(strategy.scores_, expected, atol=1e-9, rtol=0)
    assert strategy.classes_.tolist() == ["a", "b"]


def test_uncertainty_is_one_minus_the_margin_and_nothing_is_added():
    """0 for a certain row, 1 for a tie, whatever the other classes say."""
    values = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.4, 0.4, 0.2]])
    np.testing.assert_allclose(margin_uncertainty(values), [0, 1, 1], atol=1e-15)
    np.testing.assert_array_equal(margin_uncertainty(np.array([[3.0], [0.1]])), 1)


@pytest.mark.parametrize("cls", [ModelChange, MCVOpt])
def test_a_greedy_batch_is_recomputed_naively_with_fixed_uncertainty(cls):
    X, tau, gamma = blobs(), 0.3, 0.1
    y = np.arange(9) % 3
    graph = KNNAffinity(12)
    S = normalize_affinity(graph.fit_transform(X)).toarray()
    strategy = cls(affinity=graph, rank=60, tau=tau, random_state=0)
    strategy.fit(X[:9], y, X[9:])

    cov = np.linalg.inv((1 + tau**2) * np.eye(60) - S)
    K = cov[:9, :9] + gamma**2 * np.eye(9)
    mean = cov[:, :9] @ np.linalg.solve(K, np.eye(3)[y])
    top = np.sort(mean, axis=1)
    uncertainty = 1 - (top[:, -1] - top[:, -2])
    np.testing.assert_allclose(strategy.uncertainty_, uncertainty[9:], atol=1e-9)
    labeled = list(range(9))
    power = 0.5 if cls is ModelChange else 1
    for q in range(9):
        cov = cov - np.outer(cov[q], cov[q]) / (gamma**2 + cov[q, q])
    for _ in range(10):
        scores = (cov**2).sum(0) ** power / (gamma**2 + np.diag(cov)) * uncertainty
        scores[labeled] = -np.inf
        q = scores.argmax()
        labeled.append(q)
        cov = cov - np.outer(cov[q], cov[q]) / (gamma**2 + cov[q, q])
    assert strategy.query(10).tolist() == [q - 9 for q in labeled[9:]]


def test_asks_between_the_classes_before_it_asks_within():
    angles = np.linspace(0, np.pi / 2, 41)
    X = np.column_stack([np.cos(angles), np.sin(angles)])
    ends = [0, 40]
    pool = np.arange(1, 40)
    for cls in (ModelChange, MCVOpt):
        strategy = cls(affinity=KNNAffinity(6), rank=41)
        asked = pool[strategy.fit(X[ends], [0, 1], X[pool]).query(1)]
        assert 12 < asked[0] < 28


def test_with_one_class_only_it_asks_as_v_opt_does():
    X = blobs()
    graph = KNNAffinity(12)
    a = MCVOpt(affinity=graph, random_state=0).fit(X[:5], ["x"] * 5, X[5:])
    b = VOpt(affinity=graph, random_state=0).fit(X[:5], ["x"] * 5, X[5:])
    np.testing.assert_array_equal(a.uncertainty_, 1)
    np.testing.assert_array_equal(a.query(7), b.query(7))


@pytest.mark.parametrize("cls", [ModelChange, MCVOpt])
def test_what_no_label_reaches_is_uncertain_and_finite(cls):
    W = np.zeros((7, 7))
    W[:4, :4] = four()
    W[4, 5] = W[5, 4] = 1  # a pair without a label; node 6 has no edge at all
    strategy = cls(affinity="precomputed", rank=7, component_fraction=0.5)
    strategy.fit(W[:2], [0, 1], W[2:])
    np.testing.assert_allclose(strategy.uncertainty_[2:], 1, atol=1e-12)
    assert np.isfinite(strategy.scores_).all()
    assert strategy.unreached_components_.tolist() == [[2, 2], [1, 4]]
    assert strategy.query(4)[:2].tolist() == [2, 4]


@pytest.mark.parametrize("cls", [ModelChange, MCVOpt])
def test_local_max_asks_for_the_best_first(cls):
    X = np.random.RandomState(0).standard_normal((90, 3))
    settings = {"affinity": KNNAffinity(5), "component_fraction": 0, "random_state": 0}
    strategy = cls(batch="local_max", **settings)
    strategy.fit(X[:6], np.arange(6) % 3, X[6:])
    assert strategy.query(1)[0] == strategy.scores_.argmax()
    among = strategy.affinity_[6:][:, 6:].toarray()
    first = strategy.query(3)
    assert among[np.ix_(first, first)].sum() == 0


def test_labels_are_needed_and_must_be_classes():
    X = blobs(n=20)
    with pytest.raises(ValueError, match="requires y"):
        ModelChange().fit(X)
    with pytest.raises(ValueError, match="continuous"):
        ModelChange().fit(X[:5], [0.1, 0.7, 0.3, 0.2, 0.9], X[5:])


def test_contradicting_labels_of_one_sample_are_an_even_mean():
    X = blobs(n=30)
    X_labeled = np.vstack([X[:1], X[:1], X[1:4]])
    # A graph gives each copy a node of its own, with the same neighbors.
    strategy = MCVOpt(affinity=KNNAffinity(10)).fit(X_labeled, [0, 1, 0, 1, 0], X[4:])
    assert np.isfinite(strategy.scores_).all()


@pytest.mark.parametrize("cls", [ModelChange, MCVOpt])
def test_serves_in_the_loop(cls):
    X = blobs(n=60)
    y = np.arange(60) % 3
    learner = ActiveLearner(
        strategy=cls(rank=20), n_initial=4, budget=6, batch_size=3, random_state=0
    ).fit(X, y)
    assert (learner.labeled_iter_ >= 0).sum() == 10
