"""Teach a learner what was said in a project, and nothing twice.

What is to be done follows from three things: what people say now, what the learner
knows, and what was taught before. So it can be broken off anywhere and begun again.
"""

import numpy as np

from skactive.io.label_studio._annotations import as_column
from skactive.serve._answers import SKIP
from skactive.serve._state import Taken
from skactive.utils._answer_hash import hash_of


def have(learner, rows):
    """Return what a learner knows of some rows.

    Parameters
    ----------
    learner : ActiveLearner
        Fitted.
    rows : list of int
        Rows.

    Returns
    -------
    known : list of str or None
        The hash of its label, "skip", or None.

    Examples
    --------
    >>> from skactive import ActiveLearner
    >>> from skactive.serve._teaching import have
    >>> learner = ActiveLearner().fit([[0], [1], [2]], ["a", "b", None])
    >>> have(learner.teach(2, None), [2, 0])[0]
    'skip'
    """
    labels, labeled = learner.labels_, learner.labeled_mask_
    skipped = set(learner.skipped_.tolist())
    return [
        hash_of(labels[row]) if labeled[row] else SKIP if row in skipped else None
        for row in rows
    ]


def teach_what_changed(run, state, found):
    """Teach what was answered, corrected or deleted, and write down that it was.

    Parameters
    ----------
    run : LabelStudioRun
        Has the learner.
    state : State
        What was taught before; the caller saves it.
    found : Found
        What a look has shown.

    Returns
    -------
    counts : dict of int
        How many rows were labeled, skipped, corrected, forgotten.
    """
    changed = found.changed(state)
    known = have(run.learner, [said.row for said in changed])
    calls, counts = {}, dict.fromkeys(COUNTED, 0)
    for said, now in zip(changed, known, strict=True):
        before = state.taken.get(said.name, Taken([]))
        what = _to_do(said, now, before.said)
        if what is None:
            _settle(said, state)
            continue
        # Known before it is taught: after a crash it is not certain whether it was.
        hashes = [*dict.fromkeys([*before.said, said.hash])]
        hashes = [each for each in hashes if each is not None]
        state.taken[said.name] = Taken(said.seen, before.seconds, hashes, done=False)
        who = said.who if what == "teach" else None
        calls.setdefault((what, who), []).append(said)
        counts[_counted(what, said, now)] += 1
    if calls:
        state.save()
    for k, ((what, who), part) in enumerate(calls.items()):
        try:
            _call(run, state, what, who, part, refit=k == len(calls) - 1)
        finally:  # an error of the model's fit leaves the labels taught
            known = have(run.learner, [said.row for said in part])
            for said, now in zip(part, known, strict=True):
                if now == said.hash:
                    _settle(said, state)
    state.since = found.since
    return counts


COUNTED = ("labels", "skips", "corrections", "forgotten")


def _counted(what, said, now):
    if what == "forget":
        return "forgotten"
    if now not in (None, SKIP):
        return "corrections"
    return "skips" if said.state == "skip" else "labels"


def _to_do(said, now, before):
    """Return "teach", "forget" or None.

    Parameters
    ----------
    said : Said
        What people say now.
    now : str or None
        What the learner knows.
    before : list of str
        What this run may have taught. Anything else was taught by hand.
    """
    if said.hash == now:
        return None
    if said.state == "label":
        return "teach"
    if said.state == "skip":
        return "teach" if now is None or now in before else None
    return "forget" if now is not None and now in before else None


def _call(run, state, what, who, part, refit):
    rows = np.array([said.row for said in part], dtype=np.intp)
    if what == "forget":
        run.learner.forget(rows, refit=refit)
        return
    answers = [said.answer if said.state == "label" else None for said in part]
    cost = None
    if run.cost == "lead_time":
        paid = [state.taken[said.name].seconds for said in part]
        cost = [max(0.0, s.seconds - p) for s, p in zip(part, paid, strict=True)]
    run.learner.teach(
        rows,
        as_column(answers, run.control),
        who=who,
        relabel="replace",
        refit=refit,
        cost=cost,
    )


def _settle(said, state):
    """Write down that nothing is left to do."""
    if not said.seen:
        state.taken.pop(said.name, None)
        return
    hashes, paid = [said.hash], said.seconds
    if said.hash is None:  # more people are to answer, and are paid with the others
        hashes, paid = [], state.taken.get(said.name, Taken([])).seconds
    state.taken[said.name] = Taken(said.seen, paid, hashes)
