"""GraphStrategy: the graph, components without a label, and what is refused."""

import weakref

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_blobs
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skactive import ActiveLearner, _graph_strategy
from skactive._graph_strategy import GraphStrategy, _unreached
from skactive.diversity import SigmaOpt, VOpt
from skactive.graph import KNNAffinity, normalize_affinity
from skactive.graph._eigenpairs import smallest_eigenpairs
from skactive.learner._run import Seeds
from skactive.lookahead import MCVOpt, ModelChange
from skactive.utils import seeded_clone

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


def test_copies_of_the_samples_are_free_before_eigenvectors_are_searched(monkeypatch):
    seen, alive = [], []

    class Affinity(KNNAffinity):
        def fit_transform(self, X, y=None):
            seen.append(weakref.ref(X))
            return super().fit_transform(X)

    def search(*args):
        alive.append(seen[0]() is not None)
        return smallest_eigenpairs(*args)

    monkeypatch.setattr(_graph_strategy, "smallest_eigenpairs", search)
    X = blobs()
    VOpt(affinity=Affinity()).fit(X[:5], np.arange(5) % 2, X[5:])
    assert alive == [False]


def islands(*sizes):
    """Return an affinity of complete graphs; the first node of each is the hub."""
    blocks = []
    for size in sizes:
        W = np.ones((size, size)) - np.eye(size)
        if size > 1:
            W[0, 1:] = W[1:, 0] = 2
        blocks.append(W)
    return sparse.block_diag(blocks, format="csr")


def test_components_without_a_label_are_reported_largest_first():
    W = islands(6, 3, 1, 5)
    strategy = VOpt(affinity="precomputed").fit(W[:1], [0], W[1:])
    # Nodes 10, 6 and 9 begin them; position 0 of the pool is node 1.
    expected = [[5, 10 - 1], [3, 6 - 1], [1, 9 - 1]]
    assert strategy.unreached_components_.tolist() == expected


def test_everything_is_unreached_as_long_as_nothing_is_labeled():
    W = islands(4, 2)
    strategy = SigmaOpt(affinity="precomputed").fit(W)
    assert strategy.unreached_components_.tolist() == [[4, 0], [2, 4]]


def test_no_component_is_left_when_each_has_a_label():
    W = islands(3, 3)
    order = [0, 3, 1, 2, 4, 5]
    W = W[order][:, order]
    strategy = VOpt(affinity="precomputed").fit(W[:2], [0, 1], W[2:])
    assert strategy.unreached_components_.shape == (0, 2)
    assert len(set(strategy.query(4))) == 4


@pytest.mark.parametrize("batch", ["greedy", "local_max"])
def test_a_share_of_the_query_goes_to_components_without_a_label(batch):
    # SigmaOpt by itself would leave the small parts for last.
    W = islands(30, 4, 3, 2)
    settings = {"affinity": "precomputed", "batch": batch, "random_state": 0}
    strategy = SigmaOpt(component_fraction=0.5, **settings).fit(W[:1], [0], W[1:])
    hubs = [30 - 1, 34 - 1, 37 - 1]
    assert strategy.query(6)[:3].tolist() == hubs
    assert strategy.query(4)[:2].tolist() == hubs[:2]
    for n in (1, 2, 6, 38):
        assert len(set(strategy.query(n))) == n
    left = SigmaOpt(component_fraction=0, **settings).fit(W[:1], [0], W[1:])
    np.testing.assert_array_equal(left.query(3), left.query(38)[:3])


def test_the_share_is_rounded_down():
    W = islands(10, 4, 3)
    strategy = VOpt(affinity="precomputed", component_fraction=0.29)
    strategy.fit(W[:1], [0], W[1:])
    assert len(strategy._reserved(3)) == 0
    assert len(strategy._reserved(4)) == 1
    # 0.29 * 100 is 28.999999999999996 in floating point; 29 is meant.
    strategy.unreached_components_ = np.zeros((50, 2), dtype=np.intp)
    assert len(strategy._reserved(100)) == 29


def test_a_graph_in_one_piece_has_nothing_reserved():
    W = islands(12)
    strategy = VOpt(affinity="precomputed", component_fraction=1.0).fit(W)
    assert strategy.query(1)[0] == VOpt(affinity="precomputed").fit(W).query(1)[0]
    assert len(strategy._reserved(5)) == 0


def test_isolated_nodes_are_asked_for_and_harm_nothing():
    W = sparse.block_diag([islands(8), sparse.csr_array((3, 3))], format="csr")
    strategy = VOpt(affinity="precomputed", component_fraction=1.0, random_state=0)
    strategy.fit(W[:1], [0], W[1:])
    assert np.isfinite(strategy.scores_).all()
    assert sorted(strategy.query(3).tolist()) == [7, 8, 9]
    assert sorted(strategy.query(10).tolist()) == list(range(10))


