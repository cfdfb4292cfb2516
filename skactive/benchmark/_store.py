"""The store: one file per run, written whole or not at all."""

import contextlib
import json
import os
import re
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from skactive.benchmark._differs import differing, told
from skactive.benchmark._files import folder_of
from skactive.benchmark._record import FORMAT, RunRecord, checksum
from skactive.benchmark._versions import MADE_BY, versions

try:
    import fcntl
except ImportError:  # not on Windows: two processes may then do the same run twice
    fcntl = None

SUFFIX = ".npz"
# Copies and leftovers that lie beside the runs are none.
OF_A_RUN = re.compile(r"seed-(-?\d+)(\.npz|\.failed\.json)$")


#: What files raise that are cut off, overwritten or edited.
BROKEN = (KeyError, TypeError, AttributeError, ValueError, EOFError, OSError)
BROKEN += (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError)
AGAIN = "Delete it, and the same benchmark with this store makes the run again."
TOLD = ("dataset", "strategy", "error")


class OtherFormat(Exception):
    """A file is of a format of another version."""


class Changed(Exception):
    """A file does not fit its checksum."""


class Busy(Exception):
    """Another process is doing this run."""


class RunStore:
    """A folder of runs, ``dataset/strategy/seed-k.npz``.

    A run is written under another name and moved into place, so that a file that has
    its name is complete. Runs in progress are locked; the operating system holds the
    lock and releases it when the process ends.

    Parameters
    ----------
    folder : str or path
        Made if it does not exist.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(
                f"The store {str(self.folder)!r} cannot be created: {error}. Name "
                "a folder that can be written to."
            ) from error

    def path(self, dataset, strategy, seed):
        """Return where a run is, or will be: two folders down, whatever its names."""
        place = folder_of(folder_of(self.folder, dataset), strategy)
        return place / f"seed-{seed}{SUFFIX}"

    def make_folders(self, datasets, strategies):
        """Make the folders of runs to come.

        In one order, so that names that differ only in their case, which are one name
        to some file systems, have the same folders whoever makes them.
        """
        for dataset in datasets:
            for strategy in strategies:
                self._make_folder(self.path(dataset, strategy, 0).parent)

    def _make_folder(self, folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(
                f"The folder {str(folder)!r} cannot be made: {error}. Name a store "
                "that can be written to, or shorter names."
            ) from error

    def _paths(self, suffix):
        found = self.folder.glob(f"*/*/seed-*{suffix}")
        return sorted((p for p in found if OF_A_RUN.match(p.name)), key=_by_seed)

    def __iter__(self):
        """Yield the records of all runs, in the order of their names."""
        for path in self._paths(SUFFIX):
            yield read(path)

    def failures(self):
        """Yield what is known of the runs that failed and have not succeeded since."""
        for path in self._paths(".failed.json"):
            if not path.with_name(path.name.replace(".failed.json", SUFFIX)).exists():
                yield read_failure(path)

    def find(self, dataset, strategy, seed, config_hash=None, config=None):
        """Return the record of a finished run, None if there is none.

        ``config`` is what ``config_hash`` is of, to tell what differs.

        Raises
        ------
        ValueError
            If the run was made by another version or with another configuration.
        """
        path = self.path(dataset, strategy, seed)
        if not path.exists():
            return None
        record = read(path)
        if (record.dataset, record.strategy) != (dataset, strategy):
            raise ValueError(
                f"{str(path)!r} holds a run of {record.strategy!r} on "
                f"{record.dataset!r}, and not of {strategy!r} on {dataset!r}. Name "
                "another store, or move this one away."
            )
        if config_hash is not None and record.config_hash != config_hash:
            raise ValueError(
                f"{str(path)!r} holds a run of the same name with another "
                f"configuration ({_what_differs(record, config)}). Name another store, "
                "or move this one away."
            )
        return record

    def write(self, record):
        """Add a run."""
        path = self.path(record.dataset, record.strategy, record.seed)
        self._write(path, lambda file: record.dump(file), "wb")

    def write_failure(self, failure):
        """Write down the error of a run that failed."""
        path = self.path(failure["dataset"], failure["strategy"], failure["seed"])
        path = path.with_name(path.name.replace(SUFFIX, ".failed.json"))
        self._write(path, lambda file: json.dump(failure, file, indent=1), "w")

    def _write(self, path, dump, mode):
        temporary = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
            with os.fdopen(handle, mode) as file:
                dump(file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError as error:
            raise OSError(
                f"The run {str(path)!r} could not be written: {error}. The runs that "
                "were finished are kept; make room and start the same benchmark "
                "again, and it continues from there."
            ) from error
        finally:
            if temporary is not None:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(temporary)

    @contextlib.contextmanager
    def claim(self, dataset, strategy, seed, *, wait):
        """Hold the lock of a run; raise Busy if another process does."""
        if fcntl is None:
            yield
            return
        path = self.path(dataset, strategy, seed).with_suffix(".lock")
        self._make_folder(path.parent)
        with open(path, "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                raise Busy from None
            yield


def read(path):
    """Return the record in a file."""
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            head = json.loads(str(file["head"]))
            if head.get("format") != FORMAT:
                raise OtherFormat(head.get("format"))
            arrays = {name: file[name] for name in file.files if name != "head"}
            # Runs of before the checksum have none.
            if head.get("checksum", expected := checksum(head, arrays)) != expected:
                raise Changed
            return RunRecord.load(head, arrays)
    except OtherFormat as error:
        raise ValueError(
            f"{str(path)!r} has format {error}, and this version of skactive reads "
            f"format {FORMAT}. Use the version that wrote it, or another store."
        ) from None
    except Changed:
        raise ValueError(
            f"{str(path)!r} was changed after it was written: it does not fit its "
            f"checksum. {AGAIN}"
        ) from None
    except BROKEN as error:
        raise ValueError(
            f"{str(path)!r} is not a run of skactive, or is damaged: {error}. {AGAIN}"
        ) from error


def read_failure(path):
    """Return what a file tells of a run that failed."""
    try:
        failure = json.loads(path.read_text(encoding="utf-8"))
        if all(isinstance(failure[key], str) for key in TOLD) and "seed" in failure:
            return failure
        raise ValueError("something is missing")
    except BROKEN as error:
        raise ValueError(
            f"{str(path)!r} does not tell of a run that failed: {error}. {AGAIN}"
        ) from error


def _what_differs(record, config):
    """Say in what a stored run differs from one that is asked for."""
    found = [] if config is None else differing(record.config, config)
    now = versions()
    found += [
        f"{name}: {record.versions.get(name)} in the store, {now[name]} now"
        for name in MADE_BY
        if record.versions.get(name) != now[name]
    ]
    return told(found) or "other data, parameters or versions"


def _by_seed(path):
    folder = path.parent
    seed = OF_A_RUN.match(path.name)[1]
    return unquote(folder.parent.name), unquote(folder.name), int(seed)
