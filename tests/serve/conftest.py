"""A server that exists on paper, and requests that were recorded from a real one."""

import io
import json
from wsgiref.util import setup_testing_defaults

import numpy as np
import pytest


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
