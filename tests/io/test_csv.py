"""Tables of ids and labels, as people and their spreadsheets leave them."""

import csv

import numpy as np
import pandas as pd
import pytest

from skactive.io import read_csv, write_csv

IDS = ["a", "b", "c", "d"]
NAMES = ["neg", "pos"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "round_03.csv"


@pytest.fixture
def read(path):
    """Write a table and read it."""

    def read(text, ids=IDS, **more):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        rows, y = read_csv(path, ids, **more)
        assert rows.dtype == np.intp and rows.shape == y.shape
        return rows.tolist(), y.tolist()

    return read


def test_a_query_is_in_its_order_and_nobody_has_answered(path):
    columns = {"text": ['"Rain,"\nhe said', "x", "y", "z"], "p": [0.5, 1, None, -2.5]}
    write_csv(path, np.array([3, 0, 2]), ids=IDS, columns=columns)
    with open(path, newline="") as file:
        table = list(csv.reader(file))
    assert table == [
        ["id", "text", "p", "label"],
        ["d", "z", "-2.5", ""],
        ["a", '"Rain,"\nhe said', "0.5", ""],
        ["c", "y", "", ""],
    ]
    rows, y = read_csv(path, IDS)
    assert len(rows) == len(y) == 0


@pytest.mark.parametrize("ids", [IDS, [7, 8, 9, 10], ["007", "7", "ü;,\"'", " x\ny "]])
def test_there_and_back_through_pandas(path, ids):
    write_csv(path, [3, 0, 2], ids=ids, columns={"text": pd.Series(list("wxyz"))})
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table["label"] = ["pos", "", "?"]
    table.to_csv(path, index=False)
    rows, y = read_csv(path, ids, classes=NAMES)
    assert rows.tolist() == [3, 2] and y.tolist() == [1, None]


def test_empty_is_not_answered_yet_and_the_word_is_a_skip(read):
    text = "id,label\na,pos\nb,\nc,?\nd,  \n"
    assert read(text) == ([0, 2], ["pos", None])
    assert read(text, classes=NAMES) == ([0, 2], [1, None])
    assert read(text.replace("?", "skip"), skip="skip") == ([0, 2], ["pos", None])
    assert read(text, skip="") == ([0, 2], ["pos", "?"])
    with pytest.raises(ValueError, match=r"skip='\?' is among classes"):
        read(text, classes=["?", "pos"])


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("divider", [b",", b";", b"\t"])
def test_what_spreadsheets_make_of_it(read, mark, end, divider):
    lines = [b"label,id,text", b'pos,a,"x"', b"", b",,", b' neg ,c,"a ""b"""']
    text = mark + end.join(lines).replace(b",", divider)
    assert read(text) == ([0, 2], ["pos", "neg"])
    quoted = [b"label,id,text", b'pos,a,"x' + divider + end + b'y"', b"neg,c,"]
    text = mark + end.join(quoted).replace(b",", divider)
    assert read(text) == ([0, 2], ["pos", "neg"])


def test_numbers(read):
    text = "id,label\na,3.5\nb,-2\nc,1e3\n"
    assert read(text, numbers=True) == ([0, 1, 2], [3.5, -2.0, 1000.0])
    assert read(text + "d,?\n", numbers=True) == ([0, 1, 2, 3], [3.5, -2, 1000, None])
    assert read("id,label\n", numbers=True) == ([], [])
    for wrong in ("three", "nan", "inf", '"3,5"', "1 000"):
        with pytest.raises(ValueError, match="Line 2 of .*03.csv': the label .* is no"):
            read(f"id,label\na,{wrong}\n", numbers=True)
    with pytest.raises(ValueError, match="leave one out"):
        read(text, numbers=True, classes=NAMES)


@pytest.mark.parametrize(
    "text, fault",
    [
        ("id,label\na,pos\nx,pos\n", "Line 3 of .*03.csv' is about 'x', which is not"),
        ("id,label\na,pos\nx,\n", "Line 3 of .*03.csv' is about 'x', which is not"),
        ("id,label\na,pos\na,neg\n", "Line 3 of .*about 'a', and so is Line 2"),
        ("id,label\na,pos\na,\n", "Line 3 of .*about 'a', and so is Line 2"),
        ("id,label\na,Pos\n", "Line 2 of .*: 'Pos' is not among classes"),
        ("id,label\n,pos\n", "Line 2 of .*about '', which is not among ids"),
        ("id,label\na,pos,x\n", "Line 2 of .* has 3 cells, and the first line 2"),
        ("id,label\na\n", "Line 2 of .* has 1 cells, and the first line 2"),
        ('id,label\na,"pos\n', "is no line of a table"),
        ('id,label\na,"p"os\n', "Line 2 of .*is no line of a table"),
        ("a,pos\n", "needs a first line with the columns 'id' and 'label'"),
        ("id,label,label\na,pos,neg\n", "once each"),
        ("ID,Label\n", "needs a first line"),
        ("", "needs a first line"),
        ("id,label\0\n", "needs a first line"),
        ("x" * 200_000, "needs a first line"),
        ('{"images": []}', "needs a first line"),
        (b"PK\x03\x04\xff\xfe", "is no text in UTF-8"),
        ("id,label\nä,pos\n".encode("latin-1"), "is no text in UTF-8"),
    ],
)
def test_a_faulty_line_is_named(read, text, fault):
    with pytest.raises(ValueError, match=fault):
        read(text, classes=NAMES)


def test_formulas_are_shown_and_not_run(path):
    texts = ["=1+1", " =HYPERLINK(0)", "@x", "-1 degree"]
    write_csv(path, [0, 1, 2, 3], ids=IDS, columns={"text": texts})
    shown = pd.read_csv(path)["text"].tolist()
    assert shown == [f"'{text}" for text in texts]


def test_excel_is_told_of_letters_beyond_ascii(path):
    write_csv(path, [0], ids=IDS)
    assert path.read_bytes() == b"id,label\na,\n"
    write_csv(path, [0], ids=IDS, columns={"t": ["ü"] * 4}, overwrite=True)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfid,t,label")


def test_what_was_filled_in_is_not_written_over(path):
    path.write_text("id,label\na,pos\n")
    with pytest.raises(FileExistsError, match="may hold answers"):
        write_csv(path, [0], ids=IDS)
    assert path.read_text() == "id,label\na,pos\n"


@pytest.mark.parametrize(
    "change, fault",
    [
        ({"rows": [2, 2]}, "rows holds 2 twice"),
        ({"ids": ["a", "a"]}, "all be different"),
        ({"columns": {"label": IDS}}, "columns has the name 'label'"),
        ({"columns": {3: IDS}}, "columns has the name 3"),
        ({"columns": {"t": IDS[:2]}}, "'t' must hold a value for each of 4"),
        ({"columns": {"t": "text"}}, "'t' must hold a value for each of 4"),
    ],
)
def test_what_does_not_fit_is_not_written(path, change, fault):
    given = {"rows": [2], "ids": IDS} | change
    with pytest.raises(ValueError, match=fault):
        write_csv(path, given.pop("rows"), **given)
    assert not path.exists()
