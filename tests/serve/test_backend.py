"""The ML backend, asked as a server asks it."""

import base64
import copy
import json
import logging
import os
import threading
import urllib.request
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skactive import ActiveLearner
from skactive.io import Journal
from skactive.io.label_studio import LabelConfig
from skactive.serve import LabelStudioBackend
from skactive.uncertainty import MarginSampling

CONFIG = LabelConfig.make("classes", ["neg", "pos"], of="text")
PROJECT = "7.1795633029"
SETUP = {"project": PROJECT, "schema": CONFIG.to_xml(), "access_token": "t"}
LEARNER = ActiveLearner(LogisticRegression(), MarginSampling())


def label(row):
    return "pos" if row >= 10 else "neg"


def event(action, **more):
    return {"action": action, "project": {"id": 7}, **more}


@pytest.fixture
def make(paper, two_groups):
    """Make a backend of the paper project."""

    def make(learner=None, **params):
        learner = LogisticRegression() if learner is None else learner
        return LabelStudioBackend(learner, two_groups, paper, 7, CONFIG, **params)

    return make


def predict(ask, backend, rows, **more):
    tasks = [{"id": 100 + row, "data": {"skactive_id": row}} for row in rows]
    body = {"tasks": tasks, "project": PROJECT, "params": {"context": None}}
    status, reply = ask(backend, "POST", "/predict", {**body, **more})
    assert status == 200, reply
    return reply["results"]


def choices(results):
    return [r["result"] and r["result"][0]["value"]["choices"][0] for r in results]


# ------------------------------------------------------------- what the server asks


@pytest.mark.parametrize("path", ["/health", "/"])
def test_health_names_the_model(make, ask, path):
    up = {"status": "UP", "model_class": "LogisticRegression"}
    assert ask(make(), "GET", path) == (200, up)
    assert ask(make(LEARNER), "GET", path) == (200, up)
    learner = {"status": "UP", "model_class": "ActiveLearner"}
    assert ask(make(ActiveLearner()), "GET", path) == (200, learner)


def test_a_day_at_the_backend(make, ask, paper):
    backend = make()
    assert ask(backend, "POST", "/setup", SETUP) == (
        200,
        {"model_version": "skactive-0"},
    )
    none = {"result": [], "score": 0.0, "model_version": "skactive-0"}
    assert predict(ask, backend, [3, 12]) == [none, none]

    paper.answers = {row: label(row) for row in (1, 4, 11)}
    assert ask(backend, "POST", "/webhook", event("ANNOTATION_CREATED"))[0] == 201
    assert backend.wait(30)
    version = backend.version
    assert version.startswith("skactive-3-")
    assert ask(backend, "POST", "/setup", SETUP) == (200, {"model_version": version})
    results = predict(ask, backend, [19, 0, 12])
    assert choices(results) == ["pos", "neg", "pos"]
    assert all(0 < r["score"] <= 1 for r in results)
    assert {r["model_version"] for r in results} == {version}
    assert ask(backend, "GET", "/versions") == (200, {"versions": [version]})

    # A correction, then a deletion.
    paper.answers = {row: "neg" if label(row) == "pos" else "pos" for row in (1, 4, 11)}
    ask(backend, "POST", "/webhook", event("ANNOTATION_UPDATED", annotation={"id": 1}))
    assert backend.wait(30)
    assert choices(predict(ask, backend, [19, 0, 12])) == ["neg", "pos", "neg"]
    paper.answers.pop(4)
    deleted = event("ANNOTATIONS_DELETED", annotations=[{"id": 4}])
    ask(backend, "POST", "/webhook", deleted)
    assert backend.wait(30)
    assert backend.version.startswith("skactive-2-")
    assert choices(predict(ask, backend, [19, 0, 12])) == ["neg", "pos", "neg"]
    assert backend.error is None


