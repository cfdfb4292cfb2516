"""Rows that are not finite, and files that are cut or written to while in use."""

import os

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from skactive import ActiveLearner
from skactive.diversity import CoreSet
from skactive.uncertainty import MarginSampling
from skactive.utils import _pool
from skactive.utils._faults import first_not_finite, length_now, refuse_shorter

rng = np.random.RandomState(0)
X = rng.normal(size=(300, 3))
y = (X[:, 0] > 0).astype(int)
MORE = np.full((40, 3), 50.0)  # would be asked for first, were they looked at


def in_a_list(folder):
    rows = [*X]
    return rows, lambda n: rows.__delitem__(slice(n, None)), lambda: rows.extend(MORE)


def in_h5py(folder):
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    file = h5py.File(folder / "pool.h5", "w")
    rows = file.create_dataset("X", data=X, maxshape=(None, 3), chunks=(50, 3))

    def append():
        rows.resize(len(X) + len(MORE), axis=0)
        rows[len(X) :] = MORE

    return rows, lambda n: rows.resize(n, axis=0), append


def in_zarr(folder):
    zarr = pytest.importorskip("zarr", reason="zarr 3 needs Python 3.11")
    rows = zarr.create_array(folder / "pool", shape=X.shape, dtype="f8", chunks=(50, 3))
    rows[:] = X

    def append():
        rows.resize((len(X) + len(MORE), 3))
        rows[len(X) :] = MORE

    return rows, lambda n: rows.resize((n, 3)), append


def in_a_mapped_file(folder):
    path = folder / "pool.npy"
    np.save(path, X)
    rows = np.load(path, mmap_mode="r")

    def append():
        with open(path, "ab") as file:
            file.write(MORE.tobytes())

    return rows, lambda n: os.truncate(path, rows.offset + n * 24), append


KINDS = [in_a_list, in_h5py, in_zarr, in_a_mapped_file]
STRATEGIES = [
    MarginSampling(LogisticRegression(), random_state=0),
    CoreSet(random_state=0),
    CoreSet(FunctionTransformer(np.asarray), random_state=0),
]
NAMES = ["scores", "rows", "embedded"]


@pytest.mark.parametrize("size", [65_536, 64], ids=["one block", "blocks"])
@pytest.mark.parametrize("strategy", STRATEGIES, ids=NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_pool_that_is_cut_after_fit(kind, strategy, size, tmp_path, monkeypatch):
    monkeypatch.setattr(_pool, "BLOCK_ROWS", size)
    rows, cut, _ = kind(tmp_path)
    strategy.fit(X[:20], y[:20], rows)
    cut(120)
    with pytest.raises(ValueError, match="has 120 rows now, and had 300"):
        strategy.query(5)


@pytest.mark.parametrize("strategy", STRATEGIES, ids=NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_learner_whose_samples_are_cut(kind, strategy, tmp_path, monkeypatch):
    monkeypatch.setattr(_pool, "BLOCK_ROWS", 64)
    rows, cut, _ = kind(tmp_path)
    some = [None] * len(y)
    some[:20] = y[:20]
    learner = ActiveLearner(LogisticRegression(), strategy).fit(rows, some)
    cut(120)
    with pytest.raises(ValueError, match="has 120 rows now, and had 300"):
        learner.query(5)
    assert learner.labels_.tolist()[:20] == y[:20].tolist()  # what was paid for is kept


@pytest.mark.parametrize("size", [65_536, 64], ids=["one block", "blocks"])
@pytest.mark.parametrize("strategy", STRATEGIES, ids=NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_rows_appended_after_fit_are_not_looked_at(
    kind, strategy, size, tmp_path, monkeypatch
):
    monkeypatch.setattr(_pool, "BLOCK_ROWS", size)
    expected = strategy.fit(X[:20], y[:20], X).query(8)
    rows, _, append = kind(tmp_path)
    strategy.fit(X[:20], y[:20], rows)
    append()
    assert_array_equal(strategy.query(8), expected)

    some = [None] * len(y)
    some[:20] = y[:20]
    asked = []
    for change in (lambda: None, append):
        folder = tmp_path / f"{change.__name__}-{len(asked)}"
        folder.mkdir()
        rows, _, append = kind(folder)
        change = append if asked else change
        learner = ActiveLearner(LogisticRegression(), strategy).fit(rows, some)
        change()
        asked.append(learner.query(8))
    assert_array_equal(*asked)


def test_a_mapped_file_that_has_no_name_any_more_is_there(tmp_path):
    rows = in_a_mapped_file(tmp_path)[0]
    (tmp_path / "pool.npy").unlink()
    assert length_now(rows) == 300
    assert refuse_shorter(rows, 300) == 300


def test_slices_of_a_mapped_file_are_taken_at_their_word(tmp_path):
    rows, cut, _ = in_a_mapped_file(tmp_path)
    cut(200)
    assert length_now(rows) == 200
    assert length_now(rows[:100]) == 100


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, sparse.csc_array, list])
def test_the_first_row_that_is_not_finite(kind):
    rows = np.ones((5, 2))
    assert first_not_finite(kind(rows)) is None
    rows[3, 1], rows[4, 0] = np.inf, np.nan
    assert first_not_finite(kind(rows)) == 3
    assert first_not_finite(["a", "b"]) is None
