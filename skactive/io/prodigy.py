"""Files of Prodigy: a query as tasks with options, and the answers to them."""

from skactive.io._classes import Classes
from skactive.io._collected import Collected, texts_of
from skactive.io._files import json_lines, read_lines, write_text
from skactive.io._ids import checked_ids, checked_rows, short

__all__ = ["read_answers", "write_tasks"]


def write_tasks(
    path,
    rows,
    texts,
    *,
    ids,
    classes,
    images=False,
    predictions=None,
    overwrite=False,
):
    """Write a query as a file of Prodigy, a task on each line, in its order.

    Parameters
    ----------
    path : str or path-like
        The file, such as ``round_03.jsonl``.
    rows : array-like of int of shape (n,)
        What ``query`` returned.
    texts : array-like of str of shape (n_samples,)
        What is shown of each sample: its text, or the address of its picture.
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples, by which the answers are joined.
    classes : list of str or dict of str to int
        Names by class number, or a number for each name: what people choose from.
    images : bool, default=False
        Whether ``texts`` are addresses of pictures.
    predictions : array-like of shape (n,) or None, default=None
        Labels that are chosen already when people see a task. They save time, and
        sway the answers.
    overwrite : bool, default=False
        Whether it may take the place of a file.

    Raises
    ------
    FileExistsError
        If there is such a file and ``overwrite`` is False.
    ValueError
        If rows, ids, texts or predictions do not fit.

    See Also
    --------
    read_answers : Reads what people answered.

    Notes
    -----
    Labeled by ``prodigy mark DATASET round_03.jsonl --view-id choice``, exported by
    ``prodigy db-out DATASET``. Prodigy asks once for tasks that are equal in all they
    show. It is sold, and the format was taken from its documentation, not tried.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io import prodigy
    >>> path = Path(tempfile.mkdtemp()) / "round_03.jsonl"
    >>> texts = ["Fine weather.", "Rain again!"]
    >>> prodigy.write_tasks(path, [1], texts, ids=[50, 51], classes=["bad", "good"])
    >>> print(path.read_text())
    {"text": "Rain again!", "options": [{"id": "bad", "text": "bad"},
     {"id": "good", "text": "good"}], "meta": {"skactive_id": 51}}
    """
    names, classes = checked_ids(ids, owner="prodigy.write_tasks"), Classes(classes)
    rows = checked_rows(rows, len(names))
    if classes.names is None:
        raise ValueError("People choose from names: pass classes, a list of them.")
    if predictions is not None and len(predictions) != len(rows):
        raise ValueError(f"There are {len(rows)} rows, {len(predictions)} predictions.")
    options = [{"id": name, "text": name} for name in classes.names]
    tasks = []
    for n, (row, text) in enumerate(zip(rows, texts_of(texts, names, rows))):
        task = {"image" if images else "text": text, "options": options}
        if predictions is not None:
            label = predictions[n]
            task["accept"] = [classes.name(label, f"The prediction of row {row}")]
        tasks.append({**task, "meta": {"skactive_id": names[row]}})
    write_text(path, json_lines(tasks), overwrite)


def read_answers(path, ids, *, classes=None, who=None):
    """Read what people answered from a file of Prodigy.

    Parameters
    ----------
    path : str or path-like
        What ``prodigy db-out`` wrote.
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples, those of :func:`write_tasks`.
    classes : list of str, dict of str to int, or None, default=None
        Names by class number, or a number for each name: labels are numbers then.
        None: labels are the names.
    who : str or None, default=None
        Read the answers of this person or session alone, as Prodigy calls them
        (``_annotator_id``, ``_session_id``). None: all, and none may have a second.

    Returns
    -------
    rows : ndarray of intp of shape (n,)
        The samples that were answered or skipped, in the order of the file.
    y : ndarray of shape (n,)
        Their labels. None, a skip, is what was ignored, rejected, or accepted without
        an option.

    Raises
    ------
    ValueError
        If a line is no task with an answer, has no name of ours, has several options,
        a class that is not among ``classes``, or is about a sample that another line is
        about. The message names the line.

    See Also
    --------
    write_tasks : Writes the tasks.

    Notes
    -----
    Tasks that show one label and no options are read, too: accepted, it is the label;
    rejected, it is the other one where ``classes`` has two, and else a skip.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive import ActiveLearner
    >>> from skactive.io import prodigy
    >>> path = Path(tempfile.mkdtemp()) / "answers.jsonl"
    >>> _ = path.write_text(
    ...     '{"text": "Rain!", "accept": ["bad"], "meta": {"skactive_id": 51}, '
    ...     '"options": [{"id": "bad"}, {"id": "good"}], "answer": "accept"}'
    ... )
    >>> prodigy.read_answers(path, ids=[50, 51], classes=["bad", "good"])
    (array([1]), array([0]))
    """
    remedy = "Pass who= to read the answers of one person, or keep one of them."
    found, people = Collected(ids, "prodigy.read_answers", classes, remedy), set()
    for where, line in read_lines(path):
        if who is not None:
            these = {line.get("_annotator_id"), line.get("_session_id")} - {None}
            people |= these
            if who not in these:
                continue
        meta = line.get("meta")
        name = meta.get("skactive_id") if isinstance(meta, dict) else None
        if name is None:
            raise ValueError(
                f"{where} has no meta.skactive_id, by which it finds its sample. Label "
                "tasks that prodigy.write_tasks wrote."
            )
        found.add(name, _answer(line, where, found.classes.names), where)
    if who is not None and who not in people:
        raise ValueError(
            f"who={who!r} answered nothing in {str(path)!r}; those who did are "
            f"{short(sorted(map(str, people)))}."
        )
    return found.answers()


def _answer(line, where, names):
    """Return the name of the class that a line gives, or None."""
    answer, chosen = line.get("answer"), line.get("accept")
    if answer not in ("accept", "reject", "ignore"):
        raise ValueError(
            f"{where} needs an answer, accept, reject or ignore; got {short(answer)}. "
            "Give what prodigy db-out wrote, not the tasks."
        )
    if chosen is None and "options" not in line and "label" in line:
        if answer == "reject" and names is not None and len(names) == 2:
            others = [name for name in names if name != line["label"]]
            return others[0] if len(others) == 1 else line["label"]
        return line["label"] if answer == "accept" else None
    if answer != "accept":
        return None
    if not isinstance(chosen, list):
        raise ValueError(
            f'{where} needs "accept", a list of the options that were chosen; got '
            f"{short(chosen)}."
        )
    if len(chosen) > 1:
        raise ValueError(
            f"{where} has several labels, {short(chosen)}; an answer is one. Let "
            "people choose one (choice_style: single)."
        )
    return chosen[0] if chosen else None
