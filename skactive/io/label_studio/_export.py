"""Read what people answered."""

from datetime import datetime, timezone
from numbers import Integral, Real

import numpy as np

from skactive.io._ids import checked_ids, plain_id
from skactive.io.label_studio._annotations import COLUMNS, Annotations, as_column
from skactive.io.label_studio._formats import read_tasks
from skactive.io.label_studio._items import check_config
from skactive.io.label_studio._regions import own_regions, to_answer

#: Faults that a message shows.
SHOWN = 5


def read_export(
    source, config, *, control=None, ids=None, image_size=None, faults="raise"
):
    """Read the answers in an export of Label Studio.

    Parameters
    ----------
    source : str, path-like, or list of dict
        An export in the format JSON: the file, or what was in it. Not JSON-MIN or CSV,
        which lose skips, nor COCO, VOC or YOLO, which also lose ids: these are refused.
    config : LabelConfig
        The labeling config of the project.
    control : str, default=None
        The question whose answers are read. None: the only one.
    ids : sequence of int or str, default=None
        What was asked; answers to anything else are faults. None: not checked.
    image_size : tuple (height, width), default=None
        Size of all pictures, where it is known: regions on others are faults. Needed
        only for masks with a background where people painted nothing.
    faults : {"raise", "collect"}, default="raise"
        What happens to answers that cannot be read: an error that names them, or they
        are left out and ``faults`` of the result says which and why.

    Returns
    -------
    answers : Annotations
        Every annotation, skips too, in the order of the export. Drafts are none.

    Raises
    ------
    ValueError
        If this is no export in the format JSON; and, with ``faults="raise"``, if there
        are: tasks that ``to_tasks`` did not make, or not among ``ids``, or two of one
        id; labels or questions that the config lacks, answers of another type, two
        where one was asked; boxes outside the picture or turned; brush strokes of
        another size. The server checks none of these.
    OSError
        If the file cannot be read.

    See Also
    --------
    to_tasks : Writes what is asked.
    Annotations : Has the answers, one for each sample, and calls of ``teach``.

    Notes
    -----
    Whether an annotation is a skip is looked at first: a skip carries the prediction
    that was shown. Several answers to a sample are normal, even where the project asks
    for one.

    Polygons are returned as masks, pixels by their centers. Where regions overlap, the
    later one wins; where there is none, masks hold ``config.unpainted``. Boxes and
    points may be outside the picture by a thousandth of a percent, as rounding makes
    it, and are cut off.

    Cost: O(size of the file).

    Examples
    --------
    >>> from skactive.io.label_studio import LabelConfig, read_export
    >>> config = LabelConfig.make("classes", ["spam", "ham"], of="text")
    >>> region = {"from_name": "label", "to_name": "text", "type": "choices"}
    >>> region["value"] = {"choices": ["spam"]}
    >>> one = {"id": 1, "completed_by": 2, "was_cancelled": False, "lead_time": 4.2}
    >>> skip = {"id": 2, "completed_by": 2, "was_cancelled": True, "lead_time": 1.5}
    >>> export = [
    ...     {"id": 9, "data": {"skactive_id": 3}, "annotations": [one]},
    ...     {"id": 10, "data": {"skactive_id": 17}, "annotations": [skip]},
    ... ]
    >>> one["result"] = skip["result"] = [region]
    >>> answers = read_export(export, config)
    >>> answers
    <Annotations: 1 answered, 1 skipped>
    >>> answers.ids, answers.y.tolist()
    ([3, 17], ['spam', None])
    """
    if faults not in ("raise", "collect"):
        raise ValueError(f'faults must be "raise" or "collect"; got {faults!r}.')
    check_config(config)
    control = config.control(control)
    asked = None if ids is None else set(checked_ids(ids, owner="read_export"))
    if image_size is not None:
        image_size = tuple(int(side) for side in image_size)
    rows, found, task_of = [], [], {}
    for k, task in enumerate(read_tasks(source)):
        try:
            name = _checked_name(task, asked, task_of)
        except ValueError as error:
            found.append(f"Task {task.get('id')} (item {k}): {error}.")
            continue
        for annotation in task["annotations"]:
            try:
                own = _row(annotation, config, control, image_size)
                rows.append({"ids": name, "task_ids": task.get("id"), **own})
            except (ValueError, TypeError) as error:
                number = annotation.get("id") if isinstance(annotation, dict) else None
                text = str(error).rstrip(".")
                found.append(
                    f"Annotation {number} of task {task.get('id')} (id {name!r}): "
                    f"{text}."
                )
    if found and faults == "raise":
        more = len(found) - SHOWN
        raise ValueError(
            "\n".join(found[:SHOWN])
            + (f"\n... and {more} more." if more > 0 else "")
            + '\nNothing was read. Pass faults="collect" to have the others.'
        )
    columns = {key: [row[key] for row in rows] for key in COLUMNS}
    columns["y"] = as_column(columns["y"], control)
    columns["status"] = np.array(columns["status"], dtype="U8")
    columns["lead_time"] = np.array(columns["lead_time"], dtype=float)
    columns["updated_at"] = np.array(columns["updated_at"], dtype="M8[us]")
    return Annotations(faults=found, **columns)