def test_answers_from_before_the_start_are_learned_at_setup(make, ask, paper):
    paper.answers = {1: "neg", 11: "pos"}
    backend = make()
    ask(backend, "POST", "/setup", SETUP)
    assert backend.wait(30)
    reads = paper.reads
    assert backend.version.startswith("skactive-2-")
    for _ in range(3):  # each opening of a task asks
        ask(backend, "POST", "/setup", SETUP)
    assert backend.wait(30)
    assert paper.reads == reads
    # After a restart, the same answers have the same name.
    assert make().train().wait(30)
    again = make()
    ask(again, "POST", "/setup", SETUP)
    assert again.wait(30)
    assert again.version == backend.version
    other = make(LogisticRegression(C=2)).train()
    assert other.wait(30)
    assert other.version != backend.version


def test_what_the_server_says_is_not_believed(make, ask, paper):
    backend = make()
    paper.answers = {1: "neg", 11: "pos"}
    lies = {"result": [{"value": {"choices": ["pos"]}}], "task": 1, "id": 1}
    body = event("ANNOTATION_CREATED", annotation=lies, task={"data": {}})
    assert ask(backend, "POST", "/webhook", body)[0] == 201
    assert backend.wait(30)
    assert choices(predict(ask, backend, [1])) == ["neg"]
    # Events without news cost no training.
    model = backend._trained.learner
    for action in ("ANNOTATION_CREATED", "START_TRAINING"):
        ask(backend, "POST", "/webhook", event(action))
        assert backend.wait(30)
    assert backend._trained.learner is model


@pytest.mark.parametrize(
    "body, status",
    [
        ({"action": "ANNOTATION_CREATED"}, 201),  # "send payload" is off
        ({"action": "ANNOTATIONS_CREATED", "project": 7}, 201),
        ({"action": "START_TRAINING", "project": {"id": 7}}, 201),
        ({"action": "ANNOTATION_CREATED", "project": {"id": 8}}, 200),
        ({"action": "ANNOTATION_CREATED", "project": 8}, 200),
        ({"action": "PROJECT_UPDATED", "project": {"id": 7}}, 200),
        ({"action": "TASKS_CREATED", "project": {"id": 7}}, 200),
        ({"action": "TASKS_DELETED", "project": {"id": 7}}, 200),
        ({"action": "LABEL_LINK_CREATED", "project": {"id": 7}}, 200),
        ({"action": None}, 200),
        ({}, 200),
    ],
)
def test_events(make, ask, paper, body, status):
    backend = make()
    assert ask(backend, "POST", "/webhook", body)[0] == status
    assert backend.wait(30)
    assert paper.reads == (status == 201)


@pytest.mark.parametrize(
    "path, body, message",
    [
        ("/setup", {"project": "8.1795633029"}, "project 7, and was asked about '8."),
        ("/setup", {}, "None"),
        ("/setup", {"project": "77"}, "'77'"),
        ("/predict", {"project": "8.1", "tasks": []}, "project 7"),
        ("/predict", {"project": PROJECT}, "tasks must be a list"),
        ("/predict", {"project": PROJECT, "tasks": {"id": 3}}, "tasks must be a list"),
    ],
)
def test_requests_of_others_are_refused(make, ask, path, body, message):
    status, reply = ask(make(), "POST", path, body)
    assert status == 400
    assert message in reply["detail"]


def test_tasks_of_others_get_no_prediction_and_keep_their_place(make, ask, paper):
    paper.answers = {1: "neg", 11: "pos"}
    backend = make().train()
    assert backend.wait(30)
    tasks = [{"id": 1, "data": {"text": "of ours, not"}}, {"data": {"skactive_id": 12}}]
    tasks += [None, {"data": {"skactive_id": "12"}}, {"data": {"skactive_id": 20}}]
    results = predict(ask, backend, [], tasks=tasks)
    assert choices(results) == [[], "pos", [], [], []]
    # A person who works with the model asks with a context.
    context = {"context": {"result": []}}
    assert choices(predict(ask, backend, [12], params=context)) == ["pos"]


