"""What an answer is: which are missing, how they are kept, what a model is given.

One object for each kind of task. Labels are inspected nowhere else in the loop, its
ledger and its oracles, so that another kind of answer is another class here.
"""

import re
import warnings
from numbers import Real

import numpy as np
from sklearn.utils import assert_all_finite, check_consistent_length, column_or_1d

from skactive.exceptions import AmbiguousTargetWarning
from skactive.utils._labels import as_labels, check_missing_label, is_missing

#: Words by which files mark an absent label.
WORDS = {"", "-1", "?", "nan", "none", "null", "na", "n/a", "<na>", "nat"}
WORDS |= {"missing", "unlabeled", "unlabelled"}

#: What to do with sets of names.
BINARIZED = "sklearn.preprocessing.MultiLabelBinarizer makes rows of 0 and 1 of sets"

#: What models say of classes that are too small, or missing (XGBoost: 0, 1, 3); the
#: neighbors are those of SMOTE, within a class.
FEW_OF_A_CLASS = (
    r"n_splits|\bfolds?\b|members|Invalid classes inferred|<= n_samples_fit"
)


class Answers:
    """Answers of one kind, one to a row; here a single value, whatever it means.

    Parameters
    ----------
    missing_label : object, default=None
        What an absent answer looks like; None: None, NaN, NaT, pandas.NA, and what a
        masked array masks.
    declared : ndarray or None, default=None
        All classes that may occur, if they are known beforehand.
    """

    #: Whether there are classes among which an answer chooses.
    has_classes = False
    #: Whether an answer is a row of several values.
    in_columns = False
    #: What one answer is, in words.
    one = "a single value"

    def __init__(self, missing_label=None, declared=None):
        self.missing_label = missing_label
        self.declared = declared

    def read(self, y, n_samples):
        """Return answers as they were given, one per row.

        Parameters
        ----------
        y : array-like or None
            None: all are missing.
        n_samples : int
            How many there must be.

        Returns
        -------
        y : array-like of shape (n_samples,)
            Not yet converted; missing ones look as they did.
        """
        check_missing_label(self.missing_label)
        if y is None:
            return np.full(n_samples, self.missing_label, dtype=object)
        if isinstance(y, (list, tuple)) and any(v is np.ma.masked for v in y):
            y = [None if v is np.ma.masked else v for v in y]
        if hasattr(y, "__array__") and not hasattr(y, "isna"):
            y = np.ma.asarray(y) if isinstance(y, np.ma.MaskedArray) else np.asarray(y)
        if np.ndim(y) == 2 and np.shape(y)[1] == 1:
            y = column_or_1d(y, warn=True)
        if np.ndim(y) != 1:
            raise ValueError(f"y must be 1-d, got an array of shape {np.shape(y)}.")
        check_consistent_length(np.empty(n_samples), y)
        return y

    def each(self, answers, n_rows):
        """Return the answers to this many rows, one for each, or refuse them."""
        ndim = getattr(answers, "ndim", None)
        if ndim == 2 and answers.shape[1] == 1:
            answers, ndim = column_or_1d(answers, warn=True), 1
        if ndim is None:
            ndim = int(hasattr(answers, "__len__") and not isinstance(answers, str))
        if ndim == 0 or len(answers) != n_rows:
            got = "a single value" if ndim == 0 else f"{len(answers)}"
            raise ValueError(
                f"{n_rows} rows were asked for and the answer holds {got}; give one "
                "label per row, in the same order, None for those skipped."
            )
        if ndim != 1:
            hint = ""
            if self.has_classes and ndim == 2:
                hint = (
                    " One-hot answers are one class each by y.argmax(axis=1). Where a "
                    "row has several labels, a y of NaN of shape (n_samples, n_labels) "
                    "says so to fit."
                )
            raise ValueError(
                f"An answer is {self.one}; got answers of shape {answers.shape} for "
                f"{n_rows} rows.{hint}"
            )
        return answers

    def missing(self, y):
        """Return a mask of the answers that are missing."""
        return is_missing(y, self.missing_label)

    def keep(self, y):
        """Return answers, some of them missing, as a ledger of labels keeps them."""
        if isinstance(y, np.ma.MaskedArray):
            kept = np.array(y.data, dtype=object)
            kept[np.ma.getmaskarray(y)] = None
            return kept
        return np.array(y, dtype=object)

    def natural(self, y):
        """Return a complete y in its natural dtype."""
        return as_labels(y)

    def present(self, values):
        """Return kept answers, none of them missing, as a model is given them."""
        return as_labels(values)

    def published(self, values, known):
        """Return kept answers as ``fit`` takes them, the unknown ones missing."""
        return values.copy()

    def check(self, values, beside=(), *, matched=True):
        """Refuse answers that no model could be given; none of them is missing.

        Parameters
        ----------
        values : sequence
            New answers.
        beside : sequence, default=()
            An answer that is known already, or none: old and new must go together.
        matched : bool, default=True
            Whether ``missing_label`` was equal to others that came with them.

        Raises
        ------
        ValueError
            For an answer that is not of this kind, or not among those declared.
        TypeError
            For kinds that do not go together.
        """
        strange = [value for value in _each_kind(values) if not self._is_one(value)]
        if strange:
            hint = f" {BINARIZED}." if isinstance(strange[0], (set, frozenset)) else ""
            raise ValueError(
                f"An answer is {self.one}; got {_short(strange[0])}. Give one per row, "
                f"None for a row that is skipped.{hint}"
            )
        check_missing_label(self.missing_label, values, matched=matched)

    def _is_one(self, value):
        """Tell whether this is one answer."""
        return np.ndim(value) == 0 and not isinstance(value, (dict, set, frozenset))

    def warn_of_markers(self, y):
        """Warn where most of a complete y looks like a marker of absent labels."""
        marker = None if self.missing_label is not None else _frequent_marker(y)
        if marker is None or (self.declared is not None and marker in self.declared):
            return
        warnings.warn(
            f"Most of y is {marker!r}, which is taken for an answer like any other. If "
            f"it marks rows without a label, pass missing_label={marker!r}; if it is "
            "one, say so by simulate=True, or by classes.",
            AmbiguousTargetWarning,
            stacklevel=5,
        )

    def classes(self, values):
        """Return the classes among answers, or None if this kind has none."""
        return None

    def are_in_columns(self, values):
        """Tell whether these answers are rows of several values."""
        return self.in_columns

    def classes_of(self, model, labels):
        """Return the classes that only a model fitted on labels tells, or None."""
        return None

    def are_one_class(self, labels):
        """Tell whether all labels of a model are of one class."""
        return False

    def lacks(self, labels, error):
        """Tell whether an error says that labels hold too few of a class."""
        return False

    def cell(self, value):
        """Return one answer as it stands in a cell of a table."""
        return value

    def to_json(self, value):
        """Return one answer as JSON knows it, None for a missing one."""
        if self.missing([value])[0]:
            return None
        return value.item() if getattr(value, "ndim", None) == 0 else value

    def from_json(self, value):
        """Return the answer that ``to_json`` was given."""
        return self.missing_label if value is None else value


