"""Answers that came back, in columns."""

import numpy as np

from skactive.io._ids import checked_ids
from skactive.utils._answer_hash import hash_of
from skactive.utils._dense_answers import as_objects

COLUMNS = ("ids", "y", "status", "annotator", "lead_time", "origin", "updated_at")
COLUMNS += ("task_ids", "annotation_ids")


class Annotations:
    """What people answered, one entry for each annotation.

    Made by :func:`read_export`.

    Parameters
    ----------
    faults : list of str, default=()
        What was left out, and why; none unless ``read_export(faults="collect")``.
    **columns : array of shape (n_annotations, ...)
        The attributes below.

    Attributes
    ----------
    ids : list of int or str
        What was asked about: the ids that were given to ``to_tasks``.
    y : ndarray of shape (n_annotations,) or (n_annotations, n_labels)
        The answers. Classes, masks and boxes in an object array, None where there is
        none; numbers as floats, NaN where there is none; several labels as rows of 0
        and 1, NaN where there is none.
    status : ndarray of str of shape (n_annotations,)
        "answered"; "skipped"; "empty", submitted without an answer to the question. No
        boxes and no labels are an answer.
    annotator : list of str
        Number of the person on the server, as text; None if it is not known.
    lead_time : ndarray of float of shape (n_annotations,)
        Seconds that the answer took, NaN if they are not known.
    origin : list of str
        "manual"; "prediction", submitted as it was predicted; "prediction-changed";
        None if there is no answer. What was submitted as predicted is no evidence that
        the model is right.
    updated_at : ndarray of datetime64 of shape (n_annotations,)
        When it was last changed (UTC).
    task_ids, annotation_ids : list of int
        Numbers on the server. Those of tasks may be used again after a deletion.

    See Also
    --------
    read_export : Reads them.

    Notes
    -----
    Cost: memory of the answers.

    Examples
    --------
    >>> from skactive.io.label_studio import LabelConfig, read_export
    >>> config = LabelConfig.make("numbers", of="text")
    >>> region = {"from_name": "label", "to_name": "text", "type": "number"}
    >>> one = {"id": 1, "completed_by": 2, "was_cancelled": False, "lead_time": 4.2}
    >>> one["result"] = [{**region, "value": {"number": 7.5}}]
    >>> export = [{"id": 9, "data": {"skactive_id": 3}, "annotations": [one]}]
    >>> answers = read_export(export, config)
    >>> answers.calls()
    [{'rows': array([3]), 'y': array([7.5]), 'who': '2', 'cost': array([4.2])}]
    """

    def __init__(self, *, faults=(), **columns):
        for name in COLUMNS:
            setattr(self, name, columns[name])
        self.faults = list(faults)

    def __len__(self):
        return len(self.ids)

    def __repr__(self):
        counts = dict(zip(*np.unique(self.status, return_counts=True), strict=True))
        counts = [f"{n} {status}" for status, n in counts.items()]
        counts += [f"{len(self.faults)} left out"] if self.faults else []
        return f"<Annotations: {', '.join(counts) or 'none'}>"

    def take(self, positions):
        """Return some of them.

        Parameters
        ----------
        positions : array-like of int of shape (k,), or of bool
            Which, in which order.

        Returns
        -------
        part : Annotations
            As many.
        """
        at = np.arange(len(self))[
            np.asarray(positions, dtype=None if len(positions) else int)
        ]
        columns = {}
        for name in COLUMNS:
            column = getattr(self, name)
            is_list = isinstance(column, list)
            columns[name] = [column[k] for k in at] if is_list else column[at]
        return type(self)(faults=self.faults, **columns)

    def newest(self, per="sample"):
        """Return one annotation for each sample, or for each sample and person.

        Parameters
        ----------
        per : {"sample", "person"}, default="sample"
            "person": one of each person for each sample.

        Returns
        -------
        part : Annotations
            The answer that was changed last; if there is none, the last skip. In the
            order in which samples first occur.
        """
        if per not in ("sample", "person"):
            raise ValueError(f'per must be "sample" or "person"; got {per!r}.')
        # What has no time comes before all others; a skip gives way to an answer.
        since = np.where(
            np.isnat(self.updated_at), np.datetime64(0, "us"), self.updated_at
        )
        best = {}
        for k, name in enumerate(self.ids):
            key = name if per == "sample" else (name, self.annotator[k])
            rank = (self.status[k] == "answered", since[k], self.annotation_ids[k])
            if key not in best or rank > best[key][0]:
                best[key] = (rank, k)
        return self.take([k for _, k in best.values()])

    def rows(self, names=None):
        """Return the rows of ``X`` that the answers are about.

        Parameters
        ----------
        names : sequence of int or str of length n_samples, default=None
            The name of each row of ``X``, as for :class:`~skactive.io.Journal`. None:
            ids are rows.

        Returns
        -------
        rows : ndarray of int of shape (n_annotations,)
            Positions.

        Raises
        ------
        ValueError
            If an id is not among ``names``, or is no row.
        """
        if names is None:
            last = np.iinfo(np.intp).max
            strange = [
                name
                for name in self.ids
                if isinstance(name, str) or not 0 <= name <= last
            ]
            row_of = {name: name for name in self.ids}
        else:
            row_of = {n: row for row, n in enumerate(checked_ids(names, owner="X"))}
            strange = [name for name in self.ids if name not in row_of]
        if strange:
            where = "is no row of X. Pass names, the name of each row"
            if names is not None:
                where = "is not among names. Pass the name of each row of X"
            raise ValueError(f"The id {strange[0]!r} {where}.")
        return np.array([row_of[name] for name in self.ids], dtype=np.intp)

    def new_to(self, learner, names=None):
        """Return what a learner does not know yet: an export holds all of a project.

        Parameters
        ----------
        learner : ActiveLearner
            Fitted, by hand.
        names : sequence of int or str of length n_samples, default=None
            As in ``rows``.

        Returns
        -------
        part : Annotations
            The newest answer to each sample that was not taught, or that is labeled
            otherwise, to pass on with ``relabel="replace"``; and skips of samples that
            have neither label nor skip.

        Raises
        ------
        ValueError
            If an id is no row.

        Notes
        -----
        A label that was corrected by hand meanwhile differs, too, and comes back. What
        was deleted in the tool is not in an export, so that its label stays.

        Examples
        --------
        >>> from skactive import ActiveLearner
        >>> from skactive.io.label_studio import LabelConfig, read_export
        >>> config = LabelConfig.make("classes", ["a", "b"], of="text")
        >>> choice = {"from_name": "label", "to_name": "text", "type": "choices"}
        >>> choice["value"] = {"choices": ["b"]}
        >>> one = {"id": 1, "completed_by": 2, "lead_time": 4.2, "result": [choice]}
        >>> export = [{"id": 9, "data": {"skactive_id": 1}, "annotations": [one]}]
        >>> answers = read_export(export, config)
        >>> learner = ActiveLearner().fit([[0], [1], [2]], ["a", None, None])
        >>> for call in answers.new_to(learner).calls():
        ...     learner = learner.teach(**call, relabel="replace")
        >>> len(answers.new_to(learner))
        0
        """
        part = self.newest()
        rows = part.rows(names)
        n_rows, labels = len(learner.labeled_mask_), learner.labels_
        if len(rows) and rows.max() >= n_rows:
            raise ValueError(
                f"The id {part.ids[int(rows.argmax())]!r} is row {rows.max()}, and the "
                f"learner was fitted on {n_rows} rows. Pass the names of its rows."
            )
        asked = learner.labeled_mask_.copy()
        asked[learner.skipped_] = True
        new = []
        for row, answer, status in zip(rows, part.y, part.status, strict=True):
            known = asked[row]
            if known and status == "answered":
                is_label = learner.labeled_mask_[row]
                known = is_label and hash_of(labels[row]) == hash_of(answer)
            new.append(not known)
        return part.take(np.array(new, dtype=bool))

    def calls(self, names=None, *, per="sample", cost=True):
        """Return what to pass to ``teach``: one call for each person.

        Parameters
        ----------
        names : sequence of int or str of length n_samples, default=None
            As in ``rows``.
        per : {"sample", "person"}, default="sample"
            "sample": the newest answer to each row; others are not passed. "person":
            those of all people, for a learner that makes one of several.
        cost : bool, default=True
            Whether to pass the seconds as what answers cost.

        Returns
        -------
        calls : list of dict
            "rows", "y", "who" and, if asked for, "cost", for ``learner.teach(**call)``.
            Rows that were only skipped are among them, without an answer.

        Raises
        ------
        ValueError
            If an id is no row, or the seconds of an answer are not known.
        """
        part = self.newest(per)
        rows = part.rows(names)
        unknown = np.flatnonzero(np.isnan(part.lead_time))
        if cost and len(unknown):
            raise ValueError(
                f"Annotation {part.annotation_ids[unknown[0]]} has no lead_time, as "
                "if it was not made by a person. Pass cost=False, and answers cost "
                "what the learner says."
            )
        calls = []
        for who in dict.fromkeys(part.annotator):
            at = np.array([k for k, each in enumerate(part.annotator) if each == who])
            call = {"rows": rows[at], "y": part.y[at], "who": who}
            calls.append({**call, "cost": part.lead_time[at]} if cost else call)
        return calls


def as_column(answers, control):
    """Return answers of one kind, None where there is none, as one array.

    Examples
    --------
    >>> from skactive.io.label_studio import LabelConfig
    >>> from skactive.io.label_studio._annotations import as_column
    >>> as_column([4.5, None], LabelConfig.make("numbers", of="text").control())
    array([4.5, nan])
    """
    if control.kind == "numbers":
        return np.array([np.nan if a is None else a for a in answers], dtype=float)
    if control.kind == "label_sets":
        absent = np.full(len(control.labels), np.nan)
        rows = [absent if a is None else a for a in answers]
        return np.array(rows, dtype=float).reshape(len(rows), len(control.labels))
    return as_objects(answers)
