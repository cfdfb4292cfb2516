"""Tasks: what people are asked, in a file that the tool imports."""

import hashlib
import json
from numbers import Integral
from pathlib import Path

import numpy as np

from skactive.io._ids import checked_ids
from skactive.io.label_studio._items import (
    as_items,
    as_json,
    check_config,
    to_data,
)
from skactive.io.label_studio._results import checked_score, to_result

#: What the server takes in one request.
MOST_BYTES = 250 * 2**20


def to_tasks(
    ids,
    data,
    *,
    config,
    control=None,
    predictions=None,
    scores=None,
    utilities=None,
    batch=None,
    round=0,
    model_version=None,
    rank_scores=False,
    image_size=None,
    root=None,
):
    """Return what people are to be asked, as tasks of Label Studio.

    Parameters
    ----------
    ids : sequence of int or str of length n
        Names of the samples, all different, in the order of the query; answers come
        back by them. Rows of ``X``, as ``query`` returns them, or names of your own.
    data : list, array, data frame, or dict of these
        What is shown of each sample: the value of the only key of the config, or a dict
        with all of its keys; or a column for each key. Pictures are paths, addresses,
        or small arrays, which go into the task; rows of a table are dicts or arrays.
    config : LabelConfig
        The labeling config of the project.
    control : str, default=None
        Which of its questions ``predictions`` answer. None: the only one.
    predictions : sequence of length n, default=None
        What is shown pre-filled, None where nothing is. Of the kind of the question:
        classes; rows of 0 and 1 for several labels, in the order of the labels;
        numbers; masks of integers (height, width); boxes as
        :class:`~skactive.nets.NetDetector` predicts them, ``{"boxes", "labels",
        "scores"}`` in pixels; for polygons masks, or ``{"polygons", "labels"}``.
    scores : sequence of float of length n, default=None
        How sure the model is, from 0 to 1: probabilities of the predicted classes.
        People see them.
    utilities : sequence of float of length n, default=None
        What the strategy thinks of each sample. Only kept in the data.
    batch : str, default=None
        Name of this batch, by which the server can be asked whether it has it already.
        None: the round and a hash of ``ids``.
    round : int, default=0
        Number of the round, kept in the data.
    model_version : str, default=None
        Name of the model that predicted. None: ``batch``.
    rank_scores : bool, default=False
        Whether the score of a prediction is its rank in the query, 0 for the first, 1
        for the last, in place of the confidence. Only for a project on "Uncertainty
        sampling", which asks for low scores first; people would take it for a
        confidence. The regions keep theirs.
    image_size : tuple (height, width), or sequence of these of length n, default=None
        Size of the pictures; needed for boxes and polygons where pictures are no
        arrays.
    root : str or path-like, default=None
        The folder that the server knows as LOCAL_FILES_DOCUMENT_ROOT, for pictures that
        are paths. None: paths are relative to it.

    Returns
    -------
    tasks : list of dict
        In the order of ``ids``. The keys "skactive_id", "skactive_batch",
        "skactive_round", "skactive_rank" and "skactive_utility" of their data are ours.

    Raises
    ------
    ValueError
        If something is not as described above, such as a label that the config lacks, a
        box outside its picture, or a score of 1.7. The message names the item. The
        server would take all of these without a word.

    See Also
    --------
    write_tasks : Writes them into a file.
    read_export : Reads what was answered.

    Notes
    -----
    Import the file into a project on "Sequential sampling", the default: it asks in
    the order of the file. A new batch comes after what is left of old ones.

    Cost: O(n), and what encoding pictures and masks takes.

    Examples
    --------
    >>> from skactive.io.label_studio import LabelConfig, to_tasks
    >>> config = LabelConfig.make("classes", ["spam", "ham"], of="text")
    >>> tasks = to_tasks(
    ...     [17, 3],
    ...     ["Cheap watches", "See you at noon"],
    ...     config=config,
    ...     predictions=["spam", "ham"],
    ...     scores=[0.52, 0.61],
    ...     batch="r1",
    ... )
    >>> tasks[0]["data"]["skactive_id"], tasks[0]["data"]["text"]
    (17, 'Cheap watches')
    >>> tasks[0]["predictions"][0]["result"][0]["value"]
    {'choices': ['spam']}
    """
    check_config(config)
    names = checked_ids(ids, owner="to_tasks")
    items = as_items(data, config)
    columns = {
        "data": items,
        "predictions": predictions,
        "scores": scores,
        "utilities": utilities,
        "image_size": _each_size(image_size, len(names)),
    }
    columns = {key: _column(key, each, len(names)) for key, each in columns.items()}
    version = hashlib.sha256(json.dumps(names).encode()).hexdigest()[:8]
    round = _number(round)
    batch = _name("batch", batch, f"r{round}-{version}")
    version = _name("model_version", model_version, batch)
    if predictions is not None:
        control = config.control(control)
    elif scores is not None:
        raise ValueError("to_tasks: scores are of predictions; give these too.")
    tasks = []
    for k, name in enumerate(names):
        ours = {"id": name, "batch": batch, "round": round, "rank": k}
        data, prediction, score, utility, size = (col[k] for col in columns.values())
        try:
            shown, own_size = to_data(data, config, root)
            if utility is not None:
                ours["utility"] = as_json(float(utility))
            task = {"data": {f"skactive_{key}": v for key, v in ours.items()} | shown}
            if prediction is not None:
                rank = k / max(len(names) - 1, 1) if rank_scores else None
                size = _one_size(size, own_size)
                task["predictions"] = [
                    _predicted(prediction, config, control, score, rank, size, version)
                ]
        except (ValueError, TypeError) as error:
            text = str(error).rstrip(".")
            raise ValueError(f"to_tasks: item {k} (id {name!r}): {text}.") from error
        tasks.append(task)
    return tasks


