"""What a line that a person typed means: a class, a command, or nothing sure."""

import unicodedata

import numpy as np

#: Words that are no answer; a class of that name goes before them.
COMMANDS = ("", "s", "u", "g", "q", "?")


def class_of(text, classes):
    """Return the class that is meant, or None.

    Parameters
    ----------
    text : str
        What was typed.
    classes : ndarray of shape (n_classes,)
        All classes.

    Returns
    -------
    value : object
        The class that is called so, else the one that is called so but for upper and
        lower case, else the one whose number it is (see :func:`has_keys`), else the
        only one that begins so. None if there is no such class, or more than one.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.oracles._typed import class_of
    >>> classes = np.array(["cat", "car", "dog"])
    >>> [class_of(text, classes) for text in ("car", "3", "D", "ca", "4", "q")]
    ['car', 'dog', 'dog', None, None, None]

    Numbers in place of names are never beginnings:

    >>> classes = np.array(["1", "20"])
    >>> [class_of(text, classes) for text in ("1", "2", "20")]
    ['1', None, '20']
    """
    text, values = _plain(text), classes.tolist()
    names = names_of(classes)
    for known, typed in ((names, text), (_folded(names), text.casefold())):
        called = [v for v, name in zip(values, known, strict=True) if name == typed]
        if called:
            return called[0] if len(called) == 1 else None
    number = _number(text)
    if number is not None and _are_numbers(classes):  # 3 for the class 3.0, 03 for 3
        return _class_of_number(number, classes)
    if is_command(text):
        return None
    if text.isdecimal() and has_keys(classes):
        return values[int(text) - 1] if 1 <= int(text) <= len(values) else None
    begun = [
        value
        for value, name in zip(values, _folded(names), strict=True)
        if name.startswith(text.casefold()) and _number(name) is None
    ]
    return begun[0] if len(begun) == 1 else None


def is_command(text):
    """Tell whether a text is a command, in upper or lower case."""
    return text.casefold() in COMMANDS


def free_commands(classes):
    """Return the commands that no class is called like."""
    taken = () if classes is None else _folded(names_of(classes))
    return [command for command in COMMANDS if command not in taken]


def has_keys(classes):
    """Tell whether 1, 2, ... stand for the classes: if none begins with a digit."""
    return not any(name[:1].isdecimal() for name in names_of(classes)) and not (
        _are_numbers(classes)
    )


def names_of(classes):
    """Return the names of classes, as they are typed."""
    return [_plain(str(name)) for name in classes]


def _class_of_number(number, classes):
    if classes.dtype.kind not in "biuf":  # strings: 03 is another one than 3
        return None
    # As floats of their own width: 0.1 in float32 is not that in float64.
    kind = classes.dtype if classes.dtype.kind == "f" else float
    with np.errstate(over="ignore"):
        number = np.asarray(number, dtype=kind).item()
    return next((value for value in classes.tolist() if value == number), None)


def _are_numbers(classes):
    """Tell whether some class is a number, so that numbers name classes."""
    if classes.dtype.kind in "biuf":
        return True
    return any(_number(name) is not None for name in names_of(classes))


def _plain(text):
    """Return a text as it reads: one space for several, one way to write an accent."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _folded(names):
    return [name.casefold() for name in names]


def _number(text):
    """Return a finite number, or None; there may be a class called inf."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None
