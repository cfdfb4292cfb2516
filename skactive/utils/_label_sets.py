"""Answers of several columns: a set of labels, or several numbers, in each row."""

import re
from copy import copy

import numpy as np
from scipy import sparse

from skactive.utils._answers import BINARIZED, FEW_OF_A_CLASS, Answers, _short
from skactive.utils._labels import _is_absent, _object_array, is_missing, out_of_torch


def is_row(value):
    """Tell whether an answer is several values, in a row.

    Examples
    --------
    >>> from skactive.utils._label_sets import is_row
    >>> [is_row(value) for value in ([1, 0], (2.5, 1.0), 3, "cat", {"boxes": []})]
    [True, True, False, False, False]
    """
    return isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) == 1


def in_columns(y, missing_label=None):
    """Tell whether labels have several columns; None if all are missing.

    One column is the same as none: (n, 1) is (n,).

    Examples
    --------
    >>> from skactive.utils._label_sets import in_columns
    >>> in_columns([None, [1, 0]]), in_columns([1, 0]), in_columns([None, None])
    (True, False, None)
    """
    if y is None or sparse.issparse(y):
        return None if y is None else True
    if not hasattr(y, "shape") and (
        hasattr(y, "__array__") or not hasattr(y, "__len__")
    ):
        y = np.asarray(y)
    shape = getattr(y, "shape", None)
    shape = (len(y),) if shape is None else shape
    if len(shape) != 1:
        return len(shape) == 2 and shape[1] != 1
    if getattr(getattr(y, "dtype", None), "kind", "O") != "O":
        return None if len(y) and is_missing(y, missing_label).all() else False
    for value in y:
        if is_row(value):
            return len(value) != 1
        if not _is_absent(value) and not _equal(value, missing_label):
            return False
    return None


def spread_columns(columns, known, fill):
    """Return what a model says of 0 and of 1, for each label, if it knows only one.

    Parameters
    ----------
    columns : ndarray of shape (n_samples, n_labels) or list of ndarray
        What it says of each label. Of a list, each (n_samples, n_classes).
    known : list of ndarray
        The classes that it knows of each label.
    fill : float
        What it is taken to say of others.

    Returns
    -------
    columns : ndarray of shape (n_samples, n_labels) or list of ndarray
        Of a list, each (n_samples, 2).

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._label_sets import spread_columns
    >>> spread_columns([np.ones((2, 1))], [np.array([0])], 0.0)[0].tolist()
    [[1.0, 0.0], [1.0, 0.0]]
    """
    if not isinstance(columns, list):
        return columns
    spread = []
    for column, classes in zip(columns, known, strict=True):
        if column.ndim == 2 and column.shape[1] == len(classes) == 1:
            out = np.full((len(column), 2), fill, dtype=column.dtype)
            out[:, int(classes[0])] = column[:, 0]
            column = out
        spread.append(column)
    return spread


def _equal(value, missing_label):
    return not _is_absent(missing_label) and bool(np.all(value == missing_label))


def opened(y):
    """Return rows as one array of two axes, or as an object array of rows."""
    if sparse.issparse(y):
        raise ValueError(
            f"y is a sparse matrix of shape {y.shape}; labels are taken as an array: "
            "pass y.toarray()."
        )
    y = out_of_torch(y)
    if isinstance(y, np.ma.MaskedArray):
        shown = np.array(y.data, dtype=object)
        shown[np.ma.getmaskarray(y)] = None
        return shown if np.ma.getmaskarray(y).any() else y.data
    if hasattr(y, "__array__"):
        return np.asarray(y)
    return _object_array(y)


def _listed(row):
    return _short(np.asarray(row).tolist())


def _constant(labels):
    """Return the columns in which all rows are the same."""
    return np.flatnonzero((labels == labels[:1]).all(axis=0))


