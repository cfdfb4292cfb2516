"""Classes have names in files, and may be numbers in y."""

from collections.abc import Mapping
from numbers import Integral

import numpy as np

from skactive.io._ids import short


class Classes:
    """Names of classes in a file, and what they are in y.

    Parameters
    ----------
    classes : list of str, dict of str to int, or None
        Names by class number, or a number for each name. None: in y are the names.

    Examples
    --------
    >>> from skactive.io._classes import Classes
    >>> classes = Classes(["cat", "dog"])
    >>> classes.label("dog", "Line 3"), classes.name(0, "Row 7")
    (1, 'cat')
    >>> classes.label("cow", "Line 4")
    Traceback (most recent call last):
        ...
    ValueError: Line 4: 'cow' is not among classes=['cat', 'dog']. Name every class ...
    """

    def __init__(self, classes):
        self.names = None if classes is None else _names(classes)
        if self.names is None:
            return
        numbers = classes.values() if isinstance(classes, Mapping) else range(10**9)
        self._number = dict(zip(self.names, map(_whole, numbers)))
        self._name = {number: name for name, number in self._number.items()}
        if len(self._name) < len(self._number):
            raise ValueError(f"Two names in classes={short(classes)} have one number.")

    @property
    def numbers(self):
        """The numbers of the classes, in their order."""
        return list(self._number.values())

    def label(self, name, where):
        """Return what a name in a file is in y."""
        if self.names is None:
            return name
        if name not in self._number:
            raise ValueError(
                f"{where}: {short(name)} is not among classes={short(self.names)}. "
                "Name every class of the file in classes."
            )
        return self._number[name]

    def as_array(self, labels):
        """Return labels as an array, of the right kind where there are none."""
        return np.array(labels, dtype=str if self.names is None else np.int64)

    def name(self, label, where):
        """Return what a label in y is called in a file."""
        if isinstance(label, str):
            found = str(label)
            known = self.names is None or found in self._number
            if self.names is None:
                _names([found])
        else:
            whole = isinstance(label, (Integral, np.bool_))
            whole = whole or (isinstance(label, float) and label.is_integer())
            known = self.names is not None and whole and int(label) in self._name
            found = self._name[int(label)] if known else None
        if not known:
            raise ValueError(
                f"{where}: there is no name for the class {short(label)} in classes="
                f"{short(self.names)}. Pass classes, a list of names by class number."
            )
        return found


def _names(classes):
    """Return the names of classes as a list, or refuse them."""
    if isinstance(classes, str) or not hasattr(classes, "__iter__"):
        raise ValueError(
            f"classes must be a list of names, or a dict of names and numbers; got "
            f"{short(classes)}."
        )
    names = [str(name) if isinstance(name, str) else name for name in classes]
    for name in names:
        if not isinstance(name, str) or not name or name != name.strip():
            raise ValueError(
                f"A class in a file has a name, a string that does not begin or end "
                f"with a blank; got {name!r} in classes={short(names)}."
            )
        if names.count(name) > 1:
            raise ValueError(f"classes={short(names)} holds {name!r} twice.")
    return names


def _whole(number):
    if isinstance(number, Integral) and not isinstance(number, bool):
        return int(number)
    raise ValueError(f"The numbers of classes are integers; got {number!r}.")
