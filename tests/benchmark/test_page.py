"""The page: Markdown that is read as it was meant, also as HTML."""

import pytest

from skactive.benchmark._page import code, escaped, inline, plain_text, row_of, to_html


def test_code_and_bold_words_are_marked_and_the_rest_is_text():
    assert inline("a < b & `c` **d**") == "a &lt; b &amp; <code>c</code> <b>d</b>"
    assert inline("**open**, **shut**") == "<b>open</b>, <b>shut</b>"


def test_a_row_keeps_its_empty_cells():
    assert row_of("| a |  | 1 < 2 |", "td") == (
        "<tr><td>a</td><td></td><td>1 &lt; 2</td></tr>"
    )


def test_a_page_is_made_of_all_that_is_written_here():
    text = "# Title <x>\n\nwords\n## Next\n| a |\n|---|\n| 1 |\n* one\n* `two`\n"
    page = to_html(text + "![Curves](d.png)")
    body = page.partition("<body>\n")[2].partition("\n</body>")[0]
    assert body.splitlines() == [
        "<h1>Title &lt;x&gt;</h1>",
        "<p>words</p>",
        "<h2>Next</h2>",
        "<table><tr><th>a</th></tr>",
        "<tr><td>1</td></tr>",
        "</table>",
        "<ul><li>one</li><li><code>two</code></li></ul>",
        '<img alt="Curves" src="d.png">',
    ]
    assert "<title>Title &lt;x&gt;</title>" in page


def test_lists_and_tables_at_the_end_are_closed():
    assert to_html("# T\n* a\n").count("<li>a</li></ul>") == 1
    assert to_html("# T\n| a |\n|---|\n| b |").count("<td>b</td></tr>\n</table>") == 1


# ------------------------------------------------------------ names of any kind

NAMES = [
    "a|b",
    "a\\|b",
    "x**2 + y**2",
    "*a*",
    "_a_",
    "__init__",
    "`a`",
    "``a` b",
    "[a](b)",
    "<script>alert(1)</script>",
    "a & b &amp; c",
    "~~a~~",
    "# a",
    "C#",
    "a\\",
    "\\*a\\*",
    "\"a\" 'b'",
    "策略 é",
    "![a](b.png)",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_as_it_is(name):
    import html

    assert inline(escaped(name)) == html.escape(name)
    assert plain_text(escaped(name)) == name
    row = row_of(f"| {escaped(name)} | 1 |", "td")
    assert row == f"<tr><td>{html.escape(name)}</td><td>1</td></tr>"


@pytest.mark.parametrize("name", NAMES)
def test_code_is_read_as_it_is(name):
    import html

    assert inline(f"see {code(name)}, **b**") == (
        f"see <code>{html.escape(name)}</code>, <b>b</b>"
    )


def test_words_within_a_name_keep_their_underscores():
    assert escaped("al_survey2021/iris") == "al_survey2021/iris"


def test_what_is_not_seen_does_not_end_a_line():
    assert escaped("a\nb\r\x00c\u2028d") == "a b  c d"
    assert code("a\nb") == "`a b`"
    escaped("\ud800").encode("utf-8")  # half a letter can be written


def test_an_escaped_name_stands_in_an_alternative_text():
    page = to_html("# T\n![Curves on a\\*b\\]\\<i\\>](x.png)\n")
    assert '<img alt="Curves on a*b]&lt;i&gt;" src="x.png">' in page