class RowAnswers(Answers):
    """Each answer is a row of numbers, one for each column of ``y``.

    ``y`` is (n_samples, n_columns); a row that is missing is missing as a whole: NaN or
    None in all columns, or None in a list of rows. The first answer says how many
    columns there are, unless ``y`` did.
    """

    one = "a row of numbers, one for each column of y"
    in_columns = True
    #: How many columns there are; None: as many as in the first answer.
    width = None

    def __init__(self, missing_label=None, declared=None):
        if declared is not None:
            raise ValueError(
                f"classes={np.asarray(declared).tolist()} are those of one label per "
                f"row, and here an answer is {self.one}. Leave classes=None."
            )
        super().__init__(missing_label)

    def read(self, y, n_samples):
        if y is None:
            return super().read(y, n_samples)
        y = opened(y)
        if len(y) != n_samples:
            raise ValueError(f"There are {n_samples} samples and {len(y)} rows of y.")
        rows = np.flatnonzero(~self.missing(y))
        present = y[rows]
        self.check(present, names=rows)
        if getattr(y, "ndim", 1) == 2:
            self.width = y.shape[1]
        elif len(rows):
            self.width = len(present[0])
        return y

    def each(self, answers, n_rows):
        answers = opened(answers)
        if getattr(answers, "ndim", 1) not in (1, 2) or len(answers) != n_rows:
            raise ValueError(
                f"{n_rows} rows were asked for and the answer has the shape "
                f"{answers.shape}. An answer is {self.one}: give one to each row, in "
                "the same order, None for those skipped; of a single row, [answer]."
            )
        # Copies: what is written down does not change with what the caller holds.
        return _object_array([copy(answer) for answer in answers])

    def missing(self, y):
        y = opened(y)
        if y.ndim == 2:
            return is_missing(y, self.missing_label)
        absent = [self._is_missing(k, value) for k, value in enumerate(y)]
        return np.array(absent, dtype=bool)

    def _is_missing(self, k, value):
        if not is_row(value):
            return _is_absent(value) or _equal(value, self.missing_label)
        if not len(value):
            return False
        try:
            return bool(is_missing(_object_array(value)[None], self.missing_label)[0])
        except ValueError as error:
            raise ValueError(str(error).replace("Row 0", f"Row {k}", 1)) from None

    def keep(self, y):
        missing = self.missing(y)
        kept = np.full(len(y), self.missing_label, dtype=object)
        for k in np.flatnonzero(~missing):
            kept[k] = np.array(y[k])
        return kept

    def natural(self, y):
        return self.present(y)

    def present(self, values):
        if getattr(values, "ndim", 1) == 1:
            width = self.width or 0
            rows = [np.asarray(row, dtype=float) for row in values]
            values = np.stack(rows) if rows else np.empty((0, width))
        return self._typed(values)

    def published(self, values, known):
        width = self.width if not known.any() else len(values[known][0])
        if width is None:
            return values.copy()
        absent = np.nan if _is_absent(self.missing_label) else self.missing_label
        y = np.full((len(values), width), absent, dtype=float)
        if known.any():
            y[known] = self.present(values[known])
        return y

    def check(self, values, beside=(), *, matched=True, names=None):
        width = len(beside[0]) if len(beside) else self.width
        if getattr(values, "ndim", 1) == 2 and values.dtype.kind in "biuf":
            # All at once what is looked at row by row below; the first fault is left.
            sound = self._are_answers(values).all(axis=1)
            names = np.arange(len(values)) if names is None else names
            faults = np.flatnonzero(~sound)[:1]
            first = values[:1] if sound.all() else values[faults]
            names = names[:1] if sound.all() else names[faults]
            values = first
        for k, row in enumerate(values):
            name = k if names is None else names[k]
            if not is_row(row) or not len(row):
                raise ValueError(
                    f"An answer is {self.one}; got {_short(row)}. Give one row of "
                    "numbers for each sample, None for a sample that is skipped. "
                    f"{BINARIZED}."
                )
            width = len(row) if width is None else width
            if len(row) != width:
                raise ValueError(
                    f"Row {name} of the answers has {len(row)} columns and others have "
                    f"{width}. Give every row the same columns."
                )
            self._check_row(row, name)

    def _check_row(self, row, name):
        """Refuse a row with a number that cannot be."""
        try:
            numbers = np.asarray(row)
            numeric = numbers.dtype.kind in "biuf" or not any(
                isinstance(value, (str, bytes, complex)) for value in row
            )
            numbers = np.asarray(row, dtype=float) if numeric else None
        except (TypeError, ValueError):
            numbers = None
        if numbers is None or numbers.ndim != 1:
            raise ValueError(self._refusal(name, row))
        if not self._are_answers(numbers).all():
            raise ValueError(self._refusal(name, row))

    def cell(self, value):
        return self.to_json(value)

    def to_json(self, value):
        if not is_row(value) or self._is_missing(0, value):
            return None
        return self._typed(np.asarray(value)).tolist()

    def from_json(self, value):
        return self.missing_label if value is None else np.asarray(value)

    def warn_of_markers(self, y):
        """A complete y of rows is taken as it is."""


