"""Pictures of what scripts measured: means with their intervals, one above the other.

``.. measured-picture:: record classes`` draws what ``tests/measurements/record.py``
returns from ``pictures()`` by that name: a title of the axis, and rows of a label, a
mean and the ends of its interval. It is drawn as SVG in the colors of the page.
"""

from html import escape

from docutils import nodes
from measured import made
from sphinx.util.docutils import SphinxDirective

ROW, LEFT, WIDTH, RIGHT = 20, 330, 900, 20


def ticks(low, high):
    """Return round numbers between two numbers, at most nine of them."""
    step = next(
        step
        for k in range(-3, 9)
        for step in (10.0**k, 2 * 10.0**k, 5 * 10.0**k)
        if (high - low) / step <= 8
    )
    first = int(-(-low // step))
    return [k * step for k in range(first, int(high // step) + 1)]


def picture(title, rows):
    """Return the picture as SVG.

    Parameters
    ----------
    title : str
        What the axis is.
    rows : list of (label, mean, low, high)
        One line each; an interval that has 0 in it is drawn faint.
    """
    low = min(0, *(row[2] for row in rows))
    high = max(0, *(row[3] for row in rows))
    scale = (WIDTH - LEFT - RIGHT) / ((high - low) or 1)

    def at(value):
        return f"{LEFT + (value - low) * scale:.1f}"

    bottom = ROW * len(rows) + 8
    said = "; ".join(f"{label} {mean:+.1f}" for label, mean, *_ in rows)
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {bottom + 48}" role="img" style="max-width:100%" '
        f'aria-label="{escape(title)}: {escape(said)}"><title>{escape(title)}</title>'
    ]
    words = 'font-size="13" fill="currentColor"'
    for tick in ticks(low, high):
        width = 1.5 if tick == 0 else 0.3
        parts.append(
            f'<path d="M{at(tick)} 4 V{bottom}" stroke="currentColor" '
            f'stroke-width="{width}"/><text x="{at(tick)}" y="{bottom + 16}" {words} '
            f'text-anchor="middle">{tick:g}</text>'
        )
    for k, (label, mean, start, end) in enumerate(rows):
        y = ROW * k + 16
        faint = ' opacity="0.45"' if start <= 0 <= end else ""
        parts.append(
            f'<g{faint}><text x="{LEFT - 10}" y="{y + 4}" {words} text-anchor="end">'
            f'{escape(label)}</text><path d="M{at(start)} {y} H{at(end)}" '
            f'stroke="currentColor" stroke-width="2"/>'
            f'<circle cx="{at(mean)}" cy="{y}" r="4" fill="currentColor"/></g>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'<text x="{middle}" y="{bottom + 38}" {words} text-anchor="middle">'
        f"{escape(title)}</text></svg>"
    )
    return "".join(parts)


class MeasuredPicture(SphinxDirective):
    """Draw what a script measured."""

    required_arguments, final_argument_whitespace = 1, True

    def run(self):
        title, rows = made("picture_of", self.arguments[0], self.env)
        svg = f'<div class="measured-picture">{picture(title, rows)}</div>'
        return [nodes.raw("", svg, format="html")]


def setup(app):
    app.add_directive("measured-picture", MeasuredPicture)
    return {"parallel_read_safe": True}
