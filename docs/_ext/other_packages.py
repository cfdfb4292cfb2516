"""Links to the documentation of other packages, made without asking their servers.

``:class:`sklearn.linear_model.Ridge``` becomes a link by the rule that those pages are
named by. Only what can be imported gets one, so that a misspelled name goes nowhere; a
name that no rule covers stays plain text.
"""

import importlib
import inspect
import re
from functools import cache

import numpy as np
from docutils import nodes

SKLEARN = "https://scikit-learn.org/stable"
NUMPY = "https://numpy.org/doc/stable/reference"
SCIPY = "https://docs.scipy.org/doc/scipy/reference"
SKORCH = "https://skorch.readthedocs.io/en/stable"
TORCH = "https://docs.pytorch.org/docs/stable"

PACKAGES = {"numpy", "scipy", "sklearn", "skorch", "torch"}

#: A pattern of full names and the page of those that fit; the first that fits counts.
#: ``{0}`` is the name, ``{1}`` the first group of the pattern.
RULES = [
    (r"sklearn(?:\.\w+)+", f"{SKLEARN}/modules/generated/{{0}}.html"),
    # Two long pages instead of one for each name.
    (r"numpy\.random\.RandomState", f"{NUMPY}/random/legacy.html#{{0}}"),
    (r"numpy\.random\.Generator", f"{NUMPY}/random/generator.html#{{0}}"),
    (
        r"numpy\.(?:(?:fft|linalg|ndarray|testing)\.)?\w+",
        f"{NUMPY}/generated/{{0}}.html",
    ),
    (r"scipy(?:\.\w+){2,}", f"{SCIPY}/generated/{{0}}.html"),
    (r"skorch\.(\w+)\.\w+", f"{SKORCH}/{{1}}.html#{{0}}"),
    (r"torch\.autocast", f"{TORCH}/amp.html#{{0}}"),
    (r"torch\.utils\.data\.\w+", f"{TORCH}/data.html#{{0}}"),
    (r"torch\.optim\.Optimizer", f"{TORCH}/optim.html#{{0}}"),
    (r"torch\.nn\.Parameter", None),
    (
        r"torch\.(?:nn(?:\.functional)?|optim(?:\.lr_scheduler)?)\.\w+",
        f"{TORCH}/generated/{{0}}.html",
    ),
]

MODULES = [
    (r"sklearn\.\w+", f"{SKLEARN}/api/{{0}}.html"),
    (r"scipy\.([\w.]+)", f"{SCIPY}/{{1}}.html"),
    (r"skorch\.(\w+)", f"{SKORCH}/{{1}}.html"),
]


def found(name):
    """Return what a name stands for, None if there is no such, and its parts."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:n]))
        except ImportError:
            continue
        for part in parts[n:]:
            value = getattr(value, part, None)
        return value, parts[n:]
    return None, parts


def is_number(value):
    """Whether this is ``numpy.float32`` or another of its kind, on a page of all."""
    return isinstance(value, type) and issubclass(value, np.generic)


@cache
def page_of(name):
    """Return the address of the page about a name, None if there is none to give."""
    if name.partition(".")[0] not in PACKAGES or re.search(r"\b_", name):
        return None
    value, inside = found(name)
    if re.fullmatch(r"skorch\.[A-Z]\w+", name):
        name = f"{value.__module__}.{inside[-1]}"  # the name that its page has
    if inspect.ismodule(value):
        rules = MODULES
    elif not callable(value) or is_number(value):
        return None  # what is not there, constants, types of numbers
    elif len(inside) == 2 and not name.startswith(("numpy.", "scipy.")):
        # A method is a paragraph of the page of its class.
        page = page_of(name.rpartition(".")[0])
        return page and f"{page.partition('#')[0]}#{name}"
    else:
        rules = RULES
    for pattern, page in rules:
        if match := re.fullmatch(pattern, name):
            return page and page.format(match[0], *match.groups())
    return None


def link(app, env, node, contnode):
    """Resolve a reference that no page of this documentation answers."""
    if node.get("refdomain") != "py" or not (page := page_of(node["reftarget"])):
        return None
    return nodes.reference(
        "", "", contnode, internal=False, refuri=page, reftitle=node["reftarget"]
    )


def setup(app):
    app.connect("missing-reference", link)
    return {"parallel_read_safe": True}
