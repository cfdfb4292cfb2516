"""Where data are kept: downloads, and the folder of npz files."""

import pytest

from skactive.datasets import get_data_home
from skactive.datasets._home import arrays_folder


def test_the_home_of_downloads_is_a_folder_of_the_user_by_default(
    tmp_path, monkeypatch
):
    monkeypatch.delenv("SKACTIVE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert get_data_home() == tmp_path / "skactive_data"
    assert get_data_home("~/x") == tmp_path / "x"
    assert not (tmp_path / "skactive_data").exists()


def test_a_home_that_is_given_goes_before_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SKACTIVE_HOME", str(tmp_path / "set"))
    assert get_data_home() == tmp_path / "set"
    assert get_data_home(tmp_path / "given") == tmp_path / "given"


def test_a_variable_without_a_value_names_no_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SKACTIVE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert get_data_home() == tmp_path / "skactive_data"


@pytest.mark.parametrize("value", [None, ""])
def test_no_folder_of_arrays_is_no_error(value, monkeypatch):
    monkeypatch.delenv("SKACTIVE_DATA", raising=False)
    if value is not None:
        monkeypatch.setenv("SKACTIVE_DATA", value)
    assert arrays_folder() is None
    assert arrays_folder("") is None


def test_the_folder_of_arrays_is_the_one_given_or_that_of_the_environment(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("SKACTIVE_DATA", str(tmp_path))
    assert arrays_folder() == tmp_path
    (tmp_path / "other").mkdir()
    assert arrays_folder(str(tmp_path / "other")) == tmp_path / "other"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert arrays_folder("~/other") == tmp_path / "other"


def test_a_folder_of_arrays_that_is_a_file_or_not_there_is_refused(tmp_path):
    (tmp_path / "file.npz").write_bytes(b"")
    for name in ("file.npz", "nowhere"):
        with pytest.raises(FileNotFoundError, match=f"{name} is not a folder. Set SK"):
            arrays_folder(tmp_path / name)
