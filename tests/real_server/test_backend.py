"""The ML backend, asked by a real server."""

import threading

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner
from skactive.io.label_studio import LabelConfig, to_tasks
from skactive.serve import LabelStudioBackend
from skactive.uncertainty import MarginSampling

pytestmark = pytest.mark.real_server

CONFIG = LabelConfig.make("classes", ["neg", "pos"], of="text")
NONE = [[]]


class Client:
    """Speaks as a person."""

    def __init__(self, person):
        self.person = person
        self.post = person.post
        self.patch = person.patch

    def get(self, path, query=None):
        return self.person.get(path, **(query or {}))


def label(row):
    return "pos" if row >= 10 else "neg"


@pytest.fixture
def X():
    X = np.random.RandomState(0).normal(size=(20, 2))
    X[:10] -= 10
    X[10:] += 10
    return X


@pytest.fixture
def make(server, X):
    """Make a project with a backend that the server knows: (backend, project)."""
    running = []

    def make(learner, sampling="Sequential sampling", number=None, **params):
        project = server.make_project(CONFIG.to_xml(), sampling=sampling)
        order = [k for pair in zip(range(10), range(10, 20)) for k in pair]
        shown = [f"sample {row}" for row in order]
        tasks = to_tasks(order, shown, config=CONFIG, batch="r0")
        server.admin.post(f"/api/projects/{project}/import", tasks)
        backend = LabelStudioBackend(
            learner,
            X,
            Client(server.admin),
            project if number is None else number,
            CONFIG,
            auth=("tool", "secret"),
            **params,
        )
        own = backend.make_server(port=0)
        running.append(own)
        threading.Thread(target=own.serve_forever, daemon=True).start()
        body = {"project": project, "title": "ours"}
        body["url"] = f"http://127.0.0.1:{own.server_port}"
        body["auth_method"] = "BASIC_AUTH"
        body["basic_auth_user"], body["basic_auth_pass"] = backend.auth
        registered = server.admin.post("/api/ml/", body)
        assert registered["state"] == "CO"
        return backend, project, registered["id"]

    yield make
    for own in running:
        own.shutdown()
        own.server_close()


def shown(task):
    """Return (labels, versions) that are shown with a task."""
    results = [p["result"] for p in task["predictions"]]
    labels = [r[0]["value"]["choices"] if r else [] for r in results]
    return labels, [p["model_version"] for p in task["predictions"]]


def test_people_see_what_the_model_learned(server, second, make):
    backend, project, number = make(LogisticRegression())
    for row in (0, 10):
        task = server.admin.next(project)
        assert task["data"]["skactive_id"] == row
        # Nothing is known at first; one class is no model either.
        assert shown(task) == (NONE, ["skactive-0"])
        server.admin.choose(task["id"], label(row))
        assert backend.wait(60)
    assert backend.version.startswith("skactive-2-")
    first = backend.version
    # An opening of a task asks for a prediction of the newest model.
    task = second.next(project)
    assert shown(task) == ([["neg"]], [first])
    assert 0.5 < task["predictions"][0]["score"] <= 1
    second.skip(task["id"])
    assert backend.wait(60)
    assert backend.version == first

    # A correction turns the model round.
    tasks = server.admin.get("/api/tasks", project=project, fields="all")["tasks"]
    for task in tasks:
        for annotation in task["annotations"]:
            if not annotation["was_cancelled"]:
                region = annotation["result"][0]
                other = "neg" if region["value"]["choices"] == ["pos"] else "pos"
                changed = [{**region, "value": {"choices": [other]}}]
                second.correct(annotation["id"], changed)
    assert backend.wait(60)
    assert backend.version not in ("skactive-0", first)
    task = second.next(project)
    assert task["data"]["skactive_id"] == 11
    assert shown(task) == ([["neg"]], [backend.version])
    server.admin.post(f"/api/ml/{number}/train")
    assert backend.wait(60)
    assert backend.error is None


def test_a_deleted_answer_is_unlearned(server, make):
    backend, project, _ = make(LogisticRegression())
    answers = []
    for _ in range(4):
        task = server.admin.next(project)
        row = task["data"]["skactive_id"]
        answers.append(server.admin.choose(task["id"], label(row))["id"])
        assert backend.wait(60)
    assert backend.version.startswith("skactive-4-")
    server.admin.delete(answers[0])
    assert backend.wait(60)
    assert backend.version.startswith("skactive-3-")
    assert backend.error is None


def test_predictions_of_all_tasks_at_once(server, make):
    backend, project, _ = make(LogisticRegression())
    for _ in range(2):
        task = server.admin.next(project)
        server.admin.choose(task["id"], label(task["data"]["skactive_id"]))
    assert backend.wait(60)
    path = f"/api/dm/actions?id=retrieve_tasks_predictions&project={project}"
    server.admin.post(path, {"selectedItems": {"all": True, "excluded": []}})
    tasks = server.admin.get("/api/tasks", project=project, fields="all")["tasks"]
    assert len(tasks) == 20
    for task in tasks:
        labels, versions = shown(task)
        assert versions[-1] == backend.version
        assert labels[-1] == [label(task["data"]["skactive_id"])]


def test_tasks_come_in_the_order_of_the_query(server, make):
    learner = ActiveLearner(LogisticRegression(), MarginSampling())
    backend, project, _ = make(learner, "Uncertainty sampling", ahead=3)
    followed = []
    for _ in range(14):  # ten of one class may come first
        wanted = next(iter(backend._trained.ranks), None)
        task = server.admin.next(project)
        row = task["data"]["skactive_id"]
        if wanted is not None:
            followed.append(row == wanted)
            assert task["predictions"][0]["score"] == 0
        server.admin.choose(task["id"], label(row))
        assert backend.wait(60)
        assert backend.error is None
    assert len(followed) >= 3
    assert all(followed)
    settings = server.admin.get(f"/api/projects/{project}/")
    assert settings["model_version"] == backend.version


def test_the_backend_of_another_project_says_so(server, make):
    with pytest.raises(Exception, match="400") as error:
        make(LogisticRegression(), number=10**6)
    assert "backend" in str(error.value)
