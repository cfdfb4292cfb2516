from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from skactive.io.label_studio import LabelConfig
from skactive.io.label_studio._items import (
    as_items,
    as_json,
    to_data,
)

TEXT = LabelConfig.make("numbers", of="text")
IMAGE = LabelConfig.make("numbers", of="image")
TABLE = LabelConfig.make("numbers", of="table")
HTML = LabelConfig.make("numbers", of="html")
TWO = LabelConfig(
    '<View><Text name="a" value="$one"/><Text name="b" value="$two"/>'
    '<Number name="y" toName="a"/></View>'
)


def frames():
    columns = {"one": ["a", "b"], "two": ["c", "d"]}
    yield pytest.importorskip("pandas").DataFrame(columns)
    yield columns
    yield OrderedDict(columns)
    yield [dict(zip(columns, row, strict=True)) for row in zip(*columns.values())]
    yield pytest.importorskip("polars").DataFrame(columns)


def test_rows_and_columns_and_frames():
    for data in frames():
        shown = [to_data(item, TWO)[0] for item in as_items(data, TWO)]
        assert shown == [{"one": "a", "two": "c"}, {"one": "b", "two": "d"}]


@pytest.mark.parametrize("data", ["text", b"text", 3, None])
def test_one_value_is_no_data(data):
    with pytest.raises(TypeError, match="an item for each id"):
        as_items(data, TEXT)


def test_columns_of_several_lengths():
    with pytest.raises(ValueError, match="'one': 2, 'two': 1"):
        as_items({"one": ["a", "b"], "two": ["c"]}, TWO)


@pytest.mark.parametrize(
    ("item", "config", "match"),
    [
        ({"one": "a"}, TWO, r"\['two'\], which the data lack; they have \['one'\]"),
        ({"one": "a", "two": None}, TWO, r"\['two'\]"),
        ("a", TWO, "one value for each; got str"),
        ({"texts": "a"}, TEXT, r"\['text'\], which the data lack"),
        (None, TEXT, r"\['text'\]"),
        (3, TEXT, "a text is a string; got 3"),
        (np.nan, TEXT, "a text is a string"),
        ({"text": "a", "skactive_id": 3}, TEXT, "'skactive_id'.*rename"),
        ({"text": "a", 3: 4}, TEXT, "3 of the data is not allowed"),
        ({"text": "a", "x": np.inf}, TEXT, "'x': JSON has no inf"),
        ({"text": "a", "x": object()}, TEXT, "'x': object is nothing that JSON knows"),
        (3, IMAGE, "a path, an address, or an array"),
        ([[1, 2], [3, 4]], IMAGE, "a path, an address, or an array; got list"),
        (np.zeros(64), IMAGE, "'image'.*reshape"),
        ("/srv/a.png", IMAGE, "LOCAL_FILES_DOCUMENT_ROOT"),
        ({"a": np.nan}, TABLE, "'table': JSON has no nan"),
    ],
)
def test_what_cannot_be_shown_is_refused(item, config, match):
    with pytest.raises((ValueError, TypeError), match=match):
        to_data(item, config)


@pytest.mark.parametrize(
    "address",
    ["https://x.org/a.png", "s3://b/a.png", "data:image/png;base64,AA", "/data/x/?d=a"],
)
def test_addresses_stay(address):
    assert to_data(address, IMAGE) == ({"image": address}, None)
    assert to_data(np.str_(address), IMAGE) == ({"image": address}, None)


def test_paths_become_addresses():
    url = {"image": "/data/local-files/?d=a%20b.png"}
    for path in ("a b.png", Path("a b.png"), np.str_("a b.png")):
        assert to_data(path, IMAGE)[0] == url
    assert to_data("/srv/a b.png", IMAGE, "/srv")[0] == url


def test_arrays_have_a_size():
    shown, size = to_data(np.zeros((3, 40, 60)), IMAGE)
    assert size == (40, 60)
    assert shown["image"].startswith("data:image/png")
    Image = pytest.importorskip("PIL.Image")
    assert to_data(Image.new("RGB", (60, 40)), IMAGE)[1] == (40, 60)


def test_rows_of_tables():
    row = {"age": np.int64(3), "name": "<b>"}
    assert to_data(row, TABLE)[0] == {"table": {"age": 3, "name": "<b>"}}
    assert to_data({"table": row}, TABLE)[0]["table"]["age"] == 3
    assert to_data(np.array([1.5, 2]), TABLE)[0] == {"table": {"0": 1.5, "1": 2.0}}
    page = to_data(row, HTML)[0]["html"]
    assert "<th>name</th><td>&lt;b&gt;</td>" in page
    assert to_data("<p>x</p>", HTML)[0] == {"html": "<p>x</p>"}


def test_other_keys_are_kept():
    item = {"text": "a", "x": np.arange(2), "when": None, "deep": {"a": (np.True_, 1)}}
    shown = to_data(item, TEXT)[0]
    assert shown == {"text": "a", "x": [0, 1], "when": None, "deep": {"a": [True, 1]}}


def test_json_values():
    assert as_json(np.float32(0.5)) == 0.5
    with pytest.raises(ValueError, match="no nan"):
        as_json([1, np.nan])