def test_the_graph_is_built_over_labeled_samples_and_pool():
    X = blobs()
    strategy = VOpt(affinity=KNNAffinity(5)).fit(X[:7], np.arange(7) % 2, X[7:])
    expected = KNNAffinity(5).fit_transform(X)
    np.testing.assert_array_equal(strategy.affinity_.toarray(), expected.toarray())
    assert strategy.affinity_.format == "csr"


def test_more_neighbors_than_samples_is_for_the_affinity_to_say():
    X = blobs(n=8)
    with pytest.warns(UserWarning, match="neighbors"):
        strategy = VOpt(affinity=KNNAffinity(50)).fit(X[:2], [0, 1], X[2:])
    assert len(strategy.query(3)) == 3


def test_the_diagonal_of_an_affinity_is_not_looked_at():
    ones = FOUR + np.diag([1.0, 2.0, 3.0, 4.0])
    before = ones.copy()
    a = VOpt(**EXACT).fit(ones[:2], [0, 1], ones[2:])
    b = VOpt(**EXACT).fit(FOUR[:2], [0, 1], FOUR[2:])
    np.testing.assert_allclose(a.scores_, b.scores_, rtol=1e-12)
    np.testing.assert_array_equal(ones, before)


@pytest.mark.parametrize(
    ("W", "match"),
    [
        (FOUR - 0.1, "negative"),
        (np.triu(FOUR), "not symmetric"),
        (FOUR[:, :3], "4 features are needed, got 3"),
        (np.where(FOUR == 2, np.nan, FOUR), "NaN"),
        (np.where(FOUR == 2, np.inf, FOUR), "infinity"),
    ],
)
def test_bad_affinities_are_refused(W, match):
    strategy = VOpt(affinity="precomputed")
    with pytest.raises(ValueError, match=match):
        strategy.fit(W[:2], [0, 1], W[2:])


def test_a_directed_graph_from_elsewhere_is_refused():
    X = blobs(n=20)
    directed = KNeighborsTransformer(n_neighbors=3, mode="connectivity")
    with pytest.raises(ValueError, match="not symmetric"):
        VOpt(affinity=directed).fit(X)


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"affinity": "rbf"}, "affinity' parameter of"),
        ({"batch": "top"}, "batch' parameter of"),
        ({"rank": 0}, "rank' parameter of"),
        ({"rank": 2.5}, "parameter of"),
        ({"rank": True}, "parameter of"),
        ({"tau": 0.0}, "parameter of"),
        ({"tau": np.nan}, "parameter of"),
        ({"gamma": -1}, "parameter of"),
        ({"gamma": "x"}, "parameter of"),
        ({"component_fraction": 1.5}, "parameter of"),
        ({"component_fraction": None}, "parameter of"),
        ({"affinity": "precomputed", "embedding": KNNAffinity()}, "nothing to embed"),
    ],
)
def test_bad_parameters_are_refused(params, match):
    with pytest.raises(ValueError, match=match):
        VOpt(**params).fit(blobs(n=6))


# ------------------------------------------------------------ a worth that is given


class Widest(GraphStrategy):
    """Ask for the label that is known least."""

    def _worth(self, columns):
        return columns.variance.copy()


class Listed(GraphStrategy):
    """Ask in the order of a list, whatever is labeled."""

    def __init__(self, worth=(), **settings):
        super().__init__(**settings)
        self.worth = worth

    def _worth(self, columns):
        return np.array(self.worth, dtype=float)


def pool_of(W, *, labeled=1, cls=Widest, y=None, **settings):
    settings = {**EXACT, "component_fraction": 0, "random_state": 0, **settings}
    y = np.arange(labeled) if y is None else y
    return cls(**settings).fit(W[:labeled], y, W[labeled:])


def test_scores_are_the_worth_of_the_pool_before_anything_is_asked():
    strategy = pool_of(FOUR, labeled=2)
    S = normalize_affinity(FOUR).toarray()
    cov = np.linalg.inv((1 + EXACT["tau"] ** 2) * np.eye(4) - S)
    for q in (0, 1):
        cov = cov - np.outer(cov[q], cov[q]) / (0.1**2 + cov[q, q])
    np.testing.assert_allclose(strategy.scores_, np.diag(cov)[2:], atol=1e-9)


def test_each_pick_of_a_batch_counts_as_labeled_for_the_next():
    W = KNNAffinity(8).fit_transform(blobs(n=30)).toarray()
    cov = np.linalg.inv((1 + EXACT["tau"] ** 2) * np.eye(30) - normalize_affinity(W))
    expected, alone = [], None
    for q in range(9):  # three labels, then six picks
        if q >= 3:
            free = [i for i in range(3, 30) if i not in expected]
            q = max(free, key=lambda i: cov[i, i])
            alone = np.diag(cov)[3:].copy() if alone is None else alone
            expected.append(q)
        cov = cov - np.outer(cov[q], cov[q]) / (0.1**2 + cov[q, q])
    asked = pool_of(W, labeled=3).query(6)
    assert asked.tolist() == [q - 3 for q in expected]
    # The six that are known least by themselves are not those.
    assert set(asked) != set(np.argsort(-alone)[:6])