class LabelSetAnswers(RowAnswers):
    """Each answer is a set of labels: a row of 0 and 1, one for each label.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._label_sets import LabelSetAnswers
    >>> answers = LabelSetAnswers()
    >>> y = answers.read([[1, 0, 1], None, [0, 0, 0]], 3)
    >>> answers.missing(y).tolist()
    [False, True, False]
    >>> answers.present(answers.keep(y)[[0, 2]])
    array([[1, 0, 1],
           [0, 0, 0]])
    """

    one = "a row of 0 and 1, one for each label"

    def classes_of(self, model, labels):
        """Return the classes of each column, as a model that learned them has them."""
        classes = getattr(model, "classes_", None)
        if isinstance(classes, list):
            return [np.array([0, 1]) for _ in classes]
        return classes

    def lacks(self, labels, error):
        # What a model says of one class is of one label then.
        one_class = len(_constant(labels)) and re.search(r"\bclass(es)?\b", str(error))
        return bool(one_class) or re.search(FEW_OF_A_CLASS, str(error)) is not None

    def advice(self, labels):
        """Say which label is rarest, and what to set or take."""
        n_with = labels.sum(axis=0)
        rarest = int(np.minimum(n_with, len(labels) - n_with).argmin())
        return (
            f"Of the {len(labels)} rows known so far, {n_with[rarest]} have label "
            f"{rarest}. Raise n_initial, or take another model: OneVsRestClassifier "
            "takes a label that was never seen."
        )

    def _typed(self, values):
        return np.asarray(values).astype(np.int64)

    def _are_answers(self, numbers):
        return (numbers == 0) | (numbers == 1)

    def _refusal(self, name, row):
        numbers = np.asarray(row)
        negative = numbers.dtype.kind in "if" and bool((numbers == -1).all())
        marked = " If -1 marks rows without labels, pass missing_label=-1."
        marked = marked if negative else ""
        return (
            f"Row {name} of the answers is {_listed(row)}; with a classifier an answer "
            f"of several columns is {self.one}. {BINARIZED}; columns of more classes "
            f"are not served.{marked}"
        )


class NumberRowAnswers(RowAnswers):
    """Each answer is several finite numbers, one for each target.

    Examples
    --------
    >>> from skactive.utils._label_sets import NumberRowAnswers
    >>> NumberRowAnswers().check([[1.5, float("inf")]])
    Traceback (most recent call last):
        ...
    ValueError: Row 0 of the answers is [1.5, inf]; an answer is a row of finite \
numbers, one for each target.
    """

    one = "a row of finite numbers, one for each target"

    def _typed(self, values):
        values = np.asarray(values)
        return values if values.dtype.kind == "f" else values.astype(float)

    def _are_answers(self, numbers):
        return np.isfinite(numbers)

    def _refusal(self, name, row):
        row = _listed(row)
        return f"Row {name} of the answers is {row}; an answer is {self.one}."
