"""Tables of the user guide, made of results when the pages are built."""

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).parent


def table_of(script, name):
    """Return a table that a script beside this file makes of its results, as lines.

    The script has a function ``tables``, which returns by name a list of titles of
    columns, and a list of rows.
    """
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    header, rows = importlib.import_module(script).tables()[name]
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in [header, *rows]:
        lines += [
            f"   {'*' if k == 0 else ' '} - {cell}".rstrip()
            for k, cell in enumerate(row)
        ]
    return lines
