"""Data sets in npz files: found by name, read one member at a time."""

import zipfile

import numpy as np
import pytest

from skactive.datasets import list_datasets, load_dataset


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of small npz files of each layout, named by SKACTIVE_DATA."""
    rng = np.random.RandomState(0)
    for file, tables in {
        "one": {"vase": 2, "page.blocks": 3},
        "two": {"vase": 4, "tic-tac-toe": 2, "iris": 2},
    }.items():
        arrays = {"names": np.array(list(tables))}
        for table, width in tables.items():
            arrays[f"{table}.X"] = rng.rand(6, width).astype(np.float32)
            arrays[f"{table}.y"] = np.arange(6) % 2
        if file == "one":
            arrays["vase.classes"] = np.array(["ming", "tang"])
        np.savez_compressed(tmp_path / f"{file}.npz", **arrays)
    np.savez_compressed(
        tmp_path / "numbers.npz",
        names=np.array(["price"]),
        **{"price.X": rng.rand(5, 2), "price.y": rng.rand(5).astype(np.float32)},
    )
    np.savez_compressed(
        tmp_path / "pictures_small.npz",
        x_train=np.arange(4 * 2 * 2, dtype=np.uint8).reshape(4, 2, 2),
        y_train=np.arange(4),
        x_test=np.zeros((3, 2, 2), dtype=np.uint8),
        y_test=np.arange(3),
        class_names=np.array(list("abcd")),
    )
    np.savez_compressed(
        tmp_path / "cells.npz",
        images=np.zeros((2, 3, 3, 3), dtype=np.uint8),
        boxes=np.zeros((3, 4), dtype=np.float32),
        labels=np.arange(3),
        offsets=np.array([0, 1, 3]),
    )
    np.savez_compressed(
        tmp_path / "roads.npz",
        images=np.zeros((2, 3, 3, 3), dtype=np.uint8),
        labels=np.zeros((2, 3, 3), dtype=np.uint8),
    )
    np.savez_compressed(tmp_path / "foreign.npz", a=np.arange(3))
    monkeypatch.setenv("SKACTIVE_DATA", str(tmp_path))
    return tmp_path


def test_names_are_found_and_say_where_they_are_from(folder):
    names = list_datasets()
    assert {k: v for k, v in names.items() if v.endswith(".npz")} == {
        "cells": "cells.npz",
        "numbers/price": "numbers.npz",
        "one/page.blocks": "one.npz",
        "one/vase": "one.npz",
        "pictures_small": "pictures_small.npz",
        "roads": "roads.npz",
        "two/iris": "two.npz",
        "two/tic-tac-toe": "two.npz",
        "two/vase": "two.npz",
    }


@pytest.mark.parametrize(
    "name", ["one/page.blocks", "page.blocks", "Page-Blocks", "ONE/page_blocks"]
)
def test_a_table_is_found_in_any_spelling(folder, name):
    table = load_dataset(name)
    assert table.name == "one/page.blocks"
    assert table.data.shape == (6, 3) and table.data.dtype == np.float32
    np.testing.assert_array_equal(table.target, [0, 1, 0, 1, 0, 1])
    assert table.task == "classification"
    assert table.test_data is table.test_target is table.target_names is None
    assert "one.npz" in table.DESCR


def test_classes_of_a_table_are_named(folder):
    assert load_dataset("one/vase").target_names == ["ming", "tang"]


def test_a_table_of_floats_is_for_regression(folder):
    assert load_dataset("price").task == "regression"


def test_a_table_in_two_files_must_be_named_with_its_file(folder):
    with pytest.raises(ValueError, match=r"several files.*'one/vase', 'two/vase'"):
        load_dataset("vase")
    assert load_dataset("two/vase").data.shape == (6, 4)


def test_scikit_learns_own_names_come_first(folder):
    assert load_dataset("iris").data.shape == (150, 4)
    assert load_dataset("two/iris").data.shape == (6, 2)


def test_pictures_have_their_test_part(folder):
    pictures = load_dataset("pictures-small")
    assert pictures.data.shape == (4, 2, 2) and pictures.data.dtype == np.uint8
    assert pictures.test_data.shape == (3, 2, 2)
    np.testing.assert_array_equal(pictures.test_target, [0, 1, 2])
    assert pictures.target_names == ["a", "b", "c", "d"]
    X, y = load_dataset("pictures_small", return_X_y=True)
    np.testing.assert_array_equal(X, pictures.data)
    np.testing.assert_array_equal(y, pictures.target)


@pytest.mark.parametrize(
    "name, task, kind",
    [("cells", "detection", "O"), ("roads", "segmentation", "iu")],
)
def test_boxes_and_masks_are_targets(folder, name, task, kind):
    found = load_dataset(name)
    assert found.task == task and found.target.dtype.kind in kind
    assert len(found.data) == len(found.target) and found.test_data is None
    X, y = load_dataset(name, return_X_y=True)
    np.testing.assert_array_equal(X, found.data)
    assert len(y) == len(X)


def members_read(monkeypatch):
    """Record the members that are opened in any zip archive."""
    read, opened = [], zipfile.ZipFile.open

    def spy(self, name, *args, **kwargs):
        read.append(getattr(name, "filename", name))
        return opened(self, name, *args, **kwargs)

    monkeypatch.setattr(zipfile.ZipFile, "open", spy)
    return read


def test_one_table_is_read_and_not_its_file(folder, monkeypatch):
    read = members_read(monkeypatch)
    load_dataset("one/vase")
    arrays = {name for name in read if not name.startswith("names")}
    assert arrays == {"vase.X.npy", "vase.y.npy", "vase.classes.npy"}


def test_listing_reads_no_data(folder, monkeypatch):
    read = members_read(monkeypatch)
    list_datasets()
    assert set(read) == {"names.npy"}


def test_the_test_part_is_not_unpacked_for_a_pair(folder, monkeypatch):
    read = members_read(monkeypatch)
    load_dataset("pictures_small", return_X_y=True)
    assert not {"x_test.npy", "y_test.npy"} & set(read)


def test_data_home_goes_before_the_environment(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("SKACTIVE_DATA", str(tmp_path / "nowhere"))
    assert load_dataset("page.blocks", data_home=folder).data.shape == (6, 3)
    assert "roads" in list_datasets(folder)


@pytest.mark.parametrize("name", ["al_survey2021/vehicle", "MNIST-small", "camvid"])
def test_without_the_variable_an_npz_name_says_what_to_set(name, monkeypatch):
    monkeypatch.delenv("SKACTIVE_DATA", raising=False)
    with pytest.raises(FileNotFoundError, match="Set SKACTIVE_DATA, or data_home"):
        load_dataset(name)


def test_a_file_that_is_not_in_the_folder_is_named(folder):
    with pytest.raises(FileNotFoundError, match=r"mnist_small\.npz, which is not in"):
        load_dataset("mnist_small")


def test_a_folder_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("SKACTIVE_DATA", str(tmp_path / "gone"))
    with pytest.raises(FileNotFoundError, match="gone is not a folder"):
        load_dataset("page.blocks")
    assert load_dataset("iris").data.shape == (150, 4)


def test_near_names_are_listed_with_their_file(folder):
    with pytest.raises(ValueError, match=r"Similar: 'two/tic-tac-toe'.*list_datasets"):
        load_dataset("tic-tac-to")


def test_an_object_array_is_not_unpickled(tmp_path):
    np.savez(tmp_path / "bad.npz", names=np.array(["a"], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        load_dataset("a", data_home=tmp_path)


# ----------------------------------------------------------------- the real files


@pytest.mark.real_data
@pytest.mark.parametrize(
    "name, shape, n_test, n_classes",
    [
        ("mnist_small", (10_000, 28, 28), 2000, 10),
        ("al_survey2021/appendicitis", (106, 7), None, 2),
        ("letter", (20_000, 16), None, 26),
    ],
)
def test_a_real_file_has_the_shape_that_is_documented(
    data_dir, name, shape, n_test, n_classes
):
    found = load_dataset(name)
    assert found.data.shape == shape
    assert len(found.target) == shape[0]
    assert len(np.unique(found.target)) == n_classes
    assert (None if found.test_data is None else len(found.test_data)) == n_test


@pytest.mark.real_data
def test_the_real_folder_lists_all_tables_by_file(data_dir):
    files = list(list_datasets().values())
    assert files.count("al_survey2021.npz") == 34
    assert files.count("tabular_classification.npz") == 30
    assert files.count("tabular_regression.npz") == 18


@pytest.mark.real_data
def test_names_that_two_real_files_share_are_refused(data_dir):
    with pytest.raises(ValueError, match="al_survey2021/splice.*tabular_class"):
        load_dataset("splice")


@pytest.mark.real_data
def test_real_regression_targets_are_float(data_dir):
    table = load_dataset("cal.housing")
    assert table.task == "regression" and table.target.dtype == np.float32
