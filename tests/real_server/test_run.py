"""A learner whose questions people answer on a real server."""

import random
import subprocess
import sys
import time

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.io import Journal
from skactive.io.label_studio import LabelConfig, boxes_to_percent, brush_encode
from skactive.serve import (
    LabelStudioClient,
    LabelStudioError,
    LabelStudioOracle,
    LabelStudioRun,
)

pytestmark = [
    pytest.mark.real_server,
    pytest.mark.filterwarnings("ignore:There is no model to ask"),
]

CLASSES = ("a", "b", "c")
CONFIG = LabelConfig.make("classes", CLASSES, of="text")


def blobs():
    X, y = make_blobs(80, centers=3, cluster_std=1.5, random_state=0)
    return X, np.array(CLASSES)[y]


def texts():
    return [f"text {k}" for k in range(80)]


def label(person, project, act, most=1000):
    """Let a person do all that is handed out; return the rows, in that order."""
    rows = []
    while len(rows) < most and (task := person.next(project)) is not None:
        rows.append(task["data"]["skactive_id"])
        act(task, rows[-1])
    return rows


def majority(votes, classes):
    """Return the commonest answer to each row, and its share."""
    labels, shares = [], []
    for row in dict.fromkeys(row for row, *_ in votes):
        said = [answer for at, _, answer, _ in votes if at == row]
        labels.append(max(classes, key=said.count))
        shares.append(said.count(labels[-1]) / len(said))
    return labels, shares


def test_three_rounds_of_two_people(server, second, tmp_path):
    X, y = blobs()
    admin, path = server.admin, tmp_path / "answers.jsonl"
    client = LabelStudioClient(server.url, admin.pat)
    project = client.create_project("Two people", CONFIG, maximum_annotations=2)
    learner = ActiveLearner(LogisticRegression(), journal=path, random_state=0).fit(X)
    run = LabelStudioRun(
        learner,
        client,
        project,
        CONFIG,
        texts(),
        state=tmp_path / "run.json",
        aggregate=majority,
        cost="lead_time",
        predict=lambda rows: (
            learner.predict(X[rows]),
            learner.predict_proba(X[rows]).max(axis=1),
        ),
    )
    made = {}

    def of_admin(task, row):
        if row in rows[:6]:
            made[row] = admin.choose(task["id"], y[row], lead_time=2.0)
        else:
            admin.skip(task["id"])

    def of_second(task, row):
        if row in rows[:6] and row % 5:
            second.choose(task["id"], y[row], lead_time=1.0)
        else:
            second.skip(task["id"])

    for k in range(3):
        rows = run.push(8).tolist()
        assert label(admin, project, of_admin) == rows
        counts = run.poll()
        assert (counts["waiting"], counts["open"]) == (8, 0)
        assert run.teach()["labels"] == 0  # another person is to answer as well
        assert sorted(label(second, project, of_second)) == sorted(rows)
        counts = run.teach()
        assert (counts["labels"], counts["skips"]) == (6, 2)
        client._access = f"{client._access[:-4]}aaaa"  # as after five minutes
        if k:
            shown = client.get(f"/api/projects/{project}/")["model_version"]
            assert shown == run.status()["batch"]
    assert learner.labeled_mask_.sum() == 18 and len(learner.skipped_) == 6
    assert (learner.labels_[list(made)] == y[list(made)]).all()
    # Both change their minds about a row of the first batch; of another, what was
    # said is deleted.
    first, other = list(made)[:2]
    wrong = next(each for each in CLASSES if each != y[first])
    for each in client.get(f"/api/tasks/{made[first]['task']}/")["annotations"]:
        region = {**made[first]["result"][0], "value": {"choices": [wrong]}}
        if not each["was_cancelled"]:
            admin.correct(each["id"], [region])
    for each in client.get(f"/api/tasks/{made[other]['task']}/")["annotations"]:
        admin.delete(each["id"])
    counts = run.teach()
    assert (counts["corrections"], counts["forgotten"]) == (1, 1)
    assert learner.labels_[first] == wrong and not learner.labeled_mask_[other]
    assert run.confidence_[first] == 1.0
    events = Journal(path).events()
    assert sum(event["event"] == "answer" for event in events) == 19
    assert sum(event["event"] == "forget" for event in events) == 1
    again = ActiveLearner(LogisticRegression(), journal=path, random_state=0).fit(X)
    assert again.labels_.tolist() == learner.labels_.tolist()
    assert again.cost_ == learner.cost_ > 18 * 2


