"""A file to which lines of JSON are added, each of them whole and on disk."""

import errno
import json
import os
import weakref
from pathlib import Path

from skactive.io._ids import short
from skactive.utils._locks import try_lock

# Files that this process holds open, by device and number.
_OPEN = weakref.WeakValueDictionary()


class LinesFile:
    """A file that one process at a time may add lines to.

    Within a process, the last to take a file has it, and the one before is closed.

    Parameters
    ----------
    path : path-like
        The file; it is made if it is not there.

    Raises
    ------
    BlockingIOError
        If another process has it.
    FileNotFoundError
        If its folder is not there.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io._lines_file import LinesFile
    >>> file = LinesFile(Path(tempfile.mkdtemp()) / "a.jsonl")
    >>> file.add([{"a": 1}, {"a": 2}])
    >>> file.path.read_bytes().split()
    [b'{"a":', b'1}', b'{"a":', b'2}']
    >>> file.close()
    """

    def __init__(self, path):
        self.path = Path(path).absolute()  # the process may go to another folder
        self._file = _opened(self.path)
        self._process, self._torn = os.getpid(), False
        self._id = _id_of(os.fstat(self._file.fileno()))
        self._lock()
        self.end = self._file.seek(0, os.SEEK_END)
        self._unsynced = b""  # the last lines, as far as they are not yet on disk

    def __del__(self):
        self.close()

    @property
    def is_open(self):
        """Whether lines can be added."""
        return getattr(self, "_file", None) is not None

    def close(self):
        """Let others have the file."""
        if self.is_open:
            self._file.close()
        self._file = None

    def give_back(self):
        """Close the file, and open it again for who had it before in this process."""
        self.close()
        before = self._before()
        if before is not None and not before.is_open:
            before._file = _opened(before.path)
            before._lock()

    def read(self):
        """Return all bytes."""
        self._file.seek(0)
        return self._file.read()

    def cut(self, end):
        """Drop what is behind some byte."""
        self._file.truncate(end)
        self.end = end

    def add(self, lines, sync=True):
        """Add lines, whole and to the disk, or leave the file as it was.

        Parameters
        ----------
        lines : list of dict
            What JSON knows.
        sync : bool, default=True
            False: on disk when the next ones are.

        Raises
        ------
        ValueError
            If there is something in them that JSON does not know.
        OSError
            If they could not be written, or the file is not the one of before.
        """
        data = b"".join(_encoded(line) for line in lines)
        self._check_unchanged()
        # What was not synced is written again: after a failed sync it is on no disk.
        rest = memoryview(self._unsynced + data if sync else data)
        try:
            self._file.seek(self.end - len(self._unsynced) if sync else self.end)
            while len(rest):
                rest = rest[self._file.write(rest) :]
            if sync:
                os.fsync(self._file.fileno())
        except BaseException:
            self._torn = True
            self._mend()
            raise
        self.end += len(data)
        self._unsynced = b"" if sync else self._unsynced + data

    def sync_folder(self):
        """See to it that a new file is found after a power cut."""
        if os.name != "posix":
            return
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _lock(self):
        """Take the file, also from who has it in this process."""
        other = _OPEN.get(self._id)
        held = other is not None and other is not self and other.is_open
        self._before = weakref.ref(other) if held else lambda: None
        if held:
            other.close()
        if not try_lock(self._file):
            self.give_back()
            raise BlockingIOError(
                errno.EAGAIN, "Another process has it open", str(self.path)
            )
        _OPEN[self._id] = self

    def _mend(self):
        """Drop the part of a line that could be written; at the latest next time."""
        try:
            self._file.truncate(self.end)
            self._torn = False
        except OSError:
            pass

    def _check_unchanged(self):
        """Refuse to add to what others moved away, or added to."""
        if self._process != os.getpid():
            raise OSError(errno.EBUSY, "This process is a fork of the one that has it")
        if self._torn:
            self._mend()
        try:
            now = os.stat(self.path)
        except FileNotFoundError:
            now = None
        if now is None or _id_of(now) != self._id:
            raise OSError(
                errno.ENOENT, "The file was moved, deleted or replaced; put it back"
            )
        if now.st_size != self.end:
            raise OSError(
                errno.EBUSY,
                f"The file had {self.end} bytes and has {now.st_size}: something else "
                "writes to it; end that, and begin with a new learner",
            )


def split_lines(data, path):
    """Return the lines in the bytes of a file, and where the last whole one ends.

    Parameters
    ----------
    data : bytes
        What the file holds.
    path : path-like
        What it is called, for messages.

    Returns
    -------
    lines : list of dict
        Whole lines.
    end : int
        What is behind was cut off by a crash.

    Examples
    --------
    >>> from skactive.io._lines_file import split_lines
    >>> split_lines(b'{"a": 1}\\n{"a"', "a.jsonl")
    ([{'a': 1}], 9)
    """
    end = data.rfind(b"\n") + 1
    lines = data[:end].split(b"\n")[:-1]
    return [_parsed(line, n, path) for n, line in enumerate(lines, 1)], end


def _parsed(line, n, path):
    try:
        value = json.loads(line)
        if isinstance(value, dict):
            return value
    except (ValueError, RecursionError):
        pass
    raise ValueError(
        f"Line {n} of {str(path)!r} is no event: {short(line)}. A journal is only ever "
        "added to; restore the line, or delete it and what it said."
    )


def _encoded(line):
    try:
        text = json.dumps(line, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"A journal holds what JSON knows: strings, numbers, lists. It cannot hold "
            f"{short(line)} ({error})."
        ) from error
    try:
        return f"{text}\n".encode()
    except UnicodeEncodeError:  # half a character
        return f"{json.dumps(line, allow_nan=False)}\n".encode()


def _opened(path):
    """Return a file open for reading and adding, made if it is not there."""
    if not path.parent.is_dir():
        raise FileNotFoundError(
            errno.ENOENT, "There is no such folder; make it first", str(path.parent)
        )
    try:
        return open(path, "r+b", buffering=0)
    except FileNotFoundError:
        return open(path, "x+b", buffering=0)


def _id_of(stat):
    return stat.st_dev, stat.st_ino
