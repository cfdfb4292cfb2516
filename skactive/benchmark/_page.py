"""Markdown of names that may hold anything, and the page of HTML that is made of it."""

import html
import re

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto;
       padding: 0 1rem; color: #1b1f24; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid #d0d7de; text-align: right; }
th:first-child, td:first-child { text-align: left; }
img { max-width: 100%; }
code { background: #f2f4f6; padding: .1rem .3rem; }
"""

# What Markdown reads as something else than itself. An underscore within a word is one.
SIGNS = re.compile(r"[\\`*\[\]<>|&~#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
# Code first: in it nothing else is a sign.
INLINE = re.compile(
    r"(?P<ticks>`+)(?P<code>.+?)(?P=ticks)(?!`)"
    r"|\\(?P<sign>[^\w\s]|_)"
    r"|\*\*(?P<bold>.+?)\*\*"
)
CELL = re.compile(r"((?:\\.|[^|\\])*)\|")


def escaped(text):
    """Return a name that is read as it is, in a line or a cell of Markdown."""
    text = str(text).encode("utf-8", "backslashreplace").decode()
    return SIGNS.sub(r"\\\g<0>", one_line(text))


def code(text):
    """Return a text as code in a line of Markdown, whatever it holds."""
    text = one_line(str(text).encode("utf-8", "backslashreplace").decode())
    longest = max(map(len, re.findall("`+", text)), default=0)
    ticks = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def one_line(text):
    """Return a text without line breaks and other signs that are not seen."""
    return "".join(c if c.isprintable() else " " for c in text)


def to_html(text):
    """Turn the Markdown that is written here, and only that, into a page."""
    body, table, bullets = [], [], []

    def flush():
        if table:
            head, _, *rows = table
            body.append("<table>" + row_of(head, "th"))
            body.extend(row_of(row, "td") for row in rows)
            body.append("</table>")
        if bullets:
            body.append("<ul>" + "".join(f"<li>{b}</li>" for b in bullets) + "</ul>")
        table.clear()
        bullets.clear()

    for line in text.splitlines():
        if line.startswith("|"):
            table.append(line)
            continue
        if line.startswith("* "):
            bullets.append(inline(line[2:]))
            continue
        flush()
        if match := re.match(r"(#+) (.*)", line):
            level = len(match[1])
            body.append(f"<h{level}>{inline(match[2])}</h{level}>")
        elif match := re.match(r"!\[(.*)\]\((.*)\)$", line):
            body.append(
                f'<img alt="{html.escape(plain_text(match[1]))}" src="{match[2]}">'
            )
        elif line:
            body.append(f"<p>{inline(line)}</p>")
    flush()
    title = html.escape(text.splitlines()[0].lstrip("# "))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def row_of(line, cell):
    """Return a table row of HTML."""
    line = line.strip().removeprefix("|")
    cells = CELL.findall(line if line.endswith("|") else f"{line}|")
    return (
        "<tr>"
        + "".join(f"<{cell}>{inline(c.strip())}</{cell}>" for c in cells)
        + "</tr>"
    )


def inline(text):
    """Return text of HTML, with code and bold."""
    out, end = [], 0
    for match in INLINE.finditer(text):
        out.append(html.escape(text[end : match.start()]))
        end = match.end()
        if match["code"]:
            shown = match["code"]
            if len(match["ticks"]) > 1:  # spaces that keep ticks apart
                shown = shown.removeprefix(" ").removesuffix(" ")
            out.append(f"<code>{html.escape(shown)}</code>")
        elif match["bold"]:
            out.append(f"<b>{inline(match['bold'])}</b>")
        else:
            out.append(html.escape(match["sign"]))
    return "".join([*out, html.escape(text[end:])])


def plain_text(text):
    """Return text without the marks that keep its signs from being read."""
    return re.sub(r"\\([^\w\s]|_)", r"\1", text)
