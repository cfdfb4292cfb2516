"""One project of a Label Studio server: its tasks and settings."""

import json

from skactive.io.label_studio import LabelConfig
from skactive.serve._client import LabelStudioError

#: Tasks in one page of a list.
PAGE = 1000
#: Tasks in one request: a server with SQLite takes 250 in about a second.
AT_ONCE = 250
#: Characters of tasks in one request; the server takes 250 MB.
CHARACTERS = 20_000_000
#: Numbers of tasks in one address.
IN_AN_ADDRESS = 100

BATCH = "filter:tasks:data.skactive_batch"


class Project:
    """What a run does in a project.

    Parameters
    ----------
    client : LabelStudioClient
        The way to the server.
    number : int
        Of the project.

    Examples
    --------
    >>> from skactive.serve import LabelStudioClient
    >>> from skactive.serve._project import Project
    >>> Project(LabelStudioClient("http://localhost:8080", "0123"), 7).path
    '/api/projects/7/'
    """

    def __init__(self, client, number):
        self.client = client
        self.number = number
        self.path = f"/api/projects/{number}/"

    def prepare(self, config):
        """See to it that tasks are served in their order; return the settings.

        Raises
        ------
        ValueError
            If the project asks something else than the labeling config.
        """
        settings = self.client.get(self.path)
        _check_config(settings, config)
        if settings.get("sampling") != "Sequential sampling":
            self.client.patch(self.path, {"sampling": "Sequential sampling"})
        return settings

    def batch(self, name):
        """Return the tasks of a batch that are there, as the server lists them."""
        return self._list([_filter(BATCH, "equal", "String", name)])

    def once(self, name):
        """Return the tasks of a batch after deleting those that are there again.

        A request that was cut off may have been heard all the same, and late.
        """
        tasks = self.batch(name)
        again = doubles(tasks)
        if again:
            self.withdraw(again)
            tasks = self.batch(name)
        return tasks

    def changed(self, since):
        """Return the tasks that were changed after a time, or all."""
        if since is None:
            return self._list([])
        key = "filter:tasks:updated_at"
        return self._list([_filter(key, "greater", "Datetime", since)])

    def import_tasks(self, tasks):
        """Add tasks, in their order. Whether they are there must be asked."""
        for part in _parts(tasks):
            path = f"{self.path}import?return_task_ids=true"
            self.client.post(path, part)

    def export(self, numbers):
        """Return tasks with all their annotations, those without any too."""
        tasks = []
        for k in range(0, len(numbers), IN_AN_ADDRESS):
            query = [("exportType", "JSON"), ("download_all_tasks", "true")]
            part = numbers[k : k + IN_AN_ADDRESS]
            query += [("ids[]", number) for number in part]
            tasks += self.client.get(f"{self.path}export", query)
        return tasks

    def withdraw(self, numbers):
        """Delete those tasks to which nobody answered, in this moment, anything."""
        unanswered = [
            _filter("filter:tasks:total_annotations", "equal", "Number", 0),
            _filter("filter:tasks:cancelled_annotations", "equal", "Number", 0),
        ]
        for k in range(0, len(numbers), PAGE):
            selected = {"all": False, "included": list(numbers[k : k + PAGE])}
            body = {
                "filters": {"conjunction": "and", "items": unanswered},
                "selectedItems": selected,
                "project": self.number,
            }
            path = f"/api/dm/actions?id=delete_tasks&project={self.number}"
            self.client.post(path, body, repeat=True)

    def show_predictions(self, version):
        """Show people the predictions of one model."""
        self.client.patch(self.path, {"model_version": version})

    def _list(self, filters):
        query = {"filters": {"conjunction": "and", "items": filters}}
        asked = {"project": self.number, "page_size": PAGE, "query": json.dumps(query)}
        tasks = {}
        for page in range(1, 10_000):
            try:
                reply = self.client.get("/api/tasks", {**asked, "page": page})
            except LabelStudioError as error:
                if error.status == 404 and page > 1:  # some were deleted meanwhile
                    break
                raise
            tasks.update((task["id"], task) for task in reply["tasks"])
            if len(tasks) >= reply["total"] or not reply["tasks"]:
                break
        return [tasks[number] for number in sorted(tasks)]


def doubles(tasks):
    """Return the numbers of tasks that ask what another one asks.

    Of each id, the first that was answered stays, else the first.

    Examples
    --------
    >>> from skactive.serve._project import doubles
    >>> doubles([{"id": n, "data": {"skactive_id": n % 2}} for n in (1, 2, 3)])
    [3]
    """
    of_name = {}
    for task in tasks:
        of_name.setdefault(task["data"].get("skactive_id"), []).append(task)
    again = []
    for same in of_name.values():
        stays = next(filter(_is_answered, same), same[0])
        again += [task["id"] for task in same if task is not stays]
    return again


def _is_answered(task):
    return any(task.get(f"{kind}_annotations") for kind in ("total", "cancelled"))


def _filter(key, operator, kind, value):
    return {"filter": key, "operator": operator, "type": kind, "value": value}


def _parts(tasks):
    """Yield tasks in as many parts as requests are needed."""
    part, size = [], 0
    for task in tasks:
        length = len(json.dumps(task))
        if part and (len(part) >= AT_ONCE or size + length > CHARACTERS):
            yield part
            part, size = [], 0
        part.append(task)
        size += length
    if part:
        yield part


def _check_config(settings, config):
    """Refuse a project whose questions are not those of a config."""
    where = f"Project {settings.get('id')} ({settings.get('title')!r})"
    advice = (
        "Give the number of the project with this config, or paste config.to_xml() "
        "into its settings, Labeling Interface."
    )
    try:
        there = LabelConfig(settings.get("label_config"))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{where} asks nothing yet: {error} {advice}") from error
    for name, control in config.controls.items():
        found = there.controls.get(name)
        same = found is not None and all(
            getattr(found, key) == getattr(control, key)
            for key in ("to_name", "tag", "kind", "labels")
        )
        if not same:
            raise ValueError(
                f"{where} does not ask {name!r} as config does: it has {there}, and "
                f"config {config}. {advice}"
            )
    more = [name for name in there.controls if name not in config.controls]
    if more:
        raise ValueError(
            f"{where} also asks {more}, which config does not know. Give the whole "
            "config of the project, and control= the question that is learned from."
        )
    if there.objects != config.objects:
        raise ValueError(
            f"{where} shows {there.objects}, and config {config.objects}. {advice}"
        )
