"""Boxes in files of VOC, against torchvision's reader of them."""

from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skactive.io import voc

IDS = ["a.jpg", "b", "c.png"]
DOG = """<object><name>dog</name><difficult>{difficult}</difficult>
<part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax>
</bndbox></part>
<bndbox><xmin>{xmin}</xmin><ymin>{ymin}</ymin><xmax>{xmax}</xmax><ymax>{ymax}</ymax>
</bndbox></object>"""
SIZE = "<size><width>60</width><height>40</height><depth>3</depth></size>"
BOX = {"xmin": 7, "ymin": 9, "xmax": 24, "ymax": 18, "difficult": 0}


def dog(**change):
    return DOG.format(**(BOX | change))


def page(*objects, size=SIZE):
    return f"<annotation>{size}{''.join(objects)}</annotation>"


@pytest.fixture
def read(tmp_path):
    """Write one file, and read its folder."""

    def read(text, name="a.xml", **more):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return voc.read_boxes(tmp_path, IDS, **more)

    return read


def test_pixels_from_1_inclusive_become_from_0_exclusive(read):
    rows, y = read(page(dog(), dog(xmin=1, ymin=1, xmax=60, ymax=40)))
    assert rows.tolist() == [0] and rows.dtype == np.intp
    assert y[0]["boxes"].tolist() == [[6, 8, 24, 18], [0, 0, 60, 40]]
    assert y[0]["boxes"].dtype == np.float32
    assert y[0]["labels"].tolist() == ["dog", "dog"]
    assert y[0]["difficult"].tolist() == [False, False]


def test_a_box_of_one_pixel_is_none_of_width_0(read):
    _, y = read(page(dog(xmin=7, ymin=9, xmax=7, ymax=9)))
    assert y[0]["boxes"].tolist() == [[6, 8, 7, 9]]


def test_boxes_of_parts_are_passed_over_wherever_they_are(read):
    whole = dog()
    start, end = whole.index("<part>"), whole.index("</part>") + len("</part>")
    part = whole[start:end]
    last = whole.replace(part, "").replace("</object>", f"{part}{part}</object>")
    for text in (whole, last):
        assert read(page(text))[1][0]["boxes"].tolist() == [[6, 8, 24, 18]]


def test_floats_and_blanks_are_read(read):
    _, y = read(page(dog(xmin=" 7.5\n", xmax="24.0", difficult=" 1 ")))
    assert y[0]["boxes"].tolist() == [[6.5, 8, 24, 18]]
    assert y[0]["difficult"].tolist() == [True]


def test_difficult_objects_are_marked_or_left_out(read):
    text = page(dog(difficult=1), dog(xmin=3))
    _, y = read(text)
    assert y[0]["difficult"].tolist() == [True, False]
    _, y = read(text, difficult="drop")
    assert set(y[0]) == {"boxes", "labels"}
    assert y[0]["boxes"].tolist() == [[2, 8, 24, 18]]
    with pytest.raises(ValueError, match="difficult must be one of"):
        read(text, difficult="ignore")


def test_a_file_without_objects_is_an_answer_and_no_file_is_none(read):
    rows, y = read(page(), "c.xml", classes=["dog"])
    assert rows.tolist() == [2]
    assert y[0]["boxes"].shape == (0, 4) and y[0]["labels"].dtype == np.int64
    rows, y = read(page(dog()), "a.xml", classes=["cat", "dog"])
    assert rows.tolist() == [0, 2] and y[0]["labels"].tolist() == [1]


def test_files_that_count_from_0_are_noticed_and_read(read):
    text = page(dog(xmin=0))
    with pytest.raises(
        ValueError, match="a.xml': object 0: xmin is 0.*one_based=False"
    ):
        read(text)
    _, y = read(text, one_based=False)
    assert y[0]["boxes"].tolist() == [[0, 9, 24, 18]]


