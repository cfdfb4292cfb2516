"""Tables and numbers of the user guide, made of results when the pages are built."""

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).parent


def made_by(script):
    """Return the module of a script beside this file, if its results are its own."""
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    importlib.import_module("_results").check(script)
    return importlib.import_module(script)


def table_of(script, name):
    """Return a table that a script beside this file makes of its results, as lines.

    The script has a function ``tables``, which returns by name a list of titles of
    columns, and a list of rows.
    """
    header, rows = named(made_by(script).tables(), name, f"table of {script}")
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in [header, *rows]:
        lines += [
            f"   {'*' if k == 0 else ' '} - {cell}".rstrip()
            for k, cell in enumerate(row)
        ]
    return lines


def number_of(script, name):
    """Return a number that a script beside this file makes of its results, as text.

    The script has a function ``numbers``, which returns by name what a page says, with
    its interval where it has one.
    """
    text = named(made_by(script).numbers(), name, f"number of {script}")
    if not isinstance(text, str) or not text:
        raise TypeError(f"{script}.numbers()[{name!r}] must be text, got {text!r}.")
    return text


def picture_of(script, name):
    """Return what a picture shows: the title of its axis, and its rows.

    The script has a function ``pictures``, which returns both by name; a row is a
    label, a mean, and the ends of its interval.
    """
    title, rows = named(made_by(script).pictures(), name, f"picture of {script}")
    if not rows:
        raise ValueError(f"The picture {name!r} of {script} has no rows.")
    return title, rows


def named(found, name, what):
    """Return what has a name, or say which names there are."""
    if name not in found:
        raise ValueError(f"There is no {what} called {name!r}, but: {sorted(found)}.")
    return found[name]


def with_interval(mean, low, high, digits=1):
    """Return a number with its interval, as text."""
    return f"{mean:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})"
