"""Boxes and masks in files of COCO, against the reader of COCO's authors."""

import json

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.io import Journal, coco

SIZES = [(30, 40), (24, 50), (17, 9), (40, 40)]
NAMES = ["zebra", "ape", "boat"]
#: Ids with gaps, in no order.
CATEGORIES = {"zebra": 24, "ape": 90, "boat": 3}
NOISE = pytest.mark.filterwarnings("ignore:__array__ implementation")  # the peer's


def segmentation(rng, size):
    """Return a segmentation of one of three kinds, drawn at random."""
    kind = rng.randint(3)
    if kind == 0:
        n = rng.randint(3, 8)
        parts = rng.uniform(size=(rng.randint(1, 3), n, 2)) * size[::-1]
        return parts.reshape(len(parts), -1).tolist()
    return coco.encode_rle(rng.uniform(size=size) < 0.3, compress=kind == 1)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A file of four images, the last one empty, with all kinds of annotations."""
    rng = np.random.RandomState(0)
    annotations = []
    for image, size in enumerate(SIZES[:3]):
        for _ in range(6):
            corners = np.sort(rng.uniform(size=(2, 2)), axis=0) * size[::-1]
            annotations.append(
                {
                    "id": len(annotations) + 50,
                    "image_id": 100 - image,
                    "category_id": CATEGORIES[NAMES[rng.randint(3)]],
                    "bbox": [*corners[0], *(corners[1] - corners[0])],
                    "iscrowd": int(rng.randint(4) == 0),
                    "segmentation": segmentation(rng, size),
                }
            )
    rng.shuffle(annotations)
    content = {
        "images": [
            {"id": 100 - n, "file_name": f"{n}.png", "width": w, "height": h}
            for n, (h, w) in enumerate(SIZES)
        ],
        "categories": [{"id": key, "name": name} for name, key in CATEGORIES.items()],
        "annotations": annotations,
    }
    path = tmp_path_factory.mktemp("coco") / "answers.json"
    path.write_text(json.dumps(content))
    return path


@pytest.fixture(scope="module")
def peer(path):
    return pytest.importorskip("pycocotools.coco").COCO(path)


IDS = ["3.png", "x.png", "2.png", "1.png", "0.png"]
ROWS = [4, 3, 2, 0]


def test_boxes_are_those_of_the_peer(path, peer):
    rows, y = coco.read_boxes(path, IDS, crowd="keep")
    assert rows.tolist() == ROWS and rows.dtype == np.intp
    assert y.shape == (4,) and y.dtype == object
    for n, answer in enumerate(y):
        theirs = peer.imgToAnns[100 - n]
        x, y0, w, h = np.reshape([a["bbox"] for a in theirs], (-1, 4)).T
        assert answer["boxes"].dtype == np.float32
        assert_array_equal(
            answer["boxes"], np.float32(np.column_stack([x, y0, x + w, y0 + h]))
        )
        names = [peer.cats[a["category_id"]]["name"] for a in theirs]
        assert answer["labels"].tolist() == names
        assert answer["iscrowd"].tolist() == [bool(a["iscrowd"]) for a in theirs]
    assert sum(answer["iscrowd"].sum() for answer in y) > 1


def test_crowds_are_left_out_unless_they_are_wanted(path):
    _, whole = coco.read_boxes(path, IDS, crowd="keep")
    _, y = coco.read_boxes(path, IDS)
    for answer, kept in zip(y, whole):
        assert set(answer) == {"boxes", "labels"}
        assert_array_equal(answer["boxes"], kept["boxes"][~kept["iscrowd"]])
    with pytest.raises(ValueError, match="crowd must be one of"):
        coco.read_boxes(path, IDS, crowd="ignore")


def test_labels_are_numbers_where_classes_say_which(path):
    _, names = coco.read_boxes(path, IDS)
    _, numbers = coco.read_boxes(path, IDS, classes=NAMES)
    _, chosen = coco.read_boxes(path, IDS, classes={"ape": 7, "boat": 0, "zebra": -1})
    for n, m, k in zip(names, numbers, chosen):
        assert [NAMES[label] for label in m["labels"]] == n["labels"].tolist()
        assert m["labels"].dtype == np.int64  # of an image without boxes, too
        lookup = {"ape": 7, "boat": 0, "zebra": -1}
        assert [lookup[name] for name in n["labels"]] == k["labels"].tolist()
    with pytest.raises(ValueError, match="annotation .*'boat' is not among classes"):
        coco.read_boxes(path, IDS, classes=["ape", "zebra"])


def test_a_category_that_nothing_has_needs_no_number(path, tmp_path):
    content = json.loads(path.read_text())
    content["annotations"] = [
        a for a in content["annotations"] if a["category_id"] != CATEGORIES["boat"]
    ]
    (tmp_path / "a.json").write_text(json.dumps(content))
    coco.read_boxes(tmp_path / "a.json", IDS, classes=["ape", "zebra"])
    coco.read_masks(tmp_path / "a.json", IDS, ["ape", "zebra"])


def test_an_image_without_annotations_is_an_answer_unless_nobody_looked(path):
    rows, y = coco.read_boxes(path, IDS)
    assert rows[-1] == 0 and y[-1]["boxes"].shape == (0, 4)
    rows, y = coco.read_boxes(path, IDS, unannotated="missing")
    assert rows.tolist() == ROWS[:3] and len(y) == 3
    rows, y = coco.read_masks(path, IDS, ["sky", *NAMES], background="sky")
    assert rows[-1] == 0 and (y[-1] == 0).all() and y[-1].shape == SIZES[3]
    rows, y = coco.read_masks(path, IDS, NAMES)
    assert rows[-1] == 0 and y[-1] is None  # nothing can be learned from it
    rows, _ = coco.read_masks(path, IDS, NAMES, unannotated="missing")
    assert rows.tolist() == ROWS[:3]
    with pytest.raises(ValueError, match="unannotated must be one of"):
        coco.read_boxes(path, IDS, unannotated="skip")


@NOISE
@pytest.mark.parametrize("background, rest", [(None, 255), ("ape", 1)])
def test_masks_are_painted_as_the_peer_decodes_them(path, peer, background, rest):
    rows, y = coco.read_masks(path, IDS, NAMES, background=background)
    assert rows.tolist() == ROWS
    for n, answer in enumerate(y[:3]):
        mask = np.full(SIZES[n], rest)
        for annotation in peer.imgToAnns[100 - n]:
            label = NAMES.index(peer.cats[annotation["category_id"]]["name"])
            mask[peer.annToMask(annotation) == 1] = label
        assert answer.dtype == np.uint8
        assert_array_equal(answer, mask)


def one(tmp_path, **more):
    """Write a file of one image with one annotation that fills it."""
    entry = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 4, 2]}
    entry["segmentation"] = {"size": [2, 4], "counts": [2, 4, 2]}
    image = {"id": 1, "file_name": "a", "width": 4, "height": 2}
    content = {"images": [image], "categories": [{"id": 1, "name": "sky"}]}
    content["annotations"] = [{**entry, **more}]
    (tmp_path / "a.json").write_text(json.dumps(content))
    return tmp_path / "a.json"


def test_what_is_ignored_has_no_label(tmp_path):
    read = coco.read_masks
    path = one(tmp_path, ignore=1)
    assert read(path, ["a"], ["sky"])[1][0] is None
    mask = read(path, ["a"], ["road", "sky"], background="road")[1][0]
    assert mask.tolist() == [[0, 255, 255, 0]] * 2
    assert len(coco.read_boxes(path, ["a"])[1][0]["boxes"]) == 0
    # The peer writes "ignore" beside each "iscrowd": its pixels do have a class.
    path = one(tmp_path, ignore=1, iscrowd=1)
    assert read(path, ["a"], ["sky"])[1][0].tolist() == [[255, 0, 0, 255]] * 2


def test_masks_are_wide_enough_for_their_numbers(tmp_path):
    path = one(tmp_path)
    mask = coco.read_masks(path, ["a"], ["sky"], ignore_index=-100)[1][0]
    assert mask.tolist() == [[-100, 0, 0, -100]] * 2
    mask = coco.read_masks(path, ["a"], {"sky": 300})[1][0]
    assert mask.max() == 300
    with pytest.raises(ValueError, match="ignore_index=0 is the number of a class"):
        coco.read_masks(path, ["a"], ["sky"], ignore_index=0)
    with pytest.raises(ValueError, match="background='lake': 'lake' is not among"):
        coco.read_masks(path, ["a"], ["sky"], background="lake")
    with pytest.raises(ValueError, match="pass classes"):
        coco.read_masks(path, ["a"], None)


def test_boxes_up_to_a_pixel_outside_are_read(tmp_path):
    box = [-0.5, 0, 5, 2.5]
    _, y = coco.read_boxes(one(tmp_path, bbox=box), ["a"])
    assert y[0]["boxes"].tolist() == [[-0.5, 0, 4.5, 2.5]]


@pytest.mark.parametrize("masks", [False, True])
def test_answers_are_ready_for_teach_and_for_its_journal(path, tmp_path, masks):
    X, journal = np.zeros((5, 2)), Journal(tmp_path / "answers.jsonl", IDS)
    rows, y = coco.read_masks(path, IDS, NAMES) if masks else coco.read_boxes(path, IDS)
    learner = ActiveLearner(Seer(), RandomSampling(), journal=journal).fit(X)
    learner.teach(rows, y, refit=False)
    assert learner.labeled_mask_.tolist() == [not masks, False, True, True, True]
    again = ActiveLearner(Seer(), RandomSampling(), journal=journal).fit(X)
    for row, answer in zip(rows, y):
        if masks:
            assert_array_equal(again.labels_[row], answer)
        else:
            assert_array_equal(again.labels_[row]["boxes"], answer["boxes"])


class Seer(BaseEstimator):
    """A model that learns from whatever there is; it is never asked to."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return [None] * len(X)
