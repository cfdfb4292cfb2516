"""Names of samples: all different, and the rows that they stand for."""

from numbers import Integral
from pathlib import PurePath

import numpy as np


def checked_ids(ids, n=None, owner="a Journal"):
    """Return names of samples as a list of int and str, or refuse them.

    Parameters
    ----------
    ids : array-like of int or str of shape (n_samples,)
        The names.
    n : int or None, default=None
        How many samples there are; None: as many as names.
    owner : str, default="a Journal"
        Whose ids they are, in messages.

    Examples
    --------
    >>> from skactive.io._ids import checked_ids
    >>> checked_ids(["a", "b", "a"])
    Traceback (most recent call last):
        ...
    ValueError: ids of a Journal must all be different; 'a' is that of rows 0 and 2.
    """
    is_list = hasattr(ids, "__len__") and not isinstance(ids, (str, bytes))
    if not is_list or getattr(ids, "ndim", 1) != 1 or n not in (None, len(ids)):
        wanted = "each sample" if n is None else f"each of {n} samples"
        got = f"{len(ids)}" if is_list else short(ids)
        if getattr(ids, "ndim", 1) != 1:
            got = f"an array of shape {ids.shape}"
        raise ValueError(f"ids of {owner} must be one name for {wanted}; got {got}.")
    names, first = [_plain_id(*pair, owner) for pair in enumerate(ids)], {}
    for row, name in enumerate(names):
        if first.setdefault(name, row) != row:
            raise ValueError(
                f"ids of {owner} must all be different; {name!r} is that of rows "
                f"{first[name]} and {row}."
            )
    return names


def as_text(names, owner):
    """Return names as they are in files that hold text only."""
    return checked_ids([str(name) for name in names], owner=owner)


def checked_rows(rows, n):
    """Return rows as a list of int, or refuse them.

    Examples
    --------
    >>> from skactive.io._ids import checked_rows
    >>> checked_rows([4, 2], 5)
    [4, 2]
    """
    given, rows = rows, np.asarray(rows)
    rows = rows.astype(np.intp) if rows.size == 0 else rows
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        raise ValueError(
            f"rows must be a list of numbers of rows, as query returns them; got "
            f"{short(given)}."
        )
    outside = rows[(rows < 0) | (rows >= n)]
    if len(outside):
        raise ValueError(
            f"rows holds {outside[0]}, and there are ids of {n} samples. Give the ids "
            "of all samples, not of the queried ones alone."
        )
    values, counts = np.unique(rows, return_counts=True)
    if (counts > 1).any():
        raise ValueError(f"rows holds {values[counts > 1][0]} twice; ask once.")
    return rows.tolist()


class Rows:
    """Which row a name in a file is about; each at most once.

    Parameters
    ----------
    names : list of int or str
        Checked names of all samples.

    Examples
    --------
    >>> from skactive.io._ids import Rows
    >>> found = Rows(["a", "b"])
    >>> found.row_of("b", "Line 1")
    1
    >>> found.row_of("b", "Line 2")
    Traceback (most recent call last):
        ...
    ValueError: Line 2 is about 'b', and so is Line 1. Keep one of them.
    """

    def __init__(self, names):
        self.names = names
        self._row_of = {name: row for row, name in enumerate(names)}
        self._seen = {}

    def row_of(self, name, where, remedy="Keep one of them."):
        """Return the row of a name, or say what is wrong with it."""
        row = self._row_of.get(name)
        if row is None:
            raise ValueError(
                f"{where} is about {short(name)}, which is not among "
                f"ids{self._hint(name)}. Give the ids of all samples, written as in "
                "the file, or take it out of the file."
            )
        if self._seen.setdefault(row, where) != where:
            raise ValueError(
                f"{where} is about {short(name)}, and so is {self._seen[row]}. {remedy}"
            )
        return row

    def _hint(self, name):
        """Return what may have been meant: the same without folder or ending."""
        if not self.names:
            return ", of which there are none"
        plain = PurePath(str(name))
        for each in self.names:
            if PurePath(str(each)).name in (plain.name, plain.stem):
                return f", though {each!r} is"
            if PurePath(str(each)).stem == plain.name:
                return f", though {each!r} is"
        return f" (they are like {self.names[0]!r})"


def short(value):
    """Return a value as a message shows it."""
    text = repr(value)
    return text if len(text) < 80 else f"{text[:76]} ..."


def plain_id(name):
    """Return an id as JSON has it, or refuse it."""
    if isinstance(name, str):
        return str(name)
    if isinstance(name, Integral) and not isinstance(name, (bool, np.bool_)):
        return int(name)
    raise ValueError(f"an id is an integer or a string; got {name!r}")


def _plain_id(row, name, owner):
    try:
        return plain_id(name)
    except ValueError as error:
        raise ValueError(
            f"ids of {owner} are integers or strings; got {name!r} for row {row}."
        ) from error
