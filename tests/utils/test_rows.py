"""Rows of anything."""

import inspect

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.ensemble import AdaBoostClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.base import ScoreStrategy
from skactive.diversity import CoreSet, RandomSampling
from skactive.learner._run import Run
from skactive.testing import all_strategies
from skactive.uncertainty import HistorySampling, MarginSampling
from skactive.utils import _pool, concatenate_rows, sample_shape, shape_text
from skactive.utils._rows import (
    refuse_streams,
    row_block,
    take_rows,
    unboxed,
    with_rows,
)


@pytest.mark.parametrize(
    "X, shape",
    [
        (np.zeros((5, 3)), (3,)),
        (np.zeros((5, 3, 8, 8)), (3, 8, 8)),
        (np.zeros(5), ()),
        (sparse.csr_array((5, 4)), (4,)),
        (pd.DataFrame({"a": [1], "b": [2]}), (2,)),
        (pd.Series(["a text"]), ()),
        ([[1, 2, 3]], (3,)),
        ([(1, 2), (3, 4)], (2,)),
        ([np.zeros((3, 2))], (3, 2)),
        ([1.0, 2.0], ()),
        (["a text", "another"], None),
        ([], None),
    ],
)
def test_the_shape_of_one_sample(X, shape):
    assert sample_shape(X) == shape


def test_shapes_in_words():
    assert shape_text((4,)) == "4 features"
    assert shape_text((3, 8, 8)) == "shape (3, 8, 8)"
    assert shape_text(()) == "shape ()"


def objects(values):
    array = np.empty(len(values), dtype=object)
    array[:] = list(values)
    return array


def test_samples_that_objects_hold_become_one_array():
    images = np.arange(24, dtype=np.uint8).reshape(4, 1, 2, 3)
    given = unboxed(objects(images))
    assert given.dtype == np.uint8
    np.testing.assert_array_equal(given, images)


@pytest.mark.parametrize(
    "X",
    [
        None,
        [np.zeros(2)] * 2,
        np.zeros((2, 3)),
        pd.Series([np.zeros(2)] * 2),
        objects(["a text", "another"]),
        objects([["two", "words"], ["two", "more"]]),
        objects([np.zeros((1, 2)), np.zeros((1, 3))]),
        objects([np.zeros((1, 2)), "a path"]),
        objects([np.zeros((1, 2)), np.float64(1.0)]),
        objects([np.float64(2.0), np.float64(1.0)]),
        np.array([[1, "a"]], dtype=object),
    ],
)
def test_other_samples_stay_what_they_are(X):
    assert unboxed(X) is X


def test_arrays_are_stacked():
    rows = concatenate_rows(np.zeros((1, 2)), np.ones((2, 2)))
    np.testing.assert_array_equal(rows, [[0, 0], [1, 1], [1, 1]])
    images = concatenate_rows(np.zeros((1, 3, 2, 2)), np.zeros((4, 3, 2, 2)))
    assert images.shape == (5, 3, 2, 2)


def test_single_precision_is_kept():
    block = np.zeros((2, 2), dtype=np.float32)
    assert concatenate_rows(block, block).dtype == np.float32


