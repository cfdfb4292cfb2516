"""Samples that more were added to: in memory one container, of files both."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skactive.utils._grown import GrownRows, grown
from skactive.utils._pool import Pool
from skactive.utils._rows import row_block, take_rows

A = np.arange(24.0).reshape(8, 3)
FIRST, NEW = A[:5], A[5:]


def as_memmap(X, tmp_path, name):
    out = np.memmap(tmp_path / name, dtype=X.dtype, mode="w+", shape=X.shape)
    out[:] = X
    return out


def as_h5(X, tmp_path, name):
    h5py = pytest.importorskip("h5py")
    return h5py.File(tmp_path / name, "w").create_dataset("X", data=X)


def as_zarr(X, tmp_path, name):
    zarr = pytest.importorskip("zarr")
    return zarr.array(X)


def as_polars(X, *_):
    return pytest.importorskip("polars").DataFrame(X, schema=list("abc"))


def as_arrow(X, *_):
    return pytest.importorskip("pyarrow").table(
        {name: X[:, k] for k, name in enumerate("abc")}
    )


MAKE = {
    "array": lambda X, *_: X,
    "float32": lambda X, *_: X.astype(np.float32),
    "list": lambda X, *_: X.tolist(),
    "CSR matrix": lambda X, *_: sparse.csr_matrix(X),
    "CSR array": lambda X, *_: sparse.csr_array(X),
    "frame": lambda X, *_: pd.DataFrame(X, columns=list("abc")),
    "masked": lambda X, *_: np.ma.masked_equal(X, 4.0),
    "images": lambda X, *_: X.reshape(-1, 3, 1, 1),
    "objects": lambda X, *_: X.astype(object),
    "memmap": as_memmap,
    "h5py": as_h5,
    "zarr": as_zarr,
    "polars": as_polars,
    "pyarrow": as_arrow,
}
FILES = ("memmap", "h5py", "zarr")


def dense(X):
    if sparse.issparse(X):
        return X.toarray()
    if hasattr(X, "to_pandas") and not hasattr(X, "iloc"):
        X = X.to_pandas()
    return np.asarray(X, dtype=float).reshape(-1, 3)


@pytest.mark.parametrize("kind", MAKE)
def test_rows_are_those_of_both_in_order(kind, tmp_path):
    X = grown(MAKE[kind](FIRST, tmp_path, "a"), MAKE[kind](NEW, tmp_path, "b"))
    X = grown(X, MAKE[kind](FIRST[:2], tmp_path, "c"))
    wanted = np.concatenate([A, FIRST[:2]])
    rows = [9, 0, 6, 4]
    assert isinstance(X, GrownRows) == (kind in FILES)
    assert dense(take_rows(X, rows)).tolist() == wanted[rows].tolist()
    blocks = [block.X for block in Pool(X, np.arange(10)).blocks(3)]
    got = np.concatenate([dense(block) for block in blocks])
    assert got.tolist() == wanted.tolist()


def test_a_mask_is_kept(tmp_path):
    X = grown(MAKE["masked"](FIRST), MAKE["masked"](FIRST))
    assert np.ma.getmaskarray(X).sum() == 2


def test_of_a_file_no_more_is_read_than_was_asked_for(tmp_path):
    X = grown(as_memmap(FIRST, tmp_path, "a"), as_memmap(NEW, tmp_path, "b"))
    assert np.shares_memory(row_block(X, 1, 3), X._parts[0])
    assert X.shape == (8, 3)
    assert X.dtype == A.dtype


@pytest.mark.parametrize("new", [NEW[:, :2], NEW[0], NEW.reshape(-1, 3, 1)])
def test_samples_of_another_shape_are_refused(new):
    with pytest.raises(ValueError, match=r"samples of 3 features|sparse"):
        grown(FIRST, new)


@pytest.mark.parametrize(
    ("first", "new", "says"),
    [
        (FIRST, sparse.csr_array(NEW), "both be sparse"),
        (sparse.csr_array(FIRST), NEW, "both be sparse"),
        (FIRST, pd.DataFrame(NEW), "columns have names"),
        (pd.DataFrame(FIRST), NEW, "columns have names"),
        (
            pd.DataFrame(FIRST),
            pd.DataFrame(NEW, columns=list("abc")),
            "has the columns",
        ),
        (FIRST.astype(np.float32), NEW, r"astype\('float32'\)"),
        (FIRST.astype(int), NEW, r"astype\('int64'\)"),
        (FIRST.astype(int), NEW.tolist(), r"astype\('int64'\)"),
        (FIRST, NEW.astype(str), r"astype\('float64'\)"),
        (
            sparse.csr_array(FIRST.astype(np.float32)),
            sparse.csr_array(NEW),
            r"astype\('float32'\)",
        ),
    ],
    ids=str,
)
def test_samples_of_another_kind_are_refused(first, new, says):
    with pytest.raises(ValueError, match=says):
        grown(first, new)


def test_numbers_without_a_dtype_take_that_of_the_array():
    X = grown(FIRST.astype(np.float32), NEW.tolist())
    assert X.dtype == np.float32
    assert X.tolist() == A.tolist()


def test_words_of_any_length_join():
    assert grown(np.array(["a", "b"]), np.array(["long"])).tolist() == [
        "a",
        "b",
        "long",
    ]


def test_what_cannot_grow_is_refused_with_what_to_do():
    torch = pytest.importorskip("torch")
    data = torch.utils.data.TensorDataset(torch.zeros(3, 2))
    with pytest.raises(TypeError, match=r"TensorDataset\. Join the two"):
        grown(data, np.zeros((1, 2)))
    with pytest.raises(TypeError, match=r"Tensor\. Join the two"):
        grown(torch.zeros(3, 2), torch.zeros(1, 2))
    array = pytest.importorskip("dask.array").zeros((2, 2))
    with pytest.raises(TypeError, match="Join the two"):
        grown(np.zeros((2, 2)), array)
    with pytest.raises(TypeError, match="positions must mean something"):
        grown(np.zeros((2, 2)), iter([[1.0, 2.0]]))
