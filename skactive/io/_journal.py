"""The journal: a file to which every answer is added before it counts."""

import copy
import warnings
from datetime import datetime, timezone
from pathlib import Path

from skactive._sklearn import _num_samples
from skactive.io._calls import COLUMNS, check_events, standing
from skactive.io._ids import checked_ids, short
from skactive.io._known_samples import (
    check_header,
    check_samples,
    hash_of,
    row_of,
    some_of,
)
from skactive.io._lines_file import LinesFile, split_lines

FORMAT = 1


class Journal:
    """Keep answers in a file, so that a power cut or a closed window loses none.

    Passed to :class:`~skactive.ActiveLearner` as ``journal``. Each answer is a line of
    JSON, on disk before ``teach`` returns; ``fit`` reads them again and goes on where
    the last process ended.

    Parameters
    ----------
    path : str or path-like
        The file; it is made if it is not there, in a folder that is.
    ids : array-like of int or str of shape (n_samples,), default=None
        Names of the samples, all different. Answers are written down by name, so that
        they find their rows again in a table that was sorted, filtered or extended.
        None: by number of row, and other samples than those of before are refused.

    See Also
    --------
    skactive.ActiveLearner : Takes a journal, and has ``undo`` and ``forget``.

    Notes
    -----
    Lines are only ever added. The first one names the format and the samples. The
    others have an "event", a "time" (UTC), and

    * "answer", "skip": "id" or row, "answer", "who", "round", "cost", "seconds" (since
      the query or the answer before, shared by the answers of a call), "call" (the
      number of the call of ``teach``), and "was", the label that it takes the place of;
      or, with "vote", the label that several people gave, which stays;
    * "revise": what votes amount to now, or what an oracle says now;
    * "kept": an answer to a labeled row that changed nothing;
    * "forget": a label or a skip that was taken back; "undo": the last call was;
    * "extend": samples were added, with "n_samples" from then on;
    * "fit": a round, with "n_labeled", "cost", "fit_time" and "score".

    A last line that a crash cut in half is left out with a warning; any other line that
    is no event is an error that names it. One process at a time may write; another one,
    or a fork, is refused. Within a process, a learner that opens the file takes it over
    from an earlier one, whose ``teach`` is refused from then on; a learner is for one
    thread at a time. Nothing is added to a file that was moved, replaced, or written to
    by something else.

    Without names, samples are known again by their number, their dtype, a hash of 64 of
    them, and a hash of each that was answered.

    A copy or a pickle of a journal names the file and does not hold it open.

    Cost: a line of some 250 bytes for each answer, and one ``fsync`` for each call,
    some milliseconds on a disk; 0.2 ms for ten answers without it. The line on a round
    is on disk with the next answers. Reading: O(lines).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_iris
    >>> from skactive import ActiveLearner
    >>> from skactive.io import Journal
    >>> X, y = load_iris(return_X_y=True)
    >>> path = Path(tempfile.mkdtemp()) / "answers.jsonl"
    >>> learner = ActiveLearner(journal=Journal(path), random_state=0).fit(X)
    >>> learner = learner.teach([3, 77, 140], y[[3, 77, 140]], who="Ada")

    Another day, in another process:

    >>> learner = ActiveLearner(journal=Journal(path), random_state=0).fit(X)
    >>> learner.labels_[[3, 77, 140]].tolist()
    [0, 1, 2]
    >>> len(Journal(path).to_frame())
    3
    """

    _file = _names = _X = None

    def __init__(self, path, ids=None):
        self.path = path
        self.ids = ids

    def __repr__(self):
        return f"Journal({str(self.path)!r})"

    def __getstate__(self):
        return {"path": self.path, "ids": self.ids}

    def __deepcopy__(self, memo):
        return type(self)(copy.deepcopy(self.path, memo), copy.deepcopy(self.ids, memo))

    @property
    def is_open(self):
        """Whether answers can be written."""
        return self._file is not None and self._file.is_open

    def open(self, X):
        """Open the file for these samples, and return what is in it.

        Called by ``fit`` of a learner.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            All samples.

        Returns
        -------
        events : list of dict
            The lines of the file but the first, with "row" in place of "id".

        Raises
        ------
        ValueError
            If the file is no journal, or of other samples, or if ``ids`` are not one
            name for each sample, all different, or lack one that was answered.
        BlockingIOError
            If another process has the file open.
        """
        self.close()
        names = None if self.ids is None else checked_ids(self.ids, _num_samples(X))
        file = self._taken()
        try:
            lines, end = self._read(file.read())
            check_events(lines[1:], repr(str(self.path)))
            seen = hash_of(some_of(X), self) if names is None else None
            header = {"journal": FORMAT, "n_samples": _num_samples(X), "samples": seen}
            if lines:
                check_header(lines, X, self)
            events = self._with_rows(lines[1:], names, header["n_samples"])
            check_samples(X, events, self)
            file.cut(end)
            if not lines:
                file.add([header])
                file.sync_folder()
        except BaseException:
            file.give_back()
            raise
        self._file, self._names, self._X = file, names, X
        return events

    def write(self, events, sync=True):
        """Add events to the file; they are on disk when this returns, or not at all.

        Parameters
        ----------
        events : list of dict
            JSON values, with "row" where they are about a sample.
        sync : bool, default=True
            False: on disk when the next ones are, at the latest. For what can be found
            out again.

        Raises
        ------
        ValueError
            If the journal is not open any more, or something is no JSON value.
        OSError
            If it could not be written. The file is as it was.
        """
        if not self.is_open:
            raise ValueError(
                f"{self!r} is not open: it was closed, a later learner took it over, "
                "or this learner is a copy. Nothing was written down. Continue with a "
                "new learner: ActiveLearner(journal=...).fit(X)."
            )
        time = datetime.now(timezone.utc).isoformat()
        lines = [
            self._with_id({"event": e["event"], "time": time, **e}) for e in events
        ]
        try:
            self._file.add(lines, sync)
        except OSError as error:
            raise OSError(
                error.errno,
                f"{error.strerror}. Nothing of this call was written to "
                f"{str(self.path)!r}, and nothing of it counts: repeat it when that is "
                "mended",
            ) from error

    def grow(self, X, n_new, ids=None):
        """Write down that samples were added, and know them from then on.

        Called by ``extend`` of a learner.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            All samples, the new ones at the end.
        n_new : int
            How many are new.
        ids : list of int or str of shape (n_new,), default=None
            Their names; needed where the journal knows samples by name.

        Raises
        ------
        ValueError
            If ``ids`` are missing, not wanted, or not all different. Nothing is
            written then.
        OSError
            If it could not be written. The file is as it was.
        """
        if (ids is None) != (self.ids is None):
            has, wants = "rows", "leave out ids"
            if ids is None:
                has, wants = "names", "pass ids, a name for each new sample"
            raise ValueError(f"{self!r} knows samples by {has}: {wants}.")
        n = _num_samples(X)
        names = None
        if ids is not None:
            names = checked_ids([*self.ids, *ids], n)
        seen = None if names else hash_of(some_of(X, n - n_new), self)
        self.write([{"event": "extend", "n_samples": n, "samples": seen}])
        self._names, self._X = names, X
        self.ids = names

    def close(self):
        """Close the file, so that another process may open it."""
        if self._file is not None:
            self._file.close()
        self._file = self._names = self._X = None

    def _give_back(self):
        """Close the file for a learner that was refused; who had it before has it."""
        if self._file is not None:
            self._file.give_back()
        self.close()

    def events(self):
        """Return all lines but the first, as they are in the file.

        Returns
        -------
        events : list of dict
            In the order in which things happened.
        """
        return self._read(Path(self.path).read_bytes())[0][1:]

    def to_frame(self, history=False):
        """Return the journal as a table.

        Labels that ``fit`` was given are not in it; a learner's ``labels_to_frame`` has
        these, too.

        Parameters
        ----------
        history : bool, default=False
            Whether to show all events, those too that were taken back. False: a row for
            each sample that has an answer or a skip now.

        Returns
        -------
        frame : pandas.DataFrame
            Columns "id", "answer", "event", "who", "time", "round", "cost", "seconds";
            with ``history`` whatever the events have.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                "Journal.to_frame needs pandas: pip install pandas. Without it, "
                "Journal.events() returns a list of dicts."
            ) from error
        events = self.events()
        if not history:
            events = [
                {"id": name, **{key: event.get(key) for key in COLUMNS}}
                for name, event in standing(events).items()
            ]
        frame = pd.DataFrame(events, columns=None if history else ["id", *COLUMNS])
        if "time" in frame:
            frame["time"] = pd.to_datetime(frame["time"], format="ISO8601", utc=True)
        return frame

    def _taken(self):
        """Return the file, held by this journal alone, or refuse."""
        try:
            return LinesFile(self.path)
        except BlockingIOError as error:
            raise BlockingIOError(
                f"Another process has {self!r} open, and answers of two would mix. End "
                "that one first, or give each person a learner of the same process."
            ) from error

    def _read(self, data):
        """Return the lines of a file, and where the last whole one ends."""
        lines, end = split_lines(data, self.path)
        if lines and lines[0].get("journal") != FORMAT:
            raise ValueError(
                f"{str(self.path)!r} is no journal of format {FORMAT}: its first line "
                f"is {short(lines[0])}. Give another path."
            )
        if end < len(data):
            if not lines:
                self._refuse_unless_cut(data)
            warnings.warn(
                f"{self!r}: the last line was cut off in the middle, as by a crash, "
                f"and is left out: {short(data[end:])}. It was not confirmed.",
                stacklevel=3,
            )
        return lines, end

    def _refuse_unless_cut(self, data):
        if not b'{"journal": '.startswith(data[:12]):
            raise ValueError(
                f"{str(self.path)!r} is no journal: it begins with {short(data)}. "
                "Give another path."
            )

    def _with_rows(self, lines, names, n_samples):
        """Return lines with the rows that they are about."""
        row_of = {name: row for row, name in enumerate(names or range(n_samples))}
        events = []
        for n, line in enumerate(lines, 2):
            event = dict(line)
            if "id" in line:
                name = event.pop("id")
                if type(name) not in (int, str) or name not in row_of:
                    wanted = f"a row in 0..{n_samples - 1}. Restore the line."
                    if names is not None:
                        wanted = "among ids. Give the ids of all samples answered "
                        wanted += "so far."
                    raise ValueError(
                        f"Line {n} of {str(self.path)!r} is about {name!r}, which is "
                        f"not {wanted}"
                    )
                event["row"] = row_of[name]
            events.append(event)
        return events

    def _with_id(self, event):
        """Return an event as it is written down."""
        if "row" not in event:
            return event
        row = int(event.pop("row"))
        if self._names is not None:
            return {**event, "id": self._names[row]}
        return {**event, "id": row, "sample": hash_of(row_of(self._X, row), self)}
