"""Queries and answers as files of COCO: there and back, and what the peer reads."""

import json

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skactive.io import coco

NAMES = ["ape", "boat"]
IDS = ["a.png", "b/b.png", "ü.png", "d.png"]
SIZES = [(10, 12), (20, 30), (8, 8), (9, 7)]
MORE = {"ids": IDS, "sizes": SIZES, "classes": NAMES}


def boxes():
    """Return answers to rows 2 and 0: of two boxes with odd numbers, and of none."""
    odd = [[0.1, 1 / 3, 7.7, 8], [2, 2, 3, 3]]
    return [
        {"boxes": np.array(odd, np.float32), "labels": np.array([1, 0])},
        {"boxes": np.empty((0, 4)), "labels": np.array([], int)},
    ]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.json"


@pytest.mark.parametrize("names", [False, True])
def test_boxes_there_and_back(path, names):
    y = boxes()
    if names:
        y = [{**each, "labels": [NAMES[n] for n in each["labels"]]} for each in y]
    coco.write(path, [2, 0], y, **MORE)
    rows, back = coco.read_boxes(path, IDS, classes=None if names else NAMES)
    assert rows.tolist() == [2, 0]
    for answer, read in zip(y, back):
        assert_array_equal(read["boxes"], answer["boxes"])
        assert read["labels"].tolist() == list(answer["labels"])


def test_crowds_there_and_back(path):
    y = boxes()
    y[0]["iscrowd"] = np.array([True, False])
    coco.write(path, [2, 0], y, **MORE)
    _, back = coco.read_boxes(path, IDS, crowd="keep")
    assert back[0]["iscrowd"].tolist() == [True, False]
    assert len(coco.read_boxes(path, IDS)[1][0]["boxes"]) == 1


@pytest.mark.parametrize("stacked", [False, True])
def test_masks_there_and_back(path, stacked):
    rng = np.random.RandomState(0)
    y = [rng.choice([0, 1, 255], SIZES[2]), rng.choice([0, 1], SIZES[2])]
    more = {**MORE, "sizes": SIZES[2]}
    coco.write(path, [2, 0], np.stack(y) if stacked else y, **more)
    rows, back = coco.read_masks(path, IDS, NAMES)
    assert rows.tolist() == [2, 0]
    for mask, read in zip(y, back):
        assert_array_equal(read, mask)


def test_masks_of_numbers_with_gaps(path):
    mask = np.arange(56).reshape(7, 8) % 3 * 5
    more = {"ids": ["a"], "sizes": (7, 8), "classes": {"x": 0, "y": 5}}
    coco.write(path, [0], [mask], **more)
    _, back = coco.read_masks(path, ["a"], more["classes"], ignore_index=10)
    assert_array_equal(back[0], mask)
    with pytest.raises(
        ValueError, match=r"holds \[1, 6, 11\], for which classes has no"
    ):
        coco.write(path, [0], [mask + 1], **more, overwrite=True)


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_the_peer_reads_boxes_and_masks(path):
    peer = pytest.importorskip("pycocotools.coco")
    coco.write(path, [2, 0], boxes(), **MORE)
    read = peer.COCO(path)
    assert [image["file_name"] for image in read.dataset["images"]] == [
        "ü.png",
        "a.png",
    ]
    assert read.getImgIds(catIds=read.getCatIds("boat")) == [3]
    assert [a["area"] for a in read.loadAnns(read.getAnnIds(areaRng=[0, 2]))] == [1.0]
    mask = np.zeros((8, 8), int)
    mask[2:5, 1:7] = 1
    coco.write(path, [2], [mask], **MORE, overwrite=True)
    read = peer.COCO(path)
    found = read.loadAnns(read.getAnnIds(catIds=read.getCatIds("boat")))[0]
    assert_array_equal(read.annToMask(found), mask)
    assert found["bbox"] == [1, 2, 6, 3] and found["area"] == 18


def test_a_query_is_in_its_order_and_is_no_answer(path):
    coco.write_query(path, [3, 0, 2], **MORE)
    content = json.loads(path.read_text("utf-8"))
    assert [each["file_name"] for each in content["images"]] == [
        IDS[r] for r in (3, 0, 2)
    ]
    assert content["images"][0] == {
        "id": 4,
        "file_name": "d.png",
        "width": 7,
        "height": 9,
    }
    assert content["annotations"] == []
    assert [each["name"] for each in content["categories"]] == NAMES
    for read in (coco.read_boxes, coco.read_masks):
        with pytest.raises(ValueError, match="out.json' is a query as it was written"):
            read(path, IDS, classes=NAMES)


