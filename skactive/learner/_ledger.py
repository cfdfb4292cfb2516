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
        self.begin_here()

    def begin_here(self):
        """Let what is labeled now be the beginning."""
        self._before = {}  # what rows held that have changed since
        self.asked = self.known.copy()  # labeled, or asked and not answered
        self.labeled_iter = self.known.astype(np.int32) - 1
        self.order = []

    def begin_again(self):
        """Forget everything after the beginning."""
        for row, (known, value) in self._before.items():
            self.known[row], self.values[row] = known, value
        self.begin_here()

    def grow(self, n_new):
        """Add rows without a label at the end; they are there from the beginning."""
        shape = (n_new, *self.values.shape[1:])
        blank = np.full(shape, self.answers.missing_label, dtype=self.values.dtype)
        none = np.zeros(n_new, dtype=bool)
        self.values = np.concatenate([self.values, blank])
        self.known = np.concatenate([self.known, none])
        self.asked = np.concatenate([self.asked, none])
        never = np.full(n_new, -1, dtype=self.labeled_iter.dtype)
        self.labeled_iter = np.concatenate([self.labeled_iter, never])

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
    def published(self):
        """All labels as ``fit`` is given them, the unknown ones missing."""
        return self.answers.published(self.values, self.known)

    @property
    def in_columns(self):
        """Whether a label is several values."""
        return self.answers.are_in_columns(self.values[self.labeled[:1]])

    @property
    def n_paid(self):
        """How many answers were asked for, abstentions included."""
        return len(self.order)

    @property
    def n_iter(self):
        """The last round that brought a label; 0 is the beginning."""
        return max(0, int(self.labeled_iter.max(initial=0)))

    @property
    def skipped(self):
        """Rows that were asked for and have no label, ascending."""
        return np.flatnonzero(self.asked & ~self.known)

    def check(self, rows, answers, relabel="refuse", votes=()):
        """Refuse unusable answers; return one answer per row, and which are labels.

        ``votes`` are rows whose label is not what an answer takes the place of.
        """
        self._check_rows(np.asarray(rows), relabel, votes)
        answers = self._marked(self.answers.each(answers, len(rows)))
        given = ~self.answers.missing(answers)
        fresh = [a for a, is_label in zip(answers, given, strict=True) if is_label]
        # One known label is enough to see whether old and new go together.
        self.answers.check(fresh, self.values[self.labeled[:1]])
        return answers, given

    def _marked(self, answers):
        """Return answers in which None, by which people skip, is marked as in y."""
        marker = self.answers.missing_label
        none = [k for k, answer in enumerate(answers) if answer is None]
        if marker is None or not none:
            return answers
        answers = np.fromiter(answers, dtype=object, count=len(answers))
        answers[none] = marker
        return answers

    def record(self, rows, answers, given, n_iter):
        """Write down answers that were checked; a labeled row is answered anew."""
        for row, answer, is_label in zip(rows, answers, given, strict=True):
            known = self.known[row]
            self._before.setdefault(int(row), (known, self.values[row]))
            if not known:
                self.order.append(int(row))
            self.asked[row], self.known[row] = True, is_label
            self.values[row] = answer if is_label else self._blank(row)
            if not (known and is_label):  # a correction keeps its round
                self.labeled_iter[row] = n_iter if is_label else -1

    def forget(self, rows):
        """Take back labels and skips: the rows may be asked for again."""
        for row in rows:
            self._before.setdefault(int(row), (self.known[row], self.values[row]))
            self.values[row] = self._blank(row)
        self.known[rows] = self.asked[rows] = False
        self.labeled_iter[rows] = -1

    def _blank(self, row):
        """Return what a row without a label holds: what it held at the beginning."""
        known, value = self._before[int(row)]
        return self.answers.missing_label if known else value

    def check_asked(self, rows):
        """Refuse rows that have neither label nor skip."""
        self._check_rows(rows, "keep")
        never = rows[~self.asked[rows]] if rows.size else rows
        if len(never):
            raise ValueError(f"rows {never.tolist()} have neither label nor skip.")

    def at_the_beginning(self, row):
        """Return whether a row had a label at the beginning, and what it held."""
        return self._before.get(row, (bool(self.known[row]), self.values[row]))

    def _check_rows(self, rows, relabel, votes=()):
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
        again = rows[self.known[rows] & ~np.isin(rows, list(votes))]
        if len(again) and relabel == "refuse":
            raise ValueError(
                f"rows {again.tolist()} are already labeled. To correct a label, pass "
                'relabel="replace" to teach.'
            )