def test_the_oracle_waits_for_people(server, tmp_path):
    """A person answers whatever is there each time the oracle looks."""
    X, y = blobs()
    admin = server.admin
    client = LabelStudioClient(server.url, admin.token)
    project = client.create_project("Oracle", CONFIG)
    learner = ActiveLearner(
        LogisticRegression(),
        n_initial=6,
        budget=8,
        batch_size=4,
        journal=tmp_path / "answers.jsonl",
        random_state=0,
    )
    state = tmp_path / "run.json"
    run = LabelStudioRun(learner, client, project, CONFIG, texts(), state=state)
    oracle, served = LabelStudioOracle(run, every=0), []
    look = oracle._look

    def after_some_work(names):
        def act(task, row):
            admin.choose(task["id"], y[row])

        served.extend(label(admin, project, act, most=3))
        return look(names)

    oracle._look = after_some_work
    learner.set_params(oracle=oracle).fit(X)
    assert learner.termination_condition_ == "budget"
    assert served == learner.queried_indices_.tolist() and len(served) == 14
    assert (learner.labels_[served] == y[served]).all()
    assert run.teach() == dict.fromkeys(run.teach(), 0)
    server.stop()
    with pytest.raises(LabelStudioError, match="Is the server running"):
        run.poll()
    server.start()
    assert run.poll()["changed"] == 0


# ---------------------------------------------------------------------- boxes, masks


def squares(n=24, size=32):
    """Bright squares, as pictures and as a net takes them, and where they are."""
    rng = np.random.RandomState(0)
    pictures = rng.randint(0, 40, (n, size, size)).astype(np.uint8)
    corners = rng.randint(0, size - 12, (n, 2))
    for picture, (i, j) in zip(pictures, corners, strict=True):
        picture[i : i + 12, j : j + 12] += 200
    return pictures, (pictures[:, None] / 255).astype(np.float32), corners


def region(kind, value):
    size = {"original_width": 32, "original_height": 32, "image_rotation": 0}
    own = {"id": "x", "from_name": "label", "to_name": "image", "type": kind}
    return {**own, **size, "value": value}


def dense_run(server, tmp_path, net, config):
    pictures, X, corners = squares()
    admin = server.admin
    client = LabelStudioClient(server.url, admin.pat)
    project = client.create_project("Squares", config)
    journal = tmp_path / "answers.jsonl"
    learner = ActiveLearner(net, RandomSampling(), journal=journal, random_state=0)
    learner.fit(X)
    run = LabelStudioRun(
        learner,
        client,
        project,
        config,
        pictures,
        state=tmp_path / "run.json",
        predict=lambda rows: learner.predict(X[rows]),
    )
    return run, X, corners


@pytest.mark.deep
def test_boxes_out_and_back(server, tmp_path):
    from skactive.nets import NetDetector

    net = NetDetector(module__width=16, max_epochs=60, random_state=0)
    config = LabelConfig.make("boxes", ["square"])
    run, X, corners = dense_run(server, tmp_path, net, config)
    admin, number = server.admin, run.project.number
    truth = {}

    def draw(task, row):
        i, j = corners[row]
        truth[row] = [float(j), float(i), float(j) + 12, float(i) + 12]
        boxes = boxes_to_percent([truth[row]], (32, 32))
        keys = ("x", "y", "width", "height")
        value = dict(zip(keys, map(float, boxes[0]), strict=True))
        value |= {"rotation": 0, "rectanglelabels": ["square"]}
        admin.submit(task["id"], [region("rectanglelabels", value)])

    rows = run.push(8)
    assert label(admin, number, draw) == rows.tolist()
    assert run.teach()["labels"] == 8
    for row in rows:
        known = run.learner.labels_[row]
        assert known["boxes"].tolist() == [truth[row]]
        assert known["labels"].tolist() == ["square"]
    # Now there are predictions: the first is submitted as it is, the second emptied.
    rows = run.push(4).tolist()
    predicted = run.learner.predict(X[rows])

    def accept(task, row):
        if row == rows[0]:
            shown = task["predictions"][0]
            more = {"parent_prediction": shown["id"]}
            admin.submit(task["id"], shown["result"], **more)
        elif row == rows[1]:
            admin.submit(task["id"], [])
        else:
            draw(task, row)

    assert label(admin, number, accept) == rows
    assert run.teach()["labels"] == 4
    back = run.learner.labels_[rows[0]]["boxes"]
    np.testing.assert_allclose(back, predicted[0]["boxes"], atol=1e-3)
    assert run.learner.labels_[rows[1]]["boxes"].shape == (0, 4)
    assert len(run.learner.predict(X[:1])[0]["boxes"])


