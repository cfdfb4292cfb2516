import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.io.label_studio import Annotations, LabelConfig, read_export, to_tasks
from skactive.io.label_studio._annotations import as_column
from skactive.io.label_studio._results import to_result
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers, as_objects

CONFIG = LabelConfig.make("classes", ["a", "b", "c"], of="text", classes=[0, 1, 2])
REGION = {"from_name": "label", "to_name": "text", "type": "choices"}


def annotation(number, label="a", *, who=1, at=0, skip=False, seconds=1.0):
    return {
        "id": number,
        "completed_by": who,
        "was_cancelled": skip,
        "lead_time": seconds,
        "updated_at": None if at is None else f"2026-11-25T18:00:{at:02d}.000001Z",
        "result": [] if label is None else [{**REGION, "value": {"choices": [label]}}],
    }


def answers(*tasks):
    export = [
        {"id": 90 + k, "data": {"skactive_id": name}, "annotations": list(found)}
        for k, (name, *found) in enumerate(tasks)
    ]
    return read_export(export, CONFIG)


MANY = (
    (
        30,
        annotation(1, "a", who=1, at=5),
        annotation(2, "b", who=2, at=9),
        annotation(3, "c", who=1, at=7),
        annotation(4, "c", who=2, at=20, skip=True),
    ),
    (4, annotation(5, "a", who=2, skip=True, at=1), annotation(6, who=1, skip=True)),
    (70, annotation(8, None, who=1, at=9), annotation(7, "b", who=2, at=2)),
    (2,),
)


def test_newest_of_each_sample():
    found = answers(*MANY)
    assert len(found) == 8
    assert repr(found) == "<Annotations: 4 answered, 1 empty, 3 skipped>"
    newest = found.newest()
    assert newest.annotation_ids == [2, 5, 7]
    assert newest.ids == [30, 4, 70]
    assert newest.y.tolist() == [1, None, 1]
    assert newest.status.tolist() == ["answered", "skipped", "answered"]


def test_newest_of_each_person():
    newest = answers(*MANY).newest("person")
    assert newest.annotation_ids == [3, 2, 5, 6, 8, 7]
    assert newest.annotator == ["1", "2", "2", "1", "1", "2"]


def test_equal_and_unknown_times():
    """The higher number is the later one, and what has no time came first."""
    one = (3, annotation(9, "a", at=4), annotation(8, "b", at=4))
    two = (4, annotation(7, "a", at=None), annotation(6, "b", at=1))
    assert answers(one, two).newest().annotation_ids == [9, 6]
    assert answers((4, annotation(7, "a", at=None))).newest().y.tolist() == [0]


def test_part_of_them():
    found = answers(*MANY)
    part = found.take([2, 0])
    assert part.annotation_ids == [3, 1]
    assert part.updated_at[0] > part.updated_at[1]
    assert found.take(found.status == "skipped").annotation_ids == [4, 5, 6]
    assert len(found.take([])) == 0
    assert answers().newest().calls() == []
    assert repr(answers()) == "<Annotations: none>"
    assert "2 left out" in repr(Annotations(faults=["x", "y"], **columns_of(found)))


def columns_of(found):
    return {key: value for key, value in vars(found).items() if key != "faults"}


def test_calls_of_teach():
    (call,) = answers(*MANY).calls()
    assert (call["who"], call["rows"].tolist()) == ("2", [30, 4, 70])
    assert call["y"].tolist() == [1, None, 1]
    assert call["cost"].tolist() == [1, 1, 1]
    first, second = answers(*MANY).calls(per="person", cost=False)
    assert (first["who"], first["rows"].tolist()) == ("1", [30, 4, 70])
    assert (second["who"], second["y"].tolist()) == ("2", [1, None, 1])
    assert "cost" not in first


def test_names_of_rows():
    found = answers(("b", annotation(1)), ("d", annotation(2)))
    (call,) = found.calls(["a", "b", "c", "d"])
    assert call["rows"].tolist() == [1, 3]
    (call,) = found.calls(np.array(["d", "c", "b"]))
    assert call["rows"].tolist() == [2, 0]
    with pytest.raises(ValueError, match="'b' is no row of X. Pass names"):
        found.calls()
    with pytest.raises(ValueError, match="'d' is not among names"):
        found.calls(["a", "b"])
    with pytest.raises(ValueError, match="7 is that of rows 0 and 1"):
        found.calls([7, 7])
    for row in (-1, 10**30):
        with pytest.raises(ValueError, match=f"{row} is no row"):
            answers((row, annotation(1))).calls()


def test_seconds_that_are_not_known():
    found = answers((3, annotation(1)), (4, annotation(2, seconds=None)))
    with pytest.raises(ValueError, match="Annotation 2 has no lead_time.*cost=False"):
        found.calls()
    (call,) = found.calls(cost=False)
    assert call["rows"].tolist() == [3, 4]


def test_per_is_checked():
    with pytest.raises(ValueError, match="per must be"):
        answers().newest("row")


