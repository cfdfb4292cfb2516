import numpy as np
import pytest

from skactive.io.label_studio import LabelConfig, brush_encode
from skactive.io.label_studio._regions import own_regions, to_answer

LABELS = ["road", "sky"]


def answer(kind, regions, **settings):
    size = settings.pop("image_size", None)
    labels = [] if kind == "numbers" else LABELS
    config = LabelConfig.make(kind, labels, **settings)
    return to_answer(regions, config, config.control(), image_size=size)


def box(x=10, y=20, width=30, height=25, label="sky", **more):
    sides = {"x": x, "y": y, "width": width, "height": height, "rotation": 0}
    return {**sides, "rectanglelabels": [label], **more}


def test_choices(region):
    sky = region("choices", {"choices": ["sky"]})
    assert answer("classes", [sky]) == "sky"
    assert answer("classes", [sky], classes=[4, 9]) == 9
    assert answer("classes", []) is None
    assert answer("label_sets", [sky]).tolist() == [0, 1]
    assert answer("label_sets", []).tolist() == [0, 0]
    both = region("choices", {"choices": ["sky", "road"]})
    assert answer("label_sets", [both]).tolist() == [1, 1]


def test_boxes(region):
    found = answer("boxes", [region("rectanglelabels", box())], classes=[1, 2])
    assert found["boxes"].tolist() == [[6, 8, 24, 18]]
    assert found["labels"].tolist() == [2]
    empty = answer("boxes", [])
    assert empty["boxes"].shape == (0, 4)
    assert empty["labels"].shape == (0,)


def test_later_strokes_win(region):
    wide, narrow = np.zeros((2, 40, 60), dtype=bool)
    wide[5:20], narrow[10:30, 10:20] = True, True
    regions = [
        region(
            "brushlabels", {"format": "rle", "rle": brush_encode(m), "brushlabels": [n]}
        )
        for m, n in [(wide, "road"), (narrow, "sky")]
    ]
    mask = answer("masks", regions)
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask == 1, narrow)
    np.testing.assert_array_equal(mask == 0, wide & ~narrow)
    mask = answer("masks", regions[::-1], classes=[300, 301], unpainted=-1)
    np.testing.assert_array_equal(mask == 300, wide)
    assert set(np.unique(mask)) == {-1, 300, 301}


def test_nothing_painted():
    assert answer("masks", []) is None
    empty = answer("masks", [], classes=[1, 2], unpainted=0, image_size=(4, 6))
    np.testing.assert_array_equal(empty, np.zeros((4, 6)))
    with pytest.raises(ValueError, match="Pass image_size"):
        answer("masks", [], classes=[1, 2], unpainted=0)


def test_polygons_are_masks(region):
    points = [[10, 25], [50, 25], [50, 50], [10, 50]]
    value = {"points": points, "closed": True, "polygonlabels": ["sky"]}
    mask = answer("polygons", [region("polygonlabels", value)])
    assert (mask[10:20, 6:30] == 1).all()
    assert (mask != 255).sum() == 240


CHOICES = {"choices": ["sky"]}
STROKE = {"format": "rle", "rle": brush_encode(np.eye(40, 60)), "brushlabels": ["sky"]}
POLYGON = {"points": [[0, 0], [9, 0], [9, 9]], "closed": True, "polygonlabels": ["sky"]}