class ClassAnswers(Answers):
    """Each answer is one class: a number, a string or a boolean.

    Examples
    --------
    >>> from skactive.utils._answers import ClassAnswers
    >>> answers = ClassAnswers()
    >>> answers.missing(["cat", None, "dog"]).tolist()
    [False, True, False]
    >>> kept = answers.keep([1.0, float("nan"), 2.0])
    >>> answers.present(kept[[0, 2]])
    array([1, 2])
    """

    has_classes = True
    one = "one class, a number, a string or a boolean"

    def present(self, values):
        # A missing answer among integers had made floats of them.
        return as_labels(values, integral=np.asarray(values).dtype == object)

    def check(self, values, beside=(), *, matched=True):
        super().check(values, beside, matched=matched)
        if not len(values):
            return
        labels = as_labels([*beside, *values] if len(beside) else values)
        if labels.dtype.kind == "f":
            _refuse_infinite(labels)
        if self.declared is None:
            return
        labels = as_labels(labels[len(beside) :], integral=True)
        strange = np.setdiff1d(labels, self.declared).tolist()
        if strange:
            raise ValueError(
                f"{strange} is not among classes={self.declared.tolist()}; name every "
                "class that may occur in classes."
            )

    def classes(self, values):
        return np.unique(values) if self.declared is None else self.declared

    def are_one_class(self, labels):
        return len(np.unique(labels)) == 1

    def lacks(self, labels, error):
        # scikit-learn's checks make every classifier name the class then, and its
        # splitters speak of members and folds.
        words = r"\bclass(es)?\b" if self.are_one_class(labels) else FEW_OF_A_CLASS
        return re.search(words, str(error)) is not None

    def advice(self, labels):
        """Say which class is rarest, and what to set."""
        classes, counts = np.unique(labels, return_counts=True)
        rarest = classes[counts.argmin()].item()
        return (
            f"The {counts.sum()} labels known so far hold {len(classes)} classes, and "
            f"{counts.min()} of {rarest!r}. Raise n_initial, or lower what the "
            "estimator wants of each class, such as cv of CalibratedClassifierCV or "
            "k_neighbors of SMOTE."
        )

    def to_json(self, value):
        value = super().to_json(value)
        whole = isinstance(value, float) and value.is_integer()
        return int(value) if whole else value


class NumberAnswers(Answers):
    """Each answer is one finite number.

    Examples
    --------
    >>> from skactive.utils._answers import NumberAnswers
    >>> NumberAnswers().check([1.5, float("inf")])
    Traceback (most recent call last):
        ...
    ValueError: Input y contains infinity or a value too large for dtype('float64').
    """

    one = "one finite number"

    def check(self, values, beside=(), *, matched=True):
        some = _each_kind(values)
        if any(isinstance(value, (complex, np.complexfloating)) for value in some):
            # In the words of scikit-learn, which its checks look for.
            raise ValueError(f"Complex data not supported: an answer is {self.one}.")
        super().check(values, beside, matched=matched)
        _refuse_infinite(np.fromiter(values, dtype=float, count=len(values)))

    def _is_one(self, value):
        return isinstance(value, (Real, np.bool_))

    def to_json(self, value):
        value = super().to_json(value)
        return None if value is None else float(value)


def _refuse_infinite(values):
    assert_all_finite(values, input_name="y")


def _each_kind(values):
    """Return values among which all kinds occur: of an array of one dtype, the first.

    A loop over a million numbers would find no other kind.
    """
    one_dtype = isinstance(values, np.ndarray) and values.dtype.kind != "O"
    return values[:1] if one_dtype else values


def _short(value):
    text = repr(value)
    return text if len(text) < 60 else f"{text[:56]} ..."


def _frequent_marker(y):
    """Return what most of y is, if that is how absent labels are often marked."""
    values, counts = np.unique(y, return_counts=True)
    if len(values) < 2 or 2 * counts.max() <= counts.sum():
        return None
    winner = values[counts.argmax()].item()
    if isinstance(winner, str):
        return winner if winner.strip().lower() in WORDS else None
    # -1 and 1 are the two classes of many data sets.
    two_signs = len(values) == 2 and values.max() == 1
    return winner if winner == -1 and not two_signs else None