def test_a_worth_that_stays_is_asked_for_from_the_top():
    W = islands(5)
    worth = [0.3, 0.9, 0.1, 0.5]
    strategy = pool_of(W, cls=Listed, worth=worth)
    assert strategy.query(4).tolist() == [1, 3, 0, 2]
    assert strategy.query(2).tolist() == [1, 3]
    assert strategy.scores_.tolist() == worth


def test_ties_fall_by_the_seed_and_rounding_is_a_tie():
    worth = np.ones(40)
    worth[::2] -= 1e-12
    firsts = set()
    for seed in range(12):
        strategy = pool_of(islands(41), cls=Listed, worth=worth, random_state=seed)
        first = strategy.query(1)[0]
        assert strategy.query(1)[0] == first
        firsts.add(int(first))
    assert len(firsts) > 6 and {i % 2 for i in firsts} == {0, 1}


def test_labels_are_learned_with_the_field_that_knows_their_nodes():
    class Learns(Widest):
        def _learn(self, field, y):
            self.learned_ = field.labeled.tolist(), list(y)

    strategy = pool_of(FOUR, labeled=3, cls=Learns, y=["a", "b", "a"])
    assert strategy.learned_ == ([0, 1, 2], ["a", "b", "a"])


def test_a_pool_of_one_without_labels_has_a_graph_of_one_node():
    strategy = Widest(random_state=0).fit([[1.0, 2.0]])
    assert strategy.affinity_.shape == (1, 1) and strategy.affinity_.nnz == 0
    assert strategy.query(1).tolist() == [0]


def test_the_affinity_is_seeded_and_the_one_given_stays_unfitted():
    class Seeded(KNNAffinity):
        def fit_transform(self, X, y=None):
            seen.append(self.random_state)
            return super().fit_transform(X)

    seen, given = [], Seeded(5)
    for seed in (0, 0, 1):
        Widest(affinity=given, random_state=seed).fit(blobs())
    assert seen[0] == seen[1] != seen[2]
    assert given.random_state is None and not hasattr(given, "affinity_")


@pytest.mark.parametrize("container", [np.array, sparse.csr_array])
def test_a_diagonal_is_taken_off_a_copy(container):
    W = container(FOUR + np.eye(4))
    strategy = pool_of(W, labeled=2)
    assert strategy.affinity_.diagonal().tolist() == [0] * 4
    assert W.diagonal().tolist() == [1] * 4


def test_components_without_a_label_by_hand():
    # Labels on nodes 0 and 1; {2, 5} and {3} and {4, 6, 7} have none.
    edges = [(0, 1, 1), (2, 5, 3), (4, 6, 1), (6, 7, 1)]
    W = sparse.csr_array(affinity(edges, 8))
    # The representative has the largest degree, of equals the first: 6, 2 and 3.
    nodes = np.arange(8)
    found = _unreached(W, nodes[:2], nodes[2:])
    assert found.tolist() == [[3, 6 - 2], [2, 2 - 2], [1, 3 - 2]]
    assert _unreached(W, nodes, nodes[:0]).shape == (0, 2)
    found = _unreached(W, nodes[:0], nodes)
    assert found.tolist() == [[3, 6], [2, 0], [2, 2], [1, 3]]
    # Skipped nodes represent nobody: 6 leaves it to 4, and 3 leaves nobody.
    found = _unreached(W, nodes[:2], np.array([2, 4, 5, 7]))
    assert found.tolist() == [[3, 1], [2, 0]]


def test_a_graph_of_rows_follows_their_order():
    Z = np.random.RandomState(0).standard_normal((50, 4))
    order = np.random.RandomState(1).permutation(50)
    W = _graph_strategy.graph_of(Z)
    shuffled = _graph_strategy.graph_of(Z[order])
    np.testing.assert_allclose(shuffled.toarray(), W[order][:, order].toarray())
    strategy = VOpt().fit(Z[:9], np.arange(9) % 2, Z[9:])
    np.testing.assert_array_equal(strategy.affinity_.toarray(), W.toarray())


def test_a_given_graph_loses_its_diagonal_and_stays_what_it_is():
    given = sparse.csr_array(np.array([[3.0, 1.0], [1.0, 0.0]]))
    W = _graph_strategy.graph_of(given, "precomputed")
    assert W.toarray().tolist() == [[0, 1], [1, 0]] and W.nnz == 2
    assert given[0, 0] == 3
    assert _graph_strategy.graph_of(np.ones((1, 3))).nnz == 0


