import json
from pathlib import Path

import numpy as np
import pytest

from skactive.io.label_studio import LabelConfig, to_tasks, write_tasks
from skactive.io.label_studio._regions import to_answer

TEXT = LabelConfig.make("classes", ["pos", "neg"], of="text")
BOXES = LabelConfig.make("boxes", ["person", "car"])


def tasks_of(n=3, config=TEXT, **arguments):
    arguments = {
        "ids": list(range(10, 10 + n)),
        "data": [f"t{k}" for k in range(n)],
    } | (arguments)
    return to_tasks(
        arguments.pop("ids"), arguments.pop("data"), config=config, **arguments
    )


def test_tasks_are_in_query_order():
    rows = np.array([42, 7, 19])
    tasks = tasks_of(ids=rows, utilities=[0.9, 0.5, -2], round=4, batch="b4")
    assert [task["data"] for task in tasks] == [
        {
            "skactive_id": row,
            "skactive_batch": "b4",
            "skactive_round": 4,
            "skactive_rank": rank,
            "skactive_utility": utility,
            "text": f"t{rank}",
        }
        for rank, (row, utility) in enumerate(
            zip([42, 7, 19], [0.9, 0.5, -2], strict=True)
        )
    ]
    assert all("predictions" not in task for task in tasks)


def test_predictions_and_their_scores():
    first, second, third = tasks_of(
        predictions=["pos", None, "neg"], scores=[0.6, None, 1.0], model_version="m2"
    )
    (prediction,) = first["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("m2", 0.6)
    assert prediction["result"][0]["score"] == 0.6
    assert "predictions" not in second
    assert third["predictions"][0]["score"] == 1
    (prediction,) = tasks_of(predictions=["pos"] * 3)[0]["predictions"]
    assert "score" not in prediction
    assert "score" not in prediction["result"][0]
    assert prediction["model_version"].startswith("r0-")


@pytest.mark.parametrize("n", [1, 2, 5])
def test_rank_scores(n):
    tasks = tasks_of(n, predictions=["pos"] * n, scores=[0.9] * n, rank_scores=True)
    found = [task["predictions"][0] for task in tasks]
    ranks = [prediction["score"] for prediction in found]
    assert ranks == sorted(set(ranks))
    assert ranks[0] == 0
    assert ranks[-1] == (n > 1)
    assert all(prediction["result"][0]["score"] == 0.9 for prediction in found)


def test_the_name_of_a_batch_is_that_of_its_ids():
    def batch(**arguments):
        return tasks_of(**arguments)[0]["data"]["skactive_batch"]

    assert batch() == batch(ids=np.array([10, 11, 12]))
    others = [batch(ids=["10", "11", "12"]), batch(ids=[10, 12, 11]), batch(round=1)]
    assert len({batch(), *others}) == 4


def test_sizes_of_pictures():
    boxes = {"boxes": [[6, 8, 24, 18]], "labels": ["car"]}

    def width(data, **arguments):
        task = tasks_of(1, BOXES, data=data, predictions=[boxes], **arguments)[0]
        region = task["predictions"][0]["result"][0]
        return region["value"]["width"], region["original_width"]

    assert width([np.zeros((40, 60))]) == (30, 60)
    assert width(["a.png"], image_size=(40, 60)) == (30, 60)
    assert width(["a.png"], image_size=[(40, 60)]) == (30, 60)
    assert width(["a.png"], image_size=np.array([[40, 60]])) == (30, 60)
    two = tasks_of(
        2,
        BOXES,
        data=["a.png", "b.png"],
        predictions=[boxes, None],
        image_size=[(40, 120), None],
    )
    assert two[0]["predictions"][0]["result"][0]["value"]["width"] == 15


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"ids": [1, 2, 1]}, "1 is that of rows 0 and 2"),
        ({"ids": [1, 2, None]}, "got None for row 2"),
        ({"ids": [1, 2]}, "2 ids, and 3 data"),
        ({"data": "abc"}, "an item for each id"),
        ({"data": ["a", 3, "c"]}, r"item 1 \(id 11\): 'text': a text is a string"),
        ({"data": [{"text": "a"}, {"body": "b"}, {"text": "c"}]}, r"item 1 \(id 11\)"),
        ({"predictions": ["pos", "neg"]}, "3 ids, and 2 predictions"),
        ({"predictions": "pos"}, "a value for each of 3 ids"),
        (
            {"predictions": ["pos", "neg", "meh"]},
            r"item 2 \(id 12\): 'meh' is no label",
        ),
        ({"scores": [0.5] * 3}, "give these too"),
        (
            {"predictions": ["pos"] * 3, "scores": [0.5, 1.7, 0.5]},
            r"item 1 \(id 11\).*got 1.7",
        ),
        (
            {"predictions": ["pos"] * 3, "scores": [0.5, 0.5, np.nan]},
            r"item 2 \(id 12\).*got nan",
        ),
        ({"utilities": [1, np.nan, 0]}, r"item 1 \(id 11\): JSON has no nan"),
        ({"utilities": [1, 2, "a"]}, r"item 2 \(id 12\)"),
        ({"utilities": 3.0}, "utilities needs a value"),
        ({"batch": ""}, "batch is a name"),
        ({"round": -1}, "round is a number from 0 on; got -1"),
        ({"round": 1.5}, "round is a number"),
        ({"round": "r1"}, "round is a number"),
        ({"config": TEXT.to_xml()}, "must be a LabelConfig, as of LabelConfig"),
        ({"model_version": 3}, "model_version is a name"),
        ({"predictions": ["pos"] * 3, "control": "cls"}, "control='cls'"),
        ({"image_size": [(4, 4)] * 2}, "3 ids, and 2 image_size"),
    ],
)
def test_what_the_server_would_take_is_refused(arguments, match):
    with pytest.raises((ValueError, TypeError), match=match):
        tasks_of(**arguments)


