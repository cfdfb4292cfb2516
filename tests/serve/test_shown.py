"""What people are shown, of data in all the forms that tasks take."""

import numpy as np
import pytest

from skactive.io.label_studio import LabelConfig
from skactive.serve._shown import Shown

BOXES = LabelConfig.make("boxes", ["car"])
TEXT = LabelConfig.make("classes", ["a", "b"], of="text")
FOUND = {"boxes": [[1, 1, 5, 5]], "labels": ["car"], "scores": [0.5]}


def shown(data, config=BOXES, **options):
    return Shown(data, config, config.control(), **options)


def test_rows_are_taken_from_the_whole():
    each = shown({"text": ["one", "two", "three"]}, TEXT)
    tasks = each.tasks(["x", 7], [2, 0], batch="r-0", round=4)
    assert [task["data"]["text"] for task in tasks] == ["three", "one"]
    assert [task["data"]["skactive_id"] for task in tasks] == ["x", 7]
    assert tasks[1]["data"]["skactive_round"] == 4
    assert "predictions" not in tasks[0]


@pytest.mark.parametrize("scores", [None, [0.25, 0.75]])
def test_predictions_are_of_the_rows(scores):
    asked = []

    def predict(rows):
        asked.append(rows.tolist())
        labels = np.array(["a", "b", "a"])[rows]
        return labels if scores is None else (labels, scores)

    each = shown(["one", "two", "three"], TEXT, predict=predict)
    make = {"batch": "r-0", "round": 0}
    assert "predictions" not in each.tasks([0], [0], **make)[0] and not asked
    tasks = each.tasks([1, 2], [1, 2], has_model=True, **make)
    assert asked == [[1, 2]]
    first = tasks[0]["predictions"][0]
    assert first["result"][0]["value"] == {"choices": ["b"]}
    assert first.get("score") == (None if scores is None else 0.25)
    assert first["model_version"] == "r-0"


@pytest.mark.parametrize(
    ("data", "image_size", "sizes"),
    [
        (["a.png", "b.png"], (40, 60), [(40, 60), (40, 60)]),
        (["a.png", "b.png"], [(40, 60), (20, 30)], [(40, 60), (20, 30)]),
        (["a.png", "b.png"], np.array([[40, 60], [20, 30]]), [(40, 60), (20, 30)]),
        (["a.png", "b.png"], None, [None, None]),
        (np.zeros((2, 40, 60), np.uint8), None, [(40, 60), (40, 60)]),
        ({"image": list(np.zeros((2, 40, 60, 3), np.uint8))}, None, [(40, 60)] * 2),
    ],
)
def test_sizes_of_pictures(data, image_size, sizes):
    each = shown(data, image_size=image_size, predict=lambda rows: [FOUND] * len(rows))
    assert [each.size_of(row) for row in (0, 1)] == sizes
    if sizes[1] is None:
        with pytest.raises(ValueError, match="image_size"):
            each.tasks([1], [1], batch="r", round=0, has_model=True)
        return
    (task,) = each.tasks([1], [1], batch="r", round=0, has_model=True)
    region = task["predictions"][0]["result"][0]
    assert (region["original_height"], region["original_width"]) == sizes[1]


def test_texts_have_no_size():
    assert shown(["one"], TEXT).size_of(0) is None
