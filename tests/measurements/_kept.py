"""Results of scripts beside this file: how they are kept, and how they are printed."""

import json


def read(path):
    """Return what a script has kept, an empty dict if it has not kept anything yet."""
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def write(path, found, depth=2):
    """Keep results: a file that shows in a diff what was measured.

    What is ``depth`` levels down, and what is no dict, has a line.
    """
    path.write_text(_block(found, depth) + "\n", "utf-8")


def _block(value, depth, indent=1):
    if not depth or not isinstance(value, dict):
        return json.dumps(value)
    lines = (
        f"{' ' * indent}{json.dumps(str(key))}: {_block(each, depth - 1, indent + 1)}"
        for key, each in value.items()
    )
    return "{\n" + ",\n".join(lines) + "}"


def print_tables(tables, width=26):
    """Print what the user guide shows: titles of columns and rows, by name."""
    for name, (header, rows) in tables.items():
        print(f"\n{name}")
        for cells in [header, *rows]:
            print("  " + "".join(f"{cell!s:{width}}" for cell in cells).rstrip())