def test_names_in_place_of_rows(ask, paper, two_groups):
    ids = [f"flower-{k}" for k in range(20)]
    backend = LabelStudioBackend(
        LogisticRegression(), two_groups, paper, 7, CONFIG, ids=ids
    )
    export = paper.get

    def named(path, query):
        tasks = export(path, query)
        for task in tasks:
            task["data"]["skactive_id"] = f"flower-{task['data']['skactive_id']}"
        return tasks

    paper.get = named
    paper.answers = {1: "neg", 11: "pos"}
    assert backend.train().wait(30)
    tasks = [{"data": {"skactive_id": name}} for name in ("flower-12", 12, "flower-2")]
    assert choices(predict(ask, backend, [], tasks=tasks)) == ["pos", [], "neg"]


@pytest.mark.parametrize("container", ["texts", "array of texts", "frame", "csr"])
def test_containers(ask, paper, two_groups, container):
    texts = [f"far {k}" if k >= 10 else f"near {k}" for k in range(20)]
    X, model = {
        "texts": (texts, make_pipeline(CountVectorizer(), LogisticRegression())),
        "array of texts": (
            np.array(texts, dtype=object),
            make_pipeline(CountVectorizer(), LogisticRegression()),
        ),
        "frame": (pd.DataFrame(two_groups, columns=["a", "b"]), LogisticRegression()),
        "csr": (sparse.csr_array(two_groups), LogisticRegression()),
    }[container]
    backend = LabelStudioBackend(model, X, paper, 7, CONFIG)
    paper.answers = {row: label(row) for row in (1, 2, 11, 12)}
    assert backend.train().wait(30)
    assert backend.error is None
    assert choices(predict(ask, backend, [19, 0, 12])) == ["pos", "neg", "pos"]


def test_a_password(make, ask):
    backend = make(auth=("u", "p"))
    said = {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(b"u:p").decode()}
    for method, path, body in [
        ("GET", "/health", None),
        ("GET", "/", None),
        ("POST", "/setup", SETUP),
        ("POST", "/predict", {"project": PROJECT, "tasks": []}),
        ("GET", "/versions", None),
    ]:
        assert ask(backend, method, path, body)[0] == 401
        assert ask(backend, method, path, body, **said)[0] == 200
    # The server says none there.
    assert ask(backend, "POST", "/webhook", event("ANNOTATION_CREATED"))[0] == 201


# ------------------------------------------------------------------------ learning


class Slow(ClassifierMixin, BaseEstimator):
    """Learns when it is let; predicts the class it saw first."""

    begun, go = threading.Event(), threading.Event()
    fits = []

    def fit(self, X, y):
        self.begun.set()
        assert self.go.wait(30)
        self.fits.append(len(X))
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def test_the_last_model_answers_while_the_next_one_learns(make, ask, paper):
    Slow.begun.clear()
    Slow.go.set()
    Slow.fits.clear()
    backend = make(Slow())
    paper.answers = {1: "neg", 11: "pos"}
    assert backend.train().wait(30)
    version = backend.version
    Slow.go.clear()
    Slow.begun.clear()
    for row in (2, 3, 12, 13):
        paper.answers[row] = label(row)
        assert ask(backend, "POST", "/webhook", event("ANNOTATION_CREATED"))[0] == 201
        assert Slow.begun.wait(30)
    assert not backend.wait(0.01)
    assert backend.version == version
    assert choices(predict(ask, backend, [12])) == ["neg"]
    assert ask(backend, "POST", "/setup", SETUP) == (200, {"model_version": version})
    Slow.go.set()
    assert backend.wait(30)
    # Four events, of which three came during one training, are two trainings.
    assert Slow.fits == [2, 3, 6]
    assert backend.version.startswith("skactive-6-")


@pytest.mark.parametrize(
    "fault", [RuntimeError("it is down"), OSError(), KeyError("x")]
)
def test_a_training_that_fails_leaves_the_model(make, ask, paper, caplog, fault):
    backend = make()
    paper.answers = {1: "neg", 11: "pos"}
    assert backend.train().wait(30)
    version = backend.version
    paper.answers[2] = "neg"
    paper.fails = fault
    with caplog.at_level(logging.ERROR, "skactive.serve"):
        assert ask(backend, "POST", "/webhook", event("ANNOTATION_CREATED"))[0] == 201
        assert backend.wait(30)
    assert backend.error is fault
    assert version in caplog.text
    assert backend.version == version
    assert choices(predict(ask, backend, [12])) == ["pos"]
    # The next event makes up for it.
    paper.fails = None
    ask(backend, "POST", "/webhook", {"action": "START_TRAINING"})
    assert backend.wait(30)
    assert backend.error is None
    assert backend.version.startswith("skactive-3-")


