"""Lines are added whole and to the disk, or not at all, by one process."""

import errno
import gc
import os

import numpy as np
import pytest

from skactive.io._lines_file import LinesFile, split_lines


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.jsonl"


class Disk:
    """A file that takes a few bytes at a time, and breaks where it is told to."""

    def __init__(self, file, room, *, stuck=False):
        self.file, self.room, self.stuck = file, room, stuck

    def __getattr__(self, name):
        return getattr(self.file, name)

    def write(self, data):
        if self.room <= 0:
            raise OSError(28, "No space left on device")
        n = min(7, self.room, len(data))
        self.room -= n
        return self.file.write(data[:n])

    def truncate(self, size):
        if self.stuck:
            raise OSError(5, "Input/output error")
        return self.file.truncate(size)


def test_lines_are_synced_before_add_returns(path, monkeypatch):
    file, seen, real = LinesFile(path), [], os.fsync

    def fsync(fd):
        real(fd)
        seen.append(path.read_bytes())

    monkeypatch.setattr(os, "fsync", fsync)
    file.add([{"a": 1}, {"a": 2}])
    assert seen == [b'{"a": 1}\n{"a": 2}\n']


@pytest.mark.parametrize("stuck", [False, True])
@pytest.mark.parametrize("room", [0, 1, 6, 7, 8, 17])
def test_a_full_disk_leaves_the_file_as_it_was(path, room, stuck):
    file = LinesFile(path)
    file.add([{"a": 1}])
    whole = file._file
    file._file = Disk(whole, room, stuck=stuck)
    for _ in range(2):
        with pytest.raises(OSError) as caught:
            file.add([{"b": 2}, {"b": 3}])
        assert caught.value.errno in (errno.ENOSPC, errno.EBUSY)
    if not stuck:
        assert path.read_bytes() == b'{"a": 1}\n'
    # Half a line that could not be cut off is cut off before the next one.
    file._file = Disk(whole, 10**6)
    file.add([{"b": 4}])
    assert path.read_bytes() == b'{"a": 1}\n{"b": 4}\n'


def test_lines_that_were_not_synced_are_with_the_next_ones(path, monkeypatch):
    file, synced, real = LinesFile(path), [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(path.read_bytes()))
    file.add([{"a": 1}])
    file.add([{"b": 1}], sync=False)
    file.add([{"b": 2}], sync=False)
    assert len(synced) == 1 and path.read_bytes().count(b"\n") == 3

    def broken(fd):
        with open(path, "r+b") as disk:  # it lost what it was given
            disk.seek(9)
            disk.write(b"\x00" * 18)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        file.add([{"c": 1}])
    monkeypatch.setattr(os, "fsync", real)
    file.add([{"c": 2}])
    expected = b'{"a": 1}\n{"b": 1}\n{"b": 2}\n{"c": 2}\n'
    assert path.read_bytes() == expected
    file.add([{"d": 1}], sync=False)
    file.add([{"e": 1}])
    assert path.read_bytes() == expected + b'{"d": 1}\n{"e": 1}\n'


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, OSError])
def test_an_interrupt_leaves_the_file_as_it_was(path, monkeypatch, error):
    file = LinesFile(path)
    file.add([{"a": 1}])

    def fsync(fd):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(error):
            file.add([{"b": 2}])
    assert path.read_bytes() == b'{"a": 1}\n'
    file.add([{"b": 2}])
    assert path.read_bytes() == b'{"a": 1}\n{"b": 2}\n'


def test_what_is_no_json_is_refused_before_a_byte_is_written(path):
    file = LinesFile(path)
    for value in (1j, {1, 2}, float("nan"), float("inf"), np.arange(2), b"x",
                  np.int64(3), object()):  # fmt: skip
        with pytest.raises(ValueError, match="holds what JSON knows"):
            file.add([{"a": 1}, {"a": value}])
    assert path.read_bytes() == b""