def test_a_learner_learns_what_people_answered(export):
    """The whole way: query, tasks, answers of two people and a skip, teach."""
    X, y = load_iris(return_X_y=True)
    start = np.full(150, None)
    start[[3, 77, 140]] = [0, 1, 2]
    learner = ActiveLearner(random_state=0).fit(X, start)
    rows = learner.query(6)
    predicted = learner.predict(X[rows])
    scores = learner.predict_proba(X[rows]).max(axis=1)
    texts = [f"{x}" for x in X[rows]]
    tasks = to_tasks(rows, texts, config=CONFIG, predictions=predicted, scores=scores)
    labels = [CONFIG.control().labels[k] for k in y[rows]]
    results = [[{**REGION, "value": {"choices": [label]}}] for label in labels]
    exported = export(tasks, results)
    exported[1]["annotations"][0]["was_cancelled"] = True
    for task in exported[3:]:
        task["annotations"][0]["completed_by"] = 1
    for call in read_export(exported, CONFIG, ids=rows).calls():
        learner.teach(**call, refit=False)
    taught = np.delete(rows, 1)
    assert learner.labels_[taught].tolist() == y[taught].tolist()
    assert rows[1] not in learner.query(147 - 6)


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("numbers", [1.5, None], np.array([1.5, np.nan])),
        ("numbers", [], np.zeros(0)),
        ("label_sets", [[1, 0], None], np.array([[1, 0], [np.nan, np.nan]])),
        ("label_sets", [], np.zeros((0, 2))),
    ],
)
def test_columns_of_floats(kind, values, expected):
    labels = [] if kind == "numbers" else ["a", "b"]
    column = as_column(values, LabelConfig.make(kind, labels).control())
    np.testing.assert_array_equal(column, expected)


@pytest.mark.parametrize("values", [[np.eye(2), np.eye(2)], [{"boxes": []}, None], []])
def test_columns_of_objects(values):
    column = as_column(values, LabelConfig.make("masks", ["a"]).control())
    assert column.shape == (len(values),)
    assert all(a is b for a, b in zip(column, values, strict=True))


def told(names, answers, *, kind="classes", times=0):
    """An export in which one person gave an answer, or a skip, to each sample."""
    classes = [0, 1] if kind == "masks" else None
    labels = [] if kind == "numbers" else [["a", "b"]]
    config = LabelConfig.make(kind, *labels, classes=classes)
    control = config.control()
    export = []
    for k, (name, answer) in enumerate(zip(names, answers, strict=True)):
        size = (4, 6) if kind in ("boxes", "masks") else None
        result = [] if answer is None else to_result(answer, control, image_size=size)
        one = {"id": k, "completed_by": 2, "lead_time": 1.5, "result": result}
        one |= {"was_cancelled": answer is None}
        one |= {"updated_at": f"2026-03-02T10:{times:02}:00Z"}
        data = {"skactive_id": name}
        export.append({"id": k, "data": data, "annotations": [one]})
    return read_export(export, config)


BOX = {"boxes": np.array([[1.0, 1.0, 3.0, 4.0]]), "labels": np.array(["a"])}
NOTHING = {"boxes": np.zeros((0, 4)), "labels": np.array([], dtype="U1")}
MASKS = [np.full((4, 6), value) for value in (0, 1)]
MASKS[0][:2] = 255


class Remembers(BaseEstimator):
    """Boxes or masks, and answers with the first of them."""

    def __init__(self, answers_kind):
        self.answers_kind = answers_kind

    def fit(self, X, y):
        self.first_ = y[0]
        return self

    def predict(self, X):
        return as_objects([self.first_] * len(X))


@pytest.mark.parametrize(("kind", "first", "other", "taught"), [
    ("classes", "a", "b", "a"),
    ("numbers", 2.5, 3.5, 2.5),
    ("boxes", BOX, NOTHING, BOX),
    ("boxes", NOTHING, BOX, NOTHING),
    ("masks", MASKS[0], MASKS[1], MASKS[0]),
    ("masks", MASKS[1], MASKS[0], MASKS[1].astype(np.uint8)),
])  # fmt: skip
def test_what_a_learner_does_not_know(kind, first, other, taught):
    names = ["u", "v", "w", "x"]
    models = {
        "numbers": LinearRegression(),
        "boxes": Remembers(BoxAnswers),
        "masks": Remembers(MaskAnswers),
    }
    learner = ActiveLearner(models.get(kind), RandomSampling())
    if kind == "classes":
        learner.set_params(classes=["a", "b"])
    X = np.arange(8.0).reshape(4, 2)
    y = [None, taught, None, None]
    if kind == "numbers":
        y = [np.nan, taught, np.nan, np.nan]
    learner.fit(X, as_objects(y) if kind != "numbers" else y)

    known = told(["v"], [first], kind=kind)
    assert len(known.new_to(learner, names)) == 0
    more = told(["w", "v", "u"], [None, other, first], kind=kind)
    new = more.new_to(learner, names)
    assert new.ids == ["w", "v", "u"]  # a skip, a correction, a label
    for call in new.calls(names):
        learner.teach(**call, relabel="replace", refit=False)
    assert len(more.new_to(learner, names)) == 0
    assert learner.skipped_.tolist() == [2]
    skipped_now = told(["v", "w"], [None, None], kind=kind)
    assert len(skipped_now.new_to(learner, names)) == 0  # labels stay, skips are known
    after_a_skip = told(["w"], [first], kind=kind)
    assert after_a_skip.new_to(learner, names).ids == ["w"]


def test_rows_that_the_learner_lacks_are_no_news():
    learner = ActiveLearner(classes=["a", "b"]).fit([[0.0], [1.0]], ["a", None])
    answers = told([5], ["a"])
    with pytest.raises(ValueError, match="is row 5, and the learner was fitted on 2"):
        answers.new_to(learner)
    with pytest.raises(ValueError, match="not among names"):
        answers.new_to(learner, ["u", "v"])
