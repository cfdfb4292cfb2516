"""Models of an ML backend: what they learn from, and what they predict."""

import hashlib
import json
from dataclasses import dataclass, field

import numpy as np
from sklearn.base import clone

from skactive.diversity import RandomSampling
from skactive.io._ids import plain_id
from skactive.io.label_studio import read_export
from skactive.io.label_studio._results import checked_score, to_result
from skactive.learner import ActiveLearner
from skactive.utils._dense_answers import as_objects
from skactive.utils._rows import take_rows


@dataclass(frozen=True)
class Trained:
    """One model and its name; it is replaced by the next one, and never changed.

    Parameters
    ----------
    version : str
        What the server knows it by.
    learner : ActiveLearner, estimator or None
        The model; None before there is one.
    ranks : dict, default={}
        {row: score} of the rows that are wanted next, 0 for the first.
    """

    version: str
    learner: object = None
    ranks: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Truth:
    """What people have answered, as it is on the server now.

    Parameters
    ----------
    rows : ndarray of int of shape (n,)
        Rows of ``X`` that have an answer.
    y : ndarray of shape (n,) or (n, n_labels)
        The newest answer to each.
    open : dict
        {row: number of the task} of the tasks to which nobody answered anything.
    faults : list of str
        Answers that cannot be used, and why.
    hash : str
        The same for the same answers and open tasks.
    """

    rows: np.ndarray
    y: np.ndarray
    open: dict
    faults: list
    hash: str


def read_truth(client, project, config, control, names, *, all_tasks):
    """Read what people have answered.

    Parameters
    ----------
    client : LabelStudioClient
        The way to the server.
    project : int
        Number of the project.
    config : LabelConfig
        Its labeling config.
    control : str
        The question.
    names : list
        The name of each row.
    all_tasks : bool
        Whether tasks without answers are read too.

    Returns
    -------
    truth : Truth
        ``open`` is empty unless ``all_tasks``.
    """
    query = {"exportType": "JSON"}
    if all_tasks:
        query["download_all_tasks"] = "true"
    tasks = client.get(f"/api/projects/{project}/export", query)
    answers = read_export(tasks, config, control=control, ids=names, faults="collect")
    newest = answers.newest()
    newest = newest.take(np.array(newest.status) == "answered")
    row_of = {name: row for row, name in enumerate(names)}
    free = {}
    for task in tasks:
        row = row_of_task(task, row_of)
        if row is not None and not task["annotations"]:
            free.setdefault(row, task["id"])
    changed = newest.updated_at.astype(str).tolist()
    seen = [newest.ids, newest.annotation_ids, changed, sorted(free.items())]
    return Truth(
        rows=newest.rows(names),
        y=newest.y,
        open=free,
        faults=answers.faults,
        hash=hashlib.sha256(json.dumps(seen).encode()).hexdigest(),
    )


def row_of_task(task, row_of):
    """Return the row of ``X`` that a task shows, None if it is none of ours."""
    data = task.get("data") if isinstance(task, dict) else None
    try:
        return row_of.get(plain_id(data["skactive_id"]))
    except (KeyError, TypeError, ValueError):
        return None


def as_learner(model, control):
    """Return an unfitted learner that does nothing but learn what it is given."""
    if hasattr(model, "teach"):
        if control.kind == "label_sets":
            raise ValueError(
                "LabelStudioBackend: an ActiveLearner learns one answer of each "
                f"sample, and {control.name!r} asks for several labels. Pass a "
                "multilabel classifier alone, such as KNeighborsClassifier()."
            )
    else:
        model = ActiveLearner(model, RandomSampling())
    return clone(model).set_params(simulate=False)