def test_texts_of_all_kinds_come_back(path):
    file = LinesFile(path)
    texts = ["ä", "\u2028", "\n", "\r", "\ud800", '"', "\x00", "\x85", "日本", "😀"]
    file.add([{"a": text} for text in texts])
    lines, end = split_lines(file.read(), path)
    assert [line["a"] for line in lines] == texts and end == file.end


# ------------------------------------------------------------ whose file it is


def test_a_file_that_is_not_the_one_of_before_is_not_added_to(path):
    def moved():
        path.rename(path.with_name("b"))

    def deleted():
        path.unlink()

    def replaced():  # as editors and git do
        path.with_name("c").write_text('{"a": 1}\n')
        path.with_name("c").replace(path)

    def added_to():
        with open(path, "ab") as other:
            other.write(b'{"a": 7}\n')

    def emptied():
        path.write_text("")

    for change in (moved, deleted, replaced, added_to, emptied):
        path.write_text("")
        file = LinesFile(path)
        file.add([{"a": 1}])
        change()
        before = path.read_bytes() if path.exists() else None
        with pytest.raises(OSError, match="put it back|something else writes to it"):
            file.add([{"a": 2}])
        assert (path.read_bytes() if path.exists() else None) == before
        file.close()
    path.write_text("")
    file = LinesFile(path)
    moved()
    path.with_name("b").rename(path)
    file.add([{"a": 2}])
    assert path.read_bytes() == b'{"a": 2}\n'


def test_it_does_not_matter_where_the_process_goes(path, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    file = LinesFile("a.jsonl")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    file.add([{"a": 1}])
    assert path.read_bytes() == b'{"a": 1}\n'


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_adds_nothing(path):
    file = LinesFile(path)
    child = os.fork()
    if not child:
        try:
            file.add([{"a": 1}])
        except OSError:
            os._exit(7)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    file.add([{"a": 2}])
    assert path.read_bytes() == b'{"a": 2}\n'


def test_the_last_to_take_it_has_it_and_one_that_is_gone_lets_it_go(path):
    one = LinesFile(path)
    other = LinesFile(path)
    assert other.is_open and not one.is_open
    one.close()  # again
    other.add([{"a": 1}])
    del other
    gc.collect()
    assert LinesFile(path).end == 9


def test_a_file_is_given_back_to_who_had_it(path):
    one = LinesFile(path)
    one.add([{"a": 1}])
    LinesFile(path).give_back()
    one.add([{"a": 2}])
    assert one.is_open and len(path.read_bytes().splitlines()) == 2
    other = LinesFile(path)
    del one
    gc.collect()
    other.give_back()  # to nobody
    assert not other.is_open and LinesFile(path).is_open


def test_files_that_cannot_be_opened_are_named(path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="no such folder; make it.*none"):
        LinesFile(path.with_name("none") / "a")
    with pytest.raises((IsADirectoryError, PermissionError)):
        LinesFile(path.parent)
    path.write_text("")
    path.chmod(0o444)
    if not os.access(path, os.W_OK):  # root may write to all
        with pytest.raises(PermissionError, match="a.jsonl"):
            LinesFile(path)


# --------------------------------------------------------------------- reading


def test_what_is_behind_the_last_whole_line_is_left_out(path):
    data = b'{"a": 1}\n{"a": 2}\n'
    for cut in range(len(data)):
        lines, end = split_lines(data[:cut], path)
        assert len(lines) == data[:cut].count(b"\n")
        assert end == (9 if cut >= 9 else 0)
    # What some file systems leave after a power cut.
    assert split_lines(data + b"\x00" * 40, path) == ([{"a": 1}, {"a": 2}], 18)
    assert split_lines(b'\xef\xbb\xbf{"a": 1}\r\n', path)[0] == [{"a": 1}]


@pytest.mark.parametrize(
    "middle", [b"", b'{"a"', b"[1]", b"3", b"\x00\x00", b"\xff", b"{}{}", b"[" * 10**5]
)
def test_a_spoiled_line_is_named(path, middle):
    data = b'{"a": 1}\n' + middle + b'\n{"a": 2}\n'
    with pytest.raises(ValueError, match=r"Line 2 of .*a\.jsonl' is no event.*restore"):
        split_lines(data, path)
