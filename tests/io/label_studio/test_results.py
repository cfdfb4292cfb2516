import numpy as np
import pytest

from skactive.io.label_studio import LabelConfig, brush_decode
from skactive.io.label_studio._results import checked_score, to_result

SIZE = (40, 60)


def values(kind, answer, labels=("road", "sky"), size=SIZE, score=None, **settings):
    if kind == "numbers":
        labels = ()
    config = LabelConfig.make(kind, labels, **settings)
    result = to_result(
        answer,
        config.control(),
        score=score,
        image_size=size,
        unpainted=config.unpainted,
    )
    assert len({region["id"] for region in result}) == len(result)
    tag = {"numbers": "number"}.get(kind, config.control().tag.lower())
    assert all(region["type"] == tag for region in result)
    assert all(region["from_name"] == "label" for region in result)
    return result


def test_choices():
    (region,) = values("classes", "sky", score=0.7, size=None)
    assert region["value"] == {"choices": ["sky"]}
    assert region["score"] == 0.7
    assert "original_width" not in region
    (region,) = values("label_sets", [1, 1])
    assert region["value"] == {"choices": ["road", "sky"]}
    assert "score" not in region
    assert values("label_sets", np.array([0.0, 0.0])) == []


def test_boxes_in_percent_with_their_scores():
    answer = {
        "boxes": np.array([[6, 8, 24, 18], [0, 0, 60, 40]], dtype=np.float32),
        "labels": np.array(["sky", "road"]),
        "scores": np.array([0.8, 0.3], dtype=np.float32),
        "probas": np.zeros((2, 2)),
    }
    first, second = values("boxes", answer)
    assert first["value"] == {
        **{"x": 10, "y": 20, "width": 30, "height": 25, "rotation": 0},
        "rectanglelabels": ["sky"],
    }
    assert (first["original_width"], first["original_height"]) == (60, 40)
    assert first["score"] == pytest.approx(0.8)
    assert second["value"]["width"] == 100
    assert values("boxes", {"boxes": [], "labels": []}) == []


def test_masks_have_a_region_for_each_class():
    mask = np.full(SIZE, 255)
    mask[3:9, 4:30] = 1
    mask[20:, 4:30] = 0
    regions = values("masks", mask, size=None)
    assert [r["value"]["brushlabels"] for r in regions] == [["road"], ["sky"]]
    for k, region in enumerate(regions):
        assert (region["original_width"], region["original_height"]) == (60, 40)
        painted = brush_decode(region["value"]["rle"], 40, 60)
        np.testing.assert_array_equal(painted, mask == k)
    assert values("masks", np.full(SIZE, 255)) == []
    known = values("masks", mask == 1, classes=[1, 2], unpainted=0)
    assert [r["value"]["brushlabels"] for r in known] == [["road"]]


def test_polygons_of_masks_and_of_points():
    mask = np.full(SIZE, 255)
    mask[10:20, 6:30] = 1
    (region,) = values("polygons", mask)
    assert sorted(region["value"]["points"]) == [[10, 25], [10, 50], [50, 25], [50, 50]]
    points = [[6, 10], [30, 10], [30, 20.5]]
    answer = {"polygons": [points], "labels": ["sky"], "scores": [0.5]}
    (region,) = values("polygons", answer)
    np.testing.assert_allclose(
        region["value"]["points"], [[10, 25], [50, 25], [50, 51.25]], rtol=1e-12
    )
    assert region["value"]["closed"] is True
    assert region["score"] == 0.5


@pytest.mark.parametrize(
    ("kind", "answer", "match"),
    [
        ("classes", "car", "'car' is no label"),
        ("classes", [0.3, 0.7], "asks for one class"),
        ("label_sets", [1], "asks for several labels"),
        ("label_sets", [0.3, 0.7], "a row of 0 and 1"),
        ("label_sets", ["road"], "asks for several labels"),
        ("label_sets", [1, np.nan], "a row of 0 and 1"),
        ("numbers", np.nan, "finite"),
        ("numbers", np.inf, "finite"),
        ("numbers", "3", "asks for a number"),
        ("numbers", [3.0], "asks for a number"),
        ("boxes", [[0, 0, 1, 1]], "must be a dict"),
        ("boxes", {"boxes": [[0, 0, 1, 1]], "labels": ["car"]}, "'car' is no label"),
        ("boxes", {"boxes": [[0, 0, 1, 1]], "labels": []}, "as many"),
        ("boxes", {"boxes": [[0, 0, 61, 1]], "labels": ["sky"]}, "outside the picture"),
        ("boxes", {"boxes": [[5, 0, 5, 1]], "labels": ["sky"]}, "empty"),
        (
            "boxes",
            {"boxes": [[0, 0, 1, 1]], "labels": ["sky"], "scores": [1.7]},
            "from 0 to 1.*got 1.7",
        ),
        (
            "boxes",
            {"boxes": [[0, 0, 1, 1]], "labels": ["sky"], "scores": [0.5, 0.5]},
            "as many scores",
        ),
        ("masks", np.zeros((4, 4), int), "the mask is of shape"),
        ("masks", np.zeros(SIZE), "integers"),
        ("masks", np.full(SIZE, 2), "2 is no label"),
        ("masks", "sky", "integers"),
        ("polygons", np.full(SIZE, 2), "2 is no label"),
        ("polygons", {"points": []}, "got a dict of"),
        (
            "polygons",
            {"polygons": [[[0, 0], [1, 1]]], "labels": ["sky"]},
            "three points",
        ),
        (
            "polygons",
            {"polygons": [[[0, 0], [61, 1], [3, 3]]], "labels": ["sky"]},
            "outside the picture",
        ),
        (
            "polygons",
            {"polygons": [[[0, 0], [np.nan, 1], [3, 3]]], "labels": ["sky"]},
            "outside the picture",
        ),
    ],
)
def test_predictions_that_the_server_would_take(kind, answer, match):
    with pytest.raises((ValueError, TypeError), match=match):
        values(kind, answer)


@pytest.mark.parametrize("kind", ["boxes", "polygons"])
def test_percent_need_a_size(kind):
    answer = {
        "boxes": [[0, 0, 1, 1]],
        "polygons": [np.eye(3)[:, :2]],
        "labels": ["sky"],
    }
    with pytest.raises(ValueError, match="pass image_size"):
        values(kind, answer, size=None)


@pytest.mark.parametrize(
    "score", [1.7, -0.1, np.nan, np.inf, "0.4", True, [0.5], np.array([0.5])]
)
def test_scores_are_confidences(score):
    with pytest.raises(ValueError, match="a number from 0 to 1"):
        checked_score(score)


def test_sums_of_probabilities_are_rounded():
    assert checked_score(1 + 2e-16) == 1
    assert checked_score(np.float32(0.25)) == 0.25
    assert checked_score(None) is None
