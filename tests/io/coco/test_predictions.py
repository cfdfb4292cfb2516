"""Lists of predicted boxes: there and back, and what the peer reads."""

import json

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skactive.io import coco

IDS = ["a.png", "b.png", "c.png"]
NAMES = ["ape", "boat"]
NONE = {"boxes": [], "labels": []}


def found():
    return [
        {
            "boxes": np.array([[0.1, 1 / 3, 7.7, 8], [2, 2, 3, 3]], np.float32),
            "labels": np.array([1, 0]),
            "scores": np.array([0.75, 1 / 3]),
        },
        {**NONE, "scores": []},
    ]


@pytest.fixture
def like(tmp_path):
    path = tmp_path / "true.json"
    more = {"ids": IDS, "sizes": (10, 12), "classes": ["boat", "ape"]}
    coco.write(path, [0, 1, 2], [NONE] * 3, **more)
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "found.json"


def test_there_and_back(path, like):
    coco.write_predictions(path, [2, 0], found(), ids=IDS, like=like, classes=NAMES)
    rows, y = coco.read_predictions(path, IDS, like=like, classes=NAMES)
    assert rows.tolist() == [0, 1, 2]
    assert [len(each["boxes"]) for each in y] == [0, 0, 2]
    for key, value in found()[0].items():
        assert_array_equal(y[2][key], value)
    assert y[0]["scores"].shape == (0,)


def test_the_ids_are_those_of_the_other_file(path, like):
    coco.write_predictions(path, [2, 0], found(), ids=IDS, like=like, classes=NAMES)
    entries = json.loads(path.read_text())
    assert [each["image_id"] for each in entries] == [3, 3]
    assert [each["category_id"] for each in entries] == [1, 2]  # boat, ape
    assert set(entries[0]) == {"image_id", "category_id", "bbox", "score"}


def test_the_best_come_first(path, like):
    entry = {"image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2]}
    path.write_text(json.dumps([{**entry, "score": s} for s in (0.25, 0.75, -1)]))
    _, y = coco.read_predictions(path, IDS, like=like)
    assert y[0]["scores"].tolist() == [0.75, 0.25, -1]
    assert y[0]["labels"].tolist() == ["boat"] * 3


def test_the_peer_reads_them(path, like):
    peer = pytest.importorskip("pycocotools.coco").COCO(like)
    coco.write_predictions(path, [2, 0], found(), ids=IDS, like=like, classes=NAMES)
    read = peer.loadRes(str(path))
    assert [a["score"] for a in read.imgToAnns[3]] == [0.75, 1 / 3]
    assert len(read.imgToAnns[1]) == 0


@pytest.mark.parametrize(
    "change, fault",
    [
        ({"y": [NONE, NONE]}, 'row 2 needs finite "scores"'),
        ({"y": [{**found()[0], "scores": [0.5]}, NONE]}, 'row 2 needs finite "scores"'),
        ({"y": [{**found()[0], "scores": [0.5, np.nan]}, NONE]}, "row 2 needs finite"),
        (
            {"y": [{**found()[0], "boxes": np.ones((2, 4))}, NONE]},
            "row 2: box 0.*empty",
        ),
        ({"y": found()[:1]}, "2 rows and 1 predictions"),
        ({"classes": ["cow", "sheep"]}, "row 2: 'sheep' is no category"),
        ({"classes": None}, "no name for the class 1"),
        ({"ids": [*IDS, "d.png"], "rows": [2, 3]}, "row 3: 'd.png' is no image of"),
    ],
)
def test_what_does_not_fit_is_not_written(path, like, change, fault):
    given = {"rows": [2, 0], "y": found(), "ids": IDS, "classes": NAMES} | change
    with pytest.raises(ValueError, match=fault):
        coco.write_predictions(
            path, given.pop("rows"), given.pop("y"), like=like, **given
        )
    assert not path.exists()


@pytest.mark.parametrize(
    "change, fault",
    [
        ({"image_id": 9}, "found.json': prediction 0: the image_id 9"),
        ({"category_id": 9}, "found.json': prediction 0: the category_id 9"),
        ({"score": None}, "prediction 0 needs a finite score"),
        ({"score": float("nan")}, "prediction 0 needs a finite score"),
        ({"bbox": [1, 1, 0, 2]}, "prediction 0: box 0.* is empty"),
        ({"bbox": [1, 1, 20, 2]}, "prediction 0: box 0.* is outside the image"),
    ],
)
def test_a_faulty_entry_is_named(path, like, change, fault):
    entry = {"image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2], "score": 0.5}
    path.write_text(json.dumps([{**entry, **change}]))
    with pytest.raises(ValueError, match=fault):
        coco.read_predictions(path, IDS, like=like)


@pytest.mark.parametrize("text", ["{}", "[1]", '"a"'])
def test_other_files_are_refused(path, like, text):
    path.write_text(text)
    with pytest.raises(ValueError, match="found.json' is no list of predictions"):
        coco.read_predictions(path, IDS, like=like)
