"""
=====================================
Answers from Label Studio, in files
=====================================

A query becomes a file of tasks that Label Studio imports; people label there; its
export becomes answers for ``teach``, with names, seconds, skips and, later,
corrections. A journal keeps all of it.

No server is used here, and no person. A few functions play both: they read the file of
tasks, look up what the digits are, are wrong or unsure now and then, and write what was
"said" in the format in which the server exports. The page
:ref:`labeling-with-people` has the rest.
"""

# %%
# 1,297 handwritten digits without a label, with names, and a labeling config. Labels
# are words there; ``classes`` says what the model calls them.
import json
import tempfile
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.io import Journal
from skactive.io.label_studio import LabelConfig, read_export, to_tasks, write_tasks
from skactive.uncertainty import MarginSampling

X, X_test, truth, y_test = train_test_split(
    *load_digits(return_X_y=True), test_size=500, random_state=0
)
X, X_test = X / 16, X_test / 16
names = [f"digit-{k:04}" for k in range(len(X))]
pictures = [np.kron(1 - x.reshape(8, 8), np.ones((8, 8))) for x in X]

words = ["zero", "one", "two", "three", "four"]
words += ["five", "six", "seven", "eight", "nine"]
config = LabelConfig.make("classes", words, classes=range(10))
print(config.to_xml()[:150], "...")

# %%
# What stands for the server and its people: Ada is careful, Bo is quick and sometimes
# wrong, and both skip what they cannot read. A real export has more keys; those that
# matter are here. A task that is answered again keeps its annotation, with a new time.
project = {}  # the tasks on the "server", by name
people = np.random.RandomState(0)


def import_tasks(path):
    for task in json.loads(path.read_text()):
        task.update(id=len(project) + 1, annotations=[])
        project[task["data"]["skactive_id"]] = task


def annotate(name, word, minute, who):
    shown = project[name].get("predictions", [{"result": []}])[0]["result"]
    choice = {"from_name": "label", "to_name": "image", "type": "choices"}
    said = [{**choice, "id": "a0", "value": {"choices": [word]}}]
    project[name]["annotations"] = [
        {
            "id": 100 + project[name]["id"],
            "completed_by": int(who),
            "was_cancelled": word is None,
            "lead_time": round(float(people.gamma(4, 1.5 / who)), 1),
            "updated_at": f"2026-03-02T10:{minute:02}:00Z",
            # A skip carries the prediction that was shown.
            "result": shown if word is None else said,
        }
    ]


def label_open_tasks(minute):
    for name, task in project.items():
        if not task["annotations"]:
            digit, luck = truth[names.index(name)], people.rand()
            who = people.choice([1, 2])  # Ada, Bo
            wrong, unsure = luck < 0.06 * (who - 1), luck > 0.95
            word = None if unsure else words[(digit + wrong) % 10]
            annotate(name, word, minute, who)


def export_project(path):
    path.write_text(json.dumps(list(project.values())))


# %%
# The first day. There is no model yet, and ``query`` says so. Nor does the file of
# tasks have predictions.
folder = Path(tempfile.mkdtemp())
learner = ActiveLearner(
    LogisticRegression(max_iter=300),
    MarginSampling(),
    classes=range(10),
    batch_size=20,
    journal=Journal(folder / "answers.jsonl", ids=names),
    random_state=0,
).fit(X)
with warnings.catch_warnings(record=True) as heard:
    warnings.simplefilter("always")
    rows = learner.query()
print(heard[0].message)


def as_tasks(rows, day):
    more = {}
    if hasattr(learner, "estimator_"):
        more["predictions"] = learner.predict(X[rows])
        more["scores"] = learner.predict_proba(X[rows]).max(axis=1)
    ids, shown = [names[row] for row in rows], [pictures[row] for row in rows]
    return to_tasks(ids, shown, config=config, round=day, **more)


write_tasks(folder / "round_0.json", as_tasks(rows, 0))
import_tasks(folder / "round_0.json")
label_open_tasks(minute=0)

# %%
# An export holds the whole project, answers of earlier days too. What is new in it is
# taught: rows that were not asked before, and answers that differ from what is known.


def teach_what_is_new(path):
    new = read_export(path, config).new_to(learner, names)
    calls = new.calls(names)
    for k, call in enumerate(calls, 1):  # fit once, after the last
        learner.teach(**call, relabel="replace", refit=k == len(calls))
    return new


export_project(folder / "export.json")
print(teach_what_is_new(folder / "export.json"))

# %%
# Six more rounds, with the model's predictions filled in.
for day in range(1, 7):
    rows = learner.query()
    tasks = as_tasks(rows, day)
    write_tasks(folder / f"round_{day}.json", tasks)
    import_tasks(folder / f"round_{day}.json")
    label_open_tasks(minute=day)
    export_project(folder / "export.json")
    print(day, teach_what_is_new(folder / "export.json"))

# %%
# The last batch, as people saw it: the most doubtful digits, with the prediction, how
# sure it was, and what was answered.
fig, axes = plt.subplots(2, 10, figsize=(10, 2.9), layout="constrained")
for ax, row, task in zip(axes.flat, rows, tasks):
    region = task["predictions"][0]["result"][0]
    guess, score = region["value"]["choices"][0], task["predictions"][0]["score"]
    said = "skipped" if row in learner.skipped_ else words[int(learner.labels_[row])]
    ax.imshow(pictures[row], cmap="gray")
    ax.set_title(f"{guess}? {score:.2f}\n{said}", fontsize=8)
    ax.set_axis_off()
plt.show()

# %%
# Ada looks through Bo's work and corrects it. The next export has the same annotations
# with newer times, and only these are taught. Rounds and history stay.
minute = 30
for name, task in project.items():
    one, digit = task["annotations"][0], truth[names.index(name)]
    told = one["result"][0]["value"]["choices"][0] if one["result"] else None
    if one["completed_by"] == 2 and not one["was_cancelled"] and told != words[digit]:
        annotate(name, words[digit], minute, who=1)
before, score = len(learner.history_["n_labeled"]), learner.score(X_test, y_test)
export_project(folder / "export.json")
corrections = teach_what_is_new(folder / "export.json")
print(f"{len(corrections)} corrections")
print("rounds before and after:", before, len(learner.history_["n_labeled"]))
print(f"test accuracy {score:.3f} before, {learner.score(X_test, y_test):.3f} after")

# %%
# The journal has it all: another process would go on from here. Seconds were passed on
# as costs, so the curve is drawn over the time that people spent.
paid = {}
for event in learner.journal.events():
    if event["event"] in ("answer", "skip"):
        paid.setdefault(event["who"], []).append(event["cost"])
for who, seconds in sorted(paid.items()):
    print(f"person {who}: {len(seconds)} answers and skips, {sum(seconds):.0f} seconds")
learner.journal.close()
again = ActiveLearner(
    LogisticRegression(max_iter=300),
    MarginSampling(),
    classes=range(10),
    journal=Journal(folder / "answers.jsonl", ids=names),
    random_state=0,
).fit(X)
print("as before:", bool((again.labels_ == learner.labels_).all()))

minutes = np.array(learner.history_["cost"]) / 60
scores = list(learner.staged_score(X_test, y_test))
fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
ax.plot(minutes, scores, marker="o", markersize=4)
ax.set(xlabel="minutes of labeling", ylabel="accuracy on 500 test digits")
ax.grid(alpha=0.3)
plt.show()