def test_answers_that_cannot_be_used_are_logged(make, paper, caplog):
    backend = make()
    paper.answers = {1: "neg", 11: "pos", 2: "perhaps"}
    with caplog.at_level(logging.WARNING, "skactive.serve"):
        assert backend.train().wait(30)
    assert "perhaps" in caplog.text
    assert backend.version.startswith("skactive-2-")


def test_a_fitted_learner_answers_from_the_start(make, ask, paper, two_groups):
    learner = ActiveLearner(LogisticRegression(), MarginSampling())
    y = np.array([None] * 20)
    y[[0, 15]] = ["neg", "pos"]
    learner.fit(two_groups, y)
    labels = learner.labels_
    backend = make(learner)
    assert backend.version == "skactive-given"
    assert choices(predict(ask, backend, [12, 2])) == ["pos", "neg"]
    paper.answers = {1: "pos", 11: "neg"}
    assert backend.train().wait(30)
    assert choices(predict(ask, backend, [12, 2])) == ["neg", "pos"]
    # What was given is as it was.
    assert (learner.labels_ == labels).all()
    assert learner.predict(two_groups[[12]]) == ["pos"]


# --------------------------------------------------------------------------- order


def test_open_tasks_are_asked_in_the_order_of_the_query(make, ask, paper, two_groups):
    backend = make(LEARNER, ahead=3)
    paper.answers = {0: "neg", 19: "pos"}
    paper.open = list(range(1, 19))
    assert backend.train().wait(30)
    assert backend.error is None
    (_, tasks), (_, shown) = paper.sent
    assert shown == {"model_version": backend.version}
    y = np.array([None] * 20)
    y[[0, 19]] = ["neg", "pos"]
    learner = ActiveLearner(LogisticRegression(), MarginSampling())
    query = learner.fit(two_groups, y).query(3)
    assert [task["task"] - 100 for task in tasks] == query.tolist()
    np.testing.assert_allclose([task["score"] for task in tasks], [0, 1 / 3, 2 / 3])
    # Asked for a prediction, it says the same, and less wanted for all others.
    rest = next(row for row in paper.open if row not in query)
    scores = [r["score"] for r in predict(ask, backend, [*query.tolist(), rest])]
    np.testing.assert_allclose(scores, [0, 1 / 3, 2 / 3, 1])


def test_the_model_is_ready_even_if_the_order_cannot_be_sent(make, ask, paper):
    backend = make(LEARNER, ahead=3)
    paper.answers = {0: "neg", 19: "pos"}
    paper.open = [4, 5]
    paper.post = lambda path, body: {"created": 0}
    assert backend.train().wait(30)
    assert "took 0 of 2" in str(backend.error)
    assert choices(predict(ask, backend, [12])) == ["pos"]


def test_nothing_is_sent_when_all_is_answered(make, paper):
    backend = make(LEARNER, ahead=3)
    paper.answers = {row: label(row) for row in range(20)}
    assert backend.train().wait(30)
    assert backend.error is None
    assert paper.sent == []


# ----------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    "params, message",
    [
        ({"ahead": 3}, "ahead=3 asks in the order of a query, and LogisticRegression"),
        ({"learner": LEARNER, "ahead": -1}, "got -1"),
        ({"learner": LEARNER, "ahead": 2.5}, "got 2.5"),
        ({"learner": LEARNER, "ahead": True}, "got True"),
        ({"ids": ["a", "b"]}, "20 rows, and there are 2 ids"),
        ({"ids": [0] * 20}, "must all be different"),
        ({"control": "box"}, "control='box'"),
        ({"auth": "u:p"}, "auth is"),
        ({"auth": ("u",)}, "auth is"),
        ({"auth": ("u", None)}, "auth is"),
        ({"learner": ActiveLearner(oracle=lambda rows, X: rows)}, "its oracle"),
    ],
)
def test_what_is_refused(make, params, message):
    with pytest.raises(ValueError, match="LabelStudioBackend|ids|control") as error:
        make(**params)
    assert message in str(error.value)