def test_predictions_in_a_query_have_scores_and_are_no_answers(path):
    found = boxes()
    found[0]["scores"] = np.array([0.9, 0.25])
    coco.write_query(path, [2, 0], found, **MORE)
    content = json.loads(path.read_text("utf-8"))
    assert [each["score"] for each in content["annotations"]] == [0.9, 0.25]
    with pytest.raises(ValueError, match="is a query"):
        coco.read_boxes(path, IDS)


def test_ids_that_are_integers_are_those_of_images(path):
    more = {**MORE, "ids": [40, 10, 30, 20]}
    with pytest.raises(ValueError, match="pass file_names"):
        coco.write_query(path, [3, 0], **more)
    coco.write(path, [2, 0], boxes(), **more, file_names=IDS)
    images = json.loads(path.read_text("utf-8"))["images"]
    assert [(each["id"], each["file_name"]) for each in images] == [
        (30, "ü.png"),
        (40, "a.png"),
    ]
    assert coco.read_boxes(path, more["ids"])[0].tolist() == [2, 0]
    assert coco.read_boxes(path, IDS)[0].tolist() == [2, 0]


def test_nothing_is_written_over(path):
    path.write_text("answers of a month")
    for write in (
        lambda **more: coco.write_query(path, [0], **MORE, **more),
        lambda **more: coco.write(path, [2, 0], boxes(), **MORE, **more),
    ):
        with pytest.raises(FileExistsError, match="out.json' is there already"):
            write()
        assert path.read_text() == "answers of a month"
    write(overwrite=True)
    assert coco.read_boxes(path, IDS)[0].tolist() == [2, 0]
    assert [each.name for each in path.parent.iterdir()] == ["out.json"]


@pytest.mark.parametrize(
    "change, fault",
    [
        ({"rows": [2, 2]}, "rows holds 2 twice"),
        ({"rows": [2, 4]}, "rows holds 4, and there are ids of 4"),
        ({"rows": [2, -1]}, "rows holds -1"),
        ({"rows": [True, False, True, False]}, "numbers of rows"),
        ({"rows": [2]}, "1 rows and 2 answers"),
        ({"rows": 2}, "numbers of rows"),
        ({"ids": ["a", "a", "b", "c"]}, "all be different"),
        ({"sizes": SIZES[:2]}, "sizes must be"),
        ({"sizes": (8.0, 8.0)}, "sizes must be"),
        ({"classes": ["ape"]}, "'ü.png'.*no name for the class 1 in classes"),
        ({"classes": None}, "Pass classes, a list of names"),
        ({"classes": ["ape", "ape"]}, "holds 'ape' twice"),
        ({"classes": "ape"}, "must be a list of names"),
        ({"y": [boxes()[0], None]}, "answer to 'a.png' is missing"),
        ({"y": [{"boxes": [[0, 0, 9, 12]], "labels": [0]}, None]}, "'ü.png': box 0"),
        ({"y": [{"boxes": [[0, 0, 0, 2]], "labels": [0]}, None]}, "'ü.png': box 0"),
        ({"y": [{"boxes": [[0, 0, 1, 2]], "labels": [0.5]}, None]}, "class 0.5"),
        ({"y": [{"boxes": [[0, 0, 1, 2]], "labels": ["cow"]}, None]}, "class 'cow'"),
        ({"y": np.zeros((2, 5, 5), int)}, "'ü.png' is a mask.*size"),
        ({"y": np.zeros((2, 8, 8))}, "'ü.png' is a mask of float64"),
        ({"y": np.add.outer([7, 8], np.eye(8, dtype=int))}, r"holds \[7, 8\]"),
        ({"file_names": ["a", "a", "b", "c"]}, "ids of file_names must all"),
    ],
)
def test_what_does_not_fit_is_refused_before_a_file_is_made(path, change, fault):
    given = {"rows": [2, 0], "y": boxes(), **MORE} | change
    with pytest.raises(ValueError, match=fault):
        coco.write(path, given.pop("rows"), given.pop("y"), **given)
    assert list(path.parent.iterdir()) == []
