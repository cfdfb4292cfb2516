"""Tables of ids and labels, which people fill in by hand."""

import csv
import io
import math

from skactive.io._collected import Collected
from skactive.io._files import read_text, write_text
from skactive.io._ids import checked_ids, checked_rows, short

COLUMNS = ("id", "label")


def write_csv(path, rows, *, ids, columns=None, overwrite=False):
    """Write a query as a table with an empty column, for people to fill in.

    Parameters
    ----------
    path : str or path-like
        The file, such as ``round_03.csv``.
    rows : array-like of int of shape (n,)
        What ``query`` returned; the table has its order.
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples: the column "id".
    columns : dict of str to array-like of shape (n_samples,) or None, default=None
        What else is shown, between "id" and "label", such as the text.
    overwrite : bool, default=False
        Whether it may take the place of a file.

    Raises
    ------
    FileExistsError
        If there is such a file and ``overwrite`` is False: it may be filled in by now.
    ValueError
        If rows, ids or columns do not fit.

    See Also
    --------
    read_csv : Reads what people filled in.

    Notes
    -----
    A text in ``columns`` that a spreadsheet would run as a formula gets an apostrophe
    in front. A table with letters beyond ASCII begins with the mark by which Excel
    knows UTF-8.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io import write_csv
    >>> path = Path(tempfile.mkdtemp()) / "round_03.csv"
    >>> texts = ["Fine weather.", "Rain again!"]
    >>> write_csv(path, [1, 0], ids=[50, 51], columns={"text": texts})
    >>> print(path.read_text())
    id,text,label
    51,Rain again!,
    50,Fine weather.,
    """
    names, columns = checked_ids(ids, owner="write_csv"), dict(columns or {})
    rows = checked_rows(rows, len(names))
    for key, values in columns.items():
        if not isinstance(key, str) or key in COLUMNS or not key.strip():
            raise ValueError(
                f"columns has the name {key!r}; it must be a string, and not one of "
                f"{list(COLUMNS)}."
            )
        if isinstance(values, str) or len(values) != len(names):
            raise ValueError(
                f"The column {key!r} must hold a value for each of {len(names)} "
                f"samples; got {short(values)}."
            )
    shown = [list(values) for values in columns.values()]
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["id", *columns, "label"])
    for row in rows:
        writer.writerow([names[row], *(_harmless(each[row]) for each in shown), ""])
    text = table.getvalue()
    write_text(path, text if text.isascii() else f"\ufeff{text}", overwrite)


def read_csv(path, ids, *, classes=None, numbers=False, skip="?"):
    """Read a table of ids and labels that people filled in.

    Parameters
    ----------
    path : str or path-like
        The file, with the columns "id" and "label"; others are passed over. Cells are
        divided by commas, semicolons or tabs.
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples, those of :func:`write_csv`.
    classes : list of str, dict of str to int, or None, default=None
        Names by class number, or a number for each name: labels are numbers then.
        None: labels are what is in the cells, strings.
    numbers : bool, default=False
        Whether labels are numbers, such as prices, and no classes.
    skip : str, default="?"
        What people write where they cannot tell: a skip, so that the row is not asked
        again.

    Returns
    -------
    rows : ndarray of intp of shape (n,)
        The samples that were answered or skipped, in the order of the table. An empty
        cell has not been answered yet; its row is left out, and may be asked again.
    y : ndarray of shape (n,)
        Their labels: strings, integers, or with ``numbers`` floats; None is a skip.

    Raises
    ------
    ValueError
        If the file is no such table; if an id is there twice or not among ``ids``, a
        label not among ``classes`` or no number, or a line has more or fewer cells
        than the first. The message names the line.

    See Also
    --------
    write_csv : Writes the table.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io import read_csv
    >>> path = Path(tempfile.mkdtemp()) / "round_03.csv"
    >>> _ = path.write_text("id,text,label\\n51,Rain!,bad\\n50,Fine.,\\n52,Hm.,?\\n")
    >>> rows, y = read_csv(path, ids=[50, 51, 52], classes=["bad", "good"])
    >>> rows.tolist(), y.tolist()
    ([1, 2], [0, None])
    """
    found = Collected(ids, "read_csv", classes)
    if numbers and classes is not None:
        raise ValueError("classes are of labels that are no numbers: leave one out.")
    if skip in (found.classes.names or ()):
        raise ValueError(
            f"skip={skip!r} is among classes: pass another word for skips, which "
            "people write where they cannot tell."
        )
    for where, name, label in _lines(path):
        if not label:
            found.check(name, where)
        elif label == skip:
            found.add(name, None, where)
        elif numbers:
            found.add_value(name, _number(label, where), where)
        else:
            found.add(name, label, where)
    return found.answers(float if numbers else None)


def _lines(path):
    """Yield (where, id, label) of each line of a table."""
    text, file = read_text(path), repr(str(path))
    header, delimiter = _header(next(iter(text.splitlines()), ""), file)
    at = [header.index(key) for key in COLUMNS]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        next(reader)
        for cells in reader:
            where = f"Line {reader.line_num} of {file}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise ValueError(
                    f"{where} has {len(cells)} cells, and the first line "
                    f"{len(header)}. Put what holds {delimiter!r} between quotes."
                )
            yield where, cells[at[0]], cells[at[1]].strip()
    except csv.Error as error:
        raise ValueError(
            f"Line {reader.line_num} of {file} is no line of a table ({error})."
        ) from error


def _header(line, file):
    """Return the names of columns, and what divides them."""
    for delimiter in ",;\t" if len(line) < 100_000 and "\0" not in line else "":
        cells = next(csv.reader([line], delimiter=delimiter), [])
        cells = [cell.strip() for cell in cells]
        if all(cells.count(key) == 1 for key in COLUMNS):
            return cells, delimiter
    raise ValueError(
        f"{file} needs a first line with the columns 'id' and 'label', once each; got "
        f"{short(line)}. Give a table as write_csv writes it."
    )


def _number(text, where):
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(
            f"{where}: the label {short(text)} is no finite number. Write it as 3.5, "
            "with a point."
        )
    return number


def _harmless(value):
    """Return a value as a cell that no spreadsheet takes for a formula."""
    if not isinstance(value, str):
        return "" if value is None else value
    return f"'{value}" if value.lstrip()[:1] in tuple("=+-@") else value
