"""What happens to a run that people label: answers, corrections, second thoughts.

An event knows how to change a run and how it reads in a journal. The state of a run is
what its events make of its beginning, so the last one can be taken back, and a journal
can be read again.
"""

from dataclasses import dataclass, field

import numpy as np

from skactive.io._calls import read_calls
from skactive.io._journal import Journal
from skactive.learner._costs import tells_costs
from skactive.learner._revising import Revised


@dataclass
class Answered:
    """Answers to some rows; None is a skip.

    Parameters
    ----------
    rows : list of int
        Distinct rows.
    answers : list
        Their answers.
    is_label : list of bool
        Which are no skips.
    prices : list of float
        What they cost.
    n_iter : int
        The round.
    who : str or None, default=None
        Who answered.
    seconds : float or None, default=None
        How long each took.
    kept : list of (int, object), default=[]
        Answers to labeled rows that change nothing.
    n_fits : int, default=0
        How many rounds there were before.
    by_oracle : bool, default=False
        Whether an oracle answered that may change its mind.
    votes : collection of int, default=()
        Labeled rows whose label is merged of what several people say, and stays for
        now.
    """

    rows: list
    answers: list
    is_label: list
    prices: list
    n_iter: int
    who: object = None
    seconds: float = None
    kept: list = field(default_factory=list)
    n_fits: int = 0
    by_oracle: bool = False
    votes: object = ()

    def add(self, row, answer, is_label, price):
        """Add the answer to one row."""
        self.rows.append(row)
        self.answers.append(answer)
        self.is_label.append(is_label)
        self.prices.append(price)

    def lines(self, run, call):
        """Return the lines of a journal, before the event has changed the run."""
        to_json, known = run.ledger.answers.to_json, run.ledger.known
        lines = []
        given = zip(self.rows, self.answers, self.is_label, self.prices, strict=True)
        for row, answer, is_label, price in given:
            line = {"event": "answer" if is_label else "skip", "row": row}
            if is_label:
                line["answer"] = to_json(answer)
            line |= {"who": self.who, "round": self.n_iter, "cost": _plain(price)}
            line |= {"seconds": self.seconds, "call": call}
            if known[row]:
                line["was"] = to_json(run.ledger.values[row])
            if self.by_oracle:
                line["oracle"] = True
            if row in self.votes:
                line["vote"] = True
            lines.append(line)
        for row, answer in self.kept:
            line = {"event": "kept", "row": row, "answer": to_json(answer)}
            lines.append({**line, "who": self.who, "round": self.n_iter})
        return lines

    def apply(self, run):
        """Change the run, where nothing can fail any more; tell if labels changed."""
        again = run.ledger.known[self.rows].tolist()
        ours = [k for k, row in enumerate(self.rows) if row not in self.votes]
        columns = self.rows, self.answers, self.is_label
        columns = [[column[k] for k in ours] for column in columns]
        run.ledger.record(*columns, self.n_iter)
        prices = list(zip(self.prices, again, strict=True))
        run.prices.record(
            [price for price, old in prices if not old],
            [price for price, old in prices if old],
        )
        return any(self.is_label[k] or again[k] for k in ours)