def test_a_journal_would_do_nothing(make, tmp_path):
    journal = Journal(tmp_path / "answers.jsonl")
    with pytest.raises(ValueError, match="its journal would do nothing"):
        make(ActiveLearner(journal=journal))


def test_a_config_that_is_none(two_groups, paper):
    with pytest.raises(TypeError, match="LabelConfig"):
        LabelStudioBackend(LogisticRegression(), two_groups, paper, 7, CONFIG.to_xml())


# --------------------------------------------------------------- what was recorded


@pytest.fixture
def recorded(data_dir):
    """Requests that a real server sent."""
    folder = Path(os.fspath(data_dir)) / "label_studio"
    return {
        name: json.loads((folder / f"{name}.json").read_text())
        for name in ("ml_backend", "webhooks")
    }


@pytest.mark.real_data
def test_recorded_requests_over_http(recorded, paper, two_groups):
    requests = recorded["ml_backend"]
    config = LabelConfig(requests["POST /setup"]["body"]["schema"])
    paper.name = "cls"
    paper.answers = {1: "neg", 11: "pos"}
    paper.get = _at_project(paper.get, 33)
    model = LogisticRegression()
    backend = LabelStudioBackend(model, two_groups, paper, 33, config)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with backend.make_server(port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name, request in requests.items():
            method, path = name.split()[:2]
            body = copy.deepcopy(request["body"])
            if path == "/setup":  # recorded when it was another project's
                body["project"] = "33.1795632573"
            data = None if body is None else json.dumps(body).encode()
            url = f"http://127.0.0.1:{server.server_port}{path}"
            sent = urllib.request.Request(url, data, request["headers"], method=method)
            with opener.open(sent, timeout=30) as reply:
                found = reply.status, json.load(reply)
            _compare(name, body, found, request["reply"])
            assert backend.wait(30)
            assert backend.error is None
        server.shutdown()
    assert backend.version.startswith("skactive-2-")


def _at_project(get, number):
    return lambda path, query: get(path.replace(f"/{number}/", "/7/"), query)


def _compare(name, body, found, recorded):
    """Compare a reply with the recorded one of another backend: the same shape."""
    status, reply = found
    if "PROJECT_UPDATED" in name:  # heard, and nothing to do
        assert status == 200
        return
    assert status == recorded[0]
    assert set(reply) == set(recorded[1])
    if "/predict" in name:
        assert len(reply["results"]) == len(body["tasks"])
        known = [task["data"].get("skactive_id") in range(20) for task in body["tasks"]]
        for is_known, mine, theirs in zip(
            known, reply["results"], recorded[1]["results"]
        ):
            assert set(mine) == set(theirs)
            assert 0 <= mine["score"] <= 1
            assert bool(mine["result"]) == is_known
            if is_known:
                region, other = mine["result"][0], theirs["result"][0]
                assert set(region) - set(other) <= {"score"}
                assert region["type"] == other["type"]
                assert region["from_name"] == other["from_name"]


@pytest.mark.real_data
def test_recorded_webhooks(recorded, paper, two_groups, ask):
    learned_from = {"ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_DELETED"}
    assert learned_from < set(recorded["webhooks"])
    for request in recorded["webhooks"].values():
        body = request["body"]
        number = body["project"]["id"]
        backend = LabelStudioBackend(
            LogisticRegression(), two_groups, paper, number, CONFIG
        )
        paper.reads = 0
        paper.get = _at_project(type(paper).get.__get__(paper), number)
        status, reply = ask(backend, "POST", "/webhook", body)
        assert backend.wait(30)
        heard = body["action"] in learned_from
        assert (status, paper.reads) == ((201, 1) if heard else (200, 0))
        assert reply["status"] == "ok"
        assert backend.error is None
