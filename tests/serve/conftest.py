"""A server on loopback that does what Label Studio does, and one on paper."""

import io
import json
import re
import threading
import urllib.parse
from datetime import datetime, timedelta, timezone
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from wsgiref.util import setup_testing_defaults

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner
from skactive.io.label_studio import LabelConfig
from skactive.serve import LabelStudioClient, LabelStudioRun

LEGACY = "0123456789abcdef0123456789abcdef01234567"
PERSONAL = "eyJhbGci.eyJ0b2tl.c2lnbmF0"
HTML = b"<!DOCTYPE html><html><body>Log in</body></html>"


class Refused(Exception):
    """An answer of the server that is an error."""


class Fake:
    """Projects, tasks and annotations, as the real server keeps them.

    ``fail`` is asked before each request, by number, method and path, what happens:
    None, "drop" (heard by nobody), "cut" (done, and no answer), "late" (no answer, and
    done when ``late`` is called), "500", "html".
    """

    def __init__(self):
        self.projects, self.tasks, self.requests = {}, {}, []
        self.n_annotations, self.clock = (
            100,
            datetime(2026, 11, 25, tzinfo=timezone.utc),
        )
        self.access, self.n_access, self.lives = set(), 0, None
        self.legacy = True
        self.fail = lambda number, method, path: None
        self.imported = []  # every (batch, id) that was ever imported
        self.lock = threading.RLock()

    def now(self):
        self.clock += timedelta(seconds=1)
        return self.clock.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    # What people do.

    def answer(self, task, choice=None, *, who=1, result=None, skip=False, seconds=2.5):
        """Add an annotation, and return its number."""
        with self.lock:
            if result is None:
                result = [_choice(choice)] if choice is not None else []
            self.n_annotations += 1
            at = self.now()
            annotation = {
                "id": self.n_annotations,
                "completed_by": who,
                "updated_by": who,
                "result": result,
                "was_cancelled": skip,
                "created_at": at,
                "updated_at": at,
                "lead_time": seconds,
            }
            self.tasks[task]["annotations"].append(annotation)
            self.tasks[task]["updated_at"] = self.now()
            return annotation["id"]

    def correct(self, task, number, choice=None, *, result=None, seconds=1.0):
        with self.lock:
            annotation = self._annotation(task, number)
            annotation["result"] = [_choice(choice)] if result is None else result
            annotation["lead_time"] += seconds
            annotation["updated_at"] = self.now()
            self.tasks[task]["updated_at"] = self.now()

    def delete(self, task, number):
        with self.lock:
            annotation = self._annotation(task, number)
            self.tasks[task]["annotations"].remove(annotation)
            self.tasks[task]["updated_at"] = self.now()

    def queue(self, project=1):
        """Return the tasks that are served, in this order."""
        each = self.projects[project]
        assert each["sampling"] == "Sequential sampling"
        return [
            number
            for number, task in sorted(self.tasks.items())
            if task["project"] == project
            and sum(not a["was_cancelled"] for a in task["annotations"])
            < each["maximum_annotations"]
        ]

    def _annotation(self, task, number):
        return next(a for a in self.tasks[task]["annotations"] if a["id"] == number)

    # What requests do.

    def handle(self, method, path, query, body, credentials):
        if path == "/api/token/refresh":
            if body != {"refresh": PERSONAL}:
                raise Refused(401, {"detail": "Token is invalid or expired"})
            self.n_access += 1
            self.access = {f"access-{self.n_access}"}
            self.left = self.lives
            return 200, {"access": f"access-{self.n_access}"}
        self._authenticate(credentials)
        if path == "/api/projects/" and method == "POST":
            return self._create(body)
        if path == "/api/tasks":
            return self._list(query)
        if path == "/api/dm/actions":
            return self._delete(query, body)
        found = re.fullmatch(r"/api/projects/(\d+)/(import|export)?", path)
        if not found or int(found[1]) not in self.projects:
            raise Refused(404, {"detail": "Not found."})
        number, verb = int(found[1]), found[2]
        if verb == "import":
            return self._import(number, body)
        if verb == "export":
            return self._export(number, query)
        if method == "PATCH":
            self._check_version(number, body)
            self.projects[number].update(body)
        return 200, self.projects[number]

    def _authenticate(self, credentials):
        kind, _, token = (credentials or "").partition(" ")
        if kind == "Token" and token == LEGACY and self.legacy:
            return
        if kind == "Bearer" and token in self.access:
            if self.left is None:
                return
            self.left -= 1
            if self.left >= 0:
                return
            self.access.clear()
        detail = "Authentication credentials were not provided."
        raise Refused(401, {"status_code": 401, "detail": detail})

    def _create(self, body):
        number = len(self.projects) + 1
        self.projects[number] = {
            "id": number,
            "sampling": "Uniform sampling",
            "maximum_annotations": 1,
            "model_version": "",
            **body,
        }
        return 201, self.projects[number]

    def _check_version(self, number, body):
        known = {
            prediction["model_version"]
            for task in self.tasks.values()
            for prediction in task["predictions"]
            if task["project"] == number
        }
        if body.get("model_version", "") not in {"", *known}:
            raise Refused(
                400,
                {
                    "detail": "Validation error",
                    "validation_errors": {
                        "model_version": ["Model version doesn't exist either as live"]
                    },
                },
            )

    def _import(self, number, tasks):
        key = LabelConfig(self.projects[number]["label_config"]).objects
        key = next(iter(key.values()))[1]
        for k, task in enumerate(tasks):
            if key not in task["data"]:
                fault = f'Error at item {k}: "{key}" key is expected in task data'
                errors = {"non_field_errors": [fault]}
                body = {"detail": "Validation error", "validation_errors": errors}
                raise Refused(400, body)
        made, at = [], self.now()
        for task in tasks:
            new = max(self.tasks, default=0) + 1  # of deleted ones again, like SQLite
            data = task["data"]
            self.tasks[new] = {
                "id": new,
                "project": number,
                "data": data,
                "predictions": task.get("predictions", []),
                "annotations": [],
                "updated_at": at,
            }
            self.imported.append((data.get("skactive_batch"), data.get("skactive_id")))
            made.append(new)
        return 201, {"task_count": len(made), "task_ids": made}

    def _of(self, number):
        return [t for _, t in sorted(self.tasks.items()) if t["project"] == number]

    def _list(self, query):
        number = int(query["project"][0])
        if number not in self.projects:
            raise Refused(404, {"detail": "Not found."})
        filters = json.loads(query["query"][0])["filters"]["items"]
        tasks = [t for t in self._of(number) if _passes(t, filters)]
        size, page = int(query["page_size"][0]), int(query["page"][0])
        part = tasks[(page - 1) * size : page * size]
        if page > 1 and not part:
            raise Refused(404, {"detail": "Invalid page."})
        listed = [{**t, **_counts(t)} for t in part]
        for task in listed:
            task["annotations"] = task["predictions"] = []  # not asked for
        return 200, {"total": len(tasks), "tasks": listed}

    def _delete(self, query, body):
        assert query["id"] == ["delete_tasks"]
        number = int(query["project"][0])
        selected = body["selectedItems"]
        assert selected["all"] is False
        filters = body["filters"]["items"]
        gone = [
            t["id"]
            for t in self._of(number)
            if t["id"] in selected["included"] and _passes(t, filters)
        ]
        for task in gone:
            del self.tasks[task]
        return 200, {"processed_items": len(gone)}

    def _export(self, number, query):
        assert query["exportType"] == ["JSON"]
        numbers = {int(n) for n in query.get("ids[]", [])}
        tasks = [t for t in self._of(number) if not numbers or t["id"] in numbers]
        if "download_all_tasks" not in query:
            tasks = [t for t in tasks if t["annotations"]]
        return 200, tasks