def answered(
    run,
    rows,
    answers,
    n_iter,
    cost=None,
    *,
    free=False,
    who=None,
    relabel="refuse",
    n_fits=0,
    by_oracle=False,
    voters=None,
):
    """Return answers and what they cost as an event, once all of it was looked at.

    Parameters
    ----------
    run : Run
        The run.
    rows : ndarray of int of shape (n,)
        Rows.
    answers : array-like of shape (n,)
        Their answers.
    n_iter : int
        The round.
    cost : callable, array-like of shape (n,) or None, default=None
        Prices, or what tells them. None: those known beforehand, or one each, and
        nothing for corrections.
    free : bool, default=False
        Whether answers without a price cost nothing, in place of one.
    who : str or None, default=None
        Who answered.
    relabel : {"refuse", "replace", "keep"}, default="refuse"
        What an answer to a labeled row does.
    n_fits : int, default=0
        How many rounds there were before.
    by_oracle : bool, default=False
        Whether an oracle answered that may change its mind.
    voters : callable, default=None
        ``voters(run, rows)`` returns a set for each row, by row: who has answered it,
        where what others say is a vote. None: it is not.

    Returns
    -------
    event : Answered
        It has not happened yet.

    Raises
    ------
    ValueError
        If the ledger refuses rows or answers, or on prices that are none.
    """
    names = {} if voters is None else voters(run, _in_range(rows, run))
    votes = {row for row, of_row in names.items() if of_row - {who}}
    others = [row for row in votes if who not in names[row]]
    answers, given = run.ledger.check(rows, answers, relabel, others)
    old = run.ledger.known[rows] & ~np.isin(rows, others)
    count = [0 if free or each else 1 for each in old]
    prices = run.prices_of(rows, answers, given, cost, count)
    event = Answered([], [], [], [], n_iter, who, run.seconds(rows))
    event.n_fits, event.by_oracle, event.votes = n_fits, by_oracle, frozenset(votes)
    for k, (row, answer, is_label) in enumerate(zip(rows, answers, given)):
        skipped_again = run.ledger.asked[row] and not (
            is_label or run.ledger.known[row]
        )
        if relabel == "keep" and (old[k] or skipped_again):
            event.kept.append((int(row), answer if is_label else None))
        else:
            event.add(int(row), answer, bool(is_label), prices[k])
    event.prices = run.prices.with_pending(event.prices)
    return event


@dataclass
class Forgotten:
    """Labels and skips of some rows are taken back."""

    rows: list
    who: object = None
    n_fits: int = 0

    def lines(self, run, call):
        """Return the lines of a journal, before the event has changed the run."""
        ledger, lines = run.ledger, []
        for row in self.rows:
            line = {"event": "forget", "row": row, "who": self.who, "call": call}
            if ledger.known[row]:
                line["was"] = ledger.answers.to_json(ledger.values[row])
            lines.append(line)
        return lines

    def apply(self, run):
        """Change the run; tell whether labels changed."""
        labeled = run.ledger.known[self.rows].any()
        run.ledger.forget(self.rows)
        return bool(labeled)


def read_past(learner, run, held=None):
    """Open the journal of a learner, and have everything happen again that is in it.

    Parameters
    ----------
    learner : ActiveLearner
        Whose journal it is.
    run : Run
        A run that has just begun.
    held : Run or None, default=None
        The run of before, which goes on if this one cannot begin.

    Returns
    -------
    history : dict of list
        What the learner remembers of the rounds before.
    """
    journal = learner.journal
    before = None if held is None else held.journal
    goes_on = before is not None and before.is_open
    try:
        lines = []
        if journal is not None:
            run.journal = journal if hasattr(journal, "write") else Journal(journal)
            lines = run.journal.open(run.X)
            settle_start(run, lines)
        run.price_the_start(learner.cost, free=tells_costs(learner.oracle))
        return replay(run, lines)
    except BaseException:
        if run.journal is not None:
            getattr(run.journal, "_give_back", run.journal.close)()
        if goes_on and not before.is_open:
            before.open(held.X)
        raise


def settle_start(run, lines):
    """Let the labels that a run begins with be those before its journal began.

    ``fit(X, learner.labels_)`` gives labels that are in the journal, too.

    Parameters
    ----------
    run : Run
        A run that has just begun.
    lines : list of dict
        What is in its journal.

    Raises
    ------
    ValueError
        If a label is another one than the journal says.
    """
    ledger, to_json = run.ledger, run.ledger.answers.to_json
    before, now = {}, {}
    for line in (line for call, _ in read_calls(lines)[0] for line in call):
        before.setdefault(line["row"], line.get("was"))
        now[line["row"]] = line.get("was" if line.get("vote") else "answer")
    for row in ledger.labeled:
        if row not in now:
            continue
        given = to_json(ledger.values[row])
        if given not in (before[row], now[row]):
            raise ValueError(
                f"y says {given!r} for row {row}, and {run.journal!r} says "
                f"{now[row]!r}. Leave that label out of y (None); to correct it, "
                'teach(..., relabel="replace").'
            )
        if before[row] is None:
            ledger.known[row] = False
            ledger.values[row] = ledger.answers.missing_label
        else:
            ledger.values[row] = ledger.answers.from_json(before[row])
    ledger.begin_here()
    run.begin()


