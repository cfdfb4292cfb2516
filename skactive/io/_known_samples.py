"""How a file of answers knows again the samples that it is about."""

import re

import numpy as np

from skactive._sklearn import _num_samples
from skactive.utils._fingerprint import hash_of_arrays
from skactive.utils._rows import take_rows

#: Samples that are looked at in order to know a data set again.
LOOKED_AT = 64
#: Where an object lies, in its repr().
ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")


def check_header(lines, X, journal):
    """Refuse other samples than those at the beginning, and those added since.

    Parameters
    ----------
    lines : list of dict
        Lines of a journal, the first one with what is known of its samples.
    X : array-like of shape (n_samples, ...)
        All samples.
    journal : Journal
        Whose lines they are; with ids it knows samples by these alone.
    """
    by_names = journal.ids is not None
    if (lines[0].get("samples") is None) != by_names:
        has, gives = ("rows", "with") if by_names else ("names", "without")
        raise ValueError(
            f"{journal!r} was written by {has} of samples, and is opened {gives} "
            "ids. Give the ids of before, or none."
        )
    if by_names:
        return
    known = [lines[0], *(line for line in lines if line.get("event") == "extend")]
    edges = [line.get("n_samples") for line in known]
    what = "other samples, or the same in another order, dtype or container"
    if edges[-1] != _num_samples(X):
        what = f"{edges[-1]} samples, and X has {_num_samples(X)}"
    elif all(
        line.get("samples") == hash_of(some_of(X, *stretch), journal)
        for line, stretch in zip(known, zip([0, *edges], edges))
    ):
        return
    raise ValueError(
        f"{journal!r} is of {what}: its answers would be on the wrong rows. Give the "
        "X of before. Where tables are sorted or grow, pass ids, a name for each "
        "sample."
    )


def check_samples(X, events, journal):
    """Refuse other samples than those that were answered."""
    seen = {e["row"]: e["sample"] for e in events if e.get("sample")}
    for row, hashed in seen.items():
        if hash_of(row_of(X, row), journal) != hashed:
            raise ValueError(
                f"{journal!r} has an answer to another sample than that of row {row}: "
                "X was sorted or changed. Give the X of before, or pass ids."
            )


def hash_of(part, journal):
    """Return a short hash of some samples."""

    def described(value):
        """Return what is hashed of an object, in words or as the hash of its array."""
        if hasattr(value, "__array__") or hasattr(value, "__array_interface__"):
            return hash_of(np.asarray(value), journal)
        text = repr(value)
        if ADDRESS.search(text):
            raise ValueError(
                f"{journal!r} cannot know samples of type {type(value).__name__} "
                "again. Pass ids, a name for each."
            )
        return text

    return hash_of_arrays([part], described)


def some_of(X, start=0, stop=None):
    """Return those samples of a stretch that are looked at to know it again.

    Examples
    --------
    >>> from skactive.io._known_samples import some_of
    >>> some_of([[1], [2], [3]], 1)
    [[2], [3]]
    """
    stop = _num_samples(X) if stop is None else stop
    if start == stop:
        return take_rows(X, [])
    rows = np.linspace(start, stop - 1, LOOKED_AT).astype(int)
    return take_rows(X, np.unique(rows))


def row_of(X, row):
    """Return one sample in a container like that of all."""
    if isinstance(X, np.ndarray):  # at each answer, so that it counts
        return X[row : row + 1]
    return take_rows(X, [row])
