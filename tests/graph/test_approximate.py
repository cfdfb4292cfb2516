"""Approximate neighbors: libraries that may be absent, and what they find."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from skactive.graph import KNNAffinity, nearest_neighbors
from skactive.graph._approximate import (
    approximate_neighbors,
    without_self,
    zeros_apart,
)


def test_a_library_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ImportError, match="algorithm='exact'"):
        nearest_neighbors([[0.0], [1.0]], 1, algorithm="faiss")


class FakeNNDescent:
    """Stands in for pynndescent: exact, with the row itself in front."""

    def __init__(self, data, n_neighbors, random_state, n_jobs):
        D = ((data[:, None] - data[None]) ** 2).sum(axis=2)
        found = np.argsort(D, axis=1, kind="stable")[:, :n_neighbors]
        self.neighbor_graph = (found, np.take_along_axis(D, found, axis=1))


def test_what_a_library_finds_is_measured_and_sorted_again(monkeypatch):
    fake = SimpleNamespace(NNDescent=FakeNNDescent)
    monkeypatch.setitem(sys.modules, "pynndescent", fake)
    X = np.random.RandomState(0).standard_normal((60, 4))
    found, distances = nearest_neighbors(X, 5, algorithm="pynndescent")
    expected, far = nearest_neighbors(X, 5)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(distances, far)


@pytest.mark.parametrize("library", ["hnswlib", "faiss", "pynndescent"])
def test_approximate_neighbors_are_mostly_right(library):
    pytest.importorskip(library)
    X = np.random.RandomState(0).standard_normal((2000, 8)).astype(np.float32)
    expected, _ = nearest_neighbors(X, 5)
    found, _ = nearest_neighbors(X, 5, algorithm=library, random_state=0)
    again, _ = nearest_neighbors(X, 5, algorithm=library, random_state=0)
    recall = np.mean([np.isin(a, b).mean() for a, b in zip(found, expected)])
    assert recall > 0.8
    assert not (found == np.arange(2000)[:, None]).any()
    np.testing.assert_array_equal(found, again)


def test_self_is_deleted_by_its_index_and_not_by_its_place():
    found = without_self(np.array([[1, 0, 2], [0, 2, 3], [2, 1, 0]]))
    np.testing.assert_array_equal(found, [[1, 2], [0, 2], [1, 0]])


# ------------------------------------------------------------ what libraries are asked

LINE = np.array([[0.0], [1.0], [3.0], [7.0], [15.0]])


def nearest(X, others, k):
    return np.argsort(np.abs(X - others.T), axis=1, kind="stable")[:, :k]


class FakeHnsw:
    """Stands in for hnswlib: exact; writes down what it is told."""

    def __init__(self, space, dim):
        self.told = {"space": space, "dim": dim}
        FakeHnsw.last = self

    def init_index(self, n, M, ef_construction, random_seed):
        self.told.update(n=n, seed=random_seed)

    def set_num_threads(self, n):
        self.told["threads"] = n

    def add_items(self, rows, numbers):
        self.rows, self.numbers = rows, numbers

    def set_ef(self, ef):
        self.told["ef"] = ef

    def knn_query(self, X, k):
        self.told["k"] = k
        return self.numbers[nearest(X, self.rows, k)], None


@pytest.fixture
def hnswlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "hnswlib", SimpleNamespace(Index=FakeHnsw))


def ask(library, X, others, k, seed=0):
    skip_self = X is others
    return approximate_neighbors(library, X, others, k, skip_self, 2, seed)


def test_among_themselves_one_more_is_asked_for_and_self_is_left_out(hnswlib):
    found = ask("hnswlib", LINE, LINE, 2)
    assert found.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1], [3, 2]]
    told = FakeHnsw.last.told
    assert (told["space"], told["dim"], told["n"], told["threads"]) == ("l2", 1, 5, 2)
    assert told["ef"] == 100
    assert FakeHnsw.last.rows.dtype == np.float32 and found.dtype == np.int64


def test_among_others_nobody_is_left_out_and_no_more_are_asked_for_than_there_are(
    hnswlib,
):
    assert ask("hnswlib", LINE[:2], LINE[:3], 2).tolist() == [[0, 1], [1, 0]]
    assert ask("hnswlib", LINE[:1], LINE[:3], 9).tolist() == [[0, 1, 2]]
    assert FakeHnsw.last.told["k"] == 3
    assert ask("hnswlib", LINE, LINE, 99).shape == (5, 4)
    assert FakeHnsw.last.told["k"] == 5


def test_one_seed_is_one_search_and_another_is_another(hnswlib):
    seeds = []
    for seed in (0, 0, 1):
        ask("hnswlib", LINE, LINE, 1, seed)
        seeds.append(FakeHnsw.last.told["seed"])
    assert seeds[0] == seeds[1] != seeds[2]
    assert type(seeds[0]) is int


class FakeFaiss:
    """Stands in for faiss: finds nothing beyond the lists that are looked into."""

    def __init__(self, quantizer, dim, n_lists):
        self.cp, self.nprobe, self.n_lists = SimpleNamespace(), 1, n_lists
        self.probed, FakeFaiss.last = [], self

    def train(self, rows):
        self.trained = len(rows)

    def add(self, rows):
        self.rows = rows

    def search(self, X, k):
        self.probed.append(self.nprobe)
        found = nearest(X, self.rows, k)
        if self.nprobe < 5:
            found[:, -1] = -1
        return None, found


def test_lists_that_hold_too_few_are_looked_into_further(monkeypatch):
    fake = SimpleNamespace(IndexFlatL2=lambda dim: None, IndexIVFFlat=FakeFaiss)
    monkeypatch.setitem(sys.modules, "faiss", fake)
    X = np.random.RandomState(0).standard_normal((400, 1))
    found = ask("faiss", X, X, 3)
    # 400 rows make 10 lists: 39 rows in each at the least.
    assert FakeFaiss.last.n_lists == 10 and FakeFaiss.last.trained == 400
    assert FakeFaiss.last.probed == [1, 2, 4, 8]
    assert type(FakeFaiss.last.cp.seed) is int
    exact, _ = nearest_neighbors(X.astype(np.float32), 3)
    np.testing.assert_array_equal(np.sort(found), np.sort(exact))


def test_a_search_that_cannot_look_further_ends(monkeypatch):
    fake = SimpleNamespace(IndexFlatL2=lambda dim: None, IndexIVFFlat=FakeFaiss)
    monkeypatch.setitem(sys.modules, "faiss", fake)
    found = ask("faiss", LINE[:2], LINE, 3)
    assert FakeFaiss.last.n_lists == 1 and FakeFaiss.last.probed == [1]
    assert found.tolist() == [[0, 1, -1], [1, 0, -1]]


class AskedNNDescent(FakeNNDescent):
    def query(self, X, k):
        return np.full((len(X), k), 4), None


def test_new_rows_are_asked_about_and_not_looked_up(monkeypatch):
    fake = SimpleNamespace(NNDescent=AskedNNDescent)
    monkeypatch.setitem(sys.modules, "pynndescent", fake)
    assert ask("pynndescent", LINE[:2], LINE, 1).tolist() == [[4], [4]]
    assert ask("pynndescent", LINE, LINE, 1).tolist() == [[1], [0], [1], [2], [3]]


def test_a_search_that_lost_the_row_itself_gives_up_its_last():
    found = without_self(np.array([[1, 2], [1, 2], [0, 1]]))
    np.testing.assert_array_equal(found, [[1], [2], [0]])


# ------------------------------------------------------------ many copies of one row


def test_copies_are_no_part_of_the_index_and_come_in_again(hnswlib):
    X = LINE[[2, 0, 1, 1, 3, 1, 4, 1]]
    found = ask("hnswlib", X, X, 4)
    told = FakeHnsw.last.told
    assert (told["n"], told["k"]) == (5, 5)
    assert np.sort(found)[[0, 1, 2, 7]].tolist() == [
        [2, 3, 5, 7],
        [2, 3, 5, 7],
        [1, 3, 5, 7],
        [1, 2, 3, 5],
    ]
    # New rows that are copies of each other are asked about once.
    assert ask("hnswlib", LINE[[1, 1, 4]], X, 2).tolist() == [[2, 3], [2, 3], [6, 4]]
    assert (FakeHnsw.last.told["n"], FakeHnsw.last.told["k"]) == (5, 2)


def test_zeros_are_at_a_right_angle_to_all_other_rows():
    X, others = np.array([[3.0, 4], [0, 0]]) / 5, np.array([[0.0, 0], [0, 1]])
    wide, other = zeros_apart(X, others)
    assert wide.tolist() == [[0.6, 0.8, 0], [0, 0, 1]]
    assert other.tolist() == [[0, 0, 1], [0, 1, 0]]
    wide, same = zeros_apart(X, X)
    assert same is wide and wide.shape == (2, 3)
    assert zeros_apart(X[:1], others[1:])[1].shape == (1, 2)
    assert zeros_apart(X[:1], others)[0].tolist() == [[0.6, 0.8, 0]]


# Copies and other rows.
COPIES = {
    "half": (600, 600),
    "99 %": (1980, 20),
    "all": (300, 0),
    "fewer kinds than neighbors": (300, 3),
    "one other": (300, 1),
    "pairs": (2, 600),
}


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("copies", COPIES)
@pytest.mark.parametrize("of_zeros", [False, True])
def test_copies_cost_no_other_row_its_neighbors(metric, dtype, copies, of_zeros):
    pytest.importorskip("hnswlib")
    rng = np.random.RandomState(0)
    n_copies, n_others = COPIES[copies]
    row = np.zeros(16) if of_zeros else rng.standard_normal(16)
    X = np.r_[np.tile(row, (n_copies, 1)), rng.standard_normal((n_others, 16))]
    order = rng.permutation(len(X))
    X, other = X[order].astype(dtype), order >= n_copies
    new = rng.standard_normal((50, 16)).astype(dtype)
    for rows, Y in ((X, None), (X[:100], X), (new, X)):
        options = {"Y": Y, "metric": metric, "random_state": 0}
        found, far = nearest_neighbors(rows, 10, algorithm="hnswlib", **options)
        _, expected = nearest_neighbors(rows, 10, algorithm="exact", **options)
        assert far.shape == expected.shape and far.dtype == dtype
        right = far <= expected[:, -1:] * (1 + 1e-5) + 1e-6
        assert right.mean() > 0.98
        assert all(len(set(each)) == len(each) for each in found.tolist())
        if Y is None:
            assert not (found == np.arange(len(X))[:, None]).any()
            assert not other.any() or right[other].mean() > 0.98


# In some pools there are fewer distinct rows than neighbors wanted, on purpose.
@pytest.mark.filterwarnings("ignore:n_neighbors=10, but each of")
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("copies", COPIES)
def test_a_graph_of_copies_is_that_of_the_exact_search(metric, copies):
    pytest.importorskip("hnswlib")
    rng = np.random.RandomState(0)
    n_copies, n_others = COPIES[copies]
    X = np.r_[np.ones((n_copies, 16)), rng.standard_normal((n_others, 16))]
    graph = KNNAffinity(10, metric=metric, affinity="gaussian", random_state=0)
    exact = graph.set_params(algorithm="exact").fit_transform(X)
    found = graph.set_params(algorithm="hnswlib").fit_transform(X)
    assert graph.n_components_ == 1
    assert abs(found - exact).sum() <= 0.01 * exact.sum()