def test_lists_are_stacked():
    assert concatenate_rows([[1, 2]], [[3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert concatenate_rows(["a"], ["bc"]).tolist() == ["a", "bc"]


@pytest.mark.parametrize(
    "container", [sparse.csr_array, sparse.csr_matrix, sparse.csc_array]
)
def test_sparse_rows_become_csr(container):
    rows = concatenate_rows(container([[1, 0]]), container([[0, 2]]))
    assert rows.format == "csr"
    np.testing.assert_array_equal(rows.toarray(), [[1, 0], [0, 2]])


def test_frames_keep_columns_and_dtypes_and_not_the_index():
    first = pd.DataFrame({"a": [1], "b": ["x"]}, index=[7])
    second = pd.DataFrame({"a": [2], "b": ["y"]}, index=[7])
    rows = concatenate_rows(first, second)
    assert rows.index.tolist() == [0, 1] and rows.columns.tolist() == ["a", "b"]
    assert rows["a"].tolist() == [1, 2] and rows["b"].tolist() == ["x", "y"]
    assert rows.dtypes.equals(first.dtypes)


def test_the_blocks_are_not_changed():
    first, second = np.zeros((1, 2)), np.ones((1, 2))
    concatenate_rows(first, second)[:] = 9
    assert first.tolist() == [[0, 0]] and second.tolist() == [[1, 1]]


@pytest.mark.parametrize(
    "library, make", [("polars", "DataFrame"), ("pyarrow", "table")]
)
def test_frames_of_other_libraries_keep_their_names(library, make):
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    X = getattr(module, make)({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    both = concatenate_rows(X, X)
    assert type(both) is type(X) and both.shape == (4, 2)


def kinds_of_arrow(X):
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    table = arrow.table({f"x{k}": X[:, k] for k in range(X.shape[1])})
    halves = [table.slice(0, len(X) // 2), table.slice(len(X) // 2)]
    return {
        "one chunk": table,
        "two chunks": arrow.concat_tables(halves),
        "a batch": table.to_batches()[0],
    }


@pytest.mark.parametrize("kind", ["one chunk", "two chunks", "a batch"])
def test_rows_of_arrow_are_rows_like_others(kind):
    X = np.random.RandomState(0).normal(size=(60, 3))
    y = (X[:, 0] > 0).astype(int)
    T = with_rows(kinds_of_arrow(X)[kind])
    assert take_rows(T, [4, 2]).to_pandas().to_numpy().tolist() == X[[4, 2]].tolist()
    assert take_rows(T, 4).num_rows == 1 and take_rows(T, []).num_rows == 0

    def oracle(rows, X_rows):
        assert type(X_rows) is type(T) and len(X_rows) == len(rows)
        return y[rows]

    asked = [
        ActiveLearner(
            LogisticRegression(), CoreSet(), oracle=oracle, budget=10, random_state=0
        )
        .set_params(**settings)
        .fit(Z, target)
        .queried_indices_
        for Z, target, settings in (
            (X, y, {"oracle": None}),
            (kinds_of_arrow(X)[kind], y, {"oracle": None}),
            (kinds_of_arrow(X)[kind], None, {}),
        )
    ]
    for rows in asked[1:]:
        np.testing.assert_array_equal(rows, asked[0])


def test_batches_of_arrow_are_stacked():
    batch = kinds_of_arrow(np.zeros((2, 3)))["a batch"]
    assert concatenate_rows(batch, batch).shape == (4, 3)


# ------------------------------------------------ files and data sets


def on_disk(X, folder):
    path = folder / "rows.npy"
    np.save(path, X)
    return np.load(path, mmap_mode="r")


def of_h5py(X, folder):
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    return h5py.File(folder / "rows.h5", "w").create_dataset("X", data=X, chunks=True)


def of_zarr(X, folder):
    zarr = pytest.importorskip("zarr", reason="zarr is not installed")
    chunks = (7, *X.shape[1:])
    made = zarr.create_array(
        store=str(folder / "rows.zarr"), shape=X.shape, chunks=chunks, dtype=X.dtype
    )
    made[:] = X
    return made


def of_torch(X, folder):
    data = pytest.importorskip("torch.utils.data", reason="torch is not installed")

    class Rows(data.Dataset):
        def __len__(self):
            return len(X)

        def __getitem__(self, i):
            return X[i]

    return Rows()


def of_tensors(X, folder):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    return torch.utils.data.TensorDataset(torch.from_numpy(X), torch.arange(len(X)))


def of_a_subset(X, folder):  # which has __getitems__
    data = pytest.importorskip("torch.utils.data", reason="torch is not installed")
    return data.Subset(of_tensors(np.vstack([X[:1], X]), folder), range(1, len(X) + 1))


def of_skorch(X, folder):
    helper = pytest.importorskip("skorch.helper", reason="skorch is not installed")
    return helper.SliceDataset(of_tensors(X, folder))


def of_frames(library, make):
    def made(X, folder):
        module = pytest.importorskip(library, reason=f"{library} is not installed")
        return getattr(module, make)({f"x{k}": X[:, k] for k in range(X.shape[1])})

    return made


CONTAINERS = {
    "ndarray": lambda X, folder: X,
    "memmap": on_disk,
    "csr": lambda X, folder: sparse.csr_array(X),
    "list": lambda X, folder: X.tolist(),
    "pandas": of_frames("pandas", "DataFrame"),
    "polars": of_frames("polars", "DataFrame"),
    "arrow": of_frames("pyarrow", "table"),
    "h5py": of_h5py,
    "zarr": of_zarr,
    "torch": of_torch,
    "tensors": of_tensors,
    "subset": of_a_subset,
    "skorch": of_skorch,
}

every_container = pytest.mark.parametrize("kind", CONTAINERS)


def dense(rows):
    if hasattr(rows, "to_pandas"):
        rows = rows.to_pandas()
    return rows.toarray() if sparse.issparse(rows) else np.asarray(rows)


@every_container
@pytest.mark.parametrize(
    "rows",
    [[3, 1, 3], [5], list(range(30)), [29, 0, 29, 17], np.arange(10, 20), []],
    ids=["back", "one", "all", "far", "block", "none"],
)
def test_rows_come_in_the_order_asked_for(kind, rows, tmp_path):
    X = np.random.RandomState(0).normal(size=(30, 4))
    given = CONTAINERS[kind](X, tmp_path)
    if kind == "list" and len(rows) == 0:
        assert take_rows(given, rows) == []
    else:
        np.testing.assert_array_equal(dense(take_rows(given, rows)), X[rows, :])


@every_container
def test_blocks_of_rows_and_the_shape_of_one(kind, tmp_path):
    X = np.random.RandomState(0).normal(size=(30, 4))
    given = CONTAINERS[kind](X, tmp_path)
    assert sample_shape(given) == (4,)
    for start, stop in ((0, 30), (4, 9), (28, 30), (7, 7)):
        block = dense(row_block(given, start, stop))
        np.testing.assert_array_equal(block.reshape(-1, 4), X[start:stop])
    if kind in ("ndarray", "memmap"):
        assert np.shares_memory(row_block(given, 4, 9), given)


@pytest.mark.parametrize("row", [2, -1, np.intp(0), np.array(1)], ids=repr)
@pytest.mark.parametrize("form", ["csr", "csc", "lil"])
def test_one_row_of_a_sparse_array_is_one_sample(form, row):
    X = np.diag([1.0, 2, 3])[:, [0, 2]]
    sample = take_rows(sparse.csr_array(X).asformat(form), row)
    assert sample.shape == (2,)
    np.testing.assert_array_equal(sample.toarray(), X[row])
    one = take_rows(sparse.csr_matrix(X), row)  # a matrix has no samples of one axis
    assert one.shape == (1, 2)


@pytest.mark.parametrize("kind", ["h5py", "zarr", "torch", "tensors", "skorch"])
def test_rows_that_are_not_there(kind, tmp_path):
    given = CONTAINERS[kind](np.eye(5), tmp_path)
    np.testing.assert_array_equal(take_rows(given, [-1]), np.eye(5)[[-1]])
    np.testing.assert_array_equal(take_rows(given, np.arange(5) == 2), np.eye(5)[[2]])
    np.testing.assert_array_equal(take_rows(given, slice(1, 3)), np.eye(5)[1:3])
    np.testing.assert_array_equal(take_rows(given, 2), np.eye(5)[2])
    for rows in ([5], [0, -6]):
        with pytest.raises(IndexError, match="There is no row"):
            take_rows(given, rows)
    with pytest.raises(IndexError, match="mask"):
        take_rows(given, np.ones(4, dtype=bool))


def test_a_file_is_read_forwards_and_each_row_once(tmp_path):
    """Vector 6 of h5py, and what is asked of the file."""

    class Told:
        shape = (30, 4)

        def __init__(self):
            self.asked = []

        def __getitem__(self, rows):
            self.asked.append(rows)
            return np.arange(120).reshape(30, 4)[rows]

    Told.__module__ = "h5py"
    pytest.importorskip("h5py", reason="h5py is not installed")
    given = Told()
    assert take_rows(given, [3, 1, 3])[:, 0].tolist() == [12, 4, 12]
    assert take_rows(given, [29, 2, 29])[:, 0].tolist() == [116, 8, 116]
    assert given.asked[0] == slice(1, 4)
    np.testing.assert_array_equal(given.asked[1], [2, 29])


def test_rows_of_other_shapes_stay_apart():
    data = pytest.importorskip("torch.utils.data", reason="torch is not installed")

    class Rows(data.Dataset):
        samples = [np.zeros((1, 2, 2)), np.zeros((1, 3, 3)), "a path"]

        def __len__(self):
            return 3

        def __getitem__(self, i):
            return self.samples[i], i

    assert [np.shape(x) for x in take_rows(Rows(), [1, 0])] == [(1, 3, 3), (1, 2, 2)]
    assert take_rows(Rows(), [2, 2]) == ["a path", "a path"]
    assert take_rows(Rows(), [1, 1]).shape == (2, 1, 3, 3)


@every_container
@pytest.mark.parametrize("by_hand", [False, True])
def test_a_learner_takes_every_container(kind, by_hand, tmp_path):
    X = np.random.RandomState(0).normal(size=(80, 4))
    y = (X[:, 0] + X[:, 1] > 0).astype(int)
    given, shown = CONTAINERS[kind](X, tmp_path), []

    def oracle(rows, X_rows):
        shown.append(dense(X_rows))
        np.testing.assert_array_equal(shown[-1], X[rows])
        return y[rows]

    for strategy in (MarginSampling(), CoreSet(), RandomSampling()):
        learner = ActiveLearner(
            LogisticRegression(), strategy, budget=10, n_initial=5, random_state=0
        )
        learner.set_params(oracle=oracle if by_hand else None)
        target = None if by_hand else y
        expected = clone(learner).fit(X, target)
        got = clone(learner).fit(given, target)
        np.testing.assert_array_equal(got.queried_indices_, expected.queried_indices_)


def streams():
    yield "generator", lambda: (row for row in np.eye(4))
    yield "iterator", lambda: iter(np.eye(4))

    def lazy():
        polars = pytest.importorskip("polars", reason="polars is not installed")
        return polars.LazyFrame({"a": [1.0, 2.0]})

    def iterable():
        data = pytest.importorskip("torch.utils.data", reason="torch is not installed")

        class Rows(data.IterableDataset):
            def __iter__(self):
                return iter(np.eye(4))

        return Rows()

    yield "LazyFrame", lazy
    yield "IterableDataset", iterable


STREAMS = dict(streams())


@pytest.mark.parametrize("kind", STREAMS)
def test_what_has_no_positions_is_refused(kind):
    words = "positions must mean something.*np.memmap, zarr, parquet.*collect"
    y = np.zeros(4)
    for refused in (
        lambda X: CoreSet().fit(X),
        lambda X: MarginSampling().fit(X, y, np.eye(4)),
        lambda X: MarginSampling().fit(np.eye(4), y, X),
        lambda X: ActiveLearner(LogisticRegression()).fit(X, y),
        lambda X: ActiveLearner(LogisticRegression(), oracle=print).fit(X),
        with_rows,
        refuse_streams,
    ):
        with pytest.raises(TypeError, match=words):
            refused(STREAMS[kind]())


# ------------------------------------------------ every strategy, every container


def asked(strategy, given, y):
    """Return the rows that a learner asks for, or the words it refuses by."""
    model = make_pipeline(StandardScaler(with_mean=False), LogisticRegression())
    learner = ActiveLearner(
        model, strategy, budget=4, batch_size=4, n_initial=12, random_state=0
    )
    try:
        return learner.fit(given, y).queried_indices_.tolist()
    except (ValueError, TypeError, AttributeError) as error:
        return type(error)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("cls", all_strategies(), ids=lambda cls: cls.__name__)
def test_blocks_of_a_pool_by_reference_change_no_answer(cls, tmp_path, monkeypatch):
    """Against a pool that is copied in every round, and looked at as a whole."""
    X = np.random.RandomState(0).normal(size=(90, 5))
    y = (X[:, 0] + X[:, 1] > 0).astype(int) + (X[:, 2] > 0.5)
    takes_members = "n_members" in inspect.signature(cls).parameters
    strategy = cls(**({"n_members": 2} if takes_members else {}))
    if cls is HistorySampling:  # of a linear model there is none
        strategy = cls(AdaBoostClassifier(n_estimators=4), n_trees=10)
    sizes = []
    for kind, make in CONTAINERS.items():
        given = make(X, tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(Run, "pool", copied_pool)
            expected = asked(strategy, given, y)
        with monkeypatch.context() as patch:
            patch.setattr(_pool, "block_size", lambda X: sizes.append(1) or 16)
            got = asked(strategy, given, y)
        assert got == expected, kind
        if kind in ("ndarray", "memmap", "h5py", "zarr", "torch", "skorch"):
            assert isinstance(got, list), kind
    if issubclass(cls, ScoreStrategy):
        assert sizes


def copied_pool(run, rows=None, X_labeled=None):
    return take_rows(run.X, run.ledger.candidates if rows is None else rows)