@pytest.mark.deep
def test_masks_out_and_back(server, tmp_path):
    from skactive.nets import NetSegmenter

    net = NetSegmenter(module__width=8, max_epochs=20, random_state=0)
    config = LabelConfig.make("masks", ["square"], classes=[1], unpainted=0)
    run, X, corners = dense_run(server, tmp_path, net, config)
    admin, number = server.admin, run.project.number

    def mask_of(row):
        mask = np.zeros((32, 32), dtype=np.uint8)
        i, j = corners[row]
        mask[i : i + 12, j : j + 12] = 1
        return mask

    def paint(task, row):
        rle = brush_encode(mask_of(row) == 1)
        value = {"format": "rle", "rle": rle, "brushlabels": ["square"]}
        admin.submit(task["id"], [region("brushlabels", value)])

    rows = run.push(8)
    assert label(admin, number, paint) == rows.tolist()
    assert run.teach()["labels"] == 8
    for row in rows:
        assert np.array_equal(run.learner.labels_[row], mask_of(row))
    rows = run.push(3).tolist()
    predicted = run.learner.predict(X[rows])

    def accept(task, row):
        admin.submit(task["id"], task["predictions"][0]["result"])

    assert label(admin, number, accept) == rows
    assert run.teach()["labels"] == 3
    for row, mask in zip(rows, predicted, strict=True):
        assert np.array_equal(run.learner.labels_[row], mask)
    assert run.learner.score(X, np.array([mask_of(k) for k in range(24)])) > 0.7


# --------------------------------------------------------------------------- SIGKILL

WORKER = """
import sys, warnings
import numpy as np
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression
from skactive import ActiveLearner
from skactive.io.label_studio import LabelConfig
from skactive.serve import LabelStudioClient, LabelStudioRun
warnings.simplefilter("ignore")
url, token, project, folder = sys.argv[1:5]
config = LabelConfig.make("classes", ["a", "b", "c"], of="text")
X, y = make_blobs(80, centers=3, cluster_std=1.5, random_state=0)
for verb in sys.stdin:
    # Each verb as if it were the first of a process.
    learner = ActiveLearner(
        LogisticRegression(), journal=folder + "/answers.jsonl", random_state=0
    )
    run = LabelStudioRun(
        learner.fit(X), LabelStudioClient(url, token), int(project), config,
        [f"text {k}" for k in range(80)], state=folder + "/run.json",
    )
    print("begun", flush=True)
    eval(verb)
    print("done", flush=True)
"""


class Workers:
    """Processes that do the verbs of a run, and are killed in the middle of them."""

    def __init__(self, *args):
        self.args = [sys.executable, "-c", WORKER, *map(str, args)]
        self.process = self.longest = None
        self.random, self.n_killed = random.Random(0), 0

    def _say(self, verb):
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                self.args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        self.process.stdin.write(verb + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "begun\n"

    def do(self, verb, longest, n_kills):
        """Do a verb after it was killed a number of times, within some seconds."""
        for _ in range(n_kills):
            self._say(verb)
            time.sleep(self.random.uniform(0, longest))
            self.process.kill()
            self.n_killed += "done" not in self.process.communicate()[0]
        self._say(verb)
        assert self.process.stdout.readline() == "done\n"

    def end(self):
        if self.process is not None:
            self.process.kill()
            self.process.communicate()


def test_killed_at_each_verb_and_begun_again(server, tmp_path):
    X, y = blobs()
    admin = server.admin
    client = LabelStudioClient(server.url, admin.token)
    project = client.create_project("Killed", CONFIG)
    workers = Workers(server.url, admin.token, project, tmp_path)
    served, said, skipped = [], {}, set()

    def act(task, row):
        if row % 7:
            said[row] = admin.choose(task["id"], y[row])
        else:
            admin.skip(task["id"])
            skipped.add(row)

    try:
        for k in range(3):
            workers.do("run.push(10)", 0.3, 5)
            served += label(admin, project, act)
            assert len(served) == len(set(served)) == 10 * (k + 1)
            workers.do("run.poll()", 0.1, 2)
            if k == 1:  # second thoughts about the first batch
                first, other = list(said)[:2]
                wrong = next(each for each in CLASSES if each != y[first])
                old = said[first]["result"][0]
                changed = [{**old, "value": {"choices": [wrong]}}]
                admin.correct(said[first]["id"], changed)
                admin.delete(said.pop(other)["id"])
            workers.do("run.teach()", 0.15, 5)
            if k == 1:
                y[first] = wrong
                # What was deleted is handed out again, until the next batch.
                again = label(admin, project, act)
                assert again == [other]
    finally:
        workers.end()
    path = tmp_path / "answers.jsonl"
    learner = ActiveLearner(LogisticRegression(), journal=path, random_state=0).fit(X)
    state = tmp_path / "run.json"
    run = LabelStudioRun(learner, client, project, CONFIG, texts(), state=state)
    run.teach()
    assert set(np.flatnonzero(learner.labeled_mask_)) == set(said)
    assert set(learner.skipped_) == skipped
    assert all(learner.labels_[row] == y[row] for row in said)
    events = Journal(path).events()
    answers = [event["id"] for event in events if event["event"] == "answer"]
    assert len(answers) == len(said) + 2  # the correction, and the one deleted
    assert workers.n_killed > 10
