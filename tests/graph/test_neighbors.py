"""Nearest neighbors against a full sort."""

import ast
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

import skactive
from skactive.graph import KNNAffinity, nearest_neighbors
from skactive.graph._approximate import LIBRARIES


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("d", [3, 40])
@pytest.mark.parametrize("memory_budget", [1, 2**27])
def test_neighbors_are_those_of_a_full_sort(
    metric, dtype, d, memory_budget, by_sorting
):
    X = np.random.RandomState(0).standard_normal((400, d)).astype(dtype)
    expected, far = by_sorting(X.astype(float), 6, metric=metric)
    found, distances = nearest_neighbors(
        X, 6, metric=metric, memory_budget=memory_budget
    )
    assert distances.dtype == dtype and found.dtype == np.int32
    assert np.mean(found == expected) > (0.999 if dtype == np.float32 else 0.9999)
    np.testing.assert_allclose(distances, far, atol=1e-5 if dtype == np.float32 else 0)


def test_neighbors_among_other_rows_and_from_threads(by_sorting):
    rng = np.random.RandomState(1)
    X, Y = rng.standard_normal((50, 4)), rng.standard_normal((600, 4))
    expected, far = by_sorting(X, 5, Y)
    found, distances = nearest_neighbors(X, 5, Y=Y, n_jobs=2, memory_budget=10_000)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_allclose(distances, far)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_sparse_rows_have_the_neighbors_of_dense_ones(metric):
    X = sparse.random(200, 30, density=0.3, random_state=0, format="csr")
    dense, far = nearest_neighbors(X.toarray(), 4, metric=metric)
    for A in (X, sparse.csr_array(X)):
        found, distances = nearest_neighbors(A, 4, metric=metric)
        np.testing.assert_array_equal(found, dense)
        np.testing.assert_allclose(distances, far, atol=1e-12)
    found, _ = nearest_neighbors(X[:9], 4, Y=X.toarray(), metric=metric)
    assert (found == np.arange(9)[:, None]).any(axis=1).all()


def test_equal_rows_are_neighbors_at_distance_zero_and_nobody_is_his_own():
    X = np.repeat(np.random.RandomState(0).standard_normal((20, 5)), 3, axis=0) * 1e3
    found, distances = nearest_neighbors(X.astype(np.float32), 2)
    rows = np.arange(60)
    assert (found // 3 == (rows // 3)[:, None]).all()
    assert not (found == rows[:, None]).any()
    assert (distances == 0).all()


def test_a_row_of_zeros_is_at_cosine_distance_one():
    _, distances = nearest_neighbors([[0, 0], [1.0, 0], [2, 0]], 2, metric="cosine")
    np.testing.assert_array_equal(distances, [[1, 1], [0, 1], [0, 1]])


def test_more_neighbors_than_rows_are_all_rows():
    found, _ = nearest_neighbors([[0.0], [1.0], [3.0]], 99)
    np.testing.assert_array_equal(found, [[1, 2], [0, 2], [1, 0]])
    found, distances = nearest_neighbors([[0.0]], 3)
    assert found.shape == distances.shape == (1, 0)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"metric": "manhattan"}, "metric must be"),
        ({"algorithm": "annoy"}, "algorithm must be"),
        ({"algorithm": "auto"}, "algorithm must be"),
        ({"n_neighbors": 0}, "n_neighbors must be at least 1"),
        ({"Y": [[1.0, 2.0]]}, "2; both must have the same"),
        ({"X": [[np.nan], [1.0]]}, "Input X contains NaN"),
        ({"X": sparse.eye_array(3).tocsr(), "algorithm": "faiss"}, "no sparse"),
    ],
)
def test_bad_input_is_refused(options, message):
    options = {"X": [[0.0], [1.0]], "n_neighbors": 1, **options}
    with pytest.raises(ValueError, match=message):
        nearest_neighbors(**options)


# ------------------------------------------------- what is installed never decides

# Files that may look for a module and go on without it, and why.
MAY_LOOK = {
    "benchmark/__main__.py": "ends with the message",
    "benchmark/_menu.py": "names strategies that need torch, if it is there",
    "benchmark/_store.py": "locks of the operating system",
    "utils/_elsewhere.py": "names of modules of this package",
    "utils/_locks.py": "the same",
}


def syntax():
    folder = Path(skactive.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(folder).as_posix(), ast.parse(path.read_text("utf-8"))


def test_a_search_is_exact_by_default_wherever_one_can_be_chosen():
    seen = []
    for name, tree in syntax():
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            args, given = node.args, [*node.args.posonlyargs, *node.args.args]
            pairs = [*zip(reversed(given), reversed(args.defaults))]
            pairs += zip(args.kwonlyargs, args.kw_defaults)
            for arg, default in pairs:
                if arg.arg == "algorithm" and default is not None:
                    seen.append(name)
                    assert ast.literal_eval(default) == "exact", name
    assert {"graph/_neighbors.py", "graph/_affinity.py"} <= set(seen)
    assert "compose/_neighborhood.py" in seen


def test_nothing_looks_for_a_library_to_go_on_without_it():
    """An absent library is an error that says so, never another answer."""
    looks = set()
    for name, tree in syntax():
        for node in ast.walk(tree):
            called = getattr(node, "func", None)
            if "find_spec" in (getattr(called, "id", 0), getattr(called, "attr", 0)):
                looks.add(name)
            if isinstance(node, ast.ExceptHandler) and node.type is not None:
                caught = {
                    leaf.id for leaf in ast.walk(node.type) if hasattr(leaf, "id")
                }
                absent = {"ImportError", "ModuleNotFoundError"} & caught
                raises = any(isinstance(leaf, ast.Raise) for leaf in ast.walk(node))
                if absent and not raises:
                    looks.add(name)
    assert looks == set(MAY_LOOK)


@pytest.mark.parametrize("library", LIBRARIES)
def test_no_library_is_asked_unless_it_is_named(monkeypatch, library):
    asked = []

    def told(name, *args, **kwargs):
        asked.append(name)
        raise AssertionError(f"asked {name}")

    module = "skactive.graph._neighbors.approximate_neighbors"
    monkeypatch.setattr(module, told)
    X = np.random.RandomState(0).standard_normal((50, 3))
    for search in (
        nearest_neighbors,
        lambda X, k, **more: KNNAffinity(k, **more).fit(X),
    ):
        search(X, 3)
        assert not asked
        with pytest.raises(AssertionError, match=library):
            search(X, 3, algorithm=library)
        assert asked.pop() == library