def _choice(label):
    region = {"id": "a", "from_name": "label", "to_name": "text", "type": "choices"}
    return {**region, "value": {"choices": [label]}}


def _counts(task):
    skips = sum(a["was_cancelled"] for a in task["annotations"])
    n = len(task["annotations"])
    counts = {"total_annotations": n - skips, "cancelled_annotations": skips}
    return {**counts, "total_predictions": len(task["predictions"])}


def _passes(task, filters):
    values = {"updated_at": task["updated_at"], **_counts(task)}
    values |= {f"data.{key}": value for key, value in task["data"].items()}
    for each in filters:
        value = values.get(each["filter"].removeprefix("filter:tasks:"))
        if each["operator"] == "equal" and value != each["value"]:
            return False
        if each["operator"] == "greater" and not value > each["value"]:
            return False
    return True


class Handler(BaseHTTPRequestHandler):
    def _serve(self):
        fake = self.server.fake
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        url = urllib.parse.urlsplit(self.path)
        with fake.lock:
            fake.requests.append((self.command, url.path))
            what = fake.fail(len(fake.requests), self.command, url.path)
            if what == "drop":
                self.close_connection = True
                return
            if what == "500":
                return self._reply(500, b'{"detail": "Server error"}')
            if what == "html":
                return self._reply(200, HTML, "text/html")
            query = urllib.parse.parse_qs(url.query)
            credentials = self.headers.get("Authorization")
            if what == "late":
                self.close_connection = True
                fake.late = partial(
                    fake.handle, self.command, url.path, query, body, credentials
                )
                return
            try:
                status, reply = fake.handle(
                    self.command, url.path, query, body, credentials
                )
            except Refused as refused:
                status, reply = refused.args
            text = json.dumps(reply).encode()
        if what == "cut":
            self.close_connection = True
            return
        self._reply(status, text, "application/.json")

    do_GET = do_POST = do_PATCH = _serve

    def _reply(self, status, text, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass


@pytest.fixture
def fake(monkeypatch):
    """A server, which waits for nobody."""
    monkeypatch.setattr("skactive.serve._client.WAITS", (0.0, 0.0, 0.0))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.fake = Fake()
    server.fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.fake
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def client(fake):
    return LabelStudioClient(fake.url, LEGACY, timeout=10)


class Setting:
    """Sixty texts of three classes, a learner, and a project that asks about them."""

    classes = ("a", "b", "c")

    def __init__(self, fake, client, folder):
        self.fake, self.client, self.folder = fake, client, folder
        X, y = make_blobs(60, centers=3, cluster_std=1.5, random_state=0)
        self.X, self.y = X, np.array(self.classes)[y]
        self.config = LabelConfig.make("classes", self.classes, of="text")
        self.number = client.create_project("Texts", self.config)
        self.options = {}

    def restart(self, folder):
        """Begin with an empty project in another folder."""
        self.folder = folder
        self.fake.tasks.clear()
        self.fake.imported.clear()
        self.fake.projects[self.number]["sampling"] = "Uniform sampling"

    def learner(self, **options):
        """Return a learner as in a new process."""
        options = {"random_state": 0, "batch_size": 5, **options}
        journal = self.folder / "answers.jsonl"
        return ActiveLearner(LogisticRegression(), journal=journal, **options)

    def run(self, learner=None, **options):
        """Return a run as in a new process."""
        learner = self.learner().fit(self.X) if learner is None else learner
        options = {"state": self.folder / "run.json", **self.options, **options}
        texts = [f"text {k}" for k in range(len(self.X))]
        return LabelStudioRun(
            learner, self.client, self.number, self.config, texts, **options
        )

    def row(self, task):
        return self.fake.tasks[task]["data"]["skactive_id"]

    def work(self, n=None, **options):
        """Let a person answer what is served, rightly; return {task: annotation}."""
        queue = self.fake.queue(self.number)[:n]
        return {
            task: self.fake.answer(task, self.y[self.row(task)], **options)
            for task in queue
        }

    def check(self, learner):
        """See to it that the learner knows what was said, and the journal, once."""
        fake = self.fake
        assert len(set(fake.imported)) == len(fake.imported), "asked twice"
        names = [t["data"]["skactive_id"] for t in fake.tasks.values()]
        assert len(set(names)) == len(names)
        for task in fake.tasks.values():
            row, each = task["data"]["skactive_id"], task["annotations"]
            given = [a for a in each if not a["was_cancelled"]]
            if given:
                newest = max(given, key=lambda a: a["updated_at"])
                said = newest["result"][0]["value"]["choices"][0]
                assert learner.labels_[row] == said
            else:
                assert not learner.labeled_mask_[row]
                assert (row in learner.skipped_) == bool(each)
        labeled = {
            t["data"]["skactive_id"]
            for t in fake.tasks.values()
            if any(not a["was_cancelled"] for a in t["annotations"])
        }
        assert set(np.flatnonzero(learner.labeled_mask_)) == labeled


@pytest.fixture
def setting(fake, client, tmp_path):
    return Setting(fake, client, tmp_path)


@pytest.fixture
def tokens():
    return LEGACY, PERSONAL


class Paper:
    """What a client says of a project: answers are set, and no server is asked.

    Attributes: ``answers``, {row: label}; ``open``, rows with a task that nobody
    answered; ``sent``, what was posted or patched, as (path, body).
    """

    def __init__(self, name="label"):
        self.name = name
        self.answers = {}
        self.open = []
        self.sent = []
        self.reads = 0
        self.fails = None

    def get(self, path, query=None):
        self.reads += 1
        if self.fails is not None:
            raise self.fails
        assert path == "/api/projects/7/export"
        assert query["exportType"] == "JSON"
        rows = list(self.answers)
        rows += self.open if "download_all_tasks" in query else []
        return [self._task(row) for row in rows]

    def post(self, path, body):
        self.sent.append((path, body))
        return {"created": len(body)}

    def patch(self, path, body):
        self.sent.append((path, body))

    def _task(self, row):
        task = {"id": 100 + row, "data": {"skactive_id": row}, "annotations": []}
        if row in self.answers:
            region = {"from_name": self.name, "to_name": "text", "type": "choices"}
            region["value"] = {"choices": [self.answers[row]]}
            one = {"id": row, "completed_by": 1, "was_cancelled": False}
            when = sum(self.answers[row].encode())  # a correction is later or earlier
            one["updated_at"] = f"2026-11-25T18:57:{row:02}.{when:06}Z"
            task["annotations"] = [{**one, "result": [region]}]
        return task


@pytest.fixture
def paper():
    return Paper()


@pytest.fixture
def ask():
    """Ask a WSGI application: ``ask(app, method, path, body)`` -> (status, reply)."""

    def ask(app, method, path, body=None, **environ):
        data = b"" if body is None else json.dumps(body).encode()
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, **environ}
        environ["CONTENT_LENGTH"] = str(len(data))
        environ["wsgi.input"] = io.BytesIO(data)
        setup_testing_defaults(environ)
        said = []
        reply = app(environ, lambda status, headers: said.append(int(status[:3])))
        return said[0], json.loads(b"".join(reply))

    return ask


@pytest.fixture
def two_groups():
    """Twenty samples in two groups far apart: rows below 10, and the others."""
    X = np.random.RandomState(0).normal(size=(20, 2))
    X[:10] -= 10
    X[10:] += 10
    return X
