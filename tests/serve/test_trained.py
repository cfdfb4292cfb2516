"""Models of an ML backend: what they learn from, and what they predict."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skactive import ActiveLearner
from skactive.io.label_studio import LabelConfig
from skactive.io.label_studio._regions import to_answer
from skactive.serve._trained import (
    Trained,
    Truth,
    as_learner,
    learn,
    predictions,
    put_in_order,
    ranks_of,
    read_truth,
    row_of_task,
)
from skactive.uncertainty import MarginSampling
from skactive.utils._dense_answers import as_objects

CONFIG = LabelConfig.make("classes", ["neg", "pos"], of="text")
CONTROL = CONFIG.control()
SETS = LabelConfig.make("label_sets", ["far", "left", "up"], of="text")


def truth_of(answers, **more):
    """Return a truth of {row: answer}."""
    y = as_objects(list(answers.values()))
    rows = np.array(list(answers), dtype=np.intp)
    return Truth(rows, y, {}, [], "", **more)


# ----------------------------------------------------------------------- the truth


def read(paper, n=20, all_tasks=False):
    names = list(range(n))
    return read_truth(paper, 7, CONFIG, "label", names, all_tasks=all_tasks)


def test_answers_and_open_tasks(paper):
    paper.answers = {3: "pos", 12: "neg"}
    paper.open = [5, 1]
    truth = read(paper)
    assert truth.rows.tolist() == [3, 12]
    assert truth.y.tolist() == ["pos", "neg"]
    assert truth.open == {}
    assert read(paper, all_tasks=True).open == {5: 105, 1: 101}
    assert truth.faults == []


def test_the_hash_moves_with_the_answers_alone(paper):
    hashes = [read(paper).hash]
    paper.answers = {3: "pos"}
    hashes.append(read(paper).hash)
    paper.answers[12] = "neg"
    hashes.append(read(paper).hash)
    assert len(set(hashes)) == 3
    assert read(paper).hash == hashes[-1]
    del paper.answers[12]
    assert read(paper).hash == hashes[1]


def test_what_cannot_be_used_is_left_out(paper):
    paper.answers = {3: "pos", 4: "perhaps", 25: "neg"}
    truth = read(paper)
    assert truth.rows.tolist() == [3]
    assert len(truth.faults) == 2


def skipped(task, **more):
    return {**task, "annotations": [{**task["annotations"][0], **more}]}


def test_a_skip_teaches_nothing_and_its_task_is_not_open(paper):
    paper.answers = {3: "pos"}
    task = skipped(paper.get("/api/projects/7/export", {"exportType": "JSON"})[0])
    paper.get = lambda path, query: [skipped(task, was_cancelled=True)]
    truth = read(paper, all_tasks=True)
    assert truth.rows.tolist() == []
    assert truth.open == {}


def test_of_two_answers_the_newest_counts(paper):
    paper.answers = {3: "pos"}
    task = paper.get("/api/projects/7/export", {"exportType": "JSON"})[0]
    late = {**skipped(task, id=2, updated_at="2026-11-25T18:57:59.000000Z")}
    value = {"choices": ["neg"]}
    result = [{**late["annotations"][0]["result"][0], "value": value}]
    task["annotations"] += [{**late["annotations"][0], "result": result}]
    paper.get = lambda path, query: [task]
    assert read(paper).y.tolist() == ["neg"]


@pytest.mark.parametrize(
    "task",
    [
        None,
        3,
        [],
        {},
        {"data": None},
        {"data": []},
        {"data": {}},
        {"data": {"skactive_id": None}},
        {"data": {"skactive_id": True}},
        {"data": {"skactive_id": [1]}},
        {"data": {"skactive_id": {}}},
        {"data": {"skactive_id": 1.0}},
        {"data": {"skactive_id": "1"}},
        {"data": {"skactive_id": 99}},
    ],
)
def test_tasks_that_are_none_of_ours(task):
    assert row_of_task(task, {1: 0}) is None


# ------------------------------------------------------------------------ learning


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        LinearSVC(),
        make_pipeline(StandardScaler(), GaussianNB()),
        RandomForestClassifier(5, random_state=0),  # has a length, once it is fitted
        ActiveLearner(LogisticRegression(), MarginSampling()),
    ],
)
def test_models_learn(two_groups, model):
    learner = as_learner(model, CONTROL)
    answers = {k: "pos" if k >= 10 else "neg" for k in (0, 2, 11, 12)}
    fitted = learn(learner, two_groups, truth_of(answers))
    assert (fitted.predict(two_groups) == ["neg"] * 10 + ["pos"] * 10).all()
    # The one that was given has learned nothing, and learns the same again.
    assert not hasattr(model, "classes_")
    assert not hasattr(learner, "estimator_")


@pytest.mark.parametrize("answers", [{}, {3: "pos"}, {3: "pos", 4: "pos"}])
def test_too_few_answers_make_no_model(two_groups, answers):
    learner = as_learner(LogisticRegression(), CONTROL)
    assert learn(learner, two_groups, truth_of(answers)) is None


def test_all_rows_answered(two_groups):
    answers = {k: "pos" if k >= 10 else "neg" for k in range(20)}
    fitted = learn(
        as_learner(LogisticRegression(), CONTROL), two_groups, truth_of(answers)
    )
    assert fitted.score(two_groups, list(answers.values())) == 1


def test_numbers(two_groups):
    rows = np.array([1, 4, 15])
    truth = Truth(rows, two_groups[rows, 0], {}, [], "")
    fitted = learn(as_learner(LinearRegression(), CONTROL), two_groups, truth)
    np.testing.assert_allclose(fitted.predict(two_groups), two_groups[:, 0])


@pytest.mark.parametrize(
    "model",
    [
        KNeighborsClassifier(1),
        RandomForestClassifier(20, bootstrap=False, random_state=0),
        MultiOutputClassifier(LogisticRegression()),
    ],
)
def test_several_labels(two_groups, model):
    rows = np.array([0, 1, 12, 13])
    y = np.array([[0.0, 1, 0], [0, 1, 1], [1, 0, 0], [1, 0, 1]])
    learner = as_learner(model, SETS.control())
    fitted = learn(learner, two_groups, Truth(rows, y, {}, [], ""))
    found = ask(Trained("v1", fitted), two_groups, [5, 17], SETS)
    first, second = [p["result"][0]["value"]["choices"] for p in found]
    assert "left" in first and "far" not in first
    assert "far" in second and "left" not in second
    assert [p["score"] for p in found] == [0, 0]
    none = learn(learner, two_groups, Truth(rows[:0], y[:0], {}, [], ""))
    assert none is None


def test_a_learner_cannot_learn_several_labels():
    with pytest.raises(ValueError, match="several labels"):
        as_learner(ActiveLearner(KNeighborsClassifier(1)), SETS.control())


def test_masks(two_groups):
    class Same(BaseEstimator):
        """Predicts the first mask everywhere."""

        def fit(self, X, y):
            self.mask_ = y[0]
            return self

        def predict(self, X):
            return [self.mask_] * len(X)

    config = LabelConfig.make("masks", ["road", "sky"])
    mask = np.zeros((6, 4), dtype=int)
    mask[3:] = 1
    truth = Truth(np.array([2, 3]), as_objects([mask, mask]), {}, [], "")
    pictures = np.zeros((20, 3, 6, 4))
    model = learn(as_learner(Same(), config.control()), pictures, truth)
    (found,) = ask(Trained("v1", model), pictures, [7], config)
    back = to_answer(found["result"], config, config.control())
    np.testing.assert_array_equal(back, mask)


# --------------------------------------------------------------------- predictions


def ask(trained, X, rows, config=CONFIG, size=None):
    return predictions(trained, X, rows, config, config.control(), lambda row: size)


@pytest.fixture
def trained(two_groups):
    answers = {k: "pos" if k >= 10 else "neg" for k in (0, 2, 11, 12)}
    learner = as_learner(ActiveLearner(LogisticRegression(), MarginSampling()), CONTROL)
    return Trained("v3", learn(learner, two_groups, truth_of(answers)))


def test_predictions_are_as_many_and_in_order(two_groups, trained):
    found = ask(trained, two_groups, [12, None, 3, 12, None])
    chosen = [p["result"] and p["result"][0]["value"]["choices"] for p in found]
    assert chosen == [["pos"], [], ["neg"], ["pos"], []]
    assert {p["model_version"] for p in found} == {"v3"}
    proba = trained.learner.predict_proba(two_groups[[12, 3]]).max(axis=1)
    scores = [p["score"] for p in found]
    np.testing.assert_allclose(scores, [proba[0], 0, proba[1], proba[0], 0])
    assert found[0]["result"][0]["score"] == scores[0]


def test_without_a_model_and_without_tasks(two_groups, trained):
    none = {"result": [], "score": 0.0, "model_version": "v0"}
    assert ask(Trained("v0"), two_groups, [3, None]) == [none, none]
    assert ask(trained, two_groups, []) == []
    assert ask(Trained("v0", trained.learner), two_groups, [None]) == [none]


def test_ranks_in_place_of_confidence(two_groups, trained):
    ranks = ranks_of(trained.learner, [5, 6, 17], 2)
    assert len(ranks) == 2
    assert set(ranks) < {5, 6, 17}
    assert list(ranks.values()) == [0, 0.5]
    found = ask(Trained("v3", trained.learner, ranks), two_groups, [*ranks, 1, None])
    assert [p["score"] for p in found] == [0, 0.5, 1.0, 0.0]
    assert found[2]["result"][0]["score"] < 1
    assert ranks_of(trained.learner, [], 2) == ranks_of(trained.learner, [5], 0) == {}
    assert ranks_of(trained.learner, [5], 9) == {5: 0}


def test_models_that_say_no_confidence(two_groups):
    rows = np.array([1, 4, 15])
    truth = Truth(rows, two_groups[rows, 0], {}, [], "")
    config = LabelConfig.make("numbers", of="text")
    model = Trained(
        "v1", learn(as_learner(LinearRegression(), CONTROL), two_groups, truth)
    )
    (found,) = ask(model, two_groups, [2], config)
    assert found["score"] == 0
    assert found["result"][0]["value"]["number"] == pytest.approx(two_groups[2, 0])
    answers = {0: "neg", 11: "pos"}
    model = learn(as_learner(LinearSVC(), CONTROL), two_groups, truth_of(answers))
    (found,) = ask(Trained("v1", model), two_groups, [2])
    assert found["score"] == 0
    assert "score" not in found["result"][0]


class Boxes:
    """Predicts two boxes in each picture."""

    def predict(self, X):
        boxes = np.array([[1.0, 2.0, 3.0, 6.0], [0.0, 0.0, 10.0, 20.0]])
        labels = np.array([1, 0])
        one = {"boxes": boxes, "labels": labels, "scores": np.array([0.75, 0.25])}
        none = {key: value[:0] for key, value in one.items()}
        return [one, none][: len(X)]


def test_boxes_have_their_scores_and_the_least_is_that_of_the_picture():
    config = LabelConfig.make("boxes", ["car", "dog"], classes=[0, 1])
    pictures = np.zeros((2, 3, 20, 10))
    found = ask(Trained("v1", Boxes()), pictures, [0, 1], config, (20, 10))
    assert [p["score"] for p in found] == [0.25, 0.0]
    first = found[0]["result"][0]
    assert first["value"]["rectanglelabels"] == ["dog"]
    assert first["value"]["height"] == 20
    assert (first["original_height"], first["original_width"]) == (20, 10)
    assert found[1]["result"] == []


# --------------------------------------------------------------------------- order


def test_the_order_is_sent_and_then_shown(paper, two_groups, trained):
    ranked = Trained("v3", trained.learner, {5: 0.0, 17: 0.5})
    found = ask(ranked, two_groups, [5, 17])
    put_in_order(paper, 7, ranked, {17: 117, 5: 105}, found)
    (path, tasks), shown = paper.sent
    assert path == "/api/projects/7/import/predictions"
    assert [task["task"] for task in tasks] == [105, 117]
    assert [task["score"] for task in tasks] == [0.0, 0.5]
    assert shown == ("/api/projects/7/", {"model_version": "v3"})


def test_predictions_that_the_server_drops_in_silence(paper, two_groups, trained):
    paper.post = lambda path, body: {"created": 1}
    found = ask(trained, two_groups, [5, 17])
    ranked = Trained("v3", trained.learner, {5: 0.0, 17: 0.5})
    with pytest.raises(RuntimeError, match="took 1 of 2"):
        put_in_order(paper, 7, ranked, {5: 105, 17: 117}, found)
    assert paper.sent == []
