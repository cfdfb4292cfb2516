"""A file of COCO taken apart: what is refused, and in which words."""

import json

import pytest

from skactive.io import coco

IDS = ["a.png", "b.png", "c.png"]


def content():
    """Return a file of two images, two categories and two annotations."""
    return {
        "images": [
            {"id": 7, "file_name": "b.png", "width": 40, "height": 30},
            {"id": 8, "file_name": "a.png", "width": 40, "height": 30},
        ],
        "categories": [{"id": 90, "name": "buoy"}, {"id": 3, "name": "boat"}],
        "annotations": [
            {
                "id": 1,
                "image_id": 7,
                "category_id": 90,
                "bbox": [5, 6, 20, 10],
                "segmentation": [[5, 6, 25, 6, 25, 16]],
            },
            {
                "id": 2,
                "image_id": 8,
                "category_id": 3,
                "bbox": [0.5, 0, 39.5, 30],
                "segmentation": {"size": [30, 40], "counts": [0, 1200]},
            },
        ],
    }


def read_boxes(path):
    return coco.read_boxes(path, IDS)


def read_masks(path):
    return coco.read_masks(path, IDS, ["buoy", "boat"])


READERS = [read_boxes, read_masks]


@pytest.fixture
def read(tmp_path):
    """Write a file and read it in one of the ways."""

    def read(value, how=read_boxes):
        text = value if isinstance(value, str) else json.dumps(value)
        (tmp_path / "answers.json").write_text(text, encoding="utf-8")
        return how(tmp_path / "answers.json")

    return read


@pytest.mark.parametrize("how", READERS)
def test_a_sound_file_is_read(read, how):
    rows, y = read(content(), how)
    assert rows.tolist() == [1, 0] and y.shape == (2,)


# What makes it faulty, where the message looks, and what it says.
FAULTS = {
    "image twice": (
        "images",
        1,
        {"file_name": "b.png"},
        "image 8.*and so has.*image 7",
    ),
    "image without name": ("images", 1, {"file_name": None}, "image 8.*'file_name'"),
    "image id twice": ("images", 1, {"id": 7}, "image 7 is there twice"),
    "no image id": ("images", 1, {"id": None}, "image None needs an id"),
    "float image id": ("images", 1, {"id": 8.0}, "image 8.0 needs an id"),
    "bool image id": ("images", 1, {"id": True}, "image True needs an id"),
    "stranger": ("images", 1, {"file_name": "d.png"}, "image 8.*'d.png', which is not"),
    "folder": ("images", 1, {"file_name": "x/a.png"}, "ids, though 'a.png' is"),
    "no width": ("images", 1, {"width": None}, "image 8.*a height and a width"),
    "width 0": ("images", 1, {"width": 0}, "image 8.*a height and a width"),
    "width NaN": (
        "images",
        1,
        {"width": float("nan")},
        "image 8.*a height and a width",
    ),
    "huge": ("images", 1, {"width": 10**9}, "image 8.*a height and a width"),
    "category id twice": ("categories", 1, {"id": 90}, "category 90 is there twice"),
    "category twice": ("categories", 1, {"name": "buoy"}, "category 3.*'buoy', and so"),
    "nameless category": ("categories", 1, {"name": 3}, "category 3 needs a 'name'"),
    "annotation twice": ("annotations", 1, {"id": 1}, "annotation 1 is there twice"),
    "of no image": ("annotations", 1, {"image_id": 9}, "annotation 2: the image_id 9"),
    "of image 8.0": ("annotations", 1, {"image_id": 8.0}, "the image_id 8.0"),
    "of a list": ("annotations", 1, {"image_id": [8]}, r"the image_id \[8\]"),
    "of no category": (
        "annotations",
        1,
        {"category_id": 1},
        "the category_id 1 is not",
    ),
    "category None": ("annotations", 1, {"category_id": None}, "the category_id None"),
    "crowd of 2": ("annotations", 1, {"iscrowd": 2}, "annotation 2: iscrowd is 0 or 1"),
    "crowd of yes": ("annotations", 1, {"ignore": "yes"}, "ignore is 0 or 1"),
}
FAULTY_BOXES = {
    "no box": ({"bbox": None}, "annotation 2 needs a bbox"),
    "empty list": ({"bbox": []}, "annotation 2 needs a bbox"),
    "three numbers": ({"bbox": [1, 2, 3]}, "annotation 2 needs a bbox"),
    "text": ({"bbox": [1, 2, 3, "4"]}, "annotation 2 needs a bbox"),
    "true": ({"bbox": [1, 2, 3, True]}, "annotation 2 needs a bbox"),
    "NaN": ({"bbox": [1, 2, 3, float("nan")]}, "annotation 2 needs a bbox"),
    "infinite": ({"bbox": [1, 2, 3, float("inf")]}, "annotation 2 needs a bbox"),
    "too large": ({"bbox": [1, 2, 3, 1e300]}, "annotation 2 needs a bbox"),
    "width 0": ({"bbox": [1, 2, 0, 4]}, "annotation 2: box 0.* is empty"),
    "width below 0": ({"bbox": [1, 2, -3, 4]}, "annotation 2: box 0.* is empty"),
    "outside": (
        {"bbox": [30, 20, 12, 4]},
        "annotation 2: box 0.* is outside the image",
    ),
    "far left": ({"bbox": [-2, 20, 12, 4]}, "annotation 2: box 0.* is outside"),
}
FAULTY_MASKS = {
    "none": ({"segmentation": None}, "annotation 2 has no segmentation"),
    "of a box": ({"segmentation": []}, "annotation 2 has no segmentation"),
    "text": ({"segmentation": "abc"}, "annotation 2.*no segmentation that"),
    "turned": ({"segmentation": {"size": [40, 30], "counts": [0, 1200]}}, "the size"),
    "short": (
        {"segmentation": {"size": [30, 40], "counts": [0, 12]}},
        "12 pixels long",
    ),
    "no counts": ({"segmentation": {"size": [30, 40]}}, "annotation 2: A mask of runs"),
    "cut": ({"segmentation": {"size": [30, 40], "counts": "0T"}}, "2: .*is cut off"),
    "a line": ({"segmentation": [[1, 1, 2, 2]]}, "annotation 2: .*three points"),
    "one flat list": ({"segmentation": [1, 1, 2, 2, 3, 3]}, "2: .*three points"),
    "NaN": ({"segmentation": [[1, 1, 2, 2, 3, float("nan")]]}, "2: .*no pixel"),
    "outside": ({"segmentation": [[1, 1, 2, 2, 3, 300]]}, "2: .*outside the image"),
    "far": ({"segmentation": [[1, 1, 2, 2, 3, 9e8]]}, "2: .*outside the image"),
}


