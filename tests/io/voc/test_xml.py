"""XML of others: no document types, in no encoding, and messages that name the file."""

import time

import pytest

from skactive.io.voc import _xml

BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [
 <!ENTITY a "lol">
 <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
 <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
 <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
]>
<annotation>&d;</annotation>"""


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        '<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><annotation/>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><annotation>&x;'
        "</annotation>",
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/hostname"> %x;]><annotation/>',
        "<!DOCTYPE annotation><annotation/>",
        "<!-- a comment before --><!DOCTYPE annotation><annotation/>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_document_types_are_refused(text, encoding):
    data = text.replace('<?xml version="1.0"?>\n', "").encode(encoding)
    with pytest.raises(ValueError, match="The file declares a document type"):
        _xml.parse(data, "The file")


def test_a_reference_without_a_declaration_is_no_xml():
    with pytest.raises(ValueError, match=r"The file is no XML \(undefined entity"):
        _xml.parse(b"<annotation>&x;</annotation>", "The file")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"<annotation><object>",
        b"<annotation/><annotation/>",
        b"\x89PNG\r\n",
        b"<a>\xff</a>",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b"<a>\x00</a>",
    ],
)
def test_what_is_no_xml_is_refused(data):
    with pytest.raises(ValueError, match="The file is no XML"):
        _xml.parse(data, "The file")


def test_the_five_entities_of_xml_and_numbers_are_read():
    root = _xml.parse(b"<a>&lt;&amp;&#65;&quot;<![CDATA[<b>]]></a>", "The file")
    assert root.text == '<&A"<b>'


def test_many_layers_take_no_time():
    n, start = 100_000, time.perf_counter()
    root = _xml.parse(b"<a>" * n + b"</a>" * n, "The file")
    assert root.tag == "a" and time.perf_counter() - start < 30


def test_another_root_is_refused(tmp_path):
    (tmp_path / "a.xml").write_text("<annotations><image/></annotations>")
    with pytest.raises(
        ValueError, match="a.xml' is no file of VOC: its root is <annot"
    ):
        _xml.parse_file(tmp_path / "a.xml")


def test_names_are_written_so_that_they_are_read():
    name = "<ox> & 'cow' ü 牛"
    text = _xml.serialized(_xml.to_xml("annotation", [("name", name)]), "It")
    assert _xml.parse(text.encode(), "It").findtext("name") == name
    with pytest.raises(ValueError, match="It: it has a name that cannot be written"):
        _xml.serialized(_xml.to_xml("annotation", [("name", "a\x00b")]), "It")
