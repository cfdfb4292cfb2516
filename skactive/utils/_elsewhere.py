"""Where a public name is, for those who look for it in the wrong place."""

import ast
import re
import sys
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def _all_of(file):
    """Return the names in ``__all__`` of a file, which is read and not imported."""
    found = re.search(r"^__all__ = (\[.*?\])", file.read_text("utf-8"), re.M | re.S)
    return ast.literal_eval(found[1]) if found else ()


@cache
def places():
    """Return the public modules that export each public name: {name: modules}.

    Nothing is imported: torch takes seconds. Of a name that is there twice, as
    ActiveLearner is at the front door and in its room, only short paths are kept.
    """
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        path = parts[:-1] if parts[-1] == "__init__" else parts
        # skactive.utils is for strategies inside the package.
        if not any(part.startswith("_") for part in path) and path[:1] != ("utils",):
            for name in _all_of(file):
                found.setdefault(name, []).append(path)
    return {
        name: [
            ".".join(("skactive", *path))
            for path in paths
            if len(path) == min(map(len, paths))
        ]
        for name, paths in found.items()
    }


def _lines(names):
    lines = [
        f"from {module} import {name}" for name in names for module in places()[name]
    ]
    return " or ".join(f"'{line}'" for line in lines[:3])


def hint(name):
    """Return what to write for a name, or for one that is spelled like it; or ""."""
    if name in places():
        return f"Write {_lines([name])}."
    spelled = {known.lower(): known for known in places()}
    near = get_close_matches(name.lower(), spelled, n=2, cutoff=0.8)
    return f"Did you mean {_lines([spelled[word] for word in near])}?" if near else ""


def not_found(module, name):
    """Return the error for a name that a public folder of skactive does not have.

    Called by ``__getattr__`` of the folder, and by nothing else. ``from skactive import
    x`` drops the text of an AttributeError, so that it is an ImportError there; to
    ``hasattr`` and ``getattr`` an ImportError would be a crash.
    """
    text = f"module {module!r} has no attribute {name!r}"
    # Python asks for names with underscores by itself, and "import" asks here first for
    # a submodule that is not loaded yet.
    if name.startswith("_") or find_spec(f"{module}.{name}") is not None:
        return AttributeError(text)
    try:
        says = hint(name)
    except (OSError, SyntaxError, ValueError):  # no source to read, as in an archive
        says = ""
    asked_by_import = sys._getframe(2).f_code.co_name == "_handle_fromlist"
    if says and asked_by_import:
        return ImportError(f"cannot import name {name!r} from {module!r}. {says}")
    return AttributeError(f"{text}. {says}" if says else text)


def looking_elsewhere(module):
    """Return a ``__getattr__`` for a public folder, called when it lacks a name."""

    def __getattr__(name):
        raise not_found(module, name)

    return __getattr__
