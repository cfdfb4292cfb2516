"""What a run must know after a crash: a small file, replaced as a whole."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

FORMAT = 1


@dataclass
class Batch:
    """What was asked in one round.

    Parameters
    ----------
    name : str
        As in the data of its tasks.
    round : int
        How often was asked before.
    ids : list of int or str
        Names of the samples, in the order of the query.
    needed : int
        How many people are to answer each.
    closed : bool, default=False
        Whether nobody is waited for any more.
    withdrawn : list of int or str, default=[]
        Those of the ids whose tasks were deleted unanswered.
    """

    name: str
    round: int
    ids: list
    needed: int
    closed: bool = False
    withdrawn: list = field(default_factory=list)

    def left(self):
        """Return the names whose tasks were not deleted."""
        gone = set(self.withdrawn)
        return [name for name in self.ids if name not in gone]


@dataclass
class Taken:
    """What was made of the answers to one sample.

    Parameters
    ----------
    seen : list of list
        The annotations: number, time of the last change, and how they are read.
    seconds : float, default=0.0
        What they took, as far as it was paid for.
    said : list of str, default=[]
        Hash of the answer that was taught; two as long as it is not certain which.
    done : bool, default=True
        False: it is about to be taught, and may be already.
    """

    seen: list
    seconds: float = 0.0
    said: list = field(default_factory=list)
    done: bool = True


@dataclass
class State:
    """What a run knows, in a file.

    Parameters
    ----------
    path : Path
        The file.
    of : dict
        Whose it is: server, project, journal, samples.
    run : str
        Name of the run, in the names of its batches.
    batches : list of Batch, default=[]
        What was asked.
    taken : dict of Taken, default={}
        What became of the answers, by the id of the sample.
    since : str or None, default=None
        All changes until then are known.
    journal_bytes : int, default=0
        Size of the journal, which only grows.

    Examples
    --------
    >>> import tempfile
    >>> from skactive.serve._state import Batch, State, open_state
    >>> path = Path(tempfile.mkdtemp()) / "run.json"
    >>> state = open_state(path, {"project": 7})
    >>> state.batches.append(Batch("r0", 0, [5, 2], 1))
    >>> state.save()
    >>> open_state(path, {"project": 7}).batches[0].ids
    [5, 2]
    """

    path: Path
    of: dict
    run: str
    batches: list = field(default_factory=list)
    taken: dict = field(default_factory=dict)
    since: str = None
    journal_bytes: int = 0

    def save(self):
        """Write the file; after a crash there is the old or the new one, whole.

        Raises
        ------
        OSError
            If it cannot be written. The old one is as it was.
        """
        value = {
            "label_studio_run": FORMAT,
            "of": self.of,
            "run": self.run,
            "batches": [asdict(batch) for batch in self.batches],
            "taken": [[name, asdict(taken)] for name, taken in self.taken.items()],
            "since": self.since,
            "journal_bytes": self.journal_bytes,
        }
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        beside = self.path.with_name(self.path.name + ".new")
        try:
            with open(beside, "wb") as file:
                file.write(text.encode("utf-8", "surrogatepass"))
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self.path)
        except OSError as error:
            raise OSError(
                error.errno,
                f"{error.strerror}: {str(self.path)!r} could not be written, and is "
                "as it was. Make room and repeat the call; nothing that was answered "
                "is lost",
            ) from error
        _sync_folder(self.path.parent)

    def asked(self):
        """Return the last batch in which each sample was asked, by its id."""
        return {name: batch for batch in self.batches for name in batch.ids}


def open_state(path, of):
    """Read a state, or make one that is not yet in a file.

    Parameters
    ----------
    path : str or path-like
        The file.
    of : dict
        Whose state it must be.

    Returns
    -------
    state : State
        What the file says.

    Raises
    ------
    ValueError
        If the file is no state, or that of something else.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return State(path, of, secrets.token_hex(4))
    try:
        value = json.loads(data.decode("utf-8", "surrogatepass"))
        if value["label_studio_run"] != FORMAT:
            raise ValueError(f"format {value['label_studio_run']}")
        batches = [Batch(**batch) for batch in value["batches"]]
        taken = {name: Taken(**rest) for name, rest in value["taken"]}
        found, rest = value["of"], (value["run"], value["since"])
        size = value["journal_bytes"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{str(path)!r} is no state of a LabelStudioRun of format {FORMAT} "
            f"({type(error).__name__}: {error}). Give another path as state."
        ) from error
    for key in of:
        if found.get(key) != of[key]:
            raise ValueError(
                f"The state {str(path)!r} is of another {key}: {found.get(key)!r}, and "
                f"this run has {of[key]!r}. Give the state of this run, or a new path "
                "for a new project."
            )
    run, since = rest
    return State(path, of, run, batches, taken, since, size)


def _sync_folder(folder):
    """See to it that the new file is found after a power cut."""
    if os.name != "posix":
        return
    number = os.open(folder.resolve(), os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
