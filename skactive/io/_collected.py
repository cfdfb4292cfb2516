"""Answers that come one by one, each under the name of its sample."""

import numpy as np

from skactive.io._classes import Classes
from skactive.io._ids import Rows, as_text, checked_ids, short
from skactive.utils._dense_answers import as_objects


class Collected:
    """Answers of a file of text, joined by names as they are in text.

    Parameters
    ----------
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples.
    owner : str
        Whose ids they are, in messages.
    classes : list of str, dict of str to int, or None, default=None
        Names by class number, or a number for each name.
    remedy : str
        What to do where a name is there twice.

    Examples
    --------
    >>> from skactive.io._collected import Collected
    >>> found = Collected([7, 8], "a file", ["cat", "dog"])
    >>> found.add("8", "dog", "Line 2")
    >>> found.add(7, None, "Line 3")
    >>> found.answers()
    (array([1, 0]), array([1, None], dtype=object))
    """

    def __init__(self, ids, owner, classes=None, remedy="Keep one of them."):
        names = checked_ids(ids, owner=owner)
        self._rows, self.classes = Rows(as_text(names, owner)), Classes(classes)
        self.remedy, self._found = remedy, {}

    def add(self, name, answer, where):
        """Add the name of a class, or None for a skip."""
        if answer is not None:
            if not isinstance(answer, str):
                raise ValueError(
                    f"{where}: the name of a class is a string, not {short(answer)}."
                )
            answer = self.classes.label(answer, where)
        self.add_value(name, answer, where)

    def add_value(self, name, answer, where):
        """Add an answer as it is in y."""
        self._found[self.check(name, where)] = answer

    def check(self, name, where):
        """Return the row of a name, which no other line may have."""
        if isinstance(name, bool) or not isinstance(name, (int, str)):
            raise ValueError(
                f"{where} is about {short(name)}; the name of a sample is an integer "
                "or a string."
            )
        return self._rows.row_of(str(name), where, self.remedy)

    def answers(self, dtype=None):
        """Return (rows, y); y holds objects only where there are skips."""
        rows, y = np.array(list(self._found), dtype=np.intp), list(self._found.values())
        if any(answer is None for answer in y):
            return rows, as_objects(y)
        return rows, self.classes.as_array(y) if dtype is None else np.array(y, dtype)


def texts_of(texts, names, rows):
    """Return the texts of some rows, refused where they are none."""
    if isinstance(texts, str) or len(texts) != len(names):
        raise ValueError(
            f"There are ids of {len(names)} samples; give a text, or the address of a "
            f"picture, for each of them, got {short(texts)}."
        )
    texts = list(texts)
    for row in rows:
        if not isinstance(texts[row], str) or not texts[row].strip():
            raise ValueError(
                f"The text of row {row} is {short(texts[row])}; people need something "
                "to read."
            )
    return [str(texts[row]) for row in rows]