@pytest.mark.parametrize(
    ("box", "size", "match"),
    [
        ([0, 0, 70, 8], (40, 60), r"item 1 \(id 11\).*outside"),
        ([0, 0, 7, 8], None, r"item 1 \(id 11\).*pass image_size"),
        ([0, 0, 7, 8], [(40, 60), (40, 60, 3)], r"image_size is \(height, width\)"),
    ],
)
def test_boxes_are_checked_by_item(box, size, match):
    boxes = [None, {"boxes": [box], "labels": ["car"]}]
    with pytest.raises(ValueError, match=match):
        tasks_of(2, BOXES, data=["a", "b"], predictions=boxes, image_size=size)


def test_two_sizes_of_one_picture():
    boxes = [{"boxes": [], "labels": []}]
    data = [np.zeros((40, 60))]
    with pytest.raises(ValueError, match=r"image_size is \(60, 40\), and the picture"):
        tasks_of(1, BOXES, data=data, predictions=boxes, image_size=(60, 40))


def test_files_are_whole_or_not_there(tmp_path):
    path = tmp_path / "tasks.json"
    tasks = tasks_of(data=["ä", '"', "\ud800"])  # half a character too
    write_tasks(path, tasks)
    assert json.loads(path.read_bytes()) == tasks
    for bad, match in [
        ([*tasks, {"data": {"x": np.nan}}], "JSON does not know"),
        ([*tasks, {"data": {"x": np.arange(2)}}], "JSON does not know"),
        ([*tasks, {"x": 3}], "dicts with data"),
        (["a"], "dicts with data"),
    ]:
        with pytest.raises(ValueError, match=match):
            write_tasks(path, bad)
    assert json.loads(path.read_bytes()) == tasks
    with pytest.raises(ValueError, match=r"ending \.json"):
        write_tasks(tmp_path / "tasks.txt", tasks)
    write_tasks(str(path), iter([]))
    assert json.loads(path.read_bytes()) == []


def test_files_that_are_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr("skactive.io.label_studio._tasks.MOST_BYTES", 100)
    path = Path(tmp_path / "tasks.json")
    with pytest.raises(ValueError, match="more than the server takes"):
        write_tasks(path, tasks_of())
    assert not path.exists()


@pytest.mark.real_data
@pytest.mark.parametrize(
    "kind", ["text", "img_single", "img_multi", "boxes", "polygons", "brush", "number"]
)
def test_recorded_imports_are_what_we_make(data_dir, kind):
    """The server took these; ours are the same but for names of regions and scores."""
    folder = data_dir / "label_studio"
    config = LabelConfig(json.loads((folder / "label_configs.json").read_text())[kind])
    recorded = json.loads((folder / f"import_{kind}.json").read_text())
    data = [task["data"] for task in recorded]
    key = next(iter(config.objects.values()))[1]
    results = [task["predictions"][0]["result"] for task in recorded]
    tasks = to_tasks(
        [item["skactive_id"] for item in data],
        [{key: item[key]} for item in data],
        config=config,
        predictions=[recorded_answer(config, result) for result in results],
        utilities=[item["skactive_utility"] for item in data],
        round=1,
        image_size=(40, 60) if config.objects.get("image") else None,
    )
    for ours, theirs in zip(tasks, recorded, strict=True):
        assert ours["data"].pop("skactive_batch").startswith("r1-")
        assert ours["data"] == theirs["data"]
        found, known = (t["predictions"][0]["result"] for t in (ours, theirs))
        assert [bare(region) for region in found] == [bare(region) for region in known]


def bare(region):
    value = dict(region["value"])
    for key in ("x", "y", "width", "height"):
        if key in value:
            value[key] = round(value[key], 9)
    if "points" in value:  # a polygon may begin at any corner
        value["points"] = sorted(np.round(value["points"], 9).tolist())
    if "rle" in value:
        value["rle"] = bytes(value["rle"]).rstrip(b"\0")
    keys = ("from_name", "to_name", "type")
    return {**{key: region[key] for key in keys}, "value": value}


def recorded_answer(config, result):
    if config.control().kind == "polygons":  # as drawn, not as pixels
        (value,) = (region["value"] for region in result)
        points = np.array(value["points"]) / 100 * [60, 40]
        return {"polygons": [points], "labels": [0]}
    return to_answer(result, config, config.control())