GRAPHS = [VOpt, SigmaOpt, MCVOpt, ModelChange]


@pytest.mark.parametrize("cls", GRAPHS)
def test_a_run_makes_graph_and_eigenvectors_once(cls, monkeypatch):
    made, whole = [], _graph_strategy.smallest_eigenpairs

    def counted(W, *args):
        made.append(W.shape[0])
        return whole(W, *args)

    monkeypatch.setattr(_graph_strategy, "smallest_eigenpairs", counted)
    X, y = make_blobs(90, 4, centers=3, cluster_std=2, random_state=0)
    settings = {"n_initial": 6, "budget": 20, "batch_size": 5, "random_state": 0}
    embeddings = [None, PCA(2), FunctionTransformer(lambda X: X)]
    for embedding, n_kept in zip(embeddings, [1, 1, 4], strict=True):
        asked = []
        for reuse in (True, False):
            made.clear()
            learner = ActiveLearner(
                LogisticRegression(), cls(embedding), reuse=reuse, **settings
            ).fit(X, y)
            assert made == [90] * (n_kept if reuse else 4)
            asked.append(learner.queried_indices_.tolist())
        assert asked[0] == asked[1]


@pytest.mark.parametrize("cls", GRAPHS)
@pytest.mark.parametrize("batch", ["greedy", "local_max"])
def test_a_graph_of_a_run_asks_as_one_of_labeled_samples_and_pool(cls, batch):
    X, y = make_blobs(80, 4, centers=3, cluster_std=2, random_state=1)
    settings = {"n_initial": 6, "budget": 12, "batch_size": 4, "random_state": 0}
    strategy = cls(batch=batch)
    learner = ActiveLearner(LogisticRegression(), strategy, **settings).fit(X, y)
    for k in range(3):
        seed = Seeds(0).of("strategy", 6 + 4 * k)
        known = learner.queried_indices_[: 6 + 4 * k]
        rest = np.setdiff1d(np.arange(80), known)
        known = np.sort(known)
        alone = seeded_clone(strategy, seed).fit(X[known], y[known], X[rest])
        asked = learner.queried_indices_[6 + 4 * k : 10 + 4 * k]
        assert rest[alone.query(4)].tolist() == asked.tolist()


@pytest.mark.parametrize("cls", GRAPHS)
def test_skipped_rows_stay_in_the_graph_and_are_not_asked_for_again(cls):
    X, y = make_blobs(60, 4, centers=3, cluster_std=2, random_state=1)
    X[57:] += 1000  # an island, skipped as a whole
    asked = []

    def skipped(row):
        return row > 56 or row % 4 == 0

    for reuse in (True, False):
        learner = ActiveLearner(
            LogisticRegression(),
            cls(affinity=KNNAffinity(2), component_fraction=0.5),
            oracle=lambda rows, _: [
                None if r > 56 or r % 4 == 0 else y[r] for r in rows
            ],
            n_initial=8,
            budget=40,
            batch_size=8,
            random_state=0,
            reuse=reuse,
        ).fit(X)
        asked.append(learner.queried_indices_.tolist())
        assert len(set(asked[-1])) == len(asked[-1])
    assert asked[0] == asked[1] and set(range(57, 60)) & set(asked[0])


def test_the_graph_of_a_model_is_made_in_each_round(monkeypatch):
    made, whole = [], _graph_strategy.smallest_eigenpairs
    monkeypatch.setattr(
        _graph_strategy,
        "smallest_eigenpairs",
        lambda *args: made.append(1) or whole(*args),
    )
    X, y = make_blobs(60, 4, centers=3, cluster_std=2, random_state=1)
    for embedding in ("estimator", LinearDiscriminantAnalysis(n_components=1)):
        made.clear()
        model = make_pipeline(StandardScaler(), LogisticRegression())
        settings = {"n_initial": 12, "budget": 12, "batch_size": 4, "random_state": 0}
        ActiveLearner(model, VOpt(embedding), **settings).fit(X, y)
        assert len(made) == 3


@pytest.mark.parametrize("cls", GRAPHS)
def test_a_precomputed_affinity_of_all_samples_serves_a_learner(cls):
    X, y = make_blobs(60, 4, centers=3, cluster_std=2, random_state=1)
    W = KNNAffinity(5).fit_transform(X)
    model = make_pipeline(FunctionTransformer(), LogisticRegression())
    settings = {"n_initial": 6, "budget": 12, "batch_size": 4, "random_state": 0}
    given = ActiveLearner(model, cls(affinity="precomputed"), **settings).fit(W, y)
    made = ActiveLearner(model, cls(affinity=KNNAffinity(5)), **settings).fit(X, y)
    assert given.queried_indices_.tolist() == made.queried_indices_.tolist()
