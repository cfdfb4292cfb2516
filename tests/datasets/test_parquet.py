"""Files of parquet as samples: the groups that are asked for, and no others."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skactive import ActiveLearner
from skactive.compose import PartitionedSampling
from skactive.datasets import ParquetDataset
from skactive.diversity import CoreSet
from skactive.uncertainty import MarginSampling
from skactive.utils import _pool

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
arrow = pytest.importorskip("pyarrow.dataset", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

rng = np.random.RandomState(0)
X = rng.normal(size=(230, 3)).astype(np.float32)
y = (X[:, 0] + X[:, 1] > 0).astype(int)
FRAME = pd.DataFrame(X, columns=["a", "b", "c"]).assign(label=y)
COLUMNS = ["a", "b", "c"]


def one_file(folder):
    FRAME.to_parquet(folder / "pool.parquet", row_group_size=50)
    return folder / "pool.parquet"


def list_of_files(folder):
    for name, rows in {"z": slice(0, 130), "a": slice(130, 230)}.items():
        FRAME[rows].to_parquet(folder / f"{name}.parquet", row_group_size=50)
    return [folder / "z.parquet", str(folder / "a.parquet")]


def a_folder(folder):
    for name, rows in {"1": slice(0, 130), "2": slice(130, 230)}.items():
        FRAME[rows].to_parquet(folder / f"{name}.parquet", row_group_size=50)
    return str(folder)


def a_dataset(folder):
    return arrow.dataset(one_file(folder))


def datasets(folder):
    return [arrow.dataset(path) for path in list_of_files(folder)]


SOURCES = [one_file, list_of_files, a_folder, a_dataset, datasets]


@pytest.fixture
def groups(monkeypatch):
    """The row groups that were read, in turn."""
    seen, read = [], ParquetDataset._read

    def noted(self, part):
        seen.append(part)
        return read(self, part)

    monkeypatch.setattr(ParquetDataset, "_read", noted)
    return seen


@pytest.mark.parametrize("as_frame", [False, True], ids=["array", "frame"])
@pytest.mark.parametrize("source", SOURCES)
def test_rows_are_those_of_the_files(source, as_frame, tmp_path, groups):
    rows = ParquetDataset(source(tmp_path), columns=COLUMNS, as_frame=as_frame)
    assert rows.shape == (230, 3) and len(rows) == 230
    assert groups == []  # nothing was read to know that
    some = rows[[229, 3, 140, 3]]
    assert_array_equal(some, X[[229, 3, 140, 3]])
    assert groups == sorted(set(groups)) and 2 <= len(groups) <= 3
    assert_array_equal(np.asarray(rows), X)
    assert_array_equal(rows[:0], X[:0])
    if as_frame:
        assert some.columns.tolist() == rows.columns == COLUMNS
        assert pickle.loads(pickle.dumps(rows))[[5]].columns.tolist() == COLUMNS
    else:
        assert some.dtype == rows.dtype == np.float32


def test_only_the_groups_asked_for_are_read_and_one_is_kept(tmp_path, groups):
    rows = ParquetDataset(one_file(tmp_path), columns=COLUMNS)
    assert rows.edges.tolist() == [0, 50, 100, 150, 200, 230]
    rows[[60, 201]]
    rows[[220]]
    rows[60:70]
    assert groups == [1, 4, 1]


@pytest.mark.parametrize("as_frame", [False, True], ids=["array", "frame"])
@pytest.mark.parametrize("size", [65_536, 64, 20], ids=["one", "a few", "small"])
@pytest.mark.parametrize(
    "strategy",
    [
        MarginSampling(LogisticRegression(), random_state=0),
        CoreSet(random_state=0),
        PartitionedSampling(CoreSet(), random_state=0),
    ],
    ids=["scores", "distances", "parts"],
)
def test_as_pool_and_as_samples(
    strategy, size, as_frame, tmp_path, groups, monkeypatch
):
    monkeypatch.setattr(_pool, "BLOCK_ROWS", size)
    whole = FRAME[COLUMNS] if as_frame else X
    rows = ParquetDataset(one_file(tmp_path), columns=COLUMNS, as_frame=as_frame)
    expected = strategy.fit(whole[:20], y[:20], whole).query(8)
    strategy.fit(whole[:20], y[:20], rows)
    groups.clear()
    assert_array_equal(strategy.query(8), expected)
    if isinstance(strategy, MarginSampling):
        assert groups == [0, 1, 2, 3, 4]  # once each
    asked = []
    for samples in (whole, rows):
        learner = ActiveLearner(LogisticRegression(), strategy, budget=30)
        learner.set_params(random_state=0, batch_size=10).fit(samples, y)
        asked.append(learner.queried_indices_)
        assert list(getattr(learner, "feature_names_in_", COLUMNS)) == COLUMNS
        assert hasattr(learner, "feature_names_in_") == as_frame
    assert_array_equal(*asked)


def test_by_hand(tmp_path):
    rows = ParquetDataset(one_file(tmp_path), columns=COLUMNS)
    known = np.where(np.arange(230) < 10, y.astype(object), None)
    learner = ActiveLearner(LogisticRegression()).fit(rows, known)
    batch = learner.query(5)
    assert_array_equal(learner.teach(batch, y[batch]).labeled_mask_.sum(), 15)


def test_scikit_learn_takes_rows_of_it(tmp_path):
    rows = ParquetDataset(one_file(tmp_path), columns=COLUMNS)
    model = LogisticRegression()
    assert_array_equal(
        cross_val_predict(model, rows, y), cross_val_predict(model, X, y)
    )


@pytest.mark.parametrize("fixed", [True, False])
def test_a_column_of_embeddings(fixed, tmp_path):
    lists = pa.FixedSizeListArray.from_arrays(X.ravel(), 3) if fixed else list(X)
    table = pa.table({"embedding": lists, "id": np.arange(230)})
    pq.write_table(table, tmp_path / "e.parquet", row_group_size=50)
    rows = ParquetDataset(tmp_path / "e.parquet", columns=["embedding"])
    assert rows.shape == X.shape and rows.dtype == np.float32
    assert_array_equal(rows[[200, 3]], X[[200, 3]])
    strategy = MarginSampling(LogisticRegression(), random_state=0)
    expected = strategy.fit(X[:20], y[:20], X).query(5)
    assert_array_equal(strategy.fit(X[:20], y[:20], rows).query(5), expected)


@pytest.mark.parametrize(
    "lists", [[[1.0, 2.0], [3.0]], [[1.0, 2.0], None], [None, None]], ids=str
)
def test_lists_of_several_lengths_are_refused(lists, tmp_path):
    table = pa.table({"e": pa.array(lists, pa.list_(pa.float64()))})
    pq.write_table(table, tmp_path / "e.parquet")
    with pytest.raises(ValueError, match="'e' must be of one length and not missing"):
        ParquetDataset(tmp_path / "e.parquet")[[0, 1]]


def test_words_need_a_frame(tmp_path):
    FRAME.assign(word=np.where(y, "yes", "no")).to_parquet(tmp_path / "w.parquet")
    with pytest.raises(ValueError, match=r"\['word'\] hold no numbers.*as_frame=True"):
        ParquetDataset(tmp_path / "w.parquet")
    rows = ParquetDataset(tmp_path / "w.parquet", ["word", "a"], as_frame=True)
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["word"])), LogisticRegression()
    )
    learner = ActiveLearner(model, budget=5, random_state=0).fit(rows, y)
    assert learner.predict(rows[:20]).tolist() == y[:20].tolist()


def test_columns_that_lie_in_the_names_of_folders(tmp_path):
    for part in (0, 1):
        (tmp_path / f"part={part}").mkdir()
        FRAME[part::2].to_parquet(tmp_path / f"part={part}" / "p.parquet")
    source = arrow.dataset(tmp_path, partitioning="hive")
    rows = ParquetDataset(source, columns=["a", "part"])
    both = [np.column_stack([X[p::2, 0], np.full(115, p)]) for p in (0, 1)]
    assert_array_equal(np.asarray(rows), np.concatenate(both))


def test_columns_that_are_not_there(tmp_path):
    with pytest.raises(ValueError, match=r"among \['a', 'b', 'c', 'label'\], got"):
        ParquetDataset(one_file(tmp_path), columns=["a", "d"])
    with pytest.raises(ValueError, match="columns must be among"):
        ParquetDataset(one_file(tmp_path), columns=[])


def test_rows_that_are_left_out(tmp_path):
    some = a_dataset(tmp_path).filter(arrow.field("a") > 0)
    with pytest.raises(ValueError, match="filtered"):  # by pyarrow
        ParquetDataset(some)


def test_a_row_that_is_missing_has_its_name(tmp_path, monkeypatch):
    monkeypatch.setattr(_pool, "BLOCK_ROWS", 64)
    frame = FRAME.copy()
    frame.loc[177, "b"] = np.nan
    frame.to_parquet(tmp_path / "m.parquet", row_group_size=50)
    rows = ParquetDataset(tmp_path / "m.parquet", columns=COLUMNS)
    strategy = MarginSampling().fit(X[:20], y[:20], rows)
    with pytest.raises(ValueError, match="row 177 of X_pool"):
        strategy.query(3)


def test_files_and_groups_without_rows(tmp_path):
    FRAME[:0].to_parquet(tmp_path / "0.parquet")
    FRAME.to_parquet(tmp_path / "1.parquet", row_group_size=100)
    rows = ParquetDataset(tmp_path, columns=COLUMNS)
    assert_array_equal(np.asarray(rows), X)
    none = ParquetDataset(tmp_path / "0.parquet", columns=COLUMNS)
    assert none.shape == (0, 3) and np.asarray(none).shape == (0, 3)
    with pytest.warns(UserWarning, match="the pool holds 0"):
        MarginSampling().fit(X[:20], y[:20], none).query(2)


@pytest.mark.parametrize("change", ["shorter", "cut", "gone"])
def test_a_file_that_is_not_what_it_was(change, tmp_path):
    path = one_file(tmp_path)
    rows = ParquetDataset(path, columns=COLUMNS)
    known = np.where(np.arange(230) < 10, y.astype(object), None)
    learner = ActiveLearner(LogisticRegression()).fit(rows, known)
    strategy = MarginSampling().fit(X[:20], y[:20], rows)
    if change == "shorter":
        FRAME[:60].to_parquet(path, row_group_size=50)
    elif change == "cut":
        with open(path, "r+b") as file:
            file.truncate(600)
    else:
        path.unlink()
    for asked in (learner, strategy):
        with pytest.raises(ValueError, match="is not what it was"):
            asked.query(3)


def test_without_pyarrow_the_extra_is_named():
    code = (
        "import sys; sys.modules['pyarrow'] = sys.modules['pyarrow.dataset'] = None\n"
        "from skactive.datasets import ParquetDataset\nParquetDataset('a')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ImportError: ParquetDataset needs pyarrow" in done.stderr
    assert "pip install 'skactive[parquet]'" in done.stderr