def _checked_name(task, asked, task_of):
    """Return the id of a task that we made, and that occurs once."""
    if "skactive_id" not in task["data"]:
        raise ValueError(
            "its data have no skactive_id, so that it was not made by to_tasks: is "
            "this another project, or a synchronized storage?"
        )
    name = plain_id(task["data"]["skactive_id"])
    if asked is not None and name not in asked:
        raise ValueError(f"its id {name!r} was not asked: it is not among ids")
    if name in task_of:
        raise ValueError(f"its id {name!r} is also that of task {task_of[name]}")
    task_of[name] = task.get("id")
    return name


def _row(annotation, config, control, image_size):
    """Return one annotation by columns."""
    if not isinstance(annotation, dict):
        raise ValueError(f"it is no annotation: {str(annotation)[:60]!r}")
    answer, origin = None, None
    if annotation.get("was_cancelled") or annotation.get("skipped"):
        status = "skipped"  # whatever its result is
    else:
        result = annotation.get("result")
        answer = to_answer(result, config, control, image_size=image_size)
        status = "empty" if answer is None else "answered"
        if answer is not None:
            origin = _origin(annotation, own_regions(result, config, control), control)
    return {
        "y": answer,
        "status": status,
        "annotator": _person(annotation.get("completed_by")),
        "lead_time": _seconds(annotation.get("lead_time")),
        "origin": origin,
        "updated_at": _time(annotation),
        "annotation_ids": _number_of(annotation),
    }


def _origin(annotation, regions, control):
    """Tell what a person did with the prediction that was shown."""
    origins = {region.get("origin") or "manual" for region in regions}
    snapshot = annotation.get("prediction")
    snapshot = snapshot if isinstance(snapshot, dict) else {}
    predicted = [
        region
        for region in snapshot.get("result") or ()
        if isinstance(region, dict) and region.get("from_name") == control.name
    ]
    if annotation.get("parent_prediction") is not None and not regions:
        # Everything that was predicted was deleted.
        return "prediction-changed" if predicted else "prediction"
    if origins <= {"manual"}:
        return "manual"
    deleted = len(regions) < len(predicted)
    same = origins == {"prediction"} and not deleted
    return "prediction" if same else "prediction-changed"


def _person(who):
    """Return who answered, as text: the number of the person, or the address."""
    if isinstance(who, dict):
        who = who.get("email") if who.get("id") is None else who["id"]
    if who is None:
        return None
    if isinstance(who, bool) or not isinstance(who, (str, Integral)):
        raise ValueError(f"it was completed by {who!r}, which is no person")
    return str(who)


def _seconds(lead_time):
    if lead_time is None:
        return np.nan
    plain = isinstance(lead_time, Real) and not isinstance(lead_time, bool)
    if not plain or not 0 <= lead_time < np.inf:
        raise ValueError(f"its lead_time is {lead_time!r}, no number of seconds")
    return float(lead_time)


def _time(annotation):
    """Return when an annotation was last changed, without a time zone, in UTC."""
    text = annotation.get("updated_at") or annotation.get("created_at")
    if text is None:
        return np.datetime64("NaT", "us")
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (AttributeError, ValueError) as error:
        raise ValueError(f"its time is {text!r}") from error
    if moment.tzinfo is not None:
        moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
    return np.datetime64(moment, "us")


def _number_of(annotation):
    number = annotation.get("id")
    if isinstance(number, bool) or not isinstance(number, Integral):
        raise ValueError("it has no id")
    return int(number)