def write_tasks(path, tasks):
    """Write tasks into a file that Label Studio imports.

    Parameters
    ----------
    path : str or path-like
        The file, ending in ".json"; one that is there is replaced.
    tasks : list of dict
        As :func:`to_tasks` returns them.

    Raises
    ------
    ValueError
        If this is no list of tasks, holds what JSON cannot, or is larger than the
        250 MB that the server takes. Nothing is written then.

    See Also
    --------
    to_tasks : Makes the tasks.

    Notes
    -----
    Import pictures that are files by a "local files" storage, not together with this
    file.

    Cost: O(size of the file).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io.label_studio import LabelConfig, to_tasks, write_tasks
    >>> config = LabelConfig.make("numbers", of="text")
    >>> path = Path(tempfile.mkdtemp()) / "tasks.json"
    >>> write_tasks(path, to_tasks([3], ["Four rooms, a garden"], config=config))
    >>> path.read_text()[:12]
    '[{"data": {"'
    """
    if Path(path).suffix != ".json":
        raise ValueError(
            f"write_tasks: the server knows the format by the ending .json; got {path}."
        )
    tasks = list(tasks)
    if not all(isinstance(task, dict) and "data" in task for task in tasks):
        raise ValueError("write_tasks: tasks are dicts with data, as of to_tasks.")
    try:
        lines = [json.dumps(task, allow_nan=False) for task in tasks]
    except (TypeError, ValueError) as error:
        raise ValueError(f"write_tasks: JSON does not know this ({error}).") from error
    text = "[" + ",\n".join(lines) + "]\n"
    if len(text) > MOST_BYTES:
        raise ValueError(
            f"write_tasks: {len(text) / 2**20:.0f} MB are more than the server takes, "
            "250 MB. Write several files, or give pictures as paths."
        )
    Path(path).write_text(text, encoding="utf-8")


def _predicted(answer, config, control, score, rank, size, version):
    """Return the prediction of a task; its score is the rank, or the confidence."""
    score = checked_score(score)
    result = to_result(
        answer, control, score=score, image_size=size, unpainted=config.unpainted
    )
    shown = score if rank is None else rank
    own = {} if shown is None else {"score": shown}
    return {"model_version": version, **own, "result": result}


def _name(what, given, default):
    if given is None:
        return default
    if not isinstance(given, str) or not given:
        raise ValueError(f"to_tasks: {what} is a name, a string; got {given!r}.")
    return str(given)


def _number(round):
    whole = isinstance(round, Integral) and not isinstance(round, bool)
    if not whole or round < 0:
        raise ValueError(f"to_tasks: round is a number from 0 on; got {round!r}.")
    return int(round)


def _column(key, values, n):
    """Return one value for each of n items, None where nothing was given."""
    if values is None:
        return [None] * n
    if isinstance(values, (str, bytes, dict)) or not hasattr(values, "__len__"):
        raise ValueError(f"to_tasks: {key} needs a value for each of {n} ids.")
    if len(values) != n:
        raise ValueError(f"to_tasks: there are {n} ids, and {len(values)} {key}.")
    return list(values)


def _each_size(image_size, n):
    """Return a size for each of n items, if one was given for all."""
    sides = list(image_size) if image_size is not None else []
    if len(sides) == 2 and all(np.ndim(side) == 0 and side for side in sides):
        return [tuple(sides)] * n
    return image_size


def _one_size(given, own):
    """Return the size of a picture, or refuse two that differ."""
    if given is None:
        return own
    if np.shape(given) != (2,):
        raise ValueError(f"image_size is (height, width); got {given!r}")
    given = tuple(int(side) for side in given)
    if own not in (None, given):
        raise ValueError(f"image_size is {given}, and the picture {tuple(own)}")
    return given