def learn(learner, X, truth):
    """Return a copy of a learner that has learned the answers; None without a model.

    Parameters
    ----------
    learner : ActiveLearner
        As ``as_learner`` returns it.
    X : array-like of shape (n_samples, ...)
        All samples.
    truth : Truth
        The answers.

    Returns
    -------
    learner : ActiveLearner, estimator for several labels, or None
        None if there cannot be a model yet: no answers, or all of one class.
    """
    if not len(truth.rows):
        return None
    if truth.y.ndim == 2:
        samples = take_rows(X, truth.rows)
        return clone(learner.estimator).fit(samples, truth.y.astype(int))
    n = X.shape[0] if hasattr(X, "shape") else len(X)
    if truth.y.dtype == object:
        y = as_objects([None] * n)
    else:
        y = np.full(n, np.nan)
    y[truth.rows] = truth.y
    fitted = clone(learner).fit(X, y)
    return fitted if hasattr(fitted, "estimator_") else None


def ranks_of(learner, rows, n):
    """Return {row: score} of the n rows that a learner wants most, 0 for the first."""
    n = min(n, len(rows))
    asked = learner.query(n, among=rows).tolist() if n else []
    return {row: k / len(asked) for k, row in enumerate(asked)}


def put_in_order(client, project, trained, task_of, found):
    """Have the server ask next for what a learner wants.

    Parameters
    ----------
    client : LabelStudioClient
        The way to the server.
    project : int
        Number of the project.
    trained : Trained
        The model; its ``ranks`` say what it wants.
    task_of : dict
        {row: number of the task}.
    found : list of dict
        Its predictions of the rows in ``ranks``, in that order.

    Raises
    ------
    RuntimeError
        If the server did not take all of them: it says so only by their number.
    """
    tasks = [
        {"task": task_of[row], **prediction}
        for row, prediction in zip(trained.ranks, found, strict=True)
    ]
    path = f"/api/projects/{project}/"
    created = client.post(f"{path}import/predictions", tasks)["created"]
    if created != len(tasks):
        raise RuntimeError(
            f"The server took {created} of {len(tasks)} predictions; its log may say "
            "why."
        )
    client.patch(path, {"model_version": trained.version})


def predictions(trained, X, rows, config, control, size_of):
    """Return predictions as the server has them, one for each row.

    Parameters
    ----------
    trained : Trained
        The model.
    X : array-like of shape (n_samples, ...)
        All samples.
    rows : list of int or None
        Rows of ``X``; nothing is predicted where there is none.
    config : LabelConfig
        The labeling config.
    control : Control
        The question.
    size_of : callable
        ``size_of(row)`` returns (height, width), or None.

    Returns
    -------
    predictions : list of dict
        "result", "score" and "model_version".
    """
    none = {"result": [], "score": 0.0, "model_version": trained.version}
    found = [dict(none) for _ in rows]
    at = [k for k, row in enumerate(rows) if row is not None]
    if trained.learner is None or not at:
        return found
    known = [rows[k] for k in at]
    samples = take_rows(X, known)
    answers = trained.learner.predict(samples)
    sure = _confidence(trained.learner, samples, control, len(known))
    for k, row, answer, score in zip(at, known, answers, sure, strict=True):
        found[k]["result"] = to_result(
            answer,
            control,
            score=score,
            image_size=size_of(row),
            unpainted=config.unpainted,
        )
        if score is None:
            score = _least(found[k]["result"])
        # Beside ranks, a confidence would jump the queue.
        found[k]["score"] = trained.ranks.get(row, 1.0) if trained.ranks else score
    return found


def _confidence(learner, samples, control, n):
    """Return how sure a model is of the class of each sample, None if it is not said.

    Examples
    --------
    >>> from sklearn.svm import LinearSVC
    >>> from skactive.io.label_studio import LabelConfig
    >>> from skactive.serve._trained import _confidence
    >>> control = LabelConfig.make("classes", ["a", "b"]).control()
    >>> _confidence(LinearSVC(), [[1.0], [2.0]], control, 2)
    [None, None]
    """
    if control.kind != "classes" or not hasattr(learner, "predict_proba"):
        return [None] * n
    proba = np.asarray(learner.predict_proba(samples))
    return [checked_score(score) for score in proba.max(axis=1).tolist()]


def _least(result):
    """Return the score of the region that the model is least sure of, else 0."""
    return min((r["score"] for r in result if "score" in r), default=0.0)
