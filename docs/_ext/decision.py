"""The picture of "Which strategy?": questions in order, each with its way out.

``.. decision-picture::`` draws it as SVG in the colors of the page, with links. On a
screen too narrow for it the same is a list.
"""

from html import escape

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

#: (question, strategies by folder and name, more words, page of the guide).
QUESTIONS = [
    (
        "Is an answer a number?",
        ["diversity.LCMD", "lookahead.VarianceReduction"],
        "linear models and GPs, on scaled columns; then forests",
        "regression",
    ),
    (
        "Several labels per sample?",
        ["diversity.RandomSampling", "uncertainty.LabelCardinalityInconsistency"],
        "random is the safe choice with up to 100 labels",
        "label_set_sampling",
    ),
    (
        "Masks or boxes?",
        ["uncertainty.EntropySampling", "diversity.CoreSet"],
        "of a segmenter or a detector, beside random",
        "segmentation",
    ),
    (
        "Samples arrive one by one?",
        ["stream.StreamLearner"],
        "with margins and a QuantileGate",
        "streams",
    ),
    (
        "Fewer than two labels of each class?",
        ["diversity.TypiClust", "diversity.MaxHerding", "diversity.RandomSampling"],
        "on features that mean something; else random",
        "covering",
    ),
    (
        "One label at a time?",
        ["uncertainty.MarginSampling"],
        "any score will do; a batch needs more",
        "uncertainty",
    ),
    (
        "More than 50 labels in a batch?",
        ["compose.TopThenDiverse"],
        "of margins, thinned out to unlike samples",
        "clusters",
    ),
    (
        "Is the model a net?",
        ["diversity.BADGE", "diversity.UncertaintyHerding"],
        "in the space of its last layer",
        "gradients",
    ),
    (
        "None of these",
        ["diversity.UncertaintyHerding", "diversity.ALFAMix"],
        "a table, a model with probabilities, batches of about ten",
        "covering",
    ),
]

ROW, WIDTH = 74, 920


def text(x, y, words, size=15, **more):
    """Return a line of text."""
    attributes = "".join(f' {key}="{value}"' for key, value in more.items())
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" fill="currentColor"{attributes}>'
        f"{words}</text>"
    )


def picture(address):
    """Return the picture as SVG.

    Parameters
    ----------
    address : callable
        Returns the address of a name such as "api:diversity.LCMD" or "guide:covering".
    """
    height = ROW * len(QUESTIONS)
    parts = [
        f'<svg class="decision" viewBox="0 0 {WIDTH} {height}" role="img" '
        'style="max-width:100%" '
        'aria-label="Questions in order, each with the strategies to take">'
        "<title>Which strategy? Questions in order, from above; yes leads to the "
        "right, no leads down.</title>"
    ]
    for k, (question, strategies, more, page) in enumerate(QUESTIONS):
        top, last = k * ROW + 6, k == len(QUESTIONS) - 1
        box = 'fill="none" stroke="currentColor" rx="8"'
        parts.append(f'<rect x="1" y="{top}" width="330" height="44" {box}/>')
        parts.append(text(166, top + 27, escape(question), **{"text-anchor": "middle"}))
        if not last:
            parts.append(
                f'<path d="M166 {top + 44} v{ROW - 44}" stroke="currentColor"/>'
            )
            parts.append(text(174, top + 64, "no", 12))
        parts.append(f'<path d="M331 {top + 22} h52" stroke="currentColor"/>')
        parts.append(text(344, top + 17, "" if last else "yes", 12))
        links = ", ".join(
            f'<a href="{address("api:" + name)}" style="fill:var(--pst-color-link)">'
            f"{name.partition('.')[2]}</a>"
            for name in strategies
        )
        parts.append(text(392, top + 18, links, **{"font-weight": "bold"}))
        link = (
            f'<a href="{address("guide:" + page)}" style="fill:var(--pst-color-link)">'
        )
        parts.append(text(392, top + 38, f"{escape(more)}: {link}more</a>", 13))
    return "".join([*parts, "</svg>"])


def as_list(address):
    """Return the same as a list; for ``address`` see `picture`."""
    items = []
    for question, strategies, more, page in QUESTIONS:
        links = ", ".join(
            f'<a href="{address("api:" + name)}">{name.partition(".")[2]}</a>'
            for name in strategies
        )
        items.append(
            f"<li><p>{escape(question)}<br><strong>{links}</strong><br>{escape(more)}: "
            f'<a href="{address("guide:" + page)}">more</a></p></li>'
        )
    return f'<ol class="decision-list">{"".join(items)}</ol>'


class DecisionPicture(SphinxDirective):
    """The picture; addresses are those of the page that it is on."""

    def run(self):
        def address(name):
            kind, _, name = name.partition(":")
            if kind == "guide":
                return f"{name}.html"
            return f"../generated/skactive.{name}.html#skactive.{name}"

        svg = f'<div class="decision-picture">{picture(address)}</div>'
        return [nodes.raw("", svg + as_list(address), format="html")]


def setup(app):
    app.add_directive("decision-picture", DecisionPicture)
    return {"parallel_read_safe": True}
