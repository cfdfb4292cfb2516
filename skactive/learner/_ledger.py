"""The record of a run: which rows have a label, since when, and what was paid."""

import numpy as np


class Ledger:
    """Labels known so far, and the order in which they came.

    Parameters
    ----------
    answers : Answers
        What an answer is.
    values : ndarray of shape (n_rows,)
        Labels; the entries of unknown rows are never read.
    known : ndarray of bool of shape (n_rows,)
        Rows that are labeled from the start.
    """

    def __init__(self, answers, values, known):
        self.answers = answers
        self.values = values
        self.known = known.copy()
        self.asked = known.copy()  # labeled, or asked and not answered
        self.labeled_iter = np.where(known, 0, -1)
        self.order = []

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
        """Labels of the labeled rows, as a model is given them."""
        return self.answers.present(self.values[self.known])

    @property
    def n_paid(self):
        """How many answers were asked for, abstentions included."""
        return len(self.order)

    @property
    def n_iter(self):
        """The last round that brought a label; 0 is the beginning."""
        return max(0, int(self.labeled_iter.max(initial=0)))

    def check(self, rows, answers):
        """Return the mask of the answers that are labels; refuse unusable ones."""
        self._check_rows(np.asarray(rows))
        answers = self.answers.each(answers, len(rows))
        given = ~self.answers.missing(answers)
        fresh = [a for a, is_label in zip(answers, given, strict=True) if is_label]
        # One known label is enough to see whether old and new go together.
        self.answers.check(fresh, self.values[self.labeled[:1]])
        return given

    def record(self, rows, answers, n_iter):
        """Record answers; all of them, or none if one is unusable."""
        given = self.check(rows, answers)
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
            hint = " Pass np.flatnonzero(mask)." if rows.dtype.kind == "b" else ""
            raise ValueError(f"rows must be integers, got {rows.dtype}.{hint}")
        if rows.min() < 0 or rows.max() >= n:
            raise ValueError(f"rows must lie in 0..{n - 1}, got {rows.tolist()}.")
        if len(np.unique(rows)) < len(rows):
            raise ValueError(f"the same row is named twice: {rows.tolist()}.")
        again = rows[self.known[rows]]
        if len(again):
            raise ValueError(
                f"rows {again.tolist()} are already labeled. To correct a label, "
                "change it in labels_ and call fit(X, labels_), with simulate=False if "
                "none is missing."
            )
