"""Graphs of neighbors: weights, both directions, and what is refused."""

import pickle

import numpy as np
import pytest
from scipy import sparse

from skactive.graph import KNNAffinity, normalize_affinity
from skactive.graph._known_rows import KnownRows

ANGLES = np.deg2rad([0, 10, 25, 90])


FAN = np.c_[np.cos(ANGLES), np.sin(ANGLES)]


def upper(W):
    """Return {(i, j): weight} above the diagonal."""
    W = sparse.triu(W).tocoo()
    return {(int(i), int(j)): w for i, j, w in zip(W.row, W.col, W.data)}


@pytest.mark.parametrize(
    "symmetrize, weights, normalized",
    [
        (
            "sum",
            {(0, 1): 1.910224331411, (1, 2): 0.901221065013, (2, 3): 0.075482239733},
            {(0, 1): 0.824284929641, (1, 2): 0.543857571586, (2, 3): 0.277997608906},
        ),
        (
            "max",
            {(0, 1): 0.955112165705, (1, 2): 0.901221065013, (2, 3): 0.075482239733},
            {(0, 1): 0.717297337617, (1, 2): 0.669301866498, (2, 3): 0.277997608906},
        ),
        ("mutual", {(0, 1): 0.955112165705}, {(0, 1): 1.0}),
        (
            "mutual+nn",
            {(0, 1): 0.955112165705, (1, 2): 0.901221065013, (2, 3): 0.075482239733},
            {(0, 1): 0.717297337617, (1, 2): 0.669301866498, (2, 3): 0.277997608906},
        ),
    ],
)
def test_cubed_cosines_of_four_directions(symmetrize, weights, normalized):
    W = KNNAffinity(1, symmetrize=symmetrize).fit_transform(FAN)
    assert upper(W) == pytest.approx(weights, abs=1e-9)
    assert upper(normalize_affinity(W)) == pytest.approx(normalized, abs=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_graph_is_symmetric_sorted_and_small(dtype):
    X = np.random.RandomState(0).standard_normal((300, 10)).astype(dtype)
    graph = KNNAffinity().fit(X)
    W = graph.affinity_
    assert isinstance(W, sparse.csr_array) and W.dtype == dtype
    assert W.indices.dtype == np.int32 and W.has_sorted_indices
    assert W.nnz <= 2 * 300 * 10 and (W.data > 0).all()
    assert W.diagonal().sum() == 0 and abs(W - W.T).max() == 0
    assert graph.fit_transform(X) is graph.affinity_
    assert graph.transform(X[:3]).dtype == dtype
    assert KNNAffinity(dtype="float32").fit(X).affinity_.dtype == np.float32


def test_neighbors_and_components_are_counted():
    X = np.r_[np.eye(3)[[0] * 20], np.eye(3)[[1] * 20]]
    X = X + 0.01 * np.random.RandomState(0).standard_normal(X.shape)
    graph = KNNAffinity().fit(X)
    assert graph.n_neighbors_ == 10 and graph.n_components_ == 2
    np.testing.assert_array_equal(graph.component_ids_, [0] * 20 + [1] * 20)
    many = np.random.RandomState(0).standard_normal((5000, 2))
    assert KNNAffinity().fit(many).n_neighbors_ == 15


# ----------------------------------------------------------------------- awkward rows


def test_a_row_of_zeros_and_an_opposite_row_are_isolated():
    X = [[0.0, 0.0], [1.0, 0.0], [1.0, 0.1], [-1.0, 0.0]]
    for affinity in ("cosine", "gaussian"):
        W = KNNAffinity(2, affinity=affinity).fit_transform(X).toarray()
        assert W[0].sum() == 0 and (W >= 0).all()
    W = KNNAffinity(3).fit_transform(X).toarray()
    assert W[3].sum() == 0


def test_more_neighbors_than_rows_are_a_warning():
    with pytest.warns(UserWarning, match="3 rows has 2 others"):
        graph = KNNAffinity(3).fit(FAN[:3])
    assert graph.n_neighbors_ == 2
    assert KNNAffinity().fit(FAN[:1]).affinity_.nnz == 0


@pytest.mark.parametrize(
    "options, message",
    [
        ({"metric": "euclidean"}, "affinity='gaussian'"),
        ({"gamma": "median"}, "with affinity='rbf'"),
        ({"n_neighbors": 0}, "n_neighbors"),
        ({"symmetrize": "avg"}, "symmetrize"),
    ],
)
def test_bad_settings_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        KNNAffinity(**options).fit(FAN)


# ------------------------------------------------------------------------- precomputed


def test_a_given_graph_is_taken_as_it_is_but_for_its_diagonal():
    W = np.array([[5.0, 1.0, 0.0], [1.0, 0.0, 2.0], [0.0, 2.0, 0.0]])
    for given in (W, sparse.csr_array(W), sparse.coo_array(W)):
        graph = KNNAffinity(metric="precomputed").fit(given)
        assert upper(graph.affinity_) == {(0, 1): 1.0, (1, 2): 2.0}
    assert W[0, 0] == 5
    new = graph.transform([[0.0, 0.5, 0.0]])
    np.testing.assert_array_equal(new.toarray(), [[0, 0.5, 0]])


def test_a_directed_graph_is_made_symmetric_as_asked():
    A = [[0.0, 1.0], [3.0, 0.0]]
    for how, weight in [("sum", 4), ("max", 3), ("mutual", 1)]:
        graph = KNNAffinity(metric="precomputed", symmetrize=how).fit(A)
        assert upper(graph.affinity_) == {(0, 1): weight}


@pytest.mark.parametrize(
    "W, message",
    [
        ([[0.0, -1.0], [-1.0, 0.0]], "negative numbers"),
        ([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], "must be square"),
        ([[0.0, np.nan], [1.0, 0.0]], "NaN"),
    ],
)
def test_a_bad_graph_is_refused(W, message):
    for given in (np.array(W), sparse.csr_array(np.array(W))):
        with pytest.raises(ValueError, match=message):
            KNNAffinity(metric="precomputed").fit(given)


def _rows_of_kinds():
    rng = np.random.RandomState(0)
    X = rng.standard_normal((300, 20))
    copies = X.copy()
    copies[100:150], copies[200:206], copies[250:260] = X[3], X[5], 0
    yield "distinct", X
    yield "float32", X.astype(np.float32)
    yield "copies", copies
    yield "CSR", sparse.csr_array(np.where(copies > 0.5, copies, 0))
    yield "whole", rng.randint(3, size=(300, 3)).astype(float)
    yield "few", X[:5]
    yield "one", X[:1]


WEIGHTS = [
    {},
    {"affinity": "self_tuning"},
    {"metric": "euclidean", "affinity": "gaussian"},
    {"metric": "euclidean", "affinity": "rbf", "gamma": "median"},
]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("weights", WEIGHTS, ids=["cosine", "own", "gaussian", "rbf"])
@pytest.mark.parametrize("X", [pytest.param(X, id=k) for k, X in _rows_of_kinds()])
def test_rows_of_the_graph_have_the_weights_of_a_search(X, weights, monkeypatch):
    graph = KNNAffinity(**weights).fit(X)
    rng = np.random.RandomState(1)
    own = X[rng.permutation(X.shape[0])[: (X.shape[0] + 1) // 2]]
    new = rng.standard_normal((4, X.shape[1])).astype(X.dtype)
    stack = sparse.vstack if sparse.issparse(X) else np.vstack
    among_new = stack([new, own]).tocsr() if sparse.issparse(X) else stack([new, own])
    for rows in (own, among_new):
        with monkeypatch.context() as patch:
            patch.setattr(graph, "_known", KnownRows(X[:0]))
            searched = graph.transform(rows)
        found = graph.transform(rows)
        np.testing.assert_array_equal(found.indptr, searched.indptr)
        np.testing.assert_array_equal(found.indices, searched.indices)
        np.testing.assert_array_equal(found.data, searched.data)
    monkeypatch.setattr(graph, "_search", None)
    graph.transform(own)
    with pytest.raises(TypeError):
        graph.transform(among_new)


def test_no_rows_have_no_neighbors_to_look_for():
    X = np.eye(4)
    with pytest.raises(ValueError, match="minimum of 1"):
        KNNAffinity(2).fit(X).transform(X[:0])


def test_rows_of_another_dtype_are_searched():
    X = np.random.RandomState(0).standard_normal((50, 4))
    graph = KNNAffinity(3).fit(X)
    assert graph.transform(X.astype(np.float32)).dtype == np.float32


def test_a_graph_that_was_pickled_recognizes_its_rows(monkeypatch):
    X = np.random.RandomState(0).standard_normal((50, 4))
    graph = pickle.loads(pickle.dumps(KNNAffinity(3).fit(X)))
    before = graph.transform(X)
    monkeypatch.setattr(graph, "_search", None)
    assert abs(graph.transform(X) - before).nnz == 0
