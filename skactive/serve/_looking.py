"""Look at a project: what was answered, corrected, deleted since the last time."""

import warnings
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from skactive.serve._answers import aggregated, read_said

#: Faults that a message shows.
SHOWN = 5
#: A change may become visible so many seconds after its own time.
MARGIN = 60


@dataclass
class Found:
    """What a look at a project has shown.

    Parameters
    ----------
    said : dict of Said
        What was answered, by id; of the last batch, and of what was changed.
    faults : list of str
        What cannot be used.
    blamed : set
        Ids of the samples that the faults are about.
    since : str or None
        When the last change was.

    Examples
    --------
    >>> from skactive.serve._looking import Found
    >>> Found({}, [], set()).state_of(7, None)
    'missing'
    """

    said: dict
    faults: list = field(default_factory=list)
    blamed: set = field(default_factory=set)
    since: str = None

    def state_of(self, name, known):
        """Return what became of a sample that was asked.

        Parameters
        ----------
        name : int or str
            Its id.
        known : str or None
            What the learner knows: "skip", a hash of a label, or None.
        """
        if name in self.blamed:
            return "fault"
        state = self.said[name].state if name in self.said else "missing"
        if known is not None and state in ("open", "missing"):
            return "skip" if known == "skip" else "label"
        return state

    def changed(self, state):
        """Return what was said otherwise than the state of the run has it."""
        each = self.said.items()
        return [said for name, said in each if _is_new(said, state.taken.get(name))]

    def complain(self, how):
        """Raise an error, or warn, if there are answers that cannot be used."""
        if not self.faults:
            return
        more = len(self.faults) - SHOWN
        text = "\n".join(
            [
                "Some answers cannot be used. All others were taught.",
                *self.faults[:SHOWN],
                *([f"... and {more} more."] if more > 0 else []),
                "Correct them in the tool; they are looked at again each time.",
            ]
        )
        if how == "raise":
            raise ValueError(text)
        warnings.warn(text, stacklevel=4)


def look(run, state, row_of):
    """Return what was answered in the project of a run.

    Parameters
    ----------
    run : LabelStudioRun
        Has the project.
    state : State
        What was known before.
    row_of : dict
        Row of each id.

    Returns
    -------
    found : Found
        All of the last batch, and what was changed of earlier ones.
    """
    asked = state.asked()
    listed = {}
    if state.batches:
        tasks = run.project.once(state.batches[-1].name)
        listed = {task["id"]: task for task in tasks}
    # Who makes one of several answers judges people by all they have said.
    since = None if run.aggregate is not None else _before(state.since)
    listed.update((task["id"], task) for task in run.project.changed(since))
    numbers = [n for n, task in sorted(listed.items()) if _may_have_answers(task)]
    tasks = run.project.export(numbers)
    said, faults, blamed = read_said(
        tasks, asked, row_of, run.config, run.control, run.shown.size_of
    )
    if run.aggregate is not None:
        each, classes = list(said.values()), run.control.classes
        run.confidence_ = aggregated(each, run.aggregate, classes)
    times = [task["updated_at"] for task in listed.values()]
    since = max(map(_time, times)).isoformat() if times else state.since
    return Found(said, faults, blamed, state.since if faults else since)


def _is_new(said, taken):
    if taken is None:
        return bool(said.seen)
    return not taken.done or taken.seen != said.seen


def _may_have_answers(task):
    """Tell whether to read a task: it is ours, or somebody answered it."""
    if "skactive_id" in task["data"]:
        return True
    counts = [task.get(f"{kind}_annotations") for kind in ("total", "cancelled")]
    return None in counts or any(counts)


def _time(text):
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment


def _before(since):
    if since is None:
        return None
    moment = _time(since) - timedelta(seconds=MARGIN)
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
