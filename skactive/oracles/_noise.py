"""How a person errs who knows the truth: other classes, other labels, other numbers."""

import numpy as np
from scipy.special import ndtri
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from skactive.utils import as_labels

#: No uniform number is below it, as a normal one would be infinite.
LEAST = 2.0**-54


def check_noise(oracle, columns):
    """Refuse kinds of mistakes that do not go with each other, or with the answers.

    Parameters
    ----------
    oracle : NoisyOracle
        Has ``scale``, ``noise`` and ``confusion``.
    columns : bool
        Whether answers have several columns.
    """
    classes = [
        f"{name}={getattr(oracle, name)!r}"
        for name, none in (("noise", 0), ("confusion", None))
        if getattr(oracle, name) is not none and np.any(getattr(oracle, name))
    ]
    if oracle.scale is not None and classes:
        raise ValueError(
            f"NoisyOracle: scale={oracle.scale!r} is for numbers, and "
            f"{' and '.join(classes)} for classes. Leave out one of them."
        )
    if columns and oracle.confusion is not None:
        raise ValueError(
            "NoisyOracle: confusion is for one class per row, and y has several "
            "columns. Pass noise, which each entry is wrong with."
        )


def check_classes(labels):
    """Refuse numbers where classes are confused."""
    if type_of_target(labels) == "continuous":
        raise ValueError(
            "NoisyOracle: y is continuous, and numbers are not confused like classes. "
            "Pass scale, the standard deviation of mistakes in units of y, in place of "
            "noise and confusion."
        )
    check_classification_targets(labels)


def complete_rows(y):
    """Tell which rows of several columns are given, and refuse parts of rows."""
    missing = np.isnan(y)
    partly = np.flatnonzero(missing.any(axis=1) & ~missing.all(axis=1))
    if len(partly):
        raise ValueError(
            f"NoisyOracle: rows {partly[:5].tolist()} of y lack some of their entries. "
            "Give all, or none."
        )
    return ~missing.any(axis=1)


def as_numbers(y, given):
    """Return numbers as floats, NaN where they are missing; refuse others."""
    numbers = np.full(np.shape(y), np.nan)
    try:
        numbers[given] = np.asarray(as_labels(y[given]), dtype=float)
    except (ValueError, TypeError) as error:
        raise ValueError(
            "NoisyOracle: scale is for numbers, and y holds others: "
            f"{str(y[given][0])!r}. Pass noise or confusion."
        ) from error
    return numbers


def moved(values, uniform, scale):
    """Return numbers with normal mistakes added.

    Parameters
    ----------
    values, uniform : ndarray of float of one shape
        The true numbers, and numbers in [0, 1) that decide.
    scale : float
        The standard deviation.

    Examples
    --------
    >>> from skactive.oracles._noise import moved
    >>> moved(7.0, [0.0, 0.5, 0.975], 1.0).round(2).tolist()
    [-1.29, 7.0, 8.96]
    """
    return values + scale * ndtri(np.maximum(uniform, LEAST))


def flipped(sets, uniform, noise):
    """Return sets of labels in which some entries are the other way round.

    Parameters
    ----------
    sets : ndarray of shape (n, n_labels)
        Ones where a label is present, else zeros.
    uniform : ndarray of shape (n, n_labels)
        Numbers in [0, 1): an entry below ``noise`` is wrong.
    noise : float
        Share of wrong entries.
    """
    if not np.isin(sets, (0, 1)).all():
        raise ValueError(
            "NoisyOracle: y of several columns must hold 0 and 1, which labels are "
            "present; for numbers pass scale."
        )
    return np.where(uniform < noise, 1 - sets, sets)