def replay(run, lines):
    """Have everything happen again that is in a journal.

    Parameters
    ----------
    run : Run
        A run that has just begun.
    lines : list of dict
        What is in its journal.

    Returns
    -------
    history : dict of list
        What a learner remembers of the rounds.
    """
    calls, rounds = read_calls(lines)
    for call, n_fits in calls:
        revised = [line for line in call if line["event"] == "revise"]
        events = [_from_lines([line for line in call if line not in revised], run)]
        if revised:
            from_json = run.ledger.answers.from_json
            now = {line["row"]: from_json(line["answer"]) for line in revised}
            events.append(Revised(list(now), list(now.values())))
        for event in events:
            event.n_fits, event.call = n_fits, call[0]["call"]
            event.apply(run)
            run.events.append(event)
    run.n_calls = 1 + max((line.get("call", -1) for line in lines), default=-1)
    history = {
        key: [line.get(key) for line in rounds]
        for key in ("n_labeled", "cost", "fit_time", "score")
    }
    history["score"] = [np.nan if s is None else s for s in history["score"]]
    history["n_revised"] = [line.get("n_revised", 0) for line in rounds]
    # It passed after the line was written.
    return {**history, "query_time": [np.nan] * len(rounds)}


def labels_frame(run, labels, ids=None):
    """Return the labels and skips of a run as a table, with who gave them."""
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            "labels_to_frame needs pandas: pip install pandas. Without it, labels_ and "
            "skipped_ say the same."
        ) from error
    n = len(run.ledger.known)
    ids = getattr(run.journal, "ids", None) if ids is None else ids
    names = list(range(n) if ids is None else ids)
    if len(names) != n:
        raise ValueError(f"ids must be one for each of {n} samples, got {len(names)}.")
    who = {
        row: event.who
        for event in run.events
        if isinstance(event, Answered)
        for row in event.rows
    }
    cell = run.ledger.answers.cell
    rows, known = np.flatnonzero(run.ledger.asked).tolist(), run.ledger.known
    columns = {
        "id": [names[row] for row in rows],
        "label": [cell(labels[row]) if known[row] else None for row in rows],
        "who": [who.get(row) for row in rows],
        "round": run.ledger.labeled_iter[rows].astype(int),
    }
    frame = pd.DataFrame({"id": columns.pop("id")})
    for name, values in columns.items():
        kind = None if name == "round" else object
        frame[name] = pd.Series(values, dtype=kind, index=frame.index)
    return frame


def _in_range(rows, run):
    """Return the rows that there are, of rows not looked at so far."""
    rows = np.asarray(rows)
    fine = rows.size and rows.dtype.kind in "iu"
    n = len(run.ledger.known)
    return rows[(rows >= 0) & (rows < n)].ravel().tolist() if fine else []


def _plain(number):
    return number.item() if hasattr(number, "item") else number


def _from_lines(lines, run):
    rows = [line["row"] for line in lines]
    first = lines[0]
    if first["event"] == "forget":
        return Forgotten(rows, first["who"])
    is_label = [line["event"] == "answer" for line in lines]
    try:
        answers = [run.ledger.answers.from_json(line.get("answer")) for line in lines]
        answers, _ = run.ledger.check(rows, answers, "replace")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(
            f"{run.journal!r} has an answer that this learner does not take: {error} "
            "Give it the estimator, classes and missing_label of before, or a journal "
            "of its own."
        ) from error
    return Answered(
        rows,
        list(answers),
        is_label,
        [line["cost"] for line in lines],
        first["round"],
        first["who"],
        first["seconds"],
        by_oracle=first.get("oracle", False),
        votes=frozenset(line["row"] for line in lines if line.get("vote")),
    )
