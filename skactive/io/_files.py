"""Files of text and JSON: read with messages that name them, never written over."""

import json
import os
from pathlib import Path

from skactive.io._ids import short


def read_text(path):
    """Return a file of UTF-8, with or without its mark at the beginning."""
    data = Path(path).read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{str(path)!r} is no text in UTF-8 (byte {error.start}). Save it as "
            "UTF-8, or give another file."
        ) from error


def read_json(path):
    """Return what a file of JSON holds.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io._files import read_json
    >>> path = Path(tempfile.mkdtemp()) / "a.json"
    >>> _ = path.write_text('{"images": [')
    >>> read_json(path)
    Traceback (most recent call last):
        ...
    ValueError: ...a.json' is no JSON (line 1, column 13: Expecting value). ...
    """
    return _parsed(read_text(path), repr(str(path)))


def read_lines(path):
    """Return (where, dict) of each line of a file of JSON lines.

    Parameters
    ----------
    path : str or path-like
        A file with a JSON object on each line; empty lines are passed over.

    Returns
    -------
    lines : list of (str, dict)
        "where" names file and line, for messages.
    """
    found = []
    for n, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        where = f"Line {n} of {str(path)!r}"
        value = _parsed(line, where)
        if not isinstance(value, dict):
            raise ValueError(
                f"{where} is no JSON object, but {short(value)}. Give a file of JSON "
                "lines, one task on each (JSONL)."
            )
        found.append((where, value))
    return found


def json_lines(values):
    """Return the text of a file of JSON lines."""
    return "".join(f"{to_json(value)}\n" for value in values)


def to_json(value):
    """Return a value as JSON text, NaN refused."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"JSON holds strings, finite numbers, lists and dicts. It cannot hold "
            f"{short(value)} ({error})."
        ) from error


def write_text(path, text, overwrite=False):
    """Write a file whole, or leave what was there.

    Parameters
    ----------
    path : str or path-like
        The file, in a folder that is there.
    text : str
        What it will hold, as UTF-8.
    overwrite : bool, default=False
        Whether it may take the place of a file: that one may hold answers.

    Raises
    ------
    FileExistsError
        If there is such a file and ``overwrite`` is False.
    """
    path = Path(path)
    refuse_existing(path, overwrite)
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(text.encode("utf-8", "surrogatepass"))
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def refuse_existing(path, overwrite):
    """Refuse to write over a file, unless that is wanted."""
    if not overwrite and Path(path).exists():
        raise FileExistsError(
            f"{str(path)!r} is there already, and may hold answers. Give another "
            "path, or pass overwrite=True."
        )


def _parsed(text, where):
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except (RecursionError, ValueError) as error:  # too deep, or numbers too long
        place = str(error)
    raise ValueError(
        f"{where} is no JSON ({place}). It was cut off, or is of another format: "
        "export it again."
    )


def _plain(value):
    """Return numbers and arrays of numpy as JSON knows them."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"an object of type {type(value).__name__}")