@pytest.mark.parametrize(
    "text, fault",
    [
        (page(dog(xmax=62)), "object 0: box 0.*outside the image"),
        (page(dog(), dog(xmax=6)), "object 1: box 0.*is empty"),
        (page(dog(xmin="nan")), "object 0: <xmin> is 'nan', which is no pixel"),
        (page(dog(xmax="inf")), "object 0: <xmax> is 'inf'"),
        (page(dog(xmax="1e30")), "object 0: <xmax> is '1e30'"),
        (page(dog(xmin="left")), "object 0: <xmin> is 'left'"),
        (page(dog(xmin="")), "object 0 has no <xmin>"),
        (page(dog(difficult="yes")), "object 0: <difficult> is 0 or 1, got 'yes'"),
        (page("<object><name>dog</name></object>"), "object 0 has no <bndbox>"),
        (page(dog().replace("<name>dog</name>", "")), "object 0 has no <name>"),
        (page(dog().replace("dog", " ")), "object 0 has no <name>"),
        (page(dog().replace("dog", "cat")), "object 0: 'cat' is not among classes"),
        (page(size=""), "has no <size>"),
        (
            page(size=SIZE.replace("60", "0")),
            r"<size> has the height and width \[40.0, 0",
        ),
        (page(size=SIZE.replace("60", "6.5")), "<size> has the height and width"),
        (page(size="<size><width>60</width></size>"), "has no <height>"),
        (page()[:30], "is no XML"),
        ("<!DOCTYPE annotation>" + page(dog()), "declares a document type"),
        ('{"images": []}', "is no XML"),
    ],
)
def test_a_faulty_object_is_named(read, text, fault):
    with pytest.raises(ValueError, match=f"a.xml'.* ?{fault}"):
        read(text, classes=["dog"])


def test_a_picture_that_is_not_among_ids_is_named(read):
    with pytest.raises(ValueError, match="x.xml' is about 'x', which is not among ids"):
        read(page(), "x.xml")


def test_a_folder_without_files_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file \*\.xml"):
        voc.read_boxes(tmp_path, IDS)
    with pytest.raises(FileNotFoundError):
        voc.read_boxes(tmp_path / "a.xml", IDS)


# ------------------------------------------------------------------------ writing


def answers():
    """Return answers to rows 2 and 0: of two boxes, one with odd numbers, and none."""
    odd = np.array([[0.1, 1 / 3, 7.7, 8], [2, 0, 3, 40]], np.float32)
    return [
        {"boxes": odd, "labels": ["ox & <cow>", "dog"], "difficult": [True, False]},
        {"boxes": [], "labels": []},
    ]


@pytest.mark.parametrize("one_based", [True, False])
@pytest.mark.parametrize("numbers", [True, False])
def test_there_and_back(tmp_path, one_based, numbers):
    y, classes = answers(), None
    if numbers:
        y[0]["labels"], classes = [0, 1], ["ox & <cow>", "dog"]
    more = {"classes": classes, "one_based": one_based}
    voc.write_boxes(tmp_path / "new", [2, 0], y, ids=IDS, sizes=(40, 60), **more)
    rows, back = voc.read_boxes(tmp_path / "new", IDS, **more)
    assert rows.tolist() == [0, 2] and len(back[0]["boxes"]) == 0
    for key, value in y[0].items():
        assert_array_equal(back[1][key], value)


def test_whole_corners_are_written_as_integers_and_from_1(tmp_path):
    voc.write_boxes(tmp_path, [2, 0], answers(), ids=IDS, sizes=[(40, 60)] * 3)
    root = ElementTree.parse(tmp_path / "c.xml").getroot()
    assert root.findtext("filename") == "c.png"
    assert (root.findtext("size/width"), root.findtext("size/height")) == ("60", "40")
    box = root.findall("object")[1].find("bndbox")
    assert [each.text for each in box] == ["3", "1", "3", "40"]
    text = (tmp_path / "a.xml").read_text()
    assert "<filename>a.jpg<" in text and "<object>" not in text


def test_boxes_are_cut_at_the_border(tmp_path):
    y = [{"boxes": [[-1, -0.5, 60.5, 41]], "labels": ["dog"]}]
    voc.write_boxes(tmp_path, [0], y, ids=IDS, sizes=(40, 60))
    assert voc.read_boxes(tmp_path, IDS)[1][0]["boxes"].tolist() == [[0, 0, 60, 40]]
    y[0]["boxes"] = [[60, 0, 61, 3]]
    with pytest.raises(
        ValueError, match="'b.jpg', cut at its border: box 0.* is empty"
    ):
        voc.write_boxes(tmp_path, [1], y, ids=IDS, sizes=(40, 60))


