"""The table of all strategies, made from their docstrings, tags and what they take.

``.. strategy-table::`` puts it on a page, with a field that filters its rows.
"""

import inspect
import re
import warnings

import numpy as np
from docutils import nodes
from docutils.statemachine import StringList
from numpydoc.docscrape import ClassDoc
from sklearn.ensemble import AdaBoostClassifier
from sklearn.linear_model import BayesianRidge, LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.utils import get_tags
from sphinx.util.docutils import SphinxDirective

from skactive import ActiveLearner
from skactive.base import EmbeddingStrategy, ModelStrategy
from skactive.learner._input import checked_input
from skactive.testing import all_strategies

COLUMNS = {
    "Strategy": 14,
    "asks for": 24,
    "needs": 12,
    "serves": 12,
    "first batch": 6,
    "in batches": 10,
    "loses to random": 32,
    "paper": 14,
}

FILTER = """
<p><label>Show rows with all of these words:
<input type="search" class="strategy-filter" placeholder="numbers embedding"
 oninput="
   const words = this.value.toLowerCase().split(/\\s+/);
   for (const row of document.querySelectorAll('table.strategies tbody tr')) {
     const text = row.textContent.toLowerCase();
     row.hidden = !words.every(word => text.includes(word));
   }"></label></p>
"""


def targets():
    """Return (kind of answer, model, labels); nets only where torch is.

    Of a kind there may be several models: a strategy serves it with one of them.
    """
    classes = np.arange(12) % 3
    found = [
        ("classes", LogisticRegression(), classes),
        ("classes", AdaBoostClassifier(), classes),  # learns in steps
        ("numbers", BayesianRidge(), classes + 0.5),
        (
            "label sets",
            OneVsRestClassifier(LogisticRegression()),
            np.eye(3, dtype=int)[classes],
        ),
    ]
    try:
        from skactive.nets import NetDetector, NetRegressor, NetSegmenter
    except ImportError:
        return found
    boxes = np.empty(12, dtype=object)
    for row in range(12):
        boxes[row] = {"boxes": np.array([[0.0, 0.0, 4.0, 4.0]]), "labels": [row % 3]}
    masks = np.zeros((12, 8, 8), dtype=int)
    masks[:, :4] = classes[:, None, None]
    return [
        *found,
        ("numbers", NetRegressor(), classes + 0.5),
        ("masks", NetSegmenter(), masks),
        ("boxes", NetDetector(classes=range(3)), boxes),
    ]


def serves(cls, wanted=None):
    """Return the kinds of answers for which a learner takes a strategy.

    It is asked by what a learner's fit looks at before a label is paid for.
    """
    rng, found = np.random.RandomState(0), []
    for kind, model, y in targets() if wanted is None else wanted:
        images = kind in ("masks", "boxes")
        X = rng.standard_normal((12, 3, 8, 8) if images else (12, 4))
        learner = ActiveLearner(model, cls(), n_initial=6, budget=2)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                checked_input(learner, X, y, None, None)
        except (TypeError, ValueError):
            continue
        found.append(kind)
    return list(dict.fromkeys(found))


def needs(cls):
    """Return what a strategy needs to know of samples, in words."""
    found = []
    if ".deep." in cls.__module__:
        found.append("torch")
    if getattr(cls, "response_method", None) == "predict_proba":
        found.append("probabilities")
    elif issubclass(cls, ModelStrategy):
        found.append("a model")
    params = inspect.signature(cls).parameters
    if issubclass(cls, EmbeddingStrategy) or "embedding" in params:
        found.append("embedding")
    if "strategy" in params or "steps" in params:
        found.append("another strategy")
    return found


def in_batches(cls):
    """Return how a batch comes about, in words."""
    # A strategy with scores takes the best of them, whichever class it inherits from.
    return "the best scores" if hasattr(cls, "score_samples") else "a rule of its own"


def begins(cls):
    """Tell whether a strategy can be asked before there is a label."""
    return not get_tags(cls()).target_tags.required


def loses(cls):
    """Return the sentence of a docstring that says when a strategy loses to random."""
    notes = " ".join(" ".join(ClassDoc(cls)["Notes"]).split())
    for sentence in re.split(r"(?<=[.:]) (?=[A-Z])", notes):
        if re.search(r"[Ll]oses to random", sentence):
            _, _, when = re.split(r"([Ll]oses to random(?: sampling)?)", sentence)[:3]
            return when.strip(" ,.:")
    return ""


def paper(cls):
    """Return who wrote the paper of a strategy, and when."""
    references = " ".join(" ".join(ClassDoc(cls)["References"]).split())
    first = re.search(r"\[1\](.*?)(?=\.\. \[2\]|$)", references)
    if first is None:
        return ""
    names = re.findall(r"(?:[A-Z]\. ?(?:-?[A-Z]\. ?)*)([A-Z][\w'’-]+)", first[1])
    year = re.findall(r"(?<![\d:.])(?:19[5-9]|20[0-3])\d(?!\.?\d)", first[1])
    year += [f"20{two}" for two in re.findall(r"arXiv:(\d\d)\d\d\.", first[1])]
    who = names[0] if names else first[1].split(",")[0].strip()
    more = " et al." if len(names) > 1 else ""
    return f"{who}{more} {year[0] if year else ''}".strip()


def rows():
    """Return a row for each strategy, its cells by column, in reStructuredText."""
    wanted, found = targets(), []
    deep = any(kind == "masks" for kind, _, _ in wanted)
    for cls in all_strategies(deep=deep, boxes=True, numbers=True):
        folder = cls.__module__.rpartition(".")[0]
        if folder.startswith("skactive.deep"):
            folder = "skactive.deep"
        first = inspect.getdoc(cls).splitlines()[0]
        cells = [
            f":class:`~{folder}.{cls.__name__}`",
            first.removeprefix("Ask ").removeprefix("for ").rstrip("."),
            ", ".join(needs(cls)) or "nothing",
            ", ".join(serves(cls, wanted)),
            "yes" if begins(cls) else "",
            in_batches(cls),
            loses(cls),
            paper(cls),
        ]
        found.append(dict(zip(COLUMNS, cells, strict=True)))
    return found


class StrategyTable(SphinxDirective):
    """The table, and above it a field that filters it."""

    def run(self):
        lines = [
            ".. list-table::",
            "   :header-rows: 1",
            "   :class: strategies",
            f"   :widths: {' '.join(map(str, COLUMNS.values()))}",
            "",
        ]
        for row in [dict(zip(COLUMNS, COLUMNS)), *rows()]:
            for k, cell in enumerate(row.values()):
                lines.append(f"   {'  ' if k else '* '}- {cell}")
        content = StringList([*lines, ""], source="strategies")
        box = nodes.container()
        self.state.nested_parse(content, 0, box)
        return [nodes.raw("", FILTER, format="html"), *box.children]


def setup(app):
    app.add_directive("strategy-table", StrategyTable)
    return {"parallel_read_safe": True}
