"""Files of doccano: a query as texts to be labeled, and the answers to them."""

from skactive.io._collected import Collected, texts_of
from skactive.io._files import json_lines, read_lines, write_text
from skactive.io._ids import checked_ids, checked_rows, short

__all__ = ["read_answers", "write_tasks"]


def write_tasks(path, rows, texts, *, ids, overwrite=False):
    """Write a query as a file that doccano imports, a text on each line, in its order.

    Parameters
    ----------
    path : str or path-like
        The file, such as ``round_03.jsonl``.
    rows : array-like of int of shape (n,)
        What ``query`` returned.
    texts : array-like of str of shape (n_samples,)
        The text of each sample.
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples, by which the answers are joined.
    overwrite : bool, default=False
        Whether it may take the place of a file.

    Raises
    ------
    FileExistsError
        If there is such a file and ``overwrite`` is False.
    ValueError
        If rows, ids or texts do not fit.

    See Also
    --------
    read_answers : Reads what people answered.

    Notes
    -----
    Import it into a project of text classification as JSONL. Predictions are not
    written, since doccano cannot tell them from what a person said. The format was
    taken from doccano's example files, not tried.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io import doccano
    >>> path = Path(tempfile.mkdtemp()) / "round_03.jsonl"
    >>> doccano.write_tasks(path, [1], ["Fine weather.", "Rain again!"], ids=[50, 51])
    >>> print(path.read_text())
    {"text": "Rain again!", "label": [], "skactive_id": 51}
    """
    names = checked_ids(ids, owner="doccano.write_tasks")
    rows = checked_rows(rows, len(names))
    tasks = [
        {"text": text, "label": [], "skactive_id": names[row]}
        for row, text in zip(rows, texts_of(texts, names, rows))
    ]
    write_text(path, json_lines(tasks), overwrite)


def read_answers(path, ids, *, classes=None):
    """Read what people answered from a file that doccano exported.

    Parameters
    ----------
    path : str or path-like
        The export of text classification, as JSONL.
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples, those of :func:`write_tasks`.
    classes : list of str, dict of str to int, or None, default=None
        Names by class number, or a number for each name: labels are numbers then.
        None: labels are the names.

    Returns
    -------
    rows : ndarray of intp of shape (n,)
        The samples that have a label, in the order of the file. A text without one was
        not answered yet, or nobody could tell: doccano does not say which. It is left
        out, and may be asked again.
    y : ndarray of shape (n,)
        Their labels.

    Raises
    ------
    ValueError
        If a line has no name of ours, several labels, spans, a class that is not among
        ``classes``, or is about a sample that another line is about. The message names
        the line.

    See Also
    --------
    write_tasks : Writes the tasks.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io import doccano
    >>> path = Path(tempfile.mkdtemp()) / "answers.jsonl"
    >>> _ = path.write_text(
    ...     '{"id": 1, "text": "Rain again!", "label": ["bad"], "skactive_id": 51}\\n'
    ...     '{"id": 2, "text": "Fine.", "label": [], "skactive_id": 50}\\n'
    ... )
    >>> doccano.read_answers(path, ids=[50, 51], classes=["bad", "good"])
    (array([1]), array([0]))
    """
    remedy = "Export one person's answers, or keep one of them."
    found = Collected(ids, "doccano.read_answers", classes, remedy)
    for where, line in read_lines(path):
        name = line.get("skactive_id")
        for key in ("meta", "metadata"):
            if name is None and isinstance(line.get(key), dict):
                name = line[key].get("skactive_id")
        if name is None:
            raise ValueError(
                f"{where} has no skactive_id, by which it finds its sample. Label "
                "texts that doccano.write_tasks wrote."
            )
        labels = line.get("label")
        if not isinstance(labels, list):
            raise ValueError(
                f'{where} needs "label", a list; got {short(labels)}. Export text '
                "classification as JSONL."
            )
        if any(not isinstance(label, str) for label in labels):
            raise ValueError(
                f"{where} has the labels {short(labels)}; those of spans are not read. "
                "Make a project of text classification."
            )
        if len(labels) > 1:
            raise ValueError(
                f"{where} has several labels, {short(labels)}; an answer is one. Allow "
                "a single label in the project's settings."
            )
        if labels:
            found.add(name, labels[0], where)
        else:
            found.check(name, where)
    return found.answers()