@pytest.mark.parametrize(
    ("kind", "value", "changes", "match"),
    [
        ("classes", {"choices": ["car"]}, {}, "'car' is no label"),
        ("classes", {"choices": ["sky", "road"]}, {}, "2 classes"),
        ("classes", {"choices": "sky"}, {}, "no list of labels"),
        ("classes", {"choices": [["sky"]]}, {}, "no list of labels"),
        ("classes", {}, {}, "no list of labels"),
        ("classes", CHOICES, {"from_name": "cls"}, "answers 'cls'.*asks"),
        ("classes", CHOICES, {"from_name": None}, "answers None"),
        ("classes", CHOICES, {"from_name": []}, r"answers \[\]"),
        ("classes", CHOICES, {"type": "rectanglelabels"}, "of type 'rectanglelabels'"),
        ("classes", CHOICES, {"type": None}, "of type None"),
        ("classes", CHOICES, {"to_name": "text"}, "about 'text'"),
        ("classes", None, {}, "no value"),
        ("classes", "sky", {}, "no value"),
        ("label_sets", {"choices": ["sky", "car"]}, {}, "'car' is no label"),
        ("label_sets", {"choices": ["sky", "sky"]}, {}, "a label twice"),
        ("numbers", {"number": "4"}, {}, "number is '4'"),
        ("numbers", {"number": True}, {}, "number is True"),
        ("numbers", {"number": float("nan")}, {}, "number is nan"),
        ("numbers", {}, {}, "number is None"),
        ("boxes", box(x=80), {}, "outside the picture"),
        ("boxes", box(width=0), {}, "empty"),
        ("boxes", box(width=-5), {}, "empty"),
        ("boxes", box(x=None), {}, "None where a number belongs"),
        ("boxes", box(x="3"), {}, "'3' where a number belongs"),
        ("boxes", box(x=float("nan")), {}, "not finite"),
        ("boxes", box(label="car"), {}, "'car' is no label"),
        ("boxes", box(rectanglelabels=[]), {}, r"has the labels \[\]"),
        ("boxes", box(rectanglelabels=["sky", "road"]), {}, "has the labels"),
        ("boxes", box(rotation=12.5), {}, "turned by 12.5 degrees.*canRotate"),
        ("boxes", box(), {"original_width": None}, "no original_width"),
        ("boxes", box(), {"original_width": 60.0}, "no original_width"),
        ("boxes", box(), {"original_height": 0}, "no original_width"),
        ("boxes", box(), {"original_height": "40"}, "no original_width"),
        ("boxes", box(), {"image_rotation": 90}, "picture turned by 90 degrees"),
        ("masks", {**STROKE, "format": "png"}, {}, "in the format 'png'"),
        ("masks", {**STROKE, "rle": STROKE["rle"][:-4]}, {}, "breaks off"),
        ("masks", {**STROKE, "rle": None}, {}, "list of bytes"),
        ("masks", STROKE, {"original_width": 61}, "four for each pixel"),
        ("masks", {**STROKE, "brushlabels": ["car"]}, {}, "'car' is no label"),
        ("polygons", {**POLYGON, "closed": False}, {}, "not closed"),
        ("polygons", {**POLYGON, "points": [[0, 0], [1, 1]]}, {}, "three or more"),
        ("polygons", {**POLYGON, "points": [[0, 0, 0]] * 3}, {}, "three or more"),
        ("polygons", {**POLYGON, "points": None}, {}, "three or more"),
        ("polygons", {**POLYGON, "points": [[0, 0], [1, 101], [5, 5]]}, {}, "outside"),
        ("polygons", {**POLYGON, "points": [[0, 0], [1, None], [5, 5]]}, {}, "None"),
    ],
)
def test_what_the_server_took_is_refused(region, kind, value, changes, match):
    tags = {"classes": "choices", "label_sets": "choices", "numbers": "number"}
    tags |= {"boxes": "rectanglelabels", "masks": "brushlabels"}
    one = region(tags.get(kind, "polygonlabels"), value, **changes)
    with pytest.raises(ValueError, match=match):
        answer(kind, [one])


@pytest.mark.parametrize("result", [None, "x", {}, [None], [["a"]], 3])
def test_a_result_is_a_list_of_regions(result):
    with pytest.raises(ValueError, match="no list of regions"):
        answer("boxes", result)


def test_one_answer_where_one_was_asked(region):
    two = [region("choices", {"choices": [name]}) for name in LABELS]
    with pytest.raises(ValueError, match="2 classes"):
        answer("classes", two)
    with pytest.raises(ValueError, match="2 numbers"):
        answer("numbers", [region("number", {"number": k}) for k in (1, 2)])
    strokes = [
        region("brushlabels", STROKE),
        region("brushlabels", STROKE, original_width=40, original_height=60),
    ]
    with pytest.raises(ValueError, match="several sizes"):
        answer("masks", strokes)


def test_the_size_may_be_known(region):
    one = [region("rectanglelabels", box())]
    assert len(answer("boxes", one, image_size=(40, 60))["boxes"]) == 1
    with pytest.raises(ValueError, match="60 wide and 40 high, and the picture has 40"):
        answer("boxes", one, image_size=(60, 40))


def test_other_questions_are_passed_over(region):
    config = LabelConfig(
        '<View><Image name="image" value="$image"/><Number name="y" toName="image"/>'
        '<TextArea name="why" toName="image"/>'
        '<Choices name="label" toName="image"><Choice value="sky"/></Choices></View>'
    )
    regions = [
        region("choices", CHOICES),
        region("number", {"number": 4}, name="y"),
        region("textarea", {"text": ["so"]}, name="why"),
    ]
    assert to_answer(regions, config, config.control("y")) == 4
    assert to_answer(regions, config, config.control("label")) == "sky"
    assert to_answer(regions[2:], config, config.control("y")) is None
    regions[1]["type"] = "choices"
    with pytest.raises(ValueError, match="of type 'choices'"):
        own_regions(regions, config, config.control("label"))
