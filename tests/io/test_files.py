"""Files of text: messages name them, and nothing is written over or by half."""

import os

import numpy as np
import pytest

from skactive.io import _files


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.jsonl"


def test_lines_are_counted_and_empty_ones_passed_over(path):
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n\r\n{"a": "\xe2\x80\xa8"}')
    lines = _files.read_lines(path)
    assert [value for _, value in lines] == [{"a": 1}, {"a": "\u2028"}]
    assert [where.split(" of ")[0] for where, _ in lines] == ["Line 1", "Line 3"]
    path.write_text("")
    assert _files.read_lines(path) == []


@pytest.mark.parametrize(
    "text, fault",
    [
        ('{"a": 1}\n{"a": ', r"Line 2 of .*a.jsonl' is no JSON \(line 1, column 7"),
        ('{"a": 1}\n[1]\n', r"Line 2 of .*a.jsonl' is no JSON object, but \[1\]"),
        ('[\n{"a": 1}\n]\n', "Line 1 of .*a.jsonl' is no JSON"),
        ("id,label\n", "Line 1 of .*a.jsonl' is no JSON"),
    ],
)
def test_a_faulty_line_is_named(path, text, fault):
    path.write_text(text)
    with pytest.raises(ValueError, match=fault):
        _files.read_lines(path)


def test_other_encodings_are_named(path):
    path.write_bytes("ä".encode("latin-1"))
    with pytest.raises(ValueError, match=r"a.jsonl' is no text in UTF-8 \(byte 0\)"):
        _files.read_text(path)


def test_numpy_is_written_as_json_and_nan_is_refused():
    value = {"a": np.int64(1), "b": np.float32(0.5), "c": np.arange(2), "d": "ü"}
    assert _files.to_json(value) == '{"a": 1, "b": 0.5, "c": [0, 1], "d": "ü"}'
    for bad in (float("nan"), np.float32("inf"), {1}, object()):
        with pytest.raises(ValueError, match="It cannot hold"):
            _files.to_json({"a": bad})


def test_nothing_is_written_over(path):
    path.write_text("old")
    with pytest.raises(FileExistsError, match="a.jsonl' is there already"):
        _files.write_text(path, "new")
    assert path.read_text() == "old"
    _files.write_text(path, "new", overwrite=True)
    assert path.read_text() == "new"


def test_a_full_disk_leaves_what_was_there(path, monkeypatch):
    path.write_text("old")

    def full(*args):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        _files.write_text(path, "new", overwrite=True)
    assert path.read_text() == "old"
    assert [each.name for each in path.parent.iterdir()] == ["a.jsonl"]