def test_the_peer_reads_the_same(tmp_path):
    peer = pytest.importorskip("torchvision.datasets").VOCDetection.parse_voc_xml
    rng, y = np.random.RandomState(0), []
    for m in (3, 2):
        corner = rng.randint(0, 20, (m, 2))
        boxes = np.column_stack([corner, corner + rng.randint(1, 20, (m, 2))])
        y.append({"boxes": boxes, "labels": ["dog"] * m})
    voc.write_boxes(tmp_path, [0, 1], y, ids=IDS, sizes=(40, 60))
    for name, answer in zip("ab", y):
        root = ElementTree.parse(tmp_path / f"{name}.xml").getroot()
        found = peer(root)["annotation"]["object"]
        corners = [
            [int(each["bndbox"][k]) for k in ("xmin", "ymin", "xmax", "ymax")]
            for each in found
        ]
        assert_array_equal(np.array(corners) - [1, 1, 0, 0], answer["boxes"])


@pytest.mark.real_data
def test_a_file_of_label_studio_counts_from_0(data_dir):
    peer = pytest.importorskip("torchvision.datasets").VOCDetection.parse_voc_xml
    path = data_dir / "label_studio" / "voc_boxes.xml"
    rows, y = voc.read_boxes(path, ["x", "voc_boxes"], one_based=False)
    found = peer(ElementTree.parse(path).getroot())["annotation"]["object"]
    assert rows.tolist() == [1]
    assert y[0]["labels"].tolist() == [each["name"] for each in found]
    assert y[0]["boxes"].astype(int).astype(str).tolist() == [
        list(each["bndbox"].values()) for each in found
    ]


def test_nothing_is_written_over_and_all_or_none(tmp_path):
    (tmp_path / "a.xml").write_text("answers of a month")
    more = {"ids": IDS, "sizes": (40, 60)}
    with pytest.raises(FileExistsError, match="a.xml' is there already"):
        voc.write_boxes(tmp_path, [2, 0], answers(), **more)
    assert [each.name for each in tmp_path.iterdir()] == ["a.xml"]
    assert (tmp_path / "a.xml").read_text() == "answers of a month"
    voc.write_boxes(tmp_path, [2, 0], answers(), **more, overwrite=True)
    assert voc.read_boxes(tmp_path, IDS)[0].tolist() == [0, 2]


@pytest.mark.parametrize(
    "change, fault",
    [
        ({"rows": [2, 2]}, "rows holds 2 twice"),
        ({"rows": [2, 3]}, "rows holds 3"),
        ({"rows": [2]}, "1 rows and 2 answers"),
        ({"ids": ["a.jpg", "a.png", "c"]}, "all be different"),
        ({"ids": ["a.jpg", "../b", "c"]}, "without folders"),
        ({"sizes": (0, 60)}, "sizes must be"),
        ({"sizes": [(40, 60)]}, "sizes must be"),
        ({"y": [answers()[1], None]}, "answer to 'a.jpg' is missing"),
        ({"y": [{"boxes": [[0, 0, 70, 2]], "labels": ["d"]}, None]}, "'c.png': box 0"),
        (
            {"y": [{"boxes": [[0, 0, 7, 2]], "labels": [1]}, None]},
            "no name for the class",
        ),
        (
            {"y": [{"boxes": [[0, 0, 7, 2]], "labels": ["a\1b"]}, None]},
            "written as XML",
        ),
        ({"y": [{"boxes": [[0, 0, 7, 2]], "labels": [" a"]}, None]}, "a blank"),
        ({"classes": ["cat"]}, "for the class 'ox & <cow>'"),
    ],
)
def test_what_does_not_fit_is_not_written(tmp_path, change, fault):
    given = {"rows": [2, 0], "y": answers(), "ids": IDS, "sizes": (40, 60)} | change
    with pytest.raises(ValueError, match=fault):
        voc.write_boxes(tmp_path / "new", given.pop("rows"), given.pop("y"), **given)
    assert not (tmp_path / "new").exists()
