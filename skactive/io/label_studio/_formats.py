"""Which export this is, and why most of them cannot be read back."""

import json
import re
from pathlib import Path

LOST = {
    "JSON_MIN": "it drops skips, empty answers and what people did with predictions",
    "CSV": "it drops skips, empty answers and what people did with predictions",
    "COCO": "it drops skips and ids, and has a picture once for each of its answers",
    "VOC": "it drops skips, ids and pictures without objects",
    "YOLO": "it drops skips and ids, and keeps one answer for each name of a picture",
    "a zip": "such as of COCO, VOC or YOLO, which drop skips and ids",
}


def read_tasks(source):
    """Return the tasks of an export, or refuse another format.

    Parameters
    ----------
    source : str, path-like, or list of dict
        The file, or what was in it.

    Returns
    -------
    tasks : list of dict
        With "id", "data" and "annotations".

    Raises
    ------
    ValueError
        If this is no export in the format JSON.

    Examples
    --------
    >>> from skactive.io.label_studio._formats import read_tasks
    >>> read_tasks([{"id": 3, "data": {}, "completions": []}])[0]["annotations"]
    []
    """
    value = source
    if not isinstance(source, (list, tuple, dict)):
        value = _parsed(Path(source))
    if isinstance(value, dict):
        _refuse_dict(value)
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"An export is a list of tasks; got {type(value).__name__}.")
    return [_as_task(task, k) for k, task in enumerate(value)]


def refuse(name):
    """Raise the error for an export in another format."""
    raise ValueError(
        f"This is an export in the format {name}: {LOST[name]}. Export the project as "
        "JSON (not JSON-MIN), and read that."
    )


def _parsed(path):
    data = path.read_bytes()
    try:
        return json.loads(data)
    except (ValueError, UnicodeDecodeError, RecursionError) as error:
        if data.startswith(b"PK"):
            refuse("a zip")
        text = data[:2000].decode("utf-8", errors="replace")
        if "<annotation" in text:
            refuse("VOC")
        lines = text.strip().splitlines()
        if lines and re.search(r'(^|[,\t"])annotation_id("|[,\t]|$)', lines[0]):
            refuse("CSV")
        five = r"\d+( [\d.eE+-]+){4,}"
        is_yolo = path.suffix == ".txt" and all(re.fullmatch(five, _) for _ in lines)
        if is_yolo:
            refuse("YOLO")
        raise ValueError(
            f"{str(path)!r} is no JSON ({error}): an export in the format JSON is "
            "needed."
        ) from error


def _refuse_dict(value):
    if {"images", "annotations"} <= set(value):
        refuse("COCO")
    names = [str(name) for name in value]
    if "notes.json" in names or any(n.startswith("labels/") for n in names):
        refuse("YOLO")
    if {"categories", "info"} == set(value):
        refuse("YOLO")
    if "tasks" in value:
        raise ValueError(
            'This is a page of tasks as the server lists them. Pass its "tasks", and '
            "see to it that no page is missing."
        )
    what = "a single task" if "annotations" in value else f"a dict of {names[:5]}"
    raise ValueError(f"An export is a list of tasks; got {what}.")


def _as_task(task, k):
    """Return a task under its present names, or refuse what is none."""
    if not isinstance(task, dict):
        raise ValueError(f"Item {k} of the export is no task: {str(task)[:60]!r}.")
    if "annotation_id" in task and "data" not in task:
        refuse("JSON_MIN")
    if "completions" in task and "annotations" not in task:  # of before 1.0
        task = {**task, "annotations": task["completions"]}
    if not isinstance(task.get("data"), dict):
        raise ValueError(f"Item {k} of the export is no task: it has no data.")
    if not isinstance(task.get("annotations"), list):
        raise ValueError(
            f"Item {k} of the export has no annotations: it is a task that goes to the "
            "tool, not one that came back."
        )
    return task
