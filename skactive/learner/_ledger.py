"""The book of a run: which rows have a label, since when, and what was paid."""

import numpy as np

from skactive.utils import as_labels, is_missing


class LabelLedger:
    """Labels known so far, and the order in which they came.

    Parameters
    ----------
    values : ndarray of shape (n_rows,)
        Labels; what stands in rows that are not known is never read.
    known : ndarray of bool of shape (n_rows,)
        Rows that are labeled from the start.
    missing_label : object, default=None
        What an absent answer looks like.
    integral : bool, default=False
        Whole floats are class numbers: hand them out as integers.
    """

    def __init__(self, values, known, *, missing_label=None, integral=False):
        self.values = values
        self.known = known.copy()
        self.asked = known.copy()  # labeled, or asked and not answered
        self.labeled_iter = np.where(known, 0, -1)
        self.order = []
        self.missing_label = missing_label
        self.integral = integral

    @property
    def labeled(self):
        """Rows with a label, ascending."""
        return np.flatnonzero(self.known)

    @property
    def candidates(self):
        """Rows that may still be asked for, ascending."""
        return np.flatnonzero(~self.asked)

    @property
    def labels(self):
        """Labels of the labeled rows."""
        return as_labels(self.values[self.known], integral=self.integral)

    @property
    def n_paid(self):
        """How many answers were asked for, abstentions included."""
        return len(self.order)

    def check(self, rows, answers, classes=None):
        """Return the mask of the answers that are labels; refuse unusable ones."""
        self._check_rows(np.asarray(rows))
        if np.ndim(answers) == 0 or len(answers) != len(rows):
            got = "a single value" if np.ndim(answers) == 0 else f"{len(answers)}"
            raise ValueError(
                f"{len(rows)} rows were asked for and the answer holds {got}; give "
                "one label per row, in the same order, None for those skipped."
            )
        given = ~is_missing(answers, self.missing_label)
        fresh = [a for a, is_label in zip(answers, given, strict=True) if is_label]
        if fresh:
            # One known label is enough to see whether old and new go together.
            fresh = as_labels([*self.values[self.labeled[:1]], *fresh])
        if classes is not None and len(fresh):
            strange = np.setdiff1d(as_labels(fresh, integral=self.integral), classes)
            if len(strange):
                raise ValueError(
                    f"{strange.tolist()} is not among classes={classes.tolist()}; "
                    "name every class that may occur in classes."
                )
        return given

    def record(self, rows, answers, n_iter, classes=None):
        """Write answers down; all of them, or none if one is unusable."""
        given = self.check(rows, answers, classes)
        for row, answer, is_label in zip(rows, answers, given, strict=True):
            self.order.append(int(row))
            self.asked[row] = True
            if is_label:
                self.values[row] = answer
                self.known[row] = True
                self.labeled_iter[row] = n_iter

    def _check_rows(self, rows):
        n = len(self.known)
        if not rows.size:
            return
        if rows.dtype.kind not in "iu":
            raise ValueError(f"rows must be integers, got {rows.dtype}.")
        if rows.min() < 0 or rows.max() >= n:
            raise ValueError(f"rows must lie in 0..{n - 1}, got {rows.tolist()}.")
        if len(np.unique(rows)) < len(rows):
            raise ValueError(f"the same row is named twice: {rows.tolist()}.")
        again = rows[self.known[rows]]
        if len(again):
            raise ValueError(
                f"rows {again.tolist()} are already labeled. To correct a label, "
                "change it in labels_ and call fit(X, labels_)."
            )