@pytest.mark.parametrize("how", READERS)
@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_entry_is_named(read, name, how):
    key, number, change, fault = FAULTS[name]
    value = content()
    value[key][number] |= change
    with pytest.raises(ValueError, match=f"answers.json': .*{fault}"):
        read(value, how)


@pytest.mark.parametrize("name", FAULTY_BOXES)
def test_a_faulty_box_is_named(read, name):
    change, fault = FAULTY_BOXES[name]
    value = content()
    value["annotations"][1] |= change
    with pytest.raises(ValueError, match=f"answers.json': {fault}"):
        read(value)


@pytest.mark.parametrize("name", FAULTY_MASKS)
def test_a_faulty_mask_is_named(read, name):
    change, fault = FAULTY_MASKS[name]
    value = content()
    value["annotations"][1] |= change
    with pytest.raises(ValueError, match=f"answers.json': .*{fault}"):
        read(value, read_masks)


@pytest.mark.parametrize("key", ["images", "categories", "annotations"])
@pytest.mark.parametrize("how", READERS)
def test_a_list_that_is_missing_or_none_is_named(read, key, how):
    value = content()
    value[key] = {"id": 1}
    with pytest.raises(ValueError, match=f"answers.json' has no list '{key}'"):
        read(value, how)
    del value[key]
    with pytest.raises(ValueError, match=f"answers.json' has no list '{key}'"):
        read(value, how)
    with pytest.raises(
        ValueError, match="answers.json': .* 0 is 3, and no JSON object"
    ):
        read({**value, key: [3]}, how)


def whole():
    return json.dumps(content())


@pytest.mark.parametrize(
    "text, fault",
    [
        ("", "is no JSON"),
        (whole()[:200], "is no JSON .*cut off"),
        (whole() + "}", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("9" * 5000, "is no JSON"),
        ("<annotation/>", "is no JSON"),
        ("[]", r"is no file of COCO, but \[\]. A list of predictions is read by"),
        ('"text"', "is no file of COCO"),
    ],
)
def test_other_files_are_refused(read, text, fault):
    with pytest.raises(ValueError, match=f"answers.json' {fault}"):
        read(text)


def test_a_file_of_bytes_is_refused(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(ValueError, match="a.json' is no text in UTF-8"):
        read_boxes(tmp_path / "a.json")
    with pytest.raises(FileNotFoundError):
        read_boxes(tmp_path / "b.json")


def test_a_mark_of_bytes_at_the_beginning_is_passed_over(tmp_path):
    (tmp_path / "a.json").write_text(whole(), encoding="utf-8-sig")
    assert read_boxes(tmp_path / "a.json")[0].tolist() == [1, 0]


@pytest.mark.parametrize(
    "ids, fault",
    [
        (["a.png", "a.png"], "must all be different"),
        (["a.png", 8], "either file names, strings, or ids of images"),
        ([7.0, 8.0], "integers or strings"),
        ("a.png", "one name for each sample"),
        ([], "which is not among ids, of which there are none"),
        ([[7, 8]], r"integers or strings; got \[7, 8\] for row 0"),
    ],
)
def test_ids_that_are_no_names_are_refused(read, tmp_path, ids, fault):
    read(content())
    with pytest.raises(ValueError, match=fault):
        coco.read_boxes(tmp_path / "answers.json", ids)


def test_ids_of_images_are_integers(read, tmp_path):
    read(content())
    rows, y = coco.read_boxes(tmp_path / "answers.json", [5, 8, 7])
    assert rows.tolist() == [2, 1]
    assert [each["labels"].tolist() for each in y] == [["buoy"], ["boat"]]
    with pytest.raises(ValueError, match="image 8 is about 8"):
        coco.read_boxes(tmp_path / "answers.json", [5, 7])


@pytest.mark.real_data
@pytest.mark.parametrize("kind", ["boxes", "polygons", "brush"])
def test_what_label_studio_exports_is_refused_as_images_come_twice(data_dir, kind):
    path = data_dir / "label_studio" / f"coco_{kind}.json"
    with pytest.raises(ValueError, match="image 1 .*and so has.*JSON export instead"):
        coco.read_boxes(path, ["im00.png", "im01.png", "im03.png"])
