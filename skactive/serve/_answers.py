"""What people have said about each sample, and what is to be made of it."""

from dataclasses import dataclass, field

import numpy as np

from skactive.io._ids import plain_id
from skactive.io.label_studio import Annotations, read_export
from skactive.utils._answer_hash import hash_of

SKIP = "skip"


@dataclass
class Said:
    """All that was answered to one sample.

    Parameters
    ----------
    name : int or str
        Id of the sample.
    row : int
        Its row.
    annotations : Annotations
        Whatever was answered, by whomever.
    answer : object, default=None
        What it comes to; None if to nothing.
    who : str or None, default=None
        Who said so.
    state : {"open", "waiting", "skip", "label"}, default="open"
        Whether it is an answer; "waiting": more people are to answer.
    """

    name: object
    row: int
    annotations: Annotations
    answer: object = None
    who: str = None
    state: str = "open"
    votes: list = field(default_factory=list)

    @property
    def seen(self):
        """The annotations as a list that changes when one of them does."""
        part = self.annotations
        each = zip(part.annotation_ids, part.updated_at, part.status, strict=True)
        return sorted([number, str(at), str(status)] for number, at, status in each)

    @property
    def seconds(self):
        """What all answers took, as far as it is known."""
        return float(np.nansum(self.annotations.lead_time))

    @property
    def hash(self):
        """What tells the answer from others; None if there is none."""
        return {"label": hash_of(self.answer), "skip": SKIP}.get(self.state)

    def settle(self, needed):
        """Say what the answers come to, if as many people as are needed gave one."""
        each = self.annotations.newest("person")
        given = [k for k in range(len(each)) if each.status[k] == "answered"]
        self.votes = [
            (self.row, each.annotator[k], each.y[k], _known(each.lead_time[k]))
            for k in given
        ]
        if not len(each):
            self.state = "open"
        elif len(each) < needed:
            self.state = "waiting"
        elif given:
            newest = self.annotations.newest()
            self.answer, self.who = newest.y[0], newest.annotator[0]
            self.state = "label"
        else:
            self.state, self.who = "skip", each.annotator[-1]


def read_said(tasks, asked, row_of, config, control, size_of):
    """Return what was answered to each sample, and what cannot be read.

    Parameters
    ----------
    tasks : list of dict
        An export, tasks without answers too.
    asked : dict of Batch
        The batch in which each sample was asked.
    row_of : dict
        Row of each id.
    config, control, size_of
        As ``read_export`` takes them; the size of a picture by its row.

    Returns
    -------
    said : dict of Said
        By id, those left out that cannot be read.
    faults : list of str
        Which task, which annotation, and what.
    blamed : set
        Ids of the samples that the faults are about.
    """
    said, faults, blamed, task_of = {}, [], set(), {}
    for task in tasks:
        try:
            name = _checked_name(task, asked, task_of)
        except ValueError as error:
            if task.get("annotations"):
                faults.append(f"Task {task.get('id')}: {error}")
                twice = task["data"].get("skactive_id")
                blamed |= {name for name in task_of if name == twice}
            continue
        size = size_of(row_of[name])
        found = read_export(
            [task], config, control=control.name, image_size=size, faults="collect"
        )
        if found.faults:
            faults += found.faults
            blamed.add(name)
            continue
        said[name] = Said(name, row_of[name], found)
        batch = asked[name]
        said[name].settle(1 if batch.closed else batch.needed)
    for name in blamed:
        said.pop(name, None)
    return said, faults, blamed


def _checked_name(task, asked, task_of):
    """Return the id of a task that this run asked, and once."""
    if "skactive_id" not in task["data"]:
        raise ValueError(
            "it has answers, and its data have no skactive_id, so that it was not "
            "asked by a learner. Delete it, or give this run a project of its own."
        )
    name = plain_id(task["data"]["skactive_id"])
    batch = task["data"].get("skactive_batch")
    if name not in asked:
        raise ValueError(
            f"it has answers, and its id {name!r} was never asked by this run: it is "
            f"of the batch {batch!r}. Delete the task, or give the state that asked it."
        )
    if batch != asked[name].name:
        raise ValueError(
            f"its id {name!r} was asked in the batch {asked[name].name!r}, and it is "
            f"of {batch!r}. Delete one of the two tasks."
        )
    if name in task_of:
        raise ValueError(
            f"its id {name!r} is also that of task {task_of[name]}, and both have "
            "answers. Delete one of them."
        )
    if task.get("annotations"):
        task_of[name] = task["id"]
    return name


def aggregated(said, aggregate, classes):
    """Let a function say what several answers come to.

    Parameters
    ----------
    said : list of Said
        Of all samples that have an answer.
    aggregate : callable
        ``aggregate(votes, classes) -> (labels, confidence)``.
    classes : list
        All classes.

    Returns
    -------
    confidence : dict of float
        By row.
    """
    voted = [each for each in said if each.votes]
    votes = [vote for each in voted for vote in each.votes]
    if not votes:
        return {}
    labels, confidence = aggregate(votes, classes)
    if len(labels) != len(voted) or len(confidence) != len(voted):
        raise ValueError(
            f"aggregate(votes, classes) must return a label and a confidence for each "
            f"of {len(voted)} rows, in the order in which the rows occur in votes; it "
            f"returned {len(labels)} and {len(confidence)}."
        )
    for each, label in zip(voted, labels, strict=True):
        if each.state == "label":
            each.answer = label
            people = [who for _, who, *_ in each.votes if who is not None]
            each.who = ", ".join(people) or None
    rows = [each.row for each in voted]
    return dict(zip(rows, map(float, confidence), strict=True))


def _known(seconds):
    return None if np.isnan(seconds) else float(seconds)
