import json

import pytest

from skactive.io.label_studio._formats import read_tasks

TASK = {"id": 3, "data": {"skactive_id": 1}, "annotations": []}


def test_files_and_lists_are_the_same(tmp_path):
    path = tmp_path / "export.json"
    path.write_text(json.dumps([TASK]))
    assert read_tasks(path) == read_tasks(str(path)) == read_tasks([TASK]) == [TASK]
    assert read_tasks((TASK,)) == [TASK]
    assert read_tasks([]) == []


def test_old_exports_have_another_name():
    old = {"id": 3, "data": {}, "completions": [{"id": 1}]}
    assert read_tasks([old])[0]["annotations"] == [{"id": 1}]


MIN = {"id": 3, "text": "a", "cls": "pos", "annotation_id": 7, "annotator": 1}
COCO = {"images": [], "categories": [], "annotations": [], "info": {}}
PROJECT = {"id": 3, "label_config": "<View/>"}


@pytest.mark.parametrize(
    ("value", "match"),
    [
        ([MIN], "format JSON_MIN.*skips.*Export the project as JSON"),
        ([TASK, MIN], "format JSON_MIN"),
        (COCO, "format COCO.*skips and ids"),
        ({"categories": [], "info": {}}, "format YOLO"),
        ({"tasks": [TASK], "total": 1}, 'Pass its "tasks"'),
        (TASK, "a list of tasks; got a single task"),
        (PROJECT, "got a dict of"),
        ({}, "got a dict of"),
        ([{"data": {}, "predictions": []}], "goes to the tool, not one that came back"),
        ([{"data": {}, "annotations": None}], "goes to the tool"),
        ([{"annotations": []}], "Item 0 of the export is no task: it has no data"),
        ([{"data": [], "annotations": []}], "no data"),
        ([TASK, None], "Item 1 of the export is no task: 'None'"),
        ([TASK, "a"], "Item 1"),
        ([[TASK]], "Item 0"),
    ],
)
def test_other_formats_are_refused_with_the_reason(value, match, tmp_path):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(value))
    for source in (value, path):
        with pytest.raises(ValueError, match=match):
            read_tasks(source)


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("a.csv", b"annotation_id,annotator,cls\n1,1,pos\n", "format CSV"),
        ("a.csv", b'"annotation_id","annotator"\n1,1\n', "format CSV"),
        ("a.tsv", b"annotator\tannotation_id\n1\t1\n", "format CSV"),
        ("a.xml", b"<annotation><folder>x</folder></annotation>", "format VOC"),
        ("a.zip", b"PK\x03\x04rest", "a zip: such as of COCO, VOC or YOLO"),
        ("im.txt", b"0 0.5 0.5 0.2 0.1\n1 0.1 0.5 0.2 0.1\n", "format YOLO"),
        ("im.txt", b"", "format YOLO"),
        ("a.json", b"", "is no JSON"),
        ("a.json", b"[{", "is no JSON"),
        ("a.json", b"\xff\xfe\x00", "is no JSON"),
        ("a.json", b"[" * 10**5, "is no JSON"),
        ("a.json", b"3", "a list of tasks; got int"),
        ("a.json", b"null", "a list of tasks; got NoneType"),
        ("a.json", b'"text"', "a list of tasks; got str"),
    ],
)
def test_files_of_other_formats(name, content, match, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=match):
        read_tasks(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_tasks(tmp_path / "export.json")


READABLE = {"export_browser_text.json"} | {
    f"export_{kind}.json"
    for kind in [
        "text",
        "img_single",
        "img_multi",
        "boxes",
        "polygons",
        "brush",
        "number",
    ]
}


@pytest.mark.real_data
def test_every_recorded_file_is_read_or_refused(data_dir, tmp_path):
    reasons = {"_min.json": "JSON_MIN", ".csv": "CSV", ".xml": "VOC"}
    reasons |= {f"coco_{k}.json": "COCO" for k in ("boxes", "polygons", "brush")}
    files = sorted((data_dir / "label_studio").iterdir())
    assert len(files) > 30
    for file in files:
        if file.name in READABLE:
            assert read_tasks(file)
            continue
        with pytest.raises(ValueError, match="export|JSON|page of tasks") as caught:
            read_tasks(file)
        for ending, reason in reasons.items():
            if file.name.endswith(ending):
                assert f"in the format {reason}:" in str(caught.value)
        if file.name.startswith("yolo"):  # the file has the files of the zip in it
            for name, text in json.loads(file.read_text()).items():
                path = tmp_path / name.replace("/", "_")
                path.write_text(text)
                if name != "classes.txt":
                    with pytest.raises(ValueError, match="format YOLO"):
                        read_tasks(path)
