"""Lists of images: a query handed over, a split read."""

import numpy as np
import pytest

from skactive.io import voc

IDS = ["a.jpg", "b", "c.png"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "round_03.txt"


def test_a_query_keeps_its_order(path):
    voc.write_image_set(path, np.array([2, 0]), ids=IDS)
    assert path.read_bytes() == b"c\na\n"
    rows = voc.read_image_set(path, IDS)
    assert rows.tolist() == [2, 0] and rows.dtype == np.intp


def test_lines_of_windows_and_empty_ones_are_read(path):
    path.write_bytes(b"\xef\xbb\xbfc\r\n\r\na \r\n")
    assert voc.read_image_set(path, IDS).tolist() == [2, 0]
    path.write_text("")
    assert voc.read_image_set(path, IDS).tolist() == []


@pytest.mark.parametrize(
    "text, fault",
    [
        ("a\nx\n", "Line 2 of .*round_03.txt' is about 'x', which is not among ids"),
        ("a\nb\na\n", "Line 3 of .* is about 'a', and so is Line 1"),
        ("a  1\nb -1\n", "Line 1 of .* holds 'a  1', more than a name"),
        ("a.jpg\n", "is about 'a.jpg', which is not among ids, though 'a' is"),
    ],
)
def test_a_faulty_line_is_named(path, text, fault):
    path.write_text(text)
    with pytest.raises(ValueError, match=fault):
        voc.read_image_set(path, IDS)


@pytest.mark.parametrize(
    "rows, ids, fault",
    [
        ([0, 0], IDS, "rows holds 0 twice"),
        ([3], IDS, "rows holds 3"),
        ([0], ["my dog.jpg"], "'my dog' holds a blank"),
        ([0], ["my\u00a0dog.jpg"], "holds a blank"),
        ([0], ["x/a.jpg"], "without folders"),
        ([0], ["a.jpg", "a.png"], "all be different"),
    ],
)
def test_what_does_not_fit_is_not_written(path, rows, ids, fault):
    with pytest.raises(ValueError, match=fault):
        voc.write_image_set(path, rows, ids=ids)
    assert not path.exists()


def test_nothing_is_written_over(path):
    path.write_text("a\n")
    with pytest.raises(FileExistsError, match="is there already"):
        voc.write_image_set(path, [1], ids=IDS)
    assert path.read_text() == "a\n"
    voc.write_image_set(path, [1], ids=IDS, overwrite=True)
    assert path.read_text() == "b\n"
