"""What a stream learner was told: labeled rows, the last ones of them, in order."""

from copy import copy

import numpy as np

from skactive.utils import concatenate_rows
from skactive.utils._rows import take_rows


class Told:
    """Labeled samples in the order in which their labels came.

    Nothing here is changed: ``with_labels`` and ``learned`` return others, so that what
    goes wrong in between leaves no trace.

    Parameters
    ----------
    answers : Answers
        What a label is.
    classes : ndarray or None, default=None
        All classes there are, if that is known beforehand.
    most : int or None, default=None
        How many are kept, first in, first out.

    Examples
    --------
    >>> from skactive.stream._labels import Told
    >>> from skactive.utils._answers import ClassAnswers
    >>> told = Told(ClassAnswers(), most=2).with_labels([[0], [1]], ["a", "b"])
    >>> told = told.with_labels([[2]], ["a"]).learned()
    >>> told.n, told.X.tolist(), told.y.tolist(), told.seen.tolist()
    (3, [[1], [2]], ['b', 'a'], ['a', 'b'])
    """

    def __init__(self, answers, classes=None, most=None):
        self.answers = answers
        self.known_classes = classes
        self.most = most
        self.X, self.y = None, np.empty(0)
        self.seen = None  # classes of all labels, also of those that were let go
        self.n = self.n_new = 0

    def check(self, y, *, closed=False):
        """Refuse labels, none of them missing, that no model could be given.

        ``closed``: no class may be added to those that were known beforehand.
        """
        self.answers.check(y, self.y[:1])
        if closed and self.answers.has_classes and len(y):
            known = self.known_classes
            strange = np.setdiff1d(self.answers.present(y), known).tolist()
            if strange:
                raise ValueError(
                    f"{strange} is not among the classes {known.tolist()} that the "
                    "model was told of when it began to learn, step by step. Name "
                    "every class that may come by classes=..., or pass "
                    "incremental=False."
                )

    def with_labels(self, X, y):
        """Return what is told with more labels, which were checked."""
        told = copy(self)
        y = self.answers.present(y)
        told.X = X if self.X is None else concatenate_rows(self.X, X)
        joined = [*self.y.tolist(), *y.tolist()]
        told.y = self.answers.present(joined) if len(self.y) else y
        told.n, told.n_new = self.n + len(y), self.n_new + len(y)
        if self.answers.has_classes:
            told.seen = np.unique(told.y if self.seen is None else [*self.seen, *y])
        return told._last(self.most)

    def learned(self):
        """Return what is told after a model has learned all of it."""
        told = copy(self)
        told.n_new = 0
        return told._last(self.most)

    @property
    def classes(self):
        """The classes known now, or None if labels are no classes."""
        if self.known_classes is None or self.seen is None:
            return self.seen if self.known_classes is None else self.known_classes
        return np.union1d(self.known_classes, self.seen)

    @property
    def is_one_class(self):
        """Whether the rows that are kept show one class alone."""
        return self.answers.has_classes and len(np.unique(self.y)) < 2

    def new(self):
        """Return the rows that were not learned yet, and their labels."""
        rows = np.arange(len(self.y) - self.n_new, len(self.y))
        return take_rows(self.X, rows), self.y[rows]

    def _last(self, most):
        if most is not None and len(self.y) > max(most, self.n_new):
            most = max(most, self.n_new)  # those that are new wait for their turn
            rows = np.arange(len(self.y) - most, len(self.y))
            self.X, self.y = take_rows(self.X, rows), self.y[rows]
        return self
