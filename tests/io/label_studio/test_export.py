import json
from contextlib import suppress

import numpy as np
import pytest

from skactive.io.label_studio import LabelConfig, read_export, to_tasks, write_tasks
from skactive.utils._answers import ClassAnswers, NumberAnswers
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers

RNG = np.random.default_rng(0)
SIZE = (40, 60)


def blobs(n, n_classes):
    """Return masks with a hole, patches that touch, and unpainted pixels."""
    y, x = np.mgrid[:40, :60]
    masks = []
    for k in range(n):
        mask = ((x // (5 + k) + y // (4 + k)) % n_classes).astype(np.uint8)
        mask[(x - 20) ** 2 + (y - 15 - k) ** 2 < 90] = 255
        mask[(x - 20) ** 2 + (y - 15) ** 2 < 20] = n_classes - 1
        masks.append(mask)
    return masks


def some_boxes(n, labels):
    found = []
    for k in range(n):
        corners = RNG.uniform(0, 20, (k, 4)).astype(np.float32)
        corners[:, 2:] += corners[:, :2] + 0.1
        found.append({"boxes": corners, "labels": RNG.choice(labels, k)})
    return found


# Kind, labels, settings, predictions.
CASES = {
    "classes": ("classes", ["a", "b"], {}, ["a", "b", "b", "a"]),
    "digits": ("classes", ["0", "1"], {"classes": [0, 1]}, [0, 1, 1, 0]),
    "sets": ("label_sets", ["a", "b"], {}, [[0, 1], [1, 1], [1, 0], [0, 0]]),
    "numbers": ("numbers", [], {}, [0.0, -3.25, 1e300, 0.1 + 0.2]),
    "boxes": ("boxes", ["a", "b"], {}, some_boxes(4, ["a", "b"])),
    "boxes of 0, 1": ("boxes", ["a", "b"], {"classes": [0, 1]}, some_boxes(4, [0, 1])),
    "masks": ("masks", ["a", "b", "c"], {}, blobs(4, 3)),
    "polygons": ("polygons", ["a", "b", "c"], {}, blobs(4, 3)),
}


def same(first, second):
    if isinstance(first, dict):
        assert set(first) == set(second)
        for key in first:
            np.testing.assert_array_equal(first[key], second[key])
            assert first[key].dtype.kind == second[key].dtype.kind
    else:
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("case", CASES)
def test_what_goes_out_comes_back(case, export, tmp_path):
    """Predictions that a person submits unchanged are the answers, to the last bit."""
    kind, labels, settings, given = CASES[case]
    config = LabelConfig.make(kind, labels, **settings)
    ids = ["x", 3, "y", 0]
    tasks = to_tasks(
        ids,
        ["a.png"] * 4,
        config=config,
        predictions=given,
        image_size=SIZE if kind in ("boxes", "masks", "polygons") else None,
    )
    write_tasks(tmp_path / "tasks.json", tasks)
    tasks = json.loads((tmp_path / "tasks.json").read_text())
    path = tmp_path / "export.json"
    path.write_text(json.dumps(export(tasks)))
    answers = read_export(path, LabelConfig(config.to_xml(), **settings), ids=ids)
    assert answers.ids == ids
    assert set(answers.status) == {"answered"}
    assert answers.lead_time.tolist() == [1.5, 2.5, 3.5, 4.5]
    assert answers.task_ids == [7, 8, 9, 10]
    assert answers.annotation_ids == [50, 51, 52, 53]
    for found, known in zip(answers.y, given, strict=True):
        same(found, known)
    kinds = {"numbers": NumberAnswers, "boxes": BoxAnswers}
    kinds |= dict.fromkeys(("masks", "polygons"), MaskAnswers)
    if kind != "label_sets":
        rule = kinds.get(kind, ClassAnswers)()
        y = rule.read(answers.y, 4)
        assert not rule.missing(y).any()
        rule.check(rule.keep(y))


@pytest.mark.parametrize("case", CASES)
def test_a_skip_carries_the_prediction(case, export):
    kind, labels, settings, given = CASES[case]
    config = LabelConfig.make(kind, labels, **settings)
    tasks = to_tasks(
        range(4), ["a.png"] * 4, config=config, predictions=given, image_size=SIZE
    )
    for word in ("was_cancelled", "skipped"):
        answers = read_export(export(tasks, **{word: True}), config)
        assert set(answers.status) == {"skipped"}
        assert answers.origin == [None] * 4
        if answers.y.dtype == object:
            assert answers.y.tolist() == [None] * 4
        else:
            assert np.isnan(answers.y).all()


RECORDED = {
    "text": (["pos"] * 3, [100, 100, 107], [114]),
    "img_single": (["dog"] * 4, [100, 100, 107, 121], [114]),
    "img_multi": ([[0, 1], [1, 1], [1, 1], [1, 1]], [100, 100, 107, 121], [114]),
    "number": ([4.5] * 4, [100, 100, 107, 121], [114]),
    "boxes": ([2, 2, 2, 2, 0], [100, 100, 107, 121, 128], [114]),
    "polygons": ([22 * 22] * 4, [100, 100, 107, 121], [114]),
    "brush": ([738] * 4, [100, 100, 107, 121], [114]),
}


def recorded(data_dir, kind):
    folder = data_dir / "label_studio"
    xml = json.loads((folder / "label_configs.json").read_text())[kind]
    return LabelConfig(xml), folder / f"export_{kind}.json"


def size_of(answer):
    """Return a dense answer as a number: of boxes, or of painted pixels."""
    if isinstance(answer, dict):
        return len(answer["boxes"])
    return int((answer != 255).sum()) if np.ndim(answer) == 2 else int(np.sum(answer))


@pytest.mark.real_data
@pytest.mark.parametrize("kind", RECORDED)
def test_recorded_exports(data_dir, kind):
    config, path = recorded(data_dir, kind)
    y, ids, skipped = RECORDED[kind]
    answers = read_export(path, config, ids=[100, 107, 114, 121, 128])
    given = answers.take(answers.status == "answered")
    assert given.ids == ids
    found = list(given.y)
    if kind in ("boxes", "polygons", "brush"):
        found = [size_of(answer) for answer in found]
    for a, b in zip(found, y, strict=True):
        np.testing.assert_array_equal(a, b)
    skips = answers.take(answers.status == "skipped")
    assert skips.ids == skipped
    assert skips.lead_time.tolist() == [3.5]
    assert set(given.origin) == {"manual"}
    one = answers.newest()
    assert one.ids == list(dict.fromkeys(answers.ids))
    assert (one.annotator[0], one.lead_time[0]) == ("1", 7.0)
    assert str(one.updated_at[0]).startswith("2026-11-25T18:58:")
    calls = answers.calls()
    assert sorted(call["who"] for call in calls) == ["1", "2"]
    taught = np.concatenate([call["rows"] for call in calls])
    assert sorted(taught) == sorted(one.ids)


@pytest.mark.real_data
def test_recorded_shapes_are_where_they_were(data_dir):
    answers = read_export(*recorded(data_dir, "brush")[::-1])
    mask = answers.y[0]
    assert (mask[10:33, 30:53] == 0).all()  # road
    assert (mask[8:19, 6:25] == 1).all()  # sky
    assert (mask != 255).sum() == 529 + 209
    found = read_export(*recorded(data_dir, "boxes")[::-1]).y[0]
    np.testing.assert_allclose(found["boxes"], [[6, 8, 24, 18], [30, 10, 52.02, 32]])
    assert found["labels"].tolist() == ["person", "car"]
    mask = read_export(*recorded(data_dir, "polygons")[::-1]).y[0]
    assert (mask[10:32, 30:52] == 0).all()  # to 51.6, beyond the center of column 51
    assert (mask != 255).sum() == 22 * 22


@pytest.mark.real_data
def test_recorded_work_in_a_browser(data_dir):
    config, path = recorded(data_dir, "text")
    answers = read_export(path.with_name("export_browser_text.json"), config)
    assert answers.ids == [100, 107, 114, 121]
    assert answers.y.tolist() == ["neg", "neg", None, "pos"]
    assert answers.origin == ["prediction", "prediction-changed", None, "prediction"]


@pytest.mark.real_data
def test_recorded_page_of_the_server(data_dir):
    config, path = recorded(data_dir, "text")
    page = json.loads(path.with_name("tasks_page.json").read_text())
    answers = read_export([t for t in page["tasks"] if t["annotations"]], config)
    assert {"answered"} <= set(answers.status)


@pytest.mark.real_data
def test_recorded_exports_of_other_projects(data_dir):
    """Every export against every other config: faults that name what is wrong."""
    for kind in RECORDED:
        config, _ = recorded(data_dir, kind)
        for other in RECORDED:
            theirs, path = recorded(data_dir, other)
            if theirs.controls == config.controls or {kind, other} == {
                "img_single",
                "img_multi",
            }:
                continue
            with pytest.raises(ValueError, match=r"Annotation 1\d+ of task \d+ \(id 1"):
                read_export(path, config)
            left = read_export(path, config, faults="collect")
            assert set(left.status) <= {"skipped", "empty", "answered"}
            assert left.faults
            assert not [y for y in left.y[left.status == "answered"] if size_of(y)]


JUNK = [None, True, 0, -1, 1.5, 10**30, 1e308, float("nan"), float("inf"), "", "x"]
JUNK += ["5", [], {}, [None], {"a": 1}, [[]], [1, 2], "\ud800", [10**30]]


def paths(value, path=()):
    """Yield the path to each part of a JSON value, of long lists to the first six."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from paths(value[key], (*path, key))
    elif isinstance(value, list):
        for k in range(min(len(value), 6)):
            yield from paths(value[k], (*path, k))


@pytest.mark.real_data
@pytest.mark.parametrize("kind", RECORDED)
def test_anything_anywhere_is_read_or_refused(data_dir, kind):
    """Junk in each place of a recorded export ends in answers, or in a ValueError."""
    config, path = recorded(data_dir, kind)
    text = json.dumps(json.loads(path.read_text())[:1])
    for k, (*before, last) in enumerate(list(paths(json.loads(text)))[1:]):
        export = json.loads(text)
        part = export
        for key in before:
            part = part[key]
        for junk in JUNK[k % 2 :: 2]:
            part[last] = junk
            with suppress(ValueError):
                read_export(export, config, faults="collect").newest().calls()


CONFIG = LabelConfig.make("classes", ["a", "b"], of="text")


@pytest.fixture
def three(export):
    tasks = to_tasks([5, 6, 7], ["t"] * 3, config=CONFIG, predictions=["a", "b", "a"])
    return export(tasks)


def change(export, task, **changes):
    export[task]["annotations"][0].update(changes)
    return export


CHANGES = {
    "lead_time": (["3", -1, float("nan"), True, []], "its lead_time is"),
    "updated_at": (["yesterday", 3, "2026-13-01T00:00:00Z"], "its time is"),
    "completed_by": ([1.5, True, [1]], "which is no person"),
    "id": ([None, "3", True, 1.5], "it has no id"),
    "result": ([None, "x", [None]], "no list of regions"),
}


@pytest.mark.parametrize(
    ("key", "value", "match"),
    [(key, v, match) for key, (values, match) in CHANGES.items() for v in values],
)
def test_strange_annotations_are_named(three, key, value, match):
    change(three, 1, **{key: value})
    with pytest.raises(ValueError, match=rf"of task 8 \(id 6\): .*{match}"):
        read_export(three, CONFIG)
    answers = read_export(three, CONFIG, faults="collect")
    assert answers.ids == [5, 7]
    assert len(answers.faults) == 1


def test_what_may_be_absent(three):
    for key in ("lead_time", "updated_at", "completed_by"):
        del three[1]["annotations"][0][key]
    answers = read_export(three, CONFIG)
    assert np.isnan(answers.lead_time).tolist() == [False, True, False]
    assert np.isnat(answers.updated_at).tolist() == [False, True, False]
    assert answers.annotator == ["2", None, "2"]


@pytest.mark.parametrize(
    ("who", "name"),
    [(2, "2"), ({"id": 2, "email": "a@example.com"}, "2"), ("ann", "ann"), (None, None)]
    + [({"email": "a@example.com"}, "a@example.com")],
)
def test_people_are_the_same_in_all_replies(three, who, name):
    assert read_export(change(three, 0, completed_by=who), CONFIG).annotator[0] == name


def test_times_are_utc(three):
    change(three, 0, updated_at="2026-11-25T20:00:00.25+02:00")
    change(three, 1, updated_at="2026-11-25T18:00:00")
    times = read_export(three, CONFIG).updated_at
    assert times[0] - times[1] == np.timedelta64(250, "ms")


def test_tasks_that_we_did_not_make(three):
    del three[1]["data"]["skactive_id"]
    with pytest.raises(ValueError, match=r"Task 8 \(item 1\).*no skactive_id"):
        read_export(three, CONFIG)
    three[1]["data"]["skactive_id"] = 6.0
    with pytest.raises(ValueError, match="an integer or a string; got 6.0"):
        read_export(three, CONFIG)


def test_tasks_that_were_not_asked(three):
    with pytest.raises(ValueError, match=r"Task 8 \(item 1\): its id 6 was not asked"):
        read_export(three, CONFIG, ids=[5, 7, 8])
    assert len(read_export(three, CONFIG, ids=np.array([7, 6, 5, 4]))) == 3
    with pytest.raises(ValueError, match="ids of read_export must all be different"):
        read_export(three, CONFIG, ids=[5, 5])
    with pytest.raises(ValueError, match="was not asked"):
        read_export(three, CONFIG, ids=["5", "6", "7"])  # names are no numbers


def test_ids_twice(three):
    three[2]["data"]["skactive_id"] = 5
    with pytest.raises(
        ValueError, match=r"Task 9 \(item 2\): its id 5 is also.* task 7"
    ):
        read_export(three, CONFIG)


def test_no_fault_hides_another(three):
    three *= 3
    with pytest.raises(ValueError, match=r"and 1 more\.\nNothing was read") as caught:
        read_export(three, CONFIG)
    assert str(caught.value).count("is also that of task") == 5
    answers = read_export(three, CONFIG, faults="collect")
    assert (len(answers), len(answers.faults)) == (3, 6)
    assert len(answers.newest().faults) == 6


def test_submitted_without_an_answer(three):
    answers = read_export(change(three, 1, result=[]), CONFIG)
    assert answers.status.tolist() == ["answered", "empty", "answered"]
    assert answers.y.tolist() == ["a", None, "a"]
    assert answers.origin[1] is None


def test_tasks_without_answers_and_drafts(three):
    three[0]["annotations"] = []
    three[0]["drafts"] = [{"result": three[1]["annotations"][0]["result"]}]
    assert read_export(three, CONFIG).ids == [6, 7]
    assert len(read_export([], CONFIG)) == 0


@pytest.mark.parametrize(
    ("origins", "n_predicted", "parent", "origin"),
    [
        ((None, None), 2, None, "manual"),
        (("manual", None), 2, 4, "manual"),
        (("prediction", "prediction"), 2, 4, "prediction"),
        (("prediction", "prediction"), 0, 4, "prediction"),
        (("prediction", "prediction-changed"), 2, 4, "prediction-changed"),
        (("prediction", "manual"), 1, 4, "prediction-changed"),
        (("prediction",), 2, 4, "prediction-changed"),  # one was deleted
        ((), 2, 4, "prediction-changed"),  # all were
        ((), 0, 4, "prediction"),
        ((), 2, None, "manual"),
    ],
)
def test_what_was_done_with_predictions(region, origins, n_predicted, parent, origin):
    config = LabelConfig.make("boxes", ["a"])
    value = {"x": 1, "y": 2, "width": 3, "height": 4, "rectanglelabels": ["a"]}
    one = region("rectanglelabels", value)
    result = [{**one, "origin": o} if o else one for o in origins]
    annotation = {"id": 1, "result": result, "parent_prediction": parent}
    annotation["prediction"] = {"result": [one] * n_predicted} if n_predicted else {}
    export = [{"id": 1, "data": {"skactive_id": 1}, "annotations": [annotation]}]
    assert read_export(export, config).origin == [origin]


def test_empty_backgrounds_need_a_size():
    config = LabelConfig.make("masks", ["a"], classes=[1], unpainted=0)
    task = {
        "id": 1,
        "data": {"skactive_id": 1},
        "annotations": [{"id": 1, "result": []}],
    }
    with pytest.raises(ValueError, match="Pass image_size"):
        read_export([task], config)
    (mask,) = read_export([task], config, image_size=(4, 6)).y
    np.testing.assert_array_equal(mask, np.zeros((4, 6)))


@pytest.mark.parametrize("config", ["<View/>", None, LabelConfig])
def test_a_config_is_an_object(three, config):
    with pytest.raises(TypeError, match="must be a LabelConfig, as of LabelConfig"):
        read_export(three, config)


def test_the_choice_of_faults(three):
    with pytest.raises(ValueError, match="faults must be"):
        read_export(three, CONFIG, faults="ignore")
