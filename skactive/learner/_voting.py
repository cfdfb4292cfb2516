"""Labels that several people gave by hand, each for himself, and what they amount to.

What was said is in the events of a run: votes are never kept a second time.
"""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skactive.learner._events import Answered, Forgotten
from skactive.learner._revising import Revised
from skactive.oracles._votes import Votes, merged, table_of


class VotesMixin:
    """What was said by each person, where a learner has an ``aggregate``."""

    @property
    def votes_(self):
        """All that was said by ``teach`` and stands."""
        self._check_votes("votes_")
        return votes_of(said(self._run))

    @property
    def confidence_(self):
        """How sure the labels are that people gave by ``teach``; NaN for others."""
        self._check_votes("confidence_")
        run = self._run
        found = np.full(len(run.ledger.known), np.nan)
        rows, _, confidence = _merged(self, run, said(run))
        found[rows] = confidence
        return found

    def _check_votes(self, name):
        if self.aggregate is None:
            raise AttributeError(
                f"{type(self).__name__} has no {name}: it has one answer for each row. "
                "Pass aggregate, such as skactive.oracles.majority."
            )
        check_is_fitted(self, "history_")
        if self._run is None:
            raise AttributeError(f"A simulation has no {name}: y answers in it.")

    def _happen(self, run, event):
        """Let an event happen, and with it what it changes in the labels of all."""
        if self.aggregate is None:
            return run.happen(event)
        now = said(run, event)
        rows, labels, _ = _merged(self, run, now)
        labels, _ = run.ledger.check(rows, labels.tolist(), "replace")
        held = _labels_after(run, event)
        same = run.ledger.answers.to_json
        new = {
            row: label
            for row, label in zip(rows.tolist(), labels)
            if row not in held or same(held[row]) != same(label)
        }
        revised = Revised(list(new), list(new.values()), event.n_fits)
        return run.happen(event, *([revised] if new else []))


def said(run, event=None):
    """Return what stands of what people said by hand: answers by row and person.

    Parameters
    ----------
    run : Run
        The run.
    event : Answered or Forgotten or None, default=None
        What happens next.

    Returns
    -------
    said : dict of dict of (object, float)
        For each row that was answered, by name, the last answer and what was paid for
        all of his; None is an abstention. The label of a row that was labeled at the
        beginning is the answer of None, as are those of an oracle, as it says now.
    """
    now, of_oracle = {}, set()
    for each in [*run.events, *([] if event is None else [event])]:
        if isinstance(each, Forgotten):
            now |= {row: {} for row in each.rows}
        elif isinstance(each, Revised):
            for row, answer in zip(each.rows, each.answers, strict=True):
                if row in of_oracle:  # it changed its mind; others were merged
                    now[row][None] = answer, now[row][None][1]
        elif isinstance(each, Answered):
            of_oracle -= set(each.rows)
            of_oracle |= set(each.rows) if each.by_oracle else set()
            given = zip(each.rows, each.answers, each.is_label, each.prices)
            for row, answer, is_label, price in given:
                names = now.setdefault(row, _at_the_beginning(run, row))
                paid = names.get(each.who, (None, 0))[1] + price
                names[each.who] = (answer if is_label else None), paid
    return now


def voters(run, rows):
    """Return, for each of some rows, who has an answer to it that stands."""
    now = said(run)
    names = {row: now.get(row, _at_the_beginning(run, row)) for row in rows}
    return {
        row: {who for who, (answer, _) in told.items() if answer is not None}
        for row, told in names.items()
    }


def _at_the_beginning(run, row):
    known, value = run.ledger.at_the_beginning(row)
    return {None: (value, 0.0)} if known else {}


def votes_of(now):
    """Return what people said as a table, rows ascending."""
    lines = [
        (row, who, answer, paid)
        for row in sorted(now)
        for who, (answer, paid) in now[row].items()
    ]
    return table_of(*(list(column) for column in zip(*lines)) if lines else ([],) * 4)


def _merged(learner, run, now):
    """Return rows that have an answer, and their labels and confidence."""
    table = votes_of(now)
    table = table[[answer is not None for answer in table["answer"]]]
    classes = run.known_classes
    seed = int(run.seeds.drawn["order"])
    names = list(dict.fromkeys(table["who"].tolist()))
    votes = Votes(table, names, None, classes, seed)
    return merged(learner.aggregate, votes, classes, type(learner).__name__)


def _labels_after(run, event):
    """Return the labels of rows that people answered, once an event has happened."""
    held = {row: run.ledger.values[row] for row in run.ledger.labeled.tolist()}
    if isinstance(event, Forgotten):
        return {row: held[row] for row in held.keys() - set(event.rows)}
    for row, answer, is_label in zip(event.rows, event.answers, event.is_label):
        if row not in event.votes:
            held.pop(row, None)
            if is_label:
                held[row] = answer
    return held
